/* explain_why.c: why a register may hold anything: a chain of causes, from a definition to the operand that made its
 * result so, to that operand's cause, across calls, to where it began. Each cause is older than the one before it
 * in the chain (cause.since), so chains end.
 */
#include "explain.h"

enum { LINKS_FOLLOWED = 1000 };

/* ---- how a function hangs together ---- */

/* Appends a web to its register's list, once. */
static void list_web(graph *g, const web *w, uint32_t number)
{
    if (g->next[number] || g->tail[w->reg] == number + 1)
        return;
    if (g->tail[w->reg])
        g->next[g->tail[w->reg] - 1] = number + 1;
    else
        g->head[w->reg] = number + 1;
    g->tail[w->reg] = number + 1;
}

static void add_definition(compilation *c, graph *g, const webs *ws, uint32_t number, uint32_t pc)
{
    definition *d = arena_alloc(c, sizeof *d);
    d->pc = pc;
    if (g->newest[number])
        g->newest[number]->next = d;
    else
        g->written[number] = d;
    g->newest[number] = d;
    list_web(g, &ws->web[number], number);
}

static void visit_instruction(compilation *c, const function *f, graph *g, uint32_t pc, uint32_t *regs)
{
    const webs *ws = f->types->webs;
    uint32_t *now = f->types->now;
    webs_before(f, ws, pc, now);
    uint32_t n = instr_reads(f, &f->code[pc], regs);
    g->reads[pc] = arena_alloc(c, (n + 1) * sizeof *g->reads[pc]);
    for (uint32_t k = 0; k < n; k++)
        g->reads[pc][k] = &ws->web[now[regs[k]]];
    n = instr_writes(&f->code[pc], regs);
    for (uint32_t k = 0; k < n; k++) {
        now[regs[k]] = ws->writes[pc][k];
        add_definition(c, g, ws, ws->writes[pc][k], pc);
    }
}

const graph *graph_of(const explainer *x, const function *f)
{
    graph *g = x->graphs[f->index];
    if (g)
        return g;
    g = x->graphs[f->index] = arena_alloc(x->c, sizeof *g);
    const types *t = f->types;
    uint32_t most = 8;
    for (uint32_t pc = 0; pc < f->n; pc++)
        most = operand_limit(&f->code[pc]) > most ? operand_limit(&f->code[pc]) : most;
    uint32_t *regs = arena_alloc(x->c, most * sizeof *regs);
    g->reads = arena_alloc(x->c, (f->n + 1) * sizeof *g->reads);
    g->written = arena_alloc(x->c, (t->webs->n + 1) * sizeof *g->written);
    g->newest = arena_alloc(x->c, (t->webs->n + 1) * sizeof *g->newest);
    g->next = arena_alloc(x->c, (t->webs->n + 1) * sizeof *g->next);
    g->head = arena_alloc(x->c, (f->cfg->regs + 1) * sizeof *g->head);
    g->tail = arena_alloc(x->c, (f->cfg->regs + 1) * sizeof *g->tail);
    for (uint32_t j = 0; j < t->nparams; j++)
        list_web(g, &t->webs->web[t->params[j].web], t->params[j].web);
    for (uint32_t pc = 0; pc < f->n; pc++)
        if (f->cfg->at[pc] & AT_REACHABLE)
            visit_instruction(x->c, f, g, pc, regs);
    return g;
}

const param *param_of(const function *f, const web *w)
{
    for (uint32_t j = 0; j < f->types->nparams; j++)
        if (&f->types->webs->web[f->types->params[j].web] == w)
            return &f->types->params[j];
    return NULL;
}

/* ---- causes ---- */

/* A link of a chain: the cause of a web's type, or, without a web, of a function's result's. */
typedef struct link {
    const web *web;
    cause why;
} link;

/* Makes the web's cause the next link, if it came before all that were found until now. */
static void look_at(link *next, const web *w, uint32_t before)
{
    if (w->cause.since && w->cause.since < (next->why.since ? next->why.since : before))
        *next = (link){w, w->cause};
}

/* What a CALL is taken to run; NULL: not known. */
static const function *called(const explainer *x, const cause *call, const web *callee)
{
    const types *t = call->f->types;
    if (t->method && t->method[call->pc])
        return t->method[call->pc];
    if (callee->target)
        return callee->target->meaning == M_FUNCTION ? x->p->functions[callee->target->target] : NULL;
    return callee->closure.of;
}

/* What a CALL passes for a parameter, or a MAKE_CLOSURE captures for it; NULL: nothing. */
static const web *passed(const explainer *x, const cause *call, const param *param)
{
    const instr *i = &call->f->code[call->pc];
    const web *const *reads = graph_of(x, call->f)->reads[call->pc];
    const types *t = call->f->types;
    bool closure = i->op == OP_CALL && !reads[0]->target && !(t->method && t->method[call->pc]);
    uint32_t at = param->reg - (closure ? reads[0]->closure.captured : 0);
    return at < i->n ? reads[1 + at] : NULL;
}

static link after_call(const explainer *x, const cause *call, const web *const *reads)
{
    link next = {0};
    const instr *i = &call->f->code[call->pc];
    const web *callee = reads[0];
    const function *target = called(x, call, callee);
    uint32_t since = call->since;
    if (target) {
        if (target->types && target->types->result_cause.since < since)
            next.why = target->types->result_cause;
    } else if (!callee->target)
        look_at(&next, callee, since);
    else if (call_intrinsic(i, callee))
        for (uint32_t j = 0; j < i->n; j++)
            look_at(&next, reads[1 + j], since);
    return next;
}

/* What a link comes from; why.since is 0 where it comes from nothing but itself. */
static link after(const explainer *x, const link *l)
{
    link next = {0};
    const cause *why = &l->why;
    if (why->pc == NOT_FOUND) { /* a parameter: what the CALL passes */
        const param *param = param_of(why->f, l->web);
        const cause *call = &param->cause;
        const web *from = call->f ? passed(x, call, param) : NULL;
        if (from)
            look_at(&next, from, why->since);
        return next;
    }
    if (why->pc == why->f->n)
        return next;
    const instr *i = &why->f->code[why->pc];
    const web *const *reads = graph_of(x, why->f)->reads[why->pc];
    switch ((opcode)i->op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV: look_at(&next, reads[1], why->since); /* fall through */
    case OP_MOVE:
    case OP_NOT:
    case OP_RETURN: look_at(&next, reads[0], why->since); break;
    case OP_CALL: return after_call(x, why, reads);
    default: break;
    }
    return next;
}

/* `+7 CALL`, with the function in front where it is another one. */
static const char *place_text(const explainer *x, const function *f, uint32_t pc)
{
    const char *in = f == x->f ? "" : arena_format(x->c, "%s ", explain_label(x->c, f));
    return pc == f->n ? arena_format(x->c, "%send of the code", in)
                      : arena_format(x->c, "%s+%u %s", in, pc, op_table[f->code[pc].op].name);
}

static const char *parameter_text(const explainer *x, const link *l)
{
    const param *param = param_of(l->why.f, l->web);
    const cause *call = &param->cause;
    if (!call->f)
        return x->p->entry == l->why.f->index ? "given from outside" : "no known caller";
    const web *from = passed(x, call, param);
    return arena_format(x->c, "%s passes %s", place_text(x, call->f, call->pc),
                        from ? explain_type(x->c, from->type) : "nothing");
}

static const char *link_text(const explainer *x, const link *l)
{
    const cause *why = &l->why;
    if (why->pc == NOT_FOUND)
        return parameter_text(x, l);
    const char *place = place_text(x, why->f, why->pc);
    uint8_t op = why->pc < why->f->n ? why->f->code[why->pc].op : OP_NOP;
    if (op != OP_CALL && op != OP_RETURN)
        return place;
    const web *used = graph_of(x, why->f)->reads[why->pc][0];
    if (op == OP_RETURN)
        return arena_format(x->c, "%s of %s", place, explain_type(x->c, used->type));
    const function *target = called(x, why, used);
    if (target)
        return arena_format(x->c, "%s of %s", place, explain_label(x->c, target));
    if (!used->target)
        return arena_format(x->c, "%s of r%u, not always the same", place, used->reg);
    return arena_format(x->c, "%s of %s", place, explain_constant(x, used->target));
}

/* Newest link first; of a long chain the first links and the last. */
void put_causes(const explainer *x, const web *w, cause why)
{
    link l = {w, why};
    uint32_t n = 0;
    for (; l.why.since && n < LINKS_SHOWN; n++) {
        buf_printf(x->o, "%s%s", n ? " <- " : "", link_text(x, &l));
        l = after(x, &l);
    }
    if (!l.why.since)
        return;
    link next = after(x, &l);
    if (next.why.since)
        buf_puts(x->o, " <- ...");
    for (; next.why.since && n < LINKS_FOLLOWED; n++) {
        l = next;
        next = after(x, &l);
    }
    if (!next.why.since)
        buf_printf(x->o, " <- %s", link_text(x, &l));
}
