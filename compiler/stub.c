/* stub.c: the executable that `ionc -o` writes where there is no C compiler: the runtime and libtcc, with the
 * generated C behind it. Compiles that as it starts, then runs it.
 *
 * Layout of such a file: this executable, what the program carries (ion_carried), the C (ABI header included), then the
 * lengths of both as 8 bytes little-endian each, then STUB_MAGIC. The file stays mapped, for what is carried.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jit.h"
#include "sched.h"
#include "stub.h"

static uint64_t read_u64(const unsigned char *at)
{
    uint64_t n = 0;
    for (int i = 8; i-- > 0;)
        n = n << 8 | at[i];
    return n;
}

/* The C, NUL-ended, and what is carried; NULL where there is no program or no memory. */
static char *read_tail(const char **carried)
{
    struct stat st;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size < STUB_TRAILER)
        return NULL;
    uint64_t all = (uint64_t)st.st_size - STUB_TRAILER;
    const unsigned char *file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (file == MAP_FAILED || memcmp(file + all + 16, STUB_MAGIC, 8) != 0)
        return NULL;
    uint64_t before = read_u64(file + all), n = read_u64(file + all + 8);
    if (n > all || before > all - n)
        return NULL;
    *carried = (const char *)file + all - n - before;
    char *text = malloc((size_t)n + 1);
    if (!text)
        return NULL;
    memcpy(text, file + all - n, (size_t)n);
    text[n] = 0;
    return text;
}

int main(int argc, char **argv)
{
    const char *carried;
    char *source = read_tail(&carried);
    if (!source) {
        fprintf(stderr, "%s: this executable carries no program\n", argv[0]);
        return 1;
    }
    jit_code code;
    const ion_program *program = jit_compile_with(&code, source, carried);
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
