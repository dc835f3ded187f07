/* print.c: values as text, and which objects printing meets.
 *
 * A container met while it is open contains itself. Up to PRINT_SHALLOW levels that is found by looking through the list
 * of levels, beyond by a map. Printing can take exponential time where values share parts, bounded by OUT_MAX; collecting
 * objects cannot.
 */
#include "print.h"

#include "atom.h"
#include "mem.h"
#include "native.h"
#include "number.h"
#include "object.h"
#include "str.h"

/* What things cost, as native_step counts. */
enum { PART_UNITS = 10, MEET_UNITS = 2, ENTER_UNITS = 12, BYTES_A_UNIT = 8 };
enum { TEXT_PIECE = 32 * 1024 }; /* bytes of a text that are put at once */

void print_start(print_walk *w, bool tracked)
{
    w->tracked = tracked;
    w->list = w->few;
    w->depth = 0;
    w->cap = PRINT_SHALLOW;
    w->open = (idmap){0};
    w->failed = false;
    w->text_len = 0;
}

void print_move(print_walk *to, const print_walk *from)
{
    memcpy(to, from, sizeof *to);
    if (to->list == from->few)
        to->list = to->few;
}

void print_end(print_walk *w)
{
    if (w->list != w->few)
        mem_free(w->list);
    idmap_free(&w->open);
}

static void mark_open(print_walk *w, ion_value v, bool open)
{
    if (!w->tracked)
        return;
    uint32_t *at = idmap_at(&w->open, v);
    if (at)
        *at = open;
    else
        w->failed = true;
}

static bool levels_grow(print_walk *w)
{
    print_level *list = w->cap > UINT32_MAX / 2 ? NULL : mem_realloc(w->list == w->few ? NULL : w->list, 2 * (size_t)w->cap * sizeof *list);
    if (!list)
        return false;
    if (w->list == w->few) {
        memcpy(list, w->few, sizeof w->few);
        for (uint32_t i = 0; i < w->depth; i++)
            mark_open(w, list[i].v, true);
    }
    w->list = list;
    w->cap *= 2;
    return true;
}

static print_level *level_push(print_walk *w, ion_value v)
{
    if (w->depth == w->cap && !levels_grow(w)) {
        w->failed = true;
        return NULL;
    }
    if (w->list != w->few)
        mark_open(w, v, true);
    print_level *l = &w->list[w->depth++];
    *l = (print_level){.v = v};
    return l;
}

static void level_pop(print_walk *w)
{
    w->depth--;
    if (w->list != w->few)
        mark_open(w, w->list[w->depth].v, false);
}

static bool is_open(const print_walk *w, ion_value v)
{
    if (w->list != w->few)
        return idmap_get(&w->open, v) != 0;
    for (uint32_t i = 0; i < w->depth; i++)
        if (w->list[i].v == v)
            return true;
    return false;
}

/* ---- what containers hold ---- */

static bool is_container(ion_value v)
{
    return ION_IS_OBJECT(v) || ION_IS_ARRAY(v) || is_tuple(v);
}

/* The tag of an enum value; 0 for other objects. */
static ion_value tag_of(ion_value object_)
{
    found f = object_own(AS(object, object_), ATOM(tag));
    return f.yes && (ION_IS_ATOM(f.value) || is_string(f.value)) ? f.value : 0;
}

static ion_value slots_of(ion_value object_)
{
    found f = object_own(AS(object, object_), ATOM(slots));
    return f.yes ? f.value : ION_UNIT;
}

/* The next part of an open container as it is printed; *name: its key in an object, else 0. False at the end. */
static bool level_next(print_level *l, ion_value *part, ion_value *name)
{
    *name = 0;
    if (ION_IS_OBJECT(l->v) && !l->enumerated) {
        found f;
        while (object_next(AS(object, l->v), &l->i, name, &f))
            if (f.flags & ION_ENUMERABLE) {
                *part = f.value;
                return true;
            }
        return false;
    }
    if (ION_IS_OBJECT(l->v)) {
        *part = slots_of(l->v);
        return l->i++ == 0;
    }
    if (ION_IS_ARRAY(l->v)) {
        const array *a = AS(array, l->v);
        if (l->i >= a->len)
            return false;
        *part = a->store->items[l->i++];
        return true;
    }
    const tuple *t = AS(tuple, l->v);
    if (l->i >= HEAD_COUNT(t->head))
        return false;
    *part = t->items[l->i++];
    return true;
}

/* ---- printing ---- */

static void put_number(outbuf *o, double d)
{
    char text[NUMBER_MAX];
    out_put(o, text, number_format(text, d));
}

void print_text(outbuf *o, print_walk *w, const char *text, size_t n)
{
    size_t now = n > TEXT_PIECE ? TEXT_PIECE : n;
    out_put(o, text, now);
    w->text = text + now;
    w->text_len = n - now;
}

static void put_text(outbuf *o, ion_value v, bool drop_colon)
{
    const char *bytes;
    size_t len;
    if (!text_view(v, &bytes, &len))
        return;
    bool colon = drop_colon && len > 0 && bytes[0] == ':';
    out_put(o, bytes + colon, len - colon);
}

static void put_complex(outbuf *o, const complex_number *c)
{
    char text[NUMBER_MAX];
    put_number(o, c->re);
    size_t n = number_format(text, c->im);
    if (text[0] != '-')
        out_puts(o, "+");
    out_put(o, text, n);
    out_puts(o, "i");
}

static void put_function(outbuf *o, ion_value v)
{
    const char *name = callee_function(v)->name;
    out_puts(o, *name ? "[Function: " : "[Function");
    out_puts(o, name);
    out_puts(o, "]");
}

static void put_leaf(outbuf *o, print_walk *w, ion_value v)
{
    if (is_string(v)) {
        print_text(o, w, string_bytes(v), string_len(v));
        return;
    }
    switch (type_of(v)) {
    case TYPE_NUMBER: put_number(o, number_of(v)); return;
    case TYPE_BOOLEAN: out_puts(o, v == ION_TRUE ? "true" : "false"); return;
    case TYPE_ATOM:
    case TYPE_STRING: put_text(o, v, false); return;
    case TYPE_UNIT: out_puts(o, "()"); return;
    case TYPE_COMPLEX: put_complex(o, AS(complex_number, v)); return;
    case TYPE_FUNCTION: put_function(o, v); return;
    case TYPE_PROCESS: out_puts(o, "[Process]"); return;
    default: out_puts(o, "undefined"); return;
    }
}

/* What is printed in place of an object; NULL: the object itself. */
static const ion_value *instead(const replacement *r, ion_value v)
{
    uint32_t number = r && ION_IS_OBJECT(v) ? idmap_get(&r->places, v) : 0;
    return number && r->results[number - 1] != ION_ABSENT ? &r->results[number - 1] : NULL;
}

/* Opens a container. */
static void open_container(outbuf *o, print_walk *w, ion_value v, bool plain)
{
    ion_value tag = ION_IS_OBJECT(v) ? tag_of(v) : 0;
    if (!tag) {
        out_puts(o, ION_IS_OBJECT(v) ? "{" : ION_IS_ARRAY(v) ? "[" : "(");
        print_level *l = level_push(w, v);
        if (l)
            l->plain = plain;
        return;
    }
    out_puts(o, ":");
    put_text(o, tag, true);
    ion_value slots = slots_of(v);
    print_level *l = slots == ION_UNIT ? NULL : level_push(w, v);
    if (!l)
        return;
    l->enumerated = true;
    l->plain = plain;
    l->brackets = !ION_IS_ARRAY(slots) && !is_tuple(slots);
    if (l->brackets)
        out_puts(o, "(");
}

void print_begin(outbuf *o, print_walk *w, ion_value v, const replacement *r)
{
    const ion_value *result = instead(r, v);
    ion_value shown = result ? *result : v;
    if (!is_container(shown))
        put_leaf(o, w, shown);
    else if (is_open(w, shown))
        out_puts(o, "\u2026");
    else
        open_container(o, w, shown, !r || result);
}

static void put_end(outbuf *o, const print_level *l)
{
    if (l->enumerated)
        out_puts(o, l->brackets ? ")" : "");
    else
        out_puts(o, ION_IS_OBJECT(l->v) ? "}" : ION_IS_ARRAY(l->v) ? "]" : ")");
}

/* The next part of the innermost container, or its end. */
static void print_part(outbuf *o, print_walk *w, const replacement *r)
{
    print_level *l = &w->list[w->depth - 1];
    ion_value part, name;
    if (!level_next(l, &part, &name)) {
        put_end(o, l);
        level_pop(w);
        return;
    }
    if (l->begun)
        out_puts(o, ", ");
    l->begun = true;
    bool plain = l->plain; /* l may move */
    if (name) {
        put_text(o, name, false);
        out_puts(o, ": ");
    }
    print_begin(o, w, part, plain ? NULL : r);
}

bool print_some(outbuf *o, print_walk *w, const replacement *r, uint64_t *left)
{
    while ((w->depth || w->text_len) && !o->failed) {
        if (*left == 0)
            return false;
        size_t before = o->len;
        if (w->text_len)
            print_text(o, w, w->text, w->text_len);
        else
            print_part(o, w, r);
        native_spend(left, PART_UNITS + (o->len - before) / BYTES_A_UNIT + w->open.cost);
        o->failed |= w->failed;
    }
    return true;
}

void print_value(outbuf *o, ion_value v, const replacement *r)
{
    uint64_t left = UINT64_MAX;
    print_walk w;
    print_start(&w, true);
    print_begin(o, &w, v, r);
    while (!print_some(o, &w, r, &left))
        left = UINT64_MAX;
    print_end(&w);
}

/* ---- objects with __str__ ---- */

bool replacement_put(replacement *r, uint32_t i)
{
    uint32_t *number = idmap_at(&r->places, r->objects[i]);
    if (number)
        *number = i + 1;
    return number != NULL;
}

typedef struct collector {
    outbuf *objects;
    const replacement *known;
    print_walk *open;
    idmap *met; /* 1 for objects collected and containers of containers entered */
    uint64_t *left;
} collector;

/* Whether printing a container that has been opened may meet others. Keeps the map small: what holds only a few leaves may
 * as well be looked at again. */
static bool holds_containers(ion_value v)
{
    enum { FEW = 64 };
    print_level l = {.v = v, .enumerated = ION_IS_OBJECT(v) && tag_of(v)};
    ion_value part, name;
    for (int i = 0; level_next(&l, &part, &name); i++)
        if (is_container(part) || i == FEW)
            return true;
    return false;
}

static bool first_time(collector *c, ion_value v)
{
    uint32_t *met = idmap_at(c->met, v);
    native_spend(c->left, ENTER_UNITS + c->met->cost);
    if (!met) {
        c->open->failed = true;
        return false;
    }
    return *met ? false : (*met = 1);
}

static void meet(collector *c, ion_value v)
{
    if (!is_container(v))
        return;
    native_spend(c->left, ENTER_UNITS);
    if (ION_IS_OBJECT(v) && object_method(v, ATOM(str))) {
        if (!(c->known && idmap_get(&c->known->places, v)) && first_time(c, v))
            out_put(c->objects, (const char *)&v, sizeof v);
        return;
    }
    if (!holds_containers(v) || !first_time(c, v))
        return;
    print_level *l = level_push(c->open, v);
    if (l)
        l->enumerated = ION_IS_OBJECT(v) && tag_of(v);
}

bool print_collect(outbuf *objects, print_walk *w, idmap *met, const ion_value *values, uint32_t n, uint64_t *at,
                   const replacement *known, uint64_t *left)
{
    collector c = {objects, known, w, met, left};
    while ((w->depth || *at < n) && !w->failed) {
        ion_value part, name;
        if (*left == 0)
            return false;
        native_spend(left, MEET_UNITS);
        if (!w->depth)
            meet(&c, values[(*at)++]);
        else if (level_next(&w->list[w->depth - 1], &part, &name))
            meet(&c, part);
        else
            level_pop(w);
    }
    objects->failed |= w->failed;
    return true;
}
