/* encode.c: a class → bytes; the exact inverse of decode.c, whose grammar it follows.
 *
 * Encoding what was decoded gives the same bytes back, in every dialect and layout. What a dialect cannot say is
 * refused, never approximated, and nothing is written that the decoder would refuse: text is checked to be UTF-8,
 * nesting to be within bounds.
 */
#include "ionc.h"

#include <string.h>

typedef struct writer {
    compilation *c;
    const class *k;
    buffer out;
    unsigned depth;
    uint32_t function, pc; /* where we are, for messages */
} writer;

static _Noreturn void __attribute__((format(printf, 2, 3))) refuse(writer *w, const char *format, ...)
{
    char what[200];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    fail(w->c, w->k->entry, NO_OFFSET, "function %u, instruction %u: %s", w->function, w->pc, what);
}

/* ---- primitives ---------------------------------------------------------------------------------------------------
 */

static void put_u8(writer *w, unsigned b)
{
    unsigned char byte = (unsigned char)b;
    buf_put(&w->out, &byte, 1);
}

static void put_u32(writer *w, uint32_t n)
{
    unsigned char bytes[4] = {(unsigned char)n, (unsigned char)(n >> 8), (unsigned char)(n >> 16),
                              (unsigned char)(n >> 24)};
    buf_put(&w->out, bytes, sizeof bytes);
}

static void put_f64(writer *w, double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    put_u32(w, (uint32_t)bits);
    put_u32(w, (uint32_t)(bits >> 32));
}

static void put_str(writer *w, text t)
{
    if (!utf8_valid(t.s, t.n, NULL))
        refuse(w, "text is not UTF-8");
    put_u32(w, t.n);
    buf_put(&w->out, t.s, t.n);
}

static void enter(writer *w)
{
    if (w->depth == MAX_NESTING)
        refuse(w, "nested more than %d levels deep", MAX_NESTING);
    w->depth++;
}

/* The access byte that stands for the flags, or -1. */
static int access_of(unsigned flags)
{
    switch (flags) {
    case FLAGS_ALL: return 0;
    case FLAG_ENUMERABLE | FLAG_CONFIGURABLE: return 1;
    case FLAG_WRITABLE | FLAG_CONFIGURABLE | FLAG_HIDDEN: return 2;
    case FLAG_CONFIGURABLE | FLAG_HIDDEN: return 3;
    }
    return -1;
}

static void put_flags(writer *w, unsigned flags)
{
    if (w->k->dialect >= 5) {
        if (access_of(flags) < 0)
            refuse(w, "dialect %d has no access that stands for these property flags", w->k->dialect);
        put_u8(w, (unsigned)access_of(flags));
        return;
    }
    if (flags & ~(unsigned)FLAGS_ALL)
        refuse(w, "dialect %d has no hidden properties", w->k->dialect);
    put_u8(w, (flags & FLAG_WRITABLE) != 0);
    put_u8(w, (flags & FLAG_ENUMERABLE) != 0);
    put_u8(w, (flags & FLAG_CONFIGURABLE) != 0);
}

/* ---- values and patterns ------------------------------------------------------------------------------------------
 */

static void put_tag(writer *w, value_tag tag)
{
    if (w->k->dialect <= 2 && tag == V_TUPLE)
        put_u8(w, V_STRING);
    else if (w->k->dialect <= 2 && (tag == V_STRING || tag == V_COMPLEX))
        refuse(w, "dialect %d has no %s", w->k->dialect, tag == V_STRING ? "strings" : "complex numbers");
    else
        put_u8(w, tag);
}

static void put_value(writer *w, const value *v)
{
    enter(w);
    put_tag(w, v->tag);
    switch (v->tag) {
    case V_NUMBER: put_f64(w, v->number); break;
    case V_BOOLEAN: put_u8(w, v->boolean); break;
    case V_UNIT: break;
    case V_UNDEFINED: break;
    case V_ATOM:
    case V_FUNCTION:
    case V_STRING: put_str(w, v->text); break;
    case V_ARRAY:
    case V_TUPLE:
        put_u32(w, v->n);
        for (uint32_t i = 0; i < v->n; i++)
            put_value(w, v->items[i]);
        break;
    case V_OBJECT:
        put_u32(w, v->n);
        for (uint32_t i = 0; i < v->n; i++) {
            put_str(w, v->props[i].key);
            put_value(w, v->props[i].value);
            put_flags(w, v->props[i].flags);
        }
        break;
    case V_COMPLEX:
        put_f64(w, v->number);
        put_f64(w, v->imaginary);
        break;
    }
    w->depth--;
}

static void put_pattern(writer *w, const pattern *p)
{
    enter(w);
    put_u8(w, p->kind);
    if (p->kind == P_VALUE)
        put_value(w, p->value);
    else if (p->kind == P_TAGGED)
        put_str(w, p->tag);
    else if (p->kind != P_WILDCARD)
        put_u32(w, p->n);
    if (p->kind >= P_TUPLE)
        for (uint32_t i = 0; i < p->n; i++)
            put_pattern(w, p->items[i]);
    w->depth--;
}

/* ---- instructions -------------------------------------------------------------------------------------------------
 */

static void put_regs(writer *w, const instr *i)
{
    put_u32(w, i->n);
    for (uint32_t k = 0; k < i->n; k++)
        put_u32(w, i->regs[k]);
}

static void put_cases(writer *w, const instr *i)
{
    put_u32(w, i->n);
    for (uint32_t k = 0; k < i->n; k++) {
        put_pattern(w, i->cases[k].pattern);
        put_u32(w, (uint32_t)i->cases[k].off);
    }
}

static void put_init_props(writer *w, const instr *i)
{
    put_u32(w, i->n);
    for (uint32_t k = 0; k < i->n; k++) {
        const init_prop *p = &i->props[k];
        put_str(w, p->key);
        put_u8(w, p->kind);
        if (p->kind == ARG_REG || p->kind == ARG_REG_FLAGS)
            put_u32(w, p->reg);
        else
            put_value(w, p->value);
        if (p->kind >= ARG_REG_FLAGS)
            put_flags(w, p->flags);
    }
}

static void put_captures(writer *w, const instr *i)
{
    put_u32(w, i->n);
    for (uint32_t k = 0; k < i->n; k++) {
        put_str(w, i->captures[k].name);
        put_u32(w, i->captures[k].reg);
    }
}

static void put_instr(writer *w, const instr *i)
{
    const op_info *op = &op_table[i->op];
    if (op->dialect > w->k->dialect)
        refuse(w, "dialect %d has no %s", w->k->dialect, op->name);
    if (i->op == OP_LINK && i->has_dst != (w->k->dialect >= 4))
        refuse(w, "dialect %d has no LINK with%s a result", w->k->dialect, i->has_dst ? "" : "out");
    put_u8(w, i->op);
    unsigned reg = 0;
    for (const char *p = op->operands; *p; p++) {
        switch (*p) {
        case 'd':
        case 's':
        case 'p': put_u32(w, i->reg[reg++]); break;
        case 'r':
            if (i->has_dst)
                put_u32(w, i->reg[reg++]);
            break;
        case 'v': put_value(w, i->value); break;
        case 'l': put_regs(w, i); break;
        case 'j': put_u32(w, (uint32_t)i->off); break;
        case 'm': put_cases(w, i); break;
        case 'o': put_init_props(w, i); break;
        case 't': put_str(w, i->scope); break;
        case 'c': put_captures(w, i); break;
        }
    }
}

static void put_code(writer *w, const function *f)
{
    put_u32(w, f->n);
    for (w->pc = 0; w->pc < f->n; w->pc++)
        put_instr(w, &f->code[w->pc]);
}

/* ---- functions and files ------------------------------------------------------------------------------------------
 */

static void put_function(writer *w, const function *f)
{
    w->pc = 0;
    put_u8(w, f->has_name);
    if (f->has_name)
        put_str(w, f->name);
    put_u32(w, f->arity);
    if (w->k->dialect >= 2)
        put_u32(w, f->extra_regs);
    else if (f->extra_regs != 16)
        refuse(w, "dialect 1 has 16 extra registers, not %u", f->extra_regs);
    put_u8(w, f->native);
    if (f->native)
        put_str(w, f->native_name);
    else
        put_code(w, f);
}

text class_encode(compilation *c, const class *k)
{
    writer w = {.c = c, .k = k, .out = {.c = c}};
    if (k->layout != LAYOUT_MULTI && k->n != 1)
        fail(c, k->entry, NO_OFFSET, "%u functions do not fit the layout, which holds one", k->n);
    if (k->layout != LAYOUT_SINGLE) {
        buf_put(&w.out, "IONBC\1\0\0", 8);
        put_u32(&w, 1);
    }
    if (k->layout == LAYOUT_MULTI)
        put_u32(&w, k->n);
    for (w.function = 0; w.function < k->n; w.function++) {
        if (k->layout == LAYOUT_BARE)
            put_code(&w, &k->functions[w.function]);
        else
            put_function(&w, &k->functions[w.function]);
    }
    if (w.out.len >= UINT32_MAX)
        fail(c, k->entry, NO_OFFSET, "the class is larger than 4 GiB");
    return (text){w.out.data, (uint32_t)w.out.len};
}

/* ---- which dialect ------------------------------------------------------------------------------------------------
 */

/* Whether a value holds an object with a hidden property. Depth is bounded, as in all values. */
static bool value_hides(const value *v)
{
    if (v->tag == V_OBJECT) {
        for (uint32_t i = 0; i < v->n; i++)
            if (v->props[i].flags & FLAG_HIDDEN || value_hides(v->props[i].value))
                return true;
    } else if (v->tag == V_ARRAY || v->tag == V_TUPLE) {
        for (uint32_t i = 0; i < v->n; i++)
            if (value_hides(v->items[i]))
                return true;
    }
    return false;
}

static bool pattern_hides(const pattern *p)
{
    if (p->kind == P_VALUE)
        return value_hides(p->value);
    for (uint32_t i = 0; i < p->n; i++)
        if (pattern_hides(p->items[i]))
            return true;
    return false;
}

static bool instr_needs_5(const instr *i)
{
    if (op_table[i->op].dialect >= 5)
        return true;
    if (i->op == OP_LOAD_CONST)
        return value_hides(i->value);
    if (i->op == OP_MATCH)
        for (uint32_t k = 0; k < i->n; k++)
            if (pattern_hides(i->cases[k].pattern))
                return true;
    if (i->op == OP_OBJECT_INIT)
        for (uint32_t k = 0; k < i->n; k++)
            if (i->props[k].flags & FLAG_HIDDEN || (i->props[k].value && value_hides(i->props[k].value)))
                return true;
    return false;
}

int class_dialect_needed(const class *k)
{
    for (uint32_t f = 0; f < k->n; f++)
        for (uint32_t pc = 0; pc < k->functions[f].n; pc++)
            if (instr_needs_5(&k->functions[f].code[pc]))
                return 5;
    return 4;
}
