/* blocking.c: blocking functions, on threads of their own.
 *
 * The process waits (WAIT_NATIVE) while its call lies with a pool of threads, which are started as they are needed, at
 * most THREADS_MOST, and end when there has been nothing to do for a while. A call holds all memory that C looks at. It
 * belongs to the process, by its relations, and to the thread; who lets go last frees it, so a process that is killed
 * leaves the call to its end, and the result to nobody. The result comes back as a post (outside.h) whose signal wakes
 * the process.
 *
 * Threads are detached, and hold what they look at: a program may end while C is still at work.
 */
#include <time.h>

#include "foreign.h"
#include "mem.h"
#include "messages.h"
#include "outside.h"
#include "signals.h"

enum { THREADS_MOST = 64, IDLE_SECONDS = 10 };

typedef struct native_job {
    post post; /* first */
    struct native_job *next;
    _Atomic uint32_t holders;
    const foreign *f;
    outside *to;
    uint64_t process;
    proc_signal *done; /* made beforehand: waking needs no memory */
    native_args args;
} native_job;

/* One pool for the OS process. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static native_job *first, *last; /* to be done; guarded by the lock, as the counts are */
static uint32_t threads, idle, waiting;

/* Counts calls of a function that lie with the threads. */
static void count_calls(const foreign *f, uint32_t n)
{
    atomic_fetch_add_explicit(&((foreign *)(uintptr_t)f)->calls, n, memory_order_release);
}

static void job_drop(native_job *j)
{
    if (atomic_fetch_sub_explicit(&j->holders, 1, memory_order_acq_rel) != 1)
        return;
    native_args_free(&j->args);
    if (j->done)
        signal_free(j->done);
    outside_drop(j->to);
    mem_free(j);
}

/* ---- back on a scheduler ---- */

static void job_back(scheduler *s, post *p)
{
    native_job *j = (native_job *)(void *)p;
    proc_signal *sig = j->done;
    j->done = NULL;
    (void)signal_send(s, j->process, sig);
    job_drop(j);
}

static void job_late(post *p)
{
    job_drop((native_job *)(void *)p);
}

/* ---- threads ---- */

/* The next to do; NULL: this thread is to end. The lock is held. */
static native_job *next_job(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += IDLE_SECONDS;
    idle++;
    int timed_out = 0;
    while (!first && !timed_out)
        timed_out = pthread_cond_timedwait(&more, &lock, &until);
    idle--;
    native_job *j = first;
    if (j) {
        first = j->next;
        waiting--;
    }
    return j;
}

static void *thread_main(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&lock);
    for (native_job *j; (j = next_job());) {
        pthread_mutex_unlock(&lock);
        foreign_invoke(j->f, j->args.w);
        count_calls(j->f, UINT32_MAX); /* from here on the function may be gone, if the program has ended */
        outside *to = j->to;
        outside_post(to, &j->post); /* from here on the job may be gone; `to` is held for the expectation */
        outside_unexpect(to);
        outside_drop(to);
        pthread_mutex_lock(&lock);
    }
    threads--;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static bool start_thread(void)
{
    pthread_attr_t detached;
    pthread_t thread;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    bool started = pthread_create(&thread, &detached, thread_main, NULL) == 0;
    pthread_attr_destroy(&detached);
    threads += started;
    return started;
}

/* Gives a job to the pool. False: there is no thread for it. */
static bool hand_over(native_job *j)
{
    pthread_mutex_lock(&lock);
    bool taken = idle > waiting || (threads < THREADS_MOST && start_thread()) || threads;
    if (taken) {
        j->next = NULL;
        if (first)
            last->next = j;
        else
            first = j;
        last = j;
        waiting++;
        pthread_cond_signal(&more);
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

/* ---- the process ---- */

static native_job *job_new(process *proc, const foreign *f)
{
    native_job *j = mem_alloc(sizeof *j);
    if (!j)
        return NULL;
    j->post = (post){NULL, job_back, job_late};
    atomic_init(&j->holders, 2);
    j->f = f;
    j->process = proc->id;
    j->to = outside_hold(runtime_of(proc));
    j->args.nheld = 0;
    j->args.copies = NULL;
    j->done = signal_new(SIG_NATIVE, 0, 0);
    return j;
}

/* A job that has come to nothing. */
static void job_undo(native_job *j)
{
    atomic_store(&j->holders, 1);
    job_drop(j);
}

ion_value blocking_call(ion_process *p, ion_frame *fp, const foreign *f)
{
    process *proc = proc_of(p);
    relations *r = relations_of(proc);
    native_job *j = r ? job_new(proc, f) : NULL;
    bool nul;
    int bad = j && j->done ? native_args_set(&j->args, &f->sig, fp->r, true, &nul) : -1;
    if (proc->in_native || bad) {
        if (j)
            job_undo(j);
        if (bad)
            return foreign_misfit(p, fp, f, bad, nul);
        return proc_wait(p, fp, WAIT_NATIVE); /* which is refused */
    }
    outside_hold(runtime_of(proc)); /* the thread's */
    outside_expect(j->to);
    r->native = &j->post;
    proc_wait_begin(proc, WAIT_NATIVE);
    count_calls(f, 1);
    if (hand_over(j))
        return proc_wait_on(p, fp, WAIT_NATIVE);
    count_calls(f, UINT32_MAX);
    r->native = NULL;
    proc_wait_begin(proc, WAIT_NONE);
    outside_unexpect(j->to);
    outside_drop(j->to);
    job_undo(j);
    return proc_no_memory(p, fp);
}

ion_value blocking_resumed(ion_process *p, ion_frame *fp, const foreign *f)
{
    relations *r = proc_of(p)->relations;
    native_job *j = (native_job *)(void *)r->native;
    r->native = NULL;
    ion_value v = native_result(p, fp, (native_kind)f->sig.result, j->args.w[0]);
    job_drop(j);
    return v;
}
