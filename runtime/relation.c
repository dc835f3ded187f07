/* relation.c: what a process knows of others: whom it is linked to, whom it watches and who watches it, whom it waits for
 * and who waits for it.
 *
 * Each side keeps its own list, and only its owner looks at it; that both say the same is a matter of the signals that
 * they send each other. A list keeps the order in which its bonds were made, and from INDEX_MIN of them on an index, so
 * that a bond is found in constant time however many there are. The index is a help: without memory for it, or with one too
 * small, searches take longer.
 */
#include "mem.h"
#include "outside.h"
#include "signals.h"

#define INDEX_MIN 12

_Static_assert(sizeof(bond) >= sizeof(long_signal), "signal_from_bond");

relations *relations_of(process *p)
{
    if (!p->relations)
        p->relations = mem_zalloc(sizeof *p->relations);
    return p->relations;
}

/* ---- the index ---- */

static bond **bucket(const bond_list *l, uint64_t key)
{
    return &l->index[key * 0x9E3779B97F4A7C15ull >> 32 & l->mask];
}

static void index_add(bond_list *l, bond *b)
{
    bond **at = bucket(l, b->key);
    b->chain = *at;
    *at = b;
}

static void index_remove(bond_list *l, const bond *b)
{
    bond **at = bucket(l, b->key);
    while (*at != b)
        at = &(*at)->chain;
    *at = b->chain;
}

/* Makes or doubles the index where there are more bonds than buckets. */
static void index_grow(bond_list *l)
{
    if (l->count < INDEX_MIN || (l->index && l->count <= l->mask))
        return;
    uint32_t size = l->index ? 2 * (l->mask + 1) : 2 * INDEX_MIN;
    while (size & (size - 1))
        size += size & -size;
    bond **index = mem_zalloc(size * sizeof *index);
    if (!index)
        return;
    mem_free(l->index);
    l->index = index;
    l->mask = size - 1;
    for (bond *b = l->first; b; b = b->next)
        index_add(l, b);
}

/* ---- lists ---- */

bool bond_add(bond_list *l, uint64_t key, uint64_t id)
{
    bond *b = mem_alloc(sizeof *b);
    if (!b)
        return false;
    *b = (bond){.prev = l->last, .key = key, .id = id};
    if (l->last)
        l->last->next = b;
    else
        l->first = b;
    l->last = b;
    l->count++;
    if (l->index)
        index_add(l, b);
    index_grow(l);
    return true;
}

bond *bond_find(const bond_list *l, uint64_t key)
{
    bond *b = l->index ? *bucket(l, key) : l->first;
    while (b && b->key != key)
        b = l->index ? b->chain : b->next;
    return b;
}

bond *bond_take(bond_list *l, bond *b)
{
    if (l->index)
        index_remove(l, b);
    if (b->prev)
        b->prev->next = b->next;
    else
        l->first = b->next;
    if (b->next)
        b->next->prev = b->prev;
    else
        l->last = b->prev;
    if (--l->count == 0) {
        mem_free(l->index);
        l->index = NULL;
    }
    return b;
}

void bond_remove(bond_list *l, bond *b)
{
    if (b)
        mem_free(bond_take(l, b));
}

void relations_free(process *p)
{
    relations *r = p->relations;
    if (!r)
        return;
    bond_list *lists[] = {&r->links, &r->watching, &r->watched, &r->waits, &r->waiters, &r->senders};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        while (lists[i]->first)
            bond_remove(lists[i], lists[i]->first);
    if (r->work)
        r->work->drop(r->work);
    mem_free(r->answer);
    if (r->native)
        r->native->drop(r->native);
    mem_free(r);
    p->relations = NULL;
}

/* ---- waiting for each other ---- */

void waits_cut(process *p)
{
    bond_list *waits = p->relations ? &p->relations->waits : NULL;
    signal_kind kind = atomic_load_explicit(&p->wait, memory_order_relaxed) == WAIT_ROOM ? SIG_UNSTAND : SIG_UNAWAIT;
    while (waits && waits->first) {
        bond *b = bond_take(waits, waits->first);
        uint64_t id = b->id;
        (void)signal_send(p->on, id, signal_from_bond(b, kind, p->id, 0));
    }
}

void waiting_tell(process *p, bond_list *list, signal_kind kind)
{
    while (list->first) {
        bond *b = bond_take(list, list->first);
        uint64_t id = b->id;
        (void)signal_send(p->on, id, signal_from_bond(b, kind, p->id, 0));
    }
}
