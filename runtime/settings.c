/* settings.c: what a user may set without compiling again: environment variables, listed in one table. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "sched.h"

#define DEFAULT_TIMESLICE    2000
#define SCHEDULERS_MOST      256
#define DEFAULT_RESULT_COUNT 1000000
#define DEFAULT_RESULT_BYTES (64ull << 20)

typedef enum setting_kind {
    SET_FLAG,
    SET_SLICE,
    SET_COUNT,
    SET_SEED,
    SET_RESULTS,
    SET_SCHEDULERS,
    SET_TEXT,
    SET_LIMIT,
    SET_GRANTS
} setting_kind;

typedef struct setting {
    const char *name;
    setting_kind kind;
    size_t at; /* in settings */
} setting;

#define FIELD(f) offsetof(settings, f)
static const setting table[] = {
    {"ION_TIMESLICE", SET_SLICE, FIELD(timeslice)},
    {"ION_SCHEDULERS", SET_SCHEDULERS, FIELD(schedulers)},
    {"ION_SEED", SET_SEED, FIELD(seed)},
    {"ION_RESULTS", SET_RESULTS, FIELD(result_count)},
    {"ION_PRINT_RESULT", SET_FLAG, FIELD(print_result)},
    {"ION_DEBUG", SET_FLAG, FIELD(trace)},
    {"ION_VIRTUAL_TIME", SET_FLAG, FIELD(virtual_time)},
    {"ION_REDUCTIONS", SET_FLAG, FIELD(reductions)},
    {"ION_STATS", SET_FLAG, FIELD(stats)},
    {"ION_DUMP", SET_TEXT, FIELD(dump)},
    {"ION_ALLOW", SET_GRANTS, FIELD(may.layer[GRANT_ENVIRONMENT].allow)},
    {"ION_DENY", SET_GRANTS, FIELD(may.layer[GRANT_ENVIRONMENT].deny)},
#define ION_LIMIT(id, name, reason, unit, what) {"ION_LIMIT_" #id, SET_LIMIT, FIELD(limit[LIMIT_##id])},
#include "ion/limits.def"
#undef ION_LIMIT
    {"ION_STRESS_GC", SET_FLAG, FIELD(stress_gc)},
    {"ION_STRESS_SHUFFLE", SET_COUNT, FIELD(shuffle)},
    {"ION_STRESS_FAIL", SET_COUNT, FIELD(fail_at)},
    {"ION_STRESS_SLICE", SET_SLICE, FIELD(timeslice)},
    {"ION_STRESS_STEAL", SET_COUNT, FIELD(steal)},
};
static const char *const expected[] = {"0 or 1", "a number from 1 to 2000000000", "a whole number", "a whole number",
                                       "COUNT,BYTES", "a number from 1 to 256", "a text",
                                       "a number, with k, M or G behind it or not",
                                       "capabilities with commas between them"};

/* A decimal number up to `max` at *at, which moves behind it. */
static bool read_u64(const char **at, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;
    const char *s = *at;
    if (*s < '0' || *s > '9')
        return false;
    for (; *s >= '0' && *s <= '9'; s++) {
        uint64_t digit = (uint64_t)(*s - '0');
        if (n > (max - digit) / 10)
            return false;
        n = 10 * n + digit;
    }
    *at = s;
    *out = n;
    return true;
}

static bool read_one(const char *s, uint64_t max, uint64_t *out)
{
    return read_u64(&s, max, out) && !*s;
}

static bool read_results(settings *s, const char *text)
{
    return read_u64(&text, UINT32_MAX, &s->result_count) && *text++ == ',' &&
           read_one(text, INT64_MAX, &s->result_bytes);
}

static bool apply(settings *s, const setting *what, const char *text)
{
    uint64_t n = 0;
    char *field = (char *)s + what->at;
    switch (what->kind) {
    case SET_FLAG:
        if (!read_one(text, 1, &n))
            return false;
        *(bool *)field = n != 0;
        return true;
    case SET_SLICE:
        if (!read_one(text, 2000000000, &n) || !n)
            return false;
        *(uint32_t *)(void *)field = (uint32_t)n;
        return true;
    case SET_SCHEDULERS:
        if (!read_one(text, SCHEDULERS_MOST, &n) || !n)
            return false;
        *(uint32_t *)(void *)field = (uint32_t)n;
        return true;
    case SET_SEED: s->seed_given = true; return read_one(text, UINT64_MAX, (uint64_t *)(void *)field);
    case SET_COUNT: return read_one(text, UINT64_MAX, (uint64_t *)(void *)field);
    case SET_TEXT: *(const char **)(void *)field = text; return true;
    case SET_GRANTS: {
        const char *bad;
        size_t length;
        *(const char **)(void *)field = text;
        return capability_list(text, &bad, &length);
    }
    case SET_LIMIT:
        return limit_value((limit)((what->at - FIELD(limit)) / sizeof(uint64_t)), text, (uint64_t *)(void *)field);
    case SET_RESULTS: return read_results(s, text);
    }
    return false;
}

uint64_t system_seed(void)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed)
        return seed;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return ((uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec) ^ (uint64_t)getpid() << 40;
}

/* Cores that this OS process may use. */
static uint32_t cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n < 1 ? 1 : n > SCHEDULERS_MOST ? SCHEDULERS_MOST : (uint32_t)n;
}

void settings_default(settings *s)
{
    *s = (settings){.timeslice = DEFAULT_TIMESLICE,
                    .schedulers = 1,
                    .result_count = DEFAULT_RESULT_COUNT,
                    .result_bytes = DEFAULT_RESULT_BYTES};
}

bool settings_read(settings *s, const ion_program *program)
{
    settings_default(s);
    s->schedulers = 0;
    s->exact = program->exact != 0;
    s->trace = program->trace != 0;
    s->print_result = program->print_result != 0;
    s->signals = true;
    s->may.layer[GRANT_BUILD] = (struct grant_layer){program->allow, program->deny};
    memcpy(s->limit, program->limits, sizeof s->limit);
    if (program->timeslice)
        s->timeslice = program->timeslice < INT32_MAX ? program->timeslice : INT32_MAX;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *text = getenv(table[i].name);
        if (!text || !*text || apply(s, &table[i], text))
            continue;
        fprintf(stderr, "%s: expected %s, got \"%s\"\n", table[i].name, expected[table[i].kind], text);
        return false;
    }
    if (s->exact)
        s->virtual_time = true;
    if (s->virtual_time || s->shuffle) /* what is to be the same in every run has one thread */
        s->schedulers = 1;
    else if (!s->schedulers)
        s->schedulers = program->schedulers ? program->schedulers : cores();
    if (!s->seed_given)
        s->seed = s->virtual_time ? 1 : system_seed();
    return true;
}
