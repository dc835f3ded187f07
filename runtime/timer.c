/* timer.c: the clock, and the timers of processes: a timing wheel (wheel.c) for each scheduler.
 *
 * A timer is a signal to the process that has set it. It stays with the scheduler that it was set on, wherever its process
 * goes; a lock guards the wheel, and what says whether the timer still is in there. One that has fired belongs to the
 * signal that is under way: it is stale if its process has another timer by then, or none.
 *
 * Time is in nanoseconds since the start. Virtual time is a microsecond for each reduction charged so far, the running
 * slice's included, and the jumps made when all processes waited (rt->clock).
 */
#include <math.h>
#include <time.h>

#include "mem.h"
#include "signals.h"
#include "wheel.h"

#define NS_PER_MS        1e6
#define NS_PER_REDUCTION 1000
#define LATEST           (((int64_t)1 << 62) - 1)

typedef struct timer {
    proc_signal s; /* SIG_TIME */
    wheel_timer in;
    process *p;
    struct timers *set; /* where it was set */
} timer;

typedef struct timers {
    spinlock lock;
    _Atomic size_t count; /* what the wheel has, to be looked at without the lock */
    wheel wheel;
} timers;

int64_t system_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void clock_start(runtime *rt)
{
    rt->clock = rt->set.virtual_time ? 0 : system_ns();
}

static const timer *timer_of(const wheel_timer *in)
{
    return (const timer *)(const void *)((const char *)in - offsetof(timer, in));
}

static void bring(const wheel_timer *in)
{
    proc_bring(timer_of(in)->p);
}

size_t timer_size(void)
{
    return sizeof(timer);
}

bool timers_open(scheduler *s)
{
    s->timers = mem_map(sizeof *s->timers); /* of most slots nothing is ever looked at */
    if (!s->timers)
        return false;
    s->timers->wheel.soon = bring;
    return true;
}

void timers_close(scheduler *s)
{
    if (!s->timers)
        return;
    wheel_free(&s->timers->wheel);
    mem_unmap(s->timers, sizeof *s->timers);
    s->timers = NULL;
}

int64_t runtime_ns(runtime *rt)
{
    if (!rt->set.virtual_time)
        return system_ns() - rt->clock;
    const process *p = rt->schedulers->running; /* there is one scheduler then */
    uint64_t spent = runtime_total(rt, COUNT_REDUCTIONS) + (p ? slice_spent(p) : 0);
    return rt->clock + (int64_t)(spent * NS_PER_REDUCTION);
}

double runtime_now(runtime *rt)
{
    return (double)runtime_ns(rt) / NS_PER_MS;
}

static bool any(const timers *k)
{
    return atomic_load_explicit(&k->count, memory_order_relaxed) != 0;
}

/* The wheel has changed; with the lock held. */
static void note_count(timers *k)
{
    atomic_store_explicit(&k->count, k->wheel.count, memory_order_relaxed);
}

/* When `ms` from now is. */
static int64_t deadline_of(runtime *rt, double ms)
{
    int64_t now = runtime_ns(rt);
    double ns = ms > 0 ? ceil(ms * NS_PER_MS) : 0;
    return now >= LATEST || ns >= (double)(LATEST - now) ? LATEST : now + (int64_t)ns;
}

bool timer_set(process *p, double ms)
{
    runtime *rt = runtime_of(p);
    timers *k = p->on->timers;
    if (ms == (double)INFINITY)
        return true;
    timer *t = record_take(p->on, RECORD_TIMER);
    if (!t)
        return false;
    *t = (timer){.s = {NULL, ION_UNDEFINED, SIG_TIME, false, false, false}, .in.deadline = deadline_of(rt, ms), .p = p, .set = k};
    runtime_lock(rt, &k->lock);
    bool done = wheel_put(&k->wheel, &t->in);
    note_count(k);
    runtime_unlock(rt, &k->lock);
    if (done)
        p->timer = t;
    else
        record_give(p->on, RECORD_TIMER, t);
    return done;
}

void timer_cancel(process *p)
{
    timer *t = p->timer;
    if (!t)
        return;
    timers *k = t->set;
    p->timer = NULL;
    runtime_lock(runtime_of(p), &k->lock);
    bool fired = wheel_removed(&t->in);
    if (!fired)
        wheel_remove(&k->wheel, &t->in);
    note_count(k);
    runtime_unlock(runtime_of(p), &k->lock);
    if (!fired)
        record_give(p->on, RECORD_TIMER, t);
}

bool timer_fired(process *p, proc_signal *sig)
{
    timer *t = (timer *)sig;
    bool valid = p && p->timer == t;
    if (valid) {
        p->timer = NULL;
        if (atomic_load_explicit(&p->wait, memory_order_relaxed) == WAIT_MESSAGE_TIMED) {
            p->pub.value = ION_UNDEFINED;
            p->pub.ok = 0;
        }
    }
    if (p)
        record_give(p->on, RECORD_TIMER, t);
    else
        record_return(t);
    return valid;
}

bool timers_next(scheduler *s, int64_t *deadline)
{
    timers *k = s->timers;
    if (!any(k))
        return false;
    runtime_lock(s->rt, &k->lock);
    bool found = wheel_next(&k->wheel, deadline);
    runtime_unlock(s->rt, &k->lock);
    return found;
}

/* The next timer whose time has come, taken out if `take`; NULL: there is none. */
static timer *next_due(scheduler *s, int64_t now, bool take)
{
    timers *k = s->timers;
    runtime_lock(s->rt, &k->lock);
    wheel_timer *in = wheel_due(&k->wheel, now);
    timer *t = in ? (timer *)(void *)((char *)in - offsetof(timer, in)) : NULL;
    if (t && take) {
        wheel_remove(&k->wheel, in);
        note_count(k);
    }
    runtime_unlock(s->rt, &k->lock);
    return t;
}

bool timers_due(scheduler *s)
{
    return any(s->timers) && next_due(s, runtime_ns(s->rt), false);
}

void timers_fire(scheduler *s)
{
    if (!any(s->timers))
        return;
    int64_t now = runtime_ns(s->rt);
    for (timer *t; (t = next_due(s, now, true));) {
        stress_here(s);
        count_add(s, COUNT_TIMERS, 1);
        table_bring(s->rt, t->p->id); /* it will often end now */
        result_bring(s->rt, t->p->id);
        (void)signal_post(s, t->p, &t->s);
    }
}

size_t timers_pending(const runtime *rt)
{
    size_t n = 0;
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        n += atomic_load_explicit(&rt->schedulers[i].timers->count, memory_order_relaxed);
    return n;
}
