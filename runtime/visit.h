/* visit.h: where the values are in a heap object: the one place that knows, for the collector, the copier and
 * constants. */
#ifndef ION_VISIT_H
#define ION_VISIT_H
#include "dict.h"
#include "shape.h"

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
        n = ((array *)t)->len;
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
