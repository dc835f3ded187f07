/* gen.c: random programs in text form. Usage: gen SEED plain|process
 *
 * The same seed gives the same program. Programs use every instruction; those called `plain` use no processes, no time
 * and nothing that depends on either, so they do the same under any schedule. All of them end, by these rules:
 *
 *   - loops count down in registers that nothing else writes;
 *   - an ordinary function takes fuel as its first argument (behind captured values), does nothing without, and hands
 *     on one less, so that calls through values of unknown origin are bounded too;
 *   - magic methods take no fuel. What they compute with lies in registers that hold plain values only, so that they
 *     call no operator's method themselves; `level 1` may read, write and print `this`, whose `level 2` methods
 *     (__str__, __getattr__, __setattr__, __not__) touch no object but for the plain write.
 *
 * Registers: r0..r11 data, r12..r15 plain values of magic methods, r20 fuel, r21 r22 loop counters, r23.. scratch.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATA = 12, FUEL = 20, COUNTER = 21, ONE = 23, FLAG = 24, T0 = 25, T1 = 26, T2 = 27, PRINT = 28, REGISTERS = 32 };
enum { ORDINARY = 5, CLOSURES = 2, METHODS = 3, LEAVES = 3, NUMERIC = 4, MOST_DEPTH = 3 };

static uint64_t state;
static bool processes;
static int label;                   /* last one given out */
static int loop_depth;              /* of the statement being written */
static int calls_left, spawns_left; /* in this function */
static bool returns;                /* it may do so early */

static uint64_t next(void)
{
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static int below(int n)
{
    return (int)(next() % (uint64_t)n);
}

static bool chance(int percent)
{
    return below(100) < percent;
}

/* What was last written to each data register, as far as that is known: n number, s string, o object, a array, f
 * function, p process. Only a hint: it makes operands that suit an operation likelier. */
static char kinds[DATA];

static int data(void)
{
    return below(DATA);
}

/* A register to be written. */
static int target(char kind)
{
    int d = data();
    kinds[d] = kind;
    return d;
}

/* A register to be read, of that kind if there is one, mostly. */
static int operand(char kind)
{
    int from = data();
    if (chance(80))
        for (int i = 0; i < DATA; i++)
            if (kinds[(from + i) % DATA] == kind)
                return (from + i) % DATA;
    return from;
}

#define PICK(list) ((list)[below((int)(sizeof(list) / sizeof *(list)))])

/* One instruction. */
__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
    va_list list;
    printf("    ");
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
}

static void put_label(int l)
{
    printf("L%d:\n", l);
}

/* ---- constants ---- */

static const char *const keys[] = {"a", "b", "c", "x", "y", "name", "v"};
static const char *const atoms[] = {":ok", ":error", ":a", ":b", ":name", "''", ":x"};
static const char *const strings[] = {"\"\"",     "\"a\"",  "\"b\"",      "\"hello\"", "\"0\"",       "\"1\"",
                                      "\"12.5\"", "\"ok\"", "\" pad \"",  "\"a,b,c\"", "\"h\u00e9\"", "\"zz\\n\"",
                                      "\"x\"",    "\"{}\"", "\"{0} {}\"", "\"self\""};
static const char *const numbers[] = {"0",   "1",     "2",   "3",    "4",   "7",   "10",  "-1",   "-0",   "0.5",
                                      "2.5", "-3.25", "100", "1e21", "0.1", "nan", "inf", "-inf", "1e-7", "255"};
static const char *const complexes[] = {"1+2i", "0-1i", "2+0i", "0.5+0.5i"};
static const char *const pure[] = {"Sqrt",     "Abs",      "TypeOf",      "StrLength",
                                   "ToString", "IsNumber", "ArrayLength", "Floor"};

static void function_name(int i)
{
    if (i < ORDINARY)
        printf("function:%s:f%d", i % 2 ? "Util" : "Main", i);
    else
        printf("function:Util:f%d", i);
}

static void scalar(void)
{
    switch (below(10)) {
    case 0:
    case 1:
    case 2: printf("%s", PICK(numbers)); break;
    case 3:
    case 4:
    case 5: printf("%s", PICK(strings)); break;
    case 6: printf("%s", PICK(atoms)); break;
    case 7: printf("%s", chance(50) ? "true" : "false"); break;
    case 8: printf("%s", chance(50) ? "()" : "undefined"); break;
    case 9: printf("%s", PICK(complexes)); break;
    }
}

static void constant(int depth);

static void constant_object(int depth)
{
    static const char *const flags[] = {" [readonly]", " [readonly]", " [protected]", " [protected_readonly]"};
    int n = below(4);
    const char *comma = "";
    putchar('{');
    if (chance(15)) {
        printf("__tag: %s, __slots: ", chance(50) ? "\"Some\"" : ":None");
        constant(depth + 1);
        comma = ", ";
    }
    for (int i = 0; i < n; i++) {
        printf("%s%s: ", comma, PICK(keys));
        constant(depth + 1);
        if (chance(12))
            printf("%s", PICK(flags));
        comma = ", ";
    }
    if (chance(10)) {
        printf("%s__proto__: ", comma);
        constant(depth + 1);
    }
    putchar('}');
}

static void constant_list(int depth, char open, char close)
{
    int n = below(4);
    putchar(open);
    for (int i = 0; i < n; i++) {
        constant(depth + 1);
        printf("%s", i + 1 < n || (open == '(' && n == 1) ? ", " : "");
    }
    if (n == 0 && open == '(')
        putchar(',');
    putchar(close);
}

static void special(void)
{
    static const char *const any[] = {":self", ":__vm:pid", ":__vm:this", ":__vm:nothing", ":__vm:self"};
    static const char *const scheduled[] = {":__vm:processes", ":__vm:scheduler_passes"};
    if (processes && chance(25))
        printf("%s", PICK(scheduled));
    else
        printf("%s", PICK(any));
}

static void constant(int depth)
{
    int what = below(depth < 2 ? 14 : 8);
    if (what < 7)
        scalar();
    else if (what == 7)
        special();
    else if (what == 8)
        function_name(below(ORDINARY));
    else if (what == 9)
        printf(":__stdlib:%s", PICK(pure));
    else if (what == 10 || what == 11)
        constant_list(depth, '[', ']');
    else if (what == 12)
        constant_list(depth, '(', ')');
    else
        constant_object(depth);
}

static void load_begin(int r)
{
    printf("    LOAD_CONST r%d, ", r);
}

static void load(int r)
{
    kinds[r] = '?';
    if (chance(15)) {
        put("LOAD_CONST r%d, %s", r, PICK(numbers));
        kinds[r] = 'n';
        return;
    }
    load_begin(r);
    if (chance(20)) {
        kinds[r] = 'o';
        constant_object(0);
    } else {
        constant(0);
    }
    putchar('\n');
}

static void load_key(int r)
{
    int what = below(12);
    if (what == 0)
        put("LOAD_CONST r%d, %d", r, below(3));
    else if (what == 1)
        put("LOAD_CONST r%d, \"%d\"", r, below(2));
    else if (what == 2)
        put("LOAD_CONST r%d, :__proto__", r);
    else if (what < 6)
        put("LOAD_CONST r%d, \"%s\"", r, PICK(keys));
    else
        put("LOAD_CONST r%d, :%s", r, PICK(keys));
}

static void pattern(int depth)
{
    int what = below(depth < 2 ? 10 : 5);
    if (what < 2) {
        putchar('_');
    } else if (what < 5) {
        putchar('=');
        scalar();
    } else if (what < 8) {
        bool tuple = what < 7;
        int n = below(3);
        putchar(tuple ? '(' : '[');
        for (int i = 0; i < n; i++) {
            pattern(depth + 1);
            printf("%s", i + 1 < n || (tuple && n == 1) ? ", " : "");
        }
        printf("%s", tuple && n == 0 ? ",)" : tuple ? ")" : "]");
    } else if (what == 8) {
        printf("#\"%s\" ", chance(50) ? "Some" : "None");
        pattern(depth + 1);
    } else {
        putchar('=');
        constant(1);
    }
}

/* ---- statements on data registers ---- */

static void statement(int depth);

static void block(int depth, int most)
{
    for (int n = 1 + below(most); n > 0; n--)
        statement(depth);
}

static void print(void)
{
    static const char *const names[] = {"PrintLn", "PrintLn", "PrintLn", "Debug", "Eprint"};
    const char *name = PICK(names);
    put("LOAD_CONST r%d, :__stdlib:%s", PRINT, name);
    if (strcmp(name, "PrintLn") == 0 && chance(50))
        put("CALL r%d, r%d, [r%d, r%d]", T0, PRINT, data(), data());
    else
        put("CALL r%d, r%d, [r%d]", T0, PRINT, data());
}

static void arithmetic(void)
{
    static const char *const ops[] = {"ADD", "SUB", "DIV", "ADD", "MUL"};
    const char *op = PICK(ops);
    int d = target('?'), a = chance(25) ? operand('o') : data(), b = chance(15) ? operand('o') : data();
    if (strcmp(op, "MUL") != 0) {
        put("%s r%d, r%d, r%d", op, d, a, b);
        return;
    }
    /* neither operand may make a string too long */
    int skip = ++label;
    put("LOAD_CONST r%d, 50", T0);
    put("LESS_THAN r%d, r%d, r%d", FLAG, b, T0);
    put("JUMP_IF_FALSE r%d, L%d", FLAG, skip);
    put("LESS_THAN r%d, r%d, r%d", FLAG, a, T0);
    put("JUMP_IF_FALSE r%d, L%d", FLAG, skip);
    put("MUL r%d, r%d, r%d", d, a, b);
    put_label(skip);
}

static void long_string(void)
{
    if (loop_depth) {
        put("NOP");
        return;
    }
    put("LOAD_CONST r%d, %s", T0, chance(50) ? "\"0123456789abcdef\"" : "\"xyz\"");
    put("LOAD_CONST r%d, %d", T1, 1 + below(80));
    put("MUL r%d, r%d, r%d", target('s'), T0, T1);
}

static void compare(void)
{
    static const char *const ops[] = {"EQUAL",         "NOT_EQUAL", "LESS_THAN", "LESS_EQUAL", "GREATER_THAN",
                                      "GREATER_EQUAL", "AND",       "OR",        "EQUAL"};
    put("%s r%d, r%d, r%d", PICK(ops), target('?'), chance(30) ? operand('o') : data(), data());
}

static void object_init(void)
{
    static const char *const flags[] = {"", "", "", "", " [public]", " [readonly]", " [protected]"};
    static const char *const first[] = {"__add__", "__radd__", "__sub__", "__mul__", "__rmul__",
                                        "__div__", "__eq__",   "__lt__",  "__le__",  "__call__"};
    static const char *const second[] = {"__str__", "__str__", "__getattr__", "__setattr__", "__not__"};
    int n = below(4), any = 0;
    printf("    OBJECT_INIT r%d, {", target('o'));
    for (int i = 0; i < n; i++) {
        printf("%s%s: ", any++ ? ", " : "", PICK(keys));
        if (chance(50))
            printf("r%d", data());
        else
            constant(1);
        printf("%s", PICK(flags));
    }
    if (chance(20))
        printf("%s__proto__: r%d", any++ ? ", " : "", operand('o'));
    if (chance(40))
        for (int i = below(3); i >= 0; i--)
            printf("%s%s: function:Util:m%d", any++ ? ", " : "", PICK(first), below(METHODS));
    if (chance(30))
        for (int i = below(2); i >= 0; i--)
            printf("%s%s: function:Main:l%d", any++ ? ", " : "", PICK(second), below(LEAVES));
    printf("}\n");
}

static void property(void)
{
    load_key(T0);
    if (chance(60))
        put("GET_PROP r%d, r%d, r%d", target('?'), operand(chance(85) ? 'o' : 'a'), T0);
    else
        put("SET_PROP r%d, r%d, r%d", operand(chance(90) ? 'o' : 'a'), T0, data());
}

static void array_init(void)
{
    int n = below(4);
    printf("    ARRAY_INIT r%d, [", target('a'));
    for (int i = 0; i < n; i++)
        printf("%sr%d", i ? ", " : "", data());
    printf("]\n");
}

static void make_closure(void)
{
    static const char *const scopes[] = {"s", "t", "loop"};
    int i = below(CLOSURES), n = i + 1, d = target('f');
    if (chance(15)) { /* over a library function or a magic method, called with whatever comes */
        put("LOAD_CONST r%d, %s", T0, chance(50) ? ":__stdlib:Max" : "function:Util:m0");
        n = 1;
    } else if (chance(5)) {
        put("MOVE r%d, r%d", T0, FUEL);
    } else {
        put("LOAD_CONST r%d, function:Util:c%d", T0, i);
    }
    printf("    MAKE_CLOSURE r%d, r%d, \"%s\", [", d, T0, PICK(scopes));
    for (int k = 0; k < n; k++)
        printf("%s%s: r%d", k ? ", " : "", keys[below(4)], data());
    printf("]\n");
}

/* A call of something that takes fuel. */
static void call(void)
{
    if (calls_left == 0 || loop_depth > 1) {
        put("NOP");
        return;
    }
    calls_left--;
    int d = target('?');
    if (chance(40)) {
        /* whatever it is, if it is a function; sometimes without looking */
        int f = operand('f'), skip = ++label;
        if (chance(95)) {
            put("LOAD_CONST r%d, :__stdlib:IsFunction", T0);
            put("CALL r%d, r%d, [r%d]", FLAG, T0, f);
            put("JUMP_IF_FALSE r%d, L%d", FLAG, skip);
        }
        put("CALL r%d, r%d, [r%d, r%d]", d, f, FUEL, data());
        put_label(skip);
    } else {
        load_begin(T0);
        function_name(below(ORDINARY));
        putchar('\n');
        put("CALL r%d, r%d, [r%d, r%d, r%d]", d, T0, FUEL, data(), data());
    }
    if (returns && chance(15)) {
        put("RETURN r%d", d); /* a tail call */
        put_label(++label);
    }
}

static void call_method(void)
{
    int o = operand('o'), skip = ++label;
    if (calls_left == 0 || loop_depth > 1) {
        put("NOP");
        return;
    }
    calls_left--;
    put("LOAD_CONST r%d, :%s", T0, PICK(keys));
    put("GET_PROP r%d, r%d, r%d", T1, o, T0);
    put("LOAD_CONST r%d, :__stdlib:IsFunction", T0);
    put("CALL r%d, r%d, [r%d]", FLAG, T0, T1);
    put("JUMP_IF_FALSE r%d, L%d", FLAG, skip);
    put("CALL r%d, r%d, [r%d, r%d]", data(), T1, FUEL, data());
    put_label(skip);
}

static void library(void)
{
    static const struct {
        const char *name;
        int n;
    } functions[] = {{"Abs", 1},       {"Floor", 1},       {"Max", 2},       {"Min", 2},          {"Mod", 2},
                     {"Round", 1},     {"StrLength", 1},   {"StrUpper", 1},  {"StrConcat", 2},    {"StrSplit", 2},
                     {"StrTrim", 1},   {"StrFind", 2},     {"StrChars", 1},  {"StrJoin", 2},      {"StrReplace", 3},
                     {"StrSlice", 3},  {"ArrayLength", 1}, {"ArrayPush", 2}, {"ArraySlice", 3},   {"ArrayConcat", 2},
                     {"ArraySort", 1}, {"ObjectKeys", 1},  {"ObjectHas", 2}, {"ObjectDelete", 2}, {"GetPrototype", 1},
                     {"TypeOf", 1},    {"ToString", 1},    {"ToNumber", 1},  {"ToAtom", 1},       {"IsObject", 1},
                     {"Random", 0},    {"PrintF", 2},      {"IsProcess", 1}, {"SetPrototype", 2}};
    int i = below((int)(sizeof functions / sizeof *functions));
    bool sound = chance(60); /* first argument of the right type, mostly */
    const char *name = functions[i].name;
    put("LOAD_CONST r%d, :__stdlib:%s", T0, name);
    if (sound && strncmp(name, "Str", 3) == 0 && strcmp(name, "StrJoin") != 0)
        put("LOAD_CONST r%d, %s", T1, PICK(strings));
    else if (sound && (strncmp(name, "Array", 5) == 0 || strcmp(name, "StrJoin") == 0))
        array_init(), put("ARRAY_INIT r%d, [r%d, r%d]", T1, data(), data());
    else
        put("MOVE r%d, r%d", T1, sound && strstr(name, "Object") ? operand('o') : data());
    if (sound && (strcmp(name, "ObjectHas") == 0 || strcmp(name, "ObjectDelete") == 0))
        load_key(T2);
    else if (sound && functions[i].n > 1)
        put("LOAD_CONST r%d, %s", T2,
            strncmp(name, "Str", 3) == 0 && functions[i].n == 2 ? PICK(strings) : PICK(numbers));
    else
        put("MOVE r%d, r%d", T2, data());
    printf("    CALL r%d, r%d, [", data(), T0);
    for (int k = 0; k < functions[i].n; k++)
        printf("%sr%d", k ? ", " : "", k == 2 ? data() : T1 + k);
    printf("%s]\n", functions[i].n && chance(2) ? ", r0" : "");
}

static void sort(void)
{
    put("ARRAY_INIT r%d, [r%d, r%d, r%d]", T1, data(), data(), data());
    put("LOAD_CONST r%d, :__stdlib:ArraySort", T0);
    put("LOAD_CONST r%d, function:Main:compare", T2);
    put("CALL r%d, r%d, [r%d, r%d]", data(), T0, T1, T2);
}

static void define_property(void)
{
    static const char *const flags[] = {"\"wec\"", "\"we\"", "\"ec\"", "\"\"", "\"wc\"", "\"h\"", "\"wech\""};
    put("LOAD_CONST r%d, :__stdlib:DefineProperty", T0);
    load_key(T1);
    put("LOAD_CONST r%d, %s", T2, PICK(flags));
    put("CALL r%d, r%d, [r%d, r%d, r%d, r%d]", data(), T0, operand('o'), T1, data(), T2);
}

/* An argument for a numeric function: a number, now and then something else, but no string, which MUL could blow up. */
static void load_number(int r)
{
    static const char *const others[] = {":ok", "undefined", "()", "true", "[1]", "2+1i", "{a: 1}", "(1, 2)"};
    put("LOAD_CONST r%d, %s", r, chance(88) ? PICK(numbers) : PICK(others));
}

static void call_numeric(void)
{
    if (calls_left == 0 || loop_depth > 1) {
        put("NOP");
        return;
    }
    calls_left--;
    put("LOAD_CONST r%d, function:Main:n%d", T0, below(NUMERIC));
    load_number(T1);
    load_number(T2);
    put("CALL r%d, r%d, [r%d, r%d, r%d]", target('n'), T0, FUEL, T1, T2);
}

/* ---- control ---- */

static void conditional(int depth)
{
    int other = ++label, end = ++label;
    put("%s r%d, L%d", chance(50) ? "JUMP_IF_TRUE" : "JUMP_IF_FALSE", data(), other);
    block(depth + 1, 3);
    if (chance(50)) {
        put("JUMP L%d", end);
        put_label(other);
        block(depth + 1, 3);
        put_label(end);
    } else {
        put_label(other);
    }
}

static void loop(int depth)
{
    int top = ++label, counter = COUNTER + loop_depth;
    if (loop_depth == 2) {
        put("NOP");
        return;
    }
    put("LOAD_CONST r%d, %d", counter, 1 + below(4));
    put_label(top);
    loop_depth++;
    block(depth + 1, 4);
    loop_depth--;
    put("LOAD_CONST r%d, 1", ONE);
    put("SUB r%d, r%d, r%d", counter, counter, ONE);
    put("JUMP_IF_TRUE r%d, L%d", counter, top);
}

static void match(int depth)
{
    int n = below(4), first = label + 1, end = label + n + 1;
    label += n + 1;
    printf("    MATCH r%d, [", data());
    for (int i = 0; i < n; i++) {
        printf("%s(", i ? ", " : "");
        pattern(0);
        printf(", L%d)", first + i);
    }
    printf("]\n");
    block(depth + 1, 2);
    for (int i = 0; i < n; i++) {
        put("JUMP L%d", end);
        put_label(first + i);
        block(depth + 1, 2);
    }
    put_label(end);
}

static void early_return(void)
{
    int on = ++label;
    if (!returns)
        return;
    put("JUMP_IF_%s r%d, L%d", chance(50) ? "TRUE" : "FALSE", data(), on);
    put("RETURN r%d", data());
    put_label(on);
}

/* ---- processes ---- */

static void spawn(void)
{
    if (spawns_left == 0 || loop_depth > 1) {
        put("YIELD");
        return;
    }
    spawns_left--;
    int d = target('p');
    if (chance(10)) {
        put("SPAWN r%d, r%d, [r%d, r%d]", d, data(), FUEL, data());
        return;
    }
    load_begin(T0);
    function_name(below(ORDINARY));
    putchar('\n');
    put("LOAD_CONST r%d, :self", T1);
    put("SPAWN r%d, r%d, [r%d, r%d, r%d]", d, T0, FUEL, T1, data());
    if (chance(50))
        put("SEND r%d, r%d", d, data());
    if (chance(15))
        put("LINK p%d, r%d", d, data());
}

static void receive(void)
{
    static const char *const times[] = {"0", "0", "0.01", "0.1", "1", "5", "0.002", "-1", "20"};
    if (chance(returns ? 4 : 1)) {
        put("RECEIVE r%d", data());
        return;
    }
    put("LOAD_CONST r%d, %s", T0, chance(1) ? "inf" : chance(1) && chance(30) ? "nan" : PICK(times));
    put("RECEIVE_WITH_TIMEOUT r%d, r%d, r%d", data(), T0, data());
}

static void waiting(void)
{
    int what = below(10);
    if (what < 3)
        put("LINK p%d, r%d", operand('p'), data());
    else if (what == 3 && chance(30))
        put("LINK %d, r%d", below(6) + (chance(50) ? 40 : 0), data());
    else
        put("SELECT%s r%d, [r%d, r%d, r%d]", chance(40) ? "_WITH_KILL" : "", data(), operand('p'), operand('p'),
            data());
}

static void info(void)
{
    static const char *const fields[] = {"reductions", "mailbox", "links", "monitors", "pid", "priority", "function"};
    put("LOAD_CONST r%d, :__stdlib:ProcessInfo", T0);
    put("LOAD_CONST r%d, :self", T1);
    put("CALL r%d, r%d, [r%d]", T1, T0, chance(70) ? T1 : data());
    put("LOAD_CONST r%d, :%s", T0, PICK(fields));
    put("GET_PROP r%d, r%d, r%d", data(), T1, T0);
}

static void process_library(void)
{
    static const char *const one[] = {"Link", "Link", "Unlink", "Monitor", "Monitor", "IsAlive", "Demonitor"};
    static const char *const policies[] = {"\"block\"", "\"drop_new\"", "\"drop_old\"", "\"end_sender\""};
    static const char *const priorities[] = {"\"high\"", "\"normal\"", "\"low\"", "\"normal\""};
    switch (below(12)) {
    case 0:
        put("LOAD_CONST r%d, :__stdlib:TrapExit", T0);
        put("LOAD_CONST r%d, %s", T1, chance(70) ? "true" : "false");
        put("CALL r%d, r%d, [r%d]", data(), T0, T1);
        return;
    case 1:
        put("LOAD_CONST r%d, :__stdlib:Kill", T0);
        put("LOAD_CONST r%d, %s", T1, chance(40) ? ":kill" : PICK(atoms));
        put("CALL r%d, r%d, [r%d, r%d]", data(), T0, operand('p'), T1);
        return;
    case 2:
        put("LOAD_CONST r%d, :__stdlib:%s", T0, chance(50) ? "WhereIs" : "Register");
        put("LOAD_CONST r%d, %s", T1, PICK(atoms));
        put("CALL r%d, r%d, [r%d, r%d]", data(), T0, T1, data());
        put("CALL r%d, r%d, [r%d]", data(), T0, T1);
        return;
    case 3:
        if (chance(30)) {
            put("LOAD_CONST r%d, :__stdlib:SetMailbox", T0);
            put("LOAD_CONST r%d, %d", T1, 1 + below(3));
            put("LOAD_CONST r%d, %s", T2, PICK(policies));
            put("CALL r%d, r%d, [r%d, r%d]", data(), T0, T1, T2);
        }
        return;
    case 4:
        put("LOAD_CONST r%d, :__stdlib:SetPriority", T0);
        put("LOAD_CONST r%d, %s", T1, PICK(priorities));
        put("CALL r%d, r%d, [r%d]", data(), T0, T1);
        return;
    case 5:
        put("LOAD_CONST r%d, :__stdlib:Sleep", T0);
        put("LOAD_CONST r%d, %s", T1, chance(50) ? "0.05" : "2");
        put("CALL r%d, r%d, [r%d]", data(), T0, T1);
        return;
    case 6:
        put("LOAD_CONST r%d, :__stdlib:Now", T0);
        put("CALL r%d, r%d, []", data(), T0);
        return;
    case 7: info(); return;
    case 8:
        if (chance(10)) {
            put("LOAD_CONST r%d, :__stdlib:Exit", T0);
            put("CALL r%d, r%d, [r%d]", data(), T0, data());
        }
        return;
    default:
        put("LOAD_CONST r%d, :__stdlib:%s", T0, PICK(one));
        put("CALL r%d, r%d, [r%d]", data(), T0, operand('p'));
        return;
    }
}

static void process_statement(void)
{
    int what = below(20);
    if (what < 5)
        spawn();
    else if (what < 9)
        put("SEND r%d, r%d", operand('p'), data());
    else if (what < 13)
        receive();
    else if (what < 15)
        waiting();
    else if (what < 16)
        put("YIELD");
    else
        process_library();
}

static void statement(int depth)
{
    if (processes && chance(25)) {
        process_statement();
        return;
    }
    if (chance(3)) {
        call_numeric();
        return;
    }
    int what = below(100);
    if (depth >= MOST_DEPTH && what >= 86)
        what = below(86);
    if (what < 16)
        load(data());
    else if (what < 19)
        put("MOVE r%d, r%d", data(), data());
    else if (what < 28)
        arithmetic();
    else if (what < 30)
        long_string();
    else if (what < 38)
        compare();
    else if (what < 40)
        put("NOT r%d, r%d", data(), data());
    else if (what < 47)
        object_init();
    else if (what < 56)
        property();
    else if (what < 60)
        array_init();
    else if (what < 64)
        make_closure();
    else if (what < 69)
        call();
    else if (what < 71)
        call_method();
    else if (what < 77)
        library();
    else if (what < 78)
        sort();
    else if (what < 80)
        define_property();
    else if (what < 85)
        print();
    else if (what < 86)
        put("%s", chance(50) ? "NOP" : "YIELD");
    else if (what < 90)
        conditional(depth);
    else if (what < 94)
        loop(depth);
    else if (what < 98)
        match(depth);
    else
        early_return();
}

/* ---- functions ---- */

static void begin(const char *prefix, int i, int arity)
{
    printf(".function %s%d (arity: %d, extra_regs: %d)\n", prefix, i, arity, REGISTERS - arity);
    label = 0;
    loop_depth = 0;
    calls_left = 2;
    spawns_left = 1;
    returns = true;
    memset(kinds, '?', sizeof kinds);
}

/* Without fuel, which comes in that register, a function does nothing. */
static void fuel_check(int fuel)
{
    put("LOAD_CONST r%d, 0", T0);
    put("GREATER_THAN r%d, r%d, r%d", FLAG, fuel, T0);
    put("JUMP_IF_FALSE r%d, out", FLAG);
    put("LOAD_CONST r%d, 5", T0);
    put("LESS_THAN r%d, r%d, r%d", FLAG, fuel, T0);
    put("JUMP_IF_FALSE r%d, out", FLAG);
    put("LOAD_CONST r%d, 1", T0);
    put("SUB r%d, r%d, r%d", FUEL, fuel, T0);
}

/* `fuel`: the register it comes in. */
static void ordinary(const char *prefix, int i, int arity, int fuel)
{
    begin(prefix, i, arity);
    fuel_check(fuel);
    for (int k = 0; k < 3; k++)
        load(data());
    for (int k = 0; k < 3; k++)
        block(0, 10);
    if (chance(70))
        put("RETURN r%d", data());
    printf("out:\n.end\n");
}

/* Numeric functions compute in r1..r7, which hold numbers nearly always: what inference is about. */
static int number(void)
{
    return 1 + below(7);
}

static void numeric_statement(int depth);

static void numeric_block(int depth, int most)
{
    for (int n = 1 + below(most); n > 0; n--)
        numeric_statement(depth);
}

static void numeric_condition(int depth)
{
    static const char *const tests[] = {"LESS_THAN",     "LESS_EQUAL", "GREATER_THAN",
                                        "GREATER_EQUAL", "EQUAL",      "NOT_EQUAL"};
    int other = ++label, end = ++label;
    if (chance(80))
        put("%s r%d, r%d, r%d", PICK(tests), FLAG, number(), number());
    else
        put("NOT r%d, r%d", FLAG, number());
    put("%s r%d, L%d", chance(50) ? "JUMP_IF_TRUE" : "JUMP_IF_FALSE", chance(90) ? (int)FLAG : number(), other);
    numeric_block(depth + 1, 3);
    put("JUMP L%d", end);
    put_label(other);
    numeric_block(depth + 1, 2);
    put_label(end);
}

static void numeric_loop(int depth)
{
    int top = ++label, counter = COUNTER + loop_depth;
    if (loop_depth == 2) {
        put("NOP");
        return;
    }
    put("LOAD_CONST r%d, %d", counter, 1 + below(6));
    put_label(top);
    loop_depth++;
    numeric_block(depth + 1, 4);
    loop_depth--;
    put("LOAD_CONST r%d, 1", ONE);
    put("SUB r%d, r%d, r%d", counter, counter, ONE);
    put("JUMP_IF_TRUE r%d, L%d", counter, top);
}

static void numeric_call(void)
{
    if (calls_left == 0 || loop_depth > 1) {
        put("NOP");
        return;
    }
    calls_left--;
    int d = number();
    put("LOAD_CONST r%d, function:Main:n%d", T0, below(NUMERIC));
    put("CALL r%d, r%d, [r%d, r%d, r%d]", d, T0, FUEL, number(), number());
    if (chance(20)) {
        put("RETURN r%d", d);
        put_label(++label);
    }
}

static void numeric_statement(int depth)
{
    static const char *const ops[] = {"ADD", "SUB", "MUL", "DIV", "ADD", "SUB"};
    int what = below(depth < 3 ? 100 : 74);
    if (what < 42)
        put("%s r%d, r%d, r%d", PICK(ops), number(), number(), number());
    else if (what < 55)
        put("LOAD_CONST r%d, %s", number(), PICK(numbers));
    else if (what < 62)
        put("MOVE r%d, r%d", number(), number());
    else if (what < 65)
        load_number(number());
    else if (what < 68)
        put("%s r%d, r%d, r%d", chance(50) ? "LESS_THAN" : "AND", number(), number(), number());
    else if (what < 71) {
        put("LOAD_CONST r%d, :__stdlib:PrintLn", PRINT);
        put("CALL r%d, r%d, [r%d, r%d]", T0, PRINT, number(), number());
    } else if (what < 72)
        put("%s", chance(50) ? "YIELD" : "NOP");
    else if (what < 74) {
        put("LOAD_CONST r%d, :__stdlib:%s", T0, chance(50) ? "Floor" : "Abs");
        put("CALL r%d, r%d, [r%d]", number(), T0, number());
    } else if (what < 82)
        numeric_call();
    else if (what < 91)
        numeric_condition(depth);
    else
        numeric_loop(depth);
}

static void numeric(int i)
{
    begin("n", i, 3);
    fuel_check(0);
    for (int r = 3; r < 8; r++)
        put("LOAD_CONST r%d, %s", r, PICK(numbers));
    numeric_block(0, 8);
    numeric_block(0, 8);
    put("RETURN r%d", number());
    printf("out:\n.end\n");
}

/* A statement on plain values alone. */
static void plain_statement(void)
{
    static const char *const ops[] = {"SUB", "DIV", "EQUAL", "LESS_THAN", "AND", "OR", "SUB"};
    int d = 12 + below(4), a = 12 + below(4), b = 12 + below(4);
    switch (below(processes ? 9 : 7)) {
    case 0:
    case 1:
    case 2:
        load_begin(d);
        scalar();
        putchar('\n');
        break;
    case 3: put("%s r%d, r%d, r%d", PICK(ops), d, a, b); break;
    case 4:
        put("LOAD_CONST r%d, :__stdlib:PrintLn", PRINT);
        put("CALL r%d, r%d, [r%d]", T0, PRINT, d);
        break;
    case 5: put("YIELD"); break;
    case 6: put("NOT r%d, r%d", d, a); break;
    case 7:
        put("LOAD_CONST r%d, 0.003", T0);
        put("RECEIVE_WITH_TIMEOUT r%d, r%d, r%d", T1, T0, d);
        break;
    case 8:
        put("LOAD_CONST r%d, :self", T0);
        put("SEND r%d, r%d", T0, a);
        break;
    }
}

static void plain_block(void)
{
    for (int n = 1 + below(4); n > 0; n--)
        plain_statement();
}

/* Binary operators' methods and __call__. */
static void method(int i)
{
    begin("m", i, 2);
    plain_block();
    put("LOAD_CONST r%d, :__vm:this", T1);
    load_key(T0);
    if (chance(50))
        put("GET_PROP r16, r%d, r%d", T1, T0);
    if (chance(40)) {
        put("LOAD_CONST r%d, :%s", T0, PICK(keys));
        put("SET_PROP r%d, r%d, r%d", T1, T0, 12 + below(4));
    }
    if (chance(30)) {
        put("LOAD_CONST r%d, :__stdlib:PrintLn", PRINT);
        put("CALL r%d, r%d, [r%d, r0]", T0, PRINT, T1);
    }
    if (chance(5))
        put("CALL r16, r%d, []", 12 + below(4));
    plain_block();
    if (chance(20))
        put("RETURN r%d", chance(50) ? T1 : 0);
    put("RETURN r%d", 12 + below(4));
    printf(".end\n");
}

/* __str__, __getattr__, __setattr__, __not__. */
static void leaf(int i)
{
    begin("l", i, 2);
    plain_block();
    put("LOAD_CONST r%d, :__vm:this", T1);
    put("SET_PROP r%d, r0, r1", T1); /* outside of __setattr__ the key is no key, or a new value is written */
    plain_block();
    put("RETURN r%d", 12 + below(4));
    printf(".end\n");
}

static void comparator(void)
{
    printf(".function compare (arity: 2, extra_regs: %d)\n", REGISTERS - 2);
    plain_block();
    put("%s r2, r0, r1", chance(50) ? "LESS_THAN" : "GREATER_THAN");
    put("RETURN r2");
    printf(".end\n");
}

static void entry(void)
{
    printf(".function main (arity: 0, extra_regs: %d)\n", REGISTERS);
    label = 0;
    loop_depth = 0;
    calls_left = 5;
    spawns_left = 4;
    returns = false;
    memset(kinds, '?', sizeof kinds);
    put("LOAD_CONST r%d, 3", FUEL);
    for (int r = 0; r < 6; r++)
        load(r);
    if (chance(5)) {
        put("LOAD_CONST r%d, :__stdlib:Nonsense", T0); /* where it is run, so that nobody leaves it out */
        put("CALL r%d, r%d, []", data(), T0);
    }
    for (int i = 0; i < 5; i++)
        block(0, 16);
    for (int r = 0; r < DATA; r += 3) {
        put("LOAD_CONST r%d, :__stdlib:PrintLn", PRINT);
        put("CALL r%d, r%d, [r%d, r%d, r%d]", T0, PRINT, r, r + 1, r + 2);
    }
    printf(".end\n");
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: gen SEED plain|process\n", stderr);
        return 2;
    }
    state = strtoull(argv[1], NULL, 10) * 0x2545F4914F6CDD1Du;
    processes = strcmp(argv[2], "process") == 0;
    printf("; gen %s %s\n.dialect 5\n.class Main\n", argv[1], argv[2]);
    entry();
    for (int i = 0; i < ORDINARY; i += 2)
        ordinary("f", i, 1 + below(4), 0);
    for (int i = 0; i < LEAVES; i++)
        leaf(i);
    comparator();
    for (int i = 0; i < NUMERIC; i++)
        numeric(i);
    printf(".class Util\n");
    for (int i = 1; i < ORDINARY; i += 2)
        ordinary("f", i, 1 + below(4), 0);
    for (int i = 0; i < CLOSURES; i++)
        ordinary("c", i, i + 2 + below(3), i + 1);
    for (int i = 0; i < METHODS; i++)
        method(i);
    return 0;
}
