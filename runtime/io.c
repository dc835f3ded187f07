/* io.c: standard output, error and input of a runtime.
 *
 * What goes out is gathered in one buffer and leaves before anything else can be seen: a line on standard error, a
 * wait, the end. What comes in is read as it is there, without ever blocking a scheduler that has others to run.
 * Signals that interrupt a call are nothing; a reader of standard output that goes away is noted once and reported at
 * the end.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "io.h"
#include "mem.h"
#include "print.h"

#define OUT_SIZE (64 * 1024)
#define IN_SIZE  (16 * 1024)

typedef struct io {
    char *out; /* OUT_SIZE bytes; NULL until something is printed */
    size_t out_len;
    outbuf text;    /* a long text, which comes before `out`; empty: there is none */
    size_t text_at; /* what of it has been written */
    bool by_line; /* standard output is a terminal */
    int failed;   /* errno of the first write that failed */
    char *in;
    size_t in_cap, in_at, in_len; /* what has been read and not given out: in[in_at..in_len) */
    size_t in_seen;               /* no newline in in[in_at..in_seen) */
    bool in_end;
    bool in_failed;               /* no memory for what is there: the next who reads hears of it */
    pthread_mutex_t out_lock, in_lock;
} io;

bool io_open(runtime *rt)
{
    struct sigaction old;
    rt->io = mem_zalloc(sizeof *rt->io);
    if (!rt->io)
        return false;
    pthread_mutex_init(&rt->io->out_lock, NULL);
    pthread_mutex_init(&rt->io->in_lock, NULL);
    if (rt->host) {
        rt->io->in_end = true;
        return true;
    }
    rt->io->by_line = isatty(STDOUT_FILENO);
    if (sigaction(SIGPIPE, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
    return true;
}

/* All of it, whatever it takes; the errno of a failure. */
static int write_all(int fd, const char *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(fd, bytes, n);
        if (done >= 0) {
            bytes += done;
            n -= (size_t)done;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd f = {.fd = fd, .events = POLLOUT};
            (void)poll(&f, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

static void write_out(io *o, const char *bytes, size_t n)
{
    if (!o->failed)
        o->failed = write_all(STDOUT_FILENO, bytes, n);
}

/* Up to n bytes of the long text. */
static void write_text(io *o, size_t n)
{
    size_t rest = o->text.len - o->text_at;
    n = n < rest ? n : rest;
    write_out(o, o->text.data + o->text_at, n);
    o->text_at += n;
    if (n == rest)
        out_free(&o->text);
}

/* With out_lock held. */
static void flush(io *o)
{
    if (o->text.len)
        write_text(o, o->text.len);
    if (o->out_len)
        write_out(o, o->out, o->out_len);
    o->out_len = 0;
}

void io_flush(runtime *rt)
{
    pthread_mutex_lock(&rt->io->out_lock);
    flush(rt->io);
    pthread_mutex_unlock(&rt->io->out_lock);
}

static void put(io *o, const char *bytes, size_t n)
{
    if (!o->out && !(o->out = mem_alloc(OUT_SIZE))) {
        flush(o);
        write_out(o, bytes, n);
        return;
    }
    if (n > OUT_SIZE - o->out_len)
        flush(o);
    if (n >= OUT_SIZE) {
        write_out(o, bytes, n);
        return;
    }
    memcpy(o->out + o->out_len, bytes, n);
    o->out_len += n;
    if (o->by_line && memchr(bytes, '\n', n))
        flush(o);
}

void io_out(runtime *rt, const char *bytes, size_t n)
{
    if (rt->host) {
        rt->host->write(rt, STDOUT_FILENO, bytes, n);
        return;
    }
    pthread_mutex_lock(&rt->io->out_lock);
    put(rt->io, bytes, n);
    pthread_mutex_unlock(&rt->io->out_lock);
}

void io_out_long(runtime *rt, outbuf *text)
{
    io *o = rt->io;
    pthread_mutex_lock(&o->out_lock);
    flush(o);
    o->text = *text;
    o->text_at = 0;
    pthread_mutex_unlock(&o->out_lock);
    *text = (outbuf){0};
}

bool io_out_some(runtime *rt, size_t n)
{
    io *o = rt->io;
    pthread_mutex_lock(&o->out_lock);
    if (o->text.len)
        write_text(o, n);
    bool more = o->text.len != 0;
    pthread_mutex_unlock(&o->out_lock);
    return more;
}

void io_err(runtime *rt, const char *bytes, size_t n)
{
    if (rt->host) {
        rt->host->write(rt, STDERR_FILENO, bytes, n);
        return;
    }
    pthread_mutex_lock(&rt->io->out_lock);
    flush(rt->io);
    (void)write_all(STDERR_FILENO, bytes, n);
    pthread_mutex_unlock(&rt->io->out_lock);
}

void io_errf(runtime *rt, const char *format, ...)
{
    outbuf o = {0};
    va_list list;
    va_start(list, format);
    out_format(&o, format, list);
    va_end(list);
    io_err(rt, o.data, o.len);
    out_free(&o);
}

bool io_close(runtime *rt)
{
    io *o = rt->io;
    if (!o)
        return true;
    io_flush(rt);
    int failed = o->failed;
    if (failed)
        io_errf(rt, "cannot write standard output: %s\n", strerror(failed));
    pthread_mutex_destroy(&o->out_lock);
    pthread_mutex_destroy(&o->in_lock);
    mem_free(o->out);
    mem_free(o->in);
    mem_free(o);
    rt->io = NULL;
    return failed == 0;
}

/* ---- input ---- */

/* Whether a read would come back at once; waits up to `ms` for it (negative: for ever), or until other_fd (-1: none) can
 * be read. */
static bool readable(int other_fd, double ms)
{
    struct pollfd f[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = other_fd, .events = POLLIN}};
    struct timespec wait = {0};
    if (ms > 0) {
        double most = 1e9; /* ms: longer waits are taken up again by the caller */
        double ns = (ms < most ? ms : most) * 1e6;
        wait.tv_sec = (time_t)(ns / 1e9);
        wait.tv_nsec = (long)(ns - (double)wait.tv_sec * 1e9);
    }
    return ppoll(f, other_fd < 0 ? 1 : 2, ms < 0 ? NULL : &wait, NULL) > 0 && f[0].revents;
}

/* Room behind what is held; false when memory is out. */
static bool make_room(io *o)
{
    if (o->in_at) {
        memmove(o->in, o->in + o->in_at, o->in_len - o->in_at);
        o->in_len -= o->in_at;
        o->in_seen -= o->in_at;
        o->in_at = 0;
    }
    if (o->in_len < o->in_cap)
        return true;
    size_t cap = o->in_cap ? 2 * o->in_cap : IN_SIZE;
    char *in = mem_realloc(o->in, cap);
    if (!in)
        return false;
    o->in = in;
    o->in_cap = cap;
    return true;
}

/* Reads once, blocking if there is nothing; an error is an end. */
static void read_some(io *o)
{
    if (!make_room(o)) {
        o->in_failed = true;
        return;
    }
    ssize_t n = read(STDIN_FILENO, o->in + o->in_len, o->in_cap - o->in_len);
    if (n > 0)
        o->in_len += (size_t)n;
    else if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
        o->in_end = true;
}

/* The next newline held; NULL: none. */
static char *find_newline(io *o)
{
    char *at = o->in_len > o->in_seen ? memchr(o->in + o->in_seen, '\n', o->in_len - o->in_seen) : NULL;
    o->in_seen = at ? (size_t)(at - o->in) : o->in_len;
    return at;
}

static bool line_ready(io *o)
{
    return find_newline(o) || o->in_end || o->in_failed;
}

/* With in_lock held. */
static bool ready(io *o)
{
    if (!line_ready(o) && readable(-1, 0))
        read_some(o);
    return line_ready(o);
}

static int take_line(io *o, outbuf *line)
{
    char *end = find_newline(o);
    if (!end && o->in_failed) {
        o->in_failed = false;
        line->failed = true;
        return 1;
    }
    if (!end && o->in_at == o->in_len)
        return 0;
    size_t stop = end ? (size_t)(end - o->in) : o->in_len;
    out_put(line, o->in + o->in_at, stop - o->in_at);
    o->in_at = end ? stop + 1 : stop;
    o->in_seen = o->in_at;
    return 1;
}

/* Until there is a line, or the program is being ended. */
static void wait_line(runtime *rt)
{
    int fd = rt->schedulers->wake_fd;
    uint64_t calls;
    while (!io_poll(rt, fd, -1) && !alarm_ended(rt))
        (void)!read(fd, &calls, sizeof calls);
}

int io_read_line(runtime *rt, outbuf *line)
{
    io *o = rt->io;
    if (rt->set.virtual_time)
        wait_line(rt);
    pthread_mutex_lock(&o->in_lock);
    int got = ready(o) ? take_line(o, line) : -1;
    pthread_mutex_unlock(&o->in_lock);
    return got;
}

bool io_poll(runtime *rt, int other_fd, double ms)
{
    io *o = rt->io;
    for (;;) {
        pthread_mutex_lock(&o->in_lock);
        bool there = ready(o);
        pthread_mutex_unlock(&o->in_lock);
        if (there || ms == 0)
            return there;
        io_flush(rt);
        bool came = readable(other_fd, ms);
        if (!came && (ms > 0 || other_fd >= 0)) /* the caller asks again with the time that is left */
            return false;
        if (ms > 0)
            ms = 0; /* part of a line may have come */
    }
}
