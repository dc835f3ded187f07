/* ops.c: GET_PROP, SET_PROP and the values of `__vm:…` names.
 *
 * What goes on in an object without running bytecode is object.c's; here are the rules about `this`, hidden and
 * read-only properties, binding, and the magic methods for properties. fp->self is `this` of the running function.
 * Operands may move at each allocation: nothing is used behind one but what it was passed as a root.
 */
#include "atom.h"
#include "io.h"
#include "mem.h"
#include "messages.h"
#include "native.h"
#include "number.h"
#include "object.h"
#include "ops.h"
#include "sched.h"
#include "shape.h"
#include "str.h"

#define ARRAY_FIRST 4
#define ARRAY_LARGE 65536 /* elements from which on growing is done in steps */

ion_value ion_vm(ion_process *p, ion_frame *fp, ion_u32 which)
{
    const process *proc = proc_of(p);
    switch (which) {
    case ION_VM_SELF: return ION_PROCESS(proc->id);
    case ION_VM_PID: return value_number((double)proc->id);
    case ION_VM_PROCESSES: return value_number((double)runtime_alive(runtime_of(proc)));
    case ION_VM_PASSES: return value_number((double)runtime_total(runtime_of(proc), COUNT_PASSES));
    case ION_VM_THIS: return fp->self;
    default: return ION_UNDEFINED;
    }
}

/* Runs `say` with the key's text, NUL behind. */
static ion_value with_text(ion_process *p, ion_frame *fp, ion_value key_value,
                           ion_value (*say)(ion_process *p, ion_frame *fp, const char *text, uint64_t n), uint64_t n)
{
    char number[NUMBER_MAX + 1];
    const char *text;
    size_t len;
    if (!text_view(key_value, &text, &len)) {
        number[number_format(number, number_of(key_value))] = 0;
        return say(p, fp, number, n);
    }
    char *copy = mem_alloc(len + 1);
    if (!copy)
        return proc_no_memory(p, fp);
    memcpy(copy, text, len);
    copy[len] = 0;
    ion_value v = say(p, fp, copy, n);
    mem_free(copy);
    return v;
}

static ion_value crash_hidden_read(ion_process *p, ion_frame *fp, const char *text, uint64_t n)
{
    (void)n;
    return proc_crash(p, fp, MSG_HIDDEN_READ, text);
}

static ion_value crash_hidden_write(ion_process *p, ion_frame *fp, const char *text, uint64_t n)
{
    (void)n;
    return proc_crash(p, fp, MSG_HIDDEN_WRITE, text);
}

static ion_value crash_index(ion_process *p, ion_frame *fp, const char *text, uint64_t len)
{
    return proc_crash(p, fp, MSG_INDEX_RANGE, text, len);
}

static ion_value warn_readonly(ion_process *p, ion_frame *fp, const char *text, uint64_t n)
{
    (void)n;
    place at = frame_place(fp);
    io_errf(runtime_of(proc_of(p)), MSG_WARN_READONLY, at.fn->class_ ? at.fn->class_ : "", at.name, at.pc, text);
    return ION_UNDEFINED;
}

/* ---- reading ---- */

/* Whether a function has its `this` already. */
static bool is_bound(ion_value v)
{
    while (is_boxed(v, KIND_CLOSURE))
        v = AS(closure, v)->callee;
    return is_boxed(v, KIND_BOUND);
}

ion_value bind_method(ion_process *p, ion_frame *fp, ion_value callee, ion_value self)
{
    if (is_bound(callee))
        return callee;
    ion_value roots[] = {callee, self};
    if (!gc_reserve(p, fp, sizeof(bound), roots, 2))
        return proc_no_memory(p, fp);
    bound *b = heap_take(&proc_of(p)->heap, sizeof *b);
    b->head = HEAD(KIND_BOUND, 0);
    b->callee = roots[0];
    b->self = roots[1];
    return value_boxed(b);
}

/* `method`: a function that would be bound may come out unbound, marked as such. */
static ion_value get_from_object(ion_process *p, ion_frame *fp, ion_value object_value, ion_value key_value,
                                 bool method)
{
    uint32_t flags;
    if (!ION_IS_ATOM(key_value) && !is_string(key_value))
        return ION_UNDEFINED;
    if (key_is_proto(key_value))
        return AS(object, object_value)->proto;
    const ion_value *at = object_seek(AS(object, object_value), key_value, &flags);
    if (!at) {
        ion_value getattr = object_method(object_value, ATOM(getattr));
        return getattr ? call_value(p, fp, getattr, object_value, &key_value, 1) : ION_UNDEFINED;
    }
    if ((flags & ION_HIDDEN) && fp->self != object_value)
        return with_text(p, fp, key_value, crash_hidden_read, 0);
    if (method && ION_IS_FUNCTION(*at))
        return *at | ION_UNBOUND;
    return is_callable(*at) ? bind_method(p, fp, *at, object_value) : *at;
}

static NOT_INLINE ion_value get(ion_process *p, ion_frame *fp, ion_value object_value, ion_value key_value)
{
    double index;
    if (ION_IS_OBJECT(object_value))
        return get_from_object(p, fp, object_value, key_value, false);
    bool is_array = ION_IS_ARRAY(object_value);
    if ((!is_array && !is_tuple(object_value)) || !index_of(key_value, &index) || !(index >= 0))
        return ION_UNDEFINED;
    uint64_t len = is_array ? AS(array, object_value)->len : HEAD_COUNT(as_thing(object_value)->head);
    if (index >= (double)len)
        return ION_UNDEFINED;
    uint64_t i = (uint64_t)index;
    return is_array ? AS(array, object_value)->store->items[i] : AS(tuple, object_value)->items[i];
}

/* In dictionaries used as maps. */
ion_value ion_find(ion_value object_value, ion_value key_value)
{
    const object *o = AS(object, object_value);
    const dict_entry *e = is_dictionary(o) ? dict_quick(o->dict, key_value) : NULL;
    return e && !(e->flags & ION_HIDDEN) && !is_callable(e->value) ? e->value : ION_ABSENT;
}

int ion_replace(ion_value object_value, ion_value key_value, ion_value value)
{
    const object *o = AS(object, object_value);
    dict_entry *e = is_dictionary(o) && !ion_setattr_seen ? dict_quick(o->dict, key_value) : NULL;
    if (!e || (e->flags & (ION_WRITABLE | ION_HIDDEN)) != ION_WRITABLE)
        return 0;
    e->value = value;
    return 1;
}

/* What needs no call in an array, or in a dictionary used as a map. */
ion_value ion_get(ion_process *p, ion_frame *fp, ion_value object_value, ion_value key_value)
{
    if (ION_IS_OBJECT(object_value)) {
        ion_value v = ion_find(object_value, key_value);
        if (v != ION_ABSENT)
            return v;
    } else if (ION_IS_ARRAY(object_value) && ION_IS_NUMBER(key_value)) {
        const array *a = AS(array, object_value);
        double index = number_of(key_value);
        uint64_t i = index >= 0 && index < 0x1p32 ? (uint64_t)index : UINT64_MAX;
        if (i < a->len && (double)i == index)
            return a->store->items[i];
    }
    return get(p, fp, object_value, key_value);
}

ion_value ion_method(ion_process *p, ion_frame *fp, ion_value object_value, ion_value key_value)
{
    return ION_IS_OBJECT(object_value) ? get_from_object(p, fp, object_value, key_value, true)
                                       : ion_get(p, fp, object_value, key_value);
}

/* ---- writing ---- */

/* A large array gets a larger store: that is filled as the store of another array, which has it until it is full. */
enum { GROW_ARRAY, GROW_VALUE, GROW_OTHER, GROW_SLOTS };

/* One that is inside gets a header, in the place of the pointer to it. What is left of the array is never looked at. */
static store *take_store(array *a)
{
    uint32_t room = items_room(a->head, &a->store);
    store *s = a->store;
    if (s == store_inside(&a->store))
        s->head = HEAD(KIND_STORE, room);
    return s;
}

static ion_value grow_on(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    uint64_t left = native_step(p);
    if (argc != ION_RESUMED) {
        fp->r[GROW_OTHER].v = ION_UNDEFINED;
        fp->n = GROW_SLOTS;
        uint64_t len = AS(array, fp->r[GROW_ARRAY].v)->len;
        ion_value v = native_array_room(p, fp, len + len / 2, 0, NULL, 0);
        if (v == ION_LEAVE)
            return v;
        fp->r[GROW_OTHER].v = v;
    }
    for (;;) {
        array *a = AS(array, fp->r[GROW_ARRAY].v), *other = AS(array, fp->r[GROW_OTHER].v);
        if (other->len == a->len) {
            a->store = take_store(other);
            a->store->items[a->len++] = fp->r[GROW_VALUE].v;
            return ION_UNDEFINED;
        }
        native_spend(&left, native_fill(other, a, other->len, a->len));
        if (left)
            continue;
        if (native_pause(p, fp))
            return ION_LEAVE;
        left = native_step(p);
    }
}

static const ion_function grow_long = {.code = grow_on, .name = ION_NAMELESS, .size = ION_FRAME(GROW_SLOTS)};

static ion_value append(ion_process *p, ion_frame *fp, ion_value array_value, ion_value value)
{
    array *a = AS(array, array_value);
    if (a->len == items_room(a->head, &a->store)) {
        uint64_t cap = a->len < ARRAY_FIRST ? ARRAY_FIRST : (uint64_t)a->len + a->len / 2;
        if (ION_UNLIKELY(a->len >= ARRAY_LARGE) && cap <= UINT32_MAX && native_pauses(p)) {
            ion_value args[GROW_SLOTS] = {array_value, value, ION_UNDEFINED};
            return call_value(p, fp, ION_FUNCTION(&grow_long), ION_UNDEFINED, args, GROW_SLOTS);
        }
        ion_value roots[] = {array_value, value};
        if (cap > UINT32_MAX || !gc_reserve(p, fp, sizeof(store) + cap * sizeof(ion_value), roots, 2))
            return proc_no_memory(p, fp);
        a = AS(array, roots[0]);
        value = roots[1];
        store *grown = store_take(&proc_of(p)->heap, (uint32_t)cap);
        if (a->len)
            memcpy(grown->items, a->store->items, a->len * sizeof(ion_value));
        a->store = grown;
    }
    a->store->items[a->len++] = value;
    return ION_UNDEFINED;
}

static ion_value set_in_array(ion_process *p, ion_frame *fp, ion_value array_value, ion_value key_value,
                              ion_value value)
{
    array *a = AS(array, array_value);
    double index;
    if (!index_of(key_value, &index) && !ION_IS_NUMBER(key_value))
        return ION_UNDEFINED;
    if (!(index >= 0 && index <= (double)a->len) || index != __builtin_floor(index))
        return with_text(p, fp, key_value, crash_index, a->len);
    if (index == (double)a->len)
        return append(p, fp, array_value, value);
    a->store->items[(uint64_t)index] = value;
    return ION_UNDEFINED;
}

static ion_value set_proto(ion_process *p, ion_frame *fp, ion_value object_value, ion_value proto)
{
    if (ION_IS_OBJECT(proto) || proto == ION_UNDEFINED)
        if (!object_set_proto(AS(object, object_value), proto))
            return proc_crash(p, fp, MSG_PROTO_CYCLE);
    return ION_UNDEFINED;
}

static ion_value readonly(ion_process *p, ion_frame *fp, ion_value key_value)
{
    int first = site_first(runtime_of(proc_of(p)), fp);
    if (first < 0)
        return proc_no_memory(p, fp);
    return first ? with_text(p, fp, key_value, warn_readonly, 0) : ION_UNDEFINED;
}

/* Whether the running function is the object's own `__setattr__`, at work on it. */
static bool in_setattr(const ion_frame *fp, ion_value object_value, ion_value method)
{
    return fp->self == object_value && frame_function(fp) == callee_function(method);
}

static ion_value set_in_object(ion_process *p, ion_frame *fp, ion_value object_value, ion_value key_value,
                               ion_value value)
{
    uint32_t flags;
    if (!ION_IS_ATOM(key_value) && !is_string(key_value))
        return ION_UNDEFINED;
    ion_value method = object_method(object_value, ATOM(setattr));
    if (method && !in_setattr(fp, object_value, method))
        return call_value(p, fp, method, object_value, (ion_value[]){key_value, value}, 2);
    if (key_is_proto(key_value))
        return set_proto(p, fp, object_value, value);
    ion_value *at = object_place(AS(object, object_value), key_value, &flags);
    if (!at) {
        if (!object_add(p, fp, object_value, key_value, value, ION_ALL))
            return proc_no_memory(p, fp);
        return ION_UNDEFINED;
    }
    if ((flags & ION_HIDDEN) && fp->self != object_value)
        return with_text(p, fp, key_value, crash_hidden_write, 0);
    if (!(flags & ION_WRITABLE))
        return readonly(p, fp, key_value);
    *at = value;
    return ION_UNDEFINED;
}

static NOT_INLINE ion_value set(ion_process *p, ion_frame *fp, ion_value object_value, ion_value key_value,
                                ion_value value)
{
    if (ION_IS_OBJECT(object_value))
        return set_in_object(p, fp, object_value, key_value, value);
    if (ION_IS_ARRAY(object_value))
        return set_in_array(p, fp, object_value, key_value, value);
    return ION_UNDEFINED;
}

/* What needs no call in an array, or in a dictionary used as a map. */
ion_value ion_set(ion_process *p, ion_frame *fp, ion_value object_value, ion_value key_value, ion_value value)
{
    if (ION_IS_OBJECT(object_value)) {
        if (ion_replace(object_value, key_value, value))
            return ION_UNDEFINED;
    } else if (ION_IS_ARRAY(object_value) && ION_IS_NUMBER(key_value)) {
        array *a = AS(array, object_value);
        double index = number_of(key_value);
        uint64_t i = index >= 0 && index < 0x1p32 ? (uint64_t)index : UINT64_MAX;
        if (i <= a->len && (double)i == index && i < items_room(a->head, &a->store)) {
            a->store->items[i] = value;
            a->len += i == a->len;
            return ION_UNDEFINED;
        }
    }
    return set(p, fp, object_value, key_value, value);
}
