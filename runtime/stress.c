/* stress.c: ION_STRESS_STEAL=SEED, for tests: a scheduler that has a choice draws it, and rests for a moment between
 * two steps that another scheduler may come in between. What is drawn depends on the seed alone, what comes of it also
 * on how the threads are run; nothing that is drawn may change what a program can rely on.
 */
#include <time.h>

#include "sched.h"

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static uint64_t draw(scheduler *s)
{
    uint64_t z = s->stress += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return (z ^ z >> 31) >> 8;
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
