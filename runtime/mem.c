/* mem.c: memory from the system. The only state is the countdown to a request that is to fail, for tests: 0 while there
 * is none. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

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

void *mem_map(size_t bytes)
{
    if (mem_refused())
        return NULL;
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void *mem_remap(void *old, size_t was, size_t bytes)
{
    if (mem_refused())
        return NULL;
    void *p = mremap(old, was, bytes, MREMAP_MAYMOVE);
    return p == MAP_FAILED ? NULL : p;
}

void mem_unmap(void *p, size_t bytes)
{
    munmap(p, bytes);
}

void mem_free(void *p)
{
    free(p);
}
