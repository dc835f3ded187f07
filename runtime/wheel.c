/* wheel.c: a hierarchical timing wheel (G. Varghese, T. Lauck, SOSP 1987) with a heap in front.
 *
 * Time is cut into ticks. A timer of a later tick waits in a slot: on level 0, one for each tick of the current 64; on level 1, one for
 * each 64 ticks of the current 4096, and so on. When the wheel comes to a slot, its timers go to lower levels, and in the
 * end to the heap, which is small and in exact order. So a timer costs a few steps whatever there are of them.
 *
 * A timer's level is that of the highest group of 6 bits in which its tick differs from the wheel's; all timers of a
 * lower level are due before any of a higher one.
 */
#include "mem.h"
#include "wheel.h"

enum { TICK_BITS = 20, LEVEL_BITS = 6, SLOT_MASK = WHEEL_SLOTS - 1 }; /* a tick is about a millisecond */
#define WHEEL_NEAR UINT16_MAX

_Static_assert(TICK_BITS + WHEEL_LEVELS * LEVEL_BITS >= 62, "every deadline has a level");

/* ---- the heap ---- */

static bool before(const wheel_timer *a, const wheel_timer *b)
{
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

static void place_at(wheel *w, uint32_t i, wheel_timer *t)
{
    w->near[i] = t;
    t->at = i;
}

static void sift_up(wheel *w, uint32_t i, wheel_timer *t)
{
    for (; i && before(t, w->near[(i - 1) / 2]); i = (i - 1) / 2)
        place_at(w, i, w->near[(i - 1) / 2]);
    place_at(w, i, t);
}

static void sift_down(wheel *w, uint32_t i, wheel_timer *t)
{
    for (uint32_t child; (child = 2 * i + 1) < w->nnear; i = child) {
        if (child + 1 < w->nnear && before(w->near[child + 1], w->near[child]))
            child++;
        if (!before(w->near[child], t))
            break;
        place_at(w, i, w->near[child]);
    }
    place_at(w, i, t);
}

static void near_put(wheel *w, wheel_timer *t)
{
    t->slot = WHEEL_NEAR;
    sift_up(w, w->nnear++, t);
}

static void near_remove(wheel *w, wheel_timer *t)
{
    wheel_timer *last = w->near[--w->nnear];
    if (last != t && t->at && before(last, w->near[(t->at - 1) / 2]))
        sift_up(w, t->at, last);
    else if (last != t)
        sift_down(w, t->at, last);
}

/* ---- slots ---- */

static uint64_t tick_of(const wheel_timer *t)
{
    return (uint64_t)t->deadline >> TICK_BITS;
}

/* Puts a timer where it belongs as seen from the current tick. */
static void put(wheel *w, wheel_timer *t)
{
    uint64_t tick = tick_of(t);
    if (tick <= w->tick) {
        near_put(w, t);
        return;
    }
    unsigned level = (63 - (unsigned)__builtin_clzll(tick ^ w->tick)) / LEVEL_BITS;
    unsigned i = tick >> (LEVEL_BITS * level) & SLOT_MASK;
    wheel_timer **slot = &w->slots[level][i];
    t->slot = (uint16_t)(level * WHEEL_SLOTS + i);
    t->prev = NULL;
    t->next = *slot;
    if (*slot)
        (*slot)->prev = t;
    *slot = t;
    w->used[level] |= 1ull << i;
}

/* The earliest slot that has timers: its first tick. False: none has. */
static bool next_slot(const wheel *w, unsigned *level, unsigned *slot, uint64_t *tick)
{
    for (unsigned k = 0; k < WHEEL_LEVELS; k++) {
        unsigned shift = LEVEL_BITS * k, now = w->tick >> shift & SLOT_MASK;
        uint64_t later = w->used[k] & ~((2ull << now) - 1);
        if (!later)
            continue;
        *level = k;
        *slot = (unsigned)__builtin_ctzll(later);
        *tick = (w->tick >> (shift + LEVEL_BITS) << LEVEL_BITS | *slot) << shift;
        return true;
    }
    return false;
}

/* Comes to a tick, by way of all slots before it. */
static void advance(wheel *w, uint64_t to)
{
    unsigned level, slot;
    uint64_t tick;
    while (w->tick < to) {
        if (!next_slot(w, &level, &slot, &tick) || tick > to) {
            w->tick = to;
            return;
        }
        w->tick = tick;
        wheel_timer *t = w->slots[level][slot];
        w->slots[level][slot] = NULL;
        w->used[level] &= ~(1ull << slot);
        while (t) {
            wheel_timer *next = t->next;
            put(w, t);
            t = next;
        }
    }
}

/* ---- all of it ---- */

bool wheel_put(wheel *w, wheel_timer *t)
{
    if (w->count >= w->cap) { /* the heap has room for all there are: nothing can fail later on */
        uint32_t cap = w->cap ? 2 * w->cap : 16;
        wheel_timer **near = cap > w->cap ? mem_realloc(w->near, cap * sizeof *near) : NULL;
        if (!near)
            return false;
        w->near = near;
        w->cap = cap;
    }
    t->order = w->order++;
    w->count++;
    put(w, t);
    return true;
}

void wheel_remove(wheel *w, wheel_timer *t)
{
    w->count--;
    if (t->slot == WHEEL_NEAR) {
        near_remove(w, t);
        return;
    }
    unsigned level = t->slot / WHEEL_SLOTS, i = t->slot % WHEEL_SLOTS;
    if (t->next)
        t->next->prev = t->prev;
    if (t->prev)
        t->prev->next = t->next;
    else if (!(w->slots[level][i] = t->next))
        w->used[level] &= ~(1ull << i);
}

wheel_timer *wheel_due(wheel *w, int64_t now)
{
    advance(w, (uint64_t)now >> TICK_BITS);
    return w->nnear && w->near[0]->deadline <= now ? w->near[0] : NULL;
}

bool wheel_next(const wheel *w, int64_t *ns)
{
    unsigned level, slot;
    uint64_t tick;
    if (w->nnear) {
        *ns = w->near[0]->deadline;
        return true;
    }
    if (!next_slot(w, &level, &slot, &tick))
        return false;
    *ns = (int64_t)(tick << TICK_BITS);
    return true;
}

void wheel_free(wheel *w)
{
    mem_free(w->near);
    *w = (wheel){0};
}
