/* leaf.c: small functions that are put in place of their calls: which these are, and their C.
 *
 * A leaf is a C function that does what the bytecode function does without a frame, or does nothing at all: it gives 0
 * where something is not as it was guessed, and the caller makes the call as if there were no leaf. So a leaf has no
 * loop, calls nothing, allocates nothing, and has at most one effect, behind which nothing can fail. All its registers
 * are C variables (n number, b boolean, v any value, by web); the C compiler puts it in place.
 *
 * Of other functions, the start may be a leaf: if the first few instructions may come to the function's end, as where a
 * recursion does, they are put in place of its calls, and give 0 where they lead on. Where its frame would not fit the call is
 * made: else how deep a recursion may go would depend on it.
 */
#include <string.h>

#include "ionc.h"

enum { LEAF_MAX = 24, START_MAX = 8 }; /* instructions; more would only make code large */

/* What of a function is a leaf, per instruction. */
typedef struct start {
    bool *inside; /* NULL: all; the end of the function is */
    bool *met;    /* inside, or where what is inside leads to */
    bool *target; /* of a jump inside */
} start;

typedef struct leaf {
    emitter *e;
    const function *f;
    const types *t;
    uint32_t *now;
    start start;
    buffer text;
} leaf;

static bool may_be_number(const web *w)
{
    return w->place == PLACE_NUMBER || (w->place == PLACE_FRAME && (w->type & MAY_NUMBER));
}

/* What an instruction means for a leaf. */
typedef enum role { ROLE_NEVER, ROLE_PURE, ROLE_GUARD, ROLE_EFFECT } role;

static bool compares_atom(const function *f, const instr *i)
{
    return (i->op == OP_EQUAL || i->op == OP_NOT_EQUAL) &&
           (web_is_atom(web_now(f, i->reg[1])) || web_is_atom(web_now(f, i->reg[2])));
}

static role operator_role(const function *f, const instr *i)
{
    const web *a = web_now(f, i->reg[1]), *b = web_now(f, i->reg[2]);
    if (compares_atom(f, i))
        return ROLE_GUARD;
    if (!may_be_number(a) || !may_be_number(b))
        return ROLE_NEVER;
    return a->place == PLACE_NUMBER && b->place == PLACE_NUMBER && i->op != OP_DIV ? ROLE_PURE : ROLE_GUARD;
}

static role role_of(const compilation *c, const function *f, uint32_t pc)
{
    const instr *i = &f->code[pc];
    if (is_operator(i->op))
        return operator_role(f, i);
    switch ((opcode)i->op) {
    case OP_LOAD_CONST:
        return value_is_literal(i->value) && !(i->value->tag == V_ATOM && i->value->meaning == M_THIS) ? ROLE_NEVER
                                                                                                       : ROLE_PURE;
    case OP_MOVE:
    case OP_AND:
    case OP_OR:
    case OP_NOP:
    case OP_RETURN: return ROLE_PURE;
    case OP_JUMP:
    case OP_JUMP_IF_TRUE:
    case OP_JUMP_IF_FALSE: return i->off > 0 ? ROLE_PURE : ROLE_NEVER;
    case OP_NOT: return never_object(web_now(f, i->reg[1])->type) ? ROLE_PURE : ROLE_NEVER;
    case OP_GET_PROP:
        return access_how(c, f, pc, f->types->now).kind && method_partner(f->cfg, pc) == NOT_FOUND ? ROLE_GUARD
                                                                                                   : ROLE_NEVER;
    case OP_SET_PROP: return access_how(c, f, pc, f->types->now).kind ? ROLE_EFFECT : ROLE_NEVER;
    default: return ROLE_NEVER;
    }
}

static bool unfit(const function *f, const char *why, uint32_t pc)
{
    f->types->why_no_leaf = why;
    f->types->no_leaf_at = pc;
    return false;
}

bool leaf_fits(const compilation *c, const function *f)
{
    bool effect = false;
    if (!optimise(c, OPT_INLINING))
        return unfit(f, "--no-opt=inlining", NOT_FOUND);
    if (f->n == 0 || f->cfg->nhidden)
        return unfit(f, f->n ? "it captures registers" : "it has no code", NOT_FOUND);
    if (f->n > LEAF_MAX)
        return unfit(f, "it is too long", NOT_FOUND);
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        webs_before(f, f->types->webs, pc, f->types->now);
        role r = role_of(c, f, pc);
        if (r == ROLE_NEVER || (effect && r != ROLE_PURE))
            return unfit(f, r != ROLE_NEVER ? "behind an effect" : f->code[pc].off < 0 ? "a loop" : NULL, pc);
        effect |= r == ROLE_EFFECT;
        webs_after(f, f->types->webs, pc, f->types->now);
    }
    return true;
}

static bool jumps(const instr *i)
{
    return i->op == OP_JUMP || i->op == OP_JUMP_IF_TRUE || i->op == OP_JUMP_IF_FALSE;
}

static bool goes_on(const instr *i)
{
    return i->op != OP_JUMP && i->op != OP_RETURN;
}

/* Takes out what does not lead to the function's end, and marks what is left as met and where it jumps to; how much is left. */
static uint32_t prune_start(const function *f, const start *s)
{
    uint32_t n = 0;
    memset(s->met, 0, f->n + 1);
    for (uint32_t pc = f->n; pc--;) {
        const instr *i = &f->code[pc];
        if (!s->inside[pc])
            continue;
        uint32_t to = jumps(i) ? pc + (uint32_t)i->off : pc;
        s->inside[pc] = i->op == OP_RETURN || (jumps(i) && s->inside[to]) || (goes_on(i) && s->inside[pc + 1]);
        if (!s->inside[pc])
            continue;
        n++;
        s->met[pc] = true;
        if (jumps(i))
            s->met[to] = s->target[to] = true;
        if (goes_on(i))
            s->met[pc + 1] = true;
    }
    return n;
}

/* Marks what belongs to a leaf of the start; false if there is none. Jumps inside go forward. */
static bool mark_start(const compilation *c, const function *f, const start *s)
{
    uint32_t most = f->n < LEAF_MAX ? f->n : LEAF_MAX;
    s->met[0] = s->inside[f->n] = true;
    for (uint32_t pc = 0; pc < most; pc++) {
        const instr *i = &f->code[pc];
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        webs_before(f, f->types->webs, pc, f->types->now);
        role r = s->met[pc] ? role_of(c, f, pc) : ROLE_NEVER;
        s->inside[pc] = r == ROLE_PURE || r == ROLE_GUARD;
        if (s->inside[pc] && jumps(i))
            s->met[pc + (uint32_t)i->off] = true;
        if (s->inside[pc] && goes_on(i))
            s->met[pc + 1] = true;
        webs_after(f, f->types->webs, pc, f->types->now);
    }
    uint32_t n = prune_start(f, s);
    return s->inside[0] && n <= START_MAX;
}

static start new_start(compilation *c, const function *f)
{
    bool *marks = arena_alloc(c, 3 * ((size_t)f->n + 1));
    return (start){marks, marks + f->n + 1, marks + 2 * ((size_t)f->n + 1)};
}

bool leaf_starts(compilation *scratch, const compilation *c, const function *f)
{
    if (!optimise(c, OPT_EARLY_RETURNS) || f->n == 0 || f->cfg->nhidden)
        return false;
    start s = new_start(scratch, f);
    return mark_start(c, f, &s);
}

/* ---- operands ---- */

static const char *variable(const leaf *x, const web *w)
{
    char kind = w->place == PLACE_NUMBER ? 'n' : w->place == PLACE_BOOLEAN ? 'b' : 'v';
    return arena_format(x->e->c, "%c%u", kind, (uint32_t)(w - x->t->webs->web));
}

/* As an ion_value, as a double (it has been checked), as 0 or 1. */
static const char *boxed(const leaf *x, uint32_t r)
{
    const web *w = web_now(x->f, r);
    if (w->place == PLACE_CONSTANT)
        return emit_value(x->e, w->constant);
    const char *name = w->place == PLACE_NUMBER && w->literal ? emit_number(x->e, w->literal->number) : variable(x, w);
    return w->place == PLACE_NUMBER    ? arena_format(x->e->c, "ION_VALUE(%s)", name)
           : w->place == PLACE_BOOLEAN ? arena_format(x->e->c, "ION_BOOL(%s)", name)
                                       : name;
}

static const char *number(const leaf *x, uint32_t r)
{
    const web *w = web_now(x->f, r);
    if (w->place != PLACE_NUMBER)
        return arena_format(x->e->c, "ION_NUMBER(%s)", variable(x, w));
    return w->literal ? emit_number(x->e, w->literal->number) : variable(x, w);
}

static const char *truth(const leaf *x, uint32_t r)
{
    const web *w = web_now(x->f, r);
    return w->place == PLACE_BOOLEAN  ? variable(x, w)
           : w->place == PLACE_NUMBER ? arena_format(x->e->c, "!(%s == 0)", number(x, r))
                                      : arena_format(x->e->c, "ION_TRUTHY(%s)", boxed(x, r));
}

static const web *written(const leaf *x, uint32_t pc)
{
    return &x->t->webs->web[x->t->webs->writes[pc][0]];
}

static void set_number(leaf *x, uint32_t pc, const char *expression)
{
    const web *w = written(x, pc);
    buf_printf(&x->text, w->place == PLACE_NUMBER ? "    %s = %s;\n" : "    %s = ION_VALUE(%s);\n", variable(x, w),
               expression);
}

static void set_boolean(leaf *x, uint32_t pc, const char *expression)
{
    const web *w = written(x, pc);
    buf_printf(&x->text, w->place == PLACE_BOOLEAN ? "    %s = %s;\n" : "    %s = ION_BOOL(%s);\n", variable(x, w),
               expression);
}

static void set_value(leaf *x, uint32_t pc, uint32_t r)
{
    const web *w = written(x, pc);
    if (w->place == PLACE_NUMBER)
        set_number(x, pc, number(x, r));
    else if (w->place == PLACE_BOOLEAN)
        set_boolean(x, pc, truth(x, r));
    else
        buf_printf(&x->text, "    %s = %s;\n", variable(x, w), boxed(x, r));
}

/* ---- instructions ---- */

static void put_load(leaf *x, uint32_t pc)
{
    const value *v = x->f->code[pc].value;
    const web *w = written(x, pc);
    if (w->place == PLACE_CONSTANT || w->literal)
        return;
    if (w->place == PLACE_NUMBER)
        buf_printf(&x->text, "    %s = ION_NUMBER(%s);\n", variable(x, w), emit_value(x->e, v));
    else if (w->place == PLACE_BOOLEAN)
        buf_printf(&x->text, "    %s = %d;\n", variable(x, w), v->boolean);
    else
        buf_printf(&x->text, "    %s = %s;\n", variable(x, w),
                   v->tag == V_ATOM && v->meaning == M_THIS ? "self" : emit_value(x->e, v));
}

static void need_number(leaf *x, uint32_t r)
{
    if (web_now(x->f, r)->place != PLACE_NUMBER)
        buf_printf(&x->text, "    if (!ION_IS_NUMBER(%s))\n        return 0;\n", variable(x, web_now(x->f, r)));
}

static void put_arithmetic(leaf *x, uint32_t pc, const char *op)
{
    const uint32_t *r = x->f->code[pc].reg;
    need_number(x, r[1]);
    need_number(x, r[2]);
    if (*op == '/' && !never_zero(web_now(x->f, r[2])))
        buf_printf(&x->text, "    if (%s == 0)\n        return 0;\n", number(x, r[2]));
    set_number(x, pc, arena_format(x->e->c, "%s %s %s", number(x, r[1]), op, number(x, r[2])));
}

static void put_comparison(leaf *x, uint32_t pc, uint32_t a, uint32_t b, const char *op, const char * not )
{
    if (compares_atom(x->f, &x->f->code[pc])) {
        const char *other = boxed(x, web_is_atom(web_now(x->f, a)) ? b : a);
        buf_printf(&x->text, "    if (!ION_IS_NO_TEXT(%s))\n        return 0;\n", other);
        set_boolean(x, pc, arena_format(x->e->c, "%s(%s == %s)", not, boxed(x, a), boxed(x, b)));
        return;
    }
    need_number(x, a);
    need_number(x, b);
    set_boolean(x, pc, arena_format(x->e->c, "%s(%s %s %s)", not, number(x, a), op, number(x, b)));
}

static void put_access(leaf *x, uint32_t pc)
{
    const instr *i = &x->f->code[pc];
    const uint32_t *r = i->reg;
    bool set = i->op == OP_SET_PROP;
    const char *object = boxed(x, r[!set]), *test;
    uint32_t key = r[set ? 1 : 2];
    bool to_number = !set && written(x, pc)->place == PLACE_NUMBER;
    const char *suffix = to_number ? "_NUMBER" : "";
    const char *value = set ? arena_format(x->e->c, ", %s", boxed(x, r[2])) : "";
    if (access_how(x->e->c, x->f, pc, x->now).kind == ACCESS_CACHED) {
        test = arena_format(x->e->c, "ION_IS_OBJECT(%s) || !%s%s(%s, C[%u]%s)", object, set ? "ION_PUT" : "ION_OWN",
                            suffix, object, x->t->cache[pc], value);
    } else {
        need_number(x, key);
        if (!web_now(x->f, key)->whole)
            buf_printf(&x->text, "    if (!ION_WHOLE(%s))\n        return 0;\n", number(x, key));
        test = arena_format(x->e->c, "ION_IS_ARRAY(%s) || !%s%s(%s, %s%s)", object, set ? "ION_PUT_AT" : "ION_AT",
                            suffix, object, number(x, key), value);
    }
    buf_printf(&x->text, "    if (!%s)\n        return 0;\n", test);
    if (!set)
        buf_printf(&x->text, to_number ? "    %s = ION_NUMBER(v);\n" : "    %s = v;\n", variable(x, written(x, pc)));
}

static void put_return(leaf *x, const char *field, const char *value)
{
    buf_printf(&x->text, "    result->%s = %s;\n    *left = reds;\n    return 1;\n", field, value);
}

static void put_jump(leaf *x, uint32_t pc, const char *test)
{
    buf_printf(&x->text, "    %sgoto L%u;\n", test, pc + (uint32_t)x->f->code[pc].off);
}

static void put_statement(leaf *x, uint32_t pc)
{
    const instr *i = &x->f->code[pc];
    const uint32_t *r = i->reg;
    compilation *c = x->e->c;
    switch ((opcode)i->op) {
    case OP_LOAD_CONST: put_load(x, pc); break;
    case OP_MOVE:
        if (written(x, pc)->place != PLACE_CONSTANT)
            set_value(x, pc, r[1]);
        break;
    case OP_ADD: put_arithmetic(x, pc, "+"); break;
    case OP_SUB: put_arithmetic(x, pc, "-"); break;
    case OP_MUL: put_arithmetic(x, pc, "*"); break;
    case OP_DIV: put_arithmetic(x, pc, "/"); break;
    case OP_EQUAL: put_comparison(x, pc, r[1], r[2], "==", ""); break;
    case OP_NOT_EQUAL: put_comparison(x, pc, r[1], r[2], "==", "!"); break;
    case OP_LESS_THAN: put_comparison(x, pc, r[1], r[2], "<", ""); break;
    case OP_LESS_EQUAL: put_comparison(x, pc, r[1], r[2], "<=", ""); break;
    case OP_GREATER_THAN: put_comparison(x, pc, r[2], r[1], "<", ""); break;
    case OP_GREATER_EQUAL: put_comparison(x, pc, r[2], r[1], "<=", ""); break;
    case OP_AND: set_boolean(x, pc, arena_format(c, "%s && %s", truth(x, r[1]), truth(x, r[2]))); break;
    case OP_OR: set_boolean(x, pc, arena_format(c, "%s || %s", truth(x, r[1]), truth(x, r[2]))); break;
    case OP_NOT: set_boolean(x, pc, arena_format(c, "!(%s)", truth(x, r[1]))); break;
    case OP_JUMP: put_jump(x, pc, ""); break;
    case OP_JUMP_IF_TRUE: put_jump(x, pc, arena_format(c, "if (%s)\n        ", truth(x, r[0]))); break;
    case OP_JUMP_IF_FALSE: put_jump(x, pc, arena_format(c, "if (!(%s))\n        ", truth(x, r[0]))); break;
    case OP_RETURN:
        if (web_now(x->f, r[0])->place == PLACE_NUMBER)
            put_return(x, "d", number(x, r[0]));
        else
            put_return(x, "v", boxed(x, r[0]));
        break;
    case OP_GET_PROP:
    case OP_SET_PROP: put_access(x, pc); break;
    default: break;
    }
}

static void put_instruction(leaf *x, uint32_t pc)
{
    const cfg *g = x->f->cfg;
    const start *s = &x->start;
    webs_before(x->f, x->t->webs, pc, x->now);
    if (s->inside ? s->target[pc] : g->at[pc] & AT_TARGET)
        buf_printf(&x->text, "L%u:\n", pc);
    if (s->inside && !s->inside[pc]) {
        if (s->met[pc])
            buf_puts(&x->text, "    return 0;\n");
    } else {
        if (g->at[pc] & AT_STRETCH)
            buf_printf(&x->text, "    ION_SPEND(%u);\n", g->charge[pc]);
        put_statement(x, pc);
    }
    webs_after(x->f, x->t->webs, pc, x->now);
}

/* ---- the function around it ---- */

static const char *c_type(const web *w)
{
    return w->place == PLACE_NUMBER ? "double" : w->place == PLACE_BOOLEAN ? "int" : "ion_value";
}

static void put_head(const leaf *x, buffer *o)
{
    buf_printf(o, "static ION_INLINE ION_UNUSED int %s__leaf(ion_value self", x->e->names[x->f->index]);
    for (uint32_t j = 0; j < x->t->nparams; j++) {
        const web *w = &x->t->webs->web[x->t->params[j].web];
        buf_printf(o, ", %s %s", c_type(w), variable(x, w));
    }
    buf_puts(o, ", ion_i64 *left, ion_slot *result)\n{\n    (void)self;\n");
    for (uint32_t j = 0; x->start.inside && j < x->t->nparams; j++)
        buf_printf(o, "    (void)%s;\n", variable(x, &x->t->webs->web[x->t->params[j].web]));
}

static void put_variables(const leaf *x, buffer *o)
{
    const webs *w = x->t->webs;
    bool *is_param = arena_alloc(x->e->c, w->n + 1);
    for (uint32_t j = 0; j < x->t->nparams; j++)
        is_param[x->t->params[j].web] = true;
    for (uint32_t i = 0; i < w->n; i++)
        if (!is_param[i] && w->web[i].place != PLACE_CONSTANT && !w->web[i].literal)
            buf_printf(o, "    %s %s ION_UNUSED = 0;\n", c_type(&w->web[i]), variable(x, &w->web[i]));
    buf_puts(o, "    ion_value v ION_UNUSED;\n    ion_u64 w ION_UNUSED;\n    ion_u64 i ION_UNUSED;\n"
                "    ion_i64 reds = *left;\n\n    if (reds <= 0)\n        return 0;\n");
}

void emit_leaf(emitter *e, const function *f)
{
    leaf x = {.e = e, .f = f, .t = f->types, .now = f->types->now, .text = {.c = e->c}};
    if (!f->types->leaf) {
        x.start = new_start(e->c, f);
        (void)mark_start(e->c, f, &x.start);
    }
    const start *s = &x.start;
    for (uint32_t pc = 0; pc < f->n; pc++)
        if (f->cfg->at[pc] & AT_REACHABLE)
            put_instruction(&x, pc);
    if (s->inside ? s->target[f->n] : f->cfg->at[f->n] & AT_TARGET)
        buf_printf(&x.text, "L%u:\n", f->n);
    if (s->inside ? s->met[f->n] : f->cfg->at[f->n] & AT_REACHABLE)
        put_return(&x, "v", "ION_UNIT");
    buffer *o = &e->leaves;
    buf_puts(o, s->inside ? "#ifdef ION_EARLY_RETURNS\n" : "");
    put_head(&x, o);
    put_variables(&x, o);
    buf_put(o, x.text.data, x.text.len);
    buf_puts(o, s->inside ? "}\n#endif\n\n" : "}\n\n");
}
