/* emit_call.c: CALL in optimised bodies: in place, as a jump to the start, straight to another optimised body, or
 * through the runtime, as choose.c says.
 */
#include "ionc.h"

void fast_call_instead(fast *x, const instr *i, uint32_t k)
{
    buffer *o = &x->tail;
    buf_printf(o, "C%u:\n", k);
    fast_flush_live(x, o, k);
    fast_header(x, o);
    for (uint32_t j = 0; j < i->n; j++)
        buf_printf(o, "    ARG(%u) = %s;\n", j, fast_boxed(x, i->regs[j]));
    buf_printf(o,
               SAVE_REDS "    fp->at = %u;\n    v = ion_call(p, fp, %s, %u);\n    if (v == ION_LEAVE)\n        goto "
                         "left;\n" LOAD_REDS "    goto D%u;\n",
               k, fast_boxed(x, i->reg[1]), i->n, k);
    fast_need_deopt(x, k);
}

static void put_intrinsic(fast *x, uint32_t pc, uint32_t k, const intrinsic *known)
{
    const instr *i = &x->b.f->code[pc];
    const char *source[2] = {known->condition, known->expression};
    buffer made[2] = {{.c = x->b.e->c}, {.c = x->b.e->c}};
    for (int j = 0; j < 2; j++) {
        for (const char *s = source[j]; *s; s++) {
            if (*s == '%') {
                s++;
                buf_puts(&made[j], fast_number(x, i->regs[*s - '1']));
            } else {
                buf_put(&made[j], s, 1);
            }
        }
    }
    if (*known->condition) { /* else what the library gives decides, in the plain body */
        fast_need_deopt(x, k);
        buf_printf(&x->text, "    if (ION_UNLIKELY(!(%s)))\n        goto %s;\n", made[0].data, fast_out(x, 'C', k));
    }
    if (*known->condition && !x->loop)
        fast_call_instead(x, i, k);
    fast_set_number(x, pc, made[1].data);
}

static void put_args(fast *x, const instr *i)
{
    for (uint32_t j = 0; j < i->n; j++) {
        if (fast_is_number(x, i->regs[j]))
            buf_printf(&x->text, "    out->r[%u].d = %s;\n", j, fast_number(x, i->regs[j]));
        else
            buf_printf(&x->text, "    ARG(%u) = %s;\n", j, fast_boxed(x, i->regs[j]));
    }
}

/* What a closure has captured for a parameter, as C of type ion_value. */
static const char *captured(const fast *x, const instr *i, const param *param)
{
    return arena_format(x->b.e->c, "ION_CAPTURED(R(%u), %u).v", i->reg[1], param->reg);
}

/* The register that parameter `reg` comes from; NOT_FOUND: none. */
static uint32_t passed_in(const instr *i, const call_plan *plan, const param *param)
{
    uint32_t at = param->reg - plan->captured;
    return param->reg >= plan->captured && at < i->n ? i->regs[at] : NOT_FOUND;
}

/* The value of parameter `reg` of a direct call, as its place wants it. */
static const char *argument(fast *x, const instr *i, const call_plan *plan, const param *param)
{
    const web *w = &plan->target->types->webs->web[param->web];
    compilation *c = x->b.e->c;
    if (param->reg < plan->captured)
        return w->place == PLACE_NUMBER    ? arena_format(c, "ION_CAPTURED(R(%u), %u).d", i->reg[1], param->reg)
               : w->place == PLACE_BOOLEAN ? arena_format(c, "%s == ION_TRUE", captured(x, i, param))
                                           : captured(x, i, param);
    uint32_t r = passed_in(i, plan, param);
    if (r == NOT_FOUND)
        return "ION_UNDEFINED"; /* so its place is the frame */
    return w->place == PLACE_NUMBER    ? fast_number(x, r)
           : w->place == PLACE_BOOLEAN ? fast_truth(x, r)
                                       : fast_boxed(x, r);
}

static void put_self_call(fast *x, const instr *i, const call_plan *plan)
{
    const types *t = x->t;
    buf_puts(&x->text, "    {\n");
    for (uint32_t j = 0; j < t->nparams; j++) {
        const web *w = &t->webs->web[t->params[j].web];
        const char *type = w->place == PLACE_NUMBER ? "double" : w->place == PLACE_BOOLEAN ? "int" : "ion_value";
        buf_printf(&x->text, "        %s a%u = %s;\n", type, j, argument(x, i, plan, &t->params[j]));
    }
    for (uint32_t j = 0; j < t->nparams; j++) {
        const web *w = &t->webs->web[t->params[j].web];
        if (w->place == PLACE_FRAME)
            buf_printf(&x->text, "        R(%u) = a%u;\n", w->reg, j);
        else
            buf_printf(&x->text, "        %s = a%u;\n", fast_local(x, w), j);
    }
    if (!t->quiet)
        buf_puts(&x->text, "        fp->self = ION_UNDEFINED;\n");
    buf_puts(&x->text, "        goto E;\n    }");
    x->needs_start = true;
}

/* A call through the runtime, whatever the callee is; its result is in v. */
static void put_dynamic_call(fast *x, uint32_t pc, uint32_t k)
{
    const instr *i = &x->b.f->code[pc];
    fast_flush_live(x, &x->text, k);
    fast_flush(x, &x->text, i->reg[1]);
    put_args(x, i);
    uint32_t get = method_partner(x->b.g, pc);
    if (get == NOT_FOUND)
        buf_printf(&x->text, SAVE_REDS "    ION_CALL_V(%u, %u, %u);\n" LOAD_REDS, i->reg[1], i->n, k);
    else
        buf_printf(&x->text, SAVE_REDS "    ION_CALL_METHOD_V(%u, %s, %u, %u);\n" LOAD_REDS, i->reg[1],
                   fast_boxed(x, x->b.f->code[get].reg[1]), i->n, k);
}

/* The test that a direct call may be made: the method or closure is the one, and the arguments are what its optimised
 * body takes. "": always. */
static const char *guard(const fast *x, const instr *i, const call_plan *plan)
{
    const function *target = plan->target;
    compilation *c = x->b.e->c;
    const char *test = "", *name = emit_name(x->b.e, target->index);
    if (plan->kind == CALL_METHOD)
        test = arena_format(c, "R(%u) == (ION_FUNCTION(&%s__f) | ION_UNBOUND)", i->reg[1], name);
    if (plan->kind == CALL_CLOSURE)
        test = arena_format(c, "ION_IS_CLOSURE(R(%u), &%s__f, %u)", i->reg[1], name, plan->captured);
    for (uint32_t j = 0; j < target->types->nparams; j++) {
        const param *param = &target->types->params[j];
        place_kind place = target->types->webs->web[param->web].place;
        const char *and = *test ? " && " : "";
        if (param->reg < plan->captured && place == PLACE_NUMBER)
            test = arena_format(c, "%s && ION_IS_NUMBER(%s)", test, captured(x, i, param));
        else if (param->reg < plan->captured && place == PLACE_BOOLEAN)
            test = arena_format(c, "%s && ION_IS_BOOLEAN(%s)", test, captured(x, i, param));
        else if (place == PLACE_NUMBER && !fast_is_number(x, passed_in(i, plan, param)))
            test = arena_format(c, "%s%sION_IS_NUMBER(R(%u))", test, and, passed_in(i, plan, param));
    }
    return test;
}

/* "if" the leaf does the work; one of the start alone is tried only where the frame would fit. */
static void put_leaf_test(fast *x, uint32_t pc, const call_plan *plan, const char *test)
{
    const instr *i = &x->b.f->code[pc];
    const types *t = plan->target->types;
    buffer *o = &x->text;
    const char *name = emit_name(x->b.e, plan->target->index);
    const char *fits = t->early ? arena_format(x->b.e->c, "ION_EARLY(ION_FITS(%s__fastf) && ", name) : "";
    buf_printf(o, "    if (%s%s%s%s__leaf(%s", fits, test, *test ? " && " : "", name,
               plan->kind == CALL_METHOD ? fast_boxed(x, x->b.f->code[method_partner(x->b.g, pc)].reg[1])
                                         : "ION_UNDEFINED");
    for (uint32_t j = 0; j < t->nparams; j++) {
        uint32_t r = passed_in(i, plan, &t->params[j]);
        bool number = t->webs->web[t->params[j].web].place == PLACE_FRAME && r != NOT_FOUND && fast_is_number(x, r);
        buf_printf(o, ", %s",
                   number ? arena_format(x->b.e->c, "ION_VALUE(%s)", fast_number(x, r))
                          : argument(x, i, plan, &t->params[j]));
    }
    buf_printf(o, ", &reds, &t)%s)", t->early ? ")" : "");
}

/* Then what follows, up to a closing brace, does not happen. The result is where it belongs, or, unless that is a C
 * number, in v. */
static void put_leaf_call(fast *x, uint32_t pc, const call_plan *plan, const char *test)
{
    const types *t = plan->target->types;
    buffer *o = &x->text;
    const web *w = fast_written(x, pc);
    put_leaf_test(x, pc, plan, test);
    buf_puts(o, " {\n");
    if (w->place == PLACE_NUMBER && t->result == MAY_NUMBER)
        buf_printf(o, "    %s = t.d;\n    } else {\n", fast_local(x, w));
    else if (w->place == PLACE_NUMBER)
        buf_printf(o, "    v = t.v;\n    if (!ION_IS_NUMBER(v))\n        goto %s;\n    %s = t.d;\n    } else {\n",
                   fast_out(x, 'D', x->b.g->after[pc]), fast_local(x, w));
    else
        buf_puts(o, "    v = t.v;\n    } else {\n");
}

static void put_direct_call(fast *x, uint32_t pc, uint32_t k, const call_plan *plan)
{
    const function *target = plan->target;
    bool guarded = plan->guarded || plan->kind == CALL_METHOD || plan->kind == CALL_CLOSURE;
    const instr *i = &x->b.f->code[pc];
    const types *t = target->types;
    buffer *o = &x->text;
    const char *name = emit_name(x->b.e, target->index);
    const char *test = guard(x, i, plan);
    bool number_expected = fast_written(x, pc)->place == PLACE_NUMBER, leaf = t->leaf || t->early;
    if (leaf)
        put_leaf_call(x, pc, plan, test);
    if (x->loop) {
        buf_printf(o, "    goto %s;\n    }\n", fast_unkept(x, k));
        if (!number_expected)
            fast_result(x, pc, k);
        return;
    }
    fast_label_unkept(x, k);
    if (guarded) {
        buf_printf(o, "    if (!(%s)) {\n", test);
        put_dynamic_call(x, pc, k);
        buf_puts(o, "    } else {\n");
    }
    if (!t->quiet) { /* it may collect, or look at frames */
        fast_flush_live(x, o, k);
        buf_printf(o, "    fp->at = %u;\n    out->fn = &%s__fastf;\n    out->self = %s;\n", k, name,
                   plan->kind == CALL_METHOD ? fast_boxed(x, x->b.f->code[method_partner(x->b.g, pc)].reg[1])
                                             : "ION_UNDEFINED");
    }
    buffer call = {.c = x->b.e->c};
    buf_printf(&call, "%s__fast(p, out, reds, 0", name);
    for (uint32_t j = 0; j < t->nparams; j++) {
        const web *w = &t->webs->web[t->params[j].web];
        const char *arg = argument(x, i, plan, &t->params[j]);
        if (w->place == PLACE_FRAME)
            buf_printf(o, "    ARG(%u) = %s;\n", w->reg, arg);
        else
            buf_printf(&call, ", %s", arg);
    }
    fast_need_leave(x, k);
    buf_printf(o, "    out->caller = fp;\n    result = %s);\n    ION_UNPACK;\n%s", call.data, guarded ? "    }\n" : "");
    buf_printf(o, "    if (ION_UNLIKELY(%s)) {\n",
               number_expected ? "!ION_IS_NUMBER(v)" : "v == ION_TAIL || v == ION_LEAVE");
    buf_printf(o,
               "        if (v == ION_TAIL) {\n            ION_SAVE_REDS;\n            v = ion_finish(p, out, v);\n     "
               "       ION_LOAD_REDS;\n    "
               "    }\n        if (v == ION_LEAVE)\n            goto S%u;\n",
               k);
    if (number_expected) {
        fast_need_deopt(x, k);
        fast_label_after(x, k);
        buf_printf(o, "        if (!ION_IS_NUMBER(v))\n            goto D%u;\n    }\n    t.v = v;\n    %s = t.d;%s", k,
                   fast_local(x, fast_written(x, pc)), leaf ? "\n    }" : "");
    } else {
        buf_puts(o, "    }\n");
        fast_label_after(x, k);
        if (leaf)
            buf_puts(o, "    ;\n    }\n");
        fast_result(x, pc, k);
    }
}

void emit_call(fast *x, uint32_t pc, uint32_t k)
{
    const instr *i = &x->b.f->code[pc];
    bool tail = x->b.g->at[pc] & AT_TAIL;
    call_plan plan = call_how(x->b.e->c, x->b.e->p, x->b.f, pc, x->now);
    if (plan.kind == CALL_SELF) {
        put_self_call(x, i, &plan);
        return;
    }
    if (plan.tail) {
        put_leaf_test(x, pc, &plan, guard(x, i, &plan));
        buf_puts(&x->text, "\n        ION_RESULT(t.v);\n");
    } else if (plan.kind == CALL_DIRECT || plan.kind == CALL_METHOD || plan.kind == CALL_CLOSURE) {
        put_direct_call(x, pc, k, &plan);
        return;
    }
    if (plan.kind == CALL_NATIVE) {
        emit_native_call(x, pc, k, plan.native);
        return;
    }
    if (plan.kind == CALL_INTRINSIC) {
        put_intrinsic(x, pc, k, plan.intrinsic);
        if (tail) {
            const web *w = fast_written(x, pc);
            if (w->place == PLACE_NUMBER)
                buf_printf(&x->text, "\n    ION_RESULT(ION_VALUE(%s));", fast_local(x, w));
            else
                buf_printf(&x->text, "\n    ION_RESULT(R(%u));", w->reg);
        }
        return;
    }
    if (tail) {
        uint32_t get = method_partner(x->b.g, pc);
        put_args(x, i);
        buf_printf(&x->text, SAVE_REDS "    fp->at = %u;\n    v = ion_tail%s(p, fp, %s%s, %u);\n", k,
                   get == NOT_FOUND ? "" : "_method", fast_boxed(x, i->reg[1]),
                   get == NOT_FOUND ? "" : arena_format(x->b.e->c, ", %s", fast_boxed(x, x->b.f->code[get].reg[1])),
                   i->n);
        fast_label_after(x, k);
        buf_puts(&x->text, LOAD_REDS "    ION_RESULT(v);");
        return;
    }
    put_dynamic_call(x, pc, k);
    fast_label_after(x, k);
    fast_result(x, pc, k);
}
