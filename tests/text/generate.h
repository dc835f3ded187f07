/* generate.h: random classes that a dialect and layout can say. */
#ifndef GENERATE_H
#define GENERATE_H

#include "ionc.h"

/* A class in the dialect and layout given; the same seed gives the same class. */
class *generate_class(compilation *c, uint64_t seed, int dialect, layout as);
uint64_t random_next(uint64_t *state); /* SplitMix64 */

#endif
