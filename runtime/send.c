/* send.c: SEND.
 *
 * A SEND that has to wait for room, and one in the middle of a large copy that lets others run, is executed again when
 * it goes on. A copy that has begun lies with the process (struct long_work) until the SEND that finds it there is
 * through.
 */
#include "mem.h"
#include "messages.h"
#include "native.h"
#include "signals.h"

/* Waits for room in a mailbox; ION_UNIT: its process has ended. */
static ion_value wait_room(ion_process *p, ion_frame *fp, uint64_t to)
{
    process *proc = proc_of(p);
    relations *r = relations_of(proc);
    proc_signal *sig = r ? signal_new(SIG_STAND, proc->id, 0) : NULL;
    if (!sig || !bond_add(&r->waits, to, to)) {
        mem_free(sig);
        return proc_no_memory(p, fp);
    }
    proc_wait_begin(proc, WAIT_ROOM);
    if (signal_send(proc->on, to, sig))
        return proc_wait_on(p, fp, WAIT_ROOM);
    bond_remove(&r->waits, r->waits.first);
    proc_wait_begin(proc, WAIT_NONE);
    return ION_UNIT;
}

/* The receiver's mailbox is full. ION_TRUE: the message is to be sent all the same, and pushes out the oldest;
 * ION_UNIT: it is not; ION_LEAVE. */
static ion_value send_full(ion_process *p, ion_frame *fp, process *to)
{
    process *proc = proc_of(p);
    mailbox_policy policy = (mailbox_policy)atomic_load_explicit(&to->mail_policy, memory_order_relaxed);
    if (policy == MAILBOX_DROP_NEW)
        return ION_UNIT;
    if (policy == MAILBOX_DROP_OLD)
        return ION_TRUE;
    if (policy == MAILBOX_END_SENDER || to == proc)
        return proc_limit(p, fp, "mailbox");
    return wait_room(p, fp, to->id);
}

/* ---- large values ---- */

typedef struct sending {
    long_work w;
    copier *copy;    /* NULL: it is through */
    ion_value value; /* what is sent, and in the end its copy */
    fragment frag;
} sending;

static void drop(long_work *w)
{
    sending *s = (sending *)w;
    if (s->copy)
        copy_end(s->copy, &s->frag);
    fragment_free(&s->frag);
    mem_free(s);
}

/* Begins to copy what is sent in steps. NULL when memory is out. */
static sending *sending_begin(ion_process *p, ion_value sent)
{
    sending *s = mem_alloc(sizeof *s);
    copier *c = s ? copy_begin(sent) : NULL;
    if (!c) {
        mem_free(s);
        return NULL;
    }
    *s = (sending){{drop}, c, sent, {0}};
    if (work_keep(p, &s->w))
        return s;
    drop(&s->w);
    return NULL;
}

/* Goes on with a copy that has begun; its end is in s. COPY_MORE: the instruction leaves. */
static copy_state sending_go_on(ion_process *p, ion_frame *fp, sending *s)
{
    copy_state state;
    while ((state = copy_go_on(s->copy, &s->value, native_step(p))) == COPY_MORE) {
        p->reds += COST_SEND;
        if (native_pause(p, fp))
            return COPY_MORE;
        p->reds -= COST_SEND;
    }
    copy_end(s->copy, &s->frag);
    s->copy = NULL;
    return state;
}

/* ---- the instruction ---- */

/* Sends what has been copied. ION_ABSENT: there is no room any more, and it has not been sent; *sent may have moved. */
static ion_value send_copy(ion_process *p, ion_frame *fp, process *target, ion_value *sent, ion_value copy,
                           const fragment *f, bool drop_old)
{
    process *proc = proc_of(p);
    scheduler *on = proc->on;
    proc_signal *m =
        heaps_full(on->rt, 0) && !gc_make_room(p, fp, 0, sent, 1) ? NULL : mail_new(on, f->blocks != NULL);
    if (!m)
        return proc_no_memory(p, fp);
    stress_here(on);
    mail_room_kind room = mail_reserve(target);
    if (ION_UNLIKELY(room == ROOM_NONE) && !drop_old) {
        mail_drop(on, m, f->blocks != NULL);
        return ION_ABSENT;
    }
    proc_charge(p, f->units);
    if (tracing(proc))
        trace_value(proc, "send", target->id, *sent);
    mail_send(on, target, m, copy, f, room == ROOM_COUNTED, drop_old);
    return proc_gone(proc) ? ION_LEAVE : ION_UNIT;
}

/* The same for one whose copy is at hand. */
static ion_value send_large(ion_process *p, ion_frame *fp, process *target, ion_value *sent, sending *s, bool drop_old)
{
    ion_value v = send_copy(p, fp, target, sent, s->value, &s->frag, drop_old);
    if (v == ION_UNIT || (v == ION_LEAVE && proc_gone(proc_of(p))))
        s->frag = (fragment){0};
    if (v != ION_ABSENT)
        work_done(p);
    return v;
}

/* The same for one that is not large, or not known to be: ION_TRUE: it is, and its copy has been begun. */
static ion_value send_small(ion_process *p, ion_frame *fp, process *target, ion_value *sent, bool drop_old)
{
    fragment f = {0};
    ion_value copy = *sent;
    copy_state state = ION_IS_HEAP(copy) ? copy_at_most(&f, *sent, &copy, native_step(p)) : COPY_DONE;
    if (state == COPY_MORE)
        return sending_begin(p, *sent) ? ION_TRUE : proc_no_memory(p, fp);
    if (state == COPY_FAILED)
        return proc_no_memory(p, fp);
    ion_value v = send_copy(p, fp, target, sent, copy, &f, drop_old);
    if (v == ION_ABSENT || (v == ION_LEAVE && !proc_gone(proc_of(p))))
        fragment_free(&f);
    return v;
}

ion_value ion_send(ion_process *p, ion_frame *fp, ion_value to, ion_value sent)
{
    runtime *rt = runtime_of(proc_of(p));
    p->fp = fp;
    for (;;) {
        process *target = proc_of_value(rt, to);
        sending *s = ION_IS_HEAP(sent) ? (sending *)work_of(p) : NULL;
        copy_state state = COPY_DONE;
        if (target && s && s->copy) {
            state = sending_go_on(p, fp, s);
            target = proc_of_value(rt, to); /* slices may have ended: it may be gone, record and all */
        }
        if (state == COPY_MORE)
            return ION_LEAVE;
        ion_value v = !target || state == COPY_FAILED   ? ION_UNIT
                      : ION_UNLIKELY(mail_full(target)) ? send_full(p, fp, target)
                                                        : ION_FALSE;
        if (v != ION_TRUE && v != ION_FALSE) { /* it is not sent */
            if (s && v == ION_UNIT)
                work_done(p);
            return state == COPY_FAILED ? proc_no_memory(p, fp) : v;
        }
        v = s ? send_large(p, fp, target, &sent, s, v == ION_TRUE) : send_small(p, fp, target, &sent, v == ION_TRUE);
        if (v != ION_ABSENT && v != ION_TRUE)
            return v;
    }
}
