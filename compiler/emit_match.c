/* emit_match.c: MATCH → C. Runs of cases whose order cannot be told become a decision tree (match.c); the others, and
 * all of them where no trees are wanted, are tried one after the other.
 *
 * A node of the tree is a few tests that jump: to a case, to another node, or to where no case fits. Nodes are written
 * flat, one behind the other, so that deep patterns make no deep C. Labels are M<pc>_<k>. What is looked at stays where
 * it is: m<i> points to the parts of a place. That holds because matching neither collects nor writes.
 *
 * Many atoms are found in a table that the loader fills (ion_case), as their numbers are not known before. Numbers are
 * compared as doubles without asking whether they are any: all else is a NaN when read as one.
 *
 * Among many numbers, those of a table among them, a jump goes by halves down to CHAIN_NUMBERS: processors predict that
 * well where there is any order in what comes, and a run of comparisons costs one misprediction where there is none. Only
 * beyond SEARCH_MOST is a table of jumps, which is mispredicted more often than not, the lesser evil.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ionc.h"

enum { CHAIN_ATOMS = 8, CHAIN_NUMBERS = 8, CHAIN_LENGTHS = 4, CHAIN_TEXTS = 4, SEARCH_MOST = 64 };

typedef struct writer {
    body *b;
    uint32_t pc;
    const match_case *cases; /* of this run */
    uint32_t n;
    const match_subject *subject;
    const match_tree *tree;
    uint32_t base; /* label of node 0; those of the ends follow the nodes' */
    buffer out;
    uint32_t *waiting; /* nodes to be written, each behind its label */
    uint32_t nwaiting;
    bool *jumped;  /* per case: something leads to it */
    uint32_t none; /* jumps to where no case fits */
    bool one_by_one, at, whole, tag;
} writer;

/* Branches of a node, those of a kind. */
typedef struct selection {
    const match_branch **branch;
    uint32_t n;
} selection;

static const char *word_at(const writer *w, const match_place *place)
{
    return place->of ? arena_format(w->b->e->c, "m%u[%u].v", place->of->variable, place->index) : w->subject->word;
}

static const char *number_at(const writer *w, const match_place *place)
{
    return place->of ? arena_format(w->b->e->c, "m%u[%u].d", place->of->variable, place->index) : w->subject->number;
}

static const char *label(const writer *w, uint32_t k)
{
    return arena_format(w->b->e->c, "M%u_%u", w->pc, w->base + k);
}

static const char *label_none(const writer *w)
{
    return label(w, w->tree->n);
}

static const char *label_one_by_one(const writer *w)
{
    return label(w, w->tree->n + 1);
}

/* A jump; where it leads to a node, that is to be written. Once for each branch. */
static const char *jump(writer *w, match_target to)
{
    const char *where = label_none(w);
    if (to.kind == MATCH_CASE) {
        w->jumped[to.index] = true;
        where = body_label(w->b, w->pc, w->cases[to.index].off);
    } else if (to.kind == MATCH_NODE) {
        w->waiting[w->nwaiting++] = to.index;
        where = label(w, to.index);
    } else {
        w->none++;
    }
    return arena_format(w->b->e->c, "goto %s;", where);
}

static void put_test(writer *w, const char *condition, match_target to)
{
    buf_printf(&w->out, "    if (%s)\n        %s\n", condition, jump(w, to));
}

static selection select_kinds(writer *w, const match_node *node, head_kind first, head_kind last)
{
    selection s = {.branch = arena_alloc(w->b->e->c, (node->n + 1) * sizeof *s.branch)};
    for (uint32_t k = 0; k < node->n; k++)
        if (node->branches[k].head.kind >= first && node->branches[k].head.kind <= last)
            s.branch[s.n++] = &node->branches[k];
    return s;
}

/* ---- tables ---- */

static uint32_t table_bits(uint32_t n)
{
    uint32_t bits = 2;
    while (1u << bits < 2 * n)
        bits++;
    return bits;
}

/* A table that has, for each of some constants, a number that is not 0; `rows` lists both. Equal ones are shared in a
 * unit. */
static uint32_t put_table(emitter *e, const char *rows, uint32_t n, bool texts)
{
    const char *key = arena_format(e->c, "%s %u %s", texts ? "texts" : "words", units_number(e), rows);
    uint32_t s = textmap_get(&e->known, text_of(key));
    if (s != NOT_FOUND)
        return s;
    s = e->nswitches++;
    emit_remember(e, text_of(key), s);
    uint32_t bits = table_bits(n);
    const char *rename = e->split ? arena_format(e->c, "#define S%u ionp_S%u\n", s, s) : "";
    buf_printf(&e->tables, "%s%sion_case S%u[%u];\n", rename, e->linkage, s, 1u << bits);
    if (e->split)
        buf_printf(&e->declared, "%sextern ION_PART ion_case S%u[];\n", rename, s);
    buf_printf(&e->switch_rows, "static const ion_case_row S%u_rows[] = {%s};\n", s, rows);
    buf_printf(&e->switches, "    {S%u, S%u_rows, %u, %u, %d},\n", s, s, n, bits, texts);
    return s;
}

typedef struct sorted {
    double number;
    const char *literal, *go;
} sorted;

static int by_number(const void *a, const void *b)
{
    double x = ((const sorted *)a)->number, y = ((const sorted *)b)->number;
    return (x > y) - (x < y);
}

/* Jumps by halves, so the depth is a logarithm. */
static void put_search(writer *w, const char *number, const sorted *of, uint32_t n)
{
    if (n <= CHAIN_NUMBERS) {
        for (uint32_t k = 0; k < n; k++)
            buf_printf(&w->out, "    if (%s == %s)\n        %s\n", number, of[k].literal, of[k].go);
        return;
    }
    uint32_t half = n / 2;
    buf_printf(&w->out, "    if (%s < %s) {\n", number, of[half].literal);
    put_search(w, number, of, half);
    buf_puts(&w->out, "    } else {\n");
    put_search(w, number, of + half, n - half);
    buf_puts(&w->out, "    }\n");
}

static void put_switch(writer *w, const char *number, const sorted *of, uint32_t n)
{
    buf_printf(&w->out, "    switch (%s) {\n", number);
    for (uint32_t k = 0; k < n; k++)
        buf_printf(&w->out, "    case %.0f: %s\n", of[k].number, of[k].go);
    buf_puts(&w->out, "    }\n");
}

/* Branches on `number`, which is k + 1 for branch k. */
static void put_numbered(writer *w, const char *number, const selection *s)
{
    sorted *of = arena_alloc(w->b->e->c, s->n * sizeof *of);
    for (uint32_t k = 0; k < s->n; k++)
        of[k] = (sorted){k + 1, arena_format(w->b->e->c, "%u", k + 1), jump(w, s->branch[k]->to)};
    (s->n <= SEARCH_MOST ? put_search : put_switch)(w, number, of, s->n);
}

/* Branches on a word that is one of the table's constants. */
static void put_word_switch(writer *w, const char *word, const selection *s, const char *rows, uint32_t nrows)
{
    uint32_t table = put_table(w->b->e, rows, nrows, false), bits = table_bits(nrows);
    w->at = true;
    buf_printf(&w->out, "    ION_FIND_CASE(at, S%u, %u, %s);\n", table, bits, word);
    put_numbered(w, arena_format(w->b->e->c, "S%u[at].number", table), s);
}

/* ---- one kind of branches each ---- */

static const char *word_condition(writer *w, const char *word, const value *v)
{
    if (v->tag == V_BOOLEAN && w->subject->truth && word == w->subject->word)
        return arena_format(w->b->e->c, v->boolean ? "%s" : "!%s", w->subject->truth);
    return arena_format(w->b->e->c, "%s == %s", word, emit_value(w->b->e, v));
}

static void put_words(writer *w, const match_node *node)
{
    compilation *c = w->b->e->c;
    const char *word = word_at(w, node->place);
    selection s = select_kinds(w, node, HEAD_WORD, HEAD_WORD),
              atoms = {arena_alloc(c, (s.n + 1) * sizeof *s.branch), 0};
    for (uint32_t k = 0; k < s.n; k++)
        if (s.branch[k]->head.value->tag == V_ATOM)
            atoms.branch[atoms.n++] = s.branch[k];
    bool table = atoms.n > CHAIN_ATOMS;
    for (uint32_t k = 0; k < s.n; k++)
        if (!table || s.branch[k]->head.value->tag != V_ATOM)
            put_test(w, word_condition(w, word, s.branch[k]->head.value), s.branch[k]->to);
    if (!table)
        return;
    buffer rows = {.c = c};
    for (uint32_t k = 0; k < atoms.n; k++)
        buf_printf(&rows, "%s{%u, %u}", k ? ", " : "", emit_constant(w->b->e, atoms.branch[k]->head.value), k + 1);
    put_word_switch(w, word, &atoms, rows.data, atoms.n);
}

static bool is_small(double d)
{
    return d == floor(d) && fabs(d) <= 1 << 30;
}

/* Many whole numbers go by a table of jumps, what else there is by halves. */
static void put_numbers(writer *w, const match_node *node)
{
    emitter *e = w->b->e;
    const char *number = number_at(w, node->place);
    selection s = select_kinds(w, node, HEAD_NUMBER, HEAD_NUMBER);
    sorted *small = arena_alloc(e->c, (s.n + 1) * sizeof *small), *other = arena_alloc(e->c, (s.n + 1) * sizeof *other);
    uint32_t nsmall = 0, nother = 0;
    for (uint32_t k = 0; k < s.n; k++) {
        double d = s.branch[k]->head.value->number;
        sorted row = {d, emit_number(e, d), jump(w, s.branch[k]->to)};
        if (s.n > SEARCH_MOST && is_small(d))
            small[nsmall++] = row;
        else
            other[nother++] = row;
    }
    qsort(small, nsmall, sizeof *small, by_number);
    qsort(other, nother, sizeof *other, by_number);
    if (nsmall) {
        w->whole = true;
        buf_printf(&w->out, "    if (%s >= %s && %s <= %s && (whole = (ion_i32)%s) == %s) {\n", number,
                   small[0].literal, number, small[nsmall - 1].literal, number, number);
        put_switch(w, "whole", small, nsmall);
        buf_puts(&w->out, "    }\n");
    }
    put_search(w, number, other, nother);
}

/* The branches on the number of parts of a tuple, or of an array. */
static void put_lengths(writer *w, const match_node *node, head_kind kind, const char *what)
{
    const char *word = word_at(w, node->place);
    uint32_t variable = node->place->variable, shown = 0;
    selection s = select_kinds(w, node, HEAD_TUPLE, HEAD_LIST);
    for (uint32_t k = 0; k < s.n; k++)
        shown += s.branch[k]->head.kind == kind || s.branch[k]->head.kind == HEAD_LIST;
    bool jumps = shown > CHAIN_LENGTHS;
    if (jumps)
        buf_printf(&w->out, "        switch (ION_%s_LENGTH(%s)) {\n", what, word);
    for (uint32_t k = 0; k < s.n; k++) {
        const match_head *h = &s.branch[k]->head;
        if (h->kind != kind && h->kind != HEAD_LIST)
            continue;
        /* one branch for both kinds is written once, jumped to twice */
        const char *go = h->kind == HEAD_LIST && kind == HEAD_ARRAY && s.branch[k]->to.kind == MATCH_NODE
                             ? arena_format(w->b->e->c, "goto %s;", label(w, s.branch[k]->to.index))
                             : jump(w, s.branch[k]->to);
        if (jumps)
            buf_printf(&w->out, "        case %u:\n", h->n);
        else
            buf_printf(&w->out, "        if (ION_%s_LENGTH(%s) == %u) {\n", what, word, h->n);
        if (variable && h->n && s.branch[k]->to.kind == MATCH_NODE)
            buf_printf(&w->out, "            m%u = ION_%s_PARTS(%s);\n", variable, what, word);
        buf_printf(&w->out, "            %s\n", go);
        if (!jumps)
            buf_puts(&w->out, "        }\n");
    }
    if (jumps)
        buf_puts(&w->out, "        }\n");
}

static void put_lists(writer *w, const match_node *node)
{
    const char *word = word_at(w, node->place);
    selection s = select_kinds(w, node, HEAD_TUPLE, HEAD_LIST);
    bool tuples = false, arrays = false, empty = false;
    for (uint32_t k = 0; k < s.n; k++) {
        tuples |= s.branch[k]->head.kind != HEAD_ARRAY;
        arrays |= s.branch[k]->head.kind != HEAD_TUPLE;
        empty |= s.branch[k]->head.kind != HEAD_ARRAY && !s.branch[k]->head.n;
    }
    if (tuples) {
        buf_printf(&w->out, "    if (ION_IS_TUPLE(%s)) {\n", word);
        put_lengths(w, node, HEAD_TUPLE, "TUPLE");
        w->one_by_one = true;
        if (empty)
            buf_printf(&w->out, "    } else if (ION_IS_OBJECT(%s)) {\n", word);
        else
            buf_printf(&w->out, "    } else if (ION_IS_OBJECT(%s) && ion_numbered(%s)) {\n", word, word);
        buf_printf(&w->out, "        goto %s;\n    }\n", label_one_by_one(w));
    }
    if (arrays) {
        buf_printf(&w->out, "    if (ION_IS_ARRAY(%s)) {\n", word);
        put_lengths(w, node, HEAD_ARRAY, "ARRAY");
        buf_puts(&w->out, "    }\n");
    }
}

static void put_strings(writer *w, const match_node *node)
{
    emitter *e = w->b->e;
    const char *word = word_at(w, node->place);
    selection s = select_kinds(w, node, HEAD_STRING, HEAD_STRING);
    if (s.n > CHAIN_TEXTS) {
        buffer rows = {.c = e->c};
        for (uint32_t k = 0; k < s.n; k++)
            buf_printf(&rows, "%s{%u, %u}", k ? ", " : "", emit_constant(e, s.branch[k]->head.value), k + 1);
        uint32_t table = put_table(e, rows.data, s.n, true);
        put_numbered(w, arena_format(e->c, "ion_text_case(%s, S%u, %u)", word, table, (1u << table_bits(s.n)) - 1), &s);
        return;
    }
    for (uint32_t k = 0; k < s.n; k++)
        put_test(w,
                 arena_format(e->c, "ION_IS_BOXED(%s) && ion_text_is(%s, K[%u])", word, word,
                              emit_constant(e, s.branch[k]->head.value)),
                 s.branch[k]->to);
}

/* Tags are mostly the very atoms or strings of the program; where none is, the text is made an atom and tried again. */
static void put_tags(writer *w, const match_node *node)
{
    emitter *e = w->b->e;
    const char *word = word_at(w, node->place);
    selection s = select_kinds(w, node, HEAD_TAGGED, HEAD_TAGGED);
    const char *again = label(w, w->tree->n + 2 + (uint32_t)(node - w->tree->nodes));
    uint32_t *atom = arena_alloc(e->c, 2 * s.n * sizeof *atom), *string = atom + s.n;
    for (uint32_t k = 0; k < s.n; k++) {
        value text = {.tag = V_STRING, .text = s.branch[k]->head.tag};
        atom[k] = emit_atom(e, text.text);
        string[k] = emit_constant(e, &text);
    }
    w->tag = true;
    buf_printf(&e->tables, "static ion_u64 T%u[ION_TAG_CACHE];\n", e->ntag_caches);
    buf_printf(&w->out, "    if (ION_IS_OBJECT(%s)) {\n", word);
    if (node->place->variable)
        buf_printf(&w->out, "    ION_FIND_SLOTS(tag, m%u, seen, %s, T%u);\n", node->place->variable, word,
                   e->ntag_caches);
    else
        buf_printf(&w->out, "    ION_FIND_TAG(tag, seen, %s, T%u);\n", word, e->ntag_caches);
    e->ntag_caches++;
    buf_printf(&w->out, "%s:\n", again);
    if (s.n > CHAIN_ATOMS) {
        buffer rows = {.c = e->c};
        for (uint32_t k = 0; k < s.n; k++)
            buf_printf(&rows, "%s{%u, %u}, {%u, %u}", k ? ", " : "", atom[k], k + 1, string[k], k + 1);
        put_word_switch(w, "tag", &s, rows.data, 2 * s.n);
    } else {
        for (uint32_t k = 0; k < s.n; k++)
            put_test(w, arena_format(e->c, "tag == K[%u] || tag == K[%u]", atom[k], string[k]), s.branch[k]->to);
    }
    buf_printf(&w->out, "    if ((tag = ion_tag_atom(tag)) != ION_UNDEFINED)\n        goto %s;\n    }\n", again);
}

static bool has_kind(const match_node *node, head_kind kind)
{
    for (uint32_t k = 0; k < node->n; k++)
        if (node->branches[k].head.kind == kind)
            return true;
    return false;
}

/* Writes a node; returns the one to go on with directly behind it, or NOT_FOUND. */
static uint32_t put_node(writer *w, const match_node *node)
{
    compilation *c = w->b->e->c;
    put_words(w, node);
    put_numbers(w, node);
    put_lists(w, node);
    put_strings(w, node);
    if (has_kind(node, HEAD_TAGGED))
        put_tags(w, node);
    if (has_kind(node, HEAD_OTHER)) {
        value *v = arena_alloc(c, sizeof *v);
        *v = *node->branches[0].head.value;
        pattern other = {.kind = P_VALUE, .value = v};
        put_test(w,
                 arena_format(c, "ion_match(p, fp, %s, M[%u])", word_at(w, node->place), emit_pattern(w->b->e, &other)),
                 node->branches[0].to);
    }
    if (node->rest.kind == MATCH_NODE)
        return node->rest.index;
    buf_printf(&w->out, "    %s\n", jump(w, node->rest));
    return NOT_FOUND;
}

/* ---- cases one by one ---- */

/* A case that never fits; its label has to be used all the same. */
static const char never[] = "    if (0)\n        %s\n";

static void put_case(body *b, uint32_t pc, const match_case *m, const match_subject *s, bool silent, buffer *o)
{
    const value *v = m->pattern->kind == P_VALUE ? m->pattern->value : NULL;
    const char *go = arena_format(b->e->c, "goto %s;", body_label(b, pc, m->off));
    if (m->pattern->kind == P_WILDCARD) {
        buf_printf(o, "    %s\n", go);
    } else if (v && v->tag == V_NUMBER && (isnan(v->number) || (!s->number && isfinite(v->number)))) {
        buf_printf(o, never, go);
    } else if (v && v->tag == V_NUMBER && isfinite(v->number)) {
        buf_printf(o, "    if (%s == %s)\n        %s\n", s->number, emit_number(b->e, v->number), go);
    } else if (v && emit_immediate(b->e, v)) {
        buf_printf(o, "    if (%s == %s)\n        %s\n", s->word, emit_immediate(b->e, v), go);
    } else if (v && v->tag == V_ATOM) {
        buf_printf(o, "    if (%s == K[%u])\n        %s\n", s->word, emit_constant(b->e, v), go);
    } else if (!b->local_reds || silent) {
        buf_printf(o, "    if (ion_match(p, fp, %s, M[%u]))\n        %s\n", s->word, emit_pattern(b->e, m->pattern),
                   go);
    } else { /* it may charge */
        buf_printf(o, "    ION_SAVE_REDS;\n    matched = ion_match(p, fp, %s, M[%u]);\n    ION_LOAD_REDS;\n", s->word,
                   emit_pattern(b->e, m->pattern));
        buf_printf(o, "    if (matched)\n        %s\n", go);
    }
}

/* ---- a MATCH ---- */

static void put_nodes(writer *w)
{
    const match_tree *t = w->tree;
    if (t->start.kind != MATCH_NODE) {
        buf_printf(&w->out, "    %s\n", jump(w, t->start));
        return;
    }
    for (uint32_t next = t->start.index;;) {
        next = put_node(w, &t->nodes[next]);
        if (next != NOT_FOUND)
            continue;
        if (!w->nwaiting)
            return;
        next = w->waiting[--w->nwaiting];
        buf_printf(&w->out, "%s:\n", label(w, next));
    }
}

static void put_variables(const writer *w, buffer *o)
{
    for (uint32_t i = 1; i <= w->tree->variables; i++)
        buf_printf(o, "%s*m%u", i == 1 ? "    const ion_slot " : ", ", i);
    if (w->tree->variables)
        buf_puts(o, ";\n");
    if (w->at)
        buf_puts(o, "    ion_u32 at;\n");
    if (w->whole)
        buf_puts(o, "    ion_i32 whole;\n");
    if (w->tag)
        buf_puts(o, "    ion_value tag;\n    ion_u64 seen;\n");
}

/* A run of cases as a tree; `base` is the first label, and where the next one is to go on. */
static void put_run(body *b, uint32_t pc, const match_case *cases, uint32_t n, const match_subject *s,
                    const match_tree *t, uint32_t *base)
{
    writer w = {
        .b = b, .pc = pc, .cases = cases, .n = n, .subject = s, .tree = t, .base = *base, .out = {.c = b->e->c}};
    w.waiting = arena_alloc(b->e->c, (t->n + 1) * sizeof *w.waiting);
    w.jumped = arena_alloc(b->e->c, n);
    *base += 2 * t->n + 2;
    put_nodes(&w);
    if (w.one_by_one) {
        buf_printf(&w.out, "%s:\n", label_one_by_one(&w));
        for (uint32_t k = 0; k < n; k++)
            put_case(b, pc, &cases[k], s, true, &w.out);
    }
    const char *last = arena_format(b->e->c, "    goto %s;\n", label_none(&w));
    size_t length = strlen(last);
    if (w.out.len >= length && strcmp(w.out.data + w.out.len - length, last) == 0) {
        w.none--;
        w.out.len -= length;
    }
    for (uint32_t k = 0; k < n && !w.one_by_one; k++)
        if (!w.jumped[k])
            buf_printf(b->out, never, arena_format(b->e->c, "goto %s;", body_label(b, pc, cases[k].off)));
    bool block = t->variables || w.at || w.whole || w.tag;
    if (block)
        buf_puts(b->out, "    {\n");
    put_variables(&w, b->out);
    if (w.out.len)
        buf_put(b->out, w.out.data, w.out.len);
    if (w.none)
        buf_printf(b->out, "%s:;\n", label_none(&w));
    if (block)
        buf_puts(b->out, "    }\n");
}

uint8_t match_may(const web *w)
{
    switch (w->place) {
    case PLACE_NUMBER: return MAY_NUMBER;
    case PLACE_BOOLEAN: return MAY_BOOLEAN;
    case PLACE_CONSTANT: return w->target ? MAY_FUNCTION : w->constant->tag == V_STRING ? MAY_STRING : MAY_OTHER;
    default: return MAY_ANY;
    }
}

match_tree *match_run(compilation *c, const instr *i, uint32_t k, uint8_t may, uint32_t *n)
{
    bool free = may != MAY_ANY && may != MAY_STRING; /* nothing charges */
    uint32_t tried = cases_tried(i);
    *n = 0;
    while (optimise(c, OPT_MATCH_TREES) && k + *n < tried && (free || match_fits_tree(i->cases[k + *n].pattern)))
        ++*n;
    return *n ? match_build(c, &i->cases[k], *n, may) : NULL;
}

/* Where the text of a MATCH is kept whose subject is in the frame: in both bodies of a function it reads the same, but
 * for what charges, and for tags, which each body remembers for itself. NULL: there is but one body. */
static const char **kept_text(body *b, uint32_t pc, const match_subject *s)
{
    emitter *e = b->e;
    if (!b->f->types || !b->f->types->fast || s->may != MAY_ANY)
        return NULL;
    if (e->matches_of != b->f) {
        e->matches_of = b->f;
        e->matches = arena_alloc(e->c, b->f->n * sizeof *e->matches);
    }
    return &e->matches[pc];
}

void body_match(body *b, uint32_t pc, const match_subject *s)
{
    const instr *i = &b->f->code[pc];
    uint32_t base = 0, ntag_caches = b->e->ntag_caches;
    size_t start = b->out->len;
    const char **kept = kept_text(b, pc, s);
    if (kept && *kept) {
        buf_puts(b->out, *kept);
        return;
    }
    bool same = kept;
    for (uint32_t k = 0, tried = cases_tried(i), n; k < tried; k += n) {
        match_tree *t = match_run(b->e->c, i, k, s->may, &n);
        for (uint32_t j = 0; j < n; j++)
            emit_pattern_names(b->e, i->cases[k + j].pattern);
        if (t) {
            put_run(b, pc, &i->cases[k], n, s, t, &base);
            continue;
        }
        bool silent = n > 0;
        same &= silent;
        if (!n)
            n = 1;
        for (uint32_t j = 0; j < n; j++)
            put_case(b, pc, &i->cases[k + j], s, silent, b->out);
    }
    if (same && b->e->ntag_caches == ntag_caches && b->out->len > start)
        *kept = arena_string(b->e->c, b->out->data + start, b->out->len - start);
}
