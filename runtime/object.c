/* object.c: properties and prototypes of objects, whichever way they keep their properties.
 *
 * With a shape, slot i of `slots` holds property i; slots beyond the shape's count hold nothing. Without one, `dict`
 * is the table. An object goes from the first to the second for good when it gets a key that is no atom, loses a
 * property, or the shape it would need cannot be had. `__proto__` is never among the properties; following `proto`
 * always comes to an end.
 *
 * Functions that may collect keep object, key and value in a root array and work out all addresses behind that.
 */
#include "atom.h"
#include "object.h"
#include "shape.h"
#include "str.h"

#define SLOTS_FIRST 4
#define DICT_FIRST  16
#define DICT_LIMIT  (1u << 30)

/* ---- keys ---- */

key key_of_text(const char *text, size_t len)
{
    return (key){0, text, len, text_hash(text, len)};
}

bool key_of(ion_value v, key *k)
{
    if (ION_IS_ATOM(v)) {
        const atom_info *a = atom_get(v);
        *k = (key){v, a->text, a->len, a->hash};
        return true;
    }
    if (!is_string(v))
        return false;
    *k = (key){v, string_bytes(v), string_len(v), string_hash(v)};
    return true;
}

ion_value key_atom(ion_value v)
{
    return ION_IS_ATOM(v) ? v : is_string(v) ? atom_find(string_bytes(v), string_len(v), string_hash(v)) : 0;
}

bool key_is_proto(ion_value v)
{
    if (ION_IS_ATOM(v))
        return v == ATOM(proto);
    return is_string(v) && string_hash(v) == atom_proto_hash && key_atom(v) == ATOM(proto);
}

bool index_of(ion_value v, double *index)
{
    const char *text;
    size_t len;
    if (ION_IS_NUMBER(v)) {
        *index = number_of(v) + 0.0; /* -0 is 0 */
        return *index == __builtin_floor(*index);
    }
    if (!text_view(v, &text, &len) || len == 0 || (text[0] == '0' && len > 1))
        return false;
    double d = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        d = d * 10 + (text[i] - '0');
    }
    *index = d;
    return true;
}

/* ---- reading ---- */

/* Slot i of o, which has a shape; NULL for -1. */
static ion_value *slot_place(const object *o, const shape *s, int i, uint32_t *flags)
{
    if (i < 0)
        return NULL;
    *flags = s->keys[i].flags;
    return &o->slots->items[i];
}

static ion_value *entry_place(dict_entry *e, uint32_t *flags)
{
    if (!e)
        return NULL;
    *flags = e->flags;
    return &e->value;
}

ion_value *object_place(const object *o, ion_value key_value, uint32_t *flags)
{
    const shape *s = object_shape(o);
    if (!s)
        return entry_place(dict_at(o->dict, key_value), flags);
    return slot_place(o, s, shape_find(s, key_atom(key_value)), flags);
}

ion_value *object_seek(const object *o, ion_value key_value, uint32_t *flags)
{
    ion_value atom = ION_IS_ATOM(key_value) ? key_value : ION_ABSENT; /* not known: dictionaries can do without */
    for (;;) {
        const shape *s = object_shape(o);
        if (s && atom == ION_ABSENT)
            atom = key_atom(key_value);
        ion_value *at =
            s ? slot_place(o, s, shape_find(s, atom), flags) : entry_place(dict_at(o->dict, key_value), flags);
        if (at || !ION_IS_OBJECT(o->proto))
            return at;
        o = AS(object, o->proto);
    }
}

static found found_at(const ion_value *at, uint32_t flags)
{
    return at ? (found){*at, flags, true} : (found){ION_UNDEFINED, 0, false};
}

found object_own_key(const object *o, const key *k)
{
    uint32_t flags = 0;
    const shape *s = object_shape(o);
    const ion_value *at = s ? slot_place(o, s, shape_find(s, atom_find(k->text, k->len, k->hash)), &flags)
                            : entry_place(dict_find(o->dict, k), &flags);
    return found_at(at, flags);
}

found object_own(const object *o, ion_value v)
{
    uint32_t flags = 0;
    const ion_value *at = object_place(o, v, &flags);
    return found_at(at, flags);
}

found object_find(const object *o, ion_value v)
{
    uint32_t flags = 0;
    const ion_value *at = object_seek(o, v, &flags);
    return found_at(at, flags);
}

ion_value object_method(ion_value o, ion_value atom)
{
    if (!magic_seen(atom))
        return 0;
    for (; ION_IS_OBJECT(o); o = AS(object, o)->proto) {
        uint32_t flags;
        const ion_value *at = object_place(AS(object, o), atom, &flags);
        if (at && is_callable(*at))
            return *at;
    }
    return 0;
}

uint32_t object_count(const object *o)
{
    const shape *s = object_shape(o);
    return s ? s->count : dict_count(o->dict);
}

bool object_next(const object *o, uint32_t *i, ion_value *key_value, found *f)
{
    const shape *s = object_shape(o);
    if (s) {
        if (*i >= s->count)
            return false;
        const shape_key *k = &s->keys[*i];
        *key_value = k->atom;
        *f = (found){o->slots->items[(*i)++], k->flags, true};
        return true;
    }
    dict_entry *e = dict_next(o->dict, i);
    if (!e)
        return false;
    *key_value = e->key;
    *f = (found){e->value, e->flags, true};
    return true;
}

bool object_set_proto(object *o, ion_value proto)
{
    for (ion_value v = proto; ION_IS_OBJECT(v); v = AS(object, v)->proto)
        if (AS(object, v) == o)
            return false;
    o->proto = proto;
    return true;
}

/* ---- writing ---- */

/* Room for a store of n slots, n > 0. */
static size_t store_bytes(uint32_t n)
{
    return sizeof(store) + (size_t)n * sizeof(ion_value);
}

enum { AT_OBJECT, AT_KEY, AT_VALUE, AT_COUNT }; /* places in root arrays */

/* Sets a table with room for at least `more` further properties in the object's place for one, reserving it first. */
static bool dict_renew(ion_process *p, ion_frame *fp, ion_value roots[AT_COUNT], uint32_t more)
{
    uint32_t n = object_count(AS(object, roots[AT_OBJECT]));
    n = 2 * n + more;
    if (n < DICT_FIRST)
        n = DICT_FIRST;
    if (n > DICT_LIMIT || !gc_reserve(p, fp, dict_room(n), roots, AT_COUNT))
        return false;
    object *o = AS(object, roots[AT_OBJECT]);
    dict *d = dict_place(heap_take(&proc_of(p)->heap, dict_room(n)), n);
    const shape *s = object_shape(o);
    if (s) {
        for (uint32_t i = 0; i < s->count; i++)
            dict_append(d, s->keys[i].atom, o->slots->items[i], s->keys[i].flags);
    } else {
        dict_fill(d, o->dict);
    }
    object_set_shape(o, NULL);
    o->dict = d;
    return true;
}

/* Adds a property that a dictionary, or an object to become one, does not have. */
static bool add_to_dict(ion_process *p, ion_frame *fp, ion_value roots[AT_COUNT], uint32_t flags)
{
    object *o = AS(object, roots[AT_OBJECT]);
    if ((object_shape(o) || dict_full(o->dict)) && !dict_renew(p, fp, roots, 1))
        return false;
    key k;
    key_of(roots[AT_KEY], &k);
    dict_add(AS(object, roots[AT_OBJECT])->dict, &k, roots[AT_VALUE], flags);
    return true;
}

bool object_extend(ion_process *p, ion_frame *fp, ion_value object_value, ion_value value, const shape *s)
{
    object *o = AS(object, object_value);
    uint32_t n = s->count - 1;
    if (items_room(o->head, &o->slots) == n) {
        uint32_t cap = n < SLOTS_FIRST ? SLOTS_FIRST : n > SHAPE_MAX / 2 ? SHAPE_MAX : 2 * n;
        ion_value roots[] = {object_value, value};
        if (!gc_reserve(p, fp, store_bytes(cap), roots, 2))
            return false;
        o = AS(object, roots[0]);
        value = roots[1];
        store *slots = store_take(&proc_of(p)->heap, cap);
        for (uint32_t i = 0; i < n; i++)
            slots->items[i] = o->slots->items[i];
        o->slots = slots;
    }
    o->slots->items[n] = value;
    object_set_shape(o, s);
    return true;
}

/* Adds a property that the object does not have. */
static bool add(ion_process *p, ion_frame *fp, ion_value roots[AT_COUNT], uint32_t flags)
{
    object *o = AS(object, roots[AT_OBJECT]);
    const shape *old = object_shape(o);
    ion_value atom = old ? key_atom(roots[AT_KEY]) : 0;
    const shape *s = atom ? shape_add(old, atom, flags) : NULL;
    if (!s)
        return add_to_dict(p, fp, roots, flags);
    return object_extend(p, fp, roots[AT_OBJECT], roots[AT_VALUE], s);
}

bool object_add(ion_process *p, ion_frame *fp, ion_value o, ion_value key_value, ion_value value, uint32_t flags)
{
    ion_value roots[AT_COUNT] = {o, key_value, value};
    return (!ION_IS_ATOM(key_value) && !is_string(key_value)) || add(p, fp, roots, flags);
}

bool object_put(ion_process *p, ion_frame *fp, ion_value o, ion_value key_value, ion_value value, uint32_t flags)
{
    uint32_t old;
    ion_value *at = object_place(AS(object, o), key_value, &old);
    if (at) {
        *at = value;
        return true;
    }
    return object_add(p, fp, o, key_value, value, flags);
}

bool object_define(ion_process *p, ion_frame *fp, ion_value o, ion_value key_value, ion_value value, uint32_t flags)
{
    uint32_t old;
    ion_value roots[AT_COUNT] = {o, key_value, value};
    ion_value *at = object_place(AS(object, o), key_value, &old);
    if (!at)
        return object_add(p, fp, o, key_value, value, flags);
    const shape *s = object_shape(AS(object, o));
    if (s && old != flags) {
        s = shape_reflag(s, (uint32_t)shape_find(s, key_atom(key_value)), flags);
        if (s)
            object_set_shape(AS(object, o), s);
        else if (!dict_renew(p, fp, roots, 1))
            return false;
    }
    o = roots[AT_OBJECT];
    *object_place(AS(object, o), roots[AT_KEY], &old) = roots[AT_VALUE];
    if (!object_shape(AS(object, o)))
        dict_at(AS(object, o)->dict, roots[AT_KEY])->flags = flags;
    return true;
}

bool object_delete(ion_process *p, ion_frame *fp, ion_value o, ion_value key_value, bool *memory_out)
{
    uint32_t flags;
    *memory_out = false;
    if (!object_place(AS(object, o), key_value, &flags))
        return false;
    ion_value roots[AT_COUNT] = {o, key_value, ION_UNDEFINED};
    if (object_shape(AS(object, o)) && !dict_renew(p, fp, roots, 0)) {
        *memory_out = true;
        return false;
    }
    dict *d = AS(object, roots[AT_OBJECT])->dict;
    dict_remove(d, dict_at(d, roots[AT_KEY]));
    return true;
}

ion_value object_new(ion_process *p, ion_frame *fp, uint32_t n)
{
    bool shaped = n <= SHAPE_MAX;
    if (n > DICT_LIMIT || !gc_reserve(p, fp, shaped ? object_bytes(n) : sizeof(object) + dict_room(n), NULL, 0))
        return proc_no_memory(p, fp);
    heap *h = &proc_of(p)->heap;
    if (shaped)
        return value_object(object_place_new(heap_take(h, object_bytes(n)), shape_empty()->id, n));
    object *o = object_place_new(heap_take(h, sizeof *o), SHAPE_NONE, 0);
    o->dict = dict_place(heap_take(h, dict_room(n)), n);
    return value_object(o);
}
