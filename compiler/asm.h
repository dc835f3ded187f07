/* asm.h: what the files of the assembler share: the lexer (lex.c), literals (number.c), values (asm_value.c), patterns
 * and operands (asm_operand.c), and the state of one source file on its way to classes (asm.c). Nothing else includes
 * it.
 */
#ifndef ASM_H
#define ASM_H

#include "ionc.h"

/* ---- number.c -----------------------------------------------------------------------------------------------------
 */

/* Reads a number literal (sign, decimal, `inf`, `nan`, `nan:0x…`) that starts at `p`, whatever the locale. Returns the
 * place behind it, NULL if there is no number. */
const char *number_scan(const char *p, const char *end, double *out);
/* The bits of the NaN that is written as plain `nan`. */
#define USUAL_NAN UINT64_C(0x7FF8000000000000)

/* ---- lex.c --------------------------------------------------------------------------------------------------------
 */

typedef enum token_kind {
    T_END,
    T_NEWLINE,   /* never inside brackets */
    T_WORD,      /* letters, digits, _ and $; the first no digit */
    T_DIGITS,    /* a run of digits; numbers are read on from its start */
    T_STRING,    /* "…", text decoded */
    T_ATOM,      /* '…', text decoded */
    T_DIRECTIVE, /* .word, text without the point */
    T_MARK       /* one other character, in `mark` */
} token_kind;

typedef struct lexer {
    compilation *c;
    const char *p, *end; /* what follows the current token */
    uint32_t line;       /* of the current token */
    uint32_t depth;      /* brackets open: line ends are white space then */
    token_kind kind;
    char mark;
    const char *start; /* of the current token */
    text text;
    text heading; /* the last comment of the form `; Function: …`, behind its colon; s NULL: none */
} lexer;

/* Starts at the first token. The source must be valid UTF-8, or the compilation fails. */
void lex_start(lexer *l, compilation *c, text data);
void lex_next(lexer *l);
/* Goes on behind `p`, a place between the current token and the end. */
void lex_resume(lexer *l, const char *p);
bool lex_is(const lexer *l, char mark);
bool lex_is_word(const lexer *l, const char *word);
/* If the token is that mark: takes it. */
bool lex_accept(lexer *l, char mark);
void lex_expect(lexer *l, char mark);
/* Brackets: between open and close a line end is white space. */
void lex_open(lexer *l, char mark);
void lex_close(lexer *l, char mark);
/* Takes a word with further words behind `:`, `.` or `/` that starts at `from`; `from` is left of the current token's
 * end, or at it. Fails when there is no word. */
text lex_path(lexer *l, const char *from);
/* A quoted string or a path. */
text lex_name(lexer *l);
uint32_t lex_u32(lexer *l, const char *what);
/* The rest of the line, raw, without white space around it; the token after it is the line's end. */
text lex_rest(lexer *l);
_Noreturn void lex_fail(const lexer *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void fail_at_line(compilation *c, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Fails with "expected WHAT, found …". */
_Noreturn void lex_expected(const lexer *l, const char *what);
bool same_word(text word, const char *name); /* ignoring the case of ASCII letters */
bool is_word_char(char ch);
/* Whether `t` can stand unquoted: as one word, or as words joined by `:`, `.` or `/`. */
bool is_plain_word(text t);
bool is_plain_path(text t);

/* ---- asm.c --------------------------------------------------------------------------------------------------------
 */

/* The dialects that can say what a class holds, and the line that last narrowed them from either side. */
typedef struct bounds {
    int min, max;
    uint32_t min_line, max_line;
    const char *min_what, *max_what;
} bounds;

/* A label used before it was known. The offset is code[instr].off, or that of its match case. */
typedef struct fixup {
    uint32_t instr, in_case; /* in_case: NOT_FOUND for the instruction's own */
    text label;
    uint32_t line;
} fixup;

typedef struct assembler {
    compilation *c;
    source *out;
    lexer l;
    const char *default_class;
    int file_dialect; /* 0: none given. For the classes that follow */
    int file_layout;  /* -1: none given */
    /* the class at hand */
    class *class;
    uint32_t cap_functions;
    int layout; /* -1: none given */
    bounds needs;
    uint32_t class_line;
    bool listing; /* between .bytecode and .end: comments announce functions */
    bool braces;  /* the function at hand is closed by a brace */
    /* the function at hand */
    bool in_function;
    bool extra_given;
    function fn;
    uint32_t cap_code;
    uint32_t registers; /* the highest used, plus 1 */
    textmap labels;
    fixup *fixups;
    uint32_t nfixups, cap_fixups;
    uint32_t nesting; /* of the value or pattern being read */
} assembler;

/* Notes that the class at hand can only be said in dialects min..max because of `what`, found on `line`. */
void need_dialect(assembler *a, int min, int max, const char *what);

/* ---- asm_value.c --------------------------------------------------------------------------------------------------
 */

value *parse_value(assembler *a);
/* Flags in brackets; the current token is the opening one. */
uint8_t parse_flags(assembler *a);
/* A key and the colon behind it. */
text parse_key(assembler *a);
value *new_value(assembler *a, value_tag tag);
value *text_value(assembler *a, value_tag tag, text t);
/* A copy that outlives the source and ends with NUL. */
text keep(assembler *a, text t);
bool is_number_word(const lexer *l);
/* Enters a level of nesting, or fails where it is one too many; `a->nesting--` leaves it. */
void nest(assembler *a);

/* ---- asm_operand.c ------------------------------------------------------------------------------------------------
 */

/* Reads the operands that the letters of opcodes.def ask for. The instruction is number a->fn.n of the function. */
void parse_operands(assembler *a, instr *i, const char *letters);

#endif
