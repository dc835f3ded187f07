/* run.c: a program in memory → its exit status: compiled by libtcc, run by the runtime that is linked in. */
#include <stdlib.h>

#include "ionc.h"
#include "jit.h"
#include "sched.h"

int jit_run(compilation *c, const c_code *c_text, int argc, char **argv)
{
    buffer all = {.c = c};
    buf_puts(&all, ion_abi_text);
    buf_puts(&all, "\n");
    buf_put(&all, c_text->units->head.data, c_text->units->head.len);
    buf_put(&all, c_text->units->body.data, c_text->units->body.len);
    jit_code code;
    const ion_program *program = jit_compile_with(&code, all.data, carry_together(c, c_text));
    if (!program) {
        const char *why = arena_format(c, "%s", code.message);
        jit_free(&code);
        fail(c, NULL, NO_OFFSET, "libtcc refuses the generated C: %s", why);
    }
    settings set;
    int status = settings_read(&set, program) ? runtime_run(program, &set, argc, argv) : 2;
    jit_free(&code);
    return status;
}
