/* needs.c: which capabilities a program needs: those of the library functions that its functions mention, and of what
 * their instructions do. One row a capability, with the first function that needs it; the emitter hands the rows to the
 * runtime, which refuses a program that lacks one before anything of it runs.
 */
#include "ionc.h"

typedef struct collector {
    compilation *c;
    program *p;
    uint32_t cap;
    const function *now;
} collector;

static void need(collector *x, const char *name, const char *what)
{
    program *p = x->p;
    for (uint32_t i = 0; i < p->nneeds; i++)
        if (strcmp(p->needs[i].capability, name) == 0)
            return;
    p->needs = GROW(x->c, p->needs, p->nneeds, x->cap);
    p->needs[p->nneeds++] = (struct need){name, what, x->now->index};
}

/* Values nest at most MAX_NESTING deep. */
static void visit_value(collector *x, const value *v)
{
    if ((v->tag == V_ATOM || v->tag == V_FUNCTION) && v->meaning == M_LIBRARY) {
        capability which = capability_of(v->library.s);
        if (which != CAPABILITIES)
            need(x, capability_rows[which].name, v->library.s);
    }
    if ((v->tag == V_ATOM || v->tag == V_FUNCTION) && v->meaning == M_NATIVE) {
        const native_decl *d = &x->p->natives->list[v->target];
        need(x, arena_format(x->c, "ffi:%s", x->p->natives->libraries[d->library].name), d->signature.name);
    }
    for (uint32_t i = 0; (v->tag == V_ARRAY || v->tag == V_TUPLE) && i < v->n; i++)
        visit_value(x, v->items[i]);
    for (uint32_t i = 0; v->tag == V_OBJECT && i < v->n; i++)
        visit_value(x, v->props[i].value);
}

static void visit_pattern(collector *x, const pattern *p)
{
    if (p->kind == P_VALUE)
        visit_value(x, p->value);
    for (uint32_t i = 0; i < p->n; i++)
        visit_pattern(x, p->items[i]);
}

static void visit_function(collector *x, const function *f)
{
    x->now = f;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        const instr *i = &f->code[pc];
        if (i->op == OP_SPAWN)
            need(x, capability_rows[CAPABILITY_SPAWN].name, op_table[OP_SPAWN].name);
        if (i->op == OP_LOAD_CONST)
            visit_value(x, i->value);
        for (uint32_t j = 0; i->op == OP_OBJECT_INIT && j < i->n; j++)
            if (i->props[j].value)
                visit_value(x, i->props[j].value);
        for (uint32_t j = 0; i->op == OP_MATCH && j < i->n; j++)
            visit_pattern(x, i->cases[j].pattern);
    }
}

void program_needs(compilation *c, program *p)
{
    collector x = {.c = c, .p = p};
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->functions[i]->native)
            visit_function(&x, p->functions[i]);
}
