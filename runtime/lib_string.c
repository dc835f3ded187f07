/* lib_string.c: the library's strings. Positions count bytes; characters are code points, and bytes that are no UTF-8
 * are characters of their own that pass through unharmed.
 *
 * Making a string may collect, so views of the arguments are taken again from their slots after it.
 */
#include <string.h>

#include "show.h"
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

/* Functions that walk along their first argument, maybe twice, can be interrupted: their state lies in the slots behind
 * the arguments. */
/* The string made; where to go on, in the argument and in it; whether anything has been found. */
enum { WALK_RESULT = 3, WALK_AT, WALK_TO, WALK_FOUND, WALK_SLOTS };
enum { WALK_WINDOW = 4096 }; /* bytes that are looked through at once */

static void walk_start(ion_frame *fp, ion_u32 argc)
{
    for (uint32_t i = argc; i < WALK_SLOTS; i++)
        fp->r[i].v = ION_UNDEFINED;
    fp->r[WALK_AT].d = fp->r[WALK_TO].d = 0;
    fp->n = WALK_SLOTS;
}

/* Notes how far it is and, if `left` is used up, interrupts: ION_LEAVE, or what goes on. */
static ion_value walk_pause(ion_process *p, ion_frame *fp, uint64_t at, uint64_t to, uint64_t *left)
{
    if (*left)
        return ION_UNIT;
    fp->r[WALK_AT].d = (double)at;
    fp->r[WALK_TO].d = (double)to;
    if (native_pause(p, fp))
        return ION_LEAVE;
    *left = native_step(p);
    return ION_UNIT;
}

/* The first round is over: the string of that length is made, and the second one begins. */
static ion_value walk_make(ion_process *p, ion_frame *fp, size_t len)
{
    char *to;
    ion_value v = str_make(p, fp, len, &to, NULL, 0);
    if (v != ION_LEAVE)
        fp->r[WALK_RESULT].v = v;
    fp->r[WALK_AT].d = fp->r[WALK_TO].d = 0;
    return v;
}

/* ---- case ---- */

enum { MAP_UNITS = 4 }; /* for a character */

/* A round over the characters: where `writes` is false it finds the length of the result only. */
static ion_value map_round(ion_process *p, ion_frame *fp, uint32_t map(uint32_t), bool writes, size_t *length)
{
    view s = view_arg(fp, 0);
    size_t at = (size_t)fp->r[WALK_AT].d, to = (size_t)fp->r[WALK_TO].d, size;
    char *bytes = writes ? (char *)string_bytes(fp->r[WALK_RESULT].v) : NULL, c[4];
    for (uint64_t left = native_step(p); at < s.n; at += size) {
        if (walk_pause(p, fp, at, to, &left) == ION_LEAVE)
            return ION_LEAVE;
        uint32_t mapped = map(utf8_get(s.s + at, s.s + s.n, &size));
        to += utf8_put(writes ? bytes + to : c, mapped);
        native_spend(&left, MAP_UNITS);
    }
    *length = to;
    return ION_UNIT;
}

static ion_value map_case(ion_process *p, ion_frame *fp, ion_u32 argc, uint32_t map(uint32_t))
{
    size_t length;
    if (argc != ION_RESUMED)
        walk_start(fp, argc);
    if (fp->r[WALK_RESULT].v == ION_UNDEFINED &&
        (map_round(p, fp, map, false, &length) == ION_LEAVE || walk_make(p, fp, length) == ION_LEAVE))
        return ION_LEAVE;
    if (map_round(p, fp, map, true, &length) == ION_LEAVE)
        return ION_LEAVE;
    return fp->r[WALK_RESULT].v;
}

ion_value lib_StrUpper(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    return map_case(p, fp, argc, unicode_upper);
}

ion_value lib_StrLower(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    return map_case(p, fp, argc, unicode_lower);
}

/* ---- pieces ---- */

ion_value lib_StrConcat(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    return argc == ION_RESUMED ? p->value : str_concat(p, fp, fp->r[0].v, fp->r[1].v);
}

ion_value lib_StrSlice(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    if (argc == ION_RESUMED)
        return p->value;
    uint64_t len = string_len(fp->r[0].v);
    uint64_t from = native_position(fp->r[1].d, len), to = native_position(fp->r[2].d, len);
    return str_slice(p, fp, fp->r[0].v, from, from < to ? to : from);
}

enum { TRIM_UNITS = 2 }; /* for a character */

/* WALK_AT counts the bytes at the beginning that go, WALK_TO those at the end; WALK_FOUND: both are known. */
static ion_value trim_ends(ion_process *p, ion_frame *fp)
{
    view s = view_arg(fp, 0);
    size_t start = (size_t)fp->r[WALK_AT].d, cut = (size_t)fp->r[WALK_TO].d, size;
    for (uint64_t left = native_step(p);; native_spend(&left, TRIM_UNITS)) {
        if (walk_pause(p, fp, start, cut, &left) == ION_LEAVE)
            return ION_LEAVE;
        s = view_arg(fp, 0);
        const char *from = s.s + start, *end = s.s + s.n - cut;
        if (from < end && unicode_is_space(utf8_get(from, end, &size)))
            start += size;
        else if (from < end && unicode_is_space(utf8_get_back(from, end, &size)))
            cut += size;
        else
            break;
    }
    fp->r[WALK_FOUND].v = ION_TRUE;
    return str_slice(p, fp, fp->r[0].v, start, s.n - cut);
}

ion_value lib_StrTrim(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    if (argc != ION_RESUMED)
        walk_start(fp, argc);
    return fp->r[WALK_FOUND].v == ION_TRUE ? p->value : trim_ends(p, fp);
}

/* How far is looked at once: what takes longer to look for needs more at a time, or it would be looked through again and again. */
static size_t window_of(view what)
{
    return what.n > WALK_WINDOW ? what.n : WALK_WINDOW;
}

/* Looks for `what`, not empty, from *at on, no further than a window: its place; NULL, and *at moved on, where it does not
 * begin in the window; at the end of the text *at is the end then. */
static const char *find_near(view s, view what, size_t *at)
{
    size_t window = window_of(what), rest = s.n - *at, some = rest > window + what.n - 1 ? window + what.n - 1 : rest;
    const char *found = find(s.s + *at, s.s + *at + some, what);
    *at = found ? (size_t)(found - s.s) : some < rest ? *at + window : s.n;
    return found;
}

ion_value lib_StrFind(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    if (argc != ION_RESUMED)
        walk_start(fp, argc);
    view s = view_arg(fp, 0), what = view_arg(fp, 1);
    size_t at = (size_t)fp->r[WALK_AT].d;
    if (what.n == 0)
        return value_number(0);
    for (uint64_t left = native_step(p); at < s.n; native_spend(&left, window_of(what) / 4)) {
        if (walk_pause(p, fp, at, 0, &left) == ION_LEAVE)
            return ION_LEAVE;
        if (find_near(s, what, &at))
            return value_number((double)at);
    }
    return value_number(-1);
}

enum { REPLACE_UNITS = 16 }; /* for an occurrence */

/* A round over the text: where `writes` is false it finds the length of the result only. What lies between two
 * occurrences is written as it is met. */
static ion_value replace_round(ion_process *p, ion_frame *fp, bool writes, size_t *length)
{
    view s = view_arg(fp, 0), what = view_arg(fp, 1), with = view_arg(fp, 2);
    size_t at = (size_t)fp->r[WALK_AT].d, to = (size_t)fp->r[WALK_TO].d;
    char *bytes = writes ? (char *)string_bytes(fp->r[WALK_RESULT].v) : NULL;
    for (uint64_t left = native_step(p); at < s.n;) {
        if (walk_pause(p, fp, at, to, &left) == ION_LEAVE)
            return ION_LEAVE;
        size_t from = at;
        bool found = find_near(s, what, &at);
        if (writes)
            memcpy(bytes + to, s.s + from, at - from);
        to += at - from;
        if (found) {
            fp->r[WALK_FOUND].v = ION_TRUE;
            if (writes)
                memcpy(bytes + to, with.s, with.n);
            to += with.n;
            at += what.n;
        }
        native_spend(&left, REPLACE_UNITS + (at - from + with.n) / 4);
    }
    *length = to;
    return ION_UNIT;
}

ion_value lib_StrReplace(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    size_t length;
    if (argc != ION_RESUMED)
        walk_start(fp, argc);
    if (string_len(fp->r[1].v) == 0)
        return fp->r[0].v;
    bool first = fp->r[WALK_RESULT].v == ION_UNDEFINED;
    if (first && replace_round(p, fp, false, &length) == ION_LEAVE)
        return ION_LEAVE;
    if (fp->r[WALK_FOUND].v == ION_UNDEFINED)
        return fp->r[0].v;
    if (first && walk_make(p, fp, length) == ION_LEAVE)
        return ION_LEAVE;
    if (replace_round(p, fp, true, &length) == ION_LEAVE)
        return ION_LEAVE;
    return fp->r[WALK_RESULT].v;
}

/* ---- arrays of strings ---- */

/* Cutting a text takes two rounds: the pieces are counted, then made. Both can be interrupted, so the state lies in slots,
 * behind the arguments: the array, undefined in the first round; where the next piece begins, and up to where it has been
 * looked through; the number of pieces (in the first round: so far); the room that they, or those to be made yet, take of the heap. */
enum { CUT_TEXT, CUT_DELIMITER, CUT_ARRAY, CUT_AT, CUT_SEEK, CUT_N, CUT_ROOM, CUT_SLOTS };
enum { CUT_EACH = 16 }; /* what a piece costs, as native_step counts */

typedef struct cutter {
    const char *s;
    size_t len, at, seek;
    view delimiter; /* empty: into characters */
    uint64_t left;  /* to do before a pause */
} cutter;

static cutter cutter_load(ion_frame *fp, uint64_t step)
{
    cutter c = {.s = string_bytes(fp->r[CUT_TEXT].v), .len = string_len(fp->r[CUT_TEXT].v), .left = step};
    c.at = (size_t)fp->r[CUT_AT].d;
    c.seek = (size_t)fp->r[CUT_SEEK].d;
    if (is_string(fp->r[CUT_DELIMITER].v))
        c.delimiter = view_arg(fp, CUT_DELIMITER);
    return c;
}

static void cutter_spend(cutter *c, uint64_t units)
{
    native_spend(&c->left, units);
}

enum { PIECE, NO_PIECE, PAUSE };

static int next_character(cutter *c, view *piece)
{
    if (c->at == c->len)
        return NO_PIECE;
    if (c->left == 0)
        return PAUSE;
    piece->s = c->s + c->at;
    utf8_get(piece->s, c->s + c->len, &piece->n);
    c->at += piece->n;
    cutter_spend(c, CUT_EACH);
    return PIECE;
}

/* Behind the last piece `at` is beyond the end. */
static int next_piece(cutter *c, view *piece)
{
    size_t overlap = c->delimiter.n - 1, window = window_of(c->delimiter);
    while (c->at <= c->len) {
        if (c->left == 0)
            return PAUSE;
        size_t rest = c->len - c->seek, some = rest > window + overlap ? window + overlap : rest;
        const char *found = find(c->s + c->seek, c->s + c->seek + some, c->delimiter);
        size_t to = found ? (size_t)(found - c->s) : c->len;
        if (!found && some < rest) {
            c->seek += window;
            cutter_spend(c, window / 8);
            continue;
        }
        *piece = (view){c->s + c->at, to - c->at};
        c->at = c->seek = found ? to + c->delimiter.n : c->len + 1;
        cutter_spend(c, CUT_EACH + piece->n / 8);
        return PIECE;
    }
    return NO_PIECE;
}

static int cutter_next(cutter *c, view *piece)
{
    return c->delimiter.n ? next_piece(c, piece) : next_character(c, piece);
}

/* Interrupts the cutting: ION_LEAVE, or what goes on. */
static ion_value cut_pause(ion_process *p, ion_frame *fp, cutter *c)
{
    fp->r[CUT_AT].d = (double)c->at;
    fp->r[CUT_SEEK].d = (double)c->seek;
    if (native_pause(p, fp))
        return ION_LEAVE;
    c->left = native_step(p);
    return ION_UNIT;
}

static ion_value cut_count(ion_process *p, ion_frame *fp, uint64_t margin)
{
    cutter c = cutter_load(fp, native_step(p));
    double n = fp->r[CUT_N].d, room = fp->r[CUT_ROOM].d;
    view piece;
    for (int more; (more = cutter_next(&c, &piece)) != NO_PIECE;) {
        if (more == PIECE) {
            n++;
            room += (double)str_room(piece.n);
            continue;
        }
        fp->r[CUT_N].d = n;
        fp->r[CUT_ROOM].d = room;
        if (cut_pause(p, fp, &c) == ION_LEAVE)
            return ION_LEAVE;
    }
    room += 2 * (double)(margin * str_room(0));
    n += 2 * (double)margin;
    ion_value v = native_array_room(p, fp, (uint64_t)n, (uint64_t)room, NULL, 0);
    if (v == ION_LEAVE)
        return v;
    fp->r[CUT_ARRAY].v = v;
    fp->r[CUT_AT].d = fp->r[CUT_SEEK].d = 0;
    fp->r[CUT_N].d = n;
    fp->r[CUT_ROOM].d = room;
    return v;
}

/* Makes the pieces. What was reserved before a pause is reserved again after it. */
static ion_value cut_make(ion_process *p, ion_frame *fp, uint64_t margin)
{
    if (!gc_reserve(p, fp, (size_t)fp->r[CUT_ROOM].d, NULL, 0))
        return proc_no_memory(p, fp);
    cutter c = cutter_load(fp, native_step(p));
    array *to = AS(array, fp->r[CUT_ARRAY].v);
    double room = fp->r[CUT_ROOM].d;
    uint64_t n = (uint64_t)fp->r[CUT_N].d;
    while (to->len < n) {
        view piece = {"", 0};
        bool inside = to->len >= margin && to->len < n - margin;
        while (inside && cutter_next(&c, &piece) == PAUSE) {
            fp->r[CUT_ROOM].d = room;
            if (cut_pause(p, fp, &c) == ION_LEAVE)
                return ION_LEAVE;
        }
        ion_value s = str_place(p, piece.s, piece.n);
        if (!s)
            return proc_no_memory(p, fp);
        room -= (double)str_room(piece.n);
        to->store->items[to->len++] = s;
    }
    return fp->r[CUT_ARRAY].v;
}

/* An array of the pieces, `margin` empty strings at both ends. */
static ion_value cut(ion_process *p, ion_frame *fp, ion_u32 argc, uint64_t margin)
{
    if (argc != ION_RESUMED) {
        for (uint32_t i = argc; i < CUT_SLOTS; i++)
            fp->r[i].v = ION_UNDEFINED;
        fp->r[CUT_AT].d = fp->r[CUT_SEEK].d = fp->r[CUT_N].d = fp->r[CUT_ROOM].d = 0;
        fp->n = CUT_SLOTS;
    }
    if (fp->r[CUT_ARRAY].v == ION_UNDEFINED && cut_count(p, fp, margin) == ION_LEAVE)
        return ION_LEAVE;
    return cut_make(p, fp, margin);
}

ion_value lib_StrSplit(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    return cut(p, fp, argc, string_len(fp->r[CUT_DELIMITER].v) == 0);
}

ion_value lib_StrChars(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    return cut(p, fp, argc, 0);
}

/* ---- joining ---- */

/* Elements and delimiters in turn. */
static show_next next_joined(show *s, ion_value *v)
{
    const array *a = AS(array, s->values[0]);
    uint64_t i = s->at / 2;
    if (s->at % 2)
        return i + 1 < a->len ? show_text(s, string_bytes(s->extra), string_len(s->extra)) : SHOW_END;
    *v = i < a->len ? a->store->items[i] : ION_UNDEFINED;
    return i < a->len ? SHOW_VALUE : SHOW_END;
}

ion_value lib_StrJoin(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    static const show_kind kind = {next_joined, show_string};
    return show_values(p, fp, argc, &kind, &fp->r[0].v, 1, fp->r[1].v, NULL);
}
