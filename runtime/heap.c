/* heap.c: blocks of memory, and the buffers of long strings.
 *
 * A heap starts with a tiny block; each further one is about as large as all before it together, up to a bound, and no
 * larger than what may still be used before a collection is due. What h->bytes says is exact after a
 * collection; between collections it only grows.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "heap.h"
#include "mem.h"

enum { FIRST_BLOCK = 512, BLOCK_BOUND = 64 << 10, BIG_BLOCK_BOUND = 4 << 20 };

/* The block that a collection has emptied is about what the next one needs. Kept here, its pages need not come from the
 * system again each time. */
enum { SPARE_LEAST = 32 << 10, SPARE_MOST = 8 << 20 };

/* Blocks from this size on are mapped one by one: they leave no holes that the C library would keep. */
enum { MAP_LEAST = 1 << 20 };
static _Atomic(block *) spare; /* whoever takes it out owns it */

/* Where each thread counts. No _Thread_local: tcc cannot link it. */
static pthread_key_t account_key;
static pthread_once_t account_once = PTHREAD_ONCE_INIT;
static _Atomic bool account_made;

static void account_make(void)
{
    atomic_store_explicit(&account_made, pthread_key_create(&account_key, NULL) == 0, memory_order_release);
}

void heap_account(_Atomic uint64_t *bytes)
{
    pthread_once(&account_once, account_make);
    if (atomic_load_explicit(&account_made, memory_order_acquire))
        pthread_setspecific(account_key, (void *)bytes);
}

_Atomic uint64_t *heap_accounted(void)
{
    return atomic_load_explicit(&account_made, memory_order_acquire) ? pthread_getspecific(account_key) : NULL;
}

/* Only this thread writes there. */
void heap_count(uint64_t bytes)
{
    if (!atomic_load_explicit(&account_made, memory_order_acquire))
        return;
    _Atomic uint64_t *sum = pthread_getspecific(account_key);
    if (!sum)
        return;
    uint64_t now = atomic_load_explicit(&sum[0], memory_order_relaxed) + bytes;
    atomic_store_explicit(&sum[0], now, memory_order_relaxed);
    if ((int64_t)now > (int64_t)atomic_load_explicit(&sum[1], memory_order_relaxed))
        atomic_store_explicit(&sum[1], now, memory_order_relaxed);
}

static void give_back(block *b)
{
    if (b && b->bytes >= MAP_LEAST)
        mem_unmap(b, b->bytes);
    else
        mem_free(b);
}

static void keep_or_free(block *b)
{
    if (b->bytes >= SPARE_LEAST && b->bytes <= SPARE_MOST) { /* the larger one is kept */
        size_t bytes = b->bytes;
        b = atomic_exchange_explicit(&spare, b, memory_order_acq_rel); /* pairs with the acquire in block_new */
        if (b && b->bytes > bytes)
            b = atomic_exchange_explicit(&spare, b, memory_order_acq_rel);
    }
    give_back(b);
}

block *block_new(size_t room)
{
    if (room > PTRDIFF_MAX - sizeof(block))
        return NULL;
    size_t bytes = sizeof(block) + room;
    block *b = bytes >= SPARE_LEAST / 2 ? atomic_exchange_explicit(&spare, NULL, memory_order_acquire) : NULL;
    if (!b || bytes > b->bytes || bytes <= b->bytes / 2) {
        if (b)
            keep_or_free(b);
        if (bytes >= SPARE_LEAST && bytes <= SPARE_MOST)
            bytes += bytes / 8; /* so that it does for the next one, too; what is not used is not touched */
        b = bytes >= MAP_LEAST ? mem_map(bytes) : mem_alloc(bytes);
        if (!b)
            return NULL;
        b->bytes = bytes;
    }
    heap_count(b->bytes);
    b->next = NULL;
    b->top = b->data;
    b->end = b->data + room;
    return b;
}

void block_free(block *b)
{
    heap_count(-b->bytes);
    keep_or_free(b);
}

void blocks_trim(void)
{
    give_back(atomic_exchange_explicit(&spare, NULL, memory_order_acquire));
}

static void blocks_free(block *b)
{
    while (b) {
        block *next = b->next;
        block_free(b);
        b = next;
    }
}

static void longs_drop(long_string *s)
{
    for (; s; s = s->next)
        text_drop(s->buffer);
}

void heap_free(heap *h)
{
    longs_drop(h->longs);
    blocks_free(h->blocks);
    *h = (heap){0};
}

void fragment_free(fragment *f)
{
    longs_drop(f->longs);
    blocks_free(f->blocks);
    *f = (fragment){0};
}

void heap_adopt(heap *h, fragment *f)
{
    if (f->blocks && h->blocks) { /* behind the newest, whose room is still to be used */
        block *last = f->blocks;
        while (last->next)
            last = last->next;
        last->next = h->blocks->next;
        h->blocks->next = f->blocks;
    } else if (f->blocks) {
        h->blocks = f->blocks;
        h->top = h->blocks->top;
        h->end = h->blocks->end;
    }
    if (f->longs) {
        long_string *last = f->longs;
        while (last->next)
            last = last->next;
        last->next = h->longs;
        h->longs = f->longs;
    }
    h->bytes += f->bytes;
    *f = (fragment){0};
}

/* Bytes for the next block of a heap: head and all. */
static size_t next_block(const heap *h)
{
    size_t most = h->bytes / 8 < BLOCK_BOUND       ? BLOCK_BOUND
                  : h->bytes / 8 < BIG_BLOCK_BOUND ? h->bytes / 8
                                                   : BIG_BLOCK_BOUND;
    size_t bytes = h->bytes < most ? h->bytes : most;
    size_t threshold = heap_limit(h);
    if (h->bytes + bytes > threshold)
        bytes = threshold > h->bytes ? threshold - h->bytes : 0;
    return bytes > FIRST_BLOCK ? bytes : FIRST_BLOCK;
}

bool heap_extend(heap *h, size_t bytes)
{
    if ((size_t)(h->end - h->top) >= bytes)
        return true;
    size_t room = next_block(h) - sizeof(block);
    block *b = block_new(room > bytes ? room & ~(size_t)7 : bytes);
    if (!b)
        return false;
    if (h->blocks)
        h->blocks->top = h->top;
    b->next = h->blocks;
    h->blocks = b;
    h->top = b->data;
    h->end = b->end;
    h->bytes += block_bytes(b);
    return true;
}

void heap_clip(heap *h, size_t most, size_t keep)
{
    size_t room = (size_t)(h->end - h->top), over = h->bytes > most ? h->bytes - most : 0;
    room = room > keep ? room - keep : 0;
    size_t cut = (over < room ? over : room) & ~(size_t)7;
    if (!h->blocks || !cut)
        return;
    h->end -= cut;
    h->blocks->end = h->end;
    h->bytes -= cut;
}

text_buffer *text_new(size_t cap)
{
    if (cap > PTRDIFF_MAX - sizeof(text_buffer))
        return NULL;
    text_buffer *t = mem_alloc(sizeof(text_buffer) + cap);
    if (!t)
        return NULL;
    heap_count(sizeof *t + cap);
    atomic_init(&t->holders, 1);
    atomic_init(&t->used, 0);
    t->cap = cap;
    return t;
}

void text_hold(text_buffer *t)
{
    atomic_fetch_add_explicit(&t->holders, 1, memory_order_relaxed);
}

void text_drop(text_buffer *t)
{
    /* Released by each holder, acquired by the last: all that others wrote happens before the buffer goes. */
    if (atomic_fetch_sub_explicit(&t->holders, 1, memory_order_acq_rel) == 1) {
        heap_count(-(sizeof *t + t->cap));
        mem_free(t);
    }
}

size_t text_share(const text_buffer *t)
{
    return t->cap / atomic_load_explicit(&t->holders, memory_order_relaxed);
}
