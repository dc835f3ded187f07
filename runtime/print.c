/* print.c: values as text, and which objects printing meets.
 *
 * Both walk a value depth first with a list of levels, one for each container that is open; a container met while it
 * is open contains itself. Up to SHALLOW levels that is found by looking through the list, beyond by a map.
 * Printing can take exponential time where values share parts, bounded by OUT_MAX; collecting objects cannot.
 */
#include "print.h"

#include "atom.h"
#include "mem.h"
#include "number.h"
#include "object.h"
#include "str.h"

enum { SHALLOW = 32 };

/* An open container. */
typedef struct level {
    ion_value v;
    uint32_t i;      /* where to go on */
    bool enumerated; /* an enum value: its one part are its slots */
    bool brackets;   /* ... in parentheses */
    bool begun;      /* a part has been given */
    bool plain;      /* its parts are printed without asking */
} level;

typedef struct levels {
    level *list;
    uint32_t depth, cap;
    level few[SHALLOW];
    idmap open;   /* 1 for what is open; in use once depth has passed SHALLOW */
    bool tracked; /* is_open will be asked */
    bool failed;
} levels;

static void levels_start(levels *w, bool tracked)
{
    w->tracked = tracked;
    w->list = w->few;
    w->depth = 0;
    w->cap = SHALLOW;
    w->open = (idmap){0};
    w->failed = false;
}

static void levels_free(levels *w)
{
    if (w->list != w->few)
        mem_free(w->list);
    idmap_free(&w->open);
}

static void mark_open(levels *w, ion_value v, bool open)
{
    if (!w->tracked)
        return;
    uint32_t *at = idmap_at(&w->open, v);
    if (at)
        *at = open;
    else
        w->failed = true;
}

static bool levels_grow(levels *w)
{
    level *list = w->cap > UINT32_MAX / 2 ? NULL : mem_alloc(2 * (size_t)w->cap * sizeof *list);
    if (!list)
        return false;
    memcpy(list, w->list, w->depth * sizeof *list);
    if (w->list == w->few) {
        for (uint32_t i = 0; i < w->depth; i++)
            mark_open(w, list[i].v, true);
    } else {
        mem_free(w->list);
    }
    w->list = list;
    w->cap *= 2;
    return true;
}

static level *level_push(levels *w, ion_value v)
{
    if (w->depth == w->cap && !levels_grow(w)) {
        w->failed = true;
        return NULL;
    }
    if (w->list != w->few)
        mark_open(w, v, true);
    level *l = &w->list[w->depth++];
    *l = (level){.v = v};
    return l;
}

static void level_pop(levels *w)
{
    w->depth--;
    if (w->list != w->few)
        mark_open(w, w->list[w->depth].v, false);
}

static bool is_open(const levels *w, ion_value v)
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
static bool level_next(level *l, ion_value *part, ion_value *name)
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

static void put_leaf(outbuf *o, ion_value v)
{
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
static void open_container(outbuf *o, levels *w, ion_value v, bool plain)
{
    ion_value tag = ION_IS_OBJECT(v) ? tag_of(v) : 0;
    if (!tag) {
        out_puts(o, ION_IS_OBJECT(v) ? "{" : ION_IS_ARRAY(v) ? "[" : "(");
        level *l = level_push(w, v);
        if (l)
            l->plain = plain;
        return;
    }
    out_puts(o, ":");
    put_text(o, tag, true);
    ion_value slots = slots_of(v);
    level *l = slots == ION_UNIT ? NULL : level_push(w, v);
    if (!l)
        return;
    l->enumerated = true;
    l->plain = plain;
    l->brackets = !ION_IS_ARRAY(slots) && !is_tuple(slots);
    if (l->brackets)
        out_puts(o, "(");
}

static void put(outbuf *o, levels *w, ion_value v, const replacement *r)
{
    const ion_value *result = instead(r, v);
    ion_value shown = result ? *result : v;
    if (!is_container(shown))
        put_leaf(o, shown);
    else if (is_open(w, shown))
        out_puts(o, "\u2026");
    else
        open_container(o, w, shown, !r || result);
}

static void put_end(outbuf *o, const level *l)
{
    if (l->enumerated)
        out_puts(o, l->brackets ? ")" : "");
    else
        out_puts(o, ION_IS_OBJECT(l->v) ? "}" : ION_IS_ARRAY(l->v) ? "]" : ")");
}

void print_value(outbuf *o, ion_value v, const replacement *r)
{
    if (!is_container(v)) {
        put_leaf(o, v);
        return;
    }
    levels w;
    levels_start(&w, true);
    put(o, &w, v, r);
    while (w.depth && !o->failed && !w.failed) {
        level *l = &w.list[w.depth - 1];
        ion_value part, name;
        if (!level_next(l, &part, &name)) {
            put_end(o, l);
            level_pop(&w);
            continue;
        }
        if (l->begun)
            out_puts(o, ", ");
        l->begun = true;
        bool plain = l->plain; /* l may move */
        if (name) {
            put_text(o, name, false);
            out_puts(o, ": ");
        }
        put(o, &w, part, plain ? NULL : r);
    }
    o->failed |= w.failed;
    levels_free(&w);
}

void print_debug(outbuf *o, ion_value v, const replacement *r)
{
    type t = type_of(v);
    out_puts(o, "[DEBUG] ");
    out_puts(o, type_names[t]);
    out_puts(o, t == TYPE_STRING ? ": \"" : t == TYPE_ATOM ? ": :" : ": ");
    print_value(o, v, r);
    if (t == TYPE_STRING)
        out_puts(o, "\"");
}

/* ---- objects with __str__ ---- */

bool replacement_index(replacement *r)
{
    for (uint32_t i = 0; i < r->n; i++) {
        uint32_t *number = idmap_at(&r->places, r->objects[i]);
        if (!number)
            return false;
        *number = i + 1;
    }
    return true;
}

typedef struct collector {
    outbuf *objects;
    const replacement *known;
    levels open;
    idmap met; /* 1 for objects collected and containers of containers entered */
} collector;

/* Whether printing a container that has been opened meets others. Keeps the map small: what holds only leaves may as
 * well be looked at again. */
static bool holds_containers(ion_value v)
{
    level l = {.v = v, .enumerated = ION_IS_OBJECT(v) && tag_of(v)};
    ion_value part, name;
    while (level_next(&l, &part, &name))
        if (is_container(part))
            return true;
    return false;
}

static bool first_time(collector *c, ion_value v)
{
    uint32_t *met = idmap_at(&c->met, v);
    if (!met) {
        c->open.failed = true;
        return false;
    }
    return *met ? false : (*met = 1);
}

static void meet(collector *c, ion_value v)
{
    if (!is_container(v))
        return;
    if (ION_IS_OBJECT(v) && object_method(v, ATOM(str))) {
        if (!(c->known && idmap_get(&c->known->places, v)) && first_time(c, v))
            out_put(c->objects, (const char *)&v, sizeof v);
        return;
    }
    if (!holds_containers(v) || !first_time(c, v))
        return;
    level *l = level_push(&c->open, v);
    if (l)
        l->enumerated = ION_IS_OBJECT(v) && tag_of(v);
}

void print_collect(outbuf *objects, const ion_value *values, uint32_t n, const replacement *r)
{
    for (; n && !is_container(*values); values++)
        n--;
    if (!n)
        return;
    collector c = {.objects = objects, .known = r};
    levels_start(&c.open, false);
    for (uint32_t i = 0; i < n && !c.open.failed; i++) {
        meet(&c, values[i]);
        while (c.open.depth && !c.open.failed) {
            ion_value part, name;
            if (level_next(&c.open.list[c.open.depth - 1], &part, &name))
                meet(&c, part);
            else
                level_pop(&c.open);
        }
    }
    objects->failed |= c.open.failed;
    levels_free(&c.open);
    idmap_free(&c.met);
}
