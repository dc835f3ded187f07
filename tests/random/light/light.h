/* light.h: what the files of the fast comparison share.
 *
 *   run.c      one run of something in a process of its own, its output kept
 *   stage.c    what is run: generator, assembler, interpreter, compiled code
 *   light.c    seeds, workers, the verdict
 */
#ifndef LIGHT_H
#define LIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- run.c ---- */

/* The runs of one program, each with files of its own in memory for its output. */
typedef enum run_id {
    RUN_GEN, /* its standard output is the program's text */
    RUN_ASM,
    RUN_ORACLE_1,
    RUN_ORACLE_3,
    RUN_ORACLE,
    RUN_COMPILE_EXACT, /* the compiler itself, which forks the three below */
    RUN_EXACT_1,
    RUN_EXACT_3,
    RUN_EXACT,
    RUN_COMPILE, /* likewise */
    RUN_DEFAULT,
    RUN_DEFAULT_1,
    RUN_DEFAULT_3,
    RUN_DEFAULT_GC,
    RUN_COMPILE_NO_OPT, /* some optimisations left out; for every fourth program */
    RUN_NO_OPT,
    RUNS
} run_id;
extern const char *const run_names[RUNS];

/* How a run ended, and what it wrote; valid until the next program. */
typedef struct result {
    int status; /* exit status; 128 + signal; NEVER */
    char *out, *err;
    size_t nout, nerr;
} result;
enum { NEVER = -1, FAILED = 98 }; /* was not run; does not assemble or compile */

void runs_open(void);
/* Forgets all runs. */
void runs_reset(void);
/* Calls f in a process of its own, whose exit status is what f returns, and waits for it, at most so long. */
void run_forked(run_id id, unsigned seconds, int (*f)(const void *), const void *argument);
/* Does not include what a signal left in buffers. */
const result *run_result(run_id id);

/* ---- stage.c ---- */

/* All runs of one program, until one makes the others pointless. `pack`: a path to write the package to. */
void stages(uint64_t seed, const char *of_kind, const char *pack);
/* What RUN_NO_OPT leaves out for a program, names with commas between them. Valid until the next call. */
const char *stages_left_out(uint64_t seed);

#endif
