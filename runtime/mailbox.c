/* mailbox.c: a process's queue of messages, and what happens when it is full.
 *
 * A message's value lies in its own fragment, so the receiver's collections need not look at what waits; taking the
 * message makes the fragment part of the heap. Nobody waits for room in a mailbox that has room: when it gets some, all
 * who wait are woken, in order, and try again; those who come too late wait again.
 *
 * Only a mailbox with a limit is counted from outside: its senders reserve a place before they send, so the limit holds
 * whoever sends. A place that has been reserved is used: nobody need be told that it is free again. `mail_reserved` is the number of messages, in the inbox or further, that are marked as counted; the owner
 * marks those that were sent before there was a limit.
 */
#include "mem.h"
#include "signals.h"

static uint32_t limit_of(process *p)
{
    return atomic_load_explicit(&p->mail_limit, memory_order_relaxed);
}

static mailbox_policy policy_of(process *p)
{
    return (mailbox_policy)atomic_load_explicit(&p->mail_policy, memory_order_relaxed);
}

static uint32_t reserved(process *p)
{
    return atomic_load_explicit(&p->mail_reserved, memory_order_relaxed);
}

static void unreserve(process *to, bool counted)
{
    if (counted)
        atomic_fetch_sub_explicit(&to->mail_reserved, 1, memory_order_relaxed);
}

/* Whether that is too many messages for one more. */
static bool full(process *to, uint32_t limit, uint32_t count)
{
    bool waits = atomic_load_explicit(&to->wait, memory_order_relaxed) == WAIT_MESSAGE_TIMED;
    return count >= limit && !(waits && count == 0); /* to one that waits it is handed over */
}

bool mail_full(process *to)
{
    uint32_t limit = limit_of(to);
    return limit != MAIL_UNLIMITED && full(to, limit, reserved(to));
}

mail_room_kind mail_reserve(process *to)
{
    uint32_t limit = limit_of(to), count = reserved(to);
    if (limit == MAIL_UNLIMITED)
        return ROOM_UNCOUNTED;
    do
        if (full(to, limit, count))
            return ROOM_NONE;
    while (!atomic_compare_exchange_weak_explicit(&to->mail_reserved, &count, count + 1, memory_order_relaxed,
                                                  memory_order_relaxed));
    return ROOM_COUNTED;
}

/* Counts a message that is in a mailbox with a limit and has come uncounted. */
static void mark(process *p, proc_signal *m)
{
    if (m->counted || limit_of(p) == MAIL_UNLIMITED)
        return;
    m->counted = true;
    atomic_fetch_add_explicit(&p->mail_reserved, 1, memory_order_relaxed);
}

proc_signal *mail_new(scheduler *s, bool copied)
{
    return copied ? mem_alloc(sizeof(copy_signal)) : message_new(s);
}

void mail_drop(scheduler *s, proc_signal *m, bool copied)
{
    if (copied)
        mem_free(m);
    else
        message_free(s, m);
}

void mail_send(scheduler *s, process *to, proc_signal *m, ion_value value, const fragment *f, bool counted, bool drop_old)
{
    *m = (proc_signal){NULL, value, f->blocks ? SIG_COPY : SIG_MESSAGE, drop_old, counted, s->rt->memory_limited};
    if (ION_UNLIKELY(m->metered))
        heap_count(MESSAGE_BYTES);
    if (f->blocks) {
        count_add(s, COUNT_COPIED, f->bytes);
        ((copy_signal *)m)->frag = *f;
    }
    count_add(s, COUNT_MESSAGES, 1);
    if (s->rt->many)
        (void)signal_post(s, to, m);
    else /* it stands still, or is the running one; and nothing ends of a message */
        mail_put(to, m);
}

/* Takes the oldest message out of the ring; there is one. */
static proc_signal *shift(process *p)
{
    proc_signal *m = p->mail->next;
    if (m == p->mail)
        p->mail = NULL;
    else
        p->mail->next = m->next;
    p->mail_count--;
    unreserve(p, m->counted);
    return m;
}

/* The message's memory becomes part of the heap. */
static ion_value adopt(process *p, proc_signal *m)
{
    ion_value v = m->value;
    fragment *f = signal_fragment(m);
    if (f)
        heap_adopt(&p->heap, f);
    if (ION_UNLIKELY(m->metered))
        heap_count(-MESSAGE_BYTES);
    if (m->kind == SIG_MESSAGE)
        message_free(p->on, m);
    else
        mem_free(m);
    return v;
}

/* Whether a message pushes out the oldest one if there are too many. One that has a place reserved does, too: those that
 * came while it was under way may have found nothing to push out. */
static bool drops_old(process *p, const proc_signal *m)
{
    return m->drop_old || (m->kind <= SIG_COPY && policy_of(p) == MAILBOX_DROP_OLD);
}

void mail_put(process *p, proc_signal *m)
{
    uint8_t waits = atomic_load_explicit(&p->wait, memory_order_relaxed);
    if (waits == WAIT_MESSAGE_TIMED) {
        unreserve(p, m->counted);
        timer_cancel(p);
        p->pub.value = adopt(p, m);
        p->pub.ok = 1;
        if (tracing(p))
            trace_value(p, "receive", 0, p->pub.value);
        proc_wake(p);
        mail_room(p); /* it had a place reserved, for which others may be waiting by now */
        return;
    }
    mark(p, m);
    if (drops_old(p, m) && p->mail && reserved(p) > limit_of(p))
        signal_free(shift(p));
    m->next = p->mail ? p->mail->next : m;
    if (p->mail)
        p->mail->next = m;
    p->mail = m;
    p->mail_count++;
    if (waits == WAIT_MESSAGE)
        proc_wake(p);
}

void mail_room(process *p)
{
    if (!p->relations || !p->relations->senders.first)
        return;
    /* who has seen the policy before the last is not to wait either */
    if (reserved(p) < limit_of(p) || policy_of(p) != MAILBOX_BLOCK)
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
    return !proc_gone(p);
}

void mail_free(process *p)
{
    while (p->mail)
        signal_free(shift(p));
}

uint32_t mail_most(const runtime *rt)
{
    uint64_t most = rt->set.limit[LIMIT_MAILBOX];
    return most && most < MAIL_UNLIMITED ? (uint32_t)most : MAIL_UNLIMITED;
}

void mail_limit(process *p, uint32_t limit, mailbox_policy policy)
{
    atomic_store_explicit(&p->mail_limit, limit, memory_order_relaxed);
    atomic_store_explicit(&p->mail_policy, (uint8_t)policy, memory_order_relaxed);
    proc_signal *m = p->mail;
    for (uint32_t n = p->mail_count; n; n--, m = m->next)
        mark(p, m);
    if (p->relations)
        waiting_tell(p, &p->relations->senders, SIG_ROOM);
}
