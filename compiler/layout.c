/* layout.c: C as people indent it, from statements that the emitter puts one a line without a look at what is around.
 *
 * A line that ends with { opens a level, one that begins with } closes one; an `if` without a { takes the next line with
 * it. Labels stand at the margin, comments and statements at their level. Lines of preprocessor or text across lines do not occur.
 */
#include <string.h>

#include "ionc.h"

static bool is_label(const char *line, size_t n)
{
    return line[n - 1] == ':' && !memchr(line, ' ', n);
}

static bool is_condition(const char *line, size_t n)
{
    return n > 3 && (memcmp(line, "if ", 3) == 0 || (n > 8 && memcmp(line, "} else if ", 8) == 0)) && line[n - 1] == ')';
}

static void put_line(buffer *o, int level, const char *line, size_t n)
{
    size_t margin = level > 0 ? 4 * (size_t)level : 0, most = margin + n + 1;
    if (most >= o->cap - o->len)
        buf_grow(o, most);
    char *at = o->data + o->len;
    for (; level > 0; level--, at += 4)
        memcpy(at, "    ", 4);
    memcpy(at, line, n);
    memcpy(at + n, "\n", 2);
    o->len += most;
}

void emit_laid_out(buffer *o, const char *text, size_t size)
{
    int level = 1;
    bool under = false; /* an `if` */
    for (const char *end = text + size, *next; text < end; text = next) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        next = newline ? newline + 1 : end;
        size_t n = (size_t)((newline ? newline : end) - text);
        while (n >= 4 && memcmp(text, "    ", 4) == 0)
            text += 4, n -= 4;
        while (n && *text == ' ')
            text++, n--;
        if (n == 0)
            continue;
        if (*text == '}')
            level--;
        put_line(o, is_label(text, n) ? 0 : level + under, text, n);
        level += text[n - 1] == '{';
        under = is_condition(text, n);
    }
}
