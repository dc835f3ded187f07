/* lib_process.c: processes, time, and what the program can learn about itself. */
#include <math.h>
#include <string.h>

#include "lib.h"

/* Sets *out if the process still runs to see it. */
static bool unless_ended(const process *p, value v, value *out)
{
    *out = v;
    return p->state == RUNNING;
}

bool lib_Link(process *p, frame *f, value *out)
{
    bool linked = process_link(p, f->regs[0].process);
    return unless_ended(p, v_boolean(linked), out);
}

bool lib_Unlink(process *p, frame *f, value *out)
{
    process *other = process_find(f->regs[0].process);
    if (other)
        process_unlink(p, other);
    *out = v_boolean(other != NULL);
    return true;
}

bool lib_Monitor(process *p, frame *f, value *out)
{
    *out = v_number((double)process_monitor(p, f->regs[0].process));
    return true;
}

bool lib_Demonitor(process *p, frame *f, value *out)
{
    double d = f->regs[0].number;
    *out = v_boolean(d >= 1 && d <= 0x1p53 && d == trunc(d) && process_demonitor(p, (uint64_t)d));
    return true;
}

bool lib_TrapExit(process *p, frame *f, value *out)
{
    *out = v_boolean(p->traps);
    p->traps = f->regs[0].boolean;
    return true;
}

bool lib_Exit(process *p, frame *f, value *out)
{
    (void)out;
    process_exit(p, f->regs[0]);
    return false;
}

bool lib_Kill(process *p, frame *f, value *out)
{
    process *other = process_find(f->regs[0].process);
    if (other)
        process_signal(other, p->id, f->regs[1]);
    return unless_ended(p, v_boolean(other != NULL), out);
}

bool lib_IsAlive(process *p, frame *f, value *out)
{
    (void)p;
    *out = v_boolean(process_find(f->regs[0].process) != NULL);
    return true;
}

static const char *const priorities[] = {"high", "normal", "low"};

static value text(const char *s)
{
    return v_string(s, strlen(s));
}

static void define(value o, const char *key, value v)
{
    object_define(o.object, name_from(key), v, ALL_ON);
}

static value function_text(const callable *f)
{
    while (f->kind == CLOSURE || f->kind == BOUND)
        f = f->inner;
    buffer b = {0};
    if (f->kind == CODE)
        buffer_printf(&b, "%s:%s", f->code->class->name, f->code->name ? f->code->name->text : "");
    else
        buffer_puts(&b, f->library_name->text);
    value v = v_string(b.data, b.len);
    buffer_free(&b);
    return v;
}

bool lib_ProcessInfo(process *p, frame *f, value *out)
{
    static const char *const states[] = {"runnable", "running", "waiting"};
    (void)p;
    const process *other = process_find(f->regs[0].process);
    if (!other)
        return true;
    value o = v_object(object_new());
    define(o, "pid", v_number((double)other->id));
    define(o, "function", function_text(other->function));
    define(o, "state", v_atom(name_from(states[other->state])));
    define(o, "mailbox", v_number((double)other->queued));
    define(o, "heap", v_number(0));
    define(o, "reductions", v_number((double)other->reductions));
    define(o, "links", v_number((double)other->links_n));
    define(o, "monitors", v_number((double)other->watching.n));
    define(o, "priority", text(priorities[other->priority]));
    *out = o;
    return true;
}

bool lib_RuntimeInfo(process *p, frame *f, value *out)
{
    (void)p;
    (void)f;
    value o = v_object(object_new());
    define(o, "processes", v_number((double)vm.alive));
    define(o, "processes_most", v_number(0));
    define(o, "schedulers", v_number(1));
    define(o, "switches", v_number((double)vm.passes));
    define(o, "steals", v_number(0));
    define(o, "messages", v_number((double)vm.messages));
    define(o, "bytes_copied", v_number(0));
    define(o, "collections", v_number(0));
    define(o, "timers_fired", v_number(0));
    define(o, "longest_wait", v_number(0));
    define(o, "timers", v_number(0));
    define(o, "heap", v_number(0));
    define(o, "memory", v_number(0));
    define(o, "memory_peak", v_number(0));
    define(o, "reductions", v_number((double)vm.reductions));
    define(o, "pauses", v_list(T_ARRAY, 0));
    *out = o;
    return true;
}

static bool string_is(const string *s, const char *c)
{
    return s->len == strlen(c) && memcmp(s->text, c, s->len) == 0;
}

/* An unknown word changes nothing and gives undefined. */
bool lib_SetPriority(process *p, frame *f, value *out)
{
    for (int k = 0; k < PRIORITIES; k++) {
        if (!string_is(f->regs[0].string, priorities[k]))
            continue;
        *out = text(priorities[p->priority]);
        p->priority = k;
        return true;
    }
    return true;
}

/* An unknown word changes nothing and gives undefined; a capacity is truncated, and 0 if it is not a number. */
bool lib_SetMailbox(process *p, frame *f, value *out)
{
    double capacity = f->regs[0].number > 0 ? trunc(f->regs[0].number) : 0;
    for (policy k = BLOCK; k <= END_SENDER; k++) {
        if (!string_is(f->regs[1].string, policy_name(k)))
            continue;
        *out = v_list(T_TUPLE, 2);
        out->list->items[0] = v_number(p->capacity);
        out->list->items[1] = text(policy_name(p->policy));
        mailbox_configure(p, capacity, k);
        return true;
    }
    return true;
}

bool lib_Register(process *p, frame *f, value *out)
{
    (void)p;
    *out = v_boolean(process_register(f->regs[0].atom, f->regs[1].process));
    return true;
}

bool lib_WhereIs(process *p, frame *f, value *out)
{
    (void)p;
    *out = process_whereis(f->regs[0].atom);
    return true;
}

/* Not a number, or nothing: does not wait. */
bool lib_Sleep(process *p, frame *f, value *out)
{
    double ms = f->regs[0].number;
    *out = v_unit();
    if (f->step++ > 0 || !(ms > 0))
        return true;
    process_wait(p, WAIT_SLEEP);
    timer_set(p, ms);
    return false;
}

bool lib_Now(process *p, frame *f, value *out)
{
    (void)p;
    (void)f;
    *out = v_number((double)vm.clock / 1e6);
    return true;
}

/* A fresh array each time. */
bool lib_Args(process *p, frame *f, value *out)
{
    (void)p;
    (void)f;
    *out = copy_once(vm.args, NULL);
    return true;
}
