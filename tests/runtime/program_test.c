/* program_test.c: constants and patterns as program_load makes them, and copies of literals. Library functions are
 * stubs. */
#include <stdio.h>
#include <stdlib.h>

#include "atom.h"
#include "check.h"
#include "mem.h"
#include "native.h"
#include "object.h"
#include "ops.h"
#include "program.h"
#include "visit.h"

static const ion_function function_a = {.name = "a"}, function_b = {.name = "b"}, function_missing = {.name = "?"};

const ion_function *library_find(const char *name, size_t len)
{
    return len == 4 && memcmp(name, "Sqrt", 4) == 0 ? &function_b : NULL;
}

const ion_function *library_missing(const char *name, size_t len, bool quiet)
{
    (void)name, (void)quiet;
    void *p = mem_alloc(len); /* may be made to fail */
    mem_free(p);
    return p ? &function_missing : NULL;
}

/* ---- values as text: enough to tell them apart; recursive, for small ones ---- */

static char text[100000];
static size_t length;

static void put(const char *format, double d, const char *s, int n)
{
    length += (size_t)snprintf(text + length, sizeof text - length, format, n, s, d);
}

static void show(ion_value v);

static void show_items(const char *open, const ion_value *v, uint64_t n, const char *close)
{
    put("%.*s", 0, open, 9);
    for (uint64_t i = 0; i < n; i++) {
        if (i)
            put("%.*s", 0, " ", 9);
        show(v[i]);
    }
    put("%.*s", 0, close, 9);
}

static void show_property(ion_value atom, uint32_t flags, ion_value v)
{
    show(atom);
    if (flags != ION_ALL)
        put("%.*s/%g", flags, "", 0);
    put("%.*s", 0, "=", 9);
    show(v);
    put("%.*s", 0, " ", 9);
}

static void show_object(object *o)
{
    put("%.*s", 0, object_shape(o) ? "{" : "D{", 9);
    if (object_shape(o)) {
        for (uint32_t i = 0; i < object_shape(o)->count; i++)
            show_property(object_shape(o)->keys[i].atom, object_shape(o)->keys[i].flags, o->slots->items[i]);
    } else {
        dict_entry *e;
        for (uint32_t i = 0; (e = dict_next(o->dict, &i));)
            show_property(e->key, e->flags, e->value);
    }
    if (o->proto != ION_UNDEFINED) {
        put("%.*s", 0, "^", 9);
        show(o->proto);
    }
    put("%.*s", 0, "}", 9);
}

static void show(ion_value v)
{
    switch (type_of(v)) {
    case TYPE_NUMBER: put("%.*s%g", number_of(v), "", 0); break;
    case TYPE_ATOM: put("%.*s", 0, atom_get(v)->text, (int)atom_get(v)->len); break;
    case TYPE_FUNCTION: put("%.*s", 0, ION_CALLEE(v)->name, 9); break;
    case TYPE_STRING: put("'%.*s'", 0, string_bytes(v), (int)string_len(v)); break;
    case TYPE_COMPLEX: put("%.*s%gi", AS(complex_number, v)->im, "", 0); break;
    case TYPE_TUPLE: show_items("(", AS(tuple, v)->items, HEAD_COUNT(as_thing(v)->head), ")"); break;
    case TYPE_ARRAY:
        show_items("[", AS(array, v)->len ? AS(array, v)->store->items : NULL, AS(array, v)->len, "]");
        break;
    case TYPE_OBJECT: show_object(AS(object, v)); break;
    case TYPE_UNDEFINED: put("%.*s", 0, v == ION_UNDEFINED ? "undefined" : "name", 9); break;
    case TYPE_PROCESS: put("%.*s", 0, "process", 9); break;
    default: put("%.*s", 0, v == ION_UNIT ? "unit" : v == ION_TRUE ? "true" : "false", 9); break;
    }
}

static bool shows(ion_value v, const char *expected)
{
    length = 0;
    text[0] = 0;
    show(v);
    if (strcmp(text, expected) == 0)
        return true;
    printf("# got %s, not %s\n", text, expected);
    return false;
}

/* A copy of a constant, the names in it being 10, 11, 12, 13, and an object or undefined. */
static ion_value copied(ion_value constant, ion_value self, void **memory)
{
    ion_value vm[ION_VM_COUNT] = {value_number(10), value_number(11), value_number(12), value_number(13), self};
    size_t bytes = literal_of(constant)->bytes;
    *memory = malloc(bytes);
    return literal_place(*memory, constant, vm);
}

static bool plain(ion_value v)
{
    return !(as_thing(v)->head & (HEAD_CONSTANT | HEAD_TEMPLATE));
}

static bool copy_shows(ion_value constant, ion_value self, const char *expected)
{
    void *memory;
    ion_value v = copied(constant, self, &memory);
    bool fine = plain(v) && (void *)as_thing(v) == memory && shows(v, expected);
    char *at = memory, *end = at + literal_of(constant)->bytes;
    while (at < end) {
        fine &= !(((thing *)(void *)at)->head & (HEAD_CONSTANT | HEAD_TEMPLATE));
        at += thing_size((thing *)(void *)at);
    }
    fine &= at == end;
    free(memory);
    return fine;
}

/* ---- tables ---- */

static const char long_text[] =
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123";

static const ion_const consts[] = {
    /* 0 */ ION_NUMBER_C(0, 1.5),
    /* 1 */ ION_ATOM_C(1, "x"),
    /* 2 */ ION_STRING_C(3, "abc"),
    /* 3 */ ION_STRING_C(sizeof long_text - 1, long_text),
    /* 4 */ ION_COMPLEX_C(0, 3, 4),
    /* 5 */ ION_PARTS_C(ION_C_TUPLE, 3),
    ION_NUMBER_C(0, 1),
    ION_STRING_C(1, "s"),
    ION_PARTS_C(ION_C_TUPLE, 1),
    ION_PLAIN_C(ION_C_TRUE),
    /* 6 */ ION_PARTS_C(ION_C_TUPLE, 2),
    ION_PARTS_C(ION_C_TUPLE, 1),
    ION_NUMBER_C(0, 1),
    ION_PARTS_C(ION_C_ARRAY, 2),
    ION_VM_C(ION_VM_PID),
    ION_STRING_C(1, "t"),
    /* 7 */ ION_PARTS_C(ION_C_TUPLE, 1),
    ION_VM_C(ION_VM_SELF),
    /* 8 */ ION_PARTS_C(ION_C_OBJECT, 4),
    ION_KEY_C(1, "a", ION_ALL),
    ION_NUMBER_C(0, 1),
    ION_KEY_C(1, "b", 3),
    ION_NUMBER_C(0, 2),
    ION_KEY_C(1, "a", ION_ALL),
    ION_NUMBER_C(0, 3),
    ION_KEY_C(0, "", ION_ALL),
    ION_PARTS_C(ION_C_OBJECT, 0),
    /* 9 */ ION_PARTS_C(ION_C_OBJECT, 3),
    ION_KEY_C(9, "__proto__", ION_ALL),
    ION_PARTS_C(ION_C_OBJECT, 1),
    ION_KEY_C(1, "p", ION_ALL),
    ION_NUMBER_C(0, 1),
    ION_KEY_C(1, "q", ION_ALL),
    ION_VM_C(ION_VM_THIS),
    ION_KEY_C(9, "__proto__", ION_ALL),
    ION_NUMBER_C(0, 5),
    /* 10 */ ION_PARTS_C(ION_C_OBJECT, 1),
    ION_KEY_C(9, "__proto__", ION_ALL),
    ION_VM_C(ION_VM_THIS),
    /* 11 */ ION_FUNCTION_C(function_a),
    /* 12 */ ION_LIBRARY_C("Sqrt"),
    /* 13 */ ION_LIBRARY_C("Nope"),
    /* 14 */ ION_VM_C(ION_VM_PROCESSES),
    /* 15 */ ION_PARTS_C(ION_C_ARRAY, 0),
    /* 16 */ ION_PARTS_C(ION_C_TUPLE, 0),
    /* 17 */ ION_STRING_C(0, ""),
    /* 18 */ ION_PARTS_C(ION_C_ARRAY, 3),
    ION_PARTS_C(ION_C_ARRAY, 1),
    ION_PLAIN_C(ION_C_UNIT),
    ION_PARTS_C(ION_C_TUPLE, 1),
    ION_COMPLEX_C(0, 1, 2),
    ION_PLAIN_C(ION_C_UNDEFINED),
    /* 19 */ ION_KEY_C(3, "key", ION_ALL),
};
enum { VALUES = 20 };
static ion_value values[VALUES];

static const ion_const pattern_consts[] = {
    /* 0 */ ION_PLAIN_C(ION_C_WILDCARD),
    /* 1 */ ION_NUMBER_C(0, 7),
    /* 2 */ ION_PARTS_C(ION_C_P_TUPLE, 4),
    ION_ATOM_C(2, "ok"),
    ION_PLAIN_C(ION_C_WILDCARD),
    ION_PARTS_C(ION_C_P_ARRAY, 0),
    ION_PARTS_C(ION_C_TUPLE, 2),
    ION_NUMBER_C(0, 1),
    ION_PARTS_C(ION_C_ARRAY, 1),
    ION_NUMBER_C(0, 2),
    /* 3 */ ION_TAGGED_C(7, ":Circle"),
    ION_STRING_C(1, "r"),
    /* 4 */ ION_PARTS_C(ION_C_OBJECT, 1),
    ION_KEY_C(1, "a", ION_ALL),
    ION_NUMBER_C(0, 1),
};
enum { PATTERNS = 5 };
static const ion_pattern *patterns[PATTERNS];

static const ion_program program = {
    .abi = ION_ABI,
    .consts = consts,
    .nconsts = sizeof consts / sizeof *consts,
    .values = values,
    .nvalues = VALUES,
    .pattern_consts = pattern_consts,
    .npattern_consts = sizeof pattern_consts / sizeof *pattern_consts,
    .patterns = patterns,
    .npatterns = PATTERNS,
};

static void test_values(void)
{
    static const char *const expected[VALUES] = {"1.5",
                                                 "x",
                                                 "'abc'",
                                                 NULL,
                                                 "4i",
                                                 "(1 's' (true))",
                                                 "((1) [name 't'])",
                                                 "(name)",
                                                 "{a=3 b/3=2 ={} }",
                                                 "{q=name ^{p=1 }}",
                                                 "{^name}",
                                                 "a",
                                                 "b",
                                                 "?",
                                                 "name",
                                                 "[]",
                                                 "()",
                                                 "''",
                                                 "[[unit] (2i) undefined]",
                                                 "key"};
    static const int units[VALUES] = {-1, -1, 0, 0, 0, 5, 6, 2, 5, 5, 2, -1, -1, -1, -1, 1, 1, 0, 6, -1};
    static const int copies[VALUES] = {-1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 1, -1, -1, -1, -1, 1, 0, 0, 1, -1};
    bool shown = true, informed = true;
    for (int i = 0; i < VALUES; i++) {
        shown &= !expected[i] || shows(values[i], expected[i]);
        informed &= ION_IS_HEAP(values[i]) == (units[i] >= 0);
        if (!ION_IS_HEAP(values[i]))
            continue;
        const literal_info *info = literal_of(values[i]);
        uint64_t head = as_thing(values[i])->head;
        informed &= (int)info->units == units[i] && (info->bytes != 0) == copies[i];
        informed &= (head & HEAD_CONSTANT) && ((head & HEAD_TEMPLATE) != 0) == copies[i];
    }
    check(shown, "constants");
    check(informed, "what stands in front of them");
    check(string_len(values[3]) == sizeof long_text - 1 && memcmp(string_bytes(values[3]), long_text, 282) == 0,
          "a long string");
}

static void test_copies(void)
{
    object self = {.head = HEAD(KIND_OBJECT, shape_empty()->id), .proto = ION_UNDEFINED};
    ion_value o = value_object(&self);
    check(copy_shows(values[6], o, "((1) [11 't'])") && copy_shows(values[7], o, "(10)"), "copies of tuples");
    check(copy_shows(values[15], o, "[]") && copy_shows(values[18], o, "[[unit] (2i) undefined]"), "copies of arrays");
    check(copy_shows(values[8], o, "{a=3 b/3=2 ={} }") && copy_shows(values[9], o, "{q={} ^{p=1 }}"),
          "copies of objects");
    check(copy_shows(values[10], o, "{^{}}") && copy_shows(values[10], ION_UNDEFINED, "{}"), "`this` as a prototype");
    check(shows(values[9], "{q=name ^{p=1 }}"), "templates stay as they are");
}

static void test_patterns(void)
{
    const ion_pattern *p = patterns[2];
    bool fine =
        patterns[0]->kind == PATTERN_WILDCARD && patterns[1]->kind == PATTERN_VALUE && shows(patterns[1]->value, "7");
    fine &=
        p->kind == PATTERN_TUPLE && p->n == 4 && p->items[0]->kind == PATTERN_VALUE && shows(p->items[0]->value, "ok");
    fine &= p->items[1]->kind == PATTERN_WILDCARD && p->items[2]->kind == PATTERN_ARRAY && p->items[2]->n == 0;
    fine &= p->items[3]->kind == PATTERN_VALUE && shows(p->items[3]->value, "(1 [2])");
    p = patterns[3];
    fine &= p->kind == PATTERN_TAGGED && shows(p->value, "Circle") && p->n == 1 && shows(p->items[0]->value, "'r'");
    fine &= patterns[4]->kind == PATTERN_VALUE && shows(patterns[4]->value, "{a=1 }");
    check(fine, "patterns");
}

/* An object of 150 pairs, 100 of them distinct, holding names and arrays. */
static void test_dictionary(void)
{
    enum { PAIRS = 150, DISTINCT = 100 };
    static ion_const table[1 + 3 * PAIRS];
    static char names[DISTINCT][8];
    static ion_value value;
    static char expected[sizeof text];
    uint32_t n = 0;
    table[n++] = (ion_const)ION_PARTS_C(ION_C_OBJECT, PAIRS);
    for (uint32_t i = 0; i < PAIRS; i++) {
        int len = snprintf(names[i % DISTINCT], 8, "k%u", i % DISTINCT);
        table[n++] = (ion_const)ION_KEY_C((ion_u32)len, names[i % DISTINCT], ION_ALL);
        if (i % 3 == 0)
            table[n++] = (ion_const)ION_VM_C(ION_VM_PID);
        else if (i % 3 == 1)
            table[n++] = (ion_const)ION_PARTS_C(ION_C_ARRAY, 1);
        if (i % 3)
            table[n++] = (ion_const)ION_NUMBER_C(0, i);
    }
    size_t at = (size_t)snprintf(expected, sizeof expected, "D{");
    for (uint32_t k = 0; k < DISTINCT; k++) {
        uint32_t i = k < PAIRS - DISTINCT ? k + DISTINCT : k;
        const char *format = i % 3 == 0 ? "k%u=11 " : i % 3 == 1 ? "k%u=[%u] " : "k%u=%u ";
        at += (size_t)snprintf(expected + at, sizeof expected - at, format, k, i);
    }
    snprintf(expected + at, sizeof expected - at, "}");
    static ion_program p;
    p = (ion_program){.consts = table, .nconsts = n, .values = &value, .nvalues = 1};
    check(program_load(&p) && copy_shows(value, ION_UNDEFINED, expected), "a dictionary");
}

static void test_deep(void)
{
    enum { DEPTH = 300000 };
    ion_const *table = malloc(DEPTH * sizeof *table);
    static ion_value value;
    for (uint32_t i = 0; i < DEPTH; i++)
        table[i] = (ion_const)ION_PARTS_C(i % 2 ? ION_C_ARRAY : ION_C_TUPLE, i < DEPTH - 1);
    static ion_program p;
    p = (ion_program){.consts = table, .nconsts = DEPTH, .values = &value, .nvalues = 1};
    bool fine = program_load(&p) && literal_of(value)->units == DEPTH;
    void *memory;
    ion_value v = fine ? copied(value, ION_UNDEFINED, &memory) : 0;
    uint32_t depth = 1;
    for (; fine && depth < DEPTH; depth++)
        v = ION_IS_ARRAY(v) ? AS(array, v)->store->items[0] : AS(tuple, v)->items[0];
    check(fine && ION_IS_ARRAY(v) && AS(array, v)->len == 0, "a deep constant");
    if (fine)
        free(memory);
    free(table);
}

/* No memory for a shape is no failure: the object becomes a dictionary. */
static void test_memory_out(void)
{
    static ion_value other_values[VALUES];
    static const ion_pattern *other_patterns[PATTERNS];
    static ion_program p;
    p = program;
    p.values = other_values;
    p.patterns = other_patterns;
    uint64_t failures = 0;
    for (bool done = false; !done; failures += !done) {
        mem_fail_at(failures + 1);
        done = program_load(&p);
        mem_fail_at(0);
    }
    check(failures > 5 && shows(other_values[6], "((1) [name 't'])"), "loading without memory fails");
}

int main(void)
{
    if (!atoms_init())
        return 1;
    if (!freopen("/dev/null", "w", stderr))
        return 1; /* warnings about a function that does not exist */
    test_memory_out();
    if (!program_load(&program))
        return 1;
    ion_value was = values[5];
    mem_fail_at(1);
    check(program_load(&program) && values[5] == was, "a program is loaded once");
    mem_fail_at(0);
    test_values();
    test_copies();
    test_patterns();
    test_dictionary();
    test_deep();
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
