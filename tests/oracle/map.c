/* map.c: a hash map keyed by two pointers, and a stack of values: the work lists of printing, equality and copying. */
#include <stdlib.h>
#include <string.h>

#include "value.h"

typedef struct map_entry {
    const void *a, *b; /* a NULL: free */
    value value;
} map_entry;

static size_t slot_of(const map *m, const void *a, const void *b)
{
    uint64_t h = (uint64_t)(uintptr_t)a * 0x9E3779B97F4A7C15u ^ (uint64_t)(uintptr_t)b * 0xC2B2AE3D27D4EB4Fu;
    h ^= h >> 32;
    size_t i = (size_t)h & (m->cap - 1);
    while (m->slots[i].a && (m->slots[i].a != a || m->slots[i].b != b))
        i = (i + 1) & (m->cap - 1);
    return i;
}

value *map_find(const map *m, const void *a, const void *b)
{
    if (m->count == 0)
        return NULL;
    map_entry *e = &m->slots[slot_of(m, a, b)];
    return e->a ? &e->value : NULL;
}

static void map_grow(map *m)
{
    map old = *m;
    m->cap = old.cap ? old.cap * 2 : 16;
    size_t bytes = m->cap * sizeof(map_entry);
    m->slots = m->lasting ? mem_alloc(bytes) : memset(heap_resize(NULL, bytes), 0, bytes);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].a)
            m->slots[slot_of(m, old.slots[i].a, old.slots[i].b)] = old.slots[i];
    if (!m->lasting)
        free(old.slots);
}

void map_put(map *m, const void *a, const void *b, value v)
{
    if ((m->count + 1) * 2 > m->cap)
        map_grow(m);
    map_entry *e = &m->slots[slot_of(m, a, b)];
    if (!e->a)
        m->count++;
    *e = (map_entry){a, b, v};
}

void map_free(map *m)
{
    if (!m->lasting)
        free(m->slots);
    *m = (map){.lasting = m->lasting};
}

void stack_push(stack *s, value v)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 32;
        s->items = heap_resize(s->items, s->cap * sizeof(value));
    }
    s->items[s->n++] = v;
}

value stack_pop(stack *s)
{
    return s->items[--s->n];
}

void stack_free(stack *s)
{
    free(s->items);
    *s = (stack){0};
}
