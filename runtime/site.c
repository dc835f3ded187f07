/* site.c: the instructions of a run that have warned, so that each warns once.
 *
 * A hash set of function and place, never more than half full, behind a lock of its own: it is asked rarely.
 */
#include <pthread.h>

#include "mem.h"
#include "sched.h"

#define SITES_FIRST 16

typedef struct site {
    const ion_function *fn; /* NULL: free */
    uint32_t pc;
} site;

struct sites {
    uint32_t cap, count;
    site *slots;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static site *slot_of(site *slots, uint32_t cap, site s)
{
    uint64_t hash = ((uint64_t)(uintptr_t)s.fn ^ s.pc * 0x9E3779B97F4A7C15ull) * 0xD6E8FEB86659FD93ull;
    uint32_t i = (uint32_t)(hash >> 32) & (cap - 1);
    while (slots[i].fn && (slots[i].fn != s.fn || slots[i].pc != s.pc))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static bool grow(struct sites *set)
{
    uint32_t cap = set->cap ? 2 * set->cap : SITES_FIRST;
    site *slots = mem_zalloc(cap * sizeof *slots);
    if (!slots)
        return false;
    for (uint32_t i = 0; i < set->cap; i++)
        if (set->slots[i].fn)
            *slot_of(slots, cap, set->slots[i]) = set->slots[i];
    mem_free(set->slots);
    set->slots = slots;
    set->cap = cap;
    return true;
}

static int add(runtime *rt, site s)
{
    if (!rt->sites && !(rt->sites = mem_zalloc(sizeof *rt->sites)))
        return -1;
    struct sites *set = rt->sites;
    if (set->count >= set->cap / 2 && !grow(set))
        return -1;
    site *slot = slot_of(set->slots, set->cap, s);
    if (slot->fn)
        return 0;
    *slot = s;
    set->count++;
    return 1;
}

int site_first(runtime *rt, const ion_frame *fp)
{
    place at = frame_place(fp);
    pthread_mutex_lock(&lock);
    int first = add(rt, (site){at.fn, at.pc});
    pthread_mutex_unlock(&lock);
    return first;
}

void sites_close(runtime *rt)
{
    if (rt->sites)
        mem_free(rt->sites->slots);
    mem_free(rt->sites);
    rt->sites = NULL;
}
