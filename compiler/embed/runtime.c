/* runtime.c: runtimes of hosts: made, given packages, reset, limited, counted, freed.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "atom.h"
#include "embed.h"
#include "io.h"
#include "outside.h"
#include "program.h"

_Static_assert((int)ION_LIMITS == (int)LIMITS, "limits.def");

static const ion_program no_program; /* for runtimes that use none: it has no resources */

/* ---- texts ---- */

const char *ion_status_text(ion_status s)
{
    static const char *const texts[] = {
        [ION_OK] = "it has been done",
        [ION_E_MEMORY] = "out of memory",
        [ION_E_INVALID] = "an argument that cannot be",
        [ION_E_BUSY] = "the runtime is in use",
        [ION_E_FILE] = "the file cannot be read",
        [ION_E_PACKAGE] = "no package, or one that is refused",
        [ION_E_CODE] = "the code cannot be made",
        [ION_E_DENIED] = "a capability is missing",
        [ION_E_MISSING] = "there is none",
        [ION_E_LARGE] = "the value has too many parts",
        [ION_E_LATE] = "the time is over",
        [ION_E_SPENT] = "the reductions are spent",
        [ION_E_IDLE] = "nothing can run",
        [ION_E_CRASHED] = "the process has crashed",
        [ION_E_EXITED] = "the process has ended with Exit",
        [ION_E_KILLED] = "the process has been killed",
        [ION_E_LIMITED] = "a limit is reached",
    };
    return (unsigned)s < sizeof texts / sizeof *texts ? texts[s] : "no such status";
}

ion_status runtime_fail(ion_runtime *rt, ion_status s, const char *format, ...)
{
    va_list list;
    pthread_mutex_lock(&rt->text_lock);
    va_start(list, format);
    vsnprintf(rt->text, sizeof rt->text, format, list);
    va_end(list);
    pthread_mutex_unlock(&rt->text_lock);
    return s;
}

const char *ion_runtime_text(const ion_runtime *rt)
{
    return rt ? rt->text : "no runtime";
}

/* ---- capabilities ---- */

/* Those of the library and, by any name that is none of these, of the host's functions. */
bool runtime_allows(const ion_runtime *rt, const char *capability)
{
    size_t size = strlen(capability);
    if (grants_named(&rt->rt.set.may, capability))
        return true;
    for (const char *word = rt->allow;;) {
        size_t n = strcspn(word, ",");
        if ((n == size && memcmp(word, capability, n) == 0) || (n == 3 && memcmp(word, "all", 3) == 0))
            return true;
        if (!word[n])
            return false;
        word += n + 1;
    }
}

/* ---- making ---- */

void ion_options_default(ion_options *o)
{
    *o = (ion_options){0};
    o->limit[ION_LIMIT_HEAP] = (uint64_t)1 << 30;
    o->limit[ION_LIMIT_ALLOCATION] = (uint64_t)100 << 20;
    o->limit[ION_LIMIT_STACK] = 10000;
    o->limit[ION_LIMIT_FRAMES] = 1000;
}

static settings settings_of(const ion_options *o, const char *allow)
{
    settings s;
    settings_default(&s);
    s.may.layer[GRANT_BUILD].allow = allow;
    for (int i = 0; i < LIMITS; i++)
        s.limit[i] = o->limit[i] < INT64_MAX ? o->limit[i] : INT64_MAX;
    if (o->timeslice)
        s.timeslice = o->timeslice < INT32_MAX ? o->timeslice : INT32_MAX;
    s.schedulers = o->threads ? o->threads : 1;
    s.virtual_time = o->virtual_time && !o->threads;
    s.seed = o->seed ? o->seed : system_seed();
    return s;
}

/* Opens rt->rt afresh. */
static bool open_runtime(ion_runtime *rt, const settings *s)
{
    memset(&rt->rt, 0, sizeof rt->rt);
    rt->rt.set = *s;
    rt->rt.program = rt->nused ? package_program(rt->used[0]) : &no_program;
    rt->rt.host = &rt->host;
    rt->caller = rt->self = 0;
    if (!runtime_open(&rt->rt)) {
        runtime_close(&rt->rt);
        (void)io_close(&rt->rt);
        return false;
    }
    if (!rt->host.threads)
        atomic_store(&rt->rt.alarms, atomic_load(&rt->rt.alarms) | ALARM_HOST);
    return true;
}

static void close_runtime(ion_runtime *rt)
{
    runtime_close(&rt->rt);
    (void)io_close(&rt->rt);
}

static bool start_threads(ion_runtime *rt)
{
    rt->running = threads_start(&rt->rt, 0);
    return rt->running != 0;
}

static void stop_threads(ion_runtime *rt)
{
    uint32_t all = rt->rt.set.schedulers;
    atomic_store(&rt->host.stop, true);
    alarm_ring(&rt->rt, ALARM_HOST);
    threads_stop(&rt->rt, 0, rt->running);
    outside_close(&rt->rt); /* other threads look at the schedulers */
    rt->rt.nschedulers = all;
    rt->running = 0;
}

ion_runtime *ion_runtime_new(const ion_options *o)
{
    ion_options usual;
    _Atomic uint64_t *before = heap_accounted();
    ion_runtime *rt = calloc(1, sizeof *rt);
    if (!o) {
        ion_options_default(&usual);
        o = &usual;
    }
    if (!rt || o->threads > 256 || !atoms_init() || !(rt->allow = strdup(o->allow && *o->allow ? o->allow : "none"))) {
        free(rt);
        return NULL;
    }
    pthread_mutex_init(&rt->lock, NULL);
    pthread_mutex_init(&rt->using, NULL);
    pthread_mutex_init(&rt->output, NULL);
    pthread_mutex_init(&rt->watching, NULL);
    pthread_mutex_init(&rt->text_lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&rt->news, &clock);
    pthread_condattr_destroy(&clock);
    rt->host = drive_host;
    rt->host.threads = o->threads != 0;
    rt->write = o->write;
    rt->user = o->user;
    settings s = settings_of(o, rt->allow);
    rt->open = open_runtime(rt, &s);
    bool done = rt->open && (!o->threads || start_threads(rt));
    heap_account(before);
    if (done)
        return rt;
    ion_runtime_free(rt);
    return NULL;
}

void ion_runtime_free(ion_runtime *rt)
{
    if (!rt)
        return;
    _Atomic uint64_t *before = heap_accounted();
    if (rt->open) {
        if (rt->running)
            stop_threads(rt);
        heap_account(&rt->rt.schedulers->counts[COUNT_HEAP]);
        close_runtime(rt);
    }
    heap_account(before);
    for (letter *l; (l = rt->letters); free(l)) {
        rt->letters = l->next;
        ion_data_free(&l->data);
    }
    for (uint32_t i = 0; i < rt->nused; i++)
        ion_package_free(rt->used[i]);
    free(rt->used);
    native_free(rt);
    pthread_mutex_destroy(&rt->lock);
    pthread_mutex_destroy(&rt->using);
    pthread_mutex_destroy(&rt->output);
    pthread_mutex_destroy(&rt->watching);
    pthread_mutex_destroy(&rt->text_lock);
    pthread_cond_destroy(&rt->news);
    free(rt->allow);
    free(rt);
}

/* ---- packages ---- */

static bool uses(const ion_runtime *rt, const ion_package *p)
{
    for (uint32_t i = 0; i < rt->nused; i++)
        if (rt->used[i] == p)
            return true;
    return false;
}

/* With threads of its own a runtime may be given a package while others look. */
static void using(ion_runtime *rt, bool yes)
{
    if (rt->host.threads && yes)
        pthread_mutex_lock(&rt->using);
    else if (rt->host.threads)
        pthread_mutex_unlock(&rt->using);
}

bool runtime_uses(ion_runtime *rt, const ion_entry *f)
{
    using(rt, true);
    bool found = f && uses(rt, f->package);
    using(rt, false);
    return found;
}

static ion_status use(ion_runtime *rt, ion_package *p)
{
    char lacks[TEXT];
    if (uses(rt, p))
        return ION_OK;
    if (program_lacks(package_program(p), &rt->rt.set.may, lacks, sizeof lacks))
        return runtime_fail(rt, ION_E_DENIED, "%s", lacks);
    if (!program_open(package_program(p), &rt->rt.set.may, true))
        return runtime_fail(rt, ION_E_MEMORY, "out of memory");
    ion_package **more = realloc(rt->used, (rt->nused + 1) * sizeof *more);
    if (!more)
        return runtime_fail(rt, ION_E_MEMORY, "out of memory");
    rt->used = more;
    rt->used[rt->nused++] = p;
    package_hold(p);
    if (rt->nused == 1)
        rt->rt.program = package_program(p);
    return ION_OK;
}

ion_status ion_runtime_use(ion_runtime *rt, ion_package *p)
{
    _Atomic uint64_t *before;
    if (!rt || !p)
        return ION_E_INVALID;
    ion_status s = ion_package_compile(p);
    if (s)
        return runtime_fail(rt, s, "%s", ion_package_text(p));
    if (!drive_enter(rt, &before))
        return runtime_fail(rt, ION_E_BUSY, "the runtime is in use");
    using(rt, true);
    s = use(rt, p);
    using(rt, false);
    drive_leave(rt, before);
    return s;
}

ion_status ion_runtime_reset(ion_runtime *rt)
{
    _Atomic uint64_t *before;
    if (!rt || rt->host.threads)
        return ION_E_INVALID;
    if (!drive_enter(rt, &before))
        return runtime_fail(rt, ION_E_BUSY, "the runtime is in use");
    settings s = rt->rt.set;
    close_runtime(rt);
    for (uint32_t i = 0; i < rt->nused; i++)
        ion_package_free(rt->used[i]);
    rt->nused = 0;
    rt->open = open_runtime(rt, &s);
    heap_account(before);
    atomic_store(&rt->inside, !rt->open); /* in use for ever */
    return rt->open ? ION_OK : runtime_fail(rt, ION_E_MEMORY, "out of memory");
}

/* ---- limits and counts ---- */

/* Those that are looked at together: what is looked at has been decided when the runtime was made. */
static bool looked_at(const runtime *rt, int which)
{
    switch (which) {
    case LIMIT_FUEL:
    case LIMIT_TOTAL_FUEL: return rt->metered;
    case LIMIT_OUTPUT:
    case LIMIT_TOTAL_OUTPUT: return rt->printing;
    case LIMIT_HEAP:
    case LIMIT_ALLOCATION:
    case LIMIT_TOTAL_HEAP: return rt->memory_limited;
    case LIMIT_FRAMES:
    case LIMIT_STACK:
    case LIMIT_TOTAL_STACK: return rt->stack_limited && (which != LIMIT_TOTAL_STACK || rt->set.limit[which]);
    case LIMIT_PROCESSES: return rt->set.limit[which] != 0;
    case LIMIT_TIME: return false;
    default: return true;
    }
}

/* Processes of the host's own. */
static uint64_t residents(const ion_runtime *rt)
{
    return (rt->caller != 0) + (rt->self != 0);
}

ion_status ion_runtime_limit(ion_runtime *rt, int which, uint64_t value)
{
    _Atomic uint64_t *before;
    if (!rt || which < 0 || which >= LIMITS || rt->host.threads)
        return ION_E_INVALID;
    if (!drive_enter(rt, &before))
        return runtime_fail(rt, ION_E_BUSY, "the runtime is in use");
    ion_status s = ION_OK;
    if (value > INT64_MAX || !looked_at(&rt->rt, which)) {
        s = runtime_fail(rt, ION_E_INVALID, "limit %s cannot be changed", limit_rows[which].name);
    } else {
        int64_t alive = which == LIMIT_PROCESSES ? (int64_t)(runtime_alive(&rt->rt) - residents(rt)) : 0;
        rt->rt.set.limit[which] = value;
        atomic_store(&rt->rt.left[which], (int64_t)value - alive);
    }
    drive_leave(rt, before);
    return s;
}

void ion_runtime_counts(const ion_runtime *rt, ion_counts *c)
{
    const runtime *r = &rt->rt;
    *c = (ion_counts){.fuel_left = UINT64_MAX};
    if (!rt->open)
        return;
    uint64_t alive = runtime_alive(r), apart = residents(rt);
    c->reductions = runtime_total(r, COUNT_REDUCTIONS);
    c->native_calls = runtime_total(r, COUNT_NATIVE);
    c->messages = runtime_total(r, COUNT_MESSAGES);
    c->collections = runtime_total(r, COUNT_COLLECTIONS);
    c->switches = runtime_total(r, COUNT_PASSES);
    c->processes_ended = runtime_total(r, COUNT_ENDED);
    c->processes = alive > apart ? alive - apart : 0;
    c->memory = heaps_total(r);
    c->memory_peak = runtime_total(r, COUNT_HEAP_MOST) + atomic_load(&r->heap_aside[1]);
    for (uint32_t i = 0; i < r->nschedulers; i++) {
        uint64_t stack = atomic_load_explicit(&r->schedulers[i].deepest_stack, memory_order_relaxed);
        uint64_t frames = atomic_load_explicit(&r->schedulers[i].deepest_frames, memory_order_relaxed);
        c->deepest_stack = stack > c->deepest_stack ? stack : c->deepest_stack;
        c->deepest_calls = frames > c->deepest_calls ? frames : c->deepest_calls;
    }
    c->deepest_stack /= sizeof(ion_value);
    if (r->set.limit[LIMIT_TOTAL_FUEL]) {
        int64_t left = atomic_load(&r->left[LIMIT_TOTAL_FUEL]);
        c->fuel_left = left > 0 ? (uint64_t)left : 0;
    }
}
