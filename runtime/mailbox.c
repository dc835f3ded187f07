/* mailbox.c: a process's queue of messages, and what happens when it is full.
 *
 * A message's value lies in its own fragment, so the receiver's collections need not look at what waits; taking the
 * message makes the fragment part of the heap. Nobody waits for room in a mailbox that has room: when it gets some, all
 * who wait are woken, in order, and try again; those who come too late wait again.
 */
#include <math.h>

#include "mem.h"
#include "sched.h"

double mailbox_capacity(const process *p)
{
    return p->relations ? p->relations->capacity : (double)INFINITY;
}

mailbox_policy mailbox_policy_of(const process *p)
{
    return p->relations ? p->relations->policy : MAILBOX_BLOCK;
}

static bool waits_in(const process *p, wait_kind what)
{
    return p->state == PROC_WAITING && p->wait == what;
}

bool mailbox_full(const process *p)
{
    return p->relations && p->mail_count >= p->relations->capacity && !waits_in(p, WAIT_MESSAGE_TIMED);
}

static bool append(process *to, ion_value value, const fragment *f)
{
    message *m = mem_alloc(sizeof *m);
    if (!m)
        return false;
    *m = (message){NULL, value, *f};
    if (to->mail_first)
        to->mail_last->next = m;
    else
        to->mail_first = m;
    to->mail_last = m;
    to->mail_count++;
    return true;
}

bool proc_deliver(process *to, ion_value value, fragment *f)
{
    to->rt->messages++;
    if (waits_in(to, WAIT_MESSAGE_TIMED)) {
        heap_adopt(&to->heap, f);
        timer_cancel(to);
        to->pub.value = value;
        to->pub.ok = 1;
        if (tracing(to))
            trace_value(to, "receive", 0, value);
        proc_wake(to);
        return true;
    }
    if (!append(to, value, f)) {
        fragment_free(f);
        return false;
    }
    if (waits_in(to, WAIT_MESSAGE))
        proc_wake(to);
    return true;
}

bool mailbox_take(process *p, ion_value *value)
{
    message *m = p->mail_first;
    if (!m)
        return false;
    p->mail_first = m->next;
    p->mail_count--;
    *value = m->value;
    heap_adopt(&p->heap, &m->frag);
    mem_free(m);
    if (p->relations && p->mail_count < p->relations->capacity)
        waiting_wake(&p->relations->senders);
    return true;
}

void mailbox_drop(process *p)
{
    message *m = p->mail_first;
    p->mail_first = m->next;
    p->mail_count--;
    fragment_free(&m->frag);
    mem_free(m);
}

void mailbox_free(process *p)
{
    while (p->mail_first)
        mailbox_drop(p);
}

bool mailbox_limit(process *p, double capacity, mailbox_policy policy)
{
    relations *r = relations_of(p);
    if (!r)
        return false;
    r->capacity = capacity;
    r->policy = policy;
    waiting_wake(&r->senders);
    return true;
}
