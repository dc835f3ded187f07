/* mem.h: memory from the system, with a switch that makes the Nth request fail. Every allocation of the runtime goes
 * through here; every caller handles NULL. */
#ifndef ION_MEM_H
#define ION_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t bytes) __attribute__((warn_unused_result, malloc));        /* not zeroed; NULL when out */
void *mem_zalloc(size_t bytes) __attribute__((warn_unused_result, malloc));
void *mem_realloc(void *old, size_t bytes) __attribute__((warn_unused_result));  /* NULL: `old` is untouched */
/* The same for what is large and lives for itself: it goes back to the system at once. */
void *mem_map(size_t bytes) __attribute__((warn_unused_result, malloc)); /* all zero; NULL when out */
void *mem_remap(void *old, size_t was, size_t bytes) __attribute__((warn_unused_result)); /* NULL: `old` is untouched */
void mem_unmap(void *p, size_t bytes);
void mem_free(void *p);                                                            /* NULL is fine */
/* Counts a request for memory that comes from elsewhere; true: it must fail. */
bool mem_refused(void);
/* The Nth request from now fails, once (0: none); for tests. */
void mem_fail_at(uint64_t n);
#endif
