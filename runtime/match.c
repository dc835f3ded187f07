/* match.c: does a value fit a pattern?
 *
 * A stack holds the compound patterns being looked into, each with the value it is to fit and the place of its next
 * part. Patterns nest at most PATTERN_DEPTH levels, so the stack needs no memory. Patterns see own properties only,
 * and none that are hidden; no bytecode runs and nothing is collected.
 */
#include "atom.h"
#include "object.h"
#include "ops.h"
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
