/* reach.c: leaves out functions that nothing refers to, directly or through others, beginning at the entry function.
 *
 * A function can be called only through a reference in a constant, so what no reached code mentions never runs. What it
 * says still counts where it is the whole program that matters: names of the library, atoms.
 */
#include "ionc.h"

typedef struct reacher {
    program *p;
    bool *reached;       /* per function */
    uint32_t *todo, n;   /* reached, and not gone through */
    const uint32_t *now; /* NULL while looking; then the new index of each function */
} reacher;

static void reach(reacher *x, uint32_t f)
{
    if (!x->reached[f]) {
        x->reached[f] = true;
        x->todo[x->n++] = f;
    }
}

/* Values nest at most MAX_NESTING deep. */
static void visit_value(reacher *x, value *v)
{
    if ((v->tag == V_ATOM || v->tag == V_FUNCTION) && v->meaning == M_FUNCTION) {
        if (x->now)
            v->target = x->now[v->target];
        else
            reach(x, v->target);
    }
    for (uint32_t i = 0; (v->tag == V_ARRAY || v->tag == V_TUPLE) && i < v->n; i++)
        visit_value(x, v->items[i]);
    for (uint32_t i = 0; v->tag == V_OBJECT && i < v->n; i++)
        visit_value(x, v->props[i].value);
}

static void visit_pattern(reacher *x, pattern *p)
{
    if (p->kind == P_VALUE)
        visit_value(x, p->value);
    for (uint32_t i = 0; i < p->n; i++)
        visit_pattern(x, p->items[i]);
}

static void visit_function(reacher *x, function *f)
{
    for (uint32_t pc = 0; pc < f->n; pc++) {
        instr *i = &f->code[pc];
        if (i->op == OP_LOAD_CONST)
            visit_value(x, i->value);
        for (uint32_t j = 0; i->op == OP_OBJECT_INIT && j < i->n; j++)
            if (i->props[j].value)
                visit_value(x, i->props[j].value);
        for (uint32_t j = 0; i->op == OP_MATCH && j < i->n; j++)
            visit_pattern(x, i->cases[j].pattern);
    }
}

void program_reach(compilation *c, program *p)
{
    if (p->entry == NOT_FOUND || !optimise(c, OPT_REACH))
        return;
    reacher x = {.p = p, .reached = arena_alloc(c, p->n + 1), .todo = arena_alloc(c, (p->n + 1) * sizeof *x.todo)};
    reach(&x, p->entry);
    while (x.n)
        visit_function(&x, p->functions[x.todo[--x.n]]);
    uint32_t *now = arena_alloc(c, (p->n + 1) * sizeof *now), kept = 0;
    p->unreached = arena_alloc(c, (p->n + 1) * sizeof(function *));
    for (uint32_t i = 0; i < p->n; i++) {
        function *f = p->functions[i];
        if (!x.reached[i] && !f->native) {
            p->unreached[p->nunreached++] = f;
            continue;
        }
        now[i] = f->index = kept;
        p->functions[kept++] = f;
    }
    p->n = kept;
    p->entry = now[p->entry];
    x.now = now;
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->functions[i]->native)
            visit_function(&x, p->functions[i]);
}
