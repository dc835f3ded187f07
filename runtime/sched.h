/* sched.h: the runtime: processes by id, run queues, timers, results, and what processes do to each other. */
#ifndef ION_SCHED_H
#define ION_SCHED_H
#include "process.h"

/* Settings from the environment (ION_…) or the command line. */
typedef struct settings {
    uint32_t timeslice;    /* ION_TIMESLICE */
    bool exact, trace, print_result;
    bool virtual_time;     /* implied by exact; ION_VIRTUAL_TIME=1 */
    uint64_t seed;         /* ION_SEED; 1 with virtual time, else the system's choice */
    bool seed_given;
    uint64_t result_count; /* ION_RESULTS=COUNT,BYTES */
    uint64_t result_bytes;
    bool reductions;       /* ION_REDUCTIONS=1: print the total on standard error at the end */
    /* for tests; ION_STRESS_SLICE=N is another name of ION_TIMESLICE */
    bool stress_gc;        /* ION_STRESS_GC=1: collect at every allocation */
    uint64_t shuffle;      /* ION_STRESS_SHUFFLE=SEED: the next process to run is drawn at random; 0: off */
    uint64_t fail_at;      /* ION_STRESS_FAIL=N: the Nth allocation fails */
} settings;

/* How the main process ended. */
typedef struct main_end {
    bool yes; /* it has */
    bool well; /* by returning or Exit('normal') */
    bool returned;
    ion_value result; /* kept only for --print-result */
    fragment frag;
} main_end;

struct runtime {
    settings set;
    const ion_program *program;
    uint64_t alive;      /* processes not ended */
    uint64_t next_id;
    uint64_t passes;     /* slices given */
    uint64_t reductions; /* spent by all, up to the running slice's start */
    uint64_t collections, messages;
    process *running;
    process *ending;     /* processes that have ended and whose links and monitors do not know yet; innermost first */
    int64_t clock;       /* virtual time in ns, set forward when all wait; else the system's time at the start */
    char *c_stack_limit; /* the C stack is low below this address */
    int argc;
    char **argv;         /* the program's arguments */
    struct process_table *table;
    struct run_queue *queues;
    struct timer_heap *timers;
    struct result_store *results;
    struct name_table *names;
    struct io *io;
    uint64_t next_monitor;
    struct sites *sites; /* instructions that have warned */
    main_end main;
};

/* ---- settings.c ---- */

/* Fills in defaults, then the program's, then the environment's; false with a line on stderr for a bad value. */
bool settings_read(settings *s, const ion_program *program);

/* ---- sched.c ---- */

/* Loads a program and runs it to its end; returns the exit status. */
int runtime_run(const ion_program *program, const settings *s, int argc, char **argv);

void proc_wake(process *p); /* to the back of its queue; it was waiting, or is new */
/* Makes a process that has ended while it stood in a run queue count as absent; it is freed when it comes up. */
void sched_forget(process *p);
/* Puts a process among those that wait for input, or takes it from there. */
void sched_input_add(process *p);
void sched_input_remove(process *p);
/* Reductions of the running slice so far; 0 when p is not running. */
uint64_t slice_spent(const process *p);

/* ---- process.c ---- */

/* A new process that will call `callee` (already known to be a function) with argc arguments, all copied together; it is queued. Its id, or 0
 * when memory is out. *units: values copied. */
uint64_t proc_spawn(runtime *rt, ion_value callee, const ion_value *args, uint32_t argc, uint64_t *units);
/* Frees all that a process holds but its links and monitors, and itself unless it stands in a queue. */
void proc_free(process *p);
/* A string for `reason`, in p's heap without a collection; the constant "limit:heap" when memory is out. */
ion_value reason_text(process *p, const char *text, size_t len);
/* The reason of an end for want of memory: a constant. */
ion_value reason_no_memory(void);

/* ---- table.c: processes by id, processes by name ---- */

bool table_open(runtime *rt); /* false when memory is out */
void table_close(runtime *rt);
bool table_put(runtime *rt, process *p); /* false when memory is out */
void table_remove(runtime *rt, const process *p);
process *proc_find(runtime *rt, uint64_t id); /* NULL: ended or never was */
/* The process a value refers to; NULL for what is none or has ended. */
process *proc_of_value(runtime *rt, ion_value v);
/* All living processes in no order: *at runs from 0; NULL at the end. None may begin or end in between. */
process *table_next(runtime *rt, uint64_t *at);
/* All living processes, sorted by id; rt->alive of them. mem_alloc'd; NULL when memory is out. */
process **table_sorted(runtime *rt);
/* 1; 0: the name is taken; -1: memory is out. */
int name_put(runtime *rt, ion_value atom, process *p);
process *name_get(runtime *rt, ion_value atom); /* NULL: nobody */
void names_drop(process *p);                    /* all names of p */

/* ---- timer.c ---- */

bool timers_open(runtime *rt);
void timers_close(runtime *rt);
int64_t runtime_ns(runtime *rt); /* since the start: monotonic, or virtual */
/* The same in milliseconds. */
double runtime_now(runtime *rt);
/* Wakes p after ms milliseconds: the wait must be WAIT_TIMER or WAIT_MESSAGE_TIMED. Infinity sets no timer. False when memory is out. */
bool timer_set(process *p, double ms);
void timer_cancel(process *p);
bool timers_due(runtime *rt);        /* whether timers_fire would wake somebody */
void timers_fire(runtime *rt);       /* wakes those whose time has come */
bool timers_next(runtime *rt, int64_t *deadline); /* false: no timer is set */

/* ---- mailbox.c ---- */

/* Puts a copied value into a mailbox, or into the registers of one that waits in RECEIVE_WITH_TIMEOUT, and wakes it. Takes the fragment. False when memory is out. */
bool proc_deliver(process *to, ion_value value, fragment *f);
/* Takes the oldest message; its memory becomes part of p's heap. False: there is none. */
bool mailbox_take(process *p, ion_value *value);
bool mailbox_full(const process *p); /* a SEND would have to do something about it */
void mailbox_free(process *p);
/* Drops the oldest message; there is one. */
void mailbox_drop(process *p);
/* Infinity: no limit. */
double mailbox_capacity(const process *p);
mailbox_policy mailbox_policy_of(const process *p);
/* Sets both, and wakes who waits for room. False when memory is out. */
bool mailbox_limit(process *p, double capacity, mailbox_policy policy);

/* ---- relation.c: ties between two processes ---- */

typedef enum tie_kind {
    TIE_LINK,    /* both */
    TIE_MONITOR, /* `from` watches `to` */
    TIE_END,     /* `from` waits for the end of `to` */
    TIE_ROOM     /* `from` waits for room in the mailbox of `to` */
} tie_kind;

typedef struct tie_end { /* in one list of one process */
    struct tie_end *prev, *next;
    struct tie *tie;
} tie_end;

typedef struct tie {
    tie_end ends[2]; /* of `from`, of `to` */
    process *from, *to;
    uint64_t ref;    /* of a monitor */
    tie_kind kind;
} tie;

typedef struct tie_list { /* in the order they were made */
    tie_end *first, *last;
    uint64_t count;
} tie_list;

typedef struct relations {
    tie_list links;    /* TIE_LINK */
    tie_list watching; /* TIE_MONITOR, as `from` */
    tie_list watched;  /* TIE_MONITOR, as `to` */
    tie_list waits;    /* TIE_END and TIE_ROOM, as `from` */
    tie_list waiters;  /* TIE_END, as `to` */
    tie_list senders;  /* TIE_ROOM, as `to` */
    struct name *names;
    double capacity; /* of the mailbox; infinity: no limit */
    mailbox_policy policy;
} relations;

/* A process's relations, made if need be; NULL when memory is out. */
relations *relations_of(process *p);
/* False when memory is out. */
bool tie_add(tie_kind what, process *from, process *to, uint64_t ref);
void tie_cut(tie *t);
void ties_cut(tie_list *list);
/* The link between two processes; NULL: none. */
tie *link_find(const process *a, const process *b);
tie *monitor_find(const process *p, uint64_t ref); /* one that p made */
/* `p` no longer waits for anybody's end or room. */
void waits_cut(process *p);
/* Wakes all that wait, in the order they began to: a list of TIE_END or TIE_ROOM, as `to`. */
void waiting_wake(tie_list *list);
void relations_free(process *p); /* lists must be empty */

/* ---- ending.c: what an end does to others ---- */

/* Ends a process that is not running, or has left the C stack: how and reason are set. Its result is in pub.value if it returned. It is freed. */
void proc_end(process *p);
/* Kills p, by the process with id `from`, unless it traps exits: at once. It may be the running process, which must then leave the C stack: proc_gone. */
void proc_kill(process *p, uint64_t from, ion_value reason);
/* The end of the process with id `from` reaches p through a link; as proc_kill. */
void proc_link_signal(process *p, uint64_t from, ion_value reason);
/* `Link` of the running process with another one: true, or false if that is gone; then the caller hears of it as of an end, and may itself end
 * of it (ION_LEAVE). */
ion_value proc_link(ion_process *p, ion_frame *fp, uint64_t id);
/* `(down, process, reason)`. */
void proc_down(process *p, uint64_t from, ion_value reason);
/* Whether the running process has been ended by what it did: its runtime function must return ION_LEAVE at once. */
static inline bool proc_gone(const process *p)
{
    return p->state == PROC_ENDED;
}

/* ---- result.c ---- */

bool results_open(runtime *rt);
void results_close(runtime *rt);
/* Keeps a copy of a process's result, as far as limits and memory allow. */
void result_keep(runtime *rt, uint64_t id, ion_value v);
/* The result of an ended process, in the store's memory; false if there is none. */
bool result_find(runtime *rt, uint64_t id, ion_value *v);

/* ---- report.c ---- */

/* Reports an ended process on standard error, if its end is one to report. */
void report_end(process *p);
/* Every living process and where it waits. */
void report_deadlock(runtime *rt);

/* ---- trace.c: calls are guarded by tracing() ---- */

static inline bool tracing(const process *p)
{
    return ION_UNLIKELY(p->rt->set.trace);
}
/* One line about a process: an event, and details (printf's; "": none). */
void trace_event(process *p, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same with the id of another process (0: none) and a value as details. */
void trace_value(process *p, const char *event, uint64_t other, ion_value v);

/* ---- site.c: instructions that have warned ---- */

/* 1: the instruction that fp stands at has not been asked about before in this run; 0: it has; -1: memory is out. */
int site_first(runtime *rt, const ion_frame *fp);
void sites_close(runtime *rt); /* at the end of a run */
#endif
