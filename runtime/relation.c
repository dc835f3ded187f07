/* relation.c: ties between two processes: links, monitors, and waiting for each other.
 *
 * A tie stands in one list of each of its two processes, so that either can drop it in constant time. Which lists is a
 * matter of its kind. Both processes are alive as long as the tie is there.
 */
#include <math.h>

#include "mem.h"
#include "sched.h"

relations *relations_of(process *p)
{
    if (!p->relations) {
        p->relations = mem_zalloc(sizeof *p->relations);
        if (p->relations)
            p->relations->capacity = (double)INFINITY;
    }
    return p->relations;
}

void relations_free(process *p)
{
    mem_free(p->relations);
    p->relations = NULL;
}

/* The list of a tie's process on one side: 0 is `from`. */
static tie_list *list_of(const tie *t, int side)
{
    relations *r = side == 0 ? t->from->relations : t->to->relations;
    switch (t->kind) {
    case TIE_LINK: return &r->links;
    case TIE_MONITOR: return side == 0 ? &r->watching : &r->watched;
    case TIE_END: return side == 0 ? &r->waits : &r->waiters;
    case TIE_ROOM: break;
    }
    return side == 0 ? &r->waits : &r->senders;
}

static void list_add(tie_list *l, tie_end *e)
{
    e->prev = l->last;
    e->next = NULL;
    if (l->last)
        l->last->next = e;
    else
        l->first = e;
    l->last = e;
    l->count++;
}

static void list_remove(tie_list *l, tie_end *e)
{
    if (e->prev)
        e->prev->next = e->next;
    else
        l->first = e->next;
    if (e->next)
        e->next->prev = e->prev;
    else
        l->last = e->prev;
    l->count--;
}

bool tie_add(tie_kind what, process *from, process *to, uint64_t ref)
{
    tie *t = relations_of(from) && relations_of(to) ? mem_alloc(sizeof *t) : NULL;
    if (!t)
        return false;
    t->from = from;
    t->to = to;
    t->ref = ref;
    t->kind = what;
    for (int side = 0; side < 2; side++) {
        t->ends[side].tie = t;
        list_add(list_of(t, side), &t->ends[side]);
    }
    return true;
}

void tie_cut(tie *t)
{
    for (int side = 0; side < 2; side++)
        list_remove(list_of(t, side), &t->ends[side]);
    mem_free(t);
}

void ties_cut(tie_list *list)
{
    while (list->first)
        tie_cut(list->first->tie);
}

void waits_cut(process *p)
{
    if (p->relations)
        ties_cut(&p->relations->waits);
}

void waiting_wake(tie_list *list)
{
    while (list->first) {
        process *p = list->first->tie->from;
        waits_cut(p);
        proc_wake(p);
    }
}

tie *link_find(const process *a, const process *b)
{
    if (a == b || !a->relations || !b->relations)
        return NULL;
    const process *few = a->relations->links.count < b->relations->links.count ? a : b;
    const process *other = few == a ? b : a;
    for (const tie_end *e = few->relations->links.first; e; e = e->next)
        if (e->tie->from == other || e->tie->to == other)
            return e->tie;
    return NULL;
}

tie *monitor_find(const process *p, uint64_t ref)
{
    for (const tie_end *e = p->relations ? p->relations->watching.last : NULL; e; e = e->prev)
        if (e->tie->ref == ref)
            return e->tie;
    return NULL;
}
