/* sched.c: slices, and the loop that each scheduler goes round.
 *
 * Between two slices, after the process that ran has been queued again, timers fire and waiting input is looked at. A
 * slice that ends when nobody else could run here is refilled in place, with the same accounts as if the process had been
 * queued and chosen.
 */
#include "atom.h"
#include "host.h"
#include "outside.h"
#include "random.h"
#include "signals.h"

#define BALANCE_EVERY 32 /* slices */

/* ---- slices ---- */

void proc_wake(process *p)
{
    atomic_store_explicit(&p->wait, WAIT_NONE, memory_order_relaxed);
    if (atomic_load_explicit(&p->state, memory_order_relaxed) == PROC_WAITING)
        queue_add(p->on, p);
    if (tracing(p) && p->leave != LEAVE_UNWIND) /* it has run before */
        trace_event(p, "woken", "%s", "");
}

uint64_t slice_spent(const process *p)
{
    return (uint64_t)((int64_t)p->slice - p->pub.reds);
}

static void slice_begin(process *p)
{
    scheduler *s = p->on;
    count_add(s, COUNT_PASSES, 1);
    p->slice = s->rt->set.timeslice;
    if (ION_UNLIKELY(s->rt->metered))
        p->slice = fuel_slice(p);
    p->pub.reds = p->slice;
    if (tracing(p))
        trace_event(p, "scheduled", "%s", "");
}

static inline __attribute__((always_inline)) void slice_account(process *p)
{
    uint64_t spent = slice_spent(p);
    p->reductions += spent;
    count_add(p->on, COUNT_REDUCTIONS, spent);
    if (ION_UNLIKELY(p->on->rt->metered))
        fuel_account(p, spent);
    p->slice = 0;
    p->pub.reds = 0;
}

/* Whether the running process would be chosen again at once. */
static bool alone(scheduler *s)
{
    if (!queue_empty(s) || alarm_any(s->rt) || outside_any(s->rt) || timers_due(s))
        return false;
    return !input_wanted(s->rt) || --s->input_in;
}

/* What has to be seen to between two slices where there are several schedulers. */
static void look_around(scheduler *s, process *p)
{
    retire_quiet(s);
    if (atomic_load_explicit(&s->collected, memory_order_relaxed))
        collect_back(s);
    if (signals_any(p))
        signals_take(p);
    queue_share(s);
    if (queue_any(s))
        scheduler_call(s);
}

/* The slice of a process that cannot leave the C stack is over: it begins another one. */
static NOT_INLINE int slice_again(process *p)
{
    scheduler *s = p->on;
    if (s->rt->many) {
        queue_share(s);
        if (queue_any(s))
            scheduler_call(s);
    }
    slice_account(p);
    slice_begin(p);
    return 0;
}

int ion_slice_end(ion_process *p, ion_frame *fp)
{
    process *proc = proc_of(p);
    scheduler *s = proc->on;
    p->fp = fp;
    if (ION_UNLIKELY(proc->in_native))
        return slice_again(proc);
    if (s->rt->many) {
        look_around(s, proc);
        if (proc_gone(proc))
            return 1;
        if (ION_UNLIKELY(collect_wanted(s, proc)) && !work_pending(proc)) {
            proc->leave = LEAVE_COLLECT;
            return 1;
        }
    }
    if (ION_UNLIKELY(s->rt->metered) && fuel_out(proc)) {
        (void)proc_limit(p, fp, "fuel");
        return 1;
    }
    if (alone(s)) {
        slice_account(proc);
        s->queue.choices++;
        slice_begin(proc);
        if (!stack_narrow(proc))
            return 0;
        p->argc = ION_RESUMED;
        proc->leave = LEAVE_UNWIND;
        return 1;
    }
    proc->leave = LEAVE_YIELD;
    return 1;
}

void scheduler_slice(scheduler *s, process *p)
{
    ion_value result;
    s->running = p;
    slice_begin(p);
    bool returned = stack_run(p, &result);
    slice_account(p);
    if (ION_UNLIKELY(s->rt->host != NULL) && !proc_gone(p)) {
        s->rt->host->slept(p);
        if (returned) {
            p->pub.value = result;
            if (s->rt->host->returned(p)) {
                s->running = NULL;
                return;
            }
        }
    }
    s->running = NULL;
    if (proc_gone(p)) { /* it ended itself in passing: all is done but this */
        proc_free(p);
    } else if (returned) {
        p->how = END_RETURN;
        p->reason = ATOM(normal);
        p->pub.value = result;
        proc_end(p);
    } else if (p->leave == LEAVE_END) {
        proc_end(p);
    } else if (p->leave == LEAVE_YIELD) {
        queue_add(s, p);
    } else if (p->leave == LEAVE_COLLECT) {
        if (!collect_give(s, p))
            queue_add(s, p);
    } else {
        stack_pack(p);
        p->shrunk = false;
        if (ION_UNLIKELY(p->heap.bytes >= SHRINK_LEAST))
            shrink_note(s, p);
        proc_park(s, p);
    }
}

/* ---- the loop ---- */

/* Something from another scheduler's queue; they are asked in turn, from a random one on. */
static process *steal(scheduler *s)
{
    runtime *rt = s->rt;
    uint32_t first = (uint32_t)(random_next(&s->random) % rt->nschedulers);
    for (uint32_t i = 0; i < rt->nschedulers; i++) {
        scheduler *from = &rt->schedulers[(first + i) % rt->nschedulers];
        process *p = from == s ? NULL : queue_steal(s, from);
        if (p)
            return p;
    }
    return NULL;
}

/* One that is busy takes some of another's now and then, if that has much more: nobody waits longer than others because of
 * where it is. */
static void balance(scheduler *s)
{
    if (++s->slices % BALANCE_EVERY)
        return;
    scheduler *from = &s->rt->schedulers[(s->number + s->slices / BALANCE_EVERY) % s->rt->nschedulers];
    if (from != s)
        queue_balance(s, from);
}

static process *next(scheduler *s)
{
    retire_quiet(s);
    if (ION_UNLIKELY(alarm_any(s->rt)) && !alarm_answer(s))
        return NULL;
    if (atomic_load_explicit(&s->collected, memory_order_relaxed))
        collect_back(s);
    if (s->nbig)
        shrink_some(s, false);
    if (ION_UNLIKELY(outside_any(s->rt)))
        outside_take(s);
    timers_fire(s);
    if (input_wanted(s->rt) && s->input_in-- <= 1)
        input_look(s);
    stress_here(s);
    process *p = !s->next && stress(s, 4) ? steal(s) : NULL;
    if (s->rt->many)
        balance(s);
    p = p ? p : queue_choose(s);
    if (s->rt->many && (p || (p = steal(s))))
        scheduler_found(s);
    return p;
}

void scheduler_run(scheduler *s)
{
    if (!s->rt->host || s->rt->host->threads) {
        stack_bound(s);
        heap_account(&s->counts[COUNT_HEAP]);
    }
    do {
        for (process *p; (p = next(s));)
            scheduler_slice(s, p);
        shrink_some(s, true);
    } while (scheduler_park(s));
    retire_away(s);
}
