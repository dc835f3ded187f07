/* threads_test.c: ion.h with several threads: runtimes that have threads of their own, hosts that use one from many, and several
 * runtimes side by side.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "test.h"

enum { HOSTS = 4, CALLS = 200 };

static ion_package *plain;

static ion_runtime *make(uint32_t threads)
{
    ion_options o;
    ion_options_default(&o);
    o.allow = "all";
    o.threads = threads;
    ion_runtime *rt = ion_runtime_new(&o);
    if (!rt || ion_runtime_use(rt, plain)) {
        printf("not ok no runtime\n");
        exit(1);
    }
    return rt;
}

/* ---- many hosts, one runtime ---- */

static void *use_it(void *context)
{
    ion_runtime *rt = context;
    bool fine = true;
    for (int i = 0; i < CALLS; i++) {
        ion_data n = ion_number(i), r;
        ion_pid pid;
        fine &= call_one(rt, plain, "sum", &n, &r, 20000) == ION_OK && is_number(&r, i * (i + 1) / 2.0);
        fine &= ion_runtime_spawn(rt, ion_package_entry(plain, "sum"), &n, 1, &pid) == ION_OK;
        fine &= ion_runtime_wait(rt, pid, &r, 20000) == ION_OK && is_number(&r, i * (i + 1) / 2.0);
        if (i % 50 == 0) {
            fine &= call_one(rt, plain, "crash", NULL, &r, 20000) == ION_E_CRASHED;
            fine &= call_one(rt, plain, "object", &n, &r, 20000) == ION_OK && r.as.list.n == 6;
            ion_data_free(&r);
        }
    }
    return fine ? rt : NULL;
}

static void test_hosts(uint32_t threads)
{
    char what[100];
    pthread_t host[HOSTS];
    ion_runtime *rt = make(threads);
    bool fine = true;
    for (int i = 0; i < HOSTS; i++)
        pthread_create(&host[i], NULL, use_it, rt);
    for (int i = 0; i < HOSTS; i++) {
        void *result;
        pthread_join(host[i], &result);
        fine &= result != NULL;
    }
    snprintf(what, sizeof what, "%d threads use a runtime with %u", HOSTS, threads);
    check(fine, what);
    check(ion_runtime_run(rt, 0, 20000) == ION_E_IDLE, "then it is idle");
    ion_counts c;
    ion_runtime_counts(rt, &c);
    check(c.processes == 0 && c.processes_ended >= (uint64_t)2 * HOSTS * CALLS, "and all processes have ended");
    ion_runtime_free(rt);
}

/* ---- one host, in detail ---- */

static ion_status answer(ion_args *call, void *user)
{
    ion_data d = ion_number(4);
    ion_pid pid;
    (void)user;
    if (ion_runtime_spawn(ion_args_runtime(call), ion_package_entry(plain, "sum"), &d, 1, &pid) != ION_OK ||
        ion_runtime_call(ion_args_runtime(call), ion_package_entry(plain, "sum"), &d, 1, NULL, 1) != ION_E_BUSY)
        return ION_E_INVALID;
    ion_args_return_number(call, 17);
    return ION_OK;
}

static void test_one(uint32_t threads)
{
    ion_runtime *rt = make(threads);
    const ion_function_info function = {"test:ask", NULL, NULL, answer, NULL};
    ion_data n = ion_number(3), r, pair[2] = {{.kind = ION_KIND_PROCESS}, ion_number(7)}, m;
    ion_pid pid;
    check(ion_runtime_receive(rt, &r, 1000) == ION_E_IDLE, "nobody will ever send something");
    pair[0].as.process = ion_runtime_self(rt);
    m = ion_list(ION_KIND_TUPLE, pair, 2);
    check(ion_runtime_spawn(rt, ion_package_entry(plain, "echo"), &n, 1, &pid) == ION_OK, "a process");
    bool fine = true;
    for (int i = 0; i < 500; i++)
        fine &= ion_runtime_send(rt, pid, &m) == ION_OK;
    for (int i = 0; i < 500; i++)
        fine &= ion_runtime_receive(rt, &r, 20000) == ION_OK && is_number(&r, 7);
    check(fine, "messages there and back");
    check(ion_runtime_wait(rt, pid, &r, 1000) == ION_E_IDLE, "a process that waits for the host");
    check(ion_runtime_kill(rt, pid) == ION_OK && ion_runtime_run(rt, 0, 20000) == ION_E_IDLE && ion_runtime_send(rt, pid, &m) == ION_E_MISSING, "it is killed");
    n = ion_number(1e12);
    check(call_one(rt, plain, "sum", &n, &r, 20) == ION_E_LATE && strcmp(ion_runtime_text(rt), "limit:time") == 0, "a call that is late");
    check(ion_runtime_run(rt, 0, 20000) == ION_E_IDLE, "its process is gone");
    check(ion_runtime_register(rt, NULL, &function, 1) == ION_OK && call_one(rt, plain, "ask", &n, &r, 20000) == ION_OK && is_number(&r, 17), "a function of the host's");
    n = ion_number(30);
    check(call_one(rt, plain, "doze", &n, &r, 20000) == ION_OK && is_number(&r, 30), "a call that sleeps");
    n = ion_number(1e12);
    check(ion_runtime_spawn(rt, ion_package_entry(plain, "sum"), &n, 1, &pid) == ION_OK && ion_runtime_run(rt, 0, 10) == ION_E_LATE, "it is not idle");
    check(ion_runtime_reset(rt) == ION_E_INVALID, "what is not for threads");
    ion_runtime_free(rt); /* with a process that runs */
}

/* ---- one runtime that gets packages while others call ---- */

static void *add_packages(void *context)
{
    ion_runtime *rt = context;
    bool fine = true;
    for (int i = 0; i < 20; i++) {
        ion_package *p = open_package("plain.ionpack");
        ion_data n = ion_number(10), r;
        fine &= ion_runtime_use(rt, p) == ION_OK;
        for (int k = 0; k < 20; k++)
            fine &= call_one(rt, p, "sum", &n, &r, 20000) == ION_OK && is_number(&r, 55);
        ion_package_free(p);
    }
    return fine ? rt : NULL;
}

static void test_packages(void)
{
    ion_runtime *rt = make(2);
    pthread_t host[HOSTS];
    bool fine = true;
    for (int i = 0; i < HOSTS; i++)
        pthread_create(&host[i], NULL, add_packages, rt);
    for (int i = 0; i < HOSTS; i++) {
        void *result;
        pthread_join(host[i], &result);
        fine &= result != NULL;
    }
    check(fine, "packages for a runtime that others use");
    ion_runtime_free(rt);
}

/* ---- the host's mailbox is kept to limits ---- */

static void test_flood(uint32_t threads)
{
    enum { ROOM = 100, MESSAGES = 2000 };
    ion_package *hostile = open_package("hostile.ionpack");
    ion_options o;
    ion_counts c;
    ion_options_default(&o);
    o.allow = "all";
    o.threads = threads;
    o.limit[ION_LIMIT_MAILBOX] = ROOM;
    ion_runtime *rt = ion_runtime_new(&o);
    if (!rt || ion_runtime_use(rt, hostile)) {
        printf("not ok no runtime\n");
        exit(1);
    }
    ion_data self = {.kind = ION_KIND_PROCESS}, r;
    ion_pid pid;
    self.as.process = ion_runtime_self(rt);
    check(ion_runtime_spawn(rt, ion_package_entry(hostile, "flood"), &self, 1, &pid) == ION_OK, "flood: begins");
    check(ion_runtime_wait(rt, pid, NULL, 20000) == ION_E_IDLE, "flood: who fills the host's mailbox waits");
    ion_runtime_counts(rt, &c);
    check(c.messages < MESSAGES / 2, "flood: no more messages than there is room for");
    bool fine = true;
    for (int i = 0; i < MESSAGES; i++) {
        fine &= ion_runtime_receive(rt, &r, 20000) == ION_OK && r.kind == ION_KIND_ARRAY;
        ion_data_free(&r);
    }
    check(fine, "flood: it goes on as they are taken");
    ion_runtime_free(rt);
    ion_package_free(hostile);
}

/* ---- many runtimes, each on a thread of its own ---- */

static void *have_one(void *context)
{
    (void)context;
    bool fine = true;
    for (int i = 0; i < 10; i++) {
        ion_package *p = open_package("plain.ionpack"); /* compiled at the same time as others */
        ion_options o;
        ion_options_default(&o);
        o.allow = "all";
        ion_runtime *rt = ion_runtime_new(&o);
        ion_data n = ion_number(1000), r;
        fine &= ion_runtime_use(rt, p) == ION_OK && call_one(rt, p, "sum", &n, &r, 20000) == ION_OK && is_number(&r, 500500);
        n = ion_number(700);
        fine &= call_one(rt, p, "deep", &n, &r, 20000) == ION_OK && is_number(&r, 701);
        fine &= call_one(rt, p, "crash", NULL, &r, 20000) == ION_E_CRASHED;
        ion_runtime_free(rt);
        ion_package_free(p);
    }
    return fine ? &plain : NULL;
}

static void test_runtimes(void)
{
    pthread_t host[HOSTS];
    bool fine = true;
    for (int i = 0; i < HOSTS; i++)
        pthread_create(&host[i], NULL, have_one, NULL);
    for (int i = 0; i < HOSTS; i++) {
        void *result;
        pthread_join(host[i], &result);
        fine &= result != NULL;
    }
    check(fine, "runtimes side by side, on threads of the host's");
}

/* ---- a runtime without threads of its own, used by several ---- */

static void *try_it(void *context)
{
    ion_runtime *rt = context;
    ion_data n = ion_number(1000), r;
    bool fine = true;
    for (int i = 0; i < 300; i++) {
        ion_status s = call_one(rt, plain, "sum", &n, &r, 20000);
        fine &= s == ION_E_BUSY || (s == ION_OK && is_number(&r, 500500));
    }
    return fine ? rt : NULL;
}

static void test_turns(void)
{
    pthread_t host[2];
    ion_runtime *rt = make(0);
    bool fine = true;
    for (int i = 0; i < 2; i++)
        pthread_create(&host[i], NULL, try_it, rt);
    for (int i = 0; i < 2; i++) {
        void *result;
        pthread_join(host[i], &result);
        fine &= result != NULL;
    }
    check(fine, "a runtime without threads of its own is used by one at a time");
    ion_runtime_free(rt);
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : ".";
    plain = open_package("plain.ionpack");
    test_one(1);
    test_one(2);
    test_hosts(1);
    test_hosts(2);
    test_hosts(4);
    test_packages();
    test_flood(1);
    test_flood(2);
    test_runtimes();
    test_turns();
    ion_package_free(plain);
    return summary();
}
