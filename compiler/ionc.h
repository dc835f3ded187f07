/* ionc.h: a map of the compiler, one section a file, in the order data flows through it.
 *
 *   path ─ package.c ─ manifest.c ─ resolve.c ─ decode.c ─ verify.c ─ link.c ─ cfg.c ─ webs.c ─ infer.c ─ choose.c ─ loops.c ─ emit.c ─┬─ native.c   cc, or a stub
 *                                      │                                                                       └─ run.c      libtcc
 *   text ─ lex.c ─ asm.c ─ encode.c ───┴─ disasm.c      after choose.c, instead of C: explain.c, explain_why.c
 *
 * Everything a compilation makes lives in one arena and goes with it. Errors are fatal to the compilation, not to the
 * program that runs it: `fail` fills in the diagnostic and jumps to the entry that began the compilation. Passes take
 * a `compilation *` first and never return NULL unless they say so.
 */
#ifndef IONC_H
#define IONC_H

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

/* ---- package.c: the ZIP archive (the one user of libzip) ---------------------------------------------------------- */

typedef struct entry {
    const char *name;
    text data;
} entry;

typedef struct package {
    const char *path;
    entry *entries;
    uint32_t n;
} package;

/* Reads all entries of an archive, refusing what docs/container.md says is refused. Files only, no folders. */
package *package_read(compilation *c, const char *path);
/* The same for an archive in memory; `path` is for messages, `data` is borrowed while reading. */
package *package_read_memory(compilation *c, const char *path, text data);
/* How messages name an entry (NULL: the archive itself): with the package's path where that is not c->input. */
const char *package_place(compilation *c, const package *p, const char *name);
/* Writes an archive: stored entries, fixed times, in the order given; the same input gives the same bytes. */
void package_write(compilation *c, const package *p, const char *path);
text package_bytes(compilation *c, const package *p);              /* the same archive, in memory */
const entry *package_find(const package *p, const char *name);     /* NULL if there is none */

/* ---- manifest.c --------------------------------------------------------------------------------------------------- */

typedef struct manifest {
    const char *pack_version;       /* NULL where missing */
    const char *name, *version;
    const char *main_class;         /* NULL where missing, as all below */
    const char *entry_point;
    const char *description, *author, *dependencies, *ffi_libraries, *exports;
} manifest;

/* Parses META-INF/MANIFEST.ion; fails on a line without a colon, a missing Name or Version, a wrong version. */
manifest *manifest_parse(compilation *c, const package *p);

/* ---- semver.c: versions and ranges -------------------------------------------------------------------------------- */

typedef struct version {
    uint64_t part[3];
    const char *pre;                /* what follows a `-`; "" if nothing does */
} version;
/* Reads n bytes that are a version; false if they are something else. */
bool version_parse(compilation *c, const char *s, size_t n, version *v);
int version_compare(const version *a, const version *b);

typedef struct interval {
    version low, high, named;       /* named: as it was written */
    bool has_low, has_high;
    bool low_out, high_out;         /* the ends do not belong to it */
} interval;
typedef struct range {              /* what is in all of them; none: every version */
    interval *list;
    uint32_t n, cap;
} range;
bool range_operator(const char *s);                                /* whether a piece begins with one: < > ^ ~ */
bool range_add(compilation *c, range *r, const char *s, size_t n); /* one piece; false if it is none */
bool range_has(const range *r, const version *v);

/* ---- depend.c: the manifest's Dependencies ------------------------------------------------------------------------ */

typedef struct requirement {
    const char *name;
    const char *text;               /* as it was written, without white space */
    range range;
} requirement;
/* What a package says that it needs; `where` is for messages. */
requirement *requirements_read(compilation *c, const manifest *m, const char *where, uint32_t *n);
/* Whether packages that others depend on can be called so: it is part of file names. */
bool dependency_name(const char *s, size_t n);

/* ---- search.c: the packages of a name that there are --------------------------------------------------------------- */

/* The standard library is part of the runtime, but may be listed like a package. */
#define STANDARD_LIBRARY "std"
#define STANDARD_VERSION "1.0.0"

/* One package of a program, with all that resolve.c finds out. */
typedef struct pack {
    const char *name;
    const char *version;            /* as it is written where it was found */
    version v;
    const char *path;               /* NULL: the standard library, which is part of the runtime */
    const char *sum;                /* SHA-256 of the file, in hex; NULL: not asked for */
    const char *from;               /* NULL: a folder; else what to fetch it from, once it has been chosen */
    uint32_t place;                 /* the number of the folder */
    package *files;                 /* NULL: not read yet */
    const manifest *manifest;
    requirement *needs;
    uint32_t nneeds;
    /* set by resolve.c */
    uint32_t *uses;                 /* per requirement: the index of the package that meets it */
    /* set by link.c */
    struct class **classes;         /* NULL: not read yet */
    uint32_t nclasses;
    uint32_t first_class;           /* index in program.classes */
} pack;

/* Where packages are looked for, in order: the program's own folder, -L, $ION_PATH, the user's, the system's; then a
 * registry. */
typedef struct places {
    const char **folders;
    uint32_t n, cap;
    const char *registry;           /* an address; NULL: none */
    struct index *index;            /* what it holds, once somebody asked */
    bool sums;                      /* a sum is to be had of every package that is read */
} places;
places *places_find(compilation *c, const char *path);
const char *places_list(compilation *c, const places *p);  /* for messages */
/* All packages called `name`, best first: releases, then prereleases, from the highest version down. far: those of a registry
 * with an address, too. */
pack **search(compilation *c, places *p, const char *name, bool far, uint32_t *n);
/* Reads a package that was found, unless that has been done; fails where it is not what its file name says. */
void pack_read(compilation *c, const places *p, pack *k);
/* The program's own package. */
pack *pack_open(compilation *c, const char *path);
/* The user's own folder of packages; NULL without a home. */
const char *user_packages(compilation *c);

/* ---- fetch.c (the one user of libcurl) ------------------------------------------------------------------------------ */

/* What an address holds, or fails: with `most` bytes at most. */
text fetch(compilation *c, const char *address, uint64_t most);

/* ---- crypto.c (the one user of libsodium) --------------------------------------------------------------------------- */

enum { KEY_BYTES = 32, SIGNATURE_BYTES = 64 };
const char *hex_of(compilation *c, const unsigned char *bytes, size_t n);       /* in lower case */
bool hex_read(const char *hex, unsigned char *bytes, size_t n);                 /* exactly n bytes, in lower case */
/* SHA-256, as 64 hex digits. */
const char *sha256(compilation *c, text data);
/* Ed25519. A secret key is the 32 bytes that the key pair is made from. */
void key_make(compilation *c, unsigned char seed[KEY_BYTES]);
void key_public(const unsigned char seed[KEY_BYTES], unsigned char key[KEY_BYTES]);
void signature_make(const unsigned char seed[KEY_BYTES], text message, unsigned char signature[SIGNATURE_BYTES]);
bool signature_holds(const unsigned char key[KEY_BYTES], text message, const unsigned char signature[SIGNATURE_BYTES]);

/* ---- sign.c ---------------------------------------------------------------------------------------------------------- */

typedef struct signer {
    const char *key;                /* in hex */
    const char *name;               /* what the package says of it; "" if nothing */
} signer;
/* Who signed the package; fails where nobody did, or anything of it is not as it was signed. */
signer signature_check(compilation *c, const package *p);
/* Fails unless the package is signed by one of opt.keys, where that is set. */
void signature_require(compilation *c, const package *p);
/* Makes a key pair: `path` and `path.pub`. */
void keys_write(compilation *c, const char *path, const char *name);
/* Adds the certificate and the signature, in the place of those that there are. */
void package_sign(compilation *c, package *p, const char *key_path);

/* ---- lockfile.c: what was chosen, for later builds ------------------------------------------------------------------- */

typedef struct lock_row {
    const char *name, *version, *sum;
    version v;
} lock_row;
typedef struct lockfile {
    const char *path;
    lock_row *rows;
    uint32_t n;
} lockfile;
/* The lock of the program; NULL where there is none, or --update. */
lockfile *lockfile_read(compilation *c, const char *pack_path);
const lock_row *lockfile_find(const lockfile *l, const char *name);

/* ---- resolve.c: a package and all that it depends on ----------------------------------------------------------------- */

typedef struct packs {
    pack **list;                    /* list[0] is the program's own; each stands in front of those that it uses */
    uint32_t n;
} packs;
/* Fails where a package is missing, versions exclude each other, packages go round in a circle, or one that was chosen is
 * not signed as it has to be. */
packs *resolve(compilation *c, const char *path);
/* A package alone, as if it depended on nothing. */
packs *resolve_alone(compilation *c, package *files, const manifest *m);
/* --deps: the tree, a line a package. */
text packs_tree(compilation *c, const packs *all);
/* --lock: what was chosen; writes it where later builds look for it, or to `output`. */
void packs_lock(compilation *c, const packs *all, const char *output);

/* ---- decode.c: bytes → classes ------------------------------------------------------------------------------------ */

typedef enum value_tag {            /* the tags of the file */
    V_NUMBER = 1, V_BOOLEAN, V_ATOM, V_UNIT, V_UNDEFINED, V_ARRAY, V_OBJECT, V_FUNCTION, V_STRING, V_COMPLEX, V_TUPLE
} value_tag;

enum { FLAG_WRITABLE = 1, FLAG_ENUMERABLE = 2, FLAG_CONFIGURABLE = 4, FLAG_HIDDEN = 8,
       FLAGS_ALL = FLAG_WRITABLE | FLAG_ENUMERABLE | FLAG_CONFIGURABLE };

typedef struct value value;
typedef struct property {
    text key;
    value *value;
    uint8_t flags;                  /* FLAG_…, whatever the dialect */
} property;

struct value {
    value_tag tag;
    bool boolean;
    double number;                  /* V_NUMBER (its bits are kept as they were), real part of V_COMPLEX */
    double imaginary;
    text text;                      /* V_ATOM, V_STRING, V_FUNCTION */
    uint32_t n;                     /* V_ARRAY, V_TUPLE, V_OBJECT */
    value **items;
    property *props;
    /* set by link.c */
    uint8_t meaning;                /* enum meaning: what an atom or function reference stands for */
    uint32_t target;                /* M_FUNCTION: index; M_NATIVE: the same in natives->list */
    text library;                   /* M_LIBRARY: name, as the library has it where it does; M_NATIVE: with its library's */
};

typedef enum pattern_kind { P_VALUE = 1, P_WILDCARD, P_TUPLE, P_ARRAY, P_TAGGED } pattern_kind;
typedef struct pattern pattern;
struct pattern {
    pattern_kind kind;
    value *value;                   /* P_VALUE */
    text tag;                       /* P_TAGGED; items[0] is the slots' pattern */
    uint32_t n;                     /* P_TUPLE, P_ARRAY; 1 for P_TAGGED */
    pattern **items;
};

typedef struct match_case {
    pattern *pattern;
    int32_t off;
} match_case;

typedef enum arg_kind { ARG_REG = 0, ARG_VALUE, ARG_REG_FLAGS, ARG_VALUE_FLAGS } arg_kind;
typedef struct init_prop {          /* OBJECT_INIT's */
    text key;
    uint8_t kind;                   /* arg_kind */
    uint8_t flags;                  /* FLAG_…; all for the kinds without */
    uint32_t reg;
    value *value;
} init_prop;

typedef struct capture {            /* MAKE_CLOSURE's */
    text name;
    uint32_t reg;
    uint32_t hidden;                /* set by cfg.c: number of its hidden register */
} capture;

typedef enum opcode {
#define ION_OP(code, NAME, operands, cost, dialect) OP_##NAME = code,
#include "ion/opcodes.def"
#undef ION_OP
    OP_LAST = 0x23
} opcode;

typedef struct op_info {
    const char *name;               /* mnemonic; NULL: no such opcode */
    const char *operands;           /* letters as in opcodes.def */
    uint8_t cost, dialect;
} op_info;
extern const op_info op_table[256];

/* One instruction. The register operands of opcodes.def's letters d, s, p, r stand in reg[] in the order of the file
 * (CALL: reg[0] dst, reg[1] func; LINK: reg[0] the process operand, reg[1] dst). */
typedef struct instr {
    uint8_t op;
    bool has_dst;                   /* LINK only: false in dialects 1 to 3 */
    uint32_t at;                    /* byte offset in the class file */
    uint32_t reg[3];
    int32_t off;                    /* letter j, relative to this instruction */
    value *value;                   /* letter v */
    text scope;                     /* letter t */
    uint32_t n;                     /* how many of the list below */
    union {
        uint32_t *regs;             /* letter l */
        match_case *cases;          /* letter m */
        init_prop *props;           /* letter o */
        capture *captures;          /* letter c */
    };
} instr;

typedef struct function {
    bool has_name;
    text name;                      /* empty where has_name is false */
    uint32_t arity, extra_regs;
    bool native;
    text native_name;
    instr *code;
    uint32_t n;                     /* instructions */
    uint32_t at;                    /* byte offset in the class file */
    uint32_t code_at;               /* of its first instruction */
    /* set by verify.c */
    uint32_t nregs;                 /* size of the register file */
    /* set by link.c */
    struct class *class;
    uint32_t index;                 /* in the program */
    /* set by cfg.c */
    struct cfg *cfg;
    /* set by infer.c; NULL without optimisation */
    struct types *types;
} function;

typedef enum layout { LAYOUT_SINGLE, LAYOUT_MULTI, LAYOUT_BARE } layout;

typedef struct class {
    text name;                      /* `Main`, `net/Http` */
    const char *entry;              /* archive entry or path, for messages */
    int dialect;
    layout layout;
    function *functions;            /* a bare class: one function without a name */
    uint32_t n;
    /* set by link.c */
    uint32_t pack;                  /* index in program.packs; a dependency's class is then called `package/Class` */
    bool exported;                  /* may be used by packages that depend on its own */
} class;

enum { MAX_NESTING = 1000 };        /* levels of values and patterns inside each other */

struct fault;
/* Parses a class in one dialect and layout, to its exact end, without verifying it. Returns NULL and fills *f at the
 * first fault; `data` is not referred to afterwards. */
class *class_decode(compilation *c, text data, int dialect, layout as, struct fault *f);
/* By the first bytes: LAYOUT_MULTI (which stands for LAYOUT_BARE too) or LAYOUT_SINGLE. */
layout class_layout(text data);

/* ---- dialect.c: which dialect a class is in ----------------------------------------------------------------------- */

/* Reads one class in the first dialect in which it parses to its end and verifies (or in c->opt.dialect). `dialects`:
 * bit i set allows dialect i; pass ALL_DIALECTS. Fails naming the entry, the offset and the fault of the dialect that
 * got furthest. Bare code is read only when `allow_bare`. */
#define ALL_DIALECTS 0x3E
class *class_read(compilation *c, const char *entry, text name, text data, unsigned dialects, bool allow_bare);
/* All classes of a package, in one dialect where one fits all. Sorted by name; *n is how many. */
class **classes_read(compilation *c, const package *p, uint32_t *n);

/* ---- verify.c ----------------------------------------------------------------------------------------------------- */

/* What is wrong with a class, found by decode or verify. */
typedef struct fault {
    uint64_t offset;
    char text[200];
} fault;

/* Checks all that compiled code relies on and sets nregs: registers within the file, jump targets within 0..count,
 * counts. `loose` raises the register file to at least 256. Returns false and fills *f at the first fault. */
bool class_verify(compilation *c, class *k, bool loose, fault *f);

/* ---- encode.c: classes → bytes ------------------------------------------------------------------------------------ */

/* The least dialect among 4 and 5 that can say everything in the class; 3 and below only when asked for. */
int class_dialect_needed(const class *k);
/* Writes a class in its own dialect and layout; fails where the dialect cannot say it. */
text class_encode(compilation *c, const class *k);

/* ---- lex.c, asm.c: text → classes; disasm.c: classes → text -------------------------------------------------------- */

/* What one source file holds: manifest lines, classes, resources. */
typedef struct source {
    class **classes;
    uint32_t n, cap;
    buffer manifest;                /* text of META-INF/MANIFEST.ion; empty if the source has none */
    entry *resources;               /* named by their archive entries, `resources/…` */
    uint32_t nresources, cap_resources;
} source;
/* Assembles one file into *s; fails naming file, line and fault. `default_class` names functions outside any .class. */
void source_assemble(compilation *c, source *s, const char *file, text data, const char *default_class);
/* Builds the package that a list of source files and folders describes. */
package *package_assemble(compilation *c, char *const *paths, uint32_t n);

void disasm_value(buffer *out, const value *v, int dialect);
/* One instruction, as it stands in traces and comments too: `CALL r3, r0, [r1]`. Targets print as +n and -n. */
void disasm_instr(buffer *out, const instr *i, int dialect);
/* A whole class, such that assembling it gives the same bytes. */
void disasm_class(buffer *out, const class *k);
void disasm_number(buffer *out, double d);           /* as a literal of the text form */

/* ---- link.c: names → functions ------------------------------------------------------------------------------------ */

typedef enum meaning { M_PLAIN = 0, M_FUNCTION, M_LIBRARY, M_NATIVE, M_SELF, M_PID, M_PROCESSES, M_PASSES, M_THIS, M_UNDEFINED } meaning;

typedef struct program {
    const char *name;
    const manifest *manifest;       /* the program's own package's, as the name */
    pack **packs;                   /* all packages; packs[0] is the program's own */
    uint32_t npacks;
    class **classes;                /* package by package */
    uint32_t nclasses;
    function **functions;           /* of all classes; functions[i]->index == i */
    uint32_t n;
    function **unreached;           /* set by reach.c: left out of the others */
    uint32_t nunreached;
    uint32_t entry;                 /* index; NOT_FOUND for a library package */
    int dialect;
    struct need {
        const char *capability;     /* name */
        const char *what;           /* a library function or an instruction */
        uint32_t function;          /* the first that needs it */
    } *needs;                       /* set by needs.c */
    uint32_t nneeds;
    struct natives *natives;
} program;

bool library_has(text name);        /* a library function, exactly or ignoring case */
/* Resolves every name in constants, finds the entry function, lists the functions. */
program *program_link(compilation *c, const packs *all);
/* The same without a look at what the functions refer to. */
program *program_index(compilation *c, const packs *all);

/* ---- ffi.c: native functions ---------------------------------------------------------------------------------------- */

typedef struct native_library {
    const char *name;
    uint32_t pack;                  /* whose it is */
    const entry *data;              /* ION_LIBRARY_CARRIED */
    ion_library_place place;
    uint32_t index;                 /* set by emit_native.c: in the program's table; NOT_FOUND: not needed */
} native_library;

typedef struct native_decl {
    text name;                      /* LIBRARY:NAME */
    uint32_t library;
    signature signature;
    text declaration;
    uint32_t index;                 /* set by emit_native.c: in the table F; NOT_FOUND: not called */
} native_decl;

typedef struct natives {
    native_library *libraries;      /* package by package, in the order of FFI-Libraries */
    uint32_t nlibraries, cap_libraries;
    native_decl *list;
    uint32_t n, cap;
    textmap *names;                 /* per package: NAME and LIBRARY:NAME → index, or NATIVE_AMBIGUOUS */
} natives;
#define NATIVE_AMBIGUOUS (NOT_FOUND - 1)

/* Reads each package's META-INF/FFI.ion, if it has one; fails naming the line. */
natives *ffi_read(compilation *c, const program *p);
/* What a package calls `name`: it sees its own native functions. NOT_FOUND, NATIVE_AMBIGUOUS. */
uint32_t native_find(const natives *f, uint32_t pack, text name);
/* All that an ambiguous name may mean. */
const char *natives_list(compilation *c, const natives *f, uint32_t pack, text name);
bool native_number(const signature *s);             /* whether the result is a number */
struct web;
/* The native function that a CALL with this callee runs, if it is one that C can call in place; NULL if none. */
const native_decl *call_native(const program *p, const instr *i, const struct web *callee);

/* ---- mention.c ---- */

/* Call `each` for every atom and function reference in the constants of an instruction, or a function. */
void instr_mentions(instr *i, void (*each)(void *context, value *v), void *context);
void function_mentions(function *f, void (*each)(void *context, value *v), void *context);

/* ---- reach.c: what is never called ---------------------------------------------------------------------------------- */

/* Leaves out functions that nothing refers to; a library package keeps all. */
void program_reach(compilation *c, program *p);

/* ---- needs.c ---- */

/* Finds what capabilities the program needs; behind reach.c. */
void program_needs(compilation *c, program *p);

/* ---- cfg.c: blocks, live sets, resume points ---------------------------------------------------------------------- */

/* A place where a function's frame may be looked at, and, but for POINT_INSIDE, where it can be left and entered
 * again. */
typedef enum point_kind {
    POINT_BEFORE,                   /* goes on with instruction pc */
    POINT_AFTER,                    /* pc's result has arrived */
    POINT_INSIDE                    /* pc may collect or crash, no more */
} point_kind;

typedef struct point {
    uint32_t pc;
    point_kind kind;
    uint32_t rest;                  /* reductions charged ahead for what follows pc in its stretch */
    uint32_t live;                  /* row in cfg->live */
    bool check;                     /* only a look at the slice leads to it */
} point;

/* A stretch is a run of instructions that is charged as a whole where it begins. */
enum { AT_REACHABLE = 1, AT_STRETCH = 2, AT_TARGET = 4, AT_CHECK = 8, AT_TAIL = 16 };

typedef struct hidden {
    text scope, name;
} hidden;

typedef struct cfg {
    uint32_t regs;                  /* registers in the frame; the last nhidden hold captured values */
    uint32_t fill;                  /* registers below this may be read before they are written */
    uint32_t outgoing;              /* most slots that a call or list operand needs */
    uint8_t *at;                    /* per instruction, and one for the end: AT_… */
    uint32_t *charge;               /* per instruction that starts a stretch: its reductions */
    /* Per instruction, or NULL: where a GET_PROP's result is used by one CALL alone, as what it calls, the one's pc for
     * the other; else NOT_FOUND. Between the two a function that would be bound stands in its register as it is, with
     * bit 0 set: the CALL still has the object. */
    uint32_t *partner;
    uint32_t *before, *after;       /* per instruction: its points (after: also POINT_INSIDE), or NOT_FOUND */
    point *points;
    uint32_t npoints;
    uint64_t *live;                 /* rows of row_words words, each once */
    uint32_t row_words, nrows;
    uint32_t *leader;               /* pc → its block, where one starts there; else NOT_FOUND */
    uint32_t nleaders;
    uint64_t *live_in;              /* read it with block_live_in */
    bool coarse;                    /* one row of registers, live everywhere: too many for a row a block or a point */
    hidden *hidden;                 /* register regs - nhidden + i is the captured name i */
    uint32_t nhidden, cap_hidden;
} cfg;

/* The registers an instruction reads and writes, in order; LINK's process operand counts as read where it is a
 * register. Returns the count, at most operand_limit(i). */
uint32_t instr_reads(const function *f, const instr *i, uint32_t *regs);
static inline uint32_t instr_writes(const instr *i, uint32_t *regs)
{
    switch (i->op) {
    case OP_RECEIVE_WITH_TIMEOUT: regs[0] = i->reg[0], regs[1] = i->reg[2]; return 2;
    case OP_LINK: regs[0] = i->reg[1]; return i->has_dst;
    default: regs[0] = i->reg[0]; return *op_table[i->op].operands == 'd';
    }
}
uint32_t operand_limit(const instr *i);
/* Arithmetic and comparisons: two operands, which may be objects with magic methods. */
bool is_operator(uint8_t op);
bool is_jump(const instr *i);               /* to `off`, always or under a condition */
/* How many cases of a MATCH can be tried: none behind the first wildcard. 0 for other instructions. */
uint32_t cases_tried(const instr *i);
/* Last instruction of the block that starts at pc; n: instructions of the function. */
uint32_t block_end(const cfg *g, uint32_t n, uint32_t pc);
/* The hidden register of a captured name. */
uint32_t hidden_register(const cfg *g, const capture *of);
/* The registers live at the start of a block, row_words words. */
const uint64_t *block_live_in(const cfg *g, uint32_t block);

/* The GET_PROP of a method call, for its CALL, and the other way round; NOT_FOUND: it is no such thing. */
uint32_t method_partner(const cfg *g, uint32_t pc);

/* Builds function->cfg for every function of the program. */
void program_analyse(compilation *c, program *p);

/* ---- webs.c: registers → webs --------------------------------------------------------------------------------------- */

enum { MAY_NUMBER = 1, MAY_BOOLEAN = 2, MAY_UNDEFINED = 4, MAY_OBJECT = 8, MAY_STRING = 16, MAY_FUNCTION = 32, MAY_OTHER = 64, MAY_ANY = 127 };

typedef enum place_kind {
    PLACE_FRAME,                    /* its register in the frame, as a value */
    PLACE_NUMBER,                   /* a C double */
    PLACE_BOOLEAN,                  /* a C int, 0 or 1 */
    PLACE_CONSTANT                  /* nowhere: always `constant` */
} place_kind;

/* Why something may be of more than one kind: what made it so first. For people; nothing is decided by it. */
typedef struct cause {
    const function *f;              /* NULL: someone from outside */
    uint32_t pc;                    /* NOT_FOUND: it was so when f was called */
    uint32_t since;                 /* counts the causes of a program from 1; 0: there is none. Causes of causes are older */
} cause;

typedef enum held_kind { HELD_ANY, HELD_OBJECT, HELD_ARRAY } held_kind;

/* Closures over one function, with so many captured values, as far as it seems: what comes from where nobody follows it
 * (properties, messages) does not count. */
typedef struct closure_kind {
    const struct function *of;      /* NULL: none, or many */
    uint32_t captured;
    bool many;                      /* of more than one kind */
} closure_kind;

/* Definitions of one register that reach common uses. */
typedef struct web web;
struct web {
    uint32_t reg;
    uint8_t type;                   /* T_… that it may hold; 0: it never holds anything */
    bool many_targets;
    const value *target;            /* the one function that it holds, if it is always the same */
    closure_kind closure;           /* and what closures */
    place_kind place;
    const value *constant;          /* PLACE_CONSTANT: the function, atom or string that it always holds */
    const value *literal;           /* the one number, atom, string or function that it ever holds, unless it `varies` */
    bool whole;                     /* always a whole number, of a size that an integer holds */
    held_kind held;                 /* PLACE_FRAME: always an object, always an array, or who knows */
    bool wanted;                    /* guess.c: for a number */
    bool guessed;                   /* taken for one, somewhere where anything may arrive */
    bool varies;                    /* found: it is not */
    uint32_t number;                /* tells the locals of one register apart */
    cause cause;
};

typedef struct webs {
    web *web;
    uint32_t n;
    uint32_t **writes;              /* per instruction: the webs it writes, as instr_writes lists them; unreached: NULL */
    uint32_t *base, *node_web;      /* what registers hold at the start of blocks; see webs_enter */
} webs;

/* scratch: for what nobody needs afterwards. */
webs *webs_find(compilation *c, compilation *scratch, const function *f);
/* Sets now[r] to the web of each register live at the start of the block at pc. */
void webs_enter(const cfg *g, const webs *w, uint32_t pc, uint32_t *now);
/* The web of a register, by types->now. */
const web *web_now(const function *f, uint32_t r);
/* For going through the reached instructions in order, with now[r] the web of each register: in front of each, behind each. */
void webs_before(const function *f, const webs *w, uint32_t pc, uint32_t *now);
void webs_after(const function *f, const webs *w, uint32_t pc, uint32_t *now);

/* ---- whole.c: what is always a whole number ------------------------------------------------------------------------- */

/* Sets web->whole, from web->literal and places. */
void webs_whole(const function *f);

/* ---- known.c: what is always an object, or an array --------------------------------------------------------------------- */

/* Sets web->held. Behind GET_PROP and CALL, and at the start for parameters and `this`, an optimised body checks it. */
void webs_known(compilation *c, const function *f);

/* ---- guess.c: what is used as a number ------------------------------------------------------------------------------ */

/* Sets web->wanted. now: room for a web a register. */
void webs_guess(compilation *c, const function *f, webs *w, uint32_t *now);
/* Sets types->method, from what the program stores under each name; web->literal is known. */
void methods_guess(compilation *c, const program *p);

/* ---- infer.c: types over the whole program --------------------------------------------------------------------------- */

typedef struct param {
    uint32_t reg, web;
    uint8_t type;
    cause cause;                    /* the CALL */
} param;

typedef struct types {
    webs *webs;
    param *params;                  /* registers that are read before they are written, in order */
    uint32_t nparams;
    uint8_t result;
    cause result_cause;             /* the RETURN */
    closure_kind result_closure;
    bool called;
    bool fast;                      /* has an optimised body */
    bool leaf;                      /* and one without a frame, to be put in place of calls */
    bool early;                     /* or its start has: it may return at once */
    const char *why_no_leaf;        /* fast, but not leaf: what is in the way, and the instruction to blame; */
    uint32_t no_leaf_at;            /*     either may be NULL or NOT_FOUND */
    uint32_t *cache;                /* per instruction: its inline cache, or NOT_FOUND */
    const struct loop **loop;       /* per instruction, or NULL: the loop with two versions that it is in; or NULL */
    uint32_t nkept;                 /* what these keep, together */
    const char *why_plain;          /* not fast: what it lacks */
    bool quiet;                     /* which neither collects nor crashes nor looks at its frame */
    function **method;              /* per instruction, or NULL: what a CALL of a method probably runs; or NULL */
    uint32_t loud_at;               /* fast, but not quiet: the instruction to blame; NOT_FOUND: none */
    uint32_t *now, *regs;           /* room for what each register holds, and for operands; all functions share it */
} types;

/* A library function on numbers that the emitter writes in place. */
typedef struct intrinsic {
    const char *name;
    uint32_t args;
    const char *condition;          /* C over %1 and %2; empty: always */
    const char *expression;
} intrinsic;

const intrinsic *intrinsic_find(text name);
/* The intrinsic that a CALL with this callee is, if its arguments are numbers; NULL if none. */
const intrinsic *call_intrinsic(const instr *i, const web *callee);
/* Whether what has this type is surely no object. What is guessed to be a number or boolean is checked only if the web
 * is nothing else: then its place is a C variable. As one of several types it may be anything. */
bool never_object(uint8_t type);
/* Whether a web is always the same number, and not 0. */
bool never_zero(const web *w);
/* Sets function->types for every function. */
void program_infer(compilation *c, program *p);

/* ---- choose.c: which functions get an optimised body ------------------------------------------------------------------- */

/* Sets types->fast and types->quiet, and makes room in frames for what direct calls write. */
void program_choose(compilation *c, const program *p);

typedef enum call_kind {
    CALL_DYNAMIC,                   /* through the runtime, whatever the callee may be */
    CALL_DIRECT,                    /* a C call of target's optimised body */
    CALL_METHOD,                    /* the same if it is the method that the object has, which is checked */
    CALL_CLOSURE,                   /* the same if it is a closure over the function, which is checked */
    CALL_SELF,                      /* to the function itself, in tail position: a jump to its start */
    CALL_INTRINSIC,                 /* in place */
    CALL_NATIVE                     /* a C call of the native function, if the arguments fit */
} call_kind;

typedef struct call_plan {
    call_kind kind;
    bool guarded;                   /* CALL_DIRECT, CALL_METHOD, CALL_CLOSURE: if the arguments are numbers, which is not known */
    const function *target;         /* CALL_DIRECT, CALL_METHOD, CALL_CLOSURE, CALL_SELF */
    bool tail;                      /* the same kinds, in tail position: in place, if the target does the work there; else a tail call */
    uint32_t captured;              /* CALL_CLOSURE: this many parameters come from the closure; else 0 */
    const intrinsic *intrinsic;     /* CALL_INTRINSIC */
    const native_decl *native;      /* CALL_NATIVE */
    const char *why;                /* CALL_DYNAMIC: what stands in the way of the others */
} call_plan;

typedef enum access_kind {
    ACCESS_DYNAMIC,                 /* through the runtime, whatever object and key may be */
    ACCESS_CACHED,                  /* a property whose key is always the same: with an inline cache */
    ACCESS_ELEMENT                  /* by number: in place where the object is an array */
} access_kind;

typedef struct access_plan {
    access_kind kind;
    bool map;                       /* not ACCESS_CACHED: by a lookup where the object is one and the key a string */
    const char *why;                /* ACCESS_DYNAMIC: what stands in the way of the others */
} access_plan;

/* How an optimised body carries out the GET_PROP or SET_PROP at pc. now: register → web there. */
access_plan access_how(const compilation *c, const function *f, uint32_t pc, const uint32_t *now);

/* What an optimised body does to use the web as a number. */
typedef enum number_use { NUMBER_KNOWN, NUMBER_CHECKED, NUMBER_NEVER } number_use;
number_use number_how(const web *w);
/* How an optimised body carries out the CALL at pc. now: register → web there. */
call_plan call_how(const compilation *c, const program *p, const function *f, uint32_t pc, const uint32_t *now);

/* ---- loops.c: what a loop can keep in C variables -------------------------------------------------------------------- */

/* A property that holds a number, or where an array's elements are and how many, while a loop runs. */
typedef struct loop_kept {
    uint32_t web;                   /* holds the object or array, and does not change in the loop */
    const value *key;               /* of the property; NULL: an array */
    bool written;
    uint32_t site;                  /* the access whose inline cache knows where the property is */
} loop_kept;

/* Instructions head to end - 1, which are entered at the head alone, and have no loop among them. */
typedef struct loop {
    uint32_t head, end;
    bool *inside;                   /* per instruction from the head on: leads back to the head */
    loop_kept *kept;
    uint32_t nkept;
    uint32_t number;                /* of kept[0] among all that the function's loops keep */
    uint32_t *use;                  /* per instruction from the head on: what it is an access to, or NOT_FOUND */
} loop;

/* Sets types->loop, of optimised bodies. */
void program_loops(compilation *c, const program *p);
const loop *loop_from(const function *f, uint32_t pc);      /* that begins there; or NULL */
const loop_kept *loop_keeps(const function *f, uint32_t pc);     /* what pc is an access to; or NULL */

/* ---- match.c: the cases of a MATCH → a decision tree --------------------------------------------------------------- */

/* A place in the subject: the subject itself, or a part of another place. A tagged object's part 0 is its slots. */
typedef struct match_place {
    struct match_place *of;         /* NULL: the subject */
    uint32_t index;
    uint32_t variable;              /* from 1: a C variable that points to the parts; 0: no node looks at any */
    struct match_place **part;      /* match.c's */
    uint32_t nparts;
} match_place;

typedef enum head_kind {
    HEAD_NUMBER,                    /* a number equal to `value`, which is finite */
    HEAD_WORD,                      /* `value`: an atom, function, boolean, unit, undefined, infinity */
    HEAD_STRING,                    /* equal to `value` */
    HEAD_TUPLE,                     /* of n */
    HEAD_ARRAY,
    HEAD_LIST,                      /* a tuple or an array of n */
    HEAD_TAGGED,                    /* an enum value with this tag */
    HEAD_OTHER                      /* equal to `value`, a complex number or an object; has its node for itself */
} head_kind;

typedef struct match_head {
    head_kind kind;
    const value *value;
    uint32_t n;
    text tag;                       /* without a leading colon */
} match_head;

typedef struct match_target {
    enum { MATCH_NONE, MATCH_CASE, MATCH_NODE } kind;
    uint32_t index;                 /* of the case, of the node */
} match_target;

typedef struct match_branch {
    match_head head;
    match_target to;
} match_branch;

/* A look at a place: at most one of the branches' heads fits what is there. Each node has one way in. */
typedef struct match_node {
    const match_place *place;
    match_branch *branches;
    uint32_t n;
    match_target rest;              /* none fits */
} match_node;

typedef struct match_tree {
    match_node *nodes;
    uint32_t n;
    uint32_t variables;
    match_target start;
} match_tree;

/* Whether a pattern can be part of a tree: matching it never costs a reduction, so it does not show when it is done, or
 * if. */
bool match_fits_tree(const pattern *p);
/* The tree of n cases, all of them silent, for a subject of these types (MAY_...). NULL where it would become too large.
 * `may` is as match_subject has it. Objects that fit a HEAD_LIST or HEAD_TUPLE of a node by their properties "0", "1", ... are to be kept out of the tree. */
match_tree *match_build(compilation *c, const match_case *cases, uint32_t n, uint8_t may);

/* ---- emit.c, emit_const.c, emit_body.c, emit_match.c: program → C --------------------------------------------------------------- */

/* A C translation unit that includes ion/abi.h and nothing else: two texts, one behind the other. */
typedef struct unit {
    buffer head, body;
} unit;

typedef struct c_code {
    unit *units;
    uint32_t n;
    const piece *carried;           /* what ion_carried begins, in a row: goes past the C compiler */
    uint32_t ncarried;
} c_code;

typedef struct emit_options {
    bool split;                     /* a large program into several units */
    bool comments;                  /* for people: each instruction beside its C */
    bool carry;                     /* what is large stands beside the C, not in it */
} emit_options;

/* The whole program as C. */
c_code *program_emit(compilation *c, const program *p, const package *pack, emit_options how);

/* ---- leaf.c ---- */

/* Whether the function, which has an optimised body, can be put in place of its calls. */
bool leaf_fits(const compilation *c, const function *f);
/* If not, whether its start can. */
bool leaf_starts(compilation *scratch, const compilation *c, const function *f);

/* An instruction in the text form; as a comment, with its number, on a line. NULL: not made yet. */
typedef struct instr_texts {
    text plain, comment;
} instr_texts;

/* What the emitter's files share. */
typedef struct emitter {
    compilation *c;                 /* for what is needed while one function is emitted */
    compilation *keep;
    const program *p;
    emit_options how;
    bool split;                     /* there are several units */
    const char *linkage;            /* of what other units may refer to: `static ` if there are none */
    struct units *units;
    buffer out;                     /* function bodies */
    buffer leaves;                  /* those to be put in place */
    buffer consts, patterns;        /* rows of the constant tables */
    uint32_t nconsts, nvalues;      /* rows, and constants that are no part of another */
    uint32_t ncaches;               /* inline caches */
    uint32_t npattern_rows, npatterns;
    buffer tables;                  /* what MATCH keeps: S<i> to find cases in, T<i> where tags lie */
    buffer switch_rows, switches;   /* what the loader fills S<i> with */
    buffer declared;                /* S<i> of other units */
    uint32_t nswitches, ntag_caches;
    piece *carried;
    uint32_t ncarried, cap_carried;
    uint64_t carried_size;
    uint32_t nnatives;              /* rows of F */
    textmap known;                  /* encoded constant → its index in K; pattern → in M; table → S<i> */
    const char **names;             /* per function: its C name */
    buffer room[2];                 /* emit_fast.c's, for texts in the making */
    const function *shown_of;       /* the function whose instructions' text is kept, */
    instr_texts *shown;             /* per instruction */
    const function *matches_of;     /* the same for the C of its MATCHes */
    const char **matches;
} emitter;

/* C names: `Class__function`. Letters and digits stand for themselves, so does `_` in the function's part; everything
 * else, a `_` in the class's part, and a `_` that would read as an escape or as the separator, becomes `_XX` (two upper-case hex
 * digits a byte). Functions without a name and all but the last of one name get their index behind a further `__`. So
 * no two functions share a name, and `__` and a lower-case word behind it are free for the tables of a function. */
const char *function_c_name(compilation *c, const function *f, bool shadowed);
/* emit_units.c. The C name of a function that is referred to in what is being emitted. */
const char *emit_name(emitter *e, uint32_t index);
void units_start(emitter *e);
/* What is emitted next belongs to a function; NULL: to none. */
void units_enter(emitter *e, const function *f);
uint32_t units_number(const emitter *e);            /* of the unit that what is emitted next belongs to */
void units_leaf(emitter *e, const function *f);     /* emits its leaf */
c_code *units_end(emitter *e);
void emit_function(emitter *e, const function *f);
/* emit_fast.c: the optimised body of a function. */
/* The C variable of a web with PLACE_NUMBER or PLACE_BOOLEAN. */
const char *web_variable(compilation *c, const web *w);
void emit_fast(emitter *e, const function *f);
/* leaf.c: NAME__leaf; after emit_fast. */
void emit_leaf(emitter *e, const function *f);
/* own: the function is one of the unit's that `out` belongs to. */
void emit_fast_prototypes(emitter *e, const function *f, buffer *out, bool own);

/* One function being emitted: what emit_body.c and emit_fast.c share. */
typedef struct body {
    emitter *e;
    const function *f;
    const cfg *g;
    buffer *out;
    const char *name;
    bool local_reds;                /* the slice is counted in a C variable, to be loaded again behind runtime calls */
    struct parts *parts;            /* emit_parts.c's; NULL: the body is one C function */
} body;

/* Instructions of the longest function that becomes one C function, and may have an optimised body. */
enum { BODY_MAX = 2000 };
/* The switch that a resumed frame goes through, for points first..end-1. */
void body_resume(body *b, uint32_t first, uint32_t end);
/* The code of instructions first..end-1, and of the end of the code where it is there. */
void body_code(body *b, uint32_t first, uint32_t end);
void body_left(body *b, size_t start);      /* the label `left`, where the text from `start` on uses it */
/* emit_parts.c: the parts of a long function; then, once it has been entered, the rest of its C function. */
void emit_parts(body *b);
void emit_parts_loop(body *b);
bool parts_leave(body *b, uint32_t target); /* whether a jump leads out of the part, which is noted */

/* An optimised body being emitted: what emit_fast.c and emit_access.c share. */
typedef struct fast {
    body b;
    const types *t;
    uint32_t *now;                       /* register → web */
    buffer text;                         /* the code */
    buffer tail;                         /* what is out of line */
    bool *has_a, *has_b, *has_d, *has_s; /* per point: labels that exist */
    buffer *reload;                      /* per point: loads of C variables */
    bool *read;                          /* per web: its C variable is read somewhere */
    const char **variable;               /* per web: the name of its C variable, once it has been asked for */
    bool needs_start;
    bool leaves_for_plain;               /* there is a D<k> */
    /* emit_loop.c: */
    const loop *loop;                    /* whose second version is being emitted; else NULL */
    textmap outs;                        /* labels of ways out that exist */
    bool *has_l, *has_q;                 /* per instruction: L<pc> exists; per point: Q<k> does */
} fast;

/* emit_places.c: registers and their C variables; `r` is a register, `k` a point, `pc` an instruction. */
#define SAVE_REDS "    ION_SAVE_REDS;\n"
#define LOAD_REDS "    ION_LOAD_REDS;\n"
const web *fast_web(const fast *x, uint32_t r);            /* of a register, now */
const web *fast_written(const fast *x, uint32_t pc);       /* that pc writes first */
bool web_is_atom(const web *w);                            /* always the same */
bool fast_is_number(const fast *x, uint32_t r);            /* is in a C double */
const char *fast_local(const fast *x, const web *w);       /* the C variable, or the literal that it always is */
const char *fast_boxed(const fast *x, uint32_t r);         /* the value, as C of type ion_value */
const char *fast_number(const fast *x, uint32_t r);        /* as a double; only where it is known to be a number */
const char *fast_truth(const fast *x, uint32_t r);         /* as 0 or 1 */
bool fast_is_live(const fast *x, uint32_t k, uint32_t r);
void fast_flush(fast *x, buffer *o, uint32_t r);           /* stores it in the frame, if it is elsewhere */
void fast_flush_live(fast *x, buffer *o, uint32_t k);      /* all that are live at k */
void fast_note_reload(fast *x, uint32_t k);                /* how they come back, where the body is entered at k */
void fast_header(fast *x, buffer *o);                      /* the frame's header, where it is not kept up to date */
void fast_need_deopt(fast *x, uint32_t k);                 /* label D<k> is used: to the plain body, v is pc's result */
void fast_call_instead(fast *x, const instr *i, uint32_t k); /* label C<k>: the runtime makes the call, and D<k> follows */
void fast_deopt_end(fast *x);                              /* what all D<k> come to, once those are there */
void fast_need_leave(fast *x, uint32_t k);                 /* S<k>: a callee left */
void fast_label_after(fast *x, uint32_t k);                /* A<k>, here */
void fast_set_number(fast *x, uint32_t pc, const char *expression);
void fast_set_boolean(fast *x, const web *w, const char *expression);
void fast_result(fast *x, uint32_t pc, uint32_t k);        /* puts v where pc's result goes */
/* emit_loop.c: the second version of a loop, in front of the first. In the second version, what the instructions'
 * emitters do where their work cannot be done in place is to go to fast_out. */
void emit_loop(fast *x, const loop *l);
void emit_loop_variables(const fast *x, buffer *o);
/* The label `kind` `number`, by a way that puts back what the loop has written. */
const char *fast_out(fast *x, char kind, uint32_t number);
const char *fast_unkept(fast *x, uint32_t k);              /* the same for Q<k>: the runtime's way of doing it */
void fast_label_unkept(fast *x, uint32_t k);               /* Q<k>, here, if there is a way to it */
const char *fast_label(fast *x, uint32_t pc, int32_t off); /* a jump's target */
const char *fast_kept(const fast *x, uint32_t pc);         /* the C variable of the property that pc is an access to; or NULL */
/* emit_fast.c: an instruction without the labels in front. */
void fast_instruction(fast *x, uint32_t pc);
/* layout.c: lines of statements, indented by the blocks that they form. */
void emit_laid_out(buffer *o, const char *text, size_t size);
/* emit_fast.c: a runtime call at point k, and its label behind it. */
void fast_runtime_call(fast *x, uint32_t k, const char *call);
/* emit_call.c: CALL there. */
void emit_call(fast *x, uint32_t pc, uint32_t k);
/* emit_native.c: a CALL of a native function there. */
void emit_native_call(fast *x, uint32_t pc, uint32_t k, const native_decl *native);
/* The index in F of a native function, which is called from somewhere. */
uint32_t emit_native(emitter *e, uint32_t which);
/* F and what it refers to; and what the program's table says of it. */
void emit_natives(emitter *e, buffer *b);
void emit_natives_fields(const emitter *e, buffer *b);
/* emit_access.c: GET_PROP and SET_PROP there. */
void emit_get(fast *x, uint32_t pc, uint32_t k);
void emit_set(fast *x, uint32_t pc, uint32_t k);
uint32_t fast_cache(fast *x, uint32_t pc);                 /* of an access */
/* emit_make.c: ARRAY_INIT and OBJECT_INIT in place, as far as `if (there is room) { … }`. */
bool makes_in_place(const fast *x, uint32_t pc);
void emit_make(fast *x, uint32_t pc);

/* The statement of an instruction on the frame's registers; k is its point once it has begun, w the one before it. */
void body_statement(body *b, uint32_t pc, uint32_t k, uint32_t w);
void body_disassembly(body *b, uint32_t pc, int blanks);
const char *body_label(body *b, uint32_t pc, int32_t off);
bool body_uses_out(const body *b);
bool body_leaves(const char *text);                        /* whether it uses the label `left` */
void body_hidden(body *b, uint32_t i);
bool body_swallowed(const cfg *g, uint32_t pc);
/* How C gets at what a MATCH looks at. */
typedef struct match_subject {
    const char *word, *number;      /* expressions of types ion_value and double (that it is a number need not be known; NULL: it
                                       is none) */
    const char *truth;              /* of a boolean that is in a C variable; else NULL */
    uint8_t may;                    /* MAY_NUMBER, MAY_BOOLEAN, MAY_FUNCTION, MAY_STRING, MAY_OTHER where it is known to be one, an
                                       atom in the last case; else MAY_ANY */
} match_subject;
/* emit_match.c: a MATCH; behind it goes what is done where no case fits. */
void body_match(body *b, uint32_t pc, const match_subject *s);
/* The tree of the cases of a MATCH from case k on, and how many it is of; NULL: these *n are tried one by one (0: the
 * first one is, which may charge). */
match_tree *match_run(compilation *c, const instr *i, uint32_t k, uint8_t may, uint32_t *n);
uint8_t match_may(const web *w);    /* what match_subject says so of a subject in an optimised body */
/* Notes in `known` what index a text has. */
void emit_remember(emitter *e, text key, uint32_t index);
/* The index in K of a constant; equal ones share it. */
uint32_t emit_constant(emitter *e, const value *v);
uint32_t emit_atom(emitter *e, text t);
uint32_t emit_pattern(emitter *e, const pattern *p);
/* Rows for the names in a pattern that may be left out, being never tried. */
void emit_pattern_names(emitter *e, const pattern *p);
/* Before anything else: rows for names that count though no code may use them. */
void emit_names(emitter *e);
/* A C expression for a value that needs no table and no copy, or NULL. */
const char *emit_immediate(emitter *e, const value *v);
/* A C expression for a value that needs no copy: immediate, or from the table. */
const char *emit_value(emitter *e, const value *v);
/* A finite number as a C literal of type double, exact; NULL for the others. */
const char *emit_number(emitter *e, double d);
/* Whether a value is made afresh at each execution, and not merely stored. */
bool value_is_literal(const value *v);
/* Constant bytes, as a C expression that may stand in static data: a literal, or a place behind ion_carried. */
void emit_bytes(emitter *e, buffer *b, text data);
void emit_c_string(buffer *b, text t);      /* quotes included */
void emit_comment(buffer *b, text t);       /* text made safe inside a comment */

/* ---- carry.c: large constants past the C compiler ------------------------------------------------------------------------- */

bool carry_possible(void);          /* whether there is a way on this machine */
uint64_t carried_size(const c_code *code);
/* Makes an object file with all that is carried; the errno of a failure, or 0. */
int carry_write(const c_code *code, const char *path);
/* All of it in one piece of memory. */
const char *carry_together(compilation *c, const c_code *code);

/* ---- jit.c (the one user of libtcc), run.c, native.c ---------------------------------------------------------------------- */

/* run.c: compiles C in memory and runs it with the runtime; returns the exit status. Fails when libtcc refuses the
 * code. argv: the program's arguments. */
int jit_run(compilation *c, const c_code *code, int argc, char **argv);
/* Compiles C to an executable with the system's C compiler; without one writes the prelinked stub with the C inside. */
void native_build(compilation *c, const c_code *code, const char *output);
/* Whether there is a C compiler. Without one, native_build takes but one unit. */
bool native_compiler(compilation *c);

/* ---- info.c: what --info and --disasm print ------------------------------------------------------------------------- */

/* Manifest, entry function, classes with their functions, resources and libraries of a package, or of a class file. */
text package_info(compilation *c, const char *path);
/* The text form of a package's classes (of one, unless `class_name` is NULL) or of a class file. */
text package_listing(compilation *c, const char *path, const char *class_name);

/* ---- explain.c, explain_why.c: what --explain prints --------------------------------------------------------------------------------- */

/* Each function (or the one called `name`, `Class:name`; NULL: all) with what was found out about it and what was made of
 * it. Fails where there is none of that name. */
text package_explanation(compilation *c, const char *path, const char *name);

/* ---- compile.c: the passes in a row -------------------------------------------------------------------------------- */

/* A package's classes, and those of what it depends on, decoded, verified and linked; then what is found out about them. */
program *compile_front(compilation *c, const char *path, package **pack);
void compile_back(compilation *c, program *p);
/* All of that, with all that it depends on, from a file; the package itself comes back too. */
program *compile_package(compilation *c, const char *path, package **pack);
/* All the way to C. `runnable`: fails for a library package, which has no entry function. */
c_code *compile_to_c(compilation *c, const char *path, bool runnable, emit_options how);

#endif
