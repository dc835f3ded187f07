/* generate.c: random classes, for tests that need many of them.
 *
 * Every value, pattern, operand and flag that the dialect has occurs, with odd texts and odd numbers among them.
 * Invariant: the class verifies and can be written; what is drawn depends on the seed alone.
 */
#include "generate.h"

#include <string.h>

enum { ARITY = 2, EXTRA = 16, REGISTERS = ARITY + EXTRA };

typedef struct generator {
    compilation *c;
    uint64_t state;
    int dialect;
    uint32_t registers; /* of every function */
} generator;

uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static uint32_t draw(generator *g, uint32_t n)
{
    return (uint32_t)(random_next(&g->state) % n);
}

static uint32_t draw_register(generator *g)
{
    return draw(g, g->registers);
}

static text draw_text(generator *g)
{
    static const char *const texts[] = {
        "x",
        "name",
        "Main:worker",
        "__stdlib:Print",
        "",
        "two words",
        "true",
        "nan",
        "_",
        "1st",
        "-",
        "a//b",
        "a;b",
        "quote\"s",
        "it's",
        "back\\slash",
        "\n\t\r",
        "\x01\x1F\x7F",
        "\xC2\x85",
        "größe",
        "\xF0\x9F\x98\x80",
        "net/Http.get",
        "{[(",
        "function",
    };
    uint32_t n = sizeof texts / sizeof *texts, i = draw(g, n + 2);
    if (i == n)
        return (text){"a\0b", 3};
    if (i > n)
        return text_of(arena_format(g->c, "name%u", draw(g, 1000)));
    return text_of(texts[i]);
}

static double draw_number(generator *g)
{
    static const uint64_t bits[] = {
        0x7FF8000000000000, 0xFFF8000000000000, 0x7FF0000000000001, 0xFFFFFFFFFFFFFFFF, 0x7FF0000000000000,
        0xFFF0000000000000, 0x8000000000000000, 0x0000000000000001, 0x000FFFFFFFFFFFFF, 0x7FEFFFFFFFFFFFFF,
    };
    uint64_t drawn = random_next(&g->state);
    double d;
    switch (draw(g, 4)) {
    case 0: drawn = bits[draw(g, sizeof bits / sizeof *bits)]; break;
    case 1: return (double)draw(g, 1000);
    case 2: return (double)draw(g, 100000) / 100 - 500;
    }
    memcpy(&d, &drawn, sizeof d);
    return d;
}

static uint8_t draw_flags(generator *g)
{
    static const uint8_t access[4] = {FLAGS_ALL, FLAG_ENUMERABLE | FLAG_CONFIGURABLE,
                                      FLAG_WRITABLE | FLAG_CONFIGURABLE | FLAG_HIDDEN, FLAG_CONFIGURABLE | FLAG_HIDDEN};
    return g->dialect >= 5 ? access[draw(g, 4)] : (uint8_t)draw(g, 8);
}

/* ---- values and patterns ---- */

static value *draw_value(generator *g, unsigned depth);

static void draw_parts(generator *g, value *v, unsigned depth)
{
    v->n = draw(g, 4);
    v->items = arena_alloc(g->c, (v->n + 1) * sizeof *v->items);
    v->props = arena_alloc(g->c, (v->n + 1) * sizeof *v->props);
    for (uint32_t i = 0; i < v->n; i++) {
        value *part = draw_value(g, depth + 1);
        if (v->tag == V_OBJECT)
            v->props[i] = (property){draw_text(g), part, draw_flags(g)};
        else
            v->items[i] = part;
    }
}

static value *draw_value(generator *g, unsigned depth)
{
    value *v = arena_alloc(g->c, sizeof *v);
    do
        v->tag = (value_tag)(1 + draw(g, V_TUPLE));
    while ((g->dialect <= 2 && (v->tag == V_STRING || v->tag == V_COMPLEX)) ||
           (depth > 3 && (v->tag == V_ARRAY || v->tag == V_OBJECT || v->tag == V_TUPLE)));
    v->number = draw_number(g);
    v->imaginary = draw_number(g);
    v->boolean = draw(g, 2);
    v->text = draw_text(g);
    if (v->tag == V_ARRAY || v->tag == V_OBJECT || v->tag == V_TUPLE)
        draw_parts(g, v, depth);
    return v;
}

static pattern *draw_pattern(generator *g, unsigned depth)
{
    pattern *p = arena_alloc(g->c, sizeof *p);
    p->kind = (pattern_kind)(1 + draw(g, depth > 3 ? 2 : 5));
    p->tag = draw_text(g);
    if (p->kind == P_VALUE)
        p->value = draw_value(g, depth);
    if (p->kind >= P_TUPLE)
        p->n = p->kind == P_TAGGED ? 1 : draw(g, 4);
    p->items = arena_alloc(g->c, (p->n + 1) * sizeof *p->items);
    for (uint32_t i = 0; i < p->n; i++)
        p->items[i] = draw_pattern(g, depth + 1);
    return p;
}

/* ---- instructions ---- */

static int32_t draw_offset(generator *g, uint32_t pc, uint32_t count)
{
    return (int32_t)draw(g, count + 1) - (int32_t)pc;
}

static void draw_list(generator *g, instr *i, char letter, uint32_t pc, uint32_t count)
{
    i->n = draw(g, 4);
    if (letter == 'l')
        i->regs = arena_alloc(g->c, (i->n + 1) * sizeof *i->regs);
    else if (letter == 'm')
        i->cases = arena_alloc(g->c, (i->n + 1) * sizeof *i->cases);
    else if (letter == 'o')
        i->props = arena_alloc(g->c, (i->n + 1) * sizeof *i->props);
    else
        i->captures = arena_alloc(g->c, (i->n + 1) * sizeof *i->captures);
    for (uint32_t k = 0; k < i->n; k++) {
        uint8_t kind = (uint8_t)draw(g, 4);
        switch (letter) {
        case 'l': i->regs[k] = draw_register(g); break;
        case 'm': i->cases[k] = (match_case){draw_pattern(g, 0), draw_offset(g, pc, count)}; break;
        case 'c': i->captures[k] = (capture){.name = draw_text(g), .reg = draw_register(g)}; break;
        case 'o':
            i->props[k] = (init_prop){.key = draw_text(g), .kind = kind, .flags = FLAGS_ALL, .reg = draw_register(g)};
            i->props[k].value = draw_value(g, 0);
            if (kind >= ARG_REG_FLAGS)
                i->props[k].flags = draw_flags(g);
            break;
        }
    }
}

static void draw_instr(generator *g, instr *i, uint32_t pc, uint32_t count)
{
    do
        i->op = (uint8_t)(1 + draw(g, OP_LAST));
    while (op_table[i->op].dialect > g->dialect);
    unsigned reg = 0;
    for (const char *p = op_table[i->op].operands; *p; p++) {
        switch (*p) {
        case 'd':
        case 's': i->reg[reg++] = draw_register(g); break;
        case 'p': i->reg[reg++] = draw(g, 2) ? draw_register(g) : (uint32_t)random_next(&g->state); break;
        case 'r':
            i->has_dst = g->dialect >= 4;
            i->reg[reg++] = i->has_dst ? draw_register(g) : 0;
            break;
        case 'v': i->value = draw_value(g, 0); break;
        case 'j': i->off = draw_offset(g, pc, count); break;
        case 't': i->scope = draw_text(g); break;
        default: draw_list(g, i, *p, pc, count); break;
        }
    }
}

static void draw_function(generator *g, function *f, layout as)
{
    f->has_name = as != LAYOUT_BARE && draw(g, 4);
    f->name = f->has_name ? draw_text(g) : (text){"", 0};
    f->arity = as == LAYOUT_BARE ? 0 : ARITY;
    f->extra_regs = as == LAYOUT_BARE ? 0 : EXTRA;
    f->native_name = draw_text(g);
    f->native = as == LAYOUT_MULTI && draw(g, 6) == 0;
    f->n = f->native ? 0 : draw(g, 20);
    f->code = arena_alloc(g->c, (f->n + 1) * sizeof *f->code);
    for (uint32_t pc = 0; pc < f->n; pc++)
        draw_instr(g, &f->code[pc], pc, f->n);
}

class *generate_class(compilation *c, uint64_t seed, int dialect, layout as)
{
    generator g = {c, seed * 31 + (uint64_t)dialect * 7 + as, dialect, as == LAYOUT_BARE ? 16 : REGISTERS};
    class *k = arena_alloc(c, sizeof *k);
    k->name = draw_text(&g);
    if (k->name.n == 0)
        k->name = text_of("Main");
    k->entry = "generated";
    k->dialect = dialect;
    k->layout = as;
    k->n = as == LAYOUT_MULTI ? draw(&g, 4) : 1;
    k->functions = arena_alloc(c, (k->n + 1) * sizeof *k->functions);
    for (uint32_t i = 0; i < k->n; i++)
        draw_function(&g, &k->functions[i], as);
    return k;
}
