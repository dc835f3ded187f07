/* stub.c: the executable that `ionc -o` writes where there is no C compiler: the runtime and libtcc, with the
 * generated C behind it. Compiles that as it starts, then runs it.
 *
 * Layout of such a file: this executable, the C (ABI header included, NUL-terminated), then its length as 8 bytes
 * little-endian, then STUB_MAGIC.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jit.h"
#include "sched.h"
#include "stub.h"

static char *read_tail(void)
{
    FILE *f = fopen("/proc/self/exe", "rb");
    unsigned char end[STUB_TRAILER];
    if (!f || fseek(f, -(long)sizeof end, SEEK_END) != 0 || fread(end, sizeof end, 1, f) != 1 ||
        memcmp(end + 8, STUB_MAGIC, 8) != 0) {
        if (f)
            fclose(f);
        return NULL;
    }
    uint64_t n = 0;
    for (int i = 8; i-- > 0;)
        n = n << 8 | end[i];
    char *text = n < SIZE_MAX / 2 ? malloc((size_t)n + 1) : NULL;
    bool ok = text && fseek(f, -(long)(n + sizeof end), SEEK_END) == 0 && fread(text, (size_t)n, 1, f) == 1;
    fclose(f);
    if (!ok) {
        free(text);
        return NULL;
    }
    text[n] = 0;
    return text;
}

int main(int argc, char **argv)
{
    char *source = read_tail();
    if (!source) {
        fprintf(stderr, "%s: this executable carries no program\n", argv[0]);
        return 1;
    }
    jit_code code;
    const ion_program *program = jit_compile(&code, source);
    free(source);
    int status = 1;
    settings set;
    if (!program)
        fprintf(stderr, "%s: cannot compile the program: %s\n", argv[0], code.message);
    else
        status = settings_read(&set, program) ? runtime_run(program, &set, argc - 1, argv + 1) : 2;
    jit_free(&code);
    return status;
}
