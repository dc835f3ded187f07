/* manifest_cases.c: manifests, good and bad (compiler/manifest.c). */
#include "malformed.h"

#include <string.h>

#define M    "t: META-INF/MANIFEST.ion: "
#define GOOD "IonPack-Version: 1.0\nName: app\nVersion: 0.1.0\n"

static const struct {
    const char *name, *file, *want;
} cases[] = {
    {"a plain manifest", GOOD, "read"},
    {"no newline at the end", "IonPack-Version: 1.0\nName: app\nVersion: 0.1.0", "read"},
    {"comments, empty lines, unknown keys", GOOD "\n  \n# Name\n  # indented\nColour: blue: green\n", "read"},
    {"a later 1.x", "IonPack-Version: 1.12\nName: app\nVersion: 0.1.0\n", "read"},
    {"no version of the format", "Name: app\nVersion: 0.1.0\n",
     "warning: " M "IonPack-Version is missing; taken as 1.0 | read"},
    {"a key given twice", GOOD "Name: other\n",
     "warning: " M "line 4: Name is given again; the last one counts | read"},
    {"a line without a colon", GOOD "Main-Class Main\n", M "offset 46: line 4 has no colon"},
    {"version 2.0", "IonPack-Version: 2.0\n", M "IonPack-Version 2.0 is not known, only 1.x is"},
    {"control characters", "IonPack-Version: \x1B[31m\a\n", M "IonPack-Version ?[31m? is not known, only 1.x is"},
    {"version 1", "IonPack-Version: 1\n", M "IonPack-Version 1 is not known, only 1.x is"},
    {"version 1.", "IonPack-Version: 1.\n", M "IonPack-Version 1. is not known, only 1.x is"},
    {"version 1.0b", "IonPack-Version: 1.0b\n", M "IonPack-Version 1.0b is not known, only 1.x is"},
    {"version 10.0", "IonPack-Version: 10.0\n", M "IonPack-Version 10.0 is not known, only 1.x is"},
    {"no Name", "IonPack-Version: 1.0\nVersion: 0.1.0\n", M "Name is missing"},
    {"an empty Name", "IonPack-Version: 1.0\nName:\nVersion: 0.1.0\n", M "Name is missing"},
    {"no Version", "IonPack-Version: 1.0\nName: app\n", M "Version is missing"},
    {"keys mind their case", "IonPack-Version: 1.0\nname: app\nVersion: 0.1.0\n", M "Name is missing"},
    {"an empty manifest", "", "warning: " M "IonPack-Version is missing; taken as 1.0 | " M "Name is missing"},
    {"not UTF-8", GOOD "Author: \xFF\n", M "offset 54: the manifest is not UTF-8"},
    {"UTF-16", "\xFF\xFEN", M "offset 0: the manifest is not UTF-8"},
};

static void bad_packages(void)
{
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done)
        manifest_parse(c, &(package){.path = "t"});
    finish(c, "no manifest", done, M "the package has no manifest");

    c = start(NULL);
    done = COMPILATION_TRY(c);
    if (done)
        manifest_parse(c, &(package){.path = "lib.ionpack"});
    finish(c, "no manifest in another package", done,
           "t: lib.ionpack: META-INF/MANIFEST.ion: the package has no manifest");

    c = start(NULL);
    done = COMPILATION_TRY(c);
    if (done) {
        entry e = {"META-INF/MANIFEST.ion", {"Name: \0\n", 8}};
        manifest_parse(c, &(package){.path = "t", .entries = &e, .n = 1});
    }
    finish(c, "a NUL byte", done, M "offset 6: the manifest holds a NUL byte");
}

/* All keys, with a byte order mark, CRLF and white space all over. */
static void fields(void)
{
    static const char file[] =
        "\xEF\xBB\xBF"
        "IonPack-Version: 1.1\r\n  Name :  a b \r\nVersion:1.2.3\r\n\r\nMain-Class: net/Main\r\n"
        "Entry-Point: go\r\nDescription: what: it is\r\nAuthor:\r\nDependencies: std@1.0, x@>=2,<3\r\n"
        "FFI-Libraries: a.so\r\nExports: A, B";
    compilation *c = start(NULL);
    bool good = false;
    if (COMPILATION_TRY(c)) {
        entry e = {"META-INF/MANIFEST.ion", text_of(file)};
        const manifest *m = manifest_parse(c, &(package){.path = "t", .entries = &e, .n = 1});
        good = strcmp(m->pack_version, "1.1") == 0 && strcmp(m->name, "a b") == 0 && strcmp(m->version, "1.2.3") == 0 &&
               strcmp(m->main_class, "net/Main") == 0 && strcmp(m->entry_point, "go") == 0 &&
               strcmp(m->description, "what: it is") == 0 && !m->author &&
               strcmp(m->dependencies, "std@1.0, x@>=2,<3") == 0 && strcmp(m->ffi_libraries, "a.so") == 0 &&
               strcmp(m->exports, "A, B") == 0;
    }
    report("all fields of a manifest", good, c->message ? c->message : "other fields");
    compilation_free(c);
}

static void run(const char *name, const char *file, const char *want)
{
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done) {
        entry e = {"META-INF/MANIFEST.ion", text_of(file)};
        manifest_parse(c, &(package){.path = "t", .entries = &e, .n = 1});
    }
    finish(c, name, done, want);
}

void manifest_cases(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run(cases[i].name, cases[i].file, cases[i].want);
    bad_packages();
    fields();
}
