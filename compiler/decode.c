/* decode.c: bytes → a class, in one given dialect and layout.
 *
 *   file        multi:  "IONBC" 01 00 00 | u32 1 | u32 n | n × function
 *               single: function
 *               bare:   "IONBC" 01 00 00 | u32 1 | u32 n | n × instruction
 *   function    u8 has_name | has_name: str name | u32 arity | dialects 2..: u32 extra_regs | u8 kind
 *               kind 0: u32 n | n × instruction
 *               kind 1: str native name
 *   instruction u8 opcode | operands as opcodes.def lists them
 *   reg         u32
 *   off         i32
 *   list        u32 n | n × reg
 *   cases       u32 n | n × (pattern | off)
 *   props       u32 n | n × (str key | u8 kind | 0: reg; 1: value; 2: reg, flags; 3: value, flags)
 *   captures    u32 n | n × (str name | reg)
 *   pattern     01 value | 02 | 03 u32 n, n × pattern | 04 u32 n, n × pattern | 05 str tag, pattern
 *   value       01 f64 | 02 u8 | 03 str | 04 | 05 | 06 u32 n, n × value | 07 u32 n, n × (str key, value, flags) | 08
 * str dialects 1, 2: 09 u32 n, n × value (a tuple) dialects 3..:  09 str | 0A f64, f64 | 0B u32 n, n × value (a tuple)
 *   flags       dialects ..4: u8 writable, u8 enumerable, u8 configurable; dialect 5: u8 access
 *   str         u32 n | n bytes of UTF-8
 *   u8 stands for 0 or 1 where it is has_name, a kind, a boolean or a flag; access is 0..3.
 *
 * Bounds are checked in `take` and nowhere else. A count is believed only as far as the bytes that are left can hold
 * that many of the smallest element, and arrays grow as their elements arrive, so memory stays in proportion to the
 * file; and as an instruction takes much more memory than the one byte that it may have in the file, there is a limit
 * to how many a class may have. The first fault sticks: from then on every read gives zeros, every loop ends, and the result is dropped.
 */
#include "ionc.h"

#include <string.h>

const op_info op_table[256] = {
#define ION_OP(code, NAME, operands, cost, dialect) [code] = {#NAME, operands, cost, dialect},
#include "ion/opcodes.def"
#undef ION_OP
};

typedef struct reader {
    compilation *c;
    const unsigned char *data;
    uint32_t n, at;
    int dialect;
    unsigned depth; /* values and patterns around the one being read */
    uint64_t instructions;
    bool failed;
    fault *fault;
} reader;

static void __attribute__((format(printf, 3, 4))) wrong(reader *r, uint64_t offset, const char *format, ...)
{
    if (r->failed)
        return;
    r->failed = true;
    r->fault->offset = offset;
    va_list list;
    va_start(list, format);
    vsnprintf(r->fault->text, sizeof r->fault->text, format, list);
    va_end(list);
}

/* ---- primitives ---------------------------------------------------------------------------------------------------
 */

/* The next n bytes, or NULL after a fault. Every read comes through here. */
static const unsigned char *take(reader *r, uint32_t n, const char *what)
{
    if (n > r->n - r->at)
        wrong(r, r->at, "%s runs past the end of the file", what);
    if (r->failed)
        return NULL;
    const unsigned char *p = r->data + r->at;
    r->at += n;
    return p;
}

static unsigned read_u8(reader *r, const char *what)
{
    const unsigned char *p = take(r, 1, what);
    return p ? *p : 0;
}

static uint32_t read_u32(reader *r, const char *what)
{
    const unsigned char *p = take(r, 4, what);
    return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24 : 0;
}

static double read_f64(reader *r, const char *what)
{
    uint64_t low = read_u32(r, what), bits = low | (uint64_t)read_u32(r, what) << 32;
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* A byte of at most `most`. */
static unsigned read_choice(reader *r, unsigned most, const char *what)
{
    uint32_t at = r->at;
    unsigned b = read_u8(r, what);
    if (b > most) {
        wrong(r, at, "%s is %u, not in 0..%u", what, b, most);
        return 0;
    }
    return b;
}

/* How many elements of at least `least` bytes follow. */
static uint32_t read_count(reader *r, uint32_t least, const char *what)
{
    uint32_t at = r->at, n = read_u32(r, what);
    if (n > (r->n - r->at) / least) {
        wrong(r, at, "%s is %u, more than the rest of the file holds", what, n);
        return 0;
    }
    return n;
}

static text read_str(reader *r, const char *what)
{
    uint32_t n = read_u32(r, what);
    const char *p = (const char *)take(r, n, what);
    size_t bad;
    if (p && !utf8_valid(p, n, &bad)) {
        wrong(r, r->at - n + bad, "%s is not UTF-8", what);
        p = NULL;
    }
    return p ? (text){arena_string(r->c, p, n), n} : (text){"", 0};
}

enum { BELIEVED = 512 };

/* Room for element i of n that are announced. Large announcements are not believed: what has been read is what there is
 * room for twice. Small ones are, as no more than MAX_NESTING of them can turn out to be false. */
static void *room(reader *r, void *list, uint32_t i, uint32_t *cap, uint32_t n, size_t size)
{
    if (i < *cap)
        return list;
    uint32_t more = *cap ? (*cap < n / 2 ? *cap * 2 : n) : n < BELIEVED ? n : BELIEVED;
    list = arena_grow(r->c, list, *cap * size, more * size);
    *cap = more;
    return list;
}

/* Enters a level of nesting; false, with a fault, where it is one too many. */
static bool enter(reader *r, uint32_t at)
{
    if (r->depth == MAX_NESTING)
        wrong(r, at, "nested more than %d levels deep", MAX_NESTING);
    else
        r->depth++;
    return !r->failed;
}

static uint8_t read_flags(reader *r)
{
    static const uint8_t access[4] = {
        FLAGS_ALL,
        FLAG_ENUMERABLE | FLAG_CONFIGURABLE,
        FLAG_WRITABLE | FLAG_CONFIGURABLE | FLAG_HIDDEN,
        FLAG_CONFIGURABLE | FLAG_HIDDEN,
    };
    if (r->dialect >= 5)
        return access[read_choice(r, 3, "access byte")];
    unsigned w = read_choice(r, 1, "writable flag"), e = read_choice(r, 1, "enumerable flag");
    unsigned k = read_choice(r, 1, "configurable flag");
    return (uint8_t)(w * FLAG_WRITABLE | e * FLAG_ENUMERABLE | k * FLAG_CONFIGURABLE);
}

static uint32_t flags_size(const reader *r)
{
    return r->dialect >= 5 ? 1 : 3;
}

/* ---- values and patterns ------------------------------------------------------------------------------------------
 */

static value *read_value(reader *r);

static void read_items(reader *r, value *v, const char *what)
{
    uint32_t n = read_count(r, 1, what), cap = 0;
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        v->items = room(r, v->items, i, &cap, n, sizeof *v->items);
        v->items[i] = read_value(r);
    }
    v->n = n;
}

static void read_properties(reader *r, value *v)
{
    uint32_t n = read_count(r, 5 + flags_size(r), "number of properties"), cap = 0;
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        v->props = room(r, v->props, i, &cap, n, sizeof *v->props);
        v->props[i].key = read_str(r, "property key");
        v->props[i].value = read_value(r);
        v->props[i].flags = read_flags(r);
    }
    v->n = n;
}

/* The tag of the model for a tag of the file; 0 if the dialect has none such. */
static unsigned value_tag_of(const reader *r, unsigned tag)
{
    if (r->dialect <= 2 && tag >= V_STRING)
        return tag == V_STRING ? V_TUPLE : 0;
    return tag <= V_TUPLE ? tag : 0;
}

static value *read_value(reader *r)
{
    uint32_t at = r->at;
    unsigned byte = read_u8(r, "value"), tag = value_tag_of(r, byte);
    if (tag == 0)
        wrong(r, at, "unknown value tag %02x", byte);
    if (r->failed || !enter(r, at))
        return NULL;
    value *v = arena_alloc(r->c, sizeof *v);
    v->tag = (value_tag)tag;
    v->text.s = "";
    switch (v->tag) {
    case V_NUMBER: v->number = read_f64(r, "number"); break;
    case V_BOOLEAN: v->boolean = read_choice(r, 1, "boolean"); break;
    case V_ATOM: v->text = read_str(r, "atom"); break;
    case V_UNIT: break;
    case V_UNDEFINED: break;
    case V_ARRAY: read_items(r, v, "number of elements"); break;
    case V_OBJECT: read_properties(r, v); break;
    case V_FUNCTION: v->text = read_str(r, "function reference"); break;
    case V_STRING: v->text = read_str(r, "string"); break;
    case V_COMPLEX:
        v->number = read_f64(r, "complex number");
        v->imaginary = read_f64(r, "complex number");
        break;
    case V_TUPLE: read_items(r, v, "number of elements"); break;
    }
    r->depth--;
    return v;
}

static pattern *read_pattern(reader *r);

static void read_parts(reader *r, pattern *p, uint32_t n)
{
    uint32_t cap = 0;
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        p->items = room(r, p->items, i, &cap, n, sizeof *p->items);
        p->items[i] = read_pattern(r);
    }
    p->n = n;
}

static pattern *read_pattern(reader *r)
{
    uint32_t at = r->at;
    unsigned kind = read_u8(r, "pattern");
    if (kind < P_VALUE || kind > P_TAGGED)
        wrong(r, at, "unknown pattern kind %02x", kind);
    if (r->failed || !enter(r, at))
        return NULL;
    pattern *p = arena_alloc(r->c, sizeof *p);
    p->kind = (pattern_kind)kind;
    p->tag.s = "";
    switch (p->kind) {
    case P_VALUE: p->value = read_value(r); break;
    case P_WILDCARD: break;
    case P_TUPLE:
    case P_ARRAY: read_parts(r, p, read_count(r, 1, "number of patterns")); break;
    case P_TAGGED:
        p->tag = read_str(r, "pattern tag");
        read_parts(r, p, 1);
        break;
    }
    r->depth--;
    return p;
}

/* ---- instructions -------------------------------------------------------------------------------------------------
 */

static void read_regs(reader *r, instr *i)
{
    uint32_t n = read_count(r, 4, "number of registers"), cap = 0;
    for (uint32_t k = 0; k < n && !r->failed; k++) {
        i->regs = room(r, i->regs, k, &cap, n, sizeof *i->regs);
        i->regs[k] = read_u32(r, "register");
    }
    i->n = n;
}

static void read_cases(reader *r, instr *i)
{
    uint32_t n = read_count(r, 5, "number of cases"), cap = 0;
    for (uint32_t k = 0; k < n && !r->failed; k++) {
        i->cases = room(r, i->cases, k, &cap, n, sizeof *i->cases);
        i->cases[k].pattern = read_pattern(r);
        i->cases[k].off = (int32_t)read_u32(r, "jump offset");
    }
    i->n = n;
}

static void read_init_props(reader *r, instr *i)
{
    uint32_t n = read_count(r, 6, "number of properties"), cap = 0;
    for (uint32_t k = 0; k < n && !r->failed; k++) {
        i->props = room(r, i->props, k, &cap, n, sizeof *i->props);
        init_prop *p = &i->props[k];
        p->key = read_str(r, "property key");
        p->kind = (uint8_t)read_choice(r, ARG_VALUE_FLAGS, "property kind");
        if (p->kind == ARG_REG || p->kind == ARG_REG_FLAGS)
            p->reg = read_u32(r, "register");
        else
            p->value = read_value(r);
        p->flags = p->kind >= ARG_REG_FLAGS ? read_flags(r) : FLAGS_ALL;
    }
    i->n = n;
}

static void read_captures(reader *r, instr *i)
{
    uint32_t n = read_count(r, 8, "number of captures"), cap = 0;
    for (uint32_t k = 0; k < n && !r->failed; k++) {
        i->captures = room(r, i->captures, k, &cap, n, sizeof *i->captures);
        i->captures[k].name = read_str(r, "capture name");
        i->captures[k].reg = read_u32(r, "register");
    }
    i->n = n;
}

static void read_instr(reader *r, instr *i)
{
    i->at = r->at;
    i->op = (uint8_t)read_u8(r, "opcode");
    i->scope.s = "";
    const op_info *op = &op_table[i->op];
    if (!op->name)
        wrong(r, i->at, "unknown opcode %02x", i->op);
    else if (op->dialect > r->dialect)
        wrong(r, i->at, "dialect %d has no opcode %02x", r->dialect, i->op);
    unsigned reg = 0;
    for (const char *p = op->operands; !r->failed && *p; p++) {
        switch (*p) {
        case 'd':
        case 's':
        case 'p': i->reg[reg++] = read_u32(r, "register"); break;
        case 'r':
            i->has_dst = r->dialect >= 4;
            if (i->has_dst)
                i->reg[reg++] = read_u32(r, "register");
            break;
        case 'v': i->value = read_value(r); break;
        case 'l': read_regs(r, i); break;
        case 'j': i->off = (int32_t)read_u32(r, "jump offset"); break;
        case 'm': read_cases(r, i); break;
        case 'o': read_init_props(r, i); break;
        case 't': i->scope = read_str(r, "scope name"); break;
        case 'c': read_captures(r, i); break;
        }
    }
}

static void read_code(reader *r, function *f)
{
    uint32_t at = r->at, n = read_count(r, 1, "number of instructions"), cap = 0;
    r->instructions += n;
    if (r->instructions > r->c->opt.max_code)
        wrong(r, at, "more than %llu instructions in the class", (unsigned long long)r->c->opt.max_code);
    f->code_at = r->at;
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        f->code = room(r, f->code, i, &cap, n, sizeof *f->code);
        read_instr(r, &f->code[i]);
    }
    f->n = n;
}

/* ---- functions and files ------------------------------------------------------------------------------------------
 */

static void read_function(reader *r, function *f)
{
    f->at = r->at;
    f->has_name = read_choice(r, 1, "has_name");
    f->name = f->has_name ? read_str(r, "function name") : (text){"", 0};
    f->arity = read_u32(r, "arity");
    f->extra_regs = r->dialect >= 2 ? read_u32(r, "extra_regs") : 16;
    f->native_name.s = "";
    f->native = read_choice(r, 1, "function kind");
    if (f->native)
        f->native_name = read_str(r, "native name");
    else
        read_code(r, f);
}

static void read_functions(reader *r, class *k)
{
    uint32_t n = read_count(r, r->dialect >= 2 ? 14 : 10, "number of functions"), cap = 0;
    for (uint32_t i = 0; i < n && !r->failed; i++) {
        k->functions = room(r, k->functions, i, &cap, n, sizeof *k->functions);
        read_function(r, &k->functions[i]);
    }
    k->n = n;
}

static const unsigned char magic[8] = {'I', 'O', 'N', 'B', 'C', 1, 0, 0};

static void read_magic(reader *r)
{
    const unsigned char *p = take(r, sizeof magic, "magic");
    if (p && memcmp(p, magic, sizeof magic) != 0)
        wrong(r, 0, "the file does not begin with IONBC 01 00 00");
    uint32_t at = r->at, version = read_u32(r, "version");
    if (version != 1)
        wrong(r, at, "version %u is not known", version);
}

layout class_layout(text data)
{
    return data.n >= sizeof magic && memcmp(data.s, magic, sizeof magic) == 0 ? LAYOUT_MULTI : LAYOUT_SINGLE;
}

class *class_decode(compilation *c, text data, int dialect, layout as, fault *f)
{
    reader r = {.c = c, .data = (const unsigned char *)data.s, .n = data.n, .dialect = dialect, .fault = f};
    class *k = arena_alloc(c, sizeof *k);
    k->dialect = dialect;
    k->layout = as;
    k->name.s = "";
    if (as != LAYOUT_SINGLE)
        read_magic(&r);
    else if (data.n >= 5 && memcmp(data.s, magic, 5) == 0)
        wrong(&r, 5, "IONBC is not followed by 01 00 00");
    if (as == LAYOUT_MULTI) {
        read_functions(&r, k);
    } else {
        k->functions = arena_alloc(c, sizeof *k->functions);
        k->n = 1;
        if (as == LAYOUT_SINGLE) {
            read_function(&r, k->functions);
        } else {
            k->functions->name.s = k->functions->native_name.s = "";
            read_code(&r, k->functions);
        }
    }
    if (r.at != r.n)
        wrong(&r, r.at, "%u bytes behind the end of the class", r.n - r.at);
    return r.failed ? NULL : k;
}
