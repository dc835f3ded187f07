/* equal.c: structural equality.
 *
 * A stack of levels stands for the containers being compared, each with the place of its next parts; a level goes
 * before its last parts are looked into, so that lists linked through last parts need no depth. Pairs of containers
 * that were met are remembered, which ends cycles and keeps shared parts from being compared more than once. Small
 * comparisons need no memory beside the C stack. Nothing here runs bytecode or collects, so addresses stay.
 */
#include "mem.h"
#include "object.h"
#include "shape.h"
#include "str.h"

typedef struct pair {
    ion_value a, b;
} pair;

typedef struct level {
    pair of;
    uint32_t next; /* place of the next part; for objects as object_next counts */
} level;

enum { LEVELS_INLINE = 32, SEEN_INLINE = 8, SEEN_FIRST = 64 };

typedef struct comparison {
    bool strict; /* a string is no atom */
    bool tree;   /* a is a tree: nothing needs remembering, and `levels` is as large as it gets */
    uint64_t pairs, bytes, whole;
    level *levels;
    uint32_t nlevels, cap_levels;
    uint32_t nseen, cap_seen;
    pair *seen; /* up to SEEN_INLINE a list, then a hash table */
    level levels_inline[LEVELS_INLINE];
    pair seen_inline[SEEN_INLINE];
} comparison;

/* ---- the pairs met ---- */

static bool same_pair(pair x, pair y)
{
    return x.a == y.a && x.b == y.b;
}

static pair *seen_slot(pair *table, uint32_t cap, pair of)
{
    uint64_t hash = (of.a * 0x9E3779B97F4A7C15ull ^ of.b) * 0xD6E8FEB86659FD93ull;
    uint32_t i = (uint32_t)(hash >> 32) & (cap - 1);
    while (table[i].a && !same_pair(table[i], of))
        i = (i + 1) & (cap - 1);
    return &table[i];
}

static bool seen_grow(comparison *c)
{
    bool list = c->cap_seen == SEEN_INLINE;
    uint32_t cap = list ? SEEN_FIRST : 2 * c->cap_seen;
    pair *table = cap ? mem_zalloc(cap * sizeof *table) : NULL;
    if (!table)
        return false;
    for (uint32_t i = 0; i < c->cap_seen; i++)
        if (c->seen[i].a)
            *seen_slot(table, cap, c->seen[i]) = c->seen[i];
    if (!list)
        mem_free(c->seen);
    c->seen = table;
    c->cap_seen = cap;
    return true;
}

/* 1: the pair is new and now remembered; 0: it is known; -1: memory is out. */
static int remember(comparison *c, pair of)
{
    if (c->cap_seen == SEEN_INLINE) {
        for (uint32_t i = 0; i < c->nseen; i++)
            if (same_pair(c->seen[i], of))
                return 0;
        if (c->nseen < SEEN_INLINE) {
            c->seen[c->nseen++] = of;
            return 1;
        }
    }
    if ((c->cap_seen == SEEN_INLINE || c->nseen >= c->cap_seen / 2) && !seen_grow(c))
        return -1;
    pair *slot = seen_slot(c->seen, c->cap_seen, of);
    if (slot->a)
        return 0;
    *slot = of;
    c->nseen++;
    return 1;
}

/* ---- one pair ---- */

enum { DIFFER, EQUAL, INSIDE, FAILED };

static int verdict(bool equal)
{
    return equal ? EQUAL : DIFFER;
}

static int texts(comparison *c, ion_value a, ion_value b)
{
    const char *s, *t;
    size_t n, m;
    if (!text_view(a, &s, &n) || !text_view(b, &t, &m) || n != m)
        return DIFFER;
    if (is_string(a) && is_string(b)) {
        c->bytes += n;
        c->whole += n >> 8;
    }
    return verdict(memcmp(s, t, n) == 0);
}

static int boxed_pair(comparison *c, ion_value a, ion_value b)
{
    kind ka = HEAD_KIND(as_thing(a)->head), kb = HEAD_KIND(as_thing(b)->head);
    if (ka == KIND_STRING || ka == KIND_LONG)
        return texts(c, a, b);
    if (ka != kb)
        return DIFFER;
    switch (ka) {
    case KIND_COMPLEX: {
        const complex_number *x = AS(complex_number, a), *y = AS(complex_number, b);
        return verdict(x->re == y->re && x->im == y->im);
    }
    case KIND_TUPLE:
        if (a == b)
            return EQUAL;
        return HEAD_COUNT(as_thing(a)->head) == HEAD_COUNT(as_thing(b)->head) ? INSIDE : DIFFER;
    case KIND_BOUND:
        return verdict(AS(bound, a)->callee == AS(bound, b)->callee && AS(bound, a)->self == AS(bound, b)->self);
    default: return verdict(a == b);
    }
}

static bool same_names(const object *a, const object *b)
{
    found f;
    ion_value name;
    if (object_shape(a) && object_shape(a) == object_shape(b))
        return true;
    if (object_count(a) != object_count(b))
        return false;
    for (uint32_t i = 0; object_next(a, &i, &name, &f);)
        if (!object_own(b, name).yes)
            return false;
    return true;
}

/* The answer for two values, or INSIDE where their parts decide. */
static int pair_equal(comparison *c, ion_value a, ion_value b)
{
    c->pairs++;
    if (ION_IS_NUMBER(a) || ION_IS_NUMBER(b))
        return verdict(ION_IS_NUMBER(a) && ION_IS_NUMBER(b) && number_of(a) == number_of(b));
    ion_value tag = a & ION_TAG_MASK;
    if (tag != (b & ION_TAG_MASK)) {
        bool mixed = (tag == ION_TAG_ATOM && is_string(b)) || (ION_IS_ATOM(b) && is_string(a));
        return mixed && !c->strict ? texts(c, a, b) : DIFFER;
    }
    if (tag == ION_TAG_BOXED)
        return boxed_pair(c, a, b);
    if (a == b)
        return EQUAL;
    if (tag == ION_TAG_ARRAY)
        return AS(array, a)->len == AS(array, b)->len ? INSIDE : DIFFER;
    if (tag == ION_TAG_OBJECT)
        return same_names(AS(object, a), AS(object, b)) ? INSIDE : DIFFER;
    return DIFFER;
}

/* ---- walking ---- */

static bool level_push(comparison *c, pair of)
{
    if (c->nlevels == c->cap_levels) {
        uint32_t cap = 2 * c->cap_levels;
        bool first = c->levels == c->levels_inline;
        level *grown = c->tree || !cap ? NULL : mem_realloc(first ? NULL : c->levels, cap * sizeof *grown);
        if (!grown)
            return false;
        if (first)
            memcpy(grown, c->levels_inline, sizeof c->levels_inline);
        c->levels = grown;
        c->cap_levels = cap;
    }
    c->levels[c->nlevels++] = (level){of, 0};
    return true;
}

/* The next parts of two objects with the same names, their prototypes at last. */
static void object_part(comparison *c, level *at, pair *part)
{
    const object *a = AS(object, at->of.a), *b = AS(object, at->of.b);
    uint32_t slot = at->next;
    found f;
    ion_value name;
    if (!object_next(a, &at->next, &name, &f)) {
        *part = (pair){a->proto, b->proto};
        c->nlevels--;
    } else if (object_shape(a) && object_shape(a) == object_shape(b)) {
        *part = (pair){f.value, b->slots->items[slot]};
    } else {
        *part = (pair){f.value, object_own(b, name).value};
    }
}

/* Takes the next parts to be compared off the stack; false: there are none left. */
static bool next_part(comparison *c, pair *part)
{
    while (c->nlevels) {
        level *at = &c->levels[c->nlevels - 1];
        if (ION_IS_OBJECT(at->of.a)) {
            object_part(c, at, part);
            return true;
        }
        bool arrays = ION_IS_ARRAY(at->of.a);
        uint64_t n = arrays ? AS(array, at->of.a)->len : HEAD_COUNT(as_thing(at->of.a)->head);
        uint32_t i = at->next++;
        if (i + (uint64_t)1 >= n)
            c->nlevels--;
        if (i >= n)
            continue;
        *part = arrays ? (pair){AS(array, at->of.a)->store->items[i], AS(array, at->of.b)->store->items[i]}
                       : (pair){AS(tuple, at->of.a)->items[i], AS(tuple, at->of.b)->items[i]};
        return true;
    }
    return false;
}

static int compare(comparison *c, pair part)
{
    for (;;) {
        int answer = pair_equal(c, part.a, part.b);
        if (answer == DIFFER)
            return DIFFER;
        if (answer == INSIDE) {
            int fresh = c->tree ? 1 : remember(c, part);
            if (fresh < 0 || (fresh && !level_push(c, part)))
                return FAILED;
        }
        if (!next_part(c, &part))
            return EQUAL;
    }
}

int values_equal(ion_value a, ion_value b, bool strict, uint64_t *units)
{
    comparison c; /* the large parts stay unset */
    c.strict = strict;
    c.tree = false;
    c.pairs = c.bytes = c.whole = 0;
    c.levels = c.levels_inline;
    c.cap_levels = LEVELS_INLINE;
    c.seen = c.seen_inline;
    c.cap_seen = SEEN_INLINE;
    c.nlevels = c.nseen = 0;
    int answer = compare(&c, (pair){a, b});
    if (c.levels != c.levels_inline)
        mem_free(c.levels);
    if (c.seen != c.seen_inline)
        mem_free(c.seen);
    *units += c.pairs + c.bytes;
    return answer == FAILED ? -1 : answer == EQUAL;
}

bool values_fit(ion_value v, ion_value constant, uint64_t *pairs, uint64_t *whole)
{
    comparison c;
    level levels[PATTERN_DEPTH];
    c.strict = c.tree = true;
    c.pairs = c.bytes = c.whole = 0;
    c.levels = levels;
    c.cap_levels = PATTERN_DEPTH;
    c.nlevels = 0;
    int answer = compare(&c, (pair){constant, v});
    *pairs += c.pairs;
    *whole += c.whole;
    return answer == EQUAL;
}
