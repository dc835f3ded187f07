/* package.c: packages: archives and shared objects, from files and from memory, and their code.
 *
 * Reading a package checks all of it, and keeps what the compiler made of that until its code is wanted; then it is compiled in memory and
 * the rest given back. A shared object is loaded from a copy in memory, so that its file may be replaced, and each package has
 * code and constants of its own. A package lives as long as somebody holds it: the host, or a runtime that uses it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "atom.h"
#include "embed.h"
#include "ionc.h"
#include "jit.h"
#include "program.h"
#include "shared.h"

struct ion_package {
    _Atomic uint32_t holders;
    pthread_mutex_t lock;      /* all that follows, until `program` is there */
    ion_status status;
    char text[TEXT];
    char *name;
    compilation *c;            /* with what it read: until the code is made */
    package *pack;
    struct program *front;
    jit_code code;
    char *carried;             /* what the code refers to as ion_carried */
    void *shared;              /* dlopen's */
    ion_program of_shared;     /* its program */
    _Atomic(const ion_program *) program;
    ion_entry *entries;        /* of program->functions */
    ion_entry main;
    ion_package *next;         /* of those that go later */
};

static ion_status refuse(ion_package *p, ion_status s, const char *text)
{
    p->status = s;
    snprintf(p->text, sizeof p->text, "%s", text);
    return s;
}

static ion_status refuse_memory(ion_package *p)
{
    return refuse(p, ION_E_MEMORY, "out of memory");
}

static ion_package *package_new(void)
{
    ion_package *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    atomic_init(&p->holders, 1);
    pthread_mutex_init(&p->lock, NULL);
    if (!atoms_init())
        refuse_memory(p);
    return p;
}

static void drop_front(ion_package *p)
{
    compilation_free(p->c);
    p->c = NULL;
    p->pack = NULL;
    p->front = NULL;
}

static void ignore(void *to, const char *line)
{
    (void)to, (void)line;
}

/* ---- archives ---- */

/* In a frame of its own: what setjmp may spoil is not looked at afterwards. */
static NOT_INLINE bool read_front(ion_package *p, const char *path, const char *bytes, size_t size)
{
    compilation *c = p->c;
    if (!COMPILATION_TRY(c))
        return false;
    if (size >= UINT32_MAX)
        fail(c, NULL, NO_OFFSET, "larger than 4 GiB");
    p->pack = package_read_memory(c, c->input, (text){bytes, (uint32_t)size});
    const manifest *m = manifest_parse(c, p->pack);
    if (m->dependencies && path)
        p->front = compile_front(c, path, &p->pack);
    else
        p->front = program_link(c, resolve_alone(c, p->pack, m));
    return true;
}

static void read_archive(ion_package *p, const char *name, const char *path, const char *bytes, size_t size)
{
    options o = options_default();
    o.without = UINT64_C(1) << OPT_REACH; /* the host may call any function */
    p->name = strdup(name);
    p->c = p->name ? compilation_new(p->name, &o, ignore, NULL) : NULL;
    if (!p->c) {
        refuse_memory(p);
    } else if (!read_front(p, path, bytes, size)) {
        refuse(p, ION_E_PACKAGE, p->c->message);
        drop_front(p);
    }
}

static const emit_options plain = {.carry = true}; /* one unit, without comments */

static NOT_INLINE bool make_code(ion_package *p)
{
    compilation *c = p->c;
    if (!COMPILATION_TRY(c))
        return false;
    compile_back(c, p->front);
    c_code *code = program_emit(c, p->front, p->pack, plain);
    buffer all = {.c = c};
    buf_puts(&all, ion_abi_text);
    buf_puts(&all, "\n");
    buf_put(&all, code->units->head.data, code->units->head.len);
    buf_put(&all, code->units->body.data, code->units->body.len);
    size_t n = carried_size(code);
    p->carried = malloc(n + 1);
    if (!p->carried)
        fail(c, NULL, NO_OFFSET, "out of memory");
    memcpy(p->carried, carry_together(c, code), n);
    if (!jit_compile_with(&p->code, all.data, p->carried)) {
        const char *why = arena_format(c, "%s", p->code.message);
        fail(c, NULL, NO_OFFSET, "libtcc refuses the generated C: %s", why);
    }
    return true;
}

/* ---- shared objects ---- */

static bool is_shared(const char *bytes, size_t size)
{
    return size >= 4 && memcmp(bytes, "\177ELF", 4) == 0;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno != EINTR)
            return false;
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static void *open_copy(const char *bytes, size_t size)
{
    char path[40];
    int fd = memfd_create("ion", MFD_CLOEXEC);
    if (fd < 0)
        return NULL;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    void *handle = write_all(fd, bytes, size) ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    close(fd);
    return handle;
}

static void read_shared(ion_package *p, const char *name, const char *bytes, size_t size)
{
    char text[TEXT];
    p->shared = open_copy(bytes, size);
    if (!p->shared) {
        const char *why = dlerror();
        snprintf(text, sizeof text, "%s: %s", name, why ? why : "out of memory");
        refuse(p, ION_E_PACKAGE, text);
        return;
    }
    const shared_package *s = dlsym(p->shared, SHARED_SYMBOL);
    if (!s || !shared_connect(s, &p->of_shared)) {
        snprintf(text, sizeof text, "%s: %s", name,
                 s ? "made by another version of ionc" : "no package made by ionc --shared");
        refuse(p, s ? ION_E_CODE : ION_E_PACKAGE, text);
        return;
    }
    if (!program_load_quietly(&p->of_shared))
        refuse_memory(p);
    else
        atomic_store(&p->program, &p->of_shared);
}

/* ---- reading ---- */

static ion_package *read_package(const void *bytes, size_t size, const char *name, const char *path)
{
    ion_package *p = package_new();
    if (!p || p->status)
        return p;
    if (!bytes)
        refuse(p, ION_E_INVALID, "no package given");
    else if (is_shared(bytes, size))
        read_shared(p, name, bytes, size);
    else
        read_archive(p, name, path, bytes, size);
    return p;
}

ion_package *ion_package_read(const void *bytes, size_t size, const char *name)
{
    return read_package(bytes, size, name ? name : "package", NULL);
}

static char *file_bytes(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rbe");
    char *bytes = NULL;
    size_t n = 0, cap = 0;
    while (f && !feof(f) && !ferror(f)) {
        if (n == cap) {
            char *more = realloc(bytes, cap = cap ? 2 * cap : 65536);
            if (!more)
                break;
            bytes = more;
        }
        n += fread(bytes + n, 1, cap - n, f);
    }
    bool good = f && feof(f) && !ferror(f);
    int why = errno;
    if (f)
        fclose(f);
    if (!good) {
        free(bytes);
        errno = why;
        return NULL;
    }
    *size = n;
    return bytes;
}

ion_package *ion_package_open(const char *path)
{
    size_t size;
    char *bytes = path ? file_bytes(path, &size) : NULL;
    if (bytes) {
        ion_package *p = read_package(bytes, size, path, path);
        free(bytes);
        return p;
    }
    int why = path ? errno : EINVAL;
    ion_package *p = package_new();
    char text[TEXT];
    snprintf(text, sizeof text, "%s: %s", path ? path : "no path given", strerror(why));
    if (p && !p->status)
        refuse(p, ION_E_FILE, text);
    return p;
}

ion_status ion_package_status(const ion_package *p)
{
    return p ? p->status : ION_E_MEMORY;
}

const char *ion_package_text(const ion_package *p)
{
    return p ? p->text : "out of memory";
}

/* ---- code ---- */

/* With the lock held. */
static ion_status compile_locked(ion_package *p)
{
    if (p->status || atomic_load(&p->program))
        return p->status;
    if (!make_code(p)) {
        refuse(p, ION_E_CODE, p->c->message);
        jit_free(&p->code);
    } else if (!program_load_quietly(p->code.program)) {
        refuse_memory(p);
    } else {
        atomic_store(&p->program, p->code.program);
    }
    drop_front(p);
    return p->status;
}

ion_status ion_package_compile(ion_package *p)
{
    if (!p)
        return ION_E_INVALID;
    if (atomic_load(&p->program))
        return ION_OK;
    pthread_mutex_lock(&p->lock);
    ion_status s = compile_locked(p);
    pthread_mutex_unlock(&p->lock);
    return s;
}

const ion_program *package_program(const ion_package *p)
{
    return atomic_load(&p->program);
}

/* ---- entries ---- */

/* With the lock held. */
static bool make_entries(ion_package *p, const ion_program *program)
{
    if (p->entries || !program->nfunctions)
        return true;
    p->entries = calloc(program->nfunctions, sizeof *p->entries);
    for (uint32_t i = 0; p->entries && i < program->nfunctions; i++)
        p->entries[i] = (ion_entry){program->functions[i], p};
    return p->entries != NULL;
}

/* The last function of a name counts, as it does inside the package; a bare name that two classes have is nobody's. */
static const ion_entry *find(ion_package *p, const ion_program *program, const char *name)
{
    const ion_entry *found = NULL;
    bool more = false;
    for (uint32_t i = 0; i < program->nfunctions; i++) {
        const ion_function *f = program->functions[i];
        size_t n = strlen(f->class_);
        if (strncmp(name, f->class_, n) == 0 && name[n] == ':' && strcmp(name + n + 1, f->name) == 0) {
            found = &p->entries[i];
            more = false;
        } else if (strcmp(name, f->name) == 0) {
            more = found && strcmp(found->fn->class_, f->class_) != 0;
            found = &p->entries[i];
        }
        if (more)
            return NULL;
    }
    return found;
}

const ion_entry *ion_package_entry(ion_package *p, const char *name)
{
    if (ion_package_compile(p) != ION_OK)
        return NULL;
    const ion_program *program = package_program(p);
    const ion_entry *found = NULL;
    pthread_mutex_lock(&p->lock);
    if (!name && program->entry) {
        p->main = (ion_entry){program->entry, p};
        found = &p->main;
    } else if (name && make_entries(p, program)) {
        found = find(p, program, name);
    }
    pthread_mutex_unlock(&p->lock);
    return found;
}

/* ---- the end ---- */

void package_hold(ion_package *p)
{
    atomic_fetch_add(&p->holders, 1);
}

static void release(ion_package *p)
{
    const ion_program *program = atomic_load(&p->program);
    if (program) {
        natives_forget(program);
        program_unload(program);
    }
    jit_free(&p->code);
    if (p->shared)
        dlclose(p->shared);
    drop_front(p);
    pthread_mutex_destroy(&p->lock);
    free(p->carried);
    free(p->entries);
    free(p->name);
    free(p);
}

/* Packages that nobody holds, of whose native functions some are still at work on threads of their own: these return into the package's
 * code. They go when another one does, by when that is over. */
static pthread_mutex_t late_lock = PTHREAD_MUTEX_INITIALIZER;
static ion_package *late;

static bool is_busy(const ion_package *p)
{
    const ion_program *program = atomic_load(&p->program);
    return program && natives_busy(program);
}

static void release_late(void)
{
    ion_package *gone = NULL, *p;
    pthread_mutex_lock(&late_lock);
    for (ion_package **at = &late; (p = *at);) {
        if (is_busy(p)) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        p->next = gone;
        gone = p;
    }
    pthread_mutex_unlock(&late_lock);
    while ((p = gone)) {
        gone = p->next;
        release(p);
    }
}

void ion_package_free(ion_package *p)
{
    if (!p || atomic_fetch_sub(&p->holders, 1) != 1)
        return;
    release_late();
    if (!is_busy(p)) {
        release(p);
        return;
    }
    pthread_mutex_lock(&late_lock);
    p->next = late;
    late = p;
    pthread_mutex_unlock(&late_lock);
}
