/* dict.h: the table of a dictionary object, one contiguous heap object that begins with a head word of KIND_DICT. What
 * the collector, the copier and the loader need of it; the layout is private to dict.c. A table holds no addresses of
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
    ion_value value;  /* the atom of the text; if there is none: the string, or 0 */
    const char *text; /* may lie in the heap: valid until the next allocation */
    size_t len;
    uint32_t hash; /* text_hash of the text */
} key;

typedef struct dict_entry { /* a removed one has key 0 */
    ion_value key;          /* an atom, or a string whose text was no atom's when it was added */
    ion_value value;
    uint32_t hash;
    uint32_t flags;
} dict_entry;

dict_entry *dict_find(dict *d, const key *k); /* NULL: not there */
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
