/* sched.c: queues, timers, time, and the loop that runs the program.
 *
 * A process that is READY stands in exactly one queue, by id; one that ended while it stood there is passed over.
 * A timer or a place in a list of waiters is outdated once its process has been woken (its epoch moved on) or ended.
 * The process comes from the highest queue that is not empty; every 16th choice from the next lower one that is not, every
 * 64th from the lowest.
 */
#include <math.h>
#include <stdlib.h>

#include "lib.h"
#include "vm.h"

enum { LOWER_EVERY = 16, LOWEST_EVERY = 64, NS_PER_REDUCTION = 1000 };
static const uint64_t LATEST = (uint64_t)1 << 62;

typedef struct queue {
    uint64_t *ids;
    size_t head, n, cap;
} queue;

typedef struct timer {
    uint64_t deadline, order; /* order: which was set first */
    waiter waiter;
} timer;

static queue queues[PRIORITIES];
static uint64_t choices;
static timer *timers; /* a heap, the next one first */
static size_t timers_n, timers_cap;
static uint64_t timers_set;

void charge(process *p, uint64_t reductions)
{
    p->budget -= (int64_t)reductions;
    p->reductions += reductions;
    vm.reductions += reductions;
    vm.clock += reductions * NS_PER_REDUCTION;
}

void charge_units(process *p, uint64_t units)
{
    charge(p, units / 256);
}

void sched_enqueue(process *p)
{
    queue *q = &queues[p->priority];
    if (q->n == q->cap) {
        size_t cap = q->cap ? q->cap * 2 : 64;
        uint64_t *ids = heap_resize(NULL, cap * sizeof *ids);
        for (size_t i = 0; i < q->n; i++)
            ids[i] = q->ids[(q->head + i) % q->cap];
        free(q->ids);
        *q = (queue){ids, 0, q->n, cap};
    }
    q->ids[(q->head + q->n++) % q->cap] = p->id;
    p->state = READY;
}

/* The first in a queue that is still alive, which stays there; NULL if there is none. */
static process *queue_first(queue *q)
{
    while (q->n) {
        process *p = process_find(q->ids[q->head]);
        if (p)
            return p;
        q->head = (q->head + 1) % q->cap;
        q->n--;
    }
    return NULL;
}

static process *choose(void)
{
    int first = -1, second = -1, last = -1;
    for (int k = 0; k < PRIORITIES; k++) {
        if (!queue_first(&queues[k]))
            continue;
        if (first < 0)
            first = k;
        else if (second < 0)
            second = k;
        last = k;
    }
    if (first < 0)
        return NULL;
    choices++;
    queue *q = &queues[choices % LOWEST_EVERY == 0 ? last : choices % LOWER_EVERY == 0 && second >= 0 ? second : first];
    process *p = queue_first(q);
    q->head = (q->head + 1) % q->cap;
    q->n--;
    return p;
}

void process_wait(process *p, wait w)
{
    p->state = WAITING;
    p->wait = w;
}

void process_wake(process *p)
{
    p->epoch++;
    sched_enqueue(p);
}

void waiters_add(waiters *w, const process *p)
{
    w->items = mem_room(w->items, w->n, &w->cap, sizeof(waiter));
    w->items[w->n++] = (waiter){p->id, p->epoch};
}

static process *still_waits(waiter w)
{
    process *p = process_find(w.process);
    return p && p->state == WAITING && p->epoch == w.epoch ? p : NULL;
}

void waiters_wake(waiters *w)
{
    for (size_t i = 0; i < w->n; i++) {
        process *p = still_waits(w->items[i]);
        if (p)
            process_wake(p);
    }
    w->n = 0;
}

static bool sooner(const timer *a, const timer *b)
{
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

static void swap(size_t a, size_t b)
{
    timer t = timers[a];
    timers[a] = timers[b];
    timers[b] = t;
}

void timer_set(process *p, double ms)
{
    if (isinf(ms))
        return;
    double ns = ceil(ms * 1e6);
    uint64_t deadline = ns >= (double)(LATEST - vm.clock) ? LATEST : vm.clock + (uint64_t)ns;
    if (timers_n == timers_cap) {
        timers_cap = timers_cap ? timers_cap * 2 : 64;
        timers = heap_resize(timers, timers_cap * sizeof *timers);
    }
    size_t i = timers_n++;
    timers[i] = (timer){deadline, timers_set++, {p->id, p->epoch}};
    for (; i > 0 && sooner(&timers[i], &timers[(i - 1) / 2]); i = (i - 1) / 2)
        swap(i, (i - 1) / 2);
}

static void timer_drop(void)
{
    timers[0] = timers[--timers_n];
    for (size_t i = 0, least;; i = least) {
        least = i;
        for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < timers_n; k++)
            if (sooner(&timers[k], &timers[least]))
                least = k;
        if (least == i)
            return;
        swap(i, least);
    }
}

/* The next timer that still counts, or NULL. */
static timer *timer_next(void)
{
    while (timers_n && !still_waits(timers[0].waiter))
        timer_drop();
    return timers_n ? &timers[0] : NULL;
}

/* The end of a wait's time. */
static void timer_fire(process *p)
{
    if (p->wait == WAIT_TIMED) {
        frame *f = p->top;
        const instr *i = &f->code->code[f->pc];
        f->regs[i->reg[0]] = v_undefined();
        f->regs[i->reg[2]] = v_boolean(false);
        f->pc++;
    }
    process_wake(p);
}

static void timers_fire_due(void)
{
    for (timer *t; (t = timer_next()) && t->deadline <= vm.clock;) {
        process *p = still_waits(t->waiter);
        timer_drop();
        timer_fire(p);
    }
}

/* One slice: until it is used up or given up, or the process waits or has ended. */
static void run_slice(process *p)
{
    while (p->state == RUNNING) {
        bool look = true;
        if (p->top->code) {
            execute(p);
            /* what a callee returns to a library function is taken in before anything else happens */
            look = p->state == RUNNING && p->top->code;
        } else {
            size_t depth = p->depth;
            bool called = p->top->called;
            library_step(p);
            if (p->state == RUNNING)
                look = p->top->code || (called && p->depth < depth);
        }
        if (p->yields || (look && p->budget <= 0))
            return;
    }
}

void sched_run(void)
{
    for (;;) {
        timers_fire_due();
        process *p = choose();
        if (!p) {
            timer *t = timer_next();
            if (!t)
                return;
            vm.clock = t->deadline;
            continue;
        }
        vm.passes++;
        p->state = RUNNING;
        p->budget = vm.timeslice;
        p->yields = false;
        run_slice(p);
        if (p->state == RUNNING)
            sched_enqueue(p);
    }
}

void sched_release(void)
{
    for (int k = 0; k < PRIORITIES; k++)
        free(queues[k].ids);
    free(timers);
}
