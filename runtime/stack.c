/* stack.c: a process's stack of frames.
 *
 * The stack begins in the process's record (`base`) and goes on in a list of segments, each a contiguous run of frames; a
 * frame does not move while its function is on the C stack, so generated code may keep its address across calls. A function
 * that does not fit in the current segment is moved, arguments and all, to the start of a new one before it begins
 * (ion_grow), and the segment goes when that function returns. No segment is ever without a frame: the top one is
 * always that of the innermost frame.
 *
 * Most processes wait in their first frame, and need little of it meanwhile: the registers live at the point where they
 * wait. If that frame has a segment of its own, those are packed: put side by side, behind the frame's head, into the base, or into
 * a segment of just that size. The segment is left to the process that runs next. The
 * registers get their places back before the process goes on. As long as there have never been PACK_FROM processes at once all that
 * is not worth its time.
 *
 * The C stack holds the activations made since the process was last resumed. It is looked at whenever a segment is
 * added, which happens at least once every SEGMENT_MAX bytes of frames: as no function's C frame is much larger than
 * its frame here times a small factor, the margin of C_STACK_RESERVE cannot be used up in between. When it runs low the
 * process leaves and is entered again at once on an empty C stack (LEAVE_UNWIND), so recursion is bounded by memory
 * alone.
 *
 * Frames move in two cases only: if a process has called across the end of a segment again and again during its last
 * slice, all its frames are put into one larger segment before it goes on (stack_widen), and back into a small one when it
 * waits with few of them left (stack_shrink). The C stack is empty then, so no C function knows where they were.
 *
 * A function that C has called (stack_nested) runs on top of the C frames of native code, which cannot be left: the run ends
 * with its result or with the process. When the C stack runs low it is emptied as far as that run.
 *
 * Each scheduler keeps one spare segment of each size: a loop that calls across the end of a segment does not ask for
 * memory each time.
 */
#include <sys/resource.h>

#include "mem.h"
#include "messages.h"
#include "sched.h"

#define SEGMENT_LEAST   1024
#define SEGMENT_MAX     (32 * 1024)
#define PACK_FROM       128
#define C_STACK_RESERVE (1024 * 1024)
#define C_STACK_MAX     (8 * 1024 * 1024)
#define CROSSINGS       4 /* in a slice are many */

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

static size_t segment_size(const segment *s)
{
    return (size_t)(s->end - s->data);
}

/* Where a spare segment of a size is kept; NULL: none is. */
static segment **spare_of(scheduler *on, size_t size)
{
    if (size < SEGMENT_LEAST || size > SEGMENT_MAX || (size & (size - 1)))
        return NULL;
    return &on->spare[__builtin_ctzl(size / SEGMENT_LEAST)];
}
_Static_assert(SEGMENT_LEAST << (SEGMENT_SIZES - 1) == SEGMENT_MAX, "a spare one of each size");

/* A segment with room for `size` bytes; NULL when memory is out. Where stacks are limited there is a word behind its end: frames_below. */
static segment *segment_new(scheduler *on, size_t size)
{
    segment **spare = spare_of(on, size), *s;
    if (spare && *spare) {
        s = *spare;
        *spare = NULL;
        return s;
    }
    s = mem_alloc(sizeof *s + size + (on->rt->stack_limited ? sizeof(uint64_t) : 0));
    if (s)
        s->end = s->data + size;
    return s;
}

static void segment_free(scheduler *on, segment *s)
{
    segment **spare = spare_of(on, segment_size(s));
    if (spare && !*spare)
        *spare = s;
    else
        mem_free(s);
}

void stack_trim(scheduler *s)
{
    for (unsigned i = 0; i < SEGMENT_SIZES; i++) {
        mem_free(s->spare[i]);
        s->spare[i] = NULL;
    }
}

static char *base_end(process *proc)
{
    return proc->base + sizeof proc->base;
}

/* ---- limits: bytes and frames are known to the segment, and the last one is made just large enough ---- */

static void count_bytes(process *proc, size_t bytes)
{
    if (ION_UNLIKELY(runtime_of(proc)->set.limit[LIMIT_TOTAL_STACK] != 0))
        count_add(proc->on, COUNT_STACK, bytes);
}

/* How many frames stand below a segment; valid only where frames are limited. */
static uint64_t *frames_below(const segment *s)
{
    return (uint64_t *)(void *)s->end;
}

/* How many frames there are, of which `top` is the newest. */
static uint64_t frames_count(process *proc, const ion_frame *top)
{
    const segment *s = proc->segment;
    const char *begin = s ? s->data : proc->base, *end = s ? s->end : base_end(proc);
    uint64_t n = s ? *frames_below(s) : 0;
    for (; top && (const char *)top >= begin && (const char *)top < end; top = top->caller)
        n++;
    return n;
}

static size_t least(size_t a, uint64_t b)
{
    return a < b ? a : (size_t)b;
}

/* What is left of a limit in values of which so many bytes are used. */
static uint64_t bytes_left(uint64_t values, uint64_t used)
{
    uint64_t bytes = values < SIZE_MAX / 16 ? values * sizeof(ion_value) : SIZE_MAX;
    return bytes > used ? bytes - used : 0;
}

/* How large a segment may become that is to hold `bytes` at least, and would be of `size`; 0: a limit is reached. */
static size_t size_within(process *proc, size_t bytes, size_t size, uint64_t frames)
{
    const runtime *rt = runtime_of(proc);
    const uint64_t *most = rt->set.limit;
    limit *why = &proc->on->reached;
    if (most[LIMIT_STACK]) {
        *why = LIMIT_STACK;
        size = least(size, bytes_left(most[LIMIT_STACK], stack_bytes(proc)));
    }
    if (most[LIMIT_TOTAL_STACK] && size >= bytes) {
        *why = LIMIT_TOTAL_STACK;
        size = least(size, bytes_left(most[LIMIT_TOTAL_STACK], runtime_total(rt, COUNT_STACK)));
    }
    if (most[LIMIT_FRAMES] && size >= bytes) {
        uint64_t left = most[LIMIT_FRAMES] > frames ? most[LIMIT_FRAMES] - frames : 0;
        *why = LIMIT_FRAMES;
        if (left < size / ION_HEADER)
            size = left && left * ION_HEADER < bytes ? bytes : left * ION_HEADER;
    }
    if (size < bytes)
        return 0;
    *why = LIMIT_HEAP;
    return size & ~(size_t)7;
}

static void segment_add(process *proc, segment *s, uint64_t frames)
{
    if (ION_UNLIKELY(runtime_of(proc)->stack_limited))
        *frames_below(s) = frames;
    count_bytes(proc, segment_size(s));
    s->below = proc->segment;
    proc->segment = s;
    proc->pub.stack_end = s->end;
}

/* Only its own scheduler sets it; hosts look whenever they like. */
static void note_most(_Atomic uint64_t *most, uint64_t n)
{
    if (n > atomic_load_explicit(most, memory_order_relaxed))
        atomic_store_explicit(most, n, memory_order_relaxed);
}

/* Notes how deep the stack is; how many frames there are. */
static uint64_t note_depth(process *proc, const ion_frame *top)
{
    scheduler *s = proc->on;
    uint64_t frames = frames_count(proc, top);
    const char *begin = proc->segment ? proc->segment->data : proc->base;
    size_t used = (size_t)((const char *)top - begin) + ION_HEADER; /* its function may not be noted yet */
    for (const segment *k = proc->segment ? proc->segment->below : NULL; k; k = k->below)
        used += segment_size(k);
    note_most(&s->deepest_stack, used);
    note_most(&s->deepest_frames, frames);
    return frames;
}

void stack_note(process *proc, const ion_frame *top)
{
    (void)note_depth(proc, top);
}

/* Puts a segment with room for `bytes` on top of the frame `top`, NULL: for the first frame, which always has its place. NULL when
 * memory is out or a limit reached. */
static segment *segment_push(process *proc, const ion_frame *top, size_t bytes)
{
    uint64_t frames = 0;
    size_t size = proc->segment ? 2 * segment_size(proc->segment) : 0;
    size = size < SEGMENT_LEAST ? SEGMENT_LEAST : size > SEGMENT_MAX ? SEGMENT_MAX : size;
    if (size < bytes)
        size = bytes;
    if (ION_UNLIKELY(runtime_of(proc)->stack_limited)) {
        frames = top ? note_depth(proc, top) : 0;
        size = top ? size_within(proc, bytes, size, frames) : bytes;
        if (!size)
            return NULL;
    }
    segment *s = segment_new(proc->on, size);
    if (s)
        segment_add(proc, s, frames);
    else
        proc->on->reached = LIMIT_FRAMES;
    return s;
}

static void segment_pop(process *proc)
{
    segment *s = proc->segment;
    proc->segment = s->below;
    proc->pub.stack_end = s->below ? s->below->end : base_end(proc);
    count_bytes(proc, -segment_size(s));
    segment_free(proc->on, s);
}

ion_frame *stack_start(process *proc, const ion_function *fn, uint32_t argc)
{
    proc->pub.stack_end = base_end(proc);
    ion_frame *fp = (ion_frame *)(void *)proc->base;
    if (argc > STACK_BASE) {
        segment *s = segment_new(proc->on, ION_FRAME(argc));
        if (!s)
            return NULL;
        segment_add(proc, s, 0);
        fp = (ion_frame *)(void *)s->data;
    }
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

ion_frame *stack_room(process *proc, const ion_frame *top, ion_frame *at, size_t bytes)
{
    if ((char *)at + bytes <= proc->pub.stack_end)
        return at;
    if (!segment_push(proc, top, bytes))
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
    if (v != ION_LEAVE && proc->segment && (char *)fp == proc->segment->data)
        segment_pop(proc);
    return v;
}

ion_value stack_enter(process *proc, ion_frame *fp, ion_u32 argc)
{
    if (ION_UNLIKELY(proc->segment && (char *)fp == proc->segment->data && c_stack_low(proc))) {
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
    segment *s = segment_push(proc, fp->caller, fp->fn->size > args ? fp->fn->size : args);
    if (!s) { /* it ends where it begins; its callers may not have stored their points yet */
        fp->at = 0;
        fp->n = 0;
        return proc_limit(p, fp, NULL);
    }
    memcpy(s->data, fp, args);
    proc->crossings += proc->crossings < CROSSINGS;
    if (old && (char *)fp == old->data) { /* it held this frame alone: nobody would take it away later */
        s->below = old->below;
        count_bytes(proc, -segment_size(old));
        segment_free(proc->on, old);
    }
    return stack_enter(proc, (ion_frame *)(void *)s->data, argc);
}

/* ---- moving frames ---- */

/* What is in use of a segment, or of the base, and where it goes. */
typedef struct piece {
    const char *from, *end;
    char *to;
} piece;

/* The piece from `from` on whose newest frame is `top`. */
static piece piece_of(const char *from, const ion_frame *top, const char *limit)
{
    size_t bytes = ION_FRAME(top->n) > top->fn->size && !top->fn->points ? ION_FRAME(top->n) : top->fn->size;
    const char *end = (const char *)top + bytes;
    return (piece){from, end < limit ? end : limit, NULL};
}

/* The pieces of a stack, newest first, at most `most`; 0: there are more. */
static uint32_t pieces(process *proc, piece *piece, uint32_t most)
{
    uint32_t n = 0;
    const ion_frame *top = proc->pub.fp;
    for (const segment *s = proc->segment; s; s = s->below) {
        if (n == most)
            return 0;
        piece[n++] = piece_of(s->data, top, s->end);
        top = ((const ion_frame *)(const void *)s->data)->caller;
    }
    if (top && n < most)
        piece[n++] = piece_of(proc->base, top, base_end(proc));
    else if (top)
        return 0;
    return n;
}

static ion_frame *frame_moved(const piece *piece, ion_frame *fp)
{
    const char *at = (const char *)fp;
    while (at < piece->from || at >= piece->end)
        piece++;
    return (ion_frame *)(void *)(piece->to + (at - piece->from));
}

enum { PIECES = 8 };

static size_t bytes_of(const piece *all, uint32_t n)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += (size_t)(all[i].end - all[i].from);
    return bytes;
}

/* Moves all frames to one segment, which becomes the stack. Nothing but the frames themselves leads to frames
 * while the C stack is empty; the innermost one stands at a point. */
static void frames_move(process *proc, piece *all, uint32_t n, segment *s)
{
    char *to = s->data;
    for (uint32_t i = n; i--; to += all[i].end - all[i].from) {
        all[i].to = to;
        memcpy(to, all[i].from, (size_t)(all[i].end - all[i].from));
    }
    proc->pub.fp = frame_moved(all, proc->pub.fp);
    for (ion_frame *fp = proc->pub.fp; fp->caller; fp = fp->caller)
        fp->caller = frame_moved(all, fp->caller);
    while (proc->segment)
        segment_pop(proc);
    segment_add(proc, s, 0);
}

/* Of a process that waits: gives up most of a segment that was made wide for a recursion which is over. */
static void stack_shrink(process *proc)
{
    piece all[2];
    if (proc->segment->below || segment_size(proc->segment) <= 2 * SEGMENT_LEAST || runtime_of(proc)->stack_limited)
        return;
    uint32_t n = pieces(proc, all, 2);
    size_t used = bytes_of(all, n), size = SEGMENT_LEAST;
    while (size < used)
        size *= 2;
    segment *s = n && size < segment_size(proc->segment) / 2 ? segment_new(proc->on, size) : NULL;
    if (s)
        frames_move(proc, all, n, s);
}

/* ---- waiting in the first frame ---- */

static const ion_u64 *live_row(const ion_frame *fp)
{
    return fp->fn->live + (size_t)fp->fn->points[fp->at].live * fp->fn->live_words;
}

/* Copies a frame: its head, and in a row the registers that are live at its point. False if there are more than `most`. */
static bool frame_pack(ion_frame *to, const ion_frame *from, ion_u32 most)
{
    const ion_u64 *row = live_row(from);
    ion_u32 n = 0;
    for (ion_u32 w = 0; w < from->fn->live_words; w++)
        for (ion_u64 bits = row[w]; bits; bits &= bits - 1) {
            if (n == most)
                return false;
            to->r[n++] = from->r[w * 64 + (ion_u32)__builtin_ctzll(bits)];
        }
    *to = *from;
    return true;
}

/* The other way round. */
static void frame_unpack(ion_frame *to, const ion_frame *from)
{
    const ion_u64 *row = live_row(from);
    const ion_slot *next = from->r;
    *to = *from;
    for (ion_u32 w = 0; w < from->fn->live_words; w++)
        for (ion_u64 bits = row[w]; bits; bits &= bits - 1)
            to->r[w * 64 + (ion_u32)__builtin_ctzll(bits)] = *next++;
}

static ion_u32 count_live(const ion_frame *fp)
{
    const ion_u64 *row = live_row(fp);
    ion_u32 n = 0;
    for (ion_u32 w = 0; w < fp->fn->live_words; w++)
        for (ion_u64 bits = row[w]; bits; bits &= bits - 1)
            n++;
    return n;
}

/* The frame packed into a segment of its own, which is not put on the stack; NULL: that gains nothing. */
static segment *pack_apart(process *proc, const ion_frame *fp)
{
    ion_u32 n = count_live(fp);
    segment *s = ION_FRAME(n) < segment_size(proc->segment) / 2 ? segment_new(proc->on, ION_FRAME(n)) : NULL;
    if (s)
        (void)frame_pack((ion_frame *)(void *)s->data, fp, n);
    return s;
}

void stack_pack(process *proc)
{
    segment *s = proc->segment;
    ion_frame *fp = proc->pub.fp;
    if (!s || atomic_load_explicit(&runtime_of(proc)->most, memory_order_relaxed) < PACK_FROM)
        return;
    if (fp->caller || (char *)fp != s->data || !fp->fn->points) {
        stack_shrink(proc);
        return;
    }
    ion_frame *to = (ion_frame *)(void *)proc->base; /* where nothing lies while the first frame is elsewhere */
    segment *small = NULL;
    if (!frame_pack(to, fp, STACK_BASE)) {
        if (!(small = pack_apart(proc, fp))) {
            stack_shrink(proc);
            return;
        }
        to = (ion_frame *)(void *)small->data;
    }
    segment_pop(proc);
    if (small)
        segment_add(proc, small, 0);
    proc->pub.fp = to;
    proc->packed = true;
}

/* Gives a packed frame its room back. False when memory is out. */
static bool unpack(process *proc)
{
    segment *small = proc->segment;
    const ion_frame *from = proc->pub.fp;
    segment *s = segment_push(proc, NULL, from->fn->size);
    if (!s)
        return false;
    proc->pub.fp = (ion_frame *)(void *)s->data;
    frame_unpack(proc->pub.fp, from);
    if (small) {
        s->below = NULL;
        count_bytes(proc, -segment_size(small));
        segment_free(proc->on, small);
    }
    proc->packed = false;
    return true;
}

const ion_frame *stack_first(const process *proc)
{
    const segment *s = proc->segment;
    while (s && s->below)
        s = s->below;
    const ion_frame *fp = (const ion_frame *)(const void *)(s ? s->data : proc->base);
    return fp->caller ? (const ion_frame *)(const void *)proc->base : fp;
}

size_t stack_bytes(const process *proc)
{
    size_t bytes = 0;
    for (const segment *s = proc->segment; s; s = s->below)
        bytes += segment_size(s);
    return bytes;
}

/* ---- one segment for all ---- */

/* Whether one segment of a size keeps to the limits by itself, however its frames are cut: nothing is looked at within. */
static bool within_limits(const runtime *rt, size_t size)
{
    const uint64_t *most = rt->set.limit;
    return !rt->stack_limited || (!most[LIMIT_TOTAL_STACK] && (!most[LIMIT_STACK] || size / sizeof(ion_value) <= most[LIMIT_STACK] / 2) &&
                                  (!most[LIMIT_FRAMES] || size / ION_HEADER <= most[LIMIT_FRAMES]));
}

/* The size of a segment for all those; 0: it would be too large, or they had better stay where they are. */
static size_t widened_size(process *proc, const piece *all, uint32_t n)
{
    size_t used = bytes_of(all, n), size = proc->segment ? 2 * segment_size(proc->segment) : SEGMENT_LEAST;
    while (size < 2 * used)
        size *= 2;
    return n && size <= SEGMENT_MAX && !proc->packed && within_limits(runtime_of(proc), size) ? size : 0;
}

/* Its functions are still on the C stack and may not have filled in their frames, so only the segments are looked at. */
bool stack_narrow(process *proc)
{
    bool often = proc->crossings == CROSSINGS;
    proc->crossings = 0;
    if (!often || !within_limits(runtime_of(proc), SEGMENT_LEAST))
        return false;
    size_t bytes = sizeof proc->base;
    uint32_t n = 1;
    for (const segment *s = proc->segment; s; s = s->below) {
        bytes += segment_size(s);
        n++;
    }
    return n <= PIECES && bytes <= SEGMENT_MAX / 2;
}

/* Moves all frames to one segment that is larger than the newest. */
static void stack_widen(process *proc)
{
    piece all[PIECES];
    uint32_t n = pieces(proc, all, PIECES);
    size_t size = widened_size(proc, all, n);
    segment *s = size ? segment_new(proc->on, size) : NULL;
    proc->crossings = 0;
    if (s)
        frames_move(proc, all, n, s);
}

/* Goes on with the innermost frame and those below it, down to those that `base` has called (NULL: to the first), whose last result comes to
 * *result. */
static bool run_down_to(process *proc, const ion_frame *base, ion_u32 argc, ion_value *result)
{
    ion_process *p = &proc->pub;
    for (;;) {
        ion_frame *fp = p->fp;
        ion_frame *caller = fp->caller; /* read now: the segment may go */
        ion_value v = frame_run(proc, fp, argc);
        argc = ION_RESUMED;
        if (v == ION_LEAVE) {
            if (proc->leave != LEAVE_UNWIND)
                return false;
            argc = p->argc;
            if (argc == ION_RESUMED && !base) /* else what is on the C stack knows where its frames are */
                stack_widen(proc);
        } else if (caller == base) {
            *result = v;
            return true;
        } else {
            p->value = v;
            p->fp = caller;
        }
    }
}

bool stack_run(process *proc, ion_value *result)
{
    ion_process *p = &proc->pub;
    ion_u32 argc = proc->leave == LEAVE_UNWIND ? p->argc : ION_RESUMED;
    if (proc->packed && !unpack(proc)) {
        (void)proc_limit(p, p->fp, NULL);
        return false;
    }
    if (proc->crossings == CROSSINGS && argc == ION_RESUMED)
        stack_widen(proc);
    proc->crossings = 0;
    return run_down_to(proc, NULL, argc, result);
}

bool stack_nested(process *proc, ion_frame *fp, ion_value callee, ion_value *args, uint32_t argc, ion_value *result)
{
    if (c_stack_low(proc)) {
        (void)proc_crash(&proc->pub, fp, MSG_NATIVE_DEEP);
        return false;
    }
    bool was = proc->in_native;
    proc->in_native = true;
    *result = call_value(&proc->pub, fp, callee, ION_UNDEFINED, args, argc);
    bool done = *result != ION_LEAVE || (proc->leave == LEAVE_UNWIND && run_down_to(proc, fp, proc->pub.argc, result));
    proc->in_native = was;
    return done;
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
    const ion_u64 *row = live_row(fp);
    for (ion_u32 w = 0; w < fn->live_words; w++)
        for (ion_u64 bits = row[w]; bits; bits &= bits - 1)
            gc_value(g, &fp->r[w * 64 + (ion_u32)__builtin_ctzll(bits)].v);
}

/* A frame that is packed. */
static void packed_roots(ion_frame *fp, gc *g)
{
    gc_value(g, &fp->self);
    for (ion_u32 i = 0, n = count_live(fp); i < n; i++)
        gc_value(g, &fp->r[i].v);
}

void stack_roots(process *proc, gc *g)
{
    if (proc->packed)
        packed_roots(proc->pub.fp, g);
    else
        for (ion_frame *fp = proc->pub.fp; fp; fp = fp->caller)
            frame_roots(fp, g);
}

place frame_place(const ion_frame *fp)
{
    if (frame_nameless(fp))
        fp = fp->caller;
    const ion_function *fn = frame_function(fp);
    const char *name = fn->name[0] ? fn->name : "-";
    if (!fn->points)
        return (place){fn, name, 0, NULL};
    const ion_point *at = &fn->points[fp->at];
    return (place){fn, name, at->pc, at->text};
}
