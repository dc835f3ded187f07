/* process.c: statements about processes, messages, time. */
#include <stdio.h>

#include "gen.h"

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
        put("LOAD_CONST r%d, %s", T1, chance(40) ? ":kill" : an_atom());
        put("CALL r%d, r%d, [r%d, r%d]", data(), T0, operand('p'), T1);
        return;
    case 2:
        put("LOAD_CONST r%d, :__stdlib:%s", T0, chance(50) ? "WhereIs" : "Register");
        put("LOAD_CONST r%d, %s", T1, an_atom());
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

void process_statement(void)
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
