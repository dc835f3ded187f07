/* operator_test.c: arithmetic, comparisons, patterns, and the instructions that make values, over the constants of a
 * loaded program; and all of it with memory running out. */
#include <math.h>

#include "mem.h"
#include "process_stub.h"
#include "program.h"
#include "shape.h"

/* ---- operators ---- */

static bool is_complex(ion_value v, double re, double im)
{
    return is_boxed(v, KIND_COMPLEX) && AS(complex_number, v)->re == re && AS(complex_number, v)->im == im;
}

static ion_value make_complex(double re, double im)
{
    if (!gc_reserve(p, fp, sizeof(complex_number), NULL, 0))
        abort();
    complex_number *c = heap_take(&proc.heap, sizeof *c);
    *c = (complex_number){HEAD(KIND_COMPLEX, 0), re, im};
    return value_boxed(c);
}

static void test_arithmetic(void)
{
    reset();
    V(0) = str("ab");
    V(1) = make_complex(1, 2);
    V(2) = make_complex(3, -4);
    check(ion_add(p, fp, num(1), num(2)) == num(3) && ion_sub(p, fp, num(1), num(2)) == num(-1) &&
              ion_mul(p, fp, num(3), num(2)) == num(6) && ion_div(p, fp, num(3), num(2)) == num(1.5) &&
              ion_div(p, fp, num(3), num(-0.0)) == ION_UNDEFINED && ion_div(p, fp, V(1), num(0)) == ION_UNDEFINED,
          "numbers");
    check(is_complex(ion_add(p, fp, V(1), V(2)), 4, -2) && is_complex(ion_sub(p, fp, V(1), num(1)), 0, 2) &&
              is_complex(ion_mul(p, fp, V(1), V(2)), 11, 2) && is_complex(ion_div(p, fp, V(1), V(2)), -0.2, 0.4) &&
              is_complex(ion_div(p, fp, num(5), V(2)), 0.6, 0.8),
          "complex numbers");
    bool fine = is_text(ion_add(p, fp, V(0), V(0)), "abab") && is_text(ion_mul(p, fp, V(0), num(3.9)), "ababab") &&
                is_text(ion_mul(p, fp, num(-1), V(0)), "") && is_text(ion_mul(p, fp, num(NAN), V(0)), "") &&
                ion_add(p, fp, V(0), num(1)) == ION_UNDEFINED && ion_add(p, fp, V(0), atom("x")) == ION_UNDEFINED &&
                ion_sub(p, fp, V(0), V(0)) == ION_UNDEFINED;
    p->reds = 0;
    V(3) = ion_mul(p, fp, V(0), num(300));
    check(fine && string_len(V(3)) == 600 && p->reds == -2, "strings");
    V(4) = object_new(p, fp, 0);
    V(5) = object_new(p, fp, 0);
    put(5, "__radd__", F, 0);
    put(5, "__eq__", F, 0);
    put(5, "__lt__", F, 0);
    called.result = num(77);
    fine = ion_add(p, fp, V(4), V(5)) == num(77) && called.self == V(5) && called.args[0] == V(4);
    fine &= ion_add(p, fp, V(5), V(4)) == ION_UNDEFINED && ion_equal(p, fp, num(1), V(5)) == num(77) &&
            called.args[0] == num(1) && ion_less(p, fp, V(5), num(1)) == num(77) &&
            ion_less(p, fp, num(1), V(5)) == ION_FALSE && ion_less_equal(p, fp, V(5), V(5)) == ION_FALSE &&
            ion_not(p, fp, V(5)) == ION_FALSE;
    put(5, "__not__", F, 0);
    check(fine && ion_not(p, fp, V(5)) == num(77) && called.argc == 0, "magic methods");
    V(6) = str("");
    V(7) = str("abc");
    check(ion_truthy(num(NAN)) && !ion_truthy(num(-0.0)) && !ion_truthy(V(6)) && ion_truthy(V(7)) &&
              !ion_truthy(ATOM(empty)) && ion_truthy(ATOM(kill)) && !ion_truthy(ION_UNIT) && ion_truthy(V(5)) &&
              !ion_truthy(ION_UNDEFINED) && !ion_truthy(ION_FALSE) && ion_truthy(ION_TRUE),
          "truthiness");
    check(ion_less(p, fp, V(0), V(7)) == ION_TRUE && ion_less(p, fp, V(7), V(0)) == ION_FALSE &&
              ion_less_equal(p, fp, V(0), V(0)) == ION_TRUE && ion_less(p, fp, V(6), V(0)) == ION_TRUE &&
              ion_less(p, fp, atom("a"), atom("b")) == ION_TRUE && ion_less(p, fp, V(0), atom("x")) == ION_FALSE &&
              ion_less(p, fp, num(NAN), num(1)) == ION_FALSE && ion_less_equal(p, fp, num(1), num(1)) == ION_TRUE,
          "order");
    check(ion_vm(p, fp, ION_VM_SELF) == ION_PROCESS(5) && ion_vm(p, fp, ION_VM_PID) == num(5) &&
              ion_vm(p, fp, ION_VM_THIS) == fp->self,
          "names of the running process");
}

/* ---- equality ---- */

static bool equal(int a, int b)
{
    uint64_t units = 0;
    return values_equal(V(a), V(b), false, &units) == 1;
}

static uint64_t equal_units(int a, int b)
{
    uint64_t units = 0;
    values_equal(V(a), V(b), false, &units);
    return units;
}

static void test_equality(void)
{
    reset();
    V(0) = str("ab");
    V(1) = atom("ab");
    V(2) = num(NAN);
    V(3) = str("ac");
    uint64_t units = 0;
    check(equal(0, 1) && equal(1, 0) && !equal(2, 2) && !equal(0, 3) && equal_units(0, 3) == 3 &&
              equal_units(0, 1) == 1 && !values_equal(V(0), V(1), true, &units),
          "leaves");
    V(4) = list(true, 0, 2);
    V(5) = list(true, 0, 2);
    V(6) = list(false, 0, 2);
    V(7) = list(true, 2, 2);
    check(equal(4, 5) && !equal(4, 6) && !equal(4, 7) && equal_units(4, 5) == 5 && equal_units(4, 4) == 1,
          "tuples and arrays");
    V(8) = object_new(p, fp, 0);
    V(9) = object_new(p, fp, 0);
    put(8, "x", num(1), ION_ALL);
    put(8, "y", V(4), ION_ALL);
    put(9, "y", V(5), 0);
    check(!equal(8, 9) && equal_units(8, 9) == 1, "objects with other names");
    put(9, "x", num(1), ION_HIDDEN);
    check(equal(8, 9) && equal_units(8, 9) == 1 + 1 + 5 + 1, "objects in any order, whatever the flags");
    bool gone;
    put(9, "z", num(1), ION_ALL);
    object_delete(p, fp, V(9), atom("z"), &gone);
    check(equal(8, 9) && equal(9, 8), "shapes and dictionaries");
    V(10) = object_new(p, fp, 0);
    object_set_proto(AS(object, V(9)), V(10));
    check(!equal(8, 9), "prototypes count");
    object_set_proto(AS(object, V(8)), V(10));
    check(equal(8, 9), "and may be the same");
    V(11) = list(false, 0, 2);
    V(12) = list(false, 0, 2);
    AS(array, V(11))->store->items[0] = V(11);
    AS(array, V(12))->store->items[0] = V(11);
    check(equal(11, 12), "cycles end");
    AS(array, V(12))->store->items[0] = V(12);
    check(equal(11, 12), "two of them too");
    for (int side = 13; side < 15; side++) { /* 2^60 paths */
        V(side) = list(true, 0, 2);
        for (int i = 0; i < 60; i++) {
            V(16) = V(17) = V(side);
            V(side) = list(true, 16, 2);
        }
    }
    check(equal(13, 14) && equal_units(13, 14) == 2 * 61 + 3, "shared parts are compared once");
    for (int side = 13; side < 15; side++) {
        bool right = side == 13 || true;
        V(side) = ION_UNIT;
        for (int i = 0; i < 2000; i++) {
            V(16) = i % 3 ? V(side) : num(i);
            V(17) = i % 3 && right ? num(i) : V(side);
            V(side) = list(i % 2, 16, 2);
        }
    }
    check(equal(13, 14), "deep ones");
    V(20) = ion_make_closure(p, fp, F, 0);
    V(21) = ion_make_closure(p, fp, F, 0);
    put(8, "m", F, ION_ALL);
    V(22) = ion_get(p, fp, V(8), atom("m"));
    V(23) = ion_get(p, fp, V(8), atom("m"));
    V(24) = F;
    V(25) = G;
    check(equal(20, 20) && !equal(20, 21) && equal(22, 23) && equal(24, 24) && !equal(24, 25) && !equal(24, 22),
          "functions");
    p->reds = 0;
    V(0) = ion_mul(p, fp, V(0), num(200));
    V(1) = ion_add(p, fp, V(0), V(0));
    V(2) = ion_add(p, fp, V(0), V(0));
    p->reds = 0;
    check(ion_equal(p, fp, V(1), V(2)) == ION_TRUE && p->reds == -3, "the bytes of strings are charged");
}

/* ---- literals, OBJECT_INIT, MAKE_CLOSURE, patterns: over a loaded program ---- */

#define K(s)  ION_KEY_C(sizeof(s) - 1, s, ION_ALL)
#define A(s)  ION_ATOM_C(sizeof(s) - 1, s)
#define S(s)  ION_STRING_C(sizeof(s) - 1, s)
#define N_(x) ION_NUMBER_C(0, x)

static const ion_const consts[] = {
    /* 0: (1, [2, self], {x: [], __proto__: {y: 3}}) */
    ION_PARTS_C(ION_C_TUPLE, 3), N_(1), ION_PARTS_C(ION_C_ARRAY, 2), N_(2), ION_VM_C(ION_VM_SELF),
    ION_PARTS_C(ION_C_OBJECT, 2), K("x"), ION_PARTS_C(ION_C_ARRAY, 0), K("__proto__"), ION_PARTS_C(ION_C_OBJECT, 1),
    K("y"), N_(3),
    /* 1..4 */
    A("x"), A("y"), A("__proto__"), ION_VM_C(ION_VM_PID),
    /* 5: immutable, 6 */
    ION_PARTS_C(ION_C_TUPLE, 2), N_(1), S("text"), ION_PARTS_C(ION_C_ARRAY, 0)};

static const ion_const pattern_consts[] = {
    /* 0: (_, 1) */
    ION_PARTS_C(ION_C_P_TUPLE, 2), ION_PLAIN_C(ION_C_WILDCARD), N_(1),
    /* 1: [] */
    ION_PARTS_C(ION_C_P_ARRAY, 0),
    /* 2: #":Circle" (_, 1) */
    ION_TAGGED_C(7, ":Circle"), ION_PARTS_C(ION_C_P_TUPLE, 2), ION_PLAIN_C(ION_C_WILDCARD), N_(1),
    /* 3: #"Unit" () */
    ION_TAGGED_C(4, "Unit"), ION_PLAIN_C(ION_C_UNIT),
    /* 4: ={x: "s", y: [a]} */
    ION_PARTS_C(ION_C_OBJECT, 2), K("x"), S("s"), K("y"), ION_PARTS_C(ION_C_ARRAY, 1), A("a"),
    /* 5: "s", 6: a, 7: [[1], [1]] */
    S("s"), A("a"), ION_PARTS_C(ION_C_P_ARRAY, 2), ION_PARTS_C(ION_C_P_ARRAY, 1), N_(1), ION_PARTS_C(ION_C_P_ARRAY, 1),
    N_(1)};

static ion_value values[7];
static const ion_pattern *patterns[8];
static const ion_program program = {.consts = consts,
                                    .nconsts = sizeof consts / sizeof *consts,
                                    .values = values,
                                    .nvalues = 7,
                                    .pattern_consts = pattern_consts,
                                    .npattern_consts = sizeof pattern_consts / sizeof *pattern_consts,
                                    .patterns = patterns,
                                    .npatterns = 8};

static void test_make(void)
{
    reset();
    for (int i = 0; i < 2; i++)
        V(i) = ion_literal(p, fp, values[0]);
    ion_value array_value = AS(tuple, V(0))->items[1], o = AS(tuple, V(0))->items[2];
    bool fine = equal(0, 1) && array_value != AS(tuple, V(1))->items[1] &&
                ion_get(p, fp, array_value, num(1)) == ION_PROCESS(5);
    check(fine && own(AS(object, o)->proto, "y") == num(3), "literals are made afresh");
    check(ion_literal(p, fp, values[5]) == values[5] && ion_literal(p, fp, values[4]) == num(5),
          "or shared, or looked up");
    static ion_init props[] = {{0, 0}, {0, ION_ALL}, {1, 0}, {0, ION_HIDDEN}, {2, ION_ALL}, {2, ION_ALL}};
    static ion_init only_proto[] = {{0, 0}, {2, ION_ALL}};
    OUT(0) = num(1);
    OUT(1) = values[0];
    OUT(2) = values[4];
    OUT(3) = V(1);
    OUT(4) = values[6]; /* an array: no prototype */
    V(2) = ion_object_init(p, fp, values + 1, props, 5);
    OUT(0) = V(2);
    V(3) = ion_object_init(p, fp, values + 1, only_proto, 1);
    found f = object_own(AS(object, V(2)), atom("x"));
    V(4) = own(V(2), "y");
    check(f.value == num(5) && f.flags == ION_HIDDEN && equal(4, 0) && !(as_thing(V(4))->head & HEAD_CONSTANT) &&
              object_count(AS(object, V(2))) == 2 && AS(object, V(3))->proto == V(2),
          "objects from keys and values");
    enum { MANY = 100 };
    static ion_value names[MANY];
    static ion_init many[1 + MANY];
    char text[20];
    for (ion_u32 i = 0; i < MANY; i++) {
        names[i] = atom((snprintf(text, sizeof text, "many %u", i), text));
        many[1 + i] = (ion_init){i, ION_ALL};
        OUT(i) = i % 2 ? values[6] : num(i);
    }
    V(5) = ion_object_init(p, fp, names, many, MANY);
    check(!object_shape(AS(object, V(5))) && own(V(5), "many 98") == num(98) && ION_IS_ARRAY(own(V(5), "many 99")),
          "objects of many properties");
    V(6) = ion_get(p, fp, V(2), atom("__proto__"));
    OUT(0) = V(2);
    OUT(1) = num(2);
    V(7) = ion_make_closure(p, fp, F, 2);
    OUT(0) = num(3);
    V(8) = ion_make_closure(p, fp, V(7), 1);
    closure *c = AS(closure, V(8));
    check(HEAD_COUNT(c->head) == 3 && c->callee == F && c->values[0] == V(2) && c->values[1] == num(2) &&
              c->values[2] == num(3) && ion_make_closure(p, fp, num(1), 0) == ION_UNDEFINED,
          "closures over closures");
}

static bool fits(int i, int pattern)
{
    return ion_match(p, fp, V(i), patterns[pattern]);
}

static void test_match(void)
{
    reset();
    V(0) = num(5);
    V(1) = num(1);
    V(2) = list(true, 0, 2);
    V(3) = list(false, 0, 2);
    V(4) = object_new(p, fp, 0);
    check(fits(2, 0) && fits(3, 0) && !fits(4, 0) && !fits(0, 0), "tuple patterns fit tuples and arrays");
    put(4, "1", num(1), ION_ALL);
    put(4, "0", num(2), ION_HIDDEN);
    bool fine = !fits(4, 0);
    put(4, "0", num(2), ION_ALL);
    check(fine && fits(4, 0), "and objects with numbered properties, none hidden");
    V(5) = list(false, 0, 0);
    V(6) = list(true, 0, 0);
    check(fits(5, 1) && !fits(6, 1) && !fits(3, 1) && !fits(4, 1), "array patterns fit arrays");
    V(7) = object_new(p, fp, 0);
    V(8) = str("Circle");
    put(7, "__tag", V(8), ION_ALL);
    fine = !fits(7, 2);
    put(7, "__slots", V(2), ION_ALL);
    fine &= fits(7, 2);
    put(7, "__tag", atom(":Circle"), ION_ALL);
    fine &= fits(7, 2) && !fits(7, 3);
    put(7, "__tag", atom("Unit"), ION_ALL);
    fine &= !fits(7, 3);
    put(7, "__slots", ION_UNIT, ION_HIDDEN);
    fine &= fits(7, 3);
    put(7, "__tag", atom("Unit"), ION_HIDDEN);
    check(fine && !fits(7, 3), "tagged patterns");
    V(9) = str("s");
    V(10) = atom("a");
    V(11) = list(false, 10, 1);
    V(12) = object_new(p, fp, 0);
    put(12, "y", V(11), ION_ALL);
    put(12, "x", V(9), ION_ALL);
    fine = fits(12, 4) && fits(9, 5) && fits(10, 6) && !fits(9, 6);
    put(12, "x", atom("s"), ION_ALL);
    check(fine && !fits(12, 4), "values, where strings are no atoms");
    V(13) = list(false, 1, 1);
    V(14) = V(13);
    V(15) = list(false, 13, 2);
    check(fits(15, 7) && !fits(13, 7), "nested patterns");
}

/* ---- memory runs out ---- */

/* Does a bit of everything; false if memory ran out somewhere. */
static bool scenario(void)
{
    char text[30];
    reset();
    V(0) = object_new(p, fp, 1);
    V(1) = V(0) == ION_LEAVE ? ION_LEAVE : object_new(p, fp, 70);
    for (int i = 0; i < 2; i++)
        if (V(i) == ION_LEAVE) {
            V(i) = ION_UNDEFINED;
            return false;
        }
    for (int i = 0; i < 70; i++) {
        snprintf(text, sizeof text, "new %u", below(1000000));
        ion_value name = atom(text);
        if (!name || !object_put(p, fp, V(i % 2), name, num(i), ION_ALL) ||
            !object_define(p, fp, V(i % 2), name, num(i), 0))
            return false;
    }
    for (int i = 0; i < 60; i++) {
        V(2) = i ? list(i % 2, 2, 2) : ION_UNIT;
        if (V(2) == ION_LEAVE) {
            V(2) = ION_UNDEFINED;
            return false;
        }
        V(3) = i % 2 ? V(2) : num(i);
    }
    V(4) = ion_literal(p, fp, values[0]);
    if (V(4) == ION_LEAVE) {
        V(4) = ION_UNDEFINED;
        return false;
    }
    bool out = false;
    V(5) = V(4);
    object_delete(p, fp, V(0), atom("__none"), &out);
    uint64_t units = 0;
    return ion_equal(p, fp, V(2), V(4)) != ION_LEAVE && values_equal(V(2), V(3), false, &units) >= 0 && !out &&
           ion_set(p, fp, V(0), atom("last"), num(1)) != ION_LEAVE && ion_get(p, fp, V(0), atom("last")) == num(1);
}

static void test_out_of_memory(void)
{
    int n, failures = 0;
    bool done, fine = true;
    for (n = 1; n < 800; n++) {
        mem_fail_at((uint64_t)n);
        failures += !scenario();
        mem_fail_at(0);
        if (n % 50 == 0)
            fine &= scenario();
    }
    printf("# %d failures\n", failures);
    check(fine && failures > 100, "each allocation may fail");
    reset();
    for (int i = 0; i < 2; i++) {
        V(i) = ION_UNIT;
        for (int k = 0; k < 400; k++) {
            V(3) = num(k);
            V(2) = V(i);
            V(i) = list(k % 2, 2, 2);
        }
    }
    uint64_t units = 0;
    for (n = 1, done = false; !done && n < 50; n++) {
        mem_fail_at((uint64_t)n);
        int answer = values_equal(V(0), V(1), false, &units);
        mem_fail_at(0);
        done = answer == 1;
        fine &= done || answer == -1;
    }
    check(fine && done && n > 3, "in a comparison too");
}

int main(void)
{
    if (!atoms_init() || !program_load(&program))
        return 1;
    reset();
    test_arithmetic();
    test_equality();
    test_make();
    test_match();
    test_out_of_memory();
    heap_free(&proc.heap);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
