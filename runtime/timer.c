/* timer.c: the clock and the timers: a binary heap ordered by deadline, then by the order in which they were set.
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

typedef struct timer {
    int64_t deadline;
    uint64_t order;
    process *p;
    size_t at; /* place in the heap */
} timer;

typedef struct timer_heap {
    timer **items;
    size_t count, cap;
    uint64_t order;
} timer_heap;

static int64_t system_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

bool timers_open(runtime *rt)
{
    rt->clock = rt->set.virtual_time ? 0 : system_ns();
    rt->timers = mem_zalloc(sizeof *rt->timers);
    return rt->timers != NULL;
}

void timers_close(runtime *rt)
{
    if (rt->timers)
        mem_free(rt->timers->items);
    mem_free(rt->timers);
}

int64_t runtime_ns(runtime *rt)
{
    if (!rt->set.virtual_time)
        return system_ns() - rt->clock;
    uint64_t spent = rt->reductions + (rt->running ? slice_spent(rt->running) : 0);
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

static void sift_down(timer_heap *h, size_t i, timer *t)
{
    for (size_t child; (child = 2 * i + 1) < h->count; i = child) {
        if (child + 1 < h->count && before(h->items[child + 1], h->items[child]))
            child++;
        if (!before(h->items[child], t))
            break;
        place_at(h, i, h->items[child]);
    }
    place_at(h, i, t);
}

static bool make_room(timer_heap *h)
{
    if (h->count < h->cap)
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

bool timer_set(process *p, double ms)
{
    timer_heap *h = p->rt->timers;
    if (ms == (double)INFINITY)
        return true;
    if (!make_room(h))
        return false;
    timer *t = mem_alloc(sizeof *t);
    if (!t)
        return false;
    *t = (timer){deadline_of(p->rt, ms), h->order++, p, 0};
    sift_up(h, h->count++, t);
    p->timer = t;
    return true;
}

void timer_cancel(process *p)
{
    timer_heap *h = p->rt->timers;
    timer *t = p->timer;
    if (!t)
        return;
    timer *last = h->items[--h->count];
    if (last != t && t->at && before(last, h->items[(t->at - 1) / 2]))
        sift_up(h, t->at, last);
    else if (last != t)
        sift_down(h, t->at, last);
    p->timer = NULL;
    mem_free(t);
}

bool timers_next(runtime *rt, int64_t *deadline)
{
    if (!rt->timers->count)
        return false;
    *deadline = rt->timers->items[0]->deadline;
    return true;
}

bool timers_due(runtime *rt)
{
    int64_t deadline;
    return timers_next(rt, &deadline) && deadline <= runtime_ns(rt);
}

void timers_fire(runtime *rt)
{
    timer_heap *h = rt->timers;
    if (!h->count)
        return;
    int64_t now = runtime_ns(rt);
    while (h->count && h->items[0]->deadline <= now) {
        process *p = h->items[0]->p;
        timer_cancel(p);
        if (p->wait == WAIT_MESSAGE_TIMED) {
            p->pub.value = ION_UNDEFINED;
            p->pub.ok = 0;
        }
        proc_wake(p);
    }
}
