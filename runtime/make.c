/* make.c: instructions that make something: LOAD_CONST of a literal, OBJECT_INIT, ARRAY_INIT, MAKE_CLOSURE.
 *
 * Each works out first how many bytes it takes in all, reserves them once, and then builds without a further
 * collection. The operands lie in the slots of the frame behind fp and are passed as roots.
 */
#include <stdatomic.h>

#include "atom.h"
#include "object.h"
#include "ops.h"
#include "shape.h"

_Static_assert(offsetof(process, heap) == sizeof(ion_process) && offsetof(heap, top) == offsetof(ion_heap, top) &&
                   offsetof(heap, end) == offsetof(ion_heap, end) && offsetof(heap, bytes) == offsetof(ion_heap, bytes) &&
                   offsetof(heap, threshold) == offsetof(ion_heap, threshold),
               "ion_heap");
_Static_assert((uint32_t)(HEAD(KIND_ARRAY, 0) | ROOM_INSIDE(5)) == ION_HEAD_ARRAY(5u) &&
                   (uint32_t)(HEAD(KIND_OBJECT, 0) | ROOM_INSIDE(5)) == ION_HEAD_OBJECT(5u),
               "heads");

/* ---- literals ---- */

static bool is_template(ion_value v)
{
    return ION_IS_HEAP(v) && (as_thing(v)->head & HEAD_TEMPLATE);
}

static bool is_vm_name(ion_value v)
{
    return v - ION_VM(0) < ION_VM_COUNT;
}

/* Copies a template into reserved memory. */
static ion_value instantiate(ion_process *p, ion_frame *fp, ion_value constant)
{
    ion_value vm[ION_VM_COUNT];
    for (ion_u32 i = 0; i < ION_VM_COUNT; i++)
        vm[i] = ion_vm(p, fp, i);
    return literal_place(heap_take(&proc_of(p)->heap, literal_of(constant)->bytes), constant, vm);
}

ion_value literal_copy(ion_process *p, ion_frame *fp, ion_value constant)
{
    if (!is_template(constant))
        return constant;
    if (!gc_reserve(p, fp, literal_of(constant)->bytes, NULL, 0))
        return proc_no_memory(p, fp);
    return instantiate(p, fp, constant);
}

ion_value ion_literal(ion_process *p, ion_frame *fp, ion_value constant)
{
    if (is_vm_name(constant))
        return ion_vm(p, fp, (ion_u32)(constant - ION_VM(0)));
    if (ION_IS_HEAP(constant))
        proc_charge(p, literal_of(constant)->units);
    return literal_copy(p, fp, constant);
}

/* ---- objects and arrays ---- */

/* A literal or a name that stands for a copy or a value of its own at each execution. */
static inline bool stands_for_other(ion_value v)
{
    return is_template(v) || is_vm_name(v);
}

/* The shape that an object gets, or NULL: it has to be a dictionary. */
static const shape *init_shape(const ion_value *keys, const ion_init *props, ion_u32 n)
{
    const shape *s = shape_empty();
    for (ion_u32 i = 0; s && i < n; i++)
        if (keys[props[i].key] != ATOM(proto))
            s = shape_with(s, keys[props[i].key], props[i].flags);
    return s;
}

/* A new object with all slots of its shape, or a table for n properties, in reserved memory. */
static object *init_object(heap *h, const shape *s, ion_u32 n)
{
    if (s)
        return object_place_new(heap_take(h, object_bytes(s->count)), s->id, s->count);
    object *o = object_place_new(heap_take(h, sizeof *o), SHAPE_NONE, 0);
    o->dict = dict_place(heap_take(h, dict_room(n)), n);
    return o;
}

/* Sets the properties; without repeated keys and `__proto__`, property i has slot i. */
static void init_fill(object *o, const ion_value *keys, const ion_init *props, const ion_slot *in, ion_u32 n)
{
    const shape *s = object_shape(o);
    uint32_t next = 0;
    for (ion_u32 i = 0; i < n; i++) {
        ion_value name = keys[props[i].key], v = in[i].v;
        if (name == ATOM(proto)) {
            if (ION_IS_OBJECT(v) || v == ION_UNDEFINED)
                o->proto = v; /* no cycle: nothing leads to a new object */
        } else if (!s) {
            dict_append(o->dict, name, v, props[i].flags);
        } else if (next < s->count && s->keys[next].atom == name) {
            o->slots->items[next++] = v;
        } else {
            o->slots->items[shape_find(s, name)] = v;
        }
    }
}

/* Notes a shape at the site if objects can be made from it alone; words are read and written whole. */
static void note_shape(ion_init *site, const shape *s, ion_u32 n, const ion_value *keys)
{
    bool fits = s && s->count == n; /* so no key occurs twice ... */
    for (ion_u32 i = 0; fits && i < n; i++)
        fits = keys[site[1 + i].key] == s->keys[i].atom; /* ... and none is __proto__ */
    if (fits)
        atomic_store_explicit((_Atomic ion_u32 *)&site->key, s->id, memory_order_relaxed);
}

static NOT_INLINE ion_value object_init(ion_process *p, ion_frame *fp, const ion_value *keys, ion_init *site, ion_u32 n)
{
    heap *h = &proc_of(p)->heap;
    const ion_init *props = site + 1;
    ion_slot *in = ION_BEHIND(fp, fp->fn->regs)->r;
    const shape *s = init_shape(keys, props, n);
    size_t bytes = s ? object_bytes(s->count) : sizeof(object) + dict_room(n);
    proc_charge(p, n);
    for (ion_u32 i = 0; i < n; i++)
        if (is_template(in[i].v))
            bytes += literal_of(in[i].v)->bytes;
    if (!gc_reserve(p, fp, bytes, &in[0].v, n))
        return proc_no_memory(p, fp);
    for (ion_u32 i = 0; i < n; i++) {
        if (is_template(in[i].v))
            in[i].v = instantiate(p, fp, in[i].v);
        else if (is_vm_name(in[i].v))
            in[i].v = ion_vm(p, fp, (ion_u32)(in[i].v - ION_VM(0)));
    }
    object *o = init_object(h, s, n);
    init_fill(o, keys, props, in, n);
    if (n)
        note_shape(site, s, n, keys);
    return value_object(o);
}

/* Where the shape is known and nothing has to be collected or looked up. */
ion_value ion_object_init(ion_process *p, ion_frame *fp, const ion_value *keys, ion_init *site, ion_u32 n)
{
    heap *h = &proc_of(p)->heap;
    const ion_slot *in = ION_BEHIND(fp, fp->fn->regs)->r;
    uint64_t id = n ? atomic_load_explicit((_Atomic ion_u32 *)&site->key, memory_order_relaxed) : 0;
    size_t bytes = object_bytes(n);
    if (!id || !heap_has(h, bytes))
        return object_init(p, fp, keys, site, n);
    object *o = (object *)(void *)h->top;
    ion_value *slots = (ion_value *)(void *)(o + 1);
    for (ion_u32 i = 0; i < n; i++) {
        ion_value v = in[i].v;
        if (ION_UNLIKELY(stands_for_other(v)))
            return object_init(p, fp, keys, site, n);
        slots[i] = v;
    }
    return value_object(object_place_new(heap_take(h, bytes), (uint32_t)id, n));
}

ion_value ion_array_init(ion_process *p, ion_frame *fp, ion_u32 n)
{
    ion_slot *in = ION_BEHIND(fp, fp->fn->regs)->r;
    proc_charge(p, n);
    if (!gc_reserve(p, fp, array_bytes(n), &in[0].v, n))
        return proc_no_memory(p, fp);
    array *a = array_place_new(heap_take(&proc_of(p)->heap, array_bytes(n)), n);
    for (ion_u32 i = 0; i < n; i++)
        a->store->items[i] = in[i].v;
    return value_array(a);
}

/* ---- closures ---- */

/* Over a closure: one closure with both's values, the inner one's first. */
static NOT_INLINE ion_value close_again(ion_process *p, ion_frame *fp, ion_value callee, ion_u32 n)
{
    ion_slot *in = ION_BEHIND(fp, fp->fn->regs)->r;
    ion_u32 inner = HEAD_COUNT(as_thing(callee)->head);
    size_t bytes = sizeof(closure) + ((size_t)inner + n) * sizeof(ion_value);
    p->value = callee; /* a root */
    if ((uint64_t)inner + n > UINT32_MAX || !gc_reserve(p, fp, bytes, &in[0].v, n))
        return proc_no_memory(p, fp);
    callee = p->value;
    p->value = ION_UNDEFINED;
    closure *c = heap_take(&proc_of(p)->heap, bytes);
    c->head = HEAD(KIND_CLOSURE, inner + n);
    c->callee = AS(closure, callee)->callee;
    memcpy(c->values, AS(closure, callee)->values, inner * sizeof(ion_value));
    memcpy(c->values + inner, in, n * sizeof(ion_value));
    return value_boxed(c);
}

ion_value ion_make_closure(ion_process *p, ion_frame *fp, ion_value callee, ion_u32 n)
{
    ion_slot *in = ION_BEHIND(fp, fp->fn->regs)->r;
    size_t bytes = sizeof(closure) + n * sizeof(ion_value);
    proc_charge(p, n);
    if (!is_callable(callee))
        return ION_UNDEFINED;
    if (is_boxed(callee, KIND_CLOSURE))
        return close_again(p, fp, callee, n);
    if (!heap_has(&proc_of(p)->heap, bytes)) {
        p->value = callee; /* a root: it may be a bound method */
        if (!gc_make_room(p, fp, bytes, &in[0].v, n))
            return proc_no_memory(p, fp);
        callee = p->value;
        p->value = ION_UNDEFINED;
    }
    closure *c = heap_take(&proc_of(p)->heap, bytes);
    c->head = HEAD(KIND_CLOSURE, n);
    c->callee = callee;
    for (ion_u32 i = 0; i < n; i++)
        c->values[i] = in[i].v;
    return value_boxed(c);
}
