/* report.c: what standard error hears of processes that ended badly or wait for ever. A report is put together as a
 * whole and written at once.
 */
#include <stdarg.h>
#include <stdio.h>

#include "atom.h"
#include "io.h"
#include "mem.h"
#include "messages.h"
#include "print.h"
#include "sched.h"

#define SHOWN 32 /* frames at each end of a deep stack */
#define SHORT 512 /* what is no longer is reported even where there is no memory */

__attribute__((format(printf, 2, 3))) static void put(outbuf *o, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    out_format(o, format, list);
    va_end(list);
}

static void put_frame(outbuf *o, const ion_frame *fp)
{
    place at = frame_place(fp);
    if (at.text)
        put(o, MSG_TRACE_LINE, at.fn->class_, at.name, at.pc, at.text);
    else
        put(o, MSG_TRACE_NATIVE, at.name);
}

void report_trace(outbuf *o, const ion_frame *top)
{
    uint64_t frames = 0, i = 0;
    if (top && frame_nameless(top))
        top = top->caller;
    for (const ion_frame *fp = top; fp; fp = fp->caller)
        frames++;
    for (const ion_frame *fp = top; fp; fp = fp->caller, i++) {
        if (i < SHOWN || i + SHOWN >= frames)
            put_frame(o, fp);
        else if (i == SHOWN)
            put(o, MSG_TRACE_GAP, frames - 2 * SHOWN);
    }
}

static void put_end(outbuf *o, const process *p, const char *reason)
{
    if (p->how == END_KILLED) {
        put(o, MSG_KILLED, p->id, reason);
        return;
    }
    char storage[SHORT];
    outbuf text = out_start(storage, sizeof storage);
    if (p->how == END_EXIT)
        put(&text, MSG_EXIT_REASON, reason);
    else
        out_puts(&text, reason);
    out_put(&text, "", 1);
    put(o, MSG_CRASHED, p->id, text.failed ? "" : text.data);
    out_free(&text);
    report_trace(o, p->pub.fp);
}

void report_text(outbuf *o, process *p)
{
    char storage[SHORT];
    outbuf reason = out_start(storage, sizeof storage);
    print_value(&reason, p->reason, NULL);
    out_put(&reason, "", 1);
    put_end(o, p, reason.failed ? "" : reason.data);
    out_free(&reason);
}

void report_end(process *p)
{
    bool quiet = p->how == END_RETURN || (p->how == END_EXIT && p->reason == ATOM(normal)) ||
                 (p->how == END_KILLED && p->id != 1);
    if (quiet)
        return;
    char storage[2 * SHORT];
    outbuf o = out_start(storage, sizeof storage);
    report_text(&o, p);
    io_err(runtime_of(p), o.data, o.len);
    out_free(&o);
}

static void put_waiting(outbuf *o, const process *p)
{
    place at = frame_place(p->pub.fp);
    if (at.text)
        put(o, MSG_DEADLOCK_LINE, p->id, at.fn->class_, at.name, at.pc, at.text);
    else
        put(o, MSG_DEADLOCK_NATIVE, p->id, at.name);
}

void report_deadlock(runtime *rt)
{
    outbuf o = {0};
    put(&o, MSG_DEADLOCK);
    for (process *p = table_next(rt, 1); p; p = table_next(rt, p->id + 1))
        put_waiting(&o, p);
    io_err(rt, o.data, o.len);
    out_free(&o);
}
