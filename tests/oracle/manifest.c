/* manifest.c: META-INF/MANIFEST.ion, `Key: value` lines. An empty value is a missing one. */
#include <ctype.h>
#include <string.h>

#include "code.h"

/* The text from `from` to `to` without white space at its ends, in the arena. */
static char *trimmed(const char *from, const char *to)
{
    while (from < to && isspace((unsigned char)*from))
        from++;
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    char *s = mem_alloc((size_t)(to - from) + 1);
    memcpy(s, from, (size_t)(to - from));
    return s;
}

/* Nothing, or `1.` and digits. */
static bool version_ok(const char *s)
{
    if (*s == 0)
        return true;
    return strncmp(s, "1.", 2) == 0 && s[2] && strspn(s + 2, "0123456789") == strlen(s + 2);
}

/* What a line says. False: the manifest is to be refused. */
static bool take(manifest *m, const char *key, const char *rest, bool *has_name, bool *has_version)
{
    const char *given = *rest ? rest : NULL;
    if (strcmp(key, "Main-Class") == 0)
        m->main_class = given;
    else if (strcmp(key, "Entry-Point") == 0)
        m->entry_point = given;
    else if (strcmp(key, "Name") == 0)
        *has_name = (m->name = given) != NULL;
    else if (strcmp(key, "Version") == 0)
        *has_version = given != NULL;
    else if (strcmp(key, "IonPack-Version") == 0)
        return version_ok(rest);
    return true;
}

bool manifest_read(const pack *p, manifest *out)
{
    const entry *e = pack_find(p, "META-INF/MANIFEST.ion");
    if (!e || !utf8_ok(e->data, e->len) || memchr(e->data, 0, e->len))
        return false;
    *out = (manifest){0};
    bool has_name = false, has_version = false;
    const char *start = e->data + (strncmp(e->data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
    for (const char *line = start, *end = e->data + e->len, *next; line < end; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline ? newline : end;
        next = newline ? newline + 1 : end;
        const char *text = trimmed(line, stop);
        if (text[0] == 0 || text[0] == '#')
            continue;
        const char *colon = strchr(text, ':');
        if (!colon)
            return false;
        const char *key = trimmed(text, colon), *rest = trimmed(colon + 1, colon + strlen(colon));
        if (!take(out, key, rest, &has_name, &has_version))
            return false;
    }
    return has_name && has_version;
}
