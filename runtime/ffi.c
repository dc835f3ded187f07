/* ffi.c: calls of C functions whose type is known at run time only, and C functions that call the program's. The one
 * user of libffi; a program that needs neither is linked without it.
 */
#include <ffi.h>

#include "foreign.h"
#include "mem.h"

/* How one function, and its callbacks, are called; foreign->cif. */
typedef struct interface {
    ffi_cif call;
    ffi_type *types[NATIVE_PARAMS + 2];
    uint32_t hidden; /* arguments in front */
    bool floats;     /* a `float` is among arguments or result */
    ffi_cif callback[4];
    ffi_type *callback_types[4][NATIVE_PARAMS];
} interface;

static ffi_type *const ffi_types[NATIVE_KINDS] = {
    [NATIVE_VOID] = &ffi_type_void,       [NATIVE_BOOL] = &ffi_type_uint8,     [NATIVE_INT8] = &ffi_type_sint8,
    [NATIVE_INT16] = &ffi_type_sint16,    [NATIVE_INT32] = &ffi_type_sint32,   [NATIVE_INT64] = &ffi_type_sint64,
    [NATIVE_UINT8] = &ffi_type_uint8,     [NATIVE_UINT16] = &ffi_type_uint16,  [NATIVE_UINT32] = &ffi_type_uint32,
    [NATIVE_UINT64] = &ffi_type_uint64,   [NATIVE_SIZE] = &ffi_type_uint64,    [NATIVE_FLOAT] = &ffi_type_float,
    [NATIVE_DOUBLE] = &ffi_type_double,   [NATIVE_STRING] = &ffi_type_pointer, [NATIVE_BYTES] = &ffi_type_pointer,
    [NATIVE_POINTER] = &ffi_type_pointer, [NATIVE_VALUE] = &ffi_type_uint32,   [NATIVE_CALLBACK] = &ffi_type_pointer,
};

/* ---- calls ---- */

static bool prepare_callbacks(foreign *f, interface *i)
{
    for (uint32_t k = 0; k < f->sig.ncallbacks; k++) {
        const callback_type *t = &f->sig.callbacks[k];
        for (uint32_t j = 0; j < t->n; j++)
            i->callback_types[k][j] = ffi_types[t->params[j]];
        if (ffi_prep_cif(&i->callback[k], FFI_DEFAULT_ABI, t->n, ffi_types[t->result], i->callback_types[k]) != FFI_OK)
            return false;
    }
    return true;
}

static bool prepare(foreign *f)
{
    interface *i = mem_zalloc(sizeof *i);
    uint32_t n = 0;
    if (!i)
        return false;
    f->cif = i;
    if (f->sig.values)
        i->types[n++] = &ffi_type_pointer;
    if (f->has_data)
        i->types[n++] = &ffi_type_pointer;
    i->hidden = n;
    i->floats = f->sig.result == NATIVE_FLOAT;
    for (uint32_t j = 0; j < f->sig.n; j++) {
        i->types[n++] = ffi_types[f->sig.params[j]];
        i->floats |= f->sig.params[j] == NATIVE_FLOAT;
    }
    return ffi_prep_cif(&i->call, FFI_DEFAULT_ABI, n, ffi_types[f->sig.result], i->types) == FFI_OK &&
           prepare_callbacks(f, i);
}

static void release(foreign *f)
{
    mem_free(f->cif);
    f->cif = NULL;
}

/* libffi widens small integers to a register; what is beyond is not defined. */
static void widen(native_kind k, ion_word *w)
{
    switch (k) {
    case NATIVE_BOOL: w->u = (uint8_t)w->u != 0; break;
    case NATIVE_INT8: w->i = (int8_t)w->i; break;
    case NATIVE_INT16: w->i = (int16_t)w->i; break;
    case NATIVE_INT32: w->i = (int32_t)w->i; break;
    case NATIVE_UINT8: w->u = (uint8_t)w->u; break;
    case NATIVE_UINT16: w->u = (uint16_t)w->u; break;
    case NATIVE_UINT32:
    case NATIVE_VALUE: w->u = (uint32_t)w->u; break;
    default: break;
    }
}

/* The same where a float takes part, which is no word of its own. */
static NOT_INLINE void call_floats(const foreign *f, const interface *i, void **values, ion_word *w)
{
    float floats[NATIVE_PARAMS];
    union {
        ion_word w;
        float f;
    } result = {{0}};
    for (uint32_t j = 0; j < f->sig.n; j++) {
        if (f->sig.params[j] == NATIVE_FLOAT) {
            floats[j] = (float)w[j + 1].d;
            values[i->hidden + j] = &floats[j];
        }
    }
    ffi_call((ffi_cif *)(uintptr_t)&i->call, FFI_FN((uintptr_t)f->address), &result, values);
    if (f->sig.result == NATIVE_FLOAT)
        result.w.d = (double)result.f;
    else
        widen((native_kind)f->sig.result, &result.w);
    w[0] = result.w;
}

static void call(const foreign *f, ion_word *w)
{
    const interface *i = f->cif;
    void *values[NATIVE_PARAMS + 2];
    void *data = f->data;
    uint32_t n = 0;
    if (f->sig.values)
        values[n++] = &w[f->sig.n + 1];
    if (f->has_data)
        values[n++] = &data;
    for (uint32_t j = 0; j < f->sig.n; j++)
        values[n++] = &w[j + 1];
    if (ION_UNLIKELY(i->floats)) {
        call_floats(f, i, values, w);
        return;
    }
    ffi_call((ffi_cif *)(uintptr_t)&i->call, FFI_FN((uintptr_t)f->address), w, values);
    if (f->sig.result != NATIVE_DOUBLE)
        widen((native_kind)f->sig.result, w);
}

/* ---- callbacks ---- */

/* Each argument of a closure has eight bytes at least. */
static void take(native_kind k, const void *from, ion_word *w)
{
    memcpy(w, from, sizeof *w);
    if (k == NATIVE_FLOAT) {
        float x;
        memcpy(&x, from, sizeof x);
        w->d = (double)x;
    } else {
        widen(k, w);
    }
}

static void called(ffi_cif *cif, void *result, void **values, void *user)
{
    callback *cb = user;
    const callback_type *t = cb->type;
    ion_word w[NATIVE_PARAMS + 1];
    (void)cif;
    for (uint32_t i = 0; i < t->n; i++)
        take((native_kind)t->params[i], values[i], &w[i + 1]);
    foreign_callback(cb, w);
    if (t->result == NATIVE_FLOAT) {
        float x = (float)w[0].d;
        memcpy(result, &x, sizeof x);
    } else if (t->result != NATIVE_VOID) {
        memcpy(result, &w[0], sizeof w[0]);
    }
}

static callback *callback_new(foreign *f, uint32_t which)
{
    interface *i = f->cif;
    callback *cb = mem_zalloc(sizeof *cb);
    if (!cb)
        return NULL;
    cb->type = &f->sig.callbacks[which];
    cb->closure = mem_refused() ? NULL : ffi_closure_alloc(sizeof(ffi_closure), &cb->code);
    if (cb->closure && ffi_prep_closure_loc(cb->closure, &i->callback[which], called, cb, cb->code) == FFI_OK)
        return cb;
    if (cb->closure)
        ffi_closure_free(cb->closure);
    mem_free(cb);
    return NULL;
}

static void callback_free(callback *cb)
{
    ffi_closure_free(cb->closure);
    mem_free(cb);
}

const struct ion_ffi ion_ffi = {prepare, release, call, callback_new, callback_free};
