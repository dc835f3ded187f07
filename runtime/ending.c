/* ending.c: what the end of a process does to others.
 *
 * An ended process is at once no longer to be found: its name goes, its result is kept, and who waited for it is woken.
 * Then its links hear of it in the order they were made, and then its monitors. A link may end another process, whose
 * own links come first then: those being ended form a stack (rt->ending), so that no chain of links is too long. A
 * process that is still running, or stands in a run queue, is freed when it comes out of there.
 */
#include "atom.h"
#include "sched.h"

static void end_begin(process *p);

/* Copies a value into the memory of a process that is to end with it as the reason. */
static void end_with(process *p, end_how how, ion_value reason)
{
    fragment f = {0};
    ion_value copy = reason;
    if (ION_IS_HEAP(reason)) {
        if (copy_values(&f, &reason, &copy, 1)) {
            heap_adopt(&p->heap, &f);
        } else {
            how = END_LIMIT;
            copy = reason_no_memory();
        }
    }
    p->how = (uint8_t)how;
    p->reason = copy;
    p->leave = LEAVE_END;
    end_begin(p);
}

/* Sends `(what, process, reason)`; no capacity holds it up. */
static void tell(process *to, ion_value what, uint64_t from, ion_value reason)
{
    struct {
        uint64_t head;
        ion_value items[3];
    } told = {HEAD(KIND_TUPLE, 3), {what, ION_PROCESS(from), reason}};
    ion_value value = value_boxed(&told), copy;
    fragment f = {0};
    if (to->state == PROC_ENDED)
        return;
    if (!copy_values(&f, &value, &copy, 1) || !proc_deliver(to, copy, &f))
        end_with(to, END_LIMIT, reason_no_memory());
}

/* Takes p out of everything that could wake it. */
static void end_waiting(process *p)
{
    if (p->state == PROC_WAITING && p->wait == WAIT_INPUT)
        sched_input_remove(p);
    timer_cancel(p);
    waits_cut(p);
}

static void note_main(process *p)
{
    main_end *m = &p->rt->main;
    m->yes = true;
    m->returned = p->how == END_RETURN;
    m->well = m->returned || (p->how == END_EXIT && p->reason == ATOM(normal));
    if (m->returned && p->rt->set.print_result && !copy_values(&m->frag, &p->pub.value, &m->result, 1))
        m->result = ION_UNDEFINED;
}

/* Everything but links, monitors and memory. */
static void end_begin(process *p)
{
    runtime *rt = p->rt;
    bool queued = p->state == PROC_RUNNABLE;
    report_end(p);
    end_waiting(p);
    names_drop(p);
    if (p->how == END_RETURN)
        result_keep(rt, p->id, p->pub.value);
    if (p->id == 1)
        note_main(p);
    table_remove(rt, p);
    rt->alive--;
    p->state = PROC_ENDED;
    if (tracing(p))
        trace_value(p, "ended", 0, p->reason);
    if (queued)
        sched_forget(p);
    mailbox_free(p);
    p->ending = rt->ending;
    rt->ending = p;
    if (p->relations) {
        waiting_wake(&p->relations->waiters);
        waiting_wake(&p->relations->senders);
        ties_cut(&p->relations->watching);
    }
}

static void signal_link(process *p, uint64_t from, ion_value reason)
{
    if (p->state == PROC_ENDED)
        return;
    if (p->trap_exit)
        tell(p, ATOM(exit), from, reason);
    else if (reason != ATOM(normal))
        end_with(p, END_KILLED, reason);
}

/* The next of its links hears of p's end, or of its monitors; false: all have. */
static bool end_step(process *p)
{
    relations *r = p->relations;
    if (!r || (!r->links.first && !r->watched.first))
        return false;
    tie *t = r->links.first ? r->links.first->tie : r->watched.first->tie;
    tie_kind what = t->kind;
    process *other = t->from == p ? t->to : t->from;
    tie_cut(t);
    if (what == TIE_LINK)
        signal_link(other, p->id, p->reason);
    else
        tell(other, ATOM(down), p->id, p->reason);
    return true;
}

static void end_finish(runtime *rt)
{
    process *p;
    while ((p = rt->ending)) {
        if (end_step(p))
            continue;
        rt->ending = p->ending;
        if (p != rt->running)
            proc_free(p);
    }
}

void proc_end(process *p)
{
    end_begin(p);
    end_finish(p->rt);
}

void proc_kill(process *p, uint64_t from, ion_value reason)
{
    if (p->trap_exit && reason != ATOM(kill))
        tell(p, ATOM(exit), from, reason);
    else
        end_with(p, END_KILLED, reason);
    end_finish(p->rt);
}

void proc_link_signal(process *p, uint64_t from, ion_value reason)
{
    signal_link(p, from, reason);
    end_finish(p->rt);
}

ion_value proc_link(ion_process *p, ion_frame *fp, uint64_t id)
{
    process *proc = proc_of(p);
    process *other = proc_find(proc->rt, id);
    if (!other) {
        p->fp = fp;
        proc_link_signal(proc, id, ATOM(noproc));
        return proc_gone(proc) ? ION_LEAVE : ION_FALSE;
    }
    if (other != proc && !link_find(proc, other) && !tie_add(TIE_LINK, proc, other, 0))
        return proc_no_memory(p, fp);
    return ION_TRUE;
}

void proc_down(process *p, uint64_t from, ion_value reason)
{
    tell(p, ATOM(down), from, reason);
    end_finish(p->rt);
}
