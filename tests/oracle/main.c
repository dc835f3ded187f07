/* main.c: the command line, and a program from its first process to its exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"
#include "vm.h"

vm_state vm = {.timeslice = 2000,
               .seed = 1,
               .next_id = 1,
               .keep_count = 1000000,
               .keep_bytes = (uint64_t)64 << 20,
               .exit_status = -1,
               .names = {.lasting = true}};

typedef struct settings {
    bool print_result, reductions;
    int dialect;
} settings;

static void usage(void)
{
    fputs("usage: oracle [--timeslice N] [--print-result] [--seed N] [--dialect N] [--reductions] PACK [ARG...]\n",
          stderr);
    exit(2);
}

static uint64_t number_option(const char *text)
{
    char *end;
    if (!text || !*text)
        usage();
    uint64_t n = strtoull(text, &end, 10);
    if (*end)
        usage();
    return n;
}

static void read_environment(settings *s)
{
    const char *seed = getenv("ION_SEED"), *results = getenv("ION_RESULTS"), *print = getenv("ION_PRINT_RESULT");
    if (seed && *seed)
        vm.seed = strtoull(seed, NULL, 10);
    if (results && *results) {
        char *end;
        vm.keep_count = strtoull(results, &end, 10);
        if (*end == ',')
            vm.keep_bytes = strtoull(end + 1, NULL, 10);
    }
    s->print_result = print && strcmp(print, "1") == 0;
}

/* Returns the place of the package's path. */
static int read_options(int argc, char **argv, settings *s)
{
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--print-result") == 0) {
            s->print_result = true;
        } else if (strcmp(argv[i], "--reductions") == 0) {
            s->reductions = true;
        } else if (strcmp(argv[i], "--timeslice") == 0) {
            vm.timeslice = (int64_t)number_option(next);
            i++;
        } else if (strcmp(argv[i], "--seed") == 0) {
            vm.seed = number_option(next);
            i++;
        } else if (strcmp(argv[i], "--dialect") == 0) {
            s->dialect = (int)number_option(next);
            i++;
        } else {
            usage();
        }
    }
    if (i >= argc || vm.timeslice < 1 || s->dialect < 0 || s->dialect > 5)
        usage();
    return i;
}

static void start_main(int argc, char **argv)
{
    vm.args = v_list(T_ARRAY, (size_t)argc);
    for (int i = 0; i < argc; i++)
        vm.args.list->items[i] = v_string(argv[i], strlen(argv[i]));
    const function *first = vm.program.entry;
    size_t n = (size_t)argc < first->arity ? (size_t)argc : first->arity;
    process_start(first->callable, vm.args.list->items, n);
}

static void report_deadlock(void)
{
    report(MSG_DEADLOCK);
    for (uint64_t id = 1; id < vm.next_id; id++)
        if (process_find(id))
            frame_where(process_find(id));
}

static int finish(const settings *s)
{
    if (vm.exit_status < 0) {
        report_deadlock();
        vm.exit_status = 3;
    }
    if (s->print_result && vm.main_returned) {
        buffer b = {0};
        print_value(&b, vm.main_result, NULL);
        buffer_puts(&b, "\n");
        fwrite(b.data, 1, b.len, stdout);
        buffer_free(&b);
    }
    if (s->reductions)
        fprintf(stderr, "reductions: %llu\n", (unsigned long long)vm.reductions);
    return vm.exit_status;
}

static void release_all(void)
{
    sched_release();
    map_free(&vm.names);
    names_release();
    mem_release_all();
}

int main(int argc, char **argv)
{
    settings s = {0};
    read_environment(&s);
    int at = read_options(argc, argv, &s);
    int status = 1;
    if (program_read(argv[at], s.dialect, &vm.program)) {
        start_main(argc - at - 1, argv + at + 1);
        sched_run();
        status = finish(&s);
    } else {
        fprintf(stderr, "oracle: %s: bad input\n", argv[at]);
    }
    release_all();
    return status;
}
