/* code.h: a program as it is read: packages, classes, functions, instructions, constants, patterns.
 *
 * Constants and patterns are flat: their nodes stand in the order of the file, parents before children, so that all
 * that is done with them are loops. Nothing here changes after link_program, but `warned`.
 */
#ifndef ORACLE_CODE_H
#define ORACLE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "value.h"

/* ---- pack.c: the archive ------------------------------------------------------------------------------------------
 */

typedef struct entry {
    const char *name;
    const char *data; /* NUL behind it */
    size_t len;
    size_t place; /* in the archive */
} entry;

typedef struct pack {
    entry *entries; /* files, sorted by name */
    size_t n;
} pack;

/* Reads an archive; false if it is malformed or breaks a limit. */
bool pack_read(const char *path, pack *out);
const entry *pack_find(const pack *p, const char *path);

/* ---- manifest.c ---------------------------------------------------------------------------------------------------
 */

typedef struct manifest {
    const char *main_class, *entry_point, *name; /* NULL where missing */
} manifest;
bool manifest_read(const pack *p, manifest *out);

/* ---- decode.c: bytes to classes -----------------------------------------------------------------------------------
 */

enum {
    TAG_NUMBER = 1,
    TAG_BOOLEAN,
    TAG_ATOM,
    TAG_UNIT,
    TAG_UNDEFINED,
    TAG_ARRAY,
    TAG_OBJECT,
    TAG_FUNCTION,
    TAG_STRING,
    TAG_COMPLEX,
    TAG_TUPLE
};

/* What a node of a constant stands for, set by link.c. */
typedef enum meaning { M_PLAIN, M_SELF, M_PID, M_PROCESSES, M_PASSES, M_THIS } meaning;

typedef struct node {
    uint8_t tag;   /* the file's, with the tags of dialects 3 and up */
    uint8_t flags; /* of the property this is the value of */
    uint8_t meaning;
    bool fixed;    /* a tuple with nothing in it that is anew at each execution: made once, kept in `value` */
    uint32_t n;    /* TAG_ARRAY, TAG_TUPLE, TAG_OBJECT: children */
    uint32_t span; /* nodes from this one to its last descendant */
    name *key;     /* of the property this is the value of */
    name *text;    /* TAG_ATOM, TAG_FUNCTION */
    value value;   /* of everything without children and with a plain meaning */
} node;

typedef struct constant {
    node *nodes;
    size_t n;
} constant;

typedef enum pattern_kind { P_VALUE = 1, P_WILDCARD, P_TUPLE, P_ARRAY, P_TAGGED } pattern_kind;

typedef struct pattern_node {
    pattern_kind kind;
    uint32_t n; /* P_TUPLE, P_ARRAY: parts */
    name *tag;  /* P_TAGGED */
    constant constant;
    value value; /* P_VALUE: what the constant says, made once by link.c */
} pattern_node;

typedef struct match_case {
    pattern_node *nodes;
    size_t n;
    int32_t off;
} match_case;

typedef struct init_prop {
    name *key;
    uint8_t kind; /* as in the file: bit 0 a constant, bit 1 flags */
    uint8_t flags;
    uint32_t reg;
    constant constant;
} init_prop;

typedef struct capture {
    name *name;
    uint32_t reg;
} capture;

enum {
#define ION_OP(code, NAME, operands, cost, dialect) OP_##NAME = code,
#include "ion/opcodes.def"
#undef ION_OP
};

typedef struct op_info {
    const char *name, *operands;
    uint8_t cost, dialect;
} op_info;
/* All opcodes; name is NULL where there is none. */
extern const op_info op_table[256];

typedef struct instr {
    uint8_t op;
    bool has_dst;    /* LINK */
    bool warned;     /* has given its warning */
    uint32_t reg[3]; /* letters d s p r, in order */
    int32_t off;     /* letter j */
    constant constant;
    name *scope;
    uint32_t n; /* elements of the list */
    union {
        uint32_t *regs;
        match_case *cases;
        init_prop *props;
        capture *captures;
    };
} instr;

typedef struct function {
    name *name; /* NULL: none */
    struct class *class;
    uint32_t arity, nregs;
    bool native;
    name *native_name;
    instr *code;
    uint32_t n;
    callable *callable; /* set by link.c */
} function;

typedef struct class
{
    const char *name;
    int dialect;
    function *functions;
    uint32_t n;
} class;

/* Is it UTF-8: shortest forms, no surrogates? */
bool utf8_ok(const char *bytes, size_t n);
/* Reads one class in one dialect; false if it does not parse to its end or verify. `loose`: at least 256 registers. */
bool class_read(const entry *e, int dialect, bool loose, class *out);
/* All classes of a package, sorted by name; `dialect` 0: find out. False if one cannot be read. */
bool classes_read(const pack *p, int dialect, class **out, size_t *n);

/* ---- link.c: names to functions -----------------------------------------------------------------------------------
 */

typedef struct program {
    pack pack;
    const char *name; /* of the package */
    class *classes;
    size_t nclasses;
    const function *entry;
} program;

/* Reads a package whole and resolves every name. False where it is no runnable program. */
bool program_read(const char *path, int dialect, program *out);

/* ---- disasm.c -----------------------------------------------------------------------------------------------------
 */

/* One instruction in the text form. */
void disasm(buffer *out, const instr *i, int dialect);

#endif
