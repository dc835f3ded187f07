/* base.h: what every part of the compiler stands on: a compilation and its options, the arena, buffers, diagnostics. */
#ifndef IONC_BASE_H
#define IONC_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "capability.h"
#include "ion/abi.h"
#include "limit.h"
#include "signature.h"

#define IONC_VERSION "0.1.0"

/* ---- base.c: arena, buffers, diagnostics ------------------------------------------------------------------------ */

typedef struct arena arena;
typedef struct arena_mark {
    void *chunk;
    char *at, *end;
} arena_mark;

typedef enum optimisation {
#define ION_OPTIMISATION(id, name, text) OPT_##id,
#include "optimisations.def"
#undef ION_OPTIMISATION
    OPT_COUNT
} optimisation;
_Static_assert(OPT_COUNT <= 64, "a bit each");
typedef struct optimisation_row {
    const char *name, *text;
} optimisation_row;
extern const optimisation_row optimisations[OPT_COUNT];

/* What a user may set; the command line fills it in, everything else reads it. */
typedef struct options {
    int opt_level;          /* -O: 0..3 */
    uint64_t without;       /* --no-opt: 1 << OPT_… */
    bool debug_info;        /* -g */
    bool shared;            /* --shared: an object for hosts to load (shared.h) */
    uint32_t jobs;          /* C compilers side by side; 0: as many as cores */
    bool no_cache;          /* results of the C compiler are neither taken from the cache nor put there */
    uint32_t unit_size;     /* instructions in a C file; 0: emit_units.c's choice */
    bool exact;             /* a yield point after every instruction */
    bool trace;             /* --debug */
    bool print_result;
    bool verbose;
    uint32_t timeslice;     /* reductions; 0: the runtime's default */
    uint32_t schedulers;    /* 0: the runtime's default */
    uint64_t limit[LIMITS]; /* --limit; 0: none */
    const char *allow, *deny; /* --allow, --deny: lists of capabilities; NULL: all, none */
    int dialect;            /* 0: find out; else 1..5 */
    const char *cc;         /* NULL: $CC, then cc, gcc, clang, tcc */
    /* where dependencies come from */
    const char **folders;   /* -L */
    uint32_t nfolders;
    const char *registry;   /* --registry; NULL: $ION_REGISTRY */
    const char *lock_file;  /* --lock-file; NULL: beside the package */
    bool update;            /* as if there were no lock */
    const char *keys;       /* --require-signature: a file of keys, or one key; NULL: packages need no signature */
    bool locking;           /* --lock: resolve anew, with sums */
    /* limits on packages, each with a flag */
    uint64_t max_class;     /* bytes of one class */
    uint64_t max_code;      /* instructions of one class */
    uint64_t max_unpacked;  /* bytes of all entries */
    uint64_t max_ratio;     /* unpacked / packed */
} options;

/* A growing byte string in the arena; always NUL-ended behind its length. */
typedef struct buffer {
    struct compilation *c;
    char *data;
    size_t len, cap;
} buffer;

/* One compilation: its memory, its settings and the way out of it. */
typedef struct compilation {
    arena *mem;
    options opt;
    const char *input;      /* what messages name first: the package's path */
    jmp_buf fatal;          /* set by COMPILATION_TRY */
    char *message;          /* the diagnostic, one line without a newline, in `mem` */
    void (*warn)(void *to, const char *line);
    void *warn_to;
    struct compilation *inner, *next, *outer;   /* see compilation_inner */
    arena_mark start;                           /* an inner one's memory when empty */
    buffer line;                                /* where arena_format makes its text */
} compilation;

options options_default(void);
/* Starts a compilation; `input` is borrowed. Warnings go to `warn` (NULL: stderr). Returns NULL when memory is out. */
compilation *compilation_new(const char *input, const options *opt, void (*warn)(void *, const char *), void *warn_to);
void compilation_free(compilation *c);
/* A compilation inside another, whose memory is given back earlier: by compilation_empty, as often as one likes, and with
 * the outer one in the end. What fails in it fails the outer one. */
compilation *compilation_inner(compilation *outer);
void compilation_empty(compilation *inner);
/* True at first; after a `fail` inside it comes back as false, and c->message says what was wrong. */
#define COMPILATION_TRY(c) (setjmp((c)->fatal) == 0)

/* Whether to do an optimisation: asked for, and not compiling for -O0, --exact or --debug. */
bool optimise(const compilation *c, optimisation which);

/* Zeroed memory that lives as long as the compilation. Fails (fatally) when memory is out. */
void *arena_alloc(compilation *c, size_t bytes);
void *arena_grow(compilation *c, void *old, size_t old_bytes, size_t bytes);
char *arena_format(compilation *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_string(compilation *c, const char *bytes, size_t n);    /* copy, NUL added */
/* Gives back all that was allocated since the mark; nothing older may have been grown in between. */
arena_mark arena_save(compilation *c);
void arena_restore(compilation *c, arena_mark mark);
/* Memory of fixed-size pieces: `ptr = GROW(c, ptr, count, capacity)` makes room for one more element. */
#define GROW(c, ptr, count, cap)                                                                                       \
    ((count) < (cap) ? (ptr)                                                                                           \
                     : grow_array((c), (ptr), &(cap), sizeof *(ptr)))
void *grow_array(compilation *c, void *ptr, uint32_t *cap, size_t size);

#define NO_OFFSET UINT64_MAX
/* Ends the compilation: `INPUT: ENTRY: offset N: text` (entry may be NULL, offset NO_OFFSET). Text is lower case. */
_Noreturn void fail(compilation *c, const char *entry, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* One line `warning: INPUT: ENTRY: text`. */
void warn(compilation *c, const char *entry, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adding to a growing byte string. What is a literal is copied without a call. */
void buf_grow(buffer *b, size_t n);                 /* makes room for n more bytes, and a NUL, that it does not have */
static inline void buf_put(buffer *b, const void *bytes, size_t n)
{
    if (n >= b->cap - b->len)
        buf_grow(b, n);
    if (n)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = 0;
}
static inline void buf_puts(buffer *b, const char *s)
{
    buf_put(b, s, strlen(s));
}
void buf_number(buffer *b, uint32_t u);             /* in decimal */
void buf_printf(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text with its length; may hold NUL bytes. Always NUL-ended too. */
typedef struct text {
    const char *s;
    uint32_t n;
} text;
bool text_equal(text a, text b);
text text_of(const char *s);                        /* borrows s */
bool utf8_valid(const char *s, size_t n, size_t *bad);  /* *bad: offset of the first wrong byte */
/* A map from text to uint32_t, in the arena. Looking up a missing key gives NOT_FOUND. */
typedef struct textmap {
    struct textmap_entry *slots;
    uint32_t count, cap;
} textmap;
#define NOT_FOUND UINT32_MAX
uint32_t textmap_get(const textmap *m, text key);
void textmap_put(compilation *c, textmap *m, text key, uint32_t value);  /* replaces */
/* Reads a whole file, or fails. `limit`: the most bytes accepted. */
text read_file(compilation *c, const char *path, uint64_t limit);
/* Writes a file as a whole or not at all (a temporary one beside it, then a rename); `mode` as chmod's. */
void write_file(compilation *c, const char *path, const void *data, size_t n, int mode);
/* The same for pieces that follow each other. */
typedef struct piece {
    const void *data;
    size_t n;
} piece;
void write_pieces(compilation *c, const char *path, const piece *pieces, int n, int mode);

#endif
