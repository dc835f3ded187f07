/* str.c: strings: short ones lie in the heap, longer ones are views of the beginning of a shared buffer.
 *
 * A buffer only ever grows at its end: who wants to append behind a view that ends at `used` moves `used` by compare
 * and exchange, and so owns the bytes in between. All others see no further than their own length. A buffer that is
 * made for an appending gets as much room again, so that building a string piece by piece is linear.
 *
 * Where many bytes have to be copied the string is made first, then a function without a name copies piece by piece, and
 * lets others run in between.
 */
#include "str.h"

#include <math.h>
#include <stdatomic.h>

#include "atom.h"
#include "native.h"

bool text_view(ion_value v, const char **bytes, size_t *len)
{
    if (is_string(v)) {
        *bytes = string_bytes(v);
        *len = string_len(v);
        return true;
    }
    if (!ION_IS_ATOM(v))
        return false;
    const atom_info *info = atom_get(v);
    *bytes = info->text;
    *len = info->len;
    return true;
}

size_t str_room(size_t len)
{
    return round8(len > STRING_INLINE ? sizeof(long_string) : sizeof(string) + len);
}

/* A view of a buffer, on which it takes over one hold. */
static ion_value view_place(ion_process *p, text_buffer *t, size_t len, size_t fresh)
{
    long_string *s = heap_take(&proc_of(p)->heap, sizeof *s);
    s->head = HEAD(KIND_LONG, 0);
    s->len = len;
    s->buffer = t;
    heap_hold(&proc_of(p)->heap, s, fresh);
    return value_boxed(s);
}

/* A string in reserved room, its bytes to be filled in; 0 when memory is out. `spare`: room behind a long one. */
static ion_value blank_place(ion_process *p, size_t len, size_t spare, char **bytes)
{
    if (len <= STRING_INLINE) {
        string *s = heap_take(&proc_of(p)->heap, str_room(len));
        s->head = HEAD(KIND_STRING, 0);
        s->len = len;
        *bytes = s->bytes;
        return value_boxed(s);
    }
    text_buffer *t = text_new(len + spare);
    if (!t)
        return 0;
    atomic_init(&t->used, len);
    *bytes = t->bytes;
    return view_place(p, t, len, t->cap);
}

static ion_value blank(ion_process *p, ion_frame *fp, size_t len, size_t spare, char **bytes, ion_value *roots,
                       uint32_t n)
{
    if (len > STRING_MAX)
        return proc_limit(p, fp, "allocation");
    if (len > STRING_INLINE ? !gc_reserve_text(p, fp, len, &spare, roots, n)
                            : !gc_reserve(p, fp, str_room(len), roots, n))
        return proc_no_memory(p, fp);
    ion_value v = blank_place(p, len, spare, bytes);
    return v ? v : proc_no_memory(p, fp);
}

ion_value str_make(ion_process *p, ion_frame *fp, size_t len, char **bytes, ion_value *roots, uint32_t n)
{
    return blank(p, fp, len, 0, bytes, roots, n);
}

ion_value str_new(ion_process *p, ion_frame *fp, const char *bytes, size_t len)
{
    char *to;
    ion_value v = blank(p, fp, len, 0, &to, NULL, 0);
    if (v != ION_LEAVE && len)
        memcpy(to, bytes, len);
    return v;
}

ion_value str_place(ion_process *p, const char *bytes, size_t len)
{
    char *to;
    ion_value v = blank_place(p, len, 0, &to);
    if (v && len)
        memcpy(to, bytes, len);
    return v;
}

/* ---- copying ---- */

enum { PUT_PIECE = 64 * 1024, BYTES_A_UNIT = 8 };

/* The string being made, and how much of it is there: what follows is a's bytes from `from` on, then b's; b is undefined: a's again and again. */
enum { PUT_TO, PUT_A, PUT_B, PUT_FROM, PUT_DONE, PUT_SLOTS };

/* Copies a piece; returns its length, 0 at the end. Nothing moves here. */
static uint64_t copy_piece(ion_value to, ion_value a, ion_value b, uint64_t from, uint64_t done)
{
    char *bytes = (char *)string_bytes(to);
    const char *source = string_bytes(a) + from + done;
    uint64_t of_a = string_len(a) - from, rest = string_len(to) - done, n = of_a - done;
    if (done >= of_a && b == ION_UNDEFINED) {
        source = bytes + done % of_a;
        n = done - done % of_a;
    } else if (done >= of_a) {
        source = string_bytes(b) + (done - of_a);
        n = string_len(b) - (done - of_a);
    }
    n = n < rest ? n : rest;
    n = n < PUT_PIECE ? n : PUT_PIECE;
    memcpy(bytes + done, source, n);
    return n;
}

static ion_value copy_on(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    if (argc != ION_RESUMED)
        fp->n = PUT_SLOTS;
    uint64_t from = (uint64_t)fp->r[PUT_FROM].d, done = (uint64_t)fp->r[PUT_DONE].d, left = native_step(p), n;
    while ((n = copy_piece(fp->r[PUT_TO].v, fp->r[PUT_A].v, fp->r[PUT_B].v, from, done))) {
        done += n;
        native_spend(&left, n / BYTES_A_UNIT + 1);
        if (left)
            continue;
        fp->r[PUT_DONE].d = (double)done;
        if (native_pause(p, fp))
            return ION_LEAVE;
        left = native_step(p);
    }
    return fp->r[PUT_TO].v;
}

static const ion_function copy_long = {.code = copy_on, .name = ION_NAMELESS, .size = ION_FRAME(PUT_SLOTS)};

/* Copies what a string is made of into it: gives the string. */
static ion_value copy_all(ion_process *p, ion_frame *fp, ion_value to, ion_value a, ion_value b, uint64_t from,
                          uint64_t done)
{
    if (str_long(p, string_len(to) - done)) {
        ion_value args[PUT_SLOTS] = {to, a, b, value_number((double)from), value_number((double)done)};
        return call_value(p, fp, ION_FUNCTION(&copy_long), ION_UNDEFINED, args, PUT_SLOTS);
    }
    for (uint64_t n; (n = copy_piece(to, a, b, from, done));)
        done += n;
    return to;
}

bool str_long(ion_process *p, uint64_t len)
{
    return ION_UNLIKELY(len > STRING_LONG) && native_pauses(p);
}

/* Takes the next n bytes of the buffer if the view of `len` bytes ends where the buffer does. */
static bool claim(text_buffer *t, uint64_t len, uint64_t n)
{
    /* Who appended the bytes in front handed its string on with all it wrote, so the order of `used` itself does not
     * matter. */
    return n <= t->cap - len &&
           atomic_compare_exchange_strong_explicit(&t->used, &len, len + n, memory_order_relaxed, memory_order_relaxed);
}

static ion_value append(ion_process *p, ion_frame *fp, ion_value *ab)
{
    if (!gc_reserve(p, fp, sizeof(long_string), ab, 2))
        return proc_no_memory(p, fp);
    text_buffer *t = AS(long_string, ab[0])->buffer;
    uint64_t la = string_len(ab[0]), lb = string_len(ab[1]);
    if (!claim(t, la, lb))
        return 0;
    text_hold(t);
    ion_value v = view_place(p, t, la + lb, 0);
    if (lb > STRING_LONG)
        return copy_all(p, fp, v, ab[0], ab[1], 0, la);
    memcpy(t->bytes + la, string_bytes(ab[1]), lb);
    return v;
}

ion_value str_concat(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    uint64_t la = string_len(a), lb = string_len(b);
    ion_value ab[] = {a, b};
    if (lb == 0)
        return a;
    if (la == 0)
        return b;
    if (la + lb > STRING_MAX)
        return proc_limit(p, fp, "allocation");
    if (is_boxed(a, KIND_LONG) && !(as_thing(a)->head & HEAD_CONSTANT)) {
        ion_value v = append(p, fp, ab);
        if (v)
            return v;
    }
    char *to;
    ion_value v = blank(p, fp, la + lb, la, &to, ab, 2);
    if (v == ION_LEAVE)
        return v;
    if (la + lb > STRING_LONG)
        return copy_all(p, fp, v, ab[0], ab[1], 0, 0);
    memcpy(to, string_bytes(ab[0]), la);
    memcpy(to + la, string_bytes(ab[1]), lb);
    return v;
}

ion_value str_repeat(ion_process *p, ion_frame *fp, ion_value s, double times)
{
    uint64_t len = string_len(s);
    if (!(times >= 1) || len == 0)
        return str_new(p, fp, NULL, 0);
    if (trunc(times) * (double)len > (double)STRING_MAX)
        return proc_limit(p, fp, "allocation");
    uint64_t total = (uint64_t)times * len;
    if (total == len)
        return s;
    char *to;
    ion_value v = blank(p, fp, total, 0, &to, &s, 1);
    if (v == ION_LEAVE)
        return v;
    return copy_all(p, fp, v, s, ION_UNDEFINED, 0, 0);
}

ion_value str_slice(ion_process *p, ion_frame *fp, ion_value s, size_t from, size_t to)
{
    size_t len = string_len(s);
    if (from == 0 && to == len)
        return s;
    /* A view of the beginning costs nothing but keeps all of the buffer: only where that is mostly the view's own. */
    if (from == 0 && to > STRING_INLINE && is_boxed(s, KIND_LONG) && !(as_thing(s)->head & HEAD_CONSTANT) &&
        to >= AS(long_string, s)->buffer->cap / 2) {
        if (!gc_reserve(p, fp, sizeof(long_string), &s, 1))
            return proc_no_memory(p, fp);
        text_buffer *t = AS(long_string, s)->buffer;
        text_hold(t);
        return view_place(p, t, to, 0);
    }
    char *bytes;
    ion_value v = blank(p, fp, to - from, 0, &bytes, &s, 1);
    if (v == ION_LEAVE)
        return v;
    if (to - from > STRING_LONG)
        return copy_all(p, fp, v, s, s, from, 0);
    memcpy(bytes, string_bytes(s) + from, to - from);
    return v;
}
