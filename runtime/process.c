/* process.c: how a process begins, waits, asks for memory and decides to end.
 *
 * A process that runs decides to end by recording how and why and returning ION_LEAVE; what the end does to others
 * happens when the C stack is empty (ending.c). Its reason lies in its own heap, so it lives as long as its relations
 * need it.
 */
#include <stdarg.h>
#include <stdio.h>

#include "atom.h"
#include "mem.h"
#include "messages.h"
#include "random.h"
#include "signals.h"

/* ---- beginning ---- */

/* A number for a process that is to be. */
static uint64_t id_take(runtime *rt)
{
    if (rt->many)
        return atomic_fetch_add_explicit(&rt->next_id, 1, memory_order_relaxed) + 1;
    uint64_t id = atomic_load_explicit(&rt->next_id, memory_order_relaxed) + 1;
    atomic_store_explicit(&rt->next_id, id, memory_order_relaxed);
    return id;
}

static process *process_new(scheduler *s)
{
    enum { PIECE = 16 }; /* of what so many bytes are cleared by at once, compilers do better than by an instruction for all */
    process *p = record_take(s, RECORD_PROCESS);
    if (!p)
        return NULL;
    for (size_t at = 0; at < offsetof(process, base); at += PIECE) /* the last may reach into the base */
        memset((char *)p + at, 0, PIECE);
    p->on = s;
    p->state = PROC_CLAIMED;
    p->priority = PRIORITY_NORMAL;
    p->mail_limit = mail_most(s->rt);
    p->pub.value = ION_UNDEFINED;
    return p;
}

/* Puts the arguments, behind those that the callee brings along, into the first frame. */
static bool process_enter(process *p, ion_value callee, const ion_value *args, uint32_t argc)
{
    const ion_function *fn;
    ion_value self = ION_UNDEFINED;
    bool plain = ION_IS_FUNCTION(callee);
    uint32_t before = plain ? 0 : call_unfold(callee, &fn, &self, NULL);
    ion_frame *fp = stack_start(p, plain ? ION_CALLEE(callee) : fn, before + argc);
    if (!fp)
        return false;
    if (!plain)
        call_unfold(callee, &fn, &self, &fp->r[0].v);
    if (argc)
        memcpy(&fp->r[before], args, argc * sizeof *args);
    fp->self = self;
    return true;
}

/* The new process's own copies are at copies[0..argc], the callee first. */
static process *process_make(scheduler *s, const ion_value *copies, uint32_t argc, fragment *f)
{
    process *p = process_new(s);
    if (!p)
        return NULL;
    if (!process_enter(p, copies[0], copies + 1, argc)) {
        record_give(s, RECORD_PROCESS, p);
        return NULL;
    }
    p->id = id_take(s->rt);
    p->random = s->rt->set.seed + p->id * RANDOM_STEP;
    if (!table_put(s, p)) { /* the id is lost */
        stack_free(p);
        record_give(s, RECORD_PROCESS, p);
        return NULL;
    }
    count_add(s, COUNT_BEGUN, 1);
    stats_alive(s);
    if (f->blocks)
        count_add(s, COUNT_COPIED, f->bytes);
    heap_adopt(&p->heap, f);
    return p;
}

uint64_t proc_spawn(scheduler *s, ion_value callee, const ion_value *args, uint32_t argc, uint64_t *units)
{
    enum { FEW = 16 };
    ion_value space[2 * FEW];
    ion_value *from = space;
    size_t n = (size_t)argc + 1;
    s->reached = LIMIT_PROCESSES;
    if (!share_take(s->rt, LIMIT_PROCESSES, 1))
        return 0;
    s->reached = LIMIT_HEAP;
    if (n > FEW && !(from = mem_alloc(2 * n * sizeof *from))) {
        share_give(s->rt, LIMIT_PROCESSES, 1);
        return 0;
    }
    ion_value *to = from + n;
    fragment f = {0};
    process *p = NULL;
    from[0] = callee;
    if (argc)
        memcpy(from + 1, args, argc * sizeof *from);
    if (copy_values(&f, from, to, (uint32_t)n)) {
        *units = f.units;
        p = process_make(s, to, argc, &f);
        if (!p)
            fragment_free(&f);
    }
    if (from != space)
        mem_free(from);
    if (!p) {
        s->reached = LIMIT_HEAP;
        share_give(s->rt, LIMIT_PROCESSES, 1);
        return 0;
    }
    uint64_t id = p->id;
    queue_add(s, p);
    return id;
}

process *proc_resident(scheduler *s, const ion_function *fn, wait_kind what)
{
    fragment none = {0};
    ion_value callee = ION_FUNCTION(fn);
    process *p = process_make(s, &callee, 0, &none);
    if (p) {
        atomic_store_explicit(&p->wait, what, memory_order_relaxed);
        atomic_store_explicit(&p->state, PROC_WAITING, memory_order_seq_cst);
    }
    return p;
}

void proc_free(process *p)
{
    if (!proc_gone(p))
        timer_cancel(p);
    mail_free(p);
    signals_drop(p);
    relations_free(p);
    stack_free(p);
    collect_dead(p);
    if (!p->queued)
        retire_process(p->on, p);
    else
        atomic_store_explicit(&p->state, PROC_LEFT, memory_order_seq_cst); /* who finds it there frees it */
}

/* ---- reasons ---- */

/* A string that needs no memory. */
typedef struct fixed_string {
    uint64_t head, len;
    char bytes[16];
} fixed_string;
static const fixed_string no_memory = {HEAD(KIND_STRING, 0) | HEAD_CONSTANT, 10, "limit:heap"};

ion_value reason_no_memory(void)
{
    return value_boxed(&no_memory);
}

static ion_value reason_long(process *p, const char *text, size_t len)
{
    text_buffer *t = text_new(len);
    if (!t)
        return reason_no_memory();
    long_string *s = heap_take(&p->heap, round8(sizeof *s));
    memcpy(t->bytes, text, len);
    t->used = len;
    s->head = HEAD(KIND_LONG, 0);
    s->len = len;
    s->buffer = t;
    heap_hold(&p->heap, s, t->cap);
    return value_boxed(s);
}

ion_value reason_text(process *p, const char *text, size_t len)
{
    size_t bytes = round8(len > STRING_INLINE ? sizeof(long_string) : sizeof(string) + len);
    if (!heap_extend(&p->heap, bytes))
        return reason_no_memory();
    if (len > STRING_INLINE)
        return reason_long(p, text, len);
    string *s = heap_take(&p->heap, bytes);
    s->head = HEAD(KIND_STRING, 0);
    s->len = len;
    memcpy(s->bytes, text, len);
    return value_boxed(s);
}

/* ---- ending and waiting ---- */

/* A running process decides to end: the C stack is left next. */
static ion_value leave_ending(ion_process *p, ion_frame *fp, end_how how, ion_value reason)
{
    process *proc = proc_of(p);
    if (fp->fn->points)
        p->reds += fp->fn->points[fp->at].rest;
    p->fp = fp;
    proc->how = (uint8_t)how;
    proc->reason = reason;
    proc->leave = LEAVE_END;
    return ION_LEAVE;
}

ion_value proc_crash(ion_process *p, ion_frame *fp, const char *format, ...)
{
    char fixed[512];
    char *text = fixed;
    va_list list;
    va_start(list, format);
    int n = vsnprintf(fixed, sizeof fixed, format, list);
    va_end(list);
    size_t len = n < 0 ? 0 : (size_t)n;
    if (len >= sizeof fixed && (text = mem_alloc(len + 1))) {
        va_start(list, format);
        vsnprintf(text, len + 1, format, list);
        va_end(list);
    }
    ion_value reason = text ? reason_text(proc_of(p), text, len) : reason_no_memory();
    if (text != fixed)
        mem_free(text);
    return leave_ending(p, fp, END_CRASH, reason);
}

ion_value proc_exit(ion_process *p, ion_frame *fp, ion_value reason)
{
    return leave_ending(p, fp, END_EXIT, reason);
}

ion_value proc_limit(ion_process *p, ion_frame *fp, const char *name)
{
    char text[64];
    ion_value reason = reason_no_memory();
    if (!name) {
        name = limit_rows[proc_of(p)->on->reached].reason;
        proc_of(p)->on->reached = LIMIT_HEAP;
    }
    if (strcmp(name, "heap") != 0) {
        int n = snprintf(text, sizeof text, MSG_LIMIT, name);
        reason = reason_text(proc_of(p), text, n < 0 ? 0 : strlen(text));
    }
    return leave_ending(p, fp, END_LIMIT, reason);
}

void proc_wait_begin(process *p, wait_kind what)
{
    atomic_store_explicit(&p->wait, (uint8_t)what, memory_order_relaxed);
    if (what == WAIT_INPUT)
        input_add(p);
}

ion_value proc_wait(ion_process *p, ion_frame *fp, wait_kind what)
{
    proc_wait_begin(proc_of(p), what);
    return proc_wait_on(p, fp, what);
}

/* What the instruction that waits so costs, if it is executed again when the wait is over. */
static int64_t cost_again(wait_kind what)
{
    switch (what) {
    case WAIT_MESSAGE: return COST_RECEIVE;
    case WAIT_END: return COST_LINK;
    case WAIT_ROOM: return COST_SEND;
    default: return 0;
    }
}
_Static_assert(COST_LINK == COST_SELECT && COST_LINK == COST_SELECT_WITH_KILL, "cost_again");

/* Nobody can wait in the middle of a native call: the wait is taken back, and the process ends. */
static NOT_INLINE ion_value refuse_wait(process *p, ion_frame *fp)
{
    if (atomic_load_explicit(&p->wait, memory_order_relaxed) == WAIT_INPUT)
        input_remove(p);
    waits_cut(p);
    timer_cancel(p);
    proc_wait_begin(p, WAIT_NONE);
    return proc_crash(&p->pub, fp, MSG_WAIT_IN_CALLBACK);
}

ion_value proc_wait_on(ion_process *p, ion_frame *fp, wait_kind what)
{
    process *proc = proc_of(p);
    if (ION_UNLIKELY(proc->in_native))
        return refuse_wait(proc, fp);
    p->fp = fp;
    if (runtime_of(proc)->many) /* whether it has to wait is a matter of chance: it pays once in any case */
        p->reds += cost_again(what);
    proc->leave = LEAVE_WAIT;
    if (tracing(proc)) {
        static const char *const names[] = {"", "message", "message or time", "end", "room", "time", "input", "answer",
                                            "native call"};
        trace_event(proc, "blocked", "%s", names[what]);
    }
    return ION_LEAVE;
}

/* ---- collection ---- */

typedef struct root_set {
    process *p;
    ion_value *roots;
    uint32_t n;
} root_set;

static void visit_roots(gc *g, void *context)
{
    root_set *set = context;
    stack_roots(set->p, g);
    gc_value(g, &set->p->pub.value);
    for (uint32_t i = 0; i < set->n; i++)
        gc_value(g, &set->roots[i]);
}

/* After a collection: neither the heap nor what may be taken from it without a look is larger than its limits. */
static void keep_within(process *p, size_t need)
{
    heap *h = &p->heap;
    uint64_t most = runtime_of(p)->set.limit[LIMIT_HEAP], once = runtime_of(p)->set.limit[LIMIT_ALLOCATION];
    if (most) {
        heap_clip(h, most, need);
        h->threshold = h->threshold < most ? h->threshold : most;
    }
    if (once && need <= once && (size_t)(h->end - h->top) > once)
        h->end = h->top + (once & ~(uint64_t)7);
}

bool proc_collect(process *p, size_t need, ion_value *roots, uint32_t n)
{
    root_set set = {p, roots, n};
    bool done = heap_collect(&p->heap, need, stack_bytes(p), visit_roots, &set);
    if (runtime_of(p)->set.stress_gc)
        p->heap.threshold = 0; /* nobody gets by without coming here again */
    if (ION_UNLIKELY(runtime_of(p)->memory_limited) && done)
        keep_within(p, need);
    return done;
}

static bool collect(ion_process *p, ion_frame *fp, size_t bytes, ion_value *roots, uint32_t n)
{
    process *proc = proc_of(p);
    p->fp = fp;
    bool done = collect_here(proc, bytes, roots, n);
    count_add(proc->on, COUNT_COLLECTIONS, done);
    return done;
}

static bool make_room(ion_process *p, ion_frame *fp, size_t bytes, ion_value *roots, uint32_t n)
{
    process *proc = proc_of(p);
    const runtime *rt = runtime_of(proc);
    if (!rt->set.stress_gc) {
        if (!proc->heap.threshold)
            proc->heap.threshold = HEAP_MIN;
        if (!heap_due(&proc->heap, bytes) || collect_later(proc, bytes))
            return heap_extend(&proc->heap, bytes);
    }
    bool done = collect(p, fp, bytes, roots, n);
    if (!done && !rt->set.stress_gc) /* lest it be tried again for each little piece that is still to be had */
        proc->heap.threshold = proc->heap.bytes + proc->heap.bytes / 4;
    return done || heap_extend(&proc->heap, bytes);
}

/* Whether `bytes` and a text are too much for a heap, or for all heaps together. A heap that has been collected must have some to
 * spare: else it would soon be collected for each little thing, and nobody pays for that. What is beyond the limit of a block is given up. */
static bool too_large(const runtime *rt, heap *h, size_t bytes, size_t text, bool collected)
{
    enum { PART = 16 };
    uint64_t most = rt->set.limit[LIMIT_HEAP], all = rt->set.limit[LIMIT_TOTAL_HEAP];
    size_t room = (size_t)(h->end - h->top), more = bytes + text - room;
    if (most && h->bytes + more + (collected ? most / PART : 0) > most)
        return true;
    if (all && heaps_total(rt) + more + (collected ? all / PART : 0) > all)
        return true;
    if (most)
        heap_clip(h, most - text, bytes);
    return false;
}

/* The same where memory is limited, for `bytes` in the heap and a text outside of it. A limit is reached when a collection does
 * not help. So that nothing larger than one allocation may be is taken from a block without a look here, the heap ends that far
 * behind its top. */
static NOT_INLINE bool make_room_limited(ion_process *p, ion_frame *fp, size_t bytes, size_t text, ion_value *roots,
                                         uint32_t n)
{
    process *proc = proc_of(p);
    const runtime *rt = runtime_of(proc);
    heap *h = &proc->heap;
    uint64_t most = rt->set.limit[LIMIT_HEAP], once = rt->set.limit[LIMIT_ALLOCATION];
    size_t all = bytes + text;
    if (once && all > once) {
        proc->on->reached = LIMIT_ALLOCATION;
        return false;
    }
    proc->on->reached = LIMIT_HEAP;
    if (all < text || (most && all > most))
        return false;
    heap_whole(h);
    const _Atomic uint64_t *collections = &proc->on->counts[COUNT_COLLECTIONS];
    uint64_t before = atomic_load_explicit(collections, memory_order_relaxed);
    bool done = !heaps_full(rt, all) && make_room(p, fp, bytes, roots, n);
    bool collected = atomic_load_explicit(collections, memory_order_relaxed) != before;
    if (!done || too_large(rt, h, bytes, text, collected))
        done = !collected && collect(p, fp, bytes, roots, n) && !too_large(rt, h, bytes, text, true);
    if (most && h->threshold > most)
        h->threshold = most;
    if (done && once && (size_t)(h->end - h->top) > once)
        h->end = h->top + (once & ~(uint64_t)7);
    return done;
}

bool gc_make_room(ion_process *p, ion_frame *fp, size_t bytes, ion_value *roots, uint32_t n)
{
    if (ION_UNLIKELY(runtime_of(proc_of(p))->memory_limited))
        return make_room_limited(p, fp, bytes, 0, roots, n);
    return make_room(p, fp, bytes, roots, n);
}

bool gc_reserve_text(ion_process *p, ion_frame *fp, size_t len, size_t *spare, ion_value *roots, uint32_t n)
{
    const runtime *rt = runtime_of(proc_of(p));
    uint64_t once = rt->set.limit[LIMIT_ALLOCATION];
    if (!rt->memory_limited)
        return gc_reserve(p, fp, sizeof(long_string), roots, n);
    if (once && sizeof(long_string) + len + *spare > once)
        *spare = 0;
    return make_room_limited(p, fp, round8(sizeof(long_string)), len + *spare, roots, n);
}
