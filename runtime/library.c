/* library.c: the table of library functions and the checks in front of them.
 *
 * Every function of library.def has an entry of its own in C, which knows the function's number and goes on to `enter`:
 * that sets up the frame, makes sure of its slots, checks the number and the types of the arguments, runs the function
 * and charges its work.
 */
#include <stdarg.h>
#include <stdio.h>

#include "atom.h"
#include "host.h"
#include "mem.h"
#include "messages.h"
#include "native.h"
#include "sched.h"

enum {
#define ION_LIB(Name, min, max, types, work) INDEX_##Name,
#include "ion/library.def"
#undef ION_LIB
    INDEX_COUNT
};
const uint32_t library_count = INDEX_COUNT;

enum { WORK_none = 0, WORK_printed = 0, WORK_in = 1, WORK_out = 2, WORK_in_out = WORK_in | WORK_out };

typedef struct rule {
    ion_code *code;
    const char *types;
    int min, max; /* max < 0: any number */
    int work;
} rule;

static const rule rules[] = {
#define ION_LIB(Name, min, max, types, work) {lib_##Name, types, min, max, WORK_##work},
#include "ion/library.def"
#undef ION_LIB
};

/* ---- errors ---- */

/* A formatted text in `space`, or in memory to be freed; NULL when memory is out. */
static char *format_text(char *space, size_t size, const char *format, va_list list)
{
    va_list again;
    va_copy(again, list);
    int n = vsnprintf(space, size, format, list);
    char *text = n >= 0 && (size_t)n < size ? space : mem_alloc((size_t)n + 1);
    if (text && text != space)
        vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}

static char *wrap_error(char *space, size_t size, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *text = format_text(space, size, format, list);
    va_end(list);
    return text;
}

ion_value native_error(ion_process *p, ion_frame *fp, const char *format, ...)
{
    char space[256], outer_space[256];
    va_list list;
    va_start(list, format);
    char *text = format_text(space, sizeof space, format, list);
    va_end(list);
    char *outer = text ? wrap_error(outer_space, sizeof outer_space, MSG_FFI_ERROR, text) : NULL;
    ion_value atom = outer ? atom_make(outer, strlen(outer)) : 0;
    if (text != space)
        mem_free(text);
    if (outer != outer_space)
        mem_free(outer);
    return atom ? atom : proc_no_memory(p, fp);
}

ion_value native_out_failed(ion_process *p, ion_frame *fp, const outbuf *o)
{
    return o->huge ? proc_limit(p, fp, "allocation") : proc_no_memory(p, fp);
}

/* ---- checks ---- */

static bool fits(const char *expected, ion_value v)
{
    switch (expected[0]) {
    case 'N': return ION_IS_NUMBER(v);
    case 'S': return expected[1] == 't' ? is_string(v) : ION_IS_ARRAY(v) || is_tuple(v); /* String, Sequence */
    case 'A':
        return expected[1] == 'n'   ? true /* Any */
               : expected[1] == 'r' ? ION_IS_ARRAY(v)
                                    : ION_IS_ATOM(v);
    case 'O': return ION_IS_OBJECT(v);
    case 'K': return ION_IS_ATOM(v) || is_string(v);
    case 'F': return is_callable(v);
    case 'B': return v == ION_TRUE || v == ION_FALSE;
    default: /* Process, Prototype */
        return expected[3] == 'c' ? ION_IS_PROCESS(v) : ION_IS_OBJECT(v) || v == ION_UNDEFINED;
    }
}

/* The type expected of the argument behind one of which `expected` is: the last one stands for all that follow. */
static const char *next_type(const char *expected)
{
    const char *space = strchr(expected, ' ');
    return space ? space + 1 : expected;
}

static bool types_fit(const rule *r, ion_frame *fp, ion_u32 argc)
{
    const char *expected = r->types;
    for (ion_u32 i = 0; i < argc; i++) {
        if (!fits(expected, fp->r[i].v))
            return false;
        if (i + 1 < argc)
            expected = next_type(expected);
    }
    return true;
}

/* The name of an expected type in messages. */
static void put_expected(outbuf *o, const char *expected)
{
    switch (expected[0]) {
    case 'K': out_puts(o, "String"); return;
    case 'S': out_puts(o, expected[1] == 't' ? "String" : "Array"); return;
    case 'P': out_puts(o, expected[3] == 'c' ? "Process" : "Object"); return;
    default: out_put(o, expected, strcspn(expected, " "));
    }
}

static NOT_INLINE ion_value wrong_types(ion_process *p, ion_frame *fp, ion_u32 argc, const rule *r)
{
    char storage[256];
    outbuf expected = out_start(storage, sizeof storage / 2);
    outbuf got = out_start(storage + sizeof storage / 2, sizeof storage / 2);
    const char *next = r->types;
    for (ion_u32 i = 0; i < argc; i++, next = next_type(next)) {
        out_puts(&expected, i ? ", " : "");
        put_expected(&expected, next);
        out_puts(&got, i ? ", " : "");
        out_puts(&got, type_names[type_of(fp->r[i].v)]);
    }
    out_put(&expected, "", 1);
    out_put(&got, "", 1);
    ion_value v = expected.failed || got.failed ? proc_no_memory(p, fp)
                                                : native_error(p, fp, MSG_FFI_EXPECTED, expected.data, got.data);
    out_free(&expected);
    out_free(&got);
    return v;
}

static NOT_INLINE ion_value wrong_count(ion_process *p, ion_frame *fp, ion_u32 argc, const rule *r)
{
    if (r->max < 0)
        return native_error(p, fp, MSG_FFI_COUNT_AT_LEAST, r->min, (int)argc);
    return native_error(p, fp, MSG_FFI_COUNT, (int)argc < r->min ? r->min : r->max, (int)argc);
}

ion_value native_check(ion_process *p, ion_frame *fp, ion_u32 argc, const char *types, int min, int max)
{
    const rule r = {.types = types, .min = min, .max = max};
    if (ION_UNLIKELY(argc < (ion_u32)min || (max >= 0 && argc > (ion_u32)max)))
        return wrong_count(p, fp, argc, &r);
    return ION_UNLIKELY(!types_fit(&r, fp, argc)) ? wrong_types(p, fp, argc, &r) : ION_UNIT;
}

/* What a function needs, by its number; INDEX_COUNT rows of CAPABILITY_… + 1, or 0. */
static const uint8_t needs[INDEX_COUNT] = {
#define ION_NEEDS(Name, id) [INDEX_##Name] = CAPABILITY_##id + 1,
#include "ion/capabilities.def"
#undef ION_NEEDS
};

/* Whether a function must not be called; where it could be told beforehand, the program was refused as a whole. */
static bool denied(ion_process *p, uint32_t index)
{
    return needs[index] && !(runtime_of(proc_of(p))->granted >> (needs[index] - 1) & 1);
}

/* ---- entry ---- */

static uint64_t strings_in(ion_frame *fp, ion_u32 argc)
{
    uint64_t units = 0;
    for (ion_u32 i = 0; i < argc; i++)
        units += is_string(fp->r[i].v) ? string_len(fp->r[i].v) : 0;
    return units;
}

static ion_value enter(ion_process *p, ion_frame *fp, ion_u32 argc, uint32_t index)
{
    const rule *r = &rules[index];
    uint64_t units = 0;
    if (argc != ION_RESUMED) {
        fp->fn = &library[index];
        fp->n = argc;
        if (ION_UNLIKELY((char *)fp + fp->fn->size > p->stack_end))
            return ion_grow(p, fp, argc);
        if (ION_UNLIKELY(denied(p, index)))
            return native_error(p, fp, MSG_FFI_DENIED, library[index].name, capability_rows[needs[index] - 1].name);
        if (ION_UNLIKELY(argc < (ion_u32)r->min || (r->max >= 0 && argc > (ion_u32)r->max)))
            return wrong_count(p, fp, argc, r);
        if (ION_UNLIKELY(!types_fit(r, fp, argc)))
            return wrong_types(p, fp, argc, r);
    }
    if (r->work & WORK_in) /* these take a fixed number of arguments */
        units = strings_in(fp, (ion_u32)r->min);
    ion_value v = r->code(p, fp, argc);
    if (r->work == 0 || v == ION_LEAVE)
        return v;
    if (r->work & WORK_out)
        units += is_string(v) ? string_len(v) : ION_IS_ARRAY(v) ? AS(array, v)->len : 0;
    proc_charge(p, units);
    return v;
}

#define ION_LIB(Name, min, max, types, work)                                                                           \
    static ion_value enter_##Name(ion_process *p, ion_frame *fp, ion_u32 argc)                                         \
    {                                                                                                                  \
        return enter(p, fp, argc, INDEX_##Name);                                                                       \
    }
#include "ion/library.def"
#undef ION_LIB

/* The slots, and a call with two arguments behind them. */
#define SIZE (ION_FRAME(NATIVE_SLOTS) + ION_FRAME(2))

const ion_function library[] = {
#define ION_LIB(Name, min, max, types, work) {.code = enter_##Name, .name = #Name, .arity = min, .size = SIZE},
#include "ion/library.def"
#undef ION_LIB
};

/* ---- names ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same_ignoring_case(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

const ion_function *library_find(const char *name, size_t len)
{
    const ion_function *alike = NULL;
    for (uint32_t i = 0; i < library_count; i++) {
        const char *known = library[i].name;
        if (strlen(known) != len || !same_ignoring_case(known, name, len))
            continue;
        if (memcmp(known, name, len) == 0)
            return &library[i];
        if (!alike)
            alike = &library[i];
    }
    return alike;
}

/* Those made so far: no other pointer to them is plain enough for a leak checker. Guarded by a lock. */
typedef struct unknown {
    struct unknown *next;
    ion_function fn;
    uint32_t number;
    size_t len;
    char name[];
} unknown;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unknown *unknowns;

/* A host may have it. */
static ion_value enter_missing(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    const unknown *u = (const unknown *)(const void *)((const char *)fp->fn - offsetof(unknown, fn));
    const struct host *host = runtime_of(proc_of(p))->host;
    ion_value v = ION_ABSENT;
    if (argc == ION_RESUMED)
        return p->value;
    fp->n = argc;
    if (ION_UNLIKELY((char *)fp + ION_FRAME(argc > NATIVE_SLOTS ? argc : NATIVE_SLOTS) > p->stack_end))
        return ion_grow(p, fp, argc);
    if (host)
        v = host->call(p, fp, argc, u->number);
    return v != ION_ABSENT ? v : native_error(p, fp, MSG_FFI_NOT_FOUND, fp->fn->name);
}

/* With the lock held. */
static unknown *find_unknown(const char *name, size_t len, bool quiet)
{
    for (unknown *u = unknowns; u; u = u->next)
        if (u->len == len && memcmp(u->name, name, len) == 0)
            return u;
    unknown *u = mem_zalloc(sizeof *u + len + 1);
    if (!u)
        return NULL;
    memcpy(u->name, name, len);
    u->len = len;
    u->number = unknowns ? unknowns->number + 1 : 0;
    if (!quiet)
        fprintf(stderr, MSG_WARN_NO_FUNCTION, u->name);
    u->fn.code = enter_missing;
    u->fn.name = u->name;
    u->fn.size = SIZE;
    u->next = unknowns;
    unknowns = u;
    return u;
}

const ion_function *library_missing(const char *name, size_t len, bool quiet)
{
    pthread_mutex_lock(&lock);
    unknown *u = find_unknown(name, len, quiet);
    pthread_mutex_unlock(&lock);
    return u ? &u->fn : NULL;
}

uint32_t library_number(const char *name, size_t len)
{
    pthread_mutex_lock(&lock);
    unknown *u = find_unknown(name, len, true);
    pthread_mutex_unlock(&lock);
    return u ? u->number : UINT32_MAX;
}
