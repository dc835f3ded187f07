/* collect.c: collections that are not made in passing.
 *
 * A large heap takes long to collect, and meanwhile nobody else runs on that thread. So where there are several
 * schedulers, a process whose heap is large is given to a thread of its own between two slices, before its collection
 * is overdue (collect_wanted): it is claimed, so signals wait in its inbox, and comes back to the scheduler that gave
 * it away. In mid-slice its heap just grows (gc_make_room), which one slice cannot overdo. The same thread frees the
 * large heaps of processes that have ended.
 *
 * A process that waits keeps no large heap that it does not need: the schedulers note those that begin to wait with
 * one, and look them over when they have nothing else to do, or now and then, but only as often as the work of it
 * is a small part of the time. A process that runs again and again with a large heap costs no more for it.
 */
#include <malloc.h>

#include "mem.h"
#include "signals.h"

#define HAND_CROWDED                                                                                                   \
    ((size_t)1 << 20) /* bytes of heap from which on a collection is given away if others want to run */
#define HAND_ALWAYS  ((size_t)4 << 20)  /* and if none do at the moment */
#define TRIM_LEAST   ((size_t)16 << 20)
#define TRIM_ENDED   50000
#define SHRINK_PART  16       /* of the time at most one in so many goes into heaps of those that wait */
#define SHRINK_APART 20000000 /* ns between two times at least */
enum { SHRINK_EVERY = 4096 }; /* slices between two looks while there is always something to run */

/* The heap of a process that has ended. */
typedef struct dead_heap {
    struct dead_heap *next;
    heap heap;
} dead_heap;

typedef struct collector {
    pthread_mutex_t lock;
    pthread_cond_t more;
    pthread_t thread;
    bool runs, stop;
    process *first, *last; /* to be collected */
    dead_heap *dead;
    _Atomic uint32_t away; /* processes that have been given away and are not back */
} collector;

/* ---- how long collections take ---- */

void pause_note(scheduler *s, int64_t ns)
{
    uint64_t us = ns > 0 ? (uint64_t)ns / 1000 : 0;
    unsigned i = us ? 64 - (unsigned)__builtin_clzl(us) : 0;
    if (i >= PAUSES)
        i = PAUSES - 1;
    counter_add(&s->pauses[i], 1);
}

bool collect_here(process *p, size_t need, ion_value *roots, uint32_t n)
{
    int64_t start = system_ns();
    bool done = proc_collect(p, need, roots, n);
    pause_note(p->on, system_ns() - start);
    return done;
}

/* ---- the thread ---- */

static void free_dead(dead_heap *d)
{
    while (d) {
        dead_heap *next = d->next;
        heap_free(&d->heap);
        mem_free(d);
        d = next;
    }
}

/* Gives a process back to its scheduler, which may be parked. */
static void give_back(runtime *rt, process *p)
{
    scheduler *s = p->on;
    process *newest = atomic_load_explicit(&s->collected, memory_order_relaxed);
    do
        p->next = newest;
    while (
        !atomic_compare_exchange_weak_explicit(&s->collected, &newest, p, memory_order_seq_cst, memory_order_relaxed));
    atomic_fetch_sub_explicit(&rt->collector->away, 1, memory_order_seq_cst); /* after it can be seen: park.c */
    scheduler_wake(s);
}

static void *collector_main(void *context)
{
    runtime *rt = context;
    collector *c = rt->collector;
    heap_account(rt->heap_aside);
    pthread_mutex_lock(&c->lock);
    while (!c->stop || c->first || c->dead) {
        process *p = c->first;
        dead_heap *dead = c->dead;
        if (!p && !dead) {
            pthread_cond_wait(&c->more, &c->lock);
            continue;
        }
        c->first = p ? p->next : NULL;
        c->dead = NULL;
        pthread_mutex_unlock(&c->lock);
        free_dead(dead);
        if (p) {
            (void)proc_collect(p, 0, NULL, 0);
            give_back(rt, p);
        }
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Whether there is the thread, started if need be. The lock is held. */
static bool started(runtime *rt)
{
    collector *c = rt->collector;
    if (!c->runs)
        c->runs = pthread_create(&c->thread, NULL, collector_main, rt) == 0;
    return c->runs;
}

bool collect_open(runtime *rt)
{
    rt->collector = mem_zalloc(sizeof *rt->collector);
    if (!rt->collector)
        return false;
    pthread_mutex_init(&rt->collector->lock, NULL);
    pthread_cond_init(&rt->collector->more, NULL);
    return true;
}

void collect_close(runtime *rt)
{
    collector *c = rt->collector;
    if (!c)
        return;
    if (c->runs) {
        pthread_mutex_lock(&c->lock);
        c->stop = true;
        pthread_cond_signal(&c->more);
        pthread_mutex_unlock(&c->lock);
        pthread_join(c->thread, NULL);
    }
    free_dead(c->dead);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->more);
    mem_free(c);
    rt->collector = NULL;
}

/* ---- giving away ---- */

bool collect_wanted(const scheduler *s, const process *p)
{
    const heap *h = &p->heap;
    if (s->rt->set.stress_gc)
        return h->bytes != 0;
    size_t used = h->bytes - (size_t)(h->end - h->top);
    return h->bytes >= HAND_CROWDED && used > h->threshold - h->threshold / 4 &&
           (h->bytes >= HAND_ALWAYS || !queue_empty(s));
}

bool collect_later(const process *p, size_t bytes)
{
    const heap *h = &p->heap;
    return h->bytes >= HAND_CROWDED && h->bytes + bytes <= 2 * h->threshold && runtime_of(p)->many &&
           (h->bytes >= HAND_ALWAYS || !queue_empty(p->on));
}

bool collect_give(scheduler *s, process *p)
{
    collector *c = s->rt->collector;
    pthread_mutex_lock(&c->lock);
    bool given = started(s->rt);
    if (given) {
        atomic_store_explicit(&p->state, PROC_CLAIMED, memory_order_seq_cst);
        atomic_fetch_add_explicit(&c->away, 1, memory_order_seq_cst);
        count_add(s, COUNT_COLLECTIONS, 1);
        p->next = NULL;
        if (c->first)
            c->last->next = p;
        else
            c->first = p;
        c->last = p;
        pthread_cond_signal(&c->more);
    }
    pthread_mutex_unlock(&c->lock);
    return given;
}

void collect_back(scheduler *s)
{
    process *p = atomic_exchange_explicit(&s->collected, NULL, memory_order_seq_cst);
    while (p) {
        process *next = p->next;
        signals_take(p); /* it may end of what has come, and then is not there any more */
        proc_release(s, p);
        p = next;
    }
}

void collect_settle(runtime *rt)
{
    while (collect_away(rt))
        sched_yield();
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        collect_back(&rt->schedulers[i]);
}

bool collect_away(const runtime *rt)
{
    return atomic_load_explicit(&rt->collector->away, memory_order_seq_cst) != 0;
}

void collect_dead(process *p)
{
    runtime *rt = runtime_of(p);
    collector *c = rt->collector;
    dead_heap *d = NULL;
    if (rt->many && c && p->heap.bytes >= HAND_CROWDED && (d = mem_alloc(sizeof *d))) {
        pthread_mutex_lock(&c->lock);
        if (started(rt)) {
            *d = (dead_heap){c->dead, p->heap};
            c->dead = d;
            d = NULL;
            p->heap = (heap){0};
            pthread_cond_signal(&c->more);
        }
        pthread_mutex_unlock(&c->lock);
        mem_free(d);
    }
    heap_free(&p->heap);
}

/* ---- heaps of those that wait ---- */

void shrink_note(scheduler *s, const process *p)
{
    if (s->nbig < BIG_MOST && (!s->nbig || s->big[s->nbig - 1] != p->id))
        s->big[s->nbig++] = p->id;
}

/* Collects one that still waits, if it has not been since it ran. Gives its bytes. */
static size_t shrink(scheduler *s, uint64_t id)
{
    process *p = proc_find(s->rt, id);
    if (!p || atomic_load_explicit(&p->state, memory_order_relaxed) != PROC_WAITING || !proc_claim(s, p))
        return 0;
    size_t bytes = p->shrunk || p->queued ? 0 : p->heap.bytes;
    bool input = atomic_load_explicit(&p->wait, memory_order_relaxed) == WAIT_INPUT; /* p->next is in use */
    p->shrunk = true;
    if (bytes >= HAND_CROWDED && s->rt->many && !input && collect_give(s, p))
        return bytes;
    if (bytes)
        count_add(s, COUNT_COLLECTIONS, collect_here(p, 0, NULL, 0));
    signals_take(p);
    proc_release(s, p);
    return bytes;
}

/* The C library keeps what many small things have left. */
static void trim(scheduler *s, size_t bytes)
{
    uint64_t ended = atomic_load_explicit(&s->counts[COUNT_ENDED], memory_order_relaxed);
    s->shrunk += bytes;
    if (s->shrunk < TRIM_LEAST && ended - s->trimmed < TRIM_ENDED)
        return;
    s->shrunk = 0;
    s->trimmed = ended;
    blocks_trim();
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

void shrink_some(scheduler *s, bool idle)
{
    if (s->rt->set.virtual_time)
        return;
    if (!idle && (!s->rt->many || ++s->shrink_in % SHRINK_EVERY))
        return;
    bool ended = atomic_load_explicit(&s->counts[COUNT_ENDED], memory_order_relaxed) - s->trimmed >= TRIM_ENDED;
    int64_t now = s->nbig || (idle && ended) ? system_ns() : 0;
    if (!now || now < s->shrink_after)
        return;
    size_t bytes = 0;
    uint32_t n = s->nbig;
    for (uint32_t i = 0; i < n; i++)
        bytes += shrink(s, s->big[i]);
    s->nbig -= n;
    memmove(s->big, s->big + n, s->nbig * sizeof *s->big); /* what has been noted meanwhile */
    if (idle)
        trim(s, bytes);
    int64_t took = system_ns() - now; /* here; what has been given away takes about a nanosecond a byte */
    took = took > (int64_t)bytes ? took : (int64_t)bytes;
    s->shrink_after = now + SHRINK_PART * took + SHRINK_APART;
}

int64_t shrink_in_ns(const scheduler *s)
{
    if (!s->nbig || s->rt->set.virtual_time)
        return -1;
    int64_t ns = s->shrink_after - system_ns();
    return ns > 0 ? ns : 0;
}
