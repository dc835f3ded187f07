/* runtime_test.c: ion.h from one thread: packages, calls, values, processes, the host's functions, what goes wrong, and that nothing is
 * left behind.
 */
#include <math.h>
#include <unistd.h>

#include "test.h"

static ion_package *plain;

static ion_runtime *runtime_with(const char *allow)
{
    ion_options o;
    ion_options_default(&o);
    o.allow = allow;
    ion_runtime *rt = ion_runtime_new(&o);
    if (!rt)
        exit(1);
    return rt;
}

static ion_runtime *usual(void)
{
    ion_runtime *rt = runtime_with("pure,io:stdout");
    if (ion_runtime_use(rt, plain)) {
        printf("not ok use: %s\n", ion_runtime_text(rt));
        exit(1);
    }
    return rt;
}

/* ---- packages ---- */

static void test_packages(void)
{
    ion_package *p = ion_package_open("/nowhere/at/all.ionpack");
    check(ion_package_status(p) == ION_E_FILE && strstr(ion_package_text(p), "/nowhere/at/all.ionpack"), "a file that is not there");
    check(!ion_package_entry(p, "main"), "it has no functions");
    check(ion_package_compile(p) == ION_E_FILE, "and cannot be compiled");
    ion_runtime *rt = runtime_with(NULL);
    check(ion_runtime_use(rt, p) == ION_E_FILE, "or used");
    ion_package_free(p);
    p = ion_package_read("no package", 10, "some bytes");
    check(ion_package_status(p) == ION_E_PACKAGE && strstr(ion_package_text(p), "some bytes"), "bytes that are no package");
    ion_package_free(p);
    p = ion_package_read("\177ELFnot really", 15, "an object");
    check(ion_package_status(p) == ION_E_PACKAGE, "bytes that look like a shared object");
    ion_package_free(p);
    check(ion_runtime_use(rt, plain) == ION_E_DENIED && strstr(ion_runtime_text(rt), "io:stdout"), "a package that needs what is not granted");
    ion_runtime_free(rt);
    check(ion_package_entry(plain, "Main:add") && ion_package_entry(plain, "Other:add"), "functions by class and name");
    check(!ion_package_entry(plain, "add") && ion_package_entry(plain, "sum"), "by name alone where only one class has it");
    check(!ion_package_entry(plain, "nothing") && !ion_package_entry(plain, "Main:nothing"), "functions that are not there");
    check(ion_package_entry(plain, NULL) != NULL, "where a program would begin");
    ion_package_free(NULL);
}

/* Each byte changed in turn, and each length: refused or as good as ever. */
static void test_damaged(void)
{
    char path[1024], what[100];
    static char bytes[65536], copy[65536];
    snprintf(path, sizeof path, "%s/plain.ionpack", folder);
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    unsigned refused = 0, tries = 0;
    bool fine = n > 0;
    if (file)
        fclose(file);
    for (size_t i = 0; i < n; i += 3, tries++) {
        memcpy(copy, bytes, n);
        copy[i] = (char)(copy[i] ^ (1 << i % 8));
        ion_package *p = ion_package_read(copy, i % 2 ? n : i, "damaged");
        ion_status s = ion_package_status(p);
        fine &= s == ION_OK ? i % 2 : s == ION_E_PACKAGE && *ion_package_text(p);
        refused += s != ION_OK;
        ion_package_free(p);
    }
    snprintf(what, sizeof what, "damaged packages: %u of %u refused", refused, tries);
    check(fine && refused > tries / 2, what);
}

static void test_shared(void)
{
    ion_package *p = open_package("plain.so");
    ion_runtime *rt = runtime_with("all");
    ion_data n = ion_number(100), r;
    check(ion_runtime_use(rt, p) == ION_OK && call_one(rt, p, "sum", &n, &r, 1000) == ION_OK && is_number(&r, 5050), "a shared object");
    ion_package *again = open_package("plain.so");
    check(ion_package_entry(again, "sum") != ion_package_entry(p, "sum"), "the same once more");
    ion_package_free(p);
    check(ion_runtime_use(rt, again) == ION_OK && call_one(rt, again, "object", &n, &r, 1000) == ION_OK && r.kind == ION_KIND_OBJECT, "with constants of its own");
    ion_data_free(&r);
    ion_package_free(again);
    check(ion_runtime_reset(rt) == ION_OK, "unloaded");
    ion_runtime_free(rt);
}

/* A package that calls C functions of a library, and one of a library that is not there. */
static void test_native(const char *name)
{
    char what[100];
    ion_package *p = open_package(name);
    ion_runtime *rt = runtime_with("pure");
    ion_data two[2] = {ion_number(3), ion_number(4)}, r;
    snprintf(what, sizeof what, "%s needs what is not granted", name);
    check(ion_runtime_use(rt, p) == ION_E_DENIED && strstr(ion_runtime_text(rt), "ffi:"), what);
    ion_runtime_free(rt);
    rt = runtime_with("all");
    snprintf(what, sizeof what, "%s calls a C function", name);
    check(ion_runtime_use(rt, p) == ION_OK && ion_runtime_call(rt, ion_package_entry(p, "hypotenuse"), two, 2, &r, 1000) == ION_OK && is_number(&r, 5), what);
    snprintf(what, sizeof what, "%s has a library that is not there", name);
    check(call_one(rt, p, "nothing", two, &r, 1000) == ION_OK && r.kind == ION_KIND_ATOM, what);
    ion_data_free(&r);
    ion_runtime_free(rt);
    ion_package_free(p);
}

/* ---- calls ---- */

static void test_calls(void)
{
    ion_runtime *rt = usual();
    ion_data two[2] = {ion_number(3), ion_number(4)}, r, n;
    check(ion_runtime_call(rt, ion_package_entry(plain, "Main:add"), two, 2, &r, ION_FOREVER) == ION_OK && is_number(&r, 7), "a call");
    check(ion_runtime_call(rt, ion_package_entry(plain, "Other:add"), two, 2, &r, 1000) == ION_OK && is_number(&r, -1), "of another class");
    check(ion_runtime_call(rt, ion_package_entry(plain, NULL), NULL, 0, &r, 1000) == ION_OK && is_number(&r, 42), "of main");
    check(ion_runtime_call(rt, ion_package_entry(plain, "Main:add"), two, 2, NULL, 1000) == ION_OK, "without looking at the result");
    n = ion_number(1e6);
    check(call_one(rt, plain, "sum", &n, &r, 10000) == ION_OK && is_number(&r, 500000500000.0), "a call of many slices");
    check(call_one(rt, plain, "crash", NULL, &r, 1000) == ION_E_CRASHED && *ion_runtime_text(rt), "a crash");
    check(call_one(rt, plain, "sum", &n, &r, 10000) == ION_OK, "and another call");
    n = ion_text(ION_KIND_ATOM, "gone", 4);
    check(call_one(rt, plain, "leave", &n, &r, 1000) == ION_E_EXITED && strcmp(ion_runtime_text(rt), "gone") == 0, "Exit");
    n = ion_text(ION_KIND_ATOM, "normal", 6);
    check(call_one(rt, plain, "leave", &n, &r, 1000) == ION_OK && r.kind == ION_KIND_UNDEFINED, "Exit('normal')");
    check(call_one(rt, plain, "wait", NULL, &r, ION_FOREVER) == ION_E_IDLE, "a call that waits for ever");
    n = ion_number(1e9);
    check(call_one(rt, plain, "doze", &n, &r, 20) == ION_E_LATE && strcmp(ion_runtime_text(rt), "limit:time") == 0, "a call that is late");
    n = ion_number(5);
    check(call_one(rt, plain, "doze", &n, &r, 10000) == ION_OK && is_number(&r, 5), "a call that sleeps");
    n = ion_number(900);
    check(call_one(rt, plain, "deep", &n, &r, 10000) == ION_OK && is_number(&r, 901), "a deep one");
    ion_counts c;
    ion_runtime_counts(rt, &c);
    check(c.deepest_calls > 500 && c.deepest_calls <= 1000 && c.deepest_stack > 1000, "how deep is known");
    n = ion_number(1100);
    check(call_one(rt, plain, "deep", &n, &r, 10000) == ION_E_LIMITED, "one that is too deep");
    check(ion_runtime_call(rt, NULL, NULL, 0, &r, 0) == ION_E_MISSING, "no function");
    check(ion_runtime_call(rt, ion_package_entry(plain, "sum"), NULL, 1, &r, 0) == ION_E_INVALID, "no arguments");
    ion_runtime *other = runtime_with("all");
    check(call_one(other, plain, "sum", &n, &r, 0) == ION_E_MISSING, "a package that the runtime does not use");
    ion_runtime_free(other);
    ion_data first, second;
    check(call_one(rt, plain, "me", NULL, &first, 0) == ION_OK && call_one(rt, plain, "me", NULL, &second, 0) == ION_OK &&
              first.as.process == second.as.process, "calls are made by one process");
    ion_runtime_free(rt);
    ion_runtime_free(NULL);
}

static void test_fuel(void)
{
    ion_options o;
    ion_options_default(&o);
    o.allow = "all";
    o.limit[ION_LIMIT_FUEL] = 100000;
    o.limit[ION_LIMIT_TOTAL_FUEL] = 1000000;
    ion_runtime *rt = ion_runtime_new(&o);
    ion_data n = ion_number(1000), r;
    ion_counts c;
    check(ion_runtime_use(rt, plain) == ION_OK, "a runtime with fuel");
    bool fine = true;
    for (int i = 0; i < 50; i++)
        fine &= call_one(rt, plain, "sum", &n, &r, 1000) == ION_OK;
    check(fine, "fuel is each call's");
    ion_runtime_counts(rt, &c);
    check(c.fuel_left > 0 && c.fuel_left < 1000000 && c.reductions + c.fuel_left == 1000000, "what is left of all is known");
    ion_status s = ION_OK;
    for (int i = 0; i < 1000 && !s; i++)
        s = call_one(rt, plain, "sum", &n, &r, 1000);
    check(s == ION_E_LIMITED && strcmp(ion_runtime_text(rt), "limit:fuel") == 0, "that is used up, too");
    check(ion_runtime_limit(rt, ION_LIMIT_TOTAL_FUEL, 1000000) == ION_OK && call_one(rt, plain, "sum", &n, &r, 1000) == ION_OK, "refuelled");
    check(ion_runtime_limit(rt, ION_LIMIT_TOTAL_OUTPUT, 1) == ION_E_INVALID, "what has not been limited cannot be");
    ion_runtime_free(rt);
}

/* ---- values ---- */

static bool same(const ion_data *a, const ion_data *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case ION_KIND_BOOLEAN: return a->as.boolean == b->as.boolean;
    case ION_KIND_NUMBER: return a->as.number == b->as.number || (isnan(a->as.number) && isnan(b->as.number));
    case ION_KIND_COMPLEX: return a->as.complex.re == b->as.complex.re && a->as.complex.im == b->as.complex.im;
    case ION_KIND_STRING:
    case ION_KIND_ATOM: return a->as.text.size == b->as.text.size && memcmp(a->as.text.bytes, b->as.text.bytes, a->as.text.size) == 0;
    case ION_KIND_TUPLE:
    case ION_KIND_ARRAY:
        for (size_t i = 0; i < a->as.list.n; i++)
            if (i >= b->as.list.n || !same(&a->as.list.items[i], &b->as.list.items[i]))
                return false;
        return a->as.list.n == b->as.list.n;
    case ION_KIND_OBJECT: /* a key that no program has comes back as a string */
        for (size_t i = 0; i < a->as.list.n; i++) {
            const ion_data *x = &a->as.list.items[i], *y = &b->as.list.items[i];
            if (i >= b->as.list.n || (i % 2 ? !same(x, y) : x->as.text.size != y->as.text.size || memcmp(x->as.text.bytes, y->as.text.bytes, x->as.text.size) != 0))
                return false;
        }
        return a->as.list.n == b->as.list.n;
    case ION_KIND_PROCESS: return a->as.process == b->as.process;
    default: return true;
    }
}

static void round_trip(ion_runtime *rt, ion_data d, const char *what)
{
    ion_data r;
    ion_status s = call_one(rt, plain, "same", &d, &r, 1000);
    check(s == ION_OK && same(&d, &r), what);
    ion_data_free(&r);
}

static void test_values(void)
{
    ion_runtime *rt = usual();
    ion_data d = ion_undefined(), r;
    static char text[100000];
    static ion_data many[70000];
    memset(text, 'x', sizeof text);
    round_trip(rt, d, "undefined");
    d.kind = ION_KIND_UNIT;
    round_trip(rt, d, "unit");
    round_trip(rt, ion_boolean(true), "true");
    round_trip(rt, ion_boolean(false), "false");
    round_trip(rt, ion_number(-0.5), "a number");
    round_trip(rt, ion_number(NAN), "not a number");
    d.kind = ION_KIND_COMPLEX;
    d.as.complex.re = 1;
    d.as.complex.im = -2;
    round_trip(rt, d, "a complex number");
    round_trip(rt, ion_text(ION_KIND_ATOM, "an atom", 7), "an atom");
    round_trip(rt, ion_text(ION_KIND_ATOM, "", 0), "an atom without text");
    round_trip(rt, string_of("a string"), "a string");
    round_trip(rt, string_of(""), "an empty one");
    round_trip(rt, ion_text(ION_KIND_STRING, "a\0b", 3), "one with a NUL inside");
    round_trip(rt, ion_text(ION_KIND_STRING, text, sizeof text), "a long one");
    ion_data few[4] = {ion_number(1), string_of("two"), ion_text(ION_KIND_ATOM, "three", 5), ion_boolean(true)};
    round_trip(rt, ion_list(ION_KIND_TUPLE, few, 4), "a tuple");
    round_trip(rt, ion_list(ION_KIND_TUPLE, NULL, 0), "an empty one");
    round_trip(rt, ion_list(ION_KIND_ARRAY, few, 4), "an array");
    round_trip(rt, ion_list(ION_KIND_ARRAY, NULL, 0), "an empty one");
    ion_data object[4] = {string_of("value"), ion_number(1), string_of("a key of the host's"), ion_list(ION_KIND_ARRAY, few, 4)};
    round_trip(rt, ion_list(ION_KIND_OBJECT, object, 4), "an object");
    round_trip(rt, ion_list(ION_KIND_OBJECT, NULL, 0), "an empty one");
    object[2] = ion_text(ION_KIND_ATOM, "name", 4);
    round_trip(rt, ion_list(ION_KIND_OBJECT, object, 4), "one with known keys");
    for (size_t i = 0; i < 70000; i++)
        many[i] = i % 2 ? ion_number((double)i) : string_of("k");
    round_trip(rt, ion_list(ION_KIND_ARRAY, many, 70000), "a long array");
    static ion_data deep[10000];
    deep[9999] = ion_number(1);
    for (size_t i = 9999; i-- > 0;)
        deep[i] = ion_list(ION_KIND_TUPLE, &deep[i + 1], 1);
    check(call_one(rt, plain, "same", &deep[0], &r, 1000) == ION_OK && r.kind == ION_KIND_TUPLE, "10,000 tuples in each other");
    ion_data_free(&r);
    ion_data circle[1] = {ion_list(ION_KIND_ARRAY, NULL, 1)};
    circle[0].as.list.items = circle;
    check(call_one(rt, plain, "same", circle, &r, 1000) == ION_E_LARGE, "an array that contains itself");
    d = ion_list(ION_KIND_OBJECT, few, 3);
    check(call_one(rt, plain, "same", &d, &r, 1000) == ION_E_INVALID, "an object with half a property");
    d = ion_list(ION_KIND_OBJECT, few, 4);
    check(call_one(rt, plain, "same", &d, &r, 1000) == ION_E_INVALID, "one with a number as a key");
    d = ion_text(ION_KIND_STRING, NULL, 5);
    check(call_one(rt, plain, "same", &d, &r, 1000) == ION_E_INVALID, "a text that is nowhere");
    d = ion_list(ION_KIND_ARRAY, NULL, 5);
    check(call_one(rt, plain, "same", &d, &r, 1000) == ION_E_INVALID, "a list that is nowhere");
    d = ion_number(1);
    check(call_one(rt, plain, "object", &d, &r, 1000) == ION_OK && r.kind == ION_KIND_OBJECT && r.as.list.n == 6 &&
              is_text(&r.as.list.items[0], ION_KIND_ATOM, "name") && is_text(&r.as.list.items[1], ION_KIND_STRING, "n"), "an object that a program made");
    ion_data_free(&r);
    ion_data_free(&r);
    ion_data_free(NULL);
    ion_runtime_free(rt);
}

/* ---- processes ---- */

static void test_processes(void)
{
    ion_runtime *rt = usual();
    ion_data n = ion_number(10), r, pair[2], m;
    ion_pid pid, me = ion_runtime_self(rt);
    check(me != 0 && me == ion_runtime_self(rt), "the host has a mailbox");
    check(ion_runtime_receive(rt, &r, 1000) == ION_E_IDLE, "nobody will ever send something");
    check(ion_runtime_spawn(rt, ion_package_entry(plain, "sum"), &n, 1, &pid) == ION_OK && pid, "a process");
    check(ion_runtime_wait(rt, pid, &r, 1000) == ION_OK && is_number(&r, 55), "its result");
    check(ion_runtime_wait(rt, pid, &r, 1000) == ION_OK && is_number(&r, 55), "which is kept");
    check(ion_runtime_wait(rt, 12345, &r, 1000) == ION_E_MISSING, "a process that has never been");
    check(ion_runtime_spawn(rt, ion_package_entry(plain, "echo"), &n, 1, &pid) == ION_OK, "another one");
    pair[0].kind = ION_KIND_PROCESS;
    pair[0].as.process = me;
    pair[1] = string_of("a message");
    m = ion_list(ION_KIND_TUPLE, pair, 2);
    bool fine = true;
    for (int i = 0; i < 100; i++)
        fine &= ion_runtime_send(rt, pid, &m) == ION_OK;
    for (int i = 0; i < 100; i++) {
        fine &= ion_runtime_receive(rt, &r, 1000) == ION_OK && is_text(&r, ION_KIND_STRING, "a message");
        ion_data_free(&r);
    }
    check(fine, "messages there and back");
    check(ion_runtime_wait(rt, pid, &r, 10) == ION_E_IDLE, "a process that waits for the host");
    check(ion_runtime_run(rt, 0, 1000) == ION_E_IDLE, "nothing can run then");
    m = ion_text(ION_KIND_ATOM, "stop", 4);
    check(ion_runtime_send(rt, pid, &m) == ION_OK && ion_runtime_wait(rt, pid, &r, 1000) == ION_OK && is_number(&r, 10), "it is told to stop");
    check(ion_runtime_send(rt, pid, &m) == ION_E_MISSING, "and is not there any more");
    check(ion_runtime_spawn(rt, ion_package_entry(plain, "wait"), NULL, 0, &pid) == ION_OK && ion_runtime_kill(rt, pid) == ION_OK &&
              ion_runtime_wait(rt, pid, &r, 1000) == ION_E_MISSING, "one that is killed");
    n = ion_number(1e9);
    check(ion_runtime_spawn(rt, ion_package_entry(plain, "sum"), &n, 1, &pid) == ION_OK && ion_runtime_run(rt, 10000, ION_FOREVER) == ION_E_SPENT, "a run of so many reductions");
    check(ion_runtime_run(rt, 0, 5) == ION_E_LATE, "a run for some time");
    check(ion_runtime_wait(rt, pid, &r, 5) == ION_E_LATE, "waiting for some time");
    ion_runtime_interrupt(rt);
    check(ion_runtime_run(rt, 0, ION_FOREVER) == ION_OK, "a run that is interrupted");
    check(ion_runtime_kill(rt, pid) == ION_OK, "killed while it runs");
    n = ion_number(20);
    check(ion_runtime_spawn(rt, ion_package_entry(plain, "doze"), &n, 1, &pid) == ION_OK && ion_runtime_run(rt, 0, 0) == ION_E_LATE &&
              ion_runtime_run(rt, 0, ION_FOREVER) == ION_E_IDLE && ion_runtime_wait(rt, pid, &r, 0) == ION_OK, "a run that waits for a timer");
    ion_counts c;
    ion_runtime_counts(rt, &c);
    check(c.processes == 0 && c.processes_ended > 4 && c.reductions > 10000 && c.memory_peak >= c.memory, "what has been counted");
    check(ion_runtime_reset(rt) == ION_OK && call_one(rt, plain, "sum", &n, &r, 10) == ION_E_MISSING, "all packages unloaded");
    check(ion_runtime_use(rt, plain) == ION_OK && call_one(rt, plain, "sum", &n, &r, 10) == ION_OK, "and loaded again");
    ion_runtime_free(rt);
}

/* ---- the host's functions ---- */

static ion_runtime *inner;
static ion_pid sent_to;

static ion_status twice(ion_args *call, void *user)
{
    double x;
    ++*(int *)user;
    if (!ion_args_number(call, 0, &x))
        return ion_args_fail(call, "no number");
    ion_args_return_number(call, 2 * x);
    return ION_OK;
}

static ion_status join(ion_args *call, void *user)
{
    double x = 0;
    const char *text;
    size_t size;
    char all[100];
    (void)user;
    if (!ion_args_number(call, 0, &x) || !ion_args_text(call, 1, &text, &size))
        return ION_E_INVALID;
    snprintf(all, sizeof all, "%g %.*s", x, (int)size, text);
    ion_data d = string_of(all);
    return ion_args_return(call, &d);
}

static ion_status ask(ion_args *call, void *user)
{
    ion_data d, r = ion_undefined();
    const char *text;
    size_t size;
    (void)user;
    if (ion_args_kind(call, 0) == ION_KIND_NUMBER) /* a value of as many bytes */
    {
        double n;
        ion_args_number(call, 0, &n);
        char *big = calloc(1, (size_t)n);
        d = ion_text(ION_KIND_STRING, big, (size_t)n);
        ion_status s = ion_args_return(call, &d);
        free(big);
        return s;
    }
    if (!ion_args_text(call, 0, &text, &size))
        return ion_args_fail(call, "what is that?");
    inner = ion_args_runtime(call);
    check(call_one(inner, plain, "sum", NULL, &r, 10) == ION_E_BUSY, "a call from inside a call");
    check(ion_runtime_run(inner, 0, 0) == ION_E_BUSY && ion_runtime_reset(inner) == ION_E_BUSY, "or a run");
    d = ion_number(3);
    check(ion_runtime_spawn(inner, ion_package_entry(plain, "sum"), &d, 1, &sent_to) == ION_OK, "a process from inside a call");
    check(ion_args_count(call) == 1 && ion_args_caller(call) != 0, "who calls");
    ion_args_charge(call, 1000);
    check(ion_args_data(call, 5, &d) == ION_E_MISSING && ion_args_data(call, 0, &d) == ION_OK, "an argument's copy");
    ion_status s = ion_args_return(call, &d);
    ion_data_free(&d);
    return s;
}

static void test_functions(void)
{
    static int called;
    const ion_function_info functions[] = {
        {"twice", "Number", NULL, twice, &called},
        {"join", "Number String", NULL, join, NULL},
        {"ask", "Any...", NULL, ask, NULL},
    };
    ion_runtime *rt = usual();
    ion_data two[2] = {ion_number(21), string_of("apples")}, r, n;
    const ion_entry *ask_host = ion_package_entry(plain, "ask_host");
    check(ion_runtime_call(rt, ask_host, two, 2, &r, 1000) == ION_OK && r.kind == ION_KIND_ATOM && strstr(r.as.text.bytes, "test:"), "a function that nobody has");
    ion_data_free(&r);
    check(ion_runtime_register(rt, "test", functions, 3) == ION_OK, "a module");
    check(ion_runtime_call(rt, ask_host, two, 2, &r, 1000) == ION_OK && is_text(&r, ION_KIND_STRING, "42 apples"), "the host's functions");
    ion_data_free(&r);
    two[0] = string_of("21");
    check(ion_runtime_call(rt, ask_host, two, 2, &r, 1000) == ION_OK && r.kind == ION_KIND_ATOM && strstr(r.as.text.bytes, "Number"), "arguments are checked");
    ion_data_free(&r);
    n = ion_undefined();
    check(call_one(rt, plain, "ask", &n, &r, 1000) == ION_OK && r.kind == ION_KIND_ATOM && strstr(r.as.text.bytes, "what is that?"), "a function that fails");
    ion_data_free(&r);
    n = string_of("hello");
    check(call_one(rt, plain, "ask", &n, &r, 1000) == ION_OK && is_text(&r, ION_KIND_STRING, "hello"), "from inside");
    ion_data_free(&r);
    check(ion_runtime_wait(rt, sent_to, &r, 1000) == ION_OK && is_number(&r, 6), "that process's result");
    n = ion_number(200e6);
    check(call_one(rt, plain, "ask", &n, &r, 1000) == ION_E_LIMITED && strcmp(ion_runtime_text(rt), "limit:allocation") == 0, "results keep to limits");
    ion_counts c;
    ion_runtime_counts(rt, &c);
    check(c.native_calls == 5 && called == 1, "calls are counted");
    const ion_function_info bad[] = {{"x", "Numbers", NULL, ask, NULL}, {"", NULL, NULL, ask, NULL}, {"y", NULL, NULL, NULL, NULL}};
    for (int i = 0; i < 3; i++)
        check(ion_runtime_register(rt, NULL, &bad[i], 1) == ION_E_INVALID, "what cannot be registered");
    const ion_function_info guarded = {"test:twice", "Number", "host:twice", twice, &called};
    two[0] = ion_number(1);
    check(ion_runtime_register(rt, NULL, &guarded, 1) == ION_OK && ion_runtime_call(rt, ion_package_entry(plain, "ask_host"), two, 1, &r, 1000) == ION_OK && called == 1,
          "a function that needs a capability");
    ion_data_free(&r);
    ion_runtime_free(rt);
    rt = runtime_with("pure,io:stdout,host:twice");
    check(ion_runtime_use(rt, plain) == ION_OK && ion_runtime_register(rt, NULL, &guarded, 1) == ION_OK &&
              ion_runtime_call(rt, ask_host, two, 1, &r, 1000) == ION_OK && called == 2, "and one who has it");
    ion_data_free(&r);
    ion_runtime_free(rt);
}

/* ---- output ---- */

typedef struct heard {
    char text[200];
    size_t n;
} heard;

static void hear(void *user, int stream, const char *bytes, size_t size)
{
    heard *h = user;
    h->n += (size_t)snprintf(h->text + h->n, sizeof h->text - h->n, "%d:%.*s", stream, (int)size, bytes);
}

static void test_output(void)
{
    heard h = {"", 0};
    ion_options o;
    ion_options_default(&o);
    o.allow = "stdio";
    o.write = hear;
    o.user = &h;
    ion_runtime *rt = ion_runtime_new(&o);
    ion_data n = string_of("you"), r;
    check(ion_runtime_use(rt, plain) == ION_OK && call_one(rt, plain, "greet", &n, &r, 1000) == ION_OK && strcmp(h.text, "1:Hello, you\n") == 0, "the host hears what is printed");
    ion_data_free(&r);
    check(call_one(rt, plain, "crash", NULL, &r, 1000) == ION_E_CRASHED && strstr(h.text, "2:") && strstr(h.text, "crashed"), "and reports");
    ion_runtime_free(rt);
}

/* ---- nothing is left behind ---- */

static long resident(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Loads, runs and unloads; a different order of results each time does no harm. */
static bool round_once(const char *name)
{
    ion_package *p = open_package(name);
    ion_runtime *rt = runtime_with("all");
    ion_data n = ion_number(100), r;
    ion_pid pid;
    bool fine = ion_runtime_use(rt, p) == ION_OK;
    ion_package_free(p);
    fine &= call_one(rt, p, "sum", &n, &r, 1000) == ION_OK && is_number(&r, 5050);
    fine &= call_one(rt, p, "object", &n, &r, 1000) == ION_OK;
    ion_data_free(&r);
    fine &= call_one(rt, p, "crash", NULL, &r, 1000) == ION_E_CRASHED;
    fine &= ion_runtime_spawn(rt, ion_package_entry(p, "wait"), NULL, 0, &pid) == ION_OK;
    ion_runtime_free(rt);
    return fine;
}

static void test_growth(void)
{
    enum { FIRST = 400, THEN = 400 };
    bool fine = true;
    const char *names[] = {"plain.ionpack", "plain.so"};
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < FIRST; i++)
            fine &= round_once(names[k]);
        long before = resident();
        for (int i = 0; i < THEN; i++)
            fine &= round_once(names[k]);
        long grown = resident() - before;
        char what[100];
        snprintf(what, sizeof what, "%d times loaded, run and unloaded: %s, %ld KB more", THEN, names[k], grown);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        grown = 0; /* what is freed is kept to be looked at */
#endif
        check(fine && grown < 512, what);
    }
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : ".";
    plain = open_package("plain.ionpack");
    test_packages();
    test_damaged();
    test_shared();
    test_native("native.ionpack");
    test_native("native.so");
    test_calls();
    test_fuel();
    test_values();
    test_processes();
    test_functions();
    test_output();
    test_growth();
    ion_package_free(plain);
    return summary();
}
