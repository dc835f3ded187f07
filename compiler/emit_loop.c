/* emit_loop.c: loops with two versions (loops.c). In front of the first stands a test whether all that the loop keeps
 * is as its inline caches remember it; if so it is loaded into C variables and the second version runs: f<j>, a
 * property, which lies at s<j>; e<j> and l<j>, an array's elements and how many they are.
 *
 * What must stay true: wherever the second version is left, the properties that the loop writes are put back first, and
 * all else is as in the first version at the same instruction. So each way out leads to a label of the first version,
 * by way of one, <label>W<head>, behind which they are put back.
 *
 * Labels: L<head> the test; H<head> the first version, P<pc> an instruction of the second; Q<k> the runtime's way of
 * doing what cannot be done in place.
 */
#include <string.h>

#include "ionc.h"

/* ---- what is kept ---- */

const char *fast_kept(const fast *x, uint32_t pc)
{
    uint32_t j = x->loop ? x->loop->use[pc - x->loop->head] : NOT_FOUND;
    if (j == NOT_FOUND)
        return NULL;
    uint32_t number = x->loop->number + j;
    return x->loop->kept[j].key ? arena_format(x->b.e->c, "f%u", number)
                                : arena_format(x->b.e->c, "e%u, l%u", number, number);
}

void emit_loop_variables(const fast *x, buffer *o)
{
    const loop *l = NULL;
    for (uint32_t pc = 0; x->t->loop && pc < x->b.f->n; pc++) {
        if (x->t->loop[pc] == l || !(l = x->t->loop[pc]))
            continue;
        for (uint32_t j = 0, n = l->number; j < l->nkept; j++, n++)
            buf_printf(o,
                       l->kept[j].key ? "    double f%u = 0;\n    ion_slot *s%u = 0;\n"
                                      : "    ion_slot *e%u = 0;\n    ion_u64 l%u = 0;\n",
                       n, n);
    }
}

/* For people: what is kept where. */
static void put_comment(fast *x, const loop *l)
{
    if (!x->b.e->how.comments)
        return;
    buffer names = {.c = x->b.e->c};
    for (uint32_t j = 0; j < l->nkept; j++) {
        const loop_kept *k = &l->kept[j];
        uint32_t n = l->number + j, r = x->t->webs->web[k->web].reg;
        if (!k->key) {
            buf_printf(&names, "%se%u, l%u: r%u", j ? "; " : "", n, n, r);
            continue;
        }
        buf_printf(&names, "%sf%u: ", j ? "; " : "", n);
        disasm_value(&names, k->key, x->b.f->class->dialect);
        buf_printf(&names, " of r%u", r);
    }
    buf_printf(&x->text, "    /* %u to %u with ", l->head, l->end - 1);
    emit_comment(&x->text, (text){names.data, (uint32_t)names.len});
    buf_puts(&x->text, " */\n");
}

static void put_test(fast *x, const loop *l)
{
    buffer *o = &x->text;
    const web *w = x->t->webs->web;
    bool written = false;
    for (uint32_t j = 0; j < l->nkept; j++) {
        const loop_kept *k = &l->kept[j];
        uint32_t r = w[k->web].reg, n = l->number + j;
        held_kind need = k->key ? HELD_OBJECT : HELD_ARRAY;
        bool asked = w[k->web].held == need;
        for (uint32_t i = 0; i < j; i++)
            asked |= l->kept[i].web == k->web;
        if (asked && !k->key)
            continue;
        buf_puts(o, "    if (ION_UNLIKELY(!(");
        if (k->written && !written)
            buf_puts(o, "!ion_setattr_seen && ");
        written |= k->written;
        if (!asked)
            buf_printf(o, need == HELD_OBJECT ? "ION_IS_OBJECT(R(%u))" : "ION_IS_ARRAY(R(%u))", r);
        if (k->key)
            buf_printf(o, "%sION_OWN_PLACE(R(%u), C[%u], s%u)", asked ? "" : " && ", r, fast_cache(x, k->site), n);
        buf_printf(o, ")))\n        goto H%u;\n", l->head);
    }
    for (uint32_t j = 0; j < l->nkept; j++) {
        uint32_t r = w[l->kept[j].web].reg, n = l->number + j;
        if (l->kept[j].key)
            buf_printf(o, "    f%u = s%u->d;\n", n, n);
        else
            buf_printf(o, "    e%u = ION_ELEMENTS(R(%u));\n    l%u = ION_ARRAY(R(%u))->len;\n", n,
                       r, n, r);
    }
}

/* ---- ways out ---- */

const char *fast_out(fast *x, char kind, uint32_t number)
{
    const loop *l = x->loop;
    compilation *c = x->b.e->c;
    const char *label = arena_format(c, "%c%u", kind, number);
    bool written = false;
    for (uint32_t j = 0; l && j < l->nkept; j++)
        written |= l->kept[j].written;
    if (!written)
        return label;
    const char *out = arena_format(c, "%sW%u", label, l->head);
    if (textmap_get(&x->outs, text_of(out)) != NOT_FOUND)
        return out;
    textmap_put(c, &x->outs, text_of(out), 1);
    buf_printf(&x->tail, "%s:\n", out);
    for (uint32_t j = 0; j < l->nkept; j++)
        if (l->kept[j].written)
            buf_printf(&x->tail, "    s%u->d = f%u;\n", l->number + j, l->number + j);
    buf_printf(&x->tail, "    goto %s;\n", label);
    return out;
}

const char *fast_unkept(fast *x, uint32_t k)
{
    x->has_q[k] = true;
    return fast_out(x, 'Q', k);
}

void fast_label_unkept(fast *x, uint32_t k)
{
    if (x->has_q[k])
        buf_printf(&x->text, "Q%u:\n", k);
}

static bool is_in(const loop *l, uint32_t pc)
{
    return pc >= l->head && pc < l->end;
}

const char *fast_label(fast *x, uint32_t pc, int32_t off)
{
    uint32_t target = (uint32_t)((int64_t)pc + off);
    if (x->loop)
        return is_in(x->loop, target) ? arena_format(x->b.e->c, "P%u", target) : fast_out(x, 'L', target);
    const loop *l = target < x->b.f->n ? loop_from(x->b.f, target) : NULL;
    return l && is_in(l, pc) ? arena_format(x->b.e->c, "H%u", target) : body_label(&x->b, pc, off);
}

/* Goes on at pc, in the first version. */
static void put_way_out(fast *x, uint32_t pc)
{
    x->has_l[pc] = true;
    buf_printf(&x->text, "    goto %s;\n", fast_out(x, 'L', pc));
}

/* ---- the second version ---- */

void emit_loop(fast *x, const loop *l)
{
    const function *f = x->b.f;
    const cfg *g = x->b.g;
    bool *target = arena_alloc(x->b.e->c, l->end - l->head);
    for (uint32_t pc = l->head; pc < l->end; pc++) {
        uint32_t to = (uint32_t)((int64_t)pc + f->code[pc].off);
        if (l->inside[pc - l->head] && is_jump(&f->code[pc]) && is_in(l, to))
            target[to - l->head] = true;
    }
    put_comment(x, l);
    put_test(x, l);
    x->loop = l;
    bool arrives = true; /* from the instruction in front */
    for (uint32_t pc = l->head; pc < l->end; pc++) {
        if (target[pc - l->head])
            buf_printf(&x->text, "P%u:\n", pc);
        if (!l->inside[pc - l->head]) {
            if (arrives || target[pc - l->head])
                put_way_out(x, pc);
            arrives = false;
            continue;
        }
        webs_before(f, x->t->webs, pc, x->now);
        if (pc == l->head)
            buf_printf(&x->text, "    ION_CHECK_REDS(%s);\n", fast_out(x, 'Y', g->before[pc]) + 1);
        fast_instruction(x, pc);
        arrives = f->code[pc].op != OP_JUMP;
    }
    if (arrives)
        put_way_out(x, l->end);
    x->loop = NULL;
    buf_printf(&x->text, "H%u:\n", l->head);
}
