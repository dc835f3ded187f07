/* sign_cases.c: signed packages (compiler/sign.c): whatever is changed in one is found. */
#include "malformed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define S        "t: p: META-INF/SIGNATURE.ion: "
#define C        "t: p: META-INF/CERT.ion: "
#define MANIFEST "Name: app\nVersion: 0.1.0\nIonPack-Version: 1.0\n"

/* A key whose bytes are all zero, and the signature of sample() by it. */
#define KEY "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29"

static const char *key_path;

static package *sample(compilation *c)
{
    package *p = arena_alloc(c, sizeof *p);
    p->path = "p";
    p->entries = arena_alloc(c, 8 * sizeof *p->entries);
    p->entries[p->n++] = (entry){"META-INF/MANIFEST.ion", text_of(MANIFEST)};
    p->entries[p->n++] = (entry){"classes/Main.ionc", {"\0\1\2\3", 4}};
    p->entries[p->n++] = (entry){"resources/a", text_of("abc")};
    p->entries[p->n++] = (entry){"resources/b", text_of("")};
    package_sign(c, p, key_path);
    p->entries = arena_grow(c, p->entries, p->n * sizeof *p->entries, (p->n + 2) * sizeof *p->entries);
    return p;
}

static entry *find(package *p, const char *name)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (strcmp(p->entries[i].name, name) == 0)
            return &p->entries[i];
    abort();
}

static void drop(package *p, const char *name)
{
    entry *e = find(p, name);
    *e = p->entries[--p->n];
}

/* The text of an entry with `from` replaced by `to`, which is as long or not. */
static void edit(compilation *c, package *p, const char *name, const char *from, const char *to)
{
    entry *e = find(p, name);
    const char *at = strstr(e->data.s, from);
    if (!at)
        abort();
    e->data = text_of(arena_format(c, "%.*s%s%s", (int)(at - e->data.s), e->data.s, to, at + strlen(from)));
}

typedef void change(compilation *c, package *p);

static void nothing(compilation *c, package *p)
{
    (void)c, (void)p;
}
static void reorder(compilation *c, package *p)
{
    (void)c;
    for (uint32_t i = 0; i < p->n / 2; i++) {
        entry e = p->entries[i];
        p->entries[i] = p->entries[p->n - 1 - i];
        p->entries[p->n - 1 - i] = e;
    }
}
static void content(compilation *c, package *p)
{
    edit(c, p, "resources/a", "abc", "abd");
}
static void longer(compilation *c, package *p)
{
    edit(c, p, "resources/a", "abc", "abcd");
}
static void rename_one(compilation *c, package *p)
{
    (void)c;
    find(p, "resources/a")->name = "resources/c";
}
static void swap(compilation *c, package *p)
{
    (void)c;
    find(p, "resources/a")->name = "resources/x";
    find(p, "resources/b")->name = "resources/a";
    find(p, "resources/x")->name = "resources/b";
}
static void add(compilation *c, package *p)
{
    (void)c;
    p->entries[p->n++] = (entry){"resources/c", text_of("")};
}
static void add_unread(compilation *c, package *p)
{
    (void)c;
    p->entries[p->n++] = (entry){"META-INF/NOTE", text_of("")};
}
static void remove_one(compilation *c, package *p)
{
    (void)c;
    drop(p, "resources/b");
}
static void no_signature(compilation *c, package *p)
{
    (void)c;
    drop(p, "META-INF/SIGNATURE.ion");
}
static void no_cert(compilation *c, package *p)
{
    (void)c;
    drop(p, "META-INF/CERT.ion");
}
static void cert_name(compilation *c, package *p)
{
    edit(c, p, "META-INF/CERT.ion", "Tester", "Taster");
}
static void cert_key(compilation *c, package *p)
{
    edit(c, p, "META-INF/CERT.ion", "3b6a", "3b6b");
}
static void cert_escape(compilation *c, package *p)
{
    edit(c, p, "META-INF/CERT.ion", "Tester", "\x1B[2J");
}
static void cert_more(compilation *c, package *p)
{
    edit(c, p, "META-INF/CERT.ion", "Name", "More: x\nName");
}
static void other_key(compilation *c, package *p)
{
    edit(c, p, "META-INF/SIGNATURE.ion", "3b6a", "3b6b");
    edit(c, p, "META-INF/CERT.ion", "3b6a", "3b6b");
}
static void other_signature(compilation *c, package *p)
{
    entry *e = find(p, "META-INF/SIGNATURE.ion");
    char *copy = arena_string(c, e->data.s, e->data.n);
    char *digit = strstr(copy, "Signature: ") + 20;
    *digit = *digit == '0' ? '1' : '0';
    e->data = text_of(copy);
}
static void upper_case(compilation *c, package *p)
{
    edit(c, p, "META-INF/SIGNATURE.ion", "3b6a", "3B6a");
}
static void version_two(compilation *c, package *p)
{
    edit(c, p, "META-INF/SIGNATURE.ion", "Version: 1", "Version: 2");
}
static void space(compilation *c, package *p)
{
    edit(c, p, "META-INF/SIGNATURE.ion", "Key: ", "Key:  ");
}
static void newline(compilation *c, package *p)
{
    edit(c, p, "META-INF/SIGNATURE.ion", "\nDigest", "\n\nDigest");
}
static void empty(compilation *c, package *p)
{
    (void)c;
    find(p, "META-INF/SIGNATURE.ion")->data = text_of("");
}
/* What is signed with another key holds by itself, but is not by the key that was asked for. */
static void by_another(compilation *c, package *p)
{
    (void)p;
    c->opt.keys = "ed25519:0000000000000000000000000000000000000000000000000000000000000000";
}
static void by_this(compilation *c, package *p)
{
    (void)p;
    c->opt.keys = "ed25519:" KEY " and what it is called";
}
static void by_no_key(compilation *c, package *p)
{
    (void)p;
    c->opt.keys = "ed25519:00";
}

#define CHANGED S "the package is not as it was signed"
static const struct {
    const char *name;
    change *change;
    const char *want;
} cases[] = {
    {"a signed package", nothing, "read"},
    {"in another order", reorder, "read"},
    {"a byte of an entry", content, CHANGED},
    {"a byte more", longer, CHANGED},
    {"another name", rename_one, CHANGED},
    {"two contents change places", swap, CHANGED},
    {"an entry more", add, CHANGED},
    {"an entry more that nobody reads", add_unread, CHANGED},
    {"an entry less", remove_one, CHANGED},
    {"no signature", no_signature, "t: p: the package is not signed"},
    {"no certificate", no_cert, S "META-INF/CERT.ion is missing"},
    {"another name in the certificate", cert_name, CHANGED},
    {"another key in the certificate", cert_key, C "this is no certificate of the key that the package is signed with"},
    {"control characters in the certificate", cert_escape,
     C "this is no certificate of the key that the package is signed with"},
    {"a line more in the certificate", cert_more,
     C "this is no certificate of the key that the package is signed with"},
    {"another key in both", other_key, CHANGED},
    {"another signature", other_signature, S "the signature is wrong"},
    {"upper case", upper_case, S "this is no signature of version 1"},
    {"version 2", version_two, S "this is no signature of version 1"},
    {"a space more", space, S "this is no signature of version 1"},
    {"an empty line more", newline, S "this is no signature of version 1"},
    {"an empty signature", empty, S "this is no signature of version 1"},
    {"a key that is asked for", by_this, "read"},
    {"a key that is not", by_another,
     C "signed by ed25519:" KEY ", which is not among the keys of "
       "ed25519:0000000000000000000000000000000000000000000000000000000000000000"},
    {"no key is asked for", by_no_key, "t: line 1 is no public key, ed25519: and 64 hex digits"},
};

static void run(const char *name, change *what, const char *want)
{
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done) {
        package *p = sample(c);
        what(c, p);
        signature_check(c, p);
        signature_require(c, p);
    }
    finish(c, name, done, want);
}

/* Whether the archive is refused or holds what it held before: dates and the like may differ. */
static bool harmless(const char *bytes, uint32_t n, const package *before)
{
    compilation *c = start(NULL);
    bool good = true;
    if (COMPILATION_TRY(c)) {
        const package *p = package_read_memory(c, "p", (text){bytes, n});
        signature_check(c, p);
        good = p->n == before->n;
        for (uint32_t i = 0; good && i < p->n; i++) {
            const entry *e = package_find(p, before->entries[i].name);
            good = e && text_equal(e->data, before->entries[i].data);
        }
    }
    compilation_free(c);
    return good;
}

/* Every bit of a small package, and every byte as 0 and 255. */
static void flip(void)
{
    compilation *c = start(NULL);
    long wrong = -1;
    if (!COMPILATION_TRY(c))
        abort();
    const package *p = sample(c);
    text bytes = package_bytes(c, p);
    char *copy = arena_string(c, bytes.s, bytes.n);
    for (uint32_t i = 0; i < bytes.n; i++) {
        for (int k = 0; k < 10; k++) {
            copy[i] = (char)(k < 8 ? bytes.s[i] ^ 1 << k : k == 8 ? 0 : 0xFF);
            if (!harmless(copy, bytes.n, p))
                wrong = i;
        }
        copy[i] = bytes.s[i];
        if (!harmless(copy, i, p))
            wrong = i;
    }
    report("every byte changed, and the end cut off at every byte", wrong < 0, arena_format(c, "offset %ld", wrong));
    compilation_free(c);
}

static bool holds(const package *p)
{
    compilation *c = start(NULL);
    bool good = COMPILATION_TRY(c);
    if (good)
        signature_check(c, p);
    compilation_free(c);
    return good;
}

/* Every bit of every name and content, where no checksum of the archive can help. */
static void tamper(void)
{
    compilation *c = start(NULL);
    const char *wrong = NULL;
    if (!COMPILATION_TRY(c))
        abort();
    package *p = sample(c);
    for (uint32_t i = 0; i < p->n; i++) {
        entry was = p->entries[i];
        size_t n = strlen(was.name);
        for (size_t at = 0; at < 8 * (n + was.data.n); at++) {
            char *name = arena_string(c, was.name, n), *data = arena_string(c, was.data.s, was.data.n);
            char *byte = at / 8 < n ? &name[at / 8] : &data[at / 8 - n];
            *byte ^= (char)(1 << at % 8);
            p->entries[i] = (entry){name, {data, was.data.n}};
            if (holds(p))
                wrong = was.name;
        }
        p->entries[i] = was;
    }
    report("every bit of every entry", !wrong && holds(p), wrong);
    compilation_free(c);
}

/* The same package and key give the same bytes; signing again changes nothing. */
static void again(void)
{
    compilation *c = start(NULL);
    bool good = false;
    if (COMPILATION_TRY(c)) {
        package *p = sample(c);
        text first = package_bytes(c, p);
        package_sign(c, p, key_path);
        good = text_equal(first, package_bytes(c, p));
    }
    report("signing again gives the same bytes", good, c->message ? c->message : "others");
    compilation_free(c);
}

static void write_key(const char *line)
{
    FILE *f = fopen(key_path, "w");
    if (!f || fputs(line, f) < 0 || fclose(f) != 0)
        abort();
}

static void bad_key(const char *name, const char *line)
{
    write_key(line);
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done)
        sample(c);
    finish(c, name, done, arena_format(c, "t: %s: this is no secret key, ed25519-secret: and 64 hex digits", key_path));
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
void sign_cases(const char *folder)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/key", folder);
    key_path = path;
    bad_key("an empty key", "");
    bad_key("a key too short", "ed25519-secret:00\n");
    bad_key("a key too long", "ed25519-secret:" ZEROS "0\n");
    bad_key("a public key to sign with", "ed25519:" ZEROS "\n");
    bad_key("a key in upper case", "ed25519-secret:A" ZEROS "\n");
    write_key("ed25519-secret:" ZEROS " Tester\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run(cases[i].name, cases[i].change, cases[i].want);
    again();
    tamper();
    flip();
    remove(path);
}
