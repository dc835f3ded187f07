/* match.c: the cases of a MATCH → a decision tree, after Maranget, "Compiling Pattern Matching to Good Decision Trees"
 * (ML 2008).
 *
 * What is left to decide is a list of rows, one a case, in the order of the cases; a row's cells say what is still to
 * be found out for the case to fit: this place in the subject must fit this pattern. A row without cells fits. A node
 * of the tree looks at one place, of the first row's cells the one that most of the rows behind ask about too, and
 * branches on the heads that they ask for (this number, a tuple of two, ...). A branch keeps the rows that fit its
 * head, which then ask about the place's parts instead, and those that do not care.
 *
 * What must stay true: looking at a place has no effect, so the order in which places are looked at cannot be told.
 * Hence only cases that can charge nothing come here (match_fits_tree). And an object that fits a tuple pattern by its
 * numbered properties is none of the tree's business: where a node has HEAD_LIST branches, such objects must be matched
 * case by case instead.
 *
 * Rows are copied into every branch that they may lead to, so a tree can be larger than its cases. The work is counted,
 * and beyond so much for each part of a pattern there is no tree.
 */
#include <math.h>
#include <string.h>

#include "ionc.h"

enum { EFFORT_BASE = 4096, EFFORT_EACH = 64, BRANCHES_BASE = 64, BRANCHES_EACH = 4, CANDIDATES = 8 };

/* ---- patterns, and the values that stand for patterns ---- */

/* What is to fit: a pattern, or a value of a compound value pattern. */
typedef struct asked {
    const pattern *pattern; /* NULL: `value` */
    const value *value;
} asked;

typedef struct cell {
    match_place *place;
    asked asked;
} cell;

typedef struct row {
    uint32_t which; /* case */
    uint32_t n;
    const cell *cells;
} row;

typedef struct pending {
    uint32_t node;
    const row *rows;
    uint32_t n;
} pending;

/* A branch being made. */
typedef struct group {
    match_head head;
    row *rows;
    uint32_t n, cap;
} group;

typedef struct builder {
    compilation *c;
    match_tree *tree;
    uint32_t cap_nodes;
    uint64_t effort, branches; /* what is left of both */
    pending *todo;
    uint32_t ntodo, cap_todo;
    /* of the node being made */
    match_place *place;
    group *groups;
    uint32_t ngroups, cap_groups;
    group rest;    /* rows for what no branch takes */
    textmap known; /* head, as a text → group */
} builder;

static uint64_t pairs_at_most(const value *v)
{
    uint64_t n = 1;
    for (uint32_t i = 0; i < v->n; i++)
        n += pairs_at_most(v->tag == V_OBJECT ? v->props[i].value : v->items[i]);
    return v->tag == V_OBJECT ? n + 1 : n; /* its prototype */
}

static bool long_string(const value *v)
{
    if (v->tag == V_STRING)
        return v->text.n >= 256;
    for (uint32_t i = 0; i < v->n; i++)
        if (long_string(v->tag == V_OBJECT ? v->props[i].value : v->items[i]))
            return true;
    return false;
}

bool match_fits_tree(const pattern *p)
{
    if (p->kind == P_VALUE)
        return pairs_at_most(p->value) < 256 && !long_string(p->value);
    if (p->kind == P_TAGGED && p->tag.n > 1 && memcmp(p->tag.s, "::", 2) == 0)
        return false; /* an odd one; trees take it that no tag begins with a colon */
    for (uint32_t i = 0; i < p->n; i++)
        if (!match_fits_tree(p->items[i]))
            return false;
    return true;
}

static uint64_t value_size(const value *v)
{
    uint64_t n = 1;
    for (uint32_t i = 0; (v->tag == V_ARRAY || v->tag == V_TUPLE) && i < v->n; i++)
        n += value_size(v->items[i]);
    return n;
}

static uint64_t pattern_size(const pattern *p)
{
    uint64_t n = p->kind == P_VALUE ? value_size(p->value) : 1;
    for (uint32_t i = 0; i < p->n; i++)
        n += pattern_size(p->items[i]);
    return n;
}

static match_head value_head(const value *v)
{
    match_head h = {.value = v, .n = v->n};
    switch (v->tag) {
    case V_NUMBER: h.kind = isinf(v->number) ? HEAD_WORD : HEAD_NUMBER; break;
    case V_STRING: h.kind = HEAD_STRING; break;
    case V_TUPLE: h.kind = HEAD_TUPLE; break;
    case V_ARRAY: h.kind = HEAD_ARRAY; break;
    case V_COMPLEX:
    case V_OBJECT: h.kind = HEAD_OTHER; break;
    default: h.kind = HEAD_WORD; break;
    }
    return h;
}

static match_head head_of(asked a)
{
    const pattern *p = a.pattern;
    if (!p)
        return value_head(a.value);
    switch (p->kind) {
    case P_TUPLE: return (match_head){.kind = HEAD_LIST, .n = p->n};
    case P_ARRAY: return (match_head){.kind = HEAD_ARRAY, .n = p->n};
    case P_TAGGED: {
        uint32_t colon = p->tag.n && p->tag.s[0] == ':';
        return (match_head){.kind = HEAD_TAGGED, .tag = {p->tag.s + colon, p->tag.n - colon}, .n = 1};
    }
    default: return value_head(p->value);
    }
}

static asked part_asked(asked a, uint32_t i)
{
    if (a.pattern && a.pattern->kind != P_VALUE)
        return (asked){.pattern = a.pattern->items[i]};
    return (asked){.value = (a.pattern ? a.pattern->value : a.value)->items[i]};
}

static bool asks_nothing(asked a)
{
    return a.pattern && a.pattern->kind == P_WILDCARD;
}

static bool fits_never(asked a)
{
    match_head h = asks_nothing(a) ? (match_head){.kind = HEAD_WORD} : head_of(a);
    return h.kind == HEAD_NUMBER && isnan(h.value->number);
}

/* Whether something of these types can have such a head. */
static bool head_possible(const match_head *h, uint8_t may)
{
    if (may == MAY_NUMBER)
        return h->kind == HEAD_NUMBER || (h->kind == HEAD_WORD && h->value->tag == V_NUMBER);
    if (may == MAY_BOOLEAN)
        return h->kind == HEAD_WORD && h->value->tag == V_BOOLEAN;
    if (may == MAY_FUNCTION)
        return h->kind == HEAD_WORD && h->value->tag == V_FUNCTION;
    if (may == MAY_STRING)
        return h->kind == HEAD_STRING;
    if (may == MAY_OTHER)
        return h->kind == HEAD_WORD && h->value->tag == V_ATOM;
    return true;
}

static void put_text(buffer *key, text t)
{
    if (t.n)
        buf_put(key, t.s, t.n);
}

/* Two heads are one if they have one key; there is none for HEAD_OTHER. */
static void put_number(buffer *key, double d)
{
    unsigned long long bits;
    memcpy(&bits, &d, sizeof bits);
    buf_printf(key, "%llx ", bits);
}

static text head_key(builder *b, const match_head *h)
{
    const value *v = h->value;
    buffer key = {.c = b->c};
    buf_number(&key, h->kind);
    buf_puts(&key, " ");
    switch (h->kind) {
    case HEAD_NUMBER: put_number(&key, v->number + 0.0); break; /* -0 is 0 */
    case HEAD_WORD:
        buf_printf(&key, "%u %u %u ", (unsigned)v->tag, (unsigned)v->meaning, (unsigned)v->boolean);
        put_number(&key, v->number);
        if (v->meaning == M_FUNCTION)
            buf_printf(&key, "%u", v->target);
        else
            put_text(&key, v->meaning == M_LIBRARY || v->meaning == M_NATIVE ? v->library : v->text);
        break;
    case HEAD_STRING: put_text(&key, v->text); break;
    case HEAD_TAGGED: put_text(&key, h->tag); break;
    default: buf_number(&key, h->n); break;
    }
    return (text){key.data, (uint32_t)key.len};
}

/* ---- rows ---- */

static bool spend(builder *b, uint64_t n)
{
    b->effort = b->effort > n ? b->effort - n : 0;
    return b->effort != 0;
}

static uint32_t cell_at(builder *b, const row *r, const match_place *place)
{
    uint32_t i = 0;
    while (i < r->n && r->cells[i].place != place)
        i++;
    spend(b, i + 1);
    return i < r->n ? i : NOT_FOUND;
}

static match_place *part_place(builder *b, match_place *of, uint32_t i)
{
    if (i >= of->nparts) {
        uint32_t n = 2 * of->nparts > i ? 2 * of->nparts : i + 1;
        of->part = arena_grow(b->c, of->part, of->nparts * sizeof *of->part, n * sizeof *of->part);
        of->nparts = n;
    }
    if (!of->part[i]) {
        of->part[i] = arena_alloc(b->c, sizeof **of->part);
        *of->part[i] = (match_place){.of = of, .index = i};
    }
    return of->part[i];
}

/* The row behind a branch that cell `at` fits: the place's parts are asked about instead. False: it never fits. */
static bool look_inside(builder *b, const row *r, uint32_t at, row *inside)
{
    const cell *c = &r->cells[at];
    match_head h = head_of(c->asked);
    uint32_t n = h.kind >= HEAD_TUPLE && h.kind <= HEAD_TAGGED ? h.n : 0, made = 0;
    cell *cells = arena_alloc(b->c, (r->n + (size_t)n) * sizeof *cells);
    spend(b, r->n + (uint64_t)n);
    memcpy(cells, r->cells, at * sizeof *cells);
    made = at;
    for (uint32_t i = 0; i < n; i++) {
        asked part = part_asked(c->asked, i);
        if (fits_never(part))
            return false;
        if (!asks_nothing(part))
            cells[made++] = (cell){part_place(b, c->place, i), part};
    }
    memcpy(cells + made, r->cells + at + 1, (r->n - at - 1) * sizeof *cells);
    *inside = (row){r->which, made + r->n - at - 1, cells};
    return true;
}

/* A row that fits for sure is the last one that matters. */
static void append(builder *b, group *g, row r)
{
    if (g->n && g->rows[g->n - 1].n == 0)
        return;
    spend(b, 1);
    g->rows = GROW(b->c, g->rows, g->n, g->cap);
    g->rows[g->n++] = r;
}

static void append_inside(builder *b, group *g, const row *r, uint32_t at)
{
    row inside;
    if (look_inside(b, r, at, &inside))
        append(b, g, inside);
}

/* ---- groups ---- */

static uint32_t known_group(builder *b, match_head h)
{
    return textmap_get(&b->known, head_key(b, &h));
}

static uint32_t group_of(builder *b, match_head h)
{
    text key = head_key(b, &h);
    uint32_t i = textmap_get(&b->known, key);
    if (i != NOT_FOUND)
        return i;
    b->groups = GROW(b->c, b->groups, b->ngroups, b->cap_groups);
    b->groups[b->ngroups] = (group){.head = h};
    textmap_put(b->c, &b->known, key, b->ngroups);
    return b->ngroups++;
}

static match_head list_head(head_kind kind, uint32_t n)
{
    return (match_head){.kind = kind, .n = n};
}

/* A tuple pattern's rows: a branch for tuples and arrays together, unless others tell the two apart. */
static void group_list(builder *b, uint32_t n, uint32_t *first, uint32_t *second)
{
    bool apart =
        known_group(b, list_head(HEAD_TUPLE, n)) != NOT_FOUND || known_group(b, list_head(HEAD_ARRAY, n)) != NOT_FOUND;
    *first = group_of(b, list_head(apart ? HEAD_TUPLE : HEAD_LIST, n));
    *second = apart ? group_of(b, list_head(HEAD_ARRAY, n)) : NOT_FOUND;
}

enum { GROUP_EVERY = 0xFFFFFFF0, GROUP_OTHER }; /* of a row: it asks nothing here; only the runtime can tell */

/* Finds the heads that the rows ask for at the place, and the groups that each row goes to. */
static void find_groups(builder *b, const pending *p, uint32_t *first, uint32_t *second)
{
    for (int lists = 0; lists < 2; lists++) { /* tuple patterns last: what they do depends on the others */
        for (uint32_t i = 0; i < p->n && b->effort; i++) {
            uint32_t at = cell_at(b, &p->rows[i], b->place);
            match_head h = at == NOT_FOUND ? list_head(HEAD_OTHER, 0) : head_of(p->rows[i].cells[at].asked);
            if (h.kind == HEAD_OTHER)
                first[i] = at == NOT_FOUND ? GROUP_EVERY : GROUP_OTHER;
            else if (h.kind == HEAD_LIST && lists)
                group_list(b, h.n, &first[i], &second[i]);
            else if (h.kind != HEAD_LIST && !lists)
                first[i] = group_of(b, h);
        }
    }
}

static void fill_groups(builder *b, const pending *p, const uint32_t *first, const uint32_t *second)
{
    for (uint32_t i = 0; i < p->n && b->effort; i++) {
        const row *r = &p->rows[i];
        bool every = first[i] == GROUP_EVERY, other = first[i] == GROUP_OTHER;
        if (every || other) {
            for (uint32_t k = 0; k < b->ngroups; k++)
                if (every || b->groups[k].head.kind == HEAD_TAGGED)
                    append(b, &b->groups[k], *r);
            append(b, &b->rest, *r);
            spend(b, b->ngroups);
            continue;
        }
        uint32_t at = cell_at(b, r, b->place);
        append_inside(b, &b->groups[first[i]], r, at);
        if (second[i] != NOT_FOUND)
            append_inside(b, &b->groups[second[i]], r, at);
    }
}

static void split(builder *b, const pending *p)
{
    uint32_t *first = arena_alloc(b->c, p->n * sizeof *first), *second = arena_alloc(b->c, p->n * sizeof *second);
    memset(second, 0xFF, p->n * sizeof *second);
    find_groups(b, p, first, second);
    fill_groups(b, p, first, second);
}

/* The same for a value that only the runtime can compare, a complex number or an object: a branch where it fits and a
 * rest where it does not. Whoever asks for something else that such a value may be too asks again behind both. */
static void split_other(builder *b, const pending *p, const value *v)
{
    b->groups = GROW(b->c, b->groups, b->ngroups, b->cap_groups);
    b->groups[b->ngroups++] = (group){.head = value_head(v)};
    for (uint32_t i = 0; i < p->n && b->effort; i++) {
        const row *r = &p->rows[i];
        uint32_t at = cell_at(b, r, b->place);
        match_head h = at == NOT_FOUND ? list_head(HEAD_OTHER, 0) : head_of(r->cells[at].asked);
        bool same = at != NOT_FOUND && h.value == v;
        if (same)
            append_inside(b, &b->groups[0], r, at);
        else if (h.kind == HEAD_OTHER || h.kind == HEAD_TAGGED || h.kind == HEAD_LIST)
            append(b, &b->groups[0], *r);
        if (!same)
            append(b, &b->rest, *r);
    }
}

/* ---- nodes ---- */

/* Of the first row's places, the one that the longest run of rows asks about: each of them is decided by the look. */
static match_place *choose(builder *b, const pending *p)
{
    const row *r = &p->rows[0];
    match_place *best = r->cells[0].place;
    uint32_t most = 0;
    for (uint32_t k = 0; k < r->n && k < CANDIDATES; k++) {
        match_place *place = r->cells[k].place;
        uint32_t run = 1;
        if (head_of(r->cells[k].asked).kind == HEAD_OTHER)
            continue;
        while (run < p->n && b->effort && cell_at(b, &p->rows[run], place) != NOT_FOUND)
            run++;
        if (run > most) {
            most = run;
            best = place;
        }
    }
    return best;
}

static match_target target_of(builder *b, const row *rows, uint32_t n)
{
    match_tree *t = b->tree;
    if (!n)
        return (match_target){.kind = MATCH_NONE};
    if (!rows[0].n)
        return (match_target){.kind = MATCH_CASE, .index = rows[0].which};
    t->nodes = GROW(b->c, t->nodes, t->n, b->cap_nodes);
    b->todo = GROW(b->c, b->todo, b->ntodo, b->cap_todo);
    b->todo[b->ntodo++] = (pending){t->n, rows, n};
    return (match_target){.kind = MATCH_NODE, .index = t->n++};
}

static void make_node(builder *b, pending p)
{
    b->place = choose(b, &p);
    b->ngroups = 0;
    b->rest = (group){0};
    b->known = (textmap){0};
    match_head h = head_of(p.rows[0].cells[cell_at(b, &p.rows[0], b->place)].asked);
    if (h.kind == HEAD_OTHER)
        split_other(b, &p, h.value);
    else
        split(b, &p);
    b->branches = b->branches > b->ngroups ? b->branches - b->ngroups : 0;
    if (!b->effort || !b->branches)
        return;
    match_node made = {.place = b->place, .n = b->ngroups};
    made.branches = arena_alloc(b->c, b->ngroups * sizeof *made.branches);
    for (uint32_t k = 0; k < b->ngroups; k++)
        made.branches[k] = (match_branch){b->groups[k].head, target_of(b, b->groups[k].rows, b->groups[k].n)};
    made.rest = target_of(b, b->rest.rows, b->rest.n);
    b->tree->nodes[p.node] = made;
}

/* Gives a C variable to each place whose parts are looked at. */
static void number_places(match_tree *t)
{
    for (uint32_t i = 0; i < t->n; i++) {
        match_place *of = t->nodes[i].place->of;
        if (of && !of->variable)
            of->variable = ++t->variables;
    }
}

match_tree *match_build(compilation *c, const match_case *cases, uint32_t n, uint8_t may)
{
    match_tree *t = arena_alloc(c, sizeof *t);
    match_place *subject = arena_alloc(c, sizeof *subject);
    builder b = {.c = c, .tree = t};
    group all = {0};
    uint64_t size = 0;
    for (uint32_t i = 0; i < n; i++)
        size += pattern_size(cases[i].pattern);
    b.effort = EFFORT_BASE + EFFORT_EACH * size;
    b.branches = BRANCHES_BASE + BRANCHES_EACH * size;
    for (uint32_t i = 0; i < n; i++) {
        asked whole = {.pattern = cases[i].pattern};
        match_head h = {0};
        if (asks_nothing(whole)) {
            append(&b, &all, (row){.which = i});
            continue;
        }
        h = head_of(whole);
        if (fits_never(whole) || !head_possible(&h, may))
            continue;
        cell *only = arena_alloc(c, sizeof *only);
        *only = (cell){subject, whole};
        append(&b, &all, (row){i, 1, only});
    }
    t->start = target_of(&b, all.rows, all.n);
    while (b.ntodo && b.effort && b.branches)
        make_node(&b, b.todo[--b.ntodo]);
    if (!b.effort || !b.branches)
        return NULL;
    number_places(t);
    return t;
}
