/* gen.c: random programs in text form. Usage: gen SEED plain|process|warm
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
 * (The order in which a call's arguments are drawn is the C compiler's: another compiler, another program.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "warm.h"

void begin(const char *prefix, int i, int arity)
{
    printf(".function %s%d (arity: %d, extra_regs: %d)\n", prefix, i, arity, REGISTERS - arity);
    label = 0;
    loop_depth = 0;
    calls_left = 2;
    spawns_left = 1;
    returns = true;
    forget_kinds();
}

/* Without fuel, which comes in that register, a function does nothing. */
void fuel_check(int fuel)
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
        put("LOAD_CONST r%d, :%s", T0, a_key());
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
    forget_kinds();
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
        fputs("usage: gen SEED plain|process|warm\n", stderr);
        return 2;
    }
    seed(strtoull(argv[1], NULL, 10));
    processes = strcmp(argv[2], "process") == 0;
    printf("; gen %s %s\n.dialect 5\n.class Main\n", argv[1], argv[2]);
    if (strcmp(argv[2], "warm") == 0) {
        warm_program();
        return 0;
    }
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
