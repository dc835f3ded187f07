/* pool.c: the records of processes.
 *
 * They are all of one size and there may be millions of them, so they lie side by side in slabs that come from the
 * system and go back to it as a whole. A slab begins where an address is a multiple of its size; so a record's slab is
 * found by its address. Records that are free are linked by `next`: on a shelf of each scheduler, which takes and gives
 * without a lock, or with their slab. Between the two they move by the dozen, with a lock held; so it does not matter
 * that a process ends on another scheduler than it began on. A slab that has all its records back is unmapped, save for
 * one.
 *
 * Under the address sanitizer records are allocated one by one, so that it sees who uses one that is free.
 */
#include <sys/mman.h>

#include "mem.h"
#include "sched.h"

enum { SLAB_SIZE = 256 << 10, SHELF_MOST = 128, BATCH = SHELF_MOST / 2 };

#if defined(__SANITIZE_ADDRESS__)
#define ONE_BY_ONE 1
#else
#define ONE_BY_ONE 0
#endif

typedef struct slab {
    struct slab *prev, *next; /* in the list of those with free records */
    process *free;
    uint32_t fresh; /* records from here on have never been taken */
    uint32_t taken;
} slab;

enum { SLAB_RECORDS = (SLAB_SIZE - sizeof(slab)) / sizeof(process) };

typedef struct process_pool {
    pthread_mutex_t lock;
    slab *first;    /* of those with free records */
    uint32_t empty; /* of these, slabs with nothing but free ones: 0 or 1 */
} process_pool;

bool pool_open(runtime *rt)
{
    rt->pool = mem_zalloc(sizeof *rt->pool);
    if (rt->pool)
        pthread_mutex_init(&rt->pool->lock, NULL);
    return rt->pool != NULL;
}

/* ---- slabs; the lock is held ---- */

static void list(process_pool *pool, slab *s)
{
    s->prev = NULL;
    s->next = pool->first;
    if (s->next)
        s->next->prev = s;
    pool->first = s;
}

static void unlist(process_pool *pool, slab *s)
{
    if (s->prev)
        s->prev->next = s->next;
    else
        pool->first = s->next;
    if (s->next)
        s->next->prev = s->prev;
}

static slab *slab_of(process *p)
{
    return (slab *)(void *)((char *)p - ((uintptr_t)p & (SLAB_SIZE - 1)));
}

/* A slab's worth of memory at a multiple of its size. */
static void *map(void)
{
    char *at = mmap(NULL, SLAB_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED || !((uintptr_t)at & (SLAB_SIZE - 1)))
        return at == MAP_FAILED ? NULL : at; /* mostly: mappings come one below the other */
    munmap(at, SLAB_SIZE);
    at = mmap(NULL, 2 * SLAB_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    size_t before = -(uintptr_t)at & (SLAB_SIZE - 1);
    if (before)
        munmap(at, before);
    munmap(at + before + SLAB_SIZE, SLAB_SIZE - before);
    return at + before;
}

static slab *slab_new(process_pool *pool)
{
    slab *s = map();
    if (s) { /* it is all zero */
        list(pool, s);
        pool->empty++;
    }
    return s;
}

/* A record of a slab that has one. */
static process *slab_take(process_pool *pool, slab *s)
{
    process *p = s->free;
    if (p)
        s->free = p->next;
    else
        p = (process *)(void *)((char *)s + sizeof *s + s->fresh++ * sizeof *p);
    if (!s->taken++)
        pool->empty--;
    if (s->taken == SLAB_RECORDS)
        unlist(pool, s);
    return p;
}

static void slab_give(process_pool *pool, process *p)
{
    slab *s = slab_of(p);
    p->next = s->free;
    s->free = p;
    if (s->taken-- == SLAB_RECORDS)
        list(pool, s);
    if (s->taken)
        return;
    if (pool->empty) {
        unlist(pool, s);
        munmap(s, SLAB_SIZE);
    } else {
        pool->empty++;
    }
}

/* ---- shelves ---- */

static void fill(scheduler *s)
{
    process_pool *pool = s->rt->pool;
    pthread_mutex_lock(&pool->lock);
    while (s->shelf.count < BATCH && (pool->first || slab_new(pool))) {
        process *p = slab_take(pool, pool->first);
        p->next = s->shelf.first;
        s->shelf.first = p;
        s->shelf.count++;
    }
    pthread_mutex_unlock(&pool->lock);
}

/* Gives records back to their slabs until there are no more than `most` on the shelf. */
static void clear(scheduler *s, uint32_t most)
{
    if (s->shelf.count <= most) /* one that was never opened has no runtime */
        return;
    process_pool *pool = s->rt->pool;
    pthread_mutex_lock(&pool->lock);
    for (; s->shelf.count > most; s->shelf.count--) {
        process *p = s->shelf.first;
        s->shelf.first = p->next;
        slab_give(pool, p);
    }
    pthread_mutex_unlock(&pool->lock);
}

process *pool_take(scheduler *s)
{
    if (ONE_BY_ONE)
        return mem_zalloc(sizeof(process));
    if (mem_refused())
        return NULL;
    if (!s->shelf.first)
        fill(s);
    process *p = s->shelf.first;
    if (!p)
        return NULL;
    s->shelf.first = p->next;
    s->shelf.count--;
    memset(p, 0, offsetof(process, base));
    return p;
}

void pool_give(scheduler *s, process *p)
{
    if (ONE_BY_ONE) {
        mem_free(p);
        return;
    }
    p->next = s->shelf.first;
    s->shelf.first = p;
    if (++s->shelf.count > SHELF_MOST)
        clear(s, BATCH);
}

void pool_close(runtime *rt)
{
    if (!rt->pool)
        return;
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        clear(&rt->schedulers[i], 0);
    if (rt->pool->first)
        munmap(rt->pool->first, SLAB_SIZE);
    pthread_mutex_destroy(&rt->pool->lock);
    mem_free(rt->pool);
    rt->pool = NULL;
}
