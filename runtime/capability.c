/* capability.c: lists of capabilities, and whether they grant something.
 *
 * Lists are kept as the text that they came as, and looked through whenever somebody asks; what is asked at every call
 * is kept as bits (runtime.granted). A name that is no capability is nowhere: capability_list has been asked before.
 */
#include <string.h>

#include "capability.h"

const capability_row capability_rows[CAPABILITIES] = {
#define ION_CAPABILITY(id, name, what) {name, what},
#include "ion/capabilities.def"
#undef ION_CAPABILITY
};

static const struct preset {
    const char *name;
    uint32_t bits;
} presets[] = {
#define CAN(id)                (UINT32_C(1) << CAPABILITY_##id)
#define ION_PRESET(name, bits) {name, bits},
#include "ion/capabilities.def"
#undef ION_PRESET
#undef CAN
};
enum { PRESETS = sizeof presets / sizeof *presets };

static const struct need {
    const char *function;
    capability which;
} needs[] = {
#define ION_NEEDS(Name, id) {#Name, CAPABILITY_##id},
#include "ion/capabilities.def"
#undef ION_NEEDS
};

capability capability_of(const char *name)
{
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (strcmp(needs[i].function, name) == 0)
            return needs[i].which;
    return CAPABILITIES;
}

static bool is_word(const char *word, size_t n, const char *name)
{
    return strlen(name) == n && memcmp(word, name, n) == 0;
}

static const char library_prefix[] = "ffi:";
enum { LIBRARY_PREFIX = sizeof library_prefix - 1 };

static bool is_library(const char *word, size_t n)
{
    return n > LIBRARY_PREFIX && memcmp(word, library_prefix, LIBRARY_PREFIX) == 0;
}

/* The capabilities that a word stands for; 0 for one library. */
static uint32_t bits_of(const char *word, size_t n)
{
    for (int i = 0; i < CAPABILITIES; i++)
        if (is_word(word, n, capability_rows[i].name))
            return UINT32_C(1) << i;
    for (int i = 0; i < PRESETS; i++)
        if (is_word(word, n, presets[i].name))
            return presets[i].bits;
    return 0;
}

bool capability_list(const char *list, const char **bad, size_t *n)
{
    for (const char *word = list;; word += *n + 1) {
        *n = strcspn(word, ",");
        *bad = word;
        if (!bits_of(word, *n) && !is_word(word, *n, "none") && !is_library(word, *n))
            return false;
        if (!word[*n])
            return true;
    }
}

/* Whether a list names the capability or, unless it is NULL, the library. */
static bool lists(const char *list, capability which, const char *library)
{
    for (const char *word = list;;) {
        size_t n = strcspn(word, ",");
        if (bits_of(word, n) >> which & 1)
            return true;
        if (library && is_library(word, n) && is_word(word + LIBRARY_PREFIX, n - LIBRARY_PREFIX, library))
            return true;
        if (!word[n])
            return false;
        word += n + 1;
    }
}

/* A list that denies a library means it wherever it lies. */
static bool denies(const char *list, capability which, const char *library)
{
    const char *slash = library ? strrchr(library, '/') : NULL;
    return lists(list, which, library) || (slash && lists(list, which, slash + 1));
}

static bool have(const grants *g, capability which, const char *library)
{
    for (int i = 0; i < GRANT_LAYERS; i++) {
        const struct grant_layer *l = &g->layer[i];
        if ((l->allow && !lists(l->allow, which, library)) || (l->deny && denies(l->deny, which, library)))
            return false;
    }
    return true;
}

bool grants_have(const grants *g, capability which)
{
    return have(g, which, NULL);
}

uint32_t grants_bits(const grants *g)
{
    uint32_t bits = 0;
    for (int i = 0; i < CAPABILITIES; i++)
        bits |= (uint32_t)grants_have(g, (capability)i) << i;
    return bits;
}

bool grants_named(const grants *g, const char *name)
{
    if (is_library(name, strlen(name)))
        return grants_library(g, name + LIBRARY_PREFIX);
    for (int i = 0; i < CAPABILITIES; i++)
        if (strcmp(capability_rows[i].name, name) == 0)
            return grants_have(g, (capability)i);
    return false;
}

bool grants_library(const grants *g, const char *library)
{
    return have(g, CAPABILITY_FFI, library);
}
