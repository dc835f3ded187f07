/* library_test.c: the library's strings, arrays, objects, types and printing, called by a function that stands where
 * generated code would, in a process of a real runtime that collects at every allocation. Results are compared as
 * printed. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "atom.h"
#include "native.h"
#include "object.h"
#include "sched.h"
#include "str.h"
#include "unicode.h"

static int passed, failed;

static void check(const char *name, bool good, const char *got)
{
    if (good) {
        passed++;
        printf("ok %s\n", name);
    } else {
        failed++;
        printf("not ok %s: %s\n", name, got);
    }
}

/* ---- the function that calls: registers below KEPT hold arguments, those from KEPT on what tests keep ---- */

enum { KEPT = 16, REGS = 32 };
static const ion_u64 all_live[] = {0xFFFFFFFF};
static const ion_point points[] = {{0, 0, 0, "a test"}};
static ion_code run_tests;
static const ion_function caller = {.code = run_tests,
                                    .name = "main",
                                    .class_ = "Test",
                                    .regs = REGS,
                                    .size = ION_FRAME(REGS) + ION_FRAME(REGS),
                                    .live_words = 1,
                                    .live = all_live,
                                    .points = points,
                                    .npoints = 1};
static ion_process *p;
static ion_frame *fp;

static ion_value string_of(const char *s)
{
    return str_new(p, fp, s, strlen(s));
}

/* Calls a library function. `kinds` has a letter for each argument: s string, b bytes and their number, a atom, n
 * number, v value, r the number of a register. */
static ion_value call(const char *name, const char *kinds, va_list args)
{
    ion_u32 n = 0;
    for (; kinds[n]; n++) {
        const char *s = strchr("sba", kinds[n]) ? va_arg(args, const char *) : NULL;
        switch (kinds[n]) {
        case 's': fp->r[n].v = string_of(s); break;
        case 'b': fp->r[n].v = str_new(p, fp, s, (size_t)va_arg(args, int)); break;
        case 'a': fp->r[n].v = atom_make(s, strlen(s)); break;
        case 'n': fp->r[n].v = value_number(va_arg(args, double)); break;
        case 'v': fp->r[n].v = va_arg(args, ion_value); break;
        default: fp->r[n].v = fp->r[va_arg(args, int)].v; break;
        }
    }
    ion_frame *out = ION_BEHIND(fp, REGS);
    memcpy(&out->r[0], &fp->r[0], n * sizeof(ion_slot));
    return ion_call(p, fp, ION_FUNCTION(library_find(name, strlen(name))), n);
}

static char shown[100000];

static const char *show(ion_value v)
{
    outbuf o = {0};
    print_value(&o, v, NULL);
    out_put(&o, "", 1);
    snprintf(shown, sizeof shown, "%s", o.data);
    out_free(&o);
    return shown;
}

/* Calls and compares what comes out, which is left in register KEPT. */
static void expect(const char *want, const char *name, const char *kinds, ...)
{
    char title[200];
    va_list args;
    va_start(args, kinds);
    fp->r[KEPT].v = call(name, kinds, args);
    va_end(args);
    snprintf(title, sizeof title, "%s gives %.100s", name, want);
    const char *got = show(fp->r[KEPT].v);
    check(title, strcmp(got, want) == 0, got);
}

#define ERROR "error:FFI call error: "

/* ---- strings ---- */

static void strings(void)
{
    expect("5", "StrLength", "s", "h\u00e9lo");
    expect("STRASSE \u00c9 \u01c4 \u1f88 \u00df", "StrUpper", "s", "strasse \u00e9 \u01c6 \u1f80 \u00df");
    expect("stra\u00dfe \u03c3 i \u1c7f \U00010428", "StrLower", "s", "STRA\u1e9eE \u03a3 \u0130 \u1c7f \U00010400");
    expect("A\xff\xc3", "StrUpper", "s", "a\xff\xc3");
    expect("\xed\xa0\x80x\xf4\x90\x80\x80\xc0\x80", "StrLower", "s", "\xed\xa0\x80X\xf4\x90\x80\x80\xc0\x80");
    expect("[a, \u20ac, \xe2, \x82, z, \xff]", "StrChars", "s", "a\u20ac\xe2\x82z\xff");
    expect("[]", "StrChars", "s", "");
    expect("[, a, b, ]", "StrSplit", "ss", "ab", "");
    expect("[, ]", "StrSplit", "ss", "", "");
    expect("[]", "StrSplit", "ss", "", ","); /* one empty string */
}

static void pieces(void)
{
    expect("[a, , b, ]", "StrSplit", "ss", "a--,--,b--,", "--,");
    expect("[, a]", "StrSplit", "ss", "aaa", "aa");
    expect("x \xff", "StrTrim", "s", " \t\u2003x \xff\u00a0\r\n\u3000");
    expect("\xe2\x80", "StrTrim", "s", " \xe2\x80 ");
    expect("\xc2", "StrTrim", "s", "\xc2\u2028");
    expect("", "StrTrim", "s", "\xc2\x85 \u2029");
    expect("3", "StrFind", "ss", "abcabd", "abd");
    expect("-1", "StrFind", "ss", "abc", "abcd");
    expect("0", "StrFind", "ss", "abc", "");
    expect("bc", "StrSlice", "snn", "abcd", 1.9, 3.9);
    expect("cd", "StrSlice", "snn", "abcd", -2.0, 1e300);
    expect("", "StrSlice", "snn", "abcd", 3.0, 1.0);
    expect("abc", "StrSlice", "snn", "abcd", 0.0 / 0.0, -1.0);
    expect("abcd", "StrSlice", "snn", "abcd", -100.0, 4.0);
    expect("x--y--", "StrReplace", "sss", "xabyab", "ab", "--");
    expect("xab", "StrReplace", "sss", "xab", "", "--");
    expect("y", "StrReplace", "sss", "aya", "a", "");
    expect("ab", "StrConcat", "ss", "a", "b");
}

static ion_value append(int reg, const char *s)
{
    fp->r[0].v = string_of(s);
    return str_concat(p, fp, fp->r[reg].v, fp->r[0].v);
}

static void growing(void)
{
    fp->r[17].v = string_of("");
    bool good = true;
    text_buffer *buffer = NULL;
    int moved = 0;
    for (int i = 0; i < 20000; i++) {
        char piece[8];
        int n = snprintf(piece, sizeof piece, "%d,", i);
        fp->r[18].v = str_new(p, fp, piece, (size_t)n);
        fp->r[17].v = str_concat(p, fp, fp->r[17].v, fp->r[18].v);
        if (is_boxed(fp->r[17].v, KIND_LONG) && AS(long_string, fp->r[17].v)->buffer != buffer) {
            buffer = AS(long_string, fp->r[17].v)->buffer;
            moved++;
        }
    }
    size_t at = 0;
    for (int i = 0; i < 20000 && good; i++) {
        char piece[8];
        int n = snprintf(piece, sizeof piece, "%d,", i);
        good =
            at + (size_t)n <= string_len(fp->r[17].v) && memcmp(string_bytes(fp->r[17].v) + at, piece, (size_t)n) == 0;
        at += (size_t)n;
    }
    check("appending keeps all bytes", good && at == string_len(fp->r[17].v), "");
    check("appending moves seldom", moved < 12, "");
    /* Two appends to one string: the second must not touch what the first made. */
    fp->r[18].v = append(17, "left");
    fp->r[19].v = append(17, "right");
    check("first branch", memcmp(string_bytes(fp->r[18].v) + at, "left", 4) == 0, "");
    check("second branch", memcmp(string_bytes(fp->r[19].v) + at, "right", 5) == 0, "");
    fp->r[20].v = str_slice(p, fp, fp->r[18].v, 0, at - 1);
    fp->r[21].v = append(20, "!!");
    check("a shorter view is not appended to", memcmp(string_bytes(fp->r[18].v) + at - 1, ",left", 5) == 0, "");
    fp->r[22].v = str_concat(p, fp, fp->r[18].v, fp->r[18].v);
    check("a string and itself",
          string_len(fp->r[22].v) == 2 * (at + 4) &&
              memcmp(string_bytes(fp->r[22].v) + at + 4, string_bytes(fp->r[18].v), at + 4) == 0,
          "");
}

static void repeating(void)
{
    static const struct {
        double times;
        const char *want;
    } cases[] = {{3.9, "ababab"}, {1, "ab"}, {0.9, ""}, {-5, ""}, {0.0 / 0.0, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = show(str_repeat(p, fp, string_of("ab"), cases[i].times));
        check("repeat", strcmp(got, cases[i].want) == 0, got);
    }
    ion_value v = str_repeat(p, fp, string_of("abc"), 10001);
    bool good = string_len(v) == 30003;
    for (size_t i = 0; i < 30003 && good; i++)
        good = string_bytes(v)[i] == "abc"[i % 3];
    check("repeat to a long string", good, "");
    check("repeat of nothing", string_len(str_repeat(p, fp, string_of(""), 1e300)) == 0, "");
}

/* ---- arrays ---- */

static void arrays(void)
{
    expect("[c, a, b]", "StrChars", "s", "cab");
    fp->r[17].v = fp->r[KEPT].v;
    expect("[a, b, c]", "ArraySort", "r", 17);
    expect("[c, a, b, x]", "ArrayPush", "rs", 17, "x");
    expect("[a, b]", "ArraySlice", "rnn", 17, -2.0, 9.0);
    expect("[]", "ArraySlice", "rnn", 17, 2.0, 1.0);
    fp->r[18].v = fp->r[KEPT].v;
    expect("[c, a, b, c, a, b]", "ArrayConcat", "rr", 17, 17);
    expect("[]", "ArrayConcat", "rr", 18, 18);
    expect("[]", "ArraySort", "r", 18);
    expect("[1]", "ArrayPush", "rn", 18, 1.0);
    expect("[c, a, b, 1]", "ArrayPush", "rn", 17, 1.0);
    fp->r[18].v = fp->r[KEPT].v;
    expect(ERROR "Runtime error: Cannot sort elements of different types", "ArraySort", "r", 18);
    expect("4", "ArrayLength", "r", 18);
    expect("[]", "ObjectKeys", "v", object_new(p, fp, 0));
}

static uint64_t random_state = 5;

static uint32_t below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

/* Greater first; numbers of one tenth count as equal. */
static ion_value greater_tenth(ion_process *process_, ion_frame *frame_, ion_u32 argc)
{
    (void)process_, (void)argc;
    return ION_BOOL((int)frame_->r[0].d / 10 > (int)frame_->r[1].d / 10);
}

static void sorting(void)
{
    static const ion_function f = {
        .code = greater_tenth, .name = "f", .class_ = "Test", .arity = 2, .points = points, .npoints = 1};
    bool plain = true, stable = true;
    for (uint32_t n = 0; n < 70; n++) {
        fp->r[17].v = native_array(p, fp, n, 0, NULL, 0);
        for (uint32_t i = 0; i < n; i++) /* the ones tell in which order equal ones came */
            AS(array, fp->r[17].v)->store->items[i] = value_number(below(5) * 10 + i / 10.0);
        ion_frame *out = ION_BEHIND(fp, REGS);
        out->r[0].v = fp->r[17].v;
        array *a = AS(array, ion_call(p, fp, ION_FUNCTION(library_find("ArraySort", 9)), 1));
        for (uint32_t i = 1; i < n; i++)
            plain &= number_of(a->store->items[i - 1]) <= number_of(a->store->items[i]);
        out->r[0].v = fp->r[17].v;
        out->r[1].v = ION_FUNCTION(&f);
        a = AS(array, ion_call(p, fp, ION_FUNCTION(library_find("ArraySort", 9)), 2));
        for (uint32_t i = 1; i < n; i++) {
            double x = number_of(a->store->items[i - 1]), y = number_of(a->store->items[i]);
            stable &= (int)x / 10 > (int)y / 10 || ((int)x / 10 == (int)y / 10 && x <= y);
        }
    }
    check("numbers get sorted", plain, "");
    check("sorting with f is stable", stable, "");
}

/* ---- objects ---- */

static void objects(void)
{
    fp->r[17].v = object_new(p, fp, 0);
    expect("true", "DefineProperty", "rsns", 17, "a", 1.0, "wec");
    expect("true", "DefineProperty", "rans", 17, "b", 2.0, "c");
    expect("true", "DefineProperty", "rans", 17, "h", 3.0, "wech");
    expect("true", "DefineProperty", "rsns", 17, "no atom of that text", 4.0, "e");
    expect("false", "DefineProperty", "rsns", 17, "no atom of that text", 5.0, "e");
    expect("false", "DefineProperty", "rsns", 17, "q", 5.0, "wx");
    expect("false", "DefineProperty", "rans", 17, "__proto__", 5.0, "w");
    expect("{a: 1, no atom of that text: 4}", "ToString", "r", 17);
    expect("[a, no atom of that text]", "ObjectKeys", "r", 17);
    expect("true", "ObjectHas", "rs", 17, "b");
    expect("false", "ObjectHas", "ra", 17, "h");
    expect("false", "ObjectHas", "rs", 17, "none");
    expect("undefined", "GetPrototype", "r", 17);
    fp->r[18].v = object_new(p, fp, 0);
    expect("()", "SetPrototype", "rr", 18, 17);
    expect("true", "ObjectHas", "ra", 18, "a");
    expect("false", "ObjectDelete", "ra", 18, "a");
    expect("true", "ObjectDelete", "ra", 17, "a");
    expect("false", "ObjectHas", "ra", 18, "a");
    expect("false", "ObjectDelete", "rs", 17, "no atom of that text");
    expect("{no atom of that text: 4}", "GetPrototype", "r", 18);
}

/* ---- types, conversions, checks ---- */

static void types(void)
{
    expect("String", "TypeOf", "s", "x");
    expect("Function", "TypeOf", "v", ION_FUNCTION(&caller));
    expect("true", "IsProcess", "v", ION_PROCESS(1));
    expect("false", "IsObject", "v", ION_UNDEFINED);
    expect("12.5", "ToNumber", "a", "12.5");
    expect("NaN", "ToNumber", "s", "12.5 ");
    expect("1", "ToNumber", "v", ION_TRUE);
    expect("NaN", "ToNumber", "v", ION_UNIT);
    expect("undefined", "ToAtom", "s", "surely not an atom yet");
    expect("__str__", "ToAtom", "s", "__str__");
    expect("[Function: main]", "ToString", "v", ION_FUNCTION(&caller));
    expect("0", "ToString", "n", -0.0);
    expect("2", "Max", "nn", 0.0 / 0.0, 2.0);
    expect("-3", "Mod", "nn", -8.0, 5.0);
    expect("NaN", "Log", "n", 0.0);
    expect("-3", "Round", "n", -2.5);
    expect(ERROR "Runtime error: Cannot take square root of negative number", "Sqrt", "n", -1.0);
}

/* What is known only when it is called. */
static void denied(void)
{
    runtime *rt = runtime_of(proc_of(p));
    uint32_t was = rt->granted;
    rt->granted = grants_bits(&(grants){.layer[GRANT_BUILD] = {NULL, "io:stdin,resource:read,process:spawn"}});
    expect(ERROR "ReadLine needs io:stdin, which is not allowed", "ReadLine", "");
    expect(ERROR "Resources needs resource:read, which is not allowed", "Resources", "");
    expect(ERROR "ReadResource needs resource:read, which is not allowed", "ReadResource", "");
    const char *got = show(ion_spawn(p, fp, ION_FUNCTION(&caller), 0));
    check("SPAWN is denied", strcmp(got, ERROR "SPAWN needs process:spawn, which is not allowed") == 0, got);
    rt->granted = was;
    expect("[]", "Resources", "");
}

static void checks(void)
{
    expect(ERROR "Expected 1 arguments, got 2", "Sqrt", "nn", 1.0, 2.0);
    expect(ERROR "Expected 1 arguments, got 0", "ArraySort", "");
    expect(ERROR "Expected 2 arguments, got 3", "ArraySort", "nnn", 1.0, 1.0, 1.0);
    expect(ERROR "Expected at least 1 arguments, got 0", "PrintF", "");
    expect(ERROR "Expected Number argument, got String", "Sqrt", "s", "x");
    expect(ERROR "Expected Number, Number argument, got Number, Unit", "Max", "nv", 1.0, ION_UNIT);
    expect(ERROR "Expected Object, String, Any, String argument, got Object, Number, Atom, String", "DefineProperty",
           "vnas", object_new(p, fp, 0), 1.0, "x", "w");
    expect(ERROR "Expected Array argument, got Undefined", "ArrayLength", "v", ION_UNDEFINED);
    expect(ERROR "Expected String, Any, Any argument, got Number, Number, Number", "PrintF", "nnn", 1.0, 2.0, 3.0);
    expect(ERROR "Runtime error: Too few arguments for format string", "PrintF", "ss", "{} {1}", "x");
    expect(ERROR "Runtime error: Invalid format string", "PrintF", "ss", "{} }", "x");
    expect(ERROR "Runtime error: Invalid format string", "PrintF", "s", "{-1}");
    expect(ERROR "Runtime error: Invalid format string", "PrintF", "s", "{");
    check("names ignore case", library_find("debug", 5) == library_find("Debug", 5) && !library_find("Debu", 4), "");
    static const ion_function *volatile missing; /* for ever */
    missing = library_missing("Foo", 3, false);
    check("a missing function says so",
          strcmp(show(ion_call(p, fp, ION_FUNCTION(missing), 0)), ERROR "Function not found: Foo") == 0, shown);
}

/* ---- printing ---- */

/* [[[ ... 0 ... ]]] in register 17, and in `text` as it should print. */
static void nest(int depth, char *text)
{
    fp->r[17].v = value_number(0);
    for (int i = 0; i < depth; i++) {
        ion_value v = native_array(p, fp, 1, 0, NULL, 0);
        AS(array, v)->store->items[0] = fp->r[17].v;
        fp->r[17].v = v;
    }
    sprintf(text, "%.*s0%.*s", depth, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", depth,
            "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
}

static void printing(void)
{
    char text[200];
    bool good = true;
    for (int depth = 0; depth < 70; depth++) {
        nest(depth, text);
        good &= strcmp(show(fp->r[17].v), text) == 0;
    }
    check("nesting", good, shown);
    for (int depth = 1; depth < 70; depth++) { /* the innermost holds the outermost */
        nest(depth, text);
        ion_value inner = fp->r[17].v;
        for (int i = 1; i < depth; i++)
            inner = AS(array, inner)->store->items[0];
        AS(array, inner)->store->items[0] = fp->r[17].v;
        *strchr(text, '0') = '%';
        char want[300];
        snprintf(want, sizeof want, "%.*s\u2026%s", depth, text, strchr(text, '%') + 1);
        good &= strcmp(show(fp->r[17].v), want) == 0;
    }
    check("cycles", good, shown);
    nest(1, text);
    fp->r[18].v = native_array(p, fp, 2, 0, NULL, 0);
    AS(array, fp->r[18].v)->store->items[0] = fp->r[17].v;
    AS(array, fp->r[18].v)->store->items[1] = fp->r[17].v;
    check("sharing is no cycle", strcmp(show(fp->r[18].v), "[[0], [0]]") == 0, shown);
}

static void enums(void)
{
    fp->r[17].v = object_new(p, fp, 2);
    expect("true", "DefineProperty", "rsss", 17, "__tag", ":Circle", "w");
    expect(":Circle", "ToString", "r", 17);
    expect("true", "DefineProperty", "rsns", 17, "__slots", 5.0, "c");
    expect(":Circle(5)", "ToString", "r", 17);
    expect("true", "DefineProperty", "rsvs", 17, "__slots", ION_UNIT, "c");
    expect(":Circle", "ToString", "r", 17);
    fp->r[18].v = native_array(p, fp, 2, 0, NULL, 0);
    AS(array, fp->r[18].v)->store->items[0] = fp->r[17].v;
    expect("true", "DefineProperty", "rsrs", 17, "__slots", 18, "c");
    expect(":Circle[\u2026, undefined]", "ToString", "r", 17);
}

/* ---- characters ---- */

static void characters(void)
{
    int uppers = 0, lowers = 0;
    uint64_t upper_sum = 0, lower_sum = 0;
    bool good = true;
    for (uint32_t c = 0; c < 0x110000; c++) {
        if (c >= 0xD800 && c < 0xE000)
            continue;
        char bytes[4];
        size_t n = utf8_put(bytes, c), size, back;
        good &= utf8_get(bytes, bytes + n, &size) == c && size == n;
        good &= utf8_get_back(bytes, bytes + n, &back) == c && back == n;
        uint32_t upper = unicode_upper(c), lower = unicode_lower(c);
        uppers += upper != c;
        lowers += lower != c;
        upper_sum += upper != c ? (uint64_t)upper * c % 1000003 : 0;
        lower_sum += lower != c ? (uint64_t)lower * c % 1000003 : 0;
    }
    check("characters in UTF-8 and back", good, "");
    check("upper case", uppers == 1450 && upper_sum == 668528224, "");
    check("lower case", lowers == 1433 && lower_sum == 656656663, "");
}

/* ---- all of it ---- */

static ion_value run_tests(ion_process *process_, ion_frame *frame_, ion_u32 argc)
{
    p = process_;
    fp = frame_;
    ION_ENTER(caller);
    fp->fn = &caller;
    fp->at = 0;
    for (int i = 0; i < REGS; i++)
        fp->r[i].v = ION_UNDEFINED;
    strings();
    pieces();
    growing();
    repeating();
    arrays();
    sorting();
    objects();
    types();
    checks();
    denied();
    printing();
    enums();
    characters();
    ion_value v = str_repeat(p, fp, string_of("abc"), 1e9);
    check("a result too long ends the process", v == ION_LEAVE && proc_of(p)->how == END_LIMIT, "");
    return v;
}

int main(void)
{
    static const ion_function *const functions[] = {&caller};
    static const ion_program program = {
        .abi = ION_ABI, .name = "test", .entry = &caller, .functions = functions, .nfunctions = 1};
    settings set;
    if (!settings_read(&set, &program))
        return 2;
    set.stress_gc = true;
    int status = runtime_run(&program, &set, 0, NULL);
    check("exit status of a limit", status == 1, "");
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
