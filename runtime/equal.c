/* equal.c: structural equality.
 *
 * A stack of levels stands for the containers being compared, each with the place of its next parts; a level goes
 * before its last parts are looked into, so that lists linked through last parts need no depth. Pairs of containers
 * that were met are remembered, which ends cycles and keeps shared parts from being compared more than once. Small
 * comparisons need no memory beside the C stack. Nothing here runs bytecode or collects, so addresses stay.
 *
 * A long comparison lets others run: its state is moved to memory of its own (struct long_work) and a frame without a function
 * of the program's goes on with it; what it comes to arrives where a magic method's result would.
 */
#include "idmap.h"
#include "mem.h"
#include "native.h"
#include "object.h"
#include "ops.h"
#include "shape.h"
#include "str.h"

typedef struct pair {
    ion_value a, b;
} pair;

typedef struct level {
    pair of;
    uint32_t next; /* place of the next part; for objects as object_next counts */
    bool names;    /* of two objects it is not known yet whether they have the same names */
} level;

enum { LEVELS_INLINE = 32, SEEN_INLINE = 8 };
/* What things cost beside 1 for a pair, as native_step counts. */
enum { REMEMBER_UNITS = 12, NAME_UNITS = 8, BYTES_A_UNIT = 64 };

typedef struct comparison {
    long_work w;
    ion_value answer; /* known while `seen` is being freed; 0: not yet. Not set in a comparison without a pause */
    int64_t left;     /* units until the next pause */
    bool strict; /* a string is no atom */
    bool tree;   /* a is a tree: nothing needs remembering, and `levels` is as large as it gets */
    uint64_t pairs, bytes, whole;
    level *levels;
    uint32_t nlevels, cap_levels;
    uint32_t nseen; /* in seen_inline; when that is full, `seen` has the others */
    idmap seen;
    level levels_inline[LEVELS_INLINE];
    pair seen_inline[SEEN_INLINE];
} comparison;

/* ---- the pairs met ---- */

/* 1: the pair is new and now remembered; 0: it is known; -1: memory is out. */
static int remember(comparison *c, pair of)
{
    c->left -= REMEMBER_UNITS;
    for (uint32_t i = 0; i < c->nseen; i++)
        if (c->seen_inline[i].a == of.a && c->seen_inline[i].b == of.b)
            return 0;
    if (c->nseen == SEEN_INLINE) {
        int fresh = idmap_pair(&c->seen, of.a, of.b);
        c->left -= c->seen.cost;
        return fresh;
    }
    c->seen_inline[c->nseen++] = of;
    return 1;
}

/* ---- one pair ---- */

enum { DIFFER, EQUAL, INSIDE, NAMES, FAILED, PAUSED };

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
    c->left -= (int64_t)(n / BYTES_A_UNIT);
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

/* Two objects: their parts decide (INSIDE), or it has to be seen whether they have the same names (NAMES). */
static int object_pair(const object *a, const object *b)
{
    if (object_shape(a) && object_shape(a) == object_shape(b))
        return INSIDE;
    return object_count(a) == object_count(b) ? NAMES : DIFFER;
}

/* The answer for two values, or INSIDE or NAMES where their parts decide. */
static int pair_equal(comparison *c, ion_value a, ion_value b)
{
    c->pairs++;
    c->left--;
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
        return object_pair(AS(object, a), AS(object, b));
    return DIFFER;
}

/* ---- walking ---- */

static bool level_push(comparison *c, pair of, bool names)
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
    c->levels[c->nlevels++] = (level){of, 0, names};
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

/* Looks whether b has the names that a has: INSIDE: it does; or DIFFER, or PAUSED. */
static int names_fit(comparison *c, level *at)
{
    const object *a = AS(object, at->of.a), *b = AS(object, at->of.b);
    found f;
    ion_value name;
    for (; c->left > 0; c->left -= NAME_UNITS) {
        if (!object_next(a, &at->next, &name, &f)) {
            at->names = false;
            at->next = 0;
            return INSIDE;
        }
        if (!object_own(b, name).yes)
            return DIFFER;
    }
    return PAUSED;
}

/* Takes the next parts to be compared off the stack: INSIDE; EQUAL: there are none left; or DIFFER, or PAUSED. */
static int next_part(comparison *c, pair *part)
{
    while (c->nlevels) {
        if (c->left <= 0)
            return PAUSED;
        level *at = &c->levels[c->nlevels - 1];
        if (at->names) {
            int answer = names_fit(c, at);
            if (answer != INSIDE)
                return answer;
        }
        if (ION_IS_OBJECT(at->of.a)) {
            object_part(c, at, part);
            return INSIDE;
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
        return INSIDE;
    }
    return EQUAL;
}

/* Goes on behind `part`, which has been answered with INSIDE or EQUAL, or has been PAUSED. */
static int compare_rest(comparison *c)
{
    for (pair part;;) {
        int answer = next_part(c, &part);
        if (answer != INSIDE)
            return answer;
        answer = pair_equal(c, part.a, part.b);
        if (answer == DIFFER)
            return DIFFER;
        if (answer == EQUAL)
            continue;
        int fresh = c->tree ? 1 : remember(c, part);
        if (fresh < 0 || (fresh && !level_push(c, part, answer == NAMES)))
            return FAILED;
    }
}

static int compare(comparison *c, pair part)
{
    int answer = pair_equal(c, part.a, part.b);
    if (answer != INSIDE && answer != NAMES)
        return answer;
    if ((!c->tree && remember(c, part) < 0) || !level_push(c, part, answer == NAMES))
        return FAILED;
    return compare_rest(c);
}

/* The large parts stay unset. */
static void comparison_start(comparison *c, bool strict, int64_t left)
{
    c->left = left;
    c->strict = strict;
    c->tree = false;
    c->pairs = c->bytes = c->whole = 0;
    c->levels = c->levels_inline;
    c->cap_levels = LEVELS_INLINE;
    c->seen = (idmap){0};
    c->nlevels = c->nseen = 0;
}

static void comparison_free(comparison *c)
{
    if (c->levels != c->levels_inline)
        mem_free(c->levels);
    idmap_free(&c->seen);
}

int values_equal(ion_value a, ion_value b, bool strict, uint64_t *units)
{
    comparison c;
    comparison_start(&c, strict, INT64_MAX);
    int answer = compare(&c, (pair){a, b});
    comparison_free(&c);
    *units += c.pairs + c.bytes;
    return answer == FAILED ? -1 : answer == EQUAL;
}

bool values_fit(ion_value v, ion_value constant, uint64_t *pairs, uint64_t *whole)
{
    comparison c;
    level levels[PATTERN_DEPTH];
    c.left = INT64_MAX;
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

/* ---- long comparisons ---- */

static void drop(long_work *w)
{
    comparison_free((comparison *)w);
    mem_free(w);
}

/* Moves a comparison that is not over to where it can stay with the process. False when memory is out: nothing has changed. */
static bool keep(ion_process *p, comparison *c)
{
    comparison *kept = mem_alloc(sizeof *kept);
    if (!kept)
        return false;
    memcpy(kept, c, sizeof *kept);
    kept->w.drop = drop;
    kept->answer = 0;
    if (kept->levels == c->levels_inline)
        kept->levels = kept->levels_inline;
    if (work_keep(p, &kept->w))
        return true;
    mem_free(kept);
    return false;
}

static ion_value answered(ion_process *p, ion_frame *fp, const comparison *c, int answer)
{
    proc_charge(p, c->pairs + c->bytes);
    return answer == FAILED ? proc_no_memory(p, fp) : ION_BOOL(answer == EQUAL);
}

/* Goes on with what the process is in the middle of, in a frame that has no slots. */
static ion_value equal_on(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    comparison *c = (comparison *)work_of(p);
    int answer;
    fp->n = 0;
    if (argc != ION_RESUMED && native_pause(p, fp))
        return ION_LEAVE;
    while (!c->answer || !idmap_free_some(&c->seen)) {
        c->left = (int64_t)native_step(p);
        answer = c->answer ? PAUSED : compare_rest(c);
        if (answer != PAUSED)
            c->answer = answered(p, fp, c, answer);
        if (c->answer == ION_LEAVE)
            break;
        if (native_pause(p, fp))
            return ION_LEAVE;
    }
    ion_value v = c->answer;
    work_done(p);
    return v;
}

static const ion_function equal_long = {.code = equal_on, .name = ION_NAMELESS, .size = ION_FRAME(0)};

static NOT_INLINE bool equal_short(ion_process *p, ion_frame *fp, ion_value a, ion_value b, ion_value *v)
{
    comparison c;
    comparison_start(&c, false, (int64_t)native_step(p));
    int answer = compare(&c, (pair){a, b});
    if (answer == PAUSED) {
        if (keep(p, &c))
            return false;
        c.left = INT64_MAX;
        answer = compare_rest(&c);
    }
    *v = answered(p, fp, &c, answer);
    comparison_free(&c);
    return true;
}

ion_value equal_structure(ion_process *p, ion_frame *fp, ion_value a, ion_value b)
{
    ion_value v;
    if (equal_short(p, fp, a, b, &v))
        return v;
    return call_value(p, fp, ION_FUNCTION(&equal_long), ION_UNDEFINED, NULL, 0);
}
