/* magazine.c: memory of messages that have been taken, for those to come.
 *
 * Messages are made on one scheduler and freed on another, millions a second, and the system's allocator is slow at just
 * that. So each scheduler keeps two magazines of free ones and exchanges full for empty with a depot that all share (J. Bonwick, J. Adams,
 * Magazines and Vmem, USENIX 2001): one lock for MAGAZINE messages. The depot keeps no more than DEPOT_MOST magazines; what is
 * beyond that goes back to the slabs of such records (pool.c).
 */
#include "mem.h"
#include "signals.h"

enum { MAGAZINE = 128, DEPOT_MOST = 256 };

/* The next magazine of the depot, written in a magazine's first message. */
static proc_signal *next_magazine(const proc_signal *m)
{
    return (proc_signal *)(uintptr_t)m->value;
}

/* A full magazine; NULL: the depot is empty. */
static proc_signal *depot_take(runtime *rt)
{
    message_depot *d = &rt->depot;
    runtime_lock(rt, &d->lock);
    proc_signal *m = d->first;
    if (m) {
        d->first = next_magazine(m);
        d->count--;
    }
    runtime_unlock(rt, &d->lock);
    return m;
}

static void depot_give(runtime *rt, proc_signal *m)
{
    message_depot *d = &rt->depot;
    runtime_lock(rt, &d->lock);
    bool kept = d->count < DEPOT_MOST;
    if (kept) {
        m->value = (uintptr_t)d->first;
        d->first = m;
        d->count++;
    }
    runtime_unlock(rt, &d->lock);
    if (!kept)
        records_give(rt, RECORD_MESSAGE, m);
}

/* The magazine in use is empty. */
static bool load(scheduler *s)
{
    message_magazines *k = &s->magazines;
    k->count = MAGAZINE;
    k->first = k->full ? k->full : depot_take(s->rt);
    k->full = NULL;
    if (!k->first)
        k->first = records_take(s->rt, RECORD_MESSAGE, &k->count);
    return k->first != NULL;
}

proc_signal *message_new(scheduler *s)
{
    message_magazines *k = &s->magazines;
    if (mem_refused() || (!k->first && !load(s)))
        return NULL;
    proc_signal *m = k->first;
    k->first = m->next;
    k->count--;
    return m;
}

void message_free(scheduler *s, proc_signal *m)
{
    message_magazines *k = &s->magazines;
    m->next = k->first;
    k->first = m;
    if (++k->count < MAGAZINE)
        return;
    if (k->full)
        depot_give(s->rt, k->full);
    k->full = k->first;
    k->first = NULL;
    k->count = 0;
}

void magazines_close(runtime *rt)
{
    if (!rt->pool)
        return;
    for (uint32_t i = 0; i < rt->nschedulers; i++) {
        records_give(rt, RECORD_MESSAGE, rt->schedulers[i].magazines.first);
        records_give(rt, RECORD_MESSAGE, rt->schedulers[i].magazines.full);
        rt->schedulers[i].magazines = (message_magazines){0};
    }
    for (proc_signal *m; (m = depot_take(rt));)
        records_give(rt, RECORD_MESSAGE, m);
}
