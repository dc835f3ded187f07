/* asm_operand.c: the text form's patterns and instruction operands.
 *
 *   pattern:  _ | word (an atom) | [pattern, …] | (,) | (pattern,) | (pattern, pattern, …) | #"tag" pattern
 *           | =value | value (neither array nor tuple)
 *   offset:   label | +n | -n | n
 *
 * Labels stand for offsets that are known at the end of the function only: each use leaves a fixup.
 */
#include "asm.h"

/* ---- patterns ---- */

static pattern *parse_pattern(assembler *a);

static pattern *new_pattern(assembler *a, pattern_kind kind)
{
    pattern *p = arena_alloc(a->c, sizeof *p);
    p->kind = kind;
    p->tag.s = "";
    return p;
}

/* The value counts as a level of its own, as it does in the file. */
static pattern *value_pattern(assembler *a, value *v)
{
    pattern *p = new_pattern(a, P_VALUE);
    nest(a);
    a->nesting--;
    p->value = v;
    return p;
}

static pattern *parse_tagged(assembler *a)
{
    lexer *l = &a->l;
    pattern *p = new_pattern(a, P_TAGGED);
    lex_expect(l, '#');
    p->tag = keep(a, l->text);
    if (l->kind != T_STRING && l->kind != T_WORD)
        lex_expected(l, "a tag");
    lex_next(l);
    p->n = 1;
    p->items = arena_alloc(a->c, sizeof *p->items);
    p->items[0] = parse_pattern(a);
    return p;
}

static pattern *parse_pattern_list(assembler *a, pattern_kind kind, char opening, char closing)
{
    lexer *l = &a->l;
    uint32_t cap = 0, line = l->line;
    pattern *p = new_pattern(a, kind);
    lex_open(l, opening);
    bool comma = kind == P_TUPLE && lex_accept(l, ','), lone = comma;
    while (!lone && !lex_is(l, closing)) {
        p->items = GROW(a->c, p->items, p->n, cap);
        p->items[p->n] = parse_pattern(a);
        p->n++;
        comma = lex_accept(l, ',');
        if (!comma)
            break;
    }
    lex_close(l, closing);
    if (kind == P_TUPLE && p->n == 0 && !lone)
        return value_pattern(a, new_value(a, V_UNIT));
    if (kind == P_TUPLE && p->n == 1 && !comma)
        fail_at_line(a->c, line, "a tuple of one element is written (a,)");
    return p;
}

static bool is_value_word(const lexer *l)
{
    return lex_is_word(l, "true") || lex_is_word(l, "false") || lex_is_word(l, "unit") || lex_is_word(l, "undefined") ||
           is_number_word(l) || (lex_is_word(l, "function") && *l->p == ':');
}

static pattern *parse_word_pattern(assembler *a)
{
    lexer *l = &a->l;
    if (is_value_word(l))
        return value_pattern(a, parse_value(a));
    pattern *p = lex_is_word(l, "_") ? new_pattern(a, P_WILDCARD) : value_pattern(a, text_value(a, V_ATOM, l->text));
    lex_next(l);
    return p;
}

static pattern *parse_pattern(assembler *a)
{
    lexer *l = &a->l;
    pattern *p;
    nest(a);
    if (l->kind == T_WORD)
        p = parse_word_pattern(a);
    else if (lex_is(l, '('))
        p = parse_pattern_list(a, P_TUPLE, '(', ')');
    else if (lex_is(l, '['))
        p = parse_pattern_list(a, P_ARRAY, '[', ']');
    else if (lex_is(l, '#'))
        p = parse_tagged(a);
    else {
        lex_accept(l, '=');
        p = value_pattern(a, parse_value(a));
    }
    a->nesting--;
    return p;
}

/* ---- operands ---- */

/* `r12` with the letter given, in either case. */
static bool is_numbered(const lexer *l, char letter)
{
    if (l->kind != T_WORD || (l->text.s[0] | 32) != letter || l->text.n < 2)
        return false;
    for (uint32_t i = 1; i < l->text.n; i++)
        if (l->text.s[i] < '0' || l->text.s[i] > '9')
            return false;
    return true;
}

static uint32_t parse_numbered(lexer *l, char letter, const char *what)
{
    if (!is_numbered(l, letter))
        lex_expected(l, what);
    uint64_t n = 0;
    for (uint32_t i = 1; i < l->text.n && n <= UINT32_MAX; i++)
        n = n * 10 + (uint64_t)(l->text.s[i] - '0');
    if (n > UINT32_MAX)
        lex_fail(l, "%.*s is too large a number", l->text.n > 40 ? 40 : (int)l->text.n, l->text.s);
    lex_next(l);
    return (uint32_t)n;
}

static uint32_t parse_register(assembler *a)
{
    uint32_t r = parse_numbered(&a->l, 'r', "a register");
    if (r >= a->registers)
        a->registers = r == UINT32_MAX ? r : r + 1;
    return r;
}

/* LINK's process: `p2`, `r2` or `2`. */
static uint32_t parse_link_process(assembler *a)
{
    if (a->l.kind == T_DIGITS)
        return lex_u32(&a->l, "a process");
    if (is_numbered(&a->l, 'r'))
        return parse_register(a);
    return parse_numbered(&a->l, 'p', "a process");
}

static uint32_t *parse_registers(assembler *a, uint32_t *n)
{
    uint32_t *regs = NULL, cap = 0;
    lex_open(&a->l, '[');
    while (!lex_is(&a->l, ']')) {
        regs = GROW(a->c, regs, *n, cap);
        regs[*n] = parse_register(a);
        ++*n;
        if (!lex_accept(&a->l, ','))
            break;
    }
    lex_close(&a->l, ']');
    return regs;
}

/* An offset, or a label to be filled in at the end of the function. */
static int32_t parse_offset(assembler *a, uint32_t in_case)
{
    lexer *l = &a->l;
    if (l->kind == T_WORD) {
        a->fixups = GROW(a->c, a->fixups, a->nfixups, a->cap_fixups);
        a->fixups[a->nfixups++] = (fixup){a->fn.n, in_case, l->text, l->line};
        lex_next(l);
        return 0;
    }
    bool minus = lex_is(l, '-');
    if (minus || lex_is(l, '+'))
        lex_next(l);
    if (l->kind != T_DIGITS)
        lex_expected(l, "a label or an offset");
    int64_t n = lex_u32(l, "an offset");
    n = minus ? -n : n;
    if (n < INT32_MIN || n > INT32_MAX)
        lex_fail(l, "%lld is too large for an offset", (long long)n);
    return (int32_t)n;
}

static match_case *parse_cases(assembler *a, uint32_t *n)
{
    lexer *l = &a->l;
    match_case *cases = NULL;
    uint32_t cap = 0;
    lex_open(l, '[');
    while (!lex_is(l, ']')) {
        cases = GROW(a->c, cases, *n, cap);
        lex_open(l, '(');
        cases[*n].pattern = parse_pattern(a);
        lex_expect(l, ',');
        cases[*n].off = parse_offset(a, *n);
        lex_close(l, ')');
        ++*n;
        if (!lex_accept(l, ','))
            break;
    }
    lex_close(l, ']');
    return cases;
}

static init_prop *parse_init(assembler *a, uint32_t *n)
{
    lexer *l = &a->l;
    init_prop *props = NULL;
    uint32_t cap = 0;
    lex_open(l, '{');
    while (!lex_is(l, '}')) {
        props = GROW(a->c, props, *n, cap);
        init_prop *p = &props[*n];
        p->key = parse_key(a);
        p->kind = is_numbered(l, 'r') ? ARG_REG : ARG_VALUE;
        if (p->kind == ARG_REG)
            p->reg = parse_register(a);
        else
            p->value = parse_value(a);
        p->flags = FLAGS_ALL;
        if (lex_is(l, '[')) {
            p->kind = p->kind == ARG_REG ? ARG_REG_FLAGS : ARG_VALUE_FLAGS;
            p->flags = parse_flags(a);
        }
        ++*n;
        if (!lex_accept(l, ','))
            break;
    }
    lex_close(l, '}');
    return props;
}

static capture *parse_captures(assembler *a, uint32_t *n)
{
    lexer *l = &a->l;
    capture *captures = NULL;
    uint32_t cap = 0;
    lex_open(l, '[');
    while (!lex_is(l, ']')) {
        captures = GROW(a->c, captures, *n, cap);
        captures[*n].name = parse_key(a);
        captures[*n].reg = parse_register(a);
        ++*n;
        if (!lex_accept(l, ','))
            break;
    }
    lex_close(l, ']');
    return captures;
}

static text parse_string(assembler *a)
{
    text t = keep(a, a->l.text);
    if (a->l.kind != T_STRING)
        lex_expected(&a->l, "a string");
    lex_next(&a->l);
    return t;
}

/* LINK's result, which dialects 1 to 3 do not have. */
static bool parse_link_result(assembler *a, instr *i)
{
    if (a->l.kind == T_NEWLINE || a->l.kind == T_END) {
        need_dialect(a, 1, 3, "LINK without a result");
        return false;
    }
    need_dialect(a, 4, 5, "LINK with a result");
    lex_expect(&a->l, ',');
    i->reg[1] = parse_register(a);
    return true;
}

void parse_operands(assembler *a, instr *i, const char *letters)
{
    uint32_t nregs = 0;
    for (const char *letter = letters; *letter; letter++) {
        if (letter != letters && *letter != 'r')
            lex_expect(&a->l, ',');
        switch (*letter) {
        case 'd':
        case 's': i->reg[nregs++] = parse_register(a); break;
        case 'p': i->reg[nregs++] = parse_link_process(a); break;
        case 'r': i->has_dst = parse_link_result(a, i); break;
        case 'v': i->value = parse_value(a); break;
        case 'l': i->regs = parse_registers(a, &i->n); break;
        case 'j': i->off = parse_offset(a, NOT_FOUND); break;
        case 'm': i->cases = parse_cases(a, &i->n); break;
        case 'o': i->props = parse_init(a, &i->n); break;
        case 't': i->scope = parse_string(a); break;
        case 'c': i->captures = parse_captures(a, &i->n); break;
        }
    }
}
