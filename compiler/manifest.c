/* manifest.c: META-INF/MANIFEST.ion, the metadata of a package.
 *
 * UTF-8 text, one `Key: value` a line, split at the first colon, both sides trimmed. A byte order mark and CRLF line
 * ends are tolerated; empty lines, comments (#) and unknown keys are skipped. Of a key given twice the last one counts.
 * Fields point into the arena; an empty value counts as a missing one.
 */
#include "ionc.h"

#include <string.h>

#define MANIFEST "META-INF/MANIFEST.ion"

typedef struct parser {
    compilation *c;
    const char *where;
    manifest *m;
} parser;

static const char **field(manifest *m, const char *key)
{
    const struct {
        const char *key;
        const char **field;
    } keys[] = {
        {"IonPack-Version", &m->pack_version},
        {"Name", &m->name},
        {"Version", &m->version},
        {"Main-Class", &m->main_class},
        {"Entry-Point", &m->entry_point},
        {"Description", &m->description},
        {"Author", &m->author},
        {"Dependencies", &m->dependencies},
        {"FFI-Libraries", &m->ffi_libraries},
        {"Exports", &m->exports},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i].key) == 0)
            return keys[i].field;
    return NULL;
}

static bool blank(char ch)
{
    return ch == ' ' || ch == '\t' || ch == '\r';
}

/* A copy of from..to without white space at its ends. */
static char *trimmed(compilation *c, const char *from, const char *to)
{
    while (from < to && blank(*from))
        from++;
    while (from < to && blank(to[-1]))
        to--;
    return arena_string(c, from, (size_t)(to - from));
}

static void parse_line(parser *p, const char *from, const char *to, unsigned number, uint64_t offset)
{
    const char *line = trimmed(p->c, from, to);
    if (*line == 0 || *line == '#')
        return;
    const char *colon = memchr(from, ':', (size_t)(to - from));
    if (!colon)
        fail(p->c, p->where, offset, "line %u has no colon", number);
    const char *key = trimmed(p->c, from, colon), *what = trimmed(p->c, colon + 1, to);
    const char **to_set = field(p->m, key);
    if (!to_set)
        return;
    if (*to_set)
        warn(p->c, p->where, "line %u: %s is given again; the last one counts", number, key);
    *to_set = *what ? what : NULL;
}

static void parse_lines(parser *p, text t)
{
    uint32_t at = t.n >= 3 && memcmp(t.s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    for (unsigned number = 1; at < t.n; number++) {
        const char *from = t.s + at, *end = memchr(from, '\n', t.n - at);
        const char *to = end ? end : t.s + t.n;
        parse_line(p, from, to, number, at);
        at += (uint32_t)(to - from) + 1;
    }
}

/* 1.0, 1.1 and so on. */
static bool version_known(const char *s)
{
    return strncmp(s, "1.", 2) == 0 && s[2] && s[2 + strspn(s + 2, "0123456789")] == 0;
}

manifest *manifest_parse(compilation *c, const package *p)
{
    const char *where = package_place(c, p, MANIFEST);
    const entry *e = package_find(p, MANIFEST);
    if (!e)
        fail(c, where, NO_OFFSET, "the package has no manifest");
    size_t bad;
    if (!utf8_valid(e->data.s, e->data.n, &bad))
        fail(c, where, bad, "the manifest is not UTF-8");
    const char *nul = memchr(e->data.s, 0, e->data.n);
    if (nul)
        fail(c, where, (uint64_t)(nul - e->data.s), "the manifest holds a NUL byte");
    manifest *m = arena_alloc(c, sizeof *m);
    parse_lines(&(parser){c, where, m}, e->data);
    if (!m->pack_version)
        warn(c, where, "IonPack-Version is missing; taken as 1.0");
    else if (!version_known(m->pack_version))
        fail(c, where, NO_OFFSET, "IonPack-Version %s is not known, only 1.x is", m->pack_version);
    if (!m->name)
        fail(c, where, NO_OFFSET, "Name is missing");
    if (!m->version)
        fail(c, where, NO_OFFSET, "Version is missing");
    return m;
}
