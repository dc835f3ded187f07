/* choose.c: which functions get an optimised body, and which of these are quiet: do nothing but arithmetic, jumps and
 * calls of quiet bodies, so that nobody can see their frames unless they leave.
 */
#include <string.h>

#include "ionc.h"

number_use number_how(const web *w)
{
    return w->place == PLACE_NUMBER ? NUMBER_KNOWN : w->place == PLACE_FRAME ? NUMBER_CHECKED : NUMBER_NEVER;
}

static call_plan dynamic(const char *why)
{
    return (call_plan){.kind = CALL_DYNAMIC, .why = why};
}

static call_plan library_call(const compilation *c, const function *f, const instr *i, const web *callee,
                              const uint32_t *now)
{
    const intrinsic *known = call_intrinsic(i, callee);
    if (!known)
        return dynamic("a library function that is not written in place");
    if (!optimise(c, OPT_INTRINSICS))
        return dynamic("--no-opt=intrinsics");
    for (uint32_t j = 0; j < i->n; j++)
        if (f->types->webs->web[now[i->regs[j]]].place != PLACE_NUMBER)
            return dynamic("not all arguments are known numbers");
    return (call_plan){.kind = CALL_INTRINSIC, .intrinsic = known};
}

/* A native function whose arguments can be what it takes. */
static call_plan native_call(const compilation *c, const program *p, const function *f, const instr *i,
                             const web *callee, const uint32_t *now)
{
    const native_decl *d = call_native(p, i, callee);
    if (!d)
        return dynamic("a native function whose arguments or result need more than a conversion");
    if (!optimise(c, OPT_INTRINSICS))
        return dynamic("--no-opt=intrinsics");
    for (uint32_t j = 0; j < i->n; j++) {
        place_kind place = f->types->webs->web[now[i->regs[j]]].place;
        bool boolean = d->signature.params[j] == NATIVE_BOOL;
        if (place != PLACE_FRAME && place != (boolean ? PLACE_BOOLEAN : PLACE_NUMBER))
            return dynamic("an argument is not of the type that the native function takes");
    }
    return (call_plan){.kind = CALL_NATIVE, .native = d};
}

/* A call of the target's optimised body, if the arguments can be what it takes. */
static call_plan guarded_call(call_kind kind, const function *f, const instr *i, const function *target,
                              uint32_t captured, const uint32_t *now)
{
    call_plan plan = {.kind = kind, .target = target, .captured = captured};
    for (uint32_t j = 0; j < target->types->nparams; j++) {
        const param *param = &target->types->params[j];
        place_kind place = target->types->webs->web[param->web].place;
        if (place != PLACE_NUMBER && place != PLACE_BOOLEAN)
            continue;
        if (param->reg < captured) { /* from the closure */
            plan.guarded = true;
            continue;
        }
        uint32_t at = param->reg - captured;
        const web *arg = at < i->n ? &f->types->webs->web[now[i->regs[at]]] : NULL;
        bool fits = arg && (arg->place == place || (arg->place == PLACE_FRAME && place == PLACE_NUMBER));
        if (!fits)
            return dynamic("an argument is not of the type that the optimised body of the target takes");
        plan.guarded |= arg->place != place;
    }
    return plan;
}

static call_plan in_tail(call_plan plan, bool tail)
{
    plan.tail = tail && plan.kind != CALL_DYNAMIC;
    return plan;
}

static call_plan closure_call(const compilation *c, const function *f, uint32_t pc, closure_kind closure,
                              const uint32_t *now)
{
    bool tail = f->cfg->at[pc] & AT_TAIL;
    if (tail && !closure.of->types->leaf)
        return dynamic("a tail call of a closure");
    if (!closure.of->types->fast)
        return dynamic("the function of the closure has no optimised body");
    if (!optimise(c, OPT_DIRECT_CALLS))
        return dynamic("--no-opt=direct-calls");
    return in_tail(guarded_call(CALL_CLOSURE, f, &f->code[pc], closure.of, closure.captured, now), tail);
}

call_plan call_how(const compilation *c, const program *p, const function *f, uint32_t pc, const uint32_t *now)
{
    const instr *i = &f->code[pc];
    const web *callee = &f->types->webs->web[now[i->reg[1]]];
    bool tail = f->cfg->at[pc] & AT_TAIL;
    const function *method = f->types->method ? f->types->method[pc] : NULL;
    if (method && method->types->fast && (!tail || method->types->leaf) && optimise(c, OPT_DIRECT_CALLS))
        return in_tail(guarded_call(CALL_METHOD, f, i, method, 0, now), tail);
    if (callee->place == PLACE_FRAME && callee->closure.of && method_partner(f->cfg, pc) == NOT_FOUND)
        return closure_call(c, f, pc, callee->closure, now);
    if (callee->place != PLACE_CONSTANT && method_partner(f->cfg, pc) == NOT_FOUND)
        return dynamic("the callee is not always the same function");
    if (callee->place != PLACE_CONSTANT)
        return dynamic(!method                   ? "a method that is not always the same function"
                       : !method->types->fast    ? "the method has no optimised body"
                       : tail                    ? "a tail call of a method"
                                                 : "--no-opt=direct-calls");
    if (!callee->target)
        return dynamic("the callee is no function");
    if (callee->target->meaning == M_NATIVE)
        return native_call(c, p, f, i, callee, now);
    if (callee->target->meaning != M_FUNCTION)
        return library_call(c, f, i, callee, now);
    const function *target = p->functions[callee->target->target];
    if (!target->types->fast)
        return dynamic("the target has no optimised body");
    if (tail && target != f && target->types->leaf && optimise(c, OPT_DIRECT_CALLS))
        return in_tail(guarded_call(CALL_DIRECT, f, i, target, 0, now), tail);
    if (tail && target != f)
        return dynamic("a tail call of another function");
    if (!optimise(c, tail ? OPT_TAIL_JUMPS : OPT_DIRECT_CALLS))
        return dynamic(tail ? "--no-opt=tail-jumps" : "--no-opt=direct-calls");
    call_plan plan = guarded_call(tail ? CALL_SELF : CALL_DIRECT, f, i, target, 0, now);
    return plan.guarded && tail ? dynamic("an argument may be no number, where the optimised body takes one") : plan;
}

static place_kind place_now(const function *f, uint32_t r)
{
    return web_now(f, r)->place;
}

access_plan access_how(const compilation *c, const function *f, uint32_t pc, const uint32_t *now)
{
    const instr *i = &f->code[pc];
    const web *w = f->types->webs->web, *object = &w[now[i->reg[i->op == OP_GET_PROP]]],
              *key = &w[now[i->reg[i->op == OP_GET_PROP ? 2 : 1]]];
    if (object->place != PLACE_FRAME)
        return (access_plan){.why = "never an object or array"};
    if (key->place == PLACE_CONSTANT)
        return optimise(c, OPT_INLINE_CACHES) ? (access_plan){.kind = ACCESS_CACHED}
                                              : (access_plan){.why = "--no-opt=inline-caches"};
    bool map = key->place == PLACE_FRAME && key->type & MAY_STRING && object->held != HELD_ARRAY && optimise(c, OPT_MAPS);
    if (!(key->type & MAY_NUMBER) || key->place == PLACE_BOOLEAN)
        return (access_plan){.map = map, .why = "the key is not always the same, and no number"};
    return optimise(c, OPT_ARRAYS) ? (access_plan){.kind = ACCESS_ELEMENT, .map = map}
                                   : (access_plan){.map = map, .why = "--no-opt=arrays"};
}

/* Whether registers live at points are so many that storing and loading them would be most of the body. */
static bool too_many_live(compilation *c, const function *f)
{
    const cfg *g = f->cfg;
    uint64_t n = 0, most = 32 * (uint64_t)f->n + 4096;
    uint32_t *live = arena_alloc(c, (g->nrows + 1) * sizeof *live); /* registers in each row */
    for (uint32_t row = 0; row < g->nrows; row++)
        for (uint32_t word = 0; word < g->row_words; word++)
            live[row] += (uint32_t)__builtin_popcountll(g->live[(size_t)row * g->row_words + word]);
    for (uint32_t k = 0; k < g->npoints && n <= most; k++)
        n += live[g->points[k].live];
    return n > most;
}

/* Worth it where there is arithmetic on numbers that are known to be, where properties or elements are found in place,
 * where closures over one function are called, or where a MATCH is of what is in a C variable. With --no-opt=unbox nothing is, and any arithmetic does. */
static bool pays(const compilation *c, const program *p, const function *f)
{
    bool unbox = optimise(c, OPT_UNBOX);
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        webs_before(f, f->types->webs, pc, f->types->now);
        const instr *i = &f->code[pc];
        if (is_operator(i->op) &&
            (!unbox || (place_now(f, i->reg[1]) == PLACE_NUMBER && place_now(f, i->reg[2]) == PLACE_NUMBER)))
            return true;
        if ((i->op == OP_GET_PROP || i->op == OP_SET_PROP) && access_how(c, f, pc, f->types->now).kind)
            return true;
        if (i->op == OP_CALL && place_now(f, i->reg[1]) == PLACE_FRAME && web_now(f, i->reg[1])->closure.of)
            return true;
        if (i->op == OP_CALL && call_how(c, p, f, pc, f->types->now).kind == CALL_NATIVE)
            return true;
        if (i->op == OP_MATCH && (place_now(f, i->reg[0]) == PLACE_NUMBER || place_now(f, i->reg[0]) == PLACE_BOOLEAN))
            return true;
        webs_after(f, f->types->webs, pc, f->types->now);
    }
    return false;
}

/* Whether a direct call gives what it is taken for but where numbers ran out (a division by 0). What is only guessed may
 * be an object or a complex number: the plain body, going on with that, makes others and calls magic methods. */
static bool sure_result(const function *f, uint32_t pc, const function *target)
{
    place_kind place = f->types->webs->web[f->types->webs->writes[pc][0]].place;
    return (place != PLACE_NUMBER || target->types->result == MAY_NUMBER) &&
           (place != PLACE_BOOLEAN || target->types->result == MAY_BOOLEAN);
}

static bool quiet_instruction(const compilation *c, const program *p, const function *f, uint32_t pc)
{
    const instr *i = &f->code[pc];
    const uint32_t *r = i->reg;
    if (is_operator(i->op))
        return place_now(f, r[1]) == PLACE_NUMBER && place_now(f, r[2]) == PLACE_NUMBER;
    switch ((opcode)i->op) {
    case OP_LOAD_CONST: return !value_is_literal(i->value);
    case OP_MOVE:
    case OP_JUMP:
    case OP_JUMP_IF_TRUE:
    case OP_JUMP_IF_FALSE:
    case OP_RETURN:
    case OP_NOP:
    case OP_MATCH:
    case OP_AND:
    case OP_OR: return true;
    case OP_NOT: return never_object(web_now(f, r[1])->type);
    case OP_CALL: {
        call_plan plan = call_how(c, p, f, pc, f->types->now);
        return plan.kind == CALL_INTRINSIC || plan.kind == CALL_NATIVE ||
               (plan.kind != CALL_DYNAMIC && plan.kind != CALL_METHOD && plan.kind != CALL_CLOSURE && !plan.guarded &&
                plan.target->types->quiet && sure_result(f, pc, plan.target));
    }
    default: return false;
    }
}

/* Who calls whom among quiet functions: the callers of function i are list[first[i]], then what `next` leads to. */
typedef struct callers {
    compilation *c;
    struct caller {
        const function *f;
        uint32_t pc, next;
    } *list;
    uint32_t *first, n, cap;
} callers;

/* Notes that f is quiet only if the target of its CALL at pc is. */
static void note_caller(callers *k, const program *p, const function *f, uint32_t pc)
{
    call_plan plan = call_how(k->c, p, f, pc, f->types->now);
    if (plan.kind == CALL_INTRINSIC || plan.kind == CALL_NATIVE)
        return;
    uint32_t *first = &k->first[plan.target->index];
    k->list = GROW(k->c, k->list, k->n, k->cap);
    k->list[k->n] = (struct caller){f, pc, *first};
    *first = k->n++;
}

/* Otherwise *loud is the instruction to blame. */
static bool quiet_function(callers *k, const program *p, const function *f, uint32_t *loud)
{
    const compilation *c = k->c;
    *loud = NOT_FOUND;
    if (!optimise(c, OPT_QUIET))
        return false;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        webs_before(f, f->types->webs, pc, f->types->now);
        if (!quiet_instruction(c, p, f, pc)) {
            *loud = pc;
            return false;
        }
        if (f->code[pc].op == OP_CALL)
            note_caller(k, p, f, pc);
        webs_after(f, f->types->webs, pc, f->types->now);
    }
    return true;
}

/* A direct call writes all parameters that live in the callee's frame, also those that the CALL does not list. */
static void make_room(const compilation *c, const program *p, const function *f)
{
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        webs_before(f, f->types->webs, pc, f->types->now);
        call_plan plan = {.kind = CALL_DYNAMIC};
        if (f->code[pc].op == OP_CALL)
            plan = call_how(c, p, f, pc, f->types->now);
        if (!plan.tail && (plan.kind == CALL_DIRECT || plan.kind == CALL_METHOD || plan.kind == CALL_CLOSURE)) {
            const types *t = plan.target->types;
            uint32_t slots = t->nparams ? t->params[t->nparams - 1].reg + 1 : 0;
            if (slots > f->cfg->outgoing)
                f->cfg->outgoing = slots;
        }
        webs_after(f, f->types->webs, pc, f->types->now);
    }
}

/* Whoever calls what is not quiet is not quiet either. */
static void hear_callees(callers *k, const program *p)
{
    const function **loud = arena_alloc(k->c, (p->n + 1) * sizeof *loud);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->functions[i]->native && !p->functions[i]->types->quiet)
            loud[n++] = p->functions[i];
    while (n) {
        for (uint32_t i = k->first[loud[--n]->index], more; i != NOT_FOUND; i = more) {
            const function *f = k->list[i].f;
            more = k->list[i].next;
            if (!f->types->quiet)
                continue;
            f->types->quiet = false;
            f->types->loud_at = k->list[i].pc;
            loud[n++] = f;
        }
    }
}

void program_choose(compilation *c, const program *p)
{
    callers k = {.c = compilation_inner(c)};
    k.first = arena_alloc(k.c, (p->n + 1) * sizeof *k.first);
    memset(k.first, 0xFF, (p->n + 1) * sizeof *k.first);
    for (uint32_t i = 0; i < p->n; i++) {
        types *t = p->functions[i]->types;
        if (p->functions[i]->native)
            continue;
        t->why_plain = p->functions[i]->n > BODY_MAX            ? "the function is too long"
                       : too_many_live(k.c, p->functions[i]) ? "too many registers are live at too many points"
                                                             : NULL;
        t->fast = t->quiet = !t->why_plain && pays(c, p, p->functions[i]);
        if (!t->why_plain)
            t->why_plain = "no arithmetic on two numbers, no property, element or closure in place";
    }
    for (uint32_t i = 0; i < p->n; i++) {
        const function *f = p->functions[i];
        if (!f->native && f->types->quiet)
            f->types->quiet = quiet_function(&k, p, f, &f->types->loud_at);
    }
    hear_callees(&k, p);
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->functions[i]->native && p->functions[i]->types->fast)
            p->functions[i]->types->leaf = leaf_fits(c, p->functions[i]);
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->functions[i]->native && p->functions[i]->types->fast && !p->functions[i]->types->leaf)
            p->functions[i]->types->early = leaf_starts(k.c, c, p->functions[i]);
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->functions[i]->native && p->functions[i]->types->fast)
            make_room(c, p, p->functions[i]);
    compilation_empty(k.c);
}
