/* ops_process.c: the instructions with which processes make, wake and wait for each other.
 *
 * RECEIVE, LINK, SELECT and SEND are executed again when they go on, so waiting leaves nothing behind but ties and a
 * wait kind; RECEIVE_WITH_TIMEOUT is not: what it gets is put into p->value and p->ok by whoever wakes it.
 */
#include "atom.h"
#include "io.h"
#include "messages.h"
#include "sched.h"

static ion_value *out_slots(ion_frame *fp)
{
    return &ION_BEHIND(fp, fp->fn->regs)->r[0].v;
}

/* Once for each instruction. */
static void warn_spawn(process *proc, ion_frame *fp, ion_value callee)
{
    place at = frame_place(fp);
    if (site_first(proc->rt, fp) == 0)
        return;
    io_errf(proc->rt, MSG_WARN_SPAWN, at.fn->class_, at.name, at.pc, type_names_lower[type_of(callee)]);
}

ion_value ion_spawn(ion_process *p, ion_frame *fp, ion_value callee, ion_u32 argc)
{
    process *proc = proc_of(p);
    p->fp = fp;
    if (!is_callable(callee)) {
        warn_spawn(proc, fp, callee);
        return ION_UNDEFINED;
    }
    uint64_t units;
    uint64_t id = proc_spawn(proc->rt, callee, out_slots(fp), argc, &units);
    if (!id)
        return proc_no_memory(p, fp);
    proc_charge(p, units);
    if (tracing(proc))
        trace_value(proc, "spawn", id, callee);
    return ION_PROCESS(id);
}

/* ---- messages ---- */

/* The receiver's mailbox is full. ION_UNIT: the message is to be sent all the same; ION_UNDEFINED: it is not. */
static ion_value send_full(ion_process *p, ion_frame *fp, process *to)
{
    process *proc = proc_of(p);
    mailbox_policy policy = mailbox_policy_of(to);
    if (policy == MAILBOX_DROP_NEW)
        return ION_UNDEFINED;
    if (policy == MAILBOX_DROP_OLD) {
        if (to->mail_first)
            mailbox_drop(to);
        return ION_UNIT;
    }
    if (policy == MAILBOX_END_SENDER || to == proc)
        return proc_limit(p, fp, "mailbox");
    if (!tie_add(TIE_ROOM, proc, to, 0))
        return proc_no_memory(p, fp);
    return proc_wait(p, fp, WAIT_ROOM);
}

ion_value ion_send(ion_process *p, ion_frame *fp, ion_value to, ion_value sent)
{
    process *proc = proc_of(p);
    process *target = proc_of_value(proc->rt, to);
    fragment f = {0};
    ion_value copy = sent;
    p->fp = fp;
    if (!target)
        return ION_UNIT;
    if (ION_UNLIKELY(mailbox_full(target))) {
        ion_value v = send_full(p, fp, target);
        if (v != ION_UNIT)
            return v == ION_LEAVE ? v : ION_UNIT;
    }
    if (ION_IS_HEAP(sent)) {
        if (!copy_values(&f, &sent, &copy, 1))
            return proc_no_memory(p, fp);
        proc_charge(p, f.units);
    }
    if (tracing(proc))
        trace_value(proc, "send", target->id, sent);
    if (!proc_deliver(target, copy, &f))
        return proc_no_memory(p, fp);
    return ION_UNIT;
}

/* The oldest message, if there is one. What was adopted is looked over at once if a collection is due: a process that
 * does nothing but receive would never ask for memory itself. */
static bool receive_now(ion_process *p, ion_frame *fp, ion_value *v)
{
    process *proc = proc_of(p);
    if (!mailbox_take(proc, v))
        return false;
    if (tracing(proc))
        trace_value(proc, "receive", 0, *v);
    if (ION_IS_HEAP(*v) && heap_due(&proc->heap, 0) && !gc_reserve(p, fp, 0, v, 1))
        *v = proc_no_memory(p, fp);
    return true;
}

ion_value ion_receive(ion_process *p, ion_frame *fp)
{
    ion_value v;
    p->fp = fp;
    return receive_now(p, fp, &v) ? v : proc_wait(p, fp, WAIT_MESSAGE);
}

ion_value ion_receive_timeout(ion_process *p, ion_frame *fp, ion_value ms)
{
    process *proc = proc_of(p);
    ion_value v;
    p->fp = fp;
    p->value = ION_UNDEFINED; /* what a wait brought lies elsewhere by now */
    if (!ION_IS_NUMBER(ms) || number_of(ms) != number_of(ms))
        return proc_crash(p, fp, MSG_BAD_TIMEOUT);
    p->ok = 1;
    if (receive_now(p, fp, &v))
        return v;
    p->ok = 0;
    if (number_of(ms) <= 0)
        return ION_UNDEFINED;
    if (heap_due(&proc->heap, 0) && !gc_reserve(p, fp, 0, NULL, 0))
        return proc_no_memory(p, fp);
    if (!timer_set(proc, number_of(ms)))
        return proc_no_memory(p, fp);
    return proc_wait(p, fp, WAIT_MESSAGE_TIMED);
}

/* ---- ends ---- */

static uint64_t id_of(ion_value v)
{
    return v & ION_PAYLOAD;
}

/* A copy of the result of an ended process for p. */
static ion_value take_result(ion_process *p, ion_frame *fp, uint64_t id)
{
    process *proc = proc_of(p);
    ion_value kept, copy;
    fragment f = {0};
    if (!result_find(proc->rt, id, &kept))
        return ION_UNDEFINED;
    if (!ION_IS_HEAP(kept))
        return kept;
    if (!copy_values(&f, &kept, &copy, 1))
        return proc_no_memory(p, fp);
    proc_charge(p, f.units);
    heap_adopt(&proc->heap, &f);
    if (heap_due(&proc->heap, 0) && !gc_reserve(p, fp, 0, &copy, 1))
        return proc_no_memory(p, fp);
    return copy;
}

ion_value ion_link(ion_process *p, ion_frame *fp, ion_value to)
{
    process *proc = proc_of(p);
    process *target = proc_find(proc->rt, id_of(to));
    p->fp = fp;
    if (!target)
        return take_result(p, fp, id_of(to));
    if (target != proc && !tie_add(TIE_END, proc, target, 0)) /* nobody sees its own end */
        return proc_no_memory(p, fp);
    return proc_wait(p, fp, WAIT_END);
}

ion_value ion_link_both(ion_process *p, ion_frame *fp, ion_value to)
{
    p->fp = fp;
    return proc_link(p, fp, id_of(to));
}

/* The first of the list that has ended (the place), n if none has, UINT32_MAX if there is no process in it. */
static ion_u32 first_ended(process *proc, const ion_value *list, ion_u32 n)
{
    bool any = false;
    for (ion_u32 i = 0; i < n; i++) {
        if (!ION_IS_PROCESS(list[i]))
            continue;
        any = true;
        if (!proc_of_value(proc->rt, list[i]))
            return i;
    }
    return any ? n : UINT32_MAX;
}

static ion_value select_wait(ion_process *p, ion_frame *fp, const ion_value *list, ion_u32 n)
{
    process *proc = proc_of(p);
    for (ion_u32 i = 0; i < n; i++) {
        process *target = proc_of_value(proc->rt, list[i]);
        if (target && target != proc && !tie_add(TIE_END, proc, target, 0)) {
            waits_cut(proc);
            return proc_no_memory(p, fp);
        }
    }
    return proc_wait(p, fp, WAIT_END);
}

/* Kills all of the list but the one that has ended; p may be among them. */
static void kill_others(process *proc, const ion_value *list, ion_u32 n, ion_value ended)
{
    for (ion_u32 i = 0; i < n && !proc_gone(proc); i++) {
        process *target = list[i] == ended ? NULL : proc_of_value(proc->rt, list[i]);
        if (target)
            proc_kill(target, proc->id, ATOM(kill));
    }
}

ion_value ion_select(ion_process *p, ion_frame *fp, ion_u32 n, ion_u32 kill)
{
    process *proc = proc_of(p);
    const ion_value *list = out_slots(fp); /* only process references in it are looked at: nothing that moves */
    p->fp = fp;
    ion_u32 i = first_ended(proc, list, n);
    if (i == UINT32_MAX)
        return ION_UNDEFINED;
    if (i == n)
        return select_wait(p, fp, list, n);
    ion_value v = take_result(p, fp, id_of(list[i]));
    if (v == ION_LEAVE || !kill)
        return v;
    kill_others(proc, list, n, list[i]);
    return proc_gone(proc) ? ION_LEAVE : v;
}

ion_value ion_yield(ion_process *p, ion_frame *fp)
{
    return ion_slice_end(p, fp) ? ION_LEAVE : ION_UNIT;
}
