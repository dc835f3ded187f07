/* mem.c: memory from the system. The only state is the countdown to a request that is to fail, for tests: 0 while there
 * is none. */
#include <stdatomic.h>
#include <stdlib.h>

#include "mem.h"

static _Atomic uint64_t countdown;

void mem_fail_at(uint64_t n)
{
    atomic_store_explicit(&countdown, n, memory_order_relaxed);
}

/* Counts a request down; true for the one that must fail. */
bool mem_refused(void)
{
    if (atomic_load_explicit(&countdown, memory_order_relaxed) == 0)
        return false;
    return atomic_fetch_sub_explicit(&countdown, 1, memory_order_relaxed) == 1;
}

void *mem_alloc(size_t bytes)
{
    return mem_refused() ? NULL : malloc(bytes ? bytes : 1);
}

void *mem_zalloc(size_t bytes)
{
    return mem_refused() ? NULL : calloc(1, bytes ? bytes : 1);
}

void *mem_realloc(void *old, size_t bytes)
{
    return mem_refused() ? NULL : realloc(old, bytes ? bytes : 1);
}

void mem_free(void *p)
{
    free(p);
}
