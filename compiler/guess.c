/* guess.c: which webs are taken for numbers though nothing proves it, because of what is done with them.
 *
 * A value that comes from a property, from an unknown function or from a caller can be anything. Where a function
 * subtracts it, multiplies it or asks whether it is less than another, it is going to be a number, or an object with magic
 * methods, which is rare. ADD says so too, unless a text may be among its operands. Inference takes such a web for a number; the optimised body
 * checks where the value arrives, and goes on in the plain body where the guess was wrong.
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
    uint32_t regs[4];
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        if (f->cfg->leader[pc] != NOT_FOUND)
            webs_enter(f->cfg, g->w, pc, g->now);
        visitor(g, pc);
        uint32_t n = instr_writes(&f->code[pc], regs);
        for (uint32_t j = 0; j < n; j++)
            g->now[regs[j]] = g->w->writes[pc][j];
    }
}

/* Facts that have to travel far through MOVEs, against the order of the code, may be left out: they only guide guesses. */
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
