/* object_test.c: atoms, shapes, dictionaries and properties: random operations against a model that is a plain list,
 * prototypes, GET_PROP and SET_PROP. */
#include <math.h>

#include "process_stub.h"
#include "shape.h"

/* ---- atoms and shapes ---- */

static void test_atoms(void)
{
    bool fine = atom("__proto__") == ATOM(proto) && atom("") == ATOM(empty) && atom("kill") == ATOM(kill);
    check(fine, "fixed atoms have their numbers");
    char text[20];
    fine = !atom_find("new", 3, text_hash("new", 3));
    ion_value first = ION_TAG_ATOM | (atom("first of many") & ION_PAYLOAD);
    for (int i = 0; i < 50000; i++)
        atom((snprintf(text, sizeof text, "many %d", i), text));
    for (int i = 0; i < 50000 && fine; i++) {
        size_t n = (size_t)snprintf(text, sizeof text, "many %d", i);
        ion_value v = atom_find(text, n, text_hash(text, n));
        fine = v == first + (ion_value)i + 1 && atom_get(v)->len == n && strcmp(atom_get(v)->text, text) == 0;
    }
    check(fine, "50000 atoms are found again");
    check(atom_make("a\0b", 3) != atom_make("a\0c", 3) && atom_get(atom_make("a\0b", 3))->len == 3, "atoms with NULs");
}

static void test_shapes(void)
{
    char text[20];
    const shape *at[SHAPE_MAX + 1] = {shape_empty()};
    bool fine = true;
    for (int i = 0; i < SHAPE_MAX; i++) {
        snprintf(text, sizeof text, "many %d", i);
        at[i + 1] = shape_add(at[i], atom(text), i % 8);
    }
    for (int n = 0; n <= SHAPE_MAX; n++)
        for (int i = 0; i < SHAPE_MAX; i++) {
            snprintf(text, sizeof text, "many %d", i);
            fine &= shape_find(at[n], atom(text)) == (i < n ? i : -1);
            fine &= i >= n || at[n]->keys[i].flags == (uint32_t)i % 8;
        }
    check(fine, "shapes find their keys and no descendant's");
    check(!shape_add(at[SHAPE_MAX], atom("one more"), ION_ALL), "a shape has at most SHAPE_MAX properties");
    fine = true;
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "many %d", i + 5);
        const shape *s = shape_add(at[5], atom(text), i % 16);
        fine &= s == shape_add(at[5], atom(text), i % 16) && s->count == 6 && s->keys[5].atom == atom(text) &&
                s->parent == at[5] && s->id != at[5]->id && shape_find(s, atom("many 4")) == 4;
    }
    check(fine && shape_add(at[0], atom("many 0"), 0) == at[1], "the same history gives the same shape");
    const shape *s = shape_reflag(at[20], 10, ION_ALL);
    fine = s != at[20] && s == shape_reflag(at[20], 10, ION_ALL) && s == shape_with(at[20], atom("many 10"), ION_ALL) &&
           s->count == 20 && s->keys[10].flags == ION_ALL && at[20]->keys[10].flags == 2 && s->keys[11].flags == 3 &&
           shape_find(s, atom("many 19")) == 19 && s->visible == at[20]->visible && at[8]->visible == 4;
    check(fine, "flags change by another shape");
    check(shape_reflag(at[20], 10, 2) == at[20] && shape_with(at[20], atom("many 10"), 2) == at[20], "or not at all");
}

/* ---- objects against a model ---- */

enum { KEYS = 90, MODEL = 200 };

typedef struct model {
    struct {
        int key;
        double value;
        uint32_t flags;
    } items[MODEL];
    int n;
} model;

static int model_find(const model *m, int k)
{
    for (int i = 0; i < m->n; i++)
        if (m->items[i].key == k)
            return i;
    return -1;
}

/* Keys up to `atoms` are atoms' texts, passed as atom or string; the others no atom's. */
static ion_value model_key(int k, int atoms)
{
    char text[40];
    if (k >= atoms) {
        snprintf(text, sizeof text, "no atom %d %s", k, k % 2 ? "" : "of some length");
        return str(text);
    }
    snprintf(text, sizeof text, "model %d", k);
    return below(2) ? atom(text) : (atom(text), str(text));
}

static bool model_same(const model *m, int atoms)
{
    uint32_t i = 0, count = 0;
    ion_value name;
    found f;
    char text[40];
    while (object_next(AS(object, V(0)), &i, &name, &f)) {
        int k = (int)count < m->n ? m->items[count].key : -1;
        snprintf(text, sizeof text, k < atoms ? "model %d" : "no atom %d %s", k, k % 2 ? "" : "of some length");
        if (k < 0 || !is_text(name, text) || f.value != num(m->items[count].value) || f.flags != m->items[count].flags)
            return false;
        count++;
    }
    return (int)count == m->n && object_count(AS(object, V(0))) == count;
}

static bool model_step(model *m, int keys, int atoms, bool deletes)
{
    int k = (int)below((uint32_t)keys), at = model_find(m, k);
    double d = below(1000);
    uint32_t flags = below(16);
    bool gone;
    V(1) = model_key(k, atoms);
    switch (below(deletes ? 4 : 3)) {
    case 0: {
        found f = object_own(AS(object, V(0)), V(1));
        return f.yes == (at >= 0) && (at < 0 || f.value == num(m->items[at].value));
    }
    case 1:
        if (at < 0) {
            m->items[at = m->n++].key = k;
            m->items[at].flags = flags;
        }
        m->items[at].value = d;
        return object_put(p, fp, V(0), V(1), num(d), flags);
    case 2:
        if (at < 0)
            m->items[at = m->n++].key = k;
        m->items[at].value = d;
        m->items[at].flags = flags;
        return object_define(p, fp, V(0), V(1), num(d), flags);
    default:
        if (at >= 0)
            memmove(&m->items[at], &m->items[at + 1], (size_t)(--m->n - at) * sizeof m->items[0]);
        return object_delete(p, fp, V(0), V(1), &gone) == (at >= 0) && !gone;
    }
}

static void test_model(const char *what, int keys, int atoms, bool deletes)
{
    bool fine = true;
    reset();
    for (int round = 0; round < 20 && fine; round++) {
        model m = {.n = 0};
        V(0) = object_new(p, fp, below(3) ? 0 : below(80));
        for (int i = 0; i < 400 && fine; i++)
            fine = model_step(&m, keys, atoms, deletes) && (i % 20 || model_same(&m, atoms));
        fine = fine && model_same(&m, atoms);
    }
    check(fine, what);
}

static void test_dictionary(void)
{
    reset();
    V(0) = object_new(p, fp, 0);
    V(1) = str("becomes an atom");
    object_put(p, fp, V(0), V(1), num(1), ION_ALL);
    check(own(V(0), "becomes an atom") == num(1), "a key string is found as an atom made later");
    put(0, "becomes an atom", num(2), ION_ALL);
    check(object_count(AS(object, V(0))) == 1 && !object_shape(AS(object, V(0))), "and is the same key");
    bool gone;
    for (int i = 0; i < 3000; i++) {
        put(0, "comes and goes", num(i), ION_ALL);
        object_delete(p, fp, V(0), atom("comes and goes"), &gone);
    }
    check(dict_size(AS(object, V(0))->dict) < 2000, "removed entries do not gather");
    for (int i = 0; i < 2000; i++)
        object_put(p, fp, V(0), model_key(i, 0), num(i), ION_ALL);
    bool fine = object_count(AS(object, V(0))) == 2001;
    for (int i = 0; i < 2000; i++) {
        V(1) = model_key(i, 0);
        fine &= object_own(AS(object, V(0)), V(1)).value == num(i);
    }
    check(fine, "a large dictionary");
}

static void test_prototypes(void)
{
    reset();
    for (int i = 0; i < 4; i++)
        V(i) = object_new(p, fp, 0);
    bool fine = object_set_proto(AS(object, V(0)), V(1)) && object_set_proto(AS(object, V(1)), V(2)) &&
                !object_set_proto(AS(object, V(2)), V(0)) && !object_set_proto(AS(object, V(2)), V(2)) &&
                object_set_proto(AS(object, V(2)), V(3)) && object_set_proto(AS(object, V(2)), ION_UNDEFINED);
    check(fine && AS(object, V(2))->proto == ION_UNDEFINED, "prototype chains have no cycles");
    put(2, "x", num(1), ION_ALL);
    put(2, "__add__", F, 0);
    put(1, "__add__", num(3), ION_ALL);
    put(1, "string key", num(4), ION_HIDDEN);
    fine = object_find(AS(object, V(0)), atom("x")).value == num(1) && !own(V(0), "x");
    V(5) = str("string key");
    check(fine && object_find(AS(object, V(0)), V(5)).flags == ION_HIDDEN, "properties are found on prototypes");
    check(object_method(V(0), ATOM(add)) == F && !object_method(V(0), ATOM(sub)), "methods are functions");
}

/* ---- GET_PROP and SET_PROP ---- */

static void test_get(void)
{
    reset();
    V(0) = object_new(p, fp, 0);
    V(1) = object_new(p, fp, 0);
    V(2) = str("x");
    put(0, "x", num(1), ION_ALL);
    put(1, "f", F, ION_ALL);
    put(1, "h", num(2), ION_HIDDEN);
    object_set_proto(AS(object, V(0)), V(1));
    bool fine = ion_get(p, fp, V(0), atom("x")) == num(1) && ion_get(p, fp, V(0), V(2)) == num(1) &&
                ion_get(p, fp, V(0), ATOM(proto)) == V(1) && ion_get(p, fp, V(1), ATOM(proto)) == ION_UNDEFINED &&
                ion_get(p, fp, V(0), atom("none")) == ION_UNDEFINED && ion_get(p, fp, num(1), V(2)) == ION_UNDEFINED &&
                ion_get(p, fp, V(0), num(0)) == ION_UNDEFINED && ion_get(p, fp, V(2), num(0)) == ION_UNDEFINED;
    check(fine, "reading properties");
    V(3) = ion_get(p, fp, V(0), atom("f"));
    check(is_boxed(V(3), KIND_BOUND) && AS(bound, V(3))->self == V(0) && AS(bound, V(3))->callee == F,
          "a function comes out bound to the object asked");
    put(0, "g", V(3), ION_ALL);
    object_set_proto(AS(object, V(1)), V(0));
    check(ion_get(p, fp, V(0), atom("g")) == V(3), "a bound one stays as it is");
    OUT(0) = num(1);
    V(4) = ion_make_closure(p, fp, V(3), 1);
    put(0, "c", V(4), ION_ALL);
    V(5) = ion_get(p, fp, V(0), atom("c"));
    OUT(0) = num(1);
    V(6) = ion_make_closure(p, fp, F, 1);
    put(0, "d", V(6), ION_ALL);
    V(7) = ion_get(p, fp, V(0), atom("d"));
    check(V(5) == V(4) && is_boxed(V(7), KIND_BOUND) && AS(bound, V(7))->callee == V(6),
          "and so does a closure over a bound one, but no other closure");
    fine = ion_get(p, fp, V(0), atom("h")) == ION_LEAVE && strcmp(said, "property h is hidden") == 0;
    fp->self = V(1);
    fine &= ion_get(p, fp, V(0), atom("h")) == ION_LEAVE;
    fp->self = V(0);
    check(fine && ion_get(p, fp, V(0), atom("h")) == num(2), "hidden properties are read through this");
    put(1, "__getattr__", G, ION_HIDDEN);
    called.result = num(9);
    V(2) = str("nowhere to be found");
    fine = ion_get(p, fp, V(0), V(2)) == num(9) && called.self == V(0) && called.callee == G &&
           called.args[0] == V(2) && ion_get(p, fp, V(0), num(1)) == ION_UNDEFINED &&
           ion_get(p, fp, V(0), atom("x")) == num(1);
    check(fine && called.times == 1, "__getattr__ is asked for what is not found");
    for (int i = 0; i < 3; i++)
        V(10 + i) = num(i + 100);
    V(0) = list(true, 10, 3);
    V(1) = list(false, 10, 3);
    V(2) = str("1");
    V(3) = str("01");
    V(4) = str("-1");
    for (int i = 0; i < 2; i++)
        fine = fine && ion_get(p, fp, V(i), num(2)) == num(102) && ion_get(p, fp, V(i), num(-0.0)) == num(100) &&
               ion_get(p, fp, V(i), V(2)) == num(101) && ion_get(p, fp, V(i), atom("0")) == num(100) &&
               ion_get(p, fp, V(i), num(3)) == ION_UNDEFINED && ion_get(p, fp, V(i), num(0.5)) == ION_UNDEFINED &&
               ion_get(p, fp, V(i), num(-1)) == ION_UNDEFINED && ion_get(p, fp, V(i), V(3)) == ION_UNDEFINED &&
               ion_get(p, fp, V(i), V(4)) == ION_UNDEFINED && ion_get(p, fp, V(i), num(NAN)) == ION_UNDEFINED &&
               ion_get(p, fp, V(i), num(INFINITY)) == ION_UNDEFINED &&
               ion_get(p, fp, V(i), ATOM(empty)) == ION_UNDEFINED;
    check(fine, "elements of tuples and arrays");
}

static void test_set(void)
{
    reset();
    V(0) = object_new(p, fp, 0);
    V(1) = object_new(p, fp, 0);
    object_set_proto(AS(object, V(0)), V(1));
    put(1, "x", num(1), 0);
    ion_set(p, fp, V(0), atom("x"), num(2));
    found f = object_own(AS(object, V(0)), atom("x"));
    bool fine = f.value == num(2) && f.flags == ION_ALL && own(V(1), "x") == num(1);
    check(fine && ion_set(p, fp, V(0), num(1), num(2)) != ION_LEAVE && object_count(AS(object, V(0))) == 1,
          "writes go to the object itself");
    warnings = 0;
    for (int i = 0; i < 4; i++) {
        fp->at = (ion_u32)i % 2;
        ion_set(p, fp, V(1), atom("x"), num(5));
    }
    fp->at = 0;
    check(warnings == 2 && own(V(1), "x") == num(1) &&
              strcmp(said, "warning: Main:main, instruction 4: property x is not writable\n") == 0,
          "read-only properties stay, with one warning an instruction");
    put(1, "h", num(1), ION_HIDDEN);
    fine = ion_set(p, fp, V(1), atom("h"), num(3)) == ION_LEAVE && strcmp(said, "property h is hidden") == 0;
    fine &= ion_set(p, fp, V(0), atom("h"), num(3)) != ION_LEAVE && own(V(0), "h") == num(3);
    put(1, "h", num(1), ION_HIDDEN | ION_WRITABLE);
    fp->self = V(1);
    fine &= ion_set(p, fp, V(1), atom("h"), num(4)) != ION_LEAVE && own(V(1), "h") == num(4);
    check(fine, "hidden properties are written through this");
    fine = ion_set(p, fp, V(1), ATOM(proto), V(0)) == ION_LEAVE && strstr(said, "cycle");
    ion_set(p, fp, V(0), ATOM(proto), num(1));
    fine &= AS(object, V(0))->proto == V(1);
    ion_set(p, fp, V(0), ATOM(proto), ION_UNDEFINED);
    V(2) = str("__proto__");
    check(fine && AS(object, V(0))->proto == ION_UNDEFINED && ion_set(p, fp, V(1), V(2), V(0)) != ION_LEAVE &&
              AS(object, V(1))->proto == V(0),
          "writing __proto__");
    put(0, "__setattr__", G, 0);
    fp->self = ION_UNDEFINED;
    ion_set(p, fp, V(1), ATOM(proto), num(7));
    fine = called.times == 1 && called.self == V(1) && called.args[0] == ATOM(proto) && called.args[1] == num(7);
    fp->self = V(1);
    ion_set(p, fp, V(1), atom("y"), num(7));
    fine &= called.times == 2 && !own(V(1), "y");
    fp->fn = &other_fn;
    ion_set(p, fp, V(1), atom("y"), num(7));
    fine &= called.times == 2 && own(V(1), "y") == num(7);
    ion_set(p, fp, V(0), atom("y"), num(7));
    check(fine && called.times == 3, "__setattr__, and plain writes to this inside it");
    reset();
    V(0) = list(false, 0, 0);
    for (int i = 0; i < 100; i++)
        fine = fine && ion_set(p, fp, V(0), num(i), num(i)) != ION_LEAVE;
    fine = fine && ion_set(p, fp, V(0), atom("7"), num(-7)) != ION_LEAVE && AS(array, V(0))->len == 100;
    for (int i = 0; i < 100; i++)
        fine = fine && ion_get(p, fp, V(0), num(i)) == num(i == 7 ? -7 : i);
    check(fine && ion_set(p, fp, V(0), atom("x"), num(1)) != ION_LEAVE && AS(array, V(0))->len == 100,
          "writing and appending elements");
    static const struct {
        double at;
        const char *said;
    } bad[] = {{101, "index 101 is outside an array of 100"},
               {-1, "index -1 is outside an array of 100"},
               {0.5, "index 0.5 is outside an array of 100"},
               {NAN, "index NaN is outside an array of 100"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        fine = fine && ion_set(p, fp, V(0), num(bad[i].at), num(1)) == ION_LEAVE && strcmp(said, bad[i].said) == 0;
    check(fine && ion_set(p, fp, V(0), atom("102"), num(1)) == ION_LEAVE, "and beyond the end it is an error");
}

static void test_many_shapes(void)
{
    reset();
    bool fine = true;
    int dictionaries = 0;
    for (int i = 0; i < 3000; i++) {
        V(0) = object_new(p, fp, 30);
        for (uint32_t k = 0; k < 30; k++)
            object_put(p, fp, V(0), num(0), num(0), 0); /* no key: nothing */
        for (uint32_t k = 0; k < 30; k++) {
            char text[20];
            snprintf(text, sizeof text, "many %u", below(50));
            fine &= put(0, text, num(k), ION_ALL) && own(V(0), text) == num(k);
        }
        dictionaries += !object_shape(AS(object, V(0)));
    }
    check(fine && dictionaries > 0 && dictionaries < 3000, "when there are too many shapes, dictionaries serve");
}

int main(void)
{
    if (!atoms_init())
        return 1;
    reset();
    test_atoms();
    test_shapes();
    test_model("few keys, random operations", 12, 12, false);
    test_model("more than a shape holds", KEYS, KEYS, false);
    test_model("with deletions", 12, 12, true);
    test_model("many keys and deletions", KEYS, KEYS, true);
    test_model("string keys", KEYS, KEYS / 2, true);
    test_dictionary();
    test_prototypes();
    test_get();
    test_set();
    test_many_shapes();
    heap_free(&proc.heap);
    sites_close(&rt);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
