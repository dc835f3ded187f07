/* lib_string.c: the library's strings. Positions count bytes; characters are code points, and bytes that are no UTF-8
 * are characters of their own that pass through unharmed.
 *
 * Making a string may collect, so views of the arguments are taken again from their slots after it.
 */
#include <string.h>

#include "native.h"
#include "str.h"
#include "unicode.h"

typedef struct view {
    const char *s;
    size_t n;
} view;

static view view_arg(ion_frame *fp, int i)
{
    return (view){string_bytes(fp->r[i].v), string_len(fp->r[i].v)};
}

/* The first occurrence of a text, which is not empty; NULL if there is none. */
static const char *find(const char *from, const char *end, view what)
{
    return from < end ? memmem(from, (size_t)(end - from), what.s, what.n) : NULL;
}

ion_value lib_StrLength(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)p, (void)argc;
    return value_number((double)string_len(fp->r[0].v));
}

/* ---- case ---- */

static size_t mapped_size(view s, uint32_t map(uint32_t))
{
    size_t size, total = 0;
    char c[4];
    for (const char *p = s.s, *end = s.s + s.n; p < end; p += size)
        total += utf8_put(c, map(utf8_get(p, end, &size)));
    return total;
}

static ion_value map_case(ion_process *p, ion_frame *fp, uint32_t map(uint32_t))
{
    char *to;
    ion_value v = str_make(p, fp, mapped_size(view_arg(fp, 0), map), &to, NULL, 0);
    if (v == ION_LEAVE)
        return v;
    view s = view_arg(fp, 0);
    size_t size;
    for (const char *at = s.s, *end = s.s + s.n; at < end; at += size) {
        uint32_t c = map(utf8_get(at, end, &size));
        to += utf8_put(to, c);
    }
    return v;
}

ion_value lib_StrUpper(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    return map_case(p, fp, unicode_upper);
}

ion_value lib_StrLower(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    return map_case(p, fp, unicode_lower);
}

/* ---- pieces ---- */

ion_value lib_StrConcat(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    return str_concat(p, fp, fp->r[0].v, fp->r[1].v);
}

ion_value lib_StrSlice(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    uint64_t len = string_len(fp->r[0].v);
    uint64_t from = native_position(fp->r[1].d, len), to = native_position(fp->r[2].d, len);
    return str_slice(p, fp, fp->r[0].v, from, from < to ? to : from);
}

ion_value lib_StrTrim(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    view s = view_arg(fp, 0);
    const char *start = s.s, *end = s.s + s.n;
    size_t size;
    while (start < end && unicode_is_space(utf8_get(start, end, &size)))
        start += size;
    while (start < end && unicode_is_space(utf8_get_back(start, end, &size)))
        end -= size;
    return str_slice(p, fp, fp->r[0].v, (size_t)(start - s.s), (size_t)(end - s.s));
}

ion_value lib_StrFind(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)p, (void)argc;
    view s = view_arg(fp, 0), what = view_arg(fp, 1);
    if (what.n == 0)
        return value_number(0);
    const char *at = find(s.s, s.s + s.n, what);
    return value_number(at ? (double)(at - s.s) : -1);
}

static size_t occurrences(view s, view what)
{
    size_t n = 0;
    const char *end = s.s + s.n;
    for (const char *at = s.s; (at = find(at, end, what)); at += what.n)
        n++;
    return n;
}

/* `s` with `what` replaced by `with`, to where there is room for it. */
static void put_replaced(char *to, view s, view what, view with)
{
    const char *from = s.s, *end = s.s + s.n;
    for (const char *at; (at = find(from, end, what)); from = at + what.n) {
        memcpy(to, from, (size_t)(at - from));
        to += at - from;
        memcpy(to, with.s, with.n);
        to += with.n;
    }
    memcpy(to, from, (size_t)(end - from));
}

ion_value lib_StrReplace(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    view s = view_arg(fp, 0), what = view_arg(fp, 1), with = view_arg(fp, 2);
    size_t n = what.n ? occurrences(s, what) : 0;
    if (n == 0)
        return fp->r[0].v;
    char *to;
    /* No overflow: all three are below 2^30 + 1, and n is at most s.n. */
    ion_value v = str_make(p, fp, s.n - n * what.n + n * with.n, &to, NULL, 0);
    if (v != ION_LEAVE)
        put_replaced(to, view_arg(fp, 0), view_arg(fp, 1), view_arg(fp, 2));
    return v;
}

/* ---- arrays of strings ---- */

/* A text that is cut into pieces from the left. */
typedef struct cutter {
    const char *at, *end;
    view delimiter; /* empty: into characters */
    bool done;
} cutter;

static cutter cutter_start(view s, view delimiter)
{
    return (cutter){.at = s.s, .end = s.s + s.n, .delimiter = delimiter};
}

static bool next_piece(cutter *c, view *piece)
{
    if (c->done)
        return false;
    const char *found = find(c->at, c->end, c->delimiter);
    c->done = !found;
    *piece = (view){c->at, (size_t)((found ? found : c->end) - c->at)};
    if (found)
        c->at = found + c->delimiter.n;
    return true;
}

static bool next_character(cutter *c, view *piece)
{
    if (c->at == c->end)
        return false;
    piece->s = c->at;
    utf8_get(c->at, c->end, &piece->n);
    c->at += piece->n;
    return true;
}

/* An array of the pieces, `margin` empty strings at both ends. The text is argument 0, the delimiter argument 1. */
static ion_value cut(ion_process *p, ion_frame *fp, bool next(cutter *, view *), uint64_t margin)
{
    view none = {"", 0}, piece;
    bool delimited = next == next_piece;
    uint64_t n = 2 * margin, room = 2 * margin * str_room(0);
    cutter c = cutter_start(view_arg(fp, 0), delimited ? view_arg(fp, 1) : none);
    for (; next(&c, &piece); n++)
        room += str_room(piece.n);
    ion_value v = native_array(p, fp, n, room, NULL, 0);
    if (v == ION_LEAVE)
        return v;
    c = cutter_start(view_arg(fp, 0), delimited ? view_arg(fp, 1) : none);
    for (uint64_t i = 0; i < n; i++) {
        bool inside = i >= margin && i < n - margin;
        if (!inside || !next(&c, &piece))
            piece = none;
        ion_value s = str_place(p, piece.s, piece.n);
        if (!s)
            return proc_no_memory(p, fp);
        AS(array, v)->store->items[i] = s;
    }
    return v;
}

ion_value lib_StrSplit(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    bool characters = string_len(fp->r[1].v) == 0;
    return characters ? cut(p, fp, next_character, 1) : cut(p, fp, next_piece, 0);
}

ion_value lib_StrChars(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    return cut(p, fp, next_character, 0);
}

/* ---- joining ---- */

static NOT_INLINE ion_value join(ion_process *p, ion_frame *fp, printed *what)
{
    char storage[512];
    outbuf o = out_start(storage, sizeof storage);
    const array *a = AS(array, what->values[0]);
    for (uint64_t i = 0; i < a->len && !o.failed; i++) {
        if (i)
            out_put(&o, string_bytes(what->extra), string_len(what->extra));
        print_value(&o, a->store->items[i], &what->texts);
    }
    ion_value v = o.failed ? native_out_failed(p, fp, &o) : str_new(p, fp, o.data, o.len);
    out_free(&o);
    printed_free(what);
    return v;
}

ion_value lib_StrJoin(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    printed what;
    ion_value v = argc == ION_RESUMED ? ask_resumed(p, fp, &what) : ask_str(p, fp, &fp->r[0].v, 1, fp->r[1].v, &what);
    return v == ION_UNIT ? join(p, fp, &what) : v;
}
