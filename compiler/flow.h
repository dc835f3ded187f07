/* flow.h: what is found out about functions before C is made of them: control flow, webs, types, loops, decision trees; one section a file. */
#ifndef IONC_FLOW_H
#define IONC_FLOW_H

#include "code.h"

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

#endif
