/* object.h: properties, prototypes, equality, patterns. None of these calls bytecode: magic methods are the business of ops.c.
 * Keys are atoms or strings; a string and an atom of one text are one key. What is neither is found nowhere. */
#ifndef ION_OBJECT_H
#define ION_OBJECT_H
#include "process.h"
#include "dict.h"

typedef struct found {
    ion_value value;
    uint32_t flags;
    bool yes;
} found;

/* Prepares a key for lookups; false for what is neither atom nor string. */
bool key_of(ion_value v, key *k);
/* The same for a text that is no value. */
key key_of_text(const char *text, size_t len);
/* The atom of a key's text; 0 where there is none. */
ion_value key_atom(ion_value v);
bool key_is_proto(ion_value v);
/* An own property by prepared key. */
found object_own_key(const object *o, const key *k);
/* Where the value of an own property lies, and its flags; NULL: not there. Valid until the next allocation or change of o. */
ion_value *object_place(const object *o, ion_value key, uint32_t *flags);
/* The same along the prototype chain. */
ion_value *object_seek(const object *o, ion_value key, uint32_t *flags);
/* An object's own property. */
found object_own(const object *o, ion_value key);
/* The same along the prototype chain. */
found object_find(const object *o, ion_value key);
/* The first function of that name (a magic method's: one of the atoms with fixed numbers) along the chain; properties
 * of other kinds are passed over. 0: none. */
ion_value object_method(ion_value o, ion_value atom);
/* Writes or creates an own property (flags: for a new one; an old one keeps its). Never fails for want of rights: the caller
 * has checked. May collect (o, key, value are kept safe). False when memory is out. */
bool object_put(ion_process *p, ion_frame *fp, ion_value o, ion_value key, ion_value value, uint32_t flags);
/* Creates a property that the object does not have. Same rules. */
bool object_add(ion_process *p, ion_frame *fp, ion_value o, ion_value key, ion_value value, uint32_t flags);
/* The same for a property whose place is known: the last of s, a shape that has one property more than the object's. */
bool object_extend(ion_process *p, ion_frame *fp, ion_value o, ion_value value, const shape *s);
/* Creates or redefines an own property, flags and all. Same rules. */
bool object_define(ion_process *p, ion_frame *fp, ion_value o, ion_value key, ion_value value, uint32_t flags);
/* Removes an own property; true if it was there. May collect; *memory_out is set on failure. */
bool object_delete(ion_process *p, ion_frame *fp, ion_value o, ion_value key, bool *memory_out);
/* A new empty object with room for n properties; ION_LEAVE when memory is out. */
ion_value object_new(ion_process *p, ion_frame *fp, uint32_t n);
/* False if it would make a cycle. proto: an object or undefined. */
bool object_set_proto(object *o, ion_value proto);
/* Own properties in order: `i` runs from 0; false at the end. The key is an atom or a string. */
bool object_next(const object *o, uint32_t *i, ion_value *key, found *f);
uint32_t object_count(const object *o);

/* A store taken from reserved memory (8 + 8 * cap bytes, cap > 0), its items not yet set. */
static inline store *store_take(heap *h, uint32_t cap)
{
    store *s = heap_take(h, sizeof(store) + (size_t)cap * sizeof(ion_value));
    s->head = HEAD(KIND_STORE, cap);
    return s;
}

/* Index from a key for arrays and tuples (an integral number, or decimal digits as text): true and *index, which may be beyond any length. */
bool index_of(ion_value key, double *index);

/* Structural equality as docs/semantics.md says; *units counts what was compared. strict: strings are no atoms (patterns). Returns 1, 0, or -1
 * when memory is out. Does not collect. */
int values_equal(ion_value a, ion_value b, bool strict, uint64_t *units);
/* The same for a value and a constant of a pattern, which is a tree of at most PATTERN_DEPTH levels; needs no memory.
 * *pairs counts the pairs compared, *whole the full 256 bytes of each string compared with one of equal length. */
bool values_fit(ion_value v, ion_value constant, uint64_t *pairs, uint64_t *whole);
#define PATTERN_DEPTH 1024

/* Fills a program's tables of cases in; its constants are there. */
void match_load(const ion_program *program);
typedef enum pattern_kind { PATTERN_VALUE, PATTERN_WILDCARD, PATTERN_TUPLE, PATTERN_ARRAY, PATTERN_TAGGED } pattern_kind;
struct ion_pattern {
    pattern_kind kind;
    uint32_t n;
    ion_value value;           /* PATTERN_VALUE: a constant; PATTERN_TAGGED: the tag's atom, without a leading colon */
    const ion_pattern *items[]; /* n of them */
};
#endif
