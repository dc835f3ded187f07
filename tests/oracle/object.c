/* object.c: properties in the order they were added, found by name.
 *
 * Up to a few properties are searched one by one; beyond, `index` maps names to positions. Invariant: index is NULL or
 * holds every property exactly once.
 */
#include <string.h>

#include "object.h"

enum { SMALL = 8 };

object *object_new(void)
{
    return mem_alloc(sizeof(object));
}

static size_t index_slot(const object *o, const name *key)
{
    size_t i = (size_t)key->hash & (o->index_cap - 1);
    while (o->index[i] && o->props[o->index[i] - 1].key != key)
        i = (i + 1) & (o->index_cap - 1);
    return i;
}

static void index_rebuild(object *o)
{
    if (o->len <= SMALL) {
        o->index = NULL;
        return;
    }
    if (!o->index || o->index_cap < o->len * 2) {
        o->index_cap = 32;
        while (o->index_cap < o->len * 3)
            o->index_cap *= 2;
        o->index = mem_alloc(o->index_cap * sizeof *o->index);
    } else {
        memset(o->index, 0, o->index_cap * sizeof *o->index);
    }
    for (size_t i = 0; i < o->len; i++)
        o->index[index_slot(o, o->props[i].key)] = (uint32_t)i + 1;
}

property *object_own(const object *o, const name *key)
{
    if (o->index) {
        uint32_t at = o->index[index_slot(o, key)];
        return at ? &o->props[at - 1] : NULL;
    }
    for (size_t i = 0; i < o->len; i++)
        if (o->props[i].key == key)
            return &o->props[i];
    return NULL;
}

property *object_find(const object *o, const name *key)
{
    for (; o; o = o->proto) {
        property *p = object_own(o, key);
        if (p)
            return p;
    }
    return NULL;
}

void object_define(object *o, name *key, value v, uint8_t flags)
{
    if (name_is(key, "__proto__")) {
        if (v.type == T_OBJECT)
            o->proto = v.object;
        else if (v.type == T_UNDEFINED)
            o->proto = NULL;
        return;
    }
    property *p = object_own(o, key);
    if (p) {
        p->value = v;
        p->flags = flags;
        return;
    }
    o->props = mem_room(o->props, o->len, &o->cap, sizeof(property));
    o->props[o->len++] = (property){key, v, flags};
    if (o->index && o->len * 2 <= o->index_cap)
        o->index[index_slot(o, key)] = (uint32_t)o->len;
    else
        index_rebuild(o);
}

void object_remove(object *o, property *p)
{
    size_t at = (size_t)(p - o->props);
    memmove(p, p + 1, (o->len - at - 1) * sizeof *p);
    o->len--;
    index_rebuild(o);
}

bool proto_cycle(const object *o, const object *proto)
{
    for (; proto; proto = proto->proto)
        if (proto == o)
            return true;
    return false;
}

callable *object_magic(const object *o, const name *key)
{
    for (; o; o = o->proto) {
        const property *p = object_own(o, key);
        if (p && p->value.type == T_FUNCTION)
            return p->value.function;
    }
    return NULL;
}

const property *object_tag(const object *o)
{
    static name *key;
    if (!key)
        key = name_from("__tag");
    const property *p = object_own(o, key);
    return p && is_text(p->value) ? p : NULL;
}

bool callable_bound(const callable *f)
{
    while (f->kind == CLOSURE)
        f = f->inner;
    return f->kind == BOUND;
}
