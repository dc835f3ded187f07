/* cache.c: GET_PROP and SET_PROP with a key that is always the same, at sites with an inline cache.
 *
 * Generated code has looked at the cache's first word. Here the other words are tried, and what a lookup finds is
 * noted. A cache holds shapes' ids and slots, no addresses: whoever goes by it compares the ids of all objects passed
 * on the way, so a cache may be stale, shared and overwritten at any time. What is noted is never hidden and, for
 * writing, never read-only.
 */
#include <stdatomic.h>

#include "atom.h"
#include "object.h"
#include "ops.h"
#include "shape.h"

_Static_assert(sizeof(ion_items) == sizeof(store) && offsetof(ion_items, item) == offsetof(store, items), "ion_items");
_Static_assert(sizeof(ion_object) == sizeof(object) && offsetof(ion_object, proto) == offsetof(object, proto) &&
                   offsetof(ion_object, slots) == offsetof(object, slots) && offsetof(ion_object, shape) == 4,
               "ion_object");
_Static_assert(sizeof(ion_array) == sizeof(array) && offsetof(ion_array, len) == 4 && offsetof(array, len) == 4 &&
                   offsetof(ion_array, items) == offsetof(array, store),
               "ion_array");

/* Words are read and written whole; nothing is ordered by them. */
static uint64_t look(const ion_u64 *word)
{
    return atomic_load_explicit((const _Atomic uint64_t *)word, memory_order_relaxed);
}

static void note(ion_u64 *word, uint64_t value)
{
    atomic_store_explicit((_Atomic uint64_t *)word, value, memory_order_relaxed);
}

/* Makes `value` the first of the two words for own properties. */
static void note_own(ion_cache *c, uint64_t value)
{
    note(&c->other, look(&c->own));
    note(&c->own, value);
}

static uint32_t shape_id(const object *o)
{
    return HEAD_COUNT(o->head);
}

static const object *prototype(const object *o)
{
    return ION_IS_OBJECT(o->proto) ? AS(object, o->proto) : NULL;
}

/* The property that a chain word leads to; NULL: it does not fit. */
static const ion_value *chain_slot(const object *o, uint64_t word)
{
    if (shape_id(o) != (uint16_t)word || !(o = prototype(o)) || shape_id(o) != (uint16_t)(word >> 16))
        return NULL;
    uint16_t next = (uint16_t)(word >> 32);
    if (next && (!(o = prototype(o)) || shape_id(o) != next))
        return NULL;
    return &o->slots->items[word >> 48];
}

/* Looks an atom up along the chain, and notes where it is if a cache can say so. */
static const ion_value *find_and_note(const object *o, ion_value atom, ion_cache *c)
{
    uint64_t word = shape_id(o);
    for (int depth = 0; depth <= 2 && o; depth++, o = prototype(o)) {
        const shape *s = object_shape(o);
        if (!s)
            return NULL;
        if (depth)
            word |= (uint64_t)s->id << 16 * depth;
        int slot = shape_find(s, atom);
        if (slot < 0)
            continue;
        if (s->keys[slot].flags & ION_HIDDEN)
            return NULL;
        if (depth)
            note(&c->chain, word | (uint64_t)slot << 48);
        else
            note_own(c, word | (uint64_t)slot << 32);
        return &o->slots->items[slot];
    }
    return NULL;
}

/* Where the property lies, by the cache or by a lookup; NULL: ion_get has to see to it. */
static const ion_value *find(const object *o, ion_value key_value, ion_cache *c)
{
    uint64_t own = look(&c->own), other = look(&c->other);
    const ion_value *at = shape_id(o) == (uint32_t)own     ? &o->slots->items[own >> 32]
                          : shape_id(o) == (uint32_t)other ? &o->slots->items[other >> 32]
                                                           : chain_slot(o, look(&c->chain));
    if (at)
        return at;
    if (is_dictionary(o)) {
        dict_entry *e = dict_at(o->dict, key_value);
        return e && !(e->flags & ION_HIDDEN) ? &e->value : NULL;
    }
    ion_value atom = key_atom(key_value);
    return atom && atom != ATOM(proto) ? find_and_note(o, atom, c) : NULL;
}

ion_value ion_get_at(ion_process *p, ion_frame *fp, ion_value object_value, ion_value key_value, ion_cache *c)
{
    const ion_value *at = ION_IS_OBJECT(object_value) ? find(AS(object, object_value), key_value, c) : NULL;
    if (!at)
        return ion_get(p, fp, object_value, key_value);
    return is_callable(*at) ? bind_method(p, fp, *at, object_value) : *at;
}

ion_value ion_method_at(ion_process *p, ion_frame *fp, ion_value object_value, ion_value key_value, ion_cache *c)
{
    const ion_value *at = ION_IS_OBJECT(object_value) ? find(AS(object, object_value), key_value, c) : NULL;
    if (!at)
        return ion_method(p, fp, object_value, key_value);
    if (ION_IS_FUNCTION(*at))
        return *at | ION_UNBOUND;
    return is_callable(*at) ? bind_method(p, fp, *at, object_value) : *at;
}

/* Notes where ion_set is going to put a property, if a cache can say so. */
static void note_put(const object *o, ion_value atom, ion_cache *c)
{
    const shape *s = object_shape(o);
    if (!atom || atom == ATOM(proto))
        return;
    int slot = shape_find(s, atom);
    if (slot < 0) {
        const shape *next = shape_add(s, atom, ION_ALL);
        if (next)
            note(&c->chain, s->id | (uint64_t)next->id << 16);
    } else if ((s->keys[slot].flags & (ION_HIDDEN | ION_WRITABLE)) == ION_WRITABLE) {
        note_own(c, s->id | (uint64_t)slot << 32);
    }
}

ion_value ion_set_at(ion_process *p, ion_frame *fp, ion_value object_value, ion_value key_value, ion_value value,
                     ion_cache *c)
{
    if (!ION_IS_OBJECT(object_value) || ion_setattr_seen)
        return ion_set(p, fp, object_value, key_value, value);
    object *o = AS(object, object_value);
    uint64_t other = look(&c->other), chain = look(&c->chain);
    if (shape_id(o) == (uint32_t)other) {
        o->slots->items[other >> 32] = value;
        return ION_UNDEFINED;
    }
    if (shape_id(o) == (uint16_t)chain) {
        bool done = object_extend(p, fp, object_value, value, shape_table[(uint16_t)(chain >> 16)]);
        return done ? ION_UNDEFINED : proc_no_memory(p, fp);
    }
    if (is_dictionary(o)) {
        dict_entry *e = dict_at(o->dict, key_value);
        if (e && (e->flags & (ION_WRITABLE | ION_HIDDEN)) == ION_WRITABLE) {
            e->value = value;
            return ION_UNDEFINED;
        }
    } else {
        note_put(o, key_atom(key_value), c);
    }
    return ion_set(p, fp, object_value, key_value, value);
}
