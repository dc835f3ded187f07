/* equal.c: equality and order.
 *
 * Pairs of values wait on a stack, the next one on top, so parts are compared in order and depth first. Containers
 * whose pair was met before in one comparison count as equal: that is what ends cycles.
 */
#include <string.h>

#include "object.h"

static bool bytes_equal(const char *a, size_t an, const char *b, size_t bn)
{
    return an == bn && (an == 0 || memcmp(a, b, an) == 0);
}

static bool texts_equal(value a, value b, comparison *c)
{
    if (a.type != b.type && c->in_pattern)
        return false;
    size_t an, bn;
    const char *as = text_of(a, &an), *bs = text_of(b, &bn);
    if (a.type == T_STRING && b.type == T_STRING && an == bn) {
        c->bytes += an;
        c->string_charges += an / 256;
    }
    return bytes_equal(as, an, bs, bn);
}

/* Code and library functions and closures are themselves; bound methods compare what they are made of. */
static bool functions_equal(const callable *a, const callable *b)
{
    while (a->kind == BOUND && b->kind == BOUND && a->self == b->self && a != b) {
        a = a->inner;
        b = b->inner;
    }
    return a == b;
}

static void push_pair(stack *todo, value a, value b)
{
    stack_push(todo, b);
    stack_push(todo, a);
}

static value proto_value(const object *o)
{
    return o->proto ? v_object(o->proto) : v_undefined();
}

static bool objects_push(stack *todo, const object *a, const object *b)
{
    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++)
        if (!object_own(b, a->props[i].key))
            return false;
    push_pair(todo, proto_value(a), proto_value(b));
    for (size_t i = a->len; i-- > 0;)
        push_pair(todo, a->props[i].value, object_own(b, a->props[i].key)->value);
    return true;
}

/* Compares two containers of one type as far as can be said at once; their parts go on the stack. */
static bool containers_push(stack *todo, map *met, value a, value b)
{
    const void *pa = a.type == T_OBJECT ? (void *)a.object : a.list;
    const void *pb = b.type == T_OBJECT ? (void *)b.object : b.list;
    if (pa == pb || map_find(met, pa, pb))
        return true;
    map_put(met, pa, pb, v_unit());
    if (a.type == T_OBJECT)
        return objects_push(todo, a.object, b.object);
    if (a.list->len != b.list->len)
        return false;
    for (size_t i = a.list->len; i-- > 0;)
        push_pair(todo, a.list->items[i], b.list->items[i]);
    return true;
}

static bool pair_equal(stack *todo, map *met, value a, value b, comparison *c)
{
    if (is_text(a) && is_text(b))
        return texts_equal(a, b, c);
    if (a.type != b.type)
        return false;
    switch (a.type) {
    case T_NUMBER: return a.number == b.number;
    case T_BOOLEAN: return a.boolean == b.boolean;
    case T_COMPLEX: return a.complex->re == b.complex->re && a.complex->im == b.complex->im;
    case T_FUNCTION: return functions_equal(a.function, b.function);
    case T_PROCESS: return a.process == b.process;
    case T_TUPLE:
    case T_ARRAY:
    case T_OBJECT: return containers_push(todo, met, a, b);
    default: return true;
    }
}

bool values_equal(value a, value b, comparison *c)
{
    stack todo = {0};
    map met = {0};
    c->pairs++;
    bool equal = pair_equal(&todo, &met, a, b, c);
    while (equal && todo.n) {
        value x = stack_pop(&todo), y = stack_pop(&todo);
        c->pairs++;
        equal = pair_equal(&todo, &met, x, y, c);
    }
    stack_free(&todo);
    map_free(&met);
    return equal;
}

int text_order(value a, value b)
{
    size_t an, bn;
    const char *as = text_of(a, &an), *bs = text_of(b, &bn);
    size_t n = an < bn ? an : bn;
    int order = n ? memcmp(as, bs, n) : 0;
    return order ? order : an < bn ? -1 : an > bn;
}
