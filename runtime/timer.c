/* timer.c: the clock and the timers: for each scheduler a binary heap ordered by deadline, then by the order in which
 * they were set.
 *
 * A timer is a signal to the process that has set it. It stays with the scheduler that it was set on, wherever its process
 * goes; a lock guards the heap, and `at` says whether the timer still is in there. One that has fired belongs to the
 * signal that is under way: it is stale if its process has another timer by then, or none.
 *
 * Time is in nanoseconds since the start. Virtual time is a microsecond for each reduction charged so far, the running
 * slice's included, and the jumps made when all processes waited (rt->clock).
 */
#include <math.h>
#include <time.h>

#include "mem.h"
#include "sched.h"

#define NS_PER_MS        1e6
#define NS_PER_REDUCTION 1000
#define LATEST           ((int64_t)1 << 62)

#define FIRED SIZE_MAX

typedef struct timer {
    proc_signal s; /* SIG_TIME */
    int64_t deadline;
    uint64_t order;
    process *p;
    struct timer_heap *heap;
    size_t at; /* place in the heap, or FIRED; the heap's lock is held */
} timer;

typedef struct timer_heap {
    spinlock lock;
    timer **items;
    _Atomic size_t count;
    size_t cap;
    uint64_t order;
} timer_heap;

static int64_t system_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void clock_start(runtime *rt)
{
    rt->clock = rt->set.virtual_time ? 0 : system_ns();
}

bool timers_open(scheduler *s)
{
    s->timers = mem_zalloc(sizeof *s->timers);
    return s->timers != NULL;
}

void timers_close(scheduler *s)
{
    if (s->timers)
        mem_free(s->timers->items);
    mem_free(s->timers);
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

static bool before(const timer *a, const timer *b)
{
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

static void place_at(timer_heap *h, size_t i, timer *t)
{
    h->items[i] = t;
    t->at = i;
}

static void sift_up(timer_heap *h, size_t i, timer *t)
{
    for (; i && before(t, h->items[(i - 1) / 2]); i = (i - 1) / 2)
        place_at(h, i, h->items[(i - 1) / 2]);
    place_at(h, i, t);
}

static size_t count_of(const timer_heap *h)
{
    return atomic_load_explicit(&h->count, memory_order_relaxed);
}

static void set_count(timer_heap *h, size_t n)
{
    atomic_store_explicit(&h->count, n, memory_order_relaxed);
}

static void sift_down(timer_heap *h, size_t i, timer *t)
{
    size_t count = count_of(h);
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && before(h->items[child + 1], h->items[child]))
            child++;
        if (!before(h->items[child], t))
            break;
        place_at(h, i, h->items[child]);
    }
    place_at(h, i, t);
}

/* Takes a timer out of its heap. */
static void take_out(timer_heap *h, timer *t)
{
    size_t count = count_of(h) - 1;
    timer *last = h->items[count];
    set_count(h, count);
    if (last != t && t->at && before(last, h->items[(t->at - 1) / 2]))
        sift_up(h, t->at, last);
    else if (last != t)
        sift_down(h, t->at, last);
}

static bool make_room(timer_heap *h)
{
    if (count_of(h) < h->cap)
        return true;
    size_t cap = h->cap ? 2 * h->cap : 16;
    timer **items = mem_realloc(h->items, cap * sizeof *items);
    if (!items)
        return false;
    h->items = items;
    h->cap = cap;
    return true;
}

/* When `ms` from now is. */
static int64_t deadline_of(runtime *rt, double ms)
{
    int64_t now = runtime_ns(rt);
    double ns = ms > 0 ? ceil(ms * NS_PER_MS) : 0;
    return now >= LATEST || ns >= (double)(LATEST - now) ? LATEST : now + (int64_t)ns;
}

static bool set(timer_heap *h, timer *t)
{
    if (!make_room(h))
        return false;
    size_t count = count_of(h);
    t->order = h->order++;
    set_count(h, count + 1);
    sift_up(h, count, t);
    return true;
}

bool timer_set(process *p, double ms)
{
    runtime *rt = runtime_of(p);
    timer_heap *h = p->on->timers;
    if (ms == (double)INFINITY)
        return true;
    timer *t = mem_alloc(sizeof *t);
    if (!t)
        return false;
    *t = (timer){.s = {NULL, ION_UNDEFINED, SIG_TIME, false, false}, .deadline = deadline_of(rt, ms), .p = p, .heap = h};
    runtime_lock(rt, &h->lock);
    bool done = set(h, t);
    runtime_unlock(rt, &h->lock);
    if (done)
        p->timer = t;
    else
        mem_free(t);
    return done;
}

void timer_cancel(process *p)
{
    timer *t = p->timer;
    if (!t)
        return;
    timer_heap *h = t->heap;
    p->timer = NULL;
    runtime_lock(runtime_of(p), &h->lock);
    bool fired = t->at == FIRED;
    if (!fired)
        take_out(h, t);
    runtime_unlock(runtime_of(p), &h->lock);
    if (!fired)
        mem_free(t);
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
    mem_free(t);
    return valid;
}

bool timers_next(scheduler *s, int64_t *deadline)
{
    timer_heap *h = s->timers;
    if (!count_of(h))
        return false;
    runtime_lock(s->rt, &h->lock);
    bool any = count_of(h) != 0;
    if (any)
        *deadline = h->items[0]->deadline;
    runtime_unlock(s->rt, &h->lock);
    return any;
}

bool timers_due(scheduler *s)
{
    int64_t deadline;
    return timers_next(s, &deadline) && deadline <= runtime_ns(s->rt);
}

/* The next timer whose time has come, taken out; NULL: there is none. */
static timer *next_due(scheduler *s, int64_t now)
{
    timer_heap *h = s->timers;
    timer *t = NULL;
    runtime_lock(s->rt, &h->lock);
    if (count_of(h) && h->items[0]->deadline <= now) {
        t = h->items[0];
        take_out(h, t);
        t->at = FIRED;
    }
    runtime_unlock(s->rt, &h->lock);
    return t;
}

void timers_fire(scheduler *s)
{
    if (!count_of(s->timers))
        return;
    int64_t now = runtime_ns(s->rt);
    for (timer *t; (t = next_due(s, now));)
        (void)signal_post(s, t->p, &t->s);
}
