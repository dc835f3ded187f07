/* stage.c: what is run for one program: generator, assembler, the interpreter with three slices, code compiled with
 * --exact with the same three, code compiled by default with these too and with a collection at every allocation.
 *
 * Each is the very program that users run, but for its `main`: generator and interpreter are linked in under other
 * names, and code is compiled once for all its runs, which are forked behind the compiler.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ionc.h"
#include "jit.h"
#include "light.h"
#include "sched.h"

enum { ORACLE_SECONDS = 5, RUN_SECONDS = 10, COMPILE_SECONDS = 120 };

/* The generator's main, and the interpreter's. */
int gen_main(int argc, char **argv);
int oracle_main(int argc, char **argv);

/* One program. */
typedef struct work {
    char seed[24];
    const char *kind, *pack;
    uint64_t without; /* optimisations for RUN_NO_OPT to leave out; 0: no such run */
    text source;
} work;

static int generate(const void *argument)
{
    const work *w = argument;
    char number[24], name[24];
    snprintf(number, sizeof number, "%s", w->seed);
    snprintf(name, sizeof name, "%s", w->kind);
    return gen_main(3, (char *[]){"gen", number, name, NULL});
}

/* ---- the compiler ---- */

static compilation *start(const work *w, bool exact, uint64_t without)
{
    options o = options_default();
    o.exact = exact;
    o.without = without;
    return compilation_new(w->pack, &o, NULL, NULL);
}

static int stop(compilation *c)
{
    fprintf(stderr, "ionc: %s\n", c->message);
    return FAILED;
}

static int assemble(const void *argument)
{
    const work *w = argument;
    compilation *c = start(w, false, 0);
    if (!c || !COMPILATION_TRY(c))
        return c ? stop(c) : FAILED;
    source s = {0};
    source_assemble(c, &s, "p.iona", w->source, "p");
    package p = {.path = w->pack};
    p.n = 1 + s.n;
    p.entries = arena_alloc(c, p.n * sizeof *p.entries);
    static const char lines[] = "IonPack-Version: 1.0\nName: p\nVersion: 0.0.0\nMain-Class: %s\n";
    p.entries[0] = (entry){"META-INF/MANIFEST.ion", text_of(arena_format(c, lines, s.classes[0]->name.s))};
    for (uint32_t i = 0; i < s.n; i++)
        p.entries[i + 1] =
            (entry){arena_format(c, "classes/%s.ionc", s.classes[i]->name.s), class_encode(c, s.classes[i])};
    package_write(c, &p, w->pack);
    return 0;
}

/* One run of compiled code. */
typedef struct variant {
    run_id id;
    const char *slice;
    const char *gc;
} variant;

static const ion_program *compiled;
static const char *package_path;

static int run_compiled(const void *argument)
{
    const variant *v = argument;
    char path[256];
    settings set;
    setenv("ION_TIMESLICE", v->slice, 1);
    setenv("ION_STRESS_GC", v->gc, 1);
    setenv("ION_VIRTUAL_TIME", "1", 1); /* nobody waits */
    snprintf(path, sizeof path, "%s", package_path);
    return settings_read(&set, compiled) ? runtime_run(compiled, &set, 0, (char *[]){NULL}) : 2;
}

static int compile(const work *w, bool exact, uint64_t without, const variant *variants, size_t n)
{
    compilation *c = start(w, exact, without);
    if (!c || !COMPILATION_TRY(c))
        return c ? stop(c) : FAILED;
    const unit *made = compile_to_c(c, w->pack, true, (emit_options){0})->units;
    buffer all = {.c = c};
    buf_puts(&all, ion_abi_text);
    buf_puts(&all, "\n");
    buf_put(&all, made->head.data, made->head.len);
    buf_put(&all, made->body.data, made->body.len);
    static jit_code code; /* outlives every run */
    compiled = jit_compile(&code, all.data);
    if (!compiled) {
        fprintf(stderr, "ionc: libtcc refuses the generated C: %s\n", code.message);
        return FAILED;
    }
    package_path = w->pack;
    for (size_t i = 0; i < n; i++)
        run_forked(variants[i].id, RUN_SECONDS, run_compiled, &variants[i]);
    return 0;
}

static int compile_exact(const void *w)
{
    static const variant variants[] = {{RUN_EXACT_1, "1", "0"}, {RUN_EXACT_3, "3", "0"}, {RUN_EXACT, "2000", "0"}};
    return compile(w, true, 0, variants, sizeof variants / sizeof *variants);
}

static int compile_default(const void *w)
{
    static const variant variants[] = {{RUN_DEFAULT, "2000", "0"},
                                       {RUN_DEFAULT_1, "1", "0"},
                                       {RUN_DEFAULT_3, "3", "0"},
                                       {RUN_DEFAULT_GC, "2000", "1"}};
    return compile(w, false, 0, variants, sizeof variants / sizeof *variants);
}

static int compile_no_opt(const void *argument)
{
    static const variant variants[] = {{RUN_NO_OPT, "2000", "0"}};
    const work *w = argument;
    return compile(w, false, w->without, variants, 1);
}

/* One optimisation, or each with a chance of one half. */
static uint64_t left_out(uint64_t seed)
{
    uint64_t bits = (seed + 1) * 0x9E3779B97F4A7C15u >> 20;
    if (seed % 4 != 0)
        return 0;
    return seed % 8 == 0 ? UINT64_C(1) << bits % OPT_COUNT : bits & ((UINT64_C(1) << OPT_COUNT) - 1);
}

const char *stages_left_out(uint64_t seed)
{
    static char names[OPT_COUNT * 32];
    names[0] = 0;
    for (int i = 0; i < OPT_COUNT; i++)
        if (left_out(seed) >> i & 1)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", names[0] ? "," : "",
                     optimisations[i].name);
    return names;
}

/* ---- the interpreter ---- */

typedef struct interpretation {
    const work *w;
    const char *slice;
} interpretation;

static int interpret(const void *argument)
{
    const interpretation *i = argument;
    char slice[16], pack[256];
    snprintf(slice, sizeof slice, "%s", i->slice);
    snprintf(pack, sizeof pack, "%s", i->w->pack);
    return oracle_main(5, (char *[]){"oracle", "--reductions", "--timeslice", slice, pack, NULL});
}

/* ---- all of it ---- */

static void stages_of(work *w)
{
    static const char *const slices[] = {"1", "3", "2000"};
    run_forked(RUN_ASM, RUN_SECONDS, assemble, w);
    if (run_result(RUN_ASM)->status != 0)
        return;
    for (int i = 0; i < 3; i++) {
        run_id id = (run_id)(RUN_ORACLE_1 + i);
        run_forked(id, ORACLE_SECONDS, interpret, &(interpretation){w, slices[i]});
        if (run_result(id)->status > 3)
            return;
    }
    run_forked(RUN_COMPILE_EXACT, COMPILE_SECONDS, compile_exact, w);
    run_forked(RUN_COMPILE, COMPILE_SECONDS, compile_default, w);
    if (w->without)
        run_forked(RUN_COMPILE_NO_OPT, COMPILE_SECONDS, compile_no_opt, w);
}

void stages(uint64_t seed, const char *of_kind, const char *pack)
{
    work w = {.kind = of_kind, .pack = pack, .without = left_out(seed)};
    snprintf(w.seed, sizeof w.seed, "%llu", (unsigned long long)seed);
    runs_reset();
    run_forked(RUN_GEN, RUN_SECONDS, generate, &w);
    const result *r = run_result(RUN_GEN);
    w.source = (text){r->out, (uint32_t)r->nout};
    if (r->status == 0)
        stages_of(&w);
}
