/* embed.h: the library behind include/ion/ion.h: packages, runtimes inside other programs, and values between the two.
 *
 * It stands on top of compiler and runtime: package.c is the one user of the compiler; runtime.c makes and ends runtimes, drive.c runs
 * them on the host's thread, threads.c on their own, data.c carries values over, native.c has the host's functions called.
 */
#ifndef ION_EMBED_H
#define ION_EMBED_H

#include "ion/ion.h"

#include "host.h"
#include "sched.h"

struct ion_entry {
    const ion_function *fn;
    ion_package *package;
};

/* ---- package.c ---- */

const ion_program *package_program(const ion_package *p); /* NULL: not compiled */
void package_hold(ion_package *p);

/* ---- runtimes ---- */

/* A function of the host's, at the place of its name's number (library_number). */
typedef struct host_entry {
    char *name, *types, *capability;
    int least, most;    /* arguments; most < 0: any number */
    bool granted;
    ion_host_function *function;
    void *user;
} host_entry;

/* Somebody who waits for a process's end. */
typedef struct watch {
    struct watch *next;
    uint64_t id;
    bool wanted;       /* its result is */
    _Atomic bool done; /* what follows is there */
    end_how how;
    bool well;         /* Exit('normal') */
    ion_status status; /* of the result's copy */
    ion_data result;
    char reason[400];  /* cut to that */
} watch;

/* A message for the host, with threads. */
typedef struct letter {
    struct letter *next;
    ion_data data;
    size_t bytes; /* that it had in the runtime */
    ion_status status;
} letter;

enum { TEXT = 512 };

/* Something that another thread wants done by a scheduler. */
typedef struct command {
    struct command *next;
    void (*run)(struct command *c, ion_runtime *rt, scheduler *s);
    bool done;
} command;

struct ion_runtime {
    runtime rt;             /* first: its host is found by it */
    struct host host;
    char *allow;
    void (*write)(void *user, int stream, const char *bytes, size_t size);
    void *user;
    ion_package **used;
    uint32_t nused;
    pthread_mutex_t using;  /* them, with threads; taken before all others */
    host_entry **functions; /* by number */
    uint32_t nfunctions;
    _Atomic bool inside;    /* a thread uses it; without threads of its own */
    bool open;              /* rt is */
    bool broken;            /* it can only be freed */
    uint32_t running;       /* threads of its own */

    /* the run on the host's thread */
    pthread_t thread;       /* whose C stack the scheduler's limit is that of */
    bool thread_known;
    int64_t until;          /* the system's time when it is over */
    uint64_t most;          /* COUNT_REDUCTIONS when it is over */
    const _Atomic bool *over; /* it is when that is true; or */
    process *until_mail;    /* when that one has a message */
    bool bounded;           /* by time or reductions */
    _Atomic bool interrupted;
    bool stopped;           /* it is, and */
    ion_status how;         /* why */

    /* calls, without threads of its own */
    uint64_t caller;        /* the process that makes them; 0: none */
    process *called;        /* while it does: its return is no end */
    bool returned;
    _Atomic bool call_over;

    uint64_t self;          /* the host's mailbox; 0: none yet */
    watch *watches;
    pthread_mutex_t watching; /* them, with threads; taken before `lock` */

    /* threads.c */
    pthread_mutex_t output; /* for `write`, with threads */
    pthread_mutex_t lock;   /* all below but the text */
    pthread_cond_t news;    /* a command is done, a watch, a message for the host, rest */
    command *first, *last;
    letter *letters, *last_letter;
    size_t nletters, letter_bytes;
    bool full;              /* of letters: the host's mailbox waits until some are taken, and fills within its limits */
    bool rests;
    pthread_mutex_t text_lock;
    char text[TEXT];
};

static inline ion_runtime *of_runtime(const runtime *rt)
{
    return (ion_runtime *)(uintptr_t)rt;
}

/* Sets the runtime's text; gives s. */
ion_status runtime_fail(ion_runtime *rt, ion_status s, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool runtime_uses(ion_runtime *rt, const ion_entry *f);
/* The process that ids in `host's hands` have; made if need be. NULL: memory is out. */
process *runtime_resident(ion_runtime *rt, scheduler *s, uint64_t *id);
bool runtime_allows(const ion_runtime *rt, const char *capability);

/* ---- drive.c ---- */

/* Takes the runtime for the calling thread; false: somebody has it. `before`: to be given back. */
bool drive_enter(ion_runtime *rt, _Atomic uint64_t **before);
void drive_leave(ion_runtime *rt, _Atomic uint64_t *before);
extern const struct host drive_host;
void watch_start(watch *w, bool wanted);
/* What a watch has seen, as a status; the result, which the watch loses. */
ion_status watch_status(ion_runtime *rt, watch *w, ion_data *result);
void watch_add(ion_runtime *rt, watch *w, uint64_t id);
void watch_remove(ion_runtime *rt, watch *w);

/* What a host does to processes, on scheduler s. */
enum { ION_ARGUMENTS = 65536 };
ion_status drive_spawn(ion_runtime *rt, scheduler *s, const ion_function *fn, const ion_data *args, size_t n, ion_pid *pid);
ion_status drive_send(ion_runtime *rt, scheduler *s, ion_pid to, const ion_data *message);
ion_status drive_kill(ion_runtime *rt, scheduler *s, ion_pid pid);
bool drive_take(ion_runtime *rt, process *p, ion_data *message, ion_status *s);
ion_status drive_result(ion_runtime *rt, ion_pid pid, ion_data *result);
/* drive_enter for what may be called from inside a host's function, too: then *inner, and there is nothing to leave. */
bool drive_join(ion_runtime *rt, _Atomic uint64_t **before, bool *inner);

/* ---- threads.c: the same for a runtime with threads of its own ---- */

ion_status threads_call(ion_runtime *rt, const ion_entry *f, const ion_data *args, size_t n, ion_data *result, double ms);
ion_status threads_spawn(ion_runtime *rt, const ion_entry *f, const ion_data *args, size_t n, ion_pid *pid);
ion_status threads_send(ion_runtime *rt, ion_pid to, const ion_data *message);
ion_status threads_kill(ion_runtime *rt, ion_pid pid);
ion_pid threads_self(ion_runtime *rt);
ion_status threads_receive(ion_runtime *rt, ion_data *message, double ms);
ion_status threads_wait(ion_runtime *rt, ion_pid pid, ion_data *result, double ms);
ion_status threads_rest(ion_runtime *rt, double ms);
/* The code of the host's mailbox. */
ion_value threads_resident(ion_process *p, ion_frame *fp);
/* Does what hosts' threads have asked for; called by a scheduler between two slices. */
void threads_serve(ion_runtime *rt, scheduler *s);

/* ---- data.c ---- */

/* A copy of a value for the host. ION_OK, ION_E_LARGE, ION_E_MEMORY: *d is undefined then. */
ion_status data_out(ion_value v, ion_data *d);
/* Copies n values: what they need of memory becomes the fragment. ION_OK, ION_E_LARGE, ION_E_INVALID, ION_E_MEMORY: then nothing is held. */
ion_status data_in(const ion_data *d, size_t n, ion_value *to, fragment *f);

/* ---- native.c ---- */

ion_value native_call(ion_process *p, ion_frame *fp, ion_u32 argc, uint32_t number);
void native_free(ion_runtime *rt);

#endif
