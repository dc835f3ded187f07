/* natives.c: the native functions of a program: made when it is loaded; libraries are opened, and names resolved, when
 * a runtime that may do so begins to run it.
 *
 * What cannot be had is a warning; the functions are there all the same, and give an error atom when they are called. A
 * library for another system is not even that: it may never be called here.
 */
#include <stdio.h>

#include "dynlib.h"
#include "foreign.h"
#include "mem.h"
#include "memory.h"
#include "messages.h"
#include "program.h"

/* What is known of a library. */
typedef struct opened {
    void *handle;
    char why[256]; /* what an error atom says; "": function not found */
} opened;

static void open_one(const grants *may, const ion_library *l, bool quiet, opened *o)
{
    char why[256];
    *o = (opened){0};
    if (l->place == ION_LIBRARY_FOREIGN) {
        snprintf(o->why, sizeof o->why, MSG_NATIVE_ELSEWHERE, l->name);
    } else if (!library_allowed(may, l->name)) {
        snprintf(o->why, sizeof o->why, MSG_NATIVE_DENIED, l->name);
    } else if (l->place != ION_LIBRARY_BUILT_IN && !(o->handle = library_open(may, l, why, sizeof why))) {
        snprintf(o->why, sizeof o->why, MSG_NATIVE_CLOSED, l->name);
        if (!quiet)
            fprintf(stderr, MSG_WARN_NO_LIBRARY, l->name, why);
    }
}

static void *find(const ion_program *p, const ion_native *n, const opened *o, bool quiet)
{
    const ion_library *l = &p->libraries[n->library];
    const char *name = strrchr(n->name, ':');
    if (o->why[0])
        return NULL;
    name = name ? name + 1 : n->name;
    void *address = l->place == ION_LIBRARY_BUILT_IN ? p->memory->find(name) : library_symbol(o->handle, name);
    if (!address && !quiet)
        fprintf(stderr, MSG_WARN_NO_NATIVE, l->name, name);
    return address;
}

/* Opens the libraries, once. */
static bool open_all(const ion_program *p, const grants *may, bool quiet)
{
    if (p->natives->opened)
        return true;
    opened *libraries = mem_alloc((p->nlibraries + 1) * sizeof *libraries);
    bool done = libraries != NULL;
    for (ion_u32 i = 0; done && i < p->nlibraries; i++)
        open_one(may, &p->libraries[i], quiet, &libraries[i]);
    for (ion_u32 i = 0; done && i < p->nnatives; i++) {
        ion_native *n = &p->natives[i];
        const opened *o = &libraries[n->library];
        n->address = find(p, n, o, quiet);
        done = foreign_found((foreign *)(uintptr_t)n->fn, n->address, o->why[0] ? o->why : NULL);
        n->opened = done;
    }
    mem_free(libraries);
    return done;
}

static bool make_all(const ion_program *p)
{
    for (ion_u32 i = 0; i < p->nnatives; i++) {
        ion_native *n = &p->natives[i];
        char why[128];
        const foreign_setup how = {.name = n->name, .declaration = n->declaration, .direct = n->call, .ffi = p->ffi};
        const foreign *f = foreign_for_ever(&how, why, sizeof why);
        if (!f)
            return false;
        n->fn = &f->fn;
    }
    return true;
}

int ion_natives_load(const ion_program *p, const grants *may, int quiet)
{
    return may ? open_all(p, may, quiet) : make_all(p);
}

bool natives_busy(const ion_program *p)
{
    bool busy = false;
    for (ion_u32 i = 0; i < p->nnatives; i++) {
        const foreign *f = (const foreign *)(const void *)p->natives[i].fn;
        busy |= f && atomic_load_explicit(&f->calls, memory_order_acquire) != 0;
    }
    return busy;
}

void natives_forget(const ion_program *p)
{
    for (ion_u32 i = 0; i < p->nnatives; i++) {
        foreign *f = (foreign *)(uintptr_t)p->natives[i].fn;
        if (f && f->direct)
            foreign_forget(f);
        p->natives[i].fn = NULL;
    }
}
