/* warm_function.c: the functions of a program of the kind `warm`, but for main: sites, accessors, functions that call
 * themselves, what objects have for methods, and methods of operators.
 */
#include <stdio.h>
#include <string.h>

#include "warm.h"

void begin_function(const char *name, int i, int arity, double most)
{
    printf(".function %s", name);
    if (i >= 0)
        printf("%d", i);
    printf(" (arity: %d, extra_regs: %d)\n", arity, WREGISTERS - arity);
    label = 0;
    w = (writing){.weight = 1, .most = most, .own_from = WO, .callee_from = SITES, .numbers = 6};
}

void fill_numbers(int from)
{
    for (int r = from; r < WV; r++)
        if (chance(97)) {
            if (chance(85))
                wput("LOAD_CONST r%d, %d", r, 1 + below(7));
            else
                wput("LOAD_CONST r%d, %s", r, a_number());
        }
}

void fill_others(void)
{
    for (int r = WV; r < WO; r++)
        if (chance(85))
            weird(r);
    for (int r = WA; r < WF; r++)
        wput("ARRAY_INIT r%d, [r%d, r%d]", r, wn(), chance(80) ? wn() : any());
}

/* The objects from that register on, all of them with prototypes that lead to the last one. */
void fill_objects(int from)
{
    fresh_base(WO + 3);
    for (int r = WO + 2; r >= from; r--)
        fresh_object(r, r + 1 + below(WO + 3 - r));
}

static void take_parameters(const char *takes, bool checks)
{
    for (int i = 0, objects = 0, arrays = 0, others = 0; takes[i]; i++) {
        if (takes[i] == 'o') {
            if (checks) {
                char arguments[16];
                snprintf(arguments, sizeof arguments, "r%d", i);
                wlibrary(WFLAG, "IsObject", arguments);
                wput("JUMP_IF_FALSE r%d, out", WFLAG);
                wput("LOAD_CONST r%d, :%s", W0, chance(50) ? "run" : "calc"); /* one of ours */
                wput("GET_PROP r%d, r%d, r%d", W1, i, W0);
                snprintf(arguments, sizeof arguments, "r%d", W1);
                wlibrary(WFLAG, "IsFunction", arguments);
                wput("JUMP_IF_FALSE r%d, out", WFLAG);
            }
            wput("MOVE r%d, r%d", WO + objects++, i);
        } else if (takes[i] == 'a') {
            wput("MOVE r%d, r%d", WA + arrays++, i);
        } else if (takes[i] == 'v') {
            wput("MOVE r%d, r%d", WV + others++, i);
        }
    }
}

static int count_letter(const char *s, char letter)
{
    int n = 0;
    for (; *s; s++)
        n += *s == letter;
    return n;
}

static void site_function(int i)
{
    static const char *const signatures[] = {"n",  "nn", "on", "o",  "oo",  "nnn", "on",
                                             "nv", "va", "an", "ov", "oon", "nn",  "onn"};
    const char *takes = PICK(signatures);
    int n = (int)strlen(takes), objects = count_letter(takes, 'o'), arrays = count_letter(takes, 'a');
    bool checks = objects && chance(50);
    begin_function("s", i, n, 2500);
    w.callee_from = i + 1;
    bool numeric = objects == 0 && arrays == 0 && chance(60); /* nothing but numbers */
    int kept[6];
    memcpy(kept, profile, sizeof kept);
    take_parameters(takes, checks);
    for (int k = 0; k < n; k++)
        if (takes[k] != 'n' && chance(80))
            wput("LOAD_CONST r%d, %d", k, below(4));
    fill_numbers(n);
    if (numeric) {
        memset(profile, 0, sizeof profile);
        profile[0] = 4;
        profile[5] = 1;
        w.leaf = true; /* no methods, no closures */
    } else {
        w.own_from = WO + objects;
        fill_objects(w.own_from);
        if (chance(90))
            fill_others();
        for (int r = WA + arrays; r < WF; r++)
            wput("ARRAY_INIT r%d, [r%d]", r, wn());
    }
    if (chance(25)) {
        int on = ++label;
        wflag();
        wput("JUMP_IF_FALSE r%d, L%d", WFLAG, on);
        if (chance(50))
            weird(W1);
        else
            wput("MOVE r%d, r%d", W1, wn());
        wput("RETURN r%d", W1);
        put_label(on);
    }
    for (int k = 2 + below(2); k > 0; k--)
        wblock(0, 3);
    if (chance(8))
        weird(0);
    if (chance(92))
        wput("RETURN r%d", chance(85) ? wn() : any());
    printf("out:\n.end\n");
    memcpy(profile, kept, sizeof kept);
    site_takes[i] = takes;
    site_checks[i] = checks || objects == 0;
    site_cost[i] = w.cost;
}

/* One or two sites: (object or array, number). */
static void accessor(int i)
{
    static const char kinds[] = {'o', 'o', '?', 'a', 'o', 'n'};
    char takes = PICK(kinds);
    int kept[6];
    memcpy(kept, profile, sizeof kept);
    memset(profile, 0, sizeof profile);
    profile[0] = 1;
    profile[1] = takes == 'a' || takes == 'n' ? 0 : 4;
    profile[2] = takes == 'o' ? 2 : 0; /* what is no object has no methods */
    profile[3] = takes == 'a' ? 4 : 0;
    begin_function("a", i, 2, 300);
    w.accessor = true;
    w.own_from = WO + 4;
    w.numbers = 3;
    if (takes == 'n') {
        w.only = 2;
    } else if (chance(60)) {
        w.only = 0;
        w.first = 1;
    } else {
        w.only = takes == 'a' ? WA : WO;
        wput("MOVE r%d, r0", w.only);
        wput("LOAD_CONST r0, %d", 1 + below(4));
    }
    for (int r = 2; r < w.first + w.numbers; r++)
        if (chance(95))
            wput("LOAD_CONST r%d, %s", r, chance(70) ? "2" : a_number());
    w.slim = takes == 'n' ? chance(85) : chance(50);
    if (w.slim)
        profile[2] = 0;
    if (!w.slim && chance(25))
        wloop(1);
    else if (!w.slim && chance(40))
        wtight();
    if (w.slim && chance(50)) {
        wcondition(3);
    } else {
        wblock(w.slim ? 3 : 2, 2);
        if (chance(60))
            wblock(w.slim ? 3 : 2, 2);
    }
    if (takes == 'o' && !w.slim && chance(20))
        wtail_call();
    else
        wput("RETURN r%d", chance(90) ? wn() : WV);
    printf(".end\n");
    accessor_cost[i] = w.cost + 60;
    accessor_takes[i] = takes;
    memcpy(profile, kept, sizeof kept);
}

/* A function that calls itself, (how often yet, number, object): at the end, or in the middle. */
static void recursive(int i)
{
    int on = 1, change = 2, d;
    begin_function("t", i, 3, 200);
    w.accessor = true; /* it calls nothing but itself */
    w.only = WO;
    w.own_from = WO + 4;
    w.numbers = 4;
    w.leaf = true;
    w.loops = 1; /* r17 is how often yet */
    label = 2;
    wput("LOAD_CONST r%d, 1", WONE);
    wput("LESS_THAN r%d, r0, r%d", WFLAG, WONE);
    wput("JUMP_IF_FALSE r%d, L%d", WFLAG, on);
    wput("RETURN r%d", chance(90) ? 1 : 0);
    put_label(on);
    wput("MOVE r%d, r2", WO);
    wput("MOVE r%d, r0", WCOUNTER); /* out of reach */
    wput("LOAD_CONST r2, %d", 1 + below(5));
    wput("LOAD_CONST r3, %d", 1 + below(5));
    wblock(2, 2);
    if (chance(40)) {
        wput("LOAD_CONST r%d, :__vm:this", W0);
        wput("LOAD_CONST r%d, :__vm:this", W1);
        wput("LOAD_CONST r%d, :x", W2);
        wput("GET_PROP r%d, r%d, r%d", wn(), W0, W2);
        wput("LOAD_CONST r%d, :z", W2);
        wput("GET_PROP r%d, r%d, r%d", 1, W1, W2);
    }
    if (chance(60)) {
        wput("LOAD_CONST r%d, %d", W0, 1 + below(4));
        wput("EQUAL r%d, r%d, r%d", WFLAG, WCOUNTER, W0);
        wput("JUMP_IF_FALSE r%d, L%d", WFLAG, change);
        weird(1 + below(2));
        put_label(change);
    }
    wput("SUB r%d, r%d, r%d", WCOUNTER, WCOUNTER, WONE);
    wput("LOAD_CONST r%d, function:Main:t%d", W0, i);
    d = wn();
    wput("CALL r%d, r%d, [r%d, r%d, r%d]", d, W0, WCOUNTER, wn(), WO);
    if (chance(50))
        wput("ADD r%d, r%d, r%d", d, d, chance(70) ? WCOUNTER : wn());
    wput("RETURN r%d", d);
    printf(".end\n");
    recursive_cost[i] = w.cost + 40;
}

/* What `run` and `calc` are, and what closures are made of: (number, number, more). */
static void callable_function(int i)
{
    begin_function("c", i, 2 + below(2), 250);
    w.leaf = true;
    w.own_from = WO + 3;
    wput("LOAD_CONST r%d, :__vm:this", WO);
    fresh_base(WO + 3);
    fill_numbers(3);
    if (chance(40)) {
        wput("LOAD_CONST r%d, :h", W0);
        wput("GET_PROP r%d, r%d, r%d", wn(), WO, W0);
        if (chance(60))
            wput("SET_PROP r%d, r%d, r%d", WO, W0, wn());
    }
    wput("ARRAY_INIT r%d, [r0, r1]", WA);
    wput("ARRAY_INIT r%d, [r1]", WA + 1);
    wblock(1, 3);
    wblock(1, 2);
    if (chance(8))
        weird(W1), wput("RETURN r%d", W1);
    wput("RETURN r%d", chance(90) ? wn() : any());
    printf(".end\n");
}

/* A number that a magic method computes with, in W1: whatever else stands there, 1. */
static void plain_number(int from)
{
    int on = ++label, end = ++label;
    char arguments[16];
    snprintf(arguments, sizeof arguments, "r%d", from);
    wlibrary(WFLAG, "IsNumber", arguments);
    wput("JUMP_IF_TRUE r%d, L%d", WFLAG, on);
    wput("LOAD_CONST r%d, 1", W1);
    wput("JUMP L%d", end);
    put_label(on);
    wput("MOVE r%d, r%d", W1, from);
    put_label(end);
}

/* Methods of operators. They touch no operand but as plain numbers, so none calls another. */
static void magic_binary(int i)
{
    static const char *const ops[] = {"ADD", "SUB", "MUL", "LESS_THAN", "EQUAL", "LESS_EQUAL"};
    begin_function("g", i, 1, 100);
    wput("LOAD_CONST r%d, :__vm:this", WO);
    plain_number(0);
    if (chance(60)) {
        wput("MOVE r1, r%d", W1);
        wput("LOAD_CONST r%d, :n", W0);
        wput("GET_PROP r%d, r%d, r%d", W2, WO, W0);
        plain_number(W2);
        wput("%s r%d, r1, r%d", PICK(ops), W1, W1);
    }
    if (chance(30)) {
        wput("LOAD_CONST r%d, :%s", W0, chance(50) ? "n" : "z");
        wput("SET_PROP r%d, r%d, r%d", WO, W0, W1);
    }
    if (chance(10))
        wput("LOAD_CONST r%d, %s", W1, chance(50) ? "\"t\"" : "undefined");
    if (chance(15))
        wprint(W1, W1, W1);
    if (chance(10))
        wput("YIELD");
    wput("RETURN r%d", chance(10) ? (int)WO : (int)W1);
    printf(".end\n");
}

/* __getattr__, __setattr__, __str__, __not__: they read nothing of `this`. */
static void magic_key(int i)
{
    static const char *const results[] = {"5", "undefined", "\"str\"", "0.5", ":key", "7", "3"};
    begin_function("k", i, 2, 100);
    wput("LOAD_CONST r%d, :__vm:this", WO);
    wput("LOAD_CONST r%d, %s", W1, PICK(results));
    if (chance(5))
        wprint(0, W1, W1);
    if (chance(15))
        wput("LOAD_CONST r0, :z");
    if (chance(70)) {
        int value = chance(75) ? 1 : (int)W1;
        if (value != 1)
            wput("LOAD_CONST r0, :y"); /* what can be called stays so */
        wput("SET_PROP r%d, r0, r%d", WO, value);
    }
    if (chance(10))
        wput("YIELD");
    wput("RETURN r%d", chance(20) ? 0 : (int)W1);
    printf(".end\n");
}

/* ---- all of them ---- */

void warm_functions(void)
{
    for (int i = 0; i < ACCESSORS; i++)
        accessor(i);
    for (int i = 0; i < RECURSIVE; i++)
        recursive(i);
    for (int i = SITES - 1; i >= 0; i--)
        site_function(i);
    for (int i = 0; i < CALLABLES; i++)
        callable_function(i);
    for (int i = 0; i < MAGIC; i++)
        magic_binary(i);
    for (int i = 0; i < MAGIC; i++)
        magic_key(i);
}
