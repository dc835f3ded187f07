/* stress.c: ION_STRESS_STEAL=SEED, for tests: a scheduler that has a choice draws it, and rests for a moment between
 * two steps that another scheduler may come in between. What is drawn depends on the seed alone, what comes of it also
 * on how the threads are run; nothing that is drawn may change what a program can rely on.
 */
#include <time.h>

#include "random.h"
#include "sched.h"

static uint64_t draw(scheduler *s)
{
    return random_next(&s->stress) >> 8;
}

bool stress_choose(scheduler *s, unsigned n)
{
    return draw(s) % n == 0;
}

void stress_rest(scheduler *s)
{
    uint64_t kind = draw(s) % 1024;
    if (kind == 0) {
        struct timespec t = {0, (long)(draw(s) % 200000)};
        (void)nanosleep(&t, NULL);
    } else if (kind < 32) {
        sched_yield();
    } else if (kind < 256) {
        for (uint64_t n = draw(s) % 500; n; n--)
            __builtin_ia32_pause();
    }
}
