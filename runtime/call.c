/* call.c: calls that generated code does not make itself: closures, bound methods, objects with __call__, tail calls,
 * and functions called by the runtime (magic methods, comparators). */
#include "atom.h"
#include "messages.h"
#include "object.h"

_Static_assert(sizeof(ion_closure) == sizeof(closure) && offsetof(ion_closure, value) == offsetof(closure, values) &&
                   offsetof(ion_closure, callee) == offsetof(closure, callee) &&
                   ION_HEAD_CLOSURE(3) == HEAD(KIND_CLOSURE, 3),
               "ion_closure");

const ion_function *callee_function(ion_value callee)
{
    while (!ION_IS_FUNCTION(callee))
        callee = AS(closure, callee)->callee; /* at the same place in closures and bound methods */
    return ION_CALLEE(callee);
}

uint32_t call_unfold(ion_value callee, const ion_function **fn, ion_value *self, ion_value *out)
{
    uint32_t total = 0;
    for (ion_value v = callee; !ION_IS_FUNCTION(v); v = AS(closure, v)->callee)
        if (is_boxed(v, KIND_CLOSURE))
            total += HEAD_COUNT(as_thing(v)->head);
    uint32_t at = total;
    ion_value v = callee;
    for (; !ION_IS_FUNCTION(v); v = AS(closure, v)->callee) {
        if (is_boxed(v, KIND_BOUND)) {
            *self = AS(bound, v)->self;
        } else if (out) {
            uint32_t n = HEAD_COUNT(as_thing(v)->head);
            at -= n;
            memcpy(out + at, AS(closure, v)->values, n * sizeof *out);
        }
    }
    *fn = ION_CALLEE(v);
    return total;
}

/* The frame behind fp. */
static ion_frame *frame_behind(ion_frame *fp)
{
    return ION_BEHIND(fp, fp->fn->points ? fp->fn->regs : fp->n);
}

/* Calls a function value with the arguments at `args`, which may be the slots of the frame behind fp. */
static NOT_INLINE ion_value call_with(ion_process *p, ion_frame *fp, ion_value callee, ion_value self,
                                      const ion_value *args, uint32_t argc)
{
    process *proc = proc_of(p);
    const ion_function *fn;
    uint32_t before = call_unfold(callee, &fn, &self, NULL);
    size_t bytes = ION_FRAME(before + argc);
    ion_frame *out = stack_room(proc, fp, frame_behind(fp), bytes);
    if (!out)
        return proc_limit(p, fp, NULL);
    if (argc)
        memmove(&out->r[before], args, argc * sizeof *args);
    call_unfold(callee, &fn, &self, &out->r[0].v);
    out->fn = fn;
    out->caller = fp;
    out->self = self;
    return stack_enter(proc, out, before + argc);
}

ion_value call_value(ion_process *p, ion_frame *fp, ion_value callee, ion_value self, const ion_value *args,
                     uint32_t argc)
{
    ion_i64 rest = fp->fn->points ? fp->fn->points[fp->at].rest : 0;
    p->reds += rest;
    ion_frame *out = frame_behind(fp);
    ion_value v;
    if (ION_IS_FUNCTION(callee) && (char *)&out->r[argc] <= p->stack_end) {
        for (uint32_t i = 0; i < argc; i++)
            out->r[i].v = args[i];
        out->fn = ION_CALLEE(callee);
        out->caller = fp;
        out->self = self;
        v = ion_finish(p, out, out->fn->code(p, out, argc));
    } else {
        v = call_with(p, fp, callee, self, args, argc);
    }
    if (v != ION_LEAVE)
        p->reds -= rest;
    return v;
}

/* What a CALL of a value runs: itself, or an object's __call__, then *self is the object. 0: it cannot be called. */
static ion_value called_by(ion_value callee, ion_value *self)
{
    if (is_callable(callee))
        return callee;
    *self = callee;
    return ION_IS_OBJECT(callee) ? object_method(callee, ATOM(call)) : 0;
}

static ion_value crash_not_callable(ion_process *p, ion_frame *fp, ion_value callee)
{
    return proc_crash(p, fp, MSG_NOT_CALLABLE, type_names_lower[type_of(callee)]);
}

static NOT_INLINE ion_value call(ion_process *p, ion_frame *fp, ion_value callee, ion_u32 argc)
{
    ion_value self = ION_UNDEFINED;
    ion_value method = called_by(callee, &self);
    if (!method)
        return crash_not_callable(p, fp, callee);
    return call_with(p, fp, method, self, &frame_behind(fp)->r[0].v, argc);
}

/* ---- closures and bound methods right over a function, called by generated code ---- */

/* The function in such a value; NULL: it is something else. */
static inline const ion_function *simple_function(ion_value v, kind k)
{
    uint64_t at = v ^ ION_TAG_BOXED;
    if (at & ION_TAG_MASK)
        return NULL;
    uint64_t fn = AS(closure, at)->callee ^ ION_TAG_FUNCTION;
    if (HEAD_KIND(AS(closure, at)->head) != k || fn & ION_TAG_MASK)
        return NULL;
    return (const ion_function *)fn;
}

static NOT_INLINE ion_value call_other(ion_process *p, ion_frame *out, ion_frame *fp, ion_value callee, ion_u32 argc)
{
    const ion_function *fn = simple_function(callee, KIND_BOUND);
    if (!fn)
        return call(p, fp, callee, argc);
    out->fn = fn;
    out->caller = fp;
    out->self = AS(bound, callee)->self;
    return fn->code(p, out, argc);
}

/* Both end in a jump: they add nothing to the C stack, and little to the time of a call. */
ion_value ion_call_value(ion_process *p, ion_frame *out, ion_frame *fp, ion_value callee, ion_u32 argc)
{
    const ion_function *fn = simple_function(callee, KIND_CLOSURE);
    if (!fn)
        return call_other(p, out, fp, callee, argc);
    const closure *c = AS(closure, callee);
    uint32_t before = HEAD_COUNT(c->head);
    if ((char *)&out->r[before + argc] > p->stack_end)
        return call(p, fp, callee, argc);
    out->fn = fn;
    out->caller = fp;
    out->self = ION_UNDEFINED;
    if (before == 1 && argc == 1) {
        out->r[1] = out->r[0];
        out->r[0].v = c->values[0];
    } else {
        for (uint32_t i = argc; i-- > 0;)
            out->r[before + i] = out->r[i];
        for (uint32_t i = 0; i < before; i++)
            out->r[i].v = c->values[i];
    }
    return fn->code(p, out, before + argc);
}

ion_value ion_call(ion_process *p, ion_frame *fp, ion_value callee, ion_u32 argc)
{
    ion_frame *out = ION_BEHIND(fp, fp->fn->regs);
    return ion_finish(p, out, ion_call_value(p, out, fp, callee, argc));
}

/* ---- in tail position ---- */

static ion_value tail_with(ion_process *p, ion_frame *fp, ion_value callee, ion_value self, ion_u32 argc)
{
    ion_frame *out = frame_behind(fp);
    const ion_function *fn;
    uint32_t before = call_unfold(callee, &fn, &self, NULL);
    if (!fn->class_ || (char *)fp + ION_FRAME(before + argc) > p->stack_end)
        return call_with(p, fp, callee, self, &out->r[0].v, argc);
    memmove(&fp->r[before], &out->r[0], argc * sizeof(ion_slot));
    call_unfold(callee, &fn, &self, &fp->r[0].v);
    fp->fn = fn;
    fp->self = self;
    p->callee = fn;
    p->argc = before + argc;
    return ION_TAIL;
}

static NOT_INLINE ion_value tail(ion_process *p, ion_frame *fp, ion_value callee, ion_u32 argc)
{
    ion_value self = ION_UNDEFINED;
    ion_value method = called_by(callee, &self);
    return method ? tail_with(p, fp, method, self, argc) : crash_not_callable(p, fp, callee);
}

/* Whether a function's arguments, moved down behind `before` values, can take the place of the registers. */
static inline bool tail_fits(const ion_process *p, const ion_frame *fp, const ion_function *fn, uint32_t before,
                             uint32_t argc)
{
    return fn->class_ && before <= fp->fn->regs && (const char *)&fp->r[before + argc] <= p->stack_end;
}

static inline ion_value tail_to(ion_process *p, ion_frame *fp, const ion_function *fn, ion_value self, uint32_t before,
                                uint32_t argc)
{
    const ion_slot *from = ION_BEHIND(fp, fp->fn->regs)->r;
    for (uint32_t i = 0; i < argc; i++)
        fp->r[before + i] = from[i];
    fp->fn = p->callee = fn;
    fp->self = self;
    p->argc = before + argc;
    return ION_TAIL;
}

ion_value ion_tail(ion_process *p, ion_frame *fp, ion_value callee, ion_u32 argc)
{
    uint32_t before = 0;
    const closure *c = NULL;
    const ion_function *fn = ION_IS_FUNCTION(callee) ? ION_CALLEE(callee) : simple_function(callee, KIND_CLOSURE);
    if (fn && !ION_IS_FUNCTION(callee)) {
        c = AS(closure, callee);
        before = HEAD_COUNT(c->head);
    }
    if (!fn || !tail_fits(p, fp, fn, before, argc))
        return tail(p, fp, callee, argc);
    ion_value v = tail_to(p, fp, fn, ION_UNDEFINED, before, argc);
    for (uint32_t i = 0; i < before; i++)
        fp->r[i].v = c->values[i];
    return v;
}

ion_value ion_tail_method(ion_process *p, ion_frame *fp, ion_value callee, ion_value self, ion_u32 argc)
{
    if (!ION_IS_FUNCTION(callee) || !(callee & ION_UNBOUND))
        return ion_tail(p, fp, callee, argc);
    const ion_function *fn = ION_CALLEE(callee & ~ION_UNBOUND);
    if (!tail_fits(p, fp, fn, 0, argc))
        return tail_with(p, fp, callee & ~ION_UNBOUND, self, argc);
    return tail_to(p, fp, fn, self, 0, argc);
}

ion_value ion_finish(ion_process *p, ion_frame *callee, ion_value v)
{
    while (v == ION_TAIL)
        v = p->callee->code(p, callee, p->argc);
    return v;
}
