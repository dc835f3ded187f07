/* heap_test.c: the heap, the collector and the copier, on random graphs, deep lists and with memory running out. A
 * graph's fingerprint covers all of its structure, sharing and cycles included, so that equal ones mean isomorphic
 * graphs. */
#include <stdio.h>
#include <stdlib.h>

#include "atom.h"
#include "check.h"
#include "heap.h"
#include "mem.h"
#include "visit.h"

static uint64_t seed;

static uint32_t below(uint32_t n)
{
    seed += 0x9E3779B97F4A7C15ull;
    uint64_t z = (seed ^ seed >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return (uint32_t)((z ^ z >> 31) % n);
}

/* ---- a process's heap, in little ---- */

typedef struct world {
    heap heap;
    ion_value *roots;
    uint32_t n;
    uint64_t collections;
} world;

static void roots_of(gc *g, void *context)
{
    world *w = context;
    for (uint32_t i = 0; i < w->n; i++)
        gc_value(g, &w->roots[i]);
}

static bool collect(world *w, size_t need)
{
    w->collections++;
    return heap_collect(&w->heap, need, 0, roots_of, w);
}

/* As gc_reserve does. */
static void *take(world *w, size_t bytes)
{
    if (!heap_has(&w->heap, bytes) && !(heap_due(&w->heap, bytes) ? collect(w, bytes) : heap_extend(&w->heap, bytes)))
        abort();
    return heap_take(&w->heap, bytes);
}

/* Without collecting: the caller holds addresses. */
static void *take_still(world *w, size_t bytes)
{
    if (!heap_extend(&w->heap, bytes))
        abort();
    return heap_take(&w->heap, bytes);
}

static void world_end(world *w)
{
    heap_free(&w->heap);
    free(w->roots);
}

/* ---- making values ---- */

static ion_value make_string(world *w, uint32_t len)
{
    string *s = take_still(w, sizeof(string) + round8(len));
    s->head = HEAD(KIND_STRING, 0);
    s->len = len;
    memset(s->bytes, 0, round8(len));
    for (uint32_t i = 0; i < len; i++)
        s->bytes[i] = (char)below(256);
    return value_boxed(s);
}

static ion_value make_long(world *w, text_buffer *t, uint64_t len, size_t fresh)
{
    long_string *s = take_still(w, sizeof *s);
    s->head = HEAD(KIND_LONG, 0);
    s->len = len;
    s->buffer = t;
    heap_hold(&w->heap, s, fresh);
    return value_boxed(s);
}

static ion_value make_text(world *w, uint64_t len)
{
    text_buffer *t = text_new(len);
    if (!t)
        abort();
    for (uint64_t i = 0; i < len; i++)
        t->bytes[i] = (char)below(256);
    t->used = len;
    return make_long(w, t, len, len);
}

static ion_value make_complex(world *w)
{
    complex_number *z = take_still(w, sizeof *z);
    *z = (complex_number){HEAD(KIND_COMPLEX, 0), below(100), below(100)};
    return value_boxed(z);
}

static ion_value make_tuple(world *w, uint32_t n)
{
    tuple *t = take_still(w, sizeof *t + (n ? n : 1) * sizeof(ion_value));
    t->head = HEAD(KIND_TUPLE, n);
    t->items[0] = ION_UNDEFINED;
    for (uint32_t i = 0; i < n; i++)
        t->items[i] = ION_UNIT;
    return value_boxed(t);
}

/* The room behind what is in use is filled with what no collector may look at. */
static store *make_store(world *w, uint32_t used, uint32_t cap)
{
    store *s = take_still(w, sizeof *s + (cap ? cap : 1) * sizeof(ion_value));
    s->head = HEAD(KIND_STORE, cap);
    for (uint32_t i = 0; i < cap; i++)
        s->items[i] = i < used ? ION_TRUE : ION_TAG_BOXED | 0xBAD0;
    return s;
}

/* The same behind an array or object. */
static void fill_inside(ion_value *items, uint32_t used, uint32_t cap)
{
    for (uint32_t i = 0; i < cap; i++)
        items[i] = i < used ? ION_TRUE : ION_TAG_BOXED | 0xBAD0;
}

/* As they are made, or as they are when they have grown. */
static ion_value make_array(world *w, uint32_t n, uint32_t room)
{
    array *a = array_place_new(take_still(w, array_bytes(n + room)), n + room);
    fill_inside((ion_value *)(a + 1), n, n + room);
    a->len = n;
    if (below(2))
        a->store = n + room ? make_store(w, n, n + room) : NULL;
    return value_array(a);
}

static ion_value atom_number(uint32_t i)
{
    char name[16];
    return atom_make(name, (size_t)snprintf(name, sizeof name, "p%u", i));
}

static ion_value make_object(world *w, uint32_t n, uint32_t room)
{
    const shape *s = shape_empty();
    for (uint32_t i = 0; i < n; i++)
        s = shape_add(s, atom_number(i), ION_ALL);
    object *o = object_place_new(take_still(w, object_bytes(n + room)), s->id, n + room);
    fill_inside((ion_value *)(o + 1), n, n + room);
    if (below(2))
        o->slots = n + room ? make_store(w, n, n + room) : NULL;
    return value_object(o);
}

static ion_value make_dictionary(world *w, uint32_t n)
{
    dict *d = dict_place(take_still(w, dict_room(n)), n);
    for (uint32_t i = 0; i < n; i++) {
        if (i % 3) {
            dict_append(d, atom_number(i), ION_FALSE, ION_ALL);
        } else { /* a key that is on the heap */
            ion_value text = make_string(w, 20);
            key k = {text, string_bytes(text), 20, text_hash(string_bytes(text), 20)};
            dict_add(d, &k, ION_FALSE, ION_ALL);
        }
    }
    uint32_t was = below(3); /* slots when it still had a shape */
    object *o = object_place_new(take_still(w, object_bytes(was)), SHAPE_NONE, was);
    fill_inside((ion_value *)(o + 1), 0, was);
    o->dict = d;
    return value_object(o);
}

static ion_value make_closure(world *w, uint32_t n)
{
    closure *c = take_still(w, sizeof *c + n * sizeof(ion_value));
    c->head = HEAD(KIND_CLOSURE, n);
    c->callee = ION_TAG_FUNCTION | 64;
    for (uint32_t i = 0; i < n; i++)
        c->values[i] = ION_UNIT;
    return value_boxed(c);
}

static ion_value make_bound(world *w)
{
    bound *b = take_still(w, sizeof *b);
    *b = (bound){HEAD(KIND_BOUND, 0), ION_TAG_FUNCTION | 128, ION_UNDEFINED};
    return value_boxed(b);
}

static struct constant_tuple {
    uint64_t head;
    ion_value items[3];
} shared[2];

static void make_constants(void)
{
    shared[0] = (struct constant_tuple){HEAD(KIND_TUPLE, 3) | HEAD_CONSTANT, {ION_TRUE, ION_UNIT, ION_FALSE}};
    shared[1] =
        (struct constant_tuple){HEAD(KIND_TUPLE, 2) | HEAD_CONSTANT, {value_boxed(&shared[0]), value_number(3)}};
}

static ion_value make_node(world *w)
{
    switch (below(13)) {
    case 0: return value_number(below(1000));
    case 1: return make_string(w, below(40));
    case 2: return make_text(w, STRING_INLINE + below(500));
    case 3: return make_complex(w);
    case 4:
    case 5: return make_tuple(w, below(6));
    case 6:
    case 7: return make_array(w, below(8), below(8));
    case 8:
    case 9: return make_object(w, below(6), below(3));
    case 10: return make_dictionary(w, below(12));
    case 11: return below(2) ? make_closure(w, below(4)) : make_bound(w);
    default: return value_boxed(&shared[below(2)]);
    }
}

/* ---- looking at values ---- */

typedef struct walk {
    ion_value *found; /* in the order they were met */
    uint64_t *table;  /* open addressing: place in `found` + 1 */
    uint64_t n, size;
    uint64_t hash, units;
} walk;

static void mix(walk *w, uint64_t x)
{
    w->hash = (w->hash ^ x) * 0xD6E8FEB86659FD93ull;
    w->hash ^= w->hash >> 29;
}

static void mix_bytes(walk *w, const char *bytes, uint64_t n)
{
    mix(w, n);
    for (uint64_t i = 0; i < n; i++)
        mix(w, (unsigned char)bytes[i]);
}

/* A number for an object: when it was met first. */
static uint64_t met(walk *w, ion_value v)
{
    if (2 * w->n >= w->size) {
        w->size = w->size ? 2 * w->size : 64;
        w->found = realloc(w->found, w->size * sizeof *w->found);
        free(w->table);
        w->table = calloc(w->size, sizeof *w->table);
        for (uint64_t k = 0; k < w->n; k++) {
            uint64_t at = w->found[k] * 0x9E3779B97F4A7C15ull >> 20;
            while (w->table[at & (w->size - 1)])
                at++;
            w->table[at & (w->size - 1)] = k + 1;
        }
    }
    uint64_t i = v * 0x9E3779B97F4A7C15ull >> 20, k;
    for (; (k = w->table[i & (w->size - 1)]); i++)
        if (w->found[k - 1] == v)
            return k - 1;
    w->found[w->n++] = v;
    w->table[i & (w->size - 1)] = w->n;
    return w->n - 1;
}

static void look(void *context, ion_value *v)
{
    walk *w = context;
    mix(w, ION_IS_HEAP(*v) ? (*v & ION_TAG_MASK) | met(w, *v) : *v);
}

static void look_all(walk *w, ion_value *v, uint64_t n)
{
    mix(w, n);
    for (uint64_t i = 0; i < n; i++)
        look(w, &v[i]);
}

static void look_object(walk *w, object *o)
{
    mix(w, (uintptr_t)object_shape(o));
    look(w, &o->proto);
    if (object_shape(o)) {
        look_all(w, object_shape(o)->count ? o->slots->items : NULL, object_shape(o)->count);
        w->units += 1 + object_shape(o)->count;
        return;
    }
    dict_entry *e;
    for (uint32_t i = 0; (e = dict_next(o->dict, &i));) {
        mix(w, e->flags);
        look(w, &e->key);
        look(w, &e->value);
    }
    w->units += 1 + dict_count(o->dict);
}

static void look_inside(walk *w, ion_value v)
{
    thing *t = as_thing(v);
    uint32_t count = HEAD_COUNT(t->head);
    mix(w, t->head & ~ROOM_INSIDE(INSIDE_MOST));
    switch (HEAD_KIND(t->head)) {
    case KIND_STRING:
    case KIND_LONG: mix_bytes(w, string_bytes(v), string_len(v)); break;
    case KIND_COMPLEX: mix_bytes(w, (char *)&((complex_number *)t)->re, 16); break;
    case KIND_TUPLE:
        look_all(w, ((tuple *)t)->items, count);
        w->units += 1 + count;
        break;
    case KIND_ARRAY:
        look_all(w, ((array *)t)->len ? ((array *)t)->store->items : NULL, ((array *)t)->len);
        w->units += 1 + ((array *)t)->len;
        break;
    case KIND_OBJECT: look_object(w, (object *)t); break;
    case KIND_CLOSURE:
        look(w, &((closure *)t)->callee);
        look_all(w, ((closure *)t)->values, count);
        w->units += 1 + count;
        break;
    case KIND_BOUND:
        look(w, &((bound *)t)->callee);
        look(w, &((bound *)t)->self);
        w->units += 2;
        break;
    default: mix(w, 999);
    }
}

static uint64_t fingerprint(const ion_value *v, uint32_t n, uint64_t *units)
{
    walk w = {.hash = 1};
    for (uint32_t i = 0; i < n; i++) {
        ion_value x = v[i];
        look(&w, &x);
    }
    for (uint64_t i = 0; i < w.n; i++)
        look_inside(&w, w.found[i]);
    free(w.found);
    free(w.table);
    if (units)
        *units = w.units;
    return w.hash;
}

/* ---- random graphs ---- */

static void aim(void *context, ion_value *v)
{
    world *w = context;
    if (!ION_IS_HEAP(*v)) /* not the keys */
        *v = w->roots[below(w->n)];
}

/* Lets the values in a node lead anywhere. */
static void tangle(world *w, ion_value v)
{
    if (!ION_IS_HEAP(v) || as_thing(v)->head & HEAD_CONSTANT)
        return;
    thing *t = as_thing(v);
    ion_value *items = NULL;
    uint64_t n = HEAD_COUNT(t->head);
    switch (HEAD_KIND(t->head)) {
    case KIND_TUPLE: items = ((tuple *)t)->items; break;
    case KIND_CLOSURE: items = ((closure *)t)->values; break;
    case KIND_ARRAY:
        n = ((array *)t)->len;
        items = n ? ((array *)t)->store->items : NULL;
        break;
    case KIND_OBJECT: {
        object *o = (object *)t;
        ion_value proto = w->roots[below(w->n)];
        if (ION_IS_OBJECT(proto))
            o->proto = proto;
        if (!object_shape(o)) {
            dict_entry *e;
            for (uint32_t i = 0; (e = dict_next(o->dict, &i));)
                aim(w, &e->value);
            return;
        }
        n = object_shape(o)->count;
        items = n ? o->slots->items : NULL;
        break;
    }
    case KIND_BOUND: aim(w, &((bound *)t)->self); return;
    default: return;
    }
    for (uint64_t i = 0; i < n; i++)
        if (below(3))
            aim(w, &items[i]);
}

static void graph(world *w, uint32_t n)
{
    *w = (world){.roots = malloc(n * sizeof(ion_value))};
    for (uint32_t i = 0; i < n; i++)
        w->roots[i] = make_node(w);
    w->n = n;
    for (uint32_t i = 0; i < n; i++)
        tangle(w, w->roots[i]);
    w->n = 1 + below(n < 20 ? n : 20); /* the others are garbage unless reached */
}

static uint64_t longs_count(const long_string *s)
{
    uint64_t n = 0;
    for (; s; s = s->next)
        n++;
    return n;
}

/* Nothing of a small fragment is unused, and of others at most half. */
static bool has_right_size(const fragment *f)
{
    size_t used = 0, unused = 0;
    for (const block *b = f->blocks; b; b = b->next) {
        used += (size_t)(b->top - b->data);
        unused += (size_t)(b->end - b->top);
    }
    return used <= 1024 ? !unused : unused <= 4096 || unused <= used;
}

static void test_graphs(void)
{
    bool collected = true, copied = true, kept = true, units = true, exact = true, adopted = true;
    for (uint32_t round = 0; round < 400; round++) {
        seed = round;
        world w;
        graph(&w, 1 + below(200));
        uint64_t cost, before = fingerprint(w.roots, w.n, &cost);
        collected &= collect(&w, below(1000)) && fingerprint(w.roots, w.n, NULL) == before;
        collected &= !w.heap.blocks->next && longs_count(w.heap.longs) <= 200;

        fragment f;
        ion_value to[20];
        copied &= copy_values(&f, w.roots, to, w.n);
        kept &= fingerprint(w.roots, w.n, NULL) == before;
        copied &= fingerprint(to, w.n, NULL) == before;
        units &= f.units == cost;
        exact &= has_right_size(&f);
        world_end(&w);
        copied &= fingerprint(to, w.n, NULL) == before; /* nothing leads back */

        world other;
        graph(&other, 30);
        other.n = 0;
        heap_adopt(&other.heap, &f);
        memcpy(other.roots, to, w.n * sizeof *to);
        other.n = w.n;
        adopted &= !f.blocks && !f.longs && collect(&other, 0) && fingerprint(other.roots, other.n, NULL) == before;
        adopted &= collect(&other, 0) && fingerprint(other.roots, other.n, NULL) == before;
        world_end(&other);
    }
    check(collected, "a collection keeps what is reached as it is");
    check(copied, "a copy is isomorphic and independent");
    check(kept, "a copy leaves the original as it was");
    check(units, "a copy's units");
    check(exact, "a small fragment is one block of the right size, and a large one has little unused");
    check(adopted, "adopted fragments take part in collections");
}

static void test_memory_out(void)
{
    bool copies = true, collections = true;
    for (uint32_t round = 0; round < 40; round++) {
        seed = 1000 + round;
        world w;
        graph(&w, 20 + below(400));
        uint64_t before = fingerprint(w.roots, w.n, NULL);
        for (uint64_t at = 1;; at++) {
            fragment f;
            ion_value to[20] = {0};
            mem_fail_at(at);
            bool done = copy_values(&f, w.roots, to, w.n);
            mem_fail_at(0);
            copies &= fingerprint(w.roots, w.n, NULL) == before;
            if (done) {
                copies &= fingerprint(to, w.n, NULL) == before;
                fragment_free(&f);
                break;
            }
            copies &= !f.blocks && !f.longs && !f.bytes && !f.units && !to[0];
        }
        blocks_trim();
        mem_fail_at(1);
        heap was = w.heap;
        collections &= !collect(&w, 0) && memcmp(&was, &w.heap, sizeof was) == 0;
        collections &= fingerprint(w.roots, w.n, NULL) == before;
        mem_fail_at(2); /* the block of a second pass, which is a matter of taste */
        collections &= collect(&w, 0);
        mem_fail_at(0);
        collections &= fingerprint(w.roots, w.n, NULL) == before;
        blocks_trim();
        mem_fail_at(1);
        collections &= !heap_extend(&w.heap, 1 << 20);
        mem_fail_at(1);
        collections &= !text_new(10);
        mem_fail_at(0);
        world_end(&w);
    }
    check(copies, "copies without memory change nothing");
    check(collections, "collections without memory change nothing");
    heap h = {0};
    check(!heap_extend(&h, SIZE_MAX / 2) && !heap_collect(&h, SIZE_MAX - 20, 0, roots_of, &(world){0}) &&
              !text_new(SIZE_MAX),
          "sizes beyond all bounds");
    heap_free(&h);
}

/* ---- special cases ---- */

static void test_immediates(void)
{
    ion_value from[4] = {value_number(1.5), ION_TRUE, ATOM(exit), ION_PROCESS(7)}, to[4];
    fragment f;
    mem_fail_at(1);
    bool fine = copy_values(&f, from, to, 4) && memcmp(from, to, sizeof to) == 0;
    ion_value t = value_boxed(&shared[1]), twice[2] = {t, t};
    fine &= !f.blocks && !f.bytes && !f.units && copy_values(&f, twice, to, 2) && to[0] == t && to[1] == t;
    fine &= !f.blocks && f.units == 7;
    mem_fail_at(0);
    check(fine, "immediates and constants are copied without memory");
}

/* Constant tuples by the thousand are counted once each. */
static void test_constants(void)
{
    enum { MANY = 3000 };
    static struct constant_tuple many[MANY];
    world w = {0};
    ion_value a = make_array(&w, 2 * MANY, 0), to;
    for (uint32_t i = 0; i < MANY; i++) {
        many[i] = shared[0];
        AS(array, a)->store->items[i] = AS(array, a)->store->items[MANY + i] = value_boxed(&many[i]);
    }
    fragment f;
    bool fine = copy_values(&f, &a, &to, 1) && f.units == 1 + 2 * MANY + 4 * MANY;
    fragment_free(&f);
    for (uint64_t at = 1;; at++) {
        mem_fail_at(at);
        bool done = copy_values(&f, &a, &to, 1);
        mem_fail_at(0);
        if (done)
            break;
        fine &= !f.blocks;
    }
    fragment_free(&f);
    check(fine, "constant tuples are shared and counted once");
    world_end(&w);
}

static void test_deep_list(void)
{
    world w = {.roots = malloc(sizeof(ion_value)), .n = 1};
    w.roots[0] = ION_UNDEFINED;
    for (uint32_t i = 0; i < 1000000; i++) {
        tuple *t = take(&w, 24);
        *t = (tuple){.head = HEAD(KIND_TUPLE, 2)};
        t->items[0] = value_number(i);
        t->items[1] = w.roots[0];
        w.roots[0] = value_boxed(t);
    }
    uint64_t units, before = fingerprint(w.roots, 1, &units);
    fragment f;
    ion_value to;
    bool fine = units == 3000000 && copy_values(&f, w.roots, &to, 1) && f.units == units;
    fine &= fingerprint(&to, 1, NULL) == before && collect(&w, 0) && fingerprint(w.roots, 1, NULL) == before;
    fragment_free(&f);
    w.n = 0;
    fine &= collect(&w, 0) && w.heap.bytes <= HEAP_MIN;
    check(fine, "a list of a million");
    world_end(&w);
}

/* A megabyte alive while much more is allocated: memory stays in proportion. */
static void test_churn(void)
{
    enum { ALIVE = 40000, TOTAL = 256 << 20 };
    world w = {.roots = malloc(sizeof(ion_value)), .n = 1};
    w.roots[0] = make_array(&w, ALIVE, 0);
    size_t most = 0, total = 0;
    for (uint32_t i = 0; total < TOTAL; i++, total += 24) {
        complex_number *z = take(&w, sizeof *z);
        *z = (complex_number){HEAD(KIND_COMPLEX, 0), i, 0};
        if (i % 4 == 0)
            AS(array, w.roots[0])->store->items[i / 4 % ALIVE] = value_boxed(z);
        if (w.heap.bytes > most)
            most = w.heap.bytes;
    }
    check(most < 5 << 20 && w.collections < 400, "a heap is bounded by what lives in it");
    world_end(&w);

    w = (world){0};
    most = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        complex_number *z = take(&w, sizeof *z);
        *z = (complex_number){HEAD(KIND_COMPLEX, 0), i, 0};
        if (i == 0)
            check(w.heap.bytes <= 512, "a heap begins tiny");
        if (w.heap.bytes > most)
            most = w.heap.bytes;
    }
    check(most <= HEAP_MIN + 512 && w.collections < 100000 * 24 / 3000, "a tiny heap stays tiny");
    world_end(&w);
}

static void test_texts(void)
{
    world w = {.roots = calloc(3, sizeof(ion_value)), .n = 3};
    bool fine = true;
    w.roots[0] = make_text(&w, 100000);
    text_buffer *t = AS(long_string, w.roots[0])->buffer;
    for (uint32_t i = 0; i < 100; i++) { /* views of one buffer */
        text_hold(t);
        w.roots[1] = make_long(&w, t, 1000 + i, 0);
    }
    fine &= t->holders == 101 && collect(&w, 0) && t->holders == 2 && longs_count(w.heap.longs) == 2;
    fine &= w.heap.bytes >= 100000 && w.heap.bytes < 110000 && w.heap.threshold >= w.heap.bytes;
    fragment f;
    ion_value to[3];
    fine &= copy_values(&f, w.roots, to, 3) && t->holders == 4 && AS(long_string, to[1])->len == 1099;
    fine &= longs_count(f.longs) == 2;
    fragment_free(&f);
    fine &= t->holders == 2;
    w.roots[0] = 0;
    fine &= collect(&w, 0) && t->holders == 1;
    w.roots[1] = 0;
    fine &= collect(&w, 0) && !w.heap.longs && w.heap.bytes <= HEAP_MIN;
    check(fine, "long strings share and drop their texts");
    for (uint32_t i = 0; i < 2000; i++) {
        take(&w, 0);
        w.roots[2] = make_text(&w, 5000);
        fine &= w.heap.bytes < 60000;
    }
    check(fine, "texts count when a collection is due");
    world_end(&w);
}

static void test_types(void)
{
    world w = {0};
    ion_value v[] = {value_number(-1),    ION_FALSE,     ATOM(exit),        make_text(&w, 300),   ION_UNIT,
                     make_complex(&w),    ION_UNDEFINED, make_tuple(&w, 0), make_array(&w, 0, 0), make_object(&w, 2, 1),
                     make_closure(&w, 1), ION_PROCESS(1)};
    bool fine = type_of(make_string(&w, 3)) == TYPE_STRING && type_of(make_bound(&w)) == TYPE_FUNCTION;
    fine &= type_of(ION_TAG_FUNCTION | 8) == TYPE_FUNCTION && type_of(ION_TRUE) == TYPE_BOOLEAN;
    for (type t = TYPE_NUMBER; t <= TYPE_PROCESS; t++)
        fine &= type_of(v[t]) == t;
    fine &= strcmp(type_names[TYPE_PROCESS], "Process") == 0 && strcmp(type_names_lower[TYPE_TUPLE], "tuple") == 0;
    fine &= thing_size(as_thing(v[TYPE_TUPLE])) == 16 && thing_size(as_thing(v[TYPE_STRING])) == 32;
    check(fine, "types and sizes");
    world_end(&w);
}

int main(void)
{
    if (!atoms_init())
        return 1;
    make_constants();
    test_types();
    test_immediates();
    test_constants();
    test_graphs();
    test_memory_out();
    test_deep_list();
    test_churn();
    test_texts();
    printf("%u passed, %u failed\n", passed, failed);
    return failed != 0;
}
