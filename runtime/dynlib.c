/* dynlib.c: shared libraries: those that the package carries, and the system's. The one user of dlopen.
 *
 * What a package carries is written to a file without a name, which the loader reads by way of /proc; nothing is left
 * behind. Libraries are opened in the order of FFI-Libraries and never closed: functions of theirs may be anywhere; one
 * that comes again, with the same name and bytes, is the same. All names are resolved at once, so that what a library
 * lacks shows when the program starts.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capability.h"
#include "ion/abi.h"

#include "dynlib.h"
#include "mem.h"

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

/* One that has been opened: a host may load a package again and again. */
typedef struct carried {
    struct carried *next;
    void *library;
    int fd;
    uint64_t size;
    char name[];
} carried;

static carried *all_carried; /* program.c's lock is held */

static bool same_bytes(const carried *k, const ion_library *l)
{
    char part[65536];
    uint64_t at = 0;
    while (at < l->size) {
        size_t n = l->size - at < sizeof part ? l->size - at : sizeof part;
        ssize_t got = pread(k->fd, part, n, (off_t)at);
        if (got <= 0 || memcmp(part, (const char *)l->data + at, (size_t)got) != 0)
            return false;
        at += (uint64_t)got;
    }
    return true;
}

static void *find_carried(const ion_library *l)
{
    for (carried *k = all_carried; k; k = k->next)
        if (k->size == l->size && strcmp(k->name, l->name) == 0 && same_bytes(k, l))
            return k->library;
    return NULL;
}

static void note_carried(const ion_library *l, int fd, void *library)
{
    size_t n = strlen(l->name) + 1;
    carried *k = mem_alloc(sizeof *k + n);
    if (!k)
        return; /* it will be opened once more */
    *k = (carried){.next = all_carried, .library = library, .fd = fd, .size = l->size};
    memcpy(k->name, l->name, n);
    all_carried = k;
}

static void *open_carried(const ion_library *l, char *why, size_t space)
{
    void *known = find_carried(l);
    if (known)
        return known;
    int fd = memfd_create(l->name, MFD_CLOEXEC);
    void *library = NULL;
    if (fd < 0 || !write_all(fd, l->data, l->size)) {
        snprintf(why, space, "%s", strerror(errno));
    } else {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        library = open_path(path, why, space);
    }
    if (library)
        note_carried(l, fd, library);
    else if (fd >= 0)
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

/* Whether what lies there is the library's own. dlsym finds the functions of libraries that it depends on, too: nearly all
 * depend on libc, and who may call one is not to call that. What the kernel gives (time) counts as the library's. */
static bool is_own(void *library, const void *address)
{
    struct link_map *own = NULL, *found = NULL;
    Dl_info info;
    if (dlinfo(library, RTLD_DI_LINKMAP, &own) != 0 || !dladdr1(address, &info, (void **)&found, RTLD_DL_LINKMAP))
        return false;
    return found == own || (uintptr_t)info.dli_fbase == getauxval(AT_SYSINFO_EHDR);
}

void *library_symbol(void *library, const char *name)
{
    void *address = dlsym(library, name);
    return address && is_own(library, address) ? address : NULL;
}
