/* atom.c: the table of atoms.
 *
 * An atom's number is its place in a list of descriptions kept in chunks that double in size and never move. A hash
 * table maps texts to numbers. Writers hold a mutex; they fill in a description before they publish its number with a
 * release store, which a reader's acquire load pairs with. A table that has become too small is replaced and kept for
 * the readers that still look into it; all together are no larger than the newest one. Nothing is ever removed.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/auxv.h>

#include "atom.h"
#include "mem.h"

#define CHUNK_FIRST_BITS 6
#define CHUNKS           26
#define TABLE_FIRST      128

typedef struct atom_table {
    uint32_t mask;
    _Atomic uint32_t *slots; /* number + 1; 0: free */
    struct atom_table *older;
} atom_table;

static const char *const fixed_texts[ATOM_FIXED] = {
#define X(name, text) text,
    ATOM_LIST(X)
#undef X
};

static pthread_mutex_t writers = PTHREAD_MUTEX_INITIALIZER;
static atom_info first_chunk[1 << CHUNK_FIRST_BITS];
static _Atomic(atom_info *) chunks[CHUNKS];
static _Atomic uint32_t first_slots[TABLE_FIRST];
static atom_table first_table = {TABLE_FIRST - 1, first_slots, NULL};
static _Atomic(atom_table *) table;
static uint32_t count; /* writers only */
uint32_t atom_proto_hash;

_Static_assert(ATOM_FIXED <= 1 << CHUNK_FIRST_BITS && ATOM_FIXED < TABLE_FIRST / 2, "start-up allocates nothing");

/* ---- hashes ---- */

/* Drawn when the OS process starts: who chooses keys cannot choose which of them meet in a table. Nothing that a
 * program sees depends on them. */
static uint64_t secret[2];

static void secret_draw(void)
{
    const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM); /* 16 bytes from the kernel */
    if (random)
        memcpy(secret, random, sizeof secret);
    secret[0] ^= 0xA0761D6478BD642Full;
    secret[1] ^= 0xE7037ED1A0B428DBull;
}

/* Both halves of the product depend on all bits of both factors. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t bytes8(const char *at)
{
    uint64_t w;
    memcpy(&w, at, sizeof w);
    return w;
}

static uint64_t bytes4(const char *at)
{
    uint32_t w;
    memcpy(&w, at, sizeof w);
    return w;
}

/* After wyhash (Wang Yi): 16 bytes a multiplication; words overlap at the end. */
uint32_t text_hash(const char *text, size_t len)
{
    uint64_t seed = secret[0] ^ len, a = 0, b = 0;
    size_t rest = len;
    for (; rest > 16; text += 16, rest -= 16)
        seed = mix(bytes8(text) ^ secret[1], bytes8(text + 8) ^ seed);
    if (rest >= 8) {
        a = bytes8(text);
        b = bytes8(text + rest - 8);
    } else if (rest >= 4) {
        a = bytes4(text);
        b = bytes4(text + rest - 4);
    } else if (rest) {
        a = (uint64_t)(uint8_t)text[0] << 16 | (uint64_t)(uint8_t)text[rest / 2] << 8 | (uint8_t)text[rest - 1];
    }
    uint64_t h = mix(a ^ secret[1], b ^ seed);
    uint32_t hash = (uint32_t)(mix(h ^ secret[0], 0x9E3779B97F4A7C15ull) >> 32);
    return hash ? hash : 1;
}

uint32_t string_hash_new(ion_value s)
{
    uint32_t hash = text_hash(string_bytes(s), string_len(s));
    if (!(as_thing(s)->head & HEAD_CONSTANT))
        as_thing(s)->head |= (uint64_t)hash << 32;
    return hash;
}

/* ---- the table ---- */

/* Chunk 0 holds numbers 0..63, chunk k the numbers with 6 + k bits. */
static uint32_t chunk_of(uint32_t number, uint32_t *at)
{
    uint32_t chunk = 31 - (uint32_t)__builtin_clz(number | ((1 << CHUNK_FIRST_BITS) - 1)) - (CHUNK_FIRST_BITS - 1);
    *at = chunk ? number - (1u << (chunk + CHUNK_FIRST_BITS - 1)) : number;
    return chunk;
}

static atom_info *info_of(uint32_t number)
{
    uint32_t at;
    uint32_t chunk = chunk_of(number, &at);
    /* pairs with the release in info_new; whoever has the number got it after that */
    return atomic_load_explicit(&chunks[chunk], memory_order_acquire) + at;
}

const atom_info *atom_get(ion_value atom)
{
    return info_of((uint32_t)atom);
}

static void slot_put(const atom_table *t, uint32_t hash, uint32_t number)
{
    uint32_t i = hash & t->mask;
    while (atomic_load_explicit(&t->slots[i], memory_order_relaxed))
        i = (i + 1) & t->mask;
    atomic_store_explicit(&t->slots[i], number + 1, memory_order_release); /* pairs with atom_find's acquire */
}

/* Makes room for one more; writers only. */
static bool table_grow(void)
{
    atom_table *old = atomic_load_explicit(&table, memory_order_relaxed);
    uint32_t size = (old->mask + 1) * 2;
    if (count < old->mask / 2)
        return true;
    atom_table *t = mem_alloc(sizeof *t);
    if (!t)
        return false;
    t->slots = mem_zalloc(size * sizeof *t->slots);
    if (!t->slots) {
        mem_free(t);
        return false;
    }
    t->mask = size - 1;
    t->older = old;
    for (uint32_t i = 0; i < count; i++)
        slot_put(t, info_of(i)->hash, i);
    atomic_store_explicit(&table, t, memory_order_release);
    return true;
}

/* The description that the next number gets; NULL when memory is out. */
static atom_info *info_new(void)
{
    uint32_t at;
    uint32_t chunk = chunk_of(count, &at);
    if (chunk >= CHUNKS)
        return NULL;
    atom_info *infos = atomic_load_explicit(&chunks[chunk], memory_order_relaxed);
    if (!infos) {
        infos = mem_alloc(sizeof *infos << (chunk + CHUNK_FIRST_BITS - 1));
        if (!infos)
            return NULL;
        atomic_store_explicit(&chunks[chunk], infos, memory_order_release);
    }
    return infos + at;
}

static void publish(atom_info *info, const char *text, size_t len, uint32_t hash)
{
    *info = (atom_info){.len = (uint32_t)len, .hash = hash, .text = text};
    slot_put(atomic_load_explicit(&table, memory_order_relaxed), hash, count);
    count++;
}

bool atoms_init(void)
{
    pthread_mutex_lock(&writers);
    if (!count) {
        secret_draw();
        atomic_store_explicit(&chunks[0], first_chunk, memory_order_release);
        atomic_store_explicit(&table, &first_table, memory_order_release);
        for (uint32_t i = 0; i < ATOM_FIXED; i++) {
            size_t len = strlen(fixed_texts[i]);
            publish(&first_chunk[i], fixed_texts[i], len, text_hash(fixed_texts[i], len));
        }
        atom_proto_hash = first_chunk[ATOM_NUMBER_proto].hash;
    }
    pthread_mutex_unlock(&writers);
    return true;
}

ion_value atom_find(const char *text, size_t len, uint32_t hash)
{
    const atom_table *t = atomic_load_explicit(&table, memory_order_acquire);
    uint32_t number;
    for (uint32_t i = hash & t->mask; (number = atomic_load_explicit(&t->slots[i], memory_order_acquire));
         i = (i + 1) & t->mask) {
        const atom_info *a = info_of(number - 1);
        if (a->hash == hash && a->len == len && memcmp(a->text, text, len) == 0)
            return ION_TAG_ATOM | (number - 1);
    }
    return 0;
}

/* With the mutex held: a new atom, or 0. */
static ion_value atom_new(const char *text, size_t len, uint32_t hash)
{
    atom_info *info = info_new();
    if (!info || len >= UINT32_MAX || !table_grow())
        return 0;
    char *copy = mem_alloc(len + 1);
    if (!copy)
        return 0;
    memcpy(copy, text, len);
    copy[len] = 0;
    publish(info, copy, len, hash);
    return ION_TAG_ATOM | (count - 1);
}

ion_value atom_make(const char *text, size_t len)
{
    uint32_t hash = text_hash(text, len);
    ion_value atom = atom_find(text, len, hash);
    if (atom)
        return atom;
    pthread_mutex_lock(&writers);
    atom = atom_find(text, len, hash); /* another thread may have been first */
    if (!atom)
        atom = atom_new(text, len, hash);
    pthread_mutex_unlock(&writers);
    return atom;
}
