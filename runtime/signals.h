/* signals.h: what processes do to each other: signals, mailboxes, links and monitors, ends; one section a file. */
#ifndef ION_SIGNALS_H
#define ION_SIGNALS_H

#include "sched.h"

/* ---- signal.c: what one process does to another ---- */

/* Each changes something in the process that it comes to, as its owner sees it next. `from` is the id of a process. */
typedef enum signal_kind {
    SIG_MESSAGE, /* value */
    SIG_COPY,    /* the same with a fragment */
    SIG_TIME,    /* its timer, which the signal is a part of */
    SIG_INPUT,   /* there is input */
    SIG_NATIVE,  /* its blocking call has returned */
    /* struct told_signal; a struct long_signal without a value if there was no memory for that */
    SIG_EXIT,    /* from, which is linked to it, has ended; value: `(exit, from, reason)` */
    SIG_KILL,    /* from kills it; the same value */
    SIG_DOWN,    /* from, which it monitors by ref, has ended; value: `(down, from, reason)` */
    /* struct long_signal */
    SIG_LINK,    /* from is linked to it; and not any more */
    SIG_UNLINK,
    SIG_WATCH,   /* from monitors it by the number ref; and not any more */
    SIG_UNWATCH,
    SIG_AWAIT,   /* from waits for its end; and not any more */
    SIG_UNAWAIT,
    SIG_OVER,    /* from, whose end it may wait for, has ended */
    SIG_STAND,   /* from waits for room in its mailbox; and not any more */
    SIG_UNSTAND,
    SIG_ROOM,    /* there is room in the mailbox of from */
    /* struct facts_signal */
    SIG_ASK,     /* from wants to know about it; the same signal comes back as the answer */
    SIG_ANSWER
} signal_kind;

struct proc_signal {
    proc_signal *next;
    ion_value value;
    signal_kind kind;
    bool drop_old; /* a message that pushes out the oldest one if there is no room */
    bool counted;  /* a message that is counted in the receiver's mail_reserved */
    bool metered;  /* one whose memory counts for the heaps, MESSAGE_BYTES */
};

typedef struct copy_signal { /* SIG_COPY */
    proc_signal s;
    fragment frag;
} copy_signal;

typedef struct long_signal {
    proc_signal s;
    uint64_t from, ref;
} long_signal;

typedef struct told_signal {
    long_signal l; /* value ION_UNDEFINED: memory was out, and this is a long_signal */
    fragment frag;
} told_signal;

#define MESSAGE_BYTES sizeof(copy_signal) /* about */
#define INBOX_CLOSED ((proc_signal *)-1)

struct bond;

/* What ProcessInfo tells. */
typedef struct process_facts {
    const ion_function *fn; /* that it began with */
    proc_state state;       /* PROC_ENDED: it has ended meanwhile, and there is nothing else to know */
    uint8_t priority;
    uint32_t mailbox;
    uint64_t id, heap, reductions, links, monitors;
} process_facts;

typedef struct facts_signal {
    long_signal l;
    process_facts facts;
} facts_signal;

/* A signal of the long kind. NULL when memory is out. */
proc_signal *signal_new(signal_kind kind, uint64_t from, uint64_t ref);
/* The same in the memory of a bond that is no more. */
proc_signal *signal_from_bond(struct bond *b, signal_kind kind, uint64_t from, uint64_t ref);
/* Frees a signal that nobody gets, or that has done what it does. */
void signal_free(proc_signal *sig);
/* Gives a signal to `to`, now if that stands still and otherwise when its owner looks: between slices, and before it waits.
 * Takes the signal. False: the process has ended. What it does is done, ends of others included, when it returns; the running process may have
 * ended (proc_gone). */
bool signal_post(scheduler *s, process *to, proc_signal *sig);
/* The same by id, for a signal that may come too late. `sig` NULL, as memory is out: nothing is sent, and false given. */
bool signal_send(scheduler *s, uint64_t to, proc_signal *sig);
/* Frees what a process that will never run again has in its inbox. */
void signals_drop(process *p);
/* Gives p, which the caller owns, what its inbox has. p may end of it. */
void signals_take(process *p);
/* p, which the caller owns, has ended: nothing more is put into its inbox, and those that need to hear of that do. */
void signals_close(process *p);
/* The memory of a message; NULL: it needs none. */
fragment *signal_fragment(proc_signal *sig);
/* Asks about a process: 1 with *facts; 0: it has ended; -1: memory is out; 2: it runs elsewhere, the answer will be relations->answer, and the running process
 * has to wait for it (WAIT_ANSWER). */
int facts_ask(process *p, process *about, process_facts *facts);
/* p has left the C stack and waits: gives it up, once it is sure that nothing has come meanwhile. */
void proc_park(scheduler *s, process *p);
/* Makes a process that stands still the caller's; false: it does not. And the other way round, once its signals have been
 * taken; it may have ended of them. */
bool proc_claim(scheduler *s, process *p);
void proc_release(scheduler *s, process *p);
/* Whether there is something in the inbox. */
static inline bool signals_any(process *p)
{
    return atomic_load_explicit(&p->inbox, memory_order_relaxed) != NULL;
}

/* ---- magazine.c: the memory of messages without a fragment ---- */

proc_signal *message_new(scheduler *s); /* NULL when memory is out */
void message_free(scheduler *s, proc_signal *m);
void magazines_close(runtime *rt); /* frees all; the schedulers have stopped */

/* ---- mailbox.c ---- */

/* Memory for a message, with a fragment or without; NULL when it is out. And back. */
proc_signal *mail_new(scheduler *s, bool copied);
void mail_drop(scheduler *s, proc_signal *message, bool copied);
/* Sends a copied value in such a message: takes that, the fragment, and the reserved place. counted, drop_old: see struct
 * proc_signal. */
void mail_send(scheduler *s, process *to, proc_signal *message, ion_value value, const fragment *f, bool counted, bool drop_old);
/* A message has come to p, which the caller owns: puts it into the mailbox, or into the registers of one that waits in RECEIVE_WITH_TIMEOUT, and wakes
 * it. Takes the signal. */
void mail_put(process *p, proc_signal *message);
/* Takes the oldest message; its memory becomes part of p's heap. False: there is none. p may end of what its inbox has. */
bool mail_take(process *p, ion_value *value);
/* Wakes those that wait for room, if there is some. */
void mail_room(process *p);
/* Whether there is no room for a message at the moment. */
bool mail_full(process *to);
/* Takes a place for a message, if the mailbox has a limit: after that it has to be sent. */
typedef enum mail_room_kind { ROOM_NONE, ROOM_COUNTED, ROOM_UNCOUNTED } mail_room_kind;
mail_room_kind mail_reserve(process *to);
void mail_free(process *p);
/* The most messages that a mailbox may be set to hold; how it begins. */
uint32_t mail_most(const runtime *rt);
/* Sets both, and wakes who waits for room. */
void mail_limit(process *p, uint32_t limit, mailbox_policy policy);

/* ---- relation.c: what a process knows of others: the ids of those that it is linked to, watches, waits for ... ---- */

typedef struct bond {
    struct bond *prev, *next; /* in the order they were made */
    struct bond *chain;       /* in the index */
    uint64_t key, id;         /* a monitor's number, else the id again */
} bond;

typedef struct bond_list { /* all zero: an empty one */
    bond *first, *last;
    bond **index;          /* buckets, a power of 2 of them; NULL while there are few bonds */
    uint32_t count, mask;
} bond_list;

typedef struct relations {
    bond_list links;
    bond_list watching; /* monitors, by number */
    bond_list watched;  /* the same seen from the other side */
    bond_list waits;    /* those whose end (WAIT_END) or mailbox (WAIT_ROOM) it waits for */
    bond_list waiters;  /* that wait for its end */
    bond_list senders;  /* that wait for room in its mailbox */
    facts_signal *answer; /* to its question; NULL: none yet */
    struct post *native; /* the blocking call that it waits for; blocking.c. `drop`: it does not any more */
    uint64_t printed;     /* bytes, where there is a limit */
    long_work *work;           /* of the call that it is in the middle of; NULL: none, or all of it is in the frame */
} relations;

/* A process's relations, made if need be; NULL when memory is out. */
relations *relations_of(process *p);
static inline bool work_pending(const process *p)
{
    return p->relations && p->relations->work;
}
/* False when memory is out. */
bool bond_add(bond_list *list, uint64_t key, uint64_t id);
bond *bond_find(const bond_list *list, uint64_t key);
void bond_remove(bond_list *list, bond *b); /* NULL is fine */
/* Takes one out and leaves its memory to the caller. */
bond *bond_take(bond_list *list, bond *b);
/* p no longer waits for anybody's end or room, and they need not know of it. */
void waits_cut(process *p);
/* Tells all that wait in the list, in the order they began to, with signals of that kind. */
void waiting_tell(process *p, bond_list *list, signal_kind kind);
void relations_free(process *p);

/* ---- ending.c: what an end does to others ---- */

/* Ends a process that has left the C stack: how and reason are set. Its result is in pub.value if it returned. It is freed. */
void proc_end(process *p);
/* Ends a process that the caller owns for want of memory. Others are told by ends_tell. */
void proc_end_memory(process *p);
/* The same for a limit, with all that comes of it; no process is running, and p is taken over. */
void proc_end_limit(scheduler *s, process *p, const char *name);
/* Tells others of the ends that have come about, and of those that come of it. */
void ends_tell(scheduler *s);
/* A signal SIG_EXIT, SIG_KILL or SIG_DOWN comes to p, which the caller owns: p may end of it; others are told by ends_tell. Takes the signal. */
void end_signal(process *p, proc_signal *sig);
/* A signal SIG_LINK or SIG_WATCH has come to p, which has ended: its sender hears of the end. Takes the signal. */
void end_reply(process *p, long_signal *sig);
/* Kills another process, or the caller; see signal_post. False when memory is out. */
bool proc_kill(scheduler *s, process *to, uint64_t from, ion_value reason);
/* Tells the running process that the process it asked about has ended with reason noproc: by SIG_EXIT or SIG_DOWN. */
bool proc_missing(process *p, signal_kind kind, uint64_t ref, uint64_t from);
/* `Link` of the running process with another one: true, or false if that is gone; then the caller hears of it as of an end, and may itself end
 * of it (ION_LEAVE). */
ion_value proc_link(ion_process *p, ion_frame *fp, uint64_t id);
/* Whether the running process has been ended by what it did: its runtime function must return ION_LEAVE at once. */
static inline bool proc_gone(const process *p)
{
    return atomic_load_explicit(&p->state, memory_order_seq_cst) >= PROC_ENDED;
}
#endif
