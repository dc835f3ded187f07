/* lib_array.c: the library's arrays, all but sorting (lib_sort.c). Arguments stay as they are; results are new. */
#include <math.h>

#include "native.h"

/* Limits the memory that one call can ask for. */
#define ELEMENTS_MAX ((uint64_t)1 << 31)

ion_value native_array_room(ion_process *p, ion_frame *fp, uint64_t n, uint64_t extra, ion_value *roots, uint32_t nroots)
{
    if (n > ELEMENTS_MAX)
        return proc_limit(p, fp, "allocation");
    if (!gc_reserve(p, fp, array_bytes(n) + extra, roots, nroots))
        return proc_no_memory(p, fp);
    array *a = array_place_new(heap_take(&proc_of(p)->heap, array_bytes(n)), (uint32_t)n);
    a->len = 0;
    return value_array(a);
}

ion_value native_array(ion_process *p, ion_frame *fp, uint64_t n, uint64_t extra, ion_value *roots, uint32_t nroots)
{
    ion_value v = native_array_room(p, fp, n, extra, roots, nroots);
    if (v == ION_LEAVE)
        return v;
    array *a = AS(array, v);
    while (a->len < n)
        a->store->items[a->len++] = ION_UNDEFINED;
    return v;
}

uint64_t native_position(double d, uint64_t len)
{
    d = d == d ? trunc(d) : 0;
    if (d < 0)
        d += (double)len;
    return d <= 0 ? 0 : d >= (double)len ? len : (uint64_t)d;
}

static const array *array_arg(ion_frame *fp, int i)
{
    return AS(array, fp->r[i].v);
}

/* A new array that is filled from one or two others can be interrupted; how far it is is its length. Behind the arguments: the
 * array; the first element to take of the first argument; how many there will be. */
enum { FILL_RESULT = 3, FILL_FROM, FILL_TOTAL, FILL_SLOTS };
enum { FILL_PIECE = 4096 };

uint64_t native_fill(array *to, const array *from, uint64_t first, uint64_t total)
{
    uint64_t n = total - to->len;
    n = n < FILL_PIECE ? n : FILL_PIECE;
    memcpy(to->store->items + to->len, from->store->items + first, n * sizeof(ion_value));
    to->len += n;
    return n;
}

static ion_value fill(ion_process *p, ion_frame *fp)
{
    uint64_t from = (uint64_t)fp->r[FILL_FROM].d, total = (uint64_t)fp->r[FILL_TOTAL].d, left = native_step(p);
    for (;;) {
        array *to = AS(array, fp->r[FILL_RESULT].v);
        const array *a = array_arg(fp, 0);
        uint64_t of_a = a->len - from < total ? a->len - from : total;
        if (to->len == total)
            return fp->r[FILL_RESULT].v;
        if (to->len < of_a)
            native_spend(&left, native_fill(to, a, from + to->len, of_a));
        else
            native_spend(&left, native_fill(to, array_arg(fp, 1), to->len - of_a, total));
        if (left)
            continue;
        if (native_pause(p, fp))
            return ION_LEAVE;
        left = native_step(p);
    }
}

/* Begins: the array has room for `more` than that. */
static ion_value fill_new(ion_process *p, ion_frame *fp, ion_u32 argc, uint64_t from, uint64_t total, uint64_t more)
{
    ion_value v = native_array_room(p, fp, total + more, 0, NULL, 0);
    if (v == ION_LEAVE)
        return v;
    for (ion_u32 i = argc; i < FILL_RESULT; i++)
        fp->r[i].v = ION_UNDEFINED;
    fp->r[FILL_RESULT].v = v;
    fp->r[FILL_FROM].d = (double)from;
    fp->r[FILL_TOTAL].d = (double)total;
    fp->n = FILL_SLOTS;
    return fill(p, fp);
}

ion_value lib_ArrayLength(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)p, (void)argc;
    ion_value v = fp->r[0].v;
    return value_number((double)(ION_IS_ARRAY(v) ? AS(array, v)->len : HEAD_COUNT(as_thing(v)->head)));
}

ion_value lib_ArrayPush(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    ion_value v = argc == ION_RESUMED ? fill(p, fp) : fill_new(p, fp, argc, 0, array_arg(fp, 0)->len, 1);
    if (v == ION_LEAVE)
        return v;
    array *a = AS(array, v);
    a->store->items[a->len++] = fp->r[1].v;
    return v;
}

ion_value lib_ArraySlice(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    if (argc == ION_RESUMED)
        return fill(p, fp);
    uint64_t len = array_arg(fp, 0)->len;
    uint64_t from = native_position(fp->r[1].d, len), to = native_position(fp->r[2].d, len);
    return fill_new(p, fp, argc, from, from < to ? to - from : 0, 0);
}

ion_value lib_ArrayConcat(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    if (argc == ION_RESUMED)
        return fill(p, fp);
    return fill_new(p, fp, argc, 0, (uint64_t)array_arg(fp, 0)->len + array_arg(fp, 1)->len, 0);
}
