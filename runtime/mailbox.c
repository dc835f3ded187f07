/* mailbox.c: a process's queue of messages, and what happens when it is full.
 *
 * A message's value lies in its own fragment, so the receiver's collections need not look at what waits; taking the
 * message makes the fragment part of the heap. The count of messages includes those still in the inbox: a sender adds to
 * it before it sends, so a limit holds whoever sends. Nobody waits for room in a mailbox that has room: when it gets some, all
 * who wait are woken, in order, and try again; those who come too late wait again.
 */
#include "mem.h"
#include "sched.h"

static void count_change(const runtime *rt, process *p, int32_t by)
{
    if (rt->many) {
        atomic_fetch_add_explicit(&p->mail_count, (uint32_t)by, memory_order_relaxed);
    } else {
        uint32_t now = atomic_load_explicit(&p->mail_count, memory_order_relaxed);
        atomic_store_explicit(&p->mail_count, now + (uint32_t)by, memory_order_relaxed);
    }
}

static uint32_t limit_of(process *p)
{
    return atomic_load_explicit(&p->mail_limit, memory_order_relaxed);
}

static uint32_t count_of(process *p)
{
    return atomic_load_explicit(&p->mail_count, memory_order_relaxed);
}

bool mail_reserve(const runtime *rt, process *to)
{
    uint32_t limit = limit_of(to), count = count_of(to);
    if (limit == MAIL_UNLIMITED) {
        count_change(rt, to, 1);
        return true;
    }
    do {
        bool waits = atomic_load_explicit(&to->wait, memory_order_relaxed) == WAIT_MESSAGE_TIMED;
        if (count >= limit && !(waits && count == 0)) /* to one that waits it is handed over */
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&to->mail_count, &count, count + 1, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

bool mail_send(scheduler *s, process *to, ion_value value, fragment *f, bool drop_old)
{
    proc_signal *m = mem_alloc(f->blocks ? sizeof(copy_signal) : sizeof *m);
    if (!m) {
        count_change(s->rt, to, -1);
        fragment_free(f);
        return false;
    }
    *m = (proc_signal){NULL, value, f->blocks ? SIG_COPY : SIG_MESSAGE, drop_old};
    if (f->blocks)
        ((copy_signal *)m)->frag = *f;
    count_add(s, COUNT_MESSAGES, 1);
    (void)signal_post(s, to, m);
    return true;
}

/* Takes the oldest message out of the ring; there is one. */
static proc_signal *shift(process *p)
{
    proc_signal *m = p->mail->next;
    if (m == p->mail)
        p->mail = NULL;
    else
        p->mail->next = m->next;
    count_change(p->on->rt, p, -1);
    return m;
}

/* The message's memory becomes part of the heap. */
static ion_value adopt(process *p, proc_signal *m)
{
    ion_value v = m->value;
    fragment *f = signal_fragment(m);
    if (f)
        heap_adopt(&p->heap, f);
    mem_free(m);
    return v;
}

void mail_put(process *p, proc_signal *m)
{
    if (atomic_load_explicit(&p->wait, memory_order_relaxed) == WAIT_MESSAGE_TIMED) {
        count_change(p->on->rt, p, -1);
        timer_cancel(p);
        p->pub.value = adopt(p, m);
        p->pub.ok = 1;
        if (tracing(p))
            trace_value(p, "receive", 0, p->pub.value);
        proc_wake(p);
        return;
    }
    if (m->drop_old && p->mail && count_of(p) > limit_of(p))
        signal_free(shift(p));
    m->next = p->mail ? p->mail->next : m;
    if (p->mail)
        p->mail->next = m;
    p->mail = m;
    if (atomic_load_explicit(&p->wait, memory_order_relaxed) == WAIT_MESSAGE)
        proc_wake(p);
}

void mail_note(const runtime *rt, process *p)
{
    count_change(rt, p, 1);
}

void mail_unnote(const runtime *rt, process *p)
{
    count_change(rt, p, -1);
}

void mail_room(process *p)
{
    if (p->relations && p->relations->senders.first && count_of(p) < limit_of(p))
        waiting_tell(p, &p->relations->senders, SIG_ROOM);
}

bool mail_take(process *p, ion_value *value)
{
    if (!p->mail && signals_any(p))
        signals_take(p);
    if (!p->mail || proc_gone(p))
        return false;
    *value = adopt(p, shift(p));
    mail_room(p);
    return true;
}

void mail_free(process *p)
{
    while (p->mail)
        signal_free(shift(p));
}

void mail_limit(process *p, uint32_t limit, mailbox_policy policy)
{
    atomic_store_explicit(&p->mail_limit, limit, memory_order_relaxed);
    atomic_store_explicit(&p->mail_policy, (uint8_t)policy, memory_order_relaxed);
    if (p->relations)
        waiting_tell(p, &p->relations->senders, SIG_ROOM);
}
