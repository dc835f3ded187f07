/* lex.c: the text form as tokens.
 *
 * The lexer holds one token and knows where it started, so that a parser can read on from there character by character
 * where a form is no sequence of tokens (numbers, paths, flags, the rest of a line). Comments go from `;` or `//` to
 * the end of the line. Line ends are tokens, except inside brackets.
 *
 * Invariants: the source is valid UTF-8, so what is taken out of it is too; `line` is the line of the current token.
 */
#include "asm.h"

#include <string.h>

void fail_at_line(compilation *c, uint32_t line, const char *format, ...)
{
    char what[400], where[24];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    snprintf(where, sizeof where, "line %u", line);
    fail(c, where, NO_OFFSET, "%s", what);
}

void lex_fail(const lexer *l, const char *format, ...)
{
    char what[400];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    fail_at_line(l->c, l->line, "%s", what);
}

void lex_expected(const lexer *l, const char *what)
{
    int n = (int)(l->p - l->start);
    switch (l->kind) {
    case T_END: lex_fail(l, "expected %s, found the end of the file", what);
    case T_NEWLINE: lex_fail(l, "expected %s, found the end of the line", what);
    default: lex_fail(l, "expected %s, found %.*s", what, n > 60 ? 60 : n, l->start);
    }
}

/* ---- characters ---- */

static bool is_letter(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' || ch == '$';
}

bool is_word_char(char ch)
{
    return is_letter(ch) || (ch >= '0' && ch <= '9');
}

static char lower(char ch)
{
    return ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
}

bool same_word(text word, const char *name)
{
    for (uint32_t i = 0; i < word.n; i++)
        if (lower(word.s[i]) != lower(name[i]) || !name[i])
            return false;
    return name[word.n] == 0;
}

/* The end of the word that starts at p; p itself if there is none. */
static const char *word_end(const char *p, const char *end)
{
    if (p < end && is_letter(*p))
        while (p < end && is_word_char(*p))
            p++;
    return p;
}

static const char *path_end(const char *p, const char *end)
{
    const char *at = word_end(p, end);
    while (at != p && at < end && (*at == ':' || *at == '.' || *at == '/')) {
        const char *next = word_end(at + 1, end);
        if (next == at + 1)
            break;
        at = next;
    }
    return at;
}

bool is_plain_word(text t)
{
    return t.n > 0 && word_end(t.s, t.s + t.n) == t.s + t.n;
}

bool is_plain_path(text t)
{
    return t.n > 0 && path_end(t.s, t.s + t.n) == t.s + t.n;
}

/* ---- quoted text ---- */

static void put_utf8(buffer *b, uint32_t code)
{
    char s[4];
    if (code < 0x80) {
        s[0] = (char)code;
        buf_put(b, s, 1);
    } else if (code < 0x800) {
        s[0] = (char)(0xC0 | code >> 6);
        s[1] = (char)(0x80 | (code & 0x3F));
        buf_put(b, s, 2);
    } else if (code < 0x10000) {
        s[0] = (char)(0xE0 | code >> 12);
        s[1] = (char)(0x80 | (code >> 6 & 0x3F));
        s[2] = (char)(0x80 | (code & 0x3F));
        buf_put(b, s, 3);
    } else {
        s[0] = (char)(0xF0 | code >> 18);
        s[1] = (char)(0x80 | (code >> 12 & 0x3F));
        s[2] = (char)(0x80 | (code >> 6 & 0x3F));
        s[3] = (char)(0x80 | (code & 0x3F));
        buf_put(b, s, 4);
    }
}

/* `{…}` of `\u{…}`. */
static const char *lex_unicode(lexer *l, const char *p, buffer *b)
{
    uint32_t code = 0, n = 0;
    if (p == l->end || *p++ != '{')
        lex_fail(l, "\\u needs a code point in braces");
    for (; p < l->end && *p != '}' && n < 7; p++, n++) {
        char ch = lower(*p);
        if ((ch < '0' || ch > '9') && (ch < 'a' || ch > 'f'))
            lex_fail(l, "\\u{…} takes hexadecimal digits");
        code = code << 4 | (uint32_t)(ch <= '9' ? ch - '0' : ch - 'a' + 10);
    }
    if (n == 0 || p == l->end || *p != '}' || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        lex_fail(l, "\\u{…} is no Unicode code point");
    put_utf8(b, code);
    return p + 1;
}

static const char *lex_escape(lexer *l, const char *p, buffer *b)
{
    static const char letters[] = "ntr\\\"'", meant[] = "\n\t\r\\\"'";
    if (p < l->end && *p == 'u')
        return lex_unicode(l, p + 1, b);
    const char *found = p < l->end && *p ? strchr(letters, *p) : NULL;
    if (!found)
        lex_fail(l, "unknown escape, known are \\n \\t \\r \\\\ \\\" \\' \\u{…}");
    buf_put(b, meant + (found - letters), 1);
    return p + 1;
}

static void lex_quoted(lexer *l, char quote)
{
    buffer b = {.c = l->c};
    const char *p = l->p + 1, *run = p;
    for (;; run = p) {
        while (p < l->end && *p != quote && *p != '\\' && *p != '\n')
            p++;
        buf_put(&b, run, (size_t)(p - run));
        if (p == l->end || *p == '\n')
            lex_fail(l, "no closing %c on this line", quote);
        if (*p == quote)
            break;
        p = lex_escape(l, p + 1, &b);
    }
    l->text = (text){b.data, (uint32_t)b.len};
    l->p = p + 1;
}

/* ---- tokens ---- */

/* A comment's text; one that announces a function is remembered for listings. */
static void lex_comment(lexer *l)
{
    static const char announce[] = "Function:";
    const char *p = l->p + (*l->p == ';' ? 1 : 2);
    while (l->p < l->end && *l->p != '\n')
        l->p++;
    while (p < l->p && (*p == ' ' || *p == '\t'))
        p++;
    size_t n = sizeof announce - 1;
    if ((size_t)(l->p - p) > n && memcmp(p, announce, n) == 0)
        l->heading = (text){p + n, (uint32_t)(l->p - p - n)};
}

static void skip_blank(lexer *l)
{
    for (; l->p < l->end; l->p++) {
        char ch = *l->p;
        if (ch == '\n' && l->depth) {
            l->line++;
        } else if (ch == ';' || (ch == '/' && l->p + 1 < l->end && l->p[1] == '/')) {
            lex_comment(l);
            l->p--;
        } else if (ch != ' ' && ch != '\t' && ch != '\r') {
            return;
        }
    }
}

void lex_next(lexer *l)
{
    if (l->kind == T_NEWLINE)
        l->line++;
    skip_blank(l);
    l->start = l->p;
    l->text = (text){l->p, 0};
    if (l->p == l->end) {
        l->kind = T_END;
        return;
    }
    char ch = *l->p;
    if (ch == '\n') {
        l->kind = T_NEWLINE;
        l->p++;
    } else if (is_letter(ch)) {
        l->kind = T_WORD;
        l->p = word_end(l->p, l->end);
        l->text.n = (uint32_t)(l->p - l->start);
    } else if (ch >= '0' && ch <= '9') {
        l->kind = T_DIGITS;
        while (l->p < l->end && *l->p >= '0' && *l->p <= '9')
            l->p++;
        l->text.n = (uint32_t)(l->p - l->start);
    } else if (ch == '"' || ch == '\'') {
        l->kind = ch == '"' ? T_STRING : T_ATOM;
        lex_quoted(l, ch);
    } else if (ch == '.' && word_end(l->p + 1, l->end) != l->p + 1) {
        l->kind = T_DIRECTIVE;
        l->p = word_end(l->p + 1, l->end);
        l->text = (text){l->start + 1, (uint32_t)(l->p - l->start - 1)};
    } else {
        l->kind = T_MARK;
        l->mark = ch;
        l->p++;
        while (l->p < l->end && (*l->p & 0xC0) == 0x80)
            l->p++;
    }
}

void lex_start(lexer *l, compilation *c, text data)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    size_t bad;
    *l = (lexer){.c = c, .p = data.s, .end = data.s + data.n, .line = 1, .kind = T_MARK};
    if (!utf8_valid(data.s, data.n, &bad)) {
        for (size_t i = 0; i < bad; i++)
            l->line += data.s[i] == '\n';
        lex_fail(l, "not valid UTF-8");
    }
    if (data.n >= 3 && memcmp(data.s, byte_order_mark, 3) == 0)
        l->p += 3;
    lex_next(l);
}

void lex_resume(lexer *l, const char *p)
{
    l->p = p;
    l->kind = T_MARK;
    lex_next(l);
}

bool lex_is(const lexer *l, char mark)
{
    return l->kind == T_MARK && l->mark == mark;
}

bool lex_is_word(const lexer *l, const char *word)
{
    return l->kind == T_WORD && text_equal(l->text, text_of(word));
}

bool lex_accept(lexer *l, char mark)
{
    if (!lex_is(l, mark))
        return false;
    lex_next(l);
    return true;
}

void lex_expect(lexer *l, char mark)
{
    char what[4] = {'\'', mark, '\'', 0};
    if (!lex_accept(l, mark))
        lex_expected(l, what);
}

void lex_open(lexer *l, char mark)
{
    l->depth++;
    lex_expect(l, mark);
}

void lex_close(lexer *l, char mark)
{
    l->depth -= l->depth > 0;
    lex_expect(l, mark);
}

text lex_path(lexer *l, const char *from)
{
    const char *after = path_end(from, l->end);
    if (after == from)
        lex_expected(l, "a name");
    lex_resume(l, after);
    return (text){arena_string(l->c, from, (size_t)(after - from)), (uint32_t)(after - from)};
}

text lex_name(lexer *l)
{
    if (l->kind != T_STRING)
        return lex_path(l, l->start);
    text t = l->text;
    lex_next(l);
    return t;
}

uint32_t lex_u32(lexer *l, const char *what)
{
    uint64_t n = 0;
    if (l->kind != T_DIGITS)
        lex_expected(l, what);
    for (uint32_t i = 0; i < l->text.n; i++) {
        n = n * 10 + (uint64_t)(l->text.s[i] - '0');
        if (n > UINT32_MAX)
            lex_fail(l, "%.*s is too large for %s", l->text.n > 40 ? 40 : (int)l->text.n, l->text.s, what);
    }
    lex_next(l);
    return (uint32_t)n;
}

text lex_rest(lexer *l)
{
    const char *from = l->start, *to = from;
    if (l->kind == T_NEWLINE || l->kind == T_END)
        return (text){from, 0};
    while (to < l->end && *to != '\n')
        to++;
    const char *after = to;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    lex_resume(l, after);
    return (text){from, (uint32_t)(to - from)};
}
