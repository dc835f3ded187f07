/* ffi.c: META-INF/FFI.ion and FFI-Libraries → the native functions that a program may call.
 *
 *   line:  LIBRARY ":" declaration          (runtime/signature.c), or empty, or "#" and anything
 *
 * Invariant: every declaration is of a library that is known: one that FFI-Libraries names, or the runtime's own,
 * `ion`. Where a library lies is found out here: under lib/ for the target, then flat; a name with nothing in the
 * package is the system's business, one with something for other systems only is no use here.
 */
#include <stdlib.h>

#include "ionc.h"

#define FFI       "META-INF/FFI.ion"
#define TARGET_OS "linux"
static const char *const target_archs[] = {"x86_64", "x64"};

static text trimmed(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t' || *from == '\r'))
        from++;
    while (from < to && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    return (text){from, (uint32_t)(to - from)};
}

/* ---- libraries ---- */

static const entry *carried(compilation *c, const package *pack, const char *name)
{
    const entry *e = NULL;
    for (size_t i = 0; !e && i < sizeof target_archs / sizeof *target_archs; i++)
        e = package_find(pack, arena_format(c, "lib/" TARGET_OS "/%s/%s", target_archs[i], name));
    if (!e)
        e = package_find(pack, arena_format(c, "lib/" TARGET_OS "/%s", name));
    return e ? e : package_find(pack, arena_format(c, "lib/%s", name));
}

/* Whether the package has a library of that name for any system. */
static bool for_others(const package *pack, text name)
{
    for (uint32_t i = 0; i < pack->n; i++) {
        const char *at = pack->entries[i].name;
        size_t n = strlen(at);
        if (strncmp(at, "lib/", 4) == 0 && n > name.n + 4 && at[n - name.n - 1] == '/' &&
            memcmp(at + n - name.n, name.s, name.n) == 0)
            return true;
    }
    return false;
}

/* The package whose functions are being read. */
typedef struct reader {
    compilation *c;
    natives *f;
    const package *files;
    uint32_t pack;
} reader;

static uint32_t add_library(const reader *r, text name)
{
    compilation *c = r->c;
    natives *f = r->f;
    const package *pack = r->files;
    native_library l = {.name = arena_string(c, name.s, name.n), .pack = r->pack, .index = NOT_FOUND};
    l.data = carried(c, pack, l.name);
    l.place = l.data ? ION_LIBRARY_CARRIED : for_others(pack, name) ? ION_LIBRARY_FOREIGN : ION_LIBRARY_SYSTEM;
    f->libraries = GROW(c, f->libraries, f->nlibraries, f->cap_libraries);
    f->libraries[f->nlibraries] = l;
    return f->nlibraries++;
}

static uint32_t find_library(const reader *r, text name)
{
    natives *f = r->f;
    for (uint32_t i = 0; i < f->nlibraries; i++)
        if (f->libraries[i].pack == r->pack && text_equal(text_of(f->libraries[i].name), name))
            return i;
    if (!text_equal(name, text_of("ion")))
        return NOT_FOUND;
    f->libraries = GROW(r->c, f->libraries, f->nlibraries, f->cap_libraries);
    f->libraries[f->nlibraries] =
        (native_library){.name = "ion", .pack = r->pack, .index = NOT_FOUND, .place = ION_LIBRARY_BUILT_IN};
    return f->nlibraries++;
}

static void read_libraries(const reader *r, const manifest *m)
{
    for (const char *at = m->ffi_libraries; at; at = *at ? at + 1 : NULL) {
        const char *end = at + strcspn(at, ",");
        text name = trimmed(at, end);
        const char *where = package_place(r->c, r->files, "META-INF/MANIFEST.ion");
        if (name.n && find_library(r, name) != NOT_FOUND)
            fail(r->c, where, NO_OFFSET, "FFI-Libraries names %.*s%s", (int)name.n, name.s,
                 text_equal(name, text_of("ion")) ? ", which is the runtime's own" : " twice");
        if (name.n)
            add_library(r, name);
        at = end;
    }
}

/* ---- declarations ---- */

static void add_native(const reader *r, native_decl d)
{
    compilation *c = r->c;
    natives *f = r->f;
    textmap *names = &f->names[r->pack];
    text full = text_of(arena_format(c, "%s:%s", f->libraries[d.library].name, d.signature.name)),
         bare = text_of(arena_string(c, d.signature.name, strlen(d.signature.name)));
    d.name = full;
    uint32_t other = textmap_get(names, bare);
    textmap_put(c, names, bare, other == NOT_FOUND ? f->n : NATIVE_AMBIGUOUS);
    textmap_put(c, names, full, f->n);
    f->list = GROW(c, f->list, f->n, f->cap);
    f->list[f->n++] = d;
}

static void read_line(const reader *r, text line, uint32_t number)
{
    compilation *c = r->c;
    const char *where = package_place(c, r->files, FFI), *colon = memchr(line.s, ':', line.n);
    char why[256];
    if (!colon)
        fail(c, where, NO_OFFSET, "line %u: no colon behind a library's name", number);
    text name = trimmed(line.s, colon), rest = trimmed(colon + 1, line.s + line.n);
    native_decl d = {.library = find_library(r, name), .index = NOT_FOUND};
    if (d.library == NOT_FOUND)
        fail(c, where, NO_OFFSET, "line %u: FFI-Libraries does not name %.*s", number, (int)name.n, name.s);
    if (!signature_parse(&d.signature, rest.s, rest.s + rest.n, why, sizeof why))
        fail(c, where, NO_OFFSET, "line %u: %s", number, why);
    d.declaration = (text){arena_string(c, rest.s, rest.n), rest.n};
    text full = text_of(arena_format(c, "%.*s:%s", (int)name.n, name.s, d.signature.name));
    if (native_find(r->f, r->pack, full) != NOT_FOUND)
        fail(c, where, NO_OFFSET, "line %u: %s is declared twice for %.*s", number, d.signature.name, (int)name.n,
             name.s);
    add_native(r, d);
}

static void read_declarations(const reader *r)
{
    const entry *e = package_find(r->files, FFI);
    size_t bad;
    if (!e)
        return;
    const char *at = e->data.s, *end = at + e->data.n;
    if (!utf8_valid(at, e->data.n, &bad) || memchr(at, 0, e->data.n))
        fail(r->c, package_place(r->c, r->files, FFI), NO_OFFSET, "no UTF-8 text");
    for (uint32_t number = 1; at < end; number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        text line = trimmed(at, stop);
        if (line.n && *line.s != '#')
            read_line(r, line, number);
        at = stop + 1;
    }
}

natives *ffi_read(compilation *c, const program *p)
{
    natives *f = arena_alloc(c, sizeof *f);
    f->names = arena_alloc(c, (p->npacks + 1) * sizeof *f->names);
    for (uint32_t i = 0; i < p->npacks; i++) {
        reader r = {c, f, p->packs[i]->files, i};
        if (!r.files || !p->packs[i]->manifest)
            continue;
        read_libraries(&r, p->packs[i]->manifest);
        read_declarations(&r);
    }
    return f;
}

uint32_t native_find(const natives *f, uint32_t pack, text name)
{
    return textmap_get(&f->names[pack], name);
}

const char *natives_list(compilation *c, const natives *f, uint32_t pack, text name)
{
    buffer b = {.c = c};
    for (uint32_t i = 0; i < f->n; i++)
        if (f->libraries[f->list[i].library].pack == pack && text_equal(text_of(f->list[i].signature.name), name))
            buf_printf(&b, "%s%s", b.len ? ", " : "", f->list[i].name.s);
    return b.data;
}

/* ---- direct calls ---- */

bool native_number(const signature *s)
{
    switch ((native_kind)s->result) {
    case NATIVE_VOID:
    case NATIVE_BOOL:
    case NATIVE_STRING:
    case NATIVE_BYTES:
    case NATIVE_POINTER:
    case NATIVE_VALUE:
    case NATIVE_CALLBACK: return false;
    default: return true;
    }
}

const native_decl *call_native(const program *p, const instr *i, const web *callee)
{
    if (!callee->target || callee->target->meaning != M_NATIVE || callee->type != MAY_FUNCTION)
        return NULL;
    const native_decl *d = &p->natives->list[callee->target->target];
    return signature_plain(&d->signature) && d->signature.n == i->n ? d : NULL;
}
