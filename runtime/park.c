/* park.c: schedulers that have nothing to do, and how the last of them finds out that nothing will ever happen.
 *
 * A scheduler parks in poll(2), until its next timer is due or another one writes to its descriptor; one of those that are
 * parked looks at standard input as well, if a process waits for it. Whoever has more to run than it will soon get to calls
 * one of the parked, but never while another that was called is still searching: that one calls the next when it has found
 * something (the scheme of Go's scheduler; Vyukov, 2012). No call is lost: before it parks, a scheduler first says so and then looks at all
 * queues once more, and who fills a queue looks for the parked afterwards.
 *
 * When all are parked, no timer is set and nobody waits for input, nothing can ever run again.
 */
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "io.h"
#include "mem.h"
#include "outside.h"
#include "signals.h"

#define INPUT_EVERY 32 /* slices between looks at the input while others run */

typedef struct parking {
    pthread_mutex_t lock;
    _Atomic uint32_t parked;    /* schedulers that are; changed with the lock held */
    _Atomic uint32_t searching; /* that have been called and have found nothing yet */
    bool done;
    scheduler *poller;
    pthread_mutex_t input_lock;
    process *input_first, *input_last;
    _Atomic uint32_t input_count;
} parking;

bool parking_open(runtime *rt)
{
    rt->parking = mem_zalloc(sizeof *rt->parking);
    if (!rt->parking)
        return false;
    pthread_mutex_init(&rt->parking->lock, NULL);
    pthread_mutex_init(&rt->parking->input_lock, NULL);
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        rt->schedulers[i].wake_fd = -1;
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        if ((rt->schedulers[i].wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
            return false;
    return true;
}

void parking_close(runtime *rt)
{
    if (!rt->parking)
        return;
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        if (rt->schedulers[i].wake_fd >= 0)
            close(rt->schedulers[i].wake_fd);
    pthread_mutex_destroy(&rt->parking->lock);
    pthread_mutex_destroy(&rt->parking->input_lock);
    mem_free(rt->parking);
    rt->parking = NULL;
}

/* ---- input ---- */

bool input_wanted(const runtime *rt)
{
    return atomic_load_explicit(&rt->parking->input_count, memory_order_seq_cst) != 0;
}

void input_add(process *p)
{
    parking *k = runtime_of(p)->parking;
    pthread_mutex_lock(&k->input_lock);
    p->next = NULL;
    if (k->input_first) {
        k->input_last->next = p;
    } else {
        k->input_first = p;
        p->on->input_in = INPUT_EVERY;
    }
    k->input_last = p;
    atomic_fetch_add_explicit(&k->input_count, 1, memory_order_seq_cst);
    pthread_mutex_unlock(&k->input_lock);
}

/* Takes p out of the list if it is there. */
static void unlist(parking *k, process *p)
{
    process *before = NULL, *at = k->input_first;
    for (; at && at != p; at = at->next)
        before = at;
    if (!at)
        return;
    if (before)
        before->next = p->next;
    else
        k->input_first = p->next;
    if (k->input_last == p)
        k->input_last = before;
    atomic_fetch_sub_explicit(&k->input_count, 1, memory_order_seq_cst);
}

void input_remove(process *p)
{
    parking *k = runtime_of(p)->parking;
    pthread_mutex_lock(&k->input_lock);
    unlist(k, p);
    pthread_mutex_unlock(&k->input_lock);
}

/* There is input: the one that has waited longest is woken. */
static void input_give(scheduler *s)
{
    parking *k = s->rt->parking;
    proc_signal *sig = signal_new(SIG_INPUT, 0, 0);
    if (!sig) /* another time */
        return;
    pthread_mutex_lock(&k->input_lock);
    process *p = k->input_first;
    if (p)
        unlist(k, p);
    pthread_mutex_unlock(&k->input_lock);
    if (p)
        (void)signal_post(s, p, sig);
    else
        signal_free(sig);
}

void input_look(scheduler *s)
{
    s->input_in = INPUT_EVERY;
    if (io_poll(s->rt, -1, 0))
        input_give(s);
}

/* ---- parking ---- */

/* Whether any scheduler has something to run that is to be had. */
static bool work(const runtime *rt)
{
    if (!rt->many)
        return !queue_empty(rt->schedulers);
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        if (queue_any(&rt->schedulers[i]))
            return true;
    return false;
}

/* Whether a process has been collected that its scheduler has not taken back yet. */
static bool back(const scheduler *s)
{
    return atomic_load_explicit(&s->collected, memory_order_seq_cst) != NULL;
}

static bool any_back(const runtime *rt)
{
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        if (back(&rt->schedulers[i]))
            return true;
    return false;
}

static bool timers_any(runtime *rt)
{
    int64_t deadline;
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        if (timers_next(&rt->schedulers[i], &deadline))
            return true;
    return false;
}

static void wake(const scheduler *s)
{
    uint64_t one = 1;
    (void)!write(s->wake_fd, &one, sizeof one);
}

void schedulers_wake(const runtime *rt)
{
    for (uint32_t i = 0; i < rt->nschedulers; i++)
        wake(&rt->schedulers[i]);
}

void scheduler_found(scheduler *s)
{
    if (s->searching) {
        s->searching = false;
        atomic_fetch_sub_explicit(&s->rt->parking->searching, 1, memory_order_seq_cst);
    }
    if (queue_any(s))
        scheduler_call(s);
}

/* Notes that a parked scheduler is being called. The lock is held. */
static void call(parking *k, scheduler *s)
{
    s->parked = false;
    s->searching = true;
    atomic_fetch_sub_explicit(&k->parked, 1, memory_order_seq_cst);
    atomic_fetch_add_explicit(&k->searching, 1, memory_order_seq_cst);
}

void scheduler_call(scheduler *s)
{
    runtime *rt = s->rt;
    parking *k = rt->parking;
    atomic_thread_fence(memory_order_seq_cst); /* what has been queued is seen by who parks, or that one here */
    if (!atomic_load_explicit(&k->parked, memory_order_relaxed) ||
        atomic_load_explicit(&k->searching, memory_order_relaxed))
        return;
    scheduler *called = NULL;
    pthread_mutex_lock(&k->lock);
    for (uint32_t i = 0; !called && i < rt->nschedulers; i++)
        if (rt->schedulers[i].parked)
            called = &rt->schedulers[i];
    if (called)
        call(k, called);
    pthread_mutex_unlock(&k->lock);
    if (called)
        wake(called);
}

void scheduler_wake(scheduler *s)
{
    parking *k = s->rt->parking;
    pthread_mutex_lock(&k->lock);
    bool parked = s->parked;
    if (parked)
        call(k, s);
    pthread_mutex_unlock(&k->lock);
    if (parked)
        wake(s);
}

/* Says that s is parked, unless it has found out that there is work, or that there never will be (done). */
static bool park_begin(scheduler *s)
{
    runtime *rt = s->rt;
    parking *k = rt->parking;
    if (s->searching) {
        s->searching = false;
        atomic_fetch_sub_explicit(&k->searching, 1, memory_order_seq_cst);
    }
    atomic_fetch_add_explicit(&k->parked, 1, memory_order_seq_cst);
    s->parked = true;
    atomic_thread_fence(memory_order_seq_cst); /* pairs with the one in scheduler_call */
    bool away = collect_away(rt); /* asked first: who comes back is to be seen before that changes */
    bool expected = outside_expected(rt);
    /* what waits with a large heap may have been given a message while that was collected, and run next here */
    bool stay = !s->next && !work(rt) && !back(s) && !outside_any(rt);
    if (stay && !away && !(expected && runtime_alive(rt)) && !any_back(rt) && atomic_load_explicit(&k->parked, memory_order_relaxed) == rt->nschedulers && !timers_any(rt) &&
        !input_wanted(rt)) {
        if (rt->host) {
            rt->host->rests(rt);
        } else {
            k->done = true;
            schedulers_wake(rt);
        }
    }
    stay &= !k->done;
    if (!stay) {
        s->parked = false;
        atomic_fetch_sub_explicit(&k->parked, 1, memory_order_seq_cst);
    } else if (input_wanted(rt) && !k->poller) {
        k->poller = s;
    }
    return stay;
}

static void park_end(scheduler *s)
{
    parking *k = s->rt->parking;
    if (s->parked) { /* nobody has called */
        s->parked = false;
        atomic_fetch_sub_explicit(&k->parked, 1, memory_order_seq_cst);
    }
    if (k->poller == s)
        k->poller = NULL;
}

/* The next timer, or the end of all time if that is earlier. False: neither will come. */
static bool next_deadline(scheduler *s, int64_t *deadline)
{
    int64_t end;
    bool any = timers_next(s, deadline);
    if (!alarm_deadline(s->rt, &end))
        return any;
    if (!any || end < *deadline)
        *deadline = end;
    return true;
}

/* Waits for a call, for the next timer, and, if asked to, for input: true when there is some. */
static bool wait_for_any(scheduler *s, bool input)
{
    struct pollfd f = {.fd = s->wake_fd, .events = POLLIN};
    struct timespec until = {0};
    int64_t deadline = 0, ns = -1;
    if (next_deadline(s, &deadline)) {
        ns = deadline - runtime_ns(s->rt);
        if (ns <= 0)
            return false;
    }
    int64_t shrink = shrink_in_ns(s);
    if (shrink >= 0 && (ns < 0 || shrink < ns))
        ns = shrink;
    if (ns >= 0)
        until = (struct timespec){ns / 1000000000, ns % 1000000000};
    if (input) {
        input = io_poll(s->rt, s->wake_fd, ns < 0 ? -1 : (double)ns / 1e6);
    } else {
        (void)ppoll(&f, s->wake_fd < 0 ? 0 : 1, ns < 0 ? NULL : &until, NULL); /* woken early: the caller looks again */
    }
    uint64_t calls;
    if (s->wake_fd >= 0)
        (void)!read(s->wake_fd, &calls, sizeof calls);
    return input;
}

/* Virtual time goes on to the next timer. False: there is none. */
static bool jump(scheduler *s)
{
    int64_t deadline, end;
    if (!timers_next(s, &deadline))
        return false;
    if (alarm_deadline(s->rt, &end) && end < deadline)
        deadline = end;
    int64_t ns = deadline - runtime_ns(s->rt);
    if (ns > 0)
        s->rt->clock += ns;
    return true;
}

bool scheduler_park(scheduler *s)
{
    parking *k = s->rt->parking;
    if (alarm_ended(s->rt))
        return false;
    const struct host *host = s->rt->host;
    if (host && !host->threads)
        return host->idle(s);
    if (host && atomic_load(&host->stop))
        return false;
    if (s->rt->set.virtual_time && !outside_expected(s->rt)) /* nobody waits for input then */
        return outside_any(s->rt) || jump(s);
    if (s->rt->set.virtual_time) { /* time stands still until native code has been heard of */
        struct pollfd f = {.fd = s->wake_fd, .events = POLLIN};
        uint64_t calls;
        io_flush(s->rt);
        if (!outside_any(s->rt) && ppoll(&f, 1, NULL, NULL) > 0)
            (void)!read(s->wake_fd, &calls, sizeof calls);
        return !alarm_ended(s->rt) && (runtime_alive(s->rt) || outside_any(s->rt) || jump(s));
    }
    pthread_mutex_lock(&k->lock);
    bool stay = park_begin(s), input = k->poller == s;
    pthread_mutex_unlock(&k->lock);
    if (stay) {
        io_flush(s->rt);
        retire_away(s);
        input = wait_for_any(s, input);
        retire_quiet(s); /* before anything that is shared is looked at */
        pthread_mutex_lock(&k->lock);
        park_end(s);
        pthread_mutex_unlock(&k->lock);
        if (input) /* not before: while this one counts as parked, the last of the others would take nobody to be able to run */
            input_give(s);
    }
    return !k->done; /* nothing changes it back */
}
