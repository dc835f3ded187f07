/* jit.h: compiling generated C in memory; needs nothing else of the compiler. */
#ifndef IONC_JIT_H
#define IONC_JIT_H

#include <stdint.h>

#include "ion/abi.h"

typedef struct jit_code {
    void *state;
    const ion_program *program; /* what jit_compile gave */
    char message[256]; /* libtcc's first complaint */
} jit_code;

/* Compiles a translation unit that holds the ABI header's text; returns its program, which lives until jit_free, or
 * NULL with code->message set. */
const ion_program *jit_compile(jit_code *code, const char *source);
/* The same for a unit that refers to ion_carried, which must stay where it is as long. */
const ion_program *jit_compile_with(jit_code *code, const char *source, const char *carried);
void jit_free(jit_code *code);

extern const char ion_abi_text[]; /* include/ion/abi.h with runtime.def inside; made by the Makefile */
#endif
