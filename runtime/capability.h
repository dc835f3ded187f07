/* capability.h: the capabilities of include/ion/capabilities.def by number, lists of them, and what a program was
 * granted. Knows nothing of the rest of the runtime: the compiler reads lists too. */
#ifndef ION_CAPABILITY_H
#define ION_CAPABILITY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum capability {
#define ION_CAPABILITY(id, name, what) CAPABILITY_##id,
#include "ion/capabilities.def"
#undef ION_CAPABILITY
    CAPABILITIES
} capability;

typedef struct capability_row {
    const char *name, *what;
} capability_row;
extern const capability_row capability_rows[CAPABILITIES];

/* What the library function `name` needs; CAPABILITIES: nothing. */
capability capability_of(const char *name);

/* Who grants: each layer can only take away from what the others leave. */
enum { GRANT_BUILD, GRANT_ENVIRONMENT, GRANT_LAYERS };

/* What a program may do. The texts are lists: names and presets with commas between them; they are borrowed. Zeroed, it
 * grants everything. */
typedef struct grants {
    struct grant_layer {
        const char *allow; /* NULL: everything */
        const char *deny;  /* NULL: nothing; stronger than allow */
    } layer[GRANT_LAYERS];
} grants;

/* Whether a list holds nothing but names and presets. If not, *bad and *n are what stands in the place of one. */
bool capability_list(const char *list, const char **bad, size_t *n);
bool grants_have(const grants *g, capability which);
uint32_t grants_bits(const grants *g); /* 1 << CAPABILITY_… for each that it has */
bool grants_named(const grants *g, const char *name); /* by name; ffi:LIBRARY too */
/* Whether the native library may be opened and called; `library` is its name as in FFI-Libraries. Who loads libraries
 * asks before opening one. */
bool grants_library(const grants *g, const char *library);
#endif
