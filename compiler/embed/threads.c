/* threads.c: a runtime with threads of its own, seen from the host's threads.
 *
 * They never touch a process: what they want is a command, done by some scheduler between two slices while they wait. Where the host's
 * function that is being called wants something, its own scheduler does it at once. Results and messages for the host are copied by
 * the scheduler that has them, so that nothing of a runtime's memory gets into other hands.
 */
#include <errno.h>
#include <stdlib.h>

#include "embed.h"
#include "signals.h"

/* The scheduler whose thread this is; NULL: none. */
static scheduler *own_scheduler(ion_runtime *rt)
{
    for (uint32_t i = 0; i < rt->running; i++)
        if (pthread_equal(rt->rt.schedulers[i].thread, pthread_self()))
            return &rt->rt.schedulers[i];
    return NULL;
}

void threads_serve(ion_runtime *rt, scheduler *s)
{
    atomic_fetch_and(&rt->rt.alarms, ~(uint32_t)ALARM_HOST);
    if (atomic_load(&rt->host.stop)) /* that is for all of them to see */
        atomic_fetch_or(&rt->rt.alarms, ALARM_HOST);
    pthread_mutex_lock(&rt->lock);
    while (rt->first) {
        command *c = rt->first;
        rt->first = c->next;
        pthread_mutex_unlock(&rt->lock);
        c->run(c, rt, s);
        pthread_mutex_lock(&rt->lock);
        c->done = true;
        pthread_cond_broadcast(&rt->news);
    }
    pthread_mutex_unlock(&rt->lock);
}

static void order(ion_runtime *rt, command *c)
{
    scheduler *own = own_scheduler(rt);
    if (own) {
        c->run(c, rt, own);
        return;
    }
    c->next = NULL;
    c->done = false;
    pthread_mutex_lock(&rt->lock);
    if (rt->first)
        rt->last->next = c;
    else
        rt->first = c;
    rt->last = c;
    rt->rests = false;
    pthread_mutex_unlock(&rt->lock);
    alarm_ring(&rt->rt, ALARM_HOST);
    pthread_mutex_lock(&rt->lock);
    while (!c->done)
        pthread_cond_wait(&rt->news, &rt->lock);
    pthread_mutex_unlock(&rt->lock);
}

/* With the lock held: false when the time is over. `until` NULL: never. */
static bool wait_news(ion_runtime *rt, const struct timespec *until)
{
    if (!until) {
        pthread_cond_wait(&rt->news, &rt->lock);
        return true;
    }
    return pthread_cond_timedwait(&rt->news, &rt->lock, until) != ETIMEDOUT;
}

static const struct timespec *until(struct timespec *t, double ms)
{
    enum { DAY = 86400 };
    if (!(ms >= 0) || ms > 1000.0 * DAY * 36500)
        return NULL;
    int64_t ns = system_ns() + (int64_t)(ms * 1e6);
    *t = (struct timespec){ns / 1000000000, ns % 1000000000};
    return t;
}

/* ---- commands ---- */

typedef struct order_spawn {
    command c;
    const ion_function *fn;
    const ion_data *args;
    size_t n;
    watch *w; /* NULL: nobody waits for its end */
    ion_pid pid;
    ion_status status;
} order_spawn;

static void run_spawn(command *c, ion_runtime *rt, scheduler *s)
{
    order_spawn *o = (order_spawn *)c;
    pthread_mutex_lock(&rt->watching); /* it may end before this is over */
    o->status = drive_spawn(rt, s, o->fn, o->args, o->n, &o->pid);
    if (!o->status && o->w) {
        o->w->id = o->pid;
        o->w->next = rt->watches;
        rt->watches = o->w;
    }
    pthread_mutex_unlock(&rt->watching);
    if (!o->status && rt->rt.many)
        scheduler_call(s);
}

ion_status threads_spawn(ion_runtime *rt, const ion_entry *f, const ion_data *args, size_t n, ion_pid *pid)
{
    order_spawn o = {.c.run = run_spawn, .fn = f->fn, .args = args, .n = n};
    order(rt, &o.c);
    *pid = o.pid;
    return o.status;
}

typedef struct order_message {
    command c;
    ion_pid to;
    const ion_data *message; /* NULL: it is to be killed */
    ion_status status;
} order_message;

static void run_message(command *c, ion_runtime *rt, scheduler *s)
{
    order_message *o = (order_message *)c;
    o->status = o->message ? drive_send(rt, s, o->to, o->message) : drive_kill(rt, s, o->to);
}

ion_status threads_send(ion_runtime *rt, ion_pid to, const ion_data *message)
{
    order_message o = {.c.run = run_message, .to = to, .message = message};
    order(rt, &o.c);
    return o.status;
}

ion_status threads_kill(ion_runtime *rt, ion_pid pid)
{
    return threads_send(rt, pid, NULL);
}

/* ---- the host's mailbox ---- */

/* Messages are handed over only as far as this, since what is handed over counts for no limit. */
enum { LETTERS_MOST = 256, LETTER_BYTES_MOST = 1 << 20 };

/* With the lock held. */
static bool enough_letters(const ion_runtime *rt)
{
    return rt->nletters >= LETTERS_MOST || rt->letter_bytes >= LETTER_BYTES_MOST;
}

/* Makes the mailbox, or has it go on handing over. */
static void run_self(command *c, ion_runtime *rt, scheduler *s)
{
    (void)c;
    (void)runtime_resident(rt, s, &rt->self);
    pthread_mutex_lock(&rt->lock);
    bool more = rt->full && !enough_letters(rt);
    pthread_mutex_unlock(&rt->lock);
    proc_signal *go = more ? signal_new(SIG_NATIVE, 0, 0) : NULL;
    if (!go)
        return; /* without memory: the next one who asks */
    pthread_mutex_lock(&rt->lock);
    rt->full = false;
    pthread_mutex_unlock(&rt->lock);
    (void)signal_send(s, rt->self, go);
}

ion_pid threads_self(ion_runtime *rt)
{
    command c = {.run = run_self};
    order(rt, &c);
    return rt->self;
}

/* With the lock held. */
static bool take_letter(ion_runtime *rt, ion_data *message, ion_status *how)
{
    letter *l = rt->letters;
    if (!l)
        return false;
    rt->letters = l->next;
    rt->nletters--;
    rt->letter_bytes -= l->bytes;
    *message = l->data;
    *how = l->status;
    free(l);
    return true;
}

ion_status threads_receive(ion_runtime *rt, ion_data *message, double ms)
{
    struct timespec t;
    const struct timespec *end = until(&t, ms);
    ion_status how = ION_OK;
    if (own_scheduler(rt))
        return runtime_fail(rt, ION_E_BUSY, "a function that is being called cannot wait");
    if (!threads_self(rt))
        return runtime_fail(rt, ION_E_MEMORY, "out of memory");
    pthread_mutex_lock(&rt->lock);
    while (!take_letter(rt, message, &how)) {
        if (rt->full) { /* others have taken them all */
            pthread_mutex_unlock(&rt->lock);
            (void)threads_self(rt);
            pthread_mutex_lock(&rt->lock);
        } else if (rt->rests) {
            how = ION_E_IDLE;
        } else if (!wait_news(rt, end) && !rt->letters) {
            how = ION_E_LATE;
        }
        if (how)
            break;
    }
    pthread_mutex_unlock(&rt->lock);
    return how ? runtime_fail(rt, how, "%s", ion_status_text(how)) : how;
}

/* ---- ends ---- */

/* Waits for what is watched; false: the time is over, or nothing can run. Not watched any more then. */
static ion_status await(ion_runtime *rt, watch *w, double ms)
{
    struct timespec t;
    const struct timespec *end = until(&t, ms);
    ion_status how = ION_OK;
    pthread_mutex_lock(&rt->lock);
    while (!atomic_load(&w->done) && !how) {
        if (rt->rests)
            how = ION_E_IDLE;
        else if (!wait_news(rt, end))
            how = ION_E_LATE;
    }
    pthread_mutex_unlock(&rt->lock);
    watch_remove(rt, w);
    return atomic_load(&w->done) ? ION_OK : how;
}

ion_status threads_call(ion_runtime *rt, const ion_entry *f, const ion_data *args, size_t n, ion_data *result, double ms)
{
    watch w;
    if (own_scheduler(rt))
        return runtime_fail(rt, ION_E_BUSY, "a function that is being called cannot wait");
    watch_start(&w, result != NULL);
    order_spawn o = {.c.run = run_spawn, .fn = f->fn, .args = args, .n = n, .w = &w};
    order(rt, &o.c);
    if (o.status)
        return o.status;
    ion_status how = await(rt, &w, ms);
    if (!how)
        return watch_status(rt, &w, result);
    (void)threads_kill(rt, o.pid);
    return runtime_fail(rt, how, "%s", how == ION_E_LATE ? "limit:time" : "the call waits for something that nobody can give it");
}

typedef struct order_watch {
    command c;
    watch *w;
    ion_pid pid;
    ion_data *result;
    bool there;
    ion_status status;
} order_watch;

static void run_watch(command *c, ion_runtime *rt, scheduler *s)
{
    (void)s;
    order_watch *o = (order_watch *)c;
    watch_add(rt, o->w, o->pid); /* first: it may be ending */
    o->there = proc_find(&rt->rt, o->pid) != NULL;
    if (!o->there && !atomic_load(&o->w->done)) {
        watch_remove(rt, o->w);
        o->status = drive_result(rt, o->pid, o->result);
    } else {
        o->there = true;
    }
}

ion_status threads_wait(ion_runtime *rt, ion_pid pid, ion_data *result, double ms)
{
    watch w;
    if (own_scheduler(rt))
        return runtime_fail(rt, ION_E_BUSY, "a function that is being called cannot wait");
    watch_start(&w, result != NULL);
    order_watch o = {.c.run = run_watch, .w = &w, .pid = pid, .result = result};
    order(rt, &o.c);
    if (!o.there)
        return o.status;
    ion_status how = await(rt, &w, ms);
    return how ? runtime_fail(rt, how, "%s", ion_status_text(how)) : watch_status(rt, &w, result);
}

ion_status threads_rest(ion_runtime *rt, double ms)
{
    struct timespec t;
    const struct timespec *end = until(&t, ms);
    ion_status how = ION_OK;
    if (own_scheduler(rt))
        return runtime_fail(rt, ION_E_BUSY, "a function that is being called cannot wait");
    pthread_mutex_lock(&rt->lock);
    while (!how) {
        if (rt->rests)
            how = ION_E_IDLE;
        else if (atomic_exchange(&rt->interrupted, false))
            break;
        else if (!wait_news(rt, end))
            how = ION_E_LATE;
    }
    pthread_mutex_unlock(&rt->lock);
    return how;
}

/* ---- the resident's code ---- */

/* With the lock held: adds what the host is to get. */
static void put_letter(ion_runtime *rt, letter *l)
{
    if (rt->letters)
        rt->last_letter->next = l;
    else
        rt->letters = l;
    rt->last_letter = l;
    rt->nletters++;
    rt->letter_bytes += l->bytes;
    rt->full = enough_letters(rt);
    pthread_cond_broadcast(&rt->news);
}

/* Hands its messages over. */
ion_value threads_resident(ion_process *p, ion_frame *fp)
{
    process *proc = proc_of(p);
    ion_runtime *rt = of_runtime(runtime_of(proc));
    ion_value v;
    fp->n = 0;
    bool full = false;
    while (!full && mail_take(proc, &v)) {
        letter *l = malloc(sizeof *l);
        if (!l)
            return proc_no_memory(p, fp);
        l->next = NULL;
        l->status = data_out(v, &l->data);
        l->bytes = proc->heap.bytes;
        heap_free(&proc->heap);
        pthread_mutex_lock(&rt->lock);
        put_letter(rt, l);
        full = rt->full;
        pthread_mutex_unlock(&rt->lock);
    }
    return proc_gone(proc) ? ION_LEAVE : proc_wait(p, fp, full ? WAIT_NATIVE : WAIT_MESSAGE);
}
