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

/* ObjectKeys goes over the properties twice: they are counted, then the keys are made. Both can be interrupted; behind the
 * argument lie the array, undefined in the first round; which property is next; the number of keys; the room that they, or
 * those to be made yet, take of the heap. */
enum { KEYS_ARRAY = 1, KEYS_AT, KEYS_N, KEYS_ROOM, KEYS_SLOTS };
enum { KEY_UNITS = 4 };

/* The next key to give; false at the end, or, *left being 0, for a pause. */
static bool next_key(ion_frame *fp, uint64_t *left, ion_value *name)
{
    found f;
    uint32_t i = (uint32_t)fp->r[KEYS_AT].d;
    bool there = false;
    while (*left && !there && object_next(object_arg(fp), &i, name, &f)) {
        native_spend(left, KEY_UNITS);
        there = f.flags & ION_ENUMERABLE;
        fp->r[KEYS_AT].d = (double)i;
    }
    return there;
}

static ion_value count_keys(ion_process *p, ion_frame *fp)
{
    ion_value name;
    for (uint64_t left = native_step(p);;) {
        while (next_key(fp, &left, &name)) {
            fp->r[KEYS_N].d += 1;
            if (ION_IS_ATOM(name))
                fp->r[KEYS_ROOM].d += (double)str_room(atom_get(name)->len);
        }
        if (left)
            break;
        if (native_pause(p, fp))
            return ION_LEAVE;
        left = native_step(p);
    }
    ion_value v = native_array_room(p, fp, (uint64_t)fp->r[KEYS_N].d, (uint64_t)fp->r[KEYS_ROOM].d, NULL, 0);
    fp->r[KEYS_ARRAY].v = v == ION_LEAVE ? ION_UNDEFINED : v;
    fp->r[KEYS_AT].d = 0;
    return v;
}

/* What was reserved before a pause is reserved again after it. */
static ion_value make_keys(ion_process *p, ion_frame *fp)
{
    ion_value name;
    if (!gc_reserve(p, fp, (size_t)fp->r[KEYS_ROOM].d, NULL, 0))
        return proc_no_memory(p, fp);
    for (uint64_t left = native_step(p);;) {
        array *a = AS(array, fp->r[KEYS_ARRAY].v);
        while (next_key(fp, &left, &name)) {
            if (ION_IS_ATOM(name)) {
                uint32_t len = (uint32_t)atom_get(name)->len;
                name = str_place(p, atom_get(name)->text, len);
                if (!name)
                    return proc_no_memory(p, fp);
                fp->r[KEYS_ROOM].d -= (double)str_room(len);
            }
            a->store->items[a->len++] = name;
        }
        if (left)
            return fp->r[KEYS_ARRAY].v;
        if (native_pause(p, fp))
            return ION_LEAVE;
        if (!gc_reserve(p, fp, (size_t)fp->r[KEYS_ROOM].d, NULL, 0))
            return proc_no_memory(p, fp);
        left = native_step(p);
    }
}

ion_value lib_ObjectKeys(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    if (argc != ION_RESUMED) {
        fp->r[KEYS_ARRAY].v = ION_UNDEFINED;
        fp->r[KEYS_AT].d = fp->r[KEYS_N].d = fp->r[KEYS_ROOM].d = 0;
        fp->n = KEYS_SLOTS;
    }
    if (fp->r[KEYS_ARRAY].v == ION_UNDEFINED && count_keys(p, fp) == ION_LEAVE)
        return ION_LEAVE;
    return make_keys(p, fp);
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
