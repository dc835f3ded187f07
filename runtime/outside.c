/* outside.c: the way into a runtime for threads that are none of its schedulers: the results of blocking calls,
 * messages from threads of native libraries.
 *
 * What is posted waits in a list, the oldest first, that the next scheduler to stand between two slices empties. The
 * mutex `lock` guards the list and the way to the runtime: that goes when the program ends, the rest when the last one
 * that holds it lets go. What is expected to be posted keeps the schedulers from taking the program for done (park.c);
 * who posts the last thing that was expected says so afterwards.
 */
#include "outside.h"
#include "mem.h"

struct outside {
    pthread_mutex_t lock;
    pthread_mutex_t turn; /* held by the scheduler that carries out: what one thread posts is done in its order */
    runtime *rt;          /* NULL: ended */
    post *first, *last;
    _Atomic uint32_t posted; /* in the list */
    _Atomic uint32_t expected;
    uint32_t holders;
};

bool outside_open(runtime *rt)
{
    outside *o = rt->outside = mem_zalloc(sizeof *o);
    if (!o)
        return false;
    pthread_mutex_init(&o->lock, NULL);
    pthread_mutex_init(&o->turn, NULL);
    o->rt = rt;
    o->holders = 1;
    return true;
}

outside *outside_hold(runtime *rt)
{
    outside *o = rt->outside;
    pthread_mutex_lock(&o->lock);
    o->holders++;
    pthread_mutex_unlock(&o->lock);
    return o;
}

void outside_drop(outside *o)
{
    pthread_mutex_lock(&o->lock);
    bool last = --o->holders == 0;
    pthread_mutex_unlock(&o->lock);
    if (last) {
        pthread_mutex_destroy(&o->lock);
        pthread_mutex_destroy(&o->turn);
        mem_free(o);
    }
}

void outside_close(runtime *rt)
{
    outside *o = rt->outside;
    if (!o)
        return;
    pthread_mutex_lock(&o->lock);
    post *list = o->first;
    o->rt = NULL;
    o->first = NULL;
    pthread_mutex_unlock(&o->lock);
    while (list) {
        post *next = list->next;
        list->drop(list);
        list = next;
    }
    rt->outside = NULL;
    outside_drop(o);
}

void outside_expect(outside *o)
{
    atomic_fetch_add_explicit(&o->expected, 1, memory_order_seq_cst);
}

void outside_unexpect(outside *o)
{
    pthread_mutex_lock(&o->lock);
    bool last = atomic_fetch_sub_explicit(&o->expected, 1, memory_order_seq_cst) == 1;
    if (last && o->rt)
        schedulers_wake(o->rt); /* they may have waited for that alone */
    pthread_mutex_unlock(&o->lock);
}

bool outside_post(outside *o, post *p)
{
    p->next = NULL;
    pthread_mutex_lock(&o->lock);
    bool open = o->rt != NULL;
    if (open) {
        if (o->first)
            o->last->next = p;
        else
            o->first = p;
        o->last = p;
        atomic_fetch_add_explicit(&o->posted, 1, memory_order_seq_cst); /* pairs with park_begin's look */
        schedulers_wake(o->rt);
    }
    pthread_mutex_unlock(&o->lock);
    if (!open)
        p->drop(p);
    return open;
}

/* All that has been posted, the oldest first. */
static post *take_all(outside *o)
{
    pthread_mutex_lock(&o->lock);
    post *list = o->first;
    o->first = NULL;
    atomic_store_explicit(&o->posted, 0, memory_order_seq_cst);
    pthread_mutex_unlock(&o->lock);
    return list;
}

void outside_take(scheduler *s)
{
    outside *o = s->rt->outside;
    if (pthread_mutex_trylock(&o->turn) != 0)
        return;
    for (post *list; (list = take_all(o));) {
        while (list) {
            post *next = list->next;
            list->run(s, list);
            list = next;
        }
    }
    pthread_mutex_unlock(&o->turn);
}

bool outside_any(const runtime *rt)
{
    return atomic_load_explicit(&rt->outside->posted, memory_order_seq_cst) != 0;
}

bool outside_expected(const runtime *rt)
{
    return atomic_load_explicit(&rt->outside->expected, memory_order_seq_cst) != 0;
}
