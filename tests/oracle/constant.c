/* constant.c: makes a value of a constant: arrays, objects and what holds them anew at each execution, other tuples
 * once, names of the running process looked up.
 */
#include <stdlib.h>

#include "object.h"
#include "vm.h"

/* A container whose children are being made. */
typedef struct filling {
    value v;
    uint32_t at, n;
} filling;

static value node_make(const process *p, const node *v)
{
    switch (v->tag) {
    case TAG_ARRAY: return v_list(T_ARRAY, v->n);
    case TAG_TUPLE: return v_list(T_TUPLE, v->n);
    case TAG_OBJECT: return v_object(object_new());
    }
    switch ((meaning)v->meaning) {
    case M_SELF: return v_process(p->id);
    case M_PID: return v_number((double)p->id);
    case M_PROCESSES: return v_number((double)vm.alive);
    case M_PASSES: return v_number((double)vm.passes);
    case M_THIS: return p->top->self ? v_object(p->top->self) : v_undefined();
    case M_PLAIN: break;
    }
    return v->value;
}

/* Makes all of a constant; tuples that were made already, or now are, stay. */
static value make(const process *p, const constant *c);

/* The one value of a fixed tuple. */
static value fixed_tuple(const process *p, node *v)
{
    if (v->value.type != T_TUPLE)
        v->value = make(p, &(constant){v, v->span});
    return v->value;
}

value constant_make(const process *p, const constant *c)
{
    node *root = &c->nodes[0];
    return root->fixed && root->tag == TAG_TUPLE ? fixed_tuple(p, root) : make(p, c);
}

static value make(const process *p, const constant *c)
{
    value whole = node_make(p, &c->nodes[0]);
    if (c->nodes[0].n == 0)
        return whole;
    size_t depth = 0, cap = 0;
    filling *open = NULL, next = {whole, 0, c->nodes[0].n};
    for (size_t i = 1; i < c->n; i++) {
        if (next.n > 0) {
            if (depth == cap) {
                cap = cap ? cap * 2 : 8;
                open = heap_resize(open, cap * sizeof *open);
            }
            open[depth++] = next;
        }
        node *child = &c->nodes[i];
        bool fixed = child->fixed && child->tag == TAG_TUPLE && !c->nodes[0].fixed;
        value v = fixed ? fixed_tuple(p, child) : node_make(p, child);
        uint32_t parts = fixed ? 0 : child->n;
        i += fixed ? child->span - 1 : 0;
        filling *top = &open[depth - 1];
        if (top->v.type == T_OBJECT)
            object_define(top->v.object, child->key, v, child->flags);
        else
            top->v.list->items[top->at] = v;
        top->at++;
        next = (filling){v, 0, parts};
        while (parts == 0 && depth > 0 && open[depth - 1].at == open[depth - 1].n)
            depth--;
    }
    free(open);
    return whole;
}
