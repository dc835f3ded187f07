/* light.c: random programs compared quickly, in few processes. Usage: light N SEED WORKERS FOLDER [KIND]
 *
 * For each seed from SEED on, one program; its kind follows from the seed, unless one is given. Where a run differs a
 * line says in what and the program is kept in FOLDER. The last line counts. What must be the same:
 *
 *   - compiled with --exact: all that the interpreter leaves at the same slice;
 *   - by default, where order does not matter: standard output, status, standard error but for the frames of traces,
 *     which tail calls make fewer, and the reductions spent, if no process was cut short before the RETURN behind a
 *     tail call, which is paid together with it, and none had to wait;
 *   - the same with some optimisations left out;
 *   - by default, for programs of processes: that they end as programs do.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "light.h"

enum { MOST_WORKERS = 64, MOST_SHOWN = 20 };
typedef enum verdict { AGREE, DIFFER, PASSED_OVER } verdict;

/* Shared by the workers: how many programs came to each verdict. */
static int *counts;
static char why[200];

/* ---- comparing ---- */

static bool killed(const result *r)
{
    return r->status == 128 + 14 || r->status == 128 + 9 || r->status == 128 + 25; /* time, memory, output */
}

static bool same_bytes(const char *a, size_t na, const char *b, size_t nb)
{
    return na == nb && memcmp(a, b, na) == 0;
}

static bool begins(const char *line, size_t n, const char *with)
{
    return n >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

/* The next line that counts; false at the end. */
static bool next_line(const char **at, const char **line, size_t *n, bool well)
{
    do {
        if (!**at)
            return false;
        *line = *at;
        *n = strcspn(*at, "\n");
        *at += *n;
        *at += **at == '\n';
    } while (begins(*line, *n, "  ") || (!well && begins(*line, *n, "reductions: ")));
    return true;
}

static bool same_messages(const char *a, const char *b, bool well)
{
    const char *la, *lb;
    size_t na, nb;
    for (;;) {
        bool more_a = next_line(&a, &la, &na, well), more_b = next_line(&b, &lb, &nb, well);
        if (!more_a || !more_b)
            return more_a == more_b;
        if (!same_bytes(la, na, lb, nb))
            return false;
    }
}

static verdict differ(run_id id, const char *what)
{
    snprintf(why, sizeof why, "%s %s", run_names[id], what);
    return DIFFER;
}

static verdict compare_exact(int i)
{
    const result *want = run_result((run_id)(RUN_ORACLE_1 + i)), *got = run_result((run_id)(RUN_EXACT_1 + i));
    if (got->status == want->status && same_bytes(got->out, got->nout, want->out, want->nout) &&
        same_bytes(got->err, got->nerr, want->err, want->nerr))
        return AGREE;
    return differ((run_id)(RUN_EXACT_1 + i), "and the oracle differ");
}

static verdict compare_default(run_id id, bool any_order)
{
    const result *want = run_result(RUN_ORACLE), *got = run_result(id);
    if (!any_order)
        return killed(got) || got->status <= 3 ? AGREE : differ(id, "ends badly");
    if (got->status != want->status || !same_bytes(got->out, got->nout, want->out, want->nout))
        return differ(id, "and the oracle differ");
    if (!same_messages(got->err, want->err, want->status == 0 && !strstr(run_result(RUN_GEN)->out, " SPAWN ")))
        return differ(id, "and the oracle differ in what standard error says");
    return AGREE;
}

/* The compiler and what comes before it. */
static bool prepares(run_id id)
{
    return id == RUN_GEN || id == RUN_ASM || id == RUN_COMPILE_EXACT || id == RUN_COMPILE || id == RUN_COMPILE_NO_OPT;
}

static verdict judge(bool any_order)
{
    for (run_id id = RUN_ORACLE_1; id <= RUN_ORACLE; id++) {
        const result *r = run_result(id);
        if (killed(r) || r->nout + r->nerr > 1000000 || strncmp(r->err, "oracle: ", 8) == 0)
            return PASSED_OVER;
    }
    bool no_opt = run_result(RUN_COMPILE_NO_OPT)->status != NEVER;
    for (run_id id = RUN_GEN; id < RUNS; id++)
        if (prepares(id) && run_result(id)->status != 0 && (id != RUN_COMPILE_NO_OPT || no_opt))
            return differ(id, "fails");
    for (run_id id = RUN_ORACLE_1; id <= RUN_ORACLE; id++)
        if ((unsigned)run_result(id)->status > 3)
            return differ(id, "fails");
    for (int i = 0; i < 3; i++)
        if (compare_exact(i) != AGREE)
            return DIFFER;
    for (run_id id = RUN_DEFAULT; id <= RUN_DEFAULT_GC; id++)
        if (compare_default(id, any_order) != AGREE)
            return DIFFER;
    return no_opt ? compare_default(RUN_NO_OPT, any_order) : AGREE;
}

/* ---- programs ---- */

static const char *kind_of(uint64_t seed, const char *given)
{
    static const char *const kinds[] = {"warm", "plain", "warm", "process", "warm", "warm"};
    return given ? given : kinds[seed % (sizeof kinds / sizeof *kinds)];
}

static void keep(uint64_t seed, const char *kind, const char *folder)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%" PRIu64 "-%s.iona", folder, seed, kind);
    FILE *f = fopen(path, "w");
    if (f) {
        fwrite(run_result(RUN_GEN)->out, 1, run_result(RUN_GEN)->nout, f);
        fclose(f);
    }
    const char *without = stages_left_out(seed);
    printf("not ok random %" PRIu64 " %s: %s (kept: %s%s%s)\n", seed, kind, why, path, *without ? ", --no-opt=" : "",
           without);
    fflush(stdout);
}

static void worker(uint64_t first, uint64_t n, int i, int workers, const char *folder, const char *given)
{
    char pack[300];
    snprintf(pack, sizeof pack, "%s/worker-%d.ionpack", folder, i);
    runs_open();
    for (uint64_t seed = first + (uint64_t)i; seed < first + n; seed += (uint64_t)workers) {
        const char *kind = kind_of(seed, given);
        stages(seed, kind, pack);
        verdict v = judge(strcmp(kind, "process") != 0);
        int before = __atomic_fetch_add(&counts[v], 1, __ATOMIC_RELAXED);
        if (v == DIFFER && before < MOST_SHOWN)
            keep(seed, kind, folder);
    }
    unlink(pack);
}

int main(int argc, char **argv)
{
    if (argc < 5 || argc > 6) {
        fputs("usage: light N SEED WORKERS FOLDER [KIND]\n", stderr);
        return 2;
    }
    uint64_t n = strtoull(argv[1], NULL, 10), first = strtoull(argv[2], NULL, 10);
    int workers = atoi(argv[3]);
    workers = workers < 1 ? 1 : workers > MOST_WORKERS ? MOST_WORKERS : workers;
    setenv("ION_REDUCTIONS", "1", 1);
    setenv("ION_SEED", "1", 1);
    counts = mmap(NULL, 3 * sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED)
        return 2;
    for (int i = 0; i < workers; i++) {
        if (fork() != 0)
            continue;
        worker(first, n, i, workers, argv[4], argc > 5 ? argv[5] : NULL);
        exit(0);
    }
    bool sound = true;
    for (int i = 0, status; i < workers; i++)
        sound &= wait(&status) > 0 && status == 0;
    printf("random-light: %d of %" PRIu64 " programs agree, %d passed over, %d differ\n", counts[AGREE], n,
           counts[PASSED_OVER], counts[DIFFER]);
    return sound && counts[DIFFER] == 0 && counts[AGREE] > 0 ? 0 : 1;
}
