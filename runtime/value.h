/* value.h: the layout of what lives in a process's heap. The lowest layer: no functions that need a process.
 *
 * Every heap object begins with a header word: bit 0 is set (a collection replaces the header by the new address, whose bit 0 is
 * clear), bits 1..7 the kind, bit 8 marks constants (never moved, freed or written to), the upper half a count.
 * Sizes are multiples of 8 and no object is smaller than 16 bytes.
 *
 * The elements of an array, and the slots of an object, lie in a store. It is inside, right behind the array or object, as
 * long as they have not grown (and again after a collection); bits 10..31 of the header say how many there is room for
 * inside, used or not. Whoever reads or writes one need not know: `store` points to the field itself then, and the word that would be the
 * store's header is the pointer. Only who asks for the room of a store has to (items_room).
 */
#ifndef ION_VALUE_H
#define ION_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ion/abi.h"

/* For what is rare, out of what is not; and for what needs much of the C stack but calls no functions of the program: it
 * stays out of the frames of those that do, of which there may be many on the C stack at a time. */
#define NOT_INLINE __attribute__((noinline))

typedef enum kind {
    KIND_STRING,  /* struct string: bytes inside. count, here and with KIND_LONG: the text's hash; 0: not known yet */
    KIND_LONG,    /* struct long_string: bytes in a shared buffer */
    KIND_COMPLEX,
    KIND_TUPLE,   /* count: elements */
    KIND_ARRAY,
    KIND_STORE,   /* an array's elements or an object's slots outside of it; count: capacity. Never a value of its own */
    KIND_OBJECT,
    KIND_DICT,    /* a dictionary object's table. Never a value of its own */
    KIND_CLOSURE, /* count: captured values */
    KIND_BOUND
} kind;

#define HEAD_LIVE      1ull
#define HEAD_CONSTANT  0x100ull
#define HEAD_TEMPLATE  0x200ull /* a constant array, object or tuple that programs get copies of; set by program_load at every level */
#define HEAD(k, count) (HEAD_LIVE | (uint64_t)(k) << 1 | (uint64_t)(count) << 32)
#define HEAD_KIND(h)   ((kind)((h) >> 1 & 0x7F))
#define HEAD_COUNT(h)  ((uint32_t)((h) >> 32))
#define HEAD_INSIDE(h) ((uint32_t)(h) >> 10)
#define ROOM_INSIDE(n)      ((uint64_t)(n) << 10) /* in a header */
#define INSIDE_MOST    0x3FFFFFu

typedef struct thing {
    uint64_t head;
} thing;

typedef struct string {
    uint64_t head;
    uint64_t len;
    char bytes[]; /* no NUL behind */
} string;

/* Text shared by all processes that hold it; `used` only grows, so appending behind the end of everybody's view is safe
 * for the one who moves it. */
typedef struct text_buffer {
    _Atomic uint64_t holders;
    _Atomic uint64_t used;
    uint64_t cap;
    char bytes[];
} text_buffer;

typedef struct long_string {
    uint64_t head;
    uint64_t len;
    text_buffer *buffer;
    struct long_string *next; /* in the list of its heap */
} long_string;

typedef struct complex_number {
    uint64_t head;
    double re, im;
} complex_number;

typedef struct tuple {
    uint64_t head; /* an empty tuple has one unused element */
    ion_value items[];
} tuple;

typedef struct store {
    uint64_t head;
    ion_value items[];
} store;

typedef struct array {
    union {
        uint64_t head; /* count: the elements */
        struct {
            uint32_t low, len;
        };
    };
    store *store; /* NULL while empty */
} array;

typedef struct shape shape;
typedef struct dict dict;
typedef struct object {
    uint64_t head;   /* count: the shape's id; see object_shape */
    ion_value proto; /* an object or undefined */
    union {
        store *slots; /* NULL: none; there may be room for more than the shape's count */
        dict *dict;
    };
} object;

typedef struct closure {
    uint64_t head;
    ion_value callee; /* function, or bound method */
    ion_value values[];
} closure;

typedef struct bound {
    uint64_t head;
    ion_value callee; /* function or closure */
    ion_value self;
} bound;

static inline thing *as_thing(ion_value v)
{
    return (thing *)(uintptr_t)(v & ION_PAYLOAD);
}
#define AS(type, v) ((type *)(void *)as_thing(v))
static inline ion_value value_object(const void *p)
{
    return ION_TAG_OBJECT | (uintptr_t)p;
}
static inline ion_value value_array(const void *p)
{
    return ION_TAG_ARRAY | (uintptr_t)p;
}
static inline ion_value value_boxed(const void *p)
{
    return ION_TAG_BOXED | (uintptr_t)p;
}
static inline ion_value value_number(double d)
{
    ion_slot s = {.d = d};
    return d == d ? s.v : 0x7FF8000000000000ull;
}
static inline double number_of(ion_value v)
{
    ion_slot s = {.v = v};
    return s.d;
}
static inline bool is_boxed(ion_value v, kind k)
{
    return (v & ION_TAG_MASK) == ION_TAG_BOXED && HEAD_KIND(as_thing(v)->head) == k;
}
static inline bool is_string(ion_value v)
{
    return (v & ION_TAG_MASK) == ION_TAG_BOXED && HEAD_KIND(as_thing(v)->head) <= KIND_LONG;
}
static inline bool is_tuple(ion_value v)
{
    return is_boxed(v, KIND_TUPLE);
}
static inline bool is_callable(ion_value v) /* a function of any sort; objects with __call__ are not meant */
{
    return ION_IS_FUNCTION(v) || ((v & ION_TAG_MASK) == ION_TAG_BOXED && HEAD_KIND(as_thing(v)->head) >= KIND_CLOSURE);
}
static inline const char *string_bytes(ion_value v)
{
    return HEAD_KIND(as_thing(v)->head) == KIND_STRING ? AS(string, v)->bytes : AS(long_string, v)->buffer->bytes;
}
static inline uint64_t string_len(ion_value v)
{
    return AS(string, v)->len; /* at the same place in both */
}
_Static_assert(KIND_STRING == 0 && KIND_LONG == 1 && KIND_BOUND == KIND_CLOSURE + 1, "is_string, is_callable");
/* The store inside of an array or object; at: the address of its pointer to the store. */
static inline store *store_inside(void *at)
{
    return at;
}
/* For how many elements or slots an array or object with this header has room; at: as above. */
static inline uint32_t items_room(uint64_t head, store *const *at)
{
    return !*at ? 0 : (const void *)*at == (const void *)at ? HEAD_INSIDE(head) : HEAD_COUNT((*at)->head);
}
static inline size_t round8(size_t n)
{
    return (n + 7) & ~(size_t)7;
}
/* New arrays and objects, their items not yet set. */
static inline size_t array_bytes(uint64_t n)
{
    return sizeof(array) + (n > INSIDE_MOST ? sizeof(store) : 0) + n * sizeof(ion_value);
}
/* An array of n elements in that many bytes of memory. */
static inline array *array_place_new(void *at, uint32_t n)
{
    array *a = at;
    bool inside = n <= INSIDE_MOST;
    a->head = HEAD(KIND_ARRAY, n) | (inside ? ROOM_INSIDE(n) : 0);
    a->store = !n ? NULL : inside ? store_inside(&a->store) : (store *)(void *)(a + 1);
    if (ION_UNLIKELY(!inside))
        a->store->head = HEAD(KIND_STORE, n);
    return a;
}
static inline size_t object_bytes(uint32_t n)
{
    return sizeof(object) + n * sizeof(ion_value);
}
/* An object with a shape's id and n slots, or with none and no dictionary yet, in that many bytes of memory. */
static inline object *object_place_new(void *at, uint32_t shape_id, uint32_t n)
{
    object *o = at;
    o->head = HEAD(KIND_OBJECT, shape_id) | ROOM_INSIDE(n);
    o->proto = ION_UNDEFINED;
    o->slots = n ? store_inside(&o->slots) : NULL;
    return o;
}
/* Strings up to this length lie in the heap, longer ones in a buffer. */
#define STRING_INLINE 256

typedef enum type {
    TYPE_NUMBER, TYPE_BOOLEAN, TYPE_ATOM, TYPE_STRING, TYPE_UNIT, TYPE_COMPLEX, TYPE_UNDEFINED, TYPE_TUPLE, TYPE_ARRAY,
    TYPE_OBJECT, TYPE_FUNCTION, TYPE_PROCESS
} type;
type type_of(ion_value v);
extern const char *const type_names[];       /* "Number", ... */
extern const char *const type_names_lower[]; /* "number", ... */
#endif
