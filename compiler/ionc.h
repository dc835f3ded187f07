/* ionc.h: a map of the compiler, in the order data flows through it; the headers below have a section for each file.
 *
 *   path ─ package.c ─ manifest.c ─ resolve.c ─ decode.c ─ verify.c ─ link.c ─ cfg.c ─ webs.c ─ infer.c ─ choose.c ─ loops.c ─ emit.c ─┬─ native.c   cc, or a stub
 *                                      │                                                                       └─ run.c      libtcc
 *   text ─ lex.c ─ asm.c ─ encode.c ───┴─ disasm.c      after choose.c, instead of C: explain.c, explain_why.c
 *
 * Everything a compilation makes lives in one arena and goes with it. Errors are fatal to the compilation, not to the
 * program that runs it: `fail` fills in the diagnostic and jumps to the entry that began the compilation. Passes take
 * a `compilation *` first and never return NULL unless they say so.
 */
#ifndef IONC_H
#define IONC_H

#include "base.h" /* a compilation, the arena, buffers, diagnostics */
#include "pack.h" /* packages and what they depend on */
#include "code.h" /* classes, linked */
#include "flow.h" /* control flow, types, loops, decision trees */
#include "emit.h" /* C */

/* ---- jit.c (the one user of libtcc), run.c, native.c ---------------------------------------------------------------------- */

/* run.c: compiles C in memory and runs it with the runtime; returns the exit status. Fails when libtcc refuses the
 * code. argv: the program's arguments. */
int jit_run(compilation *c, const c_code *code, int argc, char **argv);
/* Compiles C to an executable with the system's C compiler; without one writes the prelinked stub with the C inside. */
void native_build(compilation *c, const c_code *code, const char *output);
/* Whether there is a C compiler. Without one, native_build takes but one unit. */
bool native_compiler(compilation *c);

/* ---- info.c: what --info and --disasm print ------------------------------------------------------------------------- */

/* Manifest, entry function, classes with their functions, resources and libraries of a package, or of a class file. */
text package_info(compilation *c, const char *path);
/* The text form of a package's classes (of one, unless `class_name` is NULL) or of a class file. */
text package_listing(compilation *c, const char *path, const char *class_name);

/* ---- explain.c, explain_why.c: what --explain prints --------------------------------------------------------------------------------- */

/* Each function (or the one called `name`, `Class:name`; NULL: all) with what was found out about it and what was made of
 * it. Fails where there is none of that name. */
text package_explanation(compilation *c, const char *path, const char *name);

/* ---- compile.c: the passes in a row -------------------------------------------------------------------------------- */

/* A package's classes, and those of what it depends on, decoded, verified and linked; then what is found out about them. */
program *compile_front(compilation *c, const char *path, package **pack);
void compile_back(compilation *c, program *p);
/* All of that, with all that it depends on, from a file; the package itself comes back too. */
program *compile_package(compilation *c, const char *path, package **pack);
/* All the way to C. `runnable`: fails for a library package, which has no entry function. */
c_code *compile_to_c(compilation *c, const char *path, bool runnable, emit_options how);

#endif
