/* asm_value.c: the text form's values.
 *
 *   value:    number | number±number i | true | false | unit | () | undefined | "string" | 'atom' | :atom
 *           | [value, …] | (,) | (value,) | (value, value, …) | {key: value [flags], …} | function:name
 *   flags:    three of w e c and - | public | readonly | protected | protected_readonly
 *
 * Invariant: what is read nests at most MAX_NESTING deep, so all that walks it may recurse.
 */
#include "asm.h"

#include <string.h>

void need_dialect(assembler *a, int min, int max, const char *what)
{
    bounds *b = &a->needs;
    if (min > b->min) {
        b->min = min;
        b->min_line = a->l.line;
        b->min_what = what;
    }
    if (max < b->max) {
        b->max = max;
        b->max_line = a->l.line;
        b->max_what = what;
    }
}

text keep(assembler *a, text t)
{
    return (text){arena_string(a->c, t.s, t.n), t.n};
}

void nest(assembler *a)
{
    if (++a->nesting > MAX_NESTING)
        lex_fail(&a->l, "nested more than %d deep", MAX_NESTING);
}

/* ---- flags ---- */

static const struct {
    const char *name;
    uint8_t flags;
} access_names[] = {
    {"public", FLAGS_ALL},
    {"readonly", FLAG_ENUMERABLE | FLAG_CONFIGURABLE},
    {"protected", FLAG_WRITABLE | FLAG_CONFIGURABLE | FLAG_HIDDEN},
    {"protected_readonly", FLAG_CONFIGURABLE | FLAG_HIDDEN},
};

static bool flags_from_letters(const char *p, const char *end, uint8_t *flags)
{
    static const char letters[] = "wec";
    if (end - p != 3)
        return false;
    *flags = 0;
    for (int i = 0; i < 3; i++) {
        if (p[i] == letters[i])
            *flags |= (uint8_t)(1 << i);
        else if (p[i] != '-')
            return false;
    }
    return true;
}

/* The brackets at the current token, read raw: `[-ec]`. */
uint8_t parse_flags(assembler *a)
{
    lexer *l = &a->l;
    const char *from = l->p, *to = from;
    while (to < l->end && *to != ']' && *to != '\n')
        to++;
    uint8_t flags = 0;
    bool known = flags_from_letters(from, to, &flags);
    for (unsigned i = 0; i < 4 && !known; i++) {
        known = same_word((text){from, (uint32_t)(to - from)}, access_names[i].name);
        flags = access_names[i].flags;
    }
    if (!known || to == l->end || *to != ']')
        lex_fail(l, "expected flags such as [w-c] or [readonly]");
    if (flags & FLAG_HIDDEN)
        need_dialect(a, 5, 5, "a protected property");
    else if (flags != FLAGS_ALL && flags != (FLAG_ENUMERABLE | FLAG_CONFIGURABLE))
        need_dialect(a, 1, 4, "a combination of property flags");
    lex_resume(l, to + 1);
    return flags;
}

text parse_key(assembler *a)
{
    lexer *l = &a->l;
    text key = keep(a, l->text);
    if (l->kind != T_STRING && l->kind != T_WORD && l->kind != T_ATOM)
        lex_expected(l, "a property name");
    lex_next(l);
    lex_expect(l, ':');
    return key;
}

/* ---- values ---- */

value *new_value(assembler *a, value_tag tag)
{
    value *v = arena_alloc(a->c, sizeof *v);
    v->tag = tag;
    v->text.s = "";
    return v;
}

value *text_value(assembler *a, value_tag tag, text t)
{
    value *v = new_value(a, tag);
    v->text = keep(a, t);
    return v;
}

/* A list behind its opening bracket, up to and with the closing one; the comma behind the last element is optional,
 * and *comma says whether it, or a lone one, was there. */
static value **parse_elements(assembler *a, char closing, uint32_t *n, bool *comma)
{
    value **items = NULL;
    uint32_t cap = 0;
    *comma = lex_is(&a->l, ',') && closing == ')';
    if (*comma)
        lex_next(&a->l);
    while (!lex_is(&a->l, closing) && !(*comma && *n == 0)) {
        items = GROW(a->c, items, *n, cap);
        items[*n] = parse_value(a);
        ++*n;
        *comma = lex_accept(&a->l, ',');
        if (!*comma)
            break;
    }
    lex_close(&a->l, closing);
    return items;
}

static value *parse_array(assembler *a)
{
    value *v = new_value(a, V_ARRAY);
    bool comma;
    lex_open(&a->l, '[');
    v->items = parse_elements(a, ']', &v->n, &comma);
    return v;
}

static value *parse_tuple(assembler *a)
{
    value *v = new_value(a, V_TUPLE);
    bool comma;
    uint32_t line = a->l.line;
    lex_open(&a->l, '(');
    v->items = parse_elements(a, ')', &v->n, &comma);
    if (v->n == 0 && !comma)
        v->tag = V_UNIT;
    if (v->n == 1 && !comma)
        fail_at_line(a->c, line, "a tuple of one element is written (a,)");
    return v;
}

static value *parse_object(assembler *a)
{
    value *v = new_value(a, V_OBJECT);
    uint32_t cap = 0;
    lex_open(&a->l, '{');
    while (!lex_is(&a->l, '}')) {
        v->props = GROW(a->c, v->props, v->n, cap);
        property *p = &v->props[v->n++];
        p->key = parse_key(a);
        p->value = parse_value(a);
        p->flags = lex_is(&a->l, '[') ? parse_flags(a) : FLAGS_ALL;
        if (!lex_accept(&a->l, ','))
            break;
    }
    lex_close(&a->l, '}');
    return v;
}

static const char *scan_or_fail(assembler *a, const char *p, double *d)
{
    const char *after = number_scan(p, a->l.end, d);
    if (!after)
        lex_fail(&a->l, "not a number");
    return after;
}

static bool imaginary_ends(const lexer *l, const char *p)
{
    return p < l->end && *p == 'i' && (p + 1 == l->end || !is_word_char(p[1]));
}

/* A number, or a complex one, from the start of the current token. */
static value *parse_number(assembler *a)
{
    lexer *l = &a->l;
    value *v = new_value(a, V_NUMBER);
    const char *p = scan_or_fail(a, l->start, &v->number);
    if (p < l->end && (*p == '+' || *p == '-')) {
        p = scan_or_fail(a, p, &v->imaginary);
        if (!imaginary_ends(l, p))
            lex_fail(l, "a complex number ends with i");
        v->tag = V_COMPLEX;
        p++;
    } else if (imaginary_ends(l, p)) {
        v->imaginary = v->number;
        v->number = 0;
        v->tag = V_COMPLEX;
        p++;
    }
    if (p < l->end && (is_word_char(*p) || *p == '.'))
        lex_fail(l, "not a number");
    if (v->tag == V_COMPLEX)
        need_dialect(a, 3, 5, "a complex number");
    lex_resume(l, p);
    return v;
}

bool is_number_word(const lexer *l)
{
    return lex_is_word(l, "inf") || lex_is_word(l, "nan") || lex_is_word(l, "infi") || lex_is_word(l, "nani");
}

static value *parse_function_reference(assembler *a)
{
    lexer *l = &a->l;
    if (l->p == l->end || *l->p != ':')
        lex_fail(l, "expected function:NAME");
    if (l->p + 1 < l->end && l->p[1] == '"') {
        lex_next(l);
        lex_next(l);
        return text_value(a, V_FUNCTION, lex_name(l));
    }
    return text_value(a, V_FUNCTION, lex_path(l, l->p + 1));
}

static value *parse_word_value(assembler *a)
{
    lexer *l = &a->l;
    if (is_number_word(l))
        return parse_number(a);
    if (lex_is_word(l, "function"))
        return parse_function_reference(a);
    value *v = new_value(a, V_BOOLEAN);
    if (lex_is_word(l, "true"))
        v->boolean = true;
    else if (lex_is_word(l, "unit"))
        v->tag = V_UNIT;
    else if (lex_is_word(l, "undefined"))
        v->tag = V_UNDEFINED;
    else if (!lex_is_word(l, "false"))
        lex_expected(l, "a value (an atom is written 'name' or :name)");
    lex_next(l);
    return v;
}

static value *parse_quoted(assembler *a, value_tag tag)
{
    value *v = text_value(a, tag, a->l.text);
    if (tag == V_STRING)
        need_dialect(a, 3, 5, "a string");
    lex_next(&a->l);
    return v;
}

static value *parse_mark_value(assembler *a)
{
    lexer *l = &a->l;
    switch (l->mark) {
    case '[': return parse_array(a);
    case '(': return parse_tuple(a);
    case '{': return parse_object(a);
    case '+':
    case '-': return parse_number(a);
    case ':': return text_value(a, V_ATOM, lex_path(l, l->p));
    default: lex_expected(l, "a value");
    }
}

value *parse_value(assembler *a)
{
    value *v;
    nest(a);
    switch (a->l.kind) {
    case T_STRING: v = parse_quoted(a, V_STRING); break;
    case T_ATOM: v = parse_quoted(a, V_ATOM); break;
    case T_DIGITS: v = parse_number(a); break;
    case T_WORD: v = parse_word_value(a); break;
    case T_MARK: v = parse_mark_value(a); break;
    default: lex_expected(&a->l, "a value");
    }
    a->nesting--;
    return v;
}
