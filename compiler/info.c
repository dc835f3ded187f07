/* info.c: what a package holds: a summary for people (--info), and the text form of its classes (--disasm).
 *
 * A path that ends in `.ionc` is a class file, any other a package. The summary has its sections in a fixed order and
 * columns aligned by their widest cell. What cannot be found out (an entry function that does not resolve) is said in
 * its place: a package that cannot be compiled can still be looked at. Invariant: names come from files, so nothing but
 * printable text is put out.
 */
#include "ionc.h"

#include <string.h>

enum { LABEL_WIDTH = 18, NAME_WIDTH_MOST = 40 };

static bool is_class_file(const char *path)
{
    size_t n = strlen(path);
    return n > 5 && strcmp(path + n - 5, ".ionc") == 0;
}

static class *class_file_read(compilation *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    text plain = {arena_string(c, name, strlen(name) - 5), (uint32_t)strlen(name) - 5};
    if (!utf8_valid(plain.s, plain.n, NULL) || plain.n == 0)
        plain = text_of("Main");
    return class_read(c, NULL, plain, read_file(c, path, c->opt.max_class), ALL_DIALECTS, true);
}

/* ---- the listing ---- */

/* The manifest's lines as directives, so that the listing of a package assembles to a package with the same manifest.
 */
static void put_manifest_directives(buffer *out, const package *p)
{
    const entry *e = package_find(p, "META-INF/MANIFEST.ion");
    if (!e || !utf8_valid(e->data.s, e->data.n, NULL))
        return;
    const char *end = e->data.s + e->data.n;
    for (const char *line = e->data.s, *after; line < end; line = after + 1) {
        after = memchr(line, '\n', (size_t)(end - line));
        after = after ? after : end;
        while (line < after && (*line == ' ' || *line == '\t' || *line == '\r'))
            line++;
        const char *colon = memchr(line, ':', (size_t)(after - line));
        if (!colon || colon == line || *line == '#')
            continue;
        buf_puts(out, ".manifest ");
        buf_put(out, line, (size_t)(after - line));
        buf_puts(out, "\n");
    }
    buf_puts(out, "\n");
}

static _Noreturn void fail_no_class(compilation *c, class **classes, uint32_t n, const char *name)
{
    buffer list = {.c = c};
    buf_puts(&list, "");
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&list, "%s %s", i ? "," : "", classes[i]->name.s);
    fail(c, NULL, NO_OFFSET, "no class %s; there is%s", name, n ? list.data : " none");
}

text package_listing(compilation *c, const char *path, const char *class_name)
{
    buffer out = {.c = c};
    buf_puts(&out, "");
    uint32_t n = 1, shown = 0;
    class **classes, *single;
    if (is_class_file(path)) {
        single = class_file_read(c, path);
        classes = &single;
    } else {
        const package *p = package_read(c, path);
        classes = classes_read(c, p, &n);
        if (!class_name)
            put_manifest_directives(&out, p);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (class_name && !text_equal(classes[i]->name, text_of(class_name)))
            continue;
        if (shown++)
            buf_puts(&out, "\n");
        disasm_class(&out, classes[i]);
    }
    if (class_name && shown == 0)
        fail_no_class(c, classes, n, class_name);
    return (text){out.data, (uint32_t)out.len};
}

/* ---- cells ---- */

static void put_printable(buffer *out, text t)
{
    for (uint32_t i = 0; i < t.n; i++) {
        unsigned char ch = (unsigned char)t.s[i];
        buf_put(out, ch < 0x20 || ch == 0x7F ? "?" : t.s + i, 1);
    }
}

/* The number of columns a name takes, counting characters. */
static int width_of(text t)
{
    int n = 0;
    for (uint32_t i = 0; i < t.n; i++)
        n += (t.s[i] & 0xC0) != 0x80;
    return n;
}

static void put_padded(buffer *out, text t, int width)
{
    put_printable(out, t);
    buf_printf(out, "%*s", width > width_of(t) ? width - width_of(t) : 0, "");
}

static void put_field(buffer *out, const char *label, const char *what)
{
    if (!what)
        return;
    put_padded(out, text_of(label), LABEL_WIDTH);
    put_printable(out, text_of(what));
    buf_puts(out, "\n");
}

static void put_manifest(buffer *out, const manifest *m)
{
    put_field(out, "Name", m->name);
    put_field(out, "Version", m->version);
    put_field(out, "IonPack-Version", m->pack_version);
    put_field(out, "Description", m->description);
    put_field(out, "Author", m->author);
    put_field(out, "Main-Class", m->main_class);
    put_field(out, "Entry-Point", m->entry_point);
    put_field(out, "Dependencies", m->dependencies);
    put_field(out, "FFI-Libraries", m->ffi_libraries);
    put_field(out, "Exports", m->exports);
}

/* ---- the entry function ---- */

static const char *describe_entry(compilation *c, const program *p)
{
    if (p->entry == NOT_FOUND)
        return "none (a library)";
    const function *f = p->functions[p->entry];
    return arena_format(c, "%s:%s (arity %u)", f->class->name.s, f->has_name ? f->name.s : "-", f->arity);
}

/* What is wrong with it is shown instead of the entry function. */
static const char *find_entry(compilation *c, const packs *all)
{
    jmp_buf outer;
    const char *volatile found = NULL;
    memcpy(&outer, &c->fatal, sizeof outer);
    if (COMPILATION_TRY(c))
        found = describe_entry(c, program_index(c, all));
    else
        found = arena_format(c, "not found: %s", c->message);
    memcpy(&c->fatal, &outer, sizeof outer);
    return found;
}

/* ---- classes ---- */

static text function_label(const function *f)
{
    return f->has_name ? f->name : text_of("-");
}

static void put_function(buffer *out, const function *f, int width)
{
    buf_puts(out, "    ");
    put_padded(out, function_label(f), width);
    buf_printf(out, " %6u %10u ", f->arity, f->nregs);
    if (f->native) {
        buf_puts(out, "native ");
        put_printable(out, f->native_name);
        buf_puts(out, "\n");
    } else {
        buf_printf(out, "%13u\n", f->n);
    }
}

static void put_class(buffer *out, const class *k)
{
    static const char *const layouts[] = {"single", "multi", "bare"};
    int width = (int)strlen("function");
    for (uint32_t i = 0; i < k->n; i++) {
        int w = width_of(function_label(&k->functions[i]));
        width = w > width ? w : width;
    }
    width = width > NAME_WIDTH_MOST ? NAME_WIDTH_MOST : width;
    buf_puts(out, "\nClass ");
    put_printable(out, k->name);
    buf_printf(out, "  (dialect %d, layout %s)\n", k->dialect, layouts[k->layout]);
    buf_printf(out, "    %-*s  arity  registers  instructions\n", width, "function");
    for (uint32_t i = 0; i < k->n; i++)
        put_function(out, &k->functions[i], width);
}

static void put_totals(buffer *out, class **classes, uint32_t n)
{
    uint64_t functions = 0, instructions = 0;
    for (uint32_t i = 0; i < n; i++) {
        functions += classes[i]->n;
        for (uint32_t f = 0; f < classes[i]->n; f++)
            instructions += classes[i]->functions[f].n;
    }
    put_padded(out, text_of("Code"), LABEL_WIDTH);
    buf_printf(out, "%u class%s, %llu function%s, %llu instruction%s\n", n, n == 1 ? "" : "es",
               (unsigned long long)functions, functions == 1 ? "" : "s", (unsigned long long)instructions,
               instructions == 1 ? "" : "s");
}

/* One number where all classes are in one dialect. */
static void put_dialects(buffer *out, class **classes, uint32_t n)
{
    unsigned seen = 0;
    put_padded(out, text_of("Dialect"), LABEL_WIDTH);
    for (uint32_t i = 0; i < n; i++)
        seen |= 1u << classes[i]->dialect;
    const char *separator = "";
    for (int d = 1; d <= 5; d++) {
        if (seen >> d & 1) {
            buf_printf(out, "%s%d", separator, d);
            separator = ", ";
        }
    }
    buf_puts(out, seen ? "\n" : "-\n");
}

/* ---- entries ---- */

static bool is_library(const char *name)
{
    return strncmp(name, "lib/", 4) == 0;
}

static bool is_resource(const char *name)
{
    return strncmp(name, "resources/", 10) == 0;
}

static bool is_other(const char *name)
{
    return !is_library(name) && !is_resource(name) && strncmp(name, "classes/", 8) != 0 &&
           strcmp(name, "META-INF/MANIFEST.ion") != 0;
}

static void put_entries(buffer *out, const package *p, const char *title, bool (*wanted)(const char *))
{
    bool any = false;
    for (uint32_t i = 0; i < p->n; i++) {
        if (!wanted(p->entries[i].name))
            continue;
        if (!any)
            buf_printf(out, "\n%s\n", title);
        any = true;
        buf_printf(out, "%12u  ", p->entries[i].data.n);
        put_printable(out, text_of(p->entries[i].name));
        buf_puts(out, "\n");
    }
}

static void put_package(compilation *c, buffer *out, const char *path)
{
    package *p = package_read(c, path);
    const manifest *m = manifest_parse(c, p);
    uint32_t n;
    class **classes = classes_read(c, p, &n);
    packs *all = resolve_alone(c, p, m);
    all->list[0]->classes = classes;
    all->list[0]->nclasses = n;
    put_manifest(out, m);
    put_field(out, "Entry", find_entry(c, all));
    put_dialects(out, classes, n);
    put_totals(out, classes, n);
    for (uint32_t i = 0; i < n; i++)
        put_class(out, classes[i]);
    put_entries(out, p, "Resources (bytes, entry)", is_resource);
    put_entries(out, p, "Native libraries (bytes, entry)", is_library);
    put_entries(out, p, "Other entries (bytes, entry)", is_other);
}

text package_info(compilation *c, const char *path)
{
    buffer out = {.c = c};
    if (is_class_file(path)) {
        class *k = class_file_read(c, path);
        put_dialects(&out, &k, 1);
        put_totals(&out, &k, 1);
        put_class(&out, k);
    } else {
        put_package(c, &out, path);
    }
    return (text){out.data, (uint32_t)out.len};
}
