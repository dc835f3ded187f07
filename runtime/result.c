/* result.c: the results of ended processes, as far as limits allow, the oldest dropped first.
 *
 * A queue in a ring, and an index from process id to place in the ring: open addressing, at most half full. A result's
 * ticket is the number of results kept before. A mutex guards it all. Each result lies in a fragment of its own; most are numbers or atoms and
 * need none.
 */
#include "mem.h"
#include "sched.h"

typedef struct result {
    uint64_t id;
    ion_value value;
    fragment *frag; /* NULL: the value needs none */
} result;

typedef struct result_store {
    result *ring;
    uint32_t *index;      /* place in the ring + 1; 0 is free. 2 * cap slots */
    uint64_t cap;         /* of the ring: a power of two; 0 at first */
    uint64_t first, last; /* tickets of the oldest and behind the newest */
    uint64_t bytes;
    pthread_mutex_t lock;
} result_store;

bool results_open(runtime *rt)
{
    rt->results = mem_zalloc(sizeof *rt->results);
    if (rt->results)
        pthread_mutex_init(&rt->results->lock, NULL);
    return rt->results != NULL;
}

static result *at_ticket(const result_store *s, uint64_t ticket)
{
    return &s->ring[ticket & (s->cap - 1)];
}

/* Eight ids in a row, which are often looked at one after the other, share a cache line. */
static uint64_t home(const result_store *s, uint64_t id)
{
    return ((id >> 3) * 0x9E3779B97F4A7C15ull >> 16 << 3 | (id & 7)) & (2 * s->cap - 1);
}

/* Where the index has an id, or a free slot. */
static uint64_t find_slot(const result_store *s, uint64_t id)
{
    uint64_t i = home(s, id);
    while (s->index[i] && s->ring[s->index[i] - 1].id != id)
        i = (i + 1) & (2 * s->cap - 1);
    return i;
}

/* Puts a result that is in the ring, and not in the index yet, there. */
static void index_put(result_store *s, uint64_t id, uint64_t ticket)
{
    uint64_t i = home(s, id);
    while (s->index[i])
        i = (i + 1) & (2 * s->cap - 1);
    s->index[i] = (uint32_t)(ticket & (s->cap - 1)) + 1;
}

/* Takes a slot out and closes the hole. */
static void index_remove(result_store *s, uint64_t hole)
{
    uint64_t mask = 2 * s->cap - 1;
    for (uint64_t i = (hole + 1) & mask; s->index[i]; i = (i + 1) & mask) {
        uint64_t from = home(s, s->ring[s->index[i] - 1].id);
        if (((i - from) & mask) >= ((i - hole) & mask)) {
            s->index[hole] = s->index[i];
            hole = i;
        }
    }
    s->index[hole] = 0;
}

/* Takes the oldest out of the ring; the index has it no more. */
static void shift(result_store *s)
{
    result *r = at_ticket(s, s->first++);
    if (r->frag) {
        s->bytes -= r->frag->bytes;
        fragment_free(r->frag);
        mem_free(r->frag);
    }
}

static void drop_oldest(result_store *s)
{
    index_remove(s, find_slot(s, at_ticket(s, s->first)->id));
    shift(s);
}

void results_close(runtime *rt)
{
    result_store *s = rt->results;
    if (!s)
        return;
    while (s->first < s->last)
        shift(s);
    mem_free(s->ring);
    mem_free(s->index);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
    rt->results = NULL;
}

static bool grow(result_store *s)
{
    result_store old = *s;
    uint64_t cap = old.cap ? 2 * old.cap : 16;
    result *ring = mem_alloc(cap * sizeof *ring);
    uint32_t *index = mem_zalloc(2 * cap * sizeof *index);
    if (!ring || !index || cap >= UINT32_MAX) {
        mem_free(ring);
        mem_free(index);
        return false;
    }
    s->ring = ring;
    s->index = index;
    s->cap = cap;
    for (uint64_t t = s->first; t < s->last; t++) {
        *at_ticket(s, t) = *at_ticket(&old, t);
        index_put(s, at_ticket(s, t)->id, t);
    }
    mem_free(old.ring);
    mem_free(old.index);
    return true;
}

static void keep(result_store *s, uint64_t id, ion_value v, fragment *f)
{
    fragment *frag = NULL;
    if ((s->last - s->first == s->cap && !grow(s)) || (f->blocks && !(frag = mem_alloc(sizeof *frag)))) {
        fragment_free(f);
        return;
    }
    if (frag) {
        *frag = *f;
        s->bytes += f->bytes;
    }
    index_put(s, id, s->last);
    *at_ticket(s, s->last++) = (result){id, v, frag};
}

void result_keep(runtime *rt, uint64_t id, ion_value v)
{
    result_store *s = rt->results;
    fragment f = {0};
    ion_value copy = v;
    if (!rt->set.result_count || (ION_IS_HEAP(v) && !copy_values(&f, &v, &copy, 1)))
        return;
    pthread_mutex_lock(&s->lock);
    while (s->first < s->last &&
           (s->last - s->first >= rt->set.result_count || s->bytes + f.bytes > rt->set.result_bytes))
        drop_oldest(s);
    if (f.bytes > rt->set.result_bytes)
        fragment_free(&f);
    else
        keep(s, id, copy, &f);
    pthread_mutex_unlock(&s->lock);
}

/* Copies borrow the headers of what is copied, so this is done with the lock held. */
static int copy_out(const result_store *s, uint64_t id, ion_value *v, fragment *f)
{
    uint64_t i = s->cap ? find_slot(s, id) : 0;
    if (!s->cap || !s->index[i])
        return 0;
    return copy_values(f, &s->ring[s->index[i] - 1].value, v, 1) ? 1 : -1;
}

int result_copy(runtime *rt, uint64_t id, ion_value *v, fragment *f)
{
    pthread_mutex_lock(&rt->results->lock);
    int found = copy_out(rt->results, id, v, f);
    pthread_mutex_unlock(&rt->results->lock);
    return found;
}
