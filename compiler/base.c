/* base.c: memory, diagnostics, byte strings, text maps and files.
 *
 * The arena is a list of chunks. A small block is carved from the current chunk; a block of more than BIG bytes has a
 * chunk to itself, so that growing it is a realloc. Under AddressSanitizer every block is big, and so watched.
 *
 * Invariants: memory handed out is zeroed, 16-byte aligned and lives until compilation_free. `fail` needs no memory
 * when the reason is that there is none. Nothing here holds a descriptor or a malloc'd block across a `fail`.
 */
#include "ionc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__
#define EVERY_BLOCK_BIG 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define EVERY_BLOCK_BIG 1
#endif
#endif

#ifdef EVERY_BLOCK_BIG
enum { CHUNK = 0, BIG = 0, ALIGN = 16 };
#else
enum { CHUNK = 256 * 1024, BIG = 32 * 1024, ALIGN = 16 };
#endif

typedef struct chunk {
    struct chunk *prev, *next;
    _Alignas(16) char data[];
} chunk;

struct arena {
    chunk *first;       /* all chunks, newest first */
    char *at, *end;     /* what is left of the chunk that small blocks come from */
    char no_memory[64]; /* the message for when there is no room to format one */
};

options options_default(void)
{
    options o = {0};
    o.opt_level = 2;
    o.max_class = UINT64_C(64) << 20;
    o.max_code = UINT64_C(8) << 20;
    o.max_unpacked = UINT64_C(1) << 30;
    o.max_ratio = 1000;
    return o;
}

const optimisation_row optimisations[OPT_COUNT] = {
#define ION_OPTIMISATION(id, name, text) {name, text},
#include "optimisations.def"
#undef ION_OPTIMISATION
};

bool optimise(const compilation *c, optimisation which)
{
    const options *o = &c->opt;
    return o->opt_level > 0 && !o->exact && !o->trace && !(o->without >> which & 1);
}

compilation *compilation_new(const char *input, const options *opt, void (*warn_fn)(void *, const char *),
                             void *warn_to)
{
    compilation *c = calloc(1, sizeof *c);
    arena *mem = calloc(1, sizeof *mem);
    if (!c || !mem) {
        free(c);
        free(mem);
        return NULL;
    }
    c->mem = mem;
    c->opt = opt ? *opt : options_default();
    c->input = input;
    c->warn = warn_fn;
    c->warn_to = warn_to;
    return c;
}

static _Noreturn void fail_no_memory(compilation *c);

static void arena_free(arena *a)
{
    for (chunk *k = a->first, *next; k; k = next) {
        next = k->next;
        free(k);
    }
    free(a);
}

void compilation_free(compilation *c)
{
    if (!c)
        return;
    for (compilation *i = c->inner; i; i = i->next)
        arena_free(i->mem);
    arena_free(c->mem);
    free(c);
}

compilation *compilation_inner(compilation *outer)
{
    compilation *c = arena_alloc(outer, sizeof *c);
    *c = (compilation){.opt = outer->opt,
                       .input = outer->input,
                       .warn = outer->warn,
                       .warn_to = outer->warn_to,
                       .outer = outer,
                       .mem = calloc(1, sizeof *c->mem)};
    if (!c->mem)
        fail_no_memory(outer);
    c->next = outer->inner;
    outer->inner = c;
    arena_alloc(c, 1); /* a first chunk, which stays */
    c->start = arena_save(c);
    return c;
}

void compilation_empty(compilation *inner)
{
    arena_restore(inner, inner->start);
}

/* ---- arena --------------------------------------------------------------------------------------------------------
 */

static chunk *chunk_new(arena *a, size_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        return NULL;
    chunk *k = calloc(1, sizeof *k + bytes);
    if (!k)
        return NULL;
    k->next = a->first;
    if (k->next)
        k->next->prev = k;
    a->first = k;
    return k;
}

/* As arena_alloc; NULL when memory is out. */
static void *try_alloc(arena *a, size_t bytes)
{
    if (bytes > BIG || BIG == 0) {
        chunk *k = chunk_new(a, bytes);
        return k ? k->data : NULL;
    }
    bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if ((size_t)(a->end - a->at) < bytes) {
        chunk *k = chunk_new(a, CHUNK);
        if (!k)
            return NULL;
        a->at = k->data;
        a->end = k->data + CHUNK;
    }
    void *p = a->at;
    a->at += bytes;
    return p;
}

/* As arena_grow; NULL when memory is out, with the old block as it was. What is new is zeroed if `zero`: a page that is
 * never touched costs nothing. */
static void *try_grow(arena *a, void *old, size_t old_bytes, size_t bytes, bool zero)
{
    if (!old)
        return try_alloc(a, bytes);
    if (bytes <= old_bytes)
        return old;
    if (old_bytes > BIG && bytes <= SIZE_MAX / 2) {
        chunk *k = (chunk *)((char *)old - offsetof(chunk, data));
        k = realloc(k, sizeof *k + bytes);
        if (!k)
            return NULL;
        if (k->prev)
            k->prev->next = k;
        else
            a->first = k;
        if (k->next)
            k->next->prev = k;
        if (zero)
            memset(k->data + old_bytes, 0, bytes - old_bytes);
        return k->data;
    }
    void *p = try_alloc(a, bytes);
    if (p)
        memcpy(p, old, old_bytes);
    return p;
}

static compilation *outermost(compilation *c)
{
    while (c->outer)
        c = c->outer;
    return c;
}

static _Noreturn void fail_no_memory(compilation *c)
{
    c = outermost(c);
    snprintf(c->mem->no_memory, sizeof c->mem->no_memory, "%.40s: out of memory", c->input);
    c->message = c->mem->no_memory;
    longjmp(c->fatal, 1);
}

void *arena_alloc(compilation *c, size_t bytes)
{
    void *p = try_alloc(c->mem, bytes);
    if (!p)
        fail_no_memory(c);
    return p;
}

void *arena_grow(compilation *c, void *old, size_t old_bytes, size_t bytes)
{
    void *p = try_grow(c->mem, old, old_bytes, bytes, true);
    if (!p)
        fail_no_memory(c);
    return p;
}

arena_mark arena_save(compilation *c)
{
    return (arena_mark){c->mem->first, c->mem->at, c->mem->end};
}

void arena_restore(compilation *c, arena_mark mark)
{
    arena *a = c->mem;
    c->line = (buffer){0};
    if (mark.at)
        memset(mark.at, 0, (size_t)((a->end == mark.end ? a->at : mark.end) - mark.at));
    while (a->first != mark.chunk) {
        chunk *k = a->first;
        a->first = k->next;
        free(k);
    }
    if (a->first)
        a->first->prev = NULL;
    a->at = mark.at;
    a->end = mark.end;
}

void *grow_array(compilation *c, void *ptr, uint32_t *cap, size_t size)
{
    uint32_t more = *cap ? *cap * 2 : 8;
    if (more <= *cap || more > SIZE_MAX / 4 / size)
        fail_no_memory(c);
    ptr = arena_grow(c, ptr, *cap * size, more * size);
    *cap = more;
    return ptr;
}

char *arena_string(compilation *c, const char *bytes, size_t n)
{
    char *s = arena_alloc(c, n + 1);
    if (n)
        memcpy(s, bytes, n);
    return s;
}

static void buf_vprintf(buffer *b, const char *format, va_list list);

static char *format_list(compilation *c, const char *format, va_list list)
{
    buffer *b = &c->line;
    b->c = c;
    b->len = 0;
    buf_vprintf(b, format, list);
    return arena_string(c, b->data, b->len);
}

char *arena_format(compilation *c, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *s = format_list(c, format, list);
    va_end(list);
    return s;
}

/* ---- diagnostics --------------------------------------------------------------------------------------------------
 */

/* Names come from files: one line stays one line, and nothing reaches a terminal as a command. */
static char *one_line(char *s)
{
    for (char *p = s; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = '?';
    return s;
}

void fail(compilation *c, const char *where, uint64_t offset, const char *format, ...)
{
    c = outermost(c);
    buffer b = {.c = c};
    buf_printf(&b, "%s: ", c->input);
    if (where)
        buf_printf(&b, "%s: ", where);
    if (offset != NO_OFFSET)
        buf_printf(&b, "offset %llu: ", (unsigned long long)offset);
    va_list list;
    va_start(list, format);
    buf_puts(&b, format_list(c, format, list));
    va_end(list);
    c->message = one_line(b.data);
    longjmp(c->fatal, 1);
}

void warn(compilation *c, const char *where, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *what = format_list(c, format, list);
    va_end(list);
    char *line = arena_format(c, "warning: %s: %s%s%s", c->input, where ? where : "", where ? ": " : "", what);
    one_line(line);
    if (c->warn)
        c->warn(c->warn_to, line);
    else
        fprintf(stderr, "%s\n", line);
}

/* ---- buffers and text ---------------------------------------------------------------------------------------------
 */

void buf_grow(buffer *b, size_t n)
{
    size_t cap = b->cap ? b->cap : 64;
    while (cap - b->len <= n) {
        if (cap > SIZE_MAX / 4)
            fail_no_memory(b->c);
        cap *= 2;
    }
    b->data = try_grow(b->c->mem, b->data, b->cap, cap, false);
    if (!b->data)
        fail_no_memory(b->c);
    b->cap = cap;
}

/* Makes room for n more bytes and a NUL. */
static inline void buf_room(buffer *b, size_t n)
{
    if (n >= b->cap - b->len)
        buf_grow(b, n);
}

enum { NUMBER_MOST = 20 }; /* characters of a number that is not left to the C library */

/* These two write to where there is room for so many; they give the end. */
static char *write_decimal(char *at, uint32_t u)
{
    if (u < 10) { /* most are registers */
        *at = (char)('0' + u);
        return at + 1;
    }
    int digits = 2;
    for (uint32_t rest = u / 100; rest; rest /= 10)
        digits++;
    for (int i = digits; i > 0; u /= 10)
        at[--i] = (char)('0' + u % 10);
    return at + digits;
}

static char *write_hex(char *at, unsigned long long u)
{
    int shift = 60;
    while (shift && !(u >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *at++ = "0123456789abcdef"[u >> shift & 15];
    return at;
}

void buf_number(buffer *b, uint32_t u)
{
    buf_room(b, NUMBER_MOST);
    char *end = write_decimal(b->data + b->len, u);
    *end = 0;
    b->len = (size_t)(end - b->data);
}

/* Leaves a format, from some conversion on, to the C library. */
static void buf_vprintf_rest(buffer *b, const char *format, va_list list)
{
    va_list again;
    va_copy(again, list);
    buf_room(b, 32);
    int n = vsnprintf(b->data + b->len, b->cap - b->len, format, list);
    if ((size_t)n >= b->cap - b->len) {
        buf_room(b, (size_t)n);
        vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
    }
    va_end(again);
    b->len += (size_t)n;
}

/* Texts of formats are a few characters long: most of a call to copy each would be the call. */
static inline void copy_short(char *to, const char *from, size_t n)
{
    if (n > 16) {
        memcpy(to, from, n);
    } else if (n >= 8) {
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
    } else if (n >= 4) {
        memcpy(to, from, 4);
        memcpy(to + n - 4, from + n - 4, 4);
    } else if (n) {
        to[0] = from[0];
        to[n / 2] = from[n / 2];
        to[n - 1] = from[n - 1];
    }
}

static inline char *write_text(buffer *b, char *at, const char *s, size_t n)
{
    b->len = (size_t)(at - b->data);
    buf_room(b, n + NUMBER_MOST);
    at = b->data + b->len;
    copy_short(at, s, n);
    return at + n;
}

/* Most of the emitter's time would be the C library's formatting; what it uses most is done here. There is always room
 * for a number at `at`. */
static void buf_vprintf(buffer *b, const char *format, va_list list)
{
    buf_room(b, NUMBER_MOST);
    char *at = b->data + b->len;
    for (;;) {
        const char *percent = strchrnul(format, '%');
        at = write_text(b, at, format, (size_t)(percent - format));
        if (!*percent)
            break;
        format = percent + 2;
        switch (percent[1]) {
        case 'u': at = write_decimal(at, va_arg(list, unsigned)); continue;
        case 's': {
            const char *s = va_arg(list, const char *);
            at = write_text(b, at, s, strlen(s));
            continue;
        }
        case 'c': *at++ = (char)va_arg(list, int); continue;
        case '%': *at++ = '%'; continue;
        case '+':
            if (percent[2] == 'd') {
                int d = va_arg(list, int);
                *at++ = d < 0 ? '-' : '+';
                at = write_decimal(at, d < 0 ? -(unsigned)d : (unsigned)d);
                format++;
                continue;
            }
            break;
        case 'l':
            if (percent[2] == 'l' && percent[3] == 'x') {
                at = write_hex(at, va_arg(list, unsigned long long));
                format += 2;
                continue;
            }
            break;
        }
        b->len = (size_t)(at - b->data);
        buf_vprintf_rest(b, percent, list);
        return;
    }
    *at = 0;
    b->len = (size_t)(at - b->data);
}

void buf_printf(buffer *b, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    buf_vprintf(b, format, list);
    va_end(list);
}

bool text_equal(text a, text b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

text text_of(const char *s)
{
    return (text){s, (uint32_t)strlen(s)};
}

/* Length of the well-formed sequence at s (shortest form, no surrogates, at most U+10FFFF); 0 if there is none. */
static size_t utf8_step(const unsigned char *s, size_t n)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    if (len < 2)
        return len;
    if (len > n)
        return 0;
    uint32_t code = s[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3F);
    }
    return code < least[len] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : len;
}

bool utf8_valid(const char *s, size_t n, size_t *bad)
{
    for (size_t at = 0, step; at < n; at += step) {
        step = utf8_step((const unsigned char *)s + at, n - at);
        if (step == 0) {
            if (bad)
                *bad = at;
            return false;
        }
    }
    return true;
}

/* ---- text maps: open addressing, linear probing, at most three quarters full; keys are borrowed -------------------
 */

struct textmap_entry {
    text key; /* s is NULL in a free slot */
    uint32_t value;
    uint32_t hash;
};

static uint32_t text_hash(text t)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (uint32_t i = 0; i < t.n; i++)
        h = (h ^ (unsigned char)t.s[i]) * UINT64_C(0x100000001B3);
    return (uint32_t)(h ^ h >> 32);
}

static struct textmap_entry *textmap_slot(const textmap *m, text key, uint32_t hash)
{
    for (uint32_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        struct textmap_entry *e = &m->slots[i];
        if (!e->key.s || (e->hash == hash && text_equal(e->key, key)))
            return e;
    }
}

uint32_t textmap_get(const textmap *m, text key)
{
    if (m->cap == 0)
        return NOT_FOUND;
    const struct textmap_entry *e = textmap_slot(m, key, text_hash(key));
    return e->key.s ? e->value : NOT_FOUND;
}

void textmap_put(compilation *c, textmap *m, text key, uint32_t to)
{
    if (m->count >= m->cap / 4 * 3) {
        textmap wider = {.cap = m->cap ? m->cap * 2 : 16, .count = m->count};
        wider.slots = arena_alloc(c, wider.cap * sizeof *wider.slots);
        for (uint32_t i = 0; i < m->cap; i++)
            if (m->slots[i].key.s)
                *textmap_slot(&wider, m->slots[i].key, m->slots[i].hash) = m->slots[i];
        *m = wider;
    }
    uint32_t hash = text_hash(key);
    struct textmap_entry *e = textmap_slot(m, key, hash);
    if (!e->key.s) {
        m->count++;
        e->key = (text){key.s ? key.s : "", key.n};
        e->hash = hash;
    }
    e->value = to;
}

/* ---- files --------------------------------------------------------------------------------------------------------
 */

/* Messages name the input once. */
static const char *other_than_input(compilation *c, const char *path)
{
    return strcmp(path, c->input) == 0 ? NULL : path;
}

typedef enum read_result { READ_DONE, READ_ERROR, READ_LONG, READ_NO_MEMORY } read_result;

/* Reads to the end, so that pipes work and a size that is announced is a guess only. */
static read_result read_all(compilation *c, int fd, uint64_t limit, char **data, size_t *len)
{
    struct stat st;
    size_t cap = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size <= limit ? (size_t)st.st_size : 0;
    cap += 4096;
    *data = try_alloc(c->mem, cap);
    *len = 0;
    for (;;) {
        if (!*data)
            return READ_NO_MEMORY;
        ssize_t n = read(fd, *data + *len, cap - *len - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? READ_ERROR : READ_DONE;
        *len += (size_t)n;
        if (*len > limit)
            return READ_LONG;
        if (*len == cap - 1) {
            *data = try_grow(c->mem, *data, cap, cap * 2, true);
            cap *= 2;
        } else {
            (*data)[*len] = 0;
        }
    }
}

text read_file(compilation *c, const char *path, uint64_t limit)
{
    if (limit > UINT32_MAX - 1)
        limit = UINT32_MAX - 1;
    const char *name = other_than_input(c, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail(c, name, NO_OFFSET, "cannot open: %s", strerror(errno));
    char *data;
    size_t len;
    read_result result = read_all(c, fd, limit, &data, &len);
    int error = errno;
    close(fd);
    switch (result) {
    case READ_NO_MEMORY: fail_no_memory(c);
    case READ_ERROR: fail(c, name, NO_OFFSET, "cannot read: %s", strerror(error));
    case READ_LONG: fail(c, name, NO_OFFSET, "larger than %llu bytes", (unsigned long long)limit);
    case READ_DONE: break;
    }
    return (text){data, (uint32_t)len};
}

static bool write_all(int fd, const char *data, size_t n)
{
    while (n) {
        ssize_t done = write(fd, data, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        data += done;
        n -= (size_t)done;
    }
    return true;
}

/* Creates a file that nobody else has, beside `path`; its name goes to *temp. */
static int open_beside(compilation *c, const char *path, int mode, char **temp)
{
    for (unsigned i = 0; i < 100; i++) {
        *temp = arena_format(c, "%s.%ld-%u.tmp", path, (long)getpid(), i);
        int fd = open(*temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

void write_file(compilation *c, const char *path, const void *data, size_t n, int mode)
{
    write_pieces(c, path, &(piece){data, n}, 1, mode);
}

void write_pieces(compilation *c, const char *path, const piece *pieces, int n, int mode)
{
    const char *name = other_than_input(c, path);
    char *temp = NULL, *resolved = realpath(path, NULL);
    char *real = resolved ? arena_string(c, resolved, strlen(resolved)) : arena_string(c, path, strlen(path));
    free(resolved);
    struct stat st;
    /* A device or a pipe is written to, never replaced; a link is followed. */
    bool special = stat(real, &st) == 0 && !S_ISREG(st.st_mode);
    int fd = special ? open(real, O_WRONLY | O_CLOEXEC) : open_beside(c, real, mode, &temp);
    if (fd < 0)
        fail(c, name, NO_OFFSET, "cannot create: %s", strerror(errno));
    bool good = true;
    for (int i = 0; i < n && good; i++)
        good = write_all(fd, pieces[i].data, pieces[i].n);
    int error = errno;
    if (close(fd) != 0 && good) {
        good = false;
        error = errno;
    }
    if (good && !special && rename(temp, real) != 0) {
        good = false;
        error = errno;
    }
    if (!good) {
        if (!special)
            unlink(temp);
        fail(c, name, NO_OFFSET, "cannot write: %s", strerror(error));
    }
}
