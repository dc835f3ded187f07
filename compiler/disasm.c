/* disasm.c: classes → the text form.
 *
 * Invariant: assembling what disasm_class prints gives the bytes that the class came from. Everything the file holds is
 * printed or follows from what is printed; the directives .dialect and .layout say the rest. Values and patterns nest
 * at most MAX_NESTING deep (the decoder and the assembler see to that), so they are printed recursively.
 */
#include "asm.h"

#include <string.h>

/* ---- names and quoted text ---- */

/* The escape for the character at p, or NULL for one that stands for itself; *n is the character's length. */
static const char *escape_for(const char *p, const char *end, char quote, char space[16], uint32_t *n)
{
    unsigned char ch = (unsigned char)*p;
    *n = 1;
    switch (ch) {
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '\r': return "\\r";
    case '\\': return "\\\\";
    }
    if (ch == (unsigned char)quote)
        return quote == '"' ? "\\\"" : "\\'";
    unsigned code = ch;
    if (ch == 0xC2 && p + 1 < end && (unsigned char)p[1] < 0xA0) {
        code = (unsigned char)p[1];
        *n = 2;
    } else if (ch >= 0x20 && ch != 0x7F) {
        return NULL;
    }
    snprintf(space, 16, "\\u{%x}", code);
    return space;
}

static void put_quoted(buffer *out, text t, char quote)
{
    const char *p = t.s, *run = p, *end = p + t.n;
    char space[16];
    uint32_t n;
    buf_put(out, &quote, 1);
    for (; p < end; p += n) {
        const char *escape = escape_for(p, end, quote, space, &n);
        if (!escape)
            continue;
        buf_put(out, run, (size_t)(p - run));
        buf_puts(out, escape);
        run = p + n;
    }
    buf_put(out, run, (size_t)(end - run));
    buf_put(out, &quote, 1);
}

static void put_path(buffer *out, text t)
{
    if (is_plain_path(t))
        buf_put(out, t.s, t.n);
    else
        put_quoted(out, t, '"');
}

static void put_key(buffer *out, text t)
{
    if (is_plain_word(t))
        buf_put(out, t.s, t.n);
    else
        put_quoted(out, t, '"');
    buf_puts(out, ": ");
}

static void put_flags(buffer *out, uint8_t flags, int dialect)
{
    static const char *const access[16] = {
        [FLAGS_ALL] = "public",
        [FLAG_ENUMERABLE | FLAG_CONFIGURABLE] = "readonly",
        [FLAG_WRITABLE | FLAG_CONFIGURABLE | FLAG_HIDDEN] = "protected",
        [FLAG_CONFIGURABLE | FLAG_HIDDEN] = "protected_readonly",
    };
    if (dialect >= 5 && access[flags & 15])
        buf_printf(out, " [%s]", access[flags & 15]);
    else
        buf_printf(out, " [%c%c%c]", flags & FLAG_WRITABLE ? 'w' : '-', flags & FLAG_ENUMERABLE ? 'e' : '-',
                   flags & FLAG_CONFIGURABLE ? 'c' : '-');
}

/* ---- values and patterns ---- */

static void put_separator(buffer *out, uint32_t i)
{
    if (i)
        buf_puts(out, ", ");
}

static void put_items(buffer *out, const value *v, int dialect)
{
    for (uint32_t i = 0; i < v->n; i++) {
        put_separator(out, i);
        disasm_value(out, v->items[i], dialect);
    }
}

/* What ends a tuple: `(,)` and `(a,)` tell the short ones from unit and parentheses. */
static const char *tuple_end(uint32_t n)
{
    return n < 2 ? ",)" : ")";
}

static void put_object(buffer *out, const value *v, int dialect)
{
    buf_puts(out, "{");
    for (uint32_t i = 0; i < v->n; i++) {
        put_separator(out, i);
        put_key(out, v->props[i].key);
        disasm_value(out, v->props[i].value, dialect);
        if (v->props[i].flags != FLAGS_ALL)
            put_flags(out, v->props[i].flags, dialect);
    }
    buf_puts(out, "}");
}

static void put_complex(buffer *out, const value *v)
{
    buffer part = {.c = out->c};
    disasm_number(out, v->number);
    disasm_number(&part, v->imaginary);
    if (part.data[0] != '-')
        buf_puts(out, "+");
    buf_put(out, part.data, part.len);
    buf_puts(out, "i");
}

void disasm_value(buffer *out, const value *v, int dialect)
{
    switch (v->tag) {
    case V_NUMBER: disasm_number(out, v->number); break;
    case V_BOOLEAN: buf_puts(out, v->boolean ? "true" : "false"); break;
    case V_ATOM: put_quoted(out, v->text, '\''); break;
    case V_UNIT: buf_puts(out, "()"); break;
    case V_UNDEFINED: buf_puts(out, "undefined"); break;
    case V_ARRAY:
        buf_puts(out, "[");
        put_items(out, v, dialect);
        buf_puts(out, "]");
        break;
    case V_OBJECT: put_object(out, v, dialect); break;
    case V_FUNCTION:
        buf_puts(out, "function:");
        put_path(out, v->text);
        break;
    case V_STRING: put_quoted(out, v->text, '"'); break;
    case V_COMPLEX: put_complex(out, v); break;
    case V_TUPLE:
        buf_puts(out, "(");
        put_items(out, v, dialect);
        buf_puts(out, tuple_end(v->n));
        break;
    }
}

/* Words that mean something else in a pattern than the atom of that name. */
static bool is_reserved(text t)
{
    static const text words[] = {{"true", 4}, {"false", 5}, {"unit", 4}, {"undefined", 9}, {"inf", 3},
                                 {"nan", 3},  {"infi", 4},  {"nani", 4}, {"_", 1}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(t, words[i]))
            return true;
    return false;
}

static void put_value_pattern(buffer *out, const value *v, int dialect)
{
    if (v->tag == V_ATOM && is_plain_word(v->text) && !is_reserved(v->text)) {
        buf_put(out, v->text.s, v->text.n);
        return;
    }
    if (v->tag == V_ARRAY || v->tag == V_TUPLE || v->tag == V_OBJECT)
        buf_puts(out, "=");
    disasm_value(out, v, dialect);
}

static void put_pattern(buffer *out, const pattern *p, int dialect)
{
    switch (p->kind) {
    case P_VALUE: put_value_pattern(out, p->value, dialect); return;
    case P_WILDCARD: buf_puts(out, "_"); return;
    case P_TAGGED:
        buf_puts(out, "#");
        put_quoted(out, p->tag, '"');
        buf_puts(out, " ");
        put_pattern(out, p->items[0], dialect);
        return;
    case P_TUPLE:
    case P_ARRAY: break;
    }
    buf_puts(out, p->kind == P_TUPLE ? "(" : "[");
    for (uint32_t i = 0; i < p->n; i++) {
        put_separator(out, i);
        put_pattern(out, p->items[i], dialect);
    }
    buf_puts(out, p->kind == P_TUPLE ? tuple_end(p->n) : "]");
}

/* ---- instructions ---- */

static void put_cases(buffer *out, const instr *i, int dialect)
{
    for (uint32_t k = 0; k < i->n; k++) {
        put_separator(out, k);
        buf_puts(out, "(");
        put_pattern(out, i->cases[k].pattern, dialect);
        buf_printf(out, ", %+d)", i->cases[k].off);
    }
}

static void put_register(buffer *out, const char *kind, uint32_t r)
{
    buf_puts(out, kind);
    buf_number(out, r);
}

static void put_init(buffer *out, const instr *i, int dialect)
{
    for (uint32_t k = 0; k < i->n; k++) {
        const init_prop *p = &i->props[k];
        put_separator(out, k);
        put_key(out, p->key);
        if (p->kind == ARG_REG || p->kind == ARG_REG_FLAGS)
            put_register(out, "r", p->reg);
        else
            disasm_value(out, p->value, dialect);
        if (p->kind == ARG_REG_FLAGS || p->kind == ARG_VALUE_FLAGS)
            put_flags(out, p->flags, dialect);
    }
}

static void put_captures(buffer *out, const instr *i)
{
    for (uint32_t k = 0; k < i->n; k++) {
        put_separator(out, k);
        put_key(out, i->captures[k].name);
        put_register(out, "r", i->captures[k].reg);
    }
}

static void put_registers(buffer *out, const instr *i)
{
    for (uint32_t k = 0; k < i->n; k++) {
        put_separator(out, k);
        put_register(out, "r", i->regs[k]);
    }
}

/* The operands that are lists, in their brackets. */
static void put_list(buffer *out, const instr *i, char letter, int dialect)
{
    buf_puts(out, letter == 'o' ? "{" : "[");
    switch (letter) {
    case 'l': put_registers(out, i); break;
    case 'm': put_cases(out, i, dialect); break;
    case 'o': put_init(out, i, dialect); break;
    case 'c': put_captures(out, i); break;
    }
    buf_puts(out, letter == 'o' ? "}" : "]");
}

void disasm_instr(buffer *out, const instr *i, int dialect)
{
    const op_info *op = &op_table[i->op];
    unsigned reg = 0;
    buf_puts(out, op->name);
    for (const char *letter = op->operands; *letter; letter++) {
        if (*letter == 'r' && !i->has_dst)
            continue;
        buf_puts(out, letter == op->operands ? " " : ", ");
        switch (*letter) {
        case 'd':
        case 's':
        case 'r': put_register(out, "r", i->reg[reg++]); break;
        case 'p': put_register(out, "p", i->reg[reg++]); break;
        case 'j': buf_printf(out, "%+d", i->off); break;
        case 'v': disasm_value(out, i->value, dialect); break;
        case 't': put_quoted(out, i->scope, '"'); break;
        default: put_list(out, i, *letter, dialect); break;
        }
    }
}

/* ---- functions and classes ---- */

static void put_function(buffer *out, const function *f, const class *k)
{
    buf_puts(out, f->native ? "\n.native " : "\n.function ");
    if (f->has_name)
        put_path(out, f->name);
    else
        buf_puts(out, "-");
    if (k->layout != LAYOUT_BARE) {
        buf_printf(out, " (arity: %u", f->arity);
        if (k->dialect > 1 && (!f->native || f->extra_regs))
            buf_printf(out, ", extra_regs: %u", f->extra_regs);
        buf_puts(out, ")");
    }
    if (f->native) {
        buf_puts(out, " ");
        put_quoted(out, f->native_name, '"');
        buf_puts(out, "\n");
        return;
    }
    buf_puts(out, "\n");
    for (uint32_t i = 0; i < f->n; i++) {
        buf_printf(out, "%4u: ", i);
        disasm_instr(out, &f->code[i], k->dialect);
        buf_puts(out, "\n");
    }
    buf_puts(out, ".end\n");
}

void disasm_class(buffer *out, const class *k)
{
    static const char *const layouts[] = {"single", "multi", "bare"};
    buf_puts(out, ".class ");
    put_path(out, k->name);
    buf_printf(out, "\n.dialect %d\n.layout %s\n", k->dialect, layouts[k->layout]);
    for (uint32_t i = 0; i < k->n; i++)
        put_function(out, &k->functions[i], k);
}
