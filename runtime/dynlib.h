/* dynlib.h: shared libraries. */
#ifndef ION_DYNLIB_H
#define ION_DYNLIB_H
#include <stdbool.h>
#include <stddef.h>

struct grants;
struct ion_library;

/* Whether functions of a library may be had. The only way to a library leads through here. */
bool library_allowed(const struct grants *may, const char *library);
/* Opens a library, for as long as the OS process lives. NULL: *why says what stands in the way, in `space`. */
void *library_open(const struct grants *may, const struct ion_library *library, char *why, size_t space);
/* One that the system finds by its name. */
void *library_open_named(const struct grants *may, const char *name, char *why, size_t space);
/* NULL: the library itself has no such function. */
void *library_symbol(void *library, const char *name);
#endif
