/* code.h: classes as they were decoded or assembled, checked and linked; one section a file. */
#ifndef IONC_CODE_H
#define IONC_CODE_H

#include "pack.h"

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

#endif
