/* stopwatch.c: runs a command and prints one line about it: MILLISECONDS RESULT KILOBYTES.
 * Usage: stopwatch COMMAND...
 *
 * The milliseconds are those that the command itself reports in a line `ms N`; where it reports none, those from its
 * start to its end. The result is what its line `result TEXT` says, or `-`; the kilobytes are the most memory that it
 * had resident. The rest of its output is thrown away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    int ends[2], status;
    char line[1000], result[1000] = "-";
    struct rusage used;
    if (argc < 2 || pipe(ends) != 0)
        return 2;
    double start = now(), took = -1;
    pid_t child = vfork(); /* so that what this program has resident does not count as the command's */
    if (child < 0)
        return 2;
    if (child == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    close(ends[1]);
    FILE *out = fdopen(ends[0], "r");
    while (out && fgets(line, sizeof line, out)) {
        if (strncmp(line, "ms ", 3) == 0)
            took = strtod(line + 3, NULL);
        sscanf(line, "result %999s", result);
    }
    if (wait4(child, &status, 0, &used) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return 1;
    printf("%.3f %s %ld\n", took >= 0 ? took : now() - start, result, used.ru_maxrss);
    return 0;
}
