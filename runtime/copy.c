/* copy.c: copies of values for another process.
 *
 * Two walks. The first finds everything that is reached, in breadth-first order: the log of what was found is its
 * queue. An object found gets its place in the copy; its header becomes the offset of that place (bit 0 clear), and the
 * log keeps the header. Now the size is known and one block is allocated; nothing can fail any more. The second walk
 * goes along the log, copies each object and turns its values' offsets into addresses. In the end, whatever happened,
 * the log gives the headers back.
 *
 * Constants are shared and never written to; constant tuples take part in the first walk alone, since they are charged
 * for.
 */
#include "heap.h"
#include "mem.h"
#include "visit.h"

enum { LOG_INSIDE = 48, SEEN_INSIDE = 16 };

typedef struct entry {
    thing *from;
    uint64_t head; /* of the original; HEAD_CONSTANT: only counted */
} entry;

/* Constants met: open addressing, at most half full; the size is a power of 2. */
typedef struct seen {
    const thing **at;
    size_t size, used;
    const thing *inside[SEEN_INSIDE];
} seen;

typedef struct copier {
    entry *log;
    size_t n, cap;
    size_t bytes; /* of the copy so far */
    uint64_t units;
    char *data; /* the copy, in the second walk */
    bool failed;
    seen seen;
    entry inside[LOG_INSIDE];
} copier;

static NOT_INLINE bool log_grow(copier *c)
{
    size_t bytes = c->cap * sizeof(entry);
    entry *log = c->log == c->inside ? mem_alloc(2 * bytes) : mem_realloc(c->log, 2 * bytes);
    if (!log)
        return false;
    if (c->log == c->inside)
        memcpy(log, c->inside, bytes);
    c->log = log;
    c->cap *= 2;
    return true;
}

static inline bool log_put(copier *c, thing *from, uint64_t head)
{
    if (ION_UNLIKELY(c->n == c->cap) && !log_grow(c))
        return false;
    c->log[c->n++] = (entry){from, head};
    return true;
}

static const thing **seen_place(const seen *s, const thing *t)
{
    size_t i = (size_t)(((uintptr_t)t >> 3) * 0x9E3779B97F4A7C15ull >> 32);
    while (s->at[i & (s->size - 1)] && s->at[i & (s->size - 1)] != t)
        i++;
    return &s->at[i & (s->size - 1)];
}

static bool seen_grow(seen *s)
{
    seen bigger = {.at = mem_zalloc(2 * s->size * sizeof *s->at), .size = 2 * s->size, .used = s->used};
    if (!bigger.at)
        return false;
    for (size_t i = 0; i < s->size; i++)
        if (s->at[i])
            *seen_place(&bigger, s->at[i]) = s->at[i];
    if (s->at != s->inside)
        mem_free(s->at);
    s->at = bigger.at;
    s->size = bigger.size;
    return true;
}

/* A constant tuple: counted once, with what is in it. */
static bool note_constant(copier *c, thing *t)
{
    seen *s = &c->seen;
    if (!s->at) {
        memset(s->inside, 0, sizeof s->inside);
        s->at = s->inside;
        s->size = SEEN_INSIDE;
    }
    const thing **place = seen_place(s, t);
    if (*place)
        return true;
    *place = t;
    c->units += 1 + (uint64_t)HEAD_COUNT(t->head);
    return (2 * ++s->used <= s->size || seen_grow(s)) && log_put(c, t, t->head);
}

static size_t store_size(uint64_t n)
{
    return n ? sizeof(store) + n * sizeof(ion_value) : 0;
}

/* Bytes of the copy of t, with what belongs to it alone and without its unused room; *units: what it costs. */
static inline size_t copy_size(const thing *t, uint64_t *units)
{
    switch (HEAD_KIND(t->head)) {
    case KIND_ARRAY: {
        const array *a = (const array *)t;
        *units = 1 + a->len;
        return sizeof(array) + store_size(a->len);
    }
    case KIND_OBJECT: {
        const object *o = (const object *)t;
        *units = 1 + (uint64_t)(object_shape(o) ? object_slots(o->head) : dict_count(o->dict));
        return sizeof(object) + (object_shape(o) ? store_size(object_slots(o->head)) : dict_size(o->dict));
    }
    case KIND_TUPLE:
    case KIND_CLOSURE: *units = 1 + (uint64_t)HEAD_COUNT(t->head); break;
    case KIND_BOUND: *units = 2; break;
    default: *units = 0; break;
    }
    return thing_size(t);
}

/* First walk, for each value found. */
static inline void note(void *context, ion_value *v)
{
    copier *c = context;
    if (!ION_IS_HEAP(*v) || c->failed)
        return;
    thing *t = as_thing(*v);
    uint64_t head = t->head;
    if (!(head & HEAD_LIVE))
        return;
    if (head & HEAD_CONSTANT) {
        if (HEAD_KIND(head) == KIND_TUPLE && !note_constant(c, t))
            c->failed = true;
        return;
    }
    uint64_t units;
    size_t size = copy_size(t, &units);
    if (!log_put(c, t, head)) {
        c->failed = true;
        return;
    }
    t->head = c->bytes;
    c->bytes += size;
    c->units += units;
}

/* Second walk, for each value in a copy. */
static void place(void *context, ion_value *v)
{
    const copier *c = context;
    if (!ION_IS_HEAP(*v))
        return;
    uint64_t head = as_thing(*v)->head;
    if (!(head & HEAD_LIVE))
        *v = (*v & ION_TAG_MASK) | (uintptr_t)(c->data + head);
}

static store *copy_store(void *to, const store *from, uint64_t n)
{
    if (!n)
        return NULL;
    store *s = to;
    s->head = HEAD(KIND_STORE, n);
    memcpy(s->items, from->items, n * sizeof(ion_value));
    return s;
}

/* The copy of one original at `to`; its values are still offsets. */
static void copy_thing(thing *to, const entry *e, fragment *f)
{
    to->head = e->head;
    switch (HEAD_KIND(e->head)) {
    case KIND_ARRAY: {
        array *a = (array *)to;
        const array *from = (const array *)e->from;
        a->len = from->len;
        a->store = copy_store(a + 1, from->store, from->len);
        return;
    }
    case KIND_OBJECT: {
        object *o = (object *)to;
        const object *from = (const object *)e->from;
        o->proto = from->proto;
        if (object_shape(o))
            o->slots = copy_store(o + 1, from->slots, object_slots(o->head));
        else
            o->dict = memcpy(o + 1, from->dict, dict_size(from->dict));
        return;
    }
    case KIND_STRING: ((string *)to)->len = ((string *)e->from)->len; break;
    case KIND_LONG: {
        long_string *s = (long_string *)to;
        *s = *(long_string *)e->from;
        s->head = e->head;
        s->next = f->longs;
        f->longs = s;
        text_hold(s->buffer);
        f->bytes += text_share(s->buffer);
        return;
    }
    default: break;
    }
    memcpy(to + 1, e->from + 1, thing_size(to) - sizeof(thing));
}

static bool copy_noted(copier *c, fragment *f)
{
    block *b = block_new(c->bytes);
    if (!b)
        return false;
    b->top = b->end;
    c->data = b->data;
    f->blocks = b;
    f->bytes = block_bytes(b);
    for (size_t i = 0; i < c->n; i++) {
        const entry *e = &c->log[i];
        if (e->head & HEAD_CONSTANT)
            continue;
        thing *to = (thing *)(void *)(c->data + e->from->head);
        copy_thing(to, e, f);
        thing_visit(to, to->head, place, c);
    }
    return true;
}

bool copy_values(fragment *f, const ion_value *from, ion_value *to, uint32_t n)
{
    *f = (fragment){0};
    uint32_t first = 0;
    while (first < n && !ION_IS_HEAP(from[first]))
        first++;
    if (first == n) {
        memmove(to, from, n * sizeof *to);
        return true;
    }
    copier c;
    c.log = c.inside;
    c.n = c.bytes = c.units = 0;
    c.cap = LOG_INSIDE;
    c.failed = false;
    c.seen.at = NULL;
    c.seen.used = 0;
    for (uint32_t i = first; i < n; i++) {
        ion_value v = from[i];
        note(&c, &v);
    }
    for (size_t i = 0; i < c.n && !c.failed; i++)
        thing_visit(c.log[i].from, c.log[i].head, note, &c);
    bool done = !c.failed && (!c.bytes || copy_noted(&c, f));
    if (done) {
        f->units = c.units;
        memmove(to, from, n * sizeof *to);
        for (uint32_t i = first; i < n; i++)
            place(&c, &to[i]);
    }
    for (size_t i = 0; i < c.n; i++)
        if (!(c.log[i].head & HEAD_CONSTANT))
            c.log[i].from->head = c.log[i].head;
    if (c.log != c.inside)
        mem_free(c.log);
    if (c.seen.at && c.seen.at != c.seen.inside)
        mem_free(c.seen.at);
    return done;
}
