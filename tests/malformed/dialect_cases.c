/* dialect_cases.c: which dialect and layout a class or a package is read in (compiler/dialect.c). */
#include "malformed.h"

#include <string.h>

typedef struct dialect_case {
    const char *name, *file;
    const char *want; /* dialect, layout and registers of the first function, or the message */
} dialect_case;

static const dialect_case cases[] = {
    {"nothing special", ONE "13", "dialect 5, single, 16 registers"},
    {"ARRAY_INIT", ONE "22 #0 #0", "dialect 5, single, 16 registers"},
    {"access byte", ONE "01 #0 07 #1 \"k\" 04 03", "dialect 5, single, 16 registers"},
    {"three flags", ONE "01 #0 07 #1 \"k\" 04 01 01 01", "dialect 4, single, 16 registers"},
    {"three flags, LINK without a result", FUNCTION "#2 01 #0 07 #1 \"k\" 04 01 01 01 11 #1",
     "dialect 3, single, 16 registers"},
    {"tag 09 a tuple", ONE "01 #0 09 #1 02 01", "dialect 2, single, 16 registers"},
    {"no extra_regs", "00 #0 00 #1 0A #0", "dialect 1, single, 16 registers"},
    {"no extra_regs, one argument", "00 #1 00 #1 0A #16", "dialect 1, single, 17 registers"},
    {"multi", MULTI "#1 01 \"f\" #3 #20 00 #1 0A #22", "dialect 5, multi, 23 registers"},
    {"multi without functions", MULTI "#0", "dialect 5, multi, 0 registers"},
    {"bare", MULTI "#2 13 0A #0", "dialect 5, bare, 16 registers"},
    {"bare of dialect 4", MULTI "#1 01 #0 07 #1 \"k\" 04 00 00 00", "dialect 4, bare, 16 registers"},
    {"registers to spare", ONE "0A #255",
     "warning: t: k: registers beyond the function's own are used; read with at least 256 registers a function | "
     "dialect 5, single, 256 registers"},
    {"registers to spare in bare code", MULTI "#1 0A #255",
     "warning: t: k: registers beyond the function's own are used; read with at least 256 registers a function | "
     "dialect 5, bare, 256 registers"},
    {"registers to spare in dialect 1", "00 #0 00 #1 0A #16",
     "warning: t: k: registers beyond the function's own are used; read with at least 256 registers a function | "
     "dialect 1, single, 256 registers"},
    {"a register too many", ONE "0A #256",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
    {"the reading that got furthest", FUNCTION "#2 01 #0 09 #1 01 =1.5 22 #0 #0",
     "t: k: offset 33: dialect 2 has no opcode 22"},
    {"parsed to the end counts more", FUNCTION "#2 10 #256 01 #0 07 #1 \"k\" 04 01 01 01",
     "t: k: offset 14: instruction 0: r256 is beyond the 16 registers of the function"},
};

static void run(const dialect_case *k)
{
    static const char *const layouts[] = {"single", "multi", "bare"};
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done) {
        class *got = class_read(c, "k", text_of("K"), bytes(c, k->file), ALL_DIALECTS, true);
        /* `finish` shows a message; this one is of our making. */
        c->message = arena_format(c, "dialect %d, %s, %u registers", got->dialect, layouts[got->layout],
                                  got->n ? got->functions[0].nregs : 0);
    }
    finish(c, k->name, false, k->want);
}

/* ---- packages -----------------------------------------------------------------------------------------------------
 */

typedef struct package_case {
    const char *name;
    int dialect;
    const char *const *entries; /* name, file, ... NULL */
    const char *want;
} package_case;

#define FLAGS4 ONE "01 #0 07 #1 \"k\" 04 01 01 01"
#define LINK3  ONE "11 #1"
#define LOOSE  ONE "0A #20"
#define WARNED "registers beyond the function's own are used; read with at least 256 registers a function | "

static const package_case packages[] = {
    {"names and order", 0,
     (const char *[]){"classes/b/X.ionc", ONE "13", "src/A.ionc", "00", "classes/A.ionc", ONE "13", "classes/x.txt",
                      "00", "classes/.ionc", "00", NULL},
     "A 5, b/X 5, "},
    {"one dialect for all", 0,
     (const char *[]){"classes/A.ionc", ONE "13", "classes/B.ionc", FLAGS4, "classes/C.ionc", ONE "13", NULL},
     "A 4, B 4, C 4, "},
    {"no dialect fits all", 0,
     (const char *[]){"classes/A.ionc", ONE "22 #0 #0", "classes/B.ionc", FLAGS4, "classes/C.ionc", ONE "13", NULL},
     "A 5, B 4, C 5, "},
    {"one dialect for all with a loose one", 0,
     (const char *[]){"classes/A.ionc", LOOSE, "classes/B.ionc", LINK3, NULL},
     "warning: t: classes/A.ionc: " WARNED "A 3, B 3, "},
    {"a forced dialect", 3, (const char *[]){"classes/A.ionc", ONE "13", "classes/B.ionc", LINK3, NULL}, "A 3, B 3, "},
    {"a forced dialect that does not fit", 4,
     (const char *[]){"classes/A.ionc", ONE "13", "classes/B.ionc", LINK3, NULL},
     "t: classes/B.ionc: offset 19: register runs past the end of the file"},
    {"a broken class", 0, (const char *[]){"classes/A.ionc", ONE "13", "classes/B.ionc", ONE "24", NULL},
     "t: classes/B.ionc: offset 14: unknown opcode 24"},
    {"bare code in a package", 0, (const char *[]){"classes/A.ionc", MULTI "#1 13", NULL},
     "t: classes/A.ionc: bare code without a function can only be disassembled"},
    {"no classes", 0, (const char *[]){"resources/a", "00", NULL}, ""},
};

static void read_classes(compilation *c, const package_case *k)
{
    entry entries[8];
    package p = {.path = "t", .entries = entries};
    for (const char *const *e = k->entries; *e; e += 2)
        entries[p.n++] = (entry){e[0], bytes(c, e[1])};
    uint32_t n;
    class **got = classes_read(c, &p, &n);
    buffer b = {.c = c};
    buf_puts(&b, "");
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&b, "%s %d, ", got[i]->name.s, got[i]->dialect);
    c->message = b.data;
}

void dialect_cases(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run(&cases[i]);
    for (size_t i = 0; i < sizeof packages / sizeof *packages; i++) {
        options opt = options_default();
        opt.dialect = packages[i].dialect;
        compilation *c = start(&opt);
        if (COMPILATION_TRY(c))
            read_classes(c, &packages[i]);
        finish(c, packages[i].name, false, packages[i].want);
    }
}
