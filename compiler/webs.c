/* webs.c: registers → webs. A web is all definitions of a register that reach a common use, with those uses; what
 * the program uses one register for at different times falls into different webs, each with a type and a place of its
 * own.
 *
 * A node stands for a register live at the start of a block, another kind for each definition; where control flows from
 * a block to the next, what reaches its end is united with the next one's nodes (union-find with path halving). Time is
 * that of the edges times the registers live across them; where that is out of all proportion, each register is one web.
 */
#include <string.h>

#include "ionc.h"

/* While webs are being found: a function, and what each register means at the place looked at. */
typedef struct finder {
    compilation *c, *scratch;
    const function *f;
    const cfg *g;
    webs *w;
    uint32_t *parent;
    uint32_t n, cap;
    uint32_t nstarts; /* nodes for the starts of blocks, which come first */
    uint32_t *room; /* for webs->writes */
    uint32_t *base; /* per block: its first node */
    uint32_t *now;  /* per register */
    uint32_t *from; /* per block: 1 + the last block from which control has been seen to flow there */
} finder;

static uint32_t new_node(finder *d)
{
    d->parent = GROW(d->scratch, d->parent, d->n, d->cap);
    d->parent[d->n] = d->n;
    return d->n++;
}

static uint32_t find(finder *d, uint32_t x)
{
    while (d->parent[x] != x)
        x = d->parent[x] = d->parent[d->parent[x]];
    return x;
}

static void unite(finder *d, uint32_t a, uint32_t b)
{
    d->parent[find(d, a)] = find(d, b);
}

/* Calls do(register, node) for the registers live at the start of a block, in order. */
#define EACH_LIVE(g, row, r)                                                                                           \
    for (uint32_t word = 0; word < (g)->row_words; word++)                                                             \
        for (uint64_t bits = (row)[word]; bits; bits &= bits - 1)                                                      \
            for (uint32_t r = word * 64 + (uint32_t)__builtin_ctzll(bits), once = 1; once; once = 0)

static void number_nodes(finder *d)
{
    d->base = arena_alloc(d->c, (d->g->nleaders + 1) * sizeof *d->base);
    for (uint32_t b = 0; b < d->g->nleaders; b++) {
        d->base[b] = d->n;
        EACH_LIVE(d->g, block_live_in(d->g, b), r)
        {
            (void)r;
            new_node(d);
        }
    }
    d->nstarts = d->n;
}

void webs_enter(const cfg *g, const webs *w, uint32_t pc, uint32_t *now)
{
    if (!w->base) {
        for (uint32_t r = 0; pc == 0 && r < g->regs; r++)
            now[r] = r;
        return;
    }
    uint32_t block = g->leader[pc], i = w->base[block];
    EACH_LIVE(g, block_live_in(g, block), r)
    now[r] = w->node_web[i++];
}

const web *web_now(const function *f, uint32_t r)
{
    return &f->types->webs->web[f->types->now[r]];
}

void webs_before(const function *f, const webs *w, uint32_t pc, uint32_t *now)
{
    if (f->cfg->leader[pc] != NOT_FOUND)
        webs_enter(f->cfg, w, pc, now);
}

void webs_after(const function *f, const webs *w, uint32_t pc, uint32_t *now)
{
    uint32_t regs[4], n = instr_writes(&f->code[pc], regs);
    for (uint32_t j = 0; j < n; j++)
        now[regs[j]] = w->writes[pc][j];
}

static void flow_to(finder *d, uint32_t from, uint32_t target)
{
    if (target == d->f->n)
        return;
    uint32_t block = d->g->leader[target], i = d->base[block];
    if (d->from[block] == from + 1)
        return;
    d->from[block] = from + 1;
    EACH_LIVE(d->g, block_live_in(d->g, block), r)
    unite(d, i++, d->now[r]);
}

static void walk_block(finder *d, uint32_t start)
{
    const function *f = d->f;
    uint32_t i = d->base[d->g->leader[start]], end = block_end(d->g, f->n, start);
    EACH_LIVE(d->g, block_live_in(d->g, d->g->leader[start]), r)
    d->now[r] = i++;
    uint32_t regs[4];
    for (uint32_t pc = start; pc <= end; pc++) {
        uint32_t n = instr_writes(&f->code[pc], regs);
        uint32_t *defs = d->w->writes[pc] = d->room;
        d->room += n;
        for (uint32_t k = 0; k < n; k++)
            d->now[regs[k]] = defs[k] = new_node(d);
    }
    const instr *last = &f->code[end];
    if (last->op != OP_JUMP && last->op != OP_RETURN)
        flow_to(d, d->g->leader[start], end + 1);
    if (last->op == OP_JUMP || last->op == OP_JUMP_IF_TRUE || last->op == OP_JUMP_IF_FALSE)
        flow_to(d, d->g->leader[start], (uint32_t)((int64_t)end + last->off));
    for (uint32_t k = 0, n = cases_tried(last); k < n; k++)
        flow_to(d, d->g->leader[start], (uint32_t)((int64_t)end + last->cases[k].off));
}

static bool is_block(const cfg *g, uint32_t pc)
{
    return g->leader[pc] != NOT_FOUND && g->at[pc] & AT_REACHABLE;
}

/* Gives the sets that are left numbers from 0, and tells every node and definition its own. */
static void number_webs(finder *d)
{
    webs *w = d->w;
    uint32_t *number = arena_alloc(d->scratch, (d->n + 1) * sizeof *number);
    w->node_web = arena_alloc(d->c, (d->nstarts + 1) * sizeof *w->node_web);
    uint32_t *node_web = arena_alloc(d->scratch, (d->n + 1) * sizeof *node_web);
    memset(number, 0xFF, d->n * sizeof *number);
    for (uint32_t i = 0; i < d->n; i++) {
        uint32_t root = find(d, i);
        if (number[root] == NOT_FOUND)
            number[root] = w->n++;
        node_web[i] = number[root];
    }
    memcpy(w->node_web, node_web, d->nstarts * sizeof *node_web);
    w->web = arena_alloc(d->c, (w->n + 1) * sizeof *w->web);
    uint32_t regs[4];
    for (uint32_t b = 0, i = 0; b < d->g->nleaders; b++) {
        EACH_LIVE(d->g, block_live_in(d->g, b), r)
        w->web[w->node_web[i++]].reg = r;
    }
    for (uint32_t pc = 0; pc < d->f->n; pc++) {
        if (!w->writes[pc])
            continue;
        uint32_t n = instr_writes(&d->f->code[pc], regs);
        for (uint32_t k = 0; k < n; k++) {
            w->writes[pc][k] = node_web[w->writes[pc][k]];
            w->web[w->writes[pc][k]].reg = regs[k];
        }
    }
}

/* Whether so much is live from block to block that telling webs apart would cost too much. */
static bool too_much(const function *f)
{
    const cfg *g = f->cfg;
    uint64_t most = 32 * (uint64_t)f->n + 65536;
    if (g->coarse)
        return true;
    uint64_t n = 0, words = (uint64_t)g->nleaders * g->row_words;
    for (uint64_t i = 0; i < words && n <= most; i++)
        n += (uint64_t)__builtin_popcountll(g->live_in[i]);
    return n > most;
}

/* Each register is a web of its own, which webs_enter finds without tables. */
static void one_web_each(compilation *c, webs *w, const function *f, uint32_t *room)
{
    w->n = f->cfg->regs;
    w->web = arena_alloc(c, (w->n + 1) * sizeof *w->web);
    for (uint32_t r = 0; r < w->n; r++)
        w->web[r].reg = r;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        w->writes[pc] = room;
        room += instr_writes(&f->code[pc], room);
    }
}

/* Room for the writes of all instructions. */
static uint32_t *writes_room(compilation *c, const function *f)
{
    uint32_t regs[4];
    size_t n = 4;
    for (uint32_t pc = 0; pc < f->n; pc++)
        n += instr_writes(&f->code[pc], regs);
    return arena_alloc(c, n * sizeof *regs);
}

webs *webs_find(compilation *c, compilation *scratch, const function *f)
{
    webs *w = arena_alloc(c, sizeof *w);
    if (f->n == 0)
        return w;
    w->writes = arena_alloc(c, f->n * sizeof *w->writes);
    if (too_much(f)) {
        one_web_each(c, w, f, writes_room(c, f));
        return w;
    }
    finder d = {.c = c, .scratch = scratch, .f = f, .g = f->cfg, .w = w, .room = writes_room(c, f),
                .now = arena_alloc(scratch, (f->cfg->regs + 1) * sizeof(uint32_t))};
    d.from = arena_alloc(scratch, f->cfg->nleaders * sizeof *d.from);
    number_nodes(&d);
    for (uint32_t pc = 0; pc < f->n; pc++)
        if (is_block(d.g, pc))
            walk_block(&d, pc);
    w->base = d.base;
    number_webs(&d);
    return w;
}
