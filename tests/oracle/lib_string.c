/* lib_string.c: strings. Positions are bytes; a character is a code point, or one byte where there is no UTF-8. */
#include <string.h>

#include "lib.h"

static const string *arg(const frame *f, int i)
{
    return f->regs[i].string;
}

static bool gives_bytes(value *out, const char *s, size_t n)
{
    *out = v_string(s, n);
    return true;
}

size_t character_at(const char *text, size_t n, int32_t *c)
{
    const unsigned char *s = (const unsigned char *)text;
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF8 ? 4 : 0;
    *c = -1;
    if (len == 0 || len > n)
        return 1;
    int32_t code = len == 1 ? s[0] : s[0] & (0x7F >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 1;
        code = code << 6 | (s[i] & 0x3F);
    }
    if (code < least[len] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return 1;
    *c = code;
    return len;
}

size_t character_put(char out[4], int32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00 >> len) | c);
    return len;
}

bool lib_StrLength(process *p, frame *f, value *out)
{
    (void)p;
    *out = v_number((double)arg(f, 0)->len);
    return true;
}

static bool map_characters(const string *s, int32_t (*change)(int32_t), value *out)
{
    buffer b = {0};
    for (size_t i = 0; i < s->len;) {
        int32_t c;
        size_t n = character_at(s->text + i, s->len - i, &c);
        char changed[4];
        if (c < 0)
            buffer_put(&b, s->text + i, n);
        else
            buffer_put(&b, changed, character_put(changed, change(c)));
        i += n;
    }
    gives_bytes(out, b.data, b.len);
    buffer_free(&b);
    return true;
}

bool lib_StrUpper(process *p, frame *f, value *out)
{
    (void)p;
    return map_characters(arg(f, 0), unicode_upper, out);
}

bool lib_StrLower(process *p, frame *f, value *out)
{
    (void)p;
    return map_characters(arg(f, 0), unicode_lower, out);
}

bool lib_StrConcat(process *p, frame *f, value *out)
{
    const string *a = arg(f, 0), *b = arg(f, 1);
    if (!library_fits(p, a->len + b->len))
        return false;
    string *s = string_make(a->len + b->len);
    memcpy(s->text, a->text, a->len);
    memcpy(s->text + a->len, b->text, b->len);
    *out = (value){.type = T_STRING, .string = s};
    return true;
}

/* The first occurrence at or behind `from`, or SIZE_MAX. */
static size_t find(const string *s, size_t from, const string *wanted)
{
    if (wanted->len > s->len - from)
        return SIZE_MAX;
    const char *at = memmem(s->text + from, s->len - from, wanted->text, wanted->len);
    return at ? (size_t)(at - s->text) : SIZE_MAX;
}

static void push_piece(list *l, const string *s, size_t from, size_t to)
{
    list_push(l, v_string(s->text + from, to - from));
}

static void push_characters(list *l, const string *s)
{
    for (size_t i = 0; i < s->len;) {
        int32_t c;
        size_t n = character_at(s->text + i, s->len - i, &c);
        push_piece(l, s, i, i + n);
        i += n;
    }
}

bool lib_StrSplit(process *p, frame *f, value *out)
{
    (void)p;
    const string *s = arg(f, 0), *delimiter = arg(f, 1);
    *out = v_list(T_ARRAY, 0);
    if (delimiter->len == 0) {
        push_piece(out->list, s, 0, 0);
        push_characters(out->list, s);
        push_piece(out->list, s, 0, 0);
        return true;
    }
    size_t from = 0;
    for (size_t at; (at = find(s, from, delimiter)) != SIZE_MAX; from = at + delimiter->len)
        push_piece(out->list, s, from, at);
    push_piece(out->list, s, from, s->len);
    return true;
}

bool lib_StrTrim(process *p, frame *f, value *out)
{
    (void)p;
    const string *s = arg(f, 0);
    size_t from = s->len, to = 0;
    for (size_t i = 0; i < s->len;) {
        int32_t c;
        size_t n = character_at(s->text + i, s->len - i, &c);
        if (!unicode_space(c)) {
            from = i < from ? i : from;
            to = i + n;
        }
        i += n;
    }
    return to ? gives_bytes(out, s->text + from, to - from) : gives_bytes(out, "", 0);
}

bool lib_StrFind(process *p, frame *f, value *out)
{
    (void)p;
    size_t at = find(arg(f, 0), 0, arg(f, 1));
    *out = v_number(at == SIZE_MAX ? -1 : (double)at);
    return true;
}

bool lib_StrSlice(process *p, frame *f, value *out)
{
    (void)p;
    size_t from, to;
    clamp_slice(f->regs[1].number, f->regs[2].number, arg(f, 0)->len, &from, &to);
    return gives_bytes(out, arg(f, 0)->text + from, to - from);
}

bool lib_StrReplace(process *p, frame *f, value *out)
{
    const string *s = arg(f, 0), *what = arg(f, 1), *with = arg(f, 2);
    if (what->len == 0) { /* nothing to replace */
        *out = f->regs[0];
        return true;
    }
    buffer b = {0};
    size_t from = 0;
    for (size_t at; b.len <= STRING_MOST && (at = find(s, from, what)) != SIZE_MAX; from = at + what->len) {
        buffer_put(&b, s->text + from, at - from);
        buffer_put(&b, with->text, with->len);
    }
    buffer_put(&b, s->text + from, s->len - from);
    bool done = library_fits(p, b.len) && gives_bytes(out, b.data, b.len);
    buffer_free(&b);
    return done;
}

bool lib_StrChars(process *p, frame *f, value *out)
{
    (void)p;
    *out = v_list(T_ARRAY, 0);
    push_characters(out->list, arg(f, 0));
    return true;
}
