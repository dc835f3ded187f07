/* lib_sort.c: ArraySort, a bottom-up merge sort.
 *
 * Runs of 1, 2, 4, ... elements are merged in pairs from left to right; in a merge the right element comes first only
 * if it is less than the left one; a run without a partner is copied. What the order of comparisons is can be seen
 * where f has effects or is no order, so both ways of sorting follow one machine: `struct merge`.
 *
 * The machine's state lies in the frame's slots between calls of f, which may wait, end, or be preempted; without f,
 * while others run. The two arrays it goes back and forth between are out of the program's reach until the end.
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

static inline bool number_less(ion_value a, ion_value b)
{
    return number_of(a) < number_of(b);
}

static inline bool string_less(ion_value a, ion_value b)
{
    uint64_t nx = string_len(a), ny = string_len(b);
    int c = memcmp(string_bytes(a), string_bytes(b), nx < ny ? nx : ny);
    return c < 0 || (c == 0 && nx < ny);
}

static inline bool atom_less(ion_value a, ion_value b)
{
    const atom_info *x = atom_get(a), *y = atom_get(b);
    int c = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    return c < 0 || (c == 0 && x->len < y->len);
}

typedef bool less(ion_value, ion_value);

/* The steps of the machine, with less in place of calls, until the pass is over or about `step` elements have been taken. */
static inline __attribute__((always_inline)) void merge_some(merge *m, const ion_value *from, ion_value *to,
                                                             uint64_t step, less *less)
{
    uint64_t stop = least(m->n, m->k + step), i = m->i, j = m->j, k = m->k, width = m->width;
    while (k < stop) {
        uint64_t start = k & ~(2 * width - 1);
        uint64_t left = least(start + width, m->n), right = least(start + 2 * width, m->n);
        /* Neither run can be used up before `safe`: nothing else needs to be looked at until then. */
        while (i < left && j < right && k < stop) {
            uint64_t safe = k + least(least(left - i, right - j), stop - k);
            while (k < safe) {
                bool takes_right = less(from[j], from[i]);
                to[k++] = from[takes_right ? j : i];
                j += takes_right;
                i += !takes_right;
            }
        }
        if (k < right) {
            if (i < left && j < right)
                break; /* in the middle of a pair */
            memcpy(to + k, from + (i < left ? i : j), (right - k) * sizeof *to);
            k = right;
        }
        i = right;
        j = least(right + width, m->n);
    }
    m->i = i;
    m->j = j;
    m->k = k;
}

/* Whether all elements from i to n-1 are of one sort that has an order, the same as the first one's. */
static bool have_order(const array *a, uint64_t i, uint64_t n)
{
    type first = a->len ? type_of(a->store->items[0]) : TYPE_NUMBER;
    for (; i < n; i++)
        if (!(first == TYPE_NUMBER && ION_IS_NUMBER(a->store->items[i])) && type_of(a->store->items[i]) != first)
            return false;
    return first == TYPE_NUMBER || first == TYPE_STRING || first == TYPE_ATOM;
}

/* ---- with f ---- */

enum { SORT_FROM, SORT_CALLEE, SORT_TO, SORT_WIDTH, SORT_I, SORT_J, SORT_K, SORT_SLOTS };

static void state_save(ion_frame *fp, const merge *m)
{
    fp->r[SORT_WIDTH].d = (double)m->width;
    fp->r[SORT_I].d = (double)m->i;
    fp->r[SORT_J].d = (double)m->j;
    fp->r[SORT_K].d = (double)m->k;
    if (m->width == 1) /* the first time the other array is being filled */
        AS(array, fp->r[SORT_TO].v)->len = m->k;
}

static merge state_load(ion_frame *fp)
{
    return (merge){.n = AS(array, fp->r[SORT_FROM].v)->len,
                   .width = (uint64_t)fp->r[SORT_WIDTH].d,
                   .i = (uint64_t)fp->r[SORT_I].d,
                   .j = (uint64_t)fp->r[SORT_J].d,
                   .k = (uint64_t)fp->r[SORT_K].d};
}

/* The array that is sorted so far and the other one change places for the next pass. */
static void exchange(ion_frame *fp)
{
    ion_value done = fp->r[SORT_TO].v;
    AS(array, done)->len = AS(array, fp->r[SORT_FROM].v)->len;
    fp->r[SORT_TO].v = fp->r[SORT_FROM].v;
    fp->r[SORT_FROM].v = done;
}

/* Sorts, or goes on with it. Where strings are compared an element takes longer. */
static ion_value sort_plain(ion_process *p, ion_frame *fp)
{
    merge m = state_load(fp);
    uint64_t step = native_step(p), left = step;
    do {
        while (m.k < m.n) {
            const ion_value *from = items(fp->r[SORT_FROM].v);
            ion_value *to = items(fp->r[SORT_TO].v);
            type sort = type_of(from[0]);
            uint64_t before = m.k, each = sort == TYPE_NUMBER ? 1 : 8, some = left / each + 1;
            switch (sort) {
            case TYPE_NUMBER: merge_some(&m, from, to, some, number_less); break;
            case TYPE_STRING: merge_some(&m, from, to, some, string_less); break;
            default: merge_some(&m, from, to, some, atom_less);
            }
            left -= least(left, each * (m.k - before));
            if (left == 0) {
                state_save(fp, &m);
                if (native_pause(p, fp))
                    return ION_LEAVE;
                left = step;
            }
        }
        exchange(fp);
    } while (merge_next_pass(&m));
    return fp->r[SORT_FROM].v;
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
            exchange(fp);
            if (!merge_next_pass(&m))
                return fp->r[SORT_FROM].v;
            result = ION_ABSENT;
            continue;
        }
        ion_value args[] = {from[m.j], from[m.i]};
        if (m.width == 1)
            AS(array, fp->r[SORT_TO].v)->len = m.k;
        result = call_value(p, fp, fp->r[SORT_CALLEE].v, ION_UNDEFINED, args, 2);
        if (result == ION_LEAVE) {
            state_save(fp, &m);
            return result;
        }
    }
}

/* ---- before that: the elements are looked at, where there is no f, and copied ---- */

enum { PREPARE = -1 }; /* for a width */

/* Looks at the elements of the argument, in SORT_FROM, that have not been yet: SORT_K counts them. ION_UNIT: all are well. */
static ion_value look_through(ion_process *p, ion_frame *fp)
{
    for (;;) {
        const array *a = AS(array, fp->r[SORT_FROM].v);
        uint64_t at = (uint64_t)fp->r[SORT_K].d, to = least(at + native_step(p), a->len);
        if (!have_order(a, at, to))
            return native_error(p, fp, MSG_FFI_RUNTIME, MSG_ELEMENTS_MIXED);
        fp->r[SORT_K].d = (double)to;
        if (to == a->len)
            return ION_UNIT;
        if (native_pause(p, fp))
            return ION_LEAVE;
    }
}

/* Copies the argument to SORT_TO, which is undefined at first. ION_UNIT: that is done. */
static ion_value copy(ion_process *p, ion_frame *fp)
{
    uint64_t n = AS(array, fp->r[SORT_FROM].v)->len, left = native_step(p);
    if (fp->r[SORT_TO].v == ION_UNDEFINED) {
        ion_value v = native_array_room(p, fp, n, 0, NULL, 0);
        if (v == ION_LEAVE)
            return v;
        fp->r[SORT_TO].v = v;
    }
    for (;;) {
        array *to = AS(array, fp->r[SORT_TO].v), *from = AS(array, fp->r[SORT_FROM].v);
        if (to->len == n)
            return ION_UNIT;
        native_spend(&left, native_fill(to, from, to->len, n));
        if (left)
            continue;
        if (native_pause(p, fp))
            return ION_LEAVE;
        left = native_step(p);
    }
}

static ion_value prepare(ion_process *p, ion_frame *fp)
{
    bool plain = fp->r[SORT_CALLEE].v == ION_UNDEFINED;
    uint64_t n = AS(array, fp->r[SORT_FROM].v)->len;
    if (plain && fp->r[SORT_TO].v == ION_UNDEFINED) {
        ion_value v = look_through(p, fp);
        if (v != ION_UNIT)
            return v;
    }
    if (copy(p, fp) == ION_LEAVE)
        return ION_LEAVE;
    if (n < 2)
        return fp->r[SORT_TO].v;
    ion_value other = native_array_room(p, fp, n, 0, NULL, 0);
    if (other == ION_LEAVE)
        return other;
    fp->r[SORT_FROM].v = fp->r[SORT_TO].v;
    fp->r[SORT_TO].v = other;
    merge m = merge_start(n);
    state_save(fp, &m);
    return plain ? sort_plain(p, fp) : sort_called(p, fp, ION_ABSENT);
}

ion_value lib_ArraySort(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    if (argc != ION_RESUMED) {
        if (argc == 1)
            fp->r[SORT_CALLEE].v = ION_UNDEFINED;
        fp->r[SORT_TO].v = ION_UNDEFINED;
        fp->r[SORT_WIDTH].d = PREPARE;
        fp->r[SORT_I].d = fp->r[SORT_J].d = fp->r[SORT_K].d = 0;
        fp->n = SORT_SLOTS;
    }
    if (fp->r[SORT_WIDTH].d == PREPARE)
        return prepare(p, fp);
    return fp->r[SORT_CALLEE].v == ION_UNDEFINED ? sort_plain(p, fp) : sort_called(p, fp, p->value);
}
