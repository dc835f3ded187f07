/* io.h: standard output, error and input of a runtime. Output is buffered and written before anything goes to standard error, at the end,
 * when all processes wait, and when 64 KiB have gathered (at each newline if it is a terminal). */
#ifndef ION_IO_H
#define ION_IO_H
#include "sched.h"
struct outbuf;
bool io_open(runtime *rt);               /* false when memory is out */
/* Flushes and frees. False when standard output could not be written; a line on standard error has said so. */
bool io_close(runtime *rt);
void io_out(runtime *rt, const char *bytes, size_t n);
/* The same for a text that is long, and is taken over. Those that come after it can be put at once: it is written first, by
 * io_out_some, up to n bytes at a time, as long as that gives true; or all of it when something has to be written now. */
void io_out_long(runtime *rt, struct outbuf *text);
bool io_out_some(runtime *rt, size_t n);
void io_flush(runtime *rt);
/* Flushes standard output, then writes the text to standard error. */
void io_err(runtime *rt, const char *bytes, size_t n);
void io_errf(runtime *rt, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The next line of standard input: 1: it has been added to *line, without its end; 0 at the end of input; -1: not there yet, the process
 * must wait (WAIT_INPUT). Under virtual time it is never -1: time stands still until the line is there. */
int io_read_line(runtime *rt, struct outbuf *line);
/* Waits for input until `ms` have passed (negative: for ever; 0: just looks), or until there is something to read from other_fd (-1: none); true
 * when a line or the end may be read. May come back early. */
bool io_poll(runtime *rt, int other_fd, double ms);
#endif
