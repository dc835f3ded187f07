/* idmap.c: maps from values, or pairs of values, by identity.
 *
 * Open addressing, about half full at most; the key 0 (the number 0) marks a free entry. A table that is full is not
 * moved into a larger one at once, as whoever uses the map may have others waiting. First each addition has the system
 * clear a piece of the new one, then each takes some entries along. Until all have been looked at, what is not in the
 * new table may be in the old one; what is in both counts in the new one. At last each gives back a piece of the old
 * one. All that is over long before the new table is full.
 */
#include "idmap.h"

#include "mem.h"

enum { FIRST = 64, STEP = 6 };
/* What an addition costs while a table is cleared, filled, and given back, as native_step counts. */
enum { CLEAR_COST = 30000, MOVE_COST = 100, FREE_COST = 2000 };

struct idmap_entry {
    ion_value key;
    uint64_t other; /* the number, or the pair's second value */
};

static struct idmap_entry *entry_of(struct idmap_entry *entries, uint32_t cap, ion_value v)
{
    uint32_t at = (uint32_t)(v * 0x9E3779B97F4A7C15u >> 32) & (cap - 1);
    while (entries[at].key && entries[at].key != v)
        at = (at + 1) & (cap - 1);
    return &entries[at];
}

static struct idmap_entry *pair_of(struct idmap_entry *entries, uint32_t cap, ion_value a, ion_value b)
{
    uint64_t hash = (a * 0x9E3779B97F4A7C15u ^ b) * 0xD6E8FEB86659FD93u;
    uint32_t at = (uint32_t)(hash >> 32) & (cap - 1);
    while (entries[at].key && (entries[at].key != a || entries[at].other != b))
        at = (at + 1) & (cap - 1);
    return &entries[at];
}

static size_t bytes_of(uint32_t cap)
{
    return cap * sizeof(struct idmap_entry);
}

/* Small tables are allocated; large ones need not be cleared, and go back to the system. */
enum { MAPPED = 4096, PIECE = MAPPED * sizeof(struct idmap_entry), MUCH = 16 * PIECE, PAGE = 4096, CLEARED = 2 << 20 };

static struct idmap_entry *table_new(uint32_t cap)
{
    return !cap ? NULL : cap < MAPPED ? mem_zalloc(bytes_of(cap)) : mem_map(bytes_of(cap));
}

/* Gives back up to `most` bytes from the end of a table; what is left of its entries. */
static uint32_t table_free(struct idmap_entry *entries, uint32_t cap, size_t most)
{
    if (cap < MAPPED) {
        mem_free(entries);
        return 0;
    }
    uint32_t n = bytes_of(cap) < most ? cap : (uint32_t)(most / sizeof *entries), left = cap - n;
    mem_unmap(entries + left, bytes_of(n));
    return left;
}

static bool grow(idmap *m)
{
    uint32_t cap = m->cap ? 2 * m->cap : FIRST;
    if (!m->next && !(m->next = table_new(cap)))
        return false;
    if (m->cleared < bytes_of(cap) && bytes_of(cap) > CLEARED) {
        for (size_t end = m->cleared + CLEARED; m->cleared < end; m->cleared += PAGE)
            *((volatile char *)m->next + m->cleared) = 0;
        m->cost = CLEAR_COST;
        return true;
    }
    m->old = m->entries;
    m->old_cap = m->cap;
    m->moved = 0;
    m->cleared = 0;
    m->entries = m->next;
    m->next = NULL;
    m->cap = cap;
    return true;
}

/* Takes some entries of the old table along. */
static void move_some(idmap *m, bool pairs)
{
    m->cost = m->cap < MAPPED ? 0 : MOVE_COST;
    for (int i = 0; i < STEP && m->moved < m->old_cap; i++) {
        const struct idmap_entry *from = &m->old[m->moved++];
        if (!from->key)
            continue;
        struct idmap_entry *to =
            pairs ? pair_of(m->entries, m->cap, from->key, from->other) : entry_of(m->entries, m->cap, from->key);
        if (!to->key)
            *to = *from;
    }
    if (m->moved == m->old_cap) {
        m->gone = m->old;
        m->old = NULL;
    }
}

static void free_some(idmap *m)
{
    m->cost = FREE_COST;
    if (!(m->old_cap = table_free(m->gone, m->old_cap, PIECE)))
        m->gone = NULL;
}

/* Before an addition: false when memory is out. */
static bool make_room(idmap *m, bool pairs)
{
    m->cost = 0;
    if (m->old)
        move_some(m, pairs);
    else if (m->gone)
        free_some(m);
    return m->count < m->cap / 2 || grow(m);
}

uint32_t *idmap_at(idmap *m, ion_value v)
{
    if (!make_room(m, false))
        return NULL;
    struct idmap_entry *e = entry_of(m->entries, m->cap, v);
    if (!e->key) {
        const struct idmap_entry *old = m->old ? entry_of(m->old, m->old_cap, v) : NULL;
        m->count += !(old && old->key);
        *e = (struct idmap_entry){v, old ? old->other : 0};
    }
    return (uint32_t *)(void *)&e->other; /* little-endian, and nothing else is ever there */
}

uint32_t idmap_get(const idmap *m, ion_value v)
{
    if (!m->cap)
        return 0;
    const struct idmap_entry *e = entry_of(m->entries, m->cap, v);
    if (!e->key && m->old)
        e = entry_of(m->old, m->old_cap, v);
    return (uint32_t)e->other;
}

int idmap_pair(idmap *m, ion_value a, ion_value b)
{
    if (!make_room(m, true))
        return -1;
    struct idmap_entry *e = pair_of(m->entries, m->cap, a, b);
    if (e->key)
        return 0;
    bool known = m->old && pair_of(m->old, m->old_cap, a, b)->key;
    *e = (struct idmap_entry){a, b};
    m->count += !known;
    return !known;
}

void idmap_free(idmap *m)
{
    while (!idmap_free_some(m))
        continue;
}

bool idmap_free_some(idmap *m)
{
    struct idmap_entry *old = m->old ? m->old : m->gone;
    if (m->next)
        (void)table_free(m->next, 2 * m->cap, SIZE_MAX);
    m->next = NULL;
    if (old && (m->old_cap = table_free(old, m->old_cap, MUCH)))
        m->gone = old;
    else if (old)
        m->gone = NULL;
    else if (m->entries && !(m->cap = table_free(m->entries, m->cap, MUCH)))
        m->entries = NULL;
    m->old = NULL;
    if (m->gone || m->entries)
        return false;
    *m = (idmap){0};
    return true;
}
