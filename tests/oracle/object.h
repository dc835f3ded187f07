/* object.h: objects and what is done to whole values: constants made, properties, equality, patterns, copies, text. */
#ifndef ORACLE_OBJECT_H
#define ORACLE_OBJECT_H

#include "code.h"
#include "value.h"

struct process;

/* ---- object.c -----------------------------------------------------------------------------------------------------
 */

object *object_new(void);
/* The object's own property, or NULL. */
property *object_own(const object *o, const name *key);
/* The property along the prototype chain, or NULL. */
property *object_find(const object *o, const name *key);
/* Sets or adds an own property, flags and all; `__proto__` sets the prototype if v is an object or undefined. */
void object_define(object *o, name *key, value v, uint8_t flags);
void object_remove(object *o, property *p);
/* Would `proto` as the prototype of o close a cycle? */
bool proto_cycle(const object *o, const object *proto);
/* The function that a magic method's name leads to, or NULL. */
callable *object_magic(const object *o, const name *key);
/* The tag of an enum value (its `__tag`), or NULL. */
const property *object_tag(const object *o);
bool callable_bound(const callable *f);

/* ---- constant.c ---------------------------------------------------------------------------------------------------
 */

/* A fresh value of a constant, as seen by the running process (NULL: where no node has a meaning of its own). */
value constant_make(const struct process *p, const constant *c);

/* ---- equal.c ------------------------------------------------------------------------------------------------------
 */

typedef struct comparison {
    bool in_pattern;         /* a string equals no atom */
    uint64_t pairs;          /* pairs of values compared */
    uint64_t bytes;          /* of strings of equal length compared */
    uint64_t string_charges; /* one for each full 256 bytes of each such string */
} comparison;
bool values_equal(value a, value b, comparison *c);
/* Bytewise order of two texts: below, at or above 0. */
int text_order(value a, value b);

/* ---- match.c ------------------------------------------------------------------------------------------------------
 */

/* Does the value fit? Adds what it costs to *charges. */
bool match_fits(value v, const match_case *m, uint64_t *charges);

/* ---- copy.c -------------------------------------------------------------------------------------------------------
 */

typedef struct copier {
    map done;       /* original to copy */
    stack todo;     /* originals whose parts are still to copy */
    uint64_t units; /* values copied, as the table of costs counts them */
    uint64_t bytes; /* roughly what they take, strings and all */
} copier;
/* Copies one value; what one copier has met before stays shared. copier_free when done. */
value copy_value(copier *c, value v);
void copier_free(copier *c);
/* A copy by itself. */
value copy_once(value v, uint64_t *units);

/* ---- print.c ------------------------------------------------------------------------------------------------------
 */

/* Appends the text of a value. `said`: what `__str__` gave for the objects in it (object to value), or NULL. */
void print_value(buffer *out, value v, const map *said);
/* A value in the arena as a string value. */
value printed(value v);
/* The next container or part of one to look at when an object's `__str__` is asked for. */
typedef struct cursor {
    value v;
    size_t i;
} cursor;
/* Walks over all values to be printed, in printing order. Zero it. */
typedef struct walk {
    cursor *items;
    size_t n, cap;
    map seen;  /* in this walk */
    map found; /* objects with a `__str__`, in all walks */
    map said;  /* what they answered */
} walk;
/* Begins again with a list of values. */
void walk_start(walk *w, value things);
/* The next object with a `__str__` that has not been found before, or NULL at the end. */
object *walk_next(walk *w);

/* ---- number.c -----------------------------------------------------------------------------------------------------
 */

void print_number(buffer *out, double d);
/* A number as a literal of the text form. */
void print_literal(buffer *out, double d);
/* The number that a text reads as a whole, else NaN. */
double parse_number(const char *s, size_t n);
/* The whole number that the text writes without sign and leading zeros; false if it is none or beyond 2^53. */
bool parse_index(const char *s, size_t n, uint64_t *index);

#endif
