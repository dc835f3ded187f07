/* drive.c: a runtime without threads of its own, run on the host's: calls, sends, waits, and how long each may take.
 *
 * The one scheduler runs in scheduler_run while the host waits for something. Between any two slices it asks `between`, since ALARM_HOST
 * is always set, and when nothing can run `idle`: both say when the run is over, and leave all processes where they are.
 *
 * Calls are made by a resident: a process that has no function of its own and stands in no queue. A call puts the function into its
 * first frame and gives it a slice at once; if the function returns within, that was all. Its heap is given up behind each call:
 * nothing refers to it then.
 */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "atom.h"
#include "embed.h"
#include "mem.h"
#include "outside.h"
#include "print.h"
#include "signals.h"

/* ---- the thread ---- */

enum { STACK_MARGIN = 1 << 20, STACK_MOST = 8 << 20 };
static pthread_key_t bound_key;
static pthread_once_t bound_once = PTHREAD_ONCE_INIT;
static bool bound_made;

static void bound_make(void)
{
    bound_made = pthread_key_create(&bound_key, NULL) == 0;
}

/* The lowest address of this thread's C stack. */
static char *stack_low(void)
{
    pthread_attr_t attributes;
    void *low = NULL;
    size_t size = 0;
    pthread_once(&bound_once, bound_make);
    char *known = bound_made ? pthread_getspecific(bound_key) : NULL;
    if (known)
        return known;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        (void)pthread_attr_getstack(&attributes, &low, &size);
        pthread_attr_destroy(&attributes);
    }
    if (bound_made)
        (void)pthread_setspecific(bound_key, low);
    return low;
}

/* Notes how far the thread's C stack may be used. */
static NOT_INLINE void bound_stack(ion_runtime *rt)
{
    char *here = __builtin_frame_address(0), *low = stack_low();
    if (!low || here - low > STACK_MOST)
        low = here - STACK_MOST;
    size_t room = (size_t)(here - low);
    rt->rt.schedulers->c_stack_limit = low + (room > 2 * STACK_MARGIN ? STACK_MARGIN : room / 2);
    rt->thread = pthread_self();
    rt->thread_known = true;
}

bool drive_enter(ion_runtime *rt, _Atomic uint64_t **before)
{
    bool nobody = false;
    if (rt->host.threads) {
        *before = heap_accounted();
        return true;
    }
    if (!atomic_compare_exchange_strong_explicit(&rt->inside, &nobody, true, memory_order_acquire,
                                                 memory_order_relaxed))
        return false;
    *before = heap_accounted();
    heap_account(&rt->rt.schedulers->counts[COUNT_HEAP]);
    if (!rt->thread_known || !pthread_equal(rt->thread, pthread_self()))
        bound_stack(rt);
    return true;
}

void drive_leave(ion_runtime *rt, _Atomic uint64_t *before)
{
    if (rt->host.threads)
        return;
    heap_account(before);
    atomic_store_explicit(&rt->inside, false, memory_order_release);
}

static ion_status busy(ion_runtime *rt)
{
    return runtime_fail(rt, ION_E_BUSY, "the runtime is in use");
}

/* ---- when a run is over ---- */

/* Whether the run is over; rt->how says why. */
static bool is_over(ion_runtime *rt, scheduler *s)
{
    if ((rt->over && *rt->over) || (rt->until_mail && rt->until_mail->mail))
        return true;
    if (atomic_load_explicit(&rt->interrupted, memory_order_relaxed) && atomic_exchange(&rt->interrupted, false)) {
        rt->how = rt->over || rt->until_mail ? ION_E_LATE : ION_OK;
        return true;
    }
    if (!rt->bounded)
        return false;
    if (atomic_load_explicit(&s->counts[COUNT_REDUCTIONS], memory_order_relaxed) >= rt->most)
        rt->how = ION_E_SPENT;
    else if (rt->until != INT64_MAX && system_ns() >= rt->until)
        rt->how = ION_E_LATE;
    return rt->how != ION_OK;
}

static bool between(scheduler *s)
{
    ion_runtime *rt = of_runtime(s->rt);
    if (rt->host.threads) {
        threads_serve(rt, s);
        return !atomic_load(&rt->host.stop);
    }
    rt->stopped = rt->stopped || is_over(rt, s);
    return !rt->stopped;
}

/* Virtual time goes on to the next timer. */
static void jump(scheduler *s, int64_t deadline)
{
    int64_t ns = deadline - runtime_ns(s->rt);
    if (ns > 0)
        s->rt->clock += ns;
}

static bool idle(scheduler *s)
{
    ion_runtime *rt = of_runtime(s->rt);
    int64_t deadline, end;
    if (!between(s))
        return false;
    bool expected = outside_expected(s->rt); /* asked first: what has been posted since is seen */
    if (outside_any(s->rt))
        return true;
    bool timed = timers_next(s, &deadline);
    if (!timed && !expected) {
        rt->how = ION_E_IDLE;
        return false;
    }
    if (!timed || (expected && s->rt->set.virtual_time)) /* which stands still meanwhile */
        deadline = INT64_MAX;
    if (alarm_deadline(s->rt, &end) && end < deadline)
        deadline = end;
    if (s->rt->set.virtual_time && !expected) {
        jump(s, deadline);
        return true;
    }
    int64_t ns = deadline == INT64_MAX ? deadline : deadline - runtime_ns(s->rt), left = rt->until == INT64_MAX ? INT64_MAX : rt->until - system_ns();
    ns = ns < left ? ns : left;
    if (ns > 0) {
        struct pollfd f = {.fd = s->wake_fd, .events = POLLIN};
        struct timespec wait = {ns / 1000000000, ns % 1000000000};
        uint64_t calls;
        (void)ppoll(&f, 1, &wait, NULL);
        (void)!read(s->wake_fd, &calls, sizeof calls);
    }
    return true;
}

static int64_t deadline_of(double ms)
{
    double ns = ms * 1e6;
    if (!(ms >= 0)) /* NaN, too */
        return INT64_MAX;
    int64_t now = system_ns();
    return ns >= (double)(INT64_MAX - now) ? INT64_MAX : now + (int64_t)ns;
}

/* Runs until `over`, `mail` has a message, or one of the bounds; says which. */
static ion_status drive(ion_runtime *rt, const _Atomic bool *over, process *mail, uint64_t reductions, double ms)
{
    scheduler *s = rt->rt.schedulers;
    uint64_t spent = atomic_load_explicit(&s->counts[COUNT_REDUCTIONS], memory_order_relaxed);
    rt->over = over;
    rt->until_mail = mail;
    rt->until = deadline_of(ms);
    rt->most = reductions && reductions < UINT64_MAX - spent ? spent + reductions : UINT64_MAX;
    rt->bounded = rt->until != INT64_MAX || rt->most != UINT64_MAX;
    rt->how = ION_OK;
    rt->stopped = false;
    scheduler_run(s);
    rt->over = NULL;
    rt->until_mail = NULL;
    return rt->how;
}

void ion_runtime_interrupt(ion_runtime *rt)
{
    atomic_store(&rt->interrupted, true);
    schedulers_wake(&rt->rt);
    if (rt->host.threads)
        pthread_cond_broadcast(&rt->news);
}

/* ---- what processes have come to ---- */

static void host_write(runtime *r, int stream, const char *bytes, size_t n)
{
    ion_runtime *rt = of_runtime(r);
    if (!rt->write)
        return;
    if (rt->host.threads)
        pthread_mutex_lock(&rt->output);
    rt->write(rt->user, stream, bytes, n);
    if (rt->host.threads)
        pthread_mutex_unlock(&rt->output);
}

static bool returned(process *p)
{
    ion_runtime *rt = of_runtime(runtime_of(p));
    if (p != rt->called)
        return false;
    rt->returned = true;
    rt->call_over = true;
    atomic_store_explicit(&p->state, PROC_WAITING, memory_order_relaxed);
    return true;
}

/* What is kept of an end. */
static void note_end(watch *w, process *p)
{
    if (atomic_load(&w->done))
        return;
    w->how = (end_how)p->how;
    w->well = p->how == END_RETURN || p->reason == ATOM(normal);
    if (p->how == END_RETURN && w->wanted)
        w->status = data_out(p->pub.value, &w->result);
    outbuf o = out_start(w->reason, sizeof w->reason - 1);
    if (p->how != END_RETURN)
        print_value(&o, p->reason, NULL);
    size_t n = o.len < sizeof w->reason - 1 ? o.len : sizeof w->reason - 1;
    if (o.data != w->reason)
        memcpy(w->reason, o.data, n);
    w->reason[n] = 0;
    out_free(&o);
    atomic_store(&w->done, true);
}

static void watching(ion_runtime *rt, bool yes)
{
    if (rt->host.threads && yes)
        pthread_mutex_lock(&rt->watching);
    else if (rt->host.threads)
        pthread_mutex_unlock(&rt->watching);
}

static void ended(process *p)
{
    ion_runtime *rt = of_runtime(runtime_of(p));
    if (p->id == rt->caller || p->id == rt->self) {
        share_give(&rt->rt, LIMIT_PROCESSES, -1);
        if (p->id == rt->caller)
            rt->caller = 0;
        else
            rt->self = 0;
    }
    if (p == rt->called) {
        rt->called = NULL;
        rt->call_over = true;
    }
    bool seen = false;
    watching(rt, true);
    for (watch *w = rt->watches; w; w = w->next)
        if (w->id == p->id) {
            note_end(w, p);
            seen = true;
        }
    watching(rt, false);
    if (seen && rt->host.threads) {
        pthread_mutex_lock(&rt->lock);
        pthread_cond_broadcast(&rt->news);
        pthread_mutex_unlock(&rt->lock);
    }
}

static void slept(process *p)
{
    if (p->pub.fp && runtime_of(p)->stack_limited && !p->packed)
        stack_note(p, p->pub.fp);
}

static void rests(runtime *r)
{
    ion_runtime *rt = of_runtime(r);
    pthread_mutex_lock(&rt->lock);
    rt->rests = !rt->first;
    pthread_cond_broadcast(&rt->news);
    pthread_mutex_unlock(&rt->lock);
}

const struct host drive_host = {.write = host_write,
                                .between = between,
                                .idle = idle,
                                .returned = returned,
                                .ended = ended,
                                .slept = slept,
                                .call = native_call,
                                .rests = rests};

/* ---- watches ---- */

void watch_start(watch *w, bool wanted)
{
    w->wanted = wanted;
    w->status = ION_OK;
    w->result = ion_undefined();
    w->reason[0] = 0;
    atomic_init(&w->done, false);
}

void watch_add(ion_runtime *rt, watch *w, uint64_t id)
{
    watching(rt, true);
    w->id = id;
    w->next = rt->watches;
    rt->watches = w;
    watching(rt, false);
}

void watch_remove(ion_runtime *rt, watch *w)
{
    watching(rt, true);
    watch **at = &rt->watches;
    while (*at && *at != w)
        at = &(*at)->next;
    if (*at)
        *at = w->next;
    watching(rt, false);
}

/* The value of a process that has returned. */
static ion_status give_value(ion_runtime *rt, ion_value v, ion_data *result)
{
    ion_status s = result ? data_out(v, result) : ION_OK;
    return s ? runtime_fail(rt, s, "%s", ion_status_text(s)) : s;
}

ion_status watch_status(ion_runtime *rt, watch *w, ion_data *result)
{
    static const ion_status statuses[] = {[END_RETURN] = ION_OK,
                                          [END_EXIT] = ION_E_EXITED,
                                          [END_CRASH] = ION_E_CRASHED,
                                          [END_KILLED] = ION_E_KILLED,
                                          [END_LIMIT] = ION_E_LIMITED};
    if (w->how == END_RETURN && w->status)
        return runtime_fail(rt, w->status, "%s", ion_status_text(w->status));
    if (w->how == END_RETURN && result)
        *result = w->result;
    if (w->how == END_RETURN)
        return ION_OK;
    if (w->how == END_EXIT && w->well)
        return ION_OK;
    return runtime_fail(rt, statuses[w->how], "%s", w->reason);
}

/* ---- residents ---- */

static ion_value resident_code(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    return threads_resident(p, fp); /* without threads it never runs */
}

static const ion_function resident_function = {
    .code = resident_code, .name = "host", .size = ION_FRAME(1), .arity = 0};

process *runtime_resident(ion_runtime *rt, scheduler *s, uint64_t *id)
{
    process *p = *id ? proc_find(&rt->rt, *id) : NULL;
    if (p)
        return p;
    p = proc_resident(s, &resident_function, rt->host.threads ? WAIT_MESSAGE : WAIT_ANSWER);
    *id = p ? p->id : 0;
    return p;
}

/* A resident that has nothing to do. */
static void rest(process *p)
{
    (void)stack_start(p, &resident_function, 0); /* needs no memory */
    atomic_store_explicit(&p->wait, WAIT_ANSWER, memory_order_relaxed); /* no message ends that */
    p->pub.value = ION_UNDEFINED;
    if (p->heap.blocks)
        heap_free(&p->heap);
}

/* ---- calls ---- */

/* Puts a function with its arguments into the resident's first frame. */
static ion_status enter(ion_runtime *rt, process *p, const ion_function *fn, const ion_data *args, size_t n)
{
    enum { FEW = 16 };
    ion_value few[FEW], *values = n <= FEW ? few : malloc(n * sizeof *values);
    fragment f;
    ion_status s = values ? data_in(args, n, values, &f) : ION_E_MEMORY;
    ion_frame *fp = s ? NULL : stack_start(p, fn, (uint32_t)n);
    if (fp) {
        for (size_t i = 0; i < n; i++)
            fp->r[i].v = values[i];
        heap_adopt(&p->heap, &f);
    } else if (!s) {
        fragment_free(&f);
        s = ION_E_MEMORY;
    }
    if (values != few)
        free(values);
    if (s)
        rest(p);
    return s ? runtime_fail(rt, s, "%s", ion_status_text(s)) : s;
}

/* The call has not been done: its process ends. */
static void give_up(scheduler *s, process *p, ion_status why)
{
    if (why != ION_E_IDLE)
        proc_end_limit(s, p, "time");
    else if (!proc_kill(s, p, p->id, ATOM(kill)))
        proc_end_limit(s, p, "heap");
}

/* Runs the resident's function, which is in place; first in a slice of its own, at once. */
static ion_status run_call(ion_runtime *rt, process *p, double ms, ion_data *result)
{
    scheduler *s = rt->rt.schedulers;
    watch w;
    ion_status how = ION_OK;
    watch_start(&w, false);
    watch_add(rt, &w, p->id);
    p->reductions = 0; /* fuel is each call's */
    rt->called = p;
    rt->returned = rt->call_over = false;
    atomic_store_explicit(&p->wait, WAIT_NONE, memory_order_relaxed);
    atomic_store_explicit(&p->state, PROC_RUNNING, memory_order_relaxed);
    scheduler_slice(s, p);
    if (!rt->call_over)
        how = drive(rt, &rt->call_over, NULL, 0, ms);
    if (!rt->call_over)
        give_up(s, p, how);
    rt->called = NULL;
    watch_remove(rt, &w);
    if (rt->returned) {
        how = give_value(rt, p->pub.value, result);
        rest(p);
        return how;
    }
    if (how == ION_E_LATE)
        return runtime_fail(rt, how, "%s", w.reason);
    if (how == ION_E_IDLE)
        return runtime_fail(rt, how, "the call waits for something that nobody can give it");
    return watch_status(rt, &w, result);
}

static ion_status call(ion_runtime *rt, const ion_entry *f, const ion_data *args, size_t n, ion_data *result, double ms)
{
    process *p = runtime_resident(rt, rt->rt.schedulers, &rt->caller);
    if (!p)
        return runtime_fail(rt, ION_E_MEMORY, "out of memory");
    ion_status how = enter(rt, p, f->fn, args, n);
    return how ? how : run_call(rt, p, ms, result);
}

static ion_status check_call(ion_runtime *rt, const ion_entry *f, const ion_data *args, size_t n)
{
    if (!rt || (n && !args) || n > ION_ARGUMENTS)
        return ION_E_INVALID;
    return runtime_uses(rt, f) ? ION_OK : runtime_fail(rt, ION_E_MISSING, "the runtime does not use that function's package");
}

ion_status ion_runtime_call(ion_runtime *rt, const ion_entry *f, const ion_data *args, size_t n, ion_data *result, double ms)
{
    _Atomic uint64_t *before;
    if (result)
        *result = ion_undefined();
    ion_status s = check_call(rt, f, args, n);
    if (s)
        return s;
    if (rt->host.threads)
        return threads_call(rt, f, args, n, result, ms);
    if (!drive_enter(rt, &before))
        return busy(rt);
    s = call(rt, f, args, n, result, ms);
    drive_leave(rt, before);
    return s;
}

/* ---- what a host does to processes; also while one of its functions is being called, and on the runtime's threads ---- */

bool drive_join(ion_runtime *rt, _Atomic uint64_t **before, bool *inner)
{
    *inner = rt->thread_known && pthread_equal(rt->thread, pthread_self()) &&
             atomic_load_explicit(&rt->inside, memory_order_relaxed) && rt->rt.schedulers->running;
    return *inner || drive_enter(rt, before);
}

ion_status drive_spawn(ion_runtime *rt, scheduler *s, const ion_function *fn, const ion_data *args, size_t n, ion_pid *pid)
{
    ion_value *values = calloc(n + 1, sizeof *values);
    fragment f = {0};
    ion_status how = values ? data_in(args, n, values, &f) : ION_E_MEMORY;
    if (!how) {
        uint64_t units, heap = s->rt->set.limit[LIMIT_HEAP];
        *pid = heap && f.bytes > heap ? 0 : proc_spawn(s, ION_FUNCTION(fn), values, (uint32_t)n, &units);
        fragment_free(&f);
        if (!*pid)
            how = s->reached == LIMIT_PROCESSES || (heap && f.bytes > heap) ? ION_E_LIMITED : ION_E_MEMORY;
    }
    free(values);
    return how ? runtime_fail(rt, how, "%s", how == ION_E_LIMITED ? "limit:processes" : ion_status_text(how)) : how;
}

ion_status drive_send(ion_runtime *rt, scheduler *s, ion_pid to, const ion_data *message)
{
    ion_value v;
    fragment f;
    process *p = proc_find(&rt->rt, to);
    if (!p)
        return runtime_fail(rt, ION_E_MISSING, "the process has ended");
    ion_status how = data_in(message, 1, &v, &f);
    if (how)
        return runtime_fail(rt, how, "%s", ion_status_text(how));
    bool copied = f.blocks != NULL, over = heaps_full(&rt->rt, f.bytes);
    proc_signal *m = over ? NULL : mail_new(s, copied);
    if (!m) {
        fragment_free(&f);
        return over ? runtime_fail(rt, ION_E_LIMITED, "limit:heap") : runtime_fail(rt, ION_E_MEMORY, "out of memory");
    }
    mail_room_kind room = mail_reserve(p);
    mailbox_policy policy = (mailbox_policy)atomic_load_explicit(&p->mail_policy, memory_order_relaxed);
    if (room == ROOM_NONE && policy != MAILBOX_DROP_OLD) {
        mail_drop(s, m, copied);
        fragment_free(&f);
        return policy == MAILBOX_DROP_NEW ? ION_OK : runtime_fail(rt, ION_E_LIMITED, "limit:mailbox");
    }
    mail_send(s, p, m, v, &f, room == ROOM_COUNTED, room == ROOM_NONE);
    return ION_OK;
}

ion_status drive_kill(ion_runtime *rt, scheduler *s, ion_pid pid)
{
    process *p = proc_find(&rt->rt, pid);
    if (!p || pid == rt->self || pid == rt->caller)
        return runtime_fail(rt, ION_E_MISSING, "the process has ended");
    return proc_kill(s, p, pid, ATOM(kill)) ? ION_OK : runtime_fail(rt, ION_E_MEMORY, "out of memory");
}

ion_status ion_runtime_spawn(ion_runtime *rt, const ion_entry *f, const ion_data *args, size_t n, ion_pid *pid)
{
    _Atomic uint64_t *before;
    bool inner;
    if (!pid)
        return ION_E_INVALID;
    *pid = 0;
    ion_status s = check_call(rt, f, args, n);
    if (s)
        return s;
    if (rt->host.threads)
        return threads_spawn(rt, f, args, n, pid);
    if (!drive_join(rt, &before, &inner))
        return busy(rt);
    s = drive_spawn(rt, rt->rt.schedulers, f->fn, args, n, pid);
    if (!inner)
        drive_leave(rt, before);
    return s;
}

ion_status ion_runtime_send(ion_runtime *rt, ion_pid to, const ion_data *message)
{
    _Atomic uint64_t *before;
    bool inner;
    if (!rt || !message)
        return ION_E_INVALID;
    if (rt->host.threads)
        return threads_send(rt, to, message);
    if (!drive_join(rt, &before, &inner))
        return busy(rt);
    ion_status s = drive_send(rt, rt->rt.schedulers, to, message);
    if (!inner)
        drive_leave(rt, before);
    return s;
}

ion_status ion_runtime_kill(ion_runtime *rt, ion_pid pid)
{
    _Atomic uint64_t *before;
    if (!rt)
        return ION_E_INVALID;
    if (rt->host.threads)
        return threads_kill(rt, pid);
    if (!drive_enter(rt, &before))
        return busy(rt);
    ion_status s = drive_kill(rt, rt->rt.schedulers, pid);
    drive_leave(rt, before);
    return s;
}

/* ---- waiting ---- */

ion_pid ion_runtime_self(ion_runtime *rt)
{
    _Atomic uint64_t *before;
    bool inner;
    if (!rt)
        return 0;
    if (rt->host.threads)
        return threads_self(rt);
    if (!drive_join(rt, &before, &inner))
        return 0;
    process *p = runtime_resident(rt, rt->rt.schedulers, &rt->self);
    if (!inner)
        drive_leave(rt, before);
    return p ? p->id : 0;
}

/* The oldest message of the host's mailbox, if there is one: true, and *s says how that went. */
bool drive_take(ion_runtime *rt, process *p, ion_data *message, ion_status *s)
{
    ion_value v;
    if (!mail_take(p, &v))
        return false;
    *s = give_value(rt, v, message);
    heap_free(&p->heap); /* nothing but that message */
    return true;
}

ion_status ion_runtime_receive(ion_runtime *rt, ion_data *message, double ms)
{
    _Atomic uint64_t *before;
    ion_status how = ION_OK;
    if (!rt || !message)
        return ION_E_INVALID;
    *message = ion_undefined();
    if (rt->host.threads)
        return threads_receive(rt, message, ms);
    if (!drive_enter(rt, &before))
        return busy(rt);
    process *p = runtime_resident(rt, rt->rt.schedulers, &rt->self);
    if (!p) {
        how = runtime_fail(rt, ION_E_MEMORY, "out of memory");
    } else if (!drive_take(rt, p, message, &how)) {
        how = drive(rt, NULL, p, 0, ms);
        if (!drive_take(rt, p, message, &how))
            runtime_fail(rt, how, "%s", ion_status_text(how));
    }
    drive_leave(rt, before);
    return how;
}

/* The result of a process that has ended before, if it is still known. */
ion_status drive_result(ion_runtime *rt, ion_pid pid, ion_data *result)
{
    ion_value v;
    fragment f = {0};
    int found = result_copy(&rt->rt, pid, &v, &f);
    if (found < 0)
        return runtime_fail(rt, ION_E_MEMORY, "out of memory");
    if (!found)
        return runtime_fail(rt, ION_E_MISSING, "the process has ended before");
    ion_status s = give_value(rt, v, result);
    fragment_free(&f);
    return s;
}

static ion_status wait_for(ion_runtime *rt, ion_pid pid, ion_data *result, double ms)
{
    watch w;
    if (!proc_find(&rt->rt, pid))
        return drive_result(rt, pid, result);
    watch_start(&w, result != NULL);
    watch_add(rt, &w, pid);
    ion_status how = drive(rt, &w.done, NULL, 0, ms);
    watch_remove(rt, &w);
    return w.done ? watch_status(rt, &w, result) : runtime_fail(rt, how, "%s", ion_status_text(how));
}

ion_status ion_runtime_wait(ion_runtime *rt, ion_pid pid, ion_data *result, double ms)
{
    _Atomic uint64_t *before;
    if (result)
        *result = ion_undefined();
    if (!rt)
        return ION_E_INVALID;
    if (rt->host.threads)
        return threads_wait(rt, pid, result, ms);
    if (!drive_enter(rt, &before))
        return busy(rt);
    ion_status s = wait_for(rt, pid, result, ms);
    drive_leave(rt, before);
    return s;
}

ion_status ion_runtime_run(ion_runtime *rt, uint64_t reductions, double ms)
{
    _Atomic uint64_t *before;
    if (!rt)
        return ION_E_INVALID;
    if (rt->host.threads)
        return threads_rest(rt, ms);
    if (!drive_enter(rt, &before))
        return busy(rt);
    ion_status s = drive(rt, NULL, NULL, reductions, ms);
    drive_leave(rt, before);
    return s;
}
