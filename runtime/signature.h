/* signature.h: how a C function is called: its name, result and parameters, as a declaration says. */
#ifndef ION_SIGNATURE_H
#define ION_SIGNATURE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum native_kind {
#define ION_NATIVE_TYPE(name, KIND, c, expected, whole) NATIVE_##KIND,
#include "ion/native_types.def"
#undef ION_NATIVE_TYPE
    NATIVE_CALLBACK, /* a pointer to a C function that calls a function of the program */
    NATIVE_KINDS
} native_kind;

typedef struct native_type {
    const char *name, *c, *expected;
    bool whole;
} native_type;
extern const native_type native_types[NATIVE_KINDS];

enum { NATIVE_PARAMS = 16, NATIVE_NAME = 128 };

/* What a callback gives and takes; kinds that fit in a byte. */
typedef struct callback_type {
    uint8_t result, n;
    uint8_t params[NATIVE_PARAMS];
} callback_type;

typedef struct signature {
    char name[NATIVE_NAME];
    uint8_t result;
    uint8_t n; /* parameters */
    uint8_t ncallbacks;
    bool blocking; /* to be called away from the schedulers */
    bool values;   /* a `value` is among them: the C function takes an ion_env * in front */
    uint8_t params[NATIVE_PARAMS];
    callback_type callbacks[4]; /* of the parameters that are callbacks, in order */
} signature;

/* Reads `TYPE NAME(TYPE NAME, ...) [blocking]`, which ends at `end`. False: *why says what is wrong, in one line of
 * static or `space`'s text. */
bool signature_parse(signature *s, const char *text, const char *end, char *why, size_t space);
/* Whether a call needs no more than conversions of numbers, booleans and pointers. */
bool signature_plain(const signature *s);
#endif
