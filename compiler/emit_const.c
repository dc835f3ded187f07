/* emit_const.c: constants and patterns as rows of the tables that the runtime's loader reads (ion_const in ion/abi.h):
 * preorder, a compound followed by its parts. Constants that are the same share their place in K.
 */
#include <math.h>
#include <string.h>

#include "ionc.h"

void emit_c_string(buffer *b, text t)
{
    const char *run = t.s, *end = t.s + t.n;
    buf_puts(b, "\"");
    for (const char *at = t.s; at < end; at++) {
        unsigned char ch = (unsigned char)*at;
        bool odd = ch < 32 || ch >= 127 || ch == '?'; /* '?': no trigraphs */
        if (!odd && ch != '"' && ch != '\\')
            continue;
        buf_put(b, run, (size_t)(at - run));
        run = at + 1;
        if (ch == '\n')
            buf_puts(b, "\\n");
        else if (odd)
            buf_printf(b, "\\%03o", ch);
        else
            buf_printf(b, "\\%c", ch);
    }
    buf_put(b, run, (size_t)(end - run));
    buf_puts(b, "\"");
}

void emit_comment(buffer *b, text t)
{
    const char *run = t.s, *end = t.s + t.n;
    for (const char *at = t.s; at < end; at++) {
        if ((unsigned char)*at >= 32 && *at != '/' && *at != '*')
            continue;
        bool line = (unsigned char)*at < 32;
        bool opens = at[0] == '/' && at + 1 < end && at[1] == '*';
        bool closes = at[0] == '*' && at + 1 < end && at[1] == '/';
        if (!line && !opens && !closes)
            continue;
        buf_put(b, run, (size_t)(at + !line - run));
        buf_puts(b, " ");
        run = at + 1;
    }
    buf_put(b, run, (size_t)(end - run));
}

/* A double as a C literal that any compiler reads back to the same bits, whatever the locale. */
static void put_double(buffer *b, double d)
{
    if (!isfinite(d))
        buf_puts(b, "0"); /* odd_number says which it is */
    else if (d >= 0 && d <= UINT32_MAX && d == (uint32_t)d && !signbit(d))
        buf_printf(b, "%u.0", (uint32_t)d);
    else if (d == floor(d) && fabs(d) < 1e15 && !(d == 0 && signbit(d)))
        buf_printf(b, "%.0f.0", d);
    else
        buf_printf(b, "%a", d);
}

static const char *odd_number(double d)
{
    return isnan(d) ? "ION_NAN" : isinf(d) ? d > 0 ? "ION_INF" : "ION_MINUS_INF" : "0";
}

const char *emit_number(emitter *e, double d)
{
    if (!isfinite(d))
        return NULL;
    buffer b = {.c = e->c};
    put_double(&b, d);
    return b.data;
}

/* A NaN's payload never gets past the compiler. */
static uint64_t number_bits(double d)
{
    uint64_t bits = 0x7FF8000000000000u;
    if (!isnan(d))
        memcpy(&bits, &d, sizeof bits);
    return bits;
}

const char *emit_immediate(emitter *e, const value *v)
{
    switch (v->tag) {
    case V_NUMBER: return arena_format(e->c, "0x%016llXul", (unsigned long long)number_bits(v->number));
    case V_BOOLEAN: return v->boolean ? "ION_TRUE" : "ION_FALSE";
    case V_UNIT: return "ION_UNIT";
    case V_UNDEFINED: return "ION_UNDEFINED";
    case V_ATOM:
    case V_FUNCTION:
        if (v->meaning == M_FUNCTION)
            return arena_format(e->c, "ION_FUNCTION(&%s__f)", emit_name(e, v->target));
        if (v->meaning == M_UNDEFINED)
            return "ION_UNDEFINED";
        return NULL;
    default: return NULL;
    }
}

const char *emit_value(emitter *e, const value *v)
{
    const char *immediate = emit_immediate(e, v);
    return immediate ? immediate : arena_format(e->c, "K[%u]", emit_constant(e, v));
}

bool value_is_literal(const value *v)
{
    switch (v->tag) {
    case V_ARRAY:
    case V_OBJECT: return true;
    case V_ATOM: return v->meaning >= M_SELF && v->meaning <= M_THIS;
    case V_TUPLE:
        for (uint32_t i = 0; i < v->n; i++)
            if (value_is_literal(v->items[i]))
                return true;
        return false;
    default: return false;
    }
}

static void put_text_row(buffer *b, const char *macro, text t, const char *more)
{
    buf_printf(b, "    %s(%u, ", macro, t.n);
    emit_c_string(b, t);
    buf_printf(b, "%s),\n", more);
}

static const char *const vm_names[] = {[M_SELF] = "ION_VM_SELF",
                                       [M_PID] = "ION_VM_PID",
                                       [M_PROCESSES] = "ION_VM_PROCESSES",
                                       [M_PASSES] = "ION_VM_PASSES",
                                       [M_THIS] = "ION_VM_THIS"};

static void put_named_row(emitter *e, buffer *b, const value *v)
{
    switch ((meaning)v->meaning) {
    case M_PLAIN: put_text_row(b, "ION_ATOM_C", v->text, ""); break;
    case M_FUNCTION: buf_printf(b, "    ION_FUNCTION_C(%s__f),\n", e->names[v->target]); break;
    case M_LIBRARY:
        buf_puts(b, "    ION_LIBRARY_C(");
        emit_c_string(b, v->library);
        buf_puts(b, "),\n");
        break;
    case M_NATIVE: buf_printf(b, "    ION_NATIVE_C(%u),\n", emit_native(e, v->target)); break;
    case M_UNDEFINED: buf_puts(b, "    ION_PLAIN_C(ION_C_UNDEFINED),\n"); break;
    default: buf_printf(b, "    ION_VM_C(%s),\n", vm_names[v->meaning]); break;
    }
}

/* The rows of a value; returns how many. The decoder bounds the depth. */
static uint32_t put_value(emitter *e, buffer *b, const value *v)
{
    uint32_t rows = 1;
    switch (v->tag) {
    case V_NUMBER:
        buf_printf(b, "    ION_NUMBER_C(%s, ", odd_number(v->number));
        put_double(b, v->number);
        buf_puts(b, "),\n");
        break;
    case V_BOOLEAN: buf_printf(b, "    ION_PLAIN_C(%s),\n", v->boolean ? "ION_C_TRUE" : "ION_C_FALSE"); break;
    case V_UNIT: buf_puts(b, "    ION_PLAIN_C(ION_C_UNIT),\n"); break;
    case V_UNDEFINED: buf_puts(b, "    ION_PLAIN_C(ION_C_UNDEFINED),\n"); break;
    case V_ATOM:
    case V_FUNCTION: put_named_row(e, b, v); break;
    case V_STRING: put_text_row(b, "ION_STRING_C", v->text, ""); break;
    case V_COMPLEX:
        buf_printf(b, "    ION_COMPLEX_C(%s | %s << 4, ", odd_number(v->number), odd_number(v->imaginary));
        put_double(b, v->number);
        buf_puts(b, ", ");
        put_double(b, v->imaginary);
        buf_puts(b, "),\n");
        break;
    case V_ARRAY:
    case V_TUPLE:
        buf_printf(b, "    ION_PARTS_C(%s, %u),\n", v->tag == V_ARRAY ? "ION_C_ARRAY" : "ION_C_TUPLE", v->n);
        for (uint32_t i = 0; i < v->n; i++)
            rows += put_value(e, b, v->items[i]);
        break;
    case V_OBJECT:
        buf_printf(b, "    ION_PARTS_C(ION_C_OBJECT, %u),\n", v->n);
        for (uint32_t i = 0; i < v->n; i++) {
            put_text_row(b, "ION_KEY_C", v->props[i].key, arena_format(e->c, ", %u", v->props[i].flags));
            rows += 1 + put_value(e, b, v->props[i].value);
        }
        break;
    }
    return rows;
}

void emit_remember(emitter *e, text key, uint32_t index)
{
    key.s = arena_string(e->keep, key.s, key.n);
    textmap_put(e->keep, &e->known, key, index);
}

uint32_t emit_constant(emitter *e, const value *v)
{
    buffer rows = {.c = e->c};
    uint32_t n = put_value(e, &rows, v);
    text key = {rows.data, (uint32_t)rows.len};
    uint32_t at = textmap_get(&e->known, key);
    if (at != NOT_FOUND)
        return at;
    if (e->how.comments)
        buf_printf(&e->consts, "    /* K[%u] */\n", e->nvalues);
    buf_put(&e->consts, rows.data, rows.len);
    e->nconsts += n;
    emit_remember(e, key, e->nvalues);
    return e->nvalues++;
}

uint32_t emit_atom(emitter *e, text t)
{
    value v = {.tag = V_ATOM, .text = t};
    return emit_constant(e, &v);
}

static uint32_t put_pattern(emitter *e, buffer *b, const pattern *p)
{
    uint32_t rows = 1;
    switch (p->kind) {
    case P_VALUE: return put_value(e, b, p->value);
    case P_WILDCARD: buf_puts(b, "    ION_PLAIN_C(ION_C_WILDCARD),\n"); break;
    case P_TUPLE: buf_printf(b, "    ION_PARTS_C(ION_C_P_TUPLE, %u),\n", p->n); break;
    case P_ARRAY: buf_printf(b, "    ION_PARTS_C(ION_C_P_ARRAY, %u),\n", p->n); break;
    case P_TAGGED: put_text_row(b, "ION_TAGGED_C", p->tag, ""); break;
    }
    for (uint32_t i = 0; i < p->n; i++)
        rows += put_pattern(e, b, p->items[i]);
    return rows;
}

uint32_t emit_pattern(emitter *e, const pattern *p)
{
    buffer rows = {.c = e->c};
    uint32_t n = put_pattern(e, &rows, p);
    text key = text_of(arena_format(e->c, "pattern %s", rows.data));
    uint32_t at = textmap_get(&e->known, key);
    if (at != NOT_FOUND)
        return at;
    if (e->how.comments)
        buf_printf(&e->patterns, "    /* M[%u] */\n", e->npatterns);
    buf_put(&e->patterns, rows.data, rows.len);
    e->npattern_rows += n;
    emit_remember(e, key, e->npatterns);
    return e->npatterns++;
}

/* ---- names that count though no code may use them ---- */

/* Unknown library functions, which the loader warns about in the order in which they stand here, and the atoms of code
 * that is never reached, which ToAtom knows all the same. */
static void name_value(emitter *e, const value *v, bool reached)
{
    static const char library[] = "__stdlib:";
    bool named = v->tag == V_ATOM && v->meaning == M_LIBRARY && strncmp(v->text.s, library, sizeof library - 1) == 0;
    if ((named && !library_has(v->library)) || (!reached && v->tag == V_ATOM && v->meaning == M_PLAIN))
        emit_constant(e, v);
    for (uint32_t i = 0; (v->tag == V_ARRAY || v->tag == V_TUPLE) && i < v->n; i++)
        name_value(e, v->items[i], reached);
    for (uint32_t i = 0; v->tag == V_OBJECT && i < v->n; i++) {
        if (!reached)
            emit_atom(e, v->props[i].key);
        name_value(e, v->props[i].value, reached);
    }
}

/* Of a case that is never tried; a pattern names no library function. */
void emit_pattern_names(emitter *e, const pattern *p)
{
    if (p->kind == P_VALUE)
        name_value(e, p->value, false);
    if (p->kind == P_TAGGED) {
        bool colon = p->tag.n && p->tag.s[0] == ':';
        emit_atom(e, (text){p->tag.s + colon, p->tag.n - colon});
    }
    for (uint32_t i = 0; i < p->n; i++)
        emit_pattern_names(e, p->items[i]);
}

static void name_instr(emitter *e, const instr *i, bool reached)
{
    if (i->op == OP_LOAD_CONST)
        name_value(e, i->value, reached);
    for (uint32_t j = 0; i->op == OP_OBJECT_INIT && j < i->n; j++) {
        if (!reached)
            emit_atom(e, i->props[j].key);
        if (i->props[j].value)
            name_value(e, i->props[j].value, reached);
    }
    for (uint32_t j = reached ? cases_tried(i) : 0; i->op == OP_MATCH && j < i->n; j++)
        emit_pattern_names(e, i->cases[j].pattern);
}

static void name_function(emitter *e, const function *f)
{
    if (f->native && !library_has(f->native_name) && native_find(e->p->natives, f->class->pack, f->native_name) == NOT_FOUND)
        emit_constant(e, &(value){.tag = V_FUNCTION, .meaning = M_LIBRARY, .library = f->native_name});
    for (uint32_t pc = 0; !f->native && pc < f->n; pc++)
        name_instr(e, &f->code[pc], f->cfg && f->cfg->at[pc] & AT_REACHABLE);
}

void emit_names(emitter *e)
{
    for (uint32_t k = 0; k < e->p->nclasses; k++)
        for (uint32_t i = 0; i < e->p->classes[k]->n; i++)
            name_function(e, &e->p->classes[k]->functions[i]);
}
