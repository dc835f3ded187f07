/* table.c: processes by id and by name.
 *
 * Ids are never used again, so the table of processes is a hash table whose size follows the number of the living: open
 * addressing, linear probing, at most half full, holes closed when an entry goes. Names hang in buckets, and in a list
 * of their process.
 */
#include <stdlib.h>

#include "mem.h"
#include "sched.h"

#define FIRST_BITS 6

typedef struct process_table {
    process **slots;
    uint32_t bits; /* 1 << bits slots */
    uint64_t count;
} process_table;

typedef struct name {
    ion_value atom;
    process *owner;
    struct name *next;  /* in its bucket */
    struct name *other; /* the next of the same process */
} name;

#define NAME_BUCKETS 256

typedef struct name_table {
    name *buckets[NAME_BUCKETS];
} name_table;

bool table_open(runtime *rt)
{
    rt->table = mem_zalloc(sizeof *rt->table);
    if (!rt->table)
        return false;
    rt->table->bits = FIRST_BITS;
    rt->table->slots = mem_zalloc(sizeof(process *) << FIRST_BITS);
    return rt->table->slots != NULL;
}

void table_close(runtime *rt)
{
    if (rt->table)
        mem_free(rt->table->slots);
    mem_free(rt->table);
    mem_free(rt->names);
}

/* Where a search for an id begins: Fibonacci hashing (Knuth, TAOCP 3, 6.4), which spreads runs of ids. */
static uint64_t home(const process_table *t, uint64_t id)
{
    return id * 0x9E3779B97F4A7C15ull >> (64 - t->bits);
}

static uint64_t next_slot(const process_table *t, uint64_t i)
{
    return (i + 1) & ((1ull << t->bits) - 1);
}

static void insert(process_table *t, process *p)
{
    uint64_t i = home(t, p->id);
    while (t->slots[i])
        i = next_slot(t, i);
    t->slots[i] = p;
}

static bool resize(process_table *t, uint32_t bits)
{
    process **slots = mem_zalloc(sizeof(process *) << bits);
    if (!slots)
        return false;
    process_table old = *t;
    t->slots = slots;
    t->bits = bits;
    for (uint64_t i = 0; i < 1ull << old.bits; i++)
        if (old.slots[i])
            insert(t, old.slots[i]);
    mem_free(old.slots);
    return true;
}

bool table_put(runtime *rt, process *p)
{
    process_table *t = rt->table;
    if (2 * (t->count + 1) > 1ull << t->bits && !resize(t, t->bits + 1))
        return false;
    insert(t, p);
    t->count++;
    return true;
}

void table_remove(runtime *rt, const process *p)
{
    process_table *t = rt->table;
    uint64_t hole = home(t, p->id);
    while (t->slots[hole] != p)
        hole = next_slot(t, hole);
    uint64_t mask = (1ull << t->bits) - 1;
    for (uint64_t i = next_slot(t, hole); t->slots[i]; i = next_slot(t, i)) {
        uint64_t from = home(t, t->slots[i]->id);
        if (((i - from) & mask) >= ((i - hole) & mask)) { /* its search passes the hole */
            t->slots[hole] = t->slots[i];
            hole = i;
        }
    }
    t->slots[hole] = NULL;
    t->count--;
    if (t->bits > FIRST_BITS && t->count < 1ull << (t->bits - 3))
        (void)resize(t, t->bits - 1); /* a bigger one serves as well */
}

process *proc_find(runtime *rt, uint64_t id)
{
    const process_table *t = rt->table;
    for (uint64_t i = home(t, id); t->slots[i]; i = next_slot(t, i))
        if (t->slots[i]->id == id)
            return t->slots[i];
    return NULL;
}

process *proc_of_value(runtime *rt, ion_value v)
{
    return ION_IS_PROCESS(v) ? proc_find(rt, v & ION_PAYLOAD) : NULL;
}

process *table_next(runtime *rt, uint64_t *at)
{
    const process_table *t = rt->table;
    while (*at < 1ull << t->bits && !t->slots[*at])
        ++*at;
    return *at < 1ull << t->bits ? t->slots[(*at)++] : NULL;
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = (*(process *const *)a)->id, y = (*(process *const *)b)->id;
    return x < y ? -1 : x > y;
}

process **table_sorted(runtime *rt)
{
    process **all = mem_alloc((rt->table->count + 1) * sizeof *all);
    if (!all)
        return NULL;
    uint64_t n = 0, at = 0;
    while ((all[n] = table_next(rt, &at)))
        n++;
    qsort(all, n, sizeof *all, by_id);
    return all;
}

/* ---- names ---- */

static name **bucket(runtime *rt, ion_value atom)
{
    return &rt->names->buckets[(atom & ION_PAYLOAD) % NAME_BUCKETS];
}

static name *find(runtime *rt, ion_value atom)
{
    if (!rt->names)
        return NULL;
    name *n = *bucket(rt, atom);
    while (n && n->atom != atom)
        n = n->next;
    return n;
}

int name_put(runtime *rt, ion_value atom, process *p)
{
    if (find(rt, atom))
        return 0;
    if (!rt->names && !(rt->names = mem_zalloc(sizeof *rt->names)))
        return -1;
    relations *r = relations_of(p);
    name *n = r ? mem_alloc(sizeof *n) : NULL;
    if (!n)
        return -1;
    *n = (name){atom, p, *bucket(rt, atom), r->names};
    *bucket(rt, atom) = n;
    r->names = n;
    return 1;
}

process *name_get(runtime *rt, ion_value atom)
{
    const name *n = find(rt, atom);
    return n ? n->owner : NULL;
}

void names_drop(process *p)
{
    name *n;
    while (p->relations && (n = p->relations->names)) {
        p->relations->names = n->other;
        name **at = bucket(p->rt, n->atom);
        while (*at != n)
            at = &(*at)->next;
        *at = n->next;
        mem_free(n);
    }
}
