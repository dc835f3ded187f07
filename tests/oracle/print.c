/* print.c: values as text, and the walk that finds whose `__str__` to ask.
 *
 * Both go through containers with a stack of cursors. While one is being printed its `open` mark is set: met again, it
 * contains itself. Printing runs no code of the program, so no mark is left set.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "object.h"

/* What is being printed: a list or an object from part i on; `slots`: an enum value whose slots have begun. */
typedef struct printing {
    value v;
    size_t i;
    const map *said;
    bool slots;
    const char *closer;
} printing;

typedef struct printer {
    buffer *out;
    printing *items;
    size_t n, cap;
} printer;

static bool *open_mark(value v)
{
    return v.type == T_OBJECT ? &v.object->open : &v.list->open;
}

static void print_function(buffer *out, const callable *f)
{
    while (f->kind == CLOSURE || f->kind == BOUND)
        f = f->inner;
    const name *own = f->kind == CODE ? f->code->name : f->library_name;
    if (!own || own->len == 0) {
        buffer_puts(out, "[Function]");
        return;
    }
    buffer_puts(out, "[Function: ");
    buffer_put(out, own->text, own->len);
    buffer_puts(out, "]");
}

static void print_complex(buffer *out, const cnumber *c)
{
    print_number(out, c->re);
    if (c->im < 0) {
        buffer_puts(out, "-");
        print_number(out, -c->im);
    } else {
        buffer_puts(out, "+");
        print_number(out, c->im);
    }
    buffer_puts(out, "i");
}

static void print_tag(buffer *out, value tag)
{
    size_t n;
    const char *s = text_of(tag, &n);
    size_t skip = n > 0 && s[0] == ':';
    buffer_puts(out, ":");
    buffer_put(out, s + skip, n - skip);
}

/* Begins a container, or prints the mark of one that is being printed already. */
static void enter(printer *p, value v, const map *said)
{
    if (*open_mark(v)) {
        buffer_puts(p->out, "…");
        return;
    }
    *open_mark(v) = true;
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 16;
        p->items = heap_resize(p->items, p->cap * sizeof(printing));
    }
    const char *closer = ")";
    if (v.type == T_OBJECT && object_tag(v.object)) {
        print_tag(p->out, object_tag(v.object)->value);
        closer = "";
    } else {
        buffer_puts(p->out, v.type == T_TUPLE ? "(" : v.type == T_ARRAY ? "[" : "{");
        closer = v.type == T_TUPLE ? ")" : v.type == T_ARRAY ? "]" : "}";
    }
    p->items[p->n++] = (printing){.v = v, .said = said, .closer = closer};
}

static void print_one(printer *p, value v, const map *said)
{
    const value *instead = v.type == T_OBJECT && said ? map_find(said, v.object, NULL) : NULL;
    if (instead) {
        print_one(p, *instead, NULL);
        return;
    }
    size_t n;
    const char *s;
    switch (v.type) {
    case T_UNDEFINED: buffer_puts(p->out, "undefined"); break;
    case T_UNIT: buffer_puts(p->out, "()"); break;
    case T_BOOLEAN: buffer_puts(p->out, v.boolean ? "true" : "false"); break;
    case T_NUMBER: print_number(p->out, v.number); break;
    case T_COMPLEX: print_complex(p->out, v.complex); break;
    case T_ATOM:
    case T_STRING:
        s = text_of(v, &n);
        buffer_put(p->out, s, n);
        break;
    case T_FUNCTION: print_function(p->out, v.function); break;
    case T_PROCESS: buffer_puts(p->out, "[Process]"); break;
    case T_TUPLE:
    case T_ARRAY:
    case T_OBJECT: enter(p, v, said); break;
    }
}

static const value *slots_of(const object *o)
{
    const property *p = object_own(o, name_from("__slots"));
    return p && p->value.type != T_UNIT ? &p->value : NULL;
}

/* The next part of the innermost container; false when it has none left. */
static bool next_part(printer *p)
{
    printing *top = &p->items[p->n - 1];
    const map *said = top->said;
    if (top->v.type != T_OBJECT) {
        const list *l = top->v.list;
        if (top->i == l->len)
            return false;
        if (top->i > 0)
            buffer_puts(p->out, ", ");
        print_one(p, l->items[top->i++], said);
        return true;
    }
    const object *o = top->v.object;
    if (object_tag(o)) {
        const value *slots = slots_of(o);
        if (top->slots || !slots)
            return false;
        top->slots = true;
        if (slots->type != T_TUPLE && slots->type != T_ARRAY) {
            buffer_puts(p->out, "(");
            top->closer = ")";
        }
        print_one(p, *slots, said);
        return true;
    }
    while (top->i < o->len && !(o->props[top->i].flags & ENUMERABLE))
        top->i++;
    if (top->i == o->len)
        return false;
    if (top->slots)
        buffer_puts(p->out, ", ");
    top->slots = true;
    const property *prop = &o->props[top->i++];
    buffer_put(p->out, prop->key->text, prop->key->len);
    buffer_puts(p->out, ": ");
    print_one(p, prop->value, said);
    return true;
}

void print_value(buffer *out, value v, const map *said)
{
    printer p = {.out = out};
    print_one(&p, v, said);
    while (p.n) {
        size_t depth = p.n;
        if (next_part(&p))
            continue;
        p.n = depth - 1;
        buffer_puts(out, p.items[p.n].closer);
        *open_mark(p.items[p.n].v) = false;
    }
    free(p.items);
}

value printed(value v)
{
    buffer b = {0};
    print_value(&b, v, NULL);
    value text = v_string(b.data, b.len);
    buffer_free(&b);
    return text;
}

static void walk_push(walk *w, value v)
{
    w->items = mem_room(w->items, w->n, &w->cap, sizeof(cursor));
    w->items[w->n++] = (cursor){.v = v};
}

/* The part of a container at its cursor, which moves on; false at the end. */
static bool walk_part(cursor *c, value *part)
{
    if (c->v.type != T_OBJECT) {
        if (c->i >= c->v.list->len)
            return false;
        *part = c->v.list->items[c->i++];
        return true;
    }
    const object *o = c->v.object;
    if (object_tag(o)) {
        const value *slots = slots_of(o);
        if (c->i++ > 0 || !slots)
            return false;
        *part = *slots;
        return true;
    }
    while (c->i < o->len && !(o->props[c->i].flags & ENUMERABLE))
        c->i++;
    if (c->i >= o->len)
        return false;
    *part = o->props[c->i++].value;
    return true;
}

void walk_start(walk *w, value things)
{
    w->seen = (map){.lasting = true};
    w->found.lasting = w->said.lasting = true;
    w->n = 0;
    walk_push(w, things);
}

object *walk_next(walk *w)
{
    static name *str;
    if (!str)
        str = name_from("__str__");
    while (w->n) {
        value part;
        if (!walk_part(&w->items[w->n - 1], &part)) {
            w->n--;
            continue;
        }
        if (part.type != T_TUPLE && part.type != T_ARRAY && part.type != T_OBJECT)
            continue;
        const void *address = part.type == T_OBJECT ? (void *)part.object : part.list;
        if (map_find(&w->seen, address, NULL))
            continue;
        map_put(&w->seen, address, NULL, v_unit());
        if (part.type != T_OBJECT || !object_magic(part.object, str)) {
            walk_push(w, part);
        } else if (!map_find(&w->found, part.object, NULL)) {
            map_put(&w->found, part.object, NULL, v_unit());
            return part.object;
        }
    }
    return NULL;
}
