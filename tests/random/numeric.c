/* numeric.c: functions that compute with numbers, what inference is about: r1..r7 hold numbers nearly always. */
#include <stdio.h>

#include "gen.h"

/* An argument for a numeric function: a number, now and then something else, but no string, which MUL could blow up. */
static void load_number(int r)
{
    static const char *const others[] = {":ok", "undefined", "()", "true", "[1]", "2+1i", "{a: 1}", "(1, 2)"};
    put("LOAD_CONST r%d, %s", r, chance(88) ? a_number() : PICK(others));
}

void call_numeric(void)
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
        put("LOAD_CONST r%d, %s", number(), a_number());
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

void numeric(int i)
{
    begin("n", i, 3);
    fuel_check(0);
    for (int r = 3; r < 8; r++)
        put("LOAD_CONST r%d, %s", r, a_number());
    numeric_block(0, 8);
    numeric_block(0, 8);
    put("RETURN r%d", number());
    printf("out:\n.end\n");
}
