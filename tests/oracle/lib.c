/* lib.c: the table of the standard library, the check of arguments, and the charge for work. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "lib.h"

typedef enum work { work_none, work_in, work_out, work_in_out, work_printed } work;

typedef struct library_entry {
    const char *name;
    library_function *run;
    int min, max;
    const char *types;
    work work;
} library_entry;

static const library_entry library[] = {
#define ION_LIB(Name, min, max, types, work) {#Name, lib_##Name, min, max, types, work_##work},
#include "ion/library.def"
#undef ION_LIB
};
enum { LIBRARY_SIZE = sizeof library / sizeof *library, MISSING = -1 };

static callable *callables[LIBRARY_SIZE];
static map missing; /* by name */

static callable *make_callable(int index, name *n)
{
    callable *f = mem_alloc(sizeof *f);
    f->kind = LIBRARY;
    f->library = index;
    f->library_name = n;
    return f;
}

callable *library_callable(const char *text, size_t n)
{
    int found = MISSING;
    for (int i = 0; i < LIBRARY_SIZE; i++) {
        if (strlen(library[i].name) != n || strncasecmp(library[i].name, text, n) != 0)
            continue;
        if (found == MISSING || memcmp(library[i].name, text, n) == 0)
            found = i;
    }
    if (found != MISSING) {
        if (!callables[found])
            callables[found] = make_callable(found, name_from(library[found].name));
        return callables[found];
    }
    missing.lasting = true;
    name *a = name_of(text, n);
    value *known = map_find(&missing, a, NULL);
    if (known)
        return known->function;
    callable *f = make_callable(MISSING, a);
    map_put(&missing, a, NULL, v_function(f));
    return f;
}

value library_error(const char *text)
{
    buffer b = {0};
    buffer_message(&b, MSG_FFI_ERROR, text);
    name *a = name_of(b.data, b.len);
    a->atom = true;
    buffer_free(&b);
    return v_atom(a);
}

static value error_message(enum message m, ...)
{
    buffer b = {0};
    va_list args;
    va_start(args, m);
    buffer_message_list(&b, m, args);
    va_end(args);
    value v = library_error(b.data);
    buffer_free(&b);
    return v;
}

value library_runtime_error(enum message m)
{
    buffer b = {0};
    buffer_message(&b, m);
    value v = error_message(MSG_FFI_RUNTIME, b.data);
    buffer_free(&b);
    return v;
}

bool library_fits(process *p, uint64_t bytes)
{
    if (bytes > STRING_MOST)
        process_crash_message(p, MSG_LIMIT, "allocation");
    return bytes <= STRING_MOST;
}

/* The word for place i; the last one stands for all that follow. */
static const char *expected_word(const char *types, size_t i, size_t *n)
{
    for (; i > 0 && strchr(types, ' '); i--)
        types = strchr(types, ' ') + 1;
    *n = strcspn(types, " ");
    return types;
}

static bool word_is(const char *word, size_t n, const char *s)
{
    return strlen(s) == n && memcmp(word, s, n) == 0;
}

/* The type name that a word is reported as. */
static const char *reported(const char *word, size_t n)
{
    static const char *const words[] = {"Number",  "String",  "Array", "Object", "Function",
                                        "Process", "Boolean", "Atom",  "Any"};
    if (word_is(word, n, "Key"))
        return "String";
    if (word_is(word, n, "Prototype"))
        return "Object";
    if (word_is(word, n, "Sequence"))
        return "Array";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (word_is(word, n, words[i]))
            return words[i];
    return "Any";
}

static bool accepted(value v, const char *word, size_t n)
{
    if (word_is(word, n, "Any"))
        return true;
    if (word_is(word, n, "Key"))
        return is_text(v);
    if (word_is(word, n, "Prototype"))
        return v.type == T_OBJECT || v.type == T_UNDEFINED;
    if (word_is(word, n, "Sequence"))
        return v.type == T_ARRAY || v.type == T_TUPLE;
    return word_is(word, n, type_name(v.type));
}

static value type_error(const library_entry *e, const frame *f)
{
    buffer wanted = {0}, got = {0};
    for (uint32_t i = 0; i < f->n; i++) {
        size_t n;
        const char *word = expected_word(e->types, i, &n);
        buffer_printf(&wanted, "%s%s", i ? ", " : "", reported(word, n));
        buffer_printf(&got, "%s%s", i ? ", " : "", type_name(f->regs[i].type));
    }
    value v = error_message(MSG_FFI_EXPECTED, wanted.data, got.data);
    buffer_free(&wanted);
    buffer_free(&got);
    return v;
}

/* False with the error atom in *error if the arguments are not what the function takes. */
static bool check_arguments(const library_entry *e, const frame *f, value *error)
{
    int n = (int)f->n;
    if (n < e->min) {
        *error = error_message(e->max < 0 ? MSG_FFI_COUNT_AT_LEAST : MSG_FFI_COUNT, e->min, n);
        return false;
    }
    if (e->max >= 0 && n > e->max) {
        *error = error_message(MSG_FFI_COUNT, e->max, n);
        return false;
    }
    for (uint32_t i = 0; i < f->n; i++) {
        size_t len;
        const char *word = expected_word(e->types, i, &len);
        if (!accepted(f->regs[i], word, len)) {
            *error = type_error(e, f);
            return false;
        }
    }
    return true;
}

static uint64_t work_done(const library_entry *e, const frame *f, value out)
{
    uint64_t units = 0;
    for (uint32_t i = 0; i < f->n && (e->work == work_in || e->work == work_in_out); i++)
        units += f->regs[i].type == T_STRING ? f->regs[i].string->len : 0;
    if (e->work == work_out || e->work == work_in_out) {
        if (out.type == T_STRING)
            units += out.string->len;
        else if (out.type == T_ARRAY)
            units += out.list->len;
    }
    return units;
}

void library_step(process *p)
{
    frame *f = p->top;
    value out = v_undefined();
    if (f->library == MISSING) {
        frame_return(p, error_message(MSG_FFI_NOT_FOUND, f->library_name->text));
        return;
    }
    const library_entry *e = &library[f->library];
    if (f->step == 0 && !check_arguments(e, f, &out)) {
        frame_return(p, out);
        return;
    }
    if (!e->run(p, f, &out))
        return;
    charge_units(p, work_done(e, f, out));
    frame_return(p, out);
}

int64_t whole(double d)
{
    const double most = 0x1p62;
    if (isnan(d))
        return 0;
    return (int64_t)(d > most ? most : d < -most ? -most : d);
}

void clamp_slice(double from_number, double to_number, size_t n, size_t *from, size_t *to)
{
    int64_t len = (int64_t)n, a = whole(from_number), b = whole(to_number);
    a = a < 0 ? a + len : a;
    b = b < 0 ? b + len : b;
    a = a < 0 ? 0 : a > len ? len : a;
    b = b < 0 ? 0 : b > len ? len : b;
    *from = (size_t)a;
    *to = (size_t)(b < a ? a : b);
}

name *key_of(value v)
{
    size_t n;
    const char *s = text_of(v, &n);
    return name_of(s, n);
}
