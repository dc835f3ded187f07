/* text_test.c: the text form: compiler/lex.c, number.c, asm.c, asm_value.c, asm_operand.c, disasm.c.
 *
 * Prints `ok` or `not ok` a test and a summary as its last line; exit status 1 if one failed. Takes the folder of
 * packages made by other tools as its argument, and passes them over when there is none.
 */
#include "text_test.h"

#include "generate.h"

#include <dirent.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static unsigned passed, failed;

void report(bool good, const char *what, const char *detail)
{
    if (good)
        passed++;
    else
        failed++;
    printf("%s - %s\n", good ? "ok" : "not ok", what);
    if (!good)
        printf("  %s\n", detail);
}

static void ignore_warning(void *to, const char *line)
{
    (void)to;
    (void)line;
}

compilation *begin(void)
{
    compilation *c = compilation_new("t", NULL, ignore_warning, NULL);
    if (!c)
        abort();
    return c;
}

/* The disassembly of the classes that a source holds, or the message of its failure. */
static const char *listing_of(compilation *c, text data)
{
    source s = {0};
    if (!COMPILATION_TRY(c))
        return c->message;
    source_assemble(c, &s, "t", data, "T");
    buffer out = {.c = c};
    buf_puts(&out, "");
    for (uint32_t i = 0; i < s.n; i++)
        disasm_class(&out, s.classes[i]);
    return out.data;
}

static void expect_listing(const char *what, const char *input, const char *expected)
{
    compilation *c = begin();
    const char *got = listing_of(c, text_of(input));
    report(strcmp(got, expected) == 0, what, got);
    compilation_free(c);
}

/* ---- one instruction or value at a time ---- */

typedef struct form {
    int dialect;
    const char *input, *expected; /* expected: NULL if the same */
} form;

static const form instructions[] = {
    {4, "MOVE r1, r0", NULL},
    {4, "move R1,R0", "MOVE r1, r0"},
    {4, "  12: Get_Prop r2, r0, r1 ; comment", "GET_PROP r2, r0, r1"},
    {4, "00ff: SET_PROP r2, r0, r1 // comment", "SET_PROP r2, r0, r1"},
    {4, "CALL r3, r0, [r1, r2]", NULL},
    {4, "CALL r3, r0, []", NULL},
    {4, "CALL r3, r0, [r1,\n  r2, ; a comment\n]", "CALL r3, r0, [r1, r2]"},
    {4, "SPAWN r3, r0, [r1]", NULL},
    {4, "RETURN r0", NULL},
    {4, "JUMP +1", NULL},
    {4, "JUMP 1", "JUMP +1"},
    {4, "JUMP -0", "JUMP +0"},
    {4, "here: JUMP here", "JUMP +0"},
    {4, "JUMP_IF_TRUE r0, there\nthere:", "JUMP_IF_TRUE r0, +1"},
    {4, "JUMP_IF_FALSE r0, +1", NULL},
    {4, "SEND r0, r1", NULL},
    {4, "RECEIVE r0", NULL},
    {4, "RECEIVE_WITH_TIMEOUT r0, r1, r2", NULL},
    {4, "LINK p2, r4", NULL},
    {4, "LINK 4294967295, r4", "LINK p4294967295, r4"},
    {4, "LINK r2, r4", "LINK p2, r4"},
    {3, "LINK p2", NULL},
    {4, "YIELD", NULL},
    {4, "nop", "NOP"},
    {4, "EQUAL r0, r1, r2", NULL},
    {4, "NOT r0, r1", NULL},
    {4, "SELECT r0, [r1, r2]", NULL},
    {4, "SELECT_WITH_KILL r0, [r1]", NULL},
    {5, "ARRAY_INIT r0, [r1]", NULL},
    {5, "MAKE_CLOSURE r1, r0, \"scope\", [x: r2]", NULL},
    {5, "MAKE_CLOSURE r1, r0, \"a \\\"b\\\"\", [x: r2, \"odd name\": r3]", NULL},
    {5, "MAKE_CLOSURE r1, r0, \"\", []", NULL},
    {4, "OBJECT_INIT r0, {}", NULL},
    {4, "OBJECT_INIT r0, {x: r1, y: 2 [w-c]}", NULL},
    {4, "OBJECT_INIT r0, {x: r1 [wec], y: 2 [wec], z: {a: 1 [---]}}", NULL},
    {4, "OBJECT_INIT r0, {\"odd key\": \"r1\", 'k': 'r1', r2: r2}",
     "OBJECT_INIT r0, {\"odd key\": \"r1\", k: 'r1', r2: r2}"},
    {5, "OBJECT_INIT r0, {x: r1 [public], y: 2 [readonly], z: r2 [protected], a: 3 [protected_readonly]}", NULL},
    {5, "OBJECT_INIT r0, {x: r1 [wec], y: 2 [-ec]}", "OBJECT_INIT r0, {x: r1 [public], y: 2 [readonly]}"},
    {4, "MATCH r0, []", NULL},
    {4, "MATCH r0, [((ok, _), +1), (#\"Circle\" _, +0), (=(1, 2), +1), (_, +1)]", NULL},
    {4, "MATCH r0, [((,), +1), ((), +1), ((_,), +1), ([], +1), ([a, [b]], +1)]", NULL},
    {4, "MATCH r0, [(#Circle #\"odd tag\" (_, 1), +1)]", "MATCH r0, [(#\"Circle\" #\"odd tag\" (_, 1), +1)]"},
    {4, "MATCH r0, [('_', +1), ('true', +1), ('nan', +1), ('two words', +1), ('', +1), (:ok, +1)]",
     "MATCH r0, [('_', +1), ('true', +1), ('nan', +1), ('two words', +1), ('', +1), (ok, +1)]"},
    {4, "MATCH r0, [(=[], +1), (={a: (x: 1)}, +1)]",
     "t: line 4: expected a value (an atom is written 'name' or :name), found x"},
    {4, "MATCH r0, [(=[], +1), (={a: 1 [w--]}, +1), (=(,), +1), (=(1,), +1)]", NULL},
    {4, "MATCH r0, [(1.5, +1), (-1, +1), (\"s\", +1), (true, +1), (undefined, +1), (3+4i, +1), (function:A:b, +1)]",
     NULL},
    {4, "MATCH r0, [\n (a, x), ; first\n (b, x)]\nx:", "MATCH r0, [(a, +1), (b, +1)]"},
};

static const form values[] = {
    {4, "42", NULL},
    {4, "-0.5", NULL},
    {4, "+7", "7"},
    {4, "1e300", NULL},
    {4, "1E+300", "1e300"},
    {4, "1000000000000000", NULL},
    {4, "0.1", NULL},
    {4, "0.30000000000000004", NULL},
    {4, "-0", NULL},
    {4, "5e-324", NULL},
    {4, "1.7976931348623157e308", NULL},
    {4, "1e999", "inf"},
    {4, "1e-999", "0"},
    {4, "123456789012345678901234567890", "1.2345678901234568e29"},
    {4, "0.0001", NULL},
    {4, "1e-7", NULL},
    {4, "inf", NULL},
    {4, "-inf", NULL},
    {4, "nan", NULL},
    {4, "nan:0x7ff8000000000000", "nan"},
    {4, "nan:0xfff8000000000000", NULL},
    {4, "nan:0x7FF0000000000001", "nan:0x7ff0000000000001"},
    {4, "true", NULL},
    {4, "false", NULL},
    {4, "\"string\"", NULL},
    {4, "\"\"", NULL},
    {4, "\"\\n\\t\\r\\\\\\\"'\"", NULL},
    {4, "\"\\u{41}\\u{0}\\u{1b}\\u{7f}\\u{85}\\u{1F600}\"", "\"A\\u{0}\\u{1b}\\u{7f}\\u{85}\xF0\x9F\x98\x80\""},
    {4, "'atom'", NULL},
    {4, "'it\\'s \"so\"'", NULL},
    {4, ":atom", "'atom'"},
    {4, ":__function_ref:Main:x", "'__function_ref:Main:x'"},
    {4, "()", NULL},
    {4, "unit", "()"},
    {4, "undefined", NULL},
    {4, "3+4i", NULL},
    {4, "-3-4.5i", NULL},
    {4, "4i", "0+4i"},
    {4, "-0-0i", NULL},
    {4, "inf-infi", NULL},
    {4, "nan+nani", NULL},
    {4, "nan:0x7ff0000000000001+nan:0xfff0000000000001i", NULL},
    {4, "[]", NULL},
    {4, "[1, [2, \"x\"], ()]", NULL},
    {4, "[1, 2,]", "[1, 2]"},
    {4, "(,)", NULL},
    {4, "(1,)", NULL},
    {4, "(1, 2)", NULL},
    {4, "((1,), (,), ())", NULL},
    {4, "{}", NULL},
    {4, "{key: 1, \"odd key\": 2 [-ec], \"\": {a: :b}, true: false}",
     "{key: 1, \"odd key\": 2 [-ec], \"\": {a: 'b'}, true: false}"},
    {4, "{a: 1 [wec]}", "{a: 1}"},
    {5, "{a: 1 [readonly], b: 2 [protected], c: 3 [protected_readonly], d: 4 [public]}",
     "{a: 1 [readonly], b: 2 [protected], c: 3 [protected_readonly], d: 4}"},
    {4, "function:Main:worker", NULL},
    {4, "function:worker", NULL},
    {4, "function:net/Http.get", NULL},
    {4, "function:\"odd name\"", NULL},
    {4, "function:\"\"", NULL},
};

static void check_form(const form *f, const char *before)
{
    compilation *c = begin();
    const char *expected = f->expected ? f->expected : f->input;
    char *input = arena_format(c, ".dialect %d\n.layout single\n.function f (arity: 0, extra_regs: 3)\n%s%s\n.end\n",
                               f->dialect, before, f->input);
    char *listing = arena_format(c,
                                 ".class T\n.dialect %d\n.layout single\n\n.function f (arity: 0, extra_regs: 3)\n"
                                 "   0: %s%s\n.end\n",
                                 f->dialect, before, expected);
    const char *got = listing_of(c, text_of(input));
    report(strcmp(got, listing) == 0 || strcmp(got, expected) == 0, f->input, got);
    compilation_free(c);
}

/* ---- whole sources ---- */

static void test_sources(void)
{
    expect_listing("the layout and dialect without directives: one function",
                   ".class A\n.function f\nLOAD_CONST r20, 1\n",
                   ".class A\n.dialect 4\n.layout single\n\n.function f (arity: 0, extra_regs: 21)\n"
                   "   0: LOAD_CONST r20, 1\n.end\n");
    expect_listing(
        "the layout and dialect without directives: several, one of dialect 5",
        ".function f (arity: 1)\nARRAY_INIT r0, []\n.function - (arity: 0)\n.end\n.native \"odd name\" (arity: 1) "
        "\"Sqrt\"",
        ".class T\n.dialect 5\n.layout multi\n\n.function f (arity: 1, extra_regs: 0)\n   0: ARRAY_INIT r0, []\n"
        ".end\n\n.function - (arity: 0, extra_regs: 0)\n.end\n\n.native \"odd name\" (arity: 1) \"Sqrt\"\n");
    expect_listing("protected properties ask for dialect 5", ".function f\nLOAD_CONST r0, {a: 1 [protected]}",
                   ".class T\n.dialect 5\n.layout single\n\n.function f (arity: 0, extra_regs: 1)\n"
                   "   0: LOAD_CONST r0, {a: 1 [protected]}\n.end\n");
    expect_listing(
        "a byte order mark, CRLF and several classes",
        "\xEF\xBB\xBF.class net/Http\r\n.function get\r\nNOP\r\n.end\r\n.class \"odd name\"\r\n.function \"-\"\r\n",
        ".class net/Http\n.dialect 4\n.layout single\n\n.function get (arity: 0, extra_regs: 0)\n   0: NOP\n.end\n"
        ".class \"odd name\"\n.dialect 4\n.layout single\n\n.function \"-\" (arity: 0, extra_regs: 0)\n.end\n");
    expect_listing("a bare layout", ".layout bare\n.function -\nNOP\n",
                   ".class T\n.dialect 4\n.layout bare\n\n.function -\n   0: NOP\n.end\n");
    expect_listing("dialect 1 has no extra registers", ".dialect 1\n.function f (arity: 1)\nRETURN r16\n",
                   ".class T\n.dialect 1\n.layout single\n\n.function f (arity: 1)\n   0: RETURN r16\n.end\n");
    expect_listing(
        "a listing with announcing comments",
        ".bytecode\n; Function: main (arity: 0, extra_regs: 3)\n  0: NOP\n  1: JUMP -1\n"
        "; Function: two words (arity: 2)\n0: RETURN r1\n.end\n",
        ".class T\n.dialect 4\n.layout multi\n\n.function main (arity: 0, extra_regs: 3)\n   0: NOP\n   1: JUMP -1\n"
        ".end\n\n.function \"two words\" (arity: 2, extra_regs: 0)\n   0: RETURN r1\n.end\n");
    expect_listing(
        "a listing announced before it begins", "; Function: main (arity: 1, extra_regs: 3)\n\n.bytecode\nNOP\n.end\n",
        ".class T\n.dialect 4\n.layout single\n\n.function main (arity: 1, extra_regs: 3)\n   0: NOP\n.end\n");
    expect_listing("a listing that announces nothing", ".bytecode\nNOP\n.end\n",
                   ".class T\n.dialect 4\n.layout single\n\n.function - (arity: 0, extra_regs: 0)\n   0: NOP\n.end\n");
    expect_listing("an announcing comment elsewhere is a comment", ".function f\n; Function: g (arity: 1)\nNOP\n",
                   ".class T\n.dialect 4\n.layout single\n\n.function f (arity: 0, extra_regs: 0)\n   0: NOP\n.end\n");
    expect_listing(
        "functions in braces",
        "function main (arity: 0, extra_regs: 3) {\n  0: NOP\n}\nfunction \"odd name\" (arity: 1)\n{ NOP }\n",
        ".class T\n.dialect 4\n.layout multi\n\n.function main (arity: 0, extra_regs: 3)\n   0: NOP\n.end\n\n"
        ".function \"odd name\" (arity: 1, extra_regs: 0)\n   0: NOP\n.end\n");
    expect_listing(
        "labels: several, on their own lines and at the end",
        ".function f\na: b:\nc: JUMP end\nJUMP a\nJUMP c\nend:\n.end\n.function g\na: JUMP a\n",
        ".class T\n.dialect 4\n.layout multi\n\n.function f (arity: 0, extra_regs: 0)\n   0: JUMP +3\n   1: JUMP -1\n"
        "   2: JUMP -2\n.end\n\n.function g (arity: 0, extra_regs: 0)\n   0: JUMP +0\n.end\n");
    expect_listing(
        "registers beyond those announced: loosely, up to 256", ".function f (arity: 0, extra_regs: 2)\nRETURN r200",
        ".class T\n.dialect 4\n.layout single\n\n.function f (arity: 0, extra_regs: 2)\n   0: RETURN r200\n.end\n");
}

/* ---- errors ---- */

static const struct {
    const char *input, *message;
} errors[] = {
    {"NOP\n", "t: line 1: code outside a function"},
    {"\n.foo", "t: line 2: unknown directive .foo"},
    {".function f\nFOO r1", "t: line 2: unknown instruction FOO"},
    {".function f\nMOVE r1\n", "t: line 2: expected ',', found the end of the line"},
    {".function f\nMOVE r1 r2", "t: line 2: expected ',', found r2"},
    {".function f\nMOVE r1, 2", "t: line 2: expected a register, found 2"},
    {".function f\nMOVE r1, r99999999999", "t: line 2: r99999999999 is too large a number"},
    {".function f\nMOVE r1, r2, r3", "t: line 2: expected the end of the line, found ,"},
    {".function f\nLOAD_CONST r0, foo", "t: line 2: expected a value (an atom is written 'name' or :name), found foo"},
    {".function f\nLOAD_CONST r0, (1)", "t: line 2: a tuple of one element is written (a,)"},
    {".function f\nLOAD_CONST r0, \"abc", "t: line 2: no closing \" on this line"},
    {".function f\nLOAD_CONST r0, \"\\q\"", "t: line 2: unknown escape, known are \\n \\t \\r \\\\ \\\" \\' \\u{…}"},
    {".function f\nLOAD_CONST r0, \"\\u{d800}\"", "t: line 2: \\u{…} is no Unicode code point"},
    {".function f\nLOAD_CONST r0, \"\\u{110000}\"", "t: line 2: \\u{…} is no Unicode code point"},
    {".function f\nLOAD_CONST r0, 12abc", "t: line 2: not a number"},
    {".function f\nLOAD_CONST r0, 1.", "t: line 2: not a number"},
    {".function f\nLOAD_CONST r0, nan:0x1", "t: line 2: not a number"},
    {".function f\nLOAD_CONST r0, 1+2", "t: line 2: a complex number ends with i"},
    {".function f\nLOAD_CONST r0, [1, 2", "t: line 2: expected ']', found the end of the file"},
    {".function f\nLOAD_CONST r0, {a: 1 [wxc]}", "t: line 2: expected flags such as [w-c] or [readonly]"},
    {".function f\nLOAD_CONST r0, {1: 1}", "t: line 2: expected a property name, found 1"},
    {".function f\nJUMP nowhere\nNOP", "t: line 2: no label nowhere in this function"},
    {".function f\nNOP\nJUMP +3\n", "t: line 3: instruction 1: jump to 4, outside 0..2"},
    {".function f\na:\na: NOP", "t: line 3: a second label a in this function"},
    {".function f\nJUMP 2147483648", "t: line 2: 2147483648 is too large for an offset"},
    {".function f (arity: 0, extra_regs: 0)\nNOP\nMOVE r1, r300",
     "t: line 3: instruction 1: r300 is beyond the 16 registers of the function"},
    {".function f (arity: 70000)\nNOP", "t: line 1: function 0: 70000 registers, the most is 65536"},
    {".function f (arity 0)", "t: line 1: expected ':', found 0"},
    {".function f (foo: 0)", "t: line 1: expected arity or extra_regs, found foo"},
    {".function f (arity: 4294967296)", "t: line 1: 4294967296 is too large for an arity"},
    {".function", "t: line 1: expected a name, found the end of the file"},
    {".native f (arity: 1)", "t: line 1: expected the native function's name in quotes, found the end of the file"},
    {".dialect 6", "t: line 1: dialects are 1 to 5"},
    {".layout foo", "t: line 1: expected single, multi or bare, found foo"},
    {".end", "t: line 1: .end closes nothing"},
    {".class A\n.class A", "t: line 2: a second class of the name A"},
    {".class \"\"", "t: line 1: a class needs a name"},
    {".class A\n.layout single\n.function f\n.function g",
     "t: line 1: layout single holds one function, the class has 2"},
    {".class A\n.layout bare\n.function f",
     "t: line 1: layout bare holds code only, no name, arity or native function"},
    {".dialect 2\n.function f\nLOAD_CONST r0, \"s\"", "t: line 3: dialect 2 has no place for a string"},
    {".dialect 2\n.function f\nLOAD_CONST r0, 1i", "t: line 3: dialect 2 has no place for a complex number"},
    {".dialect 2\n.function f\nNOT r0, r1", "t: line 3: dialect 2 has no place for NOT"},
    {".dialect 4\n.function f\nARRAY_INIT r0, []", "t: line 3: dialect 4 has no place for ARRAY_INIT"},
    {".dialect 3\n.function f\nLINK p1, r0", "t: line 3: dialect 3 has no place for LINK with a result"},
    {".function f\nLINK p1", "t: line 2: dialect 4 has no place for LINK without a result"},
    {".dialect 5\n.function f\nLOAD_CONST r0, {a: 1 [w--]}",
     "t: line 3: dialect 5 has no place for a combination of property flags"},
    {".dialect 4\n.function f\nLOAD_CONST r0, {a: 1 [protected]}",
     "t: line 3: dialect 4 has no place for a protected property"},
    {".manifest Name", "t: line 1: expected .manifest KEY: VALUE"},
    {".resource x \"y\"", "t: line 1: expected a resource's path in quotes, found x"},
    {".function f\n\"\xFF\"", "t: line 2: not valid UTF-8"},
    {"?", "t: line 1: expected the end of the line, found ?"},
};

static void test_errors(void)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        expect_listing(errors[i].message, errors[i].input, errors[i].message);
}

static char *repeated(compilation *c, const char *before, const char *open, unsigned n, const char *middle,
                      const char *close, const char *after)
{
    buffer b = {.c = c};
    buf_puts(&b, before);
    for (unsigned i = 0; i < n; i++)
        buf_puts(&b, open);
    buf_puts(&b, middle);
    for (unsigned i = 0; i < n; i++)
        buf_puts(&b, close);
    buf_puts(&b, after);
    return b.data;
}

static const char *round_trip(compilation *c, text bytes, unsigned dialects);

/* Whether a source of one class assembles to bytes that can be read, printed and assembled again. */
static bool bytes_survive(compilation *c, const char *input)
{
    source s = {0};
    if (!COMPILATION_TRY(c))
        return false;
    source_assemble(c, &s, "t", text_of(input), "T");
    return !round_trip(c, class_encode(c, s.classes[0]), ALL_DIALECTS);
}

static void test_nesting(void)
{
    static const struct {
        const char *what, *before, *open, *middle, *close, *after;
        unsigned levels; /* that fit */
    } nests[] = {
        {"arrays", "LOAD_CONST r0, ", "[", "1", "]", "", MAX_NESTING - 1},
        {"objects", "LOAD_CONST r0, ", "{a:", "1", "}", "", MAX_NESTING - 1},
        {"tuple patterns", "MATCH r0, [(", "(", "ok", ",)", ", +1)]", MAX_NESTING - 2},
        {"tags", "MATCH r0, [(", "#a ", "_", "", ", +1)]", MAX_NESTING - 1},
    };
    for (size_t i = 0; i < sizeof nests / sizeof *nests; i++) {
        for (unsigned more = 0; more < 2; more++) {
            compilation *c = begin();
            char *code = repeated(c, nests[i].before, nests[i].open, nests[i].levels + more, nests[i].middle,
                                  nests[i].close, nests[i].after);
            char *input = arena_format(c, ".function f\n%s\n", code);
            const char *got = listing_of(c, text_of(input));
            if (more)
                report(strcmp(got, "t: line 2: nested more than 1000 deep") == 0, nests[i].what, got);
            else
                report(*got == '.' && bytes_survive(c, input), nests[i].what, c->message ? c->message : "bytes differ");
            compilation_free(c);
        }
    }
}

/* ---- numbers ---- */

/* Whether a number's literal has its bits. */
static bool reads_back(compilation *c, uint64_t bits)
{
    double d;
    uint64_t again;
    memcpy(&d, &bits, sizeof d);
    buffer b = {.c = c};
    buf_puts(&b, ".function f\nLOAD_CONST r0, ");
    disasm_number(&b, d);
    if (!COMPILATION_TRY(c))
        return false;
    source s = {0};
    source_assemble(c, &s, "t", (text){b.data, (uint32_t)b.len}, "T");
    memcpy(&again, &s.classes[0]->functions[0].code[0].value->number, sizeof again);
    return again == bits;
}

static void test_numbers(const char *what)
{
    uint64_t state = 1;
    unsigned wrong = 0;
    compilation *c = begin();
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t bits = random_next(&state);
        if (i % 2)
            bits = (bits & 0xFFFFFFFFFF) << 12 | (UINT64_C(0x3E0) + i % 128) << 52;
        if (reads_back(c, bits))
            continue;
        if (wrong++ == 0)
            printf("  %016llx: %s\n", (unsigned long long)bits, c->message ? c->message : "read as another");
    }
    compilation_free(c);
    report(wrong == 0, what, "numbers did not read back");
}

/* ---- bytes → text → bytes ---- */

/* NULL if bytes read in one of the dialects, printed and assembled give the same bytes; else what went wrong. */
static const char *round_trip(compilation *c, text bytes, unsigned dialects)
{
    class *k = class_read(c, "bytes", text_of("Some/Name"), bytes, dialects, true);
    buffer b = {.c = c};
    disasm_class(&b, k);
    source s = {0};
    source_assemble(c, &s, "listing", (text){b.data, (uint32_t)b.len}, "T");
    if (s.n != 1 || !text_equal(s.classes[0]->name, k->name))
        return arena_format(c, "class lost:\n%s", b.data);
    if (!text_equal(class_encode(c, s.classes[0]), bytes))
        return arena_format(c, "bytes differ:\n%s", b.data);
    return NULL;
}

static void test_generated(int dialect, layout as)
{
    enum { CLASSES = 120 };
    const char *volatile wrong = NULL;
    volatile uint64_t seed = 1;
    compilation *c = begin();
    if (COMPILATION_TRY(c)) {
        for (; seed <= CLASSES && !wrong; seed++) {
            class *k = generate_class(c, seed, dialect, as);
            text bytes = class_encode(c, k);
            wrong = round_trip(c, bytes, 1u << dialect);
            if (!wrong)
                wrong = round_trip(c, bytes, ALL_DIALECTS);
        }
    } else {
        wrong = c->message;
    }
    char what[80];
    snprintf(what, sizeof what, "generated classes, dialect %d, layout %d", dialect, as);
    report(!wrong, what, wrong ? wrong : "");
    compilation_free(c);
}

static void test_pack(const char *path, const char *name)
{
    const char *volatile wrong = NULL;
    compilation *c = begin();
    if (COMPILATION_TRY(c)) {
        const package *p = package_read(c, path);
        for (uint32_t i = 0; i < p->n && !wrong; i++)
            if (strncmp(p->entries[i].name, "classes/", 8) == 0)
                wrong = round_trip(c, p->entries[i].data, ALL_DIALECTS);
    } else {
        wrong = c->message;
    }
    report(!wrong, name, wrong ? wrong : "");
    compilation_free(c);
}

static void test_packs(const char *folder)
{
    DIR *d = opendir(folder);
    if (!d) {
        printf("skip - no packages in %s\n", folder);
        return;
    }
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        char path[1000];
        size_t n = strlen(e->d_name);
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (n > 8 && strcmp(e->d_name + n - 8, ".ionpack") == 0)
            test_pack(path, e->d_name);
    }
    closedir(d);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof instructions / sizeof *instructions; i++)
        check_form(&instructions[i], "");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        check_form(&values[i], "LOAD_CONST r0, ");
    test_sources();
    test_errors();
    test_nesting();
    test_numbers("numbers read back");
    if (setlocale(LC_ALL, "de_DE.UTF-8"))
        test_numbers("numbers read back in a locale with a decimal comma");
    else
        printf("skip - no locale with a decimal comma\n");
    setlocale(LC_ALL, "C");
    for (int dialect = 1; dialect <= 5; dialect++)
        for (int as = LAYOUT_SINGLE; as <= LAYOUT_BARE; as++)
            test_generated(dialect, (layout)as);
    test_packages();
    test_packs(argc > 1 ? argv[1] : "../shared/packs");
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
