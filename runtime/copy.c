/* copy.c: copies of values for another process.
 *
 * One walk, as a collection's (Cheney): what is found is copied to the end of the copy, its header becomes the address
 * of its copy, and the copies are gone through in order for what they lead to. The log says whose headers were
 * borrowed: the copies have them. In the end, whatever happened, they are given back.
 *
 * Most messages are small: they are copied to the C stack first and then, as they stand, to a block of just the right
 * size. What does not fit there is begun again in blocks on its own, each a part of what came before it, so that little
 * of the last one stays unused.
 *
 * Constants are shared and never written to; constant tuples are only counted, since they are charged for.
 */
#include "heap.h"
#include "mem.h"
#include "visit.h"

enum { LOG_INSIDE = 48, SEEN_INSIDE = 16, SMALL = 1024, LEAST_CHUNK = 4096, CHUNK_PART = 4, SHORT_ARRAY = 1024 };

/* What was met, with its head. */
typedef struct noted {
    thing *at;
    uint64_t head;
} noted;

typedef struct list {
    noted *at;
    size_t n, cap;
    noted inside[LOG_INSIDE];
} list;

/* Constants met: open addressing, at most half full; the size is a power of 2. */
typedef struct seen {
    const thing **at;
    size_t size, used;
    const thing *inside[SEEN_INSIDE];
} seen;

struct copier {
    char *top, *end; /* of the free part of where copies go */
    bool in_blocks;  /* copies go to blocks, not to `small` */
    block *first, *newest;
    block *part; /* what is gone through, and where */
    char *scan;
    uint32_t element; /* of a long array there */
    size_t bytes;     /* of the blocks */
    uint64_t units;
    long_string *longs;
    bool failed, too_large; /* memory is out; `small` is full */
    bool walked;            /* what is left is to give heads back */
    list log;
    list constants; /* tuples whose elements are not counted yet */
    seen seen;
    uint64_t small[SMALL / sizeof(uint64_t)];
};

static void list_init(list *l)
{
    l->at = l->inside;
    l->n = 0;
    l->cap = LOG_INSIDE;
}

static NOT_INLINE bool list_grow(list *l)
{
    size_t bytes = l->cap * sizeof *l->at;
    noted *at = l->at == l->inside ? mem_alloc(4 * bytes) : mem_realloc(l->at, 4 * bytes);
    if (!at)
        return false;
    if (l->at == l->inside)
        memcpy(at, l->inside, bytes);
    l->at = at;
    l->cap *= 4;
    return true;
}

static inline bool list_put(list *l, thing *t)
{
    if (ION_UNLIKELY(l->n == l->cap) && !list_grow(l))
        return false;
    l->at[l->n++] = (noted){t, t->head};
    return true;
}

static void list_free(list *l)
{
    if (l->at != l->inside)
        mem_free(l->at);
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

/* A constant tuple: counted once. What is in it comes later. */
static NOT_INLINE void note_constant(copier *c, thing *t)
{
    seen *s = &c->seen;
    if (!s->at) {
        memset(s->inside, 0, sizeof s->inside);
        s->at = s->inside;
        s->size = SEEN_INSIDE;
        list_init(&c->constants);
    }
    const thing **place = seen_place(s, t);
    if (*place)
        return;
    *place = t;
    c->units += 1 + (uint64_t)HEAD_COUNT(t->head);
    if ((2 * ++s->used > s->size && !seen_grow(s)) || !list_put(&c->constants, t))
        c->failed = true;
}

static bool is_constant_tuple(uint64_t head)
{
    return (head & HEAD_CONSTANT) && HEAD_KIND(head) == KIND_TUPLE;
}

/* Counts what constant tuples consist of: constants. */
static void count_constants(copier *c)
{
    while (c->seen.at && c->constants.n && !c->failed) {
        const tuple *t = (const tuple *)c->constants.at[--c->constants.n].at;
        for (uint32_t i = 0; i < HEAD_COUNT(t->head); i++)
            if (ION_IS_HEAP(t->items[i]) && is_constant_tuple(as_thing(t->items[i])->head))
                note_constant(c, as_thing(t->items[i]));
    }
}

/* ---- where copies go ---- */

/* Another block, for at least `size` bytes. */
static NOT_INLINE bool next_chunk(copier *c, size_t size)
{
    if (!c->in_blocks) {
        c->too_large = true;
        return false;
    }
    size_t room = c->bytes / CHUNK_PART;
    room = (room < LEAST_CHUNK ? LEAST_CHUNK : room) & ~(size_t)7;
    block *b = block_new(room < size ? size : room);
    if (!b)
        return false;
    if (c->newest) {
        c->newest->top = c->top;
        c->newest->next = b; /* oldest first until the end */
    } else {
        c->first = b;
    }
    c->newest = b;
    c->top = b->data;
    c->end = b->end;
    c->bytes += block_bytes(b);
    return true;
}

static void copy_long(copier *c, long_string *to, const long_string *from)
{
    to->len = from->len;
    to->buffer = from->buffer;
    to->next = c->longs;
    c->longs = to;
    text_hold(to->buffer);
}

/* Bytes of the copy of t, with what belongs to it alone and without its unused room; *units: what it costs. */
static inline size_t copy_size(const thing *t, uint64_t *units)
{
    switch (HEAD_KIND(t->head)) {
    case KIND_ARRAY: {
        const array *a = (const array *)t;
        *units = 1 + (uint64_t)a->len;
        return array_bytes(a->len);
    }
    case KIND_OBJECT: {
        const object *o = (const object *)t;
        *units = 1 + (uint64_t)(object_shape(o) ? object_slots(o->head) : dict_count(o->dict));
        return object_shape(o) ? object_bytes(object_slots(o->head)) : sizeof(object) + dict_size(o->dict);
    }
    case KIND_TUPLE:
    case KIND_CLOSURE: *units = 1 + (uint64_t)HEAD_COUNT(t->head); break;
    case KIND_BOUND: *units = 2; break;
    default: *units = 0; break;
    }
    return thing_size(t);
}

/* The copy of one original at `to`; its values still lead to originals. */
static void copy_thing(copier *c, thing *to, const thing *t, size_t size)
{
    switch (HEAD_KIND(to->head)) {
    case KIND_OBJECT: {
        const object *from = (const object *)t;
        uint32_t id = HEAD_COUNT(to->head), n = id == SHAPE_NONE ? 0 : object_slots(to->head);
        object *o = object_place_new(to, id, n);
        o->proto = from->proto;
        if (id == SHAPE_NONE)
            o->dict = memcpy(o + 1, from->dict, dict_size(from->dict));
        else if (n)
            copy_words(o + 1, from->slots->items, n * sizeof(ion_value));
        return;
    }
    case KIND_LONG: copy_long(c, (long_string *)to, (const long_string *)t); return;
    default: copy_words(to + 1, t + 1, size - sizeof(thing)); return;
    }
}

/* ---- the walk ---- */

/* Room for the copy of t, which costs `units`; its head leads there from now on. NULL: there is none. */
static inline thing *claim(copier *c, thing *t, size_t size, uint64_t units)
{
    if (ION_UNLIKELY((size_t)(c->end - c->top) < size) && !next_chunk(c, size))
        return NULL;
    if (ION_UNLIKELY(!list_put(&c->log, t)))
        return NULL;
    thing *to = (thing *)(void *)c->top;
    c->top += size;
    c->units += units;
    to->head = t->head;
    t->head = (uintptr_t)to;
    return to;
}

static NOT_INLINE void copy_other(copier *c, thing *t)
{
    uint64_t units;
    size_t size = copy_size(t, &units);
    thing *to = claim(c, t, size, units);
    if (to)
        copy_thing(c, to, t, size);
    else
        c->failed = true;
}

/* The elements of a long one come when its copy is gone through, from the original's store, which its own leads to
 * until then. */
static NOT_INLINE void copy_long_array(copier *c, array *from)
{
    uint32_t n = from->len;
    store *items = from->store;
    thing *to = claim(c, (thing *)from, array_bytes(n), 1 + (uint64_t)n);
    if (to)
        array_place_new(to, n)->store = items;
    else
        c->failed = true;
}

static inline void copy_array(copier *c, array *from)
{
    uint32_t n = from->len;
    if (ION_UNLIKELY(n > SHORT_ARRAY)) {
        copy_long_array(c, from);
        return;
    }
    thing *to = claim(c, (thing *)from, sizeof(array) + n * sizeof(ion_value), 1 + (uint64_t)n);
    if (ION_UNLIKELY(!to)) {
        c->failed = true;
        return;
    }
    array *a = array_place_new(to, n);
    if (n)
        copy_words(a + 1, from->store->items, n * sizeof(ion_value));
}

/* For each value in a copy: an original is copied if it has not been, and the value becomes its copy. */
static inline __attribute__((always_inline)) void forward(void *context, ion_value *v)
{
    copier *c = context;
    if (!ION_IS_HEAP(*v))
        return;
    thing *t = as_thing(*v);
    uint64_t head = t->head;
    if (head & HEAD_LIVE) {
        if (ION_UNLIKELY(head & HEAD_CONSTANT)) {
            if (is_constant_tuple(head))
                note_constant(c, t);
            return;
        }
        if (HEAD_KIND(head) == KIND_ARRAY)
            copy_array(c, (array *)t);
        else
            copy_other(c, t);
        if (ION_UNLIKELY(c->failed))
            return;
        head = t->head;
    }
    *v = (*v & ION_TAG_MASK) | head;
}

static NOT_INLINE void forward_one(void *context, ion_value *v)
{
    forward(context, v);
}

/* The values of the copy at c->scan, one that is no array. */
static NOT_INLINE void walk_other(copier *c, uint64_t *left)
{
    uint64_t units;
    thing *t = (thing *)(void *)c->scan;
    thing_visit(t, t->head, forward_one, c);
    c->scan += copy_size(t, &units);
    *left -= units < *left ? units : *left;
}

/* Elements of a long array's copy at c->scan, from c->element on. */
static NOT_INLINE void walk_long_array(copier *c, uint64_t *left)
{
    array *a = (array *)(void *)c->scan;
    char *end = c->scan + array_bytes(a->len);
    ion_value *to = (ion_value *)(void *)end - a->len;
    uint32_t i = c->element, n = a->len - i < *left ? a->len : i + (uint32_t)*left;
    *left -= n - i;
    for (; i < n && !c->failed; i++) {
        to[i] = a->store->items[i];
        forward_one(c, &to[i]);
    }
    c->element = n;
    if (n < a->len)
        return;
    a->store = array_place_new(a, n)->store;
    c->element = 0;
    c->scan = end;
}

/* Goes through the copies from c->scan on, and what they lead to: about `most` values of them. True: there are more. */
static bool walk_on(copier *c, uint64_t most)
{
    uint64_t left = most;
    for (;;) {
        if (c->scan >= (c->part == c->newest ? c->top : c->part->top)) {
            if (c->part == c->newest)
                return false;
            c->part = c->part->next;
            c->scan = c->part->data;
            continue;
        }
        if (c->failed || !left)
            return !c->failed;
        const array *a = (const array *)(void *)c->scan;
        if (HEAD_KIND(a->head) != KIND_ARRAY) {
            walk_other(c, &left);
        } else if (ION_UNLIKELY(a->len > SHORT_ARRAY)) {
            walk_long_array(c, &left);
        } else {
            ion_value *v = (ion_value *)(void *)(c->scan + sizeof(array));
            left -= a->len < left ? a->len + 1 : left;
            c->scan += sizeof(array) + a->len * sizeof(ion_value);
            for (; (char *)v < c->scan; v++)
                forward(c, v);
        }
    }
}

/* ---- the whole ---- */

static void begin(copier *c, bool in_blocks)
{
    c->top = c->scan = (char *)c->small;
    c->end = in_blocks ? c->top : (char *)c->small + sizeof c->small;
    c->in_blocks = in_blocks;
    c->first = c->newest = c->part = NULL;
    c->bytes = c->units = 0;
    c->element = 0;
    c->longs = NULL;
    c->failed = c->too_large = c->walked = false;
    list_init(&c->log);
    c->seen.at = NULL;
    c->seen.used = 0;
}

/* What the n values lead to; the rest is for walk_on. */
static void walk_roots(copier *c, const ion_value *from, uint32_t n)
{
    for (uint32_t i = 0; i < n && !c->failed; i++) {
        ion_value v = from[i];
        forward_one(c, &v);
    }
    c->part = c->first;
    if (c->part)
        c->scan = c->part->data;
}

/* A whole walk, if it does not come to more than `most`. The originals' heads lead to the copies. */
static copy_state walk(copier *c, const ion_value *from, uint32_t n, uint64_t most)
{
    walk_roots(c, from, n);
    if (walk_on(c, most))
        return COPY_MORE;
    if (c->seen.at)
        count_constants(c);
    return c->failed ? COPY_FAILED : COPY_DONE;
}

/* Gives back up to `most` of the heads that were borrowed, the last first. True: there are more. */
static bool give_back(copier *c, size_t most)
{
    size_t n = c->log.n, least = n > most ? n - most : 0;
    for (; n > least; n--)
        c->log.at[n - 1].at->head = c->log.at[n - 1].head;
    c->log.n = n;
    return n != 0;
}

/* Undoes a walk but for the blocks that it made. */
static void end(copier *c)
{
    (void)give_back(c, SIZE_MAX);
    list_free(&c->log);
    if (!c->seen.at)
        return;
    list_free(&c->constants);
    if (c->seen.at != c->seen.inside)
        mem_free(c->seen.at);
}

/* The blocks and long strings of a walk as a fragment. */
static void take_blocks(copier *c, fragment *f)
{
    if (c->newest)
        c->newest->top = c->top;
    for (block *b = c->first, *next; b; b = next) {
        next = b->next;
        b->next = f->blocks;
        f->blocks = b;
    }
    f->bytes += c->bytes;
    for (const long_string *l = c->longs; l; l = l->next)
        f->bytes += text_share(l->buffer);
    f->longs = c->longs;
    f->units = c->units;
}

typedef struct move {
    uint64_t from, bytes, by; /* what leads there, now leads elsewhere */
} move;

static inline void shift(void *context, ion_value *v)
{
    const move *m = context;
    if (ION_IS_HEAP(*v) && (*v & ION_PAYLOAD) - m->from < m->bytes)
        *v += m->by;
}

/* Moves the copies in `small` to a block of their own; heads of originals lead there, too. */
static bool settle(copier *c)
{
    size_t used = (size_t)(c->top - (char *)c->small);
    block *b = used ? block_new(used) : NULL;
    if (!b)
        return !used;
    memcpy(b->data, c->small, used);
    move m = {(uintptr_t)c->small, used, (uintptr_t)b->data - (uintptr_t)c->small};
    c->longs = NULL;
    uint64_t units;
    for (char *scan = b->data; scan < b->data + used; scan += copy_size((thing *)(void *)scan, &units)) {
        thing *t = (thing *)(void *)scan;
        switch (HEAD_KIND(t->head)) {
        case KIND_ARRAY: (void)array_place_new(t, HEAD_COUNT(t->head)); break;
        case KIND_OBJECT:
            if (object_shape((object *)t))
                ((object *)t)->slots = HEAD_INSIDE(t->head) ? store_inside(&((object *)t)->slots) : NULL;
            else
                ((object *)t)->dict = (dict *)((object *)t + 1);
            break;
        case KIND_LONG:
            ((long_string *)t)->next = c->longs;
            c->longs = (long_string *)t;
            break;
        default: break;
        }
        thing_visit(t, t->head, shift, &m);
    }
    for (size_t i = 0; i < c->log.n; i++)
        c->log.at[i].at->head += m.by;
    c->first = c->newest = b;
    c->top = b->end;
    c->bytes = block_bytes(b);
    return true;
}

/* copy_values up to about `most` units; COPY_MORE: there are more, and nothing has happened. */
static copy_state copy_up_to(fragment *f, const ion_value *from, ion_value *to, uint32_t n, uint64_t most)
{
    copier c;
    begin(&c, false);
    copy_state state = walk(&c, from, n, most);
    if (state == COPY_DONE && !settle(&c))
        state = COPY_FAILED;
    if (c.too_large) {
        end(&c);
        fragment_free(&(fragment){.longs = c.longs});
        begin(&c, true);
        state = walk(&c, from, n, most);
    }
    take_blocks(&c, f);
    if (state == COPY_DONE) {
        memmove(to, from, n * sizeof *to);
        for (uint32_t i = 0; i < n; i++)
            forward_one(&c, &to[i]);
    }
    end(&c);
    if (state != COPY_DONE)
        fragment_free(f);
    return state;
}

bool copy_values(fragment *f, const ion_value *from, ion_value *to, uint32_t n)
{
    *f = (fragment){0};
    uint32_t first = 0;
    while (first < n && !ION_IS_HEAP(from[first]))
        first++;
    if (first < n && copy_up_to(f, from + first, to + first, n - first, UINT64_MAX) != COPY_DONE)
        return false;
    memmove(to, from, first * sizeof *to);
    return true;
}

/* ---- in steps ---- */

copy_state copy_at_most(fragment *f, ion_value from, ion_value *to, uint64_t most)
{
    *f = (fragment){0};
    return copy_up_to(f, &from, to, 1, most);
}

copier *copy_begin(ion_value v)
{
    copier *c = mem_alloc(sizeof *c);
    if (!c)
        return NULL;
    begin(c, true);
    walk_roots(c, &v, 1);
    return c;
}

copy_state copy_go_on(copier *c, ion_value *v, uint64_t most)
{
    if (!c->walked) {
        if (walk_on(c, most))
            return COPY_MORE;
        if (c->seen.at)
            count_constants(c);
        if (!c->failed)
            forward_one(c, v);
        c->walked = true;
    }
    if (give_back(c, most))
        return COPY_MORE;
    return c->failed ? COPY_FAILED : COPY_DONE;
}

void copy_end(copier *c, fragment *f)
{
    *f = (fragment){0};
    take_blocks(c, f);
    end(c);
    mem_free(c);
}
