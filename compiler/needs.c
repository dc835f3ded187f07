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

static void visit(void *context, value *v)
{
    collector *x = context;
    if (v->meaning == M_LIBRARY) {
        capability which = capability_of(v->library.s);
        if (which != CAPABILITIES)
            need(x, capability_rows[which].name, v->library.s);
    } else if (v->meaning == M_NATIVE) {
        const native_decl *d = &x->p->natives->list[v->target];
        need(x, arena_format(x->c, "ffi:%s", x->p->natives->libraries[d->library].name), d->signature.name);
    }
}

static void visit_function(collector *x, function *f)
{
    x->now = f;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (f->code[pc].op == OP_SPAWN)
            need(x, capability_rows[CAPABILITY_SPAWN].name, op_table[OP_SPAWN].name);
        instr_mentions(&f->code[pc], visit, x);
    }
}

void program_needs(compilation *c, program *p)
{
    collector x = {.c = c, .p = p};
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->functions[i]->native)
            visit_function(&x, p->functions[i]);
}
