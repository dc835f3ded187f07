/* outbuf.c: what printing is made of besides values: growing texts, and maps by identity. */
#include <stdio.h>

#include "mem.h"
#include "print.h"

/* ---- growing texts ---- */

outbuf out_start(char *storage, size_t size)
{
    return (outbuf){.data = storage, .cap = size, .borrowed = true};
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
    char *data = o->borrowed ? mem_alloc(cap) : mem_realloc(o->data, cap);
    if (!data)
        return false;
    if (o->borrowed)
        memcpy(data, o->data, o->len);
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
    if (!o->borrowed)
        mem_free(o->data);
    *o = (outbuf){0};
}

/* ---- maps by identity: open addressing, at most half full; the key 0 (the number 0) marks a free entry ---- */

struct idmap_entry {
    ion_value key;
    uint32_t number;
};

static struct idmap_entry *entry_of(struct idmap_entry *entries, uint32_t cap, ion_value v)
{
    uint32_t at = (uint32_t)(v * 0x9E3779B97F4A7C15u >> 32) & (cap - 1);
    while (entries[at].key && entries[at].key != v)
        at = (at + 1) & (cap - 1);
    return &entries[at];
}

static bool idmap_grow(idmap *m)
{
    uint32_t cap = m->cap ? 2 * m->cap : 64;
    struct idmap_entry *entries = cap ? mem_zalloc(cap * sizeof *entries) : NULL;
    if (!entries)
        return false;
    for (uint32_t i = 0; i < m->cap; i++)
        if (m->entries[i].key)
            *entry_of(entries, cap, m->entries[i].key) = m->entries[i];
    mem_free(m->entries);
    m->entries = entries;
    m->cap = cap;
    return true;
}

uint32_t *idmap_at(idmap *m, ion_value v)
{
    if (m->count >= m->cap / 2 && !idmap_grow(m))
        return NULL;
    struct idmap_entry *e = entry_of(m->entries, m->cap, v);
    m->count += e->key == 0;
    e->key = v;
    return &e->number;
}

uint32_t idmap_get(const idmap *m, ion_value v)
{
    return m->cap ? entry_of(m->entries, m->cap, v)->number : 0;
}

void idmap_free(idmap *m)
{
    mem_free(m->entries);
    *m = (idmap){0};
}
