/* wheel.c: a hierarchical timing wheel (G. Varghese, T. Lauck, SOSP 1987) with a heap in front.
 *
 * Time is cut into ticks. A timer of a later tick waits in a slot: on level 0, one for each of the next ticks; on level 1, one for
 * each 64 ticks, and so on. Each level has room for twice 64 slots from where the wheel stands, and a timer is put on the lowest
 * level that reaches as far as its tick. When the wheel comes to a slot, its timers go to lower levels, and in the
 * end to the heap, which is small and in exact order. So a timer costs a few steps whatever there are of them.
 *
 * A slot may have a million timers, which would hold up all others if they went down at once. So they begin to when the slot is the
 * next one of its level, some with each tick: what they go to, the second half of the level below, has room by then.
 * Nothing is put into a slot of a higher level that is the next one already.
 */
#include "mem.h"
#include "wheel.h"

enum {
    TICK_BITS = 14, /* a tick is 16 microseconds */
    LEVEL_BITS = 6,
    SLOT_MASK = WHEEL_SLOTS - 1,
    BEHIND_MOST = 64 /* ticks: however long nobody has looked, no more than that is made up for at once */
};
#define WHEEL_NEAR UINT16_MAX
#define WHEEL_OUT  (UINT16_MAX - 1)

_Static_assert(TICK_BITS + WHEEL_LEVELS * LEVEL_BITS >= 62, "every deadline has a level");
_Static_assert(WHEEL_SLOTS == 2 << LEVEL_BITS, "two slots' worth of the next level");

/* ---- the heap ---- */

static bool before(const wheel_near *a, const wheel_near *b)
{
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

static void place_at(wheel *w, uint32_t i, wheel_near entry)
{
    w->near[i] = entry;
    entry.timer->at = i;
}

static void sift_up(wheel *w, uint32_t i, wheel_near entry)
{
    for (; i && before(&entry, &w->near[(i - 1) / 2]); i = (i - 1) / 2)
        place_at(w, i, w->near[(i - 1) / 2]);
    place_at(w, i, entry);
}

static void sift_down(wheel *w, uint32_t i, wheel_near entry)
{
    for (uint32_t child; (child = 2 * i + 1) < w->nnear; i = child) {
        if (child + 1 < w->nnear && before(&w->near[child + 1], &w->near[child]))
            child++;
        if (!before(&w->near[child], &entry))
            break;
        place_at(w, i, w->near[child]);
    }
    place_at(w, i, entry);
}

static void near_put(wheel *w, wheel_timer *t)
{
    t->slot = WHEEL_NEAR;
    sift_up(w, w->nnear++, (wheel_near){t->deadline, t->order, t});
    if (w->soon)
        w->soon(t);
}

static void near_remove(wheel *w, uint32_t i)
{
    wheel_near last = w->near[--w->nnear];
    if (i == w->nnear)
        return;
    if (i && before(&last, &w->near[(i - 1) / 2]))
        sift_up(w, i, last);
    else
        sift_down(w, i, last);
}

/* ---- slots ---- */

static uint64_t tick_of(const wheel_timer *t)
{
    return (uint64_t)t->deadline >> TICK_BITS;
}

/* The number of the slot of a level that has a tick; slots are used in turn. */
static uint64_t slot_of(uint64_t tick, unsigned level)
{
    return tick >> (LEVEL_BITS * level);
}

static void mark(wheel *w, unsigned level, unsigned i)
{
    w->used[level][i / 64] |= 1ull << (i % 64);
}

static void unmark(wheel *w, unsigned level, unsigned i)
{
    w->used[level][i / 64] &= ~(1ull << (i % 64));
}

static wheel_timer **lane_of(wheel_slot *slot, const wheel_timer *t)
{
    return &slot->first[t->order % WHEEL_LANES];
}

/* The first of a lane has no valid `prev`. */
static void insert(wheel_timer **lane, wheel_timer *t)
{
    t->next = *lane;
    if (*lane)
        (*lane)->prev = t;
    *lane = t;
}

static void take_out(wheel_timer **lane, wheel_timer *t)
{
    if (*lane == t) {
        *lane = t->next;
        return;
    }
    t->prev->next = t->next;
    if (t->next)
        t->next->prev = t->prev;
}

/* Puts a timer where it belongs as seen from the current tick. */
static void put(wheel *w, wheel_timer *t)
{
    uint64_t tick = tick_of(t);
    unsigned level = 0;
    if (tick <= w->tick) {
        near_put(w, t);
        return;
    }
    while (slot_of(tick, level) - slot_of(w->tick, level) >= WHEEL_SLOTS)
        level++;
    unsigned i = slot_of(tick, level) & SLOT_MASK;
    wheel_slot *slot = &w->slots[level][i];
    t->slot = (uint16_t)(level * WHEEL_SLOTS + i);
    insert(lane_of(slot, t), t);
    slot->count++;
    mark(w, level, i);
}

/* Puts up to about n timers of a slot again. */
static void spread(wheel *w, unsigned level, unsigned i, uint32_t n)
{
    wheel_slot *slot = &w->slots[level][i];
    uint32_t least = slot->count > n ? slot->count - n : 0;
    while (slot->count > least)
        for (unsigned lane = 0; lane < WHEEL_LANES; lane++) {
            wheel_timer *t = slot->first[lane];
            if (!t)
                continue;
            slot->first[lane] = t->next;
            __builtin_prefetch(t->next, 1);
            slot->count--;
            put(w, t);
        }
    if (!slot->count)
        unmark(w, level, i);
}

/* How many slots from `from` on, which is one of them, the first is that has timers; WHEEL_SLOTS: none has. */
static unsigned slots_until(const uint64_t used[2], unsigned from)
{
    unsigned word = from / 64, bit = from % 64;
    uint64_t rest = used[word] >> bit, wrapped = bit ? used[word] & ((1ull << bit) - 1) : 0;
    if (rest)
        return (unsigned)__builtin_ctzll(rest);
    if (used[!word])
        return 64 - bit + (unsigned)__builtin_ctzll(used[!word]);
    return wrapped ? 128 - bit + (unsigned)__builtin_ctzll(wrapped) : WHEEL_SLOTS;
}

/* The slot with the earliest first tick of those that have timers; of equal ones that of the highest level. False: none has. */
static bool next_slot(const wheel *w, unsigned *level, unsigned *slot, uint64_t *tick)
{
    *tick = UINT64_MAX;
    for (unsigned k = WHEEL_LEVELS; k--;) {
        if (!(w->used[k][0] | w->used[k][1]))
            continue;
        uint64_t now = slot_of(w->tick, k);
        uint64_t at = now + slots_until(w->used[k], now & SLOT_MASK);
        if (at << (LEVEL_BITS * k) < *tick) {
            *tick = at << (LEVEL_BITS * k);
            *level = k;
            *slot = at & SLOT_MASK;
        }
    }
    return *tick != UINT64_MAX;
}

/* Sends down some of those slots that come next on their levels: as many as are due after so many ticks. */
static void spread_next(wheel *w, uint64_t ticks)
{
    for (unsigned k = 1; k < WHEEL_LEVELS; k++) {
        unsigned i = (slot_of(w->tick, k) + 1) & SLOT_MASK;
        uint64_t n = w->slots[k][i].count, width = 1ull << (LEVEL_BITS * k), left = width - (w->tick & (width - 1));
        ticks = ticks < BEHIND_MOST ? ticks : BEHIND_MOST;
        if (n)
            spread(w, k, i, ticks < left ? (uint32_t)(n * ticks / left) + 1 : (uint32_t)n);
    }
}

/* Goes on to a tick at most, by way of all slots before it, until there is something in the heap: as nothing can be due before
 * that, the heap stays small however late it is. */
static void advance(wheel *w, uint64_t to)
{
    unsigned level, slot;
    uint64_t tick;
    while (w->tick < to && !w->nnear) {
        uint64_t from = w->tick;
        w->tick = next_slot(w, &level, &slot, &tick) && tick < to ? tick : to;
        while (next_slot(w, &level, &slot, &tick) && tick <= w->tick)
            spread(w, level, slot, UINT32_MAX);
        spread_next(w, w->tick - from);
    }
}

/* ---- all of it ---- */

bool wheel_put(wheel *w, wheel_timer *t)
{
    if (w->count >= w->cap) { /* the heap has room for all there are: nothing can fail later on */
        uint32_t cap = w->cap ? 2 * w->cap : 16;
        wheel_near *near = cap > w->cap ? mem_realloc(w->near, cap * sizeof *near) : NULL;
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
        near_remove(w, t->at);
    } else {
        unsigned level = t->slot / WHEEL_SLOTS, i = t->slot % WHEEL_SLOTS;
        wheel_slot *slot = &w->slots[level][i];
        take_out(lane_of(slot, t), t);
        if (!--slot->count)
            unmark(w, level, i);
    }
    t->slot = WHEEL_OUT;
}

bool wheel_removed(const wheel_timer *t)
{
    return t->slot == WHEEL_OUT;
}

wheel_timer *wheel_due(wheel *w, int64_t now)
{
    advance(w, (uint64_t)now >> TICK_BITS);
    return w->nnear && w->near[0].deadline <= now ? w->near[0].timer : NULL;
}

/* The timer of a slot that has one. */
static const wheel_timer *only(const wheel_slot *slot)
{
    unsigned lane = 0;
    while (!slot->first[lane])
        lane++;
    return slot->first[lane];
}

bool wheel_next(const wheel *w, int64_t *ns)
{
    unsigned level, slot;
    uint64_t tick;
    if (w->nnear) {
        *ns = w->near[0].deadline;
        return true;
    }
    if (!next_slot(w, &level, &slot, &tick))
        return false;
    *ns = w->count == 1 ? only(&w->slots[level][slot])->deadline : (int64_t)(tick << TICK_BITS);
    return true;
}

void wheel_free(wheel *w)
{
    mem_free(w->near);
    *w = (wheel){0};
}
