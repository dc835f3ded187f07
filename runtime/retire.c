/* retire.c: memory that is no longer to be found, but that other schedulers may have found before.
 *
 * Quiescent-state reclamation (after McKenney and Slingwine's read-copy update, 1998): pointers from shared tables are
 * held within a slice only, so when every scheduler has been between two slices since something was taken out of the
 * tables, nobody knows of it any more. The epoch counts; a scheduler notes the epoch whenever it is between slices. What
 * was retired in an epoch may go when all have noted a later one. Each scheduler has a list of what it has retired,
 * oldest first, which lies in that memory.
 */
#include "mem.h"
#include "sched.h"

enum { COLLECT_EVERY = 64 };
#define AWAY UINT64_MAX

static void add(scheduler *s, retired *r, bool process)
{
    r->next = NULL;
    r->process = process;
    r->epoch = atomic_load_explicit(&s->rt->epoch, memory_order_seq_cst);
    if (s->retired_first)
        s->retired_last->next = r;
    else
        s->retired_first = r;
    s->retired_last = r;
    s->retired_since++;
}

void retire(scheduler *s, retired *memory)
{
    if (s->rt->many)
        add(s, memory, false);
    else
        mem_free(memory);
}

void retire_process(scheduler *s, process *p)
{
    if (s->rt->many)
        add(s, (retired *)(void *)p, true);
    else
        record_give(s, RECORD_PROCESS, p);
}

/* Takes the oldest off the list and frees it. */
static void drop(scheduler *s)
{
    retired *r = s->retired_first;
    s->retired_first = r->next;
    if (r->process)
        record_give(s, RECORD_PROCESS, r);
    else
        mem_free(r);
}

/* The least epoch that a scheduler may still live in. */
static uint64_t least_seen(runtime *rt)
{
    uint64_t least = AWAY;
    for (uint32_t i = 0; i < rt->nschedulers; i++) {
        uint64_t seen = atomic_load_explicit(&rt->schedulers[i].seen, memory_order_seq_cst);
        least = seen < least ? seen : least;
    }
    return least;
}

/* Frees what may be freed, and begins a new epoch for the rest. */
static void collect(scheduler *s)
{
    s->retired_since = 0;
    uint64_t least = least_seen(s->rt);
    while (s->retired_first && s->retired_first->epoch < least)
        drop(s);
}

void retire_quiet(scheduler *s)
{
    if (!s->rt->many)
        return;
    if (s->retired_since >= COLLECT_EVERY) {
        atomic_fetch_add_explicit(&s->rt->epoch, 1, memory_order_seq_cst);
        collect(s);
    }
    uint64_t epoch = atomic_load_explicit(&s->rt->epoch, memory_order_seq_cst);
    if (epoch != atomic_load_explicit(&s->seen, memory_order_relaxed))
        atomic_store_explicit(&s->seen, epoch, memory_order_seq_cst);
}

void retire_away(scheduler *s)
{
    atomic_store_explicit(&s->seen, AWAY, memory_order_seq_cst);
    if (s->retired_first) {
        atomic_fetch_add_explicit(&s->rt->epoch, 1, memory_order_seq_cst);
        collect(s);
    }
}

void retire_close(scheduler *s)
{
    while (s->retired_first)
        drop(s);
}
