/* heap.h: the memory of one process: a list of blocks with a bump pointer in the newest. A heap that has never been
 * used has no block. Fragments are heaps in the making: what a message copy made, adopted by the receiver as a whole. */
#ifndef ION_HEAP_H
#define ION_HEAP_H
#include "value.h"

typedef struct block {
    struct block *next;
    char *top; /* end of what is used; for the newest block of a heap: heap.top counts */
    char *end;
    size_t bytes; /* of the block as it was allocated */
    char data[];
} block;

typedef struct heap { /* all zero: an empty one */
    char *top, *end;
    block *blocks;        /* newest first */
    size_t bytes;         /* of all blocks, and of long texts held (heap_hold, text_share) */
    size_t threshold;     /* a collection is due when bytes would pass it: heap_due; 0: not set yet, HEAP_MIN */
    long_string *longs;   /* long strings in these blocks */
} heap;
#define HEAP_MIN 4096 /* least threshold */

typedef struct fragment {
    block *blocks;        /* newest first; NULL: nothing was copied */
    size_t bytes;
    long_string *longs;
    uint64_t units;       /* values copied, as charged */
} fragment;

void heap_free(heap *h);                 /* all blocks, and its hold on long texts */
void fragment_free(fragment *f);
void heap_adopt(heap *h, fragment *f);   /* f is empty afterwards */
/* Room for `bytes` more without a collection: a new block if the newest is full. False when memory is out. */
bool heap_extend(heap *h, size_t bytes);
/* Whether `bytes` can be taken at once and no collection is due. Not while the threshold is not set. */
static inline bool heap_has(const heap *h, size_t bytes)
{
    return (size_t)(h->end - h->top) >= bytes && h->bytes <= h->threshold;
}
/* The threshold in force. */
static inline size_t heap_limit(const heap *h)
{
    return h->threshold > HEAP_MIN ? h->threshold : HEAP_MIN;
}
/* Whether to make room for `bytes` by heap_collect rather than heap_extend, where heap_has said no. */
static inline bool heap_due(const heap *h, size_t bytes)
{
    return h->bytes + bytes > heap_limit(h);
}
/* Takes `bytes` (a multiple of 8) that have been reserved. */
static inline void *heap_take(heap *h, size_t bytes)
{
    char *at = h->top;
    h->top += bytes;
    return at;
}
/* Puts a new long string (its hold on the buffer already counted) on the heap's list. `fresh`: bytes of text that were
 * allocated for it: the buffer's capacity where it is new, 0 where it shares one or was appended to. */
static inline void heap_hold(heap *h, long_string *s, size_t fresh)
{
    s->next = h->longs;
    h->longs = s;
    h->bytes += fresh;
}
/* The end of the last block, where the heap's own is before that. */
static inline void heap_whole(heap *h)
{
    h->end = h->blocks ? h->blocks->end : NULL;
}
/* Gives up room behind `top` so that the heap counts as no more than `most` bytes, as far as that goes with `keep` bytes of it staying. */
void heap_clip(heap *h, size_t most, size_t keep);
/* Where this thread counts bytes of blocks, texts and messages, modulo 2^64, and right behind that the most there have been; NULL: nowhere. */
void heap_account(_Atomic uint64_t *bytes);
_Atomic uint64_t *heap_accounted(void); /* where that is */
/* Counts bytes that are in use from now on; not any more: -bytes. */
void heap_count(uint64_t bytes);
block *block_new(size_t room);           /* top at the start; NULL when memory is out */
void block_free(block *b);               /* may keep it for the next block_new */
void blocks_trim(void);                  /* gives back what block_free has kept */
static inline size_t block_bytes(const block *b)
{
    return (size_t)(b->end - (const char *)b);
}
text_buffer *text_new(size_t cap);       /* one holder, used 0; NULL when memory is out */
void text_hold(text_buffer *t);
void text_drop(text_buffer *t);
size_t text_share(const text_buffer *t); /* what one holder answers for: all of a process's long strings never count a buffer twice */

/* ---- gc.c: Cheney's copying collector (C. J. Cheney, CACM 13(11), 1970) over a list of blocks ---- */

typedef struct gc gc;
/* Calls gc_value for each root. May be called twice in one collection. Roots lie in this heap or in constants, never in a
 * fragment that has not been adopted: messages not received yet are no roots. */
typedef void gc_roots(gc *g, void *context);
/* Replaces a root by its copy's address. */
void gc_value(gc *g, ion_value *v);
/* Copies what the roots reach into fresh blocks with room for `need` bytes more, frees the old ones, and sets the
 * threshold. `extra` is added to what counts as live (stack bytes), so that the work is repaid. False when memory is out: nothing has changed. */
bool heap_collect(heap *h, size_t need, size_t extra, gc_roots *roots, void *context);

/* ---- copy.c: what crosses from one process to another ---- */

/* Copies n values and all they reach to a new fragment, sharing and cycles kept; what is constant is shared (literals, which
 * hold something mutable, never become values of a program: literal_copy). The originals' headers are borrowed during the copy and
 * restored. A small fragment is one block of just the right size, none where there is nothing to copy. False when memory is
 * out: f is empty and `to` untouched. */
bool copy_values(fragment *f, const ion_value *from, ion_value *to, uint32_t n);

typedef enum copy_state { COPY_DONE, COPY_MORE, COPY_FAILED } copy_state; /* there is more to do; memory is out */

/* The same for one value with an address, if it comes to no more than about `most` values: COPY_MORE: it does, and nothing has happened. */
copy_state copy_at_most(fragment *f, ion_value from, ion_value *to, uint64_t most);
/* Begins a copy in steps. Until copy_go_on gives something else than COPY_MORE nobody may look at what v reaches, and until copy_end nobody may free
 * it. NULL when memory is out. */
typedef struct copier copier;
copier *copy_begin(ion_value v);
/* Goes on for about `most` values; *v is the original until it gives COPY_DONE, then it is the copy. */
copy_state copy_go_on(copier *c, ion_value *v, uint64_t most);
/* Ends it, at any time: what there is of the copy is in f. */
void copy_end(copier *c, fragment *f);
#endif
