/* semver.c: versions and ranges of them.
 *
 *   version   MAJOR[.MINOR[.PATCH]][-PRERELEASE][+BUILD]     missing numbers are 0 in a version, anything in a range
 *   range     1.2.3  1.2  >=V  <=V  >V  <V  ^V  ~V; several of them must all hold
 *
 * A piece of a range becomes an interval from `low` to `high`. A prerelease is below its release, and is in a range
 * only if a piece names a prerelease of the same three numbers, or the range has no pieces at all: nobody gets one
 * without having asked. BUILD never counts.
 */
#include <ctype.h>
#include <string.h>

#include "ionc.h"

/* ---- versions ---- */

/* A number without leading zeros; *s moves behind it. */
static bool read_number(const char **s, const char *end, uint64_t *n)
{
    const char *at = *s;
    *n = 0;
    while (at < end && isdigit((unsigned char)*at) && *n <= UINT32_MAX)
        *n = *n * 10 + (uint64_t)(*at++ - '0');
    bool good = at > *s && *n <= UINT32_MAX && (**s != '0' || at == *s + 1);
    *s = at;
    return good;
}

/* The length of identifiers with points between them; 0 if one is empty. */
static size_t identifiers(const char *s, const char *end)
{
    const char *at = s;
    bool empty = true;
    for (; at < end && (isalnum((unsigned char)*at) || *at == '-' || *at == '.'); at++) {
        if (*at == '.' && empty)
            return 0;
        empty = *at == '.';
    }
    return empty ? 0 : (size_t)(at - s);
}

/* Reads a version that fills s..end; *parts: how many of the three numbers it has. */
static bool read_version(compilation *c, const char *s, const char *end, version *v, int *parts)
{
    *v = (version){.pre = ""};
    for (*parts = 0; *parts < 3;) {
        if (!read_number(&s, end, &v->part[(*parts)++]))
            return false;
        if (s == end || *s != '.')
            break;
        s++;
    }
    if (s > end || s[-1] == '.')
        return false;
    if (s < end && *s == '-') {
        size_t n = identifiers(++s, end);
        if (n == 0 || *parts < 3)
            return false;
        v->pre = arena_string(c, s, n);
        s += n;
    }
    if (s < end && *s == '+') {
        size_t n = identifiers(++s, end);
        s += n;
        if (n == 0)
            return false;
    }
    return s == end;
}

bool version_parse(compilation *c, const char *s, size_t n, version *v)
{
    int parts;
    return read_version(c, s, s + n, v, &parts);
}

/* Identifier by identifier: numbers by value and below words, words by bytes; more of them is more. */
static int compare_pre(const char *a, const char *b)
{
    while (*a && *b) {
        size_t n = strcspn(a, "."), m = strcspn(b, ".");
        bool number = strspn(a, "0123456789") == n, other = strspn(b, "0123456789") == m;
        if (number != other)
            return number ? -1 : 1;
        if (number && n != m)
            return n < m ? -1 : 1;
        int order = memcmp(a, b, n < m ? n : m);
        if (order || n != m)
            return order ? order : n < m ? -1 : 1;
        a += n + (a[n] == '.');
        b += m + (b[m] == '.');
    }
    return (*a != 0) - (*b != 0);
}

int version_compare(const version *a, const version *b)
{
    for (int i = 0; i < 3; i++)
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? -1 : 1;
    if (!*a->pre || !*b->pre)
        return (*a->pre == 0) - (*b->pre == 0);
    return compare_pre(a->pre, b->pre);
}

/* ---- ranges ---- */

bool range_operator(const char *s)
{
    return *s && strchr("<>^~", *s);
}

/* The least version above all that begin with the first n numbers of v. */
static version above(version v, int n)
{
    v.part[n - 1]++;
    for (int i = n; i < 3; i++)
        v.part[i] = 0;
    v.pre = "";
    return v;
}

/* Where ^ ends: at the first number that is not 0, or the last that is given. */
static version above_caret(version v, int parts)
{
    int n = 1;
    while (n < parts && v.part[n - 1] == 0)
        n++;
    return above(v, n);
}

bool range_add(compilation *c, range *r, const char *s, size_t n)
{
    const char *end = s + n;
    char op = range_operator(s) ? *s++ : 0;
    bool equal = (op == '<' || op == '>') && s < end && *s == '=';
    s += equal;
    while (s < end && (*s == ' ' || *s == '\t'))
        s++;
    version v;
    int parts;
    if (!read_version(c, s, end, &v, &parts))
        return false;
    interval i = {.low = v, .high = v, .has_low = op != '<', .has_high = op != '>'};
    switch (op) {
    case '>':
        if (!equal && parts < 3)
            i.low = above(v, parts);
        else
            i.low_out = !equal;
        break;
    case '<':
        i.high_out = !equal;
        if (equal && parts < 3) {
            i.high = above(v, parts);
            i.high_out = true;
        }
        break;
    case '^':
    case '~':
        i.high = op == '^' ? above_caret(v, parts) : above(v, parts < 2 ? 1 : 2);
        i.high_out = true;
        break;
    default:
        if (parts < 3) {
            i.high = above(v, parts);
            i.high_out = true;
        }
        break;
    }
    i.named = v;
    r->list = GROW(c, r->list, r->n, r->cap);
    r->list[r->n++] = i;
    return true;
}

static bool interval_has(const interval *i, const version *v)
{
    int low = version_compare(v, &i->low), high = version_compare(v, &i->high);
    return (!i->has_low || low > 0 || (low == 0 && !i->low_out)) &&
           (!i->has_high || high < 0 || (high == 0 && !i->high_out));
}

bool range_has(const range *r, const version *v)
{
    bool asked = !*v->pre || r->n == 0;
    for (uint32_t i = 0; i < r->n; i++) {
        if (!interval_has(&r->list[i], v))
            return false;
        asked |= *r->list[i].named.pre && memcmp(r->list[i].named.part, v->part, sizeof v->part) == 0;
    }
    return asked;
}
