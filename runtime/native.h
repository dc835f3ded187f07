/* native.h: how a library function is written.
 *
 * NAME of library.def is `ion_value lib_NAME(p, fp, argc)`, an ion_code like any other: arguments in fp->r[0..argc),
 * their number and types checked by the table's entry (library.c) before it runs. fp->fn and fp->n = argc are set. It
 * returns its result, or what proc_* returned. One that calls functions or waits keeps its state in fp->r[], sets fp->n
 * to the slots in use (there is room for NATIVE_SLOTS, or for argc if that is more), and is entered again with argc ==
 * ION_RESUMED and the outcome in p->value; one charged by its input leaves its arguments in their slots. Slots hold values; numbers serve as counters. What library.def calls its
 * work is charged by the table's entry when it returns, except `printed`.
 */
#ifndef ION_NATIVE_H
#define ION_NATIVE_H
#include "print.h"
#include "sched.h"
#define NATIVE_SLOTS 16

#define ION_LIB(Name, min, max, types, work) ion_code lib_##Name;
#include "ion/library.def"
#undef ION_LIB

/* The error atom for `error:FFI call error: TEXT`; ION_LEAVE when memory is out. */
ion_value native_error(ion_process *p, ion_frame *fp, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Ends the process because an outbuf failed. */
ion_value native_out_failed(ion_process *p, ion_frame *fp, const outbuf *o);
/* How much a function may do in one go, in units of a few nanoseconds; then it saves its state and calls native_pause. */
uint64_t native_step(ion_process *p);
/* Lets others run in the middle of a function. True: return ION_LEAVE; it is entered again with ION_RESUMED, and the heap may have
 * been collected and what was reserved may be gone. False: nothing has happened, as under --exact, where a call is never
 * interrupted. */
bool native_pause(ion_process *p, ion_frame *fp) __attribute__((warn_unused_result));
/* Counts units of a step down to 0. */
static inline void native_spend(uint64_t *left, uint64_t units)
{
    *left -= *left < units ? *left : units;
}
/* Leaves what a pause interrupts with the process (struct long_work); while it is there the heap is not collected in a pause. There is one at
 * a time: whoever calls back has done with it before. False when memory is out: go on without a pause. */
bool work_keep(ion_process *p, long_work *w) __attribute__((warn_unused_result));
/* What has been left; NULL: nothing. */
long_work *work_of(ion_process *p);
/* Takes it away again and drops it. */
void work_done(ion_process *p);
/* A position or end of a slice as a place in 0..len: truncated, NaN is 0, negative ones count from the end. */
uint64_t native_position(double d, uint64_t len);
/* Whether it ever lets others run. */
bool native_pauses(ion_process *p);
/* A new array of n undefined elements, and room for `extra` bytes reserved behind it. `roots` as for gc_reserve. */
ion_value native_array(ion_process *p, ion_frame *fp, uint64_t n, uint64_t extra, ion_value *roots, uint32_t nroots);

/* The same without elements, but with room for n. */
ion_value native_array_room(ion_process *p, ion_frame *fp, uint64_t n, uint64_t extra, ion_value *roots, uint32_t nroots);
/* Fills an array up to `total` elements, or a piece further, from element `first` of another one on; what that costs. */
uint64_t native_fill(array *to, const array *from, uint64_t first, uint64_t total);
/* Checks number and types of arguments as library.def says them: ION_UNIT, or what the function is to return. */
ion_value native_check(ion_process *p, ion_frame *fp, ion_u32 argc, const char *types, int min, int max);

/* Library functions by index in library.def. */
extern const ion_function library[];
extern const uint32_t library_count;
/* By name: exact first, then ignoring case; NULL if there is none. */
const ion_function *library_find(const char *name, size_t len);
/* A function value that gives the "Function not found: NAME" atom when called; NULL when memory is out. Lives for ever,
 * one for a name; the first time that a name is asked for it warns, unless that is
 * to be quiet. Whoever enters it must have set fp->fn. */
const ion_function *library_missing(const char *name, size_t len, bool quiet);
/* The number of such a function, from 0 on, as a host is asked for it; UINT32_MAX when memory is out. */
uint32_t library_number(const char *name, size_t len);

/* ---- ask.c: printing asks objects for __str__; the frame's slots are given up for the state of that ---- */

/* Sets up the slots. `roots` holds the values to print, then the objects to ask, then the extra value, which is kept among the
 * state. Gives ION_ABSENT, or ION_LEAVE when memory is out. */
ion_value ask_start(ion_process *p, ion_frame *fp, ion_value *roots, uint32_t values, uint32_t objects);
/* Adds objects to those to ask, with the same outcome. */
ion_value ask_more(ion_process *p, ion_frame *fp, ion_value *more, uint32_t n);
/* Asks those that have not been asked. ION_UNIT when that is done; else ION_LEAVE: when the function is resumed, it hands the
 * result to ask_answer, then goes on with ask_all. */
ion_value ask_all(ion_process *p, ion_frame *fp);
void ask_answer(ion_frame *fp, ion_value result);
/* What the state says: valid until the next allocation. */
void asked(ion_frame *fp, const ion_value **values, uint32_t *n, ion_value *extra, replacement *texts);
#endif
