/* emit_make.c: ARRAY_INIT and OBJECT_INIT in optimised bodies: what is small is made in place if the heap has room for it
 * and, for an object, the runtime has noted its shape; else the runtime does it all.
 *
 * Nothing can be collected in place, so no C variable is flushed there. What cannot be made in place: what costs by its
 * size, and objects with literals that stand for something else each time.
 */
#include "ionc.h"

enum { ITEMS_MOST = 8 };

bool makes_in_place(const fast *x, uint32_t pc)
{
    const instr *i = &x->b.f->code[pc];
    if (!i->n || i->n > ITEMS_MOST || !optimise(x->b.e->c, OPT_MAKING))
        return false;
    for (uint32_t j = 0; i->op == OP_OBJECT_INIT && j < i->n; j++)
        if (i->props[j].value && value_is_literal(i->props[j].value))
            return false;
    return true;
}

static const char *item_value(const fast *x, const instr *i, uint32_t j)
{
    if (i->op == OP_ARRAY_INIT)
        return fast_boxed(x, i->regs[j]);
    return i->props[j].value ? emit_value(x->b.e, i->props[j].value) : fast_boxed(x, i->props[j].reg);
}

void emit_make(fast *x, uint32_t pc)
{
    const instr *i = &x->b.f->code[pc];
    buffer *o = &x->text;
    const char *type = i->op == OP_ARRAY_INIT ? "ARRAY" : "OBJECT";
    buf_puts(o, "    if (");
    if (i->op == OP_OBJECT_INIT)
        buf_printf(o, "ION_SHAPE(%s__init%u) && ", x->b.name, pc);
    buf_printf(o, "ION_ROOM(ION_%s_BYTES(%u))) {\n        ION_NEW_%s(%u", type, i->n, type, i->n);
    if (i->op == OP_OBJECT_INIT)
        buf_printf(o, ", %s__init%u", x->b.name, pc);
    buf_puts(o, ");\n");
    for (uint32_t j = 0; j < i->n; j++)
        buf_printf(o, "        made->inside[%u] = %s;\n", j, item_value(x, i, j));
    buf_printf(o, "        R(%u) = ION_TAG_%s | (ion_u64)made;\n    }", i->reg[0], type);
}
