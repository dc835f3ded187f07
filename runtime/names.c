/* names.c: processes by name: two hash tables over the same entries, one by name, one by the process's id, under a mutex.
 *
 * A process that ends sets its state and then looks whether it has a name; who gives a process a name says so in the
 * process and then looks at the state. So one of the two sees the other, and no name stays with a process that has ended.
 */
#include "mem.h"
#include "signals.h"

enum { FIRST_BITS = 6 };

typedef struct name {
    ion_value atom;
    uint64_t id;
    struct name *by_atom, *by_id; /* the next in the same bucket */
} name;

typedef struct name_table {
    pthread_mutex_t lock;
    uint32_t bits, count;
    name **by_atom, **by_id; /* 1 << bits buckets each */
} name_table;

bool names_open(runtime *rt)
{
    rt->names = mem_zalloc(sizeof *rt->names);
    if (rt->names)
        pthread_mutex_init(&rt->names->lock, NULL);
    return rt->names != NULL;
}

static uint64_t slot_of(const name_table *t, uint64_t key)
{
    return key * 0x9E3779B97F4A7C15ull >> (64 - t->bits);
}

static void insert(name_table *t, name *n)
{
    name **a = &t->by_atom[slot_of(t, n->atom)], **i = &t->by_id[slot_of(t, n->id)];
    n->by_atom = *a;
    n->by_id = *i;
    *a = n;
    *i = n;
}

/* Makes room for one more. */
static bool grow(name_table *t)
{
    if (t->bits && t->count < 1u << t->bits)
        return true;
    name_table bigger = {.bits = t->bits ? t->bits + 1 : FIRST_BITS};
    bigger.by_atom = mem_zalloc(sizeof(name *) << bigger.bits);
    bigger.by_id = mem_zalloc(sizeof(name *) << bigger.bits);
    if (!bigger.by_atom || !bigger.by_id) {
        mem_free(bigger.by_atom);
        mem_free(bigger.by_id);
        return false;
    }
    for (uint32_t i = 0; t->bits && i < 1u << t->bits; i++)
        for (name *n = t->by_atom[i], *next; n; n = next) {
            next = n->by_atom;
            insert(&bigger, n);
        }
    mem_free(t->by_atom);
    mem_free(t->by_id);
    t->bits = bigger.bits;
    t->by_atom = bigger.by_atom;
    t->by_id = bigger.by_id;
    return true;
}

static name *find(const name_table *t, ion_value atom)
{
    name *n = t->bits ? t->by_atom[slot_of(t, atom)] : NULL;
    while (n && n->atom != atom)
        n = n->by_atom;
    return n;
}

/* Takes all names of an id out. */
static void drop(name_table *t, uint64_t id)
{
    name **at = &t->by_id[slot_of(t, id)];
    while (*at) {
        name *n = *at;
        if (n->id != id) {
            at = &n->by_id;
            continue;
        }
        *at = n->by_id;
        name **other = &t->by_atom[slot_of(t, n->atom)];
        while (*other != n)
            other = &(*other)->by_atom;
        *other = n->by_atom;
        t->count--;
        mem_free(n);
    }
}

static int put(name_table *t, ion_value atom, process *p)
{
    if (find(t, atom))
        return 0;
    name *n = grow(t) ? mem_alloc(sizeof *n) : NULL;
    if (!n)
        return -1;
    *n = (name){.atom = atom, .id = p->id};
    insert(t, n);
    t->count++;
    atomic_store_explicit(&p->named, true, memory_order_seq_cst);
    if (!proc_gone(p))
        return 1;
    drop(t, p->id);
    return 0;
}

int name_put(runtime *rt, ion_value atom, process *p)
{
    pthread_mutex_lock(&rt->names->lock);
    int done = put(rt->names, atom, p);
    pthread_mutex_unlock(&rt->names->lock);
    return done;
}

uint64_t name_get(runtime *rt, ion_value atom)
{
    pthread_mutex_lock(&rt->names->lock);
    const name *n = find(rt->names, atom);
    uint64_t id = n ? n->id : 0;
    pthread_mutex_unlock(&rt->names->lock);
    return id;
}

void names_drop(process *p)
{
    name_table *t = runtime_of(p)->names;
    if (!atomic_load_explicit(&p->named, memory_order_seq_cst))
        return;
    pthread_mutex_lock(&t->lock);
    drop(t, p->id);
    pthread_mutex_unlock(&t->lock);
}

void names_close(runtime *rt)
{
    name_table *t = rt->names;
    if (!t)
        return;
    for (uint32_t i = 0; t->bits && i < 1u << t->bits; i++)
        for (name *n = t->by_atom[i], *next; n; n = next) {
            next = n->by_atom;
            mem_free(n);
        }
    mem_free(t->by_atom);
    mem_free(t->by_id);
    pthread_mutex_destroy(&t->lock);
    mem_free(t);
    rt->names = NULL;
}
