/* sched.c: run queues, slices, and the loop that runs a program to its end.
 *
 * There is a queue for each priority. The next process comes from the highest queue that has one, but every FAIRNESS-th
 * choice takes the oldest of the next lower one that has, so that nobody starves. Between two slices, after the process
 * that ran has been queued again, timers fire and waiting input is looked at. A slice that ends when nobody else could
 * run is refilled in place, with the same accounts as if the process had been queued and chosen.
 */
#include <stdio.h>
#include <time.h>

#include "atom.h"
#include "io.h"
#include "mem.h"
#include "print.h"
#include "program.h"
#include "sched.h"

#define FAIRNESS    16
#define INPUT_EVERY 32 /* slices between looks at the input while others run */

typedef struct run_queue {
    process *first[PRIORITIES], *last[PRIORITIES];
    uint64_t live[PRIORITIES]; /* processes that have not ended since they were queued */
    uint64_t choices;
    uint64_t random; /* ION_STRESS_SHUFFLE */
    process *input_first, *input_last;
    uint32_t input_in; /* slices until the next look at the input */
} run_queue;

/* ---- queues ---- */

static void queue_add(process *p)
{
    run_queue *q = p->rt->queues;
    unsigned k = p->priority;
    p->state = PROC_RUNNABLE;
    p->queued = true;
    p->next = NULL;
    if (q->first[k])
        q->last[k]->next = p;
    else
        q->first[k] = p;
    q->last[k] = p;
    q->live[k]++;
}

void proc_wake(process *p)
{
    queue_add(p);
    if (tracing(p) && p->leave != LEAVE_UNWIND) /* it has run before */
        trace_event(p, "woken", "%s", "");
}

void sched_forget(process *p)
{
    /* SetPriority is called by the running process, so p still has the priority it was queued with */
    p->rt->queues->live[p->priority]--;
}

/* Takes the first process from a queue, whether it has ended or not. */
static process *queue_shift(run_queue *q, unsigned k)
{
    process *p = q->first[k];
    q->first[k] = p->next;
    p->queued = false;
    return p;
}

/* The oldest of a queue that has one. */
static process *queue_pop(run_queue *q, unsigned k)
{
    process *p = queue_shift(q, k);
    while (p->state == PROC_ENDED) {
        mem_free(p);
        p = queue_shift(q, k);
    }
    q->live[k]--;
    return p;
}

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static uint64_t draw(run_queue *q)
{
    uint64_t z = q->random += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

/* Any process of queue k, for tests. */
static process *queue_draw(run_queue *q, unsigned k)
{
    for (uint64_t skip = draw(q) % q->live[k]; skip; skip--) { /* turn the queue */
        process *p = queue_pop(q, k);
        queue_add(p);
    }
    return queue_pop(q, k);
}

static unsigned highest(const run_queue *q, unsigned k)
{
    while (k < PRIORITIES && !q->live[k])
        k++;
    return k;
}

/* The next process to run; NULL: there is none. */
static process *choose(runtime *rt)
{
    run_queue *q = rt->queues;
    unsigned k = highest(q, 0);
    if (k == PRIORITIES)
        return NULL;
    if (++q->choices % FAIRNESS == 0) {
        unsigned lower = highest(q, k + 1);
        if (lower < PRIORITIES)
            k = lower;
    }
    return ION_UNLIKELY(rt->set.shuffle) ? queue_draw(q, k) : queue_pop(q, k);
}

/* ---- input ---- */

void sched_input_add(process *p)
{
    run_queue *q = p->rt->queues;
    p->next = NULL;
    if (q->input_first) {
        q->input_last->next = p;
    } else {
        q->input_first = p;
        q->input_in = INPUT_EVERY;
    }
    q->input_last = p;
}

void sched_input_remove(process *p)
{
    run_queue *q = p->rt->queues;
    process *before = NULL;
    for (process *at = q->input_first; at != p; at = at->next)
        before = at;
    if (before)
        before->next = p->next;
    else
        q->input_first = p->next;
    if (q->input_last == p)
        q->input_last = before;
}

/* Wakes the one that has waited longest for input, if there is some within `ms`. */
static void input_look(runtime *rt, double ms)
{
    run_queue *q = rt->queues;
    process *p = q->input_first;
    q->input_in = INPUT_EVERY;
    if (!io_poll(rt, ms))
        return;
    sched_input_remove(p);
    proc_wake(p);
}

/* ---- slices ---- */

uint64_t slice_spent(const process *p)
{
    return (uint64_t)((int64_t)p->slice - p->pub.reds);
}

static void slice_begin(process *p)
{
    runtime *rt = p->rt;
    rt->passes++;
    p->slice = rt->set.timeslice;
    p->pub.reds = p->slice;
    if (tracing(p))
        trace_event(p, "scheduled", "%s", "");
}

static void slice_account(process *p)
{
    uint64_t spent = slice_spent(p);
    p->reductions += spent;
    p->rt->reductions += spent;
    p->slice = 0;
    p->pub.reds = 0;
}

/* Whether the running process would be chosen again at once. */
static bool alone(runtime *rt)
{
    run_queue *q = rt->queues;
    if (highest(q, 0) != PRIORITIES || timers_due(rt))
        return false;
    return !q->input_first || --q->input_in;
}

int ion_slice_end(ion_process *p, ion_frame *fp)
{
    process *proc = proc_of(p);
    p->fp = fp;
    if (alone(proc->rt)) {
        slice_account(proc);
        proc->rt->queues->choices++;
        slice_begin(proc);
        return 0;
    }
    proc->leave = LEAVE_YIELD;
    return 1;
}

static void run_slice(process *p)
{
    runtime *rt = p->rt;
    ion_value result;
    p->state = PROC_RUNNING;
    rt->running = p;
    slice_begin(p);
    bool returned = stack_run(p, &result);
    slice_account(p);
    rt->running = NULL;
    if (p->state == PROC_ENDED) { /* it ended itself in passing: all is done but this */
        proc_free(p);
    } else if (returned) {
        p->how = END_RETURN;
        p->reason = ATOM(normal);
        p->pub.value = result;
        proc_end(p);
    } else if (p->leave == LEAVE_END) {
        proc_end(p);
    } else if (p->leave == LEAVE_YIELD) {
        queue_add(p);
    }
}

/* ---- a program's run ---- */

static void sleep_ns(int64_t ns)
{
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    (void)nanosleep(&t, NULL); /* woken early: the caller looks at the clock again */
}

/* All processes wait: goes on to the moment when something may happen. False: nothing can. */
static bool idle(runtime *rt)
{
    int64_t deadline;
    bool timer = timers_next(rt, &deadline);
    if (!timer && !rt->queues->input_first)
        return false;
    int64_t ns = timer ? deadline - runtime_ns(rt) : 0;
    if (timer && ns <= 0)
        return true;
    if (rt->set.virtual_time) { /* nobody waits for input then */
        rt->clock += ns;
        return true;
    }
    io_flush(rt);
    if (rt->queues->input_first)
        input_look(rt, timer ? (double)ns / 1e6 : -1);
    else
        sleep_ns(ns);
    return true;
}

static void run_loop(runtime *rt)
{
    do {
        for (;;) {
            timers_fire(rt);
            if (rt->queues->input_first && rt->queues->input_in-- <= 1)
                input_look(rt, 0);
            process *p = choose(rt);
            if (!p)
                break;
            run_slice(p);
        }
    } while (idle(rt));
}

static bool runtime_open(runtime *rt)
{
    rt->queues = mem_zalloc(sizeof *rt->queues);
    if (!rt->queues || !io_open(rt) || !table_open(rt) || !timers_open(rt) || !results_open(rt))
        return false;
    rt->queues->random = rt->set.shuffle;
    return true;
}

/* Frees the processes that are still there: those that wait for ever. */
static void free_processes(runtime *rt)
{
    uint64_t at = 0;
    for (process *p; (p = table_next(rt, &at));) {
        relations *r = p->relations;
        if (r) {
            ties_cut(&r->links);
            ties_cut(&r->watching);
            ties_cut(&r->watched);
            ties_cut(&r->waits);
            ties_cut(&r->waiters);
            ties_cut(&r->senders);
        }
        names_drop(p);
        proc_free(p);
    }
}

static void runtime_close(runtime *rt)
{
    if (rt->alive)
        free_processes(rt);
    for (unsigned k = 0; rt->queues && k < PRIORITIES; k++)
        while (rt->queues->first[k])
            mem_free(queue_shift(rt->queues, k));
    mem_free(rt->queues);
    results_close(rt);
    timers_close(rt);
    table_close(rt);
    sites_close(rt);
    fragment_free(&rt->main.frag);
    blocks_trim();
    stack_trim();
}

/* One program argument as a string; the caller drops *t. */
static bool argument(const char *text, long_string *s, text_buffer **t)
{
    size_t len = strlen(text);
    *t = text_new(len);
    if (!*t)
        return false;
    memcpy((*t)->bytes, text, len);
    (*t)->used = len;
    *s = (long_string){HEAD(KIND_LONG, 0), len, *t, NULL};
    return true;
}

/* Starts the main process with as many of the program's arguments as it takes. */
static bool start_main(runtime *rt)
{
    uint32_t arity = rt->program->entry->arity, n = 0;
    uint32_t most = arity < (uint32_t)rt->argc ? arity : (uint32_t)rt->argc;
    size_t room = most + 1;
    uint64_t units, id = 0;
    long_string *strings = mem_alloc(room * sizeof *strings);
    text_buffer **buffers = mem_alloc(room * sizeof *buffers);
    ion_value *args = mem_alloc(room * sizeof *args);
    if (strings && buffers && args) {
        for (; n < most && argument(rt->argv[n], &strings[n], &buffers[n]); n++)
            args[n] = value_boxed(&strings[n]);
        if (n == most)
            id = proc_spawn(rt, ION_FUNCTION(rt->program->entry), args, n, &units);
        while (n)
            text_drop(buffers[--n]);
    }
    mem_free(strings);
    mem_free(buffers);
    mem_free(args);
    return id != 0;
}

static void print_result(runtime *rt)
{
    outbuf o = {0};
    print_value(&o, rt->main.result, NULL);
    out_put(&o, "\n", 1);
    io_out(rt, o.data, o.len);
    out_free(&o);
}

/* What is to be said at the end; the exit status. */
static int finish(runtime *rt)
{
    int status = rt->main.well ? 0 : 1;
    if (rt->main.returned && rt->set.print_result)
        print_result(rt);
    if (!rt->main.yes) {
        report_deadlock(rt);
        status = 3;
    }
    if (rt->set.reductions)
        io_errf(rt, "reductions: %lu\n", rt->reductions);
    return status;
}

int runtime_run(const ion_program *program, const settings *s, int argc, char **argv)
{
    runtime rt = {.set = *s, .program = program, .argc = argc, .argv = argv};
    int status = 1;
    if (!program->entry) {
        fputs("this package is a library: it has no entry function\n", stderr);
        return 1;
    }
    stack_bound(&rt);
    mem_fail_at(s->fail_at);
    if (atoms_init() && program_load(program) && runtime_open(&rt) && start_main(&rt)) {
        run_loop(&rt);
        status = finish(&rt);
    } else {
        fputs("out of memory\n", stderr);
    }
    runtime_close(&rt);
    if (!io_close(&rt) && status == 0)
        status = 1;
    return status;
}
