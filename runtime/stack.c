/* stack.c: a process's stack of frames.
 *
 * The stack is a list of segments, each a contiguous run of frames; a frame never moves once its function has begun,
 * so generated code may keep its address across calls. A function that does not fit in the current segment is moved,
 * arguments and all, to the start of a new one before it begins (ion_grow), and the segment goes when that function
 * returns. No segment but the first is ever without a frame: the top one is always that of the innermost frame.
 *
 * The C stack holds the activations made since the process was last resumed. It is looked at whenever a segment is
 * added, which happens at least once every SEGMENT_MAX bytes of frames: as no function's C frame is much larger than
 * its frame here times a small factor, the margin of C_STACK_RESERVE cannot be used up in between. When it runs low the
 * process leaves and is entered again at once on an empty C stack (LEAVE_UNWIND), so recursion is bounded by memory
 * alone.
 *
 * A segment that goes is kept as its thread's spare one until another goes: a loop that calls across the end of a
 * segment does not ask for memory each time.
 */
#include <stdatomic.h>
#include <sys/resource.h>

#include "mem.h"
#include "sched.h"

#define SEGMENT_SECOND  1024
#define SEGMENT_MAX     (32 * 1024)
#define SPARE_LEAST     4096
#define C_STACK_RESERVE (1024 * 1024)
#define C_STACK_MAX     (8 * 1024 * 1024)

void stack_bound(scheduler *s)
{
    struct rlimit limit;
    size_t size = C_STACK_MAX;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < size)
        size = limit.rlim_cur;
    size_t usable = size > 2 * C_STACK_RESERVE ? size - C_STACK_RESERVE : size / 2;
    s->c_stack_limit = (char *)__builtin_frame_address(0) - usable;
}

static bool c_stack_low(const process *proc)
{
    return (char *)__builtin_frame_address(0) < proc->on->c_stack_limit;
}

static _Atomic(segment *) spare; /* whoever takes it out owns it */

static size_t segment_size(const segment *s)
{
    return (size_t)(s->end - s->data);
}

/* A segment with room for `size` bytes, or little more; NULL when memory is out. */
static segment *segment_new(size_t size)
{
    segment *s = size >= SPARE_LEAST ? atomic_exchange_explicit(&spare, NULL, memory_order_acquire) : NULL;
    if (s && segment_size(s) >= size && segment_size(s) / 2 <= size)
        return s;
    mem_free(s);
    s = mem_alloc(sizeof *s + size);
    if (s)
        s->end = s->data + size;
    return s;
}

static void segment_free(segment *s)
{
    if (segment_size(s) >= SPARE_LEAST && segment_size(s) <= SEGMENT_MAX) /* pairs with the acquire in segment_new */
        s = atomic_exchange_explicit(&spare, s, memory_order_acq_rel);
    mem_free(s);
}

void stack_trim(void)
{
    mem_free(atomic_exchange_explicit(&spare, NULL, memory_order_acquire));
}

/* Puts a segment with room for `bytes` on top; NULL when memory is out. */
static segment *segment_push(process *proc, size_t bytes)
{
    size_t size = 0; /* the first is no larger than need be: most processes wait in their first frame */
    if (proc->segment) {
        size = 2 * segment_size(proc->segment);
        size = size < SEGMENT_SECOND ? SEGMENT_SECOND : size > SEGMENT_MAX ? SEGMENT_MAX : size;
    }
    if (size < bytes)
        size = bytes;
    segment *s = segment_new(size);
    if (!s)
        return NULL;
    s->below = proc->segment;
    proc->segment = s;
    proc->pub.stack_end = s->end;
    proc->stack_bytes += segment_size(s);
    return s;
}

static void segment_pop(process *proc)
{
    segment *s = proc->segment;
    proc->segment = s->below;
    proc->pub.stack_end = s->below ? s->below->end : NULL;
    proc->stack_bytes -= segment_size(s);
    segment_free(s);
}

ion_frame *stack_start(process *proc, const ion_function *fn, uint32_t argc)
{
    size_t bytes = fn->size > ION_FRAME(argc) ? fn->size : ION_FRAME(argc);
    if (!segment_push(proc, bytes))
        return NULL;
    ion_frame *fp = (ion_frame *)(void *)proc->segment->data;
    fp->fn = fn;
    fp->caller = NULL;
    fp->self = ION_UNDEFINED;
    fp->at = 0;
    fp->n = argc;
    proc->pub.fp = fp;
    proc->pub.argc = argc;
    proc->leave = LEAVE_UNWIND;
    return fp;
}

void stack_free(process *proc)
{
    while (proc->segment)
        segment_pop(proc);
}

ion_frame *stack_room(process *proc, ion_frame *at, size_t bytes)
{
    if ((char *)at + bytes <= proc->pub.stack_end)
        return at;
    if (!segment_push(proc, bytes))
        return NULL;
    return (ion_frame *)(void *)proc->segment->data;
}

/* Runs the function in a frame until it returns or leaves; a segment that begins with the frame goes with its return.
 */
static ion_value frame_run(process *proc, ion_frame *fp, ion_u32 argc)
{
    ion_process *p = &proc->pub;
    ion_value v = fp->fn->code(p, fp, argc);
    while (v == ION_TAIL)
        v = p->callee->code(p, fp, p->argc);
    if (v != ION_LEAVE && (char *)fp == proc->segment->data && proc->segment->below)
        segment_pop(proc);
    return v;
}

ion_value stack_enter(process *proc, ion_frame *fp, ion_u32 argc)
{
    if (ION_UNLIKELY((char *)fp == proc->segment->data && c_stack_low(proc))) {
        proc->pub.fp = fp;
        proc->pub.argc = argc;
        proc->leave = LEAVE_UNWIND;
        return ION_LEAVE;
    }
    return frame_run(proc, fp, argc);
}

ion_value ion_grow(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    process *proc = proc_of(p);
    size_t args = ION_FRAME(argc);
    segment *old = proc->segment;
    segment *s = segment_push(proc, fp->fn->size > args ? fp->fn->size : args);
    if (!s) { /* it ends where it begins; its callers may not have stored their points yet */
        fp->at = 0;
        fp->n = 0;
        return proc_limit(p, fp, "frames");
    }
    memcpy(s->data, fp, args);
    if ((char *)fp == old->data && old->below) { /* it held this frame alone: nobody would take it away later */
        s->below = old->below;
        proc->stack_bytes -= segment_size(old);
        segment_free(old);
    }
    return stack_enter(proc, (ion_frame *)(void *)s->data, argc);
}

bool stack_run(process *proc, ion_value *result)
{
    ion_process *p = &proc->pub;
    ion_u32 argc = proc->leave == LEAVE_UNWIND ? p->argc : ION_RESUMED;
    for (;;) {
        ion_frame *fp = p->fp;
        ion_frame *caller = fp->caller; /* read now: the segment may go */
        ion_value v = frame_run(proc, fp, argc);
        argc = ION_RESUMED;
        if (v == ION_LEAVE) {
            if (proc->leave != LEAVE_UNWIND)
                return false;
            argc = p->argc;
        } else if (!caller) {
            *result = v;
            return true;
        } else {
            p->value = v;
            p->fp = caller;
        }
    }
}

static void frame_roots(ion_frame *fp, gc *g)
{
    gc_value(g, &fp->self);
    const ion_function *fn = fp->fn;
    if (!fn->points) {
        for (ion_u32 i = 0; i < fp->n; i++)
            gc_value(g, &fp->r[i].v);
        return;
    }
    const ion_u64 *row = fn->live + (size_t)fn->points[fp->at].live * fn->live_words;
    for (ion_u32 w = 0; w < fn->live_words; w++)
        for (ion_u64 bits = row[w]; bits; bits &= bits - 1)
            gc_value(g, &fp->r[w * 64 + (ion_u32)__builtin_ctzll(bits)].v);
}

void stack_roots(process *proc, gc *g)
{
    for (ion_frame *fp = proc->pub.fp; fp; fp = fp->caller)
        frame_roots(fp, g);
}

place frame_place(const ion_frame *fp)
{
    const ion_function *fn = frame_function(fp);
    const char *name = fn->name[0] ? fn->name : "-";
    if (!fn->points)
        return (place){fn, name, 0, NULL};
    const ion_point *at = &fn->points[fp->at];
    return (place){fn, name, at->pc, at->text};
}
