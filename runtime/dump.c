/* dump.c: a file that shows every process: its state, what it waits for, and where it stands.
 *
 * Dumps are written when the main process ends badly, when the first process reaches a limit, when a program is blocked
 * for ever, and when the system asks for one (SIGUSR1); each is added to the file, which a run begins anew. What has
 * ended cannot be looked at later, so its report is put aside until then. A dump is written while no process runs
 * (alarm.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "atom.h"
#include "io.h"
#include "mem.h"
#include "print.h"
#include "signals.h"

enum { KEPT = 64 * 1024, PIECE = 64 * 1024 };

typedef struct dump {
    pthread_mutex_t lock;
    outbuf ended;    /* reports of processes that have ended badly since the last dump, about KEPT bytes at most */
    const char *why; /* what the next dump is for; NULL: the system has asked */
    bool limit_seen;
    bool begun; /* the file has been */
} dump;

bool dump_open(runtime *rt)
{
    if (!rt->set.dump)
        return true;
    rt->dump = mem_zalloc(sizeof *rt->dump);
    if (!rt->dump)
        return false;
    pthread_mutex_init(&rt->dump->lock, NULL);
    return true;
}

void dump_close(runtime *rt)
{
    if (!rt->dump)
        return;
    pthread_mutex_destroy(&rt->dump->lock);
    out_free(&rt->dump->ended);
    mem_free(rt->dump);
    rt->dump = NULL;
}

void dump_end(process *p)
{
    runtime *rt = runtime_of(p);
    dump *d = rt->dump;
    bool main_badly = p->id == 1 && !(p->how == END_EXIT && p->reason == ATOM(normal));
    if (p->how == END_RETURN || (p->how != END_LIMIT && !main_badly))
        return;
    pthread_mutex_lock(&d->lock);
    bool asks = main_badly || !d->limit_seen;
    d->limit_seen |= p->how == END_LIMIT;
    if (d->ended.len < KEPT)
        report_text(&d->ended, p);
    if (asks)
        d->why = main_badly ? "the main process has ended badly" : "a limit is reached";
    pthread_mutex_unlock(&d->lock);
    if (asks)
        alarm_ring(rt, ALARM_DUMP);
}

/* ---- writing ---- */

typedef struct sheet {
    outbuf o;
    int fd, failed;
} sheet;

static void sheet_flush(sheet *s)
{
    for (size_t at = 0; at < s->o.len && !s->failed;) {
        ssize_t n = write(s->fd, s->o.data + at, s->o.len - at);
        if (n >= 0)
            at += (size_t)n;
        else if (errno != EINTR)
            s->failed = errno;
    }
    if (s->o.failed && !s->failed)
        s->failed = ENOMEM;
    s->o.len = 0;
}

__attribute__((format(printf, 2, 3))) static void put(sheet *s, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    out_format(&s->o, format, list);
    va_end(list);
    if (s->o.len >= PIECE)
        sheet_flush(s);
}

static const char *waits_for(process *p)
{
    static const char *const names[] = {
        "nothing", "a message", "a message or time", "an end", "room in a mailbox", "time", "input", "an answer",
        "a native call",
    };
    return names[atomic_load_explicit(&p->wait, memory_order_relaxed)];
}

static void put_process(sheet *s, process *p)
{
    const relations *r = p->relations;
    put(s, "process %lu: ", p->id);
    if (p->queued)
        put(s, "runnable");
    else
        put(s, "waits for %s", waits_for(p));
    for (const bond *b = r ? r->waits.first : NULL; b; b = b->next)
        put(s, "%s process %lu", b == r->waits.first ? " of" : ",", b->id);
    put(s, "; mailbox %u, heap %zu, stack %zu, reductions %lu, links %u, monitors %u\n", p->mail_count, p->heap.bytes,
        stack_bytes(p), p->reductions, r ? r->links.count : 0, r ? r->watching.count : 0);
    report_trace(&s->o, p->pub.fp);
}

static void put_all(sheet *s, runtime *rt, const dump *d, const char *why)
{
    put(s, "ion dump: %s\ntime: %.3f ms, processes: %lu, schedulers: %u\n", why, runtime_now(rt), runtime_alive(rt),
        rt->nschedulers);
    out_put(&s->o, d->ended.data, d->ended.len);
    for (process *p = table_next(rt, 1); p; p = table_next(rt, p->id + 1))
        put_process(s, p);
    put(s, "end of dump\n");
    sheet_flush(s);
}

void dump_write(runtime *rt, const char *why)
{
    dump *d = rt->dump;
    pthread_mutex_lock(&d->lock);
    sheet s = {.fd = open(rt->set.dump, O_WRONLY | O_CREAT | O_CLOEXEC | (d->begun ? O_APPEND : O_TRUNC), 0666)};
    why = why ? why : d->why ? d->why : "asked for";
    if (s.fd >= 0) {
        put_all(&s, rt, d, why);
        if (close(s.fd) != 0 && !s.failed)
            s.failed = errno;
    } else {
        s.failed = errno;
    }
    if (s.failed)
        io_errf(rt, "cannot write the dump %s: %s\n", rt->set.dump, strerror(s.failed));
    d->begun = true;
    d->why = NULL;
    out_free(&d->ended);
    out_free(&s.o);
    pthread_mutex_unlock(&d->lock);
}
