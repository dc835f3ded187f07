/* memory.c: the library `ion`: what programs need to get along with C libraries that want pointers to things. Its
 * functions are declared in META-INF/FFI.ion like any others (docs/native.md); they do what C does, and check nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ion/native.h"

#include "dynlib.h"
#include "foreign.h"
#include "mem.h"
#include "memory.h"
#include "native_env.h"

/* ---- blocks ---- */

static void *allocate(size_t n)
{
    return calloc(n ? n : 1, 1);
}

static void release(void *p)
{
    free(p);
}

static void copy_bytes(void *to, const void *from, size_t n)
{
    memcpy(to, from, n);
}

/* n bytes, as a string. */
static ion_ref get_bytes(ion_env *env, const void *from, size_t n)
{
    return from ? env->api->string(env, from, n) : 0;
}

static ion_ref get_string(ion_env *env, const void *from)
{
    return get_bytes(env, from, from ? strlen(from) : 0);
}

/* ---- what lies at an address, offset in bytes ---- */

#define ACCESS(name, type)                                                                                             \
    static type get_##name(const char *p, int64_t offset)                                                              \
    {                                                                                                                  \
        type x;                                                                                                        \
        memcpy(&x, p + offset, sizeof x);                                                                              \
        return x;                                                                                                      \
    }                                                                                                                  \
    static void put_##name(char *p, int64_t offset, type x)                                                            \
    {                                                                                                                  \
        memcpy(p + offset, &x, sizeof x);                                                                              \
    }
ACCESS(int8, int8_t)
ACCESS(int16, int16_t)
ACCESS(int32, int32_t)
ACCESS(int64, int64_t)
ACCESS(uint8, uint8_t)
ACCESS(uint16, uint16_t)
ACCESS(uint32, uint32_t)
ACCESS(uint64, uint64_t)
ACCESS(float, float)
ACCESS(double, double)
ACCESS(pointer, void *)

/* ---- functions found while the program runs ---- */

/* The function that a declaration says, of a library that the system finds; a text instead of what is wrong. */
static ion_ref function(ion_env *env, const char *name, const char *declaration)
{
    struct env *e = (struct env *)(void *)env;
    char why[256];
    void *handle = library_open_named(values_grants(e), name, why, sizeof why);
    signature s;
    if (handle && signature_parse(&s, declaration, declaration + strlen(declaration), why, sizeof why)) {
        const foreign_setup how = {
            .declaration = declaration, .address = library_symbol(handle, s.name), .ffi = e->call->f->ffi};
        foreign *f = NULL;
        if (!how.address)
            snprintf(why, sizeof why, "no function %s", s.name);
        else if ((f = foreign_known(&how, why, sizeof why)))
            return values_ref(e, foreign_value(f));
    }
    env->api->raise(env, why);
    return 0;
}

/* ---- names ---- */

static const struct {
    const char *name;
    void (*address)(void);
} functions[] = {
#define FUNCTION(f)                                                                                                    \
    {                                                                                                                  \
#f, (void (*)(void))f                                                                                          \
    }
    FUNCTION(allocate),    FUNCTION(release),     FUNCTION(copy_bytes), FUNCTION(get_bytes),  FUNCTION(get_string),
    FUNCTION(get_int8),    FUNCTION(get_int16),   FUNCTION(get_int32),  FUNCTION(get_int64),  FUNCTION(get_uint8),
    FUNCTION(get_uint16),  FUNCTION(get_uint32),  FUNCTION(get_uint64), FUNCTION(get_float),  FUNCTION(get_double),
    FUNCTION(get_pointer), FUNCTION(put_int8),    FUNCTION(put_int16),  FUNCTION(put_int32),  FUNCTION(put_int64),
    FUNCTION(put_uint8),   FUNCTION(put_uint16),  FUNCTION(put_uint32), FUNCTION(put_uint64), FUNCTION(put_float),
    FUNCTION(put_double),  FUNCTION(put_pointer), FUNCTION(function),
};

static void *find(const char *name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0)
            return (void *)(uintptr_t)functions[i].address;
    return NULL;
}

const struct ion_memory ion_memory = {find};
