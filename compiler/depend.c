/* depend.c: the manifest's Dependencies: `std@1.0, http-client@>=2.0,<3.0, math-lib`.
 *
 * Pieces between commas, white space around them and around `@` aside. A piece that begins with a comparison operator
 * continues the range before it; every other one begins with a name. Empty pieces are passed over.
 */
#include <ctype.h>
#include <string.h>

#include "ionc.h"

enum { PIECES_MAX = 100 }; /* of one range */

typedef struct reader {
    compilation *c;
    const char *where;
    requirement *list;
    uint32_t n, cap;
} reader;

bool dependency_name(const char *s, size_t n)
{
    if (n == 0 || n > 200 || *s == '.' || *s == '-')
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)s[i];
        if (ch <= ' ' || ch == 0x7F || strchr("/\\:@,<>^~\"'*?|", ch))
            return false;
    }
    return true;
}

static const char *trim(const char *from, const char **end)
{
    while (from < *end && isspace((unsigned char)*from))
        from++;
    while (from < *end && isspace((unsigned char)(*end)[-1]))
        (*end)--;
    return from;
}

static void add_range(reader *r, requirement *q, const char *from, const char *end)
{
    from = trim(from, &end);
    if (!range_add(r->c, &q->range, from, (size_t)(end - from)))
        fail(r->c, r->where, NO_OFFSET, "Dependencies: '%.*s' is no version and no range, of %s", (int)(end - from),
             from, q->name);
}

static void read_piece(reader *r, const char *from, const char *end)
{
    from = trim(from, &end);
    if (from == end)
        return;
    if (range_operator(from)) {
        requirement *last = r->n ? &r->list[r->n - 1] : NULL;
        if (!last || !last->range.n)
            fail(r->c, r->where, NO_OFFSET, "Dependencies: '%.*s' continues no range", (int)(end - from), from);
        if (last->range.n == PIECES_MAX)
            fail(r->c, r->where, NO_OFFSET, "Dependencies: more than %d pieces in the range of %s", PIECES_MAX, last->name);
        add_range(r, last, from, end);
        last->text = arena_format(r->c, "%s,%.*s", last->text, (int)(end - from), from);
        return;
    }
    const char *at = memchr(from, '@', (size_t)(end - from)), *name_end = at ? at : end;
    from = trim(from, &name_end);
    if (!dependency_name(from, (size_t)(name_end - from)))
        fail(r->c, r->where, NO_OFFSET, "Dependencies: '%.*s' cannot be the name of a package", (int)(name_end - from),
             from);
    r->list = GROW(r->c, r->list, r->n, r->cap);
    requirement *q = &r->list[r->n++];
    *q = (requirement){.name = arena_string(r->c, from, (size_t)(name_end - from))};
    q->text = q->name;
    if (!at)
        return;
    add_range(r, q, at + 1, end);
    from = trim(at + 1, &end);
    q->text = arena_format(r->c, "%s@%.*s", q->name, (int)(end - from), from);
}

requirement *requirements_read(compilation *c, const manifest *m, const char *where, uint32_t *n)
{
    reader r = {.c = c, .where = where};
    for (const char *at = m->dependencies; at; at = *at ? at + 1 : NULL) {
        const char *end = at + strcspn(at, ",");
        read_piece(&r, at, end);
        at = end;
        if (!*at)
            break;
    }
    *n = r.n;
    return r.list;
}
