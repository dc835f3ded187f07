/* warm_loop.c: tight loops: objects and arrays that stay the same from turn to turn, and nothing but numbers done with
 * them, mostly. Something else happens on a way out.
 */
#include <stdio.h>

#include "warm.h"

static const char *key(void)
{
    static const char *const keys[] = {"x", "y", "z", "x", "y", "w", "n"};
    return PICK(keys);
}

static bool has_objects(void)
{
    return !w.accessor || profile[1];
}

static bool has_arrays(void)
{
    return !w.accessor || profile[3];
}

/* Few objects, so that what is done to one is often done to the other; that in W3 is the first one again. */
static int object(void)
{
    return chance(25) ? (int)W3 : w.accessor ? w.only : WO + (chance(75) ? 0 : below(3));
}

static void put_key(void)
{
    if (chance(97))
        wput("LOAD_CONST r%d, :%s", W0, key());
    else
        wput("LOAD_CONST r%d, \"%s\"", W0, key());
}

static void compute(int d, int a)
{
    static const char *const ops[] = {"SUB", "MUL", "ADD", "SUB"};
    wput("%s r%d, r%d, r%d", chance(8) ? "DIV" : PICK(ops), d, a, chance(80) ? wn() : wcounter());
}

static void property(void)
{
    int o = object(), d = wn(), what = below(10);
    put_key();
    if (what < 7)
        wput("GET_PROP r%d, r%d, r%d", d, o, W0);
    if (what < 5)
        compute(d, d);
    if (what < 5 || what >= 7)
        wput("SET_PROP r%d, r%d, r%d", o, W0, chance(98) ? d : any());
}

static void element(void)
{
    int a = wa(), d = wn(), index = chance(60) ? wcounter() : W1;
    if (index == W1)
        wput("LOAD_CONST r%d, %d", W1, chance(85) ? below(2) : 2 + below(3));
    if (chance(60)) {
        wput("GET_PROP r%d, r%d, r%d", d, a, index);
        compute(wn(), d);
    } else if (index == W1) {
        wput("SET_PROP r%d, r%d, r%d", a, index, d);
    }
}

static void leave(int out)
{
    int on = ++label, n = wn();
    if (chance(70))
        wput("LOAD_CONST r%d, %d", W1, below(60));
    else
        wput("MOVE r%d, r%d", W1, wn());
    wput("%s r%d, r%d, r%d", chance(50) ? "EQUAL" : "LESS_THAN", WFLAG, chance(50) ? n : wcounter(), W1);
    wput("JUMP_IF_FALSE r%d, L%d", WFLAG, on);
    if (chance(60))
        wmutation();
    if (chance(95))
        wput("JUMP L%d", out);
    put_label(on);
}

static void tight_statement(int depth)
{
    int what = below(20);
    if (what < 11 && has_objects()) {
        property();
    } else if (what < 14 && has_arrays()) {
        element();
    } else if (what < 17) {
        compute(wn(), wn());
    } else if (what < 18 && depth < 2) {
        int on = ++label;
        wput("LESS_THAN r%d, r%d, r%d", WFLAG, wn(), wcounter());
        wput("JUMP_IF_%s r%d, L%d", chance(50) ? "FALSE" : "TRUE", WFLAG, on);
        tight_statement(depth + 1);
        put_label(on);
    } else if (what < 19) {
        wput("LOAD_CONST r%d, %d", wn(), below(9));
    } else {
        wput("MOVE r%d, r%d", wn(), chance(50) ? wn() : wcounter());
    }
}

void wtight(void)
{
    static const int times[] = {0, 1, 3, 10, 30, 60};
    int n = PICK(times), top = ++label, out = ++label, counter = WCOUNTER + w.loops;
    if (w.loops == 2 || texts || !affordable(n * 30.0)) {
        wput("NOP");
        return;
    }
    for (int r = w.first; r < w.first + w.numbers; r++)
        if (chance(90))
            wput("LOAD_CONST r%d, %d", r, 1 + below(3));
    if (has_objects())
        wput("MOVE r%d, r%d", W3, w.accessor ? w.only : chance(80) ? (int)WO : wo());
    bool up = n == 0 || chance(50);
    wput("LOAD_CONST r%d, %d", counter, up ? 0 : n);
    put_label(top);
    w.weight *= n ? n : 1;
    w.loops++;
    if (up) {
        wput("LOAD_CONST r%d, %d", W1, n);
        wput("LESS_THAN r%d, r%d, r%d", WFLAG, counter, W1);
        wput("JUMP_IF_FALSE r%d, L%d", WFLAG, out);
    }
    int parts = 1 + below(5), way_out = chance(40) ? below(parts) : -1;
    for (int i = 0; i < parts; i++) {
        if (i == way_out)
            leave(out);
        tight_statement(0);
    }
    wput("LOAD_CONST r%d, 1", WONE);
    wput("%s r%d, r%d, r%d", up ? "ADD" : "SUB", counter, counter, WONE);
    if (up)
        wput("JUMP L%d", top);
    else
        wput("JUMP_IF_TRUE r%d, L%d", counter, top);
    w.loops--;
    w.weight /= n ? n : 1;
    put_label(out);
}
