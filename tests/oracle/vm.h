/* vm.h: the running program: processes, frames, calls, the scheduler.
 *
 * One process runs at a time, one instruction at a time. A process is a stack of frames, innermost first. A frame is a
 * bytecode function at an instruction (`pc`: the one being executed, also while its callee runs) or a library function
 * at a step. Whatever ends a process leaves its `state` at ENDED and its frames gone: code that may have caused it
 * looks at the state before it goes on.
 */
#ifndef ORACLE_VM_H
#define ORACLE_VM_H

#include "code.h"
#include "object.h"
#include "value.h"

/* What becomes of a frame's result in the frame below. */
typedef enum ret { RET_STORE, RET_TRUTH, RET_NOT_TRUTH, RET_DISCARD, RET_LIBRARY } ret;

typedef struct scope {
    struct scope *next;
    name *scope, *name;
    value value;
} scope;

typedef struct frame {
    struct frame *up;     /* who called */
    const function *code; /* NULL: a library function */
    uint32_t pc;
    object *self; /* what the running function is bound to, or NULL */
    scope *scopes;
    ret ret;
    uint32_t dst;
    /* library functions */
    int library;
    name *library_name;
    int step;     /* how far it has come; 0 at first */
    bool called;  /* has called back */
    value result; /* of the function called back */
    void *data;   /* its own */
    uint32_t n;   /* registers, or arguments */
    value regs[];
} frame;

typedef struct letter {
    struct letter *next;
    value value;
} letter;

typedef enum state { READY, RUNNING, WAITING, ENDED } state;
typedef enum wait { WAIT_MESSAGE, WAIT_TIMED, WAIT_END, WAIT_ROOM, WAIT_SLEEP } wait;
typedef enum policy { BLOCK, DROP_NEW, DROP_OLD, END_SENDER } policy;
enum { HIGH, NORMAL, LOW, PRIORITIES };

/* A process that waits, as it was then: outdated once its epoch has moved on. */
typedef struct waiter {
    uint64_t process, epoch;
} waiter;
typedef struct waiters {
    waiter *items;
    size_t n, cap;
} waiters;

typedef struct monitor {
    uint64_t ref, process; /* the one watched, or the one watching */
} monitor;
typedef struct monitors {
    monitor *items;
    size_t n, cap;
} monitors;

typedef struct process {
    struct process *next_spare;
    uint64_t id;
    state state;
    wait wait;
    uint64_t epoch; /* counts wake-ups */
    frame *top;
    size_t depth;
    const callable *function; /* what it was started with */
    int64_t budget;           /* what is left of the slice */
    bool yields;
    uint64_t reductions;
    uint64_t random;
    int priority;
    bool traps;
    letter *first, *last;
    size_t queued;
    double capacity; /* of the mailbox; infinite by default */
    policy policy;
    waiters enders;  /* LINK and SELECT that wait for its end */
    waiters senders; /* SENDs that wait for room in its mailbox */
    uint64_t *links; /* ids, in the order made */
    size_t links_n, links_cap;
    monitors watchers, watching;
    name **names; /* it was registered under */
    size_t names_n, names_cap;
} process;

/* One for each id given out. */
typedef struct slot {
    process *process; /* NULL: ended */
    bool kept;
    value result;
    uint64_t bytes;
} slot;

typedef struct vm_state {
    program program;
    value args; /* an array of strings */
    int64_t timeslice;
    uint64_t seed;
    slot *slots; /* by id; slot 0 is nobody */
    uint64_t next_id, slots_cap;
    uint64_t alive;
    uint64_t passes, messages, reductions;
    uint64_t clock; /* nanoseconds */
    uint64_t next_ref;
    uint64_t keep_count, keep_bytes;
    map names;       /* registered: name to process */
    int exit_status; /* what the main process ended with; -1 while it lives */
    bool main_returned;
    value main_result;
} vm_state;
extern vm_state vm;

/* ---- frame.c ------------------------------------------------------------------------------------------------------
 */

/* Pushes a frame for a function: captured values, then the arguments. `self` (may be NULL) is what it is bound to
 * unless it is bound already. */
void frame_call(process *p, const callable *f, object *self, const value *args, size_t n, ret r, uint32_t dst);
/* The innermost frame is done and gives v to the one below; the last one ends the process. */
void frame_return(process *p, value v);
void frames_release(process *p);
/* A process from the end of its frames: `  at …` lines. */
void frames_trace(const process *p);
/* What a deadlocked process waits at, one line. */
void frame_where(const process *p);
/* `Class` and `function` of a frame, as they stand in reports. */
const char *function_label(const function *f);

/* ---- process.c ----------------------------------------------------------------------------------------------------
 */

/* Starts a process; function and arguments are already its own. Returns its id. */
uint64_t process_start(const callable *f, const value *args, size_t n);
/* The process of this id, or NULL if it has ended or never was. */
process *process_find(uint64_t id);
/* It returned from its first frame. */
void process_returned(process *p, value result);
/* Ends with a report; `text` is the reason and what links and monitors see. */
void process_crash(process *p, const char *text);
void process_crash_message(process *p, enum message m, ...);
/* `Exit(v)`. */
void process_exit(process *p, value reason);
/* Ends it as killed, from outside or by itself. */
void process_kill(process *p, value reason);
/* `Kill(p, reason)` by process `by`: a process that traps gets a message instead, unless the reason is `kill`. */
void process_signal(process *p, uint64_t by, value reason);
/* `Link`: false if the other side is gone. May end p. */
bool process_link(process *p, uint64_t other);
void process_unlink(process *p, process *other);
uint64_t process_monitor(process *p, uint64_t other);
bool process_demonitor(process *p, uint64_t ref);
bool process_register(name *a, uint64_t id);
value process_whereis(name *a);

/* ---- mailbox.c ----------------------------------------------------------------------------------------------------
 */

/* Hands a message over; it is the receiver's own already. A full mailbox takes it all the same. */
void mailbox_deliver(process *p, value v);
/* Takes the oldest message; false if there is none. */
bool mailbox_take(process *p, value *v);
/* SEND: false if the sender has to wait or has ended. */
bool mailbox_send(process *from, uint64_t to, value v);
void mailbox_configure(process *p, double capacity, policy when_full);
void mailbox_release(process *p);
/* The text of a policy. */
const char *policy_name(policy p);

/* ---- sched.c ------------------------------------------------------------------------------------------------------
 */

/* Counts reductions, in the slice, the totals and the clock. */
void charge(process *p, uint64_t reductions);
/* One reduction for each full 256 units. */
void charge_units(process *p, uint64_t units);
void sched_enqueue(process *p);
/* The process waits; whoever wakes it calls process_wake. */
void process_wait(process *p, wait w);
void process_wake(process *p);
/* Wakes a waiting process after so many milliseconds (not NaN, above 0), unless something else has. */
void timer_set(process *p, double ms);
void waiters_add(waiters *w, const process *p);
/* Wakes all that still wait, in order, and empties the list. */
void waiters_wake(waiters *w);
/* Runs the program until no process can ever run again. */
void sched_run(void);
void sched_release(void);

/* ---- interp.c -----------------------------------------------------------------------------------------------------
 */

/* Executes the instruction that the innermost frame is at, or returns unit at the end of its code. */
void execute(process *p);

/* ---- operator.c ---------------------------------------------------------------------------------------------------
 */

/* Instructions that may call a magic method: they go on by themselves when it returns. */
void op_arithmetic(process *p, const instr *i);
void op_equality(process *p, const instr *i);
void op_order(process *p, const instr *i);
void op_not(process *p, const instr *i);
void op_get_prop(process *p, const instr *i);
void op_set_prop(process *p, instr *i);

#endif
