/* verify.c: what compiled code relies on, checked once for each function.
 *
 * After class_verify says yes: every function has between 16 and MAX_REGISTERS registers, at least as many as it takes
 * arguments; every register operand, also those in lists, cases, properties and captures, is one of them; every jump
 * leads to an instruction of the same function or to its end. LINK's process operand is not a register operand: a
 * number that names no register is a process id. Values and patterns need no check beyond what the decoder did.
 */
#include "ionc.h"

enum { LEAST_REGISTERS = 16, LOOSE_REGISTERS = 256, MAX_REGISTERS = 65536 };

typedef struct checker {
    const function *in;
    const instr *i;
    uint32_t pc;
    fault *fault;
} checker;

static bool __attribute__((format(printf, 3, 4))) wrong(fault *f, uint64_t offset, const char *format, ...)
{
    f->offset = offset;
    va_list list;
    va_start(list, format);
    vsnprintf(f->text, sizeof f->text, format, list);
    va_end(list);
    return false;
}

static bool check_reg(const checker *k, uint32_t reg)
{
    if (reg < k->in->nregs)
        return true;
    return wrong(k->fault, k->i->at, "instruction %u: r%u is beyond the %u registers of the function", k->pc, reg,
                 k->in->nregs);
}

static bool check_target(const checker *k, int32_t off)
{
    int64_t to = (int64_t)k->pc + off;
    if (to >= 0 && to <= (int64_t)k->in->n)
        return true;
    return wrong(k->fault, k->i->at, "instruction %u: jump to %lld, outside 0..%u", k->pc, (long long)to, k->in->n);
}

static bool check_regs(const checker *k)
{
    for (uint32_t j = 0; j < k->i->n; j++)
        if (!check_reg(k, k->i->regs[j]))
            return false;
    return true;
}

static bool check_cases(const checker *k)
{
    for (uint32_t j = 0; j < k->i->n; j++)
        if (!check_target(k, k->i->cases[j].off))
            return false;
    return true;
}

static bool check_props(const checker *k)
{
    for (uint32_t j = 0; j < k->i->n; j++) {
        const init_prop *p = &k->i->props[j];
        if ((p->kind == ARG_REG || p->kind == ARG_REG_FLAGS) && !check_reg(k, p->reg))
            return false;
    }
    return true;
}

static bool check_captures(const checker *k)
{
    for (uint32_t j = 0; j < k->i->n; j++)
        if (!check_reg(k, k->i->captures[j].reg))
            return false;
    return true;
}

static bool check_instr(const checker *k)
{
    unsigned reg = 0;
    bool good = true;
    for (const char *p = op_table[k->i->op].operands; good && *p; p++) {
        switch (*p) {
        case 'd':
        case 's': good = check_reg(k, k->i->reg[reg++]); break;
        case 'p': reg++; break;
        case 'r': good = !k->i->has_dst || check_reg(k, k->i->reg[reg++]); break;
        case 'l': good = check_regs(k); break;
        case 'j': good = check_target(k, k->i->off); break;
        case 'm': good = check_cases(k); break;
        case 'o': good = check_props(k); break;
        case 'c': good = check_captures(k); break;
        }
    }
    return good;
}

bool class_verify(compilation *c, class *k, bool loose, fault *f)
{
    (void)c;
    for (uint32_t i = 0; i < k->n; i++) {
        function *in = &k->functions[i];
        uint64_t regs = (uint64_t)in->arity + in->extra_regs, least = loose ? LOOSE_REGISTERS : LEAST_REGISTERS;
        if (regs > MAX_REGISTERS)
            return wrong(f, in->at, "function %u: %llu registers, the most is %d", i, (unsigned long long)regs,
                         MAX_REGISTERS);
        in->nregs = (uint32_t)(regs < least ? least : regs);
        checker at = {.in = in, .fault = f};
        for (uint32_t pc = 0; pc < in->n; pc++) {
            at.pc = pc;
            at.i = &in->code[pc];
            if (!check_instr(&at))
                return false;
        }
    }
    return true;
}
