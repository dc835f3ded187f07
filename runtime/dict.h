/* dict.h: the table of a dictionary object, one contiguous heap object that begins with a head word of KIND_DICT. What
 * the collector, the copier and the loader need of it, and what object.c and ops.c do. A table holds no addresses of
 * its own parts and no hash that depends on an address, so it may be moved as plain bytes. */
#ifndef ION_DICT_H
#define ION_DICT_H
#include "value.h"

size_t dict_size(const dict *d);    /* bytes, a multiple of 8 */
uint32_t dict_count(const dict *d); /* properties in it */
/* Calls visit for each value in the table that may be on the heap: property values, and keys that are strings. */
void dict_visit(dict *d, void (*visit)(void *context, ion_value *v), void *context);

/* For constants: bytes of a table with room for n properties; an empty one made in memory of that size (dict_size of it
 * is exactly dict_room(n)); and a property (its key an atom) added or, if it is there, redefined, flags and all. */
size_t dict_room(uint32_t n);
dict *dict_place(void *memory, uint32_t n);
void dict_append(dict *d, ion_value atom, ion_value value, uint32_t flags);

/* ---- for object.c ---- */

/* A property key, ready to be looked up. */
typedef struct key {
    ion_value value;  /* the atom or string; 0: a text that is no value */
    const char *text; /* may lie in the heap: valid until the next allocation */
    size_t len;
    uint32_t hash; /* text_hash of the text */
} key;

typedef struct dict_entry { /* a removed one has key 0 */
    ion_value key;          /* the atom or string by which it was added */
    ion_value value;
    uint32_t hash;
    uint32_t flags;
} dict_entry;

struct dict {
    uint64_t head; /* count: entries there is room for */
    uint32_t used; /* entries in use, removed ones included */
    uint32_t live; /* without them */
    uint32_t mask; /* of places */
    uint32_t last; /* number of the entry that dict_quick found last; a table that programs do not look up in keeps 0 */
    dict_entry entries[]; /* behind them, mask + 1 places */
};

static inline uint32_t *dict_places(dict *d)
{
    return (uint32_t *)(void *)(d->entries + HEAD_COUNT(d->head));
}

dict_entry *dict_find(dict *d, const key *k); /* NULL: not there */
/* The same for a value; NULL too for what is neither atom nor string. */
dict_entry *dict_at(dict *d, ion_value key_value);
/* The same for a table of the running process's own, and NULL too for an atom. */
dict_entry *dict_probe(dict *d, ion_value key_value);
/* The same again, with a look at two entries first: what has been read is often written next, and maps are often gone
 * through in the order they were made. Most strings used as keys are the very ones that the entries were made with. */
static inline dict_entry *dict_quick(dict *d, ion_value key_value)
{
    uint32_t at = d->last;
    if (!ION_IS_BOXED(key_value))
        return NULL;
    if (at < d->used && d->entries[at].key == key_value)
        return &d->entries[at];
    if (++at < d->used && d->entries[at].key == key_value) {
        d->last = at;
        return &d->entries[at];
    }
    return dict_probe(d, key_value);
}
/* Adds a key that is not there yet. There must be room. */
void dict_add(dict *d, const key *k, ion_value value, uint32_t flags);
bool dict_full(const dict *d);
void dict_remove(dict *d, dict_entry *e);
uint32_t dict_count(const dict *d);
/* The next entry from place *i on, which is advanced; NULL at the end. */
dict_entry *dict_next(dict *d, uint32_t *i);
/* Adds all of `from`, which has no key of `to`. There must be room. */
void dict_fill(dict *to, dict *from);
#endif
