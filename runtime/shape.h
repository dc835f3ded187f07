/* shape.h: hidden classes. A shape lists property keys (atoms), their flags and slots in order of creation; all objects of one
 * history share it. Shapes are global, immutable and live for ever; a new one is published with a release store, found by readers
 * without a lock. Objects with keys that are no atoms, deletions, or more than SHAPE_MAX properties become dictionaries. */
#ifndef ION_SHAPE_H
#define ION_SHAPE_H
#include "value.h"

#define SHAPE_MAX 64

typedef struct shape_key {
    ion_value atom;
    uint32_t flags; /* ION_WRITABLE ... */
} shape_key;

struct shape {
    uint32_t id;    /* 1..SHAPES, never reused; inline caches hold it in 16 bits */
    uint32_t count; /* properties; slot i belongs to keys[i] */
    uint32_t visible; /* how many are enumerable */
    const shape_key *keys;
    const shape *parent;
    /* private to shape.c: index, transitions */
    struct shape_index *index;
};

const shape *shape_empty(void);
/* Shapes by their ids. An entry is written before its shape is published, and never again. */
#define SHAPES 0xFFFEu
#define SHAPE_NONE 0xFFFFu /* a dictionary's; 0 is nobody's, so that an empty cache fits nothing */
extern const shape *shape_table[SHAPE_NONE + 1];
/* NULL: a dictionary. */
static inline const shape *object_shape(const object *o)
{
    return shape_table[HEAD_COUNT(o->head)];
}
static inline bool is_dictionary(const object *o)
{
    return HEAD_COUNT(o->head) == SHAPE_NONE;
}
/* s == NULL: a dictionary. */
static inline void object_set_shape(object *o, const shape *s)
{
    o->head = (uint32_t)o->head | (uint64_t)(s ? s->id : SHAPE_NONE) << 32;
}
/* Slot of a key, or -1. */
int shape_find(const shape *s, ion_value atom);
/* The shape with one property more; NULL when memory is out or SHAPE_MAX would be passed. */
const shape *shape_add(const shape *s, ion_value atom, uint32_t flags);
/* The shape in which a key, there already or not, has these flags; NULL as above. */
const shape *shape_with(const shape *s, ion_value atom, uint32_t flags);
/* The shape with other flags for slot i; NULL as above. */
const shape *shape_reflag(const shape *s, uint32_t slot, uint32_t flags);

/* Whether a property of the name has been made anywhere: of the atoms with fixed numbers only. */
bool magic_seen(ion_value atom);
/* To be told of each property made that is not in a shape: its key's text_hash and text. */
void magic_note(uint32_t hash, const char *text, size_t len);
#endif
