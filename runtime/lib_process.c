/* lib_process.c: the library's functions about processes, time and the runtime.
 *
 * Where a function could end its caller, it looks at that before it goes on: proc_gone. With several schedulers that is
 * wherever it sends a signal: who gets it may have others waiting, which end it and those linked to it.
 */
#include <math.h>

#include "atom.h"
#include "mem.h"
#include "native.h"
#include "object.h"
#include "signals.h"
#include "str.h"

static const char *const priority_names[] = {"high", "normal", "low"};
static const char *const policy_names[] = {"block", "drop_new", "drop_old", "end_sender"};

static process *arg_process(ion_process *p, ion_frame *fp)
{
    return proc_of_value(runtime_of(proc_of(p)), fp->r[0].v);
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
    process *proc = proc_of(p), *other = arg_process(p, fp);
    uint64_t id = fp->r[0].v & ION_PAYLOAD;
    bond *link = other && proc->relations ? bond_find(&proc->relations->links, id) : NULL;
    p->fp = fp;
    if (link)
        (void)signal_post(proc->on, other,
                          signal_from_bond(bond_take(&proc->relations->links, link), SIG_UNLINK, proc->id, 0));
    return proc_gone(proc) ? ION_LEAVE : ION_BOOL(other);
}

ion_value lib_Monitor(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    process *proc = proc_of(p);
    uint64_t id = fp->r[0].v & ION_PAYLOAD;
    uint64_t ref = atomic_fetch_add_explicit(&runtime_of(proc)->next_monitor, 1, memory_order_relaxed) + 1;
    relations *r = relations_of(proc);
    proc_signal *sig = r ? signal_new(SIG_WATCH, proc->id, ref) : NULL;
    p->fp = fp;
    if (!sig || !bond_add(&r->watching, ref, id)) {
        mem_free(sig);
        return proc_no_memory(p, fp);
    }
    if (!signal_send(proc->on, id, sig) && !proc_missing(proc, SIG_DOWN, ref, id))
        return proc_no_memory(p, fp);
    return proc_gone(proc) ? ION_LEAVE : value_number((double)ref);
}

ion_value lib_Demonitor(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    process *proc = proc_of(p);
    double d = fp->r[0].d;
    bool number = d >= 1 && d <= 0x1p53 && d == trunc(d);
    bond *monitor = number && proc->relations ? bond_find(&proc->relations->watching, (uint64_t)d) : NULL;
    if (!monitor)
        return ION_FALSE;
    uint64_t id = monitor->id, ref = monitor->key;
    p->fp = fp;
    bond_take(&proc->relations->watching, monitor);
    (void)signal_send(proc->on, id, signal_from_bond(monitor, SIG_UNWATCH, proc->id, ref));
    return proc_gone(proc) ? ION_LEAVE : ION_TRUE;
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
    if (!proc_kill(proc_of(p)->on, other, proc_of(p)->id, fp->r[1].v))
        return proc_no_memory(p, fp);
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
    runtime *rt = runtime_of(proc_of(p));
    process *other = proc_of_value(rt, fp->r[1].v);
    int done = other ? name_put(rt, fp->r[0].v, other) : 0;
    return done < 0 ? proc_no_memory(p, fp) : ION_BOOL(done);
}

ion_value lib_WhereIs(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    uint64_t id = name_get(runtime_of(proc_of(p)), fp->r[0].v);
    return id ? ION_PROCESS(id) : ION_UNDEFINED;
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
    uint32_t old = atomic_load_explicit(&proc->mail_limit, memory_order_relaxed);
    double old_capacity = old == MAIL_UNLIMITED ? (double)INFINITY : old;
    const char *old_policy = policy_names[atomic_load_explicit(&proc->mail_policy, memory_order_relaxed)];
    p->fp = fp;
    uint32_t most = mail_most(runtime_of(proc));
    mail_limit(proc, capacity < most ? (uint32_t)capacity : most, (mailbox_policy)k);
    if (proc_gone(proc))
        return ION_LEAVE;
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
    return value_number(runtime_now(runtime_of(proc_of(p))));
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

static ion_value state_atom(proc_state state)
{
    return state == PROC_RUNNING ? ATOM(running) : state == PROC_RUNNABLE ? ATOM(runnable) : ATOM(waiting);
}

static ion_value facts_object(ion_process *p, ion_frame *fp, const process_facts *f)
{
    bool done = f->state != PROC_ENDED && begin_object(p, fp, 9) && add_number(p, fp, ATOM(pid), (double)f->id) &&
                add_function(p, fp, f->fn) && add(p, fp, ATOM(state), state_atom(f->state)) != ION_LEAVE &&
                add_number(p, fp, ATOM(mailbox), f->mailbox) && add_number(p, fp, ATOM(heap), (double)f->heap) &&
                add_number(p, fp, ATOM(reductions), (double)f->reductions) &&
                add_number(p, fp, ATOM(links), (double)f->links) &&
                add_number(p, fp, ATOM(monitors), (double)f->monitors) &&
                add_text(p, fp, ATOM(priority), priority_names[f->priority]);
    return f->state == PROC_ENDED ? ION_UNDEFINED : done ? fp->r[1].v : ION_LEAVE;
}

/* A process that runs on another scheduler is asked, and the caller waits for its answer. */
ion_value lib_ProcessInfo(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    process *proc = proc_of(p);
    process_facts facts = {.state = PROC_ENDED};
    if (argc == ION_RESUMED) {
        facts = proc->relations->answer->facts;
        mem_free(proc->relations->answer);
        proc->relations->answer = NULL;
        return facts_object(p, fp, &facts);
    }
    process *about = arg_process(p, fp);
    int got = about ? facts_ask(proc, about, &facts) : 0;
    if (got < 0)
        return proc_no_memory(p, fp);
    return got == 2 ? proc_wait_on(p, fp, WAIT_ANSWER) : facts_object(p, fp, &facts);
}

typedef struct info {
    ion_process *p;
    ion_frame *fp;
    bool failed;
} info;

static void add_count(void *context, const char *name, double n)
{
    info *i = context;
    if (!i->failed)
        i->failed = !add_number(i->p, i->fp, atom_make(name, strlen(name)), n);
}

/* Element i: pauses for collections that took less than 2^i microseconds, and no less than half of that. */
static ion_value pauses(ion_process *p, ion_frame *fp)
{
    const runtime *rt = runtime_of(proc_of(p));
    uint64_t n = PAUSES, count[PAUSES];
    for (unsigned i = 0; i < n; i++)
        count[i] = pauses_of(rt, i);
    while (n && !count[n - 1])
        n--;
    ion_value v = native_array(p, fp, n, 0, NULL, 0);
    for (uint64_t i = 0; v != ION_LEAVE && i < n; i++)
        AS(array, v)->store->items[i] = value_number((double)count[i]);
    return v;
}

ion_value lib_RuntimeInfo(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    enum { PROPERTIES = 16 };
    info i = {p, fp, false};
    (void)argc;
    if (!begin_object(p, fp, PROPERTIES))
        return ION_LEAVE;
    stats_list(runtime_of(proc_of(p)), add_count, &i);
    return !i.failed && add(p, fp, ATOM(pauses), pauses(p, fp)) != ION_LEAVE ? fp->r[1].v : ION_LEAVE;
}

ion_value lib_Args(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    const runtime *rt = runtime_of(proc_of(p));
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
