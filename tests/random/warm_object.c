/* warm_object.c: objects: sites that read, write and call, and everything that changes what such a site finds. */
#include <stdio.h>
#include <string.h>

#include "warm.h"

static const char *const keys[] = {"x", "y", "z", "w", "n", "x", "z", "w"};
static const char *const methods[] = {"run", "calc"};

static const char *key(void)
{
    return PICK(keys);
}

static const char *callable(void)
{
    static const char *const constants[] = {"function:Main:c0", "function:Main:c1", "function:Main:c2",
                                            ":__stdlib:Max",    ":__stdlib:Min",    "function:Main:c1"};
    return PICK(constants);
}

/* ---- making ---- */

static void data_part(const char **comma, bool one_part)
{
    printf("%s%s: ", *comma, key());
    *comma = ", ";
    int what = below(10);
    if (what < 5)
        printf("r%d", wn());
    else if (what < 8)
        printf("%s", a_number());
    else if (one_part)
        printf("r%d", any());
    else
        printf("undefined");
    if (chance(6))
        printf(" [readonly]");
}

void fresh_object(int r, int proto)
{
    const char *comma = "";
    int n = chance(60) ? 0 : below(5), part = below(8);
    bool two = chance(80); /* begins as most do */
    w.cost += w.weight;
    printf("    OBJECT_INIT r%d, {", r);
    if (two) {
        int x = wn(), y = wn();
        printf("%s: r%d, %s: r%d", chance(70) ? "x" : "y", x, chance(70) ? "y" : "n", y);
        comma = ", ";
    }
    for (int i = 0; i < n; i++)
        data_part(&comma, i == part);
    if (chance(15)) {
        printf("%sh: r%d [protected]", comma, wn());
        comma = ", ";
    }
    if (chance(15)) {
        printf("%s%s: %s", comma, PICK(methods), callable());
        comma = ", ";
    }
    if (chance(6)) {
        static const char *const names[] = {"__not__", "__add__", "__lt__", "__eq__"};
        int name = below(4);
        printf("%s%s: function:Main:%c%d", comma, names[name], name ? 'g' : 'k', below(MAGIC));
        comma = ", ";
    }
    if (proto >= 0)
        printf("%s__proto__: r%d", comma, proto);
    printf("}\n");
}

void fresh_base(int r)
{
    w.cost += w.weight;
    printf("    OBJECT_INIT r%d, {%s%srun: function:Main:c%d, calc: %s", r, chance(70) ? "z: 1, " : "",
           chance(20) ? "x: 3, " : "", below(CALLABLES), callable());
    printf("%s%s", chance(70) ? ", w: 2" : "", chance(20) ? ", y: 4" : "");
    if (w.pool)
        printf(", rec0: function:Main:t0, rec1: function:Main:t1");
    for (int i = chance(40) ? 1 + below(3) : 0; i > 0; i--) {
        static const char *const names[] = {"__not__", "__not__", "__add__", "__sub__", "__lt__", "__eq__", "__radd__"};
        int name = below(7);
        printf(", %s: function:Main:%c%d", names[name], name < 2 ? 'k' : 'g', below(MAGIC));
    }
    printf("}\n");
}

/* ---- sites ---- */

static void load_data_key(int r)
{
    int what = below(20);
    if (what == 0)
        wput("LOAD_CONST r%d, \"%s\"", r, key());
    else if (what == 1)
        wput("LOAD_CONST r%d, %d", r, below(3));
    else
        wput("LOAD_CONST r%d, :%s", r, key());
}

static void get(void)
{
    load_data_key(W0);
    wput("GET_PROP r%d, r%d, r%d", chance(60) ? wn() : wv(), chance(94) ? wo() : wread(), W0);
}

static void set(void)
{
    load_data_key(W0);
    int value = chance(80) ? wn() : any();
    wput("SET_PROP r%d, r%d, r%d", wo(), W0, value);
}

/* Reads, computes, writes back. */
static void update(void)
{
    static const char *const ops[] = {"ADD", "SUB", "MUL"};
    int o = wo(), d = wn();
    wput("LOAD_CONST r%d, :%s", W0, key());
    wput("GET_PROP r%d, r%d, r%d", d, o, W0);
    wput("%s r%d, r%d, r%d", PICK(ops), d, d, wn());
    wput("SET_PROP r%d, r%d, r%d", o, W0, d);
}

/* More properties than a shape holds, through a key that is computed. */
static void many(void)
{
    if (!affordable(90 * 9) || w.loops || chance(70)) {
        update();
        return;
    }
    int top = ++label, o = wo();
    wput("LOAD_CONST r%d, %d", WFLAG, 60 + below(20));
    put_label(top);
    w.weight *= 70;
    wput("LOAD_CONST r%d, :__stdlib:ToString", W0);
    wput("CALL r%d, r%d, [r%d]", W1, W0, WFLAG);
    wput("LOAD_CONST r%d, \"k\"", W2);
    wput("ADD r%d, r%d, r%d", W1, W2, W1);
    wput("SET_PROP r%d, r%d, r%d", o, W1, WFLAG);
    wput("LOAD_CONST r%d, 1", WONE);
    wput("SUB r%d, r%d, r%d", WFLAG, WFLAG, WONE);
    wput("JUMP_IF_TRUE r%d, L%d", WFLAG, top);
    w.weight /= 70;
}

static void computed_key(void)
{
    wput("LOAD_CONST r%d, \"%s\"", W1, chance(50) ? "" : "k");
    wput("LOAD_CONST r%d, \"%s\"", W2, chance(80) ? key() : "6");
    wput("ADD r%d, r%d, r%d", W1, W1, W2);
    if (chance(50))
        wput("GET_PROP r%d, r%d, r%d", wv(), wo(), W1);
    else
        wput("SET_PROP r%d, r%d, r%d", wo(), W1, wn());
}

/* A key that is made anew each time; few of them, so that they come again. */
static void map_access(void)
{
    int o = wo(), from = w.loops ? WCOUNTER + w.loops - 1 : wn();
    wput("LOAD_CONST r%d, %d", W1, 2 + below(6));
    char arguments[32];
    snprintf(arguments, sizeof arguments, "r%d, r%d", from, W1);
    wlibrary(W1, "Mod", arguments);
    snprintf(arguments, sizeof arguments, "r%d", W1);
    wlibrary(W1, "ToString", arguments);
    wput("LOAD_CONST r%d, \"k\"", W2);
    wput("ADD r%d, r%d, r%d", W1, W2, W1);
    if (chance(50))
        wput("SET_PROP r%d, r%d, r%d", o, W1, wn());
    if (chance(70))
        wput("GET_PROP r%d, r%d, r%d", wn(), chance(80) ? o : wo(), W1);
    if (chance(15)) {
        snprintf(arguments, sizeof arguments, "r%d, r%d", o, W1);
        wlibrary(wv(), chance(50) ? "ObjectHas" : "ObjectDelete", arguments);
    }
}

static void library(void)
{
    char arguments[32];
    int o = wo();
    wput("LOAD_CONST r%d, :%s", W1, chance(85) ? key() : "h");
    snprintf(arguments, sizeof arguments, "r%d, r%d", o, W1);
    if (chance(50)) {
        wlibrary(chance(50) ? wn() : wv(), "ObjectHas", arguments);
    } else if (chance(50)) {
        snprintf(arguments, sizeof arguments, "r%d", o);
        wlibrary(wv(), "ObjectKeys", arguments);
    } else {
        snprintf(arguments, sizeof arguments, "r%d, r%d", o, wo());
        wput("%s r%d, %s", chance(60) ? "EQUAL" : "NOT_EQUAL", wn(), arguments);
    }
}

void wobject_statement(void)
{
    int what = below(w.slim ? 78 : 100);
    if (what < 38)
        get();
    else if (what < 62)
        set();
    else if (what < 78)
        update();
    else if (what < 80)
        many();
    else if (what < 84)
        map_access();
    else if (what < 86)
        computed_key();
    else if (what < 90)
        library();
    else if (what < 96)
        fresh_object(WV + below(4), chance(60) ? wo() : -1);
    else
        wmutation();
}

void wmethod_call(void)
{
    if (w.leaf || !affordable(60)) {
        update();
        return;
    }
    int o = wo(), a = wn(), b = chance(90) ? wn() : any(), d = chance(80) ? wn() : wv();
    const char *name = PICK(methods);
    wput("LOAD_CONST r%d, :%s", W0, name);
    wput("GET_PROP r%d, r%d, r%d", W1, o, W0);
    bool kept = chance(8);
    if (kept)
        wput("MOVE r%d, r%d", WF, W1);
    if (chance(15))
        wput("LOAD_CONST r%d, %s", a, a_number());
    wput("CALL r%d, r%d, [r%d, r%d]", chance(10) ? (int)W1 : d, W1, a, b);
    if (kept)
        wput("CALL r%d, r%d, [r%d, r%d]", d, WF, a, b);
    w.cost += 40 * w.weight;
}

void wtail_call(void)
{
    int d = wn();
    wput("LOAD_CONST r%d, :%s", W0, PICK(methods));
    wput("GET_PROP r%d, r%d, r%d", W1, wo(), W0);
    wput("CALL r%d, r%d, [r%d, r%d]", d, W1, wn(), wn());
    wput("RETURN r%d", d);
    w.cost += 40 * w.weight;
}

/* ---- changes ---- */

/* An object to be changed: often one that others have for a prototype. */
static int changed(void)
{
    return !w.accessor && chance(40) ? WO + 3 : wo();
}

/* A prototype that may be given to the object in register o. */
static int prototype(int o)
{
    int least = o < w.own_from ? w.own_from : o + 1; /* of two objects from elsewhere nothing is known */
    return least > WO + 3 ? -1 : least + below(WO + 4 - least);
}

static void change_prototype(void)
{
    int o = WO + below(3), p = prototype(o);
    char arguments[32];
    if (p < 0)
        return;
    if (chance(30)) { /* through a new one */
        fresh_object(W2, p);
        p = W2;
    }
    if (chance(60)) {
        wput("LOAD_CONST r%d, :__proto__", W0);
        wput("SET_PROP r%d, r%d, r%d", o, W0, p);
    } else {
        snprintf(arguments, sizeof arguments, "r%d, r%d", o, p);
        wlibrary(W1, "SetPrototype", arguments);
    }
}

static void delete_property(void)
{
    char arguments[32];
    wput("LOAD_CONST r%d, :%s", W1, key());
    snprintf(arguments, sizeof arguments, "r%d, r%d", changed(), W1);
    wlibrary(chance(50) ? wv() : W2, "ObjectDelete", arguments);
}

static void define_property(void)
{
    static const char *const flags[] = {"wec", "ec", "we", "wc", "", "wec", "ec", "e"};
    bool hidden = chance(15);
    char arguments[48];
    wput("LOAD_CONST r%d, :%s", W1, hidden ? "h" : key());
    wput("LOAD_CONST r%d, \"%s\"", W2, hidden ? "wch" : PICK(flags));
    snprintf(arguments, sizeof arguments, "r%d, r%d, r%d, r%d", changed(), W1, wn(), W2);
    wlibrary(W3, "DefineProperty", arguments);
}

static void late_magic(void)
{
    static const char *const first[] = {"__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__",
                                        "__lt__",  "__le__",   "__eq__",  "__div__",  "__eq__",  "__lt__"};
    static const char *const second[] = {"__getattr__", "__setattr__", "__str__", "__not__", "__getattr__"};
    int what = below(10);
    if (what < 6) {
        wput("LOAD_CONST r%d, :%s", W0, PICK(first));
        wput("LOAD_CONST r%d, function:Main:g%d", W1, below(MAGIC));
    } else if (what < 9) {
        wput("LOAD_CONST r%d, :%s", W0, PICK(second));
        wput("LOAD_CONST r%d, function:Main:k%d", W1, below(MAGIC));
    } else { /* no longer */
        wput("LOAD_CONST r%d, :%s", W0, chance(50) ? PICK(first) : PICK(second));
        wput("LOAD_CONST r%d, 1", W1);
    }
    wput("SET_PROP r%d, r%d, r%d", changed(), W0, W1);
}

static void change_method(void)
{
    int what = below(10);
    if (what < 5) {
        wput("LOAD_CONST r%d, %s", W1, callable());
    } else if (what < 7) { /* another object's, bound */
        wput("LOAD_CONST r%d, :%s", W0, PICK(methods));
        wput("GET_PROP r%d, r%d, r%d", W1, wo(), W0);
    } else if (what < 8) { /* an object that can be called */
        printf("    OBJECT_INIT r%d, {__call__: function:Main:c%d, x: r%d}\n", W1, below(CALLABLES), wn());
    } else {
        wput("LOAD_CONST r%d, function:Main:c%d", W0, below(CALLABLES));
        printf("    MAKE_CLOSURE r%d, r%d, \"m\", [a: r%d]\n", W1, W0, wn());
    }
    wput("LOAD_CONST r%d, :%s", W0, PICK(methods));
    wput("SET_PROP r%d, r%d, r%d", changed(), W0, W1);
}

static void new_object(void)
{
    int o = WO + below(3);
    fresh_object(o, o + 1 + below(WO + 3 - o));
}

void whidden(int object)
{
    char arguments[48];
    wput("LOAD_CONST r%d, :%s", W1, key());
    wput("LOAD_CONST r%d, \"wech\"", W2);
    snprintf(arguments, sizeof arguments, "r%d, r%d, r%d, r%d", object, W1, wn(), W2);
    wlibrary(W3, "DefineProperty", arguments);
}

void wmutation(void)
{
    int what = below(100);
    if (what < 22)
        change_prototype();
    else if (what < 34)
        delete_property();
    else if (what < 48)
        define_property();
    else if (what < 62)
        late_magic();
    else if (what < 72 && !w.leaf)
        change_method();
    else if (what < 80 && !w.leaf)
        new_object();
    else if (what < 90) {
        wput("LOAD_CONST r%d, :%s", W0, key());
        weird(W1);
        wput("SET_PROP r%d, r%d, r%d", changed(), W0, W1);
    } else {
        weird(chance(60) ? wn() : wv());
    }
}
