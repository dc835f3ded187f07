/* alarm.c: what makes all schedulers stop: signals from the system, dumps, the end of a program's time.
 *
 * Whoever wants it sets a bit in rt->alarms and wakes those that are parked; a signal handler may do both. Schedulers
 * look between two slices, and a slice is not refilled while a bit is set. Told to end the program, each leaves its
 * loop. For all else they meet here, and the last to come does what there is to do: then no process is running, so that
 * all may be looked at, or ended, by one. Nobody parks for ever while others wait here: the bits are set before they
 * are woken.
 */
#include <errno.h>
#include <signal.h>

#include "host.h"
#include "mem.h"
#include "signals.h"

typedef struct alarms {
    pthread_mutex_t lock;
    pthread_cond_t over;
    uint32_t here;    /* schedulers that wait for the last one */
    uint64_t meeting; /* how many there have been */
    _Atomic int signal;
    struct sigaction before[3];
    bool set[3]; /* signals[i] is ours, before[i] what was there */
} alarms;

static const int signals[] = {SIGINT, SIGTERM, SIGUSR1};
static _Atomic(runtime *) listening; /* the one runtime that has the signals */

void alarm_ring(runtime *rt, alarm_kind what)
{
    atomic_fetch_or_explicit(&rt->alarms, what, memory_order_seq_cst);
    schedulers_wake(rt);
}

/* ---- signals ---- */

/* The first one ends the program in order; the next one ends it. */
static void handle(int number)
{
    runtime *rt = atomic_load_explicit(&listening, memory_order_acquire);
    int error = errno;
    if (rt && number == SIGUSR1) {
        alarm_ring(rt, ALARM_DUMP);
    } else if (rt) {
        signal(SIGINT, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        atomic_store_explicit(&rt->alarm->signal, number, memory_order_relaxed);
        alarm_ring(rt, ALARM_END);
    }
    errno = error;
}

static void listen_to_signals(runtime *rt)
{
    runtime *nobody = NULL;
    if (!rt->set.signals || !atomic_compare_exchange_strong(&listening, &nobody, rt))
        return;
    for (int i = 0; i < 3; i++) {
        struct sigaction mine = {.sa_handler = handle}, *old = &rt->alarm->before[i];
        bool wanted = signals[i] != SIGUSR1 || rt->dump;
        sigemptyset(&mine.sa_mask);
        if (!wanted || sigaction(signals[i], NULL, old) != 0 || old->sa_handler == SIG_IGN)
            continue;
        rt->alarm->set[i] = sigaction(signals[i], &mine, NULL) == 0;
    }
}

bool alarm_open(runtime *rt)
{
    rt->alarm = mem_zalloc(sizeof *rt->alarm);
    if (!rt->alarm)
        return false;
    pthread_mutex_init(&rt->alarm->lock, NULL);
    pthread_cond_init(&rt->alarm->over, NULL);
    if (rt->set.limit[LIMIT_TIME])
        atomic_store_explicit(&rt->alarms, ALARM_WATCH, memory_order_relaxed);
    listen_to_signals(rt);
    return true;
}

void alarm_close(runtime *rt)
{
    if (!rt->alarm)
        return;
    for (int i = 0; i < 3; i++)
        if (rt->alarm->set[i] && signals[i] != SIGUSR1) /* a dump asked for too late does no harm */
            (void)sigaction(signals[i], &rt->alarm->before[i], NULL);
    runtime *self = rt;
    (void)atomic_compare_exchange_strong(&listening, &self, NULL);
    pthread_cond_destroy(&rt->alarm->over);
    pthread_mutex_destroy(&rt->alarm->lock);
    mem_free(rt->alarm);
    rt->alarm = NULL;
}

int alarm_ended(const runtime *rt)
{
    if (!(atomic_load_explicit(&rt->alarms, memory_order_acquire) & ALARM_END))
        return 0;
    return atomic_load_explicit(&rt->alarm->signal, memory_order_relaxed);
}

/* ---- time ---- */

bool alarm_deadline(const runtime *rt, int64_t *ns)
{
    if (!(atomic_load_explicit(&rt->alarms, memory_order_relaxed) & ALARM_WATCH))
        return false;
    uint64_t ms = rt->set.limit[LIMIT_TIME];
    *ns = ms < INT64_MAX / 1000000 ? (int64_t)ms * 1000000 : INT64_MAX;
    return true;
}

/* Ends all processes. */
static void end_all(scheduler *s)
{
    runtime *rt = s->rt;
    for (process *p = table_next(rt, 1); p;) {
        uint64_t id = p->id;
        proc_end_limit(s, p, limit_rows[LIMIT_TIME].reason);
        p = table_next(rt, id + 1);
    }
}

/* ---- meeting ---- */

/* With the lock held, and all schedulers here. */
static void see_to(scheduler *s)
{
    collect_settle(s->rt);
    uint32_t what =
        atomic_fetch_and_explicit(&s->rt->alarms, ~(uint32_t)(ALARM_DUMP | ALARM_TIME), memory_order_seq_cst);
    if (what & ALARM_DUMP && s->rt->dump)
        dump_write(s->rt, NULL);
    if (what & ALARM_TIME) {
        if (s->rt->dump && !(what & ALARM_DUMP))
            dump_write(s->rt, "the time is over");
        atomic_fetch_and_explicit(&s->rt->alarms, ~(uint32_t)ALARM_WATCH, memory_order_seq_cst);
        end_all(s);
    }
}

static uint32_t asked(const runtime *rt, uint32_t what)
{
    return atomic_load_explicit(&rt->alarms, memory_order_seq_cst) & what;
}

static void meet(scheduler *s)
{
    alarms *a = s->rt->alarm;
    queue_share(s); /* a scheduler's own next one would look as if it waited */
    pthread_mutex_lock(&a->lock);
    if (asked(s->rt, ALARM_DUMP | ALARM_TIME)) {
        uint64_t meeting = a->meeting;
        if (++a->here == s->rt->nschedulers) {
            see_to(s);
            a->here = 0;
            a->meeting++;
            pthread_cond_broadcast(&a->over);
        }
        while (a->meeting == meeting && !asked(s->rt, ALARM_END))
            pthread_cond_wait(&a->over, &a->lock);
        if (a->meeting == meeting) /* not everybody will come */
            a->here--;
    }
    pthread_mutex_unlock(&a->lock);
}

bool alarm_answer(scheduler *s)
{
    runtime *rt = s->rt;
    int64_t end;
    if (rt->host && asked(rt, ALARM_HOST) && !rt->host->between(s))
        return false;
    if (alarm_deadline(rt, &end) && runtime_ns(rt) >= end && !asked(rt, ALARM_TIME))
        alarm_ring(rt, ALARM_TIME);
    if (!asked(rt, ALARM_END) && asked(rt, ALARM_DUMP | ALARM_TIME))
        meet(s);
    if (!asked(rt, ALARM_END))
        return true;
    pthread_mutex_lock(&rt->alarm->lock); /* those that wait for this scheduler wait no longer */
    pthread_cond_broadcast(&rt->alarm->over);
    pthread_mutex_unlock(&rt->alarm->lock);
    return false;
}
