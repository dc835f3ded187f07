/* dialect.c: finds out which of five dialects, all calling themselves version 1, a class is in, and in which layout.
 *
 * A reading is a (dialect, layout) in which a class parses to its exact end and verifies. Dialects are tried from 5
 * down; the layout follows from the first bytes, except that what looks like `multi` may be bare code instead, which
 * is tried when no dialect makes a `multi` of it. Only where nothing fits are the same readings tried loosely, with at
 * least 256 registers a function: compilers have written operands beyond their own register count.
 *
 * What a failed reading allocated is given back at once, so trying costs time but no memory.
 */
#include "ionc.h"

#include <stdlib.h>
#include <string.h>

enum { NEWEST = 5 };

/* The fault to show in the end: of the reading that got furthest, the first tried among equals. Whatever parses to its
 * end has got further than what does not. */
typedef struct furthest {
    bool any, parsed;
    fault fault;
} furthest;

static void remember(furthest *best, bool parsed, const fault *f)
{
    if (best->any && (best->parsed > parsed || (best->parsed == parsed && best->fault.offset >= f->offset)))
        return;
    *best = (furthest){true, parsed, *f};
}

/* One reading; NULL if it does not fit. */
static class *attempt(compilation *c, text data, int dialect, layout as, bool loose, furthest *best)
{
    arena_mark mark = arena_save(c);
    fault f = {0};
    class *k = class_decode(c, data, dialect, as, &f);
    if (k && class_verify(c, k, loose, &f))
        return k;
    arena_restore(c, mark);
    remember(best, k != NULL, &f);
    return NULL;
}

static class *attempt_all(compilation *c, text data, unsigned dialects, layout as, bool loose, furthest *best)
{
    for (int d = NEWEST; d >= 1; d--) {
        class *k = dialects >> d & 1 ? attempt(c, data, d, as, loose, best) : NULL;
        if (k)
            return k;
    }
    return NULL;
}

static unsigned dialects_allowed(const compilation *c, unsigned dialects)
{
    return c->opt.dialect ? 1u << c->opt.dialect : dialects;
}

static void warn_loose(compilation *c, const char *where)
{
    warn(c, where, "registers beyond the function's own are used; read with at least 256 registers a function");
}

class *class_read(compilation *c, const char *where, text name, text data, unsigned dialects, bool allow_bare)
{
    dialects = dialects_allowed(c, dialects);
    layout as = class_layout(data);
    furthest best = {0}, unused = {0};
    class *k = attempt_all(c, data, dialects, as, false, &best);
    if (!k && as == LAYOUT_MULTI) {
        k = attempt_all(c, data, dialects, LAYOUT_BARE, false, &unused);
        if (k && !allow_bare)
            fail(c, where, NO_OFFSET, "bare code without a function can only be disassembled");
    }
    if (!k) {
        k = attempt_all(c, data, dialects, as, true, &unused);
        if (!k && as == LAYOUT_MULTI && allow_bare)
            k = attempt_all(c, data, dialects, LAYOUT_BARE, true, &unused);
        if (k)
            warn_loose(c, where);
    }
    if (!k)
        fail(c, where, best.fault.offset, "%s", best.fault.text);
    k->name = name;
    k->entry = where;
    return k;
}

/* ---- all classes of a package -------------------------------------------------------------------------------------
 */

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const entry *const *)a)->name, (*(const entry *const *)b)->name);
}

/* The name of the class in `classes/NAME.ionc`; empty for any other entry. */
static text class_name_of(compilation *c, const char *path)
{
    static const char folder[] = "classes/", ending[] = ".ionc";
    size_t n = strlen(path), around = sizeof folder - 1 + sizeof ending - 1;
    if (n <= around || strncmp(path, folder, sizeof folder - 1) != 0 ||
        strcmp(path + n - (sizeof ending - 1), ending) != 0)
        return (text){"", 0};
    return (text){arena_string(c, path + sizeof folder - 1, n - around), (uint32_t)(n - around)};
}

static const entry **class_entries(compilation *c, const package *p, uint32_t *n)
{
    const entry **list = arena_alloc(c, (size_t)p->n * sizeof *list);
    *n = 0;
    for (uint32_t i = 0; i < p->n; i++)
        if (class_name_of(c, p->entries[i].name).n)
            list[(*n)++] = &p->entries[i];
    if (*n)
        qsort(list, *n, sizeof *list, compare_names);
    return list;
}

/* Whether all entries fit dialect d strictly; then the classes are in out[]. */
static bool all_fit(compilation *c, const entry **list, uint32_t n, int d, class **out)
{
    arena_mark mark = arena_save(c);
    furthest unused = {0};
    for (uint32_t i = 0; i < n; i++) {
        out[i] = attempt(c, list[i]->data, d, class_layout(list[i]->data), false, &unused);
        if (!out[i]) {
            arena_restore(c, mark);
            return false;
        }
    }
    return true;
}

/* The dialects that a class fits, as a bit set: strictly, or loosely where it fits none strictly. */
static unsigned fitting(compilation *c, const entry *e, unsigned dialects)
{
    furthest unused = {0};
    unsigned fit = 0;
    for (int loose = 0; loose < 2 && !fit; loose++) {
        for (int d = NEWEST; d >= 1; d--) {
            arena_mark mark = arena_save(c);
            if (dialects >> d & 1 && attempt(c, e->data, d, class_layout(e->data), loose, &unused))
                fit |= 1u << d;
            arena_restore(c, mark);
        }
    }
    return fit;
}

/* Reads each class in the newest dialect that all fit, counting loose readings; without one, each in its own. */
static void read_each(compilation *c, const package *p, const entry **list, uint32_t n, unsigned dialects, class **out)
{
    unsigned common = dialects;
    for (uint32_t i = 0; i < n; i++)
        common &= fitting(c, list[i], dialects);
    while (common & (common - 1))
        common &= common - 1;
    for (uint32_t i = 0; i < n; i++)
        out[i] = class_read(c, package_place(c, p, list[i]->name), class_name_of(c, list[i]->name), list[i]->data,
                            common ? common : dialects, false);
}

class **classes_read(compilation *c, const package *p, uint32_t *n)
{
    unsigned dialects = dialects_allowed(c, ALL_DIALECTS);
    const entry **list = class_entries(c, p, n);
    class **out = arena_alloc(c, (size_t)*n * sizeof *out);
    for (int d = NEWEST; d >= 1; d--) {
        if (!(dialects >> d & 1) || !all_fit(c, list, *n, d, out))
            continue;
        for (uint32_t i = 0; i < *n; i++) {
            out[i]->name = class_name_of(c, list[i]->name);
            out[i]->entry = package_place(c, p, list[i]->name);
        }
        return out;
    }
    read_each(c, p, list, *n, dialects, out);
    return out;
}
