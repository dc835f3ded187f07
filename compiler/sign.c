/* sign.c: signed packages: who made them, and that they are as they were made.
 *
 *   META-INF/CERT.ion         Certificate-Version: 1
 *                             Key: ed25519:HEX         the public key
 *                             Name: TEXT               what the key's file says beside it; may be missing
 *   META-INF/SIGNATURE.ion    Signature-Version: 1
 *                             Key: ed25519:HEX
 *                             Digest: sha256:HEX       of the list of all entries but this one
 *                             Signature: HEX           Ed25519, of the three lines above
 *
 *   list of entries   a line each, `sha256:HEX SIZE LENGTH NAME`: sum and bytes of the content, bytes of the name, the
 *                     name; sorted by name, byte by byte
 *   key file          lines `ed25519:HEX TEXT`, # comments; a secret one: one line `ed25519-secret:HEX TEXT`
 *
 * Both entries are accepted only in exactly the form in which they are written, so that no byte of them is free.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ionc.h"

#define SIGNATURE_ENTRY "META-INF/SIGNATURE.ion"
#define CERT_ENTRY      "META-INF/CERT.ion"
#define PUBLIC          "ed25519:"
#define SECRET          "ed25519-secret:"
enum { KEYS_MAX = 1 << 20, NAME_MAX_BYTES = 200 };

/* ---- what is signed ---- */

static int compare_entries(const void *a, const void *b)
{
    return strcmp((*(const entry *const *)a)->name, (*(const entry *const *)b)->name);
}

/* The SHA-256 sum of the list of all entries but the signature. */
static const char *digest(compilation *c, const package *p)
{
    const entry **sorted = arena_alloc(c, (p->n + 1) * sizeof *sorted);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++)
        if (strcmp(p->entries[i].name, SIGNATURE_ENTRY) != 0)
            sorted[n++] = &p->entries[i];
    qsort(sorted, n, sizeof *sorted, compare_entries);
    buffer list = {.c = c};
    buf_puts(&list, "");
    for (uint32_t i = 0; i < n; i++)
        buf_printf(&list, "sha256:%s %u %zu %s\n", sha256(c, sorted[i]->data), sorted[i]->data.n,
                   strlen(sorted[i]->name), sorted[i]->name);
    return sha256(c, (text){list.data, (uint32_t)list.len});
}

static text signed_lines(compilation *c, const char *key, const char *sum)
{
    return text_of(arena_format(c, "Signature-Version: 1\nKey: " PUBLIC "%s\nDigest: sha256:%s\n", key, sum));
}

static text signature_text(compilation *c, text lines, const char *signature)
{
    return text_of(arena_format(c, "%sSignature: %s\n", lines.s, signature));
}

static text cert_text(compilation *c, const char *key, const char *name)
{
    return text_of(arena_format(c, "Certificate-Version: 1\nKey: " PUBLIC "%s\n%s%s%s", key, *name ? "Name: " : "",
                                name, *name ? "\n" : ""));
}

/* ---- reading it ---- */

/* What stands behind `label` in a line of its own; NULL: there is no such line. */
static const char *line_with(compilation *c, text t, const char *label)
{
    size_t n = strlen(label);
    for (const char *at = t.s, *end = t.s + t.n; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        if ((size_t)(stop - at) >= n && memcmp(at, label, n) == 0)
            return arena_string(c, at + n, (size_t)(stop - at) - n);
        at = stop + 1;
    }
    return NULL;
}

/* What may stand beside a key: one line for people. */
static bool good_name(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7F)
            return false;
    return n <= NAME_MAX_BYTES && utf8_valid(name, n, NULL) && (n == 0 || (name[0] != ' ' && name[n - 1] != ' '));
}

signer signature_check(compilation *c, const package *p)
{
    const entry *s = package_find(p, SIGNATURE_ENTRY), *cert = package_find(p, CERT_ENTRY);
    const char *where = package_place(c, p, SIGNATURE_ENTRY);
    unsigned char key[KEY_BYTES], signature[SIGNATURE_BYTES];
    if (!s)
        fail(c, package_place(c, p, NULL), NO_OFFSET, "the package is not signed");
    const char *key_hex = line_with(c, s->data, "Key: " PUBLIC), *sum = line_with(c, s->data, "Digest: sha256:");
    const char *hex = line_with(c, s->data, "Signature: ");
    if (!key_hex || !sum || !hex || !hex_read(key_hex, key, sizeof key) ||
        !hex_read(hex, signature, sizeof signature) ||
        !text_equal(s->data, signature_text(c, signed_lines(c, key_hex, sum), hex)))
        fail(c, where, NO_OFFSET, "this is no signature of version 1");
    if (!cert)
        fail(c, where, NO_OFFSET, CERT_ENTRY " is missing");
    const char *name = line_with(c, cert->data, "Name: ");
    name = name ? name : "";
    if (!good_name(name) || !text_equal(cert->data, cert_text(c, key_hex, name)))
        fail(c, package_place(c, p, CERT_ENTRY), NO_OFFSET,
             "this is no certificate of the key that the package is signed with");
    if (strcmp(sum, digest(c, p)) != 0)
        fail(c, where, NO_OFFSET, "the package is not as it was signed");
    if (!signature_holds(key, signed_lines(c, key_hex, sum), signature))
        fail(c, where, NO_OFFSET, "the signature is wrong");
    return (signer){key_hex, name};
}

/* ---- keys ---- */

/* Goes through the keys of a file, or the one that `keys` is itself; returns whether one is `key`. */
static bool has_key(compilation *c, const char *keys, const char *key)
{
    bool found = false;
    unsigned char bytes[KEY_BYTES];
    unsigned number = 0, n = 0;
    bool itself = strncmp(keys, PUBLIC, strlen(PUBLIC)) == 0;
    text all = itself ? text_of(keys) : read_file(c, keys, KEYS_MAX);
    for (const char *at = all.s, *end = all.s + all.n; at < end; at++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        const char *line = arena_string(c, at, (size_t)(stop - at));
        at = stop;
        number++;
        line += strspn(line, " \t\r");
        if (*line == 0 || *line == '#')
            continue;
        const char *hex = arena_string(c, line, strcspn(line, " \t\r"));
        if (strncmp(hex, PUBLIC, strlen(PUBLIC)) != 0 || !hex_read(hex + strlen(PUBLIC), bytes, sizeof bytes))
            fail(c, itself ? NULL : keys, NO_OFFSET, "line %u is no public key, " PUBLIC " and 64 hex digits", number);
        found |= strcmp(hex + strlen(PUBLIC), key) == 0;
        n++;
    }
    if (n == 0)
        fail(c, keys, NO_OFFSET, "there is no key in it");
    return found;
}

void signature_require(compilation *c, const package *p)
{
    if (!c->opt.keys)
        return;
    signer s = signature_check(c, p);
    if (!has_key(c, c->opt.keys, s.key))
        fail(c, package_place(c, p, CERT_ENTRY), NO_OFFSET, "signed by " PUBLIC "%s, which is not among the keys of %s",
             s.key, c->opt.keys);
}

/* Reads a secret key: its one line. */
static const char *read_secret(compilation *c, const char *path, unsigned char seed[KEY_BYTES])
{
    text all = read_file(c, path, KEYS_MAX);
    const char *line = arena_string(c, all.s, strcspn(all.s, "\r\n"));
    size_t n = strcspn(line, " \t"), prefix = strlen(SECRET);
    const char *hex = arena_string(c, line, n), *name = line + n + strspn(line + n, " \t");
    if (strncmp(hex, SECRET, prefix) != 0 || !hex_read(hex + prefix, seed, KEY_BYTES) || !good_name(name))
        fail(c, path, NO_OFFSET, "this is no secret key, " SECRET " and 64 hex digits");
    return name;
}

void keys_write(compilation *c, const char *path, const char *name)
{
    unsigned char seed[KEY_BYTES], key[KEY_BYTES];
    const char *public_path = arena_format(c, "%s.pub", path);
    if (!good_name(name))
        fail(c, NULL, NO_OFFSET, "the name of a key is one line of at most %d bytes", NAME_MAX_BYTES);
    if (access(path, F_OK) == 0 || access(public_path, F_OK) == 0)
        fail(c, NULL, NO_OFFSET, "there is a key already: it would be lost");
    key_make(c, seed);
    key_public(seed, key);
    const char *space = *name ? " " : "";
    const char *secret = arena_format(c, SECRET "%s%s%s\n", hex_of(c, seed, sizeof seed), space, name);
    const char *public = arena_format(c, PUBLIC "%s%s%s\n", hex_of(c, key, sizeof key), space, name);
    write_file(c, path, secret, strlen(secret), 0600);
    write_file(c, public_path, public, strlen(public), 0644);
}

/* ---- signing ---- */

void package_sign(compilation *c, package *p, const char *key_path)
{
    unsigned char seed[KEY_BYTES], key[KEY_BYTES], signature[SIGNATURE_BYTES];
    const char *name = read_secret(c, key_path, seed);
    package out = {.path = p->path, .entries = arena_alloc(c, (p->n + 2) * sizeof *out.entries)};
    for (uint32_t i = 0; i < p->n; i++)
        if (strcmp(p->entries[i].name, SIGNATURE_ENTRY) != 0 && strcmp(p->entries[i].name, CERT_ENTRY) != 0)
            out.entries[out.n++] = p->entries[i];
    key_public(seed, key);
    const char *hex = hex_of(c, key, sizeof key);
    out.entries[out.n++] = (entry){CERT_ENTRY, cert_text(c, hex, name)};
    text lines = signed_lines(c, hex, digest(c, &out));
    signature_make(seed, lines, signature);
    out.entries[out.n++] = (entry){SIGNATURE_ENTRY, signature_text(c, lines, hex_of(c, signature, sizeof signature))};
    *p = out;
}
