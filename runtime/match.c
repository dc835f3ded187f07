/* match.c: does a value fit a pattern?
 *
 * A stack holds the compound patterns being looked into, each with the value it is to fit and the place of its next
 * part. Patterns nest at most PATTERN_DEPTH levels, so the stack needs no memory. Patterns see own properties only,
 * and none that are hidden; no bytecode runs and nothing is collected.
 */
#include <stdatomic.h>

#include "atom.h"
#include "object.h"
#include "ops.h"
#include "shape.h"
#include "str.h"

typedef struct level {
    const ion_pattern *pattern;
    ion_value v;
    uint32_t next;
} level;

static found visible(found f)
{
    if (f.flags & ION_HIDDEN)
        f.yes = false;
    return f;
}

/* An object's own property "i". */
static bool numbered(const object *o, uint32_t i, ion_value *part)
{
    char text[10];
    char *at = text + sizeof text;
    do
        *--at = (char)('0' + i % 10);
    while ((i /= 10));
    key k = key_of_text(at, (size_t)(text + sizeof text - at));
    found f = visible(object_own_key(o, &k));
    *part = f.value;
    return f.yes;
}

static bool value_fits(ion_process *p, ion_value v, ion_value constant)
{
    uint64_t pairs = 0, whole = 0;
    if (ION_IS_NUMBER(constant))
        return ION_IS_NUMBER(v) && number_of(v) == number_of(constant);
    if (!ION_IS_HEAP(constant))
        return v == constant;
    bool fits = values_fit(v, constant, &pairs, &whole);
    p->reds -= (int64_t)whole;
    proc_charge(p, pairs);
    return fits;
}

/* Whether an object has the properties "0" to "n-1". */
static bool all_numbered(const object *o, uint32_t n)
{
    ion_value part;
    if (n > object_count(o))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!numbered(o, i, &part))
            return false;
    return true;
}

/* Whether v has the parts that a tuple or array pattern asks for, whatever they are. */
static bool form_fits(ion_value v, const ion_pattern *pattern)
{
    if (ION_IS_ARRAY(v))
        return AS(array, v)->len == pattern->n;
    if (pattern->kind == PATTERN_ARRAY)
        return false;
    if (ION_IS_OBJECT(v))
        return all_numbered(AS(object, v), pattern->n);
    return is_tuple(v) && HEAD_COUNT(as_thing(v)->head) == pattern->n;
}

static ion_value part_of(ion_value v, uint32_t i)
{
    ion_value part;
    if (ION_IS_ARRAY(v))
        return AS(array, v)->store->items[i];
    if (!ION_IS_OBJECT(v))
        return AS(tuple, v)->items[i];
    numbered(AS(object, v), i, &part);
    return part;
}

/* Whether v is an enum value with this tag; if so, *slots is what its pattern is to fit. */
static bool tag_fits(ion_value v, ion_value tag, ion_value *slots)
{
    const char *a, *b;
    size_t n, m;
    if (!ION_IS_OBJECT(v))
        return false;
    found f = visible(object_own(AS(object, v), ATOM(tag)));
    if (!f.yes || !text_view(f.value, &a, &n) || !text_view(tag, &b, &m))
        return false;
    if (n && *a == ':') { /* the pattern's own was dropped at load */
        a++;
        n--;
    }
    if (n != m || memcmp(a, b, n) != 0)
        return false;
    f = visible(object_own(AS(object, v), ATOM(slots)));
    *slots = f.yes ? f.value : ION_UNIT;
    return true;
}

static int walk(ion_process *p, ion_value v, const ion_pattern *pattern)
{
    level levels[PATTERN_DEPTH], *top = levels;
    for (;;) {
        switch (pattern->kind) {
        case PATTERN_WILDCARD: break;
        case PATTERN_VALUE:
            if (!value_fits(p, v, pattern->value))
                return 0;
            break;
        case PATTERN_TUPLE:
        case PATTERN_ARRAY:
            if (!form_fits(v, pattern))
                return 0;
            if (pattern->n)
                *top++ = (level){pattern, v, 0};
            break;
        case PATTERN_TAGGED:
            if (!tag_fits(v, pattern->value, &v))
                return 0;
            pattern = pattern->items[0];
            continue;
        }
        if (top == levels)
            return 1;
        level *at = top - 1;
        v = part_of(at->v, at->next);
        pattern = at->pattern->items[at->next++];
        if (at->next == at->pattern->n)
            top--;
    }
}

int ion_match(ion_process *p, ion_frame *fp, ion_value v, const ion_pattern *pattern)
{
    (void)fp;
    if (pattern->kind == PATTERN_WILDCARD)
        return 1;
    if (pattern->kind == PATTERN_VALUE)
        return value_fits(p, v, pattern->value);
    return walk(p, v, pattern);
}

/* ---- what decision trees ask ---- */

_Static_assert(sizeof(ion_tuple) == sizeof(tuple) && offsetof(ion_tuple, part) == offsetof(tuple, items) &&
                   (HEAD(KIND_TUPLE, 0) & ION_HEAD_KIND) == ION_HEAD_TUPLE &&
                   (HEAD(127, 0) & ~HEAD_LIVE) == ION_HEAD_KIND,
               "ion_tuple");

/* Whether an object may fit a tuple pattern that is not empty. */
int ion_numbered(ion_value o)
{
    ion_value part;
    return numbered(AS(object, o), 0, &part);
}

/* The slot of a visible property of a shape, or -1. */
static int visible_slot(const shape *s, ion_value atom)
{
    int slot = shape_find(s, atom);
    return slot < 0 || s->keys[slot].flags & ION_HIDDEN ? -1 : slot;
}

/* The tag of an object as it stands there, undefined if it is no enum value. *slots (NULL: not asked for): where its
 * slots are. `cache` is as ION_FIND_SLOTS has it; its words are read and written whole, and whoever goes by one has
 * compared the shape. */
ion_value ion_tag_at(ion_value v, ion_u64 *cache, const ion_slot **slots)
{
    static const ion_slot unit = {ION_UNIT};
    const object *o = AS(object, v);
    const shape *s = object_shape(o);
    int tag = s ? visible_slot(s, ATOM(tag)) : -1, inside = s ? visible_slot(s, ATOM(slots)) : -1;
    if (tag >= 0 && inside >= 0)
        atomic_store_explicit((_Atomic ion_u64 *)&cache[s->id % ION_TAG_CACHE],
                              s->id | (ion_u64)tag << 32 | (ion_u64)inside << 48, memory_order_relaxed);
    uint32_t flags;
    const ion_value *at = object_place(o, ATOM(tag), &flags);
    if (!at || flags & ION_HIDDEN)
        return ION_UNDEFINED;
    v = *at;
    if (slots) {
        at = object_place(o, ATOM(slots), &flags);
        *slots = at && !(flags & ION_HIDDEN) ? (const ion_slot *)at : &unit;
    }
    return v;
}

/* A tag without its leading colon as an atom. Undefined if that changes nothing or no atom has the text, and for what
 * would keep a colon: no tag of a tree has one. */
ion_value ion_tag_atom(ion_value tag)
{
    const char *text;
    size_t n;
    if (!text_view(tag, &text, &n))
        return ION_UNDEFINED;
    bool colon = n && *text == ':';
    if ((ION_IS_ATOM(tag) && !colon) || (n > 1 && colon && text[1] == ':'))
        return ION_UNDEFINED;
    uint32_t hash = colon ? text_hash(text + 1, n - 1) : string_hash(tag);
    ion_value atom = atom_find(text + colon, n - colon, hash);
    return atom ? atom : ION_UNDEFINED;
}

/* Whether a value is a string that says the same as a constant one. */
int ion_text_is(ion_value v, ion_value constant)
{
    return v == constant || (is_string(v) && string_len(v) == string_len(constant) &&
                             memcmp(string_bytes(v), string_bytes(constant), string_len(v)) == 0);
}

/* The number that a table of strings has for a value, or 0. */
ion_u32 ion_text_case(ion_value v, const ion_case *cases, ion_u32 mask)
{
    if (!is_string(v))
        return 0;
    ion_u32 at = string_hash(v) & mask;
    while (cases[at].value && !ion_text_is(v, cases[at].value))
        at = (at + 1) & mask;
    return cases[at].number;
}

void match_load(const ion_program *program)
{
    for (uint32_t i = 0; i < program->nswitches; i++) {
        const ion_switch *s = &program->switches[i];
        uint32_t mask = (1u << s->bits) - 1;
        for (uint32_t k = 0; k < s->nrows; k++) {
            ion_value v = program->values[s->rows[k].constant];
            uint32_t at = s->texts ? string_hash(v) & mask : ION_CASE_HASH(v, s->bits);
            while (s->cases[at].value)
                at = (at + 1) & mask;
            s->cases[at] = (ion_case){v, s->rows[k].number};
        }
    }
}
