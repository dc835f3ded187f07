/* gc.c: Cheney's copying collector.
 *
 * What the roots reach is copied to one fresh block with room for everything that is in the old ones, so that a
 * collection cannot fail once it has begun; pages of it that stay unused are never touched. The header of an original
 * becomes the address of its copy. The new block is its own queue: behind `scan` lie copies whose values still lead to
 * originals. A store or a dictionary belongs to one array or object: it is copied into it, or right behind it, with its whole
 * capacity, since whoever made the room relies on it.
 *
 * What is left of the new block serves until the next collection; a block much larger than that needs is replaced by a
 * second pass.
 */
#include "heap.h"
#include "visit.h"

enum { LEAST_ROOM = 512 - sizeof(block), MORE_FROM = 32 << 10, MORE_MOST = 1 << 20 };

struct gc {
    char *top, *end; /* of the new block's free part */
};

static void *take(gc *g, size_t size)
{
    char *to = g->top;
    if (ION_UNLIKELY((size_t)(g->end - to) < size))
        __builtin_trap(); /* a root led out of this heap */
    g->top += size;
    return to;
}

/* copy_words for values. What they lead to is asked for now: by the time that the scan comes here it is in the cache. */
static inline void copy_items(ion_value *to, const ion_value *from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        ion_value v = from[i];
        to[i] = v;
        if (ION_IS_HEAP(v))
            __builtin_prefetch(as_thing(v), 1);
    }
}

static inline bool movable(const void *part)
{
    return part && !(((const thing *)part)->head & HEAD_CONSTANT);
}

static NOT_INLINE object *copy_object(gc *g, const object *from)
{
    if (ION_UNLIKELY(is_dictionary(from))) {
        object *o = take(g, sizeof *o);
        *o = *from;
        o->head &= ~ROOM_INSIDE(INSIDE_MOST);
        if (movable(o->dict))
            o->dict = memcpy(take(g, dict_size(o->dict)), o->dict, dict_size(o->dict));
        return o;
    }
    uint32_t room = items_room(from->head, &from->slots);
    object *o = take(g, sizeof *o + room * sizeof(ion_value));
    o->head = (from->head & ~ROOM_INSIDE(INSIDE_MOST)) | ROOM_INSIDE(room);
    o->proto = from->proto;
    o->slots = room ? store_inside(&o->slots) : NULL;
    if (room)
        copy_items((ion_value *)(void *)(o + 1), from->slots->items, object_slots(o->head));
    return o;
}

/* One with more elements than can be counted inside. */
static NOT_INLINE array *copy_huge_array(gc *g, const array *from)
{
    array *a = take(g, sizeof *a);
    *a = *from;
    a->head &= ~ROOM_INSIDE(INSIDE_MOST);
    a->store = take(g, store_size_as(from->store->head));
    memcpy(a->store, from->store, sizeof(store) + a->len * sizeof(ion_value));
    return a;
}

static NOT_INLINE array *copy_array(gc *g, const array *from)
{
    uint32_t room = items_room(from->head, &from->store);
    if (ION_UNLIKELY(room > INSIDE_MOST))
        return copy_huge_array(g, from);
    array *a = take(g, sizeof *a + room * sizeof(ion_value));
    a->head = (from->head & ~ROOM_INSIDE(INSIDE_MOST)) | ROOM_INSIDE(room);
    a->store = room ? store_inside(&a->store) : NULL;
    if (room)
        copy_items((ion_value *)(void *)(a + 1), from->store->items, a->len);
    return a;
}

/* The copy of an original with this header. Most are arrays and objects with their items inside. */
static NOT_INLINE void *copy_thing(gc *g, const thing *from, uint64_t head)
{
    size_t inside = HEAD_INSIDE(head) * sizeof(ion_value);
    if (HEAD_KIND(head) == KIND_ARRAY) {
        const array *old = (const array *)from;
        if (ION_UNLIKELY((const void *)old->store != (const void *)&old->store))
            return copy_array(g, old);
        array *a = take(g, sizeof *a + inside);
        a->head = head;
        a->store = store_inside(&a->store);
        copy_items((ion_value *)(void *)(a + 1), (const ion_value *)(const void *)(old + 1), HEAD_COUNT(head));
        return a;
    }
    if (HEAD_KIND(head) == KIND_OBJECT) {
        const object *old = (const object *)from;
        if (ION_UNLIKELY((const void *)old->slots != (const void *)&old->slots || HEAD_COUNT(head) == SHAPE_NONE))
            return copy_object(g, old);
        object *o = take(g, sizeof *o + inside);
        o->head = head;
        o->proto = old->proto;
        o->slots = store_inside(&o->slots);
        copy_items((ion_value *)(void *)(o + 1), (const ion_value *)(const void *)(old + 1), object_slots(head));
        return o;
    }
    size_t size = thing_size_as(from, head);
    void *to = take(g, size);
    copy_words(to, from, size);
    return to;
}

static inline void move_value(gc *g, ion_value *v)
{
    if (!ION_IS_HEAP(*v))
        return;
    thing *from = as_thing(*v);
    uint64_t head = from->head;
    if (head & HEAD_LIVE) {
        if (head & HEAD_CONSTANT)
            return;
        from->head = head = (uintptr_t)copy_thing(g, from, head);
    }
    *v = (*v & ION_TAG_MASK) | head;
}

void gc_value(gc *g, ion_value *v)
{
    move_value(g, v);
}

/* For thing_visit. */
static inline void visit(void *context, ion_value *v)
{
    move_value(context, v);
}

/* The list of the long strings that were copied; the others drop their texts. */
static long_string *longs_sweep(long_string *old)
{
    long_string *list = NULL;
    for (long_string *s = old; s; s = s->next) {
        if (s->head & HEAD_LIVE) {
            text_drop(s->buffer);
        } else {
            long_string *copy = (long_string *)(uintptr_t)s->head;
            copy->next = list;
            list = copy;
        }
    }
    return list;
}

/* thing_visit for a copied object with a shape, as most things are; gives the end of it. */
static inline char *scan_object(gc *g, object *o)
{
    ion_value *slot = (ion_value *)(void *)(o + 1);
    move_value(g, &o->proto);
    uint32_t n = object_slots(o->head);
    for (uint32_t i = 0; i < n; i++)
        move_value(g, &slot[i]);
    return (char *)(slot + HEAD_INSIDE(o->head));
}

/* The same for an array that has its items inside, or none. */
static inline char *scan_array(gc *g, array *a)
{
    ion_value *item = (ion_value *)(void *)(a + 1);
    for (uint32_t i = 0, n = a->len; i < n; i++)
        move_value(g, &item[i]);
    return (char *)(item + HEAD_INSIDE(a->head));
}

/* The same for anything. */
static inline char *scan_thing(gc *g, thing *t)
{
    thing_visit(t, t->head, visit, g);
    thing *next = (thing *)(void *)((char *)t + thing_size(t));
    if ((char *)next < g->top && HEAD_KIND(next->head) == KIND_STORE) /* it has been visited with its owner */
        return (char *)next + store_size_as(next->head);
    return (char *)next;
}

/* One pass: everything to the block `to`, the heap's only one from then on. */
static void collect_into(heap *h, block *to, gc_roots *roots, void *context)
{
    gc g = {to->data, to->end};
    roots(&g, context);
    for (char *scan = to->data; scan < g.top;) {
        thing *t = (thing *)(void *)scan;
        kind k = HEAD_KIND(t->head);
        if (k == KIND_ARRAY && HEAD_COUNT(t->head) <= HEAD_INSIDE(t->head))
            scan = scan_array(&g, (array *)t);
        else if (k == KIND_OBJECT && HEAD_COUNT(t->head) != SHAPE_NONE)
            scan = scan_object(&g, (object *)t);
        else
            scan = scan_thing(&g, t);
    }
    h->longs = longs_sweep(h->longs);
    for (block *b = h->blocks, *next; b; b = next) {
        next = b->next;
        block_free(b);
    }
    h->blocks = to;
    h->top = g.top;
    h->end = to->end;
}

static size_t bytes_used(const heap *h)
{
    size_t used = 0;
    for (const block *b = h->blocks; b; b = b->next)
        used += (size_t)((b == h->blocks ? h->top : b->top) - b->data);
    return used;
}

/* More room than as much again as lives, for heaps that are neither tiny, of which there may be many, nor large. */
static size_t more_room(size_t live)
{
    return live < MORE_FROM ? 0 : live < MORE_MOST ? live : MORE_MOST;
}

/* Sets the threshold to twice what lives and some more, and gives the bytes that the block should have for it. */
static size_t set_threshold(heap *h, size_t need, size_t extra, size_t texts)
{
    size_t live = bytes_used(h) + need;
    size_t threshold = sizeof(block) + 2 * (live + texts) + more_room(live) + extra;
    h->threshold = threshold > HEAP_MIN + texts ? threshold : HEAP_MIN + texts;
    return (h->threshold - texts) & ~(size_t)7;
}

bool heap_collect(heap *h, size_t need, size_t extra, gc_roots *roots, void *context)
{
    need = round8(need);
    if (need > PTRDIFF_MAX / 4)
        return false;
    size_t room = bytes_used(h) + need;
    block *to = block_new(room > LEAST_ROOM ? room : LEAST_ROOM);
    if (!to)
        return false;
    collect_into(h, to, roots, context);
    size_t texts = 0;
    for (long_string *s = h->longs; s; s = s->next)
        texts += text_share(s->buffer);
    size_t goal = set_threshold(h, need, extra, texts);
    if (block_bytes(to) > 2 * goal) {
        block *smaller = block_new(goal - sizeof(block));
        if (smaller) {
            collect_into(h, smaller, roots, context);
            to = smaller;
        }
    }
    if (block_bytes(to) > goal) /* more than may be used before the next collection */
        to->end = h->end = (char *)to + goal;
    h->bytes = block_bytes(to) + texts;
    return true;
}
