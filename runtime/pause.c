/* pause.c: how native calls that take long let others run: how much they may do in one go, the pause behind that, and
 * what they leave with the process meanwhile. */
#include "native.h"
#include "signals.h"

enum { UNITS_A_REDUCTION = 16 };

uint64_t native_step(ion_process *p)
{
    return UNITS_A_REDUCTION * (uint64_t)runtime_of(proc_of(p))->set.timeslice;
}

bool native_pauses(ion_process *p)
{
    return !runtime_of(proc_of(p))->set.exact;
}

bool native_pause(ion_process *p, ion_frame *fp)
{
    return native_pauses(p) && ion_slice_end(p, fp);
}

bool work_keep(ion_process *p, long_work *w)
{
    relations *r = relations_of(proc_of(p));
    if (r)
        r->work = w;
    return r != NULL;
}

long_work *work_of(ion_process *p)
{
    return work_pending(proc_of(p)) ? proc_of(p)->relations->work : NULL;
}

void work_done(ion_process *p)
{
    long_work *w = work_of(p);
    proc_of(p)->relations->work = NULL;
    w->drop(w);
}
