/* lib_object.c: the library's objects. Of a property's flags only `configurable` is in the way of DefineProperty and
 * ObjectDelete. `__proto__` is no property here: only GetPrototype and SetPrototype know it. */
#include "atom.h"
#include "messages.h"
#include "native.h"
#include "object.h"
#include "str.h"

static object *object_arg(ion_frame *fp)
{
    return AS(object, fp->r[0].v);
}

static bool is_proto(ion_value name)
{
    const char *text;
    size_t len;
    return text_view(name, &text, &len) && len == 9 && memcmp(text, "__proto__", 9) == 0;
}

ion_value lib_ObjectKeys(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    uint64_t n = 0, room = 0;
    ion_value name;
    found f;
    for (uint32_t i = 0; object_next(object_arg(fp), &i, &name, &f);) {
        if (!(f.flags & ION_ENUMERABLE))
            continue;
        n++;
        if (ION_IS_ATOM(name))
            room += str_room(atom_get(name)->len);
    }
    ion_value v = native_array(p, fp, n, room, NULL, 0);
    uint64_t at = 0;
    for (uint32_t i = 0; v != ION_LEAVE && object_next(object_arg(fp), &i, &name, &f);) {
        if (!(f.flags & ION_ENUMERABLE))
            continue;
        if (ION_IS_ATOM(name) && !(name = str_place(p, atom_get(name)->text, atom_get(name)->len)))
            return proc_no_memory(p, fp);
        AS(array, v)->store->items[at++] = name;
    }
    return v;
}

ion_value lib_ObjectHas(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)p, (void)argc;
    found f = object_find(object_arg(fp), fp->r[1].v);
    return ION_BOOL(f.yes && !(f.flags & ION_HIDDEN));
}

ion_value lib_ObjectDelete(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    found f = object_own(object_arg(fp), fp->r[1].v);
    if (!f.yes || !(f.flags & ION_CONFIGURABLE))
        return ION_FALSE;
    bool memory_out = false;
    bool gone = object_delete(p, fp, fp->r[0].v, fp->r[1].v, &memory_out);
    return memory_out ? proc_no_memory(p, fp) : ION_BOOL(gone);
}

/* The flags that a string of letters names; false for any other letter. */
static bool flags_of(ion_value letters, uint32_t *flags)
{
    *flags = 0;
    for (uint64_t i = 0; i < string_len(letters); i++)
        switch (string_bytes(letters)[i]) {
        case 'w': *flags |= ION_WRITABLE; break;
        case 'e': *flags |= ION_ENUMERABLE; break;
        case 'c': *flags |= ION_CONFIGURABLE; break;
        case 'h': *flags |= ION_HIDDEN; break;
        default: return false;
        }
    if (*flags & ION_HIDDEN)
        *flags &= ~(uint32_t)ION_ENUMERABLE;
    return true;
}

ion_value lib_DefineProperty(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    uint32_t flags;
    found f = object_own(object_arg(fp), fp->r[1].v);
    if (!flags_of(fp->r[3].v, &flags) || is_proto(fp->r[1].v) || (f.yes && !(f.flags & ION_CONFIGURABLE)))
        return ION_FALSE;
    if (!object_define(p, fp, fp->r[0].v, fp->r[1].v, fp->r[2].v, flags))
        return proc_no_memory(p, fp);
    return ION_TRUE;
}

ion_value lib_GetPrototype(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)p, (void)argc;
    return object_arg(fp)->proto;
}

ion_value lib_SetPrototype(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    if (!object_set_proto(object_arg(fp), fp->r[1].v))
        return proc_crash(p, fp, "%s", MSG_PROTO_CYCLE);
    return ION_UNIT;
}
