/* queue.c: run queues: for each scheduler one list a priority.
 *
 * The next process comes from the highest list that has one, but every FAIRNESS-th choice takes the oldest of the next
 * lower one that has, and every LOWEST_EVERY-th of these that of the lowest, so that nobody starves. With several schedulers a lock guards the lists, one that has nothing takes
 * half of what another has, and what the running process wakes may run next, past the lists, but only STREAK_MOST times
 * in a row. An entry is a hint: its state says whether it may be taken. One that is claimed at the moment
 * goes to the back; one that has ended and been left is freed here.
 */
#include "mem.h"
#include "random.h"
#include "sched.h"

enum { FAIRNESS = 16, LOWEST_EVERY = 4, STEAL_MOST = 64, STREAK_MOST = 16 };

/* ---- lists; the lock is held ---- */

static void add(run_queue *q, process *p)
{
    unsigned k = p->priority;
    p->next = NULL;
    if (q->first[k])
        q->last[k]->next = p;
    else
        q->first[k] = p;
    q->last[k] = p;
    q->live[k]++;
    uint32_t count = atomic_load_explicit(&q->count, memory_order_relaxed);
    atomic_store_explicit(&q->count, count + 1, memory_order_relaxed); /* scheduler_call has the barrier */
}

/* Takes the first entry from a list, whatever has become of it. */
static process *shift(run_queue *q, unsigned k)
{
    process *p = q->first[k];
    q->first[k] = p->next;
    proc_bring(p->next);
    atomic_store_explicit(&q->count, atomic_load_explicit(&q->count, memory_order_relaxed) - 1, memory_order_relaxed);
    return p;
}

/* The first of a list that has one, with a single scheduler. */
static process *pop(scheduler *s, unsigned k)
{
    run_queue *q = &s->queue;
    process *p = shift(q, k);
    while (proc_gone(p)) { /* queue_forget has discounted it */
        record_give(s, RECORD_PROCESS, p);
        p = shift(q, k);
    }
    q->live[k]--;
    return p;
}

/* Any process of list k, for tests; a single scheduler. */
static process *pop_any(scheduler *s, unsigned k)
{
    run_queue *q = &s->queue;
    for (uint64_t skip = random_next(&q->random) % q->live[k]; skip; skip--) /* turn the list */
        add(q, pop(s, k));
    return pop(s, k);
}

static unsigned highest(const run_queue *q, unsigned k)
{
    while (k < PRIORITIES && !q->live[k])
        k++;
    return k;
}

/* The list that the next process comes from; PRIORITIES: all are empty. */
static unsigned choose_list(run_queue *q)
{
    unsigned k = highest(q, 0);
    if (k == PRIORITIES || ++q->choices % FAIRNESS)
        return k;
    bool lowest = q->choices % (FAIRNESS * LOWEST_EVERY) == 0;
    for (unsigned lower = k; (lower = highest(q, lower + 1)) < PRIORITIES;) {
        k = lower;
        if (!lowest)
            break;
    }
    return k;
}

/* Makes an entry that has been taken out run; NULL: it may not. */
static process *take(scheduler *s, process *p)
{
    uint8_t state = PROC_RUNNABLE;
    if (atomic_compare_exchange_strong_explicit(&p->state, &state, PROC_RUNNING, memory_order_seq_cst,
                                                memory_order_seq_cst)) {
        stress_here(s);
        p->queued = false;
        p->on = s;
        return p;
    }
    if (state == PROC_LEFT) {
        retire_process(s, p);
        return NULL;
    }
    runtime_lock(s->rt, &s->queue.lock); /* somebody gives it signals, or tells others of its end */
    add(&s->queue, p);
    runtime_unlock(s->rt, &s->queue.lock);
    return NULL;
}

/* ---- what schedulers do with them ---- */

void queue_add(scheduler *s, process *p)
{
    p->queued = true;
    p->on = s;
    atomic_store_explicit(&p->state, PROC_RUNNABLE, memory_order_release);
    stress_here(s);
    runtime_lock(s->rt, &s->queue.lock);
    add(&s->queue, p);
    runtime_unlock(s->rt, &s->queue.lock);
}

void queue_add_next(scheduler *s, process *p)
{
    if (!s->rt->many || s->next || s->streak >= STREAK_MOST || stress(s, 2)) {
        queue_add(s, p);
        return;
    }
    p->on = s;
    atomic_store_explicit(&p->state, PROC_CLAIMED, memory_order_relaxed); /* the scheduler keeps it */
    s->next = p;
}

void queue_share(scheduler *s)
{
    process *p = s->next;
    if (!p)
        return;
    s->next = NULL;
    queue_add(s, p);
}

bool queue_empty(const scheduler *s)
{
    return s->rt->many ? !s->next && !queue_any(s) : highest(&s->queue, 0) == PRIORITIES;
}

void queue_forget(process *p)
{
    /* SetPriority is called by the running process, so p still has the priority it was queued with */
    p->on->queue.live[p->priority]--;
}

static process *choose_single(scheduler *s)
{
    unsigned k = choose_list(&s->queue);
    if (k == PRIORITIES)
        return NULL;
    process *p = ION_UNLIKELY(s->rt->set.shuffle != 0) ? pop_any(s, k) : pop(s, k);
    p->queued = false;
    atomic_store_explicit(&p->state, PROC_RUNNING, memory_order_relaxed);
    return p;
}

process *queue_choose(scheduler *s)
{
    run_queue *q = &s->queue;
    if (!s->rt->many)
        return choose_single(s);
    if (s->next) {
        process *p = s->next;
        s->next = NULL;
        s->streak++;
        atomic_store_explicit(&p->state, PROC_RUNNING, memory_order_relaxed);
        return p;
    }
    s->streak = 0;
    for (uint32_t tries = atomic_load_explicit(&q->count, memory_order_relaxed); tries; tries--) {
        process *p = NULL;
        spin_lock(&q->lock);
        unsigned k = choose_list(q);
        if (k < PRIORITIES) {
            p = shift(q, k);
            q->live[k]--;
        }
        if (p && stress(s, 4)) { /* another one */
            add(q, p);
            p = shift(q, p->priority);
            q->live[p->priority]--;
        }
        spin_unlock(&q->lock);
        if (!p || (p = take(s, p)))
            return p;
    }
    return NULL;
}

/* ---- from one scheduler to another ---- */

/* Takes up to n entries out of a queue, the next to run first; its lock is held. */
static process *split(run_queue *q, uint32_t n)
{
    process *list = NULL, **end = &list;
    for (n = n < STEAL_MOST ? n : STEAL_MOST; n; n--) {
        unsigned k = highest(q, 0);
        *end = shift(q, k);
        q->live[k]--;
        end = &(*end)->next;
    }
    *end = NULL;
    return list;
}

static void add_all(run_queue *q, process *list)
{
    spin_lock(&q->lock);
    for (process *next; list; list = next) {
        next = list->next;
        add(q, list);
    }
    spin_unlock(&q->lock);
}

static uint32_t count_of(const scheduler *s)
{
    return atomic_load_explicit(&s->queue.count, memory_order_relaxed);
}

process *queue_steal(scheduler *thief, scheduler *from)
{
    if (!count_of(from) || !spin_try(&from->queue.lock))
        return NULL;
    process *list = split(&from->queue, (count_of(from) + 1) / 2), *p = NULL;
    spin_unlock(&from->queue.lock);
    stress_here(thief);
    while (list && !p) {
        process *next = list->next;
        p = take(thief, list);
        list = next;
    }
    add_all(&thief->queue, list);
    if (p)
        count_add(thief, COUNT_STEALS, 1);
    return p;
}

void queue_balance(scheduler *thief, scheduler *from)
{
    uint32_t mine = count_of(thief), theirs = count_of(from);
    if (theirs < mine + mine / 4 + STEAL_MOST / 8 || !spin_try(&from->queue.lock))
        return;
    theirs = count_of(from);
    process *list = split(&from->queue, theirs > mine ? (theirs - mine) / 2 : 0);
    spin_unlock(&from->queue.lock);
    add_all(&thief->queue, list);
    count_add(thief, COUNT_STEALS, list != NULL);
}

void queue_close(scheduler *s)
{
    for (unsigned k = 0; k < PRIORITIES; k++)
        while (s->queue.first[k])
            record_give(s, RECORD_PROCESS, shift(&s->queue, k));
}
