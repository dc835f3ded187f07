/* decode.c: class files to classes, in each of the five dialects.
 *
 *   class     multi: "IONBC" 01 00 00 | u32 1 | u32 count | function...      single: function
 *   function  u8 named | [str] | u32 arity | [u32 extra_regs] | u8 0 | u32 count | instruction...
 *             u8 named | [str] | u32 arity | [u32 extra_regs] | u8 1 | str
 *   pattern   01 value | 02 | 03 u32 n pattern... | 04 u32 n pattern... | 05 str pattern
 *
 * Reading stops at the first fault: `bad` is set, every read after it gives 0, and loops look at it. Nested values and
 * patterns are read with a stack of what is still missing, not by recursion; they nest MOST_LEVELS deep, together.
 */
#include <stdlib.h>
#include <string.h>

#include "code.h"

const op_info op_table[256] = {
#define ION_OP(code, NAME, operands, cost, dialect) [code] = {#NAME, operands, cost, dialect},
#include "ion/opcodes.def"
#undef ION_OP
};

enum { MIN_REGISTERS = 16, LOOSE_REGISTERS = 256, MAX_REGISTERS = 65536, OLD_EXTRA_REGS = 16, MOST_LEVELS = 1000 };

typedef struct reader {
    const unsigned char *p, *end;
    int dialect;
    bool bad;
    uint64_t nregs;
} reader;

static uint64_t read_bytes(reader *r, size_t n)
{
    if ((size_t)(r->end - r->p) < n)
        r->bad = true;
    if (r->bad)
        return 0;
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)r->p[i] << (8 * i);
    r->p += n;
    return v;
}

static uint8_t read_u8(reader *r)
{
    return (uint8_t)read_bytes(r, 1);
}

static uint32_t read_u32(reader *r)
{
    return (uint32_t)read_bytes(r, 4);
}

static double read_f64(reader *r)
{
    uint64_t bits = read_bytes(r, 8);
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* A byte that may be 0..most. */
static uint8_t read_upto(reader *r, uint8_t most)
{
    uint8_t v = read_u8(r);
    if (v > most)
        r->bad = true;
    return r->bad ? 0 : v;
}

/* A count of things that take at least `least` bytes each. */
static uint32_t read_count(reader *r, size_t least)
{
    uint32_t n = read_u32(r);
    if (n > (size_t)(r->end - r->p) / least)
        r->bad = true;
    return r->bad ? 0 : n;
}

bool utf8_ok(const char *bytes, size_t n)
{
    const unsigned char *s = (const unsigned char *)bytes;
    for (size_t i = 0; i < n;) {
        unsigned char c = s[i];
        size_t len = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : (c & 0xF0) == 0xE0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
        if (len == 0 || len > n - i)
            return false;
        for (size_t k = 1; k < len; k++)
            if ((s[i + k] & 0xC0) != 0x80)
                return false;
        unsigned char d = len > 1 ? s[i + 1] : 0;
        if ((c == 0xE0 && d < 0xA0) || (c == 0xED && d > 0x9F) || (c == 0xF0 && d < 0x90) || (c == 0xF4 && d > 0x8F))
            return false;
        i += len;
    }
    return true;
}

static const char *read_bytes_of_str(reader *r, size_t *n)
{
    *n = read_count(r, 1);
    const char *s = (const char *)r->p;
    if (r->bad || !utf8_ok(s, *n)) {
        r->bad = true;
        *n = 0;
    }
    r->p += *n;
    return s;
}

static name *read_name(reader *r)
{
    size_t n;
    const char *s = read_bytes_of_str(r, &n);
    return r->bad ? NULL : name_of(s, n);
}

static uint32_t read_reg(reader *r)
{
    uint32_t reg = read_u32(r);
    if (reg >= r->nregs)
        r->bad = true;
    return reg;
}

static uint8_t read_flags(reader *r)
{
    static const uint8_t access[] = {ALL_ON, ENUMERABLE | CONFIGURABLE, HIDDEN | WRITABLE | CONFIGURABLE,
                                     HIDDEN | CONFIGURABLE};
    if (r->dialect == 5)
        return access[read_upto(r, 3)];
    uint8_t w = read_upto(r, 1), e = read_upto(r, 1), c = read_upto(r, 1);
    return (uint8_t)((w ? WRITABLE : 0) | (e ? ENUMERABLE : 0) | (c ? CONFIGURABLE : 0));
}

static uint8_t read_tag(reader *r)
{
    uint8_t t = read_u8(r);
    if (r->dialect <= 2 && t == TAG_STRING)
        return TAG_TUPLE;
    if (t < TAG_NUMBER || t > (r->dialect <= 2 ? TAG_FUNCTION : TAG_TUPLE))
        r->bad = true;
    return t;
}

/* One node without its children. */
static node read_node(reader *r)
{
    node v = {.tag = read_tag(r), .flags = ALL_ON};
    size_t n;
    switch (r->bad ? 0 : v.tag) {
    case TAG_NUMBER: v.value = v_number(read_f64(r)); break;
    case TAG_BOOLEAN: v.value = v_boolean(read_upto(r, 1)); break;
    case TAG_UNIT: v.value = v_unit(); break;
    case TAG_ATOM:
        v.text = read_name(r);
        v.value = v_atom(v.text);
        break;
    case TAG_FUNCTION: v.text = read_name(r); break;
    case TAG_STRING: {
        const char *s = read_bytes_of_str(r, &n);
        v.value = v_string(s, n);
        break;
    }
    case TAG_COMPLEX: {
        double re = read_f64(r), im = read_f64(r);
        v.value = v_complex(re, im);
        break;
    }
    case TAG_ARRAY:
    case TAG_TUPLE: v.n = read_count(r, 1); break;
    case TAG_OBJECT: v.n = read_count(r, 6); break;
    default: break;
    }
    return v;
}

/* A container whose children are being read. */
typedef struct pending {
    bool object;
    uint32_t left;  /* children still to come */
    uint8_t *flags; /* of an object's properties: where they go is known only by their node's place */
    size_t child;   /* the node of the property being read */
} pending;

typedef struct pendings {
    pending *items;
    size_t n, cap;
} pendings;

static void pending_push(pendings *s, pending p)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 16;
        s->items = heap_resize(s->items, s->cap * sizeof(pending));
    }
    s->items[s->n++] = p;
}

/* The flags of a property follow its value: reads those of every property that is now complete. */
static void close_values(reader *r, constant *c, pendings *open)
{
    while (open->n && !r->bad) {
        pending *top = &open->items[open->n - 1];
        if (top->object && top->child != SIZE_MAX) {
            c->nodes[top->child].flags = read_flags(r);
            top->child = SIZE_MAX;
        }
        if (top->left > 0)
            return;
        open->n--;
    }
}

/* `above`: how many levels of pattern the constant stands in. */
static constant read_constant(reader *r, size_t above)
{
    constant c = {0};
    size_t cap = 0;
    pendings open = {0};
    do {
        pending *top = open.n ? &open.items[open.n - 1] : NULL;
        name *key = NULL;
        if (top) {
            top->left--;
            if (top->object) {
                key = read_name(r);
                top->child = c.n;
            }
        }
        c.nodes = mem_room(c.nodes, c.n, &cap, sizeof(node));
        if (above + open.n >= MOST_LEVELS)
            r->bad = true;
        node *v = &c.nodes[c.n++];
        *v = read_node(r);
        v->key = key;
        if (v->n > 0)
            pending_push(&open, (pending){.object = v->tag == TAG_OBJECT, .left = v->n, .child = SIZE_MAX});
        else
            close_values(r, &c, &open);
    } while (open.n && !r->bad);
    free(open.items);
    return c;
}

/* One pattern without its parts; returns how many it has. */
static uint32_t read_pattern_node(reader *r, pattern_node *p, size_t above)
{
    *p = (pattern_node){.kind = read_u8(r)};
    switch (p->kind) {
    case P_VALUE: p->constant = read_constant(r, above); return 0;
    case P_WILDCARD: return 0;
    case P_TUPLE:
    case P_ARRAY: return p->n = read_count(r, 1);
    case P_TAGGED: p->tag = read_name(r); return 1;
    default: r->bad = true; return 0;
    }
}

static void read_pattern(reader *r, match_case *m)
{
    uint32_t missing[MOST_LEVELS]; /* parts still to come, for each pattern around the next one */
    size_t depth = 0, cap = 0;
    do {
        if (depth)
            missing[depth - 1]--;
        if (depth >= MOST_LEVELS) {
            r->bad = true;
            return;
        }
        m->nodes = mem_room(m->nodes, m->n, &cap, sizeof(pattern_node));
        missing[depth] = read_pattern_node(r, &m->nodes[m->n++], depth);
        depth++;
        while (depth && missing[depth - 1] == 0)
            depth--;
    } while (depth && !r->bad);
}

static void read_list(reader *r, instr *i, char letter)
{
    static const struct {
        char letter;
        uint8_t least, size;
    } kinds[] = {{'l', 4, sizeof(uint32_t)},
                 {'m', 5, sizeof(match_case)},
                 {'o', 6, sizeof(init_prop)},
                 {'c', 8, sizeof(capture)}};
    size_t kind = 0;
    while (kinds[kind].letter != letter)
        kind++;
    i->n = read_count(r, kinds[kind].least);
    void *items = mem_alloc((size_t)i->n * kinds[kind].size + 1);
    i->regs = items;
    for (uint32_t k = 0; k < i->n && !r->bad; k++) {
        init_prop *prop = (init_prop *)items + k;
        switch (letter) {
        case 'l': i->regs[k] = read_reg(r); break;
        case 'm':
            read_pattern(r, &i->cases[k]);
            i->cases[k].off = (int32_t)read_u32(r);
            break;
        case 'c':
            i->captures[k].name = read_name(r);
            i->captures[k].reg = read_reg(r);
            break;
        case 'o':
            prop->key = read_name(r);
            prop->kind = read_upto(r, 3);
            if (prop->kind & 1)
                prop->constant = read_constant(r, 0);
            else
                prop->reg = read_reg(r);
            prop->flags = prop->kind & 2 ? read_flags(r) : ALL_ON;
            break;
        }
    }
}

static void read_instr(reader *r, instr *i)
{
    i->op = read_u8(r);
    const op_info *info = &op_table[i->op];
    if (r->bad || !info->name || info->dialect > r->dialect) {
        r->bad = true;
        return;
    }
    size_t k = 0;
    for (const char *o = info->operands; *o; o++) {
        switch (*o) {
        case 'd':
        case 's': i->reg[k++] = read_reg(r); break;
        case 'p': i->reg[k++] = read_u32(r); break;
        case 'r':
            i->has_dst = r->dialect >= 4;
            if (i->has_dst)
                i->reg[k++] = read_reg(r);
            break;
        case 'v': i->constant = read_constant(r, 0); break;
        case 'j': i->off = (int32_t)read_u32(r); break;
        case 't': i->scope = read_name(r); break;
        default: read_list(r, i, *o); break;
        }
    }
}

static bool target_ok(const function *f, uint32_t pc, int32_t off)
{
    int64_t to = (int64_t)pc + off;
    return to >= 0 && to <= (int64_t)f->n;
}

static bool targets_ok(const function *f)
{
    for (uint32_t pc = 0; pc < f->n; pc++) {
        const instr *i = &f->code[pc];
        if (strchr(op_table[i->op].operands, 'j') && !target_ok(f, pc, i->off))
            return false;
        for (uint32_t k = 0; i->op == OP_MATCH && k < i->n; k++)
            if (!target_ok(f, pc, i->cases[k].off))
                return false;
    }
    return true;
}

static void read_function(reader *r, function *f, bool loose)
{
    f->name = read_upto(r, 1) ? read_name(r) : NULL;
    f->arity = read_u32(r);
    uint32_t extra = r->dialect == 1 ? OLD_EXTRA_REGS : read_u32(r);
    r->nregs = (uint64_t)f->arity + extra;
    uint64_t least = loose ? LOOSE_REGISTERS : MIN_REGISTERS;
    if (r->nregs < least)
        r->nregs = least;
    if (r->nregs > MAX_REGISTERS)
        r->bad = true;
    f->nregs = (uint32_t)r->nregs;
    f->native = read_upto(r, 1);
    if (f->native) {
        f->native_name = read_name(r);
        return;
    }
    uint32_t n = read_count(r, 1);
    f->code = mem_alloc((size_t)n * sizeof(instr) + 1);
    for (f->n = 0; f->n < n && !r->bad; f->n++)
        read_instr(r, &f->code[f->n]);
    if (!r->bad && !targets_ok(f))
        r->bad = true;
}

bool class_read(const entry *e, int dialect, bool loose, class *out)
{
    static const unsigned char magic[] = {'I', 'O', 'N', 'B', 'C', 1, 0, 0};
    reader r = {.p = (const unsigned char *)e->data, .dialect = dialect};
    r.end = r.p + e->len;
    uint32_t n = 1;
    if (e->len >= sizeof magic && memcmp(r.p, magic, sizeof magic) == 0) {
        r.p += sizeof magic;
        if (read_u32(&r) != 1)
            return false;
        n = read_count(&r, 10);
    }
    out->dialect = dialect;
    out->functions = mem_alloc((size_t)n * sizeof(function) + 1);
    for (out->n = 0; out->n < n && !r.bad; out->n++) {
        read_function(&r, &out->functions[out->n], loose);
        out->functions[out->n].class = out;
    }
    return !r.bad && r.p == r.end;
}

enum { NEWEST = 5 };

/* The dialects that a class can be read in, a bit each; loosely where none fits as it should. */
static unsigned dialects_of(const entry *e, int forced, bool *loose)
{
    for (int pass = 0; pass < 2; pass++) {
        unsigned fits = 0;
        *loose = pass == 1;
        for (int d = NEWEST; d >= 1; d--) {
            class scratch;
            if ((!forced || d == forced) && class_read(e, d, *loose, &scratch))
                fits |= 1u << d;
        }
        if (fits)
            return fits;
    }
    return 0;
}

static int highest(unsigned dialects)
{
    int d = NEWEST;
    while (d > 0 && !(dialects >> d & 1))
        d--;
    return d;
}

static bool is_class(const char *s)
{
    size_t n = strlen(s);
    return strncmp(s, "classes/", 8) == 0 && n > 13 && strcmp(s + n - 5, ".ionc") == 0;
}

static const char *class_name(const char *s)
{
    size_t n = strlen(s) - 13;
    char *copy = mem_alloc(n + 1);
    memcpy(copy, s + 8, n);
    return copy;
}

bool classes_read(const pack *p, int dialect, class **out, size_t *n)
{
    unsigned common = ~0u;
    unsigned *fits = mem_alloc((p->n + 1) * sizeof *fits);
    bool *loose = mem_alloc(p->n + 1);
    for (size_t i = 0; i < p->n; i++) {
        if (!is_class(p->entries[i].name))
            continue;
        fits[i] = dialects_of(&p->entries[i], dialect, &loose[i]);
        if (!fits[i])
            return false;
        common &= fits[i];
    }
    *out = mem_alloc((p->n + 1) * sizeof(class));
    *n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (!fits[i])
            continue;
        class *k = &(*out)[(*n)++];
        k->name = class_name(p->entries[i].name);
        if (!class_read(&p->entries[i], highest(common ? common : fits[i]), loose[i], k))
            return false;
    }
    return true;
}
