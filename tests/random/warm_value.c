/* warm_value.c: numbers, and what is taken for numbers until it turns out to be something else. */
#include <stdio.h>
#include <string.h>

#include "warm.h"

void weird(int r)
{
    static const char *const values[] = {
        "undefined", "()",  "true", "false", ":ok", "[1, 2]", "{n: 4}",           "(1, 2)", "2+1i",
        "nan",       "inf", "-0",   "-inf",  "0.5", ":self",  "function:Main:c0", "''",     ":__vm:this"};
    static const char *const strings[] = {"\"\"", "\"a\"", "\"12\"", "\"x\""};
    if (chance(texts ? 40 : 6))
        wput("LOAD_CONST r%d, %s", r, PICK(strings));
    else if (chance(12))
        wput("MOVE r%d, r%d", r, any());
    else
        wput("LOAD_CONST r%d, %s", r, PICK(values));
}

static const char *small_number(void)
{
    static const char *const numbers[] = {"0", "1", "2", "3", "-1", "0.5", "10", "-0", "7", "1", "100", "0"};
    return chance(92) ? PICK(numbers) : a_number();
}

static int operand_register(void)
{
    int what = below(100);
    return what < 80 ? wn() : what < 86 ? wcounter() : what < 91 ? wo() : what < 96 ? wread() : any();
}

static void arithmetic(void)
{
    static const char *const ops[] = {"ADD", "SUB", "MUL", "DIV", "ADD", "SUB", "ADD", "DIV"};
    int a = operand_register(), b = operand_register(), d = chance(92) ? wn() : wv();
    wput("%s r%d, r%d, r%d", w.slim && chance(25) ? "DIV" : PICK(ops), d, a, b);
}

static void compare(int d)
{
    static const char *const ops[] = {"LESS_THAN", "LESS_EQUAL", "GREATER_THAN", "GREATER_EQUAL", "EQUAL", "NOT_EQUAL"};
    int a = operand_register(), b = operand_register();
    if (chance(15))
        wput("NOT r%d, r%d", d, chance(25) ? wo() : a);
    else if (chance(8))
        wput("%s r%d, r%d, r%d", chance(50) ? "AND" : "OR", d, a, b);
    else
        wput("%s r%d, r%d, r%d", PICK(ops), d, a, b);
}

void wflag(void)
{
    int what = below(10);
    if (what < 6 || w.loops == 0) {
        compare(WFLAG);
    } else {
        wput("LOAD_CONST r%d, %d", W0, 1 + below(6));
        wput("%s r%d, r%d, r%d", chance(60) ? "EQUAL" : "LESS_THAN", WFLAG, wcounter(), W0);
    }
}

void wcondition(int depth)
{
    int other = ++label, end = ++label;
    wflag();
    wput("JUMP_IF_%s r%d, L%d", chance(50) ? "TRUE" : "FALSE", chance(88) ? WFLAG : wn(), other);
    wblock(depth + 1, 2);
    if (chance(20))
        weird(wn());
    wput("JUMP L%d", end);
    put_label(other);
    if (chance(70))
        wblock(depth + 1, 2);
    else if (chance(50))
        wput("LOAD_CONST r%d, %s", wn(), small_number());
    put_label(end);
}

static void intrinsic(void)
{
    static const char *const one[] = {"Floor", "Abs", "Sqrt", "Ceil", "Round"};
    static const char *const two[] = {"Max", "Min", "Mod", "Atan2", "Pow"};
    char arguments[32];
    if (chance(60)) {
        snprintf(arguments, sizeof arguments, "r%d", operand_register());
        wlibrary(wn(), PICK(one), arguments);
    } else {
        int a = operand_register(), b = operand_register();
        snprintf(arguments, sizeof arguments, "r%d, r%d", a, b);
        wlibrary(wn(), PICK(two), arguments);
    }
}

/* The sign of a zero can be seen only so. */
static void show_sign(void)
{
    wput("LOAD_CONST r%d, -1", W1);
    char arguments[32];
    snprintf(arguments, sizeof arguments, "r%d, r%d", wn(), W1);
    wlibrary(wv(), "Atan2", arguments);
}

void wnumber_statement(void)
{
    int what = w.slim ? below(76) : below(100);
    if (what < 50)
        arithmetic();
    else if (what < 62)
        compare(chance(70) ? wn() : wv());
    else if (what < 70)
        wput("LOAD_CONST r%d, %s", wn(), small_number());
    else if (what < 76) {
        int d = wn();
        wput("MOVE r%d, r%d", d, chance(70) ? wn() : wcounter());
    } else if (what < 80)
        weird(chance(40) ? wn() : wv());
    else if (what < 90)
        intrinsic();
    else if (what < 92)
        show_sign();
    else if (what < 95)
        wput("%s", chance(50) ? "YIELD" : "NOP");
    else
        wput("MOVE r%d, r%d", wv(), any());
}

/* ---- arrays ---- */

static void load_index(int r)
{
    static const char *const odd[] = {"-1",     "0.5",       "nan",        "-0",     "\"0\"",   "\"1\"",
                                      "\"01\"", "'0'",       "inf",        "1e9",    "2.0",     "true",
                                      "\"x\"",  "undefined", "4294967296", "\"-1\"", ":length", "-inf"};
    int what = below(10);
    if (what < 4)
        wput("LOAD_CONST r%d, %d", r, below(5));
    else if (what < 7)
        wput("MOVE r%d, r%d", r, wcounter());
    else if (what < 8)
        wput("MOVE r%d, r%d", r, wn());
    else
        wput("LOAD_CONST r%d, %s", r, PICK(odd));
}

/* A write at an index that is an array's, or its length. */
static void array_write(int a)
{
    char arguments[32];
    snprintf(arguments, sizeof arguments, "r%d", a);
    if (!w.slim && chance(60)) {
        wlibrary(W1, "ArrayLength", arguments);
        if (chance(75)) {
            wput("LOAD_CONST r%d, %d", W2, below(6));
            snprintf(arguments, sizeof arguments, "r%d, r%d", W1, W2);
            wlibrary(W1, "Min", arguments);
        }
    } else {
        wput("LOAD_CONST r%d, %s", W1,
             chance(50)   ? "0"
             : chance(50) ? "\"x\""
                          : ":n"); /* there is one element always */
    }
    wput("SET_PROP r%d, r%d, r%d", a, W1, chance(75) ? wn() : any());
}

void warray_statement(void)
{
    int what = w.slim ? (chance(60) ? 0 : 50) : below(100), a = wa();
    if (what < 50) {
        int index = w.accessor && chance(60) ? 1 : (int)W1; /* its parameter */
        if (index == W1)
            load_index(W1);
        wput("GET_PROP r%d, r%d, r%d", chance(70) ? wn() : wv(), chance(85) ? a : wread(), index);
    } else if (what < 75) {
        array_write(a);
    } else if (what < 82) {
        wput("ARRAY_INIT r%d, [r%d, r%d]", a, wn(), chance(70) ? wn() : any());
    } else if (what < 86) {
        wput("MOVE r%d, r%d", WA, WA + 1);
    } else if (what < 90) {
        static const char *const constants[] = {"[1, 2, 3]", "[undefined, 1]", "[0.5, \"a\", (1, 2)]", "[[1], [2]]"};
        wput("LOAD_CONST r%d, %s", a, PICK(constants));
    } else if (what < 94) {
        char arguments[32];
        snprintf(arguments, sizeof arguments, "r%d, r%d", a, wn());
        wlibrary(chance(60) ? a : wv(), "ArrayPush", arguments);
    } else {
        static const char *const others[] = {"(1, 2, 3)", "{\"0\": 5, \"1\": 6}", "\"abc\"", "()", "[1, [2]]", "(,)"};
        wput("LOAD_CONST r%d, %s", wv(), PICK(others));
    }
}

/* ---- calls ---- */

/* A register fit for a parameter. */
static int argument(char kind, bool anything)
{
    if (anything && chance(8))
        return any();
    switch (kind) {
    case 'n': return chance(88) ? wn() : any();
    case 'o': return wo();
    case 'a': return wa();
    default: return any();
    }
}

void wcall_statement(void)
{
    int i = w.callee_from + below(SITES - w.callee_from + 1);
    if (w.leaf || i >= SITES || !affordable(site_cost[i])) {
        arithmetic();
        return;
    }
    if (chance(80)) {
        wput("LOAD_CONST r%d, function:Main:s%d", W0, i);
    } else { /* one that is not known beforehand */
        wput("LOAD_CONST r%d, {s: function:Main:s%d}", W0, i);
        wput("LOAD_CONST r%d, :s", W1);
        wput("GET_PROP r%d, r%d, r%d", W0, W0, W1);
    }
    char arguments[64] = "";
    const char *takes = site_takes[i];
    size_t n = strlen(takes);
    if (n && takes[n - 1] != 'o' && takes[n - 1] != 'a' && chance(6))
        n--; /* the last one stays undefined */
    for (size_t k = 0; k < n; k++) {
        char one[16];
        snprintf(one, sizeof one, "%sr%d", k ? ", " : "", argument(takes[k], takes[k] != 'o' || site_checks[i]));
        strcat(arguments, one);
    }
    wput("CALL r%d, r%d, [%s]", chance(75) ? wn() : wv(), W0, arguments);
    w.cost += site_cost[i] * w.weight;
}

void waccess(void)
{
    int i = below(ACCESSORS), object = W3;
    char takes = accessor_takes[i];
    if (!affordable(accessor_cost[i])) {
        arithmetic();
        return;
    }
    if (takes == 'n') {
        object = chance(85) ? wn() : chance(60) ? wo() : any();
    } else if (w.pool && (takes != 'a' || chance(20))) {
        if (w.loops == 0 || chance(40)) {
            wput("LOAD_CONST r%d, %d", W1, below(POOL));
        } else {
            wput("LOAD_CONST r%d, %d", W1, 2 + below(POOL - 1));
            wput("LOAD_CONST r%d, :__stdlib:Mod", W2);
            wput("CALL r%d, r%d, [r%d, r%d]", W1, W2, WCOUNTER + w.loops - 1, W1);
        }
        wput("GET_PROP r%d, r%d, r%d", W3, takes != 'o' && chance(50) ? WODD : WPOOL, W1);
    } else {
        object = takes == 'o' ? wo() : takes == 'a' && chance(90) ? wa() : any();
    }
    wput("LOAD_CONST r%d, function:Main:a%d", W0, i);
    static const char *const numbers[] = {"0", "0.5", "1.5", "-1", "0", "-0", "nan", "1e10"};
    if (chance(takes == 'a' ? 20 : 6))
        load_index(W1);
    else if (chance(20))
        wput("LOAD_CONST r%d, %s", W1, PICK(numbers));
    else
        wput("MOVE r%d, r%d", W1, chance(50) && w.loops ? WCOUNTER + w.loops - 1 : wn());
    wput("CALL r%d, r%d, [r%d, r%d]", chance(75) ? wn() : wv(), W0, object, W1);
    w.cost += accessor_cost[i] * w.weight;
}

void wrecurse(void)
{
    int i = below(RECURSIVE), depth = 1 + below(25);
    if (!affordable(recursive_cost[i] * depth)) {
        arithmetic();
        return;
    }
    if (chance(30)) { /* as a method, which it is at its first level only */
        wput("LOAD_CONST r%d, :rec%d", W1, i);
        wput("GET_PROP r%d, r%d, r%d", W0, wo(), W1);
    } else {
        wput("LOAD_CONST r%d, function:Main:t%d", W0, i);
    }
    wput("LOAD_CONST r%d, %d", W1, depth);
    wput("CALL r%d, r%d, [r%d, r%d, r%d]", chance(75) ? wn() : wv(), W0, W1, chance(85) ? wn() : any(),
         chance(90) ? wo() : any());
    w.cost += recursive_cost[i] * depth * w.weight;
}

void wkept(void)
{
    if (!affordable(60)) {
        arithmetic();
        return;
    }
    int a = wn();
    wput("CALL r%d, r%d, [r%d, r%d]", chance(80) ? wn() : wv(), WF, a, chance(85) ? wn() : any());
    w.cost += 60 * w.weight;
}

void wmessage(void)
{
    int from = chance(70) ? wn() : any(), to = chance(70) ? wn() : wv();
    wput("LOAD_CONST r%d, :self", W0);
    wput("SEND r%d, r%d", W0, from);
    if (chance(70)) {
        wput("RECEIVE r%d", to);
    } else {
        wput("LOAD_CONST r%d, 0", W1);
        wput("RECEIVE_WITH_TIMEOUT r%d, r%d, r%d", to, W1, chance(50) ? wv() : WFLAG);
    }
}

void wclosure(void)
{
    static const char *const scopes[] = {"s", "t"};
    int n = 1 + below(2);
    if (w.leaf) {
        arithmetic();
        return;
    }
    wput("LOAD_CONST r%d, function:Main:c%d", W0, below(CALLABLES));
    printf("    MAKE_CLOSURE r%d, r%d, \"%s\", [", WF, W0, PICK(scopes));
    for (int i = 0; i < n; i++)
        printf("%s%c: r%d", i ? ", " : "", "ab"[below(2)], chance(75) ? wn() : any());
    printf("]\n");
    for (int i = below(3); i > 0; i--) {
        int a = wn();
        wput("CALL r%d, r%d, [r%d, r%d]", wn(), WF, a, chance(85) ? wn() : any());
        w.cost += 20 * w.weight;
    }
}
