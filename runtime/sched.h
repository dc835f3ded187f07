/* sched.h: the runtime: schedulers and their run queues, processes by id and by name, timers, results; signals.h has what processes
 * do to each other. */
#ifndef ION_SCHED_H
#define ION_SCHED_H
#include <pthread.h>

#include "capability.h"
#include "limit.h"
#include "lock.h"
#include "process.h"

struct outbuf;
struct host;

/* Settings from the environment (ION_…) or the command line. */
typedef struct settings {
    uint32_t timeslice;    /* ION_TIMESLICE */
    uint32_t schedulers;   /* ION_SCHEDULERS; by default one a core; 1 with virtual time */
    bool exact, trace, print_result;
    bool virtual_time;     /* implied by exact; ION_VIRTUAL_TIME=1 */
    uint64_t seed;         /* ION_SEED; 1 with virtual time, else the system's choice */
    bool seed_given;
    uint64_t result_count; /* ION_RESULTS=COUNT,BYTES */
    uint64_t result_bytes;
    bool reductions;       /* ION_REDUCTIONS=1: print the total on standard error at the end */
    bool stats;            /* ION_STATS=1: print what has been counted, likewise */
    const char *dump;      /* ION_DUMP=FILE; NULL: none */
    grants may;            /* what the program may do; a host sets GRANT_BUILD's layer, ION_ALLOW and ION_DENY narrow it */
    bool signals;          /* SIGINT, SIGTERM and, with a dump, SIGUSR1 are the runtime's: not where a host has them */
    uint64_t limit[LIMITS]; /* ION_LIMIT_…; 0: none */
    /* for tests; ION_STRESS_SLICE=N is another name of ION_TIMESLICE */
    bool stress_gc;        /* ION_STRESS_GC=1: collect at every allocation */
    uint64_t shuffle;      /* ION_STRESS_SHUFFLE=SEED: the next process to run is drawn at random; 0: off */
    uint64_t fail_at;      /* ION_STRESS_FAIL=N: the Nth allocation fails */
    uint64_t steal;        /* ION_STRESS_STEAL=SEED: several schedulers get into each other's way; 0: off (stress.c) */
} settings;

/* How the main process ended. */
typedef struct main_end {
    bool yes; /* it has */
    bool well; /* by returning or Exit('normal') */
    bool returned;
    ion_value result; /* kept only for --print-result */
    fragment frag;
} main_end;

/* The processes that can run on one scheduler. */
typedef struct run_queue {
    spinlock lock;
    _Atomic uint32_t count;       /* all entries */
    process *first[PRIORITIES], *last[PRIORITIES];
    uint64_t live[PRIORITIES];    /* entries; with a single scheduler, of processes that have not ended since */
    uint64_t choices;
    uint64_t random;              /* ION_STRESS_SHUFFLE */
} run_queue;

/* What a scheduler has counted. Only its own thread writes; anybody may add them up (runtime_total). */
enum {
    SEGMENT_SIZES = 6,
    PAUSES = 24,   /* collections that took less than 1, 2, 4 ... microseconds; the last: all that took longer */
    BIG_MOST = 256 /* processes that wait with a large heap, as far as a scheduler notes them */
};

typedef enum counter {
    COUNT_PASSES,
    COUNT_REDUCTIONS,
    COUNT_COLLECTIONS,
    COUNT_MESSAGES,
    COUNT_STEALS,
    COUNT_BEGUN,
    COUNT_ENDED,
    COUNT_COPIED, /* bytes of messages and of what new processes begin with */
    COUNT_TIMERS, /* that have fired */
    COUNT_HEAP,   /* bytes in blocks, texts and messages; one scheduler's may be less than 0, modulo 2^64: heaps_total */
    COUNT_HEAP_MOST, /* the most that was; right behind it: heap_account */
    COUNT_STACK,  /* bytes in segments, the same; only where there is a limit */
    COUNT_NATIVE, /* calls of a host's functions */
    COUNTERS
} counter;

/* Free messages: magazine.c. */
typedef struct message_magazines {
    proc_signal *first, *full; /* in use, with `count`; a full one, or NULL */
    uint32_t count;
} message_magazines;

typedef struct message_depot {
    spinlock lock;
    proc_signal *first;
    uint32_t count;
} message_depot;

/* Free records: pool.c. */
typedef enum record_kind { RECORD_PROCESS, RECORD_TIMER, RECORD_MESSAGE, RECORDS } record_kind;

typedef struct record_shelf {
    struct free_record *first;
    uint32_t count;
} record_shelf;

/* One thread that runs processes. */
struct scheduler {
    runtime *rt;
    uint32_t number;
    pthread_t thread;
    process *running;
    process *ending;           /* processes that have ended and whose links and monitors do not know yet; innermost first */
    bool telling;              /* they are being told */
    bool taking;               /* the running process is being given its signals */
    uint32_t input_in;         /* slices until the next look at the input */
    process *next;             /* queue_add_next */
    uint32_t streak;           /* processes chosen that way in a row */
    run_queue queue;
    _Atomic uint64_t longest;  /* slices that a process has stood in the queue while others ran here */
    struct timers *timers;
    message_magazines magazines; /* magazine.c */
    char *c_stack_limit;       /* the C stack is low below this address */
    segment *spare[SEGMENT_SIZES]; /* one of each size that stacks grow by (stack.c) */
    record_shelf shelves[RECORDS];
    struct retired *retired_first, *retired_last; /* retire.c */
    uint32_t retired_since;    /* since the list was last looked through */
    _Atomic uint64_t seen;     /* epoch in which it was last between two slices */
    int wake_fd;               /* park.c */
    bool parked, searching;    /* the same */
    uint64_t random;           /* whom to steal from */
    uint32_t slices;           /* since the start, as far as balancing is concerned */
    uint64_t stress;           /* stress.c; 0: off */
    limit reached;             /* why memory was not to be had: see proc_limit */
    _Atomic uint64_t deepest_stack, deepest_frames; /* bytes, frames; where stacks are limited, or there is a host */
    _Atomic uint64_t counts[COUNTERS];
    _Atomic uint64_t pauses[PAUSES]; /* collections on this thread; see pause_note */
    _Atomic(process *) collected;    /* that come back to it, by `next` (collect.c) */
    uint64_t big[BIG_MOST];          /* the ids of processes that have begun to wait with a large heap */
    uint32_t nbig, shrink_in;
    int64_t shrink_after;            /* the system's time before which they are left alone */
    size_t shrunk;                   /* bytes of heaps that have been looked over since malloc_trim */
    uint64_t trimmed;                /* COUNT_ENDED at that time */
};

struct runtime {
    settings set;
    uint32_t granted; /* set.may's capabilities, a bit each */
    const ion_program *program;
    bool many;                   /* there are several schedulers: then, and only then, locks are taken */
    bool metered, printing, memory_limited, stack_limited; /* limit.c: whether there are limits of that kind */
    _Atomic uint32_t alarms;     /* alarm.c: what has to be seen to between two slices */
    uint32_t nschedulers;
    scheduler *schedulers;
    _Atomic uint64_t next_id;
    _Atomic uint64_t next_monitor;
    _Atomic uint64_t epoch;      /* retire.c */
    int64_t clock;               /* virtual time in ns, set forward when all wait; else the system's time at the start */
    int argc;
    char **argv;                 /* the program's arguments */
    struct record_pool *pool;
    message_depot depot;
    struct collector *collector;
    struct process_table *table;
    struct result_store *results;
    struct name_table *names;
    struct parking *parking;
    struct outside *outside;     /* outside.c */
    pthread_mutex_t start;       /* held until all threads are there */
    struct io *io;
    struct sites *sites;         /* instructions that have warned */
    struct alarms *alarm;
    struct dump *dump;           /* NULL: none is wanted */
    _Atomic uint64_t heap_aside[2]; /* COUNT_HEAP of the collector's thread, and COUNT_HEAP_MOST */
    _Atomic uint64_t most;       /* processes alive at once, as far as noted */
    _Atomic int64_t left[LIMITS]; /* pools: what is left of what all processes share */
    main_end main;
    struct host *host;           /* host.h; NULL: the program is not a guest in another */
};

/* The runtime of a process that the caller owns. */
static inline runtime *runtime_of(const process *p)
{
    return p->on->rt;
}

/* Only one thread adds to a counter; others may look. */
static inline void counter_add(_Atomic uint64_t *at, uint64_t n)
{
    atomic_store_explicit(at, atomic_load_explicit(at, memory_order_relaxed) + n, memory_order_relaxed);
}

static inline void count_add(scheduler *s, counter c, uint64_t n)
{
    counter_add(&s->counts[c], n);
}

static inline uint64_t runtime_total(const runtime *rt, counter c)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        n += atomic_load_explicit(&rt->schedulers[i].counts[c], memory_order_relaxed);
    return n;
}

/* Processes not ended. */
static inline uint64_t runtime_alive(const runtime *rt)
{
    uint64_t ended = runtime_total(rt, COUNT_ENDED); /* first: never more than have begun */
    return runtime_total(rt, COUNT_BEGUN) - ended;
}

static inline void runtime_lock(const runtime *rt, spinlock *l)
{
    if (rt->many)
        spin_lock(l);
}

static inline void runtime_unlock(const runtime *rt, spinlock *l)
{
    if (rt->many)
        spin_unlock(l);
}

/* ---- settings.c ---- */

/* Fills in defaults, then the program's, then the environment's; false with a line on stderr for a bad value. */
bool settings_read(settings *s, const ion_program *program);
/* Fills in defaults alone: what a host begins with. */
void settings_default(settings *s);
/* A seed that nobody knows. */
uint64_t system_seed(void);

/* ---- grant.c ---- */

/* Writes what the program needs and is not granted, as snprintf does; returns the length of the whole, 0: it may run. */
size_t program_lacks(const ion_program *p, const grants *g, char *text, size_t size);

/* ---- limit.c ---- */

void limits_open(runtime *rt);
/* Takes n from what all processes share; false: there is not so much. True where there is no limit. */
bool share_take_limited(runtime *rt, limit which, uint64_t n);
static inline bool share_take(runtime *rt, limit which, uint64_t n)
{
    return !ION_UNLIKELY(rt->set.limit[which] != 0) || share_take_limited(rt, which, n);
}
void share_give(runtime *rt, limit which, int64_t n);
/* The slice of a process in a runtime that is metered; what it has spent of that; whether there is no more for it. */
uint32_t fuel_slice(const process *p);
void fuel_account(const process *p, uint64_t spent);
bool fuel_out(const process *p);
/* The running process is going to print n bytes: ION_UNIT, or ION_LEAVE. Called where rt->printing. */
ion_value output_take(ion_process *p, ion_frame *fp, uint64_t n);
/* Whether `more` bytes would be too many for all heaps together. */
bool heaps_over(const runtime *rt, size_t more);
uint64_t heaps_total(const runtime *rt); /* bytes in all of them */
static inline bool heaps_full(const runtime *rt, size_t more)
{
    return ION_UNLIKELY(rt->memory_limited) && heaps_over(rt, more);
}

/* ---- alarm.c: what makes all schedulers stop: signals from the system, dumps, the end of time ---- */

typedef enum alarm_kind {
    ALARM_END = 1,   /* SIGINT, SIGTERM: the schedulers leave their loops */
    ALARM_DUMP = 2,  /* write a dump */
    ALARM_WATCH = 4, /* there is a limit to time: always set then */
    ALARM_TIME = 8,  /* it is over */
    ALARM_HOST = 16  /* a host wants to be asked: host_between */
} alarm_kind;

bool alarm_open(runtime *rt); /* false when memory is out */
void alarm_close(runtime *rt);
static inline bool alarm_any(const runtime *rt)
{
    return atomic_load_explicit(&rt->alarms, memory_order_relaxed) != 0;
}
/* Rings for a dump; alarm_answer sees to it. */
void alarm_ring(runtime *rt, alarm_kind what);
/* Called between slices where alarm_any. False: the scheduler is to stop. */
bool alarm_answer(scheduler *s);
/* Whether the program is being ended from outside: the signal, or 0. */
int alarm_ended(const runtime *rt);
/* When time is over; false: never. */
bool alarm_deadline(const runtime *rt, int64_t *ns);

/* ---- dump.c ---- */

bool dump_open(runtime *rt); /* false when memory is out */
void dump_close(runtime *rt);
/* A process has ended, and stands where it ended: if badly, that goes into the next dump; one is asked for if it is the main process, or
 * the first that a limit has ended. */
void dump_end(process *p);
/* Writes a dump; no process is running. */
void dump_write(runtime *rt, const char *why);

/* ---- stats.c ---- */

/* Calls f with each number that is counted, but the pauses. */
typedef void stats_each(void *context, const char *name, double n);
void stats_list(runtime *rt, stats_each *f, void *context);
void stats_print(runtime *rt); /* on standard error */
uint64_t pauses_of(const runtime *rt, unsigned i); /* of all threads */
/* A process has been added: notes how many there are. Exact with a single scheduler; with several it would mean to ask them all each
 * time, so beyond the first that each has begun only some of the times. */
void stats_alive_sample(scheduler *s);
static inline void stats_alive(scheduler *s)
{
    if (s->rt->many) {
        stats_alive_sample(s);
        return;
    }
    uint64_t alive = atomic_load_explicit(&s->counts[COUNT_BEGUN], memory_order_relaxed) -
                     atomic_load_explicit(&s->counts[COUNT_ENDED], memory_order_relaxed);
    if (alive > atomic_load_explicit(&s->rt->most, memory_order_relaxed))
        atomic_store_explicit(&s->rt->most, alive, memory_order_relaxed);
}

/* ---- run.c ---- */

/* Loads a program and runs it to its end; returns the exit status. */
int runtime_run(const ion_program *program, const settings *s, int argc, char **argv);
/* For hosts: opens what rt->set and rt->host say, with nothing in it. False when memory or descriptors are out; to be closed in any case. */
bool runtime_open(runtime *rt);
void runtime_close(runtime *rt);
/* Runs the schedulers on threads of their own, from `first` on, until threads_stop; how many run. */
uint32_t threads_start(runtime *rt, uint32_t first);
void threads_stop(runtime *rt, uint32_t first, uint32_t n);

/* ---- sched.c ---- */

/* Runs processes until none can ever run again. */
void scheduler_run(scheduler *s);
/* A slice of a process that the scheduler has taken. */
void scheduler_slice(scheduler *s, process *p);
/* Wakes a process that the caller owns: it was waiting, or is new. One that is claimed is queued when the claim ends. */
void proc_wake(process *p);
/* Reductions of the running slice so far; 0 when p is not running. */
uint64_t slice_spent(const process *p);

/* ---- pause.c: what long native calls leave between their steps ---- */

/* What a native call is in the middle of, as far as it lies neither in the frame nor in the heap. A process that has one is
 * not collected between its slices, so addresses in it stay (work_pending); `drop` frees it if the process ends. */
typedef struct long_work {
    void (*drop)(struct long_work *w);
} long_work;

/* ---- stress.c: for tests, with several schedulers ---- */

bool stress_choose(scheduler *s, unsigned n);
void stress_rest(scheduler *s);
/* True once in n times, if there is stress: the scheduler may do the less usual thing. */
static inline bool stress(scheduler *s, unsigned n)
{
    return ION_UNLIKELY(s->stress != 0) && stress_choose(s, n);
}
/* Between two steps of which others may see the first alone. */
static inline void stress_here(scheduler *s)
{
    if (ION_UNLIKELY(s->stress != 0))
        stress_rest(s);
}

/* ---- queue.c: run queues ---- */

void queue_add(scheduler *s, process *p); /* to the back; the caller gives p out of its hands */
/* The same for one that has been woken: with several schedulers it may run as the next one. */
void queue_add_next(scheduler *s, process *p);
/* Puts that one where others can steal it. */
void queue_share(scheduler *s);
/* Takes the next process to run; NULL: there is none, or none that is to be had now. The caller owns it. */
process *queue_choose(scheduler *s);
/* Takes about half of what another scheduler's queue has: gives one, puts the rest into the thief's queue. NULL: nothing to be had. */
process *queue_steal(scheduler *thief, scheduler *from);
/* Takes some for the thief's queue if the other one has many more. */
void queue_balance(scheduler *thief, scheduler *from);
/* Whether nobody could run here but the one that runs. */
bool queue_empty(const scheduler *s);
/* Whether there is an entry, whatever has become of it. */
static inline bool queue_any(const scheduler *s)
{
    return atomic_load_explicit(&s->queue.count, memory_order_relaxed) != 0;
}
/* Makes a process that has ended while it stood in a run queue count as absent; it is freed when it comes up. A single scheduler only. */
void queue_forget(process *p);
/* Empties the queue of processes that have ended; the schedulers have stopped. */
void queue_close(scheduler *s);

/* ---- park.c: schedulers that have nothing to do ---- */

bool parking_open(runtime *rt); /* false when memory or descriptors are out */
void parking_close(runtime *rt);
/* Nothing can run here: waits until that may have changed. False: nothing ever will. */
bool scheduler_park(scheduler *s);
/* Makes all schedulers that are parked look around; may be called by a signal handler. */
void schedulers_wake(const runtime *rt);
/* The scheduler has found something to run; if it was called for that, others may be called again. */
void scheduler_found(scheduler *s);
/* There is something for s, which another thread has put there. */
void scheduler_wake(scheduler *s);
/* There is more to run than this scheduler will get to soon: wakes another one if one is parked. */
void scheduler_call(scheduler *s);
/* Puts a process among those that wait for input, or takes it from there if it still is. */
void input_add(process *p);
void input_remove(process *p);
/* Looks at the input, and gives what is there to the one that has waited longest. */
void input_look(scheduler *s);
bool input_wanted(const runtime *rt);

/* ---- retire.c: memory that other schedulers may still look at ---- */

/* The beginning of memory that will be retired: others, who may still know of it then, never look at this. */
typedef struct retired {
    struct retired *next;
    uint64_t epoch : 63, process : 1;
} retired;
/* Frees memory (mem_alloc'd) that has been taken out of where it is found, once no other scheduler can know of it: when
 * all have been between two slices. */
void retire(scheduler *s, retired *memory);
/* The scheduler holds no pointer that it has from others; called between slices. */
void retire_quiet(scheduler *s);
/* It is not going to look at anything until retire_quiet is called. */
void retire_away(scheduler *s);
/* The same as retire for a process's record. */
void retire_process(scheduler *s, process *p);
void retire_close(scheduler *s); /* frees all; the schedulers have stopped */

/* ---- collect.c: collections that are not made in passing ---- */

bool collect_open(runtime *rt); /* false when memory is out */
void collect_close(runtime *rt); /* the schedulers have stopped */
/* Notes how long a collection has held up a scheduler's thread. */
void pause_note(scheduler *s, int64_t ns);
/* proc_collect, with its time noted. */
bool collect_here(process *p, size_t need, ion_value *roots, uint32_t n);
/* Whether the running process should be given away for a collection; there are several schedulers. */
bool collect_wanted(const scheduler *s, const process *p);
/* Whether a collection that is due in mid-slice may wait until then, and `bytes` more be taken. */
bool collect_later(const process *p, size_t bytes);
/* Gives a process that the caller owns, and that has left the C stack, away to be collected. False: there is no thread for that. */
bool collect_give(scheduler *s, process *p);
/* Takes those back that have been collected. */
void collect_back(scheduler *s);
/* Whether a process is being collected; what is back then is to be seen in `collected`. */
bool collect_away(const runtime *rt);
/* Waits until there are none, and takes them back for all schedulers, which stand still. */
void collect_settle(runtime *rt);
/* Frees the heap of a process that has ended. */
void collect_dead(process *p);
/* p begins to wait. */
void shrink_note(scheduler *s, const process *p);
#define SHRINK_LEAST ((size_t)64 << 10) /* bytes of heap from which on that is noted */
/* Gives back what waiting processes do not need; `idle`: nobody wants to run here. */
void shrink_some(scheduler *s, bool idle);
/* Nanoseconds until there will be some of that to do; -1: never. */
int64_t shrink_in_ns(const scheduler *s);

/* ---- pool.c: the records of processes, and of their timers and messages ---- */

bool pool_open(runtime *rt); /* false when memory is out */
void pool_close(runtime *rt); /* the schedulers have stopped, and all records have been given back */
void *record_take(scheduler *s, record_kind k); /* NULL when memory is out */
void record_give(scheduler *s, record_kind k, void *record);
void record_return(void *record); /* the same by whoever is no scheduler */
/* Up to *n of them, linked by their first words; *n: how many. And the other way round. */
void *records_take(runtime *rt, record_kind k, uint32_t *n);
void records_give(runtime *rt, record_kind k, void *list);

/* ---- process.c ---- */

/* A new process that will call `callee` (already known to be a function) with argc arguments, all copied together; it is queued. Its id, or 0
 * when memory is out. *units: values copied. */
uint64_t proc_spawn(scheduler *s, ion_value callee, const ion_value *args, uint32_t argc, uint64_t *units);
/* One that stands in no queue: what it is to do, a host says. It is not counted for LIMIT_PROCESSES. NULL when memory is out. */
process *proc_resident(scheduler *s, const ion_function *fn, wait_kind what);
/* Frees all that a process holds but its links and monitors, and itself unless it stands in a queue. */
void proc_free(process *p);
/* A string for `reason`, in p's heap without a collection; the constant "limit:heap" when memory is out. */
ion_value reason_text(process *p, const char *text, size_t len);
/* The reason of an end for want of memory: a constant. */
ion_value reason_no_memory(void);

/* ---- table.c: processes by id ---- */

bool table_open(runtime *rt); /* false when memory is out */
void table_close(runtime *rt);
/* Enters p under its id. False when memory is out. */
bool table_put(scheduler *s, process *p);
void table_remove(scheduler *s, const process *p);
/* Has that place come into the cache. */
void table_bring(const runtime *rt, uint64_t id);
/* NULL: ended or never was. Valid until the caller's slice ends: the process may end meanwhile, its record stays. */
process *proc_find(runtime *rt, uint64_t id);
/* The process a value refers to; NULL for what is none or has ended. */
process *proc_of_value(runtime *rt, ion_value v);
/* The living process with the least id of at least `from`, for reports: none may begin or end meanwhile. NULL: there is none. */
process *table_next(runtime *rt, uint64_t from);

/* ---- names.c: processes by name ---- */

bool names_open(runtime *rt); /* false when memory is out */
/* 1; 0: the name is taken or the process has ended; -1: memory is out. */
int name_put(runtime *rt, ion_value atom, process *p);
uint64_t name_get(runtime *rt, ion_value atom); /* the id; 0: nobody */
void names_drop(process *p);                    /* all names of p, which has ended */
void names_close(runtime *rt);

/* ---- timer.c ---- */

int64_t system_ns(void); /* the system's monotonic clock */
void clock_start(runtime *rt);
size_t timer_size(void);
bool timers_open(scheduler *s); /* false when memory is out */
void timers_close(scheduler *s);
int64_t runtime_ns(runtime *rt); /* since the start: monotonic, or virtual */
/* The same in milliseconds. */
double runtime_now(runtime *rt);
/* Wakes p after ms milliseconds: the wait must be WAIT_TIMER or WAIT_MESSAGE_TIMED. Infinity sets no timer. False when memory is out. */
bool timer_set(process *p, double ms);
void timer_cancel(process *p);
size_t timers_pending(const runtime *rt);
bool timers_due(scheduler *s);        /* whether timers_fire would wake somebody */
void timers_fire(scheduler *s);       /* wakes those whose time has come */
/* A time before which none is due; the next one is, then or soon after. False: no timer is set. */
bool timers_next(scheduler *s, int64_t *deadline);
/* The signal that a timer has fired has come to p (NULL: which has ended). Takes the signal. True: p's wait is over. */
bool timer_fired(process *p, proc_signal *sig);

/* ---- result.c ---- */

bool results_open(runtime *rt);
void results_close(runtime *rt);
/* Keeps a copy of a process's result, as far as limits and memory allow. */
void result_keep(runtime *rt, uint64_t id, ion_value v);
/* Has the place where a process's result will be noted come into the cache. */
void result_bring(const runtime *rt, uint64_t id);
/* A copy of the result of an ended process: 1; 0 if there is none; -1: memory is out. */
int result_copy(runtime *rt, uint64_t id, ion_value *v, fragment *f);

/* ---- report.c ---- */

/* Reports an ended process on standard error, if its end is one to report. */
void report_end(process *p);
/* The same text, whatever the end; and a trace. */
void report_text(struct outbuf *o, process *p);
void report_trace(struct outbuf *o, const ion_frame *top);
/* Every living process and where it waits. */
void report_deadlock(runtime *rt);

/* ---- trace.c: calls are guarded by tracing() ---- */

static inline bool tracing(const process *p)
{
    return ION_UNLIKELY(p->on->rt->set.trace);
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
