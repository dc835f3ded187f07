/* value.h: what a program's values are, and the small things that everything here stands on.
 *
 * A value is a tag and a payload. Strings, complex numbers and code are immutable and shared freely; lists, objects
 * and callables belong to one process by convention: only copy.c carries them across. All memory comes from one arena
 * that is released when the program is over; nothing is ever collected. Zeroed memory is a valid `undefined`.
 */
#ifndef ORACLE_VALUE_H
#define ORACLE_VALUE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- memory.c -----------------------------------------------------------------------------------------------------
 */

/* Zeroed memory, aligned for anything, that lives until mem_release_all. Ends the program when there is none. */
void *mem_alloc(size_t bytes);
/* A bigger piece with the old contents in front; the old piece is left lying. */
void *mem_grow(void *old, size_t old_bytes, size_t bytes);
void mem_release_all(void);
/* malloc and realloc that end the program when there is no memory. The caller frees. */
void *heap_resize(void *old, size_t bytes);
/* Room for one more element in an arena array: returns the array, moved if need be. */
void *mem_room(void *array, size_t count, size_t *cap, size_t element);

/* A growing byte string on the C heap, NUL behind its length. Zero it to start; buffer_free when done. */
typedef struct buffer {
    char *data;
    size_t len, cap;
} buffer;
void buffer_put(buffer *b, const void *bytes, size_t n);
void buffer_puts(buffer *b, const char *s);
void buffer_printf(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_free(buffer *b);

/* ---- messages, in memory.c ----------------------------------------------------------------------------------------
 */

enum message {
#define ION_MSG(NAME, format) MSG_##NAME,
#include "ion/messages.def"
#undef ION_MSG
    MSG_COUNT
};
/* Appends a message of messages.def. */
void buffer_message(buffer *b, enum message m, ...);
void buffer_message_list(buffer *b, enum message m, va_list args);
/* Writes one to standard error. */
void report(enum message m, ...);

/* ---- value.c ------------------------------------------------------------------------------------------------------
 */

/* Text seen as a name, one struct for each text: names are equal when their pointers are. Atoms and keys are names. */
typedef struct name {
    size_t len;
    uint64_t hash;
    bool atom; /* the program knows an atom of this text */
    struct name *next;
    char text[];
} name;

typedef struct string {
    size_t len;
    char text[];
} string;

typedef struct cnumber {
    double re, im;
} cnumber;

typedef enum type {
    T_UNDEFINED = 0,
    T_UNIT,
    T_BOOLEAN,
    T_NUMBER,
    T_COMPLEX,
    T_ATOM,
    T_STRING,
    T_TUPLE,
    T_ARRAY,
    T_OBJECT,
    T_FUNCTION,
    T_PROCESS
} type;

typedef struct value {
    type type;
    union {
        bool boolean;
        double number;
        const cnumber *complex;
        name *atom;
        const string *string;
        struct list *list; /* T_TUPLE, T_ARRAY */
        struct object *object;
        struct callable *function;
        uint64_t process; /* an id */
    };
} value;

typedef struct list {
    size_t len, cap;
    value *items;
    bool open; /* being printed right now */
} list;

enum { WRITABLE = 1, ENUMERABLE = 2, CONFIGURABLE = 4, HIDDEN = 8, ALL_ON = WRITABLE | ENUMERABLE | CONFIGURABLE };

typedef struct property {
    name *key;
    value value;
    uint8_t flags;
} property;

typedef struct object {
    size_t len, cap;
    property *props; /* in the order they were added */
    uint32_t *index; /* open addressing by the key's hash: position + 1, 0 is free; NULL while small */
    size_t index_cap;
    struct object *proto; /* NULL: none */
    bool open;            /* being printed right now */
} object;

typedef enum callable_kind { CODE, LIBRARY, CLOSURE, BOUND } callable_kind;

/* What a T_FUNCTION value points to. There is one callable for each bytecode and each library function. */
typedef struct callable {
    callable_kind kind;
    const struct function *code; /* CODE */
    int library;                 /* LIBRARY: place in library.def, -1: no such function */
    name *library_name;          /* LIBRARY */
    struct callable *inner;      /* CLOSURE, BOUND */
    size_t n;                    /* CLOSURE: captured values, passed in front of the arguments */
    value *captured;
    object *self; /* BOUND */
} callable;

/* The one name of this text. */
name *name_of(const char *text, size_t len);
name *name_from(const char *text);
void names_release(void);

/* Constructors. Bytes are copied. */
value v_undefined(void);
value v_unit(void);
value v_boolean(bool b);
value v_number(double d);
value v_complex(double re, double im);
value v_atom(name *a);
value v_string(const char *bytes, size_t n);
value v_function(callable *f);
value v_object(object *o);
value v_process(uint64_t id);
/* A list of n undefined elements; `t` is T_TUPLE or T_ARRAY. */
value v_list(type t, size_t n);
void list_push(list *l, value v);
/* A string of n bytes that the caller fills in at once. */
string *string_make(size_t n);

bool truthy(value v);
/* `Number`, `String`, … */
const char *type_name(type t);
/* The same in lower case. */
const char *type_name_lower(type t);
/* Text of a string or an atom. */
const char *text_of(value v, size_t *n);
bool is_text(value v);
/* Does the name's text read c? */
bool name_is(const name *a, const char *c);

/* ---- map.c --------------------------------------------------------------------------------------------------------
 */

/* From a pair of pointers to a value. `lasting`: lives in the arena, else on the C heap and map_free is due. */
typedef struct map {
    struct map_entry *slots;
    size_t count, cap;
    bool lasting;
} map;
/* The value of a pair, or NULL. */
value *map_find(const map *m, const void *a, const void *b);
/* Sets the value of a pair. */
void map_put(map *m, const void *a, const void *b, value v);
void map_free(map *m);

/* A stack of values on the C heap; zero it to start. */
typedef struct stack {
    value *items;
    size_t n, cap;
} stack;
void stack_push(stack *s, value v);
value stack_pop(stack *s);
void stack_free(stack *s);

#endif
