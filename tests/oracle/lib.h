/* lib.h: the standard library: one function of C for each line of library.def.
 *
 * A library function runs in a frame of its own. Each is called with that frame (its arguments are f->regs[0..n-1])
 * and says whether it is done: true with *out set; false when it has called back, waits, or has ended its process. It
 * is then called again once the callee has returned or the process was woken; f->step and f->data are its own.
 */
#ifndef ORACLE_LIB_H
#define ORACLE_LIB_H

#include "object.h"
#include "value.h"
#include "vm.h"

typedef bool library_function(process *p, frame *f, value *out);
#define ION_LIB(Name, min, max, types, work) library_function lib_##Name;
#include "ion/library.def"
#undef ION_LIB

/* The callable of a library function: exact name first, then ignoring case; one that is not there gets one too. */
callable *library_callable(const char *name, size_t n);
/* Goes on with the innermost frame, which is a library function's. */
void library_step(process *p);

/* The atom `error:FFI call error: TEXT`; the second makes TEXT `Runtime error: …`. */
value library_error(const char *text);
value library_runtime_error(enum message m);

/* May a string of so many bytes be made? Else the process has ended. */
bool library_fits(process *p, uint64_t bytes);

/* ---- for the functions themselves ---------------------------------------------------------------------------------
 */

/* A whole number out of a number: truncated, NaN is 0, limited to ±2^62. */
int64_t whole(double d);
/* `from` and `to` of a slice of n elements, clamped; negative ones count from the end. from <= to afterwards. */
void clamp_slice(double from_number, double to_number, size_t n, size_t *from, size_t *to);
/* The key of a property, out of an atom or a string. */
name *key_of(value v);
/* Length of the character at s: 1 for what is no UTF-8. *c is its code point, or -1. */
size_t character_at(const char *s, size_t n, int32_t *c);
size_t character_put(char out[4], int32_t c);

/* ---- unicode.c ----------------------------------------------------------------------------------------------------
 */

int32_t unicode_upper(int32_t c);
int32_t unicode_lower(int32_t c);
bool unicode_space(int32_t c);

/* Strings beyond this are not made. */
#define STRING_MOST ((uint64_t)1 << 30)

#endif
