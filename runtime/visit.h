/* visit.h: how large a heap object is and where its values are: the one place that knows, for the collector, the copier
 * and constants. */
#ifndef ION_VISIT_H
#define ION_VISIT_H
#include "dict.h"
#include "shape.h"

/* Most objects are small: words are moved here, without a call. */
static inline void copy_words(void *to, const void *from, size_t bytes)
{
    uint64_t *t = to;
    const uint64_t *f = from;
    if (ION_UNLIKELY(bytes > 256)) {
        memcpy(to, from, bytes);
        return;
    }
    for (size_t i = 0; i < bytes / sizeof *t; i++) {
        t[i] = f[i];
        __asm__("" ::: "memory"); /* lest this become a call of memcpy */
    }
}

/* Bytes of a store with this header. */
static inline size_t store_size_as(uint64_t head)
{
    uint64_t count = HEAD_COUNT(head);
    return sizeof(store) + (count + !count) * sizeof(ion_value);
}

/* Bytes of the object at t, whose header is `head`. */
static inline size_t thing_size_as(const thing *t, uint64_t head)
{
    uint64_t count = HEAD_COUNT(head);
    switch (HEAD_KIND(head)) {
    case KIND_STRING: return sizeof(string) + round8(((const string *)t)->len);
    case KIND_LONG: return sizeof(long_string);
    case KIND_COMPLEX: return sizeof(complex_number);
    case KIND_TUPLE: return sizeof(tuple) + (count + !count) * sizeof(ion_value);
    case KIND_ARRAY: return sizeof(array) + HEAD_INSIDE(head) * sizeof(ion_value);
    case KIND_STORE: return store_size_as(head);
    case KIND_OBJECT: return sizeof(object) + HEAD_INSIDE(head) * sizeof(ion_value);
    case KIND_DICT: return dict_size((const dict *)(const void *)t);
    case KIND_CLOSURE: return sizeof(closure) + count * sizeof(ion_value);
    case KIND_BOUND: return sizeof(bound);
    }
    return 0;
}

static inline size_t thing_size(const thing *t)
{
    return thing_size_as(t, t->head);
}

/* Slots in use of an object with this header, which has no dictionary; the rest of its store is never looked at. */
static inline uint32_t object_slots(uint64_t head)
{
    return shape_table[HEAD_COUNT(head)]->count;
}

/* Calls visit for each value in the object at t, whose header is `head` (its own may be in use as a forwarding
 * address). What lies in an array's or object's store or dictionary counts as its owner's; by themselves these have no
 * values. */
static inline void thing_visit(thing *t, uint64_t head, void (*visit)(void *context, ion_value *v), void *context)
{
    ion_value *v = NULL;
    uint64_t n = 0;
    switch (HEAD_KIND(head)) {
    case KIND_TUPLE:
        v = ((tuple *)t)->items;
        n = HEAD_COUNT(head);
        break;
    case KIND_ARRAY:
        n = HEAD_COUNT(head);
        v = n ? ((array *)t)->store->items : NULL;
        break;
    case KIND_OBJECT: {
        object *o = (object *)t;
        visit(context, &o->proto);
        if (HEAD_COUNT(head) == SHAPE_NONE)
            dict_visit(o->dict, visit, context);
        else
            n = object_slots(head);
        v = n ? o->slots->items : NULL;
        break;
    }
    case KIND_CLOSURE:
        visit(context, &((closure *)t)->callee);
        v = ((closure *)t)->values;
        n = HEAD_COUNT(head);
        break;
    case KIND_BOUND:
        visit(context, &((bound *)t)->callee);
        visit(context, &((bound *)t)->self);
        break;
    case KIND_STRING:
    case KIND_LONG:
    case KIND_COMPLEX:
    case KIND_STORE:
    case KIND_DICT: break;
    }
    for (uint64_t i = 0; i < n; i++)
        visit(context, &v[i]);
}
#endif
