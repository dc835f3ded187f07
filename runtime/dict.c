/* dict.c: the tables of dictionary objects.
 *
 * head word | counts | entries in the order they were added | places: a hash table of entry numbers
 *
 * Keys are hashed and compared by their text, so that a string and an atom of one text are one key, and so that a
 * table can be moved as bytes. A removed entry stays, keyless, and so does its place, until the table is full and
 * object.c fills a new one from it: places always lead to entries below `used`, and at least half of them are free.
 */
#include "atom.h"
#include "dict.h"
#include "shape.h"

#define DICT_MIN 8

/* How many places a table for `cap` entries has: a power of two. */
static uint32_t places_for(uint32_t cap)
{
    return cap <= DICT_MIN ? 2 * DICT_MIN : 2u << (32 - __builtin_clz(cap - 1));
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
    d->used = d->live = d->last = 0;
    d->mask = places_for(cap) - 1;
    memset(dict_places(d), 0, (d->mask + (size_t)1) * sizeof(uint32_t));
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

/* Whether an entry with the hash of a text has that text for its key. */
static bool entry_says(const dict_entry *e, const char *text, size_t len)
{
    if (!ION_IS_ATOM(e->key))
        return e->key && string_len(e->key) == len && memcmp(string_bytes(e->key), text, len) == 0;
    const atom_info *a = atom_get(e->key);
    return a->len == len && memcmp(a->text, text, len) == 0;
}

dict_entry *dict_find(dict *d, const key *k)
{
    const uint32_t *places = dict_places(d);
    for (uint32_t i = k->hash & d->mask; places[i]; i = (i + 1) & d->mask) {
        dict_entry *e = &d->entries[places[i] - 1];
        if (e->hash == k->hash && entry_says(e, k->text, k->len))
            return e;
    }
    return NULL;
}

static bool entry_fits(const dict_entry *e, ion_value key_value)
{
    if (!ION_IS_ATOM(key_value))
        return entry_says(e, string_bytes(key_value), string_len(key_value));
    const atom_info *a = atom_get(key_value);
    return entry_says(e, a->text, a->len);
}

dict_entry *dict_at(dict *d, ion_value key_value)
{
    uint32_t hash, mask = d->mask;
    if (ION_IS_ATOM(key_value))
        hash = atom_get(key_value)->hash;
    else if (is_string(key_value))
        hash = string_hash(key_value);
    else
        return NULL;
    const uint32_t *places = dict_places(d);
    for (uint32_t i = hash & mask; places[i]; i = (i + 1) & mask) {
        dict_entry *e = &d->entries[places[i] - 1];
        if (e->key == key_value || (e->hash == hash && entry_fits(e, key_value)))
            return e;
    }
    return NULL;
}

dict_entry *dict_probe(dict *d, ion_value key_value)
{
    if (!is_string(key_value))
        return NULL;
    const uint32_t *places = dict_places(d);
    uint32_t mask = d->mask, hash = string_hash(key_value);
    for (uint32_t i = hash & mask; places[i]; i = (i + 1) & mask) {
        dict_entry *e = &d->entries[places[i] - 1];
        if (e->key == key_value || (e->hash == hash && entry_fits(e, key_value))) {
            d->last = places[i] - 1;
            return e;
        }
    }
    return NULL;
}

static void entry_put(dict *d, dict_entry e)
{
    uint32_t *places = dict_places(d);
    uint32_t mask = d->mask;
    uint32_t i = e.hash & mask;
    while (places[i])
        i = (i + 1) & mask;
    d->entries[d->used++] = e;
    d->live++;
    places[i] = d->used;
}

void dict_add(dict *d, const key *k, ion_value value, uint32_t flags)
{
    magic_note(k->hash, k->text, k->len);
    entry_put(d, (dict_entry){k->value, value, k->hash, flags});
}

void dict_append(dict *d, ion_value atom, ion_value value, uint32_t flags)
{
    const atom_info *a = atom_get(atom);
    key k = {atom, a->text, a->len, a->hash};
    dict_entry *e = dict_at(d, atom);
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
