/* lock.h: a lock for a few instructions: nobody waits, allocates or enters the kernel while holding it. Where more has
 * to be done under a lock, a mutex is the right thing. */
#ifndef ION_LOCK_H
#define ION_LOCK_H
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct spinlock { /* all zero: free */
    _Atomic uint32_t held;
} spinlock;

static inline bool spin_try(spinlock *l)
{
    return !atomic_load_explicit(&l->held, memory_order_relaxed) &&
           !atomic_exchange_explicit(&l->held, 1, memory_order_acquire);
}

static inline void spin_lock(spinlock *l)
{
    for (uint32_t tries = 0; !spin_try(l); tries++) {
        if (tries % 64 == 63) /* its holder may have been taken off the core */
            sched_yield();
        else
            __builtin_ia32_pause();
    }
}

static inline void spin_unlock(spinlock *l)
{
    atomic_store_explicit(&l->held, 0, memory_order_release);
}
#endif
