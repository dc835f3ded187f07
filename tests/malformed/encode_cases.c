/* encode_cases.c: classes that a dialect or layout cannot say (compiler/encode.c), and the dialect a class needs. */
#include "malformed.h"

#include <string.h>

typedef struct encode_case {
    const char *name;
    int from; /* the dialect that the file is read in */
    const char *file;
    int to; /* the dialect that it is written in */
    const char *want;
} encode_case;

static const encode_case cases[] = {
    {"string in dialect 2", 3, ONE "01 #0 09 \"s\"", 2, "t: k: function 0, instruction 0: dialect 2 has no strings"},
    {"complex in dialect 1", 3, FUNCTION "#2 13 01 #0 0A =1 =2", 2,
     "t: k: function 0, instruction 1: dialect 2 has no complex numbers"},
    {"tuple in dialect 2", 5, ONE "01 #0 0B #0", 2, "read"},
    {"extra registers in dialect 1", 3, "00 #0 #17 00 #0", 1,
     "t: k: function 0, instruction 0: dialect 1 has 16 extra registers, not 17"},
    {"16 extra registers in dialect 1", 3, "00 #0 #16 00 #0", 1, "read"},
    {"EQUAL in dialect 2", 3, ONE "15 #0 #0 #0", 2, "t: k: function 0, instruction 0: dialect 2 has no EQUAL"},
    {"SELECT in dialect 3", 4, ONE "20 #0 #0", 3, "t: k: function 0, instruction 0: dialect 3 has no SELECT"},
    {"ARRAY_INIT in dialect 4", 5, ONE "22 #0 #0", 4, "t: k: function 0, instruction 0: dialect 4 has no ARRAY_INIT"},
    {"LINK with a result in dialect 3", 4, ONE "11 #0 #0", 3,
     "t: k: function 0, instruction 0: dialect 3 has no LINK with a result"},
    {"LINK without a result in dialect 4", 3, ONE "11 #0", 4,
     "t: k: function 0, instruction 0: dialect 4 has no LINK without a result"},
    {"hidden property in dialect 4", 5, ONE "01 #0 07 #1 \"k\" 04 02", 4,
     "t: k: function 0, instruction 0: dialect 4 has no hidden properties"},
    {"readonly property in dialect 4", 5, ONE "01 #0 07 #1 \"k\" 04 01", 4, "read"},
    {"flags in dialect 5", 4, ONE "01 #0 07 #1 \"k\" 04 01 01 00", 5,
     "t: k: function 0, instruction 0: dialect 5 has no access that stands for these property flags"},
};

static void run(const encode_case *k)
{
    options opt = options_default();
    opt.dialect = k->from;
    compilation *c = start(&opt);
    bool done = COMPILATION_TRY(c);
    if (done) {
        class *read = class_read(c, "k", text_of("K"), bytes(c, k->file), ALL_DIALECTS, false);
        read->dialect = k->to;
        class_encode(c, read);
    }
    finish(c, k->name, done, k->want);
}

/* What no file can hold: classes made by hand. */
static void broken_text(void)
{
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done) {
        value v = {.tag = V_STRING, .text = {"\xFF", 1}};
        instr i = {.op = OP_LOAD_CONST, .value = &v};
        function f = {.code = &i, .n = 1};
        class_encode(c, &(class){.entry = "k", .dialect = 4, .functions = &f, .n = 1});
    }
    finish(c, "text that is not UTF-8", done, "t: k: function 0, instruction 0: text is not UTF-8");
}

static void deep_value(void)
{
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done) {
        value loop = {.tag = V_ARRAY, .n = 1}, *item = &loop;
        loop.items = &item;
        instr i = {.op = OP_LOAD_CONST, .value = &loop};
        function f = {.code = &i, .n = 1};
        class_encode(c, &(class){.entry = "k", .dialect = 4, .functions = &f, .n = 1});
    }
    finish(c, "a value too deep to write", done, "t: k: function 0, instruction 0: nested more than 1000 levels deep");
}

static void crowded(const char *name, layout as)
{
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done) {
        function f[2] = {{.arity = 0}, {.arity = 0}};
        class_encode(c, &(class){.entry = "k", .dialect = 4, .layout = as, .functions = f, .n = 2});
    }
    finish(c, name, done, "t: k: 2 functions do not fit the layout, which holds one");
}

static void needs(const char *name, int from, const char *file, int want)
{
    options opt = options_default();
    opt.dialect = from;
    compilation *c = start(&opt);
    int got = 0;
    if (COMPILATION_TRY(c))
        got = class_dialect_needed(class_read(c, "k", text_of("K"), bytes(c, file), ALL_DIALECTS, false));
    report(name, got == want, got == 4 ? "4" : got == 5 ? "5" : "none");
    compilation_free(c);
}

void encode_cases(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run(&cases[i]);
    broken_text();
    deep_value();
    crowded("two functions in layout single", LAYOUT_SINGLE);
    crowded("two functions in bare code", LAYOUT_BARE);
    needs("plain code needs dialect 4", 1, "00 #0 00 #1 13", 4);
    needs("a readonly property needs dialect 4", 5, ONE "01 #0 06 #1 07 #1 \"k\" 04 01", 4);
    needs("ARRAY_INIT needs dialect 5", 5, ONE "22 #0 #0", 5);
    needs("a hidden property inside needs dialect 5", 5, ONE "01 #0 06 #1 07 #1 \"k\" 04 02", 5);
    needs("a hidden property in a pattern needs dialect 5", 5, ONE "12 #0 #1 05 \"T\" 03 #1 01 07 #1 \"k\" 04 03 #1",
          5);
    needs("a hidden register property needs dialect 5", 5, ONE "1F #0 #1 \"k\" 02 #0 02", 5);
    needs("a hidden property in an argument needs dialect 5", 5, ONE "1F #0 #1 \"k\" 01 07 #1 \"k\" 04 03", 5);
}
