/* run.c: one run of something in a process of its own, its output kept in memory.
 *
 * Each run has two anonymous files, made once and emptied for each program, and a place for its status in memory that
 * all processes share, so that a run may be started by the process of another one.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "light.h"

enum { MOST_OUTPUT = 4 << 20, MOST_MEMORY = 1 << 30 };

const char *const run_names[RUNS] = {
    "the generator", "the assembler", "oracle.1",       "oracle.3",   "oracle.2000", "ionc --jit --exact",
    "jit-exact.1",   "jit-exact.3",   "jit-exact.2000", "ionc --jit", "jit",         "jit.1",
    "jit.3",         "jit.gc",        "ionc --no-opt",  "jit-no-opt"};

static int files[RUNS][2];
static int *statuses; /* shared */
static result results[RUNS];

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(2);
}

void runs_open(void)
{
    statuses = mmap(NULL, RUNS * sizeof *statuses, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (statuses == MAP_FAILED)
        give_up("mmap");
    for (int i = 0; i < RUNS; i++)
        for (int k = 0; k < 2; k++)
            if ((files[i][k] = memfd_create(run_names[i], MFD_CLOEXEC)) < 0)
                give_up("memfd_create");
}

void runs_reset(void)
{
    for (int i = 0; i < RUNS; i++) {
        statuses[i] = NEVER;
        free(results[i].out);
        free(results[i].err);
        results[i] = (result){.status = NEVER};
        for (int k = 0; k < 2; k++)
            if (ftruncate(files[i][k], 0) != 0 || lseek(files[i][k], 0, SEEK_SET) != 0)
                give_up("ftruncate");
    }
}

static _Noreturn void child(run_id id, unsigned seconds, int (*f)(const void *), const void *argument)
{
    struct rlimit most = {MOST_OUTPUT, MOST_OUTPUT}, no_core = {0, 0};
#ifndef __SANITIZE_ADDRESS__ /* which sets aside more than there is */
    struct rlimit memory = {MOST_MEMORY, MOST_MEMORY};
    setrlimit(RLIMIT_AS, &memory);
#endif
    setrlimit(RLIMIT_FSIZE, &most);
    setrlimit(RLIMIT_CORE, &no_core);
    if (dup2(files[id][0], STDOUT_FILENO) < 0 || dup2(files[id][1], STDERR_FILENO) < 0)
        _exit(FAILED);
    alarm(seconds);
    int status = f(argument);
    fflush(NULL);
    _exit(status);
}

void run_forked(run_id id, unsigned seconds, int (*f)(const void *), const void *argument)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        give_up("fork");
    if (pid == 0)
        child(id, seconds, f, argument);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            give_up("waitpid");
    statuses[id] = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* All of an anonymous file, NUL-ended. */
static char *contents(int file, size_t *n)
{
    struct stat st;
    if (fstat(file, &st) != 0)
        give_up("fstat");
    char *text = malloc((size_t)st.st_size + 1);
    if (!text || pread(file, text, (size_t)st.st_size, 0) != st.st_size)
        give_up("pread");
    text[st.st_size] = 0;
    *n = (size_t)st.st_size;
    return text;
}

const result *run_result(run_id id)
{
    result *r = &results[id];
    r->status = statuses[id];
    if (!r->out) {
        r->out = contents(files[id][0], &r->nout);
        r->err = contents(files[id][1], &r->nerr);
    }
    return r;
}
