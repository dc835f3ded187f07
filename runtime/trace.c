/* trace.c: what a run did, step by step, on standard error. Nothing here runs unless tracing is on.
 *
 * One line an event: `trace PROCESS FUNCTION INSTRUCTION EVENT DETAILS`, in docs/runtime-scheduling.md. Values are cut
 * to VALUE_MAX bytes, and newlines in them shown as \n, so that a line is a line.
 */
#include <stdarg.h>
#include <stdio.h>

#include "io.h"
#include "print.h"
#include "signals.h"

#define VALUE_MAX 160

static void put_start(outbuf *o, const process *p, const ion_frame *fp, uint32_t pc)
{
    char number[64];
    const ion_function *fn = fp ? fp->fn : NULL;
    snprintf(number, sizeof number, "trace %lu ", p->id);
    out_puts(o, number);
    if (fn && fn->class_) {
        out_puts(o, fn->class_);
        out_put(o, ":", 1);
    }
    out_puts(o, fn ? fn->name : "-");
    if (fn && fn->points)
        snprintf(number, sizeof number, " %u ", pc);
    else
        snprintf(number, sizeof number, " - ");
    out_puts(o, number);
}

static void put_value(outbuf *o, ion_value v)
{
    outbuf text = {0};
    print_value(&text, v, NULL);
    size_t n = text.len < VALUE_MAX ? text.len : VALUE_MAX;
    for (size_t i = 0; i < n; i++) {
        if (text.data[i] == '\n')
            out_puts(o, "\\n");
        else
            out_put(o, &text.data[i], 1);
    }
    if (n < text.len)
        out_puts(o, "…");
    out_free(&text);
}

static void put_line(outbuf *o, runtime *rt)
{
    out_put(o, "\n", 1);
    io_err(rt, o->data, o->len);
    out_free(o);
}

/* Where a process stands that is not in generated code; one that has returned stands nowhere any more. */
static void put_place(outbuf *o, const process *p)
{
    const ion_frame *fp = proc_gone(p) && p->how == END_RETURN ? NULL : p->pub.fp;
    if (fp && frame_nameless(fp))
        fp = fp->caller;
    bool fresh = p->leave == LEAVE_UNWIND && p->reductions == 0 && slice_spent(p) == 0;
    put_start(o, p, fp, !fp || fresh ? 0 : frame_place(fp).pc);
}

void trace_event(process *p, const char *event, const char *format, ...)
{
    outbuf o = {0};
    char details[256];
    va_list list;
    put_place(&o, p);
    out_puts(&o, event);
    va_start(list, format);
    vsnprintf(details, sizeof details, format, list);
    va_end(list);
    if (*details) {
        out_put(&o, " ", 1);
        out_puts(&o, details);
    }
    put_line(&o, runtime_of(p));
}

void trace_value(process *p, const char *event, uint64_t other, ion_value v)
{
    outbuf o = {0};
    char number[32];
    put_place(&o, p);
    out_puts(&o, event);
    snprintf(number, sizeof number, other ? " %lu " : " ", other);
    out_puts(&o, number);
    put_value(&o, v);
    put_line(&o, runtime_of(p));
}

void ion_trace(ion_process *p, ion_frame *fp, ion_u32 pc, const char *text, const ion_u32 *regs, ion_u32 n)
{
    process *proc = proc_of(p);
    if (!tracing(proc))
        return;
    outbuf o = {0};
    put_start(&o, proc, fp, pc);
    out_puts(&o, "run ");
    out_puts(&o, text);
    for (ion_u32 i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s r%u=", i ? "," : " |", regs[i]);
        out_puts(&o, name);
        put_value(&o, fp->r[regs[i]].v);
    }
    put_line(&o, runtime_of(proc));
}

void ion_trace_result(ion_process *p, ion_frame *fp, ion_u32 pc, ion_u32 reg)
{
    process *proc = proc_of(p);
    if (!tracing(proc))
        return;
    outbuf o = {0};
    char name[32];
    put_start(&o, proc, fp, pc);
    snprintf(name, sizeof name, "set r%u=", reg);
    out_puts(&o, name);
    put_value(&o, fp->r[reg].v);
    put_line(&o, runtime_of(proc));
}
