/* jit.c: C → code in memory. The one user of libtcc.
 *
 * libtcc gets no headers and no library: the ABI header is part of the text, the runtime's entry points and the few
 * helpers that tcc's own code calls are given to it by address. Used by ionc and by the prelinked stub.
 */
#include <libtcc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ion/abi.h"
#include "jit.h"

/* What tcc calls for conversions that its code generator does not do in place; as libtcc1 defines them. */
static unsigned long long fix_unsigned(double d)
{
    return (unsigned long long)d;
}

static double float_unsigned(unsigned long long x)
{
    return (double)x;
}

typedef struct symbol {
    const char *name;
    const void *address;
} symbol;

#define ADDRESS(f) ((const void *)(uintptr_t)(f))
static const symbol *symbols(size_t *n)
{
    static symbol table[] = {
#define ION_RT(result, name, parameters) {#name, NULL},
#include "ion/runtime.def"
#undef ION_RT
        {"ion_setattr_seen", &ion_setattr_seen},
        {"ion_ffi", &ion_ffi},
        {"ion_memory", &ion_memory},
        {"ion_natives_load", NULL},
        {"__fixunsdfdi", NULL}, {"__floatundidf", NULL}, {"memcpy", NULL}, {"memmove", NULL}, {"memset", NULL},
    };
    size_t i = 0;
#define ION_RT(result, name, parameters) table[i++].address = ADDRESS(name);
#include "ion/runtime.def"
#undef ION_RT
    i += 3;
    table[i++].address = ADDRESS(ion_natives_load);
    table[i++].address = ADDRESS(fix_unsigned);
    table[i++].address = ADDRESS(float_unsigned);
    table[i++].address = ADDRESS(memcpy);
    table[i++].address = ADDRESS(memmove);
    table[i++].address = ADDRESS(memset);
    *n = i;
    return table;
}

/* What libtcc takes for the C library's (Makefile). */
extern FILE *jit_stdout, *jit_stderr;
extern char **jit_environ;
FILE *jit_stdout, *jit_stderr;
char **jit_environ;

/* libtcc 0.9.27 compiles with global variables. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

/* Keeps the first message. */
static void note_error(void *to, const char *message)
{
    jit_code *code = to;
    if (!code->message[0])
        strncpy(code->message, message, sizeof code->message - 1);
}

static int relocate(TCCState *s)
{
#ifdef TCC_RELOCATE_AUTO /* up to 0.9.27; later versions take the state alone */
    return tcc_relocate(s, TCC_RELOCATE_AUTO);
#else
    return tcc_relocate(s);
#endif
}

/* Where libtcc finds no memory it exits, or trips over what it has half made. So it is left at once instead; what it has then is lost, and
 * it is not used again: nobody knows the state of its variables. */
static jmp_buf no_way_on; /* of the one whose turn it is */
static bool lost;

_Noreturn void jit_exit(int status);
void *jit_malloc(size_t bytes);
void *jit_realloc(void *old, size_t bytes);

_Noreturn void jit_exit(int status)
{
    (void)status;
    longjmp(no_way_on, 1);
}

void *jit_malloc(size_t bytes)
{
    void *p = malloc(bytes ? bytes : 1);
    if (!p)
        jit_exit(1);
    return p;
}

void *jit_realloc(void *old, size_t bytes)
{
    void *p = realloc(old, bytes ? bytes : 1);
    if (!p)
        jit_exit(1);
    return p;
}

static const ion_program *compile(jit_code *code, const char *source, const char *carried)
{
    TCCState *s = tcc_new();
    if (!s) {
        note_error(code, "out of memory");
        return NULL;
    }
    code->state = s;
    tcc_set_error_func(s, code, note_error);
    tcc_set_options(s, "-nostdlib -nostdinc");
    tcc_set_output_type(s, TCC_OUTPUT_MEMORY);
    size_t n;
    const symbol *table = symbols(&n);
    for (size_t i = 0; i < n; i++)
        tcc_add_symbol(s, table[i].name, table[i].address);
    tcc_add_symbol(s, "ion_carried", carried);
    if (tcc_compile_string(s, source) != 0 || relocate(s) != 0)
        return NULL;
    return tcc_get_symbol(s, "ion_main_program");
}

const ion_program *jit_compile(jit_code *code, const char *source)
{
    return jit_compile_with(code, source, "");
}

const ion_program *jit_compile_with(jit_code *code, const char *source, const char *carried)
{
    memset(code, 0, sizeof *code);
    pthread_mutex_lock(&turn);
    jit_stdout = stdout;
    jit_stderr = stderr;
    jit_environ = environ;
    const ion_program *volatile program = NULL;
    if (lost) {
        note_error(code, "libtcc has run out of memory before");
    } else if (setjmp(no_way_on) == 0) {
        program = compile(code, source, carried);
    } else {
        lost = true;
        code->state = NULL;
        note_error(code, "out of memory");
    }
    pthread_mutex_unlock(&turn);
    code->program = program;
    return program;
}

void jit_free(jit_code *code)
{
    pthread_mutex_lock(&turn);
    if (code->state)
        tcc_delete(code->state);
    pthread_mutex_unlock(&turn);
    code->state = NULL;
}
