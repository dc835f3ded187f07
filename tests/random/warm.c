/* warm.c: programs of the kind `warm`: functions, methods, the pool of objects, and rounds of the same with changes in
 * between. At most two processes are alive at a time, the main one and one that it waits for, so programs do the same
 * under any schedule, but for what waiting costs.
 *
 * All of them end: loops count in registers of their own; a function calls only those with a higher number, and methods
 * call none; what runs how often is counted while it is written.
 */
#include <stdarg.h>
#include <stdio.h>

#include "warm.h"

writing w;
double site_cost[SITES];
const char *site_takes[SITES];
bool site_checks[SITES];
double accessor_cost[ACCESSORS];
double recursive_cost[RECURSIVE];
char accessor_takes[ACCESSORS];
int profile[6];
bool texts;

/* ---- registers and instructions ---- */

void wput(const char *format, ...)
{
    va_list list;
    w.cost += w.weight;
    printf("    ");
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
}

int wn(void)
{
    return w.first + below(w.numbers);
}

int wv(void)
{
    return WV + below(4);
}

int wo(void)
{
    if (w.accessor)
        return w.only;
    return w.leaf ? (chance(80) ? WO : WO + 3) : WO + below(4);
}

int wa(void)
{
    return w.accessor ? w.only : WA + below(2);
}

/* What is read without having been written is undefined, and makes a parameter of the register for who infers types. */
int any(void)
{
    int what = below(10);
    if (w.accessor)
        return what < 7 ? wn() : w.only;
    if (w.leaf)
        return what < 6 ? wn() : what < 8 ? wo() : wa();
    return what < 4 ? wn() : what < 7 ? wv() : what < 9 ? wo() : wa();
}

int wread(void)
{
    return w.leaf || w.accessor ? any() : wv();
}

int wcounter(void)
{
    return w.loops ? WCOUNTER + below(w.loops) : wn();
}

bool affordable(double cost)
{
    return w.cost + w.weight * cost < w.most;
}

void wlibrary(int d, const char *name, const char *arguments)
{
    wput("LOAD_CONST r%d, :__stdlib:%s", W0, name);
    wput("CALL r%d, r%d, [%s]", d, W0, arguments);
}

void wprint(int r, int s, int t)
{
    wput("LOAD_CONST r%d, :__stdlib:PrintLn", WPRINT);
    wput("CALL r%d, r%d, [r%d, r%d, r%d]", WPRINT, WPRINT, r, s, t);
}

/* ---- statements ---- */

/* So that there are numbers again: most of what happens to one makes undefined of it in the end. */
static void reset(void)
{
    for (int i = below(2); i >= 0; i--)
        if (chance(50))
            wput("LOAD_CONST r%d, %d", wn(), 1 + below(9));
        else
            wput("MOVE r%d, r%d", wn(), wcounter());
}

/* All of it again, many times, and something that happens in one of the last rounds, or the first. */
void wloop(int depth)
{
    static const int times[] = {2, 3, 5, 9, 17, 40, 70};
    int n = PICK(times), top = ++label, counter = WCOUNTER + w.loops, after = ++label;
    if (texts && n > 3)
        n = 3;
    while (n > 2 && !affordable(n * 20.0))
        n /= 2;
    if (w.loops == 2 || !affordable(n * 20.0)) {
        wput("NOP");
        return;
    }
    bool up = chance(35);
    int change = chance(70) ? 1 + below(3) : 1 + below(n);
    wput("LOAD_CONST r%d, %d", counter, up ? 0 : n);
    put_label(top);
    w.loops++;
    w.weight *= n;
    int parts = 1 + below(3), late = below(parts + 1);
    if (chance(70))
        reset();
    for (int i = 0; i < parts; i++) {
        if (i == late) {
            wput("LOAD_CONST r%d, %d", W0, up ? n - change : change);
            wput("EQUAL r%d, r%d, r%d", WFLAG, counter, W0);
            wput("JUMP_IF_FALSE r%d, L%d", WFLAG, after);
            wmutation();
            put_label(after);
        }
        wblock(depth + 1, 2);
    }
    wput("LOAD_CONST r%d, 1", WONE);
    wput("%s r%d, r%d, r%d", up ? "ADD" : "SUB", counter, counter, WONE);
    if (up) {
        wput("LOAD_CONST r%d, %d", W0, n);
        wput("LESS_THAN r%d, r%d, r%d", WFLAG, counter, W0);
    }
    wput("JUMP_IF_TRUE r%d, L%d", up ? (int)WFLAG : counter, top);
    w.weight /= n;
    w.loops--;
}

void wstatement(int depth)
{
    int total = 0, what;
    if (depth < 3 && chance(depth ? 12 : 25)) {
        if (chance(25))
            wtight();
        else if (chance(55))
            wloop(depth);
        else
            wcondition(depth);
        return;
    }
    if (chance(12)) {
        reset();
        return;
    }
    if ((w.pool && chance(35)) || (!w.leaf && !w.accessor && chance(10))) {
        waccess();
        return;
    }
    if (w.pool && chance(12)) {
        if (chance(50))
            wrecurse();
        else
            wkept();
        return;
    }
    for (int i = 0; i < 6; i++)
        total += profile[i];
    what = below(total);
    int i = 0;
    while (what >= profile[i])
        what -= profile[i++];
    switch (i) {
    case 0: wnumber_statement(); break;
    case 1: wobject_statement(); break;
    case 2: wmethod_call(); break;
    case 3: warray_statement(); break;
    case 4:
        if (depth < 3 && affordable(30))
            wmatch(depth);
        else
            wnumber_statement();
        break;
    default:
        if (chance(60))
            wcall_statement();
        else if (chance(60))
            wclosure();
        else
            wmessage();
        break;
    }
}

void wblock(int depth, int most)
{
    for (int n = 1 + below(most); n > 0; n--)
        wstatement(depth);
}

/* ---- the program ---- */

static void fill_pool(void)
{
    fresh_object(W1, WO + below(4));
    wput("ARRAY_INIT r%d, [r%d, r%d, r%d, r%d, r%d]", WPOOL, WO, WO + 1, WO + 2, WO + 3, W1);
    fresh_object(W2, -1);
    weird(W3);
    wput("ARRAY_INIT r%d, [r%d, r%d, r%d, r%d, r%d]", WODD, chance(50) ? WO : WA, W2, W3, any(), chance(50) ? W1 : WA);
}

static void digest(void)
{
    wprint(0, 1, 2);
    wprint(3, 4, 5);
    if (chance(50))
        wprint(wv(), wo(), wa());
}

/* The end of some programs, and of the functions that are spawned: what may crash. */
static void finale(void)
{
    static const char *const indices[] = {"9", "-1", "0.5", "nan", "1e10"};
    char arguments[32];
    switch (below(11)) {
    case 0:
        weird(W0);
        wput("CALL r%d, r%d, [r0]", wn(), W0);
        break;
    case 1:
        wput("LOAD_CONST r%d, %s", W0, PICK(indices));
        wput("SET_PROP r%d, r%d, r0", wa(), W0);
        break;
    case 2:
    case 8: whidden(wo()); break;
    case 3:
        snprintf(arguments, sizeof arguments, "r%d, r%d", wo(), wo());
        wlibrary(W1, "SetPrototype", arguments);
        break;
    case 4: wlibrary(W1, "Exit", chance(50) ? "r0" : "r6"); break;
    case 5:
        wput("LOAD_CONST r%d, undefined", W1);
        wput("LOAD_CONST r%d, :__proto__", W0);
        wput("SET_PROP r%d, r%d, r%d", WO + 3, W0, W1);
        wput("LOAD_CONST r%d, :%s", W0, chance(50) ? "run" : "calc");
        weird(W1);
        wput("SET_PROP r%d, r%d, r%d", WO + 3, W0, W1);
        break;
    default: return;
    }
    for (int i = 0; i < 3; i++) {
        if (chance(60))
            wloop(1);
        waccess();
        waccess();
        wmethod_call();
        wobject_statement();
        wcall_statement();
    }
}

/* What processes run: (object, number). It begins with a copy of what the object knows, and may crash. */
static void life(void)
{
    begin_function("z", -1, 2, 4000);
    w.callee_from = 0;
    w.pool = true;
    w.own_from = WO + 1;
    wput("MOVE r%d, r0", WO);
    wput("LOAD_CONST r0, 2");
    fill_numbers(2);
    fill_objects(WO + 1);
    fill_others();
    wclosure();
    fill_pool();
    if (chance(60))
        wloop(0);
    wmutation();
    finale();
    wput("RETURN r%d", chance(70) ? wn() : any());
    printf(".end\n");
}

/* One process at a time, so that it does not matter in which order they run. */
static void spawn(void)
{
    if (chance(50))
        wput("LOAD_CONST r%d, function:Main:z", W0);
    else
        wput("LOAD_CONST r%d, function:Main:a%d", W0, below(ACCESSORS));
    wput("SPAWN r%d, r%d, [r%d, r%d]", W1, W0, wo(), wn());
    wput("LINK p%d, r%d", W1, chance(80) ? wn() : wv());
}

static void main_function(void)
{
    begin_function("main", -1, 0, 20000);
    w.callee_from = 0;
    w.pool = true;
    fill_numbers(0);
    fill_objects(WO);
    fill_others();
    wclosure();
    fill_pool();
    for (int round = 2 + below(3); round > 0; round--) {
        wloop(0);
        for (int i = below(3); i > 0; i--)
            wmutation();
        if (chance(15))
            fill_pool();
        wblock(0, 3);
        if (chance(70))
            wcall_statement();
        if (chance(15))
            spawn();
        digest();
    }
    if (chance(40))
        finale();
    digest();
    printf(".end\n");
}

void warm_program(void)
{
    static const int likely[] = {0, 1, 1, 2, 4, 8};
    texts = chance(15);
    for (int i = 0; i < 6; i++)
        profile[i] = PICK(likely) + (i == 0);
    warm_functions();
    life();
    main_function();
}
