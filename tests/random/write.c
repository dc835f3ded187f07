/* write.c: random choices, registers, constants, patterns. */
#include <stdarg.h>
#include <stdio.h>

#include "gen.h"

static uint64_t state;
bool processes;
int label;                   /* last one given out */
int loop_depth;              /* of the statement being written */
int calls_left, spawns_left; /* in this function */
bool returns;                /* it may do so early */

void seed(uint64_t from)
{
    state = from * 0x2545F4914F6CDD1Du;
}

static uint64_t next(void)
{
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

int below(int n)
{
    return (int)(next() % (uint64_t)n);
}

bool chance(int percent)
{
    return below(100) < percent;
}

/* What was last written to each data register, as far as that is known: n number, s string, o object, a array, f
 * function, p process. Only a hint: it makes operands that suit an operation likelier. */
static char kinds[DATA];

void forget_kinds(void)
{
    for (int r = 0; r < DATA; r++)
        kinds[r] = '?';
}

int data(void)
{
    return below(DATA);
}

/* A register to be written. */
int target(char kind)
{
    int d = data();
    kinds[d] = kind;
    return d;
}

/* A register to be read, of that kind if there is one, mostly. */
int operand(char kind)
{
    int from = data();
    if (chance(80))
        for (int i = 0; i < DATA; i++)
            if (kinds[(from + i) % DATA] == kind)
                return (from + i) % DATA;
    return from;
}

/* One instruction. */
void put(const char *format, ...)
{
    va_list list;
    printf("    ");
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    putchar('\n');
}

void put_label(int l)
{
    printf("L%d:\n", l);
}

/* ---- constants ---- */

static const char *const keys[] = {"a", "b", "c", "x", "y", "name", "v"};
static const char *const atoms[] = {":ok", ":error", ":a", ":b", ":name", "''", ":x"};
static const char *const strings[] = {"\"\"",     "\"a\"",  "\"b\"",      "\"hello\"", "\"0\"",       "\"1\"",
                                      "\"12.5\"", "\"ok\"", "\" pad \"",  "\"a,b,c\"", "\"h\u00e9\"", "\"zz\\n\"",
                                      "\"x\"",    "\"{}\"", "\"{0} {}\"", "\"self\""};
static const char *const numbers[] = {"0",   "1",     "2",   "3",    "4",   "7",   "10",  "-1",   "-0",   "0.5",
                                      "2.5", "-3.25", "100", "1e21", "0.1", "nan", "inf", "-inf", "1e-7", "255"};
static const char *const complexes[] = {"1+2i", "0-1i", "2+0i", "0.5+0.5i"};
static const char *const pure[] = {"Sqrt",     "Abs",      "TypeOf",      "StrLength",
                                   "ToString", "IsNumber", "ArrayLength", "Floor"};

const char *a_key(void)
{
    return PICK(keys);
}

const char *a_number(void)
{
    return PICK(numbers);
}

const char *a_string(void)
{
    return PICK(strings);
}

const char *an_atom(void)
{
    return PICK(atoms);
}

void function_name(int i)
{
    if (i < ORDINARY)
        printf("function:%s:f%d", i % 2 ? "Util" : "Main", i);
    else
        printf("function:Util:f%d", i);
}

void scalar(void)
{
    switch (below(10)) {
    case 0:
    case 1:
    case 2: printf("%s", a_number()); break;
    case 3:
    case 4:
    case 5: printf("%s", a_string()); break;
    case 6: printf("%s", an_atom()); break;
    case 7: printf("%s", chance(50) ? "true" : "false"); break;
    case 8: printf("%s", chance(50) ? "()" : "undefined"); break;
    case 9: printf("%s", PICK(complexes)); break;
    }
}

static void constant_object(int depth)
{
    static const char *const flags[] = {" [readonly]", " [readonly]", " [protected]", " [protected_readonly]"};
    int n = below(4);
    const char *comma = "";
    putchar('{');
    if (chance(15)) {
        printf("__tag: %s, __slots: ", chance(50) ? "\"Some\"" : ":None");
        constant(depth + 1);
        comma = ", ";
    }
    for (int i = 0; i < n; i++) {
        printf("%s%s: ", comma, a_key());
        constant(depth + 1);
        if (chance(12))
            printf("%s", PICK(flags));
        comma = ", ";
    }
    if (chance(10)) {
        printf("%s__proto__: ", comma);
        constant(depth + 1);
    }
    putchar('}');
}

static void constant_list(int depth, char open, char close)
{
    int n = below(4);
    putchar(open);
    for (int i = 0; i < n; i++) {
        constant(depth + 1);
        printf("%s", i + 1 < n || (open == '(' && n == 1) ? ", " : "");
    }
    if (n == 0 && open == '(')
        putchar(',');
    putchar(close);
}

static void special(void)
{
    static const char *const any[] = {":self", ":__vm:pid", ":__vm:this", ":__vm:nothing", ":__vm:self"};
    static const char *const scheduled[] = {":__vm:processes", ":__vm:scheduler_passes"};
    if (processes && chance(25))
        printf("%s", PICK(scheduled));
    else
        printf("%s", PICK(any));
}

void constant(int depth)
{
    int what = below(depth < 2 ? 14 : 8);
    if (what < 7)
        scalar();
    else if (what == 7)
        special();
    else if (what == 8)
        function_name(below(ORDINARY));
    else if (what == 9)
        printf(":__stdlib:%s", PICK(pure));
    else if (what == 10 || what == 11)
        constant_list(depth, '[', ']');
    else if (what == 12)
        constant_list(depth, '(', ')');
    else
        constant_object(depth);
}

void load_begin(int r)
{
    printf("    LOAD_CONST r%d, ", r);
}

void load(int r)
{
    kinds[r] = '?';
    if (chance(15)) {
        put("LOAD_CONST r%d, %s", r, a_number());
        kinds[r] = 'n';
        return;
    }
    load_begin(r);
    if (chance(20)) {
        kinds[r] = 'o';
        constant_object(0);
    } else {
        constant(0);
    }
    putchar('\n');
}

void load_key(int r)
{
    int what = below(12);
    if (what == 0)
        put("LOAD_CONST r%d, %d", r, below(3));
    else if (what == 1)
        put("LOAD_CONST r%d, \"%d\"", r, below(2));
    else if (what == 2)
        put("LOAD_CONST r%d, :__proto__", r);
    else if (what < 6)
        put("LOAD_CONST r%d, \"%s\"", r, a_key());
    else
        put("LOAD_CONST r%d, :%s", r, a_key());
}

void pattern(int depth)
{
    int what = below(depth < 2 ? 10 : 5);
    if (what < 2) {
        putchar('_');
    } else if (what < 5) {
        putchar('=');
        scalar();
    } else if (what < 8) {
        bool tuple = what < 7;
        int n = below(3);
        putchar(tuple ? '(' : '[');
        for (int i = 0; i < n; i++) {
            pattern(depth + 1);
            printf("%s", i + 1 < n || (tuple && n == 1) ? ", " : "");
        }
        printf("%s", tuple && n == 0 ? ",)" : tuple ? ")" : "]");
    } else if (what == 8) {
        printf("#\"%s\" ", chance(50) ? "Some" : "None");
        pattern(depth + 1);
    } else {
        putchar('=');
        constant(1);
    }
}

/* One of many cases that are much alike: 1 numbers, 2 names, 3 lists of two. */
void pattern_like(int kind)
{
    int what = below(10);
    if (what == 0)
        pattern(1);
    else if (kind == 1 && what < 7)
        printf("%d", below(12) - 3);
    else if (kind == 1)
        printf("=%s", a_number());
    else if (kind == 2 && what < 3)
        printf("=:k%d", below(12));
    else if (kind == 2)
        printf("=%s", what < 7 ? an_atom() : a_string());
    else {
        printf("(");
        pattern_like(1 + below(2));
        printf(", ");
        pattern(1);
        printf(")");
    }
}
