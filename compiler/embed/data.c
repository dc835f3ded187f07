/* data.c: values between a runtime and its host.
 *
 * What comes out is one piece of memory: all parts of a value, level by level, and behind them all texts; the root, which is the host's
 * own, refers to its beginning. What goes in becomes a fragment, as a message has one. Both ways a list of what is still to be done takes
 * the place of recursion, and bounds on the number of parts that of a look for cycles.
 */
#include <stdlib.h>

#include "atom.h"
#include "embed.h"
#include "mem.h"
#include "object.h"
#include "shape.h"

void ion_data_free(ion_data *d)
{
    if (!d)
        return;
    if (d->kind == ION_KIND_ATOM || d->kind == ION_KIND_STRING)
        free((void *)(uintptr_t)d->as.text.bytes);
    else if (d->kind == ION_KIND_TUPLE || d->kind == ION_KIND_ARRAY || d->kind == ION_KIND_OBJECT)
        free(d->as.list.items);
    *d = ion_undefined();
}

/* ---- out ---- */

/* The parts of a value, level by level, without the value itself. */
typedef struct parts {
    ion_value *list;
    size_t n, cap;
    size_t bytes; /* of texts, a NUL behind each */
    ion_status status;
} parts;

static bool is_text(ion_value v)
{
    return ION_IS_ATOM(v) || is_string(v);
}

static const char *text_of_value(ion_value v, size_t *n)
{
    if (ION_IS_ATOM(v)) {
        *n = atom_get(v)->len;
        return atom_get(v)->text;
    }
    *n = string_len(v);
    return string_bytes(v);
}

static void add_part(parts *p, ion_value v)
{
    if (p->status)
        return;
    if (p->n == ION_PARTS) {
        p->status = ION_E_LARGE;
        return;
    }
    if (p->n == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 64;
        ion_value *list = realloc(p->list, cap * sizeof *list);
        if (!list) {
            p->status = ION_E_MEMORY;
            return;
        }
        p->list = list;
        p->cap = cap;
    }
    p->list[p->n++] = v;
}

/* The parts of v itself; how many they are. */
static void add_parts(parts *p, ion_value v)
{
    size_t n;
    if (is_text(v)) {
        (void)text_of_value(v, &n);
        p->bytes += n + 1;
    } else if (is_tuple(v)) {
        for (uint32_t i = 0; i < HEAD_COUNT(as_thing(v)->head); i++)
            add_part(p, AS(tuple, v)->items[i]);
    } else if (ION_IS_ARRAY(v)) {
        for (uint64_t i = 0; i < AS(array, v)->len && !p->status; i++)
            add_part(p, AS(array, v)->store->items[i]);
    } else if (ION_IS_OBJECT(v)) {
        ion_value key;
        found f;
        for (uint32_t i = 0; object_next(AS(object, v), &i, &key, &f);) {
            add_part(p, key);
            add_part(p, f.value);
        }
    }
}

static size_t count_parts(ion_value v)
{
    return is_tuple(v)         ? HEAD_COUNT(as_thing(v)->head)
           : ION_IS_ARRAY(v)   ? AS(array, v)->len
           : ION_IS_OBJECT(v)  ? 2 * (size_t)object_count(AS(object, v))
                               : 0;
}

/* What is being filled. */
typedef struct copy {
    ion_data *next; /* where the next value's parts begin */
    char *text;
} copy;

static void put_value(copy *c, ion_data *d, ion_value v)
{
    size_t n;
    switch (type_of(v)) {
    case TYPE_NUMBER: *d = ion_number(number_of(v)); break;
    case TYPE_BOOLEAN: *d = ion_boolean(v == ION_TRUE); break;
    case TYPE_UNIT: d->kind = ION_KIND_UNIT; break;
    case TYPE_UNDEFINED: *d = ion_undefined(); break;
    case TYPE_PROCESS:
        d->kind = ION_KIND_PROCESS;
        d->as.process = v & ION_PAYLOAD;
        break;
    case TYPE_FUNCTION: d->kind = ION_KIND_FUNCTION; break;
    case TYPE_COMPLEX:
        d->kind = ION_KIND_COMPLEX;
        d->as.complex.re = AS(complex_number, v)->re;
        d->as.complex.im = AS(complex_number, v)->im;
        break;
    case TYPE_ATOM:
    case TYPE_STRING: {
        const char *bytes = text_of_value(v, &n);
        memcpy(c->text, bytes, n);
        c->text[n] = 0;
        *d = ion_text(ION_IS_ATOM(v) ? ION_KIND_ATOM : ION_KIND_STRING, c->text, n);
        c->text += n + 1;
        break;
    }
    case TYPE_TUPLE:
    case TYPE_ARRAY:
    case TYPE_OBJECT:
        n = count_parts(v);
        *d = ion_list(is_tuple(v) ? ION_KIND_TUPLE : ION_IS_ARRAY(v) ? ION_KIND_ARRAY : ION_KIND_OBJECT,
                      n ? c->next : NULL, n);
        c->next += n;
        break;
    }
}

static ion_status copy_out(ion_value v, ion_data *d)
{
    parts p = {0};
    add_parts(&p, v);
    for (size_t i = 0; i < p.n && !p.status; i++)
        add_parts(&p, p.list[i]);
    char *memory = p.status ? NULL : malloc(p.n * sizeof(ion_data) + p.bytes + 1);
    if (memory) {
        ion_data *items = (ion_data *)(void *)memory;
        copy c = {items, memory + p.n * sizeof(ion_data)};
        put_value(&c, d, v);
        for (size_t i = 0; i < p.n; i++)
            put_value(&c, &items[i], p.list[i]);
        if (!is_text(v) && !p.n)
            free(memory);
    }
    free(p.list);
    return p.status ? p.status : memory ? ION_OK : ION_E_MEMORY;
}

ion_status data_out(ion_value v, ion_data *d)
{
    *d = ion_undefined();
    if (ION_IS_HEAP(v) || ION_IS_ATOM(v))
        return copy_out(v, d);
    put_value(NULL, d, v);
    return ION_OK;
}

/* ---- in ---- */

static bool is_list(const ion_data *d)
{
    return d->kind == ION_KIND_TUPLE || d->kind == ION_KIND_ARRAY || d->kind == ION_KIND_OBJECT;
}

/* Something with parts that is still to be looked at, and where its copy's address belongs. */
typedef struct job {
    const ion_data *from;
    ion_value *to;
} job;

typedef struct jobs {
    job *list;
    size_t n, cap;
    job few[16];
} jobs;

static bool add_job(jobs *j, const ion_data *from, ion_value *to)
{
    if (j->n == j->cap) {
        size_t cap = 2 * j->cap;
        job *list = malloc(cap * sizeof *list);
        if (!list)
            return false;
        memcpy(list, j->list, j->n * sizeof *list);
        if (j->list != j->few)
            free(j->list);
        j->list = list;
        j->cap = cap;
    }
    j->list[j->n++] = (job){from, to};
    return true;
}

static void jobs_start(jobs *j)
{
    j->list = j->few;
    j->n = 0;
    j->cap = sizeof j->few / sizeof *j->few;
}

static void jobs_end(jobs *j)
{
    if (j->list != j->few)
        free(j->list);
}

static size_t store_size(size_t n)
{
    return sizeof(store) + (n ? n : 1) * sizeof(ion_value);
}

static size_t string_size(size_t n)
{
    return round8(n > STRING_INLINE ? sizeof(long_string) : sizeof(string) + n);
}

static bool is_key(const ion_data *d)
{
    return (d->kind == ION_KIND_STRING || d->kind == ION_KIND_ATOM) && d->as.text.size < UINT32_MAX;
}

/* Whether a text or list has a size, but no address. */
static bool is_nowhere(const ion_data *d)
{
    if (d->kind == ION_KIND_ATOM || d->kind == ION_KIND_STRING)
        return d->as.text.size && !d->as.text.bytes;
    return is_list(d) && d->as.list.n && !d->as.list.items;
}

/* Bytes that a value takes besides its parts; SIZE_MAX: it cannot be. */
static size_t size_of_value(const ion_data *d)
{
    size_t n = d->as.list.n;
    if (is_nowhere(d))
        return SIZE_MAX;
    switch (d->kind) {
    case ION_KIND_COMPLEX: return sizeof(complex_number);
    case ION_KIND_STRING: return d->as.text.size > (size_t)1 << 30 ? SIZE_MAX : string_size(d->as.text.size);
    case ION_KIND_TUPLE: return store_size(n);
    case ION_KIND_ARRAY: return n < UINT32_MAX ? array_bytes((uint32_t)n) : 0; /* too large in any case */
    case ION_KIND_OBJECT: {
        if (n % 2)
            return SIZE_MAX;
        size_t most = object_bytes(n / 2 < SHAPE_MAX ? (uint32_t)(n / 2) : SHAPE_MAX), bytes = sizeof(object) + dict_room((uint32_t)(n / 2));
        bytes = bytes > most ? bytes : most;
        for (size_t i = 0; i < n; i += 2) {
            const ion_data *key = &d->as.list.items[i];
            if (!is_key(key) || is_nowhere(key) || key->as.text.size > (size_t)1 << 30)
                return SIZE_MAX;
            bytes += string_size(d->as.list.items[i].as.text.size); /* of the key, should it be no atom */
        }
        return bytes;
    }
    case ION_KIND_ATOM: return d->as.text.size < UINT32_MAX ? 0 : SIZE_MAX;
    case ION_KIND_PROCESS: return d->as.process <= ION_PAYLOAD ? 0 : SIZE_MAX;
    case ION_KIND_UNDEFINED:
    case ION_KIND_UNIT:
    case ION_KIND_BOOLEAN:
    case ION_KIND_NUMBER: return 0;
    case ION_KIND_FUNCTION: return SIZE_MAX;
    }
    return SIZE_MAX;
}

static ion_status measure(const ion_data *d, size_t n, size_t *bytes)
{
    jobs todo;
    size_t parts = 0;
    ion_data all = ion_list(ION_KIND_TUPLE, (ion_data *)(uintptr_t)d, n);
    ion_status s = ION_OK;
    jobs_start(&todo);
    (void)add_job(&todo, &all, NULL);
    *bytes = 0;
    while (todo.n && !s) {
        const ion_data *at = todo.list[--todo.n].from;
        if (at->as.list.n > ION_PARTS || (parts += at->as.list.n) > ION_PARTS)
            s = ION_E_LARGE;
        for (size_t i = 0; !s && i < at->as.list.n; i++) {
            const ion_data *part = &at->as.list.items[i];
            if (is_list(part) && part->as.list.n > ION_PARTS) {
                s = ION_E_LARGE;
                break;
            }
            size_t size = size_of_value(part);
            if (size == SIZE_MAX)
                s = ION_E_INVALID;
            else if (is_list(part) && part->as.list.n && !add_job(&todo, part, NULL))
                s = ION_E_MEMORY;
            *bytes += size;
        }
    }
    jobs_end(&todo);
    return s;
}

/* 0: memory is out. */
static ion_value make_string(heap *h, const char *bytes, size_t n)
{
    if (n > STRING_INLINE) {
        text_buffer *t = text_new(n);
        if (!t)
            return 0;
        long_string *s = heap_take(h, string_size(n));
        memcpy(t->bytes, bytes, n);
        t->used = n;
        *s = (long_string){HEAD(KIND_LONG, 0), n, t, NULL};
        heap_hold(h, s, t->cap);
        return value_boxed(s);
    }
    string *s = heap_take(h, string_size(n));
    s->head = HEAD(KIND_STRING, 0);
    s->len = n;
    if (n)
        memcpy(s->bytes, bytes, n);
    return value_boxed(s);
}

static ion_value make_atom(const ion_data *d)
{
    return atom_make(d->as.text.size ? d->as.text.bytes : "", d->as.text.size);
}

/* A key: the atom if there is one (none is made: that would be for ever), else a string. */
static ion_value make_key(heap *h, const ion_data *d)
{
    const char *bytes = d->as.text.size ? d->as.text.bytes : "";
    ion_value atom = atom_find(bytes, d->as.text.size, text_hash(bytes, d->as.text.size));
    return atom ? atom : make_string(h, bytes, d->as.text.size);
}

static ion_status fill(jobs *todo, heap *h, const ion_data *from, ion_value *to);

/* The shape of an object whose keys are different atoms; NULL: it has to be a dictionary. */
static const shape *shape_of_keys(const ion_value *keys, size_t n)
{
    const shape *s = n <= SHAPE_MAX ? shape_empty() : NULL;
    for (size_t i = 0; s && i < n; i++)
        s = !ION_IS_ATOM(keys[i]) || keys[i] == ATOM(proto) || shape_find(s, keys[i]) >= 0
                ? NULL
                : shape_add(s, keys[i], ION_ALL);
    return s;
}

static ion_status make_dictionary(jobs *todo, heap *h, const ion_data *d, object *o, const ion_value *keys)
{
    size_t n = d->as.list.n / 2;
    o->dict = dict_place(heap_take(h, dict_room((uint32_t)n)), (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        key k;
        if (keys[i] == ATOM(proto) || !key_of(keys[i], &k))
            continue;
        dict_entry *e = dict_find(o->dict, &k);
        if (!e) {
            dict_add(o->dict, &k, ION_UNDEFINED, ION_ALL);
            e = dict_find(o->dict, &k);
        }
        ion_status s = fill(todo, h, &d->as.list.items[2 * i + 1], &e->value);
        if (s)
            return s;
    }
    return ION_OK;
}

static ion_status make_object(jobs *todo, heap *h, const ion_data *d, ion_value *to)
{
    size_t n = d->as.list.n / 2;
    ion_value few[SHAPE_MAX], *keys = n <= SHAPE_MAX ? few : malloc(n * sizeof *keys);
    ion_status status = keys ? ION_OK : ION_E_MEMORY;
    for (size_t i = 0; i < n && !status; i++)
        if (!(keys[i] = make_key(h, &d->as.list.items[2 * i])))
            status = ION_E_MEMORY;
    const shape *s = status ? NULL : shape_of_keys(keys, n);
    if (!status) {
        object *o = object_place_new(heap_take(h, s ? object_bytes(s->count) : sizeof *o), s ? s->id : SHAPE_NONE,
                                     s ? s->count : 0);
        *to = value_object(o);
        if (!s)
            status = make_dictionary(todo, h, d, o, keys);
        for (size_t i = 0; s && i < n && !status; i++)
            status = fill(todo, h, &d->as.list.items[2 * i + 1], &o->slots->items[i]);
    }
    if (keys != few)
        free(keys);
    return status;
}

static ion_status make_row(jobs *todo, heap *h, const ion_data *d, ion_value *items)
{
    ion_status s = ION_OK;
    for (size_t i = 0; i < d->as.list.n && !s; i++)
        s = fill(todo, h, &d->as.list.items[i], &items[i]);
    (void)h;
    return s;
}

/* The copy of a list, its own lists left for later. */
static ion_status make_list(jobs *todo, heap *h, const ion_data *d, ion_value *to)
{
    size_t n = d->as.list.n;
    if (d->kind == ION_KIND_OBJECT)
        return make_object(todo, h, d, to);
    if (d->kind == ION_KIND_TUPLE) {
        tuple *t = heap_take(h, store_size(n));
        t->head = HEAD(KIND_TUPLE, n);
        t->items[0] = ION_UNDEFINED;
        *to = value_boxed(t);
        return make_row(todo, h, d, t->items);
    }
    array *a = array_place_new(heap_take(h, array_bytes((uint32_t)n)), (uint32_t)n);
    *to = value_array(a);
    return n ? make_row(todo, h, d, a->store->items) : ION_OK;
}

/* Puts a value's copy to its place, or, if it has parts, a note that it is to be made. */
static ion_status fill(jobs *todo, heap *h, const ion_data *from, ion_value *to)
{
    *to = ION_UNDEFINED;
    switch (from->kind) {
    case ION_KIND_UNIT: *to = ION_UNIT; break;
    case ION_KIND_BOOLEAN: *to = ION_BOOL(from->as.boolean); break;
    case ION_KIND_NUMBER: *to = value_number(from->as.number); break;
    case ION_KIND_ATOM: return (*to = make_atom(from)) ? ION_OK : ION_E_MEMORY;
    case ION_KIND_STRING:
        *to = make_string(h, from->as.text.bytes, from->as.text.size);
        return *to ? ION_OK : ION_E_MEMORY;
    case ION_KIND_PROCESS: *to = ION_PROCESS(from->as.process); break;
    case ION_KIND_COMPLEX: {
        complex_number *z = heap_take(h, sizeof *z);
        *z = (complex_number){HEAD(KIND_COMPLEX, 0), from->as.complex.re, from->as.complex.im};
        *to = value_boxed(z);
        break;
    }
    case ION_KIND_TUPLE:
    case ION_KIND_ARRAY:
    case ION_KIND_OBJECT: return add_job(todo, from, to) ? ION_OK : ION_E_MEMORY;
    default: break;
    }
    return ION_OK;
}

static ion_status copy_in(const ion_data *d, size_t n, ion_value *to, heap *h)
{
    jobs todo;
    ion_status s = ION_OK;
    jobs_start(&todo);
    for (size_t i = 0; i < n && !s; i++)
        s = fill(&todo, h, &d[i], &to[i]);
    while (todo.n && !s) {
        job j = todo.list[--todo.n];
        s = make_list(&todo, h, j.from, j.to);
    }
    jobs_end(&todo);
    return s;
}

static bool is_simple(const ion_data *d)
{
    return d->kind == ION_KIND_NUMBER || d->kind <= ION_KIND_BOOLEAN;
}

static ion_value simple(const ion_data *d)
{
    return d->kind == ION_KIND_NUMBER    ? value_number(d->as.number)
           : d->kind == ION_KIND_BOOLEAN ? ION_BOOL(d->as.boolean)
           : d->kind == ION_KIND_UNIT    ? ION_UNIT
                                         : ION_UNDEFINED;
}

ion_status data_in(const ion_data *d, size_t n, ion_value *to, fragment *f)
{
    size_t i = 0, bytes;
    *f = (fragment){0};
    for (; i < n && is_simple(&d[i]); i++)
        to[i] = simple(&d[i]);
    if (i == n)
        return ION_OK;
    ion_status s = measure(d, n, &bytes);
    if (s)
        return s;
    heap h = {0};
    if (bytes && !heap_extend(&h, bytes))
        return ION_E_MEMORY;
    s = copy_in(d, n, to, &h);
    if (s) {
        heap_free(&h);
        return s;
    }
    if (h.blocks)
        h.blocks->top = h.top;
    *f = (fragment){h.blocks, h.bytes, h.longs, bytes / sizeof(ion_value)};
    return ION_OK;
}
