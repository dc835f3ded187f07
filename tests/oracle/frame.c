/* frame.c: calls and returns, and the frames as reports show them. Frames that are done are used again. */
#include <stdio.h>

#include "lib.h"
#include "vm.h"

enum { MOST_RECYCLED = 65536, TRACE_ENDS = 32 };

static frame *spare[MOST_RECYCLED + 1]; /* by number of registers */

static frame *frame_new(size_t n)
{
    frame *f = n <= MOST_RECYCLED ? spare[n] : NULL;
    if (f)
        spare[n] = f->up;
    else
        f = mem_alloc(sizeof(frame) + n * sizeof(value));
    *f = (frame){.n = (uint32_t)n};
    for (size_t i = 0; i < n; i++)
        f->regs[i] = v_undefined();
    return f;
}

static void frame_free(frame *f)
{
    if (f->n > MOST_RECYCLED)
        return;
    f->up = spare[f->n];
    spare[f->n] = f;
}

/* Arguments beyond the registers are dropped. */
static void put_args(frame *f, size_t at, const value *args, size_t n)
{
    for (size_t i = 0; i < n && at + i < f->n; i++)
        f->regs[at + i] = args[i];
}

void frame_call(process *p, const callable *f, object *self, const value *args, size_t n, ret r, uint32_t dst)
{
    size_t total = n;
    const callable *base = f;
    for (; base->kind == CLOSURE || base->kind == BOUND; base = base->inner) {
        if (base->kind == BOUND)
            self = base->self;
        total += base->n;
    }
    bool library = base->kind == LIBRARY || base->code->native;
    frame *g = frame_new(library ? total : base->code->nregs);
    g->up = p->top;
    g->self = self;
    g->ret = r;
    g->dst = dst;
    g->code = library ? NULL : base->code;
    g->library = base->library;
    g->library_name = base->library_name;
    size_t at = total - n;
    put_args(g, at, args, n);
    for (; f != base; f = f->inner) {
        at -= f->n;
        put_args(g, at, f->captured, f->n);
    }
    p->top = g;
    p->depth++;
}

void frame_return(process *p, value v)
{
    frame *done = p->top, *f = done->up;
    ret r = done->ret;
    uint32_t dst = done->dst;
    p->top = f;
    p->depth--;
    frame_free(done);
    if (!f) {
        process_returned(p, v);
        return;
    }
    switch (r) {
    case RET_STORE: f->regs[dst] = v; break;
    case RET_TRUTH: f->regs[dst] = v_boolean(truthy(v)); break;
    case RET_NOT_TRUTH: f->regs[dst] = v_boolean(!truthy(v)); break;
    case RET_DISCARD: break;
    case RET_LIBRARY: f->result = v; return;
    }
    f->pc++;
}

void frames_release(process *p)
{
    while (p->top) {
        frame *up = p->top->up;
        frame_free(p->top);
        p->top = up;
    }
    p->depth = 0;
}

const char *function_label(const function *f)
{
    return f->name && f->name->len ? f->name->text : "-";
}

static void trace_line(const frame *f)
{
    if (!f->code) {
        report(MSG_TRACE_NATIVE, f->library_name->text);
        return;
    }
    buffer b = {0};
    disasm(&b, &f->code->code[f->pc], f->code->class->dialect);
    report(MSG_TRACE_LINE, f->code->class->name, function_label(f->code), f->pc, b.data);
    buffer_free(&b);
}

void frames_trace(const process *p)
{
    size_t total = p->depth, i = 0;
    for (const frame *f = p->top; f; f = f->up, i++) {
        if (i < TRACE_ENDS || i + TRACE_ENDS >= total)
            trace_line(f);
        else if (i == TRACE_ENDS)
            report(MSG_TRACE_GAP, (unsigned long)(total - 2 * TRACE_ENDS));
    }
}

void frame_where(const process *p)
{
    const frame *f = p->top;
    if (!f->code) {
        report(MSG_DEADLOCK_NATIVE, (unsigned long)p->id, f->library_name->text);
        return;
    }
    buffer b = {0};
    disasm(&b, &f->code->code[f->pc], f->code->class->dialect);
    report(MSG_DEADLOCK_LINE, (unsigned long)p->id, f->code->class->name, function_label(f->code), f->pc, b.data);
    buffer_free(&b);
}
