/* blocking_test.c: ion.h with packages that call native functions: hosts wait for blocking ones as for anything else,
 * and packages may be freed while C is still at work.
 */
#include <dirent.h>
#include <unistd.h>

#include "test.h"

static ion_runtime *make(ion_package *p, uint32_t threads, bool virtual_time)
{
    ion_options o;
    ion_options_default(&o);
    o.allow = "process:spawn,ffi:libc.so.6";
    o.threads = threads;
    o.virtual_time = virtual_time;
    ion_runtime *rt = ion_runtime_new(&o);
    if (!rt || ion_runtime_use(rt, p)) {
        printf("not ok no runtime: %s\n", ion_runtime_text(rt));
        exit(1);
    }
    return rt;
}

/* A call that waits for a blocking function waits for something. */
static void test_waiting(uint32_t threads, bool virtual_time)
{
    ion_package *p = open_package("blocking.ionpack");
    ion_runtime *rt = make(p, threads, virtual_time);
    ion_data us = ion_number(3000), text = string_of("four"), r;
    ion_pid pid;
    check(call_one(rt, p, "nap", &us, &r, 20000) == ION_OK && is_number(&r, 0), "a call of a blocking function");
    check(call_one(rt, p, "length", &text, &r, 20000) == ION_OK && is_number(&r, 4),
          "a call of one that does not block");
    check(ion_runtime_spawn(rt, ion_package_entry(p, "nap"), &us, 1, &pid) == ION_OK, "a process that blocks");
    check(ion_runtime_wait(rt, pid, &r, 20000) == ION_OK && is_number(&r, 0), "its end");
    check(call_one(rt, p, "naps", &us, NULL, 20000) == ION_OK && ion_runtime_run(rt, 0, 20000) == ION_E_IDLE,
          "all come to their end");
    us = ion_number(200000);
    check(call_one(rt, p, "nap", &us, &r, 1) == ION_E_LATE, "a call that is late, while C is at work");
    check(ion_runtime_call(rt, ion_package_entry(p, "nap"), &text, 1, &r, 20000) == ION_OK && r.kind == ION_KIND_ATOM,
          "and the next one");
    ion_data_free(&r);
    ion_runtime_free(rt);
    ion_package_free(p);
}

static unsigned open_files(void)
{
    unsigned n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

/* Runtimes and packages go while calls are under way, or wait for a thread. */
static void test_going(void)
{
    unsigned before = open_files();
    for (int i = 0; i < 60; i++) {
        ion_package *p = open_package("blocking.ionpack");
        ion_runtime *rt = make(p, i % 3, false);
        ion_data us = ion_number(1000.0 * (i % 7));
        ion_status s = ION_OK;
        for (int k = 0; k < 10 && !s; k++)
            s = call_one(rt, p, "naps", &us, NULL, 20000);
        if (s)
            check(false, "calls that go on without their package");
        (void)ion_runtime_run(rt, 1000, 0);
        ion_runtime_free(rt);
        ion_package_free(p);
    }
    usleep(100000);
    check(open_files() <= before, "packages that go in the middle of calls leave no files open");
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : ".";
    test_waiting(0, false);
    test_waiting(0, true);
    test_waiting(2, false);
    test_going();
    return summary();
}
