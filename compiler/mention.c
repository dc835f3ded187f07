/* mention.c: the atoms and function references that the constants of instructions consist of. */
#include "ionc.h"

typedef struct visitor {
    void (*each)(void *context, value *v);
    void *context;
} visitor;

/* Values nest at most MAX_NESTING deep. */
static void visit_value(const visitor *x, value *v)
{
    if (v->tag == V_ATOM || v->tag == V_FUNCTION)
        x->each(x->context, v);
    for (uint32_t i = 0; (v->tag == V_ARRAY || v->tag == V_TUPLE) && i < v->n; i++)
        visit_value(x, v->items[i]);
    for (uint32_t i = 0; v->tag == V_OBJECT && i < v->n; i++)
        visit_value(x, v->props[i].value);
}

static void visit_pattern(const visitor *x, pattern *p)
{
    if (p->kind == P_VALUE)
        visit_value(x, p->value);
    for (uint32_t i = 0; i < p->n; i++)
        visit_pattern(x, p->items[i]);
}

void instr_mentions(instr *i, void (*each)(void *context, value *v), void *context)
{
    const visitor x = {each, context};
    if (i->op == OP_LOAD_CONST)
        visit_value(&x, i->value);
    for (uint32_t j = 0; i->op == OP_OBJECT_INIT && j < i->n; j++)
        if (i->props[j].value)
            visit_value(&x, i->props[j].value);
    for (uint32_t j = 0; i->op == OP_MATCH && j < i->n; j++)
        visit_pattern(&x, i->cases[j].pattern);
}

void function_mentions(function *f, void (*each)(void *context, value *v), void *context)
{
    for (uint32_t pc = 0; pc < f->n; pc++)
        instr_mentions(&f->code[pc], each, context);
}
