/* host.h: what a runtime that is part of another program asks of it. A native program has none of this (rt->host is NULL), and
 * carries nothing of it but these questions; compiler/embed/ has the answers. */
#ifndef ION_HOST_H
#define ION_HOST_H
#include "process.h"

struct host {
    /* What is printed: stream 1 or 2. */
    void (*write)(runtime *rt, int stream, const char *bytes, size_t n);
    /* Between two slices, while ALARM_HOST is set. False: the scheduler leaves its loop. */
    bool (*between)(scheduler *s);
    /* Nothing can run. False: the scheduler leaves its loop. Not asked where schedulers have threads of their own. */
    bool (*idle)(scheduler *s);
    /* A process's first function has returned, with the result in pub.value. True: it has not ended, and is in the host's hands. */
    bool (*returned)(process *p);
    /* A process has ended: how and reason say why. It is the scheduler's that p->on is. */
    void (*ended)(process *p);
    /* Some slice of the process is over; for statistics. */
    void (*slept)(process *p);
    /* A function that the library does not have is called, by number; ION_ABSENT: the host has none of that name. */
    ion_value (*call)(ion_process *p, ion_frame *fp, ion_u32 argc, uint32_t number);
    /* All threads have nothing to do, and never will of themselves. */
    void (*rests)(runtime *rt);
    bool threads;       /* schedulers have threads of their own */
    _Atomic bool stop;  /* those are to end */
};
#endif
