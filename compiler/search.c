/* search.c: the packages of a name that there are, in folders and in a registry.
 *
 * A package lies in a folder as NAME-VERSION.ionpack or NAME.ionpack. The former is read only when it has been chosen,
 * the latter at once, for only its manifest says the version, and whether it is that package at all. All packages of a
 * program see the same folders: whatever is found lies in one of them, so the folder of the importing package is always
 * among them.
 *
 *   registry   an address; behind it `index`, a line a package: NAME VERSION sha256:HEX FILE, and the files
 *
 * A registry's index is fetched once, when the first name is looked for; a package when it has been chosen. Its sum is
 * compared before it is kept in the user's folder, where later builds find it.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ionc.h"

#define MANIFEST "META-INF/MANIFEST.ion"
static const char ending[] = ".ionpack";
enum { ENDING = sizeof ending - 1, INDEX_MAX = 64 << 20 };

/* ---- where to look ---- */

static void add_folder(compilation *c, places *p, const char *folder, size_t n)
{
    if (n == 0)
        return;
    p->folders = GROW(c, p->folders, p->n, p->cap);
    p->folders[p->n++] = arena_string(c, folder, n);
}

const char *user_packages(compilation *c)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data && *data == '/')
        return arena_format(c, "%s/ion/packages", data);
    return home && *home ? arena_format(c, "%s/.local/share/ion/packages", home) : NULL;
}

/* `share/ion/packages` beside the bin folder that this program lies in; NULL where that cannot be told. */
static const char *system_packages(compilation *c)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    for (int up = 0; up < 2 && n > 0; up++) {
        self[n] = 0;
        char *slash = strrchr(self, '/');
        n = slash ? slash - self : 0;
    }
    return n > 0 ? arena_format(c, "%.*s/share/ion/packages", (int)n, self) : NULL;
}

places *places_find(compilation *c, const char *path)
{
    places *p = arena_alloc(c, sizeof *p);
    const char *slash = strrchr(path, '/'), *list = getenv("ION_PATH"), *folder;
    add_folder(c, p, slash ? path : ".", slash ? slash == path ? 1 : (size_t)(slash - path) : 1);
    for (uint32_t i = 0; i < c->opt.nfolders; i++)
        add_folder(c, p, c->opt.folders[i], strlen(c->opt.folders[i]));
    while (list && *list) {
        size_t n = strcspn(list, ":");
        add_folder(c, p, list, n);
        list += n + (list[n] == ':');
    }
    if ((folder = user_packages(c)))
        add_folder(c, p, folder, strlen(folder));
    if ((folder = system_packages(c)))
        add_folder(c, p, folder, strlen(folder));
    const char *registry = c->opt.registry ? c->opt.registry : getenv("ION_REGISTRY");
    if (registry && strstr(registry, "://"))
        p->registry = registry;
    else if (registry)
        add_folder(c, p, registry, strlen(registry));
    return p;
}

const char *places_list(compilation *c, const places *p)
{
    buffer b = {.c = c};
    buf_puts(&b, "");
    for (uint32_t i = 0; i < p->n; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", p->folders[i]);
    if (p->registry)
        buf_printf(&b, ", %s", p->registry);
    return b.data;
}

/* ---- packages that were found ---- */

typedef struct found {
    pack **list;
    uint32_t n, cap;
} found;

static pack *add_pack(compilation *c, found *f, const char *name, const char *version, uint32_t place)
{
    pack *k = arena_alloc(c, sizeof *k);
    k->name = name;
    k->version = version;
    k->place = place;
    f->list = GROW(c, f->list, f->n, f->cap);
    f->list[f->n++] = k;
    return k;
}

static void read_manifest(compilation *c, pack *k)
{
    const char *where = package_place(c, k->files, MANIFEST);
    k->manifest = manifest_parse(c, k->files);
    k->needs = requirements_read(c, k->manifest, where, &k->nneeds);
    k->uses = arena_alloc(c, (k->nneeds + 1) * sizeof *k->uses);
}

/* That of the manifest; fails where it is none. */
static version manifest_version(compilation *c, const pack *k)
{
    version v;
    if (!version_parse(c, k->manifest->version, strlen(k->manifest->version), &v))
        fail(c, package_place(c, k->files, MANIFEST), NO_OFFSET, "Version %s is not a semantic version",
             k->manifest->version);
    return v;
}

/* An archive on disk may be larger than what it unpacks to, by its headers. */
static uint64_t most_bytes(const compilation *c)
{
    enum { SLACK = 16 << 20 };
    return c->opt.max_unpacked < UINT32_MAX ? c->opt.max_unpacked + SLACK : c->opt.max_unpacked;
}

static void read_bytes(compilation *c, const places *p, pack *k, text data)
{
    if (p && p->sums && !k->sum)
        k->sum = sha256(c, data);
    k->files = package_read_memory(c, k->path, data);
    read_manifest(c, k);
}

static void make_folders(compilation *c, const char *path)
{
    for (char *at = arena_string(c, path, strlen(path)), *slash = at; (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        if (mkdir(at, 0777) != 0 && errno != EEXIST)
            fail(c, at, NO_OFFSET, "cannot make the folder: %s", strerror(errno));
        *slash = '/';
    }
}

/* Fetches a package, which is not kept yet. */
static text fetch_package(compilation *c, pack *k)
{
    const char *folder = user_packages(c);
    if (!folder)
        fail(c, k->from, NO_OFFSET, "nowhere to keep it: neither XDG_DATA_HOME nor HOME is set");
    if (c->opt.verbose)
        fprintf(stderr, "fetching %s\n", k->from);
    text data = fetch(c, k->from, most_bytes(c));
    const char *sum = sha256(c, data);
    if (strcmp(sum, k->sum) != 0)
        fail(c, k->from, NO_OFFSET, "its SHA-256 sum is %s, the registry's index says %s", sum, k->sum);
    k->path = arena_format(c, "%s/%s-%s%s", folder, k->name, k->version, ending);
    return data;
}

void pack_read(compilation *c, const places *p, pack *k)
{
    if (k->files || !(k->path || k->from))
        return;
    bool far = !k->path;
    text data = far ? fetch_package(c, k) : read_file(c, k->path, most_bytes(c));
    read_bytes(c, p, k, data);
    const char *where = package_place(c, k->files, MANIFEST);
    if (strcmp(k->manifest->name, k->name) != 0)
        fail(c, where, NO_OFFSET, "the package is called %s, not %s as its file", k->manifest->name, k->name);
    version v = manifest_version(c, k);
    if (version_compare(&v, &k->v) != 0)
        fail(c, where, NO_OFFSET, "its version is %s, not %s as its file says", k->manifest->version, k->version);
    if (!far)
        return;
    make_folders(c, k->path);
    write_file(c, k->path, data.s, data.n, 0644); /* only now: what is no such package would spoil all later builds */
}

pack *pack_open(compilation *c, const char *path)
{
    pack *k = arena_alloc(c, sizeof *k);
    k->path = path;
    read_bytes(c, NULL, k, read_file(c, path, most_bytes(c)));
    k->name = k->manifest->name;
    k->version = k->manifest->version;
    return k;
}

/* ---- folders ---- */

/* The version in a file's name; false if it is none of package `name`. A NULL *at: NAME.ionpack. */
static bool file_version(compilation *c, const char *file, const char *name, const char **at, version *v)
{
    size_t n = strlen(name), all = strlen(file);
    if (all < n + ENDING || memcmp(file, name, n) != 0 || strcmp(file + all - ENDING, ending) != 0)
        return false;
    *at = NULL;
    if (all == n + ENDING)
        return true;
    *at = arena_string(c, file + n + 1, all - n - 1 - ENDING);
    return file[n] == '-' && version_parse(c, *at, strlen(*at), v);
}

/* What would be waited for, perhaps for ever. */
static bool is_pipe(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode) || S_ISSOCK(st.st_mode));
}

static void search_folder(compilation *c, const places *p, uint32_t place, const char *name, found *f)
{
    DIR *d = opendir(p->folders[place]);
    if (!d)
        return;
    for (const struct dirent *e; (e = readdir(d));) {
        const char *at;
        version v;
        if (!file_version(c, e->d_name, name, &at, &v))
            continue;
        const char *path = arena_format(c, "%s/%s", p->folders[place], e->d_name);
        if (is_pipe(path))
            continue;
        pack *k = add_pack(c, f, name, at, place);
        k->path = path;
        if (at)
            k->v = v;
    }
    closedir(d);
}

/* ---- the registry ---- */

typedef struct index {
    struct index_row {
        text name;
        const char *version, *sum, *file;
        struct index_row *next; /* of the same name */
    } * rows;
    textmap names; /* name → the first row */
    uint32_t n, cap;
} registry_index;

static bool is_sum(const char *s)
{
    return strncmp(s, "sha256:", 7) == 0 && strspn(s + 7, "0123456789abcdef") == 64 && s[7 + 64] == 0;
}

/* Fails unless the file lies below the registry. */
static bool inside(const char *file)
{
    return *file && *file != '/' && !strstr(file, "..") && !strpbrk(file, ":\\%?#"); /* %: a point may be written so */
}

static void read_row(compilation *c, const char *where, registry_index *x, char *line, unsigned number)
{
    char *rest, *word[5];
    int n = 0;
    for (char *w = strtok_r(line, " \t\r", &rest); w && n < 5; w = strtok_r(NULL, " \t\r", &rest))
        word[n++] = w;
    if (n == 0 || *word[0] == '#')
        return;
    version v;
    if (n != 4 || !dependency_name(word[0], strlen(word[0])) || !version_parse(c, word[1], strlen(word[1]), &v) ||
        !is_sum(word[2]) || !inside(word[3]))
        fail(c, where, NO_OFFSET, "line %u is not NAME VERSION sha256:SUM FILE", number);
    x->rows = GROW(c, x->rows, x->n, x->cap);
    x->rows[x->n++] = (struct index_row){text_of(word[0]), word[1], word[2] + 7, word[3], NULL};
}

static registry_index *fetch_index(compilation *c, const char *registry)
{
    const char *where = arena_format(c, "%s/index", registry);
    registry_index *x = arena_alloc(c, sizeof *x);
    text all = fetch(c, where, INDEX_MAX);
    unsigned number = 0;
    if (!utf8_valid(all.s, all.n, NULL) || memchr(all.s, 0, all.n))
        fail(c, where, NO_OFFSET, "the index is not UTF-8");
    char *line = arena_string(c, all.s, all.n);
    while (line) {
        char *end = strchr(line, '\n');
        if (end)
            *end = 0;
        read_row(c, where, x, line, ++number);
        line = end ? end + 1 : NULL;
    }
    for (uint32_t i = x->n; i-- > 0;) {
        uint32_t next = textmap_get(&x->names, x->rows[i].name);
        x->rows[i].next = next == NOT_FOUND ? NULL : &x->rows[next];
        textmap_put(c, &x->names, x->rows[i].name, i);
    }
    return x;
}

static void search_registry(compilation *c, places *p, const char *name, found *f)
{
    if (!p->index)
        p->index = fetch_index(c, p->registry);
    uint32_t first = textmap_get(&p->index->names, text_of(name));
    for (struct index_row *r = first == NOT_FOUND ? NULL : &p->index->rows[first]; r; r = r->next) {
        pack *k = add_pack(c, f, name, r->version, p->n);
        k->sum = r->sum;
        k->from = arena_format(c, "%s/%s", p->registry, r->file);
        version_parse(c, r->version, strlen(r->version), &k->v);
    }
}

/* ---- all together ---- */

static int compare_packs(const void *a, const void *b)
{
    const pack *x = *(pack *const *)a, *y = *(pack *const *)b;
    if ((*x->v.pre == 0) != (*y->v.pre == 0))
        return *x->v.pre ? 1 : -1;
    int order = version_compare(&y->v, &x->v);
    if (order == 0)
        order = (x->place > y->place) - (x->place < y->place);
    if (order == 0 && x->path && y->path)
        order = strcmp(x->path, y->path);
    return order;
}

/* Reads a NAME.ionpack for its version. False: it is another package, which only happens to lie there. */
static bool is_called(compilation *c, const places *p, pack *k)
{
    read_bytes(c, p, k, read_file(c, k->path, most_bytes(c)));
    if (strcmp(k->manifest->name, k->name) != 0)
        return false;
    k->version = k->manifest->version;
    k->v = manifest_version(c, k);
    return true;
}

pack **search(compilation *c, places *p, const char *name, bool far, uint32_t *n)
{
    found f = {0};
    for (uint32_t i = 0; i < p->n; i++)
        search_folder(c, p, i, name, &f);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < f.n; i++)
        if (f.list[i]->version || is_called(c, p, f.list[i]))
            f.list[kept++] = f.list[i];
    f.n = kept;
    if (p->registry && far)
        search_registry(c, p, name, &f);
    if (strcmp(name, STANDARD_LIBRARY) == 0)
        version_parse(c, STANDARD_VERSION, strlen(STANDARD_VERSION),
                      &add_pack(c, &f, name, STANDARD_VERSION, p->n + 1)->v);
    if (f.n)
        qsort(f.list, f.n, sizeof *f.list, compare_packs);
    *n = f.n;
    return f.list;
}
