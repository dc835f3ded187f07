/* malformed.c: runs the suites of this folder and counts; the notation for bytes that they are written in. */
#include "malformed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned passed, failed;
static buffer *warnings; /* of the compilation that runs */

static void collect(void *to, const char *line)
{
    (void)to;
    buf_puts(warnings, line);
    buf_puts(warnings, " | ");
}

compilation *start(const options *opt)
{
    compilation *c = compilation_new("t", opt, collect, NULL);
    if (!c)
        abort();
    if (!COMPILATION_TRY(c))
        abort();
    warnings = arena_alloc(c, sizeof *warnings);
    warnings->c = c;
    return c;
}

void report(const char *name, bool good, const char *got)
{
    if (good) {
        passed++;
        printf("ok %s\n", name);
    } else {
        failed++;
        printf("not ok %s: got %s\n", name, got);
    }
}

void skip(const char *name, const char *why)
{
    printf("skip %s: %s\n", name, why);
}

void finish(compilation *c, const char *name, bool done, const char *want)
{
    char *got = NULL;
    if (COMPILATION_TRY(c))
        got = arena_format(c, "%s%s", warnings->data ? warnings->data : "", done ? "read" : c->message);
    else
        abort();
    report(name, strcmp(got, want) == 0, got);
    compilation_free(c);
}

/* ---- the notation -------------------------------------------------------------------------------------------------
 */

static void put_u32(buffer *b, uint32_t n)
{
    unsigned char four[4] = {(unsigned char)n, (unsigned char)(n >> 8), (unsigned char)(n >> 16),
                             (unsigned char)(n >> 24)};
    buf_put(b, four, 4);
}

static const char *put_words(buffer *b, const char *p);

/* `N*(words)`; gives what follows. */
static const char *put_repeated(buffer *b, const char *p)
{
    char *open;
    unsigned long times = strtoul(p, &open, 10);
    const char *end = open + 2;
    for (unsigned long i = 0; i < times; i++)
        end = put_words(b, open + 2);
    return end + 1;
}

static const char *put_quoted(buffer *b, const char *p)
{
    const char *end = strchr(p + 1, *p);
    if (*p == '"')
        put_u32(b, (uint32_t)(end - p - 1));
    buf_put(b, p + 1, (size_t)(end - p - 1));
    return end + 1;
}

/* Up to the end or a closing parenthesis. */
static const char *put_words(buffer *b, const char *p)
{
    while (*p && *p != ')') {
        char *end = (char *)p + 1;
        if (*p == '"' || *p == '\'') {
            end = (char *)put_quoted(b, p);
        } else if (*p == '#') {
            put_u32(b, (uint32_t)strtoll(p + 1, &end, 10));
        } else if (*p == '=') {
            double d = strtod(p + 1, &end);
            buf_put(b, &d, sizeof d);
        } else if (isdigit((unsigned char)*p) && p[strspn(p, "0123456789")] == '*') {
            end = (char *)put_repeated(b, p);
        } else if (*p != ' ') {
            unsigned char byte = (unsigned char)strtoul(p, &end, 16);
            buf_put(b, &byte, 1);
        }
        p = end;
    }
    return p;
}

text bytes(compilation *c, const char *description)
{
    buffer b = {.c = c};
    buf_put(&b, "", 0);
    put_words(&b, description);
    return (text){b.data, (uint32_t)b.len};
}

int main(void)
{
    class_cases();
    encode_cases();
    dialect_cases();
    manifest_cases();
    depend_cases();
    round_trips();
    real_packs("../shared/packs");
    char folder[] = "/tmp/ionc-malformed-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return 2;
    archive_cases(folder);
    sign_cases(folder);
    if (chdir("/") != 0 || rmdir(folder) != 0)
        return 2;
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
