/* outbuf.c: growing texts. */
#include <stdio.h>

#include "mem.h"
#include "print.h"

outbuf out_start(char *storage, size_t size)
{
    return (outbuf){.data = storage, .cap = size, .borrowed = true};
}

enum { MAPPED = 256 * 1024 };

/* Memory for that much: what is there has been taken along unless it lay elsewhere. */
static char *grown(outbuf *o, size_t cap)
{
    if (cap >= MAPPED)
        return o->mapped ? mem_remap(o->data, o->cap, cap) : mem_map(cap);
    return o->borrowed ? mem_alloc(cap) : mem_realloc(o->data, cap);
}

static bool out_grow(outbuf *o, size_t n)
{
    if (n > OUT_MAX - o->len) {
        o->huge = true;
        return false;
    }
    size_t cap = o->cap < 128 ? 256 : 2 * o->cap;
    while (cap < o->len + n)
        cap *= 2;
    char *data = grown(o, cap);
    if (!data)
        return false;
    if (o->len && (o->borrowed || (cap >= MAPPED && !o->mapped))) {
        memcpy(data, o->data, o->len);
        if (!o->borrowed)
            mem_free(o->data);
    }
    o->mapped = cap >= MAPPED;
    o->borrowed = false;
    o->data = data;
    o->cap = cap;
    return true;
}

void out_put(outbuf *o, const char *bytes, size_t n)
{
    if (n == 0 || o->failed)
        return;
    if (n > o->cap - o->len && !out_grow(o, n)) {
        o->failed = true;
        return;
    }
    memcpy(o->data + o->len, bytes, n);
    o->len += n;
}

void out_puts(outbuf *o, const char *s)
{
    out_put(o, s, strlen(s));
}

void out_format(outbuf *o, const char *format, va_list list)
{
    char fixed[512];
    va_list again;
    va_copy(again, list);
    int n = vsnprintf(fixed, sizeof fixed, format, list);
    if (n < (int)sizeof fixed) {
        out_put(o, fixed, n > 0 ? (size_t)n : 0);
    } else {
        char *text = mem_alloc((size_t)n + 1);
        if (text)
            vsnprintf(text, (size_t)n + 1, format, again);
        out_put(o, text ? text : fixed, text ? (size_t)n : sizeof fixed - 1);
        mem_free(text);
    }
    va_end(again);
}

void out_free(outbuf *o)
{
    if (o->mapped)
        mem_unmap(o->data, o->cap);
    else if (!o->borrowed)
        mem_free(o->data);
    *o = (outbuf){0};
}
