/* native.c: C → an executable, by the system's C compiler and the runtime library beside ionc; without a compiler, by
 * the prelinked stub (stub.c). The output appears whole or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ionc.h"
#include "jit.h"
#include "stub.h"

extern char **environ;

/* `NAME` in the lib folder beside the bin folder that ionc lies in. */
static const char *library_path(compilation *c, const char *name)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0)
        fail(c, NULL, NO_OFFSET, "cannot find where ionc lies: %s", strerror(errno));
    self[n] = 0;
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(self, '/');
        if (slash)
            *slash = 0;
    }
    return arena_format(c, "%s/lib/%s", self, name);
}

static bool in_path(compilation *c, const char *command)
{
    if (strchr(command, '/'))
        return access(command, X_OK) == 0;
    const char *path = getenv("PATH");
    for (const char *at = path ? path : "/usr/bin:/bin"; *at;) {
        size_t n = strcspn(at, ":");
        if (access(arena_format(c, "%.*s/%s", (int)n, at, command), X_OK) == 0)
            return true;
        at += n + (at[n] == ':');
    }
    return false;
}

/* The words of the compiler's command, or 0 where there is none. */
static uint32_t find_compiler(compilation *c, char **words, uint32_t most)
{
    static const char *const usual[] = {"cc", "gcc", "clang", "tcc"};
    const char *given = c->opt.cc ? c->opt.cc : getenv("CC");
    uint32_t n = 0;
    if (given && *given) {
        char *copy = arena_string(c, given, strlen(given)), *rest;
        for (char *word = strtok_r(copy, " ", &rest); word && n < most; word = strtok_r(NULL, " ", &rest))
            words[n++] = word;
        if (n == 0 || !in_path(c, words[0]))
            fail(c, NULL, NO_OFFSET, "no C compiler %s", given);
        return n;
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (in_path(c, usual[i])) {
            words[0] = arena_string(c, usual[i], strlen(usual[i]));
            return 1;
        }
    }
    return 0;
}

/* Runs a command; true if it ended with status 0. */
static bool run(compilation *c, char **words)
{
    if (c->opt.verbose) {
        for (char **w = words; *w; w++)
            fprintf(stderr, "%s%s", *w, w[1] ? " " : "\n");
    }
    pid_t pid;
    int status;
    if (posix_spawnp(&pid, words[0], NULL, NULL, words, environ) != 0)
        return false;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void write_stub(compilation *c, const unit *u, const char *output)
{
    text stub = read_file(c, library_path(c, "ionstub"), UINT32_MAX);
    text abi = text_of(ion_abi_text);
    unsigned char end[STUB_TRAILER];
    uint64_t n = (uint64_t)abi.n + u->head.len + u->body.len;
    for (int i = 0; i < 8; i++)
        end[i] = (unsigned char)(n >> 8 * i);
    memcpy(end + 8, STUB_MAGIC, 8);
    const piece all[] = {{stub.s, stub.n}, {abi.s, abi.n}, {u->head.data, u->head.len}, {u->body.data, u->body.len},
                         {end, sizeof end}};
    write_pieces(c, output, all, sizeof all / sizeof *all, 0755);
}

/* Compiles `from` to `to` with the runtime. */
static bool compile(compilation *c, char **compiler, uint32_t n, const char *from, const char *to)
{
    char *words[32];
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++)
        words[k++] = compiler[i];
    words[k++] = arena_format(c, "-O%d", c->opt.opt_level);
    /* the language's arithmetic is that of doubles one by one; packing pairs of them in loops costs gcc 12 a factor */
    words[k++] = arena_format(c, "-ffp-contract=off");
    words[k++] = arena_format(c, "-fno-math-errno");
    words[k++] = arena_format(c, "-fno-tree-slp-vectorize");
    if (c->opt.debug_info)
        words[k++] = arena_format(c, "-g");
    words[k++] = arena_format(c, "-o");
    words[k++] = arena_format(c, "%s", to);
    words[k++] = arena_format(c, "%s", from);
    words[k++] = arena_format(c, "%s", library_path(c, "libionrt.a"));
    words[k++] = arena_format(c, "-lm");
    words[k++] = arena_format(c, "-lpthread");
    words[k] = NULL;
    return run(c, words);
}

/* A folder for the C and the executable in the making. Nothing that fails between start and end leaves it behind. */
typedef struct workshop {
    const char *folder, *source, *binary;
} workshop;

static workshop workshop_start(compilation *c)
{
    const char *tmp = getenv("TMPDIR");
    if (!tmp || !*tmp)
        tmp = "/tmp";
    char *folder = arena_format(c, "%s/ionc-XXXXXX", tmp);
    if (!mkdtemp(folder))
        fail(c, NULL, NO_OFFSET, "cannot make a folder in %s: %s", tmp, strerror(errno));
    return (workshop){folder, arena_format(c, "%s/program.c", folder), arena_format(c, "%s/program", folder)};
}

static void workshop_end(const workshop *w)
{
    unlink(w->source);
    unlink(w->binary);
    rmdir(w->folder);
}

/* Writes the C, with what it includes; the errno of a failure. */
static int write_source(const char *path, const unit *u)
{
    FILE *f = fopen(path, "we");
    if (!f)
        return errno;
    bool good = fputs(ion_abi_text, f) >= 0 && fwrite(u->head.data, 1, u->head.len, f) == u->head.len &&
                fwrite(u->body.data, 1, u->body.len, f) == u->body.len;
    int why = errno;
    if (fclose(f) != 0 && good) {
        good = false;
        why = errno;
    }
    return good ? 0 : why;
}

void native_build(compilation *c, const c_code *code, const char *output)
{
    const unit *u = code->units;
    char *compiler[17];
    uint32_t n = find_compiler(c, compiler, 16);
    if (n == 0) {
        write_stub(c, u, output);
        return;
    }
    /* with -g the C stays beside the executable, where a debugger finds it */
    const char *beside = c->opt.debug_info ? arena_format(c, "%s.c", output) : NULL;
    if (beside) {
        text abi = text_of(ion_abi_text);
        const piece all[] = {{abi.s, abi.n}, {u->head.data, u->head.len}, {u->body.data, u->body.len}};
        write_pieces(c, beside, all, 3, 0644);
    }
    workshop w = workshop_start(c);
    int why = beside ? 0 : write_source(w.source, u);
    if (why) {
        workshop_end(&w);
        fail(c, w.source, NO_OFFSET, "cannot write: %s", strerror(why));
    }
    bool ok = compile(c, compiler, n, beside ? beside : w.source, w.binary);
    int made = ok ? open(w.binary, O_RDONLY | O_CLOEXEC) : -1; /* stays readable when the folder has gone */
    workshop_end(&w);
    if (made < 0)
        fail(c, NULL, NO_OFFSET, "%s could not compile or link the program", compiler[0]);
    text binary = read_file(c, arena_format(c, "/proc/self/fd/%d", made), UINT32_MAX);
    close(made);
    write_file(c, output, binary.s, binary.n, 0755);
}
