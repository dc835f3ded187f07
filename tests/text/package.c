/* package.c: compiler/asm_package.c: which entries a list of sources and folders makes. Works in a temporary folder. */
#include "text_test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/text-test-XXXXXX";

/* What lies in the folder; the lines of `made` and `expected` name entries. */
static const struct {
    const char *path, *content;
} files[] = {
    {"one.iona", ".function main\nRETURN r0\n"},
    {"two.iona", ".class B\n.function f\n.class A\n.function g\n.resource \"x/y.txt\" \"hello\\n\"\n"},
    {"again.iona", ".class one\n.function f\n"},
    {"named.iona", ".manifest Name: other\n.manifest Version : 2.0\n.manifest Main-Class:\n.function f\n"},
    {"pack.ion", "IonPack-Version: 1.0\nName: given\nVersion: 1.2.3\n"},
    {"nameless.ion", "IonPack-Version: 1.0\nVersion: 1.2.3\n"},
    {"raw.ionc", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0"},
    {"tree/META-INF/MANIFEST.ion", "IonPack-Version: 1.0\nName: tree\nVersion: 1.0.0\nMain-Class: net/Http\n"},
    {"tree/classes/net/Http.iona", ".function main\nRETURN r0\n"},
    {"tree/classes/Raw.ionc", "x"},
    {"tree/resources/deep/er/file.txt", "content"},
    {"tree/lib/math.so", "elf"},
    {"tree/src/Main.ion", "source"},
    {"tree/README.md", "left out"},
    {"tree/.hidden", "left out"},
};

static const struct {
    const char *what, *sources, *expected; /* entries and the manifest, or a message */
} cases[] = {
    {"one source", "one.iona",
     "META-INF/MANIFEST.ion classes/one.ionc | IonPack-Version: 1.0\nName: one\nVersion: 0.0.0\nMain-Class: one\n"},
    {"two sources, classes sorted, the first one is the main class", "two.iona one.iona",
     "META-INF/MANIFEST.ion classes/A.ionc classes/B.ionc classes/one.ionc resources/x/y.txt | IonPack-Version: "
     "1.0\nName: two\nVersion: 0.0.0\nMain-Class: B\n"},
    {"manifest lines; an empty value leaves a key out", "named.iona",
     "META-INF/MANIFEST.ion classes/named.ionc | IonPack-Version: 1.0\nName: other\nVersion : 2.0\nMain-Class:\n"},
    {"a manifest file", "one.iona pack.ion",
     "META-INF/MANIFEST.ion classes/one.ionc | IonPack-Version: 1.0\nName: given\nVersion: 1.2.3\n"},
    {"a class as it is", "raw.ionc",
     "META-INF/MANIFEST.ion classes/raw.ionc | IonPack-Version: 1.0\nName: raw\nVersion: 0.0.0\nMain-Class: raw\n"},
    {"a folder", "tree",
     "META-INF/MANIFEST.ion classes/Raw.ionc classes/net/Http.ionc lib/math.so resources/deep/er/file.txt src/Main.ion "
     "| IonPack-Version: 1.0\nName: tree\nVersion: 1.0.0\nMain-Class: net/Http\n"},
    {"the same class twice", "one.iona again.iona", "again.iona: line 1: a second class of the name one"},
    {"two manifests", "pack.ion tree", "META-INF/MANIFEST.ion: given twice"},
    {"manifest lines beside a file", "named.iona pack.ion", ".manifest lines beside a manifest file"},
    {"a manifest without a name", "nameless.ion", "META-INF/MANIFEST.ion: Name is missing"},
    {"no such file", "none.iona", "none.iona: cannot open: No such file or directory"},
};

static void put_files(void)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", folder, files[i].path);
        for (char *slash = path + sizeof folder; (slash = strchr(slash, '/')); slash++) {
            *slash = 0;
            mkdir(path, 0755);
            *slash = '/';
        }
        FILE *f = fopen(path, "w");
        if (!f || fputs(files[i].content, f) < 0 || fclose(f) != 0)
            abort();
    }
}

static void remove_files(void)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", folder, files[i].path);
        unlink(path);
        for (char *slash; (slash = strrchr(path, '/')) && slash > path + sizeof folder - 1;) {
            *slash = 0;
            rmdir(path);
        }
    }
    rmdir(folder);
}

/* `sources` as paths inside the folder. */
static uint32_t split(compilation *c, const char *sources, char **paths)
{
    uint32_t n = 0;
    for (const char *at = sources; *at; n++) {
        size_t length = strcspn(at, " ");
        paths[n] = arena_format(c, "%s/%.*s", folder, (int)length, at);
        at += length + (at[length] == ' ');
    }
    return n;
}

/* Entry names, then the manifest. */
static const char *assemble(compilation *c, const char *sources)
{
    char *paths[4];
    uint32_t n = split(c, sources, paths);
    package *p = package_assemble(c, paths, n);
    buffer out = {.c = c};
    for (uint32_t i = 0; i < p->n; i++)
        buf_printf(&out, "%s ", p->entries[i].name);
    buf_puts(&out, "| ");
    buf_puts(&out, package_find(p, "META-INF/MANIFEST.ion")->data.s);
    return out.data;
}

/* The same, or the message without the input's name where that is the folder or the test. */
static const char *describe(compilation *c, const char *sources)
{
    if (COMPILATION_TRY(c))
        return assemble(c, sources);
    const char *at = strstr(c->message, folder);
    return at ? at + sizeof folder : strchr(c->message, ' ') + 1;
}

void test_packages(void)
{
    if (!mkdtemp(folder))
        abort();
    put_files();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        compilation *c = begin();
        const char *got = describe(c, cases[i].sources);
        report(strcmp(got, cases[i].expected) == 0, cases[i].what, got);
        compilation_free(c);
    }
    remove_files();
}
