/* loops.c: innermost loops that get a second version, in which what does not change from turn to turn is kept in C
 * variables: properties of objects, and where an array's elements are and how many.
 *
 * The second version does only what is done in place: arithmetic on numbers, accesses as their inline caches remember
 * them, leaves. Whatever needs the runtime goes on in the first version, at the same instruction. So nobody looks at
 * the heap while it differs from the C variables, nothing moves, and no object changes its shape.
 *
 * What must stay true: a property is kept only if all that the loop does to this key, it does to this web and by
 * numbers alone; a key that is only read may be read of other objects as well. For two webs may hold the same object.
 */
#include "ionc.h"

enum {
    LOOP_MAX = 200, /* instructions of a loop; more would only make code large */
    ACCESS_MAX = 400,
    KEPT_MAX = 16 /* that it keeps */
};

typedef struct access {
    uint32_t pc, web; /* NOT_FOUND: in a leaf, of who knows what */
    const value *key; /* of a property; NULL: an element */
    bool set, fits;   /* fits: reads or writes a number */
    bool kept;
} access;

/* One function, then one loop of it, being looked at. */
typedef struct finder {
    compilation *c, *scratch;
    const program *p;
    const function *f;
    uint32_t *now, *leaf_now;
    uint32_t *back;         /* per instruction: the last jump back to it, or NOT_FOUND */
    uint32_t *first, *last; /* per instruction: where the first and last jump to it are; first NOT_FOUND: none */
    bool *changes;          /* per web: the loop writes it */
    access *accesses;
    uint32_t n, cap;
} finder;

/* ---- what may be done in a second version ---- */

static const web *now_web(const finder *d, uint32_t r)
{
    return &d->f->types->webs->web[d->now[r]];
}

static bool is_local(const finder *d, uint32_t r)
{
    const web *w = now_web(d, r);
    return w->place == PLACE_NUMBER || w->place == PLACE_BOOLEAN;
}

static void add_access(finder *d, access a)
{
    d->accesses = GROW(d->scratch, d->accesses, d->n, d->cap);
    d->accesses[d->n++] = a;
}

/* Notes the properties that a leaf looks at. */
static void add_leaf(finder *d, const function *f)
{
    for (uint32_t pc = 0; pc < f->n; pc++) {
        const instr *i = &f->code[pc];
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        webs_before(f, f->types->webs, pc, d->leaf_now);
        bool set = i->op == OP_SET_PROP;
        if ((set || i->op == OP_GET_PROP) && access_how(d->c, f, pc, d->leaf_now).kind == ACCESS_CACHED)
            add_access(d, (access){.pc = NOT_FOUND,
                                   .web = NOT_FOUND,
                                   .set = set,
                                   .key = f->types->webs->web[d->leaf_now[i->reg[set ? 1 : 2]]].constant});
        webs_after(f, f->types->webs, pc, d->leaf_now);
    }
}

static bool add_property(finder *d, uint32_t pc)
{
    const instr *i = &d->f->code[pc];
    bool set = i->op == OP_SET_PROP;
    access_plan plan = access_how(d->c, d->f, pc, d->now);
    if (plan.kind == ACCESS_DYNAMIC || plan.map || method_partner(d->f->cfg, pc) != NOT_FOUND)
        return false;
    access a = {.pc = pc, .web = d->now[i->reg[!set]], .set = set};
    if (plan.kind == ACCESS_CACHED) {
        const webs *w = d->f->types->webs;
        const web *moved = set ? now_web(d, i->reg[2]) : &w->web[w->writes[pc][0]];
        a.key = now_web(d, i->reg[set ? 1 : 2])->constant;
        a.fits = moved->place == PLACE_NUMBER;
        if (a.key->tag != V_ATOM && a.key->tag != V_STRING)
            return false;
    }
    add_access(d, a);
    return true;
}

static bool stays_in_call(finder *d, uint32_t pc)
{
    if (d->f->cfg->at[pc] & AT_TAIL)
        return false;
    call_plan plan = call_how(d->c, d->p, d->f, pc, d->now);
    if (plan.kind == CALL_INTRINSIC)
        return true;
    if (plan.kind != CALL_DIRECT || !plan.target->types->leaf)
        return false;
    add_leaf(d, plan.target);
    return true;
}

/* Whether the instruction is done in place, or goes on in the first version. Its accesses are noted. */
static bool stays(finder *d, uint32_t pc)
{
    const instr *i = &d->f->code[pc];
    const uint32_t *r = i->reg;
    if (is_operator(i->op))
        return now_web(d, r[1])->place == PLACE_NUMBER && now_web(d, r[2])->place == PLACE_NUMBER;
    switch ((opcode)i->op) {
    case OP_LOAD_CONST: return !value_is_literal(i->value);
    case OP_MOVE:
    case OP_JUMP:
    case OP_NOP: return true;
    case OP_JUMP_IF_TRUE:
    case OP_JUMP_IF_FALSE: return is_local(d, r[0]);
    case OP_NOT: return is_local(d, r[1]);
    case OP_AND:
    case OP_OR: return is_local(d, r[1]) && is_local(d, r[2]);
    case OP_CALL: return stays_in_call(d, pc);
    case OP_GET_PROP:
    case OP_SET_PROP: return add_property(d, pc);
    default: return false;
    }
}

/* ---- which instructions make a loop ---- */

static void note_jump(finder *d, uint32_t pc, int32_t off)
{
    uint32_t to = (uint32_t)((int64_t)pc + off);
    if (to == d->f->n)
        return;
    if (d->first[to] == NOT_FOUND)
        d->first[to] = pc;
    d->last[to] = pc;
    if (to <= pc)
        d->back[to] = pc;
}

static bool note_jumps(finder *d)
{
    const function *f = d->f;
    bool any = false;
    for (uint32_t pc = 0; pc < f->n; pc++)
        d->back[pc] = d->first[pc] = NOT_FOUND;
    for (uint32_t pc = 0; pc < f->n; pc++) {
        const instr *i = &f->code[pc];
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        if (is_jump(i))
            note_jump(d, pc, i->off);
        for (uint32_t k = 0; i->op == OP_MATCH && k < i->n; k++)
            note_jump(d, pc, i->cases[k].off);
        any |= is_jump(i) && i->off <= 0;
    }
    return any;
}

/* Whether from..end-1 is entered at the start alone, and jumps back only there. */
static bool is_region(const finder *d, uint32_t from, uint32_t end)
{
    for (uint32_t pc = from + 1; pc < end; pc++)
        if (d->back[pc] != NOT_FOUND || (d->first[pc] != NOT_FOUND && (d->first[pc] < from || d->last[pc] >= end)))
            return false;
    return true;
}

/* Sets l->inside for what leads back to the head; the rest of the region only leads out. All jumps but those to the
 * head go forwards. */
static void find_inside(const finder *d, loop *l)
{
    for (uint32_t pc = l->end; pc-- > l->head;) {
        const instr *i = &d->f->code[pc];
        uint32_t to = (uint32_t)((int64_t)pc + i->off);
        bool goes_on = i->op != OP_JUMP && i->op != OP_RETURN && pc + 1 < l->end;
        bool in = goes_on && l->inside[pc + 1 - l->head];
        if (is_jump(i))
            in |= to == l->head || (to > l->head && to < l->end && l->inside[to - l->head]);
        for (uint32_t k = 0; i->op == OP_MATCH && k < i->n; k++) {
            to = (uint32_t)((int64_t)pc + i->cases[k].off);
            in |= to >= l->head && to < l->end && (to == l->head || l->inside[to - l->head]);
        }
        l->inside[pc - l->head] = in && d->f->cfg->at[pc] & AT_REACHABLE;
    }
}

/* ---- what it keeps ---- */

static text plain_key(const value *v)
{
    text t = v->text;
    return t.n && t.s[0] == ':' ? (text){t.s + 1, t.n - 1} : t;
}

static bool may_be_same_key(const access *a, const access *b)
{
    return a->key && b->key && text_equal(plain_key(a->key), plain_key(b->key));
}

static bool is_same_key(const access *a, const access *b)
{
    return a->key->tag == b->key->tag && text_equal(a->key->text, b->key->text);
}

/* Whether nothing else that the loop does is in the way of keeping what `a` is an access to. */
static bool keeps(const finder *d, const access *a)
{
    if (a->web == NOT_FOUND || d->changes[a->web] || (a->key && !a->fits))
        return false;
    for (uint32_t j = 0; j < d->n; j++) {
        const access *b = &d->accesses[j];
        if (b->web == a->web && !a->key != !b->key)
            return false; /* an object, or an array? */
        if (!may_be_same_key(a, b))
            continue;
        if (b->web == a->web ? !is_same_key(a, b) || !b->fits : a->set || b->set)
            return false;
    }
    return a->key || d->f->types->webs->web[a->web].held != HELD_OBJECT;
}

/* With others of its kind: kept only if all are. */
static bool all_kept(const finder *d, const access *a)
{
    for (uint32_t j = 0; j < d->n; j++) {
        const access *b = &d->accesses[j];
        if (b->web == a->web && (a->key ? may_be_same_key(a, b) : !b->key) && !b->kept)
            return false;
    }
    return a->kept;
}

/* The number of what an access is to, which is added if need be. */
static uint32_t kept_number(loop *l, const access *a)
{
    uint32_t j = 0;
    while (j < l->nkept && !(l->kept[j].web == a->web && !l->kept[j].key == !a->key &&
                             (!a->key || text_equal(l->kept[j].key->text, a->key->text))))
        j++;
    if (j == KEPT_MAX)
        return NOT_FOUND;
    loop_kept *k = &l->kept[j];
    if (j == l->nkept)
        l->kept[l->nkept++] = (loop_kept){.web = a->web, .key = a->key, .site = a->pc};
    if (a->set && a->key && !k->written) {
        k->written = true;
        k->site = a->pc; /* its cache knows whether the property may be written */
    }
    return j;
}

static void choose_kept(finder *d, loop *l)
{
    for (uint32_t j = 0; j < d->n; j++)
        d->accesses[j].kept = keeps(d, &d->accesses[j]);
    for (uint32_t j = 0; j < d->n; j++) {
        const access *a = &d->accesses[j];
        if (all_kept(d, a))
            l->use[a->pc - l->head] = kept_number(l, a);
    }
}

/* ---- loops, functions ---- */

/* Goes through the loop, and notes what it accesses and changes: false if something in it cannot be done in place.
 * Without `notes`, it takes back what it changes. */
static bool look_inside(finder *d, const loop *l, bool notes)
{
    const function *f = d->f;
    const webs *w = f->types->webs;
    uint32_t regs[4];
    for (uint32_t pc = l->head; pc < l->end; pc++) {
        if (!l->inside[pc - l->head])
            continue;
        webs_before(f, w, pc, d->now);
        if (notes && (!stays(d, pc) || d->n > ACCESS_MAX))
            return false;
        for (uint32_t j = 0, n = instr_writes(&f->code[pc], regs); j < n; j++)
            d->changes[w->writes[pc][j]] = notes;
        webs_after(f, w, pc, d->now);
    }
    return true;
}

static void try_loop(finder *d, uint32_t head, uint32_t end)
{
    types *t = d->f->types;
    uint32_t n = end - head;
    loop l = {.head = head, .end = end, .inside = arena_alloc(d->scratch, n * sizeof *l.inside)};
    d->n = 0;
    find_inside(d, &l);
    if (look_inside(d, &l, true) && d->n) {
        l.kept = arena_alloc(d->c, KEPT_MAX * sizeof *l.kept);
        l.use = arena_alloc(d->c, n * sizeof *l.use);
        for (uint32_t j = 0; j < n; j++)
            l.use[j] = NOT_FOUND;
        choose_kept(d, &l);
    }
    look_inside(d, &l, false);
    if (!l.nkept)
        return;
    bool *inside = arena_alloc(d->c, n * sizeof *inside);
    loop *made = arena_alloc(d->c, sizeof *made);
    for (uint32_t j = 0; j < n; j++)
        inside[j] = l.inside[j];
    l.inside = inside;
    l.number = t->nkept;
    t->nkept += l.nkept;
    *made = l;
    if (!t->loop)
        t->loop = arena_alloc(d->c, (d->f->n + 1) * sizeof *t->loop);
    for (uint32_t pc = head; pc < end; pc++)
        t->loop[pc] = made;
}

static void find_loops(finder *d)
{
    const function *f = d->f;
    size_t n = f->n + 1;
    d->now = arena_alloc(d->scratch, (f->cfg->regs + 1) * sizeof *d->now);
    d->back = arena_alloc(d->scratch, n * sizeof *d->back);
    d->first = arena_alloc(d->scratch, n * sizeof *d->first);
    d->last = arena_alloc(d->scratch, n * sizeof *d->last);
    d->changes = arena_alloc(d->scratch, f->types->webs->n + 1);
    d->accesses = NULL;
    d->n = d->cap = 0;
    if (!note_jumps(d))
        return;
    for (uint32_t pc = 0; pc < f->n; pc++)
        if (d->back[pc] != NOT_FOUND && d->back[pc] - pc < LOOP_MAX && is_region(d, pc, d->back[pc] + 1))
            try_loop(d, pc, d->back[pc] + 1);
}

void program_loops(compilation *c, const program *p)
{
    if (!optimise(c, OPT_LOOPS))
        return;
    compilation *scratch = compilation_inner(c);
    uint32_t most = 0;
    for (uint32_t i = 0; i < p->n; i++)
        if (!p->functions[i]->native && p->functions[i]->cfg->regs > most)
            most = p->functions[i]->cfg->regs;
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->functions[i]->native || !p->functions[i]->types->fast)
            continue;
        finder d = {.c = c, .scratch = scratch, .p = p, .f = p->functions[i]};
        d.leaf_now = arena_alloc(scratch, (most + 1) * sizeof *d.leaf_now);
        find_loops(&d);
        compilation_empty(scratch);
    }
}

const loop *loop_from(const function *f, uint32_t pc)
{
    const loop *l = f->types->loop ? f->types->loop[pc] : NULL;
    return l && l->head == pc ? l : NULL;
}

const loop_kept *loop_keeps(const function *f, uint32_t pc)
{
    const loop *l = f->types->loop ? f->types->loop[pc] : NULL;
    uint32_t j = l ? l->use[pc - l->head] : NOT_FOUND;
    return j == NOT_FOUND ? NULL : &l->kept[j];
}
