/* interp.c: one instruction. The cost of the table is charged first, what depends on sizes once it is known. */
#include <math.h>
#include <stdlib.h>

#include "lib.h"
#include "vm.h"

/* The registers of an instruction's list, gathered. Valid until the next call. */
static const value *gather(const frame *f, const instr *i)
{
    static value few[16];
    value *args = i->n <= 16 ? few : mem_alloc(i->n * sizeof(value));
    for (uint32_t k = 0; k < i->n; k++)
        args[k] = f->regs[i->regs[k]];
    return args;
}

static void op_load_const(process *p, const instr *i)
{
    const constant *c = &i->constant;
    uint8_t tag = c->nodes[0].tag;
    if (tag == TAG_ARRAY || tag == TAG_TUPLE || tag == TAG_OBJECT)
        charge_units(p, c->n);
    p->top->regs[i->reg[0]] = constant_make(p, c);
    p->top->pc++;
}

static void op_call(process *p, const instr *i)
{
    frame *f = p->top;
    value callee = f->regs[i->reg[1]];
    if (callee.type == T_FUNCTION) {
        frame_call(p, callee.function, NULL, gather(f, i), i->n, RET_STORE, i->reg[0]);
        return;
    }
    callable *method = callee.type == T_OBJECT ? object_magic(callee.object, name_from("__call__")) : NULL;
    if (method)
        frame_call(p, method, callee.object, gather(f, i), i->n, RET_STORE, i->reg[0]);
    else
        process_crash_message(p, MSG_NOT_CALLABLE, type_name_lower(callee.type));
}

static void op_spawn(process *p, instr *i)
{
    frame *f = p->top;
    value callee = f->regs[i->reg[1]];
    if (callee.type != T_FUNCTION) {
        if (!i->warned)
            report(MSG_WARN_SPAWN, f->code->class->name, function_label(f->code), f->pc, type_name_lower(callee.type));
        i->warned = true;
        f->regs[i->reg[0]] = v_undefined();
        f->pc++;
        return;
    }
    copier c = {0};
    callable *own = copy_value(&c, callee).function;
    value *args = mem_alloc(i->n * sizeof(value) + 1);
    for (uint32_t k = 0; k < i->n; k++)
        args[k] = copy_value(&c, f->regs[i->regs[k]]);
    charge_units(p, c.units);
    copier_free(&c);
    f->regs[i->reg[0]] = v_process(process_start(own, args, i->n));
    f->pc++;
}

static void op_send(process *p, const instr *i)
{
    frame *f = p->top;
    value to = f->regs[i->reg[0]];
    if (to.type != T_PROCESS || mailbox_send(p, to.process, f->regs[i->reg[1]]))
        f->pc++;
}

static void op_receive(process *p, const instr *i)
{
    frame *f = p->top;
    if (mailbox_take(p, &f->regs[i->reg[0]]))
        f->pc++;
    else
        process_wait(p, WAIT_MESSAGE);
}

static void op_receive_with_timeout(process *p, const instr *i)
{
    frame *f = p->top;
    value ms = f->regs[i->reg[1]], message;
    if (ms.type != T_NUMBER || isnan(ms.number)) {
        process_crash_message(p, MSG_BAD_TIMEOUT);
        return;
    }
    bool got = mailbox_take(p, &message);
    if (!got && ms.number > 0) {
        process_wait(p, WAIT_TIMED);
        timer_set(p, ms.number);
        return;
    }
    f->regs[i->reg[0]] = got ? message : v_undefined();
    f->regs[i->reg[2]] = v_boolean(got);
    f->pc++;
}

/* The result of a process that is not alive: its own copy for the process that asks. */
static value ended_result(process *p, uint64_t id)
{
    if (id >= vm.next_id || !vm.slots[id].kept)
        return v_undefined();
    uint64_t units;
    value copy = copy_once(vm.slots[id].result, &units);
    charge_units(p, units);
    return copy;
}

static void op_link(process *p, const instr *i)
{
    frame *f = p->top;
    uint64_t id = i->reg[0];
    if (id < f->n && f->regs[id].type == T_PROCESS)
        id = f->regs[id].process;
    if (!i->has_dst) {
        process_link(p, id);
        if (p->state == RUNNING)
            f->pc++;
        return;
    }
    process *other = process_find(id);
    if (other) {
        waiters_add(&other->enders, p);
        process_wait(p, WAIT_END);
        return;
    }
    f->regs[i->reg[1]] = ended_result(p, id);
    f->pc++;
}

/* SELECT_WITH_KILL: ends all that are listed, but the one chosen. */
static void kill_others(process *p, const value *listed, uint32_t n, uint64_t chosen)
{
    value reason = v_atom(name_from("kill"));
    for (uint32_t k = 0; k < n && p->state == RUNNING; k++) {
        process *other = listed[k].type == T_PROCESS ? process_find(listed[k].process) : NULL;
        if (other && other->id != chosen)
            process_kill(other, reason);
    }
}

static void op_select(process *p, const instr *i)
{
    frame *f = p->top;
    const value *listed = gather(f, i);
    bool any = false;
    for (uint32_t k = 0; k < i->n; k++) {
        if (listed[k].type != T_PROCESS)
            continue;
        any = true;
        uint64_t id = listed[k].process;
        if (process_find(id))
            continue;
        f->regs[i->reg[0]] = ended_result(p, id);
        f->pc++;
        if (i->op == OP_SELECT_WITH_KILL)
            kill_others(p, listed, i->n, id);
        return;
    }
    if (!any) {
        f->regs[i->reg[0]] = v_undefined();
        f->pc++;
        return;
    }
    for (uint32_t k = 0; k < i->n; k++)
        if (listed[k].type == T_PROCESS)
            waiters_add(&process_find(listed[k].process)->enders, p);
    process_wait(p, WAIT_END);
}

static void op_match(process *p, const instr *i)
{
    frame *f = p->top;
    value v = f->regs[i->reg[0]];
    int32_t off = 1;
    for (uint32_t k = 0; k < i->n; k++) {
        uint64_t charges = 0;
        bool fits = match_fits(v, &i->cases[k], &charges);
        charge(p, charges);
        if (fits) {
            off = i->cases[k].off;
            break;
        }
    }
    f->pc += (uint32_t)off;
}

static void op_object_init(process *p, const instr *i)
{
    frame *f = p->top;
    object *o = object_new();
    for (uint32_t k = 0; k < i->n; k++) {
        const init_prop *prop = &i->props[k];
        value v = prop->kind & 1 ? constant_make(p, &prop->constant) : f->regs[prop->reg];
        object_define(o, prop->key, v, prop->flags);
    }
    charge_units(p, i->n);
    f->regs[i->reg[0]] = v_object(o);
    f->pc++;
}

static void op_array_init(process *p, const instr *i)
{
    frame *f = p->top;
    value v = v_list(T_ARRAY, i->n);
    for (uint32_t k = 0; k < i->n; k++)
        v.list->items[k] = f->regs[i->regs[k]];
    charge_units(p, i->n);
    f->regs[i->reg[0]] = v;
    f->pc++;
}

/* The value of a captured name: the one it has in the frame's scope, else the register's from now on. */
static value capture_value(frame *f, name *scope_name, const capture *c)
{
    for (const scope *s = f->scopes; s; s = s->next)
        if (s->scope == scope_name && s->name == c->name)
            return s->value;
    scope *s = mem_alloc(sizeof *s);
    *s = (scope){f->scopes, scope_name, c->name, f->regs[c->reg]};
    f->scopes = s;
    return s->value;
}

static void op_make_closure(process *p, const instr *i)
{
    frame *f = p->top;
    value inner = f->regs[i->reg[1]];
    value made = v_undefined();
    value *captured = mem_alloc(i->n * sizeof(value) + 1);
    for (uint32_t k = 0; k < i->n; k++)
        captured[k] = capture_value(f, i->scope, &i->captures[k]);
    if (inner.type == T_FUNCTION) {
        callable *closure = mem_alloc(sizeof *closure);
        closure->kind = CLOSURE;
        closure->inner = inner.function;
        closure->n = i->n;
        closure->captured = captured;
        made = v_function(closure);
    }
    charge_units(p, i->n);
    f->regs[i->reg[0]] = made;
    f->pc++;
}

void execute(process *p)
{
    frame *f = p->top;
    if (f->pc == f->code->n) {
        frame_return(p, v_unit());
        return;
    }
    instr *i = &f->code->code[f->pc];
    value *r = f->regs;
    charge(p, op_table[i->op].cost);
    switch (i->op) {
    case OP_LOAD_CONST: op_load_const(p, i); break;
    case OP_MOVE:
        r[i->reg[0]] = r[i->reg[1]];
        f->pc++;
        break;
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV: op_arithmetic(p, i); break;
    case OP_GET_PROP: op_get_prop(p, i); break;
    case OP_SET_PROP: op_set_prop(p, i); break;
    case OP_CALL: op_call(p, i); break;
    case OP_RETURN: frame_return(p, r[i->reg[0]]); break;
    case OP_JUMP: f->pc += (uint32_t)i->off; break;
    case OP_JUMP_IF_TRUE: f->pc += truthy(r[i->reg[0]]) ? (uint32_t)i->off : 1; break;
    case OP_JUMP_IF_FALSE: f->pc += truthy(r[i->reg[0]]) ? 1 : (uint32_t)i->off; break;
    case OP_SPAWN: op_spawn(p, i); break;
    case OP_SEND: op_send(p, i); break;
    case OP_RECEIVE: op_receive(p, i); break;
    case OP_LINK: op_link(p, i); break;
    case OP_MATCH: op_match(p, i); break;
    case OP_YIELD:
        p->yields = true;
        f->pc++;
        break;
    case OP_NOP: f->pc++; break;
    case OP_EQUAL:
    case OP_NOT_EQUAL: op_equality(p, i); break;
    case OP_LESS_THAN:
    case OP_LESS_EQUAL:
    case OP_GREATER_THAN:
    case OP_GREATER_EQUAL: op_order(p, i); break;
    case OP_AND:
        r[i->reg[0]] = v_boolean(truthy(r[i->reg[1]]) && truthy(r[i->reg[2]]));
        f->pc++;
        break;
    case OP_OR:
        r[i->reg[0]] = v_boolean(truthy(r[i->reg[1]]) || truthy(r[i->reg[2]]));
        f->pc++;
        break;
    case OP_NOT: op_not(p, i); break;
    case OP_RECEIVE_WITH_TIMEOUT: op_receive_with_timeout(p, i); break;
    case OP_OBJECT_INIT: op_object_init(p, i); break;
    case OP_SELECT:
    case OP_SELECT_WITH_KILL: op_select(p, i); break;
    case OP_ARRAY_INIT: op_array_init(p, i); break;
    case OP_MAKE_CLOSURE: op_make_closure(p, i); break;
    }
}
