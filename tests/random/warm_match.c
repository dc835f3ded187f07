/* warm_match.c: MATCH over values that nearly fit: small trees over few scalars, and patterns made from the same trees
 * with parts left open or changed, so that cases overlap and share their beginnings.
 */
#include <stdio.h>

#include "warm.h"

typedef enum tree_kind {
    SCALAR,
    TUPLE,
    ARRAY,
    TAGGED,
    DIGITS
} tree_kind; /* DIGITS: an object that a tuple pattern fits */

typedef struct tree {
    tree_kind kind;
    const char *scalar; /* the tag of TAGGED */
    int n, part[3];
} tree;

enum { MOST_TREES = 200, MOST_VALUES = 8 };
static tree trees[MOST_TREES];
static int count;

static const char *a_scalar(void)
{
    static const char *const scalars[] = {":a",    ":b",    ":c",    ":ok", "0",   "1",  "2",         "3",  "1",
                                          "\"a\"", "\"b\"", "true",  "()",  "1.5", "-0", "undefined", ":a", "2",
                                          "4",     "nan",   "false", "-1",  "5",   ":b", "2+1i",      "''"};
    return PICK(scalars);
}

static const char *a_tag(void)
{
    static const char *const tags[] = {"Some", "None", "Pair"};
    return PICK(tags);
}

static int make(int depth)
{
    int at = count++;
    tree *t = &trees[at];
    *t = (tree){.kind = SCALAR, .scalar = a_scalar()};
    if (depth < 3 && count < MOST_TREES - 40 && chance(depth == 0 ? 65 : 30)) {
        static const tree_kind kinds[] = {TUPLE, TUPLE, TUPLE, ARRAY, TAGGED, DIGITS};
        t->kind = PICK(kinds);
        t->scalar = a_tag();
        t->n = t->kind == TAGGED ? 1 : below(4);
        for (int i = 0; i < t->n; i++) {
            int part = make(depth + 1);
            trees[at].part[i] = part;
        }
    }
    return at;
}

static void put_value(int at)
{
    const tree *t = &trees[at];
    switch (t->kind) {
    case SCALAR: printf("%s", t->scalar); return;
    case TAGGED: {
        static const char *const forms[] = {"\"%s\"", ":%s", "\":%s\"", "':%s'", "\"%s\""};
        printf(chance(20) ? "{q: 1, __tag: " : "{__tag: ");
        printf(PICK(forms), t->scalar); /* all of them one tag */
        if (chance(3))
            printf(" [protected]");
        if (chance(90)) {
            printf(", __slots: ");
            put_value(t->part[0]);
            if (chance(4))
                printf(" [protected]");
        }
        putchar('}');
        return;
    }
    case DIGITS:
        putchar('{');
        for (int i = 0; i < t->n; i++) {
            printf("%s\"%d\": ", i ? ", " : "", i);
            put_value(t->part[i]);
            if (chance(3))
                printf(" [protected]");
        }
        putchar('}');
        return;
    default: break;
    }
    putchar(t->kind == TUPLE ? '(' : '[');
    for (int i = 0; i < t->n; i++) {
        printf("%s", i ? ", " : "");
        put_value(t->part[i]);
    }
    printf("%s", t->kind == ARRAY ? "]" : t->n == 0 ? ",)" : t->n == 1 ? ",)" : ")");
}

/* `open`: how likely, in percent, a part is left open; few are changed. */
static void put_pattern(int at, int open)
{
    const tree *t = &trees[at];
    if (chance(open)) {
        putchar('_');
        return;
    }
    if (t->kind == SCALAR || chance(8)) {
        putchar('=');
        if (chance(8))
            printf("%s", a_scalar());
        else
            put_value(at);
        return;
    }
    if (t->kind == TAGGED) {
        printf("#\"%s\" ", chance(8) ? a_tag() : t->scalar);
        put_pattern(t->part[0], open);
        return;
    }
    bool array = t->kind == ARRAY && chance(60);
    int n = chance(6) && t->n ? t->n - 1 : t->n;
    putchar(array ? '[' : '(');
    for (int i = 0; i < n; i++) {
        printf("%s", i ? ", " : "");
        put_pattern(t->part[i], open);
    }
    printf("%s", array ? "]" : n < 2 ? ",)" : ")");
}

/* Loads a subject: one of the values in turn, or what is at hand. */
static void subject(int r, const int *values, int n)
{
    int what = below(10);
    if (what < 2) {
        wput("MOVE r%d, r%d", r, any());
    } else if (what < 3) {
        wput("ARRAY_INIT r%d, [r%d, r%d]", r, wn(), wn());
    } else if (what < 4 && chance(50)) {
        wput("LOAD_CONST r%d, %s", W0, chance(50) ? "\"Some\"" : chance(50) ? ":Pair" : "2");
        w.cost += w.weight;
        printf("    OBJECT_INIT r%d, {%s__tag: r%d, __slots: r%d%s}\n", r, chance(30) ? "x: 1, " : "",
               chance(90) ? (int)W0 : wn(), chance(50) ? wn() : any(), chance(8) ? " [protected]" : "");
    } else if (what < 4) {
        wput("LOAD_CONST r%d, :self", W0);
        printf("    LOAD_CONST r%d, ", r);
        put_value(values[0]);
        printf("\n");
        wput("SEND r%d, r%d", W0, r);
        wput("RECEIVE r%d", r);
    } else {
        printf("    LOAD_CONST r%d, [", r);
        for (int i = 0; i < n; i++) {
            printf("%s", i ? ", " : "");
            put_value(values[i]);
        }
        printf("]\n");
        wput("LOAD_CONST r%d, %d", W1, n);
        wput("LOAD_CONST r%d, :__stdlib:Mod", W2);
        wput("CALL r%d, r%d, [r%d, r%d]", W1, W2, w.loops ? WCOUNTER + w.loops - 1 : wn(), W1);
        wput("GET_PROP r%d, r%d, r%d", r, r, W1);
    }
}

/* What a case does: a number, now and then a part of the subject. */
static void body(int r, int depth, int i)
{
    if (chance(30)) {
        wput("LOAD_CONST r%d, %d", W0, below(2));
        wput("GET_PROP r%d, r%d, r%d", wn(), r, W0);
    } else if (chance(70)) {
        wput("LOAD_CONST r%d, %d", wn(), 10 + i);
    } else {
        wblock(depth + 1, 1);
    }
}

/* ---- many cases without parts ---- */

enum { LONG_TEXT = 259 };

/* One of many scalars, by number: equal numbers give equal values. */
static void put_numbered(int family, int i)
{
    switch (family == 3 ? i % 3 : family) {
    case 0: printf("%d", i); break;
    case 1: printf(":a%d", i); break;
    case 2: printf("\"s%d\"", i); break;
    default: /* of one length, and long enough to cost something */
        putchar('"');
        for (int k = 1; k < LONG_TEXT; k++)
            putchar('a' + i % 3);
        printf("%c\"", 'a' + i % 20);
    }
}

static void flat_subject(int family, int r, int most)
{
    char arguments[32];
    wput("LOAD_CONST r%d, %d", W1, most + 2);
    snprintf(arguments, sizeof arguments, "r%d, r%d", w.loops ? WCOUNTER + w.loops - 1 : wn(), W1);
    wlibrary(W1, "Mod", arguments);
    if (family == 0) {
        wput("MOVE r%d, r%d", r, W1);
    } else if (family == 2 && chance(60)) { /* made at run time */
        snprintf(arguments, sizeof arguments, "r%d", W1);
        wlibrary(W1, "ToString", arguments);
        wput("LOAD_CONST r%d, \"s\"", W2);
        wput("ADD r%d, r%d, r%d", r, W2, W1);
    } else {
        w.cost += w.weight;
        printf("    LOAD_CONST r%d, [", r);
        for (int i = 0; i < 6; i++) {
            printf("%s", i ? ", " : "");
            put_numbered(family, below(most + 2));
        }
        printf("]\n");
        wput("GET_PROP r%d, r%d, r%d", r, r, W1);
    }
}

static void flat_match(void)
{
    int family = chance(8) ? 4 : below(4), cases = 3 + below(family == 4 ? 8 : 20), most = cases + below(10);
    int r = chance(50) ? (int)W3 : wv(), first = label + 1, end = label + cases + 1, number = wn();
    label += cases + 1;
    flat_subject(family, r, most);
    w.cost += w.weight;
    printf("    MATCH r%d, [", r);
    for (int i = 0; i < cases; i++) {
        printf("%s(=", i ? ", " : "");
        put_numbered(family, chance(85) ? i : below(most));
        printf(", L%d)", chance(20) ? end : first + i);
    }
    if (chance(20))
        printf(", (_, L%d)", end);
    printf("]\n");
    wput("LOAD_CONST r%d, -7", number);
    for (int i = 0; i < cases; i++) {
        wput("JUMP L%d", end);
        put_label(first + i);
        wput("LOAD_CONST r%d, %d", number, 100 + i);
    }
    put_label(end);
}

void wmatch(int depth)
{
    if (chance(25)) {
        flat_match();
        return;
    }
    int values[MOST_VALUES], n = 2 + below(MOST_VALUES - 1), cases = 1 + below(n + 2), r = chance(50) ? (int)W3 : wv();
    count = 0;
    for (int i = 0; i < n; i++)
        values[i] = make(0);
    subject(r, values, n);
    int first = label + 1, end = label + cases + 1, open = chance(30) ? 0 : 10 + below(30);
    label += cases + 1;
    w.cost += w.weight;
    printf("    MATCH r%d, [", r);
    for (int i = 0; i < cases; i++) {
        printf("%s(", i ? ", " : "");
        if (chance(4))
            putchar('_');
        else
            put_pattern(values[below(n)], open);
        printf(", L%d)", chance(8) ? end : first + i);
    }
    printf("]\n");
    if (chance(50))
        weird(wn());
    for (int i = 0; i < cases; i++) {
        wput("JUMP L%d", end);
        put_label(first + i);
        body(r, depth, i);
    }
    put_label(end);
}
