/* cache.h: what native.c keeps executables by. */
#ifndef IONC_CACHE_H
#define IONC_CACHE_H

#include "ionc.h"

enum { CACHE_HASH = 32 };

/* The file in which the executable is kept that a command makes of the code, whether it is there or not; NULL where
 * there is no cache. The first ncompiler of the words call the C compiler; library: the runtime's file. */
const char *cache_entry(compilation *c, const c_code *code, char **words, uint32_t nwords, uint32_t ncompiler,
                        const char *library);
/* The executable, if it is there, whole and ours; lives as long as the compilation. */
bool cache_take(compilation *c, const char *entry, text *binary);
/* Keeps it, if that can be done. */
void cache_keep(compilation *c, const char *entry, text binary);
/* BLAKE2b with 32 bytes of result. */
void cache_hash(const void *data, size_t n, uint8_t result[CACHE_HASH]);
#endif
