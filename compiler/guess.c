/* guess.c: which webs are taken for numbers though nothing proves it, because of what is done with them; and which
 * function a method call probably runs.
 *
 * A value that comes from a property, from an unknown function or from a caller can be anything. Where a function
 * subtracts it, multiplies it or asks whether it is less than another, it is going to be a number, or an object with
 * magic methods, which is rare. ADD says so too, unless a text may be among its operands. Inference takes such a web
 * for a number; the optimised body checks where the value arrives, and goes on in the plain body where the guess was
 * wrong.
 */
#include "ionc.h"

typedef struct guesser {
    const function *f;
    webs *w;
    uint32_t *now;
    bool *text; /* per web: may hold a text of the program, or what has been made by adding to one */
    bool changed;
} guesser;

static void mark(guesser *g, bool *flag)
{
    if (!*flag)
        *flag = g->changed = true;
}

static void want(guesser *g, uint32_t r)
{
    mark(g, &g->w->web[g->now[r]].wanted);
}

/* MOVE and ADD hand on texts forwards, MOVE wants backwards. */
static void visit(guesser *g, uint32_t pc)
{
    const instr *i = &g->f->code[pc];
    const uint32_t *r = i->reg;
    web *webs = g->w->web;
    switch ((opcode)i->op) {
    case OP_LOAD_CONST:
        if (i->value->tag == V_STRING || (i->value->tag == V_ATOM && i->value->meaning == M_PLAIN))
            mark(g, &g->text[g->w->writes[pc][0]]);
        break;
    case OP_MOVE:
        if (g->text[g->now[r[1]]])
            mark(g, &g->text[g->w->writes[pc][0]]);
        if (webs[g->w->writes[pc][0]].wanted)
            want(g, r[1]);
        break;
    case OP_ADD:
        if (g->text[g->now[r[1]]] || g->text[g->now[r[2]]])
            mark(g, &g->text[g->w->writes[pc][0]]);
        break;
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_LESS_THAN:
    case OP_LESS_EQUAL:
    case OP_GREATER_THAN:
    case OP_GREATER_EQUAL:
        want(g, r[1]);
        want(g, r[2]);
        break;
    default: break;
    }
}

/* Once the texts are known. */
static void visit_add(guesser *g, uint32_t pc)
{
    const instr *i = &g->f->code[pc];
    if (i->op == OP_ADD && !g->text[g->now[i->reg[1]]] && !g->text[g->now[i->reg[2]]]) {
        want(g, i->reg[1]);
        want(g, i->reg[2]);
    }
}

static void walk(guesser *g, void (*visitor)(guesser *g, uint32_t pc))
{
    const function *f = g->f;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        webs_before(f, g->w, pc, g->now);
        visitor(g, pc);
        webs_after(f, g->w, pc, g->now);
    }
}

/* Facts that have to travel far through MOVEs, against the order of the code, may be left out: they only guide guesses.
 */
enum { ROUNDS = 4 };

void webs_guess(compilation *c, const function *f, webs *w, uint32_t *now)
{
    guesser g = {.f = f, .w = w, .now = now, .text = arena_alloc(c, w->n + 1), .changed = true};
    for (int i = 0; i < ROUNDS && g.changed; i++) {
        g.changed = false;
        walk(&g, visit);
    }
    walk(&g, visit_add);
    for (int i = 0; i < ROUNDS && g.changed; i++) {
        g.changed = false;
        walk(&g, visit);
    }
    for (uint32_t i = 0; i < w->n; i++)
        w->web[i].wanted &= !g.text[i];
}

/* ---- methods: what a call of `name` runs, if the program has only one function of that name in its objects ---- */

typedef struct names {
    compilation *c;
    textmap map;     /* name → index in `found` */
    uint32_t *found; /* function, or NOT_FOUND: several */
    uint32_t n, cap;
} names;

static void note_method(names *m, text name, uint32_t target)
{
    uint32_t at = textmap_get(&m->map, name);
    if (at == NOT_FOUND) {
        textmap_put(m->c, &m->map, name, m->n);
        m->found = GROW(m->c, m->found, m->n, m->cap);
        m->found[m->n++] = target;
    } else if (m->found[at] != target) {
        m->found[at] = NOT_FOUND;
    }
}

static void note_value(names *m, text name, const value *v)
{
    if (v && (v->tag == V_ATOM || v->tag == V_FUNCTION) && v->meaning == M_FUNCTION)
        note_method(m, name, v->target);
}

static const value *constant_now(const function *f, uint32_t r)
{
    const web *w = web_now(f, r);
    return w->varies ? NULL : w->literal;
}

static const text *key_now(const function *f, uint32_t r)
{
    const value *v = constant_now(f, r);
    return v && (v->tag == V_STRING || (v->tag == V_ATOM && v->meaning == M_PLAIN)) ? &v->text : NULL;
}

static void note_instruction(names *m, const function *f, uint32_t pc)
{
    const instr *i = &f->code[pc];
    const text *key;
    if (i->op == OP_SET_PROP && (key = key_now(f, i->reg[1])))
        note_value(m, *key, constant_now(f, i->reg[2]));
    for (uint32_t j = 0; i->op == OP_OBJECT_INIT && j < i->n; j++)
        note_value(m, i->props[j].key, i->props[j].value ? i->props[j].value : constant_now(f, i->props[j].reg));
    if (i->op == OP_LOAD_CONST && i->value->tag == V_OBJECT)
        for (uint32_t j = 0; j < i->value->n; j++)
            note_value(m, i->value->props[j].key, i->value->props[j].value);
}

static void look_up(names *m, const program *p, const function *f, uint32_t pc)
{
    uint32_t call = method_partner(f->cfg, pc);
    if (f->code[pc].op != OP_GET_PROP || call == NOT_FOUND)
        return;
    const text *key = key_now(f, f->code[pc].reg[2]);
    uint32_t at = key ? textmap_get(&m->map, *key) : NOT_FOUND;
    if (at == NOT_FOUND || m->found[at] == NOT_FOUND)
        return;
    if (!f->types->method)
        f->types->method = arena_alloc(m->c, f->n * sizeof *f->types->method);
    f->types->method[call] = p->functions[m->found[at]]->native ? NULL : p->functions[m->found[at]];
}

/* Goes through all functions, to note what is stored or to look up what is called. */
static void each_instruction(names *m, const program *p, bool note)
{
    for (uint32_t j = 0; j < p->n; j++) {
        const function *f = p->functions[j];
        for (uint32_t pc = 0; !f->native && pc < f->n; pc++) {
            if (!(f->cfg->at[pc] & AT_REACHABLE))
                continue;
            webs_before(f, f->types->webs, pc, f->types->now);
            if (note)
                note_instruction(m, f, pc);
            else
                look_up(m, p, f, pc);
            webs_after(f, f->types->webs, pc, f->types->now);
        }
    }
}

void methods_guess(compilation *c, const program *p)
{
    names m = {.c = c};
    each_instruction(&m, p, true);
    each_instruction(&m, p, false);
}
