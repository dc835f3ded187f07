/* signature.c: declarations of C functions → signatures.
 *
 *   declaration: type NAME "(" [ "void" | parameter { "," parameter } ] ")" [ "blocking" ]
 *   parameter:   type [NAME] | type "(" "*" [NAME] ")" "(" [ "void" | type [NAME] { "," type [NAME] } ] ")"
 *   type:        a name of native_types.def
 *
 * What a signature says is sure to be possible: whoever uses one checks nothing again.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "signature.h"

const native_type native_types[NATIVE_KINDS] = {
#define ION_NATIVE_TYPE(name, KIND, c, expected, whole) {#name, c, expected, whole},
#include "ion/native_types.def"
#undef ION_NATIVE_TYPE
    {"callback", "void *", "Function", false},
};

/* The rest of a declaration; `why` is filled in by the first thing that is wrong. */
typedef struct reader {
    const char *at, *end;
    char *why;
    size_t space;
} reader;

__attribute__((format(printf, 2, 3))) static bool wrong(reader *r, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(r->why, r->space, format, list);
    va_end(list);
    return false;
}

static void skip_blanks(reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool take(reader *r, char c)
{
    skip_blanks(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static bool expect(reader *r, char c)
{
    if (take(r, c))
        return true;
    if (r->at == r->end)
        return wrong(r, "'%c' is missing at the end", c);
    return wrong(r, "'%c' expected before '%.*s'", c, (int)(r->end - r->at < 20 ? r->end - r->at : 20), r->at);
}

/* A word of letters and digits, which may be empty. */
static size_t word(reader *r, const char **start)
{
    skip_blanks(r);
    *start = r->at;
    if (r->at < r->end && is_letter(*r->at))
        while (r->at < r->end && (is_letter(*r->at) || (*r->at >= '0' && *r->at <= '9')))
            r->at++;
    return (size_t)(r->at - *start);
}

static bool type(reader *r, uint8_t *kind)
{
    const char *start;
    size_t n = word(r, &start);
    for (unsigned k = 0; k < NATIVE_CALLBACK; k++) {
        if (strlen(native_types[k].name) == n && memcmp(native_types[k].name, start, n) == 0) {
            *kind = (uint8_t)k;
            return true;
        }
    }
    if (!n)
        return wrong(r, "a type is missing");
    if (n == 5 && memcmp(start, "const", n) == 0)
        return wrong(r, "no type const; text is `string` or `bytes`");
    return wrong(r, "no type %.*s", (int)(n < 40 ? n : 40), start);
}

/* What a callback takes. */
static bool callback_params(reader *r, callback_type *c)
{
    const char *start;
    if (!expect(r, '('))
        return false;
    if (take(r, ')'))
        return true;
    do {
        uint8_t kind;
        if (!type(r, &kind))
            return false;
        (void)word(r, &start);
        if (kind == NATIVE_VOID && c->n == 0 && take(r, ')'))
            return true;
        if (kind == NATIVE_VOID || kind == NATIVE_BYTES || kind == NATIVE_VALUE)
            return wrong(r, "a callback cannot take %s", native_types[kind].name);
        if (c->n == NATIVE_PARAMS)
            return wrong(r, "more than %d parameters", NATIVE_PARAMS);
        c->params[c->n++] = kind;
    } while (take(r, ','));
    return expect(r, ')');
}

static bool callback(reader *r, signature *s, uint8_t result)
{
    const char *start;
    size_t most = sizeof s->callbacks / sizeof *s->callbacks;
    if (result == NATIVE_STRING || result == NATIVE_BYTES || result == NATIVE_VALUE)
        return wrong(r, "a callback cannot give %s", native_types[result].name);
    if (s->ncallbacks == most)
        return wrong(r, "more than %zu callbacks", most);
    callback_type *c = &s->callbacks[s->ncallbacks++];
    c->result = result;
    if (!expect(r, '*'))
        return false;
    (void)word(r, &start);
    return expect(r, ')') && callback_params(r, c);
}

static bool params(reader *r, signature *s)
{
    const char *start;
    if (take(r, ')'))
        return true;
    do {
        uint8_t kind;
        if (take(r, '.'))
            return wrong(r, "a function with a variable number of arguments cannot be called");
        if (!type(r, &kind))
            return false;
        if (take(r, '*'))
            return wrong(r, "pointers are of type `pointer`, text of type `string`");
        if (take(r, '(')) {
            if (!callback(r, s, kind))
                return false;
            kind = NATIVE_CALLBACK;
        } else {
            (void)word(r, &start);
            if (kind == NATIVE_VOID && s->n == 0 && take(r, ')'))
                return true;
            if (kind == NATIVE_VOID)
                return wrong(r, "a parameter of type void");
        }
        if (s->n == NATIVE_PARAMS)
            return wrong(r, "more than %d parameters", NATIVE_PARAMS);
        s->params[s->n++] = kind;
        s->values |= kind == NATIVE_VALUE;
    } while (take(r, ','));
    return expect(r, ')');
}

bool signature_parse(signature *s, const char *text, const char *end, char *why, size_t space)
{
    reader r = {text, end, why, space};
    const char *start;
    *s = (signature){0};
    if (!type(&r, &s->result))
        return false;
    if (take(&r, '*'))
        return wrong(&r, "pointers are of type `pointer`, text of type `string`");
    if (s->result == NATIVE_BYTES)
        return wrong(&r, "a function cannot give bytes, as nobody knows how many; `pointer` or `string`");
    size_t n = word(&r, &start);
    if (!n)
        return wrong(&r, "the function's name is missing");
    if (n >= sizeof s->name)
        return wrong(&r, "a name of more than %d bytes", NATIVE_NAME - 1);
    memcpy(s->name, start, n);
    s->values = s->result == NATIVE_VALUE;
    if (!expect(&r, '(') || !params(&r, s))
        return false;
    n = word(&r, &start);
    s->blocking = n == 8 && memcmp(start, "blocking", n) == 0;
    skip_blanks(&r);
    if (r.at != r.end || (n && !s->blocking))
        return wrong(&r, "nothing but `blocking` may stand behind the declaration");
    if (s->blocking && s->ncallbacks)
        return wrong(&r, "a blocking function cannot take callbacks");
    if (s->blocking && s->values)
        return wrong(&r, "a blocking function cannot take or give values");
    return true;
}

bool signature_plain(const signature *s)
{
    bool plain = !s->blocking && s->result != NATIVE_STRING && s->result != NATIVE_VALUE;
    for (unsigned i = 0; i < s->n; i++)
        plain &= s->params[i] != NATIVE_STRING && s->params[i] != NATIVE_BYTES && s->params[i] != NATIVE_VALUE &&
                 s->params[i] != NATIVE_CALLBACK;
    return plain;
}
