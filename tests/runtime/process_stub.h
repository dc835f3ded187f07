/* process_stub.h: what a test needs around objects and operators instead of a whole runtime; included once in a
 * program. There is one process with one frame, whose registers are all live. Every reservation collects, so that an
 * address held too long shows at once. Calls of functions are recorded, not made. */
#ifndef PROCESS_STUB_H
#define PROCESS_STUB_H
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "atom.h"
#include "check.h"
#include "io.h"
#include "native.h"
#include "object.h"
#include "ops.h"
#include "str.h"

static uint64_t seed = 7;

static uint32_t below(uint32_t n)
{
    seed += 0x9E3779B97F4A7C15ull;
    uint64_t z = (seed ^ seed >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return (uint32_t)((z ^ z >> 31) % n);
}

/* ---- the process ---- */

enum { REGS = 32, OUT = 200 };

static runtime rt;
static scheduler stub_scheduler = {.rt = &rt};
static process proc = {.on = &stub_scheduler, .id = 5};
static ion_process *const p = &proc.pub;
static union {
    ion_frame frame;
    char room[ION_FRAME(REGS) + ION_FRAME(OUT)];
} stack;
static ion_frame *const fp = &stack.frame;

static ion_value code(ion_process *process_, ion_frame *frame, ion_u32 argc)
{
    (void)process_, (void)frame, (void)argc;
    return ION_UNIT;
}
static const ion_point points[] = {{.pc = 3}, {.pc = 4}};
static const ion_function main_fn = {.code = code, .name = "main", .class_ = "Main", .regs = REGS, .points = points};
static const ion_function other_fn = {.code = code, .name = "other", .class_ = "Main", .regs = REGS, .points = points};
#define F (ION_FUNCTION(&main_fn))
#define G (ION_FUNCTION(&other_fn))

static char said[400]; /* the last crash, limit or warning */
static unsigned warnings;

ion_value proc_crash(ion_process *process_, ion_frame *frame, const char *format, ...)
{
    va_list args;
    (void)process_, (void)frame;
    va_start(args, format);
    vsnprintf(said, sizeof said, format, args);
    va_end(args);
    return ION_LEAVE;
}

/* A step is never over. */
uint64_t native_step(ion_process *process_)
{
    (void)process_;
    return UINT32_MAX;
}

bool native_pauses(ion_process *process_)
{
    (void)process_;
    return false;
}

bool native_pause(ion_process *process_, ion_frame *frame)
{
    (void)process_, (void)frame;
    return false;
}

bool work_keep(ion_process *process_, long_work *w)
{
    (void)process_, (void)w;
    return false;
}

long_work *work_of(ion_process *process_)
{
    (void)process_;
    return NULL;
}

void work_done(ion_process *process_)
{
    (void)process_;
}

ion_value proc_limit(ion_process *process_, ion_frame *frame, const char *name)
{
    return proc_crash(process_, frame, "limit:%s", name ? name : "heap");
}

void io_errf(runtime *runtime_, const char *format, ...)
{
    va_list args;
    (void)runtime_;
    warnings++;
    va_start(args, format);
    vsnprintf(said, sizeof said, format, args);
    va_end(args);
}

place frame_place(const ion_frame *frame)
{
    return (place){frame->fn, frame->fn->name, frame->fn->points[frame->at].pc, ""};
}

typedef struct root_set {
    ion_value *roots;
    uint32_t n;
} root_set;

static void roots_of(gc *g, void *context)
{
    root_set *set = context;
    for (uint32_t i = 0; i < REGS; i++)
        gc_value(g, &fp->r[i].v);
    gc_value(g, &fp->self);
    gc_value(g, &p->value);
    for (uint32_t i = 0; i < set->n; i++)
        gc_value(g, &set->roots[i]);
}

/* The heap's threshold is never kept: each reservation comes here. */
bool gc_make_room(ion_process *process_, ion_frame *frame, size_t bytes, ion_value *roots, uint32_t n)
{
    root_set set = {roots, n};
    (void)process_, (void)frame;
    bool done = heap_collect(&proc.heap, bytes, 0, roots_of, &set);
    proc.heap.threshold = 0;
    return done;
}

bool gc_reserve_text(ion_process *process_, ion_frame *frame, size_t len, size_t *spare, ion_value *roots, uint32_t n)
{
    (void)len, (void)spare;
    return gc_make_room(process_, frame, round8(sizeof(long_string)), roots, n);
}

static struct {
    unsigned times;
    ion_value callee, self, args[2];
    uint32_t argc;
    ion_value result;
} called;

ion_value call_value(ion_process *process_, ion_frame *frame, ion_value callee, ion_value self, const ion_value *args,
                     uint32_t argc)
{
    (void)process_, (void)frame;
    called.times++;
    called.callee = callee;
    called.self = self;
    called.argc = argc;
    for (uint32_t i = 0; i < argc; i++)
        called.args[i] = args[i];
    return called.result;
}

const ion_function *callee_function(ion_value callee)
{
    while (!ION_IS_FUNCTION(callee))
        callee = AS(closure, callee)->callee;
    return ION_CALLEE(callee);
}

const ion_function *library_find(const char *name, size_t len)
{
    (void)name, (void)len;
    return NULL;
}

const ion_function *library_missing(const char *name, size_t len, bool quiet)
{
    (void)name, (void)len, (void)quiet;
    return NULL;
}

#define V(i)   (fp->r[i].v)
#define OUT(i) (ION_BEHIND(fp, REGS)->r[i].v)

static void reset(void)
{
    fp->fn = &main_fn;
    fp->caller = NULL;
    fp->self = ION_UNDEFINED;
    fp->at = 0;
    p->value = ION_UNDEFINED;
    for (uint32_t i = 0; i < REGS; i++)
        V(i) = ION_UNDEFINED;
    called.times = 0;
    called.result = ION_UNIT;
    said[0] = 0;
    p->reds = 0;
}

static ion_value num(double d)
{
    return value_number(d);
}

static ion_value atom(const char *text)
{
    return atom_make(text, strlen(text));
}

static ion_value str(const char *text)
{
    return str_new(p, fp, text, strlen(text));
}

static bool is_text(ion_value v, const char *text)
{
    const char *s;
    size_t n;
    return text_view(v, &s, &n) && n == strlen(text) && memcmp(s, text, n) == 0;
}

/* A tuple or array of the values in registers from..from+n-1; ION_LEAVE when memory is out. */
static ion_value list(bool tuple_wanted, uint32_t from, uint32_t n)
{
    memcpy(&OUT(0), &V(from), n * sizeof(ion_value));
    if (!tuple_wanted)
        return ion_array_init(p, fp, n);
    if (!gc_reserve(p, fp, sizeof(tuple) + 8 * (n ? n : 1), NULL, 0))
        return proc_no_memory(p, fp);
    tuple *t = heap_take(&proc.heap, sizeof(tuple) + 8 * (n ? n : 1));
    t->head = HEAD(KIND_TUPLE, n);
    memcpy(t->items, &V(from), n * sizeof(ion_value));
    return value_boxed(t);
}

static bool put(int object_reg, const char *name, ion_value value, uint32_t flags)
{
    return object_define(p, fp, V(object_reg), atom(name), value, flags);
}

static ion_value own(ion_value o, const char *name)
{
    found f = object_own(AS(object, o), atom(name));
    return f.yes ? f.value : 0;
}
#endif
