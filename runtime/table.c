/* table.c: processes by id.
 *
 * Ids are counted up and never used again, so the table is a tree indexed by their bits: a root that grows, middles, and
 * leaves. A leaf or middle goes when all its ids have been used and their processes have ended. Searches take no
 * lock; a mutex guards the making and removing of nodes. A node is complete before a release store shows it, and retired when it
 * is taken out.
 */
#include "mem.h"
#include "sched.h"

enum { LEAF_BITS = 8, MIDDLE_BITS = 10, LEAF_SIZE = 1 << LEAF_BITS, MIDDLE_SIZE = 1 << MIDDLE_BITS, ROOT_FIRST = 16 };

typedef struct leaf {
    retired retired;
    _Atomic uint32_t left; /* ids that have not ended yet */
    _Atomic(process *) at[LEAF_SIZE];
} leaf;

typedef struct middle {
    retired retired;
    uint32_t left; /* leaves that have not gone yet; with the mutex held */
    _Atomic(leaf *) at[MIDDLE_SIZE];
} middle;

typedef struct root {
    retired retired;
    uint64_t size;
    _Atomic(middle *) at[];
} root;

typedef struct process_table {
    pthread_mutex_t nodes;
    _Atomic(root *) root;
} process_table;

#define LOAD(place)         atomic_load_explicit(&(place), memory_order_acquire)
#define STORE(place, value) atomic_store_explicit(&(place), (value), memory_order_release)

static uint64_t root_place(uint64_t id)
{
    return id >> (LEAF_BITS + MIDDLE_BITS);
}

static uint64_t middle_place(uint64_t id)
{
    return (id >> LEAF_BITS) & (MIDDLE_SIZE - 1);
}

static uint64_t leaf_place(uint64_t id)
{
    return id & (LEAF_SIZE - 1);
}

bool table_open(runtime *rt)
{
    rt->table = mem_zalloc(sizeof *rt->table);
    root *r = rt->table ? mem_zalloc(sizeof *r + ROOT_FIRST * sizeof r->at[0]) : NULL;
    if (!r) {
        mem_free(rt->table);
        rt->table = NULL;
        return false;
    }
    r->size = ROOT_FIRST;
    STORE(rt->table->root, r);
    pthread_mutex_init(&rt->table->nodes, NULL);
    return true;
}

void table_close(runtime *rt)
{
    if (!rt->table)
        return;
    root *r = LOAD(rt->table->root);
    for (uint64_t i = 0; i < r->size; i++) {
        middle *m = LOAD(r->at[i]);
        for (uint32_t k = 0; m && k < MIDDLE_SIZE; k++)
            mem_free(LOAD(m->at[k]));
        mem_free(m);
    }
    mem_free(r);
    pthread_mutex_destroy(&rt->table->nodes);
    mem_free(rt->table);
    rt->table = NULL;
}

static leaf *find_leaf(process_table *t, uint64_t id)
{
    root *r = LOAD(t->root);
    if (root_place(id) >= r->size)
        return NULL;
    middle *m = LOAD(r->at[root_place(id)]);
    return m ? LOAD(m->at[middle_place(id)]) : NULL;
}

process *proc_find(runtime *rt, uint64_t id)
{
    leaf *l = find_leaf(rt->table, id);
    return l ? LOAD(l->at[leaf_place(id)]) : NULL;
}

process *proc_of_value(runtime *rt, ion_value v)
{
    return ION_IS_PROCESS(v) ? proc_find(rt, v & ION_PAYLOAD) : NULL;
}

/* ---- entering; the mutex is held ---- */

static root *grow(scheduler *s, process_table *t, root *old)
{
    root *r = mem_zalloc(sizeof *r + 2 * old->size * sizeof r->at[0]);
    if (!r)
        return NULL;
    r->size = 2 * old->size;
    for (uint64_t i = 0; i < old->size; i++)
        STORE(r->at[i], LOAD(old->at[i]));
    STORE(t->root, r);
    retire(s, &old->retired);
    return r;
}

static leaf *make_leaf(scheduler *s, process_table *t, uint64_t id)
{
    root *r = LOAD(t->root);
    while (r && root_place(id) >= r->size)
        r = grow(s, t, r);
    if (!r)
        return NULL;
    middle *m = LOAD(r->at[root_place(id)]);
    if (!m) {
        m = mem_zalloc(sizeof *m);
        if (!m)
            return NULL;
        m->left = MIDDLE_SIZE;
        STORE(r->at[root_place(id)], m);
    }
    leaf *l = LOAD(m->at[middle_place(id)]);
    if (l) /* another scheduler was first */
        return l;
    l = mem_zalloc(sizeof *l);
    if (!l)
        return NULL;
    /* no process has id 0 */
    atomic_store_explicit(&l->left, id < LEAF_SIZE ? LEAF_SIZE - 1 : LEAF_SIZE, memory_order_relaxed);
    STORE(m->at[middle_place(id)], l);
    return l;
}

bool table_put(scheduler *s, process *p)
{
    process_table *t = s->rt->table;
    leaf *l = find_leaf(t, p->id);
    if (!l) {
        pthread_mutex_lock(&t->nodes);
        l = make_leaf(s, t, p->id);
        pthread_mutex_unlock(&t->nodes);
    }
    if (l)
        STORE(l->at[leaf_place(p->id)], p);
    return l != NULL;
}

void table_bring(const runtime *rt, uint64_t id)
{
    leaf *l = find_leaf(rt->table, id);
    if (!l)
        return;
    __builtin_prefetch(l, 1);
    __builtin_prefetch(&l->at[leaf_place(id)], 1);
}

/* ---- removing ---- */

/* Takes out the leaf of an id, and its middle if that was the last one. */
static void drop_leaf(scheduler *s, uint64_t id)
{
    process_table *t = s->rt->table;
    pthread_mutex_lock(&t->nodes);
    root *r = LOAD(t->root);
    middle *m = LOAD(r->at[root_place(id)]);
    leaf *l = LOAD(m->at[middle_place(id)]);
    STORE(m->at[middle_place(id)], NULL);
    bool last = --m->left == 0;
    if (last)
        STORE(r->at[root_place(id)], NULL);
    pthread_mutex_unlock(&t->nodes); /* first: who begins a slice after they have been retired does not find them */
    retire(s, &l->retired);
    if (last)
        retire(s, &m->retired);
}

void table_remove(scheduler *s, const process *p)
{
    leaf *l = find_leaf(s->rt->table, p->id);
    STORE(l->at[leaf_place(p->id)], NULL);
    uint32_t left = s->rt->many ? atomic_fetch_sub_explicit(&l->left, 1, memory_order_acq_rel)
                                : atomic_load_explicit(&l->left, memory_order_relaxed);
    if (!s->rt->many)
        atomic_store_explicit(&l->left, left - 1, memory_order_relaxed);
    if (left == 1)
        drop_leaf(s, p->id);
}

process *table_next(runtime *rt, uint64_t from)
{
    process_table *t = rt->table;
    uint64_t last = atomic_load_explicit(&rt->next_id, memory_order_relaxed);
    for (uint64_t id = from; id <= last; id++) {
        leaf *l = find_leaf(t, id);
        process *p = l ? LOAD(l->at[leaf_place(id)]) : NULL;
        if (p)
            return p;
        if (!l)
            id |= LEAF_SIZE - 1; /* the next leaf */
    }
    return NULL;
}
