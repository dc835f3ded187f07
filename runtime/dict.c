/* dict.c: the tables of dictionary objects.
 *
 * head word | counts | entries in the order they were added | places: a hash table of entry numbers
 *
 * Keys are hashed and compared by their text, so that a string and an atom of one text are one key, and so that a
 * table can be moved as bytes. A removed entry stays, keyless, and so does its place, until the table is full and
 * object.c fills a new one from it: places always lead to entries below `used`, and at least a third of them are free.
 */
#include "atom.h"
#include "dict.h"

struct dict {
    uint64_t head; /* count: entries there is room for */
    uint32_t used; /* entries in use, removed ones included */
    uint32_t live; /* without them */
    dict_entry entries[];
};

#define DICT_MIN 8

/* How many places a table for `cap` entries has: a power of two. */
static uint32_t places_for(uint32_t cap)
{
    uint64_t least = cap + (uint64_t)cap / 2;
    uint32_t n = 2 * DICT_MIN;
    while (n < least)
        n *= 2;
    return n;
}

static uint32_t *places_of(dict *d)
{
    return (uint32_t *)(void *)(d->entries + HEAD_COUNT(d->head));
}

size_t dict_room(uint32_t n)
{
    uint32_t cap = n < DICT_MIN ? DICT_MIN : n;
    return sizeof(dict) + cap * sizeof(dict_entry) + places_for(cap) * sizeof(uint32_t);
}

size_t dict_size(const dict *d)
{
    return dict_room(HEAD_COUNT(d->head));
}

dict *dict_place(void *memory, uint32_t n)
{
    dict *d = memory;
    uint32_t cap = n < DICT_MIN ? DICT_MIN : n;
    d->head = HEAD(KIND_DICT, cap);
    d->used = d->live = 0;
    memset(places_of(d), 0, places_for(cap) * sizeof(uint32_t));
    return d;
}

void dict_visit(dict *d, void (*visit)(void *context, ion_value *v), void *context)
{
    for (uint32_t i = 0; i < d->used; i++) {
        if (ION_IS_HEAP(d->entries[i].key))
            visit(context, &d->entries[i].key);
        if (ION_IS_HEAP(d->entries[i].value))
            visit(context, &d->entries[i].value);
    }
}

static bool entry_is(const dict_entry *e, const key *k)
{
    if (e->key == k->value)
        return e->key != 0;
    if (e->hash != k->hash || !e->key)
        return false;
    if (ION_IS_ATOM(e->key)) {
        const atom_info *a = atom_get(e->key);
        return a->len == k->len && memcmp(a->text, k->text, k->len) == 0;
    }
    return string_len(e->key) == k->len && memcmp(string_bytes(e->key), k->text, k->len) == 0;
}

dict_entry *dict_find(dict *d, const key *k)
{
    const uint32_t *places = places_of(d);
    uint32_t mask = places_for(HEAD_COUNT(d->head)) - 1;
    for (uint32_t i = k->hash & mask; places[i]; i = (i + 1) & mask)
        if (entry_is(&d->entries[places[i] - 1], k))
            return &d->entries[places[i] - 1];
    return NULL;
}

static void entry_put(dict *d, dict_entry e)
{
    uint32_t *places = places_of(d);
    uint32_t mask = places_for(HEAD_COUNT(d->head)) - 1;
    uint32_t i = e.hash & mask;
    while (places[i])
        i = (i + 1) & mask;
    d->entries[d->used++] = e;
    d->live++;
    places[i] = d->used;
}

void dict_add(dict *d, const key *k, ion_value value, uint32_t flags)
{
    if (k->value == ATOM(setattr))
        ion_setattr_seen = 1;
    entry_put(d, (dict_entry){k->value, value, k->hash, flags});
}

void dict_append(dict *d, ion_value atom, ion_value value, uint32_t flags)
{
    const atom_info *a = atom_get(atom);
    key k = {atom, a->text, a->len, a->hash};
    dict_entry *e = dict_find(d, &k);
    if (e) {
        e->value = value;
        e->flags = flags;
    } else {
        dict_add(d, &k, value, flags);
    }
}

bool dict_full(const dict *d)
{
    return d->used == HEAD_COUNT(d->head);
}

void dict_remove(dict *d, dict_entry *e)
{
    *e = (dict_entry){.value = ION_UNDEFINED};
    d->live--;
}

uint32_t dict_count(const dict *d)
{
    return d->live;
}

dict_entry *dict_next(dict *d, uint32_t *i)
{
    while (*i < d->used) {
        dict_entry *e = &d->entries[(*i)++];
        if (e->key)
            return e;
    }
    return NULL;
}

void dict_fill(dict *to, dict *from)
{
    dict_entry *e;
    for (uint32_t i = 0; (e = dict_next(from, &i));)
        entry_put(to, *e);
}
