/* ask.c: collects the results of __str__ before anything is printed (show.c).
 *
 * The state lies in the frame's slots: the values to print, the objects to ask in printing order, their results so far,
 * and which is next. ION_ABSENT stands for no result, where an object has lost its method in the meantime.
 */
#include "atom.h"
#include "native.h"
#include "object.h"

enum { ASK_VALUES, ASK_EXTRA, ASK_OBJECTS, ASK_RESULTS, ASK_NEXT, ASK_SLOTS };

static tuple *slot_tuple(ion_frame *fp, int slot)
{
    return AS(tuple, fp->r[slot].v);
}

static uint32_t count_of(ion_frame *fp, int slot)
{
    return HEAD_COUNT(slot_tuple(fp, slot)->head);
}

static size_t tuple_bytes(uint32_t n)
{
    return sizeof(tuple) + (n ? n : 1) * sizeof(ion_value);
}

/* A tuple in reserved room: the values at `from`, then `more` times nothing. */
static ion_value tuple_place(ion_process *p, const ion_value *from, uint32_t n, uint32_t more)
{
    tuple *t = heap_take(&proc_of(p)->heap, tuple_bytes(n + more));
    t->head = HEAD(KIND_TUPLE, n + more);
    t->items[0] = ION_ABSENT;
    for (uint32_t i = 0; i < n + more; i++)
        t->items[i] = i < n ? from[i] : ION_ABSENT;
    return value_boxed(t);
}

ion_value ask_start(ion_process *p, ion_frame *fp, ion_value *roots, uint32_t values, uint32_t objects)
{
    if (!gc_reserve(p, fp, tuple_bytes(values) + 2 * tuple_bytes(objects), roots, values + objects + 1))
        return proc_no_memory(p, fp);
    fp->r[ASK_VALUES].v = tuple_place(p, roots, values, 0);
    fp->r[ASK_EXTRA].v = roots[values + objects];
    fp->r[ASK_OBJECTS].v = tuple_place(p, roots + values, objects, 0);
    fp->r[ASK_RESULTS].v = tuple_place(p, roots, 0, objects);
    fp->r[ASK_NEXT].d = 0;
    fp->n = ASK_SLOTS;
    return ION_ABSENT;
}

ion_value ask_more(ion_process *p, ion_frame *fp, ion_value *more, uint32_t n)
{
    uint32_t old = count_of(fp, ASK_OBJECTS);
    if (!gc_reserve(p, fp, 2 * tuple_bytes(old + n), more, n))
        return proc_no_memory(p, fp);
    ion_value objects = tuple_place(p, slot_tuple(fp, ASK_OBJECTS)->items, old, n);
    memcpy(AS(tuple, objects)->items + old, more, n * sizeof *more);
    fp->r[ASK_OBJECTS].v = objects;
    fp->r[ASK_RESULTS].v = tuple_place(p, slot_tuple(fp, ASK_RESULTS)->items, old, n);
    return ION_ABSENT;
}

void ask_answer(ion_frame *fp, ion_value result)
{
    slot_tuple(fp, ASK_RESULTS)->items[(uint32_t)fp->r[ASK_NEXT].d] = result;
    fp->r[ASK_NEXT].d += 1;
}

ion_value ask_all(ion_process *p, ion_frame *fp)
{
    for (uint32_t next; (next = (uint32_t)fp->r[ASK_NEXT].d) < count_of(fp, ASK_OBJECTS);) {
        ion_value object_ = slot_tuple(fp, ASK_OBJECTS)->items[next];
        ion_value method = object_method(object_, ATOM(str));
        ion_value v = method ? call_value(p, fp, method, object_, &object_, 0) : ION_ABSENT;
        if (v == ION_LEAVE)
            return v;
        ask_answer(fp, v);
    }
    return ION_UNIT;
}

void asked(ion_frame *fp, const ion_value **values, uint32_t *n, ion_value *extra, replacement *texts)
{
    *values = slot_tuple(fp, ASK_VALUES)->items;
    *n = count_of(fp, ASK_VALUES);
    *extra = fp->r[ASK_EXTRA].v;
    texts->objects = slot_tuple(fp, ASK_OBJECTS)->items;
    texts->results = slot_tuple(fp, ASK_RESULTS)->items;
    texts->n = count_of(fp, ASK_OBJECTS);
}
