/* copy.c: copies what crosses from one process to another.
 *
 * A container is copied empty when it is first met, entered in `done`, and filled when its turn comes; so what is
 * shared stays shared and cycles stay cycles, without recursion. Strings, atoms, code and process ids are shared.
 */
#include "object.h"

static bool is_container(value v)
{
    if (v.type == T_FUNCTION)
        return v.function->kind == CLOSURE || v.function->kind == BOUND;
    return v.type == T_TUPLE || v.type == T_ARRAY || v.type == T_OBJECT;
}

static const void *address(value v)
{
    return v.type == T_FUNCTION ? (void *)v.function : v.type == T_OBJECT ? (void *)v.object : v.list;
}

/* The copy of a value, its parts not yet filled in. */
static value copy_shell(copier *c, value v)
{
    c->bytes += sizeof(value) + (v.type == T_STRING ? v.string->len : 0);
    if (!is_container(v))
        return v;
    value *known = map_find(&c->done, address(v), NULL);
    if (known)
        return *known;
    value shell;
    c->units++;
    switch (v.type) {
    case T_TUPLE:
    case T_ARRAY:
        shell = v_list(v.type, v.list->len);
        c->units += v.list->len;
        break;
    case T_OBJECT:
        shell = v_object(object_new());
        c->units += v.object->len;
        break;
    default:
        shell = v_function(mem_alloc(sizeof(callable)));
        c->units += v.function->kind == BOUND ? 1 : v.function->n;
        break;
    }
    map_put(&c->done, address(v), NULL, shell);
    stack_push(&c->todo, shell);
    stack_push(&c->todo, v);
    return shell;
}

static void fill_function(copier *c, const callable *from, callable *to)
{
    *to = *from;
    to->inner = copy_shell(c, v_function(from->inner)).function;
    if (from->self)
        to->self = copy_shell(c, v_object(from->self)).object;
    to->captured = from->n ? mem_alloc(from->n * sizeof(value)) : NULL;
    for (size_t i = 0; i < from->n; i++)
        to->captured[i] = copy_shell(c, from->captured[i]);
}

static void fill(copier *c, value from, value to)
{
    switch (from.type) {
    case T_TUPLE:
    case T_ARRAY:
        for (size_t i = 0; i < from.list->len; i++)
            to.list->items[i] = copy_shell(c, from.list->items[i]);
        break;
    case T_OBJECT:
        for (size_t i = 0; i < from.object->len; i++) {
            const property *p = &from.object->props[i];
            object_define(to.object, p->key, copy_shell(c, p->value), p->flags);
        }
        if (from.object->proto)
            to.object->proto = copy_shell(c, v_object(from.object->proto)).object;
        break;
    default: fill_function(c, from.function, to.function); break;
    }
}

value copy_value(copier *c, value v)
{
    value copy = copy_shell(c, v);
    while (c->todo.n) {
        value from = stack_pop(&c->todo), to = stack_pop(&c->todo);
        fill(c, from, to);
    }
    return copy;
}

void copier_free(copier *c)
{
    map_free(&c->done);
    stack_free(&c->todo);
}

value copy_once(value v, uint64_t *units)
{
    copier c = {0};
    value copy = copy_value(&c, v);
    if (units)
        *units = c.units;
    copier_free(&c);
    return copy;
}
