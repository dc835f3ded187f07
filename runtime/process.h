/* process.h: one process: its stack of frames, its heap, its mailbox, and how it ends. Everything a process needs from others
 * goes through the scheduler that runs it (sched.h).
 *
 * A process has one owner at a time: the scheduler that runs it, or one that has claimed it while it stood still in order to give
 * it a signal (signal.c). Only the owner looks at it, save for what is atomic, its id and `on`. */
#ifndef ION_PROCESS_H
#define ION_PROCESS_H
#include <stdatomic.h>

#include "heap.h"

typedef struct runtime runtime;
typedef struct scheduler scheduler;
typedef struct process process;
typedef struct proc_signal proc_signal;

typedef struct segment { /* a piece of a process's stack; frames never move and never straddle */
    struct segment *below;
    char *end;
    char data[];
} segment;

typedef enum proc_state {
    PROC_RUNNABLE, /* in a run queue */
    PROC_RUNNING,
    PROC_WAITING,
    PROC_CLAIMED,  /* stands still while its owner gives it signals */
    PROC_ENDED,    /* its owner tells others of it */
    PROC_LEFT      /* nothing is left but the record: who finds it in a run queue frees it */
} proc_state;

/* What a waiting process waits for: decides who may wake it. WAIT_NONE: it does not wait, or has been woken. */
typedef enum wait_kind { WAIT_NONE, WAIT_MESSAGE, WAIT_MESSAGE_TIMED, WAIT_END, WAIT_ROOM, WAIT_TIMER, WAIT_INPUT, WAIT_ANSWER,
                         WAIT_NATIVE /* a blocking call */ } wait_kind;

/* Why generated code left the C stack; set before ION_LEAVE is returned. */
typedef enum leave { LEAVE_UNWIND, /* C stack low: go on at once */
                     LEAVE_YIELD,  /* to the back of the queue */
                     LEAVE_WAIT,   /* p->wait says for what */
                     LEAVE_COLLECT, /* to be collected, then to the back of the queue */
                     LEAVE_END     /* p->reason and p->how are set */
} leave;

typedef enum end_how { END_RETURN, END_EXIT, END_CRASH, END_KILLED, END_LIMIT } end_how;

typedef enum mailbox_policy { MAILBOX_BLOCK, MAILBOX_DROP_NEW, MAILBOX_DROP_OLD, MAILBOX_END_SENDER } mailbox_policy;

typedef enum priority { PRIORITY_HIGH, PRIORITY_NORMAL, PRIORITY_LOW, PRIORITIES } priority;

#define MAIL_UNLIMITED UINT32_MAX

#define STACK_BASE 9u /* values that a process which waits in its first frame can keep without a segment; at least 8 */

/* A million of these may be alive: what few processes need is in `relations`. */
struct process {
    ion_process pub; /* first: generated code sees a process as this */
    heap heap;
    segment *segment; /* the newest; pub.stack_end is its end. NULL: the stack is in `base` */
    uint64_t id;
    scheduler *on;                 /* its owner, or the last one */
    process *next;                 /* in the run queue; of those that wait for input */
    _Atomic(proc_signal *) inbox;       /* what others have sent, newest first; INBOX_CLOSED once it has ended */
    proc_signal *mail;                  /* its messages: the newest; a ring, the oldest follows. NULL: none */
    struct relations *relations;   /* links, monitors, who waits; NULL while there are none */
    _Atomic uint8_t state;         /* proc_state */
    _Atomic uint8_t wait;          /* wait_kind */
    uint8_t leave;                 /* enum leave */
    uint8_t how;                   /* end_how */
    uint8_t priority;              /* enum priority */
    bool trap_exit;
    bool queued;                   /* in a run queue; one that has ended stays there until it comes up */
    _Atomic bool named;            /* has, or has had, a name */
    uint32_t mail_count;           /* messages in `mail` */
    _Atomic uint32_t mail_limit;   /* MAIL_UNLIMITED: none */
    _Atomic uint32_t mail_reserved; /* mailbox.c */
    uint32_t since;                /* the scheduler's slices when it was put into the run queue, modulo 2^32 */
    uint32_t slice;                /* pub.reds at the start of the slice; 0 outside of slices */
    _Atomic uint8_t mail_policy;   /* enum mailbox_policy */
    bool shrunk;                   /* it has been collected since it ran last: collect.c */
    bool packed : 1;               /* it has one frame, with nothing but the live registers in it: stack_pack */
    bool in_native : 1;            /* native code has called a function of it: it cannot leave the C stack, save to end */
    uint8_t crossings;             /* calls across the end of a segment since the slice began, as far as they count: stack.c */
    uint64_t reductions;           /* spent in earlier slices */
    union {
        struct timer *timer; /* pending; NULL: none */
        process *ending;     /* once ended: the next that is being ended */
    };
    union {
        uint64_t random;
        ion_value reason; /* once ending: what links and monitors see; it lies in the process's heap or is constant */
    };
    char base[ION_FRAME(STACK_BASE)]; /* where its stack begins */
};
_Static_assert(sizeof(struct process) <= 304, "a million processes");

static inline process *proc_of(ion_process *p)
{
    return (process *)(void *)p;
}

/* Has a process's record come into the cache while something else is done: of a million of them it is not there. NULL is fine. */
static inline void proc_bring(const process *p)
{
    enum { CACHE_LINE = 64 };
    for (size_t at = 0; at < sizeof *p; at += CACHE_LINE)
        __builtin_prefetch((const char *)p + at, 1);
}

/* ---- ending (process.c): each sets how the running process ends and returns ION_LEAVE ---- */

/* All three give back what the frame's point had charged ahead. */
/* A crash; the format's text follows "process N crashed: " in the report and is the reason (a string). */
ion_value proc_crash(ion_process *p, ion_frame *fp, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Exit(v). */
ion_value proc_exit(ion_process *p, ion_frame *fp, ion_value reason);
/* The limit `name` is reached: "limit:NAME". NULL: memory asked for was not to be had; gc_make_room or the stack knows why. */
ion_value proc_limit(ion_process *p, ion_frame *fp, const char *name);
#define proc_no_memory(p, fp) proc_limit((p), (fp), NULL)
/* What instructions themselves cost. It has been charged when one begins, and is again when it is executed again. */
enum {
#define ION_OP(code, NAME, operands, cost, results) COST_##NAME = cost,
#include "ion/opcodes.def"
#undef ION_OP
};
/* Waits: sets p->fp and p->wait and returns ION_LEAVE. A library function that waits is entered again (ION_RESUMED)
 * when it is woken; generated code at fp->at. */
ion_value proc_wait(ion_process *p, ion_frame *fp, wait_kind what);
/* The same in two steps, for waits that others have to be told of: what comes in between ends the wait, too. A wait that has
 * begun and comes to nothing is taken back with WAIT_NONE. */
void proc_wait_begin(process *p, wait_kind what);
ion_value proc_wait_on(ion_process *p, ion_frame *fp, wait_kind what);

/* ---- work that depends on sizes ---- */
static inline void proc_charge(ion_process *p, uint64_t units)
{
    p->reds -= (int64_t)(units >> 8);
}

/* ---- collection (process.c) ---- */

/* gc_reserve where there is no room, or it has to be looked into: `bytes` is a multiple of 8. */
bool gc_make_room(ion_process *p, ion_frame *fp, size_t bytes, ion_value *roots, uint32_t n) __attribute__((warn_unused_result));
/* Makes sure that `bytes` (any number) can be taken with heap_take(&proc->heap, round8(…)), collecting if need be. Roots besides the
 * stack, the mailbox and p->value: roots[0..n). False when memory is out. Runtime functions hold no pointer into the
 * heap across it, save through roots. fp is the innermost frame. */
__attribute__((warn_unused_result)) static inline bool gc_reserve(ion_process *p, ion_frame *fp, size_t bytes,
                                                                  ion_value *roots, uint32_t n)
{
    bytes = round8(bytes);
    return heap_has(&proc_of(p)->heap, bytes) || gc_make_room(p, fp, bytes, roots, n);
}

/* Collects the heap of a process that stands still at p->fp, with room for `need` bytes and more roots. False when memory is
 * out. */
bool proc_collect(process *p, size_t need, ion_value *roots, uint32_t n);
/* gc_reserve for a long string, and leave to make its text of len bytes with *spare behind it, which may become less. */
bool gc_reserve_text(ion_process *p, ion_frame *fp, size_t len, size_t *spare, ion_value *roots, uint32_t n)
    __attribute__((warn_unused_result));

/* ---- stack.c ---- */

/* First frame of a new process: room for argc arguments, in the slots of the frame returned; NULL when memory is out. */
ion_frame *stack_start(process *p, const ion_function *fn, uint32_t argc);
void stack_free(process *p);
/* p has left the C stack and waits: gives up the room that its frame needs only while it runs, if it has no more than one. */
void stack_pack(process *p);
/* The frame that it began with. */
const ion_frame *stack_first(const process *p);
/* Bytes of all segments. */
size_t stack_bytes(const process *p);
/* Notes how deep a stack is whose newest frame is `top`, in its scheduler. */
void stack_note(process *p, const ion_frame *top);
void stack_trim(scheduler *s); /* gives back what is kept of stacks that are gone */
/* Notes how far the C stack may be used; called by the thread that will run processes, from its outermost function. */
void stack_bound(scheduler *s);
/* Where a frame of `bytes` can stand: `at`, the end of the newest frame `top`, or the start of a new segment. NULL when memory is out or a limit reached. */
ion_frame *stack_room(process *p, const ion_frame *top, ion_frame *at, size_t bytes);
/* Enters the function of a frame that is complete up to its arguments; gives its result or ION_LEAVE, and takes a segment that
 * begins with the frame away when it returns. */
ion_value stack_enter(process *p, ion_frame *fp, ion_u32 argc);
/* Between two slices of a process that goes on at once: whether it had better leave with LEAVE_UNWIND and p->argc ==
 * ION_RESUMED, so that its stack can be made wider. */
bool stack_narrow(process *p);
/* Runs p until it leaves or its first frame returns (true: *result is its result). */
bool stack_run(process *p, ion_value *result);
/* Calls a function value from C code that has been called at frame fp, of a library function. Meanwhile slices that end begin
 * anew, a wait is a crash, and a kill waits. False: the process has decided to end; C is to return soon. */
bool stack_nested(process *p, ion_frame *fp, ion_value callee, ion_value *args, uint32_t argc, ion_value *result)
    __attribute__((warn_unused_result));
void stack_roots(process *p, gc *g);
/* Frames from the innermost out, for traces: calls f with a description of each. */
typedef struct place {
    const ion_function *fn;
    const char *name; /* the function's; "-" where it has none */
    uint32_t pc;
    const char *text;
} place;
place frame_place(const ion_frame *fp); /* of its caller, where it is frame_nameless */
/* What an instruction is in the middle of where it takes long has a frame of its own; no trace shows it. */
#define ION_NAMELESS ""
static inline bool frame_nameless(const ion_frame *fp)
{
    return !fp->fn->class_ && !*fp->fn->name;
}
/* The function whose frame it is, whichever of its bodies runs there. */
static inline const ion_function *frame_function(const ion_frame *fp)
{
    return fp->fn->plain ? fp->fn->plain : fp->fn;
}

/* ---- call.c: functions that call functions ---- */

/* Calls a function value from inside a runtime function that was itself called at the point fp->at of frame fp, with `this` = self (undefined: none). Returns its
 * result, or ION_LEAVE: then its result arrives at the point fp->at (generated code), or the library function is resumed with
 * it in p->value. The arguments are copied; the callee may collect: nothing else is rooted. Charges ahead of the point are given back meanwhile. */
ion_value call_value(ion_process *p, ion_frame *fp, ion_value callee, ion_value self, const ion_value *args, uint32_t argc);
/* The function inside a closure or bound method. */
const ion_function *callee_function(ion_value callee);
/* Closures and bound methods: works out the function, `this` and the arguments to put before the given ones. Returns how many values it wrote to
 * (or, with out == NULL, would write to) `out`. */
uint32_t call_unfold(ion_value callee, const ion_function **fn, ion_value *self, ion_value *out);
#endif
