/* gc.c: Cheney's copying collector.
 *
 * What the roots reach is copied to one fresh block with room for everything that is in the old ones, so that a
 * collection cannot fail once it has begun; pages of it that stay unused are never touched. The header of an original
 * becomes the address of its copy. The new block is its own queue: behind `scan` lie copies whose values still lead to
 * originals. A store or a dictionary belongs to one array or object: it is copied right behind it, with its whole
 * capacity, since whoever made the room relies on it.
 *
 * What is left of the new block serves until the next collection; a block much larger than that needs is replaced by a
 * second pass.
 */
#include "heap.h"
#include "mem.h"
#include "visit.h"

enum { LEAST_ROOM = 512 - sizeof(block) };

struct gc {
    char *top, *end; /* of the new block's free part */
};

static void *copy_bytes(gc *g, const void *from, size_t used, size_t size)
{
    char *to = g->top;
    if (ION_UNLIKELY((size_t)(g->end - to) < size))
        __builtin_trap(); /* a root led out of this heap */
    g->top += size;
    return memcpy(to, from, used);
}

static bool movable(const void *part)
{
    return part && !(((const thing *)part)->head & HEAD_CONSTANT);
}

/* Copies what belongs to a copied array or object alone. `n` items of the store are in use. */
static store *copy_store(gc *g, store *s, uint64_t n)
{
    return movable(s) ? copy_bytes(g, s, sizeof(store) + n * sizeof(ion_value), thing_size((thing *)s)) : s;
}

static void copy_parts(gc *g, thing *t)
{
    if (HEAD_KIND(t->head) == KIND_ARRAY) {
        array *a = (array *)t;
        a->store = copy_store(g, a->store, a->len);
    } else if (HEAD_KIND(t->head) == KIND_OBJECT) {
        object *o = (object *)t;
        if (object_shape(o))
            o->slots = copy_store(g, o->slots, object_slots(o->head));
        else if (movable(o->dict))
            o->dict = copy_bytes(g, o->dict, dict_size(o->dict), dict_size(o->dict));
    }
}

void gc_value(gc *g, ion_value *v)
{
    if (!ION_IS_HEAP(*v))
        return;
    thing *from = as_thing(*v);
    uint64_t head = from->head;
    if (head & HEAD_LIVE) {
        if (head & HEAD_CONSTANT)
            return;
        size_t size = thing_size(from);
        thing *to = copy_bytes(g, from, size, size);
        from->head = head = (uintptr_t)to;
        copy_parts(g, to);
    }
    *v = (*v & ION_TAG_MASK) | head;
}

static void visit(void *context, ion_value *v)
{
    gc_value(context, v);
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

/* One pass: everything to the block `to`, the heap's only one from then on. */
static void collect_into(heap *h, block *to, gc_roots *roots, void *context)
{
    gc g = {to->data, to->end};
    roots(&g, context);
    for (char *scan = to->data; scan < g.top;) {
        thing *t = (thing *)(void *)scan;
        size_t size = thing_size(t);
        thing_visit(t, t->head, visit, &g);
        scan += size;
    }
    h->longs = longs_sweep(h->longs);
    for (block *b = h->blocks, *next; b; b = next) {
        next = b->next;
        mem_free(b);
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

/* Sets the threshold to twice what lives, and gives the bytes that the block should have for it. */
static size_t set_threshold(heap *h, size_t need, size_t extra, size_t texts)
{
    size_t live = bytes_used(h) + need;
    size_t threshold = sizeof(block) + 2 * (live + texts) + extra;
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
