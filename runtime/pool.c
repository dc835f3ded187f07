/* pool.c: the records of processes, and of their timers and messages.
 *
 * Those of a kind are all of one size and there may be millions of them, so they lie side by side in slabs that come from the
 * system and go back to it as a whole. A slab begins where an address is a multiple of its size; so a record's slab is
 * found by its address. Records that are free are linked, by a word in them: on a shelf of each scheduler, which takes and
 * gives without a lock, or with their slab. Between the two they move by the dozen, with a lock held; so it does not matter
 * that a process ends on another scheduler than it began on. A slab that has all its records back is unmapped, save for
 * one.
 *
 * Under the address sanitizer records are allocated one by one, so that it sees who uses one that is free.
 */
#include <sys/mman.h>

#include "mem.h"
#include "signals.h"

enum { SLAB_SIZE = 256 << 10, SHELF_MOST = 128, BATCH = SHELF_MOST / 2 };

#if defined(__SANITIZE_ADDRESS__)
#define ONE_BY_ONE 1
#else
#define ONE_BY_ONE 0
#endif

typedef struct free_record {
    struct free_record *next;
} free_record;

typedef struct slab {
    struct slab *prev, *next; /* in the list of those with free records */
    struct slabs *of;
    free_record *free;
    uint32_t fresh; /* records from here on have never been taken */
    uint32_t taken;
} slab;

typedef struct slabs {
    pthread_mutex_t lock;
    size_t size;      /* of a record */
    uint32_t records; /* in a slab */
    slab *first;      /* of those with free records */
    uint32_t empty;   /* slabs with nothing but free ones: 0 or 1 */
} slabs;

typedef struct record_pool {
    slabs of[RECORDS];
} record_pool;

bool pool_open(runtime *rt)
{
    rt->pool = mem_zalloc(sizeof *rt->pool);
    if (!rt->pool)
        return false;
    size_t sizes[RECORDS] = {[RECORD_PROCESS] = sizeof(process), [RECORD_TIMER] = timer_size(), [RECORD_MESSAGE] = sizeof(proc_signal)};
    for (unsigned k = 0; k < RECORDS; k++) {
        slabs *pool = &rt->pool->of[k];
        pthread_mutex_init(&pool->lock, NULL);
        pool->size = sizes[k];
        pool->records = (uint32_t)((SLAB_SIZE - sizeof(slab)) / sizes[k]);
    }
    return true;
}

/* ---- slabs; the lock is held ---- */

static void list(slabs *pool, slab *s)
{
    s->prev = NULL;
    s->next = pool->first;
    if (s->next)
        s->next->prev = s;
    pool->first = s;
}

static void unlist(slabs *pool, slab *s)
{
    if (s->prev)
        s->prev->next = s->next;
    else
        pool->first = s->next;
    if (s->next)
        s->next->prev = s->prev;
}

static slab *slab_of(void *record)
{
    return (slab *)(void *)((char *)record - ((uintptr_t)record & (SLAB_SIZE - 1)));
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

static slab *slab_new(slabs *pool)
{
    slab *s = map();
    if (s) { /* it is all zero */
        s->of = pool;
        list(pool, s);
        pool->empty++;
    }
    return s;
}

static void slab_free(slabs *pool, slab *s)
{
    unlist(pool, s);
    munmap(s, SLAB_SIZE);
}

/* A record of a slab that has one. */
static free_record *slab_take(slabs *pool, slab *s)
{
    free_record *r = s->free;
    if (r)
        s->free = r->next;
    else
        r = (free_record *)(void *)((char *)s + sizeof *s + s->fresh++ * pool->size);
    if (!s->taken++)
        pool->empty--;
    if (s->taken == pool->records)
        unlist(pool, s);
    return r;
}

static void slab_give(slabs *pool, free_record *r)
{
    slab *s = slab_of(r);
    r->next = s->free;
    s->free = r;
    if (s->taken-- == pool->records)
        list(pool, s);
    if (s->taken)
        return;
    if (pool->empty)
        slab_free(pool, s);
    else
        pool->empty++;
}

/* ---- shelves ---- */

static void fill(scheduler *s, record_kind k)
{
    slabs *pool = &s->rt->pool->of[k];
    record_shelf *shelf = &s->shelves[k];
    pthread_mutex_lock(&pool->lock);
    while (shelf->count < BATCH && (pool->first || slab_new(pool))) {
        free_record *r = slab_take(pool, pool->first);
        r->next = shelf->first;
        shelf->first = r;
        shelf->count++;
    }
    pthread_mutex_unlock(&pool->lock);
}

/* Gives records back to their slabs until there are no more than `most` on the shelf. */
static void clear(scheduler *s, record_kind k, uint32_t most)
{
    record_shelf *shelf = &s->shelves[k];
    if (shelf->count <= most) /* one that was never opened has no runtime */
        return;
    slabs *pool = &s->rt->pool->of[k];
    pthread_mutex_lock(&pool->lock);
    for (; shelf->count > most; shelf->count--) {
        free_record *r = shelf->first;
        shelf->first = r->next;
        slab_give(pool, r);
    }
    pthread_mutex_unlock(&pool->lock);
}

void *record_take(scheduler *s, record_kind k)
{
    record_shelf *shelf = &s->shelves[k];
    if (ONE_BY_ONE)
        return mem_alloc(s->rt->pool->of[k].size);
    if (mem_refused())
        return NULL;
    if (!shelf->first)
        fill(s, k);
    free_record *r = shelf->first;
    if (!r)
        return NULL;
    shelf->first = r->next;
    shelf->count--;
    return r;
}

void record_give(scheduler *s, record_kind k, void *record)
{
    record_shelf *shelf = &s->shelves[k];
    free_record *r = record;
    if (ONE_BY_ONE) {
        mem_free(record);
        return;
    }
    r->next = shelf->first;
    shelf->first = r;
    if (++shelf->count > SHELF_MOST)
        clear(s, k, BATCH);
}

void record_return(void *record)
{
    if (ONE_BY_ONE) {
        mem_free(record);
        return;
    }
    slabs *pool = slab_of(record)->of;
    pthread_mutex_lock(&pool->lock);
    slab_give(pool, record);
    pthread_mutex_unlock(&pool->lock);
}

/* ---- many at once ---- */

void *records_take(runtime *rt, record_kind k, uint32_t *n)
{
    slabs *pool = &rt->pool->of[k];
    free_record *list = NULL, *r;
    uint32_t most = ONE_BY_ONE ? 1 : *n;
    pthread_mutex_lock(&pool->lock);
    for (*n = 0; *n < most; ++*n) {
        if (ONE_BY_ONE)
            r = mem_alloc(pool->size);
        else
            r = pool->first || slab_new(pool) ? slab_take(pool, pool->first) : NULL;
        if (!r)
            break;
        r->next = list;
        list = r;
    }
    pthread_mutex_unlock(&pool->lock);
    return list;
}

void records_give(runtime *rt, record_kind k, void *list)
{
    slabs *pool = &rt->pool->of[k];
    pthread_mutex_lock(&pool->lock);
    for (free_record *r = list, *next; r; r = next) {
        next = r->next;
        if (ONE_BY_ONE)
            mem_free(r);
        else
            slab_give(pool, r);
    }
    pthread_mutex_unlock(&pool->lock);
}

void pool_close(runtime *rt)
{
    if (!rt->pool)
        return;
    for (unsigned k = 0; k < RECORDS; k++) {
        slabs *pool = &rt->pool->of[k];
        for (uint32_t i = 0; i < rt->nschedulers; i++)
            clear(&rt->schedulers[i], k, 0);
        if (pool->first)
            slab_free(pool, pool->first);
        pthread_mutex_destroy(&pool->lock);
    }
    mem_free(rt->pool);
    rt->pool = NULL;
}
