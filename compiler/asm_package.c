/* asm_package.c: sources and folders → a package.
 *
 *   FOLDER    META-INF/…, lib/…, resources/…, src/… as they are; classes/NAME.ionc as it is; classes/NAME.iona
 * assembled X.ion     the manifest X.ionc    a class as it is other     text form, assembled; functions outside any
 * .class belong to the class X
 *
 * Keys that a manifest made of `.manifest` lines, or no manifest at all, leaves out are filled in; a manifest file is
 * taken as it is. Invariant: the package does not depend on the order in which a folder is listed: behind the manifest,
 * entries are sorted by name.
 */
#include "ionc.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MANIFEST "META-INF/MANIFEST.ion"
enum { MAX_FOLDERS = 64 }; /* inside each other */

typedef struct builder {
    compilation *c;
    package *p;
    uint32_t cap;
    source classes;
    text first_class; /* n is 0 until there is one */
    bool has_manifest;
} builder;

/* A file or folder still to be read: where it is, and its name in the package. */
typedef struct item {
    const char *path, *name;
    unsigned depth;
} item;

typedef struct item_list {
    item *items;
    uint32_t n, cap;
} item_list;

static void push_item(compilation *c, item_list *list, item i)
{
    list->items = GROW(c, list->items, list->n, list->cap);
    list->items[list->n++] = i;
}

static bool ends_with(const char *s, const char *ending)
{
    size_t n = strlen(s), m = strlen(ending);
    return n > m && strcmp(s + n - m, ending) == 0;
}

/* The last part of a path, without its extension. */
static text base_name(compilation *c, const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t from = end;
    while (from > 0 && path[from - 1] != '/')
        from--;
    size_t dot = end;
    while (dot > from && path[dot] != '.')
        dot--;
    size_t n = (dot > from ? dot : end) - from;
    return (text){arena_string(c, path + from, n), (uint32_t)n};
}

static void add_entry(builder *b, const char *name, text data)
{
    b->p->entries = GROW(b->c, b->p->entries, b->p->n, b->cap);
    b->p->entries[b->p->n++] = (entry){name, data};
    b->has_manifest |= strcmp(name, MANIFEST) == 0;
}

static void first_class(builder *b, text name)
{
    if (b->first_class.n == 0)
        b->first_class = name;
}

static void add_binary_class(builder *b, const char *path, text name)
{
    add_entry(b, arena_format(b->c, "classes/%s.ionc", name.s), read_file(b->c, path, b->c->opt.max_class));
    first_class(b, name);
}

static void add_text(builder *b, const char *path, text default_class)
{
    uint32_t before = b->classes.n;
    text data = read_file(b->c, path, b->c->opt.max_unpacked);
    source_assemble(b->c, &b->classes, path, data, default_class.s);
    if (b->classes.n > before)
        first_class(b, b->classes.classes[before]->name);
}

/* ---- folders ---- */

static int compare_items(const void *a, const void *b)
{
    return strcmp(((const item *)a)->name, ((const item *)b)->name);
}

/* What a folder holds, by name, without hidden files. No directory is open when this fails. */
static void list_folder(compilation *c, const item *folder, item_list *out)
{
    struct dirent **found;
    int n = scandir(folder->path, &found, NULL, NULL);
    if (n < 0)
        fail(c, folder->path, NO_OFFSET, "cannot read the folder: %s", strerror(errno));
    size_t bytes = 1, at = 0;
    for (int i = 0; i < n; i++)
        bytes += strlen(found[i]->d_name) + 1;
    char *names = malloc(bytes);
    for (int i = 0; i < n; i++) {
        size_t length = strlen(found[i]->d_name) + 1;
        if (names && found[i]->d_name[0] != '.') {
            memcpy(names + at, found[i]->d_name, length);
            at += length;
        }
        free(found[i]);
    }
    free(found);
    text all = {names ? arena_string(c, names, at) : NULL, (uint32_t)at};
    free(names);
    if (!all.s)
        fail(c, folder->path, NO_OFFSET, "out of memory");
    for (const char *name = all.s; name < all.s + all.n; name += strlen(name) + 1)
        push_item(c, out,
                  (item){arena_format(c, "%s/%s", folder->path, name),
                         *folder->name ? arena_format(c, "%s/%s", folder->name, name) : name, folder->depth + 1});
    if (out->n)
        qsort(out->items, out->n, sizeof *out->items, compare_items);
}

static bool is_inside(const char *name, const char *folder)
{
    return strncmp(name, folder, strlen(folder)) == 0;
}

/* A file that was found in a folder as `name`. */
static void add_found(builder *b, const char *path, const char *name)
{
    static const char *const folders[] = {"META-INF/", "lib/", "resources/", "src/"};
    size_t n = strlen(name);
    if (is_inside(name, "classes/") && ends_with(name, ".iona")) {
        text class_name = {arena_string(b->c, name + 8, n - 13), (uint32_t)n - 13};
        add_text(b, path, class_name);
        return;
    }
    if (is_inside(name, "classes/") && ends_with(name, ".ionc")) {
        text class_name = {arena_string(b->c, name + 8, n - 13), (uint32_t)n - 13};
        add_binary_class(b, path, class_name);
        return;
    }
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (is_inside(name, folders[i])) {
            add_entry(b, name, read_file(b->c, path, b->c->opt.max_unpacked));
            return;
        }
    }
    warn(b->c, path, "no part of a package, left out");
}

static void add_folder(builder *b, const char *path)
{
    item_list todo = {0};
    push_item(b->c, &todo, (item){path, "", 0});
    while (todo.n) {
        item at = todo.items[--todo.n];
        item_list inside = {0};
        list_folder(b->c, &at, &inside);
        if (at.depth > MAX_FOLDERS)
            fail(b->c, at.path, NO_OFFSET, "folders inside each other more than %d deep", MAX_FOLDERS);
        for (uint32_t i = 0; i < inside.n; i++) {
            struct stat st;
            if (stat(inside.items[i].path, &st) != 0)
                fail(b->c, inside.items[i].path, NO_OFFSET, "cannot open: %s", strerror(errno));
            if (S_ISDIR(st.st_mode))
                push_item(b->c, &todo, inside.items[i]);
            else if (S_ISREG(st.st_mode))
                add_found(b, inside.items[i].path, inside.items[i].name);
        }
    }
}

/* ---- the package ---- */

/* Whether manifest text has a line with that key, be its value empty. */
static bool has_key(const buffer *lines, const char *key)
{
    size_t n = strlen(key);
    const char *line = lines->data;
    while (line && *line) {
        const char *after = line + n;
        if (strncmp(line, key, n) == 0) {
            while (*after == ' ' || *after == '\t')
                after++;
            if (*after == ':')
                return true;
        }
        line = strchr(line, '\n');
        line += line != NULL;
    }
    return false;
}

static text synthesize_manifest(builder *b, text name)
{
    const buffer *given = &b->classes.manifest;
    const struct {
        const char *key, *value;
    } defaults[] = {
        {"IonPack-Version", "1.0"},
        {"Name", name.n && name.s[0] != '.' ? name.s : "package"},
        {"Version", "0.0.0"},
        {"Main-Class", b->first_class.s},
    };
    buffer out = {.c = b->c};
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (defaults[i].value && !has_key(given, defaults[i].key))
            buf_printf(&out, "%s: %s\n", defaults[i].key, defaults[i].value);
    buf_put(&out, given->data, given->len);
    return (text){out.data, (uint32_t)out.len};
}

static int compare_entries(const void *a, const void *b)
{
    const char *x = ((const entry *)a)->name, *y = ((const entry *)b)->name;
    int manifest_first = (strcmp(y, MANIFEST) == 0) - (strcmp(x, MANIFEST) == 0);
    return manifest_first ? manifest_first : strcmp(x, y);
}

static void add_assembled(builder *b)
{
    source *s = &b->classes;
    for (uint32_t i = 0; i < s->n; i++) {
        text name = s->classes[i]->name;
        if (memchr(name.s, 0, name.n))
            fail(b->c, s->classes[i]->entry, NO_OFFSET, "a class of a package has no NUL in its name");
        add_entry(b, arena_format(b->c, "classes/%s.ionc", name.s), class_encode(b->c, s->classes[i]));
    }
    for (uint32_t i = 0; i < s->nresources; i++)
        add_entry(b, s->resources[i].name, s->resources[i].data);
}

static void finish(builder *b, text name)
{
    package *p = b->p;
    if (b->has_manifest && b->classes.manifest.len)
        fail(b->c, NULL, NO_OFFSET, ".manifest lines beside a manifest file");
    if (!b->has_manifest)
        add_entry(b, MANIFEST, synthesize_manifest(b, name));
    add_assembled(b);
    qsort(p->entries, p->n, sizeof *p->entries, compare_entries);
    for (uint32_t i = 1; i < p->n; i++)
        if (strcmp(p->entries[i - 1].name, p->entries[i].name) == 0)
            fail(b->c, p->entries[i].name, NO_OFFSET, "given twice");
    manifest_parse(b->c, p);
}

package *package_assemble(compilation *c, char *const *paths, uint32_t n)
{
    builder b = {.c = c, .p = arena_alloc(c, sizeof(package))};
    const char *input = c->input;
    for (uint32_t i = 0; i < n; i++) {
        struct stat st;
        c->input = paths[i];
        if (stat(paths[i], &st) == 0 && S_ISDIR(st.st_mode))
            add_folder(&b, paths[i]);
        else if (ends_with(paths[i], ".ionc"))
            add_binary_class(&b, paths[i], base_name(c, paths[i]));
        else if (ends_with(paths[i], ".ion"))
            add_entry(&b, MANIFEST, read_file(c, paths[i], c->opt.max_unpacked));
        else
            add_text(&b, paths[i], base_name(c, paths[i]));
    }
    c->input = input;
    finish(&b, n ? base_name(c, paths[0]) : text_of("package"));
    return b.p;
}
