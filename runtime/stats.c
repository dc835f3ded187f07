/* stats.c: what a runtime has counted. Each scheduler counts by itself; sums are made when somebody asks. */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io.h"
#include "print.h"
#include "sched.h"

void stats_alive_sample(scheduler *s)
{
    enum { ALL = 64, SAMPLE = 32 };
    runtime *rt = s->rt;
    uint64_t begun = atomic_load_explicit(&s->counts[COUNT_BEGUN], memory_order_relaxed);
    if (begun > ALL && begun % SAMPLE)
        return;
    uint64_t alive = runtime_alive(rt);
    if (alive > atomic_load_explicit(&rt->most, memory_order_relaxed))
        atomic_store_explicit(&rt->most, alive, memory_order_relaxed);
}

/* Resident bytes of the OS process; 0 where that is not to be known. */
static double resident(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f) {
        if (fscanf(f, "%*u %lu", &pages) != 1)
            pages = 0;
        fclose(f);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* The longest that a process has stood in a run queue, in slices of others there. */
static uint64_t longest_wait(const runtime *rt)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < rt->nschedulers; i++) {
        uint64_t n = atomic_load_explicit(&rt->schedulers[i].longest, memory_order_relaxed);
        most = n > most ? n : most;
    }
    return most;
}

void stats_list(runtime *rt, stats_each *f, void *context)
{
    static const struct {
        const char *name;
        counter c;
    } plain[] = {
        {"switches", COUNT_PASSES},     {"steals", COUNT_STEALS},           {"messages", COUNT_MESSAGES},
        {"bytes_copied", COUNT_COPIED}, {"collections", COUNT_COLLECTIONS}, {"timers_fired", COUNT_TIMERS},
    };
    struct rusage use = {0};
    (void)getrusage(RUSAGE_SELF, &use);
    uint64_t most = atomic_load_explicit(&rt->most, memory_order_relaxed), alive = runtime_alive(rt);
    const process *running = rt->many ? NULL : rt->schedulers->running;
    f(context, "processes", (double)alive);
    f(context, "processes_most", (double)(most > alive ? most : alive));
    f(context, "schedulers", rt->nschedulers);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        f(context, plain[i].name, (double)runtime_total(rt, plain[i].c));
    f(context, "longest_wait", (double)longest_wait(rt));
    f(context, "timers", (double)timers_pending(rt));
    f(context, "heap", (double)heaps_total(rt));
    f(context, "memory", resident());
    f(context, "memory_peak", (double)use.ru_maxrss * 1024);
    f(context, "reductions", (double)(runtime_total(rt, COUNT_REDUCTIONS) + (running ? slice_spent(running) : 0)));
}

uint64_t pauses_of(const runtime *rt, unsigned i)
{
    uint64_t n = 0;
    for (uint32_t k = 0; k < rt->nschedulers; k++)
        n += atomic_load_explicit(&rt->schedulers[k].pauses[i], memory_order_relaxed);
    return n;
}

static void put_line(void *context, const char *name, double n)
{
    char line[80];
    snprintf(line, sizeof line, "stats: %s: %.0f\n", name, n);
    out_puts(context, line);
}

/* The power of two of microseconds that all pauses but one in a thousand stayed below; 0: there were none. */
static uint64_t pauses_usual(const runtime *rt)
{
    uint64_t all = 0, longer = 0;
    for (unsigned i = 0; i < PAUSES; i++)
        all += pauses_of(rt, i);
    for (unsigned i = PAUSES; all && i--;) {
        longer += pauses_of(rt, i);
        if (longer * 1000 > all)
            return 1ul << i;
    }
    return 0;
}

void stats_print(runtime *rt)
{
    outbuf o = {0};
    char line[80];
    stats_list(rt, put_line, &o);
    for (unsigned i = 0; i < PAUSES; i++) {
        uint64_t n = pauses_of(rt, i);
        if (n && i < PAUSES - 1)
            snprintf(line, sizeof line, "stats: pauses below %lu us: %lu\n", 1ul << i, n);
        else if (n)
            snprintf(line, sizeof line, "stats: longer pauses: %lu\n", n);
        if (n)
            out_puts(&o, line);
    }
    uint64_t usual = pauses_usual(rt);
    snprintf(line, sizeof line, "stats: 99.9%% of pauses below %lu us\n", usual);
    if (usual)
        out_puts(&o, line);
    io_err(rt, o.data, o.len);
    out_free(&o);
}
