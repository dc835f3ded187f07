/* run.c: a program's run from beginning to end: the runtime is opened, the main process started, the schedulers run on
 * threads of their own (the first on the caller's), and what is to be said at the end is said.
 */
#include <stdio.h>
#include <stdlib.h>

#include "atom.h"
#include "io.h"
#include "mem.h"
#include "messages.h"
#include "outside.h"
#include "print.h"
#include "program.h"
#include "signals.h"

#define C_STACK_BYTES (8 * 1024 * 1024)

static bool schedulers_open(runtime *rt)
{
    uint32_t n = rt->set.schedulers ? rt->set.schedulers : 1;
    rt->schedulers = mem_zalloc(n * sizeof *rt->schedulers);
    if (!rt->schedulers)
        return false;
    rt->nschedulers = n;
    rt->many = n > 1;
    heap_account(&rt->schedulers->counts[COUNT_HEAP]);
    atomic_store(&rt->epoch, 1);
    for (uint32_t i = 0; i < n; i++) {
        scheduler *s = &rt->schedulers[i];
        s->rt = rt;
        s->number = i;
        s->random = rt->set.seed + i;
        s->queue.random = rt->set.shuffle;
        s->stress = rt->many && rt->set.steal ? rt->set.steal * n + i + 1 : 0;
        atomic_store(&s->seen, UINT64_MAX); /* away, until it runs */
        if (!timers_open(s))
            return false;
    }
    return parking_open(rt);
}

bool runtime_open(runtime *rt)
{
    clock_start(rt);
    rt->granted = grants_bits(&rt->set.may);
    limits_open(rt);
    return io_open(rt) && pool_open(rt) && collect_open(rt) && table_open(rt) && names_open(rt) && results_open(rt) &&
           schedulers_open(rt) && outside_open(rt) && dump_open(rt) && alarm_open(rt);
}

/* Frees the processes that are still there: those that wait for ever. */
static void free_processes(runtime *rt)
{
    uint64_t from = 1;
    for (process *p; (p = table_next(rt, from)); proc_free(p)) {
        from = p->id + 1;
        table_remove(rt->schedulers, p);
        names_drop(p);
    }
}

void runtime_close(runtime *rt)
{
    alarm_close(rt);
    dump_close(rt);
    outside_close(rt);
    while (rt->collector && collect_away(rt)) /* the program may have been ended meanwhile */
        sched_yield();
    if (rt->nschedulers && rt->table)
        free_processes(rt);
    for (uint32_t i = 0; i < rt->nschedulers; i++) {
        queue_close(&rt->schedulers[i]);
        retire_close(&rt->schedulers[i]);
        timers_close(&rt->schedulers[i]);
        stack_trim(&rt->schedulers[i]);
    }
    magazines_close(rt);
    pool_close(rt);
    collect_close(rt);
    parking_close(rt);
    results_close(rt);
    names_close(rt);
    table_close(rt);
    sites_close(rt);
    fragment_free(&rt->main.frag);
    heap_account(NULL);
    mem_free(rt->schedulers);
    blocks_trim();
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
            id = proc_spawn(rt->schedulers, ION_FUNCTION(rt->program->entry), args, n, &units);
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
    if (alarm_ended(rt)) {
        status = 128 + alarm_ended(rt);
    } else if (!rt->main.yes) {
        report_deadlock(rt);
        status = 3;
        if (rt->dump)
            dump_write(rt, "deadlock");
    }
    if (rt->dump && atomic_load(&rt->alarms) & ALARM_DUMP) /* nobody has run since */
        dump_write(rt, NULL);
    if (rt->set.stats)
        stats_print(rt);
    if (rt->set.reductions)
        io_errf(rt, "reductions: %lu\n", runtime_total(rt, COUNT_REDUCTIONS));
    return status;
}

/* ---- threads ---- */

static void *thread_main(void *context)
{
    scheduler *s = context;
    pthread_mutex_lock(&s->rt->start); /* until all are there */
    bool runs = s->number < s->rt->nschedulers;
    pthread_mutex_unlock(&s->rt->start);
    if (runs)
        scheduler_run(s);
    return NULL;
}

uint32_t threads_start(runtime *rt, uint32_t first)
{
    pthread_attr_t attributes;
    uint32_t n = first;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, C_STACK_BYTES);
    pthread_mutex_init(&rt->start, NULL);
    pthread_mutex_lock(&rt->start);
    while (n < rt->nschedulers &&
           pthread_create(&rt->schedulers[n].thread, &attributes, thread_main, &rt->schedulers[n]) == 0)
        n++;
    rt->nschedulers = n;
    pthread_mutex_unlock(&rt->start);
    pthread_attr_destroy(&attributes);
    return n;
}

void threads_stop(runtime *rt, uint32_t first, uint32_t n)
{
    for (uint32_t i = first; i < n; i++)
        pthread_join(rt->schedulers[i].thread, NULL);
    pthread_mutex_destroy(&rt->start);
}

/* Runs the schedulers, fewer if the system gives no more threads. */
static void run_schedulers(runtime *rt)
{
    uint32_t all = rt->nschedulers, n = threads_start(rt, 1);
    scheduler_run(rt->schedulers);
    threads_stop(rt, 1, n);
    outside_close(rt); /* other threads look at the schedulers */
    rt->nschedulers = all; /* for closing */
}

/* Whether the program needs what it is not granted; a line on standard error says what. */
static bool refused(const ion_program *program, const grants *g)
{
    size_t n = program_lacks(program, g, NULL, 0);
    if (!n)
        return false;
    char *text = malloc(n + 1);
    if (text)
        program_lacks(program, g, text, n + 1);
    fprintf(stderr, MSG_REFUSED, program->name, text ? text : "out of memory");
    free(text);
    return true;
}

int runtime_run(const ion_program *program, const settings *s, int argc, char **argv)
{
    runtime rt = {.set = *s, .program = program, .argc = argc, .argv = argv};
    int status = 1;
    if (!program->entry) {
        fputs("this package is a library: it has no entry function\n", stderr);
        return 1;
    }
    if (refused(program, &s->may))
        return 1;
    mem_fail_at(s->fail_at);
    if (atoms_init() && program_load(program) && program_open(program, &s->may, false) && runtime_open(&rt) && start_main(&rt)) {
        run_schedulers(&rt);
        status = finish(&rt);
    } else {
        fputs("out of memory\n", stderr);
    }
    runtime_close(&rt);
    if (!io_close(&rt) && status == 0)
        status = 1;
    return status;
}
