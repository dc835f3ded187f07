/* foreign.c: calls of C functions: arguments checked and converted, the call, its result.
 *
 * The frame of a call is like that of any library function: the arguments are its slots, so a collection finds them,
 * and the functions among them, while C runs. What C gets of a text lies outside of the heap whenever a collection may
 * happen before the call returns (foreign->pins).
 */
#include <stdarg.h>
#include <stdio.h>

#include "atom.h"
#include "foreign.h"
#include "mem.h"
#include "messages.h"
#include "native_env.h"
#include "sched.h"
#include "str.h"

/* ---- making ---- */

static ion_code foreign_enter;

/* An address of the right type, as `why` it is not there belongs to the function's own memory. */
static char *text_copy(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = mem_alloc(n);
    if (copy)
        memcpy(copy, text, n);
    return copy;
}

static bool set_up(foreign *f, const foreign_setup *how)
{
    f->address = how->address;
    f->direct = how->direct;
    f->ffi = how->ffi;
    f->data = how->data;
    f->has_data = how->has_data;
    f->plain = signature_plain(&f->sig);
    f->pins = f->sig.ncallbacks || f->sig.values || f->sig.blocking || f->sig.result == NATIVE_STRING;
    f->fn = (ion_function){.code = foreign_enter, .name = f->name, .arity = f->sig.n};
    f->fn.size = ION_FRAME(NATIVE_PARAMS + 2u) + ION_FRAME(2u);
    if (how->why && !(f->why = text_copy(how->why)))
        return false;
    return (f->direct && !f->sig.ncallbacks) || f->ffi->prepare(f);
}

bool foreign_found(foreign *f, const void *address, const char *why)
{
    f->address = address;
    return !why || (f->why = text_copy(why));
}

foreign *foreign_new(const foreign_setup *how, char *why, size_t space)
{
    signature s;
    if (!signature_parse(&s, how->declaration, how->declaration + strlen(how->declaration), why, space))
        return NULL;
    const char *name = how->name ? how->name : s.name;
    foreign *f = mem_zalloc(sizeof *f + strlen(name) + 1);
    snprintf(why, space, "out of memory");
    if (!f)
        return NULL;
    f->sig = s;
    memcpy(f->name, name, strlen(name) + 1);
    if (set_up(f, how))
        return f;
    foreign_free(f);
    return NULL;
}

void foreign_free(foreign *f)
{
    for (size_t i = 0; i < sizeof f->idle / sizeof *f->idle; i++) {
        while (f->idle[i]) {
            callback *c = f->idle[i];
            f->idle[i] = c->next;
            f->ffi->callback_free(c);
        }
    }
    if (f->cif)
        f->ffi->release(f);
    mem_free(f->why);
    mem_free(f);
}

static spinlock for_ever_lock;
static foreign *for_ever; /* so that a leak checker finds them */

/* Two that only differ in whom they belong to are one. */
static foreign *find_known(const foreign_setup *how)
{
    char why[8];
    signature s;
    if (!signature_parse(&s, how->declaration, how->declaration + strlen(how->declaration), why, sizeof why))
        return NULL;
    spin_lock(&for_ever_lock);
    foreign *f = for_ever;
    while (f && (f->address != how->address || f->direct || memcmp(&f->sig, &s, sizeof s) != 0))
        f = f->next;
    spin_unlock(&for_ever_lock);
    return f;
}

foreign *foreign_known(const foreign_setup *how, char *why, size_t space)
{
    foreign *f = find_known(how);
    return f ? f : foreign_for_ever(how, why, space);
}

foreign *foreign_for_ever(const foreign_setup *how, char *why, size_t space)
{
    foreign *f = foreign_new(how, why, space);
    if (f) {
        spin_lock(&for_ever_lock);
        f->next = for_ever;
        for_ever = f;
        spin_unlock(&for_ever_lock);
    }
    return f;
}

void foreign_forget(foreign *f)
{
    spin_lock(&for_ever_lock);
    foreign **at = &for_ever;
    while (*at && *at != f)
        at = &(*at)->next;
    if (*at)
        *at = f->next;
    spin_unlock(&for_ever_lock);
    foreign_free(f);
}

/* ---- conversions ---- */

bool native_fits(native_kind k, ion_value v)
{
    switch (k) {
    case NATIVE_BOOL: return v == ION_TRUE || v == ION_FALSE;
    case NATIVE_STRING:
    case NATIVE_BYTES: return is_string(v);
    case NATIVE_POINTER: return ION_IS_NUMBER(v) || v == ION_UNDEFINED;
    case NATIVE_CALLBACK: return is_callable(v) || v == ION_UNDEFINED;
    case NATIVE_VALUE: return true;
    default: return ION_IS_NUMBER(v);
    }
}

/* Least, and first beyond the greatest, of what integers hold. */
static bool whole_word(native_kind k, double d, ion_word *w)
{
    static const struct {
        double least, beyond;
    } range[] = {
        [NATIVE_INT8] = {-0x1p7, 0x1p7},    [NATIVE_INT16] = {-0x1p15, 0x1p15}, [NATIVE_INT32] = {-0x1p31, 0x1p31},
        [NATIVE_INT64] = {-0x1p63, 0x1p63}, [NATIVE_UINT8] = {0, 0x1p8},        [NATIVE_UINT16] = {0, 0x1p16},
        [NATIVE_UINT32] = {0, 0x1p32},      [NATIVE_UINT64] = {0, 0x1p64},      [NATIVE_SIZE] = {0, 0x1p64},
        [NATIVE_POINTER] = {0, 0x1p64},
    };
    if (!(d >= range[k].least && d < range[k].beyond))
        return false;
    if (range[k].least < 0) {
        w->i = (int64_t)d;
        return (double)w->i == d;
    }
    w->u = (uint64_t)d;
    return (double)w->u == d;
}

bool native_value_word(native_kind k, ion_value v, ion_word *w)
{
    if (!native_fits(k, v))
        return false;
    switch (k) {
    case NATIVE_BOOL: w->u = v == ION_TRUE; return true;
    case NATIVE_FLOAT:
    case NATIVE_DOUBLE: w->d = number_of(v); return true;
    case NATIVE_POINTER: w->u = 0; return v == ION_UNDEFINED || whole_word(k, number_of(v), w);
    default: return whole_word(k, number_of(v), w);
    }
}

ion_value native_word_value(native_kind k, ion_word w)
{
    switch (k) {
    case NATIVE_VOID: return ION_UNIT;
    case NATIVE_BOOL: return ION_BOOL(w.u & 0xFF);
    case NATIVE_FLOAT:
    case NATIVE_DOUBLE: return value_number(w.d);
    case NATIVE_POINTER: return w.u ? value_number((double)w.u) : ION_UNDEFINED;
    case NATIVE_UINT8:
    case NATIVE_UINT16:
    case NATIVE_UINT32:
    case NATIVE_UINT64:
    case NATIVE_SIZE: return value_number((double)w.u);
    default: return value_number((double)w.i);
    }
}

ion_value native_result(ion_process *p, ion_frame *fp, native_kind k, ion_word w)
{
    if (k != NATIVE_STRING)
        return native_word_value(k, w);
    return w.p ? str_new(p, fp, w.p, strlen(w.p)) : ION_UNDEFINED;
}

/* ---- texts ---- */

typedef struct native_copy {
    struct native_copy *next;
    char bytes[];
} native_copy;

/* A text and a NUL behind it, outside of the heap. NULL when memory is out. */
static const char *copy_text(native_args *a, const char *bytes, size_t len)
{
    char *to = a->space + a->used;
    if (len < sizeof a->space - a->used) {
        a->used += (uint32_t)len + 1;
    } else {
        native_copy *c = mem_alloc(sizeof *c + len + 1);
        if (!c)
            return NULL;
        c->next = a->copies;
        a->copies = c;
        to = c->bytes;
    }
    memcpy(to, bytes, len);
    to[len] = 0;
    return to;
}

static const void *bytes_of(native_args *a, ion_value v, bool pin)
{
    if (!pin)
        return string_bytes(v);
    if (HEAD_KIND(as_thing(v)->head) == KIND_STRING)
        return copy_text(a, string_bytes(v), string_len(v));
    text_buffer *t = AS(long_string, v)->buffer;
    text_hold(t);
    a->held[a->nheld++] = t;
    return t->bytes;
}

/* A text as C gets it. 0, 1: it does not fit, or -1: memory is out. */
static int text_word(native_args *a, native_kind k, ion_value v, bool pin, ion_word *w, bool *nul)
{
    if (!is_string(v))
        return 1;
    if (k == NATIVE_BYTES) {
        w->p = bytes_of(a, v, pin);
        return w->p ? 0 : -1;
    }
    *nul = memchr(string_bytes(v), 0, string_len(v)) != NULL;
    if (*nul)
        return 1;
    w->p = copy_text(a, string_bytes(v), string_len(v));
    return w->p ? 0 : -1;
}

int native_args_set(native_args *a, const signature *s, const ion_slot *slots, bool pin, bool *nul)
{
    a->nheld = a->used = 0;
    a->copies = NULL;
    *nul = false;
    for (unsigned i = 0; i < s->n; i++) {
        native_kind k = (native_kind)s->params[i];
        ion_value v = slots[i].v;
        ion_word *w = &a->w[i + 1];
        int bad;
        switch (k) {
        case NATIVE_DOUBLE:
        case NATIVE_FLOAT:
            w->d = slots[i].d;
            bad = !ION_IS_NUMBER(v);
            break;
        case NATIVE_STRING:
        case NATIVE_BYTES: bad = text_word(a, k, v, pin, w, nul); break;
        case NATIVE_CALLBACK:
            w->p = NULL; /* what undefined stays */
            bad = !native_fits(k, v);
            break;
        case NATIVE_VALUE: bad = 0; break;
        default: bad = !native_value_word(k, v, w); break;
        }
        if (ION_UNLIKELY(bad != 0))
            return bad < 0 ? -1 : (int)i + 1;
    }
    return 0;
}

void native_args_free(native_args *a)
{
    while (a->nheld)
        text_drop(a->held[--a->nheld]);
    while (a->copies) {
        native_copy *next = a->copies->next;
        mem_free(a->copies);
        a->copies = next;
    }
}

/* ---- what is wrong with a call ---- */

static NOT_INLINE ion_value wrong_types(ion_process *p, ion_frame *fp, const signature *s)
{
    char expected[NATIVE_PARAMS * 16], got[NATIVE_PARAMS * 16];
    size_t e = 0, g = 0;
    for (unsigned i = 0; i < s->n; i++) {
        const char *comma = i ? ", " : "";
        e += (size_t)snprintf(expected + e, sizeof expected - e, "%s%s", comma, native_types[s->params[i]].expected);
        g += (size_t)snprintf(got + g, sizeof got - g, "%s%s", comma, type_names[type_of(fp->r[i].v)]);
    }
    return native_error(p, fp, MSG_FFI_EXPECTED, expected, got);
}

/* The error atom for a call that cannot be made, whatever the arguments. */
static NOT_INLINE ion_value refuse(ion_process *p, ion_frame *fp, const foreign *f, ion_u32 argc)
{
    if (!f->address)
        return f->why ? native_error(p, fp, MSG_FFI_RUNTIME, f->why)
                      : native_error(p, fp, MSG_FFI_NOT_FOUND, f->fn.name);
    return native_error(p, fp, MSG_FFI_COUNT, f->sig.n, (int)argc);
}

static bool types_fit(const signature *s, const ion_frame *fp)
{
    for (unsigned i = 0; i < s->n; i++)
        if (!native_fits((native_kind)s->params[i], fp->r[i].v))
            return false;
    return true;
}

NOT_INLINE ion_value foreign_misfit(ion_process *p, ion_frame *fp, const foreign *f, int which, bool nul)
{
    char text[128];
    if (which < 0)
        return proc_no_memory(p, fp);
    if (!types_fit(&f->sig, fp))
        return wrong_types(p, fp, &f->sig);
    if (nul)
        snprintf(text, sizeof text, MSG_NATIVE_NUL, (unsigned)which);
    else
        snprintf(text, sizeof text, MSG_NATIVE_RANGE, (unsigned)which, native_types[f->sig.params[which - 1]].name);
    return native_error(p, fp, MSG_FFI_RUNTIME, text);
}

void foreign_error(foreign_call *c, const char *format, ...)
{
    char text[512];
    va_list list;
    if (c->error)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    c->error = text_copy(text);
}

/* ---- calls ---- */

/* A callback for parameter `at`, the one of that number among the callbacks. */
static callback *callback_take(const foreign *shared, uint32_t which)
{
    foreign *f = (foreign *)(uintptr_t)shared; /* of which nothing else changes */
    spin_lock(&f->lock);
    callback *c = f->idle[which];
    if (c)
        f->idle[which] = c->next;
    spin_unlock(&f->lock);
    return c ? c : f->ffi->callback_new(f, which);
}

static bool callbacks_begin(foreign_call *c)
{
    const signature *s = &c->f->sig;
    for (uint32_t i = 0, which = 0; i < s->n && which < s->ncallbacks; i++) {
        if (s->params[i] != NATIVE_CALLBACK)
            continue;
        callback *cb = c->fp->r[i].v == ION_UNDEFINED ? NULL : callback_take(c->f, which);
        if (!cb && c->fp->r[i].v != ION_UNDEFINED)
            return false;
        c->callbacks[which++] = cb;
        c->ncallbacks = which;
        if (cb) {
            cb->call = c;
            cb->slot = i;
            c->args.w[i + 1].p = cb->code;
        }
    }
    return true;
}

static void callbacks_end(foreign_call *c)
{
    foreign *f = (foreign *)(uintptr_t)c->f;
    for (uint32_t i = 0; i < c->ncallbacks; i++) {
        callback *cb = c->callbacks[i];
        if (!cb)
            continue;
        cb->call = NULL;
        spin_lock(&f->lock);
        cb->next = f->idle[i];
        f->idle[i] = cb;
        spin_unlock(&f->lock);
    }
}

/* A call during which the program may run. */
static NOT_INLINE ion_value call_out(foreign_call *c)
{
    ion_process *p = c->p;
    ion_frame *fp = c->fp;
    const foreign *f = c->f;
    struct env env;
    ion_value v = ION_LEAVE;
    c->thread = pthread_self();
    c->ended = false;
    c->error = NULL;
    c->ncallbacks = 0;
    c->env = NULL;
    bool begun = callbacks_begin(c);
    if (!begun)
        v = proc_no_memory(p, fp);
    if (begun && f->sig.values)
        begun = values_begin(c, &env);
    if (begun)
        foreign_invoke(f, c->args.w);
    callbacks_end(c);
    if (begun && !c->ended) {
        if (c->error)
            v = native_error(p, fp, MSG_FFI_RUNTIME, c->error);
        else if (f->sig.result == NATIVE_VALUE)
            v = values_result(c, c->args.w[0]);
        else
            v = native_result(p, fp, (native_kind)f->sig.result, c->args.w[0]);
    }
    mem_free(c->error);
    native_args_free(&c->args);
    return v;
}

/* A call that takes more than numbers, booleans and pointers. */
static NOT_INLINE ion_value call_texts(ion_process *p, ion_frame *fp, const foreign *f)
{
    foreign_call c;
    bool nul;
    int bad = native_args_set(&c.args, &f->sig, fp->r, f->pins, &nul);
    if (ION_UNLIKELY(bad != 0)) {
        native_args_free(&c.args);
        return foreign_misfit(p, fp, f, bad, nul);
    }
    c.p = p;
    c.fp = fp;
    c.f = f;
    if (f->pins)
        return call_out(&c);
    foreign_invoke(f, c.args.w);
    native_args_free(&c.args);
    return native_word_value((native_kind)f->sig.result, c.args.w[0]);
}

static inline ion_value call_plain(ion_process *p, ion_frame *fp, const foreign *f)
{
    ion_word w[NATIVE_PARAMS + 1];
    for (uint32_t i = 0; i < f->sig.n; i++) {
        ion_value v = fp->r[i].v;
        w[i + 1].u = v; /* a double as it is */
        if (f->sig.params[i] == NATIVE_DOUBLE ? !ION_IS_NUMBER(v)
                                              : !native_value_word((native_kind)f->sig.params[i], v, &w[i + 1]))
            return foreign_misfit(p, fp, f, (int)i + 1, false);
    }
    foreign_invoke(f, w);
    return f->sig.result == NATIVE_DOUBLE ? value_number(w[0].d) : native_word_value((native_kind)f->sig.result, w[0]);
}

static ion_value foreign_enter(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    const foreign *f = (const foreign *)(const void *)fp->fn;
    if (ION_UNLIKELY(argc == ION_RESUMED))
        return blocking_resumed(p, fp, f);
    fp->n = argc;
    if (ION_UNLIKELY((char *)fp + f->fn.size > p->stack_end))
        return ion_grow(p, fp, argc);
    if (ION_UNLIKELY(!f->address || argc != f->sig.n))
        return refuse(p, fp, f, argc);
    if (f->plain)
        return call_plain(p, fp, f);
    return f->sig.blocking ? blocking_call(p, fp, f) : call_texts(p, fp, f);
}

/* ---- calls back ---- */

bool foreign_run(foreign_call *c, ion_value callee, ion_value *args, uint32_t argc, ion_value *result)
{
    if (c->ended || c->error || !pthread_equal(c->thread, pthread_self()))
        return false;
    c->ended = !stack_nested(proc_of(c->p), c->fp, callee, args, argc, result);
    return !c->ended;
}

/* What a callback is called with, as values. False: memory is out, and the process ends. */
static bool callback_args(foreign_call *c, const callback_type *t, const ion_word *w, ion_value *args)
{
    for (uint32_t i = 0; i < t->n; i++) {
        native_kind k = (native_kind)t->params[i];
        if (k != NATIVE_STRING || !w[i + 1].p) {
            args[i] = k == NATIVE_STRING ? ION_UNDEFINED : native_word_value(k, w[i + 1]);
            continue;
        }
        size_t len = strlen(w[i + 1].p);
        char *bytes;
        ion_value s = str_make(c->p, c->fp, len, &bytes, args, i);
        if (s == ION_LEAVE)
            return false;
        memcpy(bytes, w[i + 1].p, len);
        args[i] = s;
    }
    return true;
}

void foreign_callback(callback *cb, ion_word *w)
{
    foreign_call *c = cb->call;
    const callback_type *t = cb->type;
    ion_value args[NATIVE_PARAMS], v;
    w[0].u = 0;
    if (!c || c->ended || c->error || !pthread_equal(c->thread, pthread_self()))
        return;
    if (!callback_args(c, t, w, args)) {
        c->ended = true;
        return;
    }
    if (!stack_nested(proc_of(c->p), c->fp, c->fp->r[cb->slot].v, args, t->n, &v)) {
        c->ended = true;
        return;
    }
    if (t->result == NATIVE_DOUBLE && ION_IS_NUMBER(v))
        w[0].d = number_of(v);
    else if (t->result != NATIVE_VOID && !native_value_word((native_kind)t->result, v, &w[0])) {
        w[0].u = 0;
        foreign_error(c, MSG_NATIVE_CALLBACK_RESULT, type_names[type_of(v)], native_types[t->result].name);
    }
}
