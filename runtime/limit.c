/* limit.c: what processes, or all of them together, are kept to.
 *
 * Where nothing is set nothing is asked, and where something is, only where it costs little: memory when a heap has no
 * room (process.c) and when a stack gets a segment (stack.c), reductions when a slice begins and ends, time between
 * slices (alarm.c), the rest where it is used up. What all processes share is a pool that each takes from and gives
 * back to, so that no more than there is can be taken, whichever threads they run on.
 */
#include <string.h>

#include "limit.h"
#include "signals.h"

enum { KILO_BYTES = 1024, KILO_COUNT = 1000, KILO_MILLISECONDS = 1000 };

const limit_row limit_rows[LIMITS] = {
#define ION_LIMIT(id, name, reason, unit, what) [LIMIT_##id] = {name, reason, what, KILO_##unit},
#include "ion/limits.def"
#undef ION_LIMIT
};

_Static_assert(LIMITS <= sizeof((ion_program *)0)->limits / sizeof(ion_u64), "ion_program.limits");

limit limit_find(const char *name, size_t n)
{
    int i = 0;
    while (i < LIMITS && (strlen(limit_rows[i].name) != n || memcmp(limit_rows[i].name, name, n) != 0))
        i++;
    return (limit)i;
}

bool limit_value(limit which, const char *text, uint64_t *value)
{
    static const char suffixes[] = "kKmMgG";
    uint64_t n = 0;
    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(*text - '0'), &n))
            return false;
    const char *suffix = *text ? strchr(suffixes, *text) : NULL;
    for (long i = suffix ? (suffix - suffixes) / 2 : -1; i >= 0; i--)
        if (__builtin_mul_overflow(n, limit_rows[which].kilo, &n))
            return false;
    *value = n;
    return text[suffix != NULL] == 0 && n <= INT64_MAX;
}

void limits_open(runtime *rt)
{
    const uint64_t *l = rt->set.limit;
    rt->metered = l[LIMIT_FUEL] || l[LIMIT_TOTAL_FUEL];
    rt->printing = l[LIMIT_OUTPUT] || l[LIMIT_TOTAL_OUTPUT];
    rt->memory_limited = l[LIMIT_HEAP] || l[LIMIT_ALLOCATION] || l[LIMIT_TOTAL_HEAP];
    rt->stack_limited = l[LIMIT_FRAMES] || l[LIMIT_STACK] || l[LIMIT_TOTAL_STACK];
    for (int i = 0; i < LIMITS; i++)
        atomic_init(&rt->left[i], (int64_t)l[i]);
}

/* ---- pools ---- */

bool share_take_limited(runtime *rt, limit which, uint64_t n)
{
    if (n > INT64_MAX)
        return false;
    int64_t left = atomic_load_explicit(&rt->left[which], memory_order_relaxed);
    do
        if (left < (int64_t)n)
            return false;
    while (!atomic_compare_exchange_weak_explicit(&rt->left[which], &left, left - (int64_t)n, memory_order_relaxed,
                                                  memory_order_relaxed));
    return true;
}

void share_give(runtime *rt, limit which, int64_t n)
{
    if (ION_UNLIKELY(rt->set.limit[which] != 0))
        atomic_fetch_add_explicit(&rt->left[which], n, memory_order_relaxed);
}

/* Up to n. */
static uint32_t share_some(runtime *rt, limit which, uint32_t n)
{
    int64_t left = atomic_load_explicit(&rt->left[which], memory_order_relaxed), take;
    do
        take = left <= 0 ? 0 : left < n ? left : n;
    while (!atomic_compare_exchange_weak_explicit(&rt->left[which], &left, left - take, memory_order_relaxed,
                                                  memory_order_relaxed));
    return (uint32_t)take;
}

/* ---- reductions ----
 *
 * A slice takes what it may spend from the pool, and gives back what it has not. Where there are several schedulers the slices
 * become shorter when the pool runs out, so that little is left with others when there is no more to be had.
 */

enum { FUEL_LEAST = 16 }; /* of a slice, for want of fuel */

static uint64_t fuel_part(const runtime *rt, uint64_t slice)
{
    int64_t left = atomic_load_explicit(&rt->left[LIMIT_TOTAL_FUEL], memory_order_relaxed);
    uint64_t part = left > 0 ? (uint64_t)left / (2 * (uint64_t)rt->nschedulers) : 0;
    part = part < FUEL_LEAST ? FUEL_LEAST : part;
    return !rt->many || slice < part ? slice : part;
}

uint32_t fuel_slice(const process *p)
{
    runtime *rt = runtime_of(p);
    uint64_t fuel = rt->set.limit[LIMIT_FUEL], slice = rt->set.timeslice;
    if (fuel) {
        uint64_t left = fuel > p->reductions ? fuel - p->reductions : 0;
        slice = slice < left ? slice : left;
    }
    return rt->set.limit[LIMIT_TOTAL_FUEL] ? share_some(rt, LIMIT_TOTAL_FUEL, (uint32_t)fuel_part(rt, slice))
                                          : (uint32_t)slice;
}

void fuel_account(const process *p, uint64_t spent)
{
    share_give(runtime_of(p), LIMIT_TOTAL_FUEL, (int64_t)p->slice - (int64_t)spent);
}

bool fuel_out(const process *p)
{
    runtime *rt = runtime_of(p);
    uint64_t fuel = rt->set.limit[LIMIT_FUEL], spent = slice_spent(p);
    if (fuel && p->reductions + spent >= fuel)
        return true;
    return rt->set.limit[LIMIT_TOTAL_FUEL] &&
           atomic_load_explicit(&rt->left[LIMIT_TOTAL_FUEL], memory_order_relaxed) + p->slice <= (int64_t)spent;
}

/* ---- output ---- */

ion_value output_take(ion_process *p, ion_frame *fp, uint64_t n)
{
    process *proc = proc_of(p);
    runtime *rt = runtime_of(proc);
    uint64_t most = rt->set.limit[LIMIT_OUTPUT];
    relations *r = most ? relations_of(proc) : NULL;
    if (most && !r)
        return proc_no_memory(p, fp);
    if ((most && n > most - r->printed) || !share_take(rt, LIMIT_TOTAL_OUTPUT, n))
        return proc_limit(p, fp, "output");
    if (most)
        r->printed += n;
    return ION_UNIT;
}

/* ---- memory ---- */

uint64_t heaps_total(const runtime *rt)
{
    return runtime_total(rt, COUNT_HEAP) + atomic_load_explicit(&rt->heap_aside[0], memory_order_relaxed);
}

bool heaps_over(const runtime *rt, size_t more)
{
    uint64_t most = rt->set.limit[LIMIT_TOTAL_HEAP];
    return most && heaps_total(rt) + more > most;
}
