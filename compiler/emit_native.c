/* emit_native.c: native functions in generated C.
 *
 * F has a row for each native function that the program refers to, with a small C function that calls it as its type
 * wants it: what the runtime uses, which converts arguments of all kinds. Where all that a call has to convert is
 * numbers, booleans and pointers, optimised bodies call the function themselves. Arguments that do not fit are the
 * runtime's business there too: it makes the error atom, with which the plain body goes on.
 */
#include "ionc.h"

uint32_t emit_native(emitter *e, uint32_t which)
{
    native_decl *d = &e->p->natives->list[which];
    if (d->index == NOT_FOUND)
        d->index = e->nnatives++;
    return d->index;
}

static const char *c_type(uint8_t kind)
{
    return native_types[kind].c;
}

/* The type of a pointer to the function, without a name. */
static void put_type(buffer *b, const signature *s)
{
    buf_printf(b, "%s (*)(", c_type(s->result));
    if (s->values)
        buf_puts(b, s->n ? "const void *, " : "const void *");
    for (uint32_t i = 0; i < s->n; i++)
        buf_printf(b, "%s%s", i ? ", " : "", c_type(s->params[i]));
    buf_puts(b, s->n || s->values ? ")" : "void)");
}

/* ---- F ---- */

static void put_word(buffer *b, uint32_t i, uint8_t kind)
{
    switch ((native_kind)kind) {
    case NATIVE_FLOAT: buf_printf(b, "(float)w[%u].d", i); break;
    case NATIVE_DOUBLE: buf_printf(b, "w[%u].d", i); break;
    case NATIVE_STRING:
    case NATIVE_BYTES: buf_printf(b, "w[%u].p", i); break;
    case NATIVE_POINTER:
    case NATIVE_CALLBACK: buf_printf(b, "(void *)w[%u].p", i); break;
    case NATIVE_INT8:
    case NATIVE_INT16:
    case NATIVE_INT32:
    case NATIVE_INT64: buf_printf(b, "(%s)w[%u].i", c_type(kind), i); break;
    default: buf_printf(b, "(%s)w[%u].u", c_type(kind), i); break;
    }
}

static const char *result_field(uint8_t kind)
{
    switch ((native_kind)kind) {
    case NATIVE_FLOAT:
    case NATIVE_DOUBLE: return "d";
    case NATIVE_STRING:
    case NATIVE_POINTER: return "p";
    case NATIVE_INT8:
    case NATIVE_INT16:
    case NATIVE_INT32:
    case NATIVE_INT64: return "i";
    default: return "u";
    }
}

static void put_caller(buffer *b, const native_decl *d)
{
    const signature *s = &d->signature;
    buf_printf(b, "static void native_%u(const void *address, ion_word *w)\n{\n    ", d->index);
    if (s->result == NATIVE_VOID && !s->n)
        buf_puts(b, "(void)w;\n    ");
    if (s->result != NATIVE_VOID)
        buf_printf(b, "w[0].%s = ", result_field(s->result));
    buf_puts(b, "((");
    put_type(b, s);
    buf_puts(b, ")address)(");
    if (s->values)
        buf_printf(b, "w[%u].p%s", s->n + 1, s->n ? ", " : "");
    for (uint32_t i = 0; i < s->n; i++) {
        buf_puts(b, i ? ", " : "");
        put_word(b, i + 1, s->params[i]);
    }
    buf_puts(b, ");\n}\n\n");
}

/* A library is opened where a function of it may be called, or where it declares none and is there for others' sake. */
static bool library_needed(const natives *f, uint32_t library)
{
    bool any = false;
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->list[i].library != library)
            continue;
        any = true;
        if (f->list[i].index != NOT_FOUND)
            return true;
    }
    return !any;
}

static uint32_t put_libraries(emitter *e, buffer *b)
{
    natives *f = e->p->natives;
    static const char *const places[] = {"ION_LIBRARY_SYSTEM", "ION_LIBRARY_CARRIED", "ION_LIBRARY_FOREIGN",
                                         "ION_LIBRARY_BUILT_IN"};
    uint32_t n = 0;
    buf_puts(b, "static const ion_library libraries[] = {\n");
    for (uint32_t i = 0; i < f->nlibraries; i++) {
        native_library *l = &f->libraries[i];
        if (!library_needed(f, i))
            continue;
        l->index = n++;
        buf_puts(b, "    {");
        emit_c_string(b, text_of(l->name));
        buf_puts(b, ", ");
        if (l->data)
            emit_bytes(e, b, l->data->data);
        else
            buf_puts(b, "0");
        buf_printf(b, ", %u, %s},\n", l->data ? l->data->data.n : 0, places[l->place]);
    }
    buf_puts(b, "};\n\n");
    return n;
}

/* The bare name where that says it all. */
static text shown_name(const natives *f, const native_decl *d)
{
    text bare = text_of(d->signature.name);
    return native_find(f, f->libraries[d->library].pack, bare) == NATIVE_AMBIGUOUS ? d->name : bare;
}

void emit_natives(emitter *e, buffer *b)
{
    natives *f = e->p->natives;
    if (!e->nnatives)
        return;
    put_libraries(e, b);
    const native_decl **rows = arena_alloc(e->keep, e->nnatives * sizeof *rows);
    for (uint32_t i = 0; i < f->n; i++)
        if (f->list[i].index != NOT_FOUND)
            rows[f->list[i].index] = &f->list[i];
    for (uint32_t i = 0; i < e->nnatives; i++)
        put_caller(b, rows[i]);
    buf_printf(b, "%sion_native F[%u] = {\n", e->linkage, e->nnatives);
    for (uint32_t i = 0; i < e->nnatives; i++) {
        buf_puts(b, "    {0, 0, ");
        emit_c_string(b, shown_name(f, rows[i]));
        buf_puts(b, ", ");
        emit_c_string(b, rows[i]->declaration);
        buf_printf(b, ", native_%u, %u, 0},\n", i, f->libraries[rows[i]->library].index);
    }
    buf_puts(b, "};\n\n");
}

void emit_natives_fields(const emitter *e, buffer *b)
{
    const natives *f = e->p->natives;
    bool ffi = false, memory = false;
    uint32_t libraries = 0;
    if (!e->nnatives)
        return;
    for (uint32_t i = 0; i < f->nlibraries; i++)
        libraries += f->libraries[i].index != NOT_FOUND;
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->list[i].index == NOT_FOUND)
            continue;
        ffi |= f->list[i].signature.ncallbacks != 0;
        bool own = f->libraries[f->list[i].library].place == ION_LIBRARY_BUILT_IN;
        memory |= own;
        ffi |= own && strcmp(f->list[i].signature.name, "function") == 0; /* what it gives is called by libffi */
    }
    buf_printf(b,
               "    .libraries = libraries,\n    .nlibraries = %u,\n    .natives = F,\n    .nnatives = %u,\n"
               "    .natives_load = ion_natives_load,\n",
               libraries, e->nnatives);
    if (ffi)
        buf_puts(b, "    .ffi = &ion_ffi,\n");
    if (memory)
        buf_puts(b, "    .memory = &ion_memory,\n");
}

/* ---- calls in place ---- */

/* What C makes of an argument, and under which condition. */
typedef struct passed {
    const char *argument, *condition; /* "": always */
} passed;

static const char *fits(compilation *c, uint8_t kind, const char *n)
{
    switch ((native_kind)kind) {
    case NATIVE_INT64: return arena_format(c, "ION_HOLDS_INT64(%s)", n);
    case NATIVE_UINT64:
    case NATIVE_SIZE:
    case NATIVE_POINTER: return arena_format(c, "ION_HOLDS_UINT64(%s)", n);
    default: return arena_format(c, "ION_HOLDS(%s, %s)", c_type(kind), n);
    }
}

static passed pass(fast *x, uint8_t kind, uint32_t r)
{
    compilation *c = x->b.e->c;
    const web *w = fast_web(x, r);
    bool frame = w->place == PLACE_FRAME;
    const char *n = w->place == PLACE_BOOLEAN ? NULL : fast_number(x, r);
    const char *number = frame ? arena_format(c, "ION_IS_NUMBER(R(%u))", r) : "";
    switch ((native_kind)kind) {
    case NATIVE_BOOL:
        if (frame)
            return (passed){arena_format(c, "R(%u) == ION_TRUE", r), arena_format(c, "ION_IS_BOOLEAN(R(%u))", r)};
        return (passed){fast_truth(x, r), ""};
    case NATIVE_DOUBLE: return (passed){n, number};
    case NATIVE_FLOAT: return (passed){arena_format(c, "(float)%s", n), number};
    case NATIVE_POINTER:
        if (frame)
            return (passed){arena_format(c, "R(%u) == ION_UNDEFINED ? (void *)0 : (void *)(ion_u64)%s", r, n),
                            arena_format(c, "(R(%u) == ION_UNDEFINED || (%s && %s))", r, number, fits(c, kind, n))};
        return (passed){arena_format(c, "(void *)(ion_u64)%s", n), fits(c, kind, n)};
    case NATIVE_UINT64:
    case NATIVE_SIZE:
        return (passed){arena_format(c, "(ion_u64)%s", n),
                        arena_format(c, "%s%s%s", number, frame ? " && " : "", fits(c, kind, n))};
    default:
        return (passed){arena_format(c, "(%s)(ion_i64)%s", c_type(kind), n),
                        arena_format(c, "%s%s%s", number, frame ? " && " : "", fits(c, kind, n))};
    }
}

void emit_native_call(fast *x, uint32_t pc, uint32_t k, const native_decl *d)
{
    const instr *i = &x->b.f->code[pc];
    const signature *s = &d->signature;
    compilation *c = x->b.e->c;
    uint32_t row = emit_native(x->b.e, (uint32_t)(d - x->b.e->p->natives->list));
    buffer call = {.c = c}, conditions = {.c = c}, *o = &x->text;
    buf_puts(&call, "((");
    put_type(&call, s);
    buf_printf(&call, ")F[%u].address)(", row);
    for (uint32_t j = 0; j < i->n; j++) {
        passed a = pass(x, s->params[j], i->regs[j]);
        buf_printf(&call, "%s%s", j ? ", " : "", a.argument);
        if (*a.condition)
            buf_printf(&conditions, " && %s", a.condition);
    }
    buf_puts(&call, ")");
    buf_printf(o, "    if (ION_UNLIKELY(!(F[%u].address%s)))\n        goto C%u;\n", row,
               conditions.len ? conditions.data : "", k);
    fast_call_instead(x, i, k);
    const web *w = fast_written(x, pc);
    bool tail = x->b.g->at[pc] & AT_TAIL;
    if (native_number(s)) {
        buf_printf(o, "    t.d = (double)%s;\n", call.data);
        if (s->result == NATIVE_DOUBLE || s->result == NATIVE_FLOAT)
            buf_puts(o, "    ION_CANONICAL(t);\n");
        if (tail)
            buf_puts(o, "    ION_RESULT(t.v);");
        else
            fast_set_number(x, pc, "t.d");
        return;
    }
    if (s->result == NATIVE_BOOL && !tail) {
        fast_set_boolean(x, w, call.data);
        return;
    }
    if (s->result == NATIVE_BOOL)
        buf_printf(o, "    v = ION_BOOL(%s);\n", call.data);
    else if (s->result == NATIVE_VOID)
        buf_printf(o, "    %s;\n    v = ION_UNIT;\n", call.data);
    else
        buf_printf(o, "    v = (ion_value)%s;\n    v = v ? ION_VALUE((double)v) : ION_UNDEFINED;\n", call.data);
    if (tail)
        buf_puts(o, "    ION_RESULT(v);");
    else
        fast_result(x, pc, k);
}
