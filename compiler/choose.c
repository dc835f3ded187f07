/* choose.c: which functions get an optimised body, and which of these are quiet: do nothing but arithmetic, jumps and
 * calls of quiet bodies, so that nobody can see their frames unless they leave.
 */
#include <string.h>

#include "ionc.h"

bool call_target(const instr *i, const web *callee, const program *p, const function **target)
{
    if (i->op != OP_CALL || callee->place != PLACE_CONSTANT || callee->target->meaning != M_FUNCTION)
        return false;
    *target = p->functions[callee->target->target];
    return (*target)->types->fast;
}

static void enter_webs(const function *f, uint32_t pc)
{
    if (f->cfg->leader[pc] != NOT_FOUND)
        webs_enter(f->cfg, f->types->webs, pc, f->types->now);
}

static void leave_webs(const function *f, uint32_t pc)
{
    uint32_t regs[4], n = instr_writes(&f->code[pc], regs);
    for (uint32_t j = 0; j < n; j++)
        f->types->now[regs[j]] = f->types->webs->writes[pc][j];
}

static place_kind place_now(const function *f, uint32_t r)
{
    return f->types->webs->web[f->types->now[r]].place;
}

/* Worth it where there is arithmetic on numbers that are known to be. */
static bool pays(const function *f)
{
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        enter_webs(f, pc);
        const instr *i = &f->code[pc];
        bool numeric =
            strcmp(op_table[i->op].operands, "dss") == 0 && i->op != OP_GET_PROP && i->op != OP_AND && i->op != OP_OR;
        if (numeric && place_now(f, i->reg[1]) == PLACE_NUMBER && place_now(f, i->reg[2]) == PLACE_NUMBER)
            return true;
        leave_webs(f, pc);
    }
    return false;
}

static bool quiet_instruction(const program *p, const function *f, uint32_t pc)
{
    const instr *i = &f->code[pc];
    const uint32_t *r = i->reg;
    switch ((opcode)i->op) {
    case OP_LOAD_CONST: return !value_is_literal(i->value);
    case OP_MOVE:
    case OP_JUMP:
    case OP_JUMP_IF_TRUE:
    case OP_JUMP_IF_FALSE:
    case OP_RETURN:
    case OP_NOP:
    case OP_AND:
    case OP_OR: return true;
    case OP_NOT: {
        uint8_t type = f->types->webs->web[f->types->now[r[1]]].type;
        return type && !(type & MAY_OBJECT);
    }
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_EQUAL:
    case OP_NOT_EQUAL:
    case OP_LESS_THAN:
    case OP_LESS_EQUAL:
    case OP_GREATER_THAN:
    case OP_GREATER_EQUAL: return place_now(f, r[1]) == PLACE_NUMBER && place_now(f, r[2]) == PLACE_NUMBER;
    case OP_CALL: {
        const web *callee = &f->types->webs->web[f->types->now[r[1]]];
        const function *target;
        bool tail = f->cfg->at[pc] & AT_TAIL;
        if (call_target(i, callee, p, &target))
            return target->types->quiet && (!tail || target == f);
        const intrinsic *known = call_intrinsic(i, callee);
        for (uint32_t j = 0; known && j < i->n; j++)
            if (place_now(f, i->regs[j]) != PLACE_NUMBER)
                return false;
        return known && callee->place == PLACE_CONSTANT;
    }
    default: return false;
    }
}

static bool quiet_function(const program *p, const function *f)
{
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        enter_webs(f, pc);
        if (!quiet_instruction(p, f, pc))
            return false;
        leave_webs(f, pc);
    }
    return true;
}

/* A direct call writes all parameters that live in the callee's frame, also those that the CALL does not list. */
static void make_room(const program *p, const function *f)
{
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        enter_webs(f, pc);
        const instr *i = &f->code[pc];
        const function *target;
        if (i->op == OP_CALL && call_target(i, &f->types->webs->web[f->types->now[i->reg[1]]], p, &target)) {
            const types *t = target->types;
            uint32_t slots = t->nparams ? t->params[t->nparams - 1].reg + 1 : 0;
            if (slots > f->cfg->outgoing)
                f->cfg->outgoing = slots;
        }
        leave_webs(f, pc);
    }
}

void program_choose(const program *p)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->functions[i]->native)
            p->functions[i]->types->fast = p->functions[i]->types->quiet = pays(p->functions[i]);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < p->n; i++) {
            const function *f = p->functions[i];
            if (f->native || !f->types->quiet || quiet_function(p, f))
                continue;
            f->types->quiet = false;
            changed = true;
        }
    }
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->functions[i]->native && p->functions[i]->types->fast)
            make_room(p, p->functions[i]);
}
