/* wheel.h: timers in the order of their deadlines. Knows nothing of processes. */
#ifndef ION_WHEEL_H
#define ION_WHEEL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WHEEL_LEVELS = 8, WHEEL_SLOTS = 128, WHEEL_LANES = 8 };

typedef struct wheel_timer {
    struct wheel_timer *next, *prev; /* in a slot */
    int64_t deadline;                /* ns, from 0 to 2^62 - 1 */
    uint64_t order;                  /* equal deadlines come in the order in which they were put */
    uint32_t at;                     /* place in `near` */
    uint16_t slot;                   /* level and slot, or WHEEL_NEAR, or WHEEL_OUT */
} wheel_timer;

typedef struct wheel_slot {
    wheel_timer *first[WHEEL_LANES]; /* by order: several lists can be waited for at once where none of it is in the cache */
    uint32_t count;                  /* of all */
} wheel_slot;

/* An entry of the heap: what it is ordered by is beside it, so that timers are not looked at. */
typedef struct wheel_near {
    int64_t deadline;
    uint64_t order;
    wheel_timer *timer;
} wheel_near;

typedef struct wheel { /* all zero: an empty one */
    size_t count;
    uint64_t order;
    uint64_t tick;                /* all timers of this tick and earlier ones are in `near` */
    wheel_near *near;             /* a binary heap */
    uint32_t nnear, cap;
    void (*soon)(const wheel_timer *t); /* called when a timer comes into the heap; NULL: nothing */
    uint64_t used[WHEEL_LEVELS][2];     /* a bit for each slot that has one */
    wheel_slot slots[WHEEL_LEVELS][WHEEL_SLOTS];
} wheel;

/* Puts a timer whose deadline is set. False when memory is out. */
bool wheel_put(wheel *w, wheel_timer *t);
void wheel_remove(wheel *w, wheel_timer *t);
/* Whether a timer that has been put has been removed. */
bool wheel_removed(const wheel_timer *t);
/* The timer with the earliest deadline if that is at most `now`, which never goes back; it stays where it is. NULL: there is none. */
wheel_timer *wheel_due(wheel *w, int64_t now);
/* A time at which, or soon after which, the next timer is due, and before which none is. False: there is no timer. */
bool wheel_next(const wheel *w, int64_t *ns);
void wheel_free(wheel *w); /* its own memory; the timers are not touched */
#endif
