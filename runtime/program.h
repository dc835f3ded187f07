/* program.h: making a program ready to run. */
#ifndef ION_PROGRAM_H
#define ION_PROGRAM_H
#include "sched.h"
/* Makes the table of atoms, if need be, and the atoms, constants and patterns of a program, once for each: a second call finds them made. False when memory is out. Warns on standard error about library functions that do not exist. */
bool program_load(const ion_program *program);
/* The same without a word: what the library does not have may be a host's. */
bool program_load_quietly(const ion_program *program);
/* Opens the native libraries of a program that has been loaded, once: for the first runtime that runs it and may have them. Warns on standard error of what
 * is not there, unless `quiet`. False when memory is out. */
bool program_open(const ion_program *program, const grants *may, bool quiet);
/* Whether a call of one of its native functions is under way on a thread of blocking.c, which returns into the program's
 * code, though no runtime may know of it any more (natives.c). */
bool natives_busy(const ion_program *program);
/* Frees its native functions, as far as they are its own, before program_unload (natives.c). */
void natives_forget(const ion_program *program);
/* Frees what program_load has made; nothing may refer to it any more. */
void program_unload(const ion_program *program);
#endif
