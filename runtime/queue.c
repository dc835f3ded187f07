/* queue.c: run queues: for each scheduler one list a priority.
 *
 * The next process comes from the highest list that has one, but every FAIRNESS-th choice takes the oldest of the next
 * lower one that has, and every LOWEST_EVERY-th of these that of the lowest, so that nobody starves. With several schedulers a lock guards the lists, one that has nothing takes
 * half of what another has, and what the running process wakes may run next, past the lists, but only STREAK_MOST times
 * in a row. One that is busy takes a few of another's, which has many more, and puts them first: they have waited longest there, and
 * so they wait no longer here; they are few, so that its own go on. An entry is a hint: its state says whether it may be
 * taken. One that is claimed at the moment goes to the back; one that has ended and been left is freed here.
 */
#include "mem.h"
#include "random.h"
#include "signals.h"

enum { FAIRNESS = 16, LOWEST_EVERY = 4, STEAL_MOST = 64, BALANCE_MOST = 16, STREAK_MOST = 16 };

/* ---- how long a process waits ---- */

static uint32_t slices_of(const scheduler *s)
{
    return (uint32_t)atomic_load_explicit(&s->counts[COUNT_PASSES], memory_order_relaxed);
}

/* p, which has stood in the queue of s, is going to run. */
static void note_wait(scheduler *s, const process *p)
{
    uint32_t slices = slices_of(s) - p->since;
    if (slices > atomic_load_explicit(&s->longest, memory_order_relaxed))
        atomic_store_explicit(&s->longest, slices, memory_order_relaxed);
}

/* Processes go from one queue to another: what they have waited so far goes with them. */
static void move_since(const scheduler *to, const scheduler *from, process *list)
{
    uint32_t change = slices_of(to) - slices_of(from);
    for (; list; list = list->next)
        list->since += change;
}

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
        note_wait(s, p);
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
    p->since = slices_of(s);
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
    note_wait(s, p);
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
    for (; n; n--) {
        unsigned k = highest(q, 0);
        *end = shift(q, k);
        q->live[k]--;
        end = &(*end)->next;
    }
    *end = NULL;
    return list;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
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
    process *list = split(&from->queue, least((count_of(from) + 1) / 2, STEAL_MOST)), *p = NULL;
    spin_unlock(&from->queue.lock);
    move_since(thief, from, list);
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

/* Puts a list before all others of its priorities. */
static void add_before(run_queue *q, process *list)
{
    run_queue before = {0};
    spin_lock(&q->lock);
    for (process *next; list; list = next) {
        next = list->next;
        add(&before, list);
    }
    for (unsigned k = 0; k < PRIORITIES; k++) {
        if (!before.first[k])
            continue;
        before.last[k]->next = q->first[k];
        if (!q->first[k])
            q->last[k] = before.last[k];
        q->first[k] = before.first[k];
        q->live[k] += before.live[k];
    }
    uint32_t count = atomic_load_explicit(&q->count, memory_order_relaxed);
    atomic_store_explicit(&q->count, count + before.count, memory_order_relaxed);
    spin_unlock(&q->lock);
}

void queue_balance(scheduler *thief, scheduler *from)
{
    uint32_t mine = count_of(thief), theirs = count_of(from);
    if (theirs < mine + mine / 4 + BALANCE_MOST || !spin_try(&from->queue.lock))
        return;
    theirs = count_of(from);
    process *list = split(&from->queue, theirs > mine ? least((theirs - mine) / 2, BALANCE_MOST) : 0);
    spin_unlock(&from->queue.lock);
    if (!list)
        return;
    move_since(thief, from, list);
    add_before(&thief->queue, list);
    count_add(thief, COUNT_STEALS, 1);
}

void queue_close(scheduler *s)
{
    for (unsigned k = 0; k < PRIORITIES; k++)
        while (s->queue.first[k])
            record_give(s, RECORD_PROCESS, shift(&s->queue, k));
}
