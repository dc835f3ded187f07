/* asm.c: the text form → classes: directives, functions, labels, the choice of dialect and layout.
 *
 *   source:      lines of directives, functions and comments
 *   class:       .class NAME [.dialect N] [.layout single|multi|bare] function...
 *   function:    .function NAME|- shape, then lines of code, to .end or the next directive that opens something
 *              | .native NAME|- shape "NAME"
 *              | function NAME|- shape { lines of code }
 *   listing:     .bytecode, code in which a comment `; Function: NAME shape` opens a function, .end
 *   shape:       (arity: N, extra_regs: N), either part or all of it left out at will
 *   code:        [N:] [label:]... [MNEMONIC operands]
 *   package:     .manifest KEY: VALUE, .resource "path" "content"
 *
 * In an assembled class `at` is a source line, so that what the verifier finds names the line. Invariant: a class in
 * source.classes has been verified and can be written in its dialect and layout.
 */
#include "asm.h"

#include <string.h>

/* ---- functions ---- */

static void resolve_labels(assembler *a)
{
    for (uint32_t i = 0; i < a->nfixups; i++) {
        const fixup *x = &a->fixups[i];
        uint32_t to = textmap_get(&a->labels, x->label);
        if (to == NOT_FOUND)
            fail_at_line(a->c, x->line, "no label %.*s in this function", x->label.n > 100 ? 100 : (int)x->label.n,
                         x->label.s);
        int64_t off = (int64_t)to - x->instr;
        if (off > INT32_MAX || off < INT32_MIN)
            fail_at_line(a->c, x->line, "the label is too far away");
        instr *in = &a->fn.code[x->instr];
        *(x->in_case == NOT_FOUND ? &in->off : &in->cases[x->in_case].off) = (int32_t)off;
    }
}

static void end_function(assembler *a)
{
    if (!a->in_function)
        return;
    resolve_labels(a);
    class *k = a->class;
    if (!a->extra_given)
        a->fn.extra_regs = a->registers > a->fn.arity ? a->registers - a->fn.arity : 0;
    k->functions = GROW(a->c, k->functions, k->n, a->cap_functions);
    k->functions[k->n++] = a->fn;
    a->in_function = false;
    a->braces = false;
}

static void begin_class(assembler *a, text name);

static void begin_function(assembler *a, bool has_name, text name, bool native)
{
    end_function(a);
    if (!a->class)
        begin_class(a, text_of(a->default_class));
    a->in_function = true;
    a->extra_given = false;
    a->fn = (function){.has_name = has_name, .name = name, .native = native, .at = a->l.line};
    a->fn.native_name.s = "";
    a->cap_code = 0;
    a->registers = 0;
    a->labels = (textmap){0};
    a->nfixups = 0;
}

/* A name, or `-` for none. */
static bool parse_function_name(lexer *l, text *name)
{
    *name = (text){"", 0};
    if (lex_accept(l, '-'))
        return false;
    *name = lex_name(l);
    return true;
}

/* `(arity: N, extra_regs: N)`; reads from `l`, which need not be the source's own lexer. */
static void parse_shape(assembler *a, lexer *l)
{
    if (!lex_is(l, '('))
        return;
    lex_open(l, '(');
    while (!lex_is(l, ')')) {
        bool arity = lex_is_word(l, "arity");
        if (!arity && !lex_is_word(l, "extra_regs"))
            lex_expected(l, "arity or extra_regs");
        lex_next(l);
        lex_expect(l, ':');
        if (arity) {
            a->fn.arity = lex_u32(l, "an arity");
        } else {
            a->fn.extra_regs = lex_u32(l, "a number of registers");
            a->extra_given = true;
        }
        if (!lex_accept(l, ','))
            break;
    }
    lex_close(l, ')');
}

/* What stands behind `; Function:` — a name, which may be anything, and a shape. */
static void begin_announced(assembler *a, text heading)
{
    uint32_t n = heading.n, from = 0;
    while (n > 0 && heading.s[n - 1] != '(')
        n--;
    if (n == 0)
        n = heading.n + 1;
    uint32_t to = n - 1;
    while (to > from && (heading.s[to - 1] == ' ' || heading.s[to - 1] == '\t' || heading.s[to - 1] == '\r'))
        to--;
    while (from < to && (heading.s[from] == ' ' || heading.s[from] == '\t'))
        from++;
    text name = keep(a, (text){heading.s + from, to - from});
    bool none = name.n == 0 || text_equal(name, text_of("-"));
    begin_function(a, !none, none ? (text){"", 0} : name, false);
    if (n <= heading.n) {
        lexer rest = a->l;
        rest.end = heading.s + heading.n;
        lex_resume(&rest, heading.s + n - 1);
        parse_shape(a, &rest);
    }
}

/* ---- classes ---- */

static void check_dialect(assembler *a, int dialect)
{
    const bounds *b = &a->needs;
    if (dialect < b->min)
        fail_at_line(a->c, b->min_line, "dialect %d has no place for %s", dialect, b->min_what);
    if (dialect > b->max)
        fail_at_line(a->c, b->max_line, "dialect %d has no place for %s", dialect, b->max_what);
}

static void check_layout(assembler *a)
{
    const class *k = a->class;
    if (k->layout != LAYOUT_MULTI && k->n != 1)
        fail_at_line(a->c, a->class_line, "layout %s holds one function, the class has %u",
                     k->layout == LAYOUT_SINGLE ? "single" : "bare", k->n);
    if (k->layout == LAYOUT_BARE && (k->functions[0].has_name || k->functions[0].native || k->functions[0].arity))
        fail_at_line(a->c, a->class_line, "layout bare holds code only, no name, arity or native function");
}

/* Where the file has no place for the number of extra registers, its reader assumes one. */
static void fix_registers(assembler *a)
{
    enum { ASSUMED = 16 };
    class *k = a->class;
    for (uint32_t i = 0; i < k->n; i++) {
        if (k->layout == LAYOUT_BARE)
            k->functions[i].extra_regs = 0;
        else if (k->dialect == 1)
            k->functions[i].extra_regs = ASSUMED;
    }
}

static void end_class(assembler *a)
{
    end_function(a);
    class *k = a->class;
    if (!k)
        return;
    k->layout = a->layout >= 0 ? (layout)a->layout : k->n == 1 ? LAYOUT_SINGLE : LAYOUT_MULTI;
    if (a->c->opt.dialect)
        k->dialect = a->c->opt.dialect;
    if (k->dialect == 0)
        k->dialect = class_dialect_needed(k);
    check_dialect(a, k->dialect);
    check_layout(a);
    fix_registers(a);
    fault f;
    if (!class_verify(a->c, k, false, &f)) {
        fault loosely;
        if (!class_verify(a->c, k, true, &loosely))
            fail_at_line(a->c, (uint32_t)f.offset, "%s", f.text);
        warn(a->c, NULL, "line %llu: %s", (unsigned long long)f.offset, f.text);
    }
    a->class = NULL;
    a->out->classes = GROW(a->c, a->out->classes, a->out->n, a->out->cap);
    a->out->classes[a->out->n++] = k;
}

static void begin_class(assembler *a, text name)
{
    end_class(a);
    for (uint32_t i = 0; i < a->out->n; i++)
        if (text_equal(a->out->classes[i]->name, name))
            lex_fail(&a->l, "a second class of the name %s", name.s);
    class *k = arena_alloc(a->c, sizeof *k);
    k->name = name;
    k->entry = a->c->input;
    k->dialect = a->file_dialect;
    a->class = k;
    a->layout = a->file_layout;
    a->cap_functions = 0;
    a->class_line = a->l.line;
    a->needs = (bounds){.min = 1, .max = 5};
}

/* ---- directives ---- */

static void dir_class(assembler *a)
{
    uint32_t line = a->l.line;
    text name = lex_name(&a->l);
    if (name.n == 0)
        fail_at_line(a->c, line, "a class needs a name");
    begin_class(a, name);
    a->class_line = line;
}

static void dir_dialect(assembler *a)
{
    uint32_t line = a->l.line, n = lex_u32(&a->l, "a dialect");
    if (n < 1 || n > 5)
        fail_at_line(a->c, line, "dialects are 1 to 5");
    *(a->class ? &a->class->dialect : &a->file_dialect) = (int)n;
}

static void dir_layout(assembler *a)
{
    static const char *const names[] = {"single", "multi", "bare"};
    int found = -1;
    for (int i = 0; i < 3; i++)
        if (lex_is_word(&a->l, names[i]))
            found = i;
    if (found < 0)
        lex_expected(&a->l, "single, multi or bare");
    lex_next(&a->l);
    *(a->class ? &a->layout : &a->file_layout) = found;
}

static void dir_function(assembler *a)
{
    text name;
    bool named = parse_function_name(&a->l, &name);
    begin_function(a, named, name, false);
    parse_shape(a, &a->l);
}

static void dir_native(assembler *a)
{
    text name;
    bool named = parse_function_name(&a->l, &name);
    begin_function(a, named, name, true);
    parse_shape(a, &a->l);
    if (a->l.kind != T_STRING)
        lex_expected(&a->l, "the native function's name in quotes");
    a->fn.native_name = keep(a, a->l.text);
    lex_next(&a->l);
    end_function(a);
}

static void dir_end(assembler *a)
{
    if (!a->in_function && !a->listing)
        lex_fail(&a->l, ".end closes nothing");
    end_function(a);
    a->listing = false;
}

static void dir_bytecode(assembler *a)
{
    end_function(a);
    a->listing = true;
}

static void dir_manifest(assembler *a)
{
    text line = lex_rest(&a->l);
    const char *colon = memchr(line.s, ':', line.n);
    if (!colon || colon == line.s)
        lex_fail(&a->l, "expected .manifest KEY: VALUE");
    a->out->manifest.c = a->c;
    buf_put(&a->out->manifest, line.s, line.n);
    buf_puts(&a->out->manifest, "\n");
}

static void dir_resource(assembler *a)
{
    source *s = a->out;
    lexer *l = &a->l;
    if (l->kind != T_STRING || l->text.n == 0 || memchr(l->text.s, 0, l->text.n))
        lex_expected(l, "a resource's path in quotes");
    s->resources = GROW(a->c, s->resources, s->nresources, s->cap_resources);
    entry *e = &s->resources[s->nresources++];
    e->name = arena_format(a->c, "resources/%s", l->text.s);
    lex_next(l);
    if (l->kind != T_STRING)
        lex_expected(l, "a resource's content in quotes");
    e->data = l->text;
    lex_next(l);
}

static const struct directive {
    const char *name;
    void (*read)(assembler *);
} directives[] = {
    {"class", dir_class},       {"dialect", dir_dialect},   {"layout", dir_layout},
    {"function", dir_function}, {"native", dir_native},     {"end", dir_end},
    {"bytecode", dir_bytecode}, {"manifest", dir_manifest}, {"resource", dir_resource},
};

static void parse_directive(assembler *a)
{
    text name = a->l.text;
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++) {
        if (same_word(name, directives[i].name)) {
            lex_next(&a->l);
            directives[i].read(a);
            return;
        }
    }
    lex_fail(&a->l, "unknown directive .%.*s", name.n > 100 ? 100 : (int)name.n, name.s);
}

/* ---- lines ---- */

static uint8_t find_op(const lexer *l)
{
    for (unsigned op = 1; op <= OP_LAST; op++)
        if (op_table[op].name && same_word(l->text, op_table[op].name))
            return (uint8_t)op;
    lex_fail(l, "unknown instruction %.*s", l->text.n > 100 ? 100 : (int)l->text.n, l->text.s);
}

/* Code needs a function; a listing that announces none has one without a name. */
static void need_function(assembler *a)
{
    if (!a->in_function && a->listing)
        begin_function(a, false, (text){"", 0}, false);
    if (!a->in_function)
        lex_fail(&a->l, "code outside a function");
}

static void parse_instruction(assembler *a)
{
    instr i = {.op = find_op(&a->l), .at = a->l.line, .scope = {"", 0}};
    const op_info *op = &op_table[i.op];
    need_function(a);
    need_dialect(a, op->dialect, 5, op->name);
    lex_next(&a->l);
    parse_operands(a, &i, op->operands);
    if (a->fn.n == INT32_MAX)
        lex_fail(&a->l, "too many instructions");
    a->fn.code = GROW(a->c, a->fn.code, a->fn.n, a->cap_code);
    a->fn.code[a->fn.n++] = i;
}

static void parse_label(assembler *a)
{
    text name = a->l.text;
    need_function(a);
    if (textmap_get(&a->labels, name) != NOT_FOUND)
        lex_fail(&a->l, "a second label %.*s in this function", name.n > 100 ? 100 : (int)name.n, name.s);
    textmap_put(a->c, &a->labels, name, a->fn.n);
    lex_next(&a->l);
    lex_expect(&a->l, ':');
}

/* `N:` in front of an instruction; N, decimal or not, means nothing. */
static void skip_index(assembler *a)
{
    lexer *l = &a->l;
    const char *p = l->start;
    while (p < l->end && is_word_char(*p))
        p++;
    if (p == l->end || *p != ':')
        lex_expected(l, "an instruction");
    lex_resume(l, p + 1);
}

/* `function NAME (…) {` */
static void parse_braced_function(assembler *a)
{
    lexer *l = &a->l;
    text name;
    lex_next(l);
    bool named = parse_function_name(l, &name);
    begin_function(a, named, name, false);
    parse_shape(a, l);
    while (l->kind == T_NEWLINE)
        lex_next(l);
    lex_expect(l, '{');
    a->braces = true;
}

static void parse_line(assembler *a)
{
    lexer *l = &a->l;
    if (l->kind == T_DIGITS)
        skip_index(a);
    while (l->kind == T_WORD && l->p < l->end && *l->p == ':')
        parse_label(a);
    if (l->kind == T_DIRECTIVE) {
        parse_directive(a);
    } else if (lex_is_word(l, "function")) {
        parse_braced_function(a);
        return;
    } else if (l->kind == T_WORD) {
        parse_instruction(a);
    }
    if (a->braces && lex_accept(l, '}'))
        end_function(a);
    if (l->kind != T_NEWLINE && l->kind != T_END)
        lex_expected(l, "the end of the line");
}

/* A `; Function:` comment counts inside a listing, or just before one. */
static void take_heading(assembler *a)
{
    lexer *l = &a->l;
    bool opens = l->kind == T_DIRECTIVE && same_word(l->text, "bytecode");
    if (l->heading.s && a->listing) {
        text heading = l->heading;
        l->heading.s = NULL;
        begin_announced(a, heading);
    } else if (l->kind != T_NEWLINE && !opens) {
        l->heading.s = NULL;
    }
}

void source_assemble(compilation *c, source *s, const char *file, text data, const char *default_class)
{
    const char *input = c->input;
    assembler *a = arena_alloc(c, sizeof *a);
    a->c = c;
    a->out = s;
    a->default_class = default_class;
    a->file_layout = -1;
    c->input = file;
    lex_start(&a->l, c, data);
    while (a->l.kind != T_END) {
        take_heading(a);
        if (a->l.kind == T_NEWLINE)
            lex_next(&a->l);
        else
            parse_line(a);
    }
    take_heading(a);
    end_class(a);
    c->input = input;
}
