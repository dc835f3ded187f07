/* result.c: the results of ended processes, as far as limits allow, the oldest dropped first.
 *
 * A queue in chunks, and an index from process id to place in the queue: open addressing, at most half full. A result's
 * ticket is the number of results kept before; its place is the ticket modulo a power of two that all results kept at once, and a
 * chunk more, have room below. A mutex guards it all where there are several schedulers. Each result lies in a fragment of its own; most are
 * numbers or atoms and need none.
 *
 * When the index grows, what the old one has moves to the new one bit by bit, with each result that is kept: to move a million at once
 * would hold everything up. Until then the old one is looked into as well; what it has of results that are gone is passed over.
 */
#include "mem.h"
#include "sched.h"

enum { CHUNK_BITS = 10, CHUNK = 1 << CHUNK_BITS, FIRST_CAP = 16, MOVE = 4 };
#define PLACES_MOST ((uint64_t)1 << 31)

typedef struct result {
    uint64_t id;
    ion_value value;
    fragment *frag; /* NULL: the value needs none */
} result;

typedef struct result_index {
    uint32_t *slots; /* a place + 1; 0 is free */
    uint64_t mask;   /* their number - 1 */
} result_index;

typedef struct result_store {
    result **chunks;      /* NULL: none of its places is in use */
    uint64_t places;      /* 0 at first */
    uint64_t first, last; /* tickets of the oldest and behind the newest */
    uint64_t bytes;
    result_index index, old;
    uint64_t moved, old_end; /* tickets: those between these two are in `old` alone */
    pthread_mutex_t lock;
    _Atomic uintptr_t slots_seen; /* for result_bring, which takes no lock: where the index is, or was */
    _Atomic uint64_t mask_seen;
} result_store;

bool results_open(runtime *rt)
{
    rt->results = mem_zalloc(sizeof *rt->results);
    if (rt->results)
        pthread_mutex_init(&rt->results->lock, NULL);
    return rt->results != NULL;
}

static void lock(runtime *rt)
{
    if (rt->many)
        pthread_mutex_lock(&rt->results->lock);
}

static void unlock(runtime *rt)
{
    if (rt->many)
        pthread_mutex_unlock(&rt->results->lock);
}

/* ---- the queue ---- */

static uint64_t place_of(const result_store *s, uint64_t ticket)
{
    return ticket & (s->places - 1);
}

static result *at_place(const result_store *s, uint64_t place)
{
    return &s->chunks[place / CHUNK][place % CHUNK];
}

/* Whether a place has a result that is kept. */
static bool in_use(const result_store *s, uint64_t place)
{
    return place_of(s, place - s->first) < s->last - s->first;
}

/* Makes the places. False when memory is out. */
static bool places_open(result_store *s, uint64_t count)
{
    uint64_t places = CHUNK;
    while (places < count + CHUNK && places < PLACES_MOST) /* the newest never comes to the chunk of the oldest from behind */
        places *= 2;
    s->chunks = mem_zalloc(places / CHUNK * sizeof *s->chunks);
    if (s->chunks)
        s->places = places;
    return s->chunks != NULL;
}

/* Where the next result will be; NULL when memory is out. */
static result *next_place(result_store *s)
{
    uint64_t place = place_of(s, s->last);
    result **chunk = &s->chunks[place / CHUNK];
    if (!*chunk)
        *chunk = mem_alloc(CHUNK * sizeof **chunk);
    return *chunk ? &(*chunk)[place % CHUNK] : NULL;
}

/* Takes the oldest out of the queue; the index has it no more. */
static void shift(result_store *s)
{
    uint64_t place = place_of(s, s->first++);
    result *r = at_place(s, place);
    if (r->frag) {
        s->bytes -= r->frag->bytes;
        fragment_free(r->frag);
        mem_free(r->frag);
    }
    if (place % CHUNK == CHUNK - 1) {
        mem_free(s->chunks[place / CHUNK]);
        s->chunks[place / CHUNK] = NULL;
    }
}

/* ---- the index ---- */

/* Eight ids in a row, which are often looked at one after the other, share a cache line. */
static uint64_t home(uint64_t mask, uint64_t id)
{
    return ((id >> 3) * 0x9E3779B97F4A7C15ull >> 16 << 3 | (id & 7)) & mask;
}

/* Puts a result that is in the queue, and not in the index yet, there. */
static void index_put(const result_index *x, uint64_t id, uint64_t place)
{
    uint64_t i = home(x->mask, id);
    while (x->slots[i])
        i = (i + 1) & x->mask;
    x->slots[i] = (uint32_t)place + 1;
}

/* Takes out the slot of a result, and closes the hole. */
static void index_remove(const result_store *s, uint64_t id, uint64_t place)
{
    const result_index *x = &s->index;
    uint64_t hole = home(x->mask, id);
    while (x->slots[hole] != place + 1)
        hole = (hole + 1) & x->mask;
    for (uint64_t i = (hole + 1) & x->mask; x->slots[i]; i = (i + 1) & x->mask) {
        uint64_t from = home(x->mask, at_place(s, x->slots[i] - 1)->id);
        if (((i - from) & x->mask) >= ((i - hole) & x->mask)) {
            x->slots[hole] = x->slots[i];
            hole = i;
        }
    }
    x->slots[hole] = 0;
}

/* NULL: it does not have that id. */
static const result *index_find(const result_store *s, const result_index *x, uint64_t id)
{
    if (!x->slots)
        return NULL;
    for (uint64_t i = home(x->mask, id); x->slots[i]; i = (i + 1) & x->mask) {
        uint64_t place = x->slots[i] - 1;
        if (in_use(s, place) && at_place(s, place)->id == id)
            return at_place(s, place);
    }
    return NULL;
}

/* Moves up to n results to the new index. */
static void move(result_store *s, uint64_t n)
{
    if (!s->old.slots)
        return;
    for (s->moved = s->moved > s->first ? s->moved : s->first; n && s->moved < s->old_end; n--) {
        uint64_t place = place_of(s, s->moved++);
        index_put(&s->index, at_place(s, place)->id, place);
    }
    if (s->moved < s->old_end)
        return;
    mem_free(s->old.slots);
    s->old.slots = NULL;
}

static bool index_grow(result_store *s)
{
    uint64_t count = s->index.slots ? 2 * (s->index.mask + 1) : 2 * FIRST_CAP;
    uint32_t *slots = mem_zalloc(count * sizeof *slots);
    if (!slots)
        return false;
    move(s, UINT64_MAX);
    s->old = s->index;
    s->moved = s->first;
    s->old_end = s->last;
    s->index = (result_index){slots, count - 1};
    atomic_store_explicit(&s->slots_seen, (uintptr_t)slots, memory_order_relaxed);
    atomic_store_explicit(&s->mask_seen, count - 1, memory_order_relaxed);
    return true;
}

void result_bring(const runtime *rt, uint64_t id)
{
    const result_store *s = rt->results;
    uint64_t mask = atomic_load_explicit(&s->mask_seen, memory_order_relaxed);
    uintptr_t slots = atomic_load_explicit(&s->slots_seen, memory_order_relaxed);
    __builtin_prefetch((const void *)(slots + home(mask, id) * sizeof(uint32_t)), 1);
}

/* ---- both ---- */

static void drop_oldest(result_store *s)
{
    uint64_t place = place_of(s, s->first);
    if (!s->old.slots || s->first < s->moved || s->first >= s->old_end)
        index_remove(s, at_place(s, place)->id, place);
    shift(s);
}

void results_close(runtime *rt)
{
    result_store *s = rt->results;
    if (!s)
        return;
    while (s->first < s->last)
        shift(s);
    for (uint64_t i = 0; i < s->places / CHUNK; i++)
        mem_free(s->chunks[i]);
    mem_free(s->chunks);
    mem_free(s->index.slots);
    mem_free(s->old.slots);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
    rt->results = NULL;
}

static void keep(result_store *s, uint64_t id, ion_value v, fragment *f)
{
    fragment *frag = NULL;
    result *r = NULL;
    if (s->last - s->first < (s->index.mask + 1) / 2 || index_grow(s))
        r = next_place(s);
    if (!r || (f->blocks && !(frag = mem_alloc(sizeof *frag)))) {
        fragment_free(f);
        return;
    }
    if (frag) {
        *frag = *f;
        s->bytes += f->bytes;
    }
    *r = (result){id, v, frag};
    index_put(&s->index, id, place_of(s, s->last++));
    move(s, MOVE);
}

void result_keep(runtime *rt, uint64_t id, ion_value v)
{
    result_store *s = rt->results;
    fragment f = {0};
    ion_value copy = v;
    if (!rt->set.result_count || (ION_IS_HEAP(v) && !copy_values(&f, &v, &copy, 1)))
        return;
    lock(rt);
    bool open = s->places || places_open(s, rt->set.result_count);
    while (s->first < s->last && (s->last - s->first >= rt->set.result_count || s->last - s->first >= s->places - CHUNK ||
                                  s->bytes + f.bytes > rt->set.result_bytes))
        drop_oldest(s);
    if (!open || f.bytes > rt->set.result_bytes)
        fragment_free(&f);
    else
        keep(s, id, copy, &f);
    unlock(rt);
}

/* Copies borrow the headers of what is copied, so this is done with the lock held. */
static int copy_out(const result_store *s, uint64_t id, ion_value *v, fragment *f)
{
    const result *r = index_find(s, &s->index, id);
    if (!r && !(r = index_find(s, &s->old, id)))
        return 0;
    return copy_values(f, &r->value, v, 1) ? 1 : -1;
}

int result_copy(runtime *rt, uint64_t id, ion_value *v, fragment *f)
{
    lock(rt);
    int found = copy_out(rt->results, id, v, f);
    unlock(rt);
    return found;
}
