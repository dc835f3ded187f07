/* ask.c: collects the results of __str__ before anything is printed.
 *
 * The state lies in the frame's slots: the values to print, the objects to ask in printing order, their results so far,
 * and which is next. When all have been asked, the values are looked through again, as methods may have changed them;
 * when there are no more objects, printing can go on without leaving. ION_ABSENT stands for no result, where an object
 * has lost its method in the meantime.
 */
#include "atom.h"
#include "mem.h"
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

/* Sets up the slots. `roots` holds the values to print, then the objects, then the extra value. */
static ion_value state_make(ion_process *p, ion_frame *fp, ion_value *roots, uint32_t values, uint32_t objects)
{
    if (!gc_reserve(p, fp, tuple_bytes(values) + 2 * tuple_bytes(objects), roots, values + objects + 1))
        return proc_no_memory(p, fp);
    fp->r[ASK_VALUES].v = tuple_place(p, roots, values, 0);
    fp->r[ASK_EXTRA].v = roots[values + objects];
    fp->r[ASK_OBJECTS].v = tuple_place(p, roots + values, objects, 0);
    fp->r[ASK_RESULTS].v = tuple_place(p, roots, 0, objects);
    fp->r[ASK_NEXT].d = 0;
    fp->n = ASK_SLOTS;
    return ION_UNIT;
}

/* Adds objects to those to ask. */
static ion_value state_extend(ion_process *p, ion_frame *fp, ion_value *more, uint32_t n)
{
    uint32_t old = count_of(fp, ASK_OBJECTS);
    if (!gc_reserve(p, fp, 2 * tuple_bytes(old + n), more, n))
        return proc_no_memory(p, fp);
    ion_value objects = tuple_place(p, slot_tuple(fp, ASK_OBJECTS)->items, old, n);
    memcpy(AS(tuple, objects)->items + old, more, n * sizeof *more);
    fp->r[ASK_OBJECTS].v = objects;
    fp->r[ASK_RESULTS].v = tuple_place(p, slot_tuple(fp, ASK_RESULTS)->items, old, n);
    return ION_UNIT;
}

static uint32_t objects_in(const outbuf *o)
{
    return (uint32_t)(o->len / sizeof(ion_value));
}

/* Takes the result of the method asked last. */
static void answer(ion_frame *fp, ion_value result)
{
    slot_tuple(fp, ASK_RESULTS)->items[(uint32_t)fp->r[ASK_NEXT].d] = result;
    fp->r[ASK_NEXT].d += 1;
}

/* Looks for objects not asked yet. Returns ION_TRUE when there are some, ION_FALSE when there are none and *out is
 * ready. */
static ion_value look_again(ion_process *p, ion_frame *fp, printed *out)
{
    tuple *values = slot_tuple(fp, ASK_VALUES);
    *out = (printed){.values = values->items, .n = count_of(fp, ASK_VALUES), .extra = fp->r[ASK_EXTRA].v};
    out->texts.objects = slot_tuple(fp, ASK_OBJECTS)->items;
    out->texts.results = slot_tuple(fp, ASK_RESULTS)->items;
    out->texts.n = count_of(fp, ASK_OBJECTS);
    outbuf more = {0};
    ion_value v = ION_FALSE;
    if (replacement_index(&out->texts))
        print_collect(&more, out->values, out->n, &out->texts);
    else
        more.failed = true;
    if (more.failed)
        v = native_out_failed(p, fp, &more);
    else if (more.len)
        v = state_extend(p, fp, (ion_value *)(void *)more.data, objects_in(&more)) == ION_LEAVE ? ION_LEAVE : ION_TRUE;
    out_free(&more);
    if (v != ION_FALSE)
        printed_free(out);
    return v;
}

static ion_value ask_all(ion_process *p, ion_frame *fp, printed *out)
{
    for (;;) {
        uint32_t next = (uint32_t)fp->r[ASK_NEXT].d;
        if (next == count_of(fp, ASK_OBJECTS)) {
            ion_value v = look_again(p, fp, out);
            if (v == ION_TRUE)
                continue;
            return v == ION_FALSE ? ION_UNIT : v;
        }
        ion_value object_ = slot_tuple(fp, ASK_OBJECTS)->items[next];
        ion_value method = object_method(object_, ATOM(str));
        ion_value v = method ? call_value(p, fp, method, object_, &object_, 0) : ION_ABSENT;
        if (v == ION_LEAVE)
            return v;
        answer(fp, v);
    }
}

ion_value ask_str(ion_process *p, ion_frame *fp, const ion_value *values, uint32_t n, ion_value extra, printed *out)
{
    *out = (printed){.values = values, .n = n, .extra = extra};
    outbuf objects = {0};
    print_collect(&objects, values, n, NULL);
    if (!objects.failed && objects.len == 0) {
        out_free(&objects);
        return ION_UNIT;
    }
    uint32_t found_ = objects_in(&objects);
    outbuf roots = {0};
    out_put(&roots, (const char *)values, n * sizeof *values);
    out_put(&roots, objects.data, objects.len);
    out_put(&roots, (const char *)&extra, sizeof extra);
    ion_value v = objects.failed || roots.failed ? native_out_failed(p, fp, objects.failed ? &objects : &roots)
                                                 : state_make(p, fp, (ion_value *)(void *)roots.data, n, found_);
    out_free(&objects);
    out_free(&roots);
    return v == ION_LEAVE ? v : ask_all(p, fp, out);
}

ion_value ask_resumed(ion_process *p, ion_frame *fp, printed *out)
{
    answer(fp, p->value);
    return ask_all(p, fp, out);
}

void printed_free(printed *out)
{
    idmap_free(&out->texts.places);
}
