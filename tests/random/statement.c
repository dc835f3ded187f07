/* statement.c: statements on data registers, and control. */
#include <stdio.h>
#include <string.h>

#include "gen.h"

/* ---- statements on data registers ---- */

void block(int depth, int most)
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
        printf("%s%s: ", any++ ? ", " : "", a_key());
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
        printf("%s%s: r%d", k ? ", " : "", a_key(), data());
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
    put("LOAD_CONST r%d, :%s", T0, a_key());
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
        put("LOAD_CONST r%d, %s", T1, a_string());
    else if (sound && (strncmp(name, "Array", 5) == 0 || strcmp(name, "StrJoin") == 0))
        array_init(), put("ARRAY_INIT r%d, [r%d, r%d]", T1, data(), data());
    else
        put("MOVE r%d, r%d", T1, sound && strstr(name, "Object") ? operand('o') : data());
    if (sound && (strcmp(name, "ObjectHas") == 0 || strcmp(name, "ObjectDelete") == 0))
        load_key(T2);
    else if (sound && functions[i].n > 1)
        put("LOAD_CONST r%d, %s", T2, strncmp(name, "Str", 3) == 0 && functions[i].n == 2 ? a_string() : a_number());
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
    int cases = n && chance(20) ? 5 + below(10) : n, alike = below(cases == n ? 1 : 4);
    label += n + 1;
    printf("    MATCH r%d, [", alike == 1 ? operand('n') : data());
    for (int i = 0; i < cases; i++) {
        printf("%s(", i ? ", " : "");
        if (alike)
            pattern_like(alike);
        else
            pattern(0);
        printf(", L%d)", first + i % n);
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

void statement(int depth)
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
