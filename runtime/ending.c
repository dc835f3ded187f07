/* ending.c: what the end of a process does to others.
 *
 * An ended process is at once no longer to be found: its name goes, its result is kept, and who waited for it is woken.
 * Then its links hear of it in the order they were made, and then its monitors. A link may end another process, whose
 * own links come first then: those being ended form a stack (scheduler.ending), so that no chain of links is too long. A
 * process that is still running, or stands in a run queue, is freed when it comes out of there.
 *
 * What is to be told to one process travels in a signal; the memory for it is that of the bond between the two, unless it
 * says more than fits there. So nobody goes without being told for want of memory: who cannot be told the reason ends
 * with limit:heap.
 */
#include <stdio.h>

#include "atom.h"
#include "host.h"
#include "io.h"
#include "mem.h"
#include "messages.h"
#include "signals.h"

/* ---- telling ---- */

/* Makes a signal that tells `(what, process, reason)`. False when memory is out. */
static told_signal *told_new(signal_kind kind, uint64_t ref, uint64_t from, ion_value reason)
{
    struct {
        uint64_t head;
        ion_value items[3];
    } told = {HEAD(KIND_TUPLE, 3), {kind == SIG_DOWN ? ATOM(down) : ATOM(exit), ION_PROCESS(from), reason}};
    ion_value value = value_boxed(&told);
    told_signal *t = mem_alloc(sizeof *t);
    if (!t)
        return NULL;
    *t = (told_signal){{{NULL, ION_UNDEFINED, kind, false, false, false}, from, ref}, {0}};
    if (copy_values(&t->frag, &value, &t->l.s.value, 1))
        return t;
    mem_free(t);
    return NULL;
}

/* Tells the other side of a bond that has been taken out. */
static void tell(process *p, bond *b, signal_kind kind)
{
    uint64_t to = b->id, ref = b->key;
    told_signal *t = told_new(kind, ref, p->id, p->reason);
    if (t)
        mem_free(b);
    (void)signal_send(p->on, to, t ? &t->l.s : signal_from_bond(b, kind, p->id, ref));
}

void end_reply(process *p, long_signal *sig)
{
    uint64_t to = sig->from;
    signal_kind kind = sig->s.kind == SIG_LINK ? SIG_EXIT : SIG_DOWN;
    told_signal *t = told_new(kind, sig->ref, p->id, p->reason);
    if (t) {
        mem_free(sig);
    } else {
        sig->s.kind = kind;
        sig->s.value = ION_UNDEFINED;
        sig->from = p->id;
    }
    (void)signal_send(p->on, to, t ? &t->l.s : &sig->s);
}

bool proc_missing(process *p, signal_kind kind, uint64_t ref, uint64_t from)
{
    told_signal *t = told_new(kind, ref, from, ATOM(noproc));
    return t && (signal_post(p->on, p, &t->l.s) || true);
}

bool proc_kill(scheduler *s, process *to, uint64_t from, ion_value reason)
{
    told_signal *t = told_new(SIG_KILL, 0, from, reason);
    if (t)
        (void)signal_post(s, to, &t->l.s);
    return t != NULL;
}

/* ---- the end itself ---- */

static void note_main(process *p)
{
    main_end *m = &runtime_of(p)->main;
    m->yes = true;
    m->returned = p->how == END_RETURN;
    m->well = m->returned || (p->how == END_EXIT && p->reason == ATOM(normal));
    if (m->returned && runtime_of(p)->set.print_result && !copy_values(&m->frag, &p->pub.value, &m->result, 1))
        m->result = ION_UNDEFINED;
}

/* Takes p out of everything that could wake it. */
static void end_waiting(process *p)
{
    if (atomic_load_explicit(&p->wait, memory_order_relaxed) == WAIT_INPUT)
        input_remove(p);
    timer_cancel(p);
    waits_cut(p);
    atomic_store_explicit(&p->wait, WAIT_NONE, memory_order_relaxed);
}

/* Those that wait for p, and those that it watches. */
static void end_relations(process *p)
{
    relations *r = p->relations;
    if (!r)
        return;
    waiting_tell(p, &r->waiters, SIG_OVER);
    waiting_tell(p, &r->senders, SIG_ROOM);
    while (r->watching.first) {
        bond *b = bond_take(&r->watching, r->watching.first);
        uint64_t to = b->id, ref = b->key;
        (void)signal_send(p->on, to, signal_from_bond(b, SIG_UNWATCH, p->id, ref));
    }
}

/* Gives up the heap; the reason stays. */
static void end_heap(process *p)
{
    fragment f;
    ion_value reason;
    if (work_pending(p)) {
        p->relations->work->drop(p->relations->work);
        p->relations->work = NULL;
    }
    if (!copy_values(&f, &p->reason, &reason, 1))
        return;
    heap_free(&p->heap);
    heap_adopt(&p->heap, &f);
    p->reason = reason;
}

/* Where all heaps or stacks together are limited, what a process held is there for others by the time that they hear of
 * its end. Not in passing: C functions are still at work for it then. */
static void end_shared(process *p)
{
    const uint64_t *most = runtime_of(p)->set.limit;
    if (p == p->on->running)
        return;
    if (ION_UNLIKELY(most[LIMIT_TOTAL_HEAP] != 0))
        end_heap(p);
    if (ION_UNLIKELY(most[LIMIT_TOTAL_STACK] != 0))
        stack_free(p);
}

/* Everything but links, monitors and memory. */
static void end_begin(process *p)
{
    scheduler *s = p->on;
    bool telling = s->telling;
    s->telling = true; /* what comes of this waits until p is done */
    report_end(p);
    if (ION_UNLIKELY(s->rt->dump != NULL))
        dump_end(p);
    if (s->rt->many)
        atomic_store_explicit(&p->state, PROC_ENDED, memory_order_seq_cst);
    else /* without waiting until that can be seen */
        atomic_store_explicit(&p->state, PROC_ENDED, memory_order_relaxed);
    stress_here(s);
    names_drop(p); /* who does not find the process does not find its name either */
    end_waiting(p);
    if (p->how == END_RETURN)
        result_keep(s->rt, p->id, p->pub.value);
    if (p->id == 1)
        note_main(p);
    table_remove(s, p);
    if (ION_UNLIKELY(s->rt->host != NULL)) /* who still finds it is told */
        s->rt->host->ended(p);
    count_add(s, COUNT_ENDED, 1);
    share_give(s->rt, LIMIT_PROCESSES, 1);
    stress_here(s);
    if (tracing(p))
        trace_value(p, "ended", 0, p->reason);
    if (p->queued && !s->rt->many)
        queue_forget(p);
    mail_free(p);
    end_shared(p);
    p->ending = s->ending;
    s->ending = p;
    end_relations(p);
    stress_here(s);
    signals_close(p);
    s->telling = telling;
}

static void end_with(process *p, end_how how, ion_value reason)
{
    p->how = (uint8_t)how;
    p->reason = reason;
    p->leave = LEAVE_END;
    end_begin(p);
}

void proc_end_memory(process *p)
{
    end_with(p, END_LIMIT, reason_no_memory());
}

void proc_end_limit(scheduler *s, process *p, const char *name)
{
    char text[32];
    p->on = s;
    int n = snprintf(text, sizeof text, MSG_LIMIT, name);
    end_with(p, END_LIMIT, reason_text(p, text, (size_t)n));
    ends_tell(s);
}

/* ---- what comes to others ---- */

/* Whether p still is linked to, or watches, the sender; not any more from now on. */
static bool cut(process *p, const long_signal *l)
{
    relations *r = p->relations;
    bond_list *list = !r ? NULL : l->s.kind == SIG_EXIT ? &r->links : &r->watching;
    bond *b = list ? bond_find(list, l->s.kind == SIG_EXIT ? l->from : l->ref) : NULL;
    if (b)
        bond_remove(list, b);
    return b != NULL;
}

void end_signal(process *p, proc_signal *sig)
{
    ion_value told = sig->value;
    if (sig->kind != SIG_KILL && !cut(p, (long_signal *)sig)) {
        signal_free(sig);
        return;
    }
    if (told == ION_UNDEFINED) { /* there is no memory to say why */
        signal_free(sig);
        proc_end_memory(p);
        return;
    }
    ion_value reason = AS(tuple, told)->items[2];
    if (sig->kind == SIG_DOWN || (p->trap_exit && !(sig->kind == SIG_KILL && reason == ATOM(kill)))) {
        count_add(p->on, COUNT_MESSAGES, 1);
        mail_put(p, sig);
    } else if (sig->kind == SIG_EXIT && reason == ATOM(normal)) {
        signal_free(sig);
    } else {
        heap_adopt(&p->heap, signal_fragment(sig));
        mem_free(sig);
        end_with(p, END_KILLED, reason);
    }
}

/* The next of its links hears of p's end, or of its monitors; false: all have. */
static bool end_step(process *p)
{
    relations *r = p->relations;
    if (!r || (!r->links.first && !r->watched.first))
        return false;
    if (r->links.first)
        tell(p, bond_take(&r->links, r->links.first), SIG_EXIT);
    else
        tell(p, bond_take(&r->watched, r->watched.first), SIG_DOWN);
    return true;
}

void ends_tell(scheduler *s)
{
    process *p;
    if (s->telling || !s->ending)
        return;
    s->telling = true;
    while ((p = s->ending)) {
        stress_here(s);
        if (end_step(p))
            continue;
        s->ending = p->ending;
        if (p != s->running)
            proc_free(p);
    }
    s->telling = false;
}

void proc_end(process *p)
{
    scheduler *s = p->on;
    end_begin(p);
    ends_tell(s);
}

ion_value proc_link(ion_process *p, ion_frame *fp, uint64_t id)
{
    process *proc = proc_of(p);
    p->fp = fp;
    if (id == proc->id)
        return ION_TRUE;
    relations *r = relations_of(proc);
    if (!r)
        return proc_no_memory(p, fp);
    bool linked = bond_find(&r->links, id) != NULL;
    if (linked && !proc->on->rt->many)
        return ION_TRUE;
    /* The other one may have unlinked them a moment ago, and its signal be on its way: it has to hear of this one after. */
    proc_signal *sig = signal_new(SIG_LINK, proc->id, 0);
    if (!sig || (!linked && !bond_add(&r->links, id, id))) {
        mem_free(sig);
        return proc_no_memory(p, fp);
    }
    if (signal_send(proc->on, id, sig) || linked) /* linked: that it has ended is on its way */
        return proc_gone(proc) ? ION_LEAVE : ION_TRUE;
    if (!proc_missing(proc, SIG_EXIT, 0, id))
        return proc_no_memory(p, fp);
    return proc_gone(proc) ? ION_LEAVE : ION_FALSE;
}
