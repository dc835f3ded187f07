/* lib_process.c: the library's functions about processes, time and the runtime.
 *
 * Where a function could end its caller (Link, Kill), it looks at that before it goes on: proc_gone.
 */
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "atom.h"
#include "native.h"
#include "object.h"
#include "sched.h"
#include "str.h"

static const char *const priority_names[] = {"high", "normal", "low"};
static const char *const policy_names[] = {"block", "drop_new", "drop_old", "end_sender"};

static process *arg_process(ion_process *p, ion_frame *fp)
{
    return proc_of_value(proc_of(p)->rt, fp->r[0].v);
}

/* The place of a string among n words; n if it is none of them. */
static unsigned word_index(ion_value v, const char *const *words, unsigned n)
{
    unsigned i = 0;
    while (i < n && (strlen(words[i]) != string_len(v) || memcmp(words[i], string_bytes(v), string_len(v)) != 0))
        i++;
    return i;
}

/* ---- links, monitors, ends ---- */

ion_value lib_Link(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    return proc_link(p, fp, fp->r[0].v & ION_PAYLOAD);
}

ion_value lib_Unlink(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    process *other = arg_process(p, fp);
    tie *link = other ? link_find(proc_of(p), other) : NULL;
    if (link)
        tie_cut(link);
    return ION_BOOL(other);
}

ion_value lib_Monitor(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    process *proc = proc_of(p);
    process *other = arg_process(p, fp);
    uint64_t ref = ++proc->rt->next_monitor;
    p->fp = fp;
    if (!other)
        proc_down(proc, fp->r[0].v & ION_PAYLOAD, ATOM(noproc));
    else if (!tie_add(TIE_MONITOR, proc, other, ref))
        return proc_no_memory(p, fp);
    return proc_gone(proc) ? ION_LEAVE : value_number((double)ref);
}

ion_value lib_Demonitor(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    double d = fp->r[0].d;
    tie *monitor = d >= 1 && d <= 0x1p53 && d == trunc(d) ? monitor_find(proc_of(p), (uint64_t)d) : NULL;
    if (monitor)
        tie_cut(monitor);
    return ION_BOOL(monitor);
}

ion_value lib_TrapExit(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    bool before = proc_of(p)->trap_exit;
    proc_of(p)->trap_exit = fp->r[0].v == ION_TRUE;
    return ION_BOOL(before);
}

ion_value lib_Exit(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    return proc_exit(p, fp, fp->r[0].v);
}

ion_value lib_Kill(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    process *other = arg_process(p, fp);
    p->fp = fp;
    if (!other)
        return ION_FALSE;
    proc_kill(other, proc_of(p)->id, fp->r[1].v);
    return proc_gone(proc_of(p)) ? ION_LEAVE : ION_TRUE;
}

ion_value lib_IsAlive(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    return ION_BOOL(arg_process(p, fp));
}

ion_value lib_Register(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    process *other = proc_of_value(proc_of(p)->rt, fp->r[1].v);
    int done = other ? name_put(proc_of(p)->rt, fp->r[0].v, other) : 0;
    return done < 0 ? proc_no_memory(p, fp) : ION_BOOL(done);
}

ion_value lib_WhereIs(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    const process *other = name_get(proc_of(p)->rt, fp->r[0].v);
    return other ? ION_PROCESS(other->id) : ION_UNDEFINED;
}

/* ---- settings ---- */

ion_value lib_SetPriority(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    process *proc = proc_of(p);
    unsigned k = word_index(fp->r[0].v, priority_names, PRIORITIES);
    if (k == PRIORITIES)
        return ION_UNDEFINED;
    const char *before = priority_names[proc->priority];
    proc->priority = (uint8_t)k;
    return str_new(p, fp, before, strlen(before));
}

/* Gives `(capacity, policy)` as they were. */
ion_value lib_SetMailbox(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    process *proc = proc_of(p);
    unsigned k = word_index(fp->r[1].v, policy_names, MAILBOX_END_SENDER + 1);
    if (k > MAILBOX_END_SENDER)
        return ION_UNDEFINED;
    double capacity = fp->r[0].d > 0 ? trunc(fp->r[0].d) : 0;
    double old_capacity = mailbox_capacity(proc);
    const char *old_policy = policy_names[mailbox_policy_of(proc)];
    if (!mailbox_limit(proc, capacity, (mailbox_policy)k))
        return proc_no_memory(p, fp);
    ion_value name = str_new(p, fp, old_policy, strlen(old_policy));
    if (name == ION_LEAVE || !gc_reserve(p, fp, sizeof(tuple) + 2 * sizeof(ion_value), &name, 1))
        return name == ION_LEAVE ? name : proc_no_memory(p, fp);
    tuple *t = heap_take(&proc->heap, sizeof *t + 2 * sizeof(ion_value));
    t->head = HEAD(KIND_TUPLE, 2);
    t->items[0] = value_number(old_capacity);
    t->items[1] = name;
    return value_boxed(t);
}

/* ---- time ---- */

ion_value lib_Sleep(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    if (argc == ION_RESUMED || !(fp->r[0].d > 0))
        return ION_UNIT;
    if (!timer_set(proc_of(p), fp->r[0].d))
        return proc_no_memory(p, fp);
    return proc_wait(p, fp, WAIT_TIMER);
}

ion_value lib_Now(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)fp;
    (void)argc;
    return value_number(runtime_now(proc_of(p)->rt));
}

/* ---- what there is to know ---- */

/* Adds a property to the object in fp->r[1]; ION_LEAVE when memory is out. */
static ion_value add(ion_process *p, ion_frame *fp, ion_value name, ion_value v)
{
    if (v == ION_LEAVE)
        return v;
    return object_put(p, fp, fp->r[1].v, name, v, ION_ALL) ? ION_UNIT : proc_no_memory(p, fp);
}

static bool add_number(ion_process *p, ion_frame *fp, ion_value name, double d)
{
    return add(p, fp, name, value_number(d)) != ION_LEAVE;
}

static bool add_text(ion_process *p, ion_frame *fp, ion_value name, const char *text)
{
    return add(p, fp, name, str_new(p, fp, text, strlen(text))) != ION_LEAVE;
}

/* A new object in fp->r[1]. */
static bool begin_object(ion_process *p, ion_frame *fp, uint32_t n)
{
    if (fp->n < 1)
        fp->r[0].v = ION_UNDEFINED;
    fp->r[1].v = ION_UNDEFINED;
    fp->n = 2;
    ion_value o = object_new(p, fp, n);
    fp->r[1].v = o == ION_LEAVE ? ION_UNDEFINED : o;
    return o != ION_LEAVE;
}

/* The function that a process began with. */
static const ion_function *first_function(const process *p)
{
    const segment *s = p->segment;
    while (s->below)
        s = s->below;
    return frame_function((const ion_frame *)(const void *)s->data);
}

static bool add_function(ion_process *p, ion_frame *fp, const ion_function *fn)
{
    char storage[256];
    outbuf o = out_start(storage, sizeof storage);
    if (fn->class_) {
        out_puts(&o, fn->class_);
        out_put(&o, ":", 1);
    }
    out_puts(&o, fn->name);
    bool done = !o.failed && add(p, fp, ATOM(function), str_new(p, fp, o.data, o.len)) != ION_LEAVE;
    if (o.failed)
        (void)proc_no_memory(p, fp);
    out_free(&o);
    return done;
}

static ion_value state_of(const process *p)
{
    return p->state == PROC_RUNNING ? ATOM(running) : p->state == PROC_RUNNABLE ? ATOM(runnable) : ATOM(waiting);
}

ion_value lib_ProcessInfo(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    const process *o = arg_process(p, fp);
    if (!o)
        return ION_UNDEFINED;
    const relations *r = o->relations;
    uint64_t spent = o->reductions + slice_spent(o);
    bool done = begin_object(p, fp, 9) && add_number(p, fp, ATOM(pid), (double)o->id) &&
                add_function(p, fp, first_function(o)) && add(p, fp, ATOM(state), state_of(o)) != ION_LEAVE &&
                add_number(p, fp, ATOM(mailbox), (double)o->mail_count) &&
                add_number(p, fp, ATOM(heap), (double)o->heap.bytes) &&
                add_number(p, fp, ATOM(reductions), (double)spent) &&
                add_number(p, fp, ATOM(links), r ? (double)r->links.count : 0) &&
                add_number(p, fp, ATOM(monitors), r ? (double)r->watching.count : 0) &&
                add_text(p, fp, ATOM(priority), priority_names[o->priority]);
    return done ? fp->r[1].v : ION_LEAVE;
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

ion_value lib_RuntimeInfo(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    const process *proc = proc_of(p);
    const runtime *rt = proc->rt;
    struct rusage use = {0};
    (void)getrusage(RUSAGE_SELF, &use);
    double spent = (double)(rt->reductions + slice_spent(proc));
    bool done = begin_object(p, fp, 8) && add_number(p, fp, ATOM(processes), (double)rt->alive) &&
                add_number(p, fp, ATOM(schedulers), 1) && add_number(p, fp, ATOM(switches), (double)rt->passes) &&
                add_number(p, fp, ATOM(messages), (double)rt->messages) &&
                add_number(p, fp, ATOM(collections), (double)rt->collections) &&
                add_number(p, fp, ATOM(memory), resident()) &&
                add_number(p, fp, ATOM(memory_peak), (double)use.ru_maxrss * 1024) &&
                add_number(p, fp, ATOM(reductions), spent);
    return done ? fp->r[1].v : ION_LEAVE;
}

ion_value lib_Args(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    const runtime *rt = proc_of(p)->rt;
    uint64_t n = (uint64_t)rt->argc, bytes = 0;
    for (uint64_t i = 0; i < n; i++)
        bytes += str_room(strlen(rt->argv[i]));
    ion_value v = native_array(p, fp, n, bytes, NULL, 0);
    for (uint64_t i = 0; i < n && v != ION_LEAVE; i++) {
        ion_value s = str_place(p, rt->argv[i], strlen(rt->argv[i]));
        if (!s)
            return proc_no_memory(p, fp);
        AS(array, v)->store->items[i] = s;
    }
    return v;
}
