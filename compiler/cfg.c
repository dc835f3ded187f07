/* cfg.c: control flow, live registers, stretches and resume points.
 *
 * A stretch is a run of instructions entered only at its start and left only at its end, save by leaving the function
 * at a point; it is charged as a whole at its start, and each point inside knows what has been charged ahead. A
 * stretch starts at the entry, at jump targets, behind calls and jumps, and at every instruction that may wait (it is
 * executed again when it goes on, and then charged again). With `exact` every instruction is a stretch with a check.
 *
 * Live registers: live-in of a block is kept in a row per leader, everything in between is recomputed from it. They are
 * found one register at a time, from the blocks that read it backwards to those that write it, so that time goes with what
 * is found, however deep loops are nested. A function with so many registers and blocks that the rows would take room
 * out of all proportion is `coarse`: every register that is read anywhere counts as live everywhere.
 */
#include <string.h>

#include "ionc.h"

bool is_operator(uint8_t op)
{
    switch ((opcode)op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_EQUAL:
    case OP_NOT_EQUAL:
    case OP_LESS_THAN:
    case OP_LESS_EQUAL:
    case OP_GREATER_THAN:
    case OP_GREATER_EQUAL: return true;
    default: return false;
    }
}

uint32_t operand_limit(const instr *i)
{
    return i->n + 3;
}

uint32_t instr_reads(const function *f, const instr *i, uint32_t *regs)
{
    uint32_t n = 0, r = 0;
    for (const char *letter = op_table[i->op].operands; *letter; letter++) {
        switch (*letter) {
        case 's': regs[n++] = i->reg[r++]; break;
        case 'd':
        case 'r': r++; break;
        case 'p':
            if (i->reg[r] < f->nregs)
                regs[n++] = i->reg[r];
            r++;
            break;
        case 'l':
            for (uint32_t k = 0; k < i->n; k++)
                regs[n++] = i->regs[k];
            break;
        case 'o':
            for (uint32_t k = 0; k < i->n; k++)
                if (i->props[k].kind == ARG_REG || i->props[k].kind == ARG_REG_FLAGS)
                    regs[n++] = i->props[k].reg;
            break;
        case 'c':
            for (uint32_t k = 0; k < i->n; k++)
                regs[n++] = i->captures[k].reg;
            break;
        default: break;
        }
    }
    return n;
}

uint32_t hidden_register(const cfg *g, const capture *of)
{
    return g->regs - g->nhidden + of->hidden;
}

/* What cfg.c works on: one function. */
typedef struct work {
    compilation *c;
    function *f;
    cfg *g;
    compilation *scratch; /* for what nobody needs behind this function */
    uint32_t *regs;       /* operands of one instruction */
    textmap rows;         /* contents of a row → its index in g->live */
    textmap captures;     /* scope and name → number of the hidden register */
    uint32_t cap_rows;
    bool too_many_rows;
    point *points; /* in no order yet */
    uint32_t cap_points;
} work;

/* Whether a function may have tables of so many words: what grows with both its blocks and its registers. */
static bool in_proportion(const function *f, uint64_t words)
{
    return words <= 16 * (uint64_t)f->n + 4096;
}

static bool ends_block(const instr *i)
{
    return i->op == OP_JUMP || i->op == OP_RETURN;
}

bool is_jump(const instr *i)
{
    return i->op == OP_JUMP || i->op == OP_JUMP_IF_TRUE || i->op == OP_JUMP_IF_FALSE;
}

uint32_t cases_tried(const instr *i)
{
    if (i->op != OP_MATCH)
        return 0;
    for (uint32_t k = 0; k < i->n; k++)
        if (i->cases[k].pattern->kind == P_WILDCARD)
            return k + 1;
    return i->n;
}

/* Calls visit with the targets an instruction may jump to. */
static void visit_targets(const function *f, uint32_t pc, void (*visit)(work *w, uint32_t pc, uint32_t target), work *w)
{
    const instr *i = &f->code[pc];
    if (is_jump(i))
        visit(w, pc, (uint32_t)((int64_t)pc + i->off));
    for (uint32_t k = 0, n = cases_tried(i); k < n; k++)
        visit(w, pc, (uint32_t)((int64_t)pc + i->cases[k].off));
}

static void mark_target(work *w, uint32_t pc, uint32_t target)
{
    w->g->at[target] |= AT_TARGET | AT_STRETCH;
    if (target <= pc)
        w->g->at[target] |= AT_CHECK;
}

/* Marks what can be reached from the entry; a stack of places still to visit. */
typedef struct todo {
    uint32_t *pcs;
    uint32_t n;
} todo;

static void push_reachable(cfg *g, todo *t, uint32_t pc)
{
    if (!(g->at[pc] & AT_REACHABLE)) {
        g->at[pc] |= AT_REACHABLE;
        t->pcs[t->n++] = pc;
    }
}

static void mark_reachable(work *w)
{
    const function *f = w->f;
    todo t = {arena_alloc(w->scratch, (f->n + 1) * sizeof(uint32_t)), 0};
    push_reachable(w->g, &t, 0);
    while (t.n) {
        uint32_t pc = t.pcs[--t.n];
        if (pc == f->n)
            continue;
        const instr *i = &f->code[pc];
        if (!ends_block(i))
            push_reachable(w->g, &t, pc + 1);
        if (is_jump(i))
            push_reachable(w->g, &t, (uint32_t)((int64_t)pc + i->off));
        for (uint32_t k = 0, n = cases_tried(i); k < n; k++)
            push_reachable(w->g, &t, (uint32_t)((int64_t)pc + i->cases[k].off));
    }
}

static bool may_wait(const instr *i)
{
    return i->op == OP_SEND || i->op == OP_RECEIVE || i->op == OP_LINK || i->op == OP_SELECT ||
           i->op == OP_SELECT_WITH_KILL;
}

static bool ends_stretch(const instr *i)
{
    switch (i->op) {
    case OP_CALL:
    case OP_JUMP:
    case OP_JUMP_IF_TRUE:
    case OP_JUMP_IF_FALSE:
    case OP_MATCH:
    case OP_RETURN:
    case OP_YIELD:
    case OP_RECEIVE_WITH_TIMEOUT: return true;
    default: return may_wait(i);
    }
}

static bool tail_call(const function *f, uint32_t pc)
{
    return f->code[pc].op == OP_CALL && pc + 1 < f->n && f->code[pc + 1].op == OP_RETURN &&
           f->code[pc + 1].reg[0] == f->code[pc].reg[0];
}

static void mark_stretches(work *w)
{
    const function *f = w->f;
    cfg *g = w->g;
    g->at[0] |= AT_STRETCH | AT_CHECK;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(g->at[pc] & AT_REACHABLE))
            continue;
        const instr *i = &f->code[pc];
        visit_targets(f, pc, mark_target, w);
        if (may_wait(i))
            g->at[pc] |= AT_STRETCH;
        if (ends_stretch(i))
            g->at[pc + 1] |= AT_STRETCH;
        if (!w->c->opt.exact && tail_call(f, pc))
            g->at[pc] |= AT_TAIL;
        if (w->c->opt.exact)
            g->at[pc] |= AT_STRETCH | AT_CHECK;
    }
    if (w->c->opt.exact && g->at[f->n] & AT_REACHABLE)
        g->at[f->n] |= AT_CHECK;
}

static uint64_t values_in(const value *v)
{
    uint64_t n = 1;
    for (uint32_t i = 0; v->tag == V_TUPLE && i < v->n; i++)
        n += values_in(v->items[i]);
    return n;
}

static uint32_t cost_at(const work *w, uint32_t pc)
{
    const instr *i = &w->f->code[pc];
    uint32_t cost = op_table[i->op].cost;
    if (i->op == OP_LOAD_CONST && i->value->tag == V_TUPLE && !value_is_literal(i->value))
        cost += (uint32_t)(values_in(i->value) / 256); /* a literal's is charged by the copy */
    return w->g->at[pc] & AT_TAIL ? cost + op_table[OP_RETURN].cost : cost;
}

static void sum_charges(work *w)
{
    const function *f = w->f;
    cfg *g = w->g;
    uint32_t start = 0;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(g->at[pc] & AT_REACHABLE))
            continue;
        if (g->at[pc] & AT_STRETCH)
            start = pc;
        g->charge[start] += cost_at(w, pc);
    }
}

/* ---- registers ---- */

/* One hidden register for each name of a scope. */
static void number_capture(work *w, text scope, capture *of)
{
    cfg *g = w->g;
    buffer key = {.c = w->scratch};
    buf_printf(&key, "%u:", scope.n);
    buf_put(&key, scope.s, scope.n);
    buf_put(&key, of->name.s, of->name.n);
    text both = {key.data, (uint32_t)key.len};
    of->hidden = textmap_get(&w->captures, both);
    if (of->hidden != NOT_FOUND)
        return;
    of->hidden = g->nhidden;
    textmap_put(w->scratch, &w->captures, both, g->nhidden);
    g->hidden = GROW(w->c, g->hidden, g->nhidden, g->cap_hidden);
    g->hidden[g->nhidden++] = (hidden){scope, of->name};
}

static void count_registers(work *w)
{
    const function *f = w->f;
    cfg *g = w->g;
    uint32_t used = 0;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        const instr *i = &f->code[pc];
        uint32_t n = instr_reads(f, i, w->regs);
        n += instr_writes(i, w->regs + n);
        for (uint32_t k = 0; k < n; k++)
            if (w->regs[k] >= used)
                used = w->regs[k] + 1;
        if (strpbrk(op_table[i->op].operands, "loc") && i->n > g->outgoing)
            g->outgoing = i->n;
        for (uint32_t k = 0; i->op == OP_MAKE_CLOSURE && k < i->n; k++)
            number_capture(w, i->scope, &i->captures[k]);
    }
    g->regs = used + g->nhidden;
    g->row_words = (g->regs + 63) / 64;
    if (g->row_words == 0)
        g->row_words = 1;
}

static void set_bit(uint64_t *row, uint32_t r)
{
    row[r / 64] |= 1ull << (r % 64);
}

static void clear_bit(uint64_t *row, uint32_t r)
{
    row[r / 64] &= ~(1ull << (r % 64));
}

static bool has_bit(const uint64_t *row, uint32_t r)
{
    return row[r / 64] >> (r % 64) & 1;
}

static void kill_writes(work *w, const instr *i, uint64_t *row)
{
    if (w->g->coarse)
        return;
    uint32_t n = instr_writes(i, w->regs);
    for (uint32_t k = 0; k < n; k++)
        clear_bit(row, w->regs[k]);
}

/* What an instruction reads, in w->regs: also captured values, and the object of a method call, which is going to be
 * `this`. */
static uint32_t all_reads(work *w, const instr *i)
{
    uint32_t n = instr_reads(w->f, i, w->regs);
    for (uint32_t k = 0; i->op == OP_MAKE_CLOSURE && k < i->n; k++)
        w->regs[n++] = hidden_register(w->g, &i->captures[k]);
    uint32_t get = i->op == OP_CALL ? method_partner(w->g, (uint32_t)(i - w->f->code)) : NOT_FOUND;
    if (get != NOT_FOUND)
        w->regs[n++] = w->f->code[get].reg[1];
    return n;
}

static void add_reads(work *w, const instr *i, uint64_t *row)
{
    for (uint32_t k = 0, n = all_reads(w, i); k < n; k++)
        set_bit(row, w->regs[k]);
}

/* ORs the live-in row of a block into the row; the end of the code has nothing live. */
static void merge_row(const work *w, uint64_t *row, uint32_t pc)
{
    if (pc == w->f->n)
        return;
    const uint64_t *from = block_live_in(w->g, w->g->leader[pc]);
    for (uint32_t k = 0; k < w->g->row_words; k++)
        row[k] |= from[k];
}

/* Live-out of the last instruction of a block, in place of what the row holds: what its successors need. */
static void live_out(const work *w, uint32_t pc, uint64_t *row)
{
    const instr *i = &w->f->code[pc];
    memset(row, 0, w->g->row_words * sizeof *row);
    if (w->g->coarse) {
        merge_row(w, row, 0);
        return;
    }
    if (!ends_block(i))
        merge_row(w, row, pc + 1);
    if (is_jump(i))
        merge_row(w, row, (uint32_t)((int64_t)pc + i->off));
    for (uint32_t k = 0, n = cases_tried(i); k < n; k++)
        merge_row(w, row, (uint32_t)((int64_t)pc + i->cases[k].off));
}

static void find_leaders(work *w)
{
    const function *f = w->f;
    w->g->leader = arena_alloc(w->c, (f->n + 1) * sizeof *w->g->leader);
    for (uint32_t pc = 0; pc <= f->n; pc++)
        w->g->leader[pc] = w->g->at[pc] & AT_STRETCH || pc == 0 ? w->g->nleaders++ : NOT_FOUND;
}

uint32_t block_end(const cfg *g, uint32_t n, uint32_t pc)
{
    while (pc + 1 < n && g->leader[pc + 1] == NOT_FOUND)
        pc++;
    return pc;
}

const uint64_t *block_live_in(const cfg *g, uint32_t block)
{
    return g->live_in + (g->coarse ? 0 : (size_t)block * g->row_words);
}

/* Pairs (key, block), to be sorted by key: the list of key k is block[from[k]..from[k + 1]). */
typedef struct pairs {
    uint32_t *key, *unsorted, *block, *from;
    uint32_t n, cap, cap_unsorted;
} pairs;

static void add_pair(work *w, pairs *list, uint32_t key, uint32_t block)
{
    uint32_t n = list->n;
    list->key = GROW(w->scratch, list->key, n, list->cap);
    list->unsorted = GROW(w->scratch, list->unsorted, n, list->cap_unsorted);
    list->key[n] = key;
    list->unsorted[n] = block;
    list->n++;
}

static void sort_pairs(work *w, pairs *list, uint32_t keys)
{
    list->block = arena_alloc(w->scratch, (list->n + 1) * sizeof *list->block);
    list->from = arena_alloc(w->scratch, (keys + 2) * sizeof *list->from);
    uint32_t *at = list->from + 1;
    for (uint32_t i = 0; i < list->n; i++)
        at[list->key[i] + 1]++;
    for (uint32_t k = 0; k < keys; k++)
        at[k + 1] += at[k];
    for (uint32_t i = 0; i < list->n; i++)
        list->block[at[list->key[i]]++] = list->unsorted[i];
}

/* While liveness is being found. */
typedef struct flow {
    pairs read;  /* by register: blocks that read it before they write it */
    pairs write; /* by register: blocks that write it */
    pairs enter; /* by block: those from which control flows there */
    uint32_t *seen_read, *seen_write; /* per register: 1 + the last block noted */
    uint32_t *seen_enter;             /* the same per block */
} flow;

static void flow_edge(work *w, flow *l, uint32_t from, uint32_t target)
{
    uint32_t to = target < w->f->n ? w->g->leader[target] : NOT_FOUND;
    if (to == NOT_FOUND || l->seen_enter[to] == from + 1)
        return;
    l->seen_enter[to] = from + 1;
    add_pair(w, &l->enter, to, from);
}

static void flow_block(work *w, flow *l, uint32_t start)
{
    uint32_t block = w->g->leader[start], end = block_end(w->g, w->f->n, start);
    for (uint32_t pc = start; pc <= end; pc++) {
        for (uint32_t k = 0, n = all_reads(w, &w->f->code[pc]); k < n; k++) {
            uint32_t r = w->regs[k];
            if (l->seen_read[r] == block + 1 || l->seen_write[r] == block + 1)
                continue;
            l->seen_read[r] = block + 1;
            add_pair(w, &l->read, r, block);
        }
        for (uint32_t k = 0, n = instr_writes(&w->f->code[pc], w->regs); k < n; k++) {
            uint32_t r = w->regs[k];
            if (l->seen_write[r] == block + 1)
                continue;
            l->seen_write[r] = block + 1;
            add_pair(w, &l->write, r, block);
        }
    }
    const instr *i = &w->f->code[end];
    if (!ends_block(i))
        flow_edge(w, l, block, end + 1);
    if (is_jump(i))
        flow_edge(w, l, block, (uint32_t)((int64_t)end + i->off));
    for (uint32_t k = 0, n = cases_tried(i); k < n; k++)
        flow_edge(w, l, block, (uint32_t)((int64_t)end + i->cases[k].off));
}

/* Marks the blocks at whose start register r is live. */
static void flow_back(work *w, const flow *l, uint32_t r, uint32_t *writes_it, uint32_t *todo)
{
    uint32_t n = 0;
    for (uint32_t k = l->write.from[r]; k < l->write.from[r + 1]; k++)
        writes_it[l->write.block[k]] = r + 1;
    for (uint32_t k = l->read.from[r]; k < l->read.from[r + 1]; k++) {
        set_bit(w->g->live_in + (size_t)l->read.block[k] * w->g->row_words, r);
        todo[n++] = l->read.block[k];
    }
    while (n) {
        uint32_t block = todo[--n];
        for (uint32_t k = l->enter.from[block]; k < l->enter.from[block + 1]; k++) {
            uint64_t *row = w->g->live_in + (size_t)l->enter.block[k] * w->g->row_words;
            if (writes_it[l->enter.block[k]] == r + 1 || has_bit(row, r))
                continue;
            set_bit(row, r);
            todo[n++] = l->enter.block[k];
        }
    }
}

static void solve_liveness(work *w)
{
    cfg *g = w->g;
    size_t words = (g->coarse ? 1 : g->nleaders) * (size_t)g->row_words;
    if (g->live_in)
        memset(g->live_in, 0, words * sizeof *g->live_in);
    else
        g->live_in = arena_alloc(w->c, words * sizeof *g->live_in);
    flow l = {.seen_read = arena_alloc(w->scratch, (g->regs + 1) * sizeof(uint32_t)),
              .seen_write = arena_alloc(w->scratch, (g->regs + 1) * sizeof(uint32_t)),
              .seen_enter = arena_alloc(w->scratch, g->nleaders * sizeof(uint32_t))};
    for (uint32_t pc = 0; pc < w->f->n; pc++) {
        if (g->at[pc] & AT_REACHABLE && g->coarse)
            add_reads(w, &w->f->code[pc], g->live_in);
        else if (g->at[pc] & AT_REACHABLE && g->leader[pc] != NOT_FOUND)
            flow_block(w, &l, pc);
    }
    if (g->coarse)
        return;
    sort_pairs(w, &l.read, g->regs);
    sort_pairs(w, &l.write, g->regs);
    sort_pairs(w, &l.enter, g->nleaders);
    uint32_t *writes_it = arena_alloc(w->scratch, g->nleaders * sizeof *writes_it);
    uint32_t *todo = arena_alloc(w->scratch, g->nleaders * sizeof *todo);
    for (uint32_t r = 0; r < g->regs; r++)
        if (l.read.from[r] < l.read.from[r + 1])
            flow_back(w, &l, r, writes_it, todo);
}

/* ---- method calls ---- */

uint32_t method_partner(const cfg *g, uint32_t pc)
{
    return g->partner ? g->partner[pc] : NOT_FOUND;
}

/* What is known of a register while going down a straight piece of code: by which GET_PROP it was written, and since
 * when it has held what it holds. */
typedef struct held {
    uint32_t get, since;
} held;

static bool is_argument(const instr *i, uint32_t r)
{
    for (uint32_t k = 0; k < i->n; k++)
        if (i->regs[k] == r)
            return true;
    return false;
}

/* Whether the CALL at pc, of what `get` found, is all that becomes of it. */
static bool only_called(work *w, uint32_t pc, uint32_t get, const held *held, uint64_t *row)
{
    const instr *call = &w->f->code[pc];
    uint32_t r = call->reg[1];
    if (get == NOT_FOUND || is_argument(call, r) || held[w->f->code[get].reg[1]].since > get)
        return false;
    live_out(w, pc, row);
    return call->reg[0] == r || !has_bit(row, r);
}

/* Finds the method calls: straight pieces of code only, so that the GET_PROP always comes first. */
static void find_methods(work *w, bool *any)
{
    const function *f = w->f;
    cfg *g = w->g;
    held *held = arena_alloc(w->scratch, (g->regs + 1) * sizeof *held);
    uint64_t *row = arena_alloc(w->scratch, g->row_words * sizeof *row);
    uint32_t start = 0; /* of the piece */
    g->partner = arena_alloc(w->c, f->n * sizeof *g->partner);
    memset(g->partner, 0xFF, f->n * sizeof *g->partner);
    memset(held, 0xFF, (g->regs + 1) * sizeof *held);
    for (uint32_t r = 0; r < g->regs; r++)
        held[r].since = 0;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        const instr *i = &f->code[pc];
        if (g->at[pc] & AT_TARGET)
            start = pc;
        if (i->op == OP_CALL && g->at[pc] & AT_REACHABLE) {
            uint32_t get = held[i->reg[1]].get;
            if (get != NOT_FOUND && get >= start && only_called(w, pc, get, held, row)) {
                g->partner[pc] = get;
                g->partner[get] = pc;
                *any = true;
            }
        }
        for (uint32_t k = 0, n = instr_reads(f, i, w->regs); k < n; k++)
            held[w->regs[k]].get = NOT_FOUND;
        for (uint32_t k = 0, n = instr_writes(i, w->regs); k < n; k++)
            held[w->regs[k]] = (struct held){NOT_FOUND, pc + 1};
        if (i->op == OP_GET_PROP && i->reg[0] != i->reg[1])
            held[i->reg[0]].get = pc;
        if (ends_block(i) || i->op == OP_JUMP_IF_TRUE || i->op == OP_JUMP_IF_FALSE || i->op == OP_MATCH)
            start = pc + 1;
    }
}

/* ---- points ---- */

static uint32_t row_index(work *w, const uint64_t *row)
{
    cfg *g = w->g;
    uint32_t bytes = (uint32_t)(g->row_words * sizeof *row);
    uint32_t i = textmap_get(&w->rows, (text){(const char *)row, bytes});
    if (i != NOT_FOUND)
        return i;
    if (!g->coarse && !in_proportion(w->f, (uint64_t)(g->nrows + 1) * g->row_words)) {
        w->too_many_rows = true;
        return 0;
    }
    if (g->nrows == w->cap_rows) {
        uint32_t cap = w->cap_rows ? 2 * w->cap_rows : 8;
        g->live = arena_grow(w->c, g->live, (size_t)w->cap_rows * bytes, (size_t)cap * bytes);
        w->cap_rows = cap;
    }
    memcpy(g->live + (size_t)g->nrows * g->row_words, row, bytes);
    textmap_put(w->scratch, &w->rows, (text){arena_string(w->scratch, (const char *)row, bytes), bytes}, g->nrows);
    return g->nrows++;
}

static void add_point(work *w, uint32_t pc, point_kind kind, uint32_t rest, const uint64_t *row)
{
    cfg *g = w->g;
    w->points = GROW(w->scratch, w->points, g->npoints, w->cap_points);
    (kind == POINT_BEFORE ? g->before : g->after)[pc] = g->npoints;
    bool check = kind == POINT_BEFORE && !(pc < w->f->n && may_wait(&w->f->code[pc]));
    w->points[g->npoints++] = (point){pc, kind, rest, row_index(w, row), check};
}

/* Which kind of point an instruction needs once it has begun; false: none. */
static bool inner_point(const instr *i, point_kind *kind)
{
    if (is_operator(i->op)) {
        *kind = POINT_AFTER;
        return true;
    }
    switch (i->op) {
    case OP_GET_PROP:
    case OP_SET_PROP:
    case OP_CALL:
    case OP_NOT:
    case OP_YIELD:
    case OP_RECEIVE_WITH_TIMEOUT: *kind = POINT_AFTER; return true;
    case OP_SPAWN:
    case OP_OBJECT_INIT:
    case OP_ARRAY_INIT:
    case OP_MAKE_CLOSURE: *kind = POINT_INSIDE; return true;
    case OP_LOAD_CONST: *kind = POINT_INSIDE; return value_is_literal(i->value) && i->value->tag != V_ATOM;
    default: return false;
    }
}

/* Adds the points of the block from start to end, last instruction first. */
static void block_points(work *w, uint32_t start, uint32_t end, uint64_t *row)
{
    cfg *g = w->g;
    live_out(w, end, row);
    uint32_t rest = 0;
    for (uint32_t pc = end + 1; pc-- > start;) {
        const instr *i = &w->f->code[pc];
        point_kind kind;
        kill_writes(w, i, row);
        if (inner_point(i, &kind))
            add_point(w, pc, kind, rest, row);
        add_reads(w, i, row);
        rest += cost_at(w, pc);
        if (g->at[pc] & AT_CHECK || may_wait(i))
            add_point(w, pc, POINT_BEFORE, 0, row);
    }
}

/* Numbers the points in the order of the code. */
static void sort_points(work *w)
{
    cfg *g = w->g;
    point *sorted = arena_alloc(w->c, (g->npoints + 1) * sizeof *sorted);
    uint32_t n = 0;
    for (uint32_t pc = 0; pc <= w->f->n; pc++) {
        for (int k = 0; k < 2; k++) {
            uint32_t *at = &(k ? g->after : g->before)[pc];
            if (*at == NOT_FOUND)
                continue;
            sorted[n] = w->points[*at];
            *at = n++;
        }
    }
    g->points = sorted;
}

static void find_points(work *w)
{
    cfg *g = w->g;
    uint64_t *row = arena_alloc(w->scratch, g->row_words * sizeof *row);
    for (uint32_t start = 0; start < w->f->n; start++)
        if (w->g->leader[start] != NOT_FOUND && g->at[start] & AT_REACHABLE)
            block_points(w, start, block_end(g, w->f->n, start), row);
    memset(row, 0, g->row_words * sizeof *row);
    if (g->at[w->f->n] & AT_CHECK)
        add_point(w, w->f->n, POINT_BEFORE, 0, row);
    sort_points(w);
}

static void find_lives(work *w)
{
    cfg *g = w->g;
    bool methods = false;
    solve_liveness(w);
    if (optimise(w->c, OPT_METHODS) && !g->partner)
        find_methods(w, &methods);
    if (methods)
        solve_liveness(w); /* the objects live longer */
    g->fill = g->regs - g->nhidden;
    while (g->fill && !has_bit(g->live_in, g->fill - 1))
        g->fill -= g->fill % 64 == 0 && g->live_in[g->fill / 64 - 1] == 0 ? 64 : 1;
}

static void function_analyse(compilation *c, compilation *scratch, function *f)
{
    cfg *g = arena_alloc(c, sizeof *g);
    f->cfg = g;
    g->at = arena_alloc(c, f->n + 1);
    g->charge = arena_alloc(c, (f->n + 1) * sizeof *g->charge);
    g->before = arena_alloc(c, (f->n + 1) * sizeof *g->before);
    g->after = arena_alloc(c, (f->n + 1) * sizeof *g->after);
    memset(g->before, 0xFF, (f->n + 1) * sizeof *g->before);
    memset(g->after, 0xFF, (f->n + 1) * sizeof *g->after);
    uint32_t most = 8;
    for (uint32_t pc = 0; pc < f->n; pc++)
        if (operand_limit(&f->code[pc]) > most)
            most = operand_limit(&f->code[pc]);
    work w = {.c = c, .scratch = scratch, .f = f, .g = g,
              .regs = arena_alloc(scratch, 2 * (size_t)most * sizeof(uint32_t))};
    mark_reachable(&w);
    mark_stretches(&w);
    sum_charges(&w);
    count_registers(&w);
    if (f->n == 0) { /* the end is all there is to check at */
        uint64_t none = 0;
        add_point(&w, 0, POINT_BEFORE, 0, &none);
        sort_points(&w);
        return;
    }
    find_leaders(&w);
    g->coarse = !in_proportion(f, (uint64_t)g->nleaders * g->row_words);
    find_lives(&w);
    find_points(&w);
    if (!w.too_many_rows)
        return;
    g->coarse = true;
    g->npoints = g->nrows = 0;
    w.rows = (textmap){0};
    memset(g->before, 0xFF, (f->n + 1) * sizeof *g->before);
    memset(g->after, 0xFF, (f->n + 1) * sizeof *g->after);
    find_lives(&w);
    find_points(&w);
}

void program_analyse(compilation *c, program *p)
{
    compilation *scratch = compilation_inner(c);
    for (uint32_t i = 0; i < p->n; i++) {
        if (!p->functions[i]->native)
            function_analyse(c, scratch, p->functions[i]);
        compilation_empty(scratch);
    }
}
