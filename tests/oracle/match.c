/* match.c: patterns. The values that the coming nodes are to fit wait on a stack; the nodes are read straight on. */
#include <string.h>

#include "object.h"

/* An object's own property that is not hidden, or NULL. */
static const property *visible(const object *o, const name *key)
{
    const property *p = object_own(o, key);
    return p && !(p->flags & HIDDEN) ? p : NULL;
}

static bool tags_equal(value v, const name *tag)
{
    size_t n, m = tag->len;
    const char *s = text_of(v, &n), *t = tag->text;
    if (n && *s == ':') {
        s++;
        n--;
    }
    if (m && *t == ':') {
        t++;
        m--;
    }
    return n == m && memcmp(s, t, n) == 0;
}

static bool fits_tagged(stack *todo, value v, const name *tag)
{
    const property *p = v.type == T_OBJECT ? visible(v.object, name_from("__tag")) : NULL;
    if (!p || !is_text(p->value) || !tags_equal(p->value, tag))
        return false;
    const property *slots = visible(v.object, name_from("__slots"));
    stack_push(todo, slots ? slots->value : v_unit());
    return true;
}

/* An object as a tuple: its properties "0" … "n-1". */
static bool fits_numbered(stack *todo, const object *o, uint32_t n)
{
    if (n > o->len)
        return false;
    for (uint32_t i = n; i-- > 0;) {
        buffer b = {0};
        buffer_printf(&b, "%u", i);
        const property *p = visible(o, name_of(b.data, b.len));
        buffer_free(&b);
        if (!p)
            return false;
        stack_push(todo, p->value);
    }
    return true;
}

static bool fits_list(stack *todo, const list *l, uint32_t n)
{
    if (l->len != n)
        return false;
    for (uint32_t i = n; i-- > 0;)
        stack_push(todo, l->items[i]);
    return true;
}

static bool fits_value(value v, const pattern_node *p, uint64_t *charges)
{
    comparison c = {.in_pattern = true};
    bool equal = values_equal(p->value, v, &c);
    *charges += c.pairs / 256 + c.string_charges;
    return equal;
}

static bool fits_node(stack *todo, value v, const pattern_node *p, uint64_t *charges)
{
    switch (p->kind) {
    case P_VALUE: return fits_value(v, p, charges);
    case P_WILDCARD: return true;
    case P_TUPLE:
        if (v.type == T_OBJECT)
            return fits_numbered(todo, v.object, p->n);
        return (v.type == T_TUPLE || v.type == T_ARRAY) && fits_list(todo, v.list, p->n);
    case P_ARRAY: return v.type == T_ARRAY && fits_list(todo, v.list, p->n);
    case P_TAGGED: return fits_tagged(todo, v, p->tag);
    }
    return false;
}

bool match_fits(value v, const match_case *m, uint64_t *charges)
{
    stack todo = {0};
    stack_push(&todo, v);
    bool fits = true;
    for (size_t i = 0; fits && i < m->n; i++)
        fits = fits_node(&todo, stack_pop(&todo), &m->nodes[i], charges);
    stack_free(&todo);
    return fits;
}
