/* shape.c: the tree of shapes.
 *
 * A shape is a node; its children add one property or change one property's flags (then the key is one the parent has
 * already, so both kinds share one set of children, told apart by key and flags). Children hang in a list, and from
 * FAN_MIN of them on in a hash table besides.
 *
 * Keys stand in tables that a shape shares with its descendants as long as each is the first to add to it: shape s
 * owns keys[0..s->count), what lies behind belongs to others. A table of more than LINEAR keys has an index: a hash
 * table of places. A place beyond s->count is a key that s does not have.
 *
 * Writers hold a mutex; nodes, tables, index entries and fans are complete before a release store makes them visible.
 * At most SHAPES are ever made: a program that makes objects in ever new orders gets dictionaries instead.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "atom.h"
#include "mem.h"
#include "shape.h"

#define LINEAR  8
#define FAN_MIN 8

struct shape_index {
    uint32_t cap;            /* keys */
    uint32_t used;           /* writers only */
    _Atomic uint8_t *places; /* place + 1, 0: free; 2 * cap of them; NULL up to LINEAR keys */
    shape_key keys[];
};

typedef struct node node;
typedef struct fan {
    uint32_t mask;
    struct fan *older;
    _Atomic(node *) nodes[];
} fan;

struct node {
    shape s;        /* first: a shape is used as its node */
    ion_value atom; /* what the node adds or changes */
    uint32_t flags;
    uint32_t nchildren; /* writers only */
    node *sibling;
    _Atomic(node *) children;
    _Atomic(fan *) fan;
};

static pthread_mutex_t writers = PTHREAD_MUTEX_INITIALIZER;
static node root = {.s = {.id = 1}};
const shape *shape_table[SHAPE_NONE + 1]; /* half a megabyte: too much for an executable's data */

__attribute__((constructor)) static void table_start(void)
{
    shape_table[1] = &root.s;
}
static uint32_t made = 1; /* writers only */
ion_u32 ion_setattr_seen;
static bool seen[ATOM_FIXED];

_Static_assert(SHAPE_MAX < 255 && (SHAPE_MAX & (SHAPE_MAX - 1)) == 0, "places are bytes, table sizes powers of two");

const shape *shape_empty(void)
{
    return &root.s;
}

static void magic_note_atom(ion_value atom)
{
    uint64_t number = atom & ION_PAYLOAD;
    if (number < ATOM_FIXED)
        seen[number] = true;
    if (atom == ATOM(setattr))
        ion_setattr_seen = 1;
}

void magic_note(uint32_t hash, const char *text, size_t len)
{
    ion_value atom = len > 4 && text[0] == '_' && text[1] == '_' ? atom_find(text, len, hash) : 0;
    if (atom)
        magic_note_atom(atom);
}

bool magic_seen(ion_value atom)
{
    return seen[atom & ION_PAYLOAD];
}

static uint32_t atom_hash(ion_value atom)
{
    return (uint32_t)atom * 0x9E3779B1u >> 8;
}

/* ---- keys ---- */

int shape_find(const shape *s, ion_value atom)
{
    const struct shape_index *x = s->index;
    if (s->count <= LINEAR) {
        for (uint32_t i = 0; i < s->count; i++)
            if (s->keys[i].atom == atom)
                return (int)i;
        return -1;
    }
    uint32_t mask = 2 * x->cap - 1, place;
    for (uint32_t i = atom_hash(atom) & mask;
         /* pairs with the release in index_put */
         (place = atomic_load_explicit(&x->places[i], memory_order_acquire)); i = (i + 1) & mask)
        if (x->keys[place - 1].atom == atom)
            return place <= s->count ? (int)place - 1 : -1;
    return -1;
}

static void index_put(struct shape_index *x, uint32_t place)
{
    uint32_t mask = 2 * x->cap - 1;
    uint32_t i = atom_hash(x->keys[place].atom) & mask;
    while (atomic_load_explicit(&x->places[i], memory_order_relaxed))
        i = (i + 1) & mask;
    atomic_store_explicit(&x->places[i], (uint8_t)(place + 1), memory_order_release);
}

static void keys_add(struct shape_index *x, ion_value atom, uint32_t flags)
{
    x->keys[x->used] = (shape_key){atom, flags};
    if (x->places)
        index_put(x, x->used);
    x->used++;
}

/* A table with the n first keys of another one and room for at least one more if n < SHAPE_MAX. */
static struct shape_index *keys_copy(const shape_key *keys, uint32_t n)
{
    uint32_t cap = 4;
    while (cap <= n && cap < SHAPE_MAX)
        cap *= 2;
    size_t bytes = sizeof(struct shape_index) + cap * sizeof(shape_key);
    struct shape_index *x = mem_zalloc(bytes + (cap > LINEAR ? 2 * cap : 0));
    if (!x)
        return NULL;
    x->cap = cap;
    if (cap > LINEAR)
        x->places = (_Atomic uint8_t *)x + bytes;
    for (uint32_t i = 0; i < n; i++)
        keys_add(x, keys[i].atom, keys[i].flags);
    return x;
}

/* ---- children ---- */

static uint32_t child_hash(ion_value atom, uint32_t flags)
{
    return atom_hash(atom) ^ flags * 0x9E3779u;
}

static node *child_find(node *n, ion_value atom, uint32_t flags)
{
    node *c;
    const fan *f = atomic_load_explicit(&n->fan, memory_order_acquire); /* pairs with fan_grow */
    if (f) {
        for (uint32_t i = child_hash(atom, flags) & f->mask;
             (c = atomic_load_explicit(&f->nodes[i], memory_order_acquire)); i = (i + 1) & f->mask)
            if (c->atom == atom && c->flags == flags)
                return c;
        return NULL;
    }
    c = atomic_load_explicit(&n->children, memory_order_acquire); /* pairs with child_publish */
    while (c && (c->atom != atom || c->flags != flags))
        c = c->sibling;
    return c;
}

static void fan_put(fan *f, node *c)
{
    uint32_t i = child_hash(c->atom, c->flags) & f->mask;
    while (atomic_load_explicit(&f->nodes[i], memory_order_relaxed))
        i = (i + 1) & f->mask;
    atomic_store_explicit(&f->nodes[i], c, memory_order_release);
}

/* Makes sure that the fan, if n needs one, has room for one child more. */
static bool fan_grow(node *n)
{
    fan *old = atomic_load_explicit(&n->fan, memory_order_relaxed);
    if (n->nchildren < FAN_MIN || (old && n->nchildren < old->mask / 2))
        return true;
    uint32_t size = old ? 2 * (old->mask + 1) : 4 * FAN_MIN;
    fan *f = mem_zalloc(sizeof *f + size * sizeof f->nodes[0]);
    if (!f)
        return false;
    f->mask = size - 1;
    f->older = old;
    for (node *c = atomic_load_explicit(&n->children, memory_order_relaxed); c; c = c->sibling)
        fan_put(f, c);
    atomic_store_explicit(&n->fan, f, memory_order_release);
    return true;
}

static void child_publish(node *n, node *c)
{
    c->sibling = atomic_load_explicit(&n->children, memory_order_relaxed);
    atomic_store_explicit(&n->children, c, memory_order_release);
    n->nchildren++;
    fan *f = atomic_load_explicit(&n->fan, memory_order_relaxed);
    if (f)
        fan_put(f, c);
}

/* ---- new shapes, with the mutex held ---- */

static uint32_t visible_in(const shape_key *keys, uint32_t n)
{
    uint32_t visible = 0;
    for (uint32_t i = 0; i < n; i++)
        visible += (keys[i].flags & ION_ENUMERABLE) != 0;
    return visible;
}

/* The child of `parent` with one key more (slot == parent's count) or with other flags for a slot. */
static node *child_make(node *parent, uint32_t slot, ion_value atom, uint32_t flags)
{
    const shape *s = &parent->s;
    bool adds = slot == s->count;
    struct shape_index *x = s->index;
    if (made >= SHAPES || !fan_grow(parent))
        return NULL;
    node *c = mem_zalloc(sizeof *c);
    if (!c)
        return NULL;
    if (!adds || !x || x->used != s->count || x->cap == s->count) {
        x = keys_copy(s->keys, s->count);
        if (!x) {
            mem_free(c);
            return NULL;
        }
    }
    if (adds)
        keys_add(x, atom, flags);
    else
        x->keys[slot].flags = flags;
    magic_note_atom(atom);
    c->atom = atom;
    c->flags = flags;
    c->s = (shape){.id = ++made, .count = s->count + adds, .keys = x->keys, .parent = s, .index = x};
    c->s.visible = visible_in(x->keys, c->s.count);
    shape_table[c->s.id] = &c->s;
    child_publish(parent, c);
    return c;
}

static const shape *child_get(const shape *s, uint32_t slot, ion_value atom, uint32_t flags)
{
    node *n = (node *)(uintptr_t)s;
    node *c = child_find(n, atom, flags);
    if (!c) {
        pthread_mutex_lock(&writers);
        c = child_find(n, atom, flags); /* another thread may have been first */
        if (!c)
            c = child_make(n, slot, atom, flags);
        pthread_mutex_unlock(&writers);
    }
    return c ? &c->s : NULL;
}

const shape *shape_add(const shape *s, ion_value atom, uint32_t flags)
{
    return s->count < SHAPE_MAX ? child_get(s, s->count, atom, flags) : NULL;
}

const shape *shape_reflag(const shape *s, uint32_t slot, uint32_t flags)
{
    if (s->keys[slot].flags == flags)
        return s;
    return child_get(s, slot, s->keys[slot].atom, flags);
}

const shape *shape_with(const shape *s, ion_value atom, uint32_t flags)
{
    node *c = child_find((node *)(uintptr_t)s, atom, flags);
    if (c) /* made for the key, whether by adding it or by changing its flags */
        return &c->s;
    int slot = shape_find(s, atom);
    return slot < 0 ? shape_add(s, atom, flags) : shape_reflag(s, (uint32_t)slot, flags);
}
