/* disasm.c: one instruction in the text form, as traces show it. */
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "object.h"

static void put_bytes(buffer *b, const char *s, size_t n, char quote)
{
    buffer_put(b, &quote, 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        const char *escape = c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : c == '\\' ? "\\\\" : NULL;
        if (escape)
            buffer_puts(b, escape);
        else if (c == (unsigned char)quote)
            buffer_printf(b, "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            buffer_printf(b, "\\u{%x}", c);
        else
            buffer_put(b, &s[i], 1);
    }
    buffer_put(b, &quote, 1);
}

/* A name that needs no quotes as a key. */
static bool plain(const name *a)
{
    for (size_t i = 0; i < a->len; i++) {
        char c = a->text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return a->len > 0;
}

static void put_key(buffer *b, const name *a)
{
    if (plain(a))
        buffer_put(b, a->text, a->len);
    else
        put_bytes(b, a->text, a->len, '"');
}

static void put_flags(buffer *b, uint8_t flags, int dialect)
{
    if (dialect == 5)
        buffer_printf(b, " [%s%s]", flags & HIDDEN ? "protected" : "",
                      flags & WRITABLE ? flags & HIDDEN ? "" : "public"
                      : flags & HIDDEN ? "_readonly"
                                       : "readonly");
    else
        buffer_printf(b, " [%c%c%c]", flags & WRITABLE ? 'w' : '-', flags & ENUMERABLE ? 'e' : '-',
                      flags & CONFIGURABLE ? 'c' : '-');
}

static void put_complex(buffer *b, const cnumber *c)
{
    buffer im = {0};
    print_literal(&im, c->im);
    print_literal(b, c->re);
    if (im.data[0] != '-')
        buffer_puts(b, "+");
    buffer_put(b, im.data, im.len);
    buffer_puts(b, "i");
    buffer_free(&im);
}

static void put_leaf(buffer *b, const node *v)
{
    switch (v->tag) {
    case TAG_NUMBER: print_literal(b, v->value.number); break;
    case TAG_BOOLEAN: buffer_puts(b, v->value.boolean ? "true" : "false"); break;
    case TAG_UNIT: buffer_puts(b, "()"); break;
    case TAG_UNDEFINED: buffer_puts(b, "undefined"); break;
    case TAG_ATOM: put_bytes(b, v->text->text, v->text->len, '\''); break;
    case TAG_FUNCTION: buffer_printf(b, "function:%s", v->text->text); break;
    case TAG_STRING: put_bytes(b, v->value.string->text, v->value.string->len, '"'); break;
    case TAG_COMPLEX: put_complex(b, v->value.complex); break;
    }
}

static const char *opener(uint8_t tag)
{
    return tag == TAG_ARRAY ? "[" : tag == TAG_OBJECT ? "{" : tag == TAG_TUPLE ? "(" : NULL;
}

/* A container, or a pattern, with parts still to come. */
typedef struct nesting {
    uint32_t left, n;
    const char *closer;
    const node *property; /* whose flags follow its value */
} nesting;

typedef struct nestings {
    nesting *items;
    size_t n, cap;
} nestings;

static void nest(nestings *s, nesting one)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 16;
        s->items = heap_resize(s->items, s->cap * sizeof *s->items);
    }
    s->items[s->n++] = one;
}

/* A part begins: what separates it from the one before. */
static void begin_part(buffer *b, nestings *s)
{
    if (!s->n)
        return;
    nesting *top = &s->items[s->n - 1];
    if (top->left-- < top->n)
        buffer_puts(b, ", ");
}

static void end_property(buffer *b, const node *v, int dialect)
{
    if (v->key && v->flags != ALL_ON)
        put_flags(b, v->flags, dialect);
}

static void end_part(buffer *b, nestings *s, int dialect)
{
    while (s->n && s->items[s->n - 1].left == 0) {
        nesting *top = &s->items[--s->n];
        buffer_puts(b, top->closer);
        if (top->property)
            end_property(b, top->property, dialect);
    }
}

static void put_constant(buffer *b, const constant *c, int dialect)
{
    static const char *const closers[] = {[TAG_ARRAY] = "]", [TAG_OBJECT] = "}", [TAG_TUPLE] = ")"};
    nestings s = {0};
    for (size_t i = 0; i < c->n; i++) {
        const node *v = &c->nodes[i];
        begin_part(b, &s);
        if (v->key) {
            put_key(b, v->key);
            buffer_puts(b, ": ");
        }
        if (opener(v->tag)) {
            buffer_puts(b, opener(v->tag));
            /* an empty tuple is not unit, and one of one value needs its comma */
            const char *closer = v->tag == TAG_TUPLE && v->n < 2 ? ",)" : closers[v->tag];
            nest(&s, (nesting){v->n, v->n, closer, v});
        } else {
            put_leaf(b, v);
            end_property(b, v, dialect);
        }
        end_part(b, &s, dialect);
    }
    free(s.items);
}

static void put_pattern(buffer *b, const match_case *m, int dialect)
{
    nestings s = {0};
    for (size_t i = 0; i < m->n; i++) {
        const pattern_node *p = &m->nodes[i];
        begin_part(b, &s);
        switch (p->kind) {
        case P_VALUE:
            if (opener(p->constant.nodes[0].tag))
                buffer_puts(b, "=");
            put_constant(b, &p->constant, dialect);
            break;
        case P_WILDCARD: buffer_puts(b, "_"); break;
        case P_TUPLE:
            buffer_puts(b, "(");
            nest(&s, (nesting){p->n, p->n, p->n < 2 ? ",)" : ")", NULL});
            break;
        case P_ARRAY:
            buffer_puts(b, "[");
            nest(&s, (nesting){p->n, p->n, "]", NULL});
            break;
        case P_TAGGED:
            buffer_puts(b, "#");
            put_bytes(b, p->tag->text, p->tag->len, '"');
            buffer_puts(b, " ");
            nest(&s, (nesting){1, 1, "", NULL});
            break;
        }
        end_part(b, &s, dialect);
    }
    free(s.items);
}

static void put_list_item(buffer *b, const instr *i, uint32_t k, char letter, int dialect)
{
    const init_prop *prop = &i->props[k];
    switch (letter) {
    case 'l': buffer_printf(b, "r%u", i->regs[k]); break;
    case 'm':
        buffer_puts(b, "(");
        put_pattern(b, &i->cases[k], dialect);
        buffer_printf(b, ", %+d)", i->cases[k].off);
        break;
    case 'c':
        put_key(b, i->captures[k].name);
        buffer_printf(b, ": r%u", i->captures[k].reg);
        break;
    case 'o':
        put_key(b, prop->key);
        buffer_puts(b, ": ");
        if (prop->kind & 1)
            put_constant(b, &prop->constant, dialect);
        else
            buffer_printf(b, "r%u", prop->reg);
        if (prop->kind & 2)
            put_flags(b, prop->flags, dialect);
        break;
    }
}

static void put_list(buffer *b, const instr *i, char letter, int dialect)
{
    buffer_puts(b, letter == 'o' ? "{" : "[");
    for (uint32_t k = 0; k < i->n; k++) {
        if (k)
            buffer_puts(b, ", ");
        put_list_item(b, i, k, letter, dialect);
    }
    buffer_puts(b, letter == 'o' ? "}" : "]");
}

void disasm(buffer *b, const instr *i, int dialect)
{
    const op_info *info = &op_table[i->op];
    buffer_puts(b, info->name);
    size_t k = 0;
    for (const char *o = info->operands; *o; o++) {
        if (*o == 'r' && !i->has_dst)
            continue;
        buffer_puts(b, o == info->operands ? " " : ", ");
        switch (*o) {
        case 'd':
        case 's':
        case 'r': buffer_printf(b, "r%u", i->reg[k++]); break;
        case 'p': buffer_printf(b, "p%u", i->reg[k++]); break;
        case 'v': put_constant(b, &i->constant, dialect); break;
        case 'j': buffer_printf(b, "%+d", i->off); break;
        case 't': put_bytes(b, i->scope->text, i->scope->len, '"'); break;
        default: put_list(b, i, *o, dialect); break;
        }
    }
}
