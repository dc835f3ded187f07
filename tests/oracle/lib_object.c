/* lib_object.c: objects. */
#include <string.h>

#include "lib.h"

bool lib_ObjectKeys(process *p, frame *f, value *out)
{
    (void)p;
    const object *o = f->regs[0].object;
    *out = v_list(T_ARRAY, 0);
    for (size_t i = 0; i < o->len; i++)
        if (o->props[i].flags & ENUMERABLE)
            list_push(out->list, v_string(o->props[i].key->text, o->props[i].key->len));
    return true;
}

bool lib_ObjectHas(process *p, frame *f, value *out)
{
    (void)p;
    const property *found = object_find(f->regs[0].object, key_of(f->regs[1]));
    *out = v_boolean(found && !(found->flags & HIDDEN));
    return true;
}

bool lib_ObjectDelete(process *p, frame *f, value *out)
{
    (void)p;
    object *o = f->regs[0].object;
    property *own = object_own(o, key_of(f->regs[1]));
    bool removed = own && (own->flags & CONFIGURABLE);
    if (removed)
        object_remove(o, own);
    *out = v_boolean(removed);
    return true;
}

/* Letters to flags; false at a letter that is none. Hidden implies not enumerable. */
static bool parse_flags(const string *s, uint8_t *flags)
{
    static const char letters[] = "wech";
    *flags = 0;
    for (size_t i = 0; i < s->len; i++) {
        const char *at = memchr(letters, s->text[i], 4);
        if (!at)
            return false;
        *flags |= (uint8_t)(1 << (at - letters));
    }
    if (*flags & HIDDEN)
        *flags &= (uint8_t)~ENUMERABLE;
    return true;
}

bool lib_DefineProperty(process *p, frame *f, value *out)
{
    (void)p;
    object *o = f->regs[0].object;
    name *key = key_of(f->regs[1]);
    const property *own = object_own(o, key);
    uint8_t flags;
    bool allowed =
        parse_flags(f->regs[3].string, &flags) && !name_is(key, "__proto__") && (!own || (own->flags & CONFIGURABLE));
    if (allowed)
        object_define(o, key, f->regs[2], flags);
    *out = v_boolean(allowed);
    return true;
}

bool lib_GetPrototype(process *p, frame *f, value *out)
{
    (void)p;
    object *proto = f->regs[0].object->proto;
    *out = proto ? v_object(proto) : v_undefined();
    return true;
}

bool lib_SetPrototype(process *p, frame *f, value *out)
{
    object *o = f->regs[0].object;
    value proto = f->regs[1];
    if (proto.type == T_OBJECT && proto_cycle(o, proto.object)) {
        process_crash_message(p, MSG_PROTO_CYCLE);
        return false;
    }
    object_define(o, name_from("__proto__"), proto, ALL_ON);
    *out = v_unit();
    return true;
}
