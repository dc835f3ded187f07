/* lib_array.c: arrays.
 *
 * ArraySort merges runs of 1, 2, 4, … from left to right; the right element goes first only if it comes before the
 * left one. With a function it stops before each comparison and goes on with the answer, so all it knows stands in
 * `sorting`.
 */
#include <string.h>

#include "lib.h"

bool lib_ArrayLength(process *p, frame *f, value *out)
{
    (void)p;
    *out = v_number((double)f->regs[0].list->len);
    return true;
}

/* A new array of the elements from..to-1 of one, and all of another (or none). */
static value joined(const list *a, size_t from, size_t to, const list *b)
{
    value v = v_list(T_ARRAY, to - from + (b ? b->len : 0));
    for (size_t i = from; i < to; i++)
        v.list->items[i - from] = a->items[i];
    for (size_t i = 0; b && i < b->len; i++)
        v.list->items[to - from + i] = b->items[i];
    return v;
}

bool lib_ArrayPush(process *p, frame *f, value *out)
{
    (void)p;
    const list *a = f->regs[0].list;
    value one = v_list(T_ARRAY, 1);
    one.list->items[0] = f->regs[1];
    *out = joined(a, 0, a->len, one.list);
    return true;
}

bool lib_ArraySlice(process *p, frame *f, value *out)
{
    (void)p;
    const list *a = f->regs[0].list;
    size_t from, to;
    clamp_slice(f->regs[1].number, f->regs[2].number, a->len, &from, &to);
    *out = joined(a, from, to, NULL);
    return true;
}

bool lib_ArrayConcat(process *p, frame *f, value *out)
{
    (void)p;
    const list *a = f->regs[0].list;
    *out = joined(a, 0, a->len, f->regs[1].list);
    return true;
}

typedef struct sorting {
    value *from, *to; /* runs of `width` are merged from one into the other */
    size_t n, width;
    size_t start; /* of the pair of runs being merged */
    size_t left, right, at;
} sorting;

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void begin_pair(sorting *s, size_t start)
{
    s->start = s->left = s->at = start;
    s->right = least(start + s->width, s->n);
}

/* Moves what needs no comparison; false when a comparison is due, true when all is sorted. */
static bool sort_forward(sorting *s)
{
    while (s->width < s->n) {
        size_t middle = least(s->start + s->width, s->n), end = least(s->start + 2 * s->width, s->n);
        if (s->left < middle && s->right < end)
            return false;
        while (s->left < middle)
            s->to[s->at++] = s->from[s->left++];
        while (s->right < end)
            s->to[s->at++] = s->from[s->right++];
        if (end < s->n) {
            begin_pair(s, end);
            continue;
        }
        value *merged = s->to;
        s->to = s->from;
        s->from = merged;
        s->width *= 2;
        begin_pair(s, 0);
    }
    return true;
}

static void sort_answer(sorting *s, bool right_first)
{
    size_t *taken = right_first ? &s->right : &s->left;
    s->to[s->at++] = s->from[(*taken)++];
}

static bool sortable(const list *a)
{
    for (size_t i = 0; i < a->len; i++) {
        type t = a->items[i].type;
        if ((t != T_NUMBER && t != T_STRING && t != T_ATOM) || t != a->items[0].type)
            return false;
    }
    return true;
}

static bool below(value a, value b)
{
    return a.type == T_NUMBER ? a.number < b.number : text_order(a, b) < 0;
}

static sorting *sort_begin(const list *a)
{
    sorting *s = mem_alloc(sizeof *s);
    s->n = a->len;
    s->width = 1;
    s->from = joined(a, 0, a->len, NULL).list->items;
    s->to = mem_alloc(a->len * sizeof(value) + 1);
    begin_pair(s, 0);
    return s;
}

static value sort_result(const sorting *s)
{
    value v = v_list(T_ARRAY, s->n);
    if (s->n)
        memcpy(v.list->items, s->from, s->n * sizeof(value));
    return v;
}

bool lib_ArraySort(process *p, frame *f, value *out)
{
    if (f->n == 1 && !sortable(f->regs[0].list)) {
        *out = library_runtime_error(MSG_ELEMENTS_MIXED);
        return true;
    }
    if (f->step++ == 0)
        f->data = sort_begin(f->regs[0].list);
    else
        sort_answer(f->data, truthy(f->result));
    sorting *s = f->data;
    while (!sort_forward(s)) {
        value pair[] = {s->from[s->right], s->from[s->left]};
        if (f->n == 2) {
            f->called = true;
            frame_call(p, f->regs[1].function, NULL, pair, 2, RET_LIBRARY, 0);
            return false;
        }
        sort_answer(s, below(pair[0], pair[1]));
    }
    *out = sort_result(s);
    return true;
}
