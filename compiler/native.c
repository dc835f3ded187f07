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

#include "cache.h"
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

bool native_compiler(compilation *c)
{
    char *words[17];
    return find_compiler(c, words, 16) != 0;
}

/* ---- commands ---- */

typedef struct words {
    compilation *c;
    char **list;
    uint32_t n, cap;
} words;

static void add_word(words *w, const char *word)
{
    w->list = GROW(w->c, w->list, w->n, w->cap);
    w->list[w->n++] = (char *)(uintptr_t)word;
}

/* Starts a command; -1 where it cannot be. */
static pid_t start(compilation *c, words *w)
{
    add_word(w, NULL);
    for (char **word = w->list; c->opt.verbose && *word; word++)
        fprintf(stderr, "%s%s", *word, word[1] ? " " : "\n");
    pid_t pid;
    return posix_spawnp(&pid, w->list[0], NULL, NULL, w->list, environ) == 0 ? pid : -1;
}

/* True if the command ended with status 0. */
static bool finish(pid_t pid)
{
    int status;
    if (pid < 0)
        return false;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void write_stub(compilation *c, const c_code *code, const char *output)
{
    const unit *u = code->units;
    text stub = read_file(c, library_path(c, "ionstub"), UINT32_MAX);
    text abi = text_of(ion_abi_text);
    unsigned char end[STUB_TRAILER];
    uint64_t n = (uint64_t)abi.n + u->head.len + u->body.len;
    uint64_t carried = carried_size(code);
    for (int i = 0; i < 8; i++) {
        end[i] = (unsigned char)(carried >> 8 * i);
        end[8 + i] = (unsigned char)(n >> 8 * i);
    }
    memcpy(end + 16, STUB_MAGIC, 8);
    const piece all[] = {{stub.s, stub.n},
                         {carried ? carry_together(c, code) : NULL, carried},
                         {abi.s, abi.n},
                         {u->head.data, u->head.len},
                         {u->body.data, u->body.len},
                         {end, sizeof end}};
    write_pieces(c, output, all, sizeof all / sizeof *all, 0755);
}

/* The compiler's command with the flags that all its uses share. */
static words compiler_words(compilation *c, char **compiler, uint32_t n)
{
    words w = {.c = c};
    for (uint32_t i = 0; i < n; i++)
        add_word(&w, compiler[i]);
    add_word(&w, arena_format(c, "-O%d", c->opt.opt_level));
    /* the language's arithmetic is that of doubles one by one; packing pairs of them in loops costs gcc 12 a factor */
    add_word(&w, "-ffp-contract=off");
    add_word(&w, "-fno-math-errno");
    add_word(&w, "-fno-tree-slp-vectorize");
    if (c->opt.debug_info)
        add_word(&w, "-g");
    if (c->opt.shared) {
        add_word(&w, "-shared");
        add_word(&w, "-fPIC");
        add_word(&w, "-fvisibility=hidden");
        add_word(&w, "-Dion_setattr_seen=(*ion_setattr_place)");
    }
    return w;
}

static void add_runtime(words *w)
{
    const char *slash = strrchr(w->list[0], '/');
    if (!strstr(slash ? slash : w->list[0], "tcc")) /* which does not know it */
        add_word(w, "-Wl,--gc-sections");
    if (!w->c->opt.shared)
        add_word(w, library_path(w->c, "libionrt.a"));
    add_word(w, "-lm");
    add_word(w, "-lpthread");
}

/* ---- building ---- */

/* A folder for C, objects and the executable in the making. Nothing that fails between start and end leaves it behind. */
typedef struct workshop {
    const char *folder, *binary, *carried;
    const char **source, **object; /* per unit */
    uint32_t n;
} workshop;

static workshop workshop_start(compilation *c, uint32_t units)
{
    const char *tmp = getenv("TMPDIR");
    if (!tmp || !*tmp)
        tmp = "/tmp";
    char *folder = arena_format(c, "%s/ionc-XXXXXX", tmp);
    workshop w = {.folder = folder, .n = units};
    w.source = arena_alloc(c, units * sizeof *w.source);
    w.object = arena_alloc(c, units * sizeof *w.object);
    if (!mkdtemp(folder))
        fail(c, NULL, NO_OFFSET, "cannot make a folder in %s: %s", tmp, strerror(errno));
    w.binary = arena_format(c, "%s/program", folder);
    w.carried = arena_format(c, "%s/carried.o", folder);
    for (uint32_t i = 0; i < units; i++) {
        const char *number = units > 1 ? arena_format(c, "%u", i) : "";
        w.source[i] = arena_format(c, "%s/program%s.c", folder, number);
        w.object[i] = arena_format(c, "%s/program%s.o", folder, number);
    }
    return w;
}

static void workshop_end(const workshop *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        unlink(w->source[i]);
        unlink(w->object[i]);
    }
    unlink(w->binary);
    unlink(w->carried);
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

static uint32_t jobs(const compilation *c)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return c->opt.jobs ? c->opt.jobs : cores > 0 ? (uint32_t)cores : 1;
}

/* Compiles the units to objects, as many at a time as there are jobs. A unit's C exists only while it is compiled. */
static bool compile_units(compilation *c, const c_code *code, const words *compiler, const workshop *w, int *why)
{
    uint32_t most = jobs(c), waiting = 0;
    pid_t *pid = arena_alloc(c, code->n * sizeof *pid);
    bool ok = true;
    for (uint32_t i = 0; i < code->n || waiting < i;) {
        if (i < code->n && i - waiting < most && ok) {
            words command = {.c = c};
            for (uint32_t k = 0; k < compiler->n; k++)
                add_word(&command, compiler->list[k]);
            add_word(&command, "-c");
            add_word(&command, "-o");
            add_word(&command, w->object[i]);
            add_word(&command, w->source[i]);
            *why = write_source(w->source[i], &code->units[i]);
            pid[i] = *why ? -1 : start(c, &command);
            ok &= pid[i] >= 0;
            i++;
            continue;
        }
        if (waiting == i)
            break;
        ok &= finish(pid[waiting]);
        unlink(w->source[waiting++]);
    }
    return ok;
}

/* Makes the executable from units; *why: the errno where C could not be written. */
static bool build(compilation *c, const c_code *code, const words *compiler, const workshop *w, const char *beside,
                  int *why)
{
    words command = *compiler;
    bool one = code->n == 1;
    *why = 0;
    if (one && !beside)
        *why = write_source(w->source[0], code->units);
    if (!*why && code->ncarried)
        *why = carry_write(code, w->carried);
    if (*why || (!one && !compile_units(c, code, compiler, w, why)))
        return false;
    add_word(&command, "-o");
    add_word(&command, w->binary);
    for (uint32_t i = 0; i < code->n; i++)
        add_word(&command, beside ? beside : one ? w->source[i] : w->object[i]);
    if (code->ncarried)
        add_word(&command, w->carried);
    add_runtime(&command);
    return finish(start(c, &command));
}

/* Runs the C compiler. */
static text compile(compilation *c, const c_code *code, const words *compiler, const char *beside)
{
    int why, made = -1;
    workshop w = workshop_start(c, code->n);
    if (build(c, code, compiler, &w, beside, &why))
        made = open(w.binary, O_RDONLY | O_CLOEXEC); /* stays readable when the folder has gone */
    workshop_end(&w);
    if (why)
        fail(c, w.folder, NO_OFFSET, "cannot write: %s", strerror(why));
    if (made < 0)
        fail(c, NULL, NO_OFFSET, "%s could not compile or link the program", compiler->list[0]);
    text binary = read_file(c, arena_format(c, "/proc/self/fd/%d", made), UINT32_MAX);
    close(made);
    return binary;
}

void native_build(compilation *c, const c_code *code, const char *output)
{
    const unit *u = code->units;
    char *compiler[17];
    uint32_t n = find_compiler(c, compiler, 16);
    if (n == 0 && c->opt.shared)
        fail(c, NULL, NO_OFFSET, "--shared needs a C compiler");
    if (n == 0) {
        write_stub(c, code, output);
        return;
    }
    words command = compiler_words(c, compiler, n);
    text binary;
    if (c->opt.debug_info) { /* the C stays beside the executable, where a debugger finds it */
        const char *beside = arena_format(c, "%s.c", output);
        text abi = text_of(ion_abi_text);
        const piece all[] = {{abi.s, abi.n}, {u->head.data, u->head.len}, {u->body.data, u->body.len}};
        write_pieces(c, beside, all, 3, 0644);
        binary = compile(c, code, &command, beside);
    } else {
        words all = command;
        add_runtime(&all);
        const char *entry = cache_entry(c, code, all.list, all.n, n, library_path(c, "libionrt.a"));
        if (!entry || !cache_take(c, entry, &binary)) {
            binary = compile(c, code, &command, NULL);
            if (entry)
                cache_keep(c, entry, binary);
        } else if (c->opt.verbose) {
            fprintf(stderr, "taken from the cache: %s\n", entry);
        }
    }
    write_file(c, output, binary.s, binary.n, 0755);
}
