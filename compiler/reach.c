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

static void visit(void *context, value *v)
{
    reacher *x = context;
    if (v->meaning != M_FUNCTION)
        return;
    if (x->now)
        v->target = x->now[v->target];
    else
        reach(x, v->target);
}

void program_reach(compilation *c, program *p)
{
    if (p->entry == NOT_FOUND || !optimise(c, OPT_REACH))
        return;
    reacher x = {.p = p, .reached = arena_alloc(c, p->n + 1), .todo = arena_alloc(c, (p->n + 1) * sizeof *x.todo)};
    reach(&x, p->entry);
    while (x.n)
        function_mentions(p->functions[x.todo[--x.n]], visit, &x);
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
            function_mentions(p->functions[i], visit, &x);
}
