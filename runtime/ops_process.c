/* ops_process.c: the instructions with which processes make, wake and wait for each other.
 *
 * RECEIVE, LINK, SELECT and SEND are executed again when they go on, so waiting leaves nothing behind but ties and a
 * wait kind; RECEIVE_WITH_TIMEOUT is not: what it gets is put into p->value and p->ok by whoever wakes it.
 */
#include "atom.h"
#include "io.h"
#include "mem.h"
#include "messages.h"
#include "native.h"
#include "signals.h"

static ion_value *out_slots(ion_frame *fp)
{
    return &ION_BEHIND(fp, fp->fn->regs)->r[0].v;
}

/* Once for each instruction. */
static void warn_spawn(process *proc, ion_frame *fp, ion_value callee)
{
    place at = frame_place(fp);
    if (site_first(runtime_of(proc), fp) == 0)
        return;
    io_errf(runtime_of(proc), MSG_WARN_SPAWN, at.fn->class_, at.name, at.pc, type_names_lower[type_of(callee)]);
}

ion_value ion_spawn(ion_process *p, ion_frame *fp, ion_value callee, ion_u32 argc)
{
    process *proc = proc_of(p);
    p->fp = fp;
    if (!is_callable(callee)) {
        warn_spawn(proc, fp, callee);
        return ION_UNDEFINED;
    }
    if (ION_UNLIKELY(!(proc->on->rt->granted >> CAPABILITY_SPAWN & 1)))
        return native_error(p, fp, MSG_FFI_DENIED, "SPAWN", capability_rows[CAPABILITY_SPAWN].name);
    if (heaps_full(proc->on->rt, 0)) {
        p->value = callee; /* a root */
        if (!gc_make_room(p, fp, 0, out_slots(fp), argc))
            return proc_no_memory(p, fp);
        callee = p->value;
        p->value = ION_UNDEFINED;
    }
    uint64_t units;
    uint64_t id = proc_spawn(proc->on, callee, out_slots(fp), argc, &units);
    if (!id)
        return proc_no_memory(p, fp);
    proc_charge(p, units);
    if (tracing(proc))
        trace_value(proc, "spawn", id, callee);
    return ION_PROCESS(id);
}

/* ---- messages ---- */

/* The oldest message, if there is one. What was adopted is looked over at once if a collection is due: a process that
 * does nothing but receive would never ask for memory itself. */
static bool receive_now(ion_process *p, ion_frame *fp, ion_value *v)
{
    process *proc = proc_of(p);
    if (!mail_take(proc, v))
        return false;
    if (tracing(proc))
        trace_value(proc, "receive", 0, *v);
    if (!ION_IS_HEAP(*v) || !heap_due(&proc->heap, 0))
        return true;
    heap_clip(&proc->heap, heap_limit(&proc->heap), 0); /* room that may never be used is no reason */
    if (!gc_reserve(p, fp, 0, v, 1))
        *v = proc_no_memory(p, fp);
    return true;
}

ion_value ion_receive(ion_process *p, ion_frame *fp)
{
    ion_value v;
    p->fp = fp;
    if (receive_now(p, fp, &v))
        return v;
    return proc_gone(proc_of(p)) ? ION_LEAVE : proc_wait(p, fp, WAIT_MESSAGE);
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
    if (proc_gone(proc))
        return ION_LEAVE;
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
    ion_value copy = ION_UNDEFINED;
    fragment f = {0};
    int found = result_copy(runtime_of(proc), id, &copy, &f);
    if (found < 0)
        return proc_no_memory(p, fp);
    if (!found || !ION_IS_HEAP(copy))
        return copy;
    proc_charge(p, f.units);
    heap_adopt(&proc->heap, &f);
    if (heap_due(&proc->heap, 0) && !gc_reserve(p, fp, 0, &copy, 1))
        return proc_no_memory(p, fp);
    return copy;
}

/* Tells a process that p waits for its end. 1; 0: it has ended; -1: memory is out. */
static int await(process *p, uint64_t id)
{
    relations *r = relations_of(p);
    proc_signal *sig = r ? signal_new(SIG_AWAIT, p->id, 0) : NULL;
    if (!sig || !bond_add(&r->waits, id, id)) {
        mem_free(sig);
        return -1;
    }
    if (signal_send(p->on, id, sig))
        return 1;
    bond_remove(&r->waits, bond_find(&r->waits, id));
    return 0;
}

ion_value ion_link(ion_process *p, ion_frame *fp, ion_value to)
{
    process *proc = proc_of(p);
    p->fp = fp;
    if (id_of(to) == proc->id) /* nobody sees its own end */
        return proc_wait(p, fp, WAIT_END);
    if (!proc_find(runtime_of(proc), id_of(to)))
        return take_result(p, fp, id_of(to));
    proc_wait_begin(proc, WAIT_END);
    int done = await(proc, id_of(to));
    if (done > 0)
        return proc_wait_on(p, fp, WAIT_END);
    proc_wait_begin(proc, WAIT_NONE);
    return done < 0 ? proc_no_memory(p, fp) : take_result(p, fp, id_of(to));
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
        if (!proc_of_value(runtime_of(proc), list[i]))
            return i;
    }
    return any ? n : UINT32_MAX;
}

/* Waits for the first of them to end; one that has ended by now ends the wait at once. */
static ion_value select_wait(ion_process *p, ion_frame *fp, const ion_value *list, ion_u32 n)
{
    process *proc = proc_of(p);
    relations *r = relations_of(proc);
    int done = r ? 1 : -1;
    proc_wait_begin(proc, WAIT_END);
    for (ion_u32 i = 0; i < n && done > 0 && atomic_load_explicit(&proc->wait, memory_order_relaxed); i++)
        if (ION_IS_PROCESS(list[i]) && id_of(list[i]) != proc->id && !bond_find(&r->waits, id_of(list[i])))
            done = await(proc, id_of(list[i]));
    if (done > 0)
        return proc_wait_on(p, fp, WAIT_END);
    waits_cut(proc);
    proc_wait_begin(proc, WAIT_NONE);
    return done < 0 ? proc_no_memory(p, fp) : proc_wait_on(p, fp, WAIT_END);
}

/* Kills all of the list but the one that has ended; p may be among them. False when memory is out. */
static bool kill_others(process *proc, const ion_value *list, ion_u32 n, ion_value ended)
{
    bool done = true;
    for (ion_u32 i = 0; i < n && done && !proc_gone(proc); i++) {
        process *target = list[i] == ended ? NULL : proc_of_value(runtime_of(proc), list[i]);
        if (target)
            done = proc_kill(proc->on, target, proc->id, ATOM(kill));
    }
    return done;
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
    if (!kill_others(proc, list, n, list[i]))
        return proc_no_memory(p, fp);
    return proc_gone(proc) ? ION_LEAVE : v;
}

ion_value ion_yield(ion_process *p, ion_frame *fp)
{
    return ion_slice_end(p, fp) ? ION_LEAVE : ION_UNIT;
}
