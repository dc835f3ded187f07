/* lib_array.c: the library's arrays, all but sorting (lib_sort.c). Arguments stay as they are; results are new. */
#include <math.h>

#include "native.h"

/* Limits the memory that one call can ask for. */
#define ELEMENTS_MAX ((uint64_t)1 << 31)

ion_value native_array(ion_process *p, ion_frame *fp, uint64_t n, uint64_t extra, ion_value *roots, uint32_t nroots)
{
    if (n > ELEMENTS_MAX)
        return proc_limit(p, fp, "allocation");
    if (!gc_reserve(p, fp, array_bytes(n) + extra, roots, nroots))
        return proc_no_memory(p, fp);
    array *a = array_place_new(heap_take(&proc_of(p)->heap, array_bytes(n)), (uint32_t)n);
    for (uint64_t i = 0; i < n; i++)
        a->store->items[i] = ION_UNDEFINED;
    return value_array(a);
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

/* Copies elements into a new array that has room for them. */
static void put_elements(ion_value to, uint64_t at, const array *from, uint64_t first, uint64_t n)
{
    if (n)
        memcpy(AS(array, to)->store->items + at, from->store->items + first, n * sizeof(ion_value));
}

ion_value lib_ArrayLength(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)p, (void)argc;
    ion_value v = fp->r[0].v;
    return value_number((double)(ION_IS_ARRAY(v) ? AS(array, v)->len : HEAD_COUNT(as_thing(v)->head)));
}

ion_value lib_ArrayPush(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    ion_value v = native_array(p, fp, (uint64_t)array_arg(fp, 0)->len + 1, 0, NULL, 0);
    if (v == ION_LEAVE)
        return v;
    const array *a = array_arg(fp, 0);
    put_elements(v, 0, a, 0, a->len);
    AS(array, v)->store->items[a->len] = fp->r[1].v;
    return v;
}

ion_value lib_ArraySlice(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    uint64_t len = array_arg(fp, 0)->len;
    uint64_t from = native_position(fp->r[1].d, len), to = native_position(fp->r[2].d, len);
    uint64_t n = from < to ? to - from : 0;
    ion_value v = native_array(p, fp, n, 0, NULL, 0);
    if (v != ION_LEAVE)
        put_elements(v, 0, array_arg(fp, 0), from, n);
    return v;
}

ion_value lib_ArrayConcat(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    ion_value v = native_array(p, fp, (uint64_t)array_arg(fp, 0)->len + array_arg(fp, 1)->len, 0, NULL, 0);
    if (v == ION_LEAVE)
        return v;
    const array *a = array_arg(fp, 0), *b = array_arg(fp, 1);
    put_elements(v, 0, a, 0, a->len);
    put_elements(v, a->len, b, 0, b->len);
    return v;
}
