/* explain.c: what --explain prints: each function's code with what was found out about it, what was made of that, and
 * what was in the way of more.
 *
 * Everything is asked of the passes that decide it (webs, types, call_how and its like), after the fact; nothing is
 * worked out anew, so what is shown is what is emitted.
 */
#include "explain.h"

#include <string.h>

enum { CODE_WIDTH = 44, CODE_SHOWN = 90, CELL_WIDTH = 30 };

/* ---- names ---- */

/* Names come from files: nothing but printable text is put out. */
const char *explain_printable(compilation *c, text t)
{
    char *s = arena_alloc(c, t.n + 1);
    for (uint32_t i = 0; i < t.n; i++)
        s[i] = (unsigned char)t.s[i] < 0x20 || t.s[i] == 0x7F ? '?' : t.s[i];
    return s;
}

const char *explain_label(compilation *c, const function *f)
{
    return arena_format(c, "%s:%s", explain_printable(c, f->class->name),
                        f->has_name ? explain_printable(c, f->name) : "-");
}

const char *explain_type(compilation *c, uint8_t type)
{
    static const char *const names[] = {"number", "boolean", "undefined", "object", "string", "function", "other"};
    _Static_assert(MAY_ANY == (1 << sizeof names / sizeof *names) - 1, "a name for each kind");
    if (type == MAY_ANY)
        return "any";
    const char *s = type ? NULL : "nothing";
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (type >> i & 1)
            s = s ? arena_format(c, "%s|%s", s, names[i]) : names[i];
    return s;
}

const char *explain_constant(const explainer *x, const value *v)
{
    if (v->meaning == M_FUNCTION)
        return explain_label(x->c, x->p->functions[v->target]);
    if (v->meaning == M_LIBRARY || v->meaning == M_NATIVE)
        return explain_printable(x->c, v->library);
    buffer shown = {.c = x->c};
    disasm_value(&shown, v, 5);
    return shown.data;
}

static const web *now_web(const explainer *x, uint32_t r)
{
    return &x->f->types->webs->web[x->now[r]];
}

/* ---- registers ---- */

static const char *web_place(const explainer *x, const web *w)
{
    if (!x->f->types->fast)
        return "frame";
    switch (w->place) {
    case PLACE_NUMBER:
        if (w->literal)
            return arena_format(x->c, "always %s", explain_constant(x, w->literal));
        return web_variable(x->c, w);
    case PLACE_BOOLEAN: return web_variable(x->c, w);
    case PLACE_CONSTANT: return arena_format(x->c, "always %s", explain_constant(x, w->constant));
    default: return "frame";
    }
}

/* Where the web is written: `+1 +7`, `parameter`. */
static const char *web_definitions(const explainer *x, uint32_t number)
{
    buffer o = {.c = x->c};
    buf_puts(&o, param_of(x->f, &x->f->types->webs->web[number]) ? "parameter" : "");
    uint32_t shown = 0;
    for (const definition *d = graph_of(x, x->f)->written[number]; d; d = d->next) {
        if (shown++ == LINKS_SHOWN) {
            buf_puts(&o, " ...");
            break;
        }
        buf_printf(&o, "%s+%u", o.len ? " " : "", d->pc);
    }
    return o.data;
}

/* What it may hold, as far as its function's body goes by that. */
static const char *web_kind(const explainer *x, const web *w)
{
    if (x->f->types->fast && w->held != HELD_ANY)
        return w->held == HELD_OBJECT ? "object" : "array";
    return w->whole && !w->literal ? "whole" : explain_type(x->c, w->type);
}

enum { CELLS = 3 };
static void web_cells(const explainer *x, uint32_t number, const char *cells[CELLS])
{
    const web *w = &x->f->types->webs->web[number];
    cells[0] = web_kind(x, w);
    cells[1] = web_place(x, w);
    cells[2] = web_definitions(x, number);
}

static void put_web(const explainer *x, uint32_t number, const int widths[CELLS])
{
    const web *w = &x->f->types->webs->web[number];
    const char *cells[CELLS];
    web_cells(x, number, cells);
    bool held = x->f->types->fast && w->held != HELD_ANY;
    const char *why = w->guessed                              ? "a guess: used as a number"
                      : held && w->cause.since                ? "a guess: used as one <- "
                      : w->type == MAY_FUNCTION && !w->target ? "not always the same"
                                                              : "";
    bool more = w->cause.since || *why;
    buf_printf(x->o, "    r%-3u", w->reg);
    for (int k = 0; k < CELLS; k++)
        buf_printf(x->o, "  %-*s", more || k + 1 < CELLS ? widths[k] : 0, cells[k]);
    buf_printf(x->o, "%s%s", more ? "  " : "", why);
    put_causes(x, w, w->cause);
    buf_puts(x->o, "\n");
}

static void put_webs(const explainer *x)
{
    const cfg *g = x->f->cfg;
    const graph *h = graph_of(x, x->f);
    int widths[CELLS] = {0};
    uint32_t plain = g->regs - g->nhidden;
    for (uint32_t r = 0; r < plain; r++) {
        for (uint32_t i = h->head[r]; i; i = h->next[i - 1]) {
            const char *cells[CELLS];
            web_cells(x, i - 1, cells);
            for (int k = 0; k < CELLS; k++)
                if ((int)strlen(cells[k]) > widths[k])
                    widths[k] = strlen(cells[k]) < CELL_WIDTH ? (int)strlen(cells[k]) : CELL_WIDTH;
        }
    }
    buf_puts(x->o, "  registers\n");
    for (uint32_t r = 0; r < plain; r++)
        for (uint32_t i = h->head[r]; i; i = h->next[i - 1])
            put_web(x, i - 1, widths);
}

/* ---- code ---- */

static const char *target_text(const explainer *x, uint32_t pc)
{
    uint32_t to = (uint32_t)((int64_t)pc + x->f->code[pc].off);
    return arena_format(x->c, to <= pc ? "back to %u" : "to %u", to);
}

/* How an operator is carried out on operands a and b. */
static const char *operator_text(const explainer *x, uint32_t pc, uint32_t a, uint32_t b)
{
    uint32_t r[2] = {a, b};
    const char *checks = NULL;
    for (int k = 0; k < (a == b ? 1 : 2); k++) {
        const web *w = now_web(x, r[k]);
        number_use use = number_how(w);
        if (use == NUMBER_NEVER)
            return arena_format(x->c, "runtime: r%u is %s", r[k], explain_type(x->c, w->type));
        if (use == NUMBER_CHECKED)
            checks = arena_format(x->c, "%s r%u", checks ? arena_format(x->c, "%s and", checks) : "checks that", r[k]);
    }
    if (checks)
        return arena_format(x->c, strstr(checks, "and") ? "%s are numbers" : "%s is a number", checks);
    return x->f->code[pc].op == OP_DIV ? "numbers; a guess that the divisor is not 0" : "numbers";
}

static const char *call_text(const explainer *x, uint32_t pc)
{
    call_plan plan = call_how(x->c, x->p, x->f, pc, x->now);
    switch (plan.kind) {
    case CALL_DIRECT:
    case CALL_METHOD:
    case CALL_CLOSURE: {
        const char *what = plan.kind == CALL_METHOD    ? "it is that method"
                           : plan.kind == CALL_CLOSURE ? "it is a closure over that"
                                                       : "";
        const char *types = !plan.guarded               ? ""
                            : plan.kind == CALL_CLOSURE ? "all it gets is of the types it takes"
                                                        : "its arguments are numbers";
        return arena_format(x->c, "%s: %s%s%s%s%s",
                            plan.tail                   ? "inlined, else a tail call"
                            : plan.target->types->leaf  ? "inlined"
                            : plan.target->types->early ? "inlined if it returns at once, else direct"
                                                        : "direct",
                            explain_label(x->c, plan.target), *what || *types ? ", if " : "", what,
                            *what && *types ? " and " : "", types);
    }
    case CALL_SELF: return "a jump to the start";
    case CALL_INTRINSIC: return arena_format(x->c, "in place: %s", plan.intrinsic->name);
    case CALL_NATIVE: return arena_format(x->c, "native: %s, if the arguments fit", plan.native->name.s);
    case CALL_DYNAMIC: break;
    }
    return arena_format(x->c, "dynamic: %s", plan.why);
}

static const char *access_text(const explainer *x, uint32_t pc)
{
    access_plan plan = access_how(x->c, x->f, pc, x->now);
    const uint32_t *r = x->f->code[pc].reg;
    bool get = x->f->code[pc].op == OP_GET_PROP;
    uint32_t call = method_partner(x->f->cfg, pc);
    switch (plan.kind) {
    case ACCESS_CACHED:
        if (loop_keeps(x->f, pc))
            return "inline cache; in the second version a C variable";
        return call == NOT_FOUND ? "inline cache" : arena_format(x->c, "inline cache, a method for %u", call);
    case ACCESS_ELEMENT: {
        uint32_t key = r[get ? 2 : 1];
        const char *array = now_web(x, r[get])->held == HELD_ARRAY ? "" : ", if it is an array";
        const char *more = loop_keeps(x->f, pc) ? "; in the second version its array is known"
                           : plan.map           ? "; a lookup, if it is an object and that a string"
                                                : "";
        if (number_how(now_web(x, key)) == NUMBER_KNOWN)
            return arena_format(x->c, "in place: an element%s%s", array, more);
        return arena_format(x->c, "in place: an element%s%s r%u %s%s", array, *array ? " and" : ", if", key,
                            *array ? "a number" : "is a number", more);
    }
    case ACCESS_DYNAMIC: break;
    }
    if (plan.map)
        return arena_format(x->c, "a lookup, if it is an object and r%u a string", r[get ? 2 : 1]);
    return arena_format(x->c, "runtime: %s", plan.why);
}

/* What an optimised body makes of an instruction; NULL: nothing to say. */
static const char *fast_text(const explainer *x, uint32_t pc)
{
    const instr *i = &x->f->code[pc];
    if (is_operator(i->op))
        return operator_text(x, pc, i->reg[1], i->reg[2]);
    switch ((opcode)i->op) {
    case OP_CALL: return call_text(x, pc);
    case OP_GET_PROP:
    case OP_SET_PROP: return access_text(x, pc);
    default: return NULL;
    }
}

static const char *match_text(const explainer *x, const instr *i)
{
    uint8_t may = x->f->types && x->f->types->fast ? match_may(now_web(x, i->reg[0])) : MAY_ANY;
    uint32_t in_trees = 0, tried = cases_tried(i);
    for (uint32_t k = 0, n; k < tried; k += n ? n : 1)
        in_trees += match_run(x->c, i, k, may, &n) ? n : 0;
    const char *s = tried == 1 ? "" : "s";
    if (tried == 0)
        return "no case";
    if (in_trees == tried)
        return arena_format(x->c, "a tree of %u case%s", tried, s);
    if (in_trees == 0)
        return arena_format(x->c, "%u case%s in turn", tried, s);
    return arena_format(x->c, "%u of %u case%s in trees, the others in turn", in_trees, tried, s);
}

/* What any body makes of it. */
static const char *plain_text(const explainer *x, uint32_t pc)
{
    const instr *i = &x->f->code[pc];
    switch ((opcode)i->op) {
    case OP_JUMP:
    case OP_JUMP_IF_TRUE:
    case OP_JUMP_IF_FALSE: return target_text(x, pc);
    case OP_LOAD_CONST:
        return value_is_literal(i->value) && i->value->tag != V_ATOM ? "runtime: made afresh each time" : NULL;
    case OP_GET_PROP:
    case OP_SET_PROP: return "runtime";
    case OP_SEND:
    case OP_RECEIVE:
    case OP_RECEIVE_WITH_TIMEOUT:
    case OP_LINK:
    case OP_SELECT:
    case OP_SELECT_WITH_KILL: return "may wait";
    case OP_MATCH: return match_text(x, i);
    default: return NULL;
    }
}

/* Yield points and charges stand on lines of their own. */
static void put_stretch(const explainer *x, uint32_t pc)
{
    const cfg *g = x->f->cfg;
    if (!(g->at[pc] & (AT_STRETCH | AT_CHECK)) || body_swallowed(g, pc))
        return;
    const char *what = pc == 0 ? "entry, " : g->at[pc] & AT_TARGET ? "loop, " : "";
    if (pc < x->f->n && x->f->types && loop_from(x->f, pc))
        what = pc == 0 ? "entry, loop in two versions, " : "loop in two versions, ";
    buf_printf(x->o, "    %s%s%u reduction%s\n", g->at[pc] & AT_CHECK ? what : "",
               g->at[pc] & AT_CHECK ? "may yield, " : "", g->charge[pc], g->charge[pc] == 1 ? "" : "s");
}

static const char *disassembly(const explainer *x, uint32_t pc)
{
    buffer line = {.c = x->c};
    disasm_instr(&line, &x->f->code[pc], x->f->class->dialect);
    if (line.len > CODE_SHOWN) {
        size_t n = CODE_SHOWN;
        while ((line.data[n] & 0xC0) == 0x80)
            n--;
        memcpy(line.data + n, "...", 4);
    }
    return line.data;
}

static void put_instruction(explainer *x, uint32_t pc)
{
    const function *f = x->f;
    bool reached = f->cfg->at[pc] & AT_REACHABLE;
    if (reached)
        put_stretch(x, pc);
    const char *how = NULL, *line = disassembly(x, pc);
    if (!reached)
        how = "never reached";
    else if (body_swallowed(f->cfg, pc))
        how = "part of the tail call";
    else if (f->types) {
        webs_before(f, f->types->webs, pc, x->now);
        how = f->types->fast ? fast_text(x, pc) : NULL;
        webs_after(f, f->types->webs, pc, x->now);
    }
    if (!how)
        how = plain_text(x, pc);
    buf_printf(x->o, "%6u: ", pc);
    if (how)
        buf_printf(x->o, "%-*s  ; %s\n", x->code_width, line, how);
    else
        buf_printf(x->o, "%s\n", line);
}

static void put_code(explainer *x)
{
    x->code_width = 0;
    for (uint32_t pc = 0; pc < x->f->n; pc++) {
        int width = (int)strlen(disassembly(x, pc));
        if (width > x->code_width)
            x->code_width = width < CODE_WIDTH ? width : CODE_WIDTH;
    }
    buf_puts(x->o, "  code\n");
    for (uint32_t pc = 0; pc < x->f->n; pc++)
        put_instruction(x, pc);
    uint32_t end = x->f->n;
    if (x->f->cfg->at[end] & AT_REACHABLE || end == 0) {
        if (x->f->cfg->at[end] & AT_CHECK)
            put_stretch(x, end);
        buf_printf(x->o, "%6u: end of the code, gives ()\n", end);
    }
}

/* ---- functions ---- */

static void put_field(const explainer *x, const char *name, const char *what)
{
    buf_printf(x->o, "  %-10s %s\n", name, what);
}

static const char *place(const explainer *x, uint32_t pc)
{
    return arena_format(x->c, "+%u %s", pc, op_table[x->f->code[pc].op].name);
}

static void put_entry(const explainer *x)
{
    const types *t = x->f->types;
    buffer guard = {.c = x->c};
    for (uint32_t j = 0; j < t->nparams; j++) {
        const web *w = &t->webs->web[t->params[j].web];
        if (w->place != PLACE_FRAME || w->held != HELD_ANY)
            buf_printf(&guard, " and r%u is %s %s", w->reg, w->held == HELD_ANY ? "a" : "an", web_kind(x, w));
    }
    for (uint32_t pc = 0; pc < x->f->n; pc++) {
        const instr *i = &x->f->code[pc];
        if (x->f->cfg->at[pc] & AT_REACHABLE && i->op == OP_LOAD_CONST && i->value->tag == V_ATOM &&
            i->value->meaning == M_THIS && t->webs->web[t->webs->writes[pc][0]].held != HELD_ANY) {
            buf_puts(&guard, " and this is an object");
            break;
        }
    }
    put_field(x, "entry",
              guard.len ? arena_format(x->c, "checks that %s; else the plain body runs", guard.data + 5)
                        : "takes anything");
}

static void put_header(const explainer *x)
{
    const function *f = x->f;
    const types *t = f->types;
    if (!t) {
        put_field(x, "body", "plain: -O0, --exact, --debug and --no-opt=infer leave the types out");
        return;
    }
    if (!t->fast)
        put_field(x, "body", arena_format(x->c, "plain: %s", t->why_plain));
    else if (t->quiet)
        put_field(x, "body", "optimised, quiet: no upkeep of its frame");
    else if (t->loud_at == NOT_FOUND)
        put_field(x, "body", "optimised");
    else
        put_field(x, "body", arena_format(x->c, "optimised, not quiet: %s", place(x, t->loud_at)));
    if (t->fast)
        put_entry(x);
    if (t->leaf)
        put_field(x, "inlined", "in place of direct calls");
    else if (t->early)
        put_field(x, "inlined", "its start, in place of direct calls");
    else if (t->fast)
        put_field(x, "inlined",
                  arena_format(x->c, "no: %s%s%s", t->no_leaf_at == NOT_FOUND ? "" : place(x, t->no_leaf_at),
                               t->no_leaf_at != NOT_FOUND && t->why_no_leaf ? ", " : "",
                               t->why_no_leaf ? t->why_no_leaf : ""));
    buf_printf(x->o, "  %-10s %s", "result", explain_type(x->c, t->result));
    if (t->result_cause.since) {
        buf_puts(x->o, ": ");
        put_causes(x, NULL, t->result_cause);
    }
    buf_puts(x->o, "\n");
}

static void put_function(explainer *x, const function *f)
{
    x->f = f;
    buf_printf(x->o, "%s (arity %u)\n", explain_label(x->c, f), f->arity);
    if (f->native) {
        put_field(x, "native", explain_printable(x->c, f->native_name));
        return;
    }
    x->now = arena_alloc(x->c, (f->cfg->regs + 1) * sizeof *x->now);
    put_header(x);
    if (f->types && f->n)
        put_webs(x);
    put_code(x);
}

/* By `name`, which may have its class in front. */
static bool is_called(compilation *c, const function *f, const char *name)
{
    text t = text_of(name);
    const char *own = f->has_name ? f->name.s : "-";
    return strcmp(own, name) == 0 || text_equal(t, text_of(arena_format(c, "%s:%s", f->class->name.s, own)));
}

text package_explanation(compilation *c, const char *path, const char *name)
{
    package *pack;
    const program *p = compile_package(c, path, &pack);
    buffer out = {.c = c};
    uint32_t shown = 0;
    explainer x = {.c = c, .p = p, .o = &out, .graphs = arena_alloc(c, (p->n + 1) * sizeof *x.graphs)};
    buf_puts(&out, "");
    for (uint32_t i = 0; i < p->n; i++) {
        if (name && !is_called(c, p->functions[i], name))
            continue;
        if (shown++)
            buf_puts(&out, "\n");
        put_function(&x, p->functions[i]);
    }
    for (uint32_t i = 0; i < p->nunreached; i++) {
        if (name && !is_called(c, p->unreached[i], name))
            continue;
        buf_printf(&out, "%s%s\n  nothing refers to it: left out\n", shown++ ? "\n" : "",
                   explain_label(c, p->unreached[i]));
    }
    if (name && shown == 0)
        fail(c, NULL, NO_OFFSET, "no function %s; --info lists them", explain_printable(c, text_of(name)));
    return (text){out.data, (uint32_t)out.len};
}
