/* embed.c: what a host program pays: for calls, for reading packages, for the first instruction, for runtimes. Prints a line for each,
 * with the bar; exit status 1 if one is missed. Given the folder of packages. The thread's time counts, the least of several rounds.
 * `embed --time COMMAND...` prints how many milliseconds of processor time a command takes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <ion/ion.h>

enum { ROUNDS = 7 };
static const char *folder;
static int missed;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* others on the machine do not count */
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void report(const char *what, double x, const char *unit, double bar)
{
    missed |= x > bar;
    printf("%-52s %9.1f %s   bar %g %s\n", what, x, unit, bar, x > bar ? "MISSED" : "ok");
}

static void *file_bytes(const char *name, size_t *size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    fseek(f, 0, SEEK_END);
    *size = (size_t)ftell(f);
    rewind(f);
    void *bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, f) != *size)
        exit(1);
    fclose(f);
    return bytes;
}

static ion_package *open_package(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ion_package *p = ion_package_open(path);
    if (ion_package_status(p)) {
        fprintf(stderr, "%s\n", ion_package_text(p));
        exit(1);
    }
    return p;
}

static void bench_calls(const char *package, const char *what, double bar)
{
    enum { CALLS = 200000 };
    ion_package *p = open_package(package);
    ion_runtime *rt = ion_runtime_new(NULL);
    ion_data args[2] = {ion_number(1), ion_number(2)}, r;
    double least = 1e18;
    if (ion_runtime_use(rt, p) != ION_OK)
        exit(1);
    const ion_entry *f = ion_package_entry(p, "three");
    for (int k = 0; k < ROUNDS; k++) {
        double start = now();
        for (int i = 0; i < CALLS; i++)
            if (ion_runtime_call(rt, f, args, 2, &r, 1000) != ION_OK)
                exit(1);
        double took = (now() - start) / CALLS;
        least = took < least ? took : least;
    }
    report(what, least, "ns", bar);
    ion_runtime_free(rt);
    ion_package_free(p);
}

static void bench_reading(void)
{
    size_t size;
    void *bytes = file_bytes("large.ionpack", &size);
    double least = 1e18;
    for (int k = 0; k < 20 * ROUNDS; k++) {
        double start = now();
        ion_package *p = ion_package_read(bytes, size, "large");
        double took = (now() - start) / 1e3;
        if (ion_package_status(p) != ION_OK)
            exit(1);
        least = took < least ? took : least;
        ion_package_free(p);
    }
    report("reading 100 functions with 1,000 constants", least, "us", 100);
    free(bytes);
}

/* From the bytes of a package to its result. */
static void bench_first(const char *name, const char *function, const char *what)
{
    size_t size;
    void *bytes = file_bytes(name, &size);
    double least = 1e18;
    for (int k = 0; k < ROUNDS; k++) {
        ion_data args[2] = {ion_number(1), ion_number(2)}, r;
        double start = now();
        ion_package *p = ion_package_read(bytes, size, name);
        ion_runtime *rt = ion_runtime_new(NULL);
        if (ion_runtime_use(rt, p) != ION_OK || ion_runtime_call(rt, ion_package_entry(p, function), args, 2, &r, 1000) != ION_OK)
            exit(1);
        double took = (now() - start) / 1e6;
        least = took < least ? took : least;
        ion_data_free(&r);
        ion_runtime_free(rt);
        ion_package_free(p);
    }
    report(what, least, "ms", 20);
    free(bytes);
}

static void bench_runtimes(void)
{
    enum { TIMES = 200 };
    ion_package *p = open_package("three.ionpack");
    ion_data args[2] = {ion_number(1), ion_number(2)}, r;
    double least = 1e18, used = 1e18;
    if (ion_package_compile(p) != ION_OK)
        exit(1);
    for (int k = 0; k < ROUNDS; k++) {
        double start = now();
        for (int i = 0; i < TIMES; i++)
            ion_runtime_free(ion_runtime_new(NULL));
        double took = (now() - start) / TIMES / 1e3;
        least = took < least ? took : least;
        start = now();
        for (int i = 0; i < TIMES; i++) {
            ion_runtime *rt = ion_runtime_new(NULL);
            if (ion_runtime_use(rt, p) != ION_OK || ion_runtime_call(rt, ion_package_entry(p, "three"), args, 2, &r, 1000) != ION_OK)
                exit(1);
            ion_runtime_free(rt);
        }
        took = (now() - start) / TIMES / 1e3;
        used = took < used ? took : used;
    }
    report("making and freeing a runtime", least, "us", 100);
    report("the same with a call in it", used, "us", 100);
    ion_package_free(p);
}

static double resident(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1)
        exit(1);
    fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

static void bench_memory(void)
{
    ion_package *p = open_package("three.ionpack");
    ion_runtime *rt = ion_runtime_new(NULL);
    ion_data args[2] = {ion_number(1), ion_number(2)}, r;
    if (ion_runtime_use(rt, p) != ION_OK || ion_runtime_call(rt, ion_package_entry(p, "three"), args, 2, &r, 1000) != ION_OK)
        exit(1);
    report("resident, the host with a small package in a runtime", resident(), "MB", 8);
    ion_runtime_free(rt);
    ion_package_free(p);
}

static void bench_rounds(void)
{
    enum { FIRST = 200, THEN = 2000 };
    double before = 0;
    for (int i = 0; i < FIRST + THEN; i++) {
        if (i == FIRST)
            before = resident();
        ion_package *p = open_package("three.ionpack");
        ion_runtime *rt = ion_runtime_new(NULL);
        ion_data args[2] = {ion_number(1), ion_number(2)}, r;
        if (ion_runtime_use(rt, p) != ION_OK || ion_runtime_call(rt, ion_package_entry(p, "three"), args, 2, &r, 1000) != ION_OK)
            exit(1);
        ion_runtime_free(rt);
        ion_package_free(p);
    }
    report("growth over 2,000 times load, run, unload", (resident() - before) * 1024, "KB", 64);
}

/* The processor's milliseconds that a command takes. */
static int time_command(char **command)
{
    struct rusage used;
    int status, null = open("/dev/null", O_WRONLY);
    pid_t child = fork();
    if (child == 0) {
        dup2(null, 1);
        execv(command[0], command);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) < 0 || status != 0)
        return 1;
    printf("%.3f\n", (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
                          (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--time") == 0)
        return time_command(argv + 2);
    folder = argc > 1 ? argv[1] : ".";
    bench_memory(); /* before anything else has left its traces */
    bench_calls("three.ionpack", "a call of three instructions, compiled in memory", 150);
    bench_calls("three.so", "the same out of a shared object", 150);
    bench_reading();
    bench_first("three.ionpack", "three", "from a small package's bytes to its result");
    bench_first("large.ionpack", "f0", "from 100 functions with 1,000 constants to a result");
    bench_runtimes();
    bench_rounds();
    return missed;
}
