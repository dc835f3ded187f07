/* read.c: libFuzzer target for everything that reads packages: archive, manifest, classes.
 *
 *   clang -std=c11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Icompiler -Iinclude tests/fuzz/read.c
 *         compiler/{base,package,manifest,decode,dialect,verify,encode}.c -lzip -o fuzz-read
 *   ./fuzz-read -max_len=4096 CORPUS
 *
 * The bytes are read as a class in every dialect and layout, as a manifest and as an archive. They must be refused
 * with a message or accepted; an accepted class must be written back as the very same bytes.
 */
#include "ionc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *to, const char *line)
{
    (void)to;
    if (!line)
        abort();
}

static compilation *start(void)
{
    options opt = options_default();
    opt.max_unpacked = 16 << 20;
    compilation *c = compilation_new("fuzz", &opt, ignore, NULL);
    if (!c)
        abort();
    return c;
}

static void finish(compilation *c)
{
    if (c->message && (*c->message == 0 || strchr(c->message, '\n')))
        abort();
    compilation_free(c);
}

static void same(compilation *c, const class *k, text data)
{
    if (!text_equal(class_encode(c, k), data))
        abort();
    if (class_dialect_needed(k) < 4)
        abort();
}

/* Reads in all ways alike; a reading that has no message must have a class. */
static void read_classes(text data)
{
    for (int dialect = 1; dialect <= 5; dialect++) {
        for (int as = LAYOUT_SINGLE; as <= LAYOUT_BARE; as++) {
            compilation *c = start();
            if (!COMPILATION_TRY(c))
                abort();
            fault f = {0};
            class *k = class_decode(c, data, dialect, (layout)as, &f);
            if (!k && (!*f.text || f.offset > data.n))
                abort();
            if (k) {
                same(c, k, data);
                class_verify(c, k, false, &f);
            }
            finish(c);
        }
    }
}

static void read_any(text data, bool bare)
{
    compilation *c = start();
    if (COMPILATION_TRY(c))
        same(c, class_read(c, "k", text_of("K"), data, ALL_DIALECTS, bare), data);
    finish(c);
}

static void read_manifest(text data)
{
    compilation *c = start();
    if (COMPILATION_TRY(c)) {
        entry e = {"META-INF/MANIFEST.ion", data};
        manifest_parse(c, &(package){.path = "fuzz", .entries = &e, .n = 1});
    }
    finish(c);
}

/* A package of two classes that split the bytes between them: they agree on a dialect or do not. */
static void read_pair(text data)
{
    compilation *c = start();
    if (COMPILATION_TRY(c)) {
        uint32_t half = data.n / 2, n;
        entry e[2] = {{"classes/A.ionc", {arena_string(c, data.s, half), half}},
                      {"classes/B.ionc", {data.s + half, data.n - half}}};
        class **k = classes_read(c, &(package){.path = "fuzz", .entries = e, .n = 2}, &n);
        for (uint32_t i = 0; i < n; i++)
            same(c, k[i], e[i].data);
    }
    finish(c);
}

static void read_archive(text data)
{
    compilation *c = start();
    if (COMPILATION_TRY(c)) {
        package *p = package_read_memory(c, "fuzz", data);
        package *again = package_read_memory(c, "fuzz", package_bytes(c, p));
        if (again->n != p->n)
            abort();
        uint32_t n;
        manifest_parse(c, p);
        class **k = classes_read(c, p, &n);
        for (uint32_t i = 0; i < n; i++)
            class_encode(c, k[i]);
    }
    finish(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = calloc(1, size + 1);
    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    text t = {copy, (uint32_t)size};
    read_classes(t);
    read_any(t, false);
    read_any(t, true);
    read_manifest(t);
    read_pair(t);
    read_archive(t);
    free(copy);
    return 0;
}
