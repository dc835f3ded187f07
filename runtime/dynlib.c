/* dynlib.c: shared libraries: those that the package carries, and the system's. The one user of dlopen.
 *
 * What a package carries is written to a file without a name, which the loader reads by way of /proc; nothing is left
 * behind. Libraries are opened in the order of FFI-Libraries and never closed: functions of theirs may be anywhere. All
 * names are resolved at once, so that what a library lacks shows when the program starts.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capability.h"
#include "ion/abi.h"

#include "dynlib.h"

bool library_allowed(const grants *may, const char *library)
{
    return grants_library(may, library);
}

static void *open_path(const char *path, char *why, size_t space)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!library) {
        const char *text = dlerror();
        size_t n = strlen(path);
        if (text && strncmp(text, path, n) == 0 && text[n] == ':' && text[n + 1] == ' ')
            text += n + 2; /* whoever reads it knows which library */
        snprintf(why, space, "%s", text ? text : "unknown error");
        for (char *line = why; (line = strchr(line, '\n'));)
            *line = ' ';
    }
    return library;
}

static bool write_all(int fd, const char *data, size_t n)
{
    while (n) {
        ssize_t done = write(fd, data, n);
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            data += done;
            n -= (size_t)done;
        }
    }
    return true;
}

static void *open_carried(const ion_library *l, char *why, size_t space)
{
    int fd = memfd_create(l->name, MFD_CLOEXEC);
    void *library = NULL;
    if (fd < 0 || !write_all(fd, l->data, l->size)) {
        snprintf(why, space, "%s", strerror(errno));
    } else {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        library = open_path(path, why, space);
    }
    if (fd >= 0 && !library)
        close(fd); /* else it stays: another file of that number would be taken for this library */
    return library;
}

void *library_open_named(const grants *may, const char *name, char *why, size_t space)
{
    if (!library_allowed(may, name)) {
        snprintf(why, space, "not allowed");
        return NULL;
    }
    return open_path(name, why, space);
}

void *library_open(const grants *may, const ion_library *l, char *why, size_t space)
{
    if (l->place == ION_LIBRARY_SYSTEM)
        return library_open_named(may, l->name, why, space);
    if (!library_allowed(may, l->name)) {
        snprintf(why, space, "not allowed");
        return NULL;
    }
    return open_carried(l, why, space);
}

void *library_symbol(void *library, const char *name)
{
    return dlsym(library, name);
}
