/* mailbox.c: a process's messages, oldest first, and what happens when there is no room.
 *
 * Only SEND respects the capacity: what links and monitors report always arrives.
 */
#include <math.h>

#include "vm.h"

static letter *spare;

static void append(process *p, value v)
{
    letter *l = spare;
    if (l)
        spare = l->next;
    else
        l = mem_alloc(sizeof *l);
    *l = (letter){.value = v};
    if (p->last)
        p->last->next = l;
    else
        p->first = l;
    p->last = l;
    p->queued++;
}

static bool drop_first(process *p, value *v)
{
    letter *l = p->first;
    if (!l)
        return false;
    *v = l->value;
    p->first = l->next;
    if (!p->first)
        p->last = NULL;
    p->queued--;
    l->next = spare;
    spare = l;
    return true;
}

void mailbox_deliver(process *p, value v)
{
    vm.messages++;
    if (p->state == WAITING && p->wait == WAIT_TIMED) {
        frame *f = p->top;
        const instr *i = &f->code->code[f->pc];
        f->regs[i->reg[0]] = v;
        f->regs[i->reg[2]] = v_boolean(true);
        f->pc++;
        process_wake(p);
        return;
    }
    append(p, v);
    if (p->state == WAITING && p->wait == WAIT_MESSAGE)
        process_wake(p);
}

bool mailbox_take(process *p, value *v)
{
    if (!drop_first(p, v))
        return false;
    if ((double)p->queued < p->capacity)
        waiters_wake(&p->senders);
    return true;
}

/* What is done about a full mailbox; true: the message is to be delivered now. */
static bool make_room(process *from, process *to)
{
    value dropped;
    switch (to->policy) {
    case DROP_NEW: return false;
    case DROP_OLD: drop_first(to, &dropped); return true;
    case END_SENDER: process_crash_message(from, MSG_LIMIT, "mailbox"); return false;
    case BLOCK:
        if (from == to) {
            process_crash_message(from, MSG_LIMIT, "mailbox");
            return false;
        }
        waiters_add(&to->senders, from);
        process_wait(from, WAIT_ROOM);
        return false;
    }
    return false;
}

bool mailbox_send(process *from, uint64_t to_id, value v)
{
    process *to = process_find(to_id);
    if (!to)
        return true;
    bool taken_at_once = to->state == WAITING && to->wait == WAIT_TIMED;
    if (!taken_at_once && (double)to->queued >= to->capacity && !make_room(from, to))
        return from->state == RUNNING;
    uint64_t units;
    value copy = copy_once(v, &units);
    charge_units(from, units);
    mailbox_deliver(to, copy);
    return true;
}

void mailbox_configure(process *p, double capacity, policy when_full)
{
    p->capacity = capacity;
    p->policy = when_full;
    waiters_wake(&p->senders);
}

void mailbox_release(process *p)
{
    value v;
    while (drop_first(p, &v))
        ;
}

const char *policy_name(policy p)
{
    static const char *const names[] = {"block", "drop_new", "drop_old", "end_sender"};
    return names[p];
}
