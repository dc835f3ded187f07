/* limit.h: the limits of include/ion/limits.def by number, and how their values are written. */
#ifndef ION_LIMIT_H
#define ION_LIMIT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum limit {
#define ION_LIMIT(id, name, reason, unit, what) LIMIT_##id,
#include "ion/limits.def"
#undef ION_LIMIT
    LIMITS
} limit;

typedef struct limit_row {
    const char *name, *reason, *what;
    uint32_t kilo; /* what k stands for */
} limit_row;
extern const limit_row limit_rows[LIMITS];

/* The limit called by the first n bytes of `name`; LIMITS: none. */
limit limit_find(const char *name, size_t n);
/* A whole number, k, M or G behind it (k, m, g alike). False if it is something else. */
bool limit_value(limit which, const char *text, uint64_t *value);
#endif
