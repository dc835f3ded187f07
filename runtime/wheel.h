/* wheel.h: timers in the order of their deadlines. Knows nothing of processes. */
#ifndef ION_WHEEL_H
#define ION_WHEEL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WHEEL_LEVELS = 7, WHEEL_SLOTS = 64 };

typedef struct wheel_timer {
    struct wheel_timer *next, *prev; /* in a slot */
    int64_t deadline;                /* ns, from 0 to 2^62 - 1 */
    uint64_t order;                  /* equal deadlines come in the order in which they were put */
    uint32_t at;                     /* place in `near` */
    uint16_t slot;                   /* level and slot, or WHEEL_NEAR */
} wheel_timer;

typedef struct wheel { /* all zero: an empty one */
    size_t count;
    uint64_t order;
    uint64_t tick;                /* all timers of this tick and earlier ones are in `near` */
    wheel_timer **near;           /* a binary heap */
    uint32_t nnear, cap;
    uint64_t used[WHEEL_LEVELS];  /* a bit for each slot that has one */
    wheel_timer *slots[WHEEL_LEVELS][WHEEL_SLOTS];
} wheel;

/* Puts a timer whose deadline is set. False when memory is out. */
bool wheel_put(wheel *w, wheel_timer *t);
void wheel_remove(wheel *w, wheel_timer *t);
/* The timer with the earliest deadline if that is at most `now`, which never goes back; it stays where it is. NULL: there is none. */
wheel_timer *wheel_due(wheel *w, int64_t now);
/* A time at which, or soon after which, the next timer is due, and before which none is. False: there is no timer. */
bool wheel_next(const wheel *w, int64_t *ns);
void wheel_free(wheel *w); /* its own memory; the timers are not touched */
#endif
