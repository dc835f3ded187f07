/* memory.c: the arena and the byte buffer.
 *
 * The arena is a list of chunks, bumped through and released together. Nothing in it is given back before the end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

typedef struct chunk {
    struct chunk *next;
    size_t used, size;
    _Alignas(16) char bytes[];
} chunk;

enum { CHUNK_BYTES = 1 << 20 };

static chunk *chunks;

static void out_of_memory(void)
{
    fputs("oracle: out of memory\n", stderr);
    exit(1);
}

void *heap_resize(void *old, size_t bytes)
{
    void *p = realloc(old, bytes ? bytes : 1);
    if (!p)
        out_of_memory();
    return p;
}

static chunk *chunk_new(size_t size)
{
    chunk *c = calloc(1, sizeof(chunk) + size);
    if (!c)
        out_of_memory();
    c->size = size;
    return c;
}

void *mem_alloc(size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    if (bytes > CHUNK_BYTES / 4) {
        /* a chunk of its own, behind the one being filled */
        chunk *c = chunk_new(bytes);
        c->used = bytes;
        c->next = chunks ? chunks->next : NULL;
        if (chunks)
            chunks->next = c;
        else
            chunks = c;
        return c->bytes;
    }
    if (!chunks || chunks->size - chunks->used < bytes) {
        chunk *c = chunk_new(CHUNK_BYTES);
        c->next = chunks;
        chunks = c;
    }
    void *p = chunks->bytes + chunks->used;
    chunks->used += bytes;
    return p;
}

void *mem_grow(void *old, size_t old_bytes, size_t bytes)
{
    void *p = mem_alloc(bytes);
    if (old_bytes)
        memcpy(p, old, old_bytes);
    return p;
}

void *mem_room(void *array, size_t count, size_t *cap, size_t element)
{
    if (count < *cap)
        return array;
    *cap = *cap ? *cap * 2 : 4;
    return mem_grow(array, count * element, *cap * element);
}

void mem_release_all(void)
{
    while (chunks) {
        chunk *next = chunks->next;
        free(chunks);
        chunks = next;
    }
}

static void buffer_room(buffer *b, size_t n)
{
    if (b->cap - b->len > n)
        return;
    size_t cap = b->cap ? b->cap * 2 : 64;
    while (cap - b->len <= n)
        cap *= 2;
    b->data = heap_resize(b->data, cap);
    b->cap = cap;
}

void buffer_put(buffer *b, const void *bytes, size_t n)
{
    buffer_room(b, n);
    if (n)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = 0;
}

void buffer_puts(buffer *b, const char *s)
{
    buffer_put(b, s, strlen(s));
}

static void buffer_vprintf(buffer *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    buffer_room(b, (size_t)n);
    vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
    b->len += (size_t)n;
    va_end(again);
}

void buffer_printf(buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buffer_vprintf(b, format, args);
    va_end(args);
}

void buffer_free(buffer *b)
{
    free(b->data);
    *b = (buffer){0};
}

static const char *const formats[] = {
#define ION_MSG(NAME, format) [MSG_##NAME] = format,
#include "ion/messages.def"
#undef ION_MSG
};

void buffer_message_list(buffer *b, enum message m, va_list args)
{
    buffer_vprintf(b, formats[m], args);
}

void buffer_message(buffer *b, enum message m, ...)
{
    va_list args;
    va_start(args, m);
    buffer_message_list(b, m, args);
    va_end(args);
}

void report(enum message m, ...)
{
    va_list args;
    va_start(args, m);
    vfprintf(stderr, formats[m], args);
    va_end(args);
}
