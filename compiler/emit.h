/* emit.h: how C is made; one section a file. */
#ifndef IONC_EMIT_H
#define IONC_EMIT_H

#include "flow.h"

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

#endif
