/* outside.h: what threads that are no schedulers do to processes: they post it, and a scheduler carries it out between
 * two slices. */
#ifndef ION_OUTSIDE_H
#define ION_OUTSIDE_H
#include "sched.h"

/* Either function takes the post. */
typedef struct post {
    struct post *next;
    void (*run)(scheduler *s, struct post *p);
    void (*drop)(struct post *p); /* the program has ended */
} post;

/* The way to a runtime, which outlives it. */
typedef struct outside outside;

bool outside_open(runtime *rt); /* false when memory is out */
/* The schedulers have stopped. Posts that come later are dropped. */
void outside_close(runtime *rt);
/* A hold on it, from a scheduler's thread; outside_drop from any. */
outside *outside_hold(runtime *rt);
void outside_drop(outside *o);
/* Something may be posted in time to come: the program does not end meanwhile. Each is taken back by outside_unexpect.
 */
void outside_expect(outside *o);
void outside_unexpect(outside *o);
/* From any thread. False: it has been dropped. */
bool outside_post(outside *o, post *p);
/* Carries out what has been posted. */
void outside_take(scheduler *s);
bool outside_any(const runtime *rt);      /* whether there is something to take */
bool outside_expected(const runtime *rt); /* or may be */
#endif
