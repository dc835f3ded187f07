/* hostile_test.c: packages that take whatever they get, each ended by the limit in question, with the same results for its
 * neighbours as ever: another process of the same runtime, and another runtime.
 */
#include "test.h"

typedef struct attack {
    const char *function;
    int limit; /* besides the default ones; -1: none */
    uint64_t value;
    ion_status status;
    const char *reason;
} attack;

static const attack attacks[] = {
    {"loop", ION_LIMIT_FUEL, 1000000, ION_E_LIMITED, "limit:fuel"},
    {"loop", -1, 0, ION_E_LATE, "limit:time"},
    {"recurse", -1, 0, ION_E_LIMITED, "limit:frames"},
    {"recurse", ION_LIMIT_STACK, 1000, ION_E_LIMITED, "limit:stack"},
    {"allocate", ION_LIMIT_HEAP, 4 << 20, ION_E_LIMITED, "limit:heap"},
    {"giant", -1, 0, ION_E_LIMITED, "limit:allocation"},
    {"giant", ION_LIMIT_HEAP, 4 << 20, ION_E_LIMITED, "limit:heap"},
    {"flood_self", ION_LIMIT_MAILBOX, 1000, ION_E_LIMITED, "limit:mailbox"},
    {"flood_self", ION_LIMIT_TOTAL_HEAP, 8 << 20, ION_E_LIMITED, "limit:heap"},
    {"bomb", ION_LIMIT_PROCESSES, 1000, ION_E_LIMITED, "limit:processes"},
    {"print", ION_LIMIT_OUTPUT, 100000, ION_E_LIMITED, "limit:output"},
    {"slow", ION_LIMIT_FUEL, 100000, ION_E_LIMITED, "limit:fuel"},
    {"slow", -1, 0, ION_E_LATE, "limit:time"},
    {"doze", -1, 0, ION_E_LATE, "limit:time"},
    {"atoms", ION_LIMIT_FUEL, 1000000, ION_E_LIMITED, "limit:fuel"},
};

static ion_package *hostile, *plain;
static uint64_t printed;

static void count_output(void *user, int stream, const char *bytes, size_t size)
{
    (void)user, (void)bytes;
    if (stream == 1)
        printed += size;
}

static ion_runtime *make(const attack *a)
{
    ion_options o;
    ion_options_default(&o);
    o.allow = "all";
    o.write = count_output;
    if (a->limit >= 0)
        o.limit[a->limit] = a->value;
    ion_runtime *rt = ion_runtime_new(&o);
    if (!rt || ion_runtime_use(rt, hostile) || ion_runtime_use(rt, plain)) {
        printf("not ok no runtime\n");
        exit(1);
    }
    return rt;
}

/* Whether a process that has been there all the time does what it should. */
static bool neighbour_answers(ion_runtime *rt, ion_pid neighbour)
{
    ion_data pair[2] = {{.kind = ION_KIND_PROCESS}, ion_number(7)}, answer;
    pair[0].as.process = ion_runtime_self(rt);
    ion_data message = ion_list(ION_KIND_TUPLE, pair, 2);
    bool fine = ion_runtime_send(rt, neighbour, &message) == ION_OK && ion_runtime_receive(rt, &answer, 5000) == ION_OK &&
                is_number(&answer, 7);
    return fine;
}

static void try_attack(const attack *a, ion_runtime *other)
{
    char what[200];
    ion_runtime *rt = make(a);
    ion_data n = ion_number(5), result;
    ion_pid neighbour = 0;
    bool fine = ion_runtime_spawn(rt, ion_package_entry(plain, "echo"), &n, 1, &neighbour) == ION_OK;
    printed = 0;
    ion_status s = call_one(rt, hostile, a->function, NULL, &result, a->status == ION_E_LATE ? 50 : 20000);
    snprintf(what, sizeof what, "%s ends with %s: status %d, %s", a->function, a->reason, s, ion_runtime_text(rt));
    check(fine && s == a->status && strcmp(ion_runtime_text(rt), a->reason) == 0, what);
    /* a bomb's children are still there: each ends of the same limit */
    (void)ion_runtime_run(rt, 0, 200);
    snprintf(what, sizeof what, "beside %s a neighbour answers", a->function);
    check(neighbour_answers(rt, neighbour), what);
    n = ion_number(1000);
    snprintf(what, sizeof what, "after %s the runtime goes on", a->function);
    check(call_one(rt, plain, "sum", &n, &result, 5000) == ION_OK && is_number(&result, 500500), what);
    snprintf(what, sizeof what, "beside %s another runtime goes on", a->function);
    check(call_one(other, plain, "sum", &n, &result, 5000) == ION_OK && is_number(&result, 500500), what);
    if (a->limit == ION_LIMIT_OUTPUT) {
        snprintf(what, sizeof what, "%s has printed no more than it might", a->function);
        check(printed <= a->value, what);
    }
    ion_runtime_free(rt);
}

/* A flood into a neighbour's mailbox that has a limit: the sender waits, and is late. */
static void flood_neighbour(ion_runtime *other)
{
    attack a = {"flood", ION_LIMIT_MAILBOX, 100, ION_E_IDLE, ""};
    ion_runtime *rt = make(&a);
    ion_pid neighbour;
    ion_data to = {.kind = ION_KIND_PROCESS}, n = ion_number(10), result;
    check(ion_runtime_spawn(rt, ion_package_entry(hostile, "sleep"), NULL, 0, &neighbour) == ION_OK, "flood: a neighbour");
    (void)ion_runtime_self(rt);
    to.as.process = ion_runtime_self(rt); /* which takes nothing */
    check(call_one(rt, hostile, "flood", &to, NULL, 100) == ION_E_IDLE, "flood: the sender waits for ever, and is ended");
    check(call_one(other, plain, "sum", &n, &result, 5000) == ION_OK && is_number(&result, 55), "flood: others go on");
    ion_runtime_free(rt);
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : ".";
    hostile = open_package("hostile.ionpack");
    plain = open_package("plain.ionpack");
    attack none = {"", -1, 0, ION_OK, ""};
    ion_runtime *other = make(&none);
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
        try_attack(&attacks[i], other);
    flood_neighbour(other);
    ion_runtime_free(other);
    ion_package_free(hostile);
    ion_package_free(plain);
    return summary();
}
