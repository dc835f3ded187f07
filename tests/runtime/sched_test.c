/* sched_test.c: processes, scheduling and what surrounds them: scripts run as if they were compiled functions.
 *
 * A script is an array of steps; `run_script` is the ion_code of all of them, with the number of the step in a register
 * behind those of the script. What a script logs, and how its run ended, is compared with what is expected.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "atom.h"
#include "check.h"
#include "io.h"
#include "mem.h"
#include "native.h"
#include "signals.h"
#include "str.h"

static void check_text(const char *got, const char *expected, const char *what)
{
    bool same = strcmp(got, expected) == 0;
    check(same, what);
    if (!same)
        printf("# expected: %s\n# got:      %s\n", expected, got);
}

/* ---- scripts ---- */

enum { REGS = 8, PC = REGS };
enum { BEFORE, AFTER };

typedef enum op { END, CONST, TEXT, SELF, SPAWN, SEND, RECEIVE, TIMED, LINK, SELECT, YIELD, CALL, LOG, BACK } op;

typedef struct step {
    op op;
    int a, b; /* registers */
    double d; /* CONST: a number; TIMED: milliseconds; BACK: how many steps */
    const char
        *text; /* CONST: an atom; TEXT; CALL: a library function (result in a; b arguments from a + 1); LOG: words */
    const struct script *script;
} step;

typedef struct script {
    ion_function fn;
    const step *steps;
} script;

static const ion_u64 live[] = {0x1FF};
static const ion_point points[] = {{.pc = 0, .text = "STEP"}, {.pc = 0, .text = "STEP"}};
static ion_code run_script;
#define SCRIPT(which, ...)                                                                                             \
    static const step which##_steps[] = {__VA_ARGS__, {.op = END}};                                                    \
    static const script which = {{.code = run_script,                                                                  \
                                  .name = #which,                                                                      \
                                  .class_ = "Test",                                                                    \
                                  .regs = REGS + 1,                                                                    \
                                  .size = ION_FRAME(REGS + 1) + ION_FRAME(REGS),                                       \
                                  .live_words = 1,                                                                     \
                                  .live = live,                                                                        \
                                  .points = points,                                                                    \
                                  .npoints = 2},                                                                       \
                                 which##_steps}

static char log_text[4096];

static void log_value(process *p, const char *words, ion_value v)
{
    outbuf o = {0};
    print_value(&o, v, NULL);
    size_t n = strlen(log_text);
    snprintf(log_text + n, sizeof log_text - n, "%lu:%s%.*s ", p->id, words, o.failed ? 0 : (int)o.len,
             o.data ? o.data : "");
    out_free(&o);
}

static ion_value call_library(ion_process *p, ion_frame *fp, const step *s)
{
    ion_frame *out = ION_BEHIND(fp, fp->fn->regs);
    const ion_function *fn = library_find(s->text, strlen(s->text));
    for (int i = 0; i < s->b; i++)
        out->r[i].v = fp->r[s->a + 1 + i].v;
    out->caller = fp;
    out->self = ION_UNDEFINED;
    return fn->code(p, out, (ion_u32)s->b);
}

/* Gives the result of a step for register a; 0: it has none. */
static ion_value do_step(ion_process *p, ion_frame *fp, const step *s)
{
    ion_frame *out = ION_BEHIND(fp, fp->fn->regs);
    switch (s->op) {
    case CONST: return s->text ? atom_make(s->text, strlen(s->text)) : value_number(s->d);
    case TEXT: return str_new(p, fp, s->text, strlen(s->text));
    case SELF: return ION_PROCESS(proc_of(p)->id);
    case SPAWN: /* registers up to b go along */
        for (int i = 0; i < s->b; i++)
            out->r[i].v = fp->r[i].v;
        return ion_spawn(p, fp, ION_FUNCTION(&s->script->fn), (ion_u32)s->b);
    case SEND: return ion_send(p, fp, fp->r[s->a].v, fp->r[s->b].v) == ION_LEAVE ? ION_LEAVE : 0;
    case RECEIVE: return ion_receive(p, fp);
    case TIMED: return ion_receive_timeout(p, fp, value_number(s->d));
    case LINK: return ion_link(p, fp, fp->r[s->b].v);
    case SELECT: /* of registers 0 and 1 */
        out->r[0] = fp->r[0];
        out->r[1] = fp->r[1];
        return ion_select(p, fp, 2, (ion_u32)s->b);
    case YIELD: return ion_yield(p, fp) == ION_LEAVE ? ION_LEAVE : 0;
    case CALL: return call_library(p, fp, s);
    case LOG: log_value(proc_of(p), s->text ? s->text : "", fp->r[s->a].v); return 0;
    default: return 0;
    }
}

static bool is_after(const step *s)
{
    return s->op == TIMED || s->op == YIELD || s->op == CALL;
}

static ion_value run_script(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    const step *steps = ((const script *)(const void *)fp->fn)->steps;
    if (argc != ION_RESUMED) {
        ION_ENTER(*fp->fn);
        for (ion_u32 i = argc; i < REGS; i++)
            fp->r[i].v = ION_UNDEFINED;
        fp->r[PC].d = 0;
    } else if (fp->at == AFTER) {
        const step *s = &steps[(int)fp->r[PC].d++];
        if (s->op != YIELD)
            fp->r[s->a].v = p->value;
    }
    for (;;) {
        const step *s = &steps[(int)fp->r[PC].d];
        ION_CHECK(BEFORE);
        if (s->op == END)
            return fp->r[0].v;
        ION_CHARGE(1);
        fp->at = is_after(s) ? AFTER : BEFORE;
        ion_value v = do_step(p, fp, s);
        if (v == ION_LEAVE)
            return v;
        if (v)
            fp->r[s->a].v = v;
        fp->r[PC].d += s->op == BACK && ion_truthy(fp->r[s->a].v) ? -s->d : 1;
    }
left:
    return ION_LEAVE;
}

/* ---- running them ---- */

static char err_text[8192];

static settings plain(void)
{
    return (settings){.timeslice = 2000,
                      .schedulers = 1,
                      .exact = true,
                      .virtual_time = true,
                      .seed = 1,
                      .result_count = 1000,
                      .result_bytes = 1 << 20};
}

/* Runs with standard error put aside. */
static int run_with(const script *s, const settings *set)
{
    ion_program program = {.abi = ION_ABI, .entry = &s->fn, .name = "test"};
    FILE *f = tmpfile();
    int kept = dup(STDERR_FILENO);
    log_text[0] = 0;
    dup2(fileno(f), STDERR_FILENO);
    int status = runtime_run(&program, set, 0, NULL);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(f);
    err_text[fread(err_text, 1, sizeof err_text - 1, f)] = 0;
    fclose(f);
    return status;
}

static int run(const script *s)
{
    settings set = plain();
    return run_with(s, &set);
}

/* ---- messages ---- */

SCRIPT(echo, {RECEIVE, .a = 1}, {SEND, .a = 0, .b = 1}, {BACK, .a = 0, .d = 2});
SCRIPT(ping, {SELF, .a = 0}, {SPAWN, .a = 2, .b = 1, .script = &echo}, {CONST, .a = 3, .d = 7}, {SEND, .a = 2, .b = 3},
       {RECEIVE, .a = 4}, {LOG, .a = 4}, {CONST, .a = 3, .text = "word"}, {SEND, .a = 2, .b = 3}, {RECEIVE, .a = 4},
       {LOG, .a = 4}, {TIMED, .a = 4, .d = 0}, {LOG, .a = 4}, {TIMED, .a = 4, .d = 5}, {LOG, .a = 4},
       {SEND, .a = 2, .b = 3}, {TIMED, .a = 4, .d = 5}, {LOG, .a = 4}, {CALL, .a = 4, .text = "Now"}, {LOG, .a = 4});

static void test_messages(void)
{
    check(run(&ping) == 0, "a process that returns while others wait: status 0");
    check_text(log_text, "1:7 1:word 1:undefined 1:undefined 1:word 1:5.032 ", "send, receive, and what time brings");
    settings set = plain();
    set.timeslice = 1;
    check(run_with(&ping, &set) == 0, "the same in slices of 1");
    set.stress_gc = true;
    check(run_with(&ping, &set) == 0, "the same with collections");
}

/* ---- order ---- */

SCRIPT(sleeper, {CALL, .a = 0, .b = 1, .text = "Sleep"}, {LOG, .a = 1});
SCRIPT(sleepers, {CONST, .a = 1, .d = 3}, {SPAWN, .a = 4, .b = 2, .script = &sleeper}, {CONST, .a = 1, .d = 1},
       {SPAWN, .a = 4, .b = 2, .script = &sleeper}, {CONST, .a = 1, .d = 0.5},
       {SPAWN, .a = 4, .b = 2, .script = &sleeper}, {LOG, .a = 0, .text = "done"});
SCRIPT(turn, {LOG, .a = 0}, {.op = YIELD}, {LOG, .a = 0});
SCRIPT(turns, {CONST, .a = 0, .text = "a"}, {SPAWN, .a = 4, .b = 1, .script = &turn}, {CONST, .a = 0, .text = "b"},
       {SPAWN, .a = 4, .b = 1, .script = &turn}, {LOG, .a = 0, .text = "m"}, {.op = YIELD}, {LOG, .a = 0, .text = "m"});

static void test_order(void)
{
    run(&sleepers);
    check_text(log_text, "1:doneundefined 4:0.5 3:1 2:3 ", "timers fire in order");
    run(&turns);
    check_text(log_text, "1:mb 2:a 3:b 1:mb 2:a 3:b ", "to the back of the queue");
}

/* ---- ends ---- */

SCRIPT(waiter, {RECEIVE, .a = 1});
SCRIPT(asker, {LINK, .a = 1, .b = 0}, {LOG, .a = 1, .text = "linked "});
SCRIPT(ends, {SPAWN, .a = 0, .script = &waiter}, {SPAWN, .a = 5, .b = 1, .script = &asker}, {SELF, .a = 3},
       {LINK, .a = 7, .b = 3});

SCRIPT(victim, {RECEIVE, .a = 1}, {LOG, .a = 1, .text = "never"});
SCRIPT(kills, {SPAWN, .a = 1, .script = &victim}, {CALL, .a = 0, .b = 1, .text = "Monitor"}, {LOG, .a = 0},
       {SPAWN, .a = 0, .b = 2, .script = &asker}, {TIMED, .a = 5, .d = 1}, {CONST, .a = 2, .text = "why"},
       {CALL, .a = 0, .b = 2, .text = "Kill"}, {LOG, .a = 0}, {RECEIVE, .a = 0}, {LOG, .a = 0},
       {CALL, .a = 0, .b = 2, .text = "Kill"}, {LOG, .a = 0}, {CALL, .a = 0, .b = 1, .text = "Monitor"},
       {RECEIVE, .a = 0}, {LOG, .a = 0}, {CALL, .a = 0, .b = 1, .text = "Link"}, {LOG, .a = 0, .text = "never"});

SCRIPT(crasher, {CONST, .a = 1, .text = "boom"}, {CALL, .a = 0, .b = 1, .text = "Exit"});
SCRIPT(chooser, {SPAWN, .a = 0, .script = &waiter}, {SPAWN, .a = 1, .script = &crasher}, {SELECT, .a = 2, .b = 1},
       {LOG, .a = 2}, {CONST, .a = 4, .d = 0}, {CONST, .a = 1, .d = 0}, {SELECT, .a = 2}, {LOG, .a = 2});

static void test_ends(void)
{
    check(run(&kills) == 1, "killed by a link to a process that is gone: status 1");
    check_text(log_text, "1:1 3:linked undefined 1:true 1:(down, [Process], why) 1:false 1:(down, [Process], noproc) ",
               "kill and monitor");
    check_text(err_text, "process 1 killed: noproc\n", "a killed main process is reported");
    check(run(&chooser) == 0, "SELECT_WITH_KILL");
    check_text(log_text, "1:undefined 1:undefined ", "what SELECT gives");
    check_text(err_text, "process 3 crashed: exit: boom\n  at Exit\n  at Test:crasher, instruction 0: STEP\n",
               "a crash is reported");
    check(run(&ends) == 3, "waiting for ever for oneself: status 3");
    check_text(err_text,
               "deadlock: every process waits for ever\n  process 1 at Test:ends, instruction 0: STEP\n"
               "  process 2 at Test:waiter, instruction 0: STEP\n  process 3 at Test:asker, instruction 0: STEP\n",
               "the deadlock report");
}

/* A runtime with one scheduler that does not run. */
typedef struct still {
    runtime rt;
    scheduler s;
} still;

static bool still_open(still *w, settings set)
{
    *w = (still){.rt = {.set = set, .nschedulers = 1, .schedulers = &w->s}, .s = {.rt = &w->rt}};
    return pool_open(&w->rt) && table_open(&w->rt) && names_open(&w->rt) && timers_open(&w->s) && results_open(&w->rt);
}

static void still_close(still *w)
{
    results_close(&w->rt);
    timers_close(&w->s);
    magazines_close(&w->rt);
    names_close(&w->rt);
    table_close(&w->rt);
    pool_close(&w->rt);
}

static void still_process(still *w, process *p, uint64_t id)
{
    p->on = &w->s;
    p->id = id;
    p->mail_limit = MAIL_UNLIMITED;
    p->state = PROC_WAITING;
    p->queued = true; /* not to be freed */
    w->rt.next_id = id;
    count_add(&w->s, COUNT_BEGUN, 1);
}

static bool linked(process *a, process *b)
{
    return bond_add(&relations_of(a)->links, b->id, b->id) && bond_add(&relations_of(b)->links, a->id, a->id);
}

/* A chain of links, however long, ends without recursion. */
enum { CHAIN = 50000 };
static void test_chain(void)
{
    still w;
    bool fine = still_open(&w, plain());
    process *all = mem_zalloc(CHAIN * sizeof *all);
    for (uint64_t i = 0; fine && i < CHAIN; i++) {
        still_process(&w, &all[i], i + 2); /* none is the main process */
        w.s.queue.live[PRIORITY_HIGH]++;
        fine = table_put(&w.s, &all[i]) && (i == 0 || linked(&all[i - 1], &all[i]));
    }
    fine = fine && proc_kill(&w.s, &all[CHAIN / 2], 1, ATOM(kill));
    check(fine && runtime_alive(&w.rt) == 0, "a long chain of links ends");
    check(!proc_find(&w.rt, 2) && !proc_find(&w.rt, CHAIN + 1) && all[0].reason == ATOM(kill), "from one end to the other");
    mem_free(all);
    still_close(&w);
}

/* ---- mailboxes ---- */

SCRIPT(fills_own, {CONST, .a = 2, .d = 1}, {TEXT, .a = 3, .text = "block"},
       {CALL, .a = 1, .b = 2, .text = "SetMailbox"}, {LOG, .a = 1}, {SELF, .a = 0}, {SEND, .a = 0, .b = 0},
       {LOG, .a = 0, .text = "one "}, {SEND, .a = 0, .b = 0}, {LOG, .a = 0, .text = "never"});
SCRIPT(sender, {SEND, .a = 0, .b = 1}, {LOG, .a = 1, .text = "sent "});
SCRIPT(small_box, {CONST, .a = 3, .d = 1}, {TEXT, .a = 4, .text = "block"},
       {CALL, .a = 2, .b = 2, .text = "SetMailbox"}, {SELF, .a = 0}, {CONST, .a = 1, .d = 1},
       {SPAWN, .a = 5, .b = 2, .script = &sender}, {CONST, .a = 1, .d = 2}, {SPAWN, .a = 5, .b = 2, .script = &sender},
       {CONST, .a = 1, .d = 3}, {SPAWN, .a = 5, .b = 2, .script = &sender}, {.op = YIELD}, {RECEIVE, .a = 5},
       {LOG, .a = 5}, {RECEIVE, .a = 5}, {LOG, .a = 5}, {RECEIVE, .a = 5}, {LOG, .a = 5});

static void test_full(void)
{
    still w;
    process a = {0}, b = {0};
    fragment f = {0};
    ion_value v;
    bool fine = still_open(&w, plain());
    still_process(&w, &a, 1);
    still_process(&w, &b, 2);
    fine = fine && table_put(&w.s, &a) && table_put(&w.s, &b);
    check(fine && mail_reserve(&a) == ROOM_UNCOUNTED, "no limit at first");
    mail_limit(&a, 1, MAILBOX_BLOCK);
    check(mail_reserve(&a) == ROOM_COUNTED, "room for one");
    proc_signal *m = mail_new(&w.s, false);
    if (m)
        mail_send(&w.s, &a, m, value_number(1), &f, true, false);
    check(m && mail_full(&a) && mail_reserve(&a) == ROOM_NONE, "then full");
    check(bond_add(&relations_of(&b)->waits, 1, 1) && signal_send(&w.s, 1, signal_new(SIG_STAND, 2, 0)) &&
              a.relations->senders.count == 1,
          "a sender waits");
    b.wait = WAIT_ROOM;
    waits_cut(&b);
    check(a.relations->senders.count == 0 && b.relations->waits.count == 0, "and not any more");
    check(mail_take(&a, &v) && v == value_number(1) && mail_reserve(&a) == ROOM_COUNTED && !mail_take(&a, &v), "taken");
    relations_free(&a);
    relations_free(&b);
    still_close(&w);
    check(run(&fills_own) == 1, "a process that fills its own mailbox ends");
    check_text(log_text, "1:(inf, block) 1:one [Process] ", "with its second message");
    check(run(&small_box) == 0, "senders wait for room");
    check_text(log_text, "2:sent 1 1:1 3:sent 2 1:2 4:sent 3 1:3 ", "and go on in order");
}

/* ---- tables ---- */

static void test_table(void)
{
    enum { N = 5000 };
    still w;
    bool fine = still_open(&w, plain());
    process *all = mem_zalloc(N * sizeof *all);
    for (uint64_t i = 0; i < N; i++) {
        still_process(&w, &all[i], i * i + 1);
        fine = fine && table_put(&w.s, &all[i]);
        if (i % 3 == 0)
            table_remove(&w.s, &all[i]);
    }
    for (uint64_t i = 0; i < N; i++)
        fine = fine && proc_find(&w.rt, all[i].id) == (i % 3 == 0 ? NULL : &all[i]);
    for (uint64_t i = 0; i < N; i++)
        if (i % 3 && i != 4000)
            table_remove(&w.s, &all[i]);
    check(fine && table_next(&w.rt, 1) == &all[4000] && !table_next(&w.rt, all[4001].id) && !proc_find(&w.rt, all[2].id),
          "the table of processes");
    mem_free(all);
    still_close(&w);
}

/* Bonds are found and go, whether there is an index or not, and keep their order. */
static void test_bonds(void)
{
    bond_list list = {0};
    bool fine = true;
    for (uint64_t i = 0; i < 1000; i++)
        fine = fine && bond_add(&list, i * 8, i);
    check(fine && list.index && bond_find(&list, 8 * 999)->id == 999 && !bond_find(&list, 4), "bonds are found");
    for (uint64_t i = 0; i < 1000; i += 2)
        bond_remove(&list, bond_find(&list, i * 8));
    fine = list.count == 500;
    for (uint64_t i = 1; i < 1000; i += 2) {
        fine = fine && list.first->id == i;
        bond_remove(&list, list.first);
    }
    check(fine && !list.first && !list.last && !list.index, "and go in their order");
}

static void test_names(void)
{
    still w;
    bool fine = still_open(&w, plain());
    process p = {0};
    still_process(&w, &p, 7);
    check(fine && name_put(&w.rt, ATOM(kill), &p) == 1 && name_put(&w.rt, ATOM(kill), &p) == 0, "a name is taken once");
    check(name_put(&w.rt, ATOM(exit), &p) == 1 && name_get(&w.rt, ATOM(exit)) == 7, "a process may have two");
    names_drop(&p);
    check(!name_get(&w.rt, ATOM(exit)) && !name_get(&w.rt, ATOM(kill)), "both go");
    p.state = PROC_ENDED;
    check(name_put(&w.rt, ATOM(kill), &p) == 0 && !name_get(&w.rt, ATOM(kill)), "one that has ended gets none");
    still_close(&w);
}

static bool kept(runtime *rt, uint64_t id, ion_value expected)
{
    fragment f = {0};
    ion_value v = ION_UNDEFINED;
    int found = result_copy(rt, id, &v, &f);
    fragment_free(&f);
    return found == 1 && v == expected;
}

static void test_results(void)
{
    settings set = {.result_count = 100, .result_bytes = 1 << 20};
    still w;
    bool fine = still_open(&w, set);
    for (uint64_t i = 1; i <= 1000; i++)
        result_keep(&w.rt, i * 7, value_number((double)i));
    for (uint64_t i = 1; i <= 1000; i++)
        fine = fine && kept(&w.rt, i * 7, value_number((double)i)) == (i > 900);
    check(fine && !kept(&w.rt, 6999, ION_UNDEFINED), "results: the last hundred");
    w.rt.set.result_bytes = 100;
    struct {
        uint64_t head, len;
        char bytes[240];
    } s = {HEAD(KIND_STRING, 0), 240, "a"};
    result_keep(&w.rt, 1, value_boxed(&s));
    check(!kept(&w.rt, 1, ION_UNDEFINED), "results: too big a one is dropped");
    still_close(&w);
}

static void test_timers(void)
{
    enum { N = 500 };
    settings set = {.virtual_time = true};
    still w;
    bool fine = still_open(&w, set);
    process *all = mem_zalloc(N * sizeof *all);
    for (int i = 0; i < N; i++) {
        still_process(&w, &all[i], (uint64_t)i + 1);
        all[i].wait = WAIT_TIMER;
        fine = fine && timer_set(&all[i], (double)(i * 7919 % N));
    }
    for (int i = 0; i < N; i += 2)
        timer_cancel(&all[i]);
    int64_t deadline;
    int n = 0;
    while (fine && timers_next(&w.s, &deadline)) {
        w.rt.clock = deadline;
        timers_fire(&w.s);
        for (process *p; (p = queue_choose(&w.s)); n++) {
            fine = fine && (int64_t)((p->id - 1) * 7919 % N) * 1000000 == deadline;
            p->state = PROC_WAITING;
        }
    }
    check(fine && n == N / 2, "timers come in order");
    process p = {0};
    still_process(&w, &p, N + 1);
    check(timer_set(&p, 1.0 / 0.0) && !p.timer, "infinity sets none");
    check(timer_set(&p, 1e300) && timers_next(&w.s, &deadline) && deadline > 0, "a far one is far");
    timer_cancel(&p);
    mem_free(all);
    still_close(&w);
}

/* ---- settings, failures ---- */

static bool setting(const char *name, const char *text, settings *s)
{
    ion_program program = {.timeslice = 7};
    setenv(name, text, 1);
    int kept = dup(STDERR_FILENO);
    FILE *f = tmpfile();
    dup2(fileno(f), STDERR_FILENO);
    bool fine = settings_read(s, &program);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    fclose(f);
    unsetenv(name);
    return fine;
}

static void test_settings(void)
{
    settings s;
    check(setting("ION_SEED", "12", &s) && s.seed == 12 && s.timeslice == 7, "a seed; the program's slice");
    check(setting("ION_RESULTS", "5,100", &s) && s.result_count == 5 && s.result_bytes == 100, "ION_RESULTS");
    check(setting("ION_TIMESLICE", "3", &s) && s.timeslice == 3, "ION_TIMESLICE");
    check(setting("ION_VIRTUAL_TIME", "1", &s) && s.virtual_time && s.seed == 1, "ION_VIRTUAL_TIME");
    check(setting("ION_LIMIT_HEAP", "64k", &s) && s.limit[LIMIT_HEAP] == 64 * 1024, "bytes: k is 1024");
    check(setting("ION_LIMIT_TOTAL_FUEL", "2M", &s) && s.limit[LIMIT_TOTAL_FUEL] == 2000000, "reductions: M is a million");
    check(!setting("ION_LIMIT_FUEL", "1x", &s) && !setting("ION_LIMIT_FUEL", "k", &s) &&
              !setting("ION_LIMIT_FUEL", "99999999999G", &s) && !setting("ION_LIMIT_FUEL", "18446744073709551615", &s),
          "bad limits are refused");
    check(!setting("ION_SEED", "x", &s) && !setting("ION_SEED", "1 ", &s) && !setting("ION_RESULTS", "5", &s) &&
              !setting("ION_TIMESLICE", "0", &s) && !setting("ION_DEBUG", "yes", &s) &&
              !setting("ION_SEED", "18446744073709551616", &s),
          "bad values are refused");
}

static void test_memory(void)
{
    settings set = plain();
    bool fine = true;
    for (uint64_t n = 1; n < 60; n++) {
        set.fail_at = n;
        int status = run_with(&kills, &set);
        fine = fine && (status == 0 || status == 1 || status == 3);
        status = run_with(&ping, &set);
        fine = fine && (status == 0 || status == 1 || status == 3);
    }
    mem_fail_at(0);
    check(fine, "memory may run out anywhere");
}

int main(void)
{
    atoms_init();
    test_table();
    test_names();
    test_bonds();
    test_results();
    test_timers();
    test_full();
    test_messages();
    test_order();
    test_ends();
    test_chain();
    test_settings();
    test_memory();
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
