/* idmap.h: maps from values, or pairs of values, by identity, to numbers. All zero: an empty one. Nothing takes longer
 * for their being large: tables grow little by little. */
#ifndef ION_IDMAP_H
#define ION_IDMAP_H
#include "value.h"

typedef struct idmap {
    struct idmap_entry *entries;
    struct idmap_entry *old, *gone; /* what is being moved, and what is being given back after that; NULL: nothing */
    struct idmap_entry *next;       /* the table to be, as far as `cleared`; NULL: it is not needed yet */
    size_t cleared;
    uint32_t count, cap, old_cap, moved;
    uint32_t cost; /* of the last addition, beside what each costs, in units of native_step */
} idmap;

/* The place of a value's number, 0 at first; NULL when memory is out. Valid until the next call. */
uint32_t *idmap_at(idmap *m, ion_value v);
/* What is not in the map has 0. */
uint32_t idmap_get(const idmap *m, ion_value v);
/* Puts a pair into a map of pairs. 1: it is new; 0: it was there; -1: memory is out. a is not the number 0. */
int idmap_pair(idmap *m, ion_value a, ion_value b);
void idmap_free(idmap *m);
/* Frees some of it; true when that was the rest. In between nothing else may be done with it. */
bool idmap_free_some(idmap *m);
#endif
