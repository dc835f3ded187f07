/* emit_body.c: one bytecode function as one C function. A statement an instruction, its disassembly beside it, labels
 * L<index> where the bytecode jumps, B<point> and A<point> where the function is entered again.
 *
 * What must stay true: registers live in the frame (R(i)), so nothing is spilled when the function leaves; fp->at is
 * set before anything that may collect, leave or crash; operands in lists go to the frame behind (ARG(i)) before the
 * runtime is called, so that the destination may be one of them.
 */
#include <math.h>
#include <string.h>

#include "ionc.h"

const char *body_label(body *b, uint32_t pc, int32_t off)
{
    uint32_t target = (uint32_t)((int64_t)pc + off);
    return arena_format(b->e->c, b->parts && parts_leave(b, target) ? "J%u" : "L%u", target);
}

/* Made once an instruction: the table of points shows it, and the comments in both bodies. */
static instr_texts *texts_of(body *b, uint32_t pc)
{
    emitter *e = b->e;
    if (e->shown_of != b->f) {
        e->shown_of = b->f;
        e->shown = arena_alloc(e->c, b->f->n * sizeof *e->shown);
    }
    return &e->shown[pc];
}

static text disassembly(body *b, uint32_t pc)
{
    if (pc == b->f->n)
        return text_of("end");
    instr_texts *t = texts_of(b, pc);
    if (!t->plain.s) {
        buffer made = {.c = b->e->c};
        disasm_instr(&made, &b->f->code[pc], b->f->class->dialect);
        t->plain = (text){made.data, (uint32_t)made.len};
    }
    return t->plain;
}

static text comment(body *b, uint32_t pc)
{
    instr_texts *t = texts_of(b, pc);
    if (!t->comment.s) {
        buffer made = {.c = b->e->c};
        buf_puts(&made, "/* ");
        buf_number(&made, pc);
        buf_puts(&made, ": ");
        emit_comment(&made, disassembly(b, pc));
        buf_puts(&made, " */\n");
        t->comment = (text){made.data, (uint32_t)made.len};
    }
    return t->comment;
}

/* What the runtime knows about a function: NAME__`suffix`, entered through NAME or NAME__`code`. */
static void put_description(body *b, const char *suffix, const char *code)
{
    const cfg *g = b->g;
    buf_printf(b->out, "%sconst ion_function %s__%s = {\n    %s%s%s, ", b->e->linkage, b->name, suffix, b->name,
               code ? "__" : "", code ? code : "");
    emit_c_string(b->out, b->f->name);
    buf_puts(b->out, ", ");
    emit_c_string(b->out, b->f->class->name);
    buf_printf(b->out, ", %u, %u, %u,\n    ION_FRAME(%u) + ION_FRAME(%u), %u, %s__live, %s__points, %u, ",
               b->f->arity, g->regs, g->fill, g->regs, g->outgoing, g->row_words, b->name, b->name,
               g->npoints ? g->npoints : 1);
    if (strcmp(suffix, "f") == 0)
        buf_puts(b->out, "0};\n");
    else
        buf_printf(b->out, "&%s__f};\n", b->name);
}

static void put_tables(body *b)
{
    const cfg *g = b->g;
    buf_printf(b->out, "static const ion_u64 %s__live[] = {", b->name);
    uint32_t words = g->nrows * g->row_words;
    for (uint32_t i = 0; i < words; i++)
        buf_printf(b->out, "%s0x%llx", i ? ", " : "", (unsigned long long)g->live[i]);
    buf_puts(b->out, words ? "};\n" : "0};\n");
    buf_printf(b->out, "static const ion_point %s__points[] = {\n", b->name);
    for (uint32_t i = 0; i < g->npoints; i++) {
        const point *p = &g->points[i];
        buf_printf(b->out, "    {%u, %u, %u, ", p->pc, p->live, p->rest);
        emit_c_string(b->out, disassembly(b, p->pc));
        buf_puts(b->out, "},\n");
    }
    if (g->npoints == 0)
        buf_puts(b->out, "    {0, 0, 0, \"\"},\n");
    buf_puts(b->out, "};\n");
    if (b->f->types && b->f->types->fast) {
        put_description(b, "f", "enter");
        put_description(b, "fastf", "code");
    } else {
        put_description(b, "f", NULL);
    }
    buf_puts(b->out, "\n");
}

void body_resume(body *b, uint32_t first, uint32_t end)
{
    const cfg *g = b->g;
    uint32_t shown = 0, results = 0;
    bool charges = false;
    for (uint32_t i = first; i < end; i++) {
        shown += g->points[i].kind != POINT_INSIDE;
        charges |= g->points[i].kind == POINT_AFTER && g->points[i].rest;
        results += g->points[i].kind == POINT_AFTER;
    }
    if (!shown)
        return;
    buf_puts(b->out, "    if (ION_UNLIKELY(argc == ION_RESUMED)) {\n");
    if (results)
        buf_puts(b->out, "        v = ION_TAKE();\n");
    if (charges) /* points in front of an instruction have none */
        buf_printf(b->out, "        ION_CHARGE(%s__points[fp->at].rest);\n", b->name);
    buf_puts(b->out, "        switch (fp->at) {\n");
    for (uint32_t i = first; i < end; i++) {
        const point *p = &g->points[i];
        if (p->kind == POINT_BEFORE)
            buf_printf(b->out, "        case %u: goto B%u;\n", i, i);
        else if (p->kind == POINT_AFTER)
            buf_printf(b->out, "        case %u: goto A%u;\n", i, i);
    }
    buf_puts(b->out, "        }\n    }\n");
}

/* Whether the function uses the local v, for results, ... */
static bool uses_v(const body *b)
{
    for (uint32_t i = 0; i < b->g->npoints; i++)
        if (b->g->points[i].kind != POINT_BEFORE ||
            (b->g->points[i].pc < b->f->n && strchr("\x0F\x10\x11\x20\x21", b->f->code[b->g->points[i].pc].op)))
            return true;
    return false;
}

/* ... and out, the frame behind. */

bool body_uses_out(const body *b)
{
    for (uint32_t pc = 0; pc < b->f->n; pc++) {
        uint8_t op = b->f->code[pc].op;
        if (b->g->at[pc] & AT_REACHABLE && strpbrk(op_table[op].operands, "loc") &&
            (b->f->code[pc].n || (op == OP_CALL && !(b->g->at[pc] & AT_TAIL))))
            return true;
    }
    return false;
}

static void put_args(body *b, const instr *i)
{
    for (uint32_t k = 0; k < i->n; k++)
        buf_printf(b->out, "    ARG(%u) = R(%u);\n", k, i->regs[k]);
}

static void put_load(body *b, const instr *i, uint32_t k)
{
    const char *number = i->value->tag == V_NUMBER ? emit_number(b->e, i->value->number) : NULL;
    const char *immediate = number ? NULL : emit_immediate(b->e, i->value);
    uint32_t d = i->reg[0];
    if (number)
        buf_printf(b->out, "    N(%u) = %s;", d, number);
    else if (immediate)
        buf_printf(b->out, "    R(%u) = %s;", d, immediate);
    else if (i->value->tag == V_ATOM && i->value->meaning == M_THIS)
        buf_printf(b->out, "    R(%u) = fp->self;", d);
    else if (i->value->tag == V_ATOM && value_is_literal(i->value))
        buf_printf(b->out, "    R(%u) = ion_vm(p, fp, ION_VM_%s);", d,
                   i->value->meaning == M_SELF        ? "SELF"
                   : i->value->meaning == M_PID       ? "PID"
                   : i->value->meaning == M_PROCESSES ? "PROCESSES"
                                                      : "PASSES");
    else if (value_is_literal(i->value))
        buf_printf(b->out, "    ION_DO(%u, %u, ion_literal(p, fp, K[%u]));", d, k, emit_constant(b->e, i->value));
    else
        buf_printf(b->out, "    R(%u) = K[%u];", d, emit_constant(b->e, i->value));
}

static void put_object_init(body *b, const instr *i, uint32_t pc, uint32_t k)
{
    for (uint32_t j = 0; j < i->n; j++) {
        const init_prop *prop = &i->props[j];
        if (prop->value) {
            buf_printf(b->out, "    ARG(%u) = %s;\n", j, emit_value(b->e, prop->value));
        } else {
            buf_printf(b->out, "    ARG(%u) = R(%u);\n", j, prop->reg);
        }
    }
    if (i->n)
        buf_printf(b->out, "    ION_DO(%u, %u, ion_object_init(p, fp, K, %s__init%u, %u));", i->reg[0], k, b->name, pc,
                   i->n);
    else
        buf_printf(b->out, "    ION_DO(%u, %u, ion_object_init(p, fp, 0, 0, 0));", i->reg[0], k);
}

/* The keys and flags of each OBJECT_INIT, ahead of the function. */
static void put_init_tables(body *b)
{
    for (uint32_t pc = 0; pc < b->f->n; pc++) {
        const instr *i = &b->f->code[pc];
        if (i->op != OP_OBJECT_INIT || !i->n || !(b->g->at[pc] & AT_REACHABLE))
            continue;
        buf_printf(b->out, "static ion_init %s__init%u[] = {{0, 0}", b->name, pc);
        for (uint32_t j = 0; j < i->n; j++)
            buf_printf(b->out, ", {%u, %u}", emit_atom(b->e, i->props[j].key), i->props[j].flags);
        buf_puts(b->out, "};\n");
    }
}

static void put_closure(body *b, const instr *i, uint32_t k)
{
    for (uint32_t j = 0; j < i->n; j++) {
        uint32_t h = hidden_register(b->g, &i->captures[j]);
        buf_printf(b->out, "    if (R(%u) == ION_ABSENT)\n        R(%u) = R(%u);\n    ARG(%u) = R(%u);\n", h, h,
                   i->captures[j].reg, j, h);
    }
    buf_printf(b->out, "    ION_DO(%u, %u, ion_make_closure(p, fp, R(%u), %u));", i->reg[0], k, i->reg[1], i->n);
}

static void put_match(body *b, uint32_t pc, uint32_t r)
{
    match_subject s = {arena_format(b->e->c, "R(%u)", r), arena_format(b->e->c, "N(%u)", r), NULL, MAY_ANY};
    body_match(b, pc, &s);
}

static void put_call(body *b, const instr *i, uint32_t pc, uint32_t k)
{
    uint32_t get = method_partner(b->g, pc);
    bool tail = b->g->at[pc] & AT_TAIL;
    put_args(b, i);
    if (get != NOT_FOUND && tail)
        buf_printf(b->out, "    ION_TAILCALL_METHOD(%u, R(%u), %u, %u);", i->reg[1], b->f->code[get].reg[1], i->n, k);
    else if (get != NOT_FOUND)
        buf_printf(b->out, "    ION_CALL_METHOD(%u, %u, R(%u), %u, %u);", i->reg[0], i->reg[1],
                   b->f->code[get].reg[1], i->n, k);
    else if (tail)
        buf_printf(b->out, "    ION_TAILCALL(%u, %u, %u);", i->reg[1], i->n, k);
    else
        buf_printf(b->out, "    ION_CALL(%u, %u, %u, %u);", i->reg[0], i->reg[1], i->n, k);
}

/* The statement of an instruction; k is its point once it has begun, w the one before it. */
void body_statement(body *b, uint32_t pc, uint32_t k, uint32_t w)
{
    const instr *i = &b->f->code[pc];
    const uint32_t *r = i->reg;
    buffer *o = b->out;
    switch ((opcode)i->op) {
    case OP_LOAD_CONST: put_load(b, i, k); break;
    case OP_MOVE: buf_printf(o, "    R(%u) = R(%u);", r[0], r[1]); break;
    case OP_ADD: buf_printf(o, "    ION_ARITH(%u, %u, %u, %u, +, ion_add);", r[0], r[1], r[2], k); break;
    case OP_SUB: buf_printf(o, "    ION_ARITH(%u, %u, %u, %u, -, ion_sub);", r[0], r[1], r[2], k); break;
    case OP_MUL: buf_printf(o, "    ION_ARITH(%u, %u, %u, %u, *, ion_mul);", r[0], r[1], r[2], k); break;
    case OP_DIV: buf_printf(o, "    ION_DIV(%u, %u, %u, %u);", r[0], r[1], r[2], k); break;
    case OP_GET_PROP:
        buf_printf(o, "    ION_DO_RESUMED(%u, %u, ion_%s(p, fp, R(%u), R(%u)));", r[0], k,
                   method_partner(b->g, pc) == NOT_FOUND ? "get" : "method", r[1], r[2]);
        break;
    case OP_SET_PROP:
        buf_printf(o, "    ION_EFFECT_RESUMED(%u, ion_set(p, fp, R(%u), R(%u), R(%u)));", k, r[0], r[1], r[2]);
        break;
    case OP_CALL: put_call(b, i, pc, k); break;
    case OP_RETURN: buf_printf(o, "    return R(%u);", r[0]); break;
    case OP_JUMP: buf_printf(o, "    goto %s;", body_label(b, pc, i->off)); break;
    case OP_JUMP_IF_TRUE:
        buf_printf(o, "    if (ION_TRUTHY(R(%u)))\n        goto %s;", r[0], body_label(b, pc, i->off));
        break;
    case OP_JUMP_IF_FALSE:
        buf_printf(o, "    if (!ION_TRUTHY(R(%u)))\n        goto %s;", r[0], body_label(b, pc, i->off));
        break;
    case OP_SPAWN:
        put_args(b, i);
        buf_printf(o, "    ION_DO(%u, %u, ion_spawn(p, fp, R(%u), %u));", r[0], k, r[1], i->n);
        break;
    case OP_SEND: buf_printf(o, "    ION_TRY(%u, ion_send(p, fp, R(%u), R(%u)));", w, r[0], r[1]); break;
    case OP_RECEIVE: buf_printf(o, "    ION_DO(%u, %u, ion_receive(p, fp));", r[0], w); break;
    case OP_LINK: {
        const char *to = r[0] < b->f->nregs ? arena_format(b->e->c, "ION_IS_PROCESS(R(%u)) ? R(%u) : ION_PROCESS(%u)",
                                                           r[0], r[0], r[0])
                                            : arena_format(b->e->c, "ION_PROCESS(%u)", r[0]);
        if (i->has_dst)
            buf_printf(o, "    ION_DO(%u, %u, ion_link(p, fp, %s));", r[1], w, to);
        else
            buf_printf(o, "    ION_TRY(%u, ion_link_both(p, fp, %s));", w, to);
        break;
    }
    case OP_MATCH: put_match(b, pc, r[0]); break;
    case OP_YIELD: buf_printf(o, "    ION_EFFECT_RESUMED(%u, ion_yield(p, fp));", k); break;
    case OP_NOP: buf_puts(o, "    ;"); break;
    case OP_EQUAL: buf_printf(o, "    ION_COMPARE(%u, %u, %u, %u, ==, ion_equal, );", r[0], r[1], r[2], k); break;
    case OP_NOT_EQUAL: buf_printf(o, "    ION_COMPARE(%u, %u, %u, %u, ==, ion_equal, !);", r[0], r[1], r[2], k); break;
    case OP_LESS_THAN: buf_printf(o, "    ION_COMPARE(%u, %u, %u, %u, <, ion_less, );", r[0], r[1], r[2], k); break;
    case OP_LESS_EQUAL:
        buf_printf(o, "    ION_COMPARE(%u, %u, %u, %u, <=, ion_less_equal, );", r[0], r[1], r[2], k);
        break;
    case OP_GREATER_THAN: buf_printf(o, "    ION_COMPARE(%u, %u, %u, %u, <, ion_less, );", r[0], r[2], r[1], k); break;
    case OP_GREATER_EQUAL:
        buf_printf(o, "    ION_COMPARE(%u, %u, %u, %u, <=, ion_less_equal, );", r[0], r[2], r[1], k);
        break;
    case OP_AND:
        buf_printf(o, "    R(%u) = ION_BOOL(ION_TRUTHY(R(%u)) && ION_TRUTHY(R(%u)));", r[0], r[1], r[2]);
        break;
    case OP_OR: buf_printf(o, "    R(%u) = ION_BOOL(ION_TRUTHY(R(%u)) || ION_TRUTHY(R(%u)));", r[0], r[1], r[2]); break;
    case OP_NOT: buf_printf(o, "    ION_NOT(%u, %u, %u);", r[0], r[1], k); break;
    case OP_RECEIVE_WITH_TIMEOUT:
        buf_printf(o, "    ION_DO_RESUMED(%u, %u, ion_receive_timeout(p, fp, R(%u)));\n", r[0], k, r[1]);
        buf_printf(o, "    R(%u) = ION_BOOL(p->ok);", r[2]);
        break;
    case OP_OBJECT_INIT: put_object_init(b, i, pc, k); break;
    case OP_SELECT:
    case OP_SELECT_WITH_KILL:
        put_args(b, i);
        buf_printf(o, "    ION_DO(%u, %u, ion_select(p, fp, %u, %d));", r[0], w, i->n, i->op == OP_SELECT_WITH_KILL);
        break;
    case OP_ARRAY_INIT:
        put_args(b, i);
        buf_printf(o, "    ION_DO(%u, %u, ion_array_init(p, fp, %u));", r[0], k, i->n);
        break;
    case OP_MAKE_CLOSURE: put_closure(b, i, k); break;
    }
}

/* Static, so that a long function's C frame stays small. */
static void put_regs(body *b, const uint32_t *regs, uint32_t n)
{
    buf_puts(b->out, "static const ion_u32 regs[] = {");
    for (uint32_t i = 0; i < n; i++)
        buf_printf(b->out, "%s%u", i ? ", " : "", regs[i]);
    buf_puts(b->out, n ? "};\n" : "0};\n");
}

static void put_trace(body *b, uint32_t pc, bool result)
{
    const instr *i = &b->f->code[pc];
    uint32_t *regs = arena_alloc(b->e->c, operand_limit(i) * sizeof *regs);
    if (result) {
        uint32_t n = instr_writes(i, regs);
        for (uint32_t k = 0; k < n; k++)
            buf_printf(b->out, "\n    ion_trace_result(p, fp, %u, %u);", pc, regs[k]);
        return;
    }
    uint32_t n = instr_reads(b->f, i, regs);
    buf_puts(b->out, "    {\n        ");
    put_regs(b, regs, n);
    buf_printf(b->out, "        ion_trace(p, fp, %u, ", pc);
    emit_c_string(b->out, disassembly(b, pc));
    buf_printf(b->out, ", regs, %u);\n    }\n", n);
}

/* The comment that shows an instruction, behind so many blanks. */
void body_disassembly(body *b, uint32_t pc, int blanks)
{
    if (!b->e->how.comments)
        return;
    static const char most[] = "                                                        ";
    buf_put(b->out, most, (size_t)blanks < sizeof most - 1 ? (size_t)blanks : sizeof most - 1);
    text shown = comment(b, pc);
    buf_put(b->out, shown.s, shown.n);
}

static void put_instruction(body *b, uint32_t pc)
{
    const cfg *g = b->g;
    uint32_t before = g->before[pc];
    if (g->at[pc] & AT_TARGET)
        buf_printf(b->out, "L%u:\n", pc);
    if (g->at[pc] & AT_CHECK)
        buf_printf(b->out, "    ION_CHECK(%u);\n", before);
    if (before != NOT_FOUND)
        buf_printf(b->out, "B%u:\n", before);
    if (g->at[pc] & AT_STRETCH)
        buf_printf(b->out, "    ION_CHARGE(%u);\n", g->charge[pc]);
    if (b->e->c->opt.trace)
        put_trace(b, pc, false);
    size_t start = b->out->len;
    const instr *i = &b->f->code[pc];
    bool ahead = i->op == OP_MATCH || (strpbrk(op_table[i->op].operands, "loc") && i->n); /* several statements */
    if (ahead)
        body_disassembly(b, pc, 4);
    body_statement(b, pc, g->after[pc], before);
    if (i->op == OP_SET_PROP || i->op == OP_YIELD) /* a label needs a statement behind it */
        buf_puts(b->out, " (void)v;");
    if (!ahead) {
        const char *line = memrchr(b->out->data + start, '\n', b->out->len - start);
        size_t column = (size_t)(b->out->data + b->out->len - (line ? line + 1 : b->out->data + start));
        body_disassembly(b, pc, column < 56 ? 56 - (int)column : 1);
    }
    if (b->e->c->opt.trace && !(g->at[pc] & AT_TAIL))
        put_trace(b, pc, true);
    if (b->out->data[b->out->len - 1] != '\n')
        buf_puts(b->out, "\n");
}

/* A RETURN that is part of the tail call in front of it and that nobody jumps to. */
bool body_swallowed(const cfg *g, uint32_t pc)
{
    return pc > 0 && g->at[pc - 1] & AT_TAIL && !(g->at[pc] & AT_TARGET);
}

void body_code(body *b, uint32_t first, uint32_t end)
{
    const function *f = b->f;
    for (uint32_t pc = first; pc < end; pc++)
        if (b->g->at[pc] & AT_REACHABLE && !body_swallowed(b->g, pc))
            put_instruction(b, pc);
    if (end < f->n)
        return;
    if (b->g->at[f->n] & AT_TARGET)
        buf_printf(b->out, "L%u:\n", f->n);
    if (b->g->at[f->n] & AT_CHECK)
        buf_printf(b->out, "    ION_CHECK(%u);\nB%u:\n", b->g->before[f->n], b->g->before[f->n]);
    if (b->g->at[f->n] & AT_REACHABLE || f->n == 0)
        buf_puts(b->out, "    return ION_UNIT;\n");
}

/* A captured name that has no value yet in its environment. */
void body_hidden(body *b, uint32_t i)
{
    value name = {.tag = V_STRING, .text = b->g->hidden[i].name};
    buffer shown = {.c = b->e->c};
    disasm_value(&shown, &name, b->f->class->dialect);
    buf_printf(b->out, "    R(%u) = ION_ABSENT; /* captured: ", b->g->regs - b->g->nhidden + i);
    emit_comment(b->out, text_of(shown.data));
    buf_puts(b->out, " */\n");
}

bool body_leaves(const char *text)
{
    static const char *const users[] = {"ION_TRY(",     "ION_DO",    "goto left",  "ION_ARITH(", "ION_CALL",
                                        "ION_COMPARE(", "ION_DIV(", "ION_EFFECT", "ION_NOT(",   "ION_CHECK("};
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        if (strstr(text, users[i]))
            return true;
    return false;
}

static void put_entry(body *b)
{
    buf_printf(b->out, "    ION_ENTER(%s__f);\n", b->name);
    if (b->g->fill)
        buf_printf(b->out, "    ION_FILL(%uu);\n", b->g->fill);
    for (uint32_t i = 0; i < b->g->nhidden; i++)
        body_hidden(b, i);
}

static void put_head(body *b)
{
    const function *f = b->f;
    buf_puts(b->out, "/* ");
    emit_comment(b->out, f->class->name);
    buf_puts(b->out, ":");
    emit_comment(b->out, f->has_name ? f->name : text_of("-"));
    buf_printf(b->out, " (arity: %u, registers: %u) */\n", f->arity, f->nregs);
    buf_printf(b->out, "static ion_value %s(ion_process *p, ion_frame *fp, ion_u32 argc)\n{\n", b->name);
}

void body_left(body *b, size_t start)
{
    if (b->out->len > start && body_leaves(b->out->data + start))
        buf_puts(b->out, "left: ION_UNUSED;\n    return ION_LEAVE;\n");
}

void emit_function(emitter *e, const function *f)
{
    body b = {.e = e, .f = f, .g = f->cfg, .out = &e->out, .name = e->names[f->index]};
    put_tables(&b);
    put_init_tables(&b);
    if (f->n > BODY_MAX) {
        emit_parts(&b);
        put_head(&b);
        buf_puts(b.out, "    if (argc != ION_RESUMED) {\n");
        put_entry(&b);
        emit_parts_loop(&b);
        return;
    }
    put_head(&b);
    if (uses_v(&b))
        buf_puts(b.out, "    ion_value v;\n");
    if (body_uses_out(&b))
        buf_printf(b.out, "    ion_frame *out = ION_BEHIND(fp, %u);\n", b.g->regs);
    buf_puts(b.out, "\n");
    body_resume(&b, 0, b.g->npoints);
    put_entry(&b);
    size_t start = b.out->len;
    body_code(&b, 0, f->n);
    body_left(&b, start);
    buf_puts(b.out, "}\n\n");
}
