/* lockfile.c: what dependencies were chosen, so that later builds choose the same.
 *
 *   # comment
 *   Lock-Version: 1
 *   NAME VERSION sha256:HEX          a line a package, by name
 *
 * The lock of app.ionpack is app.lock beside it. As long as it is there it decides: every package that the program
 * needs must be in it and have the sum that it says.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ionc.h"

#define FIRST_LINE "Lock-Version: 1"
enum { LOCK_MAX = 16 << 20 };

static const char *lock_path(compilation *c, const char *pack_path)
{
    static const char ending[] = ".ionpack";
    if (c->opt.lock_file)
        return c->opt.lock_file;
    size_t n = strlen(pack_path), e = sizeof ending - 1;
    if (n > e && strcmp(pack_path + n - e, ending) == 0)
        n -= e;
    return arena_format(c, "%.*s.lock", (int)n, pack_path);
}

static void read_row(compilation *c, lockfile *l, uint32_t *cap, char *line, unsigned number)
{
    char *rest, *word[4];
    int n = 0;
    for (char *w = strtok_r(line, " \t\r", &rest); w && n < 4; w = strtok_r(NULL, " \t\r", &rest))
        word[n++] = w;
    if (n == 0 || *word[0] == '#')
        return;
    lock_row row = {0};
    if (n != 3 || !dependency_name(word[0], strlen(word[0])) || !version_parse(c, word[1], strlen(word[1]), &row.v) ||
        strncmp(word[2], "sha256:", 7) != 0 || strspn(word[2] + 7, "0123456789abcdef") != 64 || word[2][7 + 64])
        fail(c, l->path, NO_OFFSET, "line %u is not NAME VERSION sha256:SUM", number);
    row.name = word[0];
    row.version = word[1];
    row.sum = word[2] + 7;
    if (lockfile_find(l, row.name))
        fail(c, l->path, NO_OFFSET, "line %u: %s is there twice", number, row.name);
    l->rows = GROW(c, l->rows, l->n, *cap);
    l->rows[l->n++] = row;
}

lockfile *lockfile_read(compilation *c, const char *pack_path)
{
    lockfile *l = arena_alloc(c, sizeof *l);
    l->path = lock_path(c, pack_path);
    if (c->opt.update || c->opt.locking || (!c->opt.lock_file && access(l->path, F_OK) != 0))
        return NULL;
    text all = read_file(c, l->path, LOCK_MAX);
    if (!utf8_valid(all.s, all.n, NULL) || memchr(all.s, 0, all.n))
        fail(c, l->path, NO_OFFSET, "the lock is not UTF-8");
    bool known = false;
    uint32_t cap = 0;
    unsigned number = 0;
    for (char *line = arena_string(c, all.s, all.n), *end; line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = 0;
        number++;
        line[strcspn(line, "\r")] = 0;
        if (!known && strcmp(line, FIRST_LINE) == 0)
            known = true;
        else if (known)
            read_row(c, l, &cap, line, number);
        else if (*line && *line != '#')
            break;
    }
    if (!known)
        fail(c, l->path, NO_OFFSET, "this is no lock: it does not begin with %s", FIRST_LINE);
    return l;
}

const lock_row *lockfile_find(const lockfile *l, const char *name)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (strcmp(l->rows[i].name, name) == 0)
            return &l->rows[i];
    return NULL;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(pack *const *)a)->name, (*(pack *const *)b)->name);
}

void packs_lock(compilation *c, const packs *all, const char *output)
{
    buffer b = {.c = c};
    pack **sorted = arena_alloc(c, all->n * sizeof *sorted);
    memcpy(sorted, all->list + 1, (all->n - 1) * sizeof *sorted);
    if (all->n > 1)
        qsort(sorted, all->n - 1, sizeof *sorted, compare_names);
    buf_puts(&b, "# what the dependencies of a package are, by ionc --lock\n" FIRST_LINE "\n");
    for (uint32_t i = 0; i + 1 < all->n; i++)
        buf_printf(&b, "%s %s sha256:%s\n", sorted[i]->name, sorted[i]->version, sorted[i]->sum);
    write_file(c, output ? output : lock_path(c, all->list[0]->path), b.data, b.len, 0644);
}
