/* random.h: SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014). */
#ifndef ION_RANDOM_H
#define ION_RANDOM_H
#include <stdint.h>

#define RANDOM_STEP 0x9E3779B97F4A7C15ull

/* The next number; any state will do to begin with. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += RANDOM_STEP;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}
#endif
