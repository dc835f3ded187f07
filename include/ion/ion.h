/* ion.h: Ion programs inside another one. Link with libion (pkg-config ion).
 *
 * A package is code; a runtime is where processes run it, with limits and capabilities of its own. A package may be used by
 * several runtimes, a runtime may use several packages, and there may be as many of both as one likes.
 *
 * Nothing here exits, prints, installs a signal handler, or reads the environment. What can fail says so: with a status, or
 * NULL; ion_package_text and ion_runtime_text tell the last failure in words. A runtime remains usable whatever its
 * processes have come to. docs/embedding.md shows how it is used.
 *
 * A runtime without threads of its own runs processes only inside ion_runtime_call, _wait, _receive and _run, on the thread that
 * calls them; it may be used from any thread, but by one at a time: who comes meanwhile is told ION_E_BUSY. A runtime with threads
 * (ion_options.threads) may be used by any number of threads at a time.
 */
#ifndef ION_ION_H
#define ION_ION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ion_package ion_package;
typedef struct ion_runtime ion_runtime;
typedef struct ion_entry ion_entry; /* a function of a package */
typedef struct ion_args ion_args;   /* one call of a host's function */
typedef uint64_t ion_pid;           /* a process of a runtime; 0 is none */

typedef enum ion_status {
    ION_OK,
    ION_E_MEMORY,    /* the system has no more memory, descriptors or threads */
    ION_E_INVALID,   /* an argument that cannot be */
    ION_E_BUSY,      /* another thread, or the host's function that this is called from, uses the runtime */
    ION_E_FILE,      /* a file cannot be read */
    ION_E_PACKAGE,   /* it is no package, or one that is refused */
    ION_E_CODE,      /* its code cannot be made, or is made for another version */
    ION_E_DENIED,    /* it needs a capability that the runtime does not have */
    ION_E_MISSING,   /* there is no such function, process or message */
    ION_E_LARGE,     /* a value of more than ION_PARTS parts, or one that contains itself */
    ION_E_LATE,      /* the time given is over */
    ION_E_SPENT,     /* the reductions given are spent */
    ION_E_IDLE,      /* nothing can run, and what is waited for has not come about */
    ION_E_CRASHED,   /* the process has ended: by a mistake of its program, */
    ION_E_EXITED,    /* by Exit with another reason than normal, */
    ION_E_KILLED,    /* by another process or the host, */
    ION_E_LIMITED    /* or because of a limit: the text is limit:NAME */
} ion_status;

const char *ion_status_text(ion_status s); /* never NULL */

/* ---- values ---- */

typedef enum ion_kind {
    ION_KIND_UNDEFINED,
    ION_KIND_UNIT,
    ION_KIND_BOOLEAN,
    ION_KIND_NUMBER,
    ION_KIND_COMPLEX,
    ION_KIND_ATOM,
    ION_KIND_STRING,
    ION_KIND_TUPLE,
    ION_KIND_ARRAY,
    ION_KIND_OBJECT,
    ION_KIND_PROCESS,
    ION_KIND_FUNCTION /* only out of a runtime, and without a content */
} ion_kind;

typedef struct ion_data {
    ion_kind kind;
    union {
        bool boolean;
        double number;
        struct {
            double re, im;
        } complex;
        struct {
            const char *bytes; /* out of a runtime with a NUL behind */
            size_t size;
        } text; /* atom, string */
        struct {
            struct ion_data *items;
            size_t n;
        } list; /* tuple, array; object: keys (strings or atoms) and values in turn, n is even */
        ion_pid process;
    } as;
} ion_data;

#define ION_PARTS 1000000 /* the most parts of a value that crosses over, all lists' items together */

static inline ion_data ion_undefined(void)
{
    ion_data d = {ION_KIND_UNDEFINED, {0}};
    return d;
}
static inline ion_data ion_boolean(bool yes)
{
    ion_data d = {ION_KIND_BOOLEAN, {0}};
    d.as.boolean = yes;
    return d;
}
static inline ion_data ion_number(double x)
{
    ion_data d = {ION_KIND_NUMBER, {0}};
    d.as.number = x;
    return d;
}
static inline ion_data ion_text(ion_kind kind, const char *bytes, size_t size) /* ION_KIND_STRING, ION_KIND_ATOM */
{
    ion_data d = {kind, {0}};
    d.as.text.bytes = bytes;
    d.as.text.size = size;
    return d;
}
static inline ion_data ion_list(ion_kind kind, ion_data *items, size_t n) /* ION_KIND_TUPLE, _ARRAY, _OBJECT */
{
    ion_data d = {kind, {0}};
    d.as.list.items = items;
    d.as.list.n = n;
    return d;
}
/* Frees what a value that came out of a runtime holds, all of it; it is undefined afterwards. */
void ion_data_free(ion_data *d);

/* ---- packages ---- */

/* Reads a package, or a shared object made of one (ionc --shared), from a file, and checks all of it; its code is made when it is first
 * needed. NULL only when memory is out: whatever else is wrong, ion_package_status says so. */
ion_package *ion_package_open(const char *path);
/* The same for a package's bytes, which are not needed any more afterwards. `name` is for messages. */
ion_package *ion_package_read(const void *bytes, size_t size, const char *name);
/* ION_OK, or why it cannot be used: ION_E_FILE, ION_E_PACKAGE, ION_E_CODE, ION_E_MEMORY. */
ion_status ion_package_status(const ion_package *p);
const char *ion_package_text(const ion_package *p); /* the same in words, "" for ION_OK; lives as long as the package */
/* Makes the package's code, now rather than later. ION_OK, or what its status is from now on. Threads take turns in this. */
ion_status ion_package_compile(ion_package *p);
/* A function: `Class:function`, or `function` where only one class has that name; NULL: `main`'s, as a program would begin. Makes
 * the code if need be. NULL: there is none, or no code (ion_package_status says which). Lives as long as the package. */
const ion_entry *ion_package_entry(ion_package *p, const char *name);
/* The package is not needed any more by the host. It goes, with its code, when no runtime uses it either. NULL is fine. */
void ion_package_free(ion_package *p);

/* ---- runtimes ---- */

enum {
#define ION_LIMIT(id, name, reason, unit, what) ION_LIMIT_##id,
#include "limits.def"
#undef ION_LIMIT
    ION_LIMITS
};

typedef struct ion_options {
    const char *allow;           /* capabilities, with commas between them; NULL or "": none; "all": all */
    uint64_t limit[ION_LIMITS];  /* ION_LIMIT_HEAP …, as limits.def and docs/semantics.md say; 0: none */
    uint32_t threads;            /* 0: none of its own; else so many run processes from the start to the end */
    uint32_t timeslice;          /* reductions; 0: the usual ones */
    uint64_t seed;               /* of Random; 0: one that nobody knows */
    bool virtual_time;           /* time passes with reductions and waiting only; not with threads */
    /* What processes print (stream 1), and what standard error would hear of them (2); NULL: nobody hears. May be called on any of the
     * runtime's threads, one at a time; must not use the runtime. */
    void (*write)(void *user, int stream, const char *bytes, size_t size);
    void *user;
} ion_options;

/* The limits for programs that one does not know: 1 GB of heap, allocations of 100 MB, 10,000 values and 1,000 frames on a stack, for each
 * process; no capabilities, no threads. */
void ion_options_default(ion_options *o);

/* A runtime; `o` NULL: the default. NULL: there is not enough of memory, descriptors or threads for one. */
ion_runtime *ion_runtime_new(const ion_options *o);
/* Ends its processes and frees all; not from inside a host's function, nor while another thread is in a call with it. Blocking native
 * functions that are at work go on to their ends, with nobody to hear of them. NULL is fine. */
void ion_runtime_free(ion_runtime *rt);
/* What the last call that failed had to say; "" if there has been none. Lives until the next call that fails. With threads: of any
 * thread's calls. */
const char *ion_runtime_text(const ion_runtime *rt);

/* Makes a package's functions callable. ION_OK; the package's status; ION_E_DENIED: it mentions library functions, or does things, that need
 * a capability which the runtime does not have; ION_E_BUSY, ION_E_MEMORY. */
ion_status ion_runtime_use(ion_runtime *rt, ion_package *p);
/* Ends all processes, and uses no package any more: what the runtime has counted, its functions and limits stay. ION_OK, ION_E_BUSY,
 * ION_E_MEMORY (it can then only be freed). Not for runtimes with threads: ION_E_INVALID. */
ion_status ion_runtime_reset(ion_runtime *rt);

/* ---- the host's functions ---- */

/* Sets a result (unless it is undefined) and returns ION_OK; or fails, with ion_args_fail's text if there is one: the program gets the
 * error atom that failed calls of the library give. Runs on a thread of the runtime's, which meanwhile runs nothing else. */
typedef ion_status ion_host_function(ion_args *call, void *user);

typedef struct ion_function_info {
    const char *name;       /* `name` or `module:name`; programs call `__stdlib:NAME`, or declare a native function of that name */
    const char *types;      /* of the arguments, spaces between: Number String Any Array Atom Object Function Boolean Process; the last
                             * one with `...` behind stands for any number. NULL: anything goes */
    const char *capability; /* that a caller needs, any word; NULL: none */
    ion_host_function *function;
    void *user;
} ion_function_info;

/* Gives the runtime functions; one of a name that it has already is replaced. `module` NULL: the names are complete; else `module:` goes in
 * front. All is copied but `user`. ION_OK, ION_E_INVALID (a type that is none; those before it are there), ION_E_MEMORY, ION_E_BUSY. Before any process runs, in a runtime with threads. */
ion_status ion_runtime_register(ion_runtime *rt, const char *module, const ion_function_info *functions, size_t n);

size_t ion_args_count(const ion_args *call);
ion_kind ion_args_kind(const ion_args *call, size_t i); /* undefined beyond the last */
/* False: the argument is of another type, or there is none. Texts (of atoms and strings) may move when a result is set. */
bool ion_args_number(const ion_args *call, size_t i, double *x);
bool ion_args_boolean(const ion_args *call, size_t i, bool *yes);
bool ion_args_process(const ion_args *call, size_t i, ion_pid *pid);
bool ion_args_text(const ion_args *call, size_t i, const char **bytes, size_t *size);
/* A copy, to be freed. ION_OK, ION_E_MISSING, ION_E_LARGE, ION_E_MEMORY. */
ion_status ion_args_data(const ion_args *call, size_t i, ion_data *d);
void ion_args_return_number(ion_args *call, double x);
void ion_args_return_boolean(ion_args *call, bool yes);
/* ION_OK, ION_E_LARGE, ION_E_INVALID, ION_E_MEMORY, ION_E_LIMITED: then the function is to fail. */
ion_status ion_args_return(ion_args *call, const ion_data *d);
/* Sets the text of a failure, cut to 200 bytes; returns ION_E_INVALID. */
ion_status ion_args_fail(ion_args *call, const char *text);
/* Charges reductions for what the function does, which are those of the caller's fuel and slice. */
void ion_args_charge(ion_args *call, uint64_t reductions);
ion_runtime *ion_args_runtime(const ion_args *call); /* _send, _spawn and _counts are all that may be called with it */
ion_pid ion_args_caller(const ion_args *call);

/* ---- running ---- */

#define ION_FOREVER (-1.0) /* for times, which are in milliseconds */

/* Calls a function and waits for its result: ION_OK, and *result is it (NULL: not wanted), to be freed. ION_E_LATE: it was not done in time and
 * has been ended, as with ION_E_CRASHED, _EXITED, _KILLED, _LIMITED: the text is the reason. ION_E_IDLE: it waits for something that
 * nobody can give it; it has been ended. ION_E_MISSING: the runtime does not use the package. ION_E_LARGE, ION_E_INVALID, ION_E_MEMORY,
 * ION_E_BUSY.
 *
 * Without threads of its own, a runtime makes all calls in one process, one after the other: names, links and messages that come between two
 * calls stay. It ends, and the next call begins with a new one, when a call does not return. Fuel is that of each call. */
ion_status ion_runtime_call(ion_runtime *rt, const ion_entry *f, const ion_data *args, size_t n, ion_data *result, double ms);
/* Starts a process. ION_OK and *pid; ION_E_LIMITED: there are as many as there may be; ION_E_MISSING, _LARGE, _INVALID, _MEMORY, _BUSY. */
ion_status ion_runtime_spawn(ion_runtime *rt, const ion_entry *f, const ion_data *args, size_t n, ion_pid *pid);
/* Sends a message from the host. ION_OK; ION_E_MISSING: the process has ended; ION_E_LIMITED: its mailbox is full; _LARGE, _INVALID, _MEMORY,
 * _BUSY. */
ion_status ion_runtime_send(ion_runtime *rt, ion_pid to, const ion_data *message);
/* The host has a mailbox: the process ion_runtime_self, 0 when memory is out. Gives the oldest message, waiting for one: ION_OK; ION_E_IDLE: nobody will ever send one;
 * ION_E_LATE; ION_E_MEMORY, ION_E_LARGE (the message is lost), ION_E_BUSY. */
ion_pid ion_runtime_self(ion_runtime *rt);
ion_status ion_runtime_receive(ion_runtime *rt, ion_data *message, double ms);
/* Ends a process, as Kill with the reason kill does. ION_OK, ION_E_MISSING, ION_E_MEMORY, ION_E_BUSY. */
ion_status ion_runtime_kill(ion_runtime *rt, ion_pid pid);
/* Waits for a process's end: ION_OK, and *result (or NULL); ION_E_MISSING: it has ended some time ago, and its result is not known any more;
 * ION_E_IDLE: nothing can run, and it has not ended; ION_E_LATE (it goes on); ION_E_CRASHED, _EXITED, _KILLED, _LIMITED: the text is
 * the reason; ION_E_LARGE, ION_E_MEMORY, ION_E_BUSY. */
ion_status ion_runtime_wait(ion_runtime *rt, ion_pid pid, ion_data *result, double ms);
/* Runs processes until nothing ever will (ION_E_IDLE is no failure here, and says so), for so many reductions (0: any number; ION_E_SPENT), for a time
 * (ION_E_LATE; 0: without waiting), or until interrupted (ION_OK). Of a runtime with threads, only waits: until it is idle or the time is over. ION_E_BUSY. */
ion_status ion_runtime_run(ion_runtime *rt, uint64_t reductions, double ms);
/* Makes the run that is under way come back soon, as if its time were over: from any thread; if the runtime has none of its own, also from
 * a signal handler. */
void ion_runtime_interrupt(ion_runtime *rt);

/* Changes a limit, from now on. What all processes share begins anew: with ION_LIMIT_TOTAL_FUEL, the runtime is refuelled. Limits of a kind (fuel; memory;
 * stacks; output) that had none when the runtime was made cannot be set: ION_E_INVALID; ION_E_BUSY. */
ion_status ion_runtime_limit(ion_runtime *rt, int which, uint64_t value);

typedef struct ion_counts {
    uint64_t reductions;
    uint64_t native_calls;   /* of the host's functions */
    uint64_t deepest_stack;  /* values; this and the next as far as seen: where a stack gets a further piece, and at the ends of slices */
    uint64_t deepest_calls;  /* frames */
    uint64_t memory;         /* bytes in heaps and messages, now */
    uint64_t memory_peak;    /* and at most */
    uint64_t fuel_left;      /* of what all share; UINT64_MAX: there is no limit */
    uint64_t processes;      /* alive, the host's own not counted */
    uint64_t processes_ended;
    uint64_t messages, collections, switches;
} ion_counts;
/* Whenever one likes. */
void ion_runtime_counts(const ion_runtime *rt, ion_counts *c);

#ifdef __cplusplus
}
#endif
#endif
