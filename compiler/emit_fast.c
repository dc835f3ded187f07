/* emit_fast.c: the optimised body of a function: proven numbers and booleans in C variables, known calls as direct C
 * calls.
 *
 * The frame, its points and what is live at them are those of the plain body (emit_body.c). What must stay true: at
 * every point where the frame can be seen — left, collected, looked at for a trace — each live register's slot holds
 * its value. So C variables that are live at a point are stored ("flushed") before anything that may leave or collect
 * there, and loaded again when the body is entered at the point. Where a guess fails, the frame is flushed and the
 * plain body goes on at the same point.
 *
 * A quiet body does nothing but arithmetic, jumps and calls of quiet bodies: nobody sees its frame unless it leaves, so
 * it is flushed out of line and fp->fn is set only then.
 *
 * Labels: B<k>, A<k> as in the plain body; Y<k> the slice may be over, S<k> a callee left, D<k> a guess about v failed,
 * C<k> a condition of an intrinsic failed; `plain` what all D<k> come to; P<pc>, H<pc>, Q<k> as in emit_loop.c; G the
 * stack segment is full, E the start, for tail calls of itself.
 */
#include <string.h>

#include "ionc.h"

/* ---- instructions ---- */

static void put_load(fast *x, uint32_t pc, uint32_t k)
{
    const value *v = x->b.f->code[pc].value;
    const web *w = fast_written(x, pc);
    const char *literal = v->tag == V_NUMBER && !w->literal ? emit_number(x->b.e, v->number) : NULL;
    if (w->place == PLACE_CONSTANT || w->literal)
        buf_puts(&x->text, "    ;");
    else if (literal)
        fast_set_number(x, pc, literal);
    else if (v->tag == V_NUMBER && w->place == PLACE_NUMBER)
        buf_printf(&x->text, "    t.v = %s;\n    %s = t.d;", emit_immediate(x->b.e, v), fast_local(x, w));
    else if (v->tag == V_BOOLEAN)
        fast_set_boolean(x, w, v->boolean ? "1" : "0");
    else if (w->place == PLACE_NUMBER) /* a number of the running process */
        buf_printf(&x->text, "    t.v = ion_vm(p, fp, ION_VM_%s);\n    %s = t.d;",
                   v->meaning == M_PID         ? "PID"
                   : v->meaning == M_PROCESSES ? "PROCESSES"
                                               : "PASSES",
                   fast_local(x, w));
    else {
        if (k != NOT_FOUND) {
            fast_flush_live(x, &x->text, k);
            buf_puts(&x->text, SAVE_REDS);
        }
        body_statement(&x->b, pc, k, NOT_FOUND);
        if (k != NOT_FOUND)
            buf_puts(&x->text, "\n" LOAD_REDS);
    }
}

static void put_move(fast *x, uint32_t pc)
{
    const instr *i = &x->b.f->code[pc];
    const web *w = fast_written(x, pc);
    if (w->place == PLACE_CONSTANT)
        buf_puts(&x->text, "    ;");
    else if (fast_is_number(x, i->reg[1]))
        fast_set_number(x, pc, fast_number(x, i->reg[1]));
    else if (fast_web(x, i->reg[1])->place == PLACE_BOOLEAN)
        fast_set_boolean(x, w, fast_truth(x, i->reg[1]));
    else if (w->place == PLACE_FRAME)
        buf_printf(&x->text, "    R(%u) = %s;", w->reg, fast_boxed(x, i->reg[1]));
    else
        buf_puts(&x->text, "    ;"); /* from a web that never holds anything */
}

/* "R(1) is a number, and R(2)" as far as it is not known; NULL: never; "": always. */
static const char *both_numbers(const fast *x, uint32_t a, uint32_t b)
{
    const char *test = "";
    uint32_t r[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        number_use use = number_how(fast_web(x, r[i]));
        if (use == NUMBER_KNOWN)
            continue;
        if (use == NUMBER_NEVER)
            return NULL;
        test = arena_format(x->b.e->c, "%s%sION_IS_NUMBER(R(%u))", test, *test ? " && " : "", r[i]);
    }
    return test;
}

void fast_runtime_call(fast *x, uint32_t k, const char *call)
{
    buf_puts(&x->text, SAVE_REDS);
    fast_flush_live(x, &x->text, k);
    buf_printf(&x->text, "    ION_TRY(%u, %s);\n" LOAD_REDS, k, call);
    fast_label_after(x, k);
}

static void put_slow_start(fast *x, const char *test, uint32_t k, const char *call)
{
    buf_puts(&x->text, test ? " else {\n" : "    {\n");
    fast_runtime_call(x, k, call);
}

static void put_arithmetic(fast *x, uint32_t pc, uint32_t k, const char *op, const char *slow)
{
    const instr *i = &x->b.f->code[pc];
    uint32_t a = i->reg[1], b = i->reg[2];
    const char *test = both_numbers(x, a, b);
    const char *sum = arena_format(x->b.e->c, "%s %s %s", fast_number(x, a), op, fast_number(x, b));
    bool divides = *op == '/';
    if (test && !*test) {
        if (divides && !never_zero(fast_web(x, b))) {
            fast_need_deopt(x, k);
            buf_printf(&x->text,
                       "    if (ION_UNLIKELY(%s == 0)) {\n        v = ION_UNDEFINED;\n        goto %s;\n    }\n",
                       fast_number(x, b), fast_out(x, 'D', k));
        }
        fast_set_number(x, pc, sum);
        return;
    }
    if (test) {
        buf_printf(&x->text, "    if (%s%s) {\n", test,
                   divides ? arena_format(x->b.e->c, " && %s != 0", fast_number(x, b)) : "");
        fast_set_number(x, pc, sum);
        buf_puts(&x->text, "\n    }");
    }
    put_slow_start(x, test, k, arena_format(x->b.e->c, "%s(p, fp, %s, %s)", slow, fast_boxed(x, a), fast_boxed(x, b)));
    fast_result(x, pc, k);
    buf_puts(&x->text, "\n    }");
}

/* That two values are equal where they have the same bits, and not equal where they have not. */
static const char *same_bits(const fast *x, uint32_t a, uint32_t b)
{
    const char *v = fast_boxed(x, a), *w = fast_boxed(x, b);
    if (web_is_atom(fast_web(x, a)))
        return arena_format(x->b.e->c, "ION_IS_NO_TEXT(%s)", w);
    if (web_is_atom(fast_web(x, b)))
        return arena_format(x->b.e->c, "ION_IS_NO_TEXT(%s)", v);
    return arena_format(x->b.e->c, "ION_IS_PLAIN(%s) && ION_IS_PLAIN(%s)", v, w);
}

static void put_comparison(fast *x, uint32_t pc, uint32_t k, uint32_t a, uint32_t b, const char *op, const char *slow,
                           const char *not)
{
    const char *test = both_numbers(x, a, b);
    const char *fact = arena_format(x->b.e->c, "%s(%s %s %s)", not, fast_number(x, a), op, fast_number(x, b));
    if (test && !*test) {
        fast_set_boolean(x, fast_written(x, pc), fact);
        return;
    }
    if (test) {
        buf_printf(&x->text, "    if (%s) {\n", test);
        fast_set_boolean(x, fast_written(x, pc), fact);
        buf_puts(&x->text, "\n    }");
    }
    const char *v = fast_boxed(x, a), *w = fast_boxed(x, b);
    if (strcmp(op, "==") == 0 && strcmp(v, w) != 0) { /* what needs no look inside */
        buf_printf(&x->text, "%sif (%s) {\n", test ? " else " : "    ", same_bits(x, a, b));
        fast_set_boolean(x, fast_written(x, pc), arena_format(x->b.e->c, "%s(%s == %s)", not, v, w));
        buf_puts(&x->text, "\n    }");
        test = "";
    }
    put_slow_start(x, test, k, arena_format(x->b.e->c, "%s(p, fp, %s, %s)", slow, fast_boxed(x, a), fast_boxed(x, b)));
    fast_set_boolean(x, fast_written(x, pc), arena_format(x->b.e->c, "%sION_TRUTHY(v)", not ));
    buf_puts(&x->text, "\n    }");
}

static void put_return(fast *x, uint32_t r)
{
    buf_printf(&x->text, "    ION_RESULT(%s);", fast_boxed(x, r));
}

/* Everything else works on the frame. */
static void put_plain(fast *x, uint32_t pc, uint32_t k, uint32_t w)
{
    const instr *i = &x->b.f->code[pc];
    uint32_t *regs = arena_alloc(x->b.e->c, operand_limit(i) * sizeof *regs);
    uint32_t n = instr_reads(x->b.f, i, regs);
    for (uint32_t j = 0; j < n; j++)
        if (k == NOT_FOUND || !fast_is_live(x, k, regs[j]))
            fast_flush(x, &x->text, regs[j]);
    uint32_t at = k != NOT_FOUND ? k : w;
    bool calls = at != NOT_FOUND; /* the runtime, which charges */
    if (calls) {
        fast_flush_live(x, &x->text, at);
        buf_puts(&x->text, SAVE_REDS);
    }
    if (k != NOT_FOUND && x->b.g->points[k].kind == POINT_AFTER) {
        x->has_a[k] = true;
        fast_note_reload(x, k);
    }
    if (i->op == OP_RECEIVE_WITH_TIMEOUT) {
        const webs *ws = x->t->webs;
        buf_printf(&x->text, "    ION_DO_RESUMED(%u, %u, ion_receive_timeout(p, fp, R(%u)));\n", i->reg[0], k,
                   i->reg[1]);
        fast_set_boolean(x, &ws->web[ws->writes[pc][1]], "p->ok != 0");
        buf_puts(&x->text, "\n" LOAD_REDS);
        return;
    }
    body_statement(&x->b, pc, k, w);
    if (calls)
        buf_puts(&x->text, "\n" LOAD_REDS);
}

static void put_make(fast *x, uint32_t pc, uint32_t k, uint32_t w)
{
    bool in_place = makes_in_place(x, pc);
    if (in_place) {
        emit_make(x, pc);
        buf_puts(&x->text, " else {\n");
    }
    put_plain(x, pc, k, w);
    if (in_place)
        buf_puts(&x->text, "    }");
}

/* The subject stays where it is, and counts as read where the cases have led to a look at it. */
static void put_match(fast *x, uint32_t pc, uint32_t r)
{
    const web *w = fast_web(x, r);
    compilation *c = x->b.e->c;
    size_t start = x->text.len;
    match_subject s = {arena_format(c, "R(%u)", r), arena_format(c, "N(%u)", r), NULL, MAY_ANY};
    bool local = w->place == PLACE_NUMBER || w->place == PLACE_BOOLEAN;
    if (w->place == PLACE_NUMBER)
        s = (match_subject){arena_format(c, "(t.d = %s, t.v)", fast_local(x, w)), fast_local(x, w), NULL, 0};
    else if (w->place == PLACE_BOOLEAN)
        s = (match_subject){arena_format(c, "ION_BOOL(%s)", fast_local(x, w)), NULL, fast_local(x, w), 0};
    else if (w->place == PLACE_CONSTANT)
        s = (match_subject){fast_boxed(x, r), NULL, NULL, 0};
    s.may = match_may(w);
    body_match(&x->b, pc, &s);
    if (local && x->text.len > start && strstr(x->text.data + start, fast_local(x, w)))
        x->read[w - x->t->webs->web] = true;
}

static void put_statement(fast *x, uint32_t pc, uint32_t k, uint32_t w)
{
    const instr *i = &x->b.f->code[pc];
    const uint32_t *r = i->reg;
    compilation *c = x->b.e->c;
    switch ((opcode)i->op) {
    case OP_LOAD_CONST: put_load(x, pc, k); break;
    case OP_MOVE: put_move(x, pc); break;
    case OP_ADD: put_arithmetic(x, pc, k, "+", "ion_add"); break;
    case OP_SUB: put_arithmetic(x, pc, k, "-", "ion_sub"); break;
    case OP_MUL: put_arithmetic(x, pc, k, "*", "ion_mul"); break;
    case OP_DIV: put_arithmetic(x, pc, k, "/", "ion_div"); break;
    case OP_EQUAL: put_comparison(x, pc, k, r[1], r[2], "==", "ion_equal", ""); break;
    case OP_NOT_EQUAL: put_comparison(x, pc, k, r[1], r[2], "==", "ion_equal", "!"); break;
    case OP_LESS_THAN: put_comparison(x, pc, k, r[1], r[2], "<", "ion_less", ""); break;
    case OP_LESS_EQUAL: put_comparison(x, pc, k, r[1], r[2], "<=", "ion_less_equal", ""); break;
    case OP_GREATER_THAN: put_comparison(x, pc, k, r[2], r[1], "<", "ion_less", ""); break;
    case OP_GREATER_EQUAL: put_comparison(x, pc, k, r[2], r[1], "<=", "ion_less_equal", ""); break;
    case OP_AND:
        fast_set_boolean(x, fast_written(x, pc), arena_format(c, "%s && %s", fast_truth(x, r[1]), fast_truth(x, r[2])));
        break;
    case OP_OR:
        fast_set_boolean(x, fast_written(x, pc), arena_format(c, "%s || %s", fast_truth(x, r[1]), fast_truth(x, r[2])));
        break;
    case OP_NOT:
        if (never_object(fast_web(x, r[1])->type))
            fast_set_boolean(x, fast_written(x, pc), arena_format(c, "!(%s)", fast_truth(x, r[1])));
        else
            put_plain(x, pc, k, w);
        break;
    case OP_JUMP: buf_printf(&x->text, "    goto %s;", fast_label(x, pc, i->off)); break;
    case OP_JUMP_IF_TRUE:
        buf_printf(&x->text, "    if (%s)\n        goto %s;", fast_truth(x, r[0]), fast_label(x, pc, i->off));
        break;
    case OP_JUMP_IF_FALSE:
        buf_printf(&x->text, "    if (!(%s))\n        goto %s;", fast_truth(x, r[0]), fast_label(x, pc, i->off));
        break;
    case OP_RETURN: put_return(x, r[0]); break;
    case OP_CALL: emit_call(x, pc, k); break;
    case OP_GET_PROP: emit_get(x, pc, k); break;
    case OP_SET_PROP: emit_set(x, pc, k); break;
    case OP_MATCH: put_match(x, pc, r[0]); break;
    case OP_ARRAY_INIT:
    case OP_OBJECT_INIT: put_make(x, pc, k, w); break;
    default: put_plain(x, pc, k, w); break;
    }
}

/* Where the body goes on at point k, in front of an instruction: a loop with two versions begins anew, to choose one. */
static const char *label_before(const fast *x, uint32_t k)
{
    uint32_t pc = x->b.g->points[k].pc;
    return loop_from(x->b.f, pc) ? arena_format(x->b.e->c, "L%u", pc) : arena_format(x->b.e->c, "B%u", k);
}

static void put_check(fast *x, uint32_t k)
{
    buf_printf(&x->text, "    ION_CHECK_REDS(%u);\n", k);
    buf_printf(&x->tail, "Y%u:\n" SAVE_REDS, k);
    fast_flush_live(x, &x->tail, k);
    fast_header(x, &x->tail);
    buf_printf(&x->tail,
               "    fp->at = %u;\n    if (ion_slice_end(p, fp))\n        goto left;\n" LOAD_REDS "    goto %s;\n", k,
               label_before(x, k));
}

void fast_instruction(fast *x, uint32_t pc)
{
    const cfg *g = x->b.g;
    if (g->at[pc] & AT_STRETCH)
        buf_printf(&x->text, "    ION_SPEND(%u);\n", g->charge[pc]);
    body_disassembly(&x->b, pc, 4);
    put_statement(x, pc, g->after[pc], g->before[pc]);
    if (x->text.data[x->text.len - 1] != '\n')
        buf_puts(&x->text, "\n");
    webs_after(x->b.f, x->t->webs, pc, x->now);
}

static void put_instruction(fast *x, uint32_t pc)
{
    const cfg *g = x->b.g;
    uint32_t before = g->before[pc];
    const loop *l = loop_from(x->b.f, pc);
    if (g->at[pc] & AT_TARGET || x->has_l[pc])
        buf_printf(&x->text, "L%u:\n", pc);
    if (l)
        emit_loop(x, l);
    webs_before(x->b.f, x->t->webs, pc, x->now);
    if (g->at[pc] & AT_CHECK)
        put_check(x, before);
    if (before != NOT_FOUND) {
        x->has_b[before] = true;
        fast_note_reload(x, before);
        if (!l)
            buf_printf(&x->text, "B%u:\n", before);
    }
    fast_instruction(x, pc);
}

/* ---- the function around it ---- */

static void put_parameters(const function *f, const fast *x, buffer *o, bool types_only)
{
    for (uint32_t j = 0; j < f->types->nparams; j++) {
        const web *w = &f->types->webs->web[f->types->params[j].web];
        if (w->place == PLACE_FRAME)
            continue;
        buf_printf(o, ", %s", w->place == PLACE_NUMBER ? "double" : "int");
        if (!types_only)
            buf_printf(o, " %s", fast_local(x, w));
    }
}

void emit_fast_prototypes(emitter *e, const function *f, buffer *out, bool own)
{
    const char *name = e->names[f->index];
    if (own)
        buf_printf(out, "static ion_code %s__enter, %s__code;\n", name, name);
    buf_printf(out, "%s%sconst ion_function %s__fastf;\n", e->split ? "extern " : "", e->linkage, name);
    buf_printf(out, "%sion_result %s__fast(ion_process *p, ion_frame *fp, ion_i64 reds, ion_u32 argc", e->linkage, name);
    put_parameters(f, NULL, out, true);
    buf_puts(out, ");\n");
}

static void put_locals(fast *x, buffer *o)
{
    const webs *w = x->t->webs;
    bool *is_param = arena_alloc(x->b.e->c, w->n + 1);
    for (uint32_t j = 0; j < x->t->nparams; j++)
        is_param[x->t->params[j].web] = true;
    for (int kind = PLACE_NUMBER; kind <= PLACE_BOOLEAN; kind++) {
        uint32_t shown = 0;
        for (uint32_t i = 0; i < w->n; i++) {
            if ((int)w->web[i].place != kind || is_param[i] || w->web[i].literal)
                continue;
            buf_printf(o, "%s%s%s = 0",
                       shown++                ? ", "
                       : kind == PLACE_NUMBER ? "    double "
                                              : "    int ",
                       fast_local(x, &w->web[i]), x->read[i] ? "" : " ION_UNUSED");
        }
        if (shown)
            buf_puts(o, ";\n");
    }
}

static void put_resume(fast *x, buffer *o)
{
    const cfg *g = x->b.g;
    buf_puts(o, "    if (ION_UNLIKELY(argc == ION_RESUMED)) {\n");
    bool any = false, charges = false;
    for (uint32_t k = 0; k < g->npoints; k++) {
        any |= x->has_a[k];
        charges |= x->has_a[k] && g->points[k].rest;
    }
    if (any)
        buf_puts(o, "        v = ION_TAKE();\n");
    if (charges) /* points in front of an instruction have none */
        buf_printf(o, "        p->reds = reds -= %s__points[fp->at].rest;\n", x->b.name);
    buf_puts(o, "        switch (fp->at) {\n");
    for (uint32_t k = 0; k < g->npoints; k++) {
        if (!x->has_a[k] && !x->has_b[k])
            continue;
        buf_printf(o, g->points[k].check ? "        ION_CASE_CHECK(%u)\n" : "        case %u:\n", k);
        if (x->reload[k].len)
            buf_put(o, x->reload[k].data, x->reload[k].len);
        if (x->has_a[k])
            buf_printf(o, "            goto A%u;\n", k);
        else
            buf_printf(o, "            goto %s;\n", label_before(x, k));
    }
    buf_puts(o, "        }\n    }\n");
}

/* Puts the parameters into the frame, as at the start; gives how many slots they reach over. */
static uint32_t flush_parameters(fast *x, buffer *o)
{
    uint32_t slots = 0;
    for (uint32_t j = 0; j < x->t->nparams; j++) {
        const web *w = &x->t->webs->web[x->t->params[j].web];
        x->now[w->reg] = x->t->params[j].web;
        fast_flush(x, o, w->reg);
        slots = w->reg + 1;
    }
    return slots;
}

static void put_grow(fast *x)
{
    buf_puts(&x->tail, "G:\n");
    uint32_t slots = flush_parameters(x, &x->tail);
    fast_header(x, &x->tail);
    buf_printf(&x->tail, SAVE_REDS "    v = ion_grow(p, fp, %u);\n" LOAD_REDS "    ION_RESULT(v);\n", slots);
}

/* The ways in: with arguments of any types, and with those that the optimised body was made for (or at a point). */
/* What parameters and `this` are taken for, at the start; where they are not, the plain body does it all. */
static const char *start_test(const fast *x)
{
    compilation *c = x->b.e->c;
    const webs *ws = x->t->webs;
    const char *test = "";
    for (uint32_t j = 0; j < x->t->nparams; j++) {
        const web *w = &ws->web[x->t->params[j].web];
        if (w->held != HELD_ANY)
            test = arena_format(c, "%s || !%s(R(%u))", test, w->held == HELD_OBJECT ? "ION_IS_OBJECT" : "ION_IS_ARRAY",
                                w->reg);
    }
    for (uint32_t pc = 0; pc < x->b.f->n; pc++) {
        const instr *i = &x->b.f->code[pc];
        if (x->b.g->at[pc] & AT_REACHABLE && i->op == OP_LOAD_CONST && i->value->tag == V_ATOM &&
            i->value->meaning == M_THIS && ws->web[ws->writes[pc][0]].held != HELD_ANY)
            return arena_format(c, "%s || !%s(fp->self)", test,
                                ws->web[ws->writes[pc][0]].held == HELD_OBJECT ? "ION_IS_OBJECT" : "ION_IS_ARRAY");
    }
    return test;
}

static void put_start_test(fast *x, buffer *o)
{
    const char *test = start_test(x);
    if (!*test)
        return;
    buf_printf(o, "    if (ION_UNLIKELY(%s)) {\n", test + 4);
    uint32_t slots = flush_parameters(x, o);
    buf_printf(o,
               "    fp->fn = &%s__f;\n" SAVE_REDS "    v = %s(p, fp, %u);\n" LOAD_REDS "    ION_RESULT(v);\n    }\n",
               x->b.name, x->b.name, slots);
}

static void put_entries(fast *x, buffer *o)
{
    const char *name = x->b.name;
    buffer guard = {.c = x->b.e->c}, args = {.c = x->b.e->c};
    for (uint32_t j = 0; j < x->t->nparams; j++) {
        const web *w = &x->t->webs->web[x->t->params[j].web];
        if (w->place == PLACE_FRAME)
            continue;
        if (w->place == PLACE_NUMBER) {
            buf_printf(&guard, " && ION_IS_NUMBER(R(%u))", w->reg);
            buf_printf(&args, ", N(%u)", w->reg);
        } else {
            buf_printf(&guard, " && (R(%u) == ION_TRUE || R(%u) == ION_FALSE)", w->reg, w->reg);
            buf_printf(&args, ", R(%u) == ION_TRUE", w->reg);
        }
    }
    const char *more = args.data ? args.data : "";
    buf_printf(o, "static ion_value %s__code(ion_process *p, ion_frame *fp, ion_u32 argc)\n{\n", name);
    buf_printf(o, "    ION_OUTSIDE(%s__fast(p, fp, p->reds, argc%s));\n}\n\n", name, more);
    buf_printf(o, "static ion_value %s__enter(ion_process *p, ion_frame *fp, ion_u32 argc)\n{\n", name);
    buf_printf(o, "    if (argc == ION_RESUMED)\n        return %s(p, fp, argc);\n    ION_ENTER(%s__f);\n", name, name);
    if (x->b.g->fill)
        buf_printf(o, "    ION_FILL(%uu);\n", x->b.g->fill);
    if (guard.data) /* ION_FILL has made undefined of missing arguments, which no guard lets in */
        buf_printf(o, "    if (!(%s))\n        return %s(p, fp, argc);\n", guard.data + 4, name);
    buf_printf(o, "    fp->fn = &%s__fastf;\n    return %s__code(p, fp, 0);\n}\n\n", name, name);
}

static void put_statements(const emitter *e, buffer *o, const buffer *statements)
{
    if (e->how.comments) /* for people */
        emit_laid_out(o, statements->data, statements->len);
    else
        buf_put(o, statements->data, statements->len);
}

/* A text that has already grown for functions before this one. */
static buffer empty_room(emitter *e, int i)
{
    buffer *b = &e->room[i];
    b->c = e->keep;
    b->len = 0;
    buf_puts(b, "");
    return *b;
}

void emit_fast(emitter *e, const function *f)
{
    const cfg *g = f->cfg;
    size_t flags = g->npoints + 1;
    fast x = {.b = {.e = e, .f = f, .g = g, .name = e->names[f->index], .local_reds = true}, .t = f->types};
    x.text = empty_room(e, 0);
    x.tail = empty_room(e, 1);
    x.variable = arena_alloc(e->c, (f->types->webs->n + 1) * sizeof *x.variable);
    x.b.out = &x.text;
    x.now = arena_alloc(e->c, (g->regs + 1) * sizeof *x.now);
    x.read = arena_alloc(e->c, f->types->webs->n + 1);
    x.has_a = arena_alloc(e->c, flags);
    x.has_b = arena_alloc(e->c, flags);
    x.has_d = arena_alloc(e->c, flags);
    x.has_s = arena_alloc(e->c, flags);
    x.has_l = arena_alloc(e->c, f->n + 1);
    x.has_q = arena_alloc(e->c, flags);
    f->types->cache = arena_alloc(e->c, f->n * sizeof(uint32_t));
    memset(f->types->cache, 0xFF, f->n * sizeof(uint32_t));
    x.reload = arena_alloc(e->c, flags * sizeof *x.reload);
    for (uint32_t k = 0; k < g->npoints; k++)
        x.reload[k].c = e->c;
    for (uint32_t pc = 0; pc < f->n; pc++)
        if (g->at[pc] & AT_REACHABLE && !body_swallowed(g, pc))
            put_instruction(&x, pc);
    if (g->at[f->n] & AT_TARGET || x.has_l[f->n])
        buf_printf(&x.text, "L%u:\n", f->n);
    if (g->at[f->n] & AT_REACHABLE)
        buf_puts(&x.text, "    ION_RESULT(ION_UNIT);\n");
    fast_deopt_end(&x);
    put_grow(&x);

    buffer *o = &e->out;
    buf_printf(o,
               "/* the same, with what is known to be a number or boolean in C variables */\n%sion_result "
               "%s__fast(ion_process *p, ion_frame *fp, ion_i64 reds, ion_u32 argc",
               e->linkage, x.b.name);
    put_parameters(f, &x, o, false);
    buf_puts(o, ")\n{\n");
    bool text_t = strstr(x.text.data, "t.d") || strstr(x.text.data, "&t)") || strstr(x.tail.data, "t.d");
    bool text_v = strstr(x.tail.data, "v = ") || strstr(x.tail.data, "= v;");
    static const char *const users[] = {"v = ",    "ION_OWN",  "ION_AT",     "ION_METHOD", "ION_DO",
                                        "ION_TRY", "ION_CALL", "ION_EFFECT", "ION_NOT"};
    for (size_t i = 0; !text_v && i < sizeof users / sizeof *users; i++)
        text_v = strstr(x.text.data, users[i]) != NULL;
    text_v = text_v || *start_test(&x);
    if (text_v)
        buf_puts(o, "    ion_value v;\n");
    if (text_t)
        buf_puts(o, "    ion_slot t;\n");
    if (strstr(x.text.data, "result = "))
        buf_puts(o, "    ion_result result;\n");
    put_locals(&x, o);
    emit_loop_variables(&x, o);
    bool method = strstr(x.text.data, "ION_METHOD(");
    if (method)
        buf_puts(o, "    ion_object *q;\n");
    if (method || strstr(x.text.data, "ION_OWN") || strstr(x.text.data, "ION_PUT("))
        buf_puts(o, "    ion_u64 w;\n");
    if (strstr(x.text.data, "ION_AT") || strstr(x.text.data, "ION_PUT_AT"))
        buf_puts(o, "    ion_u64 i;\n");
    if (strstr(x.text.data, "matched = "))
        buf_puts(o, "    int matched;\n");
    if (strstr(x.text.data, "ARG(") || strstr(x.text.data, "out->") || strstr(x.text.data, "ION_CALL_") ||
        strstr(x.tail.data, "ARG("))
        buf_printf(o, "    ion_frame *out = ION_BEHIND(fp, %u);\n", g->regs);
    buf_puts(o, "\n");
    put_resume(&x, o);
    buf_printf(o, "    if (ION_UNLIKELY((char *)fp + %s__fastf.size > p->stack_end))\n        goto G;\n", x.b.name);
    if (x.needs_start)
        buf_puts(o, "E:\n");
    put_start_test(&x, o);
    for (uint32_t i = 0; i < g->nhidden; i++) {
        x.b.out = o;
        body_hidden(&x.b, i);
    }
    put_statements(e, o, &x.text);
    put_statements(e, o, &x.tail);
    e->room[0] = x.text;
    e->room[1] = x.tail;
    if (body_leaves(x.text.data) || body_leaves(x.tail.data))
        buf_puts(o, "left: ION_UNUSED;\n" LOAD_REDS "    ION_RESULT(ION_LEAVE);\n");
    buf_puts(o, "}\n\n");
    put_entries(&x, o);
}
