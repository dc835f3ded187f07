/* signal.c: what one process does to another: messages, links, kills, monitors, ends.
 *
 * A process is changed by its owner alone. Who wants something from it puts a signal into its inbox, a list without a
 * lock (Treiber, 1986) whose only taker takes all of it at once. A process that stands still, waiting or in a run queue, has
 * no owner: then whoever brought the signal claims it, by changing its state, gives it all that has come, and
 * lets it go. If it is running, its owner looks between two slices, and once more after it has said that it waits; so nothing
 * stays unseen, and whatever is done to a process that stands still is done at once.
 *
 * With a single scheduler everything but the running process stands still: a signal never sees an inbox.
 */
#include "mem.h"
#include "signals.h"

static proc_state state_of(process *p)
{
    return (proc_state)atomic_load_explicit(&p->state, memory_order_seq_cst);
}

static bool waits_for(process *p, wait_kind what)
{
    return atomic_load_explicit(&p->wait, memory_order_relaxed) == what;
}

/* ---- making and freeing ---- */

proc_signal *signal_new(signal_kind kind, uint64_t from, uint64_t ref)
{
    long_signal *l = mem_alloc(sizeof *l);
    if (!l)
        return NULL;
    *l = (long_signal){{NULL, ION_UNDEFINED, kind, false, false, false}, from, ref};
    return &l->s;
}

proc_signal *signal_from_bond(bond *b, signal_kind kind, uint64_t from, uint64_t ref)
{
    long_signal *l = (long_signal *)(void *)b;
    *l = (long_signal){{NULL, ION_UNDEFINED, kind, false, false, false}, from, ref};
    return &l->s;
}

fragment *signal_fragment(proc_signal *sig)
{
    switch (sig->kind) {
    case SIG_COPY: return &((copy_signal *)sig)->frag;
    case SIG_EXIT:
    case SIG_KILL:
    case SIG_DOWN: return sig->value == ION_UNDEFINED ? NULL : &((told_signal *)sig)->frag;
    default: return NULL;
    }
}

void signal_free(proc_signal *sig)
{
    fragment *f = signal_fragment(sig);
    if (f)
        fragment_free(f);
    if (sig->metered)
        heap_count(-MESSAGE_BYTES);
    if (sig->kind == SIG_TIME)
        (void)timer_fired(NULL, sig);
    else if (sig->kind == SIG_MESSAGE)
        record_return(sig);
    else
        mem_free(sig);
}

/* ---- what they do ---- */

/* What a process has begun with. */
static const ion_function *first_function(const process *p)
{
    return frame_function(stack_first(p));
}

static process_facts proc_facts(process *p)
{
    const relations *r = p->relations;
    return (process_facts){
        .fn = first_function(p),
        .state = p == p->on->running ? PROC_RUNNING : p->queued ? PROC_RUNNABLE : PROC_WAITING,
        .priority = p->priority,
        .mailbox = p->mail_count,
        .id = p->id,
        .heap = p->heap.bytes,
        .reductions = p->reductions + slice_spent(p),
        .links = r ? r->links.count : 0,
        .monitors = r ? r->watching.count : 0,
    };
}

static void answer(scheduler *s, proc_signal *sig, process_facts facts)
{
    facts_signal *f = (facts_signal *)sig;
    sig->kind = SIG_ANSWER;
    f->facts = facts;
    (void)signal_send(s, f->l.from, sig);
}

/* Somebody else enters a bond with p. Without memory for it p ends, and says so to that one in ending. */
static bool enter(process *p, const long_signal *l)
{
    relations *r = relations_of(p);
    switch (r ? l->s.kind : SIG_MESSAGE) {
    case SIG_LINK: return bond_find(&r->links, l->from) || bond_add(&r->links, l->from, l->from);
    case SIG_WATCH: return bond_add(&r->watched, l->ref, l->from);
    case SIG_AWAIT: return bond_add(&r->waiters, l->from, l->from);
    case SIG_STAND: return bond_add(&r->senders, l->from, l->from);
    default: return false;
    }
}

static void take_back(process *p, const long_signal *l)
{
    relations *r = p->relations;
    if (!r)
        return;
    bond_list *list = l->s.kind == SIG_UNLINK    ? &r->links
                      : l->s.kind == SIG_UNWATCH ? &r->watched
                      : l->s.kind == SIG_UNAWAIT ? &r->waiters
                                                 : &r->senders;
    bond_remove(list, bond_find(list, l->s.kind == SIG_UNWATCH ? l->ref : l->from));
}

/* Answers a signal that has come too late: its process has ended. */
static void handle_late(process *p, proc_signal *sig)
{
    scheduler *s = p->on;
    uint64_t from;
    switch (sig->kind) {
    case SIG_LINK:
    case SIG_WATCH: end_reply(p, (long_signal *)sig); return;
    case SIG_AWAIT:
    case SIG_STAND:
        from = ((long_signal *)sig)->from;
        sig->kind = sig->kind == SIG_AWAIT ? SIG_OVER : SIG_ROOM;
        ((long_signal *)sig)->from = p->id;
        (void)signal_send(s, from, sig);
        return;
    case SIG_UNLINK:
    case SIG_UNWATCH:
    case SIG_UNAWAIT:
    case SIG_UNSTAND: take_back(p, (long_signal *)sig); break;
    case SIG_ASK: answer(s, sig, (process_facts){.state = PROC_ENDED}); return;
    default: break;
    }
    signal_free(sig);
}

/* What p waits for, by a bond with the process that the signal comes from, has come about. */
static void over(process *p, const long_signal *l, wait_kind what)
{
    if (waits_for(p, what) && bond_find(&p->relations->waits, l->from)) {
        waits_cut(p);
        proc_wake(p);
    }
}

static void take_answer(process *p, proc_signal *sig)
{
    if (!waits_for(p, WAIT_ANSWER)) {
        signal_free(sig);
        return;
    }
    p->relations->answer = (facts_signal *)sig;
    proc_wake(p);
}

static void handle(process *p, proc_signal *sig)
{
    long_signal *l = (long_signal *)sig;
    switch (sig->kind) {
    case SIG_MESSAGE:
    case SIG_COPY: mail_put(p, sig); return;
    case SIG_TIME:
        if (timer_fired(p, sig))
            proc_wake(p);
        return;
    case SIG_INPUT:
        if (waits_for(p, WAIT_INPUT))
            proc_wake(p);
        break;
    case SIG_NATIVE:
        if (waits_for(p, WAIT_NATIVE))
            proc_wake(p);
        break;
    case SIG_EXIT:
    case SIG_KILL:
    case SIG_DOWN: end_signal(p, sig); return;
    case SIG_LINK:
    case SIG_WATCH:
    case SIG_AWAIT:
    case SIG_STAND:
        if (!enter(p, l)) {
            proc_end_memory(p);
            handle_late(p, sig);
            return;
        }
        if (sig->kind == SIG_STAND)
            mail_room(p);
        break;
    case SIG_UNLINK:
    case SIG_UNWATCH:
    case SIG_UNAWAIT:
    case SIG_UNSTAND: take_back(p, l); break;
    case SIG_OVER: over(p, l, WAIT_END); break;
    case SIG_ROOM: over(p, l, WAIT_ROOM); break;
    case SIG_ASK: answer(p->on, sig, proc_facts(p)); return;
    case SIG_ANSWER: take_answer(p, sig); return;
    }
    signal_free(sig);
}

static void handle_any(process *p, proc_signal *sig)
{
    if (proc_gone(p))
        handle_late(p, sig);
    else
        handle(p, sig);
}

/* ---- claims ---- */

bool proc_claim(scheduler *s, process *p)
{
    uint8_t state = atomic_load_explicit(&p->state, memory_order_relaxed);
    while (state == PROC_WAITING || state == PROC_RUNNABLE)
        if (atomic_compare_exchange_weak_explicit(&p->state, &state, PROC_CLAIMED, memory_order_seq_cst,
                                                  memory_order_relaxed)) {
            p->on = s;
            return true;
        }
    return false;
}

void proc_park(scheduler *s, process *p)
{
    while (!waits_for(p, WAIT_NONE)) {
        if (!s->rt->many) {
            atomic_store_explicit(&p->state, PROC_WAITING, memory_order_relaxed);
            return;
        }
        atomic_store_explicit(&p->state, PROC_WAITING, memory_order_seq_cst);
        stress_here(s);
        /* a signal that came before the state could be seen has found nobody to claim */
        if (!atomic_load_explicit(&p->inbox, memory_order_seq_cst) || !proc_claim(s, p))
            return;
        signals_take(p);
        if (proc_gone(p))
            return;
        if (p->queued) { /* others have woken it meanwhile: it stands in a run queue already */
            atomic_store_explicit(&p->state, PROC_RUNNABLE, memory_order_seq_cst);
            return;
        }
    }
    queue_add_next(s, p);
}

void proc_release(scheduler *s, process *p)
{
    if (proc_gone(p))
        return;
    if (p->queued)
        atomic_store_explicit(&p->state, PROC_RUNNABLE, memory_order_seq_cst);
    else
        proc_park(s, p);
}

/* ---- giving ---- */

static void handle_list(process *p, proc_signal *newest)
{
    proc_signal *oldest = NULL;
    while (newest) {
        proc_signal *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        proc_signal *next = oldest->next;
        handle_any(p, oldest);
        oldest = next;
    }
}

void signals_take(process *p)
{
    scheduler *s = p->on;
    bool taking = s->taking;
    s->taking |= p == s->running;
    handle_list(p, atomic_exchange_explicit(&p->inbox, NULL, memory_order_seq_cst));
    ends_tell(s);
    s->taking = taking;
}

void signals_drop(process *p)
{
    proc_signal *sig = atomic_load_explicit(&p->inbox, memory_order_relaxed);
    if (!sig || sig == INBOX_CLOSED)
        return;
    atomic_store_explicit(&p->inbox, INBOX_CLOSED, memory_order_relaxed);
    while (sig) {
        proc_signal *next = sig->next;
        signal_free(sig);
        sig = next;
    }
}

void signals_close(process *p)
{
    if (!runtime_of(p)->many && !signals_any(p)) { /* nobody else looks */
        atomic_store_explicit(&p->inbox, INBOX_CLOSED, memory_order_relaxed);
        return;
    }
    handle_list(p, atomic_exchange_explicit(&p->inbox, INBOX_CLOSED, memory_order_seq_cst));
}

static bool push(process *to, proc_signal *sig)
{
    proc_signal *newest = atomic_load_explicit(&to->inbox, memory_order_acquire); /* a closed one: all that led to it */
    do {
        if (newest == INBOX_CLOSED)
            return false;
        sig->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(&to->inbox, &newest, sig, memory_order_seq_cst,
                                                    memory_order_acquire));
    return true;
}

/* To a process that may be running elsewhere. */
static bool post(scheduler *s, process *to, proc_signal *sig)
{
    bool urgent = sig->kind > SIG_COPY || sig->drop_old; /* not what a process in a run queue will see soon enough */
    if (!push(to, sig)) {
        signal_free(sig);
        return false;
    }
    stress_here(s);
    proc_state state = state_of(to);
    if ((state == PROC_WAITING || (state == PROC_RUNNABLE && (urgent || stress(s, 2)))) && proc_claim(s, to)) {
        stress_here(s);
        signals_take(to);
        stress_here(s);
        proc_release(s, to);
    }
    return true;
}

bool signal_post(scheduler *s, process *to, proc_signal *sig)
{
    if (s->rt->many && (to != s->running || s->taking)) /* to one whose signals are being handled it is one more */
        return post(s, to, sig);
    if (signals_any(to) && !proc_gone(to))
        signals_take(to); /* what came before */
    if (proc_gone(to)) {
        signal_free(sig);
        return false;
    }
    handle(to, sig);
    ends_tell(s);
    return true;
}

bool signal_send(scheduler *s, uint64_t to, proc_signal *sig)
{
    process *p = sig ? proc_find(s->rt, to) : NULL;
    if (p)
        return signal_post(s, p, sig);
    if (sig)
        signal_free(sig);
    return false;
}

int facts_ask(process *p, process *about, process_facts *facts)
{
    scheduler *s = p->on;
    if (about == p || !s->rt->many) {
        *facts = proc_facts(about);
        return 1;
    }
    facts_signal *f = relations_of(p) ? mem_alloc(sizeof *f) : NULL;
    if (!f)
        return -1;
    *f = (facts_signal){.l = {{NULL, ION_UNDEFINED, SIG_ASK, false, false, false}, p->id, 0}};
    proc_wait_begin(p, WAIT_ANSWER);
    if (signal_post(s, about, &f->l.s))
        return 2;
    proc_wait_begin(p, WAIT_NONE);
    return 0;
}
