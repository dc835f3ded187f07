/* depend.c: libFuzzer target for versions, ranges, Dependencies and signatures.
 *
 *   clang -std=c11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Icompiler -Iruntime -Iinclude
 *         tests/fuzz/depend.c compiler/{base,package,manifest,semver,depend,crypto,sign,decode,dialect,verify}.c
 *         -lzip -lsodium -o fuzz-depend
 *   ./fuzz-depend -max_len=4096 CORPUS
 *
 * The bytes, up to the first NUL, are a list of dependencies, a version, a signature and a certificate. What is read can
 * be used; versions are in order both ways round; no signature is taken for one.
 */
#include "ionc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static compilation *start(void)
{
    compilation *c = compilation_new("fuzz", NULL, NULL, NULL);
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

static void read_list(const char *text_of_it)
{
    compilation *c = start();
    if (COMPILATION_TRY(c)) {
        uint32_t n;
        version one;
        manifest m = {.dependencies = text_of_it};
        const requirement *r = requirements_read(c, &m, "m", &n);
        if (!version_parse(c, "1.2.3", 5, &one))
            abort();
        for (uint32_t i = 0; i < n; i++) {
            if (!dependency_name(r[i].name, strlen(r[i].name)) || !r[i].text)
                abort();
            (void)range_has(&r[i].range, &one);
        }
    }
    finish(c);
}

/* Two versions with a space between them, and a range behind another. */
static void compare(const char *s)
{
    compilation *c = start();
    if (COMPILATION_TRY(c)) {
        version a, b;
        range r = {0};
        size_t n = strcspn(s, " "), m = s[n] ? strcspn(s + n + 1, " ") : 0;
        if (version_parse(c, s, n, &a) && version_compare(&a, &a) != 0)
            abort();
        if (m && version_parse(c, s, n, &a) && version_parse(c, s + n + 1, m, &b)) {
            int there = version_compare(&a, &b), back = version_compare(&b, &a);
            if ((there < 0) != (back > 0) || (there == 0) != (back == 0))
                abort();
            /* exactly this version is in the range of its own text, if that has all three numbers */
            if (memchr(s, '.', n) && range_add(c, &r, s, n) && there == 0 && !range_has(&r, &b))
                abort();
        }
    }
    finish(c);
}

static void check(text data)
{
    compilation *c = start();
    if (COMPILATION_TRY(c)) {
        const char *half = memchr(data.s, 1, data.n);
        uint32_t n = half ? (uint32_t)(half - data.s) : data.n;
        entry e[] = {{"META-INF/SIGNATURE.ion", {arena_string(c, data.s, n), n}},
                     {"META-INF/CERT.ion", {half ? half + 1 : "", half ? data.n - n - 1 : 0}}};
        signature_check(c, &(package){.path = "p", .entries = e, .n = 2});
        abort();
    }
    finish(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, data, size);
    copy[size] = 0;
    check((text){copy, (uint32_t)size});
    compare(copy);
    read_list(copy);
    free(copy);
    return 0;
}
