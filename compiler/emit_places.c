/* emit_places.c: where an optimised body keeps its registers, and what it does to have them where they can be seen.
 *
 * What must stay true is said in emit_fast.c: at every point where the frame can be seen, each live register's slot
 * holds its value.
 */
#include "ionc.h"

const web *fast_web(const fast *x, uint32_t r)
{
    return &x->t->webs->web[x->now[r]];
}

bool web_is_atom(const web *w)
{
    return w->place == PLACE_CONSTANT && !w->target && w->constant->tag == V_ATOM && !value_is_literal(w->constant);
}

bool fast_is_number(const fast *x, uint32_t r)
{
    return fast_web(x, r)->place == PLACE_NUMBER;
}

const char *web_variable(compilation *c, const web *w)
{
    const char *kind = w->place == PLACE_NUMBER ? "n" : "b";
    return w->number ? arena_format(c, "%s%u_%u", kind, w->reg, w->number) : arena_format(c, "%s%u", kind, w->reg);
}

const char *fast_local(const fast *x, const web *w)
{
    const char **name = &x->variable[w - x->t->webs->web];
    if (!*name)
        *name = w->literal ? emit_number(x->b.e, w->literal->number) : web_variable(x->b.e->c, w);
    return *name;
}

/* ---- operands ---- */

static const char *read_local(const fast *x, const web *w)
{
    x->read[w - x->t->webs->web] = true;
    return fast_local(x, w);
}

/* The register's value as a C expression of type ion_value. */
const char *fast_boxed(const fast *x, uint32_t r)
{
    const web *w = fast_web(x, r);
    switch (w->place) {
    case PLACE_NUMBER: return arena_format(x->b.e->c, "ION_VALUE(%s)", read_local(x, w));
    case PLACE_BOOLEAN: return arena_format(x->b.e->c, "ION_BOOL(%s)", read_local(x, w));
    case PLACE_CONSTANT: return emit_value(x->b.e, w->constant);
    default: return arena_format(x->b.e->c, "R(%u)", r);
    }
}

/* As a double; only where it is known or has been checked to be a number. */
const char *fast_number(const fast *x, uint32_t r)
{
    return fast_is_number(x, r) ? read_local(x, fast_web(x, r)) : arena_format(x->b.e->c, "N(%u)", r);
}

const char *fast_truth(const fast *x, uint32_t r)
{
    const web *w = fast_web(x, r);
    switch (w->place) {
    case PLACE_NUMBER: return arena_format(x->b.e->c, "!(%s == 0)", read_local(x, w));
    case PLACE_BOOLEAN: return read_local(x, w);
    case PLACE_CONSTANT: return w->target ? "1" : arena_format(x->b.e->c, "ION_TRUTHY(%s)", emit_value(x->b.e, w->constant));
    default: return arena_format(x->b.e->c, "ION_TRUTHY(R(%u))", r);
    }
}

/* ---- flushing and loading ---- */

void fast_flush(fast *x, buffer *o, uint32_t r)
{
    const web *w = fast_web(x, r);
    if (w->place == PLACE_NUMBER)
        buf_printf(o, "    N(%u) = %s;\n", r, read_local(x, w));
    else if (w->place != PLACE_FRAME)
        buf_printf(o, "    R(%u) = %s;\n", r, fast_boxed(x, r));
}

bool fast_is_live(const fast *x, uint32_t k, uint32_t r)
{
    const cfg *g = x->b.g;
    return g->live[(size_t)g->points[k].live * g->row_words + r / 64] >> (r % 64) & 1;
}

void fast_flush_live(fast *x, buffer *o, uint32_t k)
{
    uint32_t plain = x->b.g->regs - x->b.g->nhidden;
    for (uint32_t r = 0; r < plain; r++)
        if (fast_is_live(x, k, r))
            fast_flush(x, o, r);
}

/* Notes how the variables live at point k come back. */
void fast_note_reload(fast *x, uint32_t k)
{
    uint32_t plain = x->b.g->regs - x->b.g->nhidden;
    buffer *o = &x->reload[k];
    for (uint32_t r = 0; r < plain; r++) {
        if (!fast_is_live(x, k, r))
            continue;
        const web *w = fast_web(x, r);
        if (w->literal)
            continue;
        if (w->place == PLACE_NUMBER)
            buf_printf(o, "            %s = N(%u);\n", fast_local(x, w), r);
        else if (w->place == PLACE_BOOLEAN)
            buf_printf(o, "            %s = R(%u) == ION_TRUE;\n", fast_local(x, w), r);
    }
}

/* The frame's header, where the body does not keep it up to date. */
void fast_header(fast *x, buffer *o)
{
    if (x->t->quiet)
        buf_printf(o, "    fp->fn = &%s__fastf;\n    fp->self = ION_UNDEFINED;\n", x->b.name);
}

/* Goes on in the plain body, behind point k's instruction, whose result is in v. What all such places do is behind the
 * label `plain`. */
void fast_need_deopt(fast *x, uint32_t k)
{
    if (x->has_d[k])
        return;
    x->has_d[k] = true;
    buffer *o = &x->tail;
    buf_printf(o, "D%u:\n", k);
    fast_flush_live(x, o, k);
    if (x->b.g->points[k].rest)
        buf_printf(o, "    reds += %u;\n", x->b.g->points[k].rest);
    buf_printf(o, "    fp->at = %u;\n    goto plain;\n", k);
    x->leaves_for_plain = true;
}

void fast_deopt_end(fast *x)
{
    if (!x->leaves_for_plain)
        return;
    buf_puts(&x->tail, "plain:\n    p->value = v;\n" SAVE_REDS);
    if (x->t->quiet)
        buf_puts(&x->tail, "    fp->self = ION_UNDEFINED;\n");
    buf_printf(&x->tail, "    fp->fn = &%s__f;\n    v = %s(p, fp, ION_RESUMED);\n" LOAD_REDS "    ION_RESULT(v);\n",
               x->b.name, x->b.name);
}

/* A callee left. */
void fast_need_leave(fast *x, uint32_t k)
{
    if (x->has_s[k])
        return;
    x->has_s[k] = true;
    buf_printf(&x->tail, "S%u:\n", k);
    fast_flush_live(x, &x->tail, k);
    fast_header(x, &x->tail);
    buf_printf(&x->tail, "    fp->at = %u;\n    ION_RESULT(ION_LEAVE);\n", k);
}

/* ---- results: `expression` becomes the value of the web that instruction pc writes first ---- */

const web *fast_written(const fast *x, uint32_t pc)
{
    return &x->t->webs->web[x->t->webs->writes[pc][0]];
}

void fast_set_number(fast *x, uint32_t pc, const char *expression)
{
    const web *w = fast_written(x, pc);
    if (w->place == PLACE_NUMBER)
        buf_printf(&x->text, "    %s = %s;", fast_local(x, w), expression);
    else
        buf_printf(&x->text, "    N(%u) = %s;", w->reg, expression);
}

void fast_set_boolean(fast *x, const web *w, const char *expression)
{
    if (w->place == PLACE_BOOLEAN)
        buf_printf(&x->text, "    %s = %s;", fast_local(x, w), expression);
    else
        buf_printf(&x->text, "    R(%u) = ION_BOOL(%s);", w->reg, expression);
}

/* A result that has arrived in v. */
void fast_result(fast *x, uint32_t pc, uint32_t k)
{
    const web *w = fast_written(x, pc);
    if (w->place == PLACE_NUMBER) {
        fast_need_deopt(x, k);
        buf_printf(&x->text, "    if (ION_UNLIKELY(!ION_IS_NUMBER(v)))\n        goto %s;\n    t.v = v;\n    %s = t.d;",
                   fast_out(x, 'D', k), fast_local(x, w));
    } else if (w->place == PLACE_BOOLEAN) {
        fast_need_deopt(x, k);
        buf_printf(&x->text, "    if (v != ION_TRUE && v != ION_FALSE)\n        goto %s;\n    %s = v == ION_TRUE;",
                   fast_out(x, 'D', k), fast_local(x, w));
    } else if (w->place == PLACE_FRAME) {
        if (w->held != HELD_ANY) {
            fast_need_deopt(x, k);
            buf_printf(&x->text, "    if (ION_UNLIKELY(!%s(v)))\n        goto %s;\n",
                       w->held == HELD_OBJECT ? "ION_IS_OBJECT" : "ION_IS_ARRAY", fast_out(x, 'D', k));
        }
        buf_printf(&x->text, "    R(%u) = v;", w->reg);
    }
}

void fast_label_after(fast *x, uint32_t k)
{
    x->has_a[k] = true;
    fast_note_reload(x, k);
    buf_printf(&x->text, "A%u:\n", k);
}
