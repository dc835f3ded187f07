/* lib_sort.c: ArraySort, a bottom-up merge sort.
 *
 * Runs of 1, 2, 4, ... elements are merged in pairs from left to right; in a merge the right element comes first only
 * if it is less than the left one; a run without a partner is copied. What the order of comparisons is can be seen
 * where f has effects or is no order, so both ways of sorting follow one machine: `struct merge`.
 *
 * With f the machine's state lies in the frame's slots between calls of f: f may wait, end, or be preempted. The two
 * arrays it goes back and forth between are out of the program's reach until the end.
 */
#include "atom.h"
#include "messages.h"
#include "native.h"
#include "str.h"

/* Merging runs of `width` from one array into the other: left run i..middle, right run j..end, next place k. */
typedef struct merge {
    uint64_t n, width, i, j, k;
} merge;

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Where the two runs that are being merged begin and end follows from k; widths are powers of two. */
static uint64_t pair_start(const merge *m)
{
    return m->k & ~(2 * m->width - 1);
}

static uint64_t middle(const merge *m)
{
    return least(pair_start(m) + m->width, m->n);
}

static uint64_t end(const merge *m)
{
    return least(pair_start(m) + 2 * m->width, m->n);
}

static void pair_begin(merge *m)
{
    m->i = m->k;
    m->j = middle(m);
}

static merge merge_start(uint64_t n)
{
    merge m = {.n = n, .width = 1};
    pair_begin(&m);
    return m;
}

/* Moves on to where two elements must be compared. Returns false when the pass is over. */
static bool merge_advance(merge *m, const ion_value *from, ion_value *to)
{
    while (m->k < m->n) {
        uint64_t left = middle(m), right = end(m);
        if (m->i < left && m->j < right)
            return true;
        /* One run is used up; k comes to the end of the pair. */
        uint64_t rest = m->i < left ? m->i : m->j, n = right - m->k;
        memcpy(to + m->k, from + rest, n * sizeof *to);
        m->k += n;
        if (m->k < m->n)
            pair_begin(m);
    }
    return false;
}

/* Takes the right element or the left one; then k is still inside the pair. */
static void merge_take(merge *m, const ion_value *from, ion_value *to, bool right)
{
    to[m->k] = from[right ? m->j : m->i];
    m->j += right;
    m->i += !right;
    m->k++;
}

static bool merge_next_pass(merge *m)
{
    m->width *= 2;
    m->k = 0;
    pair_begin(m);
    return m->width < m->n;
}

static ion_value *items(ion_value array_)
{
    return AS(array, array_)->store->items;
}

/* ---- without f ---- */

static bool number_less(ion_value a, ion_value b)
{
    return number_of(a) < number_of(b);
}

static bool text_less(ion_value a, ion_value b)
{
    const char *x, *y;
    size_t nx = 0, ny = 0;
    text_view(a, &x, &nx);
    text_view(b, &y, &ny);
    int c = memcmp(x, y, nx < ny ? nx : ny);
    return c < 0 || (c == 0 && nx < ny);
}

/* Sorts `a`, with `b` as the other array; gives the one that holds the result. */
static ion_value sort_plain(ion_value a, ion_value b, bool less(ion_value, ion_value))
{
    merge m = merge_start(AS(array, a)->len);
    do {
        const ion_value *from = items(a);
        ion_value *to = items(b);
        while (merge_advance(&m, from, to))
            merge_take(&m, from, to, less(from[m.j], from[m.i]));
        ion_value sorted = b;
        b = a;
        a = sorted;
    } while (merge_next_pass(&m));
    return a;
}

/* How to compare all elements; NULL if they are not of one sort. */
static bool (*order_of(const array *a))(ion_value, ion_value)
{
    type first = a->len ? type_of(a->store->items[0]) : TYPE_NUMBER;
    for (uint64_t i = 1; i < a->len; i++)
        if (type_of(a->store->items[i]) != first)
            return NULL;
    return first == TYPE_NUMBER ? number_less : first == TYPE_STRING || first == TYPE_ATOM ? text_less : NULL;
}

/* ---- with f ---- */

enum { SORT_FROM, SORT_CALLEE, SORT_TO, SORT_WIDTH, SORT_I, SORT_J, SORT_K, SORT_SLOTS };

static void state_save(ion_frame *fp, const merge *m)
{
    fp->r[SORT_WIDTH].d = (double)m->width;
    fp->r[SORT_I].d = (double)m->i;
    fp->r[SORT_J].d = (double)m->j;
    fp->r[SORT_K].d = (double)m->k;
    fp->n = SORT_SLOTS;
}

static merge state_load(ion_frame *fp)
{
    return (merge){.n = AS(array, fp->r[SORT_FROM].v)->len,
                   .width = (uint64_t)fp->r[SORT_WIDTH].d,
                   .i = (uint64_t)fp->r[SORT_I].d,
                   .j = (uint64_t)fp->r[SORT_J].d,
                   .k = (uint64_t)fp->r[SORT_K].d};
}

/* Goes on after f has given `result`; ION_ABSENT: f has not been called yet. */
static ion_value sort_called(ion_process *p, ion_frame *fp, ion_value result)
{
    merge m = state_load(fp);
    for (;;) {
        ion_value *from = items(fp->r[SORT_FROM].v), *to = items(fp->r[SORT_TO].v);
        if (result != ION_ABSENT)
            merge_take(&m, from, to, ion_truthy(result));
        if (!merge_advance(&m, from, to)) {
            ion_value done = fp->r[SORT_TO].v;
            fp->r[SORT_TO].v = fp->r[SORT_FROM].v;
            fp->r[SORT_FROM].v = done;
            if (!merge_next_pass(&m))
                return done;
            result = ION_ABSENT;
            continue;
        }
        state_save(fp, &m);
        ion_value args[] = {from[m.j], from[m.i]};
        result = call_value(p, fp, fp->r[SORT_CALLEE].v, ION_UNDEFINED, args, 2);
        if (result == ION_LEAVE)
            return result;
    }
}

ion_value lib_ArraySort(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    if (argc == ION_RESUMED)
        return sort_called(p, fp, p->value);
    uint64_t n = AS(array, fp->r[0].v)->len;
    bool (*less)(ion_value, ion_value) = argc == 1 ? order_of(AS(array, fp->r[0].v)) : NULL;
    if (argc == 1 && !less)
        return native_error(p, fp, MSG_FFI_RUNTIME, MSG_ELEMENTS_MIXED);

    ion_value copy = native_array(p, fp, n, 0, NULL, 0);
    if (copy == ION_LEAVE || n == 0)
        return copy;
    memcpy(items(copy), items(fp->r[0].v), n * sizeof(ion_value));
    if (n == 1)
        return copy;
    ion_value other = native_array(p, fp, n, 0, &copy, 1);
    if (other == ION_LEAVE)
        return other;
    if (less)
        return sort_plain(copy, other, less);
    fp->r[SORT_FROM].v = copy;
    fp->r[SORT_TO].v = other;
    merge m = merge_start(n);
    state_save(fp, &m);
    return sort_called(p, fp, ION_ABSENT);
}
