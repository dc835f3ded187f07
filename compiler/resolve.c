/* resolve.c: a package → all packages of its program, in link order.
 *
 * What is needed is gone through in the order in which it is found: the program's own requirements, then those of the
 * first package chosen, and so on. The first requirement of a name chooses the best version that is in its range; later
 * ones only look whether they agree. If one does not, the last choice is undone and the next best version taken, as
 * long as there is one. So there is one version of each name, it satisfies everybody, and among the possible choices
 * those come first that give the highest versions to what is needed first.
 *
 * Choices form a stack: undoing one takes with it the requirements that it brought. What to say when nothing fits is
 * made up at the first conflict that no version of the name could have solved.
 *
 * With a lock there is one choice for each name, so a conflict means that the lock is out of date.
 */
#include <string.h>

#include "ionc.h"

enum { PACKS_MAX = 10000, TRIES_MAX = 10000 };

/* A name that has been chosen a package for; choices[0] is the program's own. */
typedef struct choice {
    pack **candidates;
    uint32_t n, chosen;
    uint32_t asked;       /* the requirement that came first */
    uint32_t nasks, next; /* how many there were, and which was next, when this was chosen */
} choice;

/* A requirement of a chosen package. */
typedef struct ask {
    uint32_t owner;  /* choice */
    uint32_t number; /* of the owner's requirements */
} ask;

typedef struct resolver {
    compilation *c;
    places *where;
    const lockfile *lock;
    textmap candidates; /* name → index in lists */
    struct list {
        pack **list;
        uint32_t n;
    } * lists;
    uint32_t nlists, lists_cap;
    choice *choices;
    uint32_t n, cap;
    ask *asks;
    uint32_t nasks, asks_cap, next; /* next: the first that has not been met */
    uint32_t tries;
    const char *conflict_place, *conflict;
    bool certain; /* no version of the name could have solved the conflict */
} resolver;

static pack *chosen(const resolver *r, uint32_t i)
{
    return r->choices[i].candidates[r->choices[i].chosen];
}

static const requirement *asked(const resolver *r, const ask *a)
{
    return &chosen(r, a->owner)->needs[a->number];
}

static uint32_t find_choice(const resolver *r, const char *name)
{
    for (uint32_t i = 0; i < r->n; i++)
        if (strcmp(chosen(r, i)->name, name) == 0)
            return i;
    return NOT_FOUND;
}

static const char *place_of(resolver *r, const pack *k)
{
    return package_place(r->c, k->files, "META-INF/MANIFEST.ion");
}

/* ---- messages ---- */

enum { SHOWN = 20 }; /* packages in a row that a message names */

/* `app 1.0.0 -> json 1.2.3 -> text@1.0`: who wants it, from the program on; of a long chain, both ends. */
static const char *chain(resolver *r, const ask *a)
{
    buffer b = {.c = r->c};
    uint32_t n = 1;
    for (uint32_t owner = a->owner; owner; owner = r->asks[r->choices[owner].asked].owner)
        n++;
    uint32_t *owners = arena_alloc(r->c, n * sizeof *owners), i = n;
    for (uint32_t owner = a->owner; i; owner = owner ? r->asks[r->choices[owner].asked].owner : 0)
        owners[--i] = owner;
    for (i = 0; i < n; i++) {
        if (n > SHOWN && i == SHOWN / 2) {
            buf_puts(&b, "... -> ");
            i = n - SHOWN / 2;
        }
        buf_printf(&b, "%s %s -> ", chosen(r, owners[i])->name, chosen(r, owners[i])->version);
    }
    buf_puts(&b, asked(r, a)->text);
    return b.data;
}

static const char *versions(resolver *r, const struct list *l)
{
    buffer b = {.c = r->c};
    buf_puts(&b, "");
    for (uint32_t i = 0; i < l->n && i < 10; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", l->list[i]->version);
    return l->n > 10 ? arena_format(r->c, "%s, ...", b.data) : b.data;
}

/* Whether a version would do for all requirements of its name that there are. */
static bool suits_all(const resolver *r, const pack *k)
{
    for (uint32_t i = 0; i < r->nasks; i++) {
        const requirement *q = asked(r, &r->asks[i]);
        if (strcmp(q->name, k->name) == 0 && !range_has(&q->range, &k->v))
            return false;
    }
    return true;
}

/* Keeps what is to be said of a requirement that cannot be met; the first certain one counts. */
static void note_conflict(resolver *r, const ask *a, const struct list *l, uint32_t other)
{
    bool certain = true;
    if (r->certain)
        return;
    for (uint32_t i = 0; l && i < l->n; i++)
        certain &= !suits_all(r, l->list[i]);
    if (r->conflict && !certain)
        return;
    const requirement *q = asked(r, a);
    r->certain = certain;
    r->conflict_place = place_of(r, chosen(r, a->owner));
    if (other == 0)
        r->conflict =
            arena_format(r->c, "%s: the program itself is %s %s", chain(r, a), q->name, chosen(r, 0)->version);
    else if (other != NOT_FOUND)
        r->conflict = arena_format(r->c, "no version of %s suits both %s and %s; there %s %s", q->name,
                                   chain(r, &r->asks[r->choices[other].asked]), chain(r, a), l->n > 1 ? "are" : "is",
                                   versions(r, l));
    else if (l->n)
        r->conflict = arena_format(r->c, "no version of %s suits %s; there %s %s", q->name, chain(r, a),
                                   l->n > 1 ? "are" : "is", versions(r, l));
    else
        r->conflict = arena_format(r->c, "no package %s, for %s; looked for in %s", q->name, chain(r, a),
                                   places_list(r->c, r->where));
}

/* ---- what there is ---- */

/* The first of the version that the lock says whose sum is right; NULL: there is none. *wrong: the first whose sum is
 * not. */
static pack *find_locked(resolver *r, const lock_row *row, const struct list *l, const pack **wrong)
{
    for (uint32_t i = 0; i < l->n; i++) {
        pack *k = l->list[i];
        if (version_compare(&k->v, &row->v) != 0 || !(k->path || k->from) || (k->from && strcmp(k->sum, row->sum) != 0))
            continue;
        pack_read(r->c, r->where, k);
        if (strcmp(k->sum, row->sum) == 0)
            return k;
        *wrong = *wrong ? *wrong : k;
    }
    return NULL;
}

/* What the lock says. A registry is asked only for what lies in no folder. */
static struct list locked(resolver *r, const char *name, const ask *a)
{
    const lock_row *row = lockfile_find(r->lock, name);
    const pack *wrong = NULL;
    struct list l;
    l.list = search(r->c, r->where, name, false, &l.n);
    if (!row && l.n == 1 && !l.list[0]->path) /* the standard library */
        return l;
    if (!row)
        fail(r->c, r->lock->path, NO_OFFSET, "%s is not in the lock, for %s; ionc --lock makes it anew", name,
             chain(r, a));
    pack *k = find_locked(r, row, &l, &wrong);
    if (!k && r->where->registry) {
        l.list = search(r->c, r->where, name, true, &l.n);
        k = find_locked(r, row, &l, &wrong);
    }
    if (k) {
        pack **one = arena_alloc(r->c, sizeof *one);
        *one = k;
        return (struct list){one, 1};
    }
    if (wrong)
        fail(r->c, wrong->path, NO_OFFSET, "its SHA-256 sum is %s, %s says %s; --update takes it all the same",
             wrong->sum, r->lock->path, row->sum);
    fail(r->c, r->lock->path, NO_OFFSET, "%s %s is in the lock, but not there; looked for in %s", name, row->version,
         places_list(r->c, r->where));
}

static const struct list *candidates(resolver *r, const char *name, const ask *a)
{
    uint32_t known = textmap_get(&r->candidates, text_of(name));
    if (known != NOT_FOUND)
        return &r->lists[known];
    struct list l;
    if (r->lock)
        l = locked(r, name, a);
    else
        l.list = search(r->c, r->where, name, true, &l.n);
    r->lists = GROW(r->c, r->lists, r->nlists, r->lists_cap);
    r->lists[r->nlists] = l;
    textmap_put(r->c, &r->candidates, text_of(name), r->nlists);
    return &r->lists[r->nlists++];
}

/* ---- choosing ---- */

/* Makes a choice, or a further one of the last name: the first from `from` on that is in the range. False: there is
 * none. */
static bool choose(resolver *r, choice *x, uint32_t from)
{
    const requirement *q = asked(r, &r->asks[x->asked]);
    for (x->chosen = from; x->chosen < x->n; x->chosen++)
        if (range_has(&q->range, &x->candidates[x->chosen]->v))
            break;
    if (x->chosen == x->n)
        return false;
    pack *k = x->candidates[x->chosen];
    pack_read(r->c, r->where, k);
    r->tries++;
    for (uint32_t i = 0; i < k->nneeds; i++) {
        r->asks = GROW(r->c, r->asks, r->nasks, r->asks_cap);
        r->asks[r->nasks++] = (ask){(uint32_t)(x - r->choices), i};
    }
    return true;
}

/* Undoes choices until there is another one; fails where there is none. */
static void step_back(resolver *r)
{
    while (r->n > 1 && r->tries < TRIES_MAX) {
        choice *x = &r->choices[r->n - 1];
        r->nasks = x->nasks;
        r->next = x->next + 1;
        if (choose(r, x, x->chosen + 1))
            return;
        r->n--;
    }
    fail(r->c, r->conflict_place, NO_OFFSET, "%s%s", r->conflict,
         r->lock ? arena_format(r->c, " (by %s; ionc --lock makes it anew)", r->lock->path) : "");
}

/* Meets the next requirement. */
static void step(resolver *r)
{
    ask a = r->asks[r->next];
    const requirement *q = asked(r, &a);
    uint32_t other = find_choice(r, q->name);
    if (other != NOT_FOUND) {
        if (range_has(&q->range, &chosen(r, other)->v)) {
            r->next++;
            return;
        }
        note_conflict(r, &a, other ? candidates(r, q->name, &a) : NULL, other);
        step_back(r);
        return;
    }
    if (r->n == PACKS_MAX)
        fail(r->c, NULL, NO_OFFSET, "more than %d packages", PACKS_MAX);
    const struct list *l = candidates(r, q->name, &a);
    r->choices = GROW(r->c, r->choices, r->n, r->cap);
    r->choices[r->n] = (choice){l->list, l->n, 0, r->next, r->nasks, r->next};
    if (choose(r, &r->choices[r->n], 0)) {
        r->n++;
        r->next++;
        return;
    }
    note_conflict(r, &a, l, NOT_FOUND);
    step_back(r);
}

/* ---- order ---- */

static _Noreturn void fail_cycle(resolver *r, const uint32_t *path, uint32_t n, uint32_t again)
{
    uint32_t i = 0;
    while (path[i] != again)
        i++;
    buffer b = {.c = r->c};
    for (uint32_t first = i; i < n; i++) {
        if (n - first > SHOWN && i == first + SHOWN / 2) {
            buf_puts(&b, "... -> ");
            i = n - SHOWN / 2;
        }
        buf_printf(&b, "%s -> ", chosen(r, path[i])->name);
    }
    fail(r->c, place_of(r, chosen(r, again)), NO_OFFSET, "packages depend on each other in a circle: %s%s", b.data,
         chosen(r, again)->name);
}

/* Puts the choices in order: depth first, a package behind all that it uses; then the other way round. Invariant:
 * path[0..n) leads from the program's own package to the one that is looked at. */
static packs *in_order(resolver *r)
{
    enum { NEW, OPEN, DONE };
    uint32_t *path = arena_alloc(r->c, r->n * sizeof *path), *at = arena_alloc(r->c, r->n * sizeof *at), n = 1,
             done = 0;
    uint32_t *place = arena_alloc(r->c, r->n * sizeof *place), kept = 0;
    uint8_t *state = arena_alloc(r->c, r->n);
    uint32_t *order = arena_alloc(r->c, r->n * sizeof *order);
    state[0] = OPEN;
    while (n) {
        uint32_t now = path[n - 1];
        const pack *k = chosen(r, now);
        if (at[now] == k->nneeds) {
            state[now] = DONE;
            order[done++] = now;
            n--;
            continue;
        }
        uint32_t to = k->uses[at[now]++];
        if (state[to] == OPEN)
            fail_cycle(r, path, n, to);
        if (state[to] == NEW) {
            state[to] = OPEN;
            path[n++] = to;
        }
    }
    packs *all = arena_alloc(r->c, sizeof *all);
    all->list = arena_alloc(r->c, done * sizeof *all->list);
    for (uint32_t i = done; i-- > 0;) {
        place[order[i]] = chosen(r, order[i])->files ? kept : NOT_FOUND;
        if (chosen(r, order[i])->files)
            all->list[kept++] = chosen(r, order[i]);
    }
    all->n = kept;
    for (uint32_t i = 0; i < kept; i++)
        for (uint32_t k = 0; k < all->list[i]->nneeds; k++)
            all->list[i]->uses[k] = place[all->list[i]->uses[k]];
    return all;
}

packs *resolve(compilation *c, const char *path)
{
    pack *own = pack_open(c, path);
    resolver r = {.c = c};
    r.where = places_find(c, path);
    r.lock = own->nneeds ? lockfile_read(c, path) : NULL;
    r.where->sums = r.lock || c->opt.locking;
    pack **first = arena_alloc(c, sizeof *first);
    *first = own;
    version_parse(c, own->version, strlen(own->version), &own->v);
    r.choices = GROW(c, r.choices, r.n, r.cap);
    r.choices[r.n++] = (choice){.candidates = first, .n = 1};
    for (uint32_t i = 0; i < own->nneeds; i++) {
        r.asks = GROW(c, r.asks, r.nasks, r.asks_cap);
        r.asks[r.nasks++] = (ask){0, i};
    }
    while (r.next < r.nasks)
        step(&r);
    for (uint32_t i = 0; i < r.nasks; i++)
        chosen(&r, r.asks[i].owner)->uses[r.asks[i].number] = find_choice(&r, asked(&r, &r.asks[i])->name);
    packs *all = in_order(&r);
    for (uint32_t i = 0; i < all->n; i++)
        signature_require(c, all->list[i]->files);
    return all;
}

packs *resolve_alone(compilation *c, package *files, const manifest *m)
{
    packs *all = arena_alloc(c, sizeof *all);
    pack *own = arena_alloc(c, sizeof *own), **list = arena_alloc(c, sizeof *list);
    *own = (pack){.name = m->name, .version = m->version, .path = files->path, .files = files, .manifest = m};
    *list = own;
    *all = (packs){list, 1};
    return all;
}

/* ---- showing it ---- */

text packs_tree(compilation *c, const packs *all)
{
    buffer b = {.c = c};
    const pack *own = all->list[0];
    uint32_t *path = arena_alloc(c, all->n * sizeof *path), *at = arena_alloc(c, all->n * sizeof *at), n = 1;
    bool *shown = arena_alloc(c, all->n);
    buf_printf(&b, "%s %s\n", own->name, own->version);
    while (n) {
        const pack *k = all->list[path[n - 1]];
        if (at[path[n - 1]] == k->nneeds) {
            n--;
            continue;
        }
        const requirement *q = &k->needs[at[path[n - 1]]];
        uint32_t to = k->uses[at[path[n - 1]]++];
        buf_printf(&b, "%*s", 2 * (int)n, "");
        if (to == NOT_FOUND) {
            buf_printf(&b, "%s %s  (%s; part of the runtime)\n", q->name, STANDARD_VERSION, q->text);
            continue;
        }
        const pack *used = all->list[to];
        buf_printf(&b, "%s %s  (%s%s) %s\n", used->name, used->version, q->text, shown[to] ? "; as above" : "",
                   used->path);
        if (!shown[to]) {
            shown[to] = true;
            path[n++] = to;
        }
    }
    for (size_t i = 0; i < b.len; i++)
        if (((unsigned char)b.data[i] < 0x20 && b.data[i] != '\n') || b.data[i] == 0x7F)
            b.data[i] = '?';
    return (text){b.data, (uint32_t)b.len};
}
