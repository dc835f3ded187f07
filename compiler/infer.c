/* infer.c: which webs hold numbers, booleans or a known function, over the whole program.
 *
 * Types are sets, as bits; a web's type is the union over its definitions. Everything starts empty and only grows, so
 * the fixpoint is the optimistic one. Where something has grown, what depends on it is gone through again, and no more.
 * Calls with a known target join their arguments' types into the target's parameters and take its result type. A
 * function that nobody calls so takes anything.
 *
 * The types hold for the optimised body of a function, which is entered only with parameters of these types; every
 * other way in, and every guess that fails there (a division by 0, a callee that returns no number after all), goes to
 * the plain body. So what is inferred here may be wrong about a run, never about the optimised body in it: guesses are
 * DIV gives a number; known functions of the library give numbers; what guess.c says.
 */
#include <math.h>
#include <string.h>

#include "ionc.h"

/* Types of library functions that are called by name on numbers; C expressions over ION_X and ION_Y. */
static const intrinsic intrinsics[] = {
#define ION_INTRINSIC(name, args, condition, expression) {#name, args, condition, expression},
#include "ion/intrinsics.def"
#undef ION_INTRINSIC
};

const intrinsic *intrinsic_find(text name)
{
    for (size_t i = 0; i < sizeof intrinsics / sizeof *intrinsics; i++)
        if (text_equal(name, text_of(intrinsics[i].name)))
            return &intrinsics[i];
    return NULL;
}

/* An instruction, by its function and its place in it. */
typedef struct place {
    function *f;
    uint32_t pc;
} place;

typedef struct caller {
    place at;
    struct caller *next;
} caller;

/* What makes the fixpoint cost no more than the uses of webs times the steps a type can take: when a web changes, the
 * instructions that use it are gone through again, and nothing else. One for each function. */
typedef struct users {
    uint32_t *reads_at, *reads; /* per instruction: its webs, as instr_reads lists its registers */
    uint32_t *from, *pc;        /* of web w: instructions pc[from[w]..from[w + 1]), whose results depend on it */
    bool *waiting;              /* per instruction: it is on the list of what is still to be gone through */
    uint8_t *calls;             /* per instruction: it is a caller of the function that it calls: 1, that its closure is over: 2 */
    caller *callers;            /* CALLs whose results depend on the function's */
} users;

typedef struct inference {
    compilation *c;
    compilation *scratch;       /* for what is needed until all types are found */
    program *p;
    users *users;               /* per function */
    place *todo, *spare;        /* what is to be gone through again; and room for the next such list */
    uint32_t ntodo, cap_todo, cap_spare;
    uint32_t ncauses;
    uint32_t *now, *regs;       /* of the instruction looked at: register → web; operands */
} inference;

static void note_cause(inference *inf, cause *why, const function *f, uint32_t pc)
{
    if (!why->since)
        *why = (cause){f, pc, ++inf->ncauses};
}

static void visit_later(inference *inf, function *f, uint32_t pc)
{
    users *u = &inf->users[f->index];
    if (u->waiting[pc])
        return;
    u->waiting[pc] = true;
    inf->todo = GROW(inf->scratch, inf->todo, inf->ntodo, inf->cap_todo);
    inf->todo[inf->ntodo++] = (place){f, pc};
}

static void changed(inference *inf, function *f, const web *w)
{
    const users *u = &inf->users[f->index];
    uint32_t i = (uint32_t)(w - f->types->webs->web);
    for (uint32_t k = u->from[i]; k < u->from[i + 1]; k++)
        visit_later(inf, f, u->pc[k]);
}

/* pc: of the definition; NOT_FOUND for a parameter. */
static void widen(inference *inf, web *w, uint8_t type, function *f, uint32_t pc)
{
    if ((w->type | type) != w->type) {
        w->type |= type;
        changed(inf, f, w);
        if (w->type & (w->type - 1))
            note_cause(inf, &w->cause, f, pc);
    }
}

/* What a web always holds, as far as that is one function; NULL: something else. */
static void widen_target(inference *inf, function *f, web *w, const value *target)
{
    if (w->many_targets)
        return;
    if (w->target && target && w->target->meaning == target->meaning && w->target->target == target->target &&
        text_equal(w->target->library, target->library))
        return;
    w->many_targets = w->target || !target;
    w->target = w->many_targets ? NULL : target;
    changed(inf, f, w);
}

static bool join_closures(closure_kind *to, closure_kind from)
{
    bool same = from.of == to->of && from.captured == to->captured;
    if (to->many || (!from.many && (!from.of || same)))
        return false;
    *to = from.many || to->of ? (closure_kind){.many = true} : from;
    return true;
}

static void widen_closure(inference *inf, function *f, web *w, closure_kind from)
{
    if (join_closures(&w->closure, from))
        changed(inf, f, w);
}

static uint8_t constant_type(const value *v)
{
    switch (v->tag) {
    case V_NUMBER: return MAY_NUMBER;
    case V_BOOLEAN: return MAY_BOOLEAN;
    case V_UNDEFINED: return MAY_UNDEFINED;
    case V_OBJECT: return MAY_OBJECT;
    case V_STRING: return MAY_STRING;
    case V_ATOM:
    case V_FUNCTION:
        switch ((meaning)v->meaning) {
        case M_PLAIN: return MAY_OTHER;
        case M_FUNCTION:
        case M_NATIVE:
        case M_LIBRARY: return MAY_FUNCTION;
        case M_PID:
        case M_PROCESSES:
        case M_PASSES: return MAY_NUMBER;
        case M_UNDEFINED: return MAY_UNDEFINED;
        default: return MAY_ANY;
        }
    default: return MAY_OTHER;
    }
}

static bool is_function(const value *v)
{
    return (v->tag == V_ATOM || v->tag == V_FUNCTION) && (v->meaning == M_FUNCTION || v->meaning == M_LIBRARY || v->meaning == M_NATIVE);
}

bool never_zero(const web *w)
{
    return w->place == PLACE_NUMBER && w->literal && w->literal->number != 0;
}

bool never_object(uint8_t type)
{
    bool guessable = type & (MAY_NUMBER | MAY_BOOLEAN), alone = !(type & (type - 1));
    return type && !(type & MAY_OBJECT) && (!guessable || alone);
}

/* Types of an operator's result; 0 while an operand is unknown yet. */
static uint8_t arithmetic_type(opcode op, uint8_t a, uint8_t b)
{
    if (!a || !b)
        return 0;
    if (a == MAY_NUMBER && b == MAY_NUMBER)
        return MAY_NUMBER;
    if ((a | b) & MAY_OBJECT)
        return MAY_ANY;
    if (op == OP_ADD && a == MAY_STRING && b == MAY_STRING)
        return MAY_STRING;
    return MAY_NUMBER | MAY_STRING | MAY_UNDEFINED | MAY_OTHER;
}

/* What is known while one function is gone through. */
typedef struct walk {
    inference *inf;
    function *f;
    webs *w;
    uint32_t *now; /* register → web */
    uint32_t *regs;
} walk;

/* What to take a web for that gets something of this type. */
static uint8_t guess(web *w, uint8_t type)
{
    if (type != MAY_ANY || !w->wanted)
        return type;
    w->guessed = true;
    return MAY_NUMBER;
}

static web *now_web(walk *k, uint32_t r)
{
    return &k->w->web[k->now[r]];
}

/* What crosses between functions is checked where it arrives, but only for being a number or a boolean. */
static uint8_t checked_type(uint8_t type)
{
    return type == MAY_NUMBER || type == MAY_BOOLEAN || !type ? type : MAY_ANY;
}

/* by, pc: the CALL; NULL: someone from outside. */
static void widen_param(inference *inf, function *f, param *p, uint8_t type, const function *by, uint32_t pc)
{
    web *w = &f->types->webs->web[p->web];
    if ((p->type | type) == p->type)
        return;
    p->type |= type;
    if (checked_type(p->type) == MAY_ANY)
        note_cause(inf, &p->cause, by, pc);
    widen(inf, w, guess(w, checked_type(p->type)), f, NOT_FOUND);
    widen_target(inf, f, w, NULL);
}

/* The CALL at pc depends on its target's result; way: one of the bits of users->calls. */
static void note_caller(walk *k, uint32_t pc, const function *target, uint8_t way)
{
    uint8_t *noted = &k->inf->users[k->f->index].calls[pc];
    if (*noted & way)
        return;
    *noted |= way;
    users *u = &k->inf->users[target->index];
    caller *new = arena_alloc(k->inf->scratch, sizeof *new);
    *new = (caller){{k->f, pc}, u->callers};
    u->callers = new;
}

/* A parameter gets what is in register r; NOT_FOUND: nothing. */
static void pass(walk *k, uint32_t pc, function *target, param *p, uint32_t r)
{
    inference *inf = k->inf;
    const web *given = r == NOT_FOUND ? NULL : now_web(k, r);
    uint8_t type = !optimise(inf->c, OPT_CALL_TYPES) ? MAY_ANY : given ? given->type : MAY_UNDEFINED;
    if (given)
        widen_closure(inf, target, &target->types->webs->web[p->web], given->closure);
    widen_param(inf, target, p, type, k->f, pc);
}

/* captured: parameters that come from a closure. */
static void call_types(walk *k, uint32_t pc, function *target, uint32_t captured)
{
    const instr *i = &k->f->code[pc];
    types *t = target->types;
    t->called = true;
    for (uint32_t j = 0; j < t->nparams; j++) {
        uint32_t r = t->params[j].reg - captured;
        if (t->params[j].reg >= captured)
            pass(k, pc, target, &t->params[j], r < i->n ? i->regs[r] : NOT_FOUND);
    }
}

/* What a MAKE_CLOSURE makes; its function's parameters get what it captures (if that does not change from closure to
 * closure of one scope, where the first value stays: else it is guessed wrong). */
static closure_kind closure_made(walk *k, uint32_t pc)
{
    const instr *i = &k->f->code[pc];
    const web *callee = now_web(k, i->reg[1]);
    if (!callee->type || !optimise(k->inf->c, OPT_CLOSURES))
        return (closure_kind){0};
    if (!callee->target || callee->type != MAY_FUNCTION || callee->target->meaning != M_FUNCTION)
        return (closure_kind){.many = true};
    function *target = k->inf->p->functions[callee->target->target];
    types *t = target->types;
    for (uint32_t j = 0; j < t->nparams && t->params[j].reg < i->n; j++)
        pass(k, pc, target, &t->params[j], i->captures[t->params[j].reg].reg);
    return (closure_kind){.of = target, .captured = i->n};
}

/* What a CALL probably runs, as far as that is a function of the program; NULL: not known. */
static function *call_target(walk *k, uint32_t pc, const web *callee, uint32_t *captured)
{
    *captured = 0;
    if (k->f->types->method && k->f->types->method[pc])
        return k->f->types->method[pc];
    if (callee->target && callee->type == MAY_FUNCTION)
        return callee->target->meaning == M_FUNCTION ? k->inf->p->functions[callee->target->target] : NULL;
    *captured = callee->closure.captured;
    return callee->closure.of ? k->inf->p->functions[callee->closure.of->index] : NULL;
}

const intrinsic *call_intrinsic(const instr *i, const web *callee)
{
    if (!callee->target || callee->target->meaning != M_LIBRARY || callee->type != MAY_FUNCTION)
        return NULL;
    const intrinsic *known = intrinsic_find(callee->target->library);
    return known && known->args == i->n ? known : NULL;
}

/* What a native function gives if its arguments fit; what else it gives is found out where it is called. */
static uint8_t native_result(walk *k, const instr *i, const native_decl *d)
{
    const signature *s = &d->signature;
    for (uint32_t j = 0; j < i->n; j++) {
        uint8_t type = now_web(k, i->regs[j])->type, wanted = s->params[j] == NATIVE_BOOL ? MAY_BOOLEAN : MAY_NUMBER;
        if (!type)
            return 0;
        if (s->params[j] != NATIVE_POINTER && !(type & wanted))
            return MAY_ANY;
    }
    return native_number(s)            ? MAY_NUMBER
           : s->result == NATIVE_BOOL ? MAY_BOOLEAN
           : s->result == NATIVE_VOID ? MAY_OTHER
                                      : MAY_ANY;
}

static uint8_t call_result(walk *k, uint32_t pc)
{
    const instr *i = &k->f->code[pc];
    const web *callee = now_web(k, i->reg[1]);
    bool method = k->f->types->method && k->f->types->method[pc];
    uint32_t captured;
    if (!callee->type && !method)
        return 0;
    function *target = call_target(k, pc, callee, &captured);
    if (target) {
        note_caller(k, pc, target, target == callee->closure.of ? 2 : 1);
        call_types(k, pc, target, captured);
        return method || optimise(k->inf->c, OPT_CALL_TYPES) ? checked_type(target->types->result) : MAY_ANY;
    }
    const native_decl *native = call_native(k->inf->p, i, callee);
    if (native && optimise(k->inf->c, OPT_INTRINSICS))
        return native_result(k, i, native);
    if (!call_intrinsic(i, callee))
        return MAY_ANY;
    for (uint32_t j = 0; j < i->n; j++)
        if (now_web(k, i->regs[j])->type & ~MAY_NUMBER)
            return MAY_ANY;
    return MAY_NUMBER;
}

static uint8_t result_type(walk *k, uint32_t pc)
{
    const instr *i = &k->f->code[pc];
    switch ((opcode)i->op) {
    case OP_LOAD_CONST: return constant_type(i->value);
    case OP_MOVE: return now_web(k, i->reg[1])->type;
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV: return arithmetic_type(i->op, now_web(k, i->reg[1])->type, now_web(k, i->reg[2])->type);
    case OP_EQUAL:
    case OP_NOT_EQUAL:
    case OP_LESS_THAN:
    case OP_LESS_EQUAL:
    case OP_GREATER_THAN:
    case OP_GREATER_EQUAL:
    case OP_AND:
    case OP_OR: return MAY_BOOLEAN;
    case OP_NOT: {
        uint8_t type = now_web(k, i->reg[1])->type;
        return !type ? 0 : never_object(type) ? MAY_BOOLEAN : MAY_ANY;
    }
    case OP_OBJECT_INIT: return MAY_OBJECT;
    case OP_ARRAY_INIT: return MAY_OTHER;
    case OP_CALL: return call_result(k, pc);
    default: return MAY_ANY;
    }
}

static closure_kind result_closure(walk *k, uint32_t pc)
{
    const instr *i = &k->f->code[pc];
    uint32_t captured;
    const function *target;
    switch ((opcode)i->op) {
    case OP_MOVE: return now_web(k, i->reg[1])->closure;
    case OP_MAKE_CLOSURE: return closure_made(k, pc);
    case OP_CALL:
        target = call_target(k, pc, now_web(k, i->reg[1]), &captured);
        return target ? target->types->result_closure : (closure_kind){0};
    default: return (closure_kind){0};
    }
}

static void widen_result(inference *inf, const function *f, uint32_t pc, uint8_t type, closure_kind closure)
{
    types *t = f->types;
    bool more = join_closures(&t->result_closure, closure);
    if ((t->result | type) == t->result && !more)
        return;
    t->result |= type;
    for (const caller *k = inf->users[f->index].callers; k; k = k->next)
        visit_later(inf, k->at.f, k->at.pc);
    if (checked_type(t->result) == MAY_ANY)
        note_cause(inf, &t->result_cause, f, pc);
}

static void visit_instruction(walk *k, uint32_t pc)
{
    const instr *i = &k->f->code[pc];
    if (i->op == OP_RETURN)
        widen_result(k->inf, k->f, pc, now_web(k, i->reg[0])->type, now_web(k, i->reg[0])->closure);
    uint32_t n = instr_writes(i, k->regs);
    if (!n)
        return;
    uint8_t type = result_type(k, pc);
    closure_kind closure = result_closure(k, pc);
    const value *target = NULL;
    if (i->op == OP_LOAD_CONST && is_function(i->value))
        target = i->value;
    else if (i->op == OP_MOVE)
        target = now_web(k, i->reg[1])->target;
    for (uint32_t j = 0; j < n; j++) {
        web *w = &k->w->web[k->w->writes[pc][j]];
        if (i->op == OP_RECEIVE_WITH_TIMEOUT && j == 1)
            type = MAY_BOOLEAN;
        if (i->op == OP_GET_PROP || i->op == OP_CALL)
            type = guess(w, type);
        widen(k->inf, w, type, k->f, pc);
        widen_closure(k->inf, k->f, w, closure);
        if (type)
            widen_target(k->inf, k->f, w, target);
    }
}

/* Whether the types of what an instruction reads say something about what it gives. */
static bool hands_on(uint8_t op)
{
    return op == OP_MOVE || (op >= OP_ADD && op <= OP_DIV) || op == OP_NOT || op == OP_CALL || op == OP_RETURN ||
           op == OP_MAKE_CLOSURE;
}

/* Notes which webs each instruction reads, then turns that round. */
static void find_users(inference *inf, const function *f)
{
    users *u = &inf->users[f->index];
    const webs *w = f->types->webs;
    uint32_t *now = f->types->now, *regs = inf->regs, nreads = 0, cap = 0;
    u->reads_at = arena_alloc(inf->scratch, (f->n + 1) * sizeof *u->reads_at);
    u->from = arena_alloc(inf->scratch, (w->n + 2) * sizeof *u->from);
    u->waiting = arena_alloc(inf->scratch, f->n + 1);
    u->calls = arena_alloc(inf->scratch, f->n + 1);
    for (uint32_t pc = 0; pc < f->n; pc++) {
        u->reads_at[pc] = nreads;
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        webs_before(f, w, pc, now);
        for (uint32_t j = 0, n = hands_on(f->code[pc].op) ? instr_reads(f, &f->code[pc], regs) : 0; j < n; j++) {
            u->reads = GROW(inf->scratch, u->reads, nreads, cap);
            u->reads[nreads++] = now[regs[j]];
            u->from[now[regs[j]] + 2]++;
        }
        webs_after(f, w, pc, now);
        u->waiting[pc] = true; /* all are gone through at first */
    }
    u->reads_at[f->n] = nreads;
    for (uint32_t i = 0; i <= w->n; i++)
        u->from[i + 1] += u->from[i];
    u->pc = arena_alloc(inf->scratch, (nreads + 1) * sizeof *u->pc);
    for (uint32_t pc = 0; pc < f->n; pc++)
        for (uint32_t k = u->reads_at[pc]; k < u->reads_at[pc + 1]; k++)
            u->pc[u->from[u->reads[k] + 1]++] = pc;
}

/* Goes through one instruction, with the webs that its registers hold there. */
static void visit(inference *inf, function *f, uint32_t pc)
{
    users *u = &inf->users[f->index];
    walk k = {inf, f, f->types->webs, f->types->now, f->types->regs};
    u->waiting[pc] = false;
    if (u->reads_at[pc] < u->reads_at[pc + 1]) {
        uint32_t n = instr_reads(f, &f->code[pc], inf->regs);
        for (uint32_t j = 0; j < n; j++)
            k.now[inf->regs[j]] = u->reads[u->reads_at[pc] + j];
    }
    visit_instruction(&k, pc);
}

/* First come, first served: so causes are near to what they explain. */
static void visit_waiting(inference *inf)
{
    while (inf->ntodo) {
        place *list = inf->todo;
        uint32_t n = inf->ntodo, cap = inf->cap_todo;
        inf->todo = inf->spare;
        inf->cap_todo = inf->cap_spare;
        inf->ntodo = 0;
        for (uint32_t i = 0; i < n; i++)
            visit(inf, list[i].f, list[i].pc);
        inf->spare = list;
        inf->cap_spare = cap;
    }
}

static bool same_constant(const value *a, const value *b)
{
    return a->tag == b->tag && a->meaning == b->meaning && a->target == b->target &&
           (a->tag == V_NUMBER ? memcmp(&a->number, &b->number, sizeof(double)) == 0 : text_equal(a->text, b->text));
}

/* Finds the webs that hold one and the same number, atom or string wherever they are written. */
static void find_constants(const function *f)
{
    const types *t = f->types;
    for (uint32_t j = 0; j < t->nparams; j++)
        t->webs->web[t->params[j].web].varies = true;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        const instr *i = &f->code[pc];
        uint32_t n = t->webs->writes[pc] ? instr_writes(i, t->regs) : 0;
        for (uint32_t k = 0; k < n; k++) {
            web *w = &t->webs->web[t->webs->writes[pc][k]];
            const value *v = i->op == OP_LOAD_CONST ? i->value : NULL;
            bool fits = v && ((v->tag == V_NUMBER && isfinite(v->number)) ||
                              (v->tag == V_ATOM && v->meaning == M_PLAIN) || v->tag == V_STRING || is_function(v));
            if (fits && !w->literal)
                w->literal = v;
            else if (!fits || !same_constant(w->literal, v))
                w->varies = true;
        }
    }
}

/* Hidden registers hold what a closure has captured, of any type. */
static void find_params(inference *inf, compilation *scratch, const function *f)
{
    const cfg *g = f->cfg;
    types *t = f->types;
    const uint64_t *live = block_live_in(g, 0);
    uint32_t plain = g->regs - g->nhidden, cap = 0;
    param *params = NULL;
    webs_enter(g, t->webs, 0, t->now);
    for (uint32_t r = 0; r < g->regs; r++) {
        if (!(live[r / 64] >> (r % 64) & 1))
            continue;
        if (r >= plain) {
            t->webs->web[t->now[r]].type = MAY_ANY;
            continue;
        }
        params = GROW(scratch, params, t->nparams, cap);
        params[t->nparams++] = (param){.reg = r, .web = t->now[r]};
    }
    t->params = arena_alloc(inf->c, (t->nparams + 1) * sizeof *params);
    if (t->nparams)
        memcpy(t->params, params, t->nparams * sizeof *params);
}

static void start_function(inference *inf, compilation *scratch, function *f)
{
    compilation *c = inf->c;
    types *t = arena_alloc(c, sizeof *t);
    f->types = t;
    t->webs = webs_find(c, scratch, f);
    t->now = inf->now;
    t->regs = inf->regs;
    if (f->n) {
        if (optimise(c, OPT_GUESSES))
            webs_guess(scratch, f, t->webs, t->now);
        find_params(inf, scratch, f);
        find_constants(f);
    }
    find_users(inf, f);
    if (f->cfg->at[f->n] & AT_REACHABLE)
        widen_result(inf, f, f->n, MAY_OTHER, (closure_kind){0});
}

static void open_function(inference *inf, function *f)
{
    f->types->called = true;
    for (uint32_t j = 0; j < f->types->nparams; j++)
        widen_param(inf, f, &f->types->params[j], MAY_ANY, NULL, NOT_FOUND);
}

/* Functions that no call reaches with a known target take anything; true if there was one. */
static bool open_uncalled(inference *inf)
{
    bool any = false;
    for (uint32_t i = 0; i < inf->p->n; i++) {
        function *f = inf->p->functions[i];
        if (f->native || f->types->called)
            continue;
        any = true;
        open_function(inf, f);
    }
    return any;
}

/* So do results that, as far as it seems, never come: the method may be another one. */
static bool open_results(inference *inf, function *f)
{
    bool any = false;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (f->code[pc].op != OP_CALL || !(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        web *w = &f->types->webs->web[f->types->webs->writes[pc][0]];
        any |= !w->type;
        if (!w->type)
            widen(inf, w, MAY_ANY, f, pc);
    }
    return any;
}

/* So do parameters that known calls give only what never comes: there are other ways in. */
static bool open_ungiven(inference *inf)
{
    bool any = false;
    for (uint32_t i = 0; i < inf->p->n; i++) {
        function *f = inf->p->functions[i];
        if (f->native)
            continue;
        for (uint32_t j = 0; j < f->types->nparams; j++) {
            any |= !f->types->params[j].type;
            if (!f->types->params[j].type)
                widen_param(inf, f, &f->types->params[j], MAY_ANY, NULL, NOT_FOUND);
        }
        any |= open_results(inf, f);
    }
    return any;
}

/* Gives each web its place: a C local for numbers and booleans, nothing for a known constant, else its register. */
static void place_webs(const compilation *c, compilation *scratch, function *f)
{
    webs *w = f->types->webs;
    bool unbox = optimise(c, OPT_UNBOX), literals = optimise(c, OPT_LITERALS);
    uint32_t *used = arena_alloc(scratch, (f->cfg->regs + 1) * sizeof *used);
    for (uint32_t i = 0; i < w->n; i++) {
        web *x = &w->web[i];
        if (!unbox && (x->type == MAY_NUMBER || x->type == MAY_BOOLEAN))
            x->type = MAY_ANY; /* only what has such a place is checked where it is guessed */
        if (x->type == MAY_NUMBER)
            x->place = PLACE_NUMBER;
        else if (x->type == MAY_BOOLEAN)
            x->place = PLACE_BOOLEAN;
        else if (x->type == MAY_FUNCTION && x->target)
            x->place = PLACE_CONSTANT, x->constant = x->target;
        else if (x->literal && !x->varies && x->literal->tag != V_NUMBER && literals)
            x->place = PLACE_CONSTANT, x->constant = x->literal;
        else
            x->place = PLACE_FRAME;
        if (x->reg >= f->cfg->regs - f->cfg->nhidden)
            x->place = PLACE_FRAME;
        if (x->varies || !literals || x->place == PLACE_FRAME)
            x->literal = NULL;
        if ((x->place == PLACE_NUMBER && !x->literal) || x->place == PLACE_BOOLEAN)
            x->number = used[x->reg]++;
    }
}

/* Arrays for the registers and operands of any function. */
static void make_room(inference *inf)
{
    uint32_t regs = 0, operands = 4;
    for (uint32_t i = 0; i < inf->p->n; i++) {
        const function *f = inf->p->functions[i];
        if (!f->native && f->cfg->regs > regs)
            regs = f->cfg->regs;
        for (uint32_t pc = 0; pc < f->n; pc++)
            if (operand_limit(&f->code[pc]) > operands)
                operands = operand_limit(&f->code[pc]);
    }
    inf->now = arena_alloc(inf->c, (regs + 1) * sizeof *inf->now);
    inf->regs = arena_alloc(inf->c, operands * sizeof *inf->regs);
    inf->users = arena_alloc(inf->scratch, (inf->p->n + 1) * sizeof *inf->users);
}

void program_infer(compilation *c, program *p)
{
    inference inf = {.c = c, .scratch = compilation_inner(c), .p = p};
    compilation *scratch = compilation_inner(c); /* for one function */
    make_room(&inf);
    for (uint32_t i = 0; i < p->n; i++) {
        if (!p->functions[i]->native)
            start_function(&inf, scratch, p->functions[i]);
        compilation_empty(scratch);
    }
    if (optimise(c, OPT_METHODS) && optimise(c, OPT_GUESSES))
        methods_guess(c, p);
    if (p->entry != NOT_FOUND)
        open_function(&inf, p->functions[p->entry]);
    for (uint32_t i = 0; i < p->n; i++)
        for (uint32_t pc = 0; !p->functions[i]->native && pc < p->functions[i]->n; pc++)
            if (p->functions[i]->cfg->at[pc] & AT_REACHABLE)
                visit(&inf, p->functions[i], pc);
    do {
        visit_waiting(&inf);
    } while (open_uncalled(&inf) || open_ungiven(&inf));
    for (uint32_t i = 0; i < p->n; i++) {
        if (!p->functions[i]->native)
            place_webs(c, scratch, p->functions[i]), webs_whole(p->functions[i]), webs_known(c, p->functions[i]);
        compilation_empty(scratch);
    }
    compilation_empty(inf.scratch);
}
