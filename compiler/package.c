/* package.c: the ZIP archive that a package is; the one user of libzip.
 *
 * An archive is read into memory as a whole, then every entry of it. Nothing an archive says about itself is trusted:
 * announced sizes are checked against the limits first and the data against the announced size while it is unpacked,
 * so a hostile archive costs no more memory than the limits allow. After package_read every name is relative, stays
 * inside the package and occurs once, and every checksum held.
 *
 * An open archive is closed on the way out of a `fail` too: reader and writer catch the jump and pass it on, see
 * read_and_close.
 */
#include "ionc.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

enum { ARCHIVE_SLACK = 16 << 20 }; /* what headers may add to the entries of an archive that packs nothing */

const char *package_place(compilation *c, const package *p, const char *name)
{
    if (!p->path || strcmp(p->path, c->input) == 0)
        return name;
    return name ? arena_format(c, "%s: %s", p->path, name) : p->path;
}

const entry *package_find(const package *p, const char *name)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (strcmp(p->entries[i].name, name) == 0)
            return &p->entries[i];
    return NULL;
}

/* What is wrong with the name of an entry; NULL if nothing. */
static const char *name_fault(const char *name)
{
    if (*name == 0)
        return "an entry has no name";
    if (strchr(name, '\\'))
        return "backslash in the name of an entry";
    if (name[0] == '/' || (isalpha((unsigned char)name[0]) && name[1] == ':'))
        return "absolute path";
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == 0))
            return "path climbs out of the package";
    }
    return NULL;
}

static void check_name(compilation *c, const package *p, textmap *seen, const char *name)
{
    if (!utf8_valid(name, strlen(name), NULL))
        fail(c, package_place(c, p, NULL), NO_OFFSET, "the name of an entry is not UTF-8");
    const char *wrong = name_fault(name);
    if (wrong)
        fail(c, package_place(c, p, *name ? name : NULL), NO_OFFSET, "%s", wrong);
    if (textmap_get(seen, text_of(name)) != NOT_FOUND)
        fail(c, package_place(c, p, name), NO_OFFSET, "the entry occurs twice");
    textmap_put(c, seen, text_of(name), 0);
}

/* ---- reading ------------------------------------------------------------------------------------------------------
 */

static _Noreturn void fail_open(compilation *c, const package *p, text data, int code)
{
    const char *where = package_place(c, p, NULL);
    if (code == ZIP_ER_NOZIP && data.n >= 4 && memcmp(data.s, "PK\3\4", 4) == 0)
        fail(c, where, NO_OFFSET, "the archive is cut short or damaged");
    if (code == ZIP_ER_NOZIP)
        fail(c, where, NO_OFFSET, "not a ZIP archive");
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    char what[120];
    snprintf(what, sizeof what, "%s", zip_error_strerror(&error));
    zip_error_fini(&error);
    fail(c, where, NO_OFFSET, "the archive is damaged: %s", what);
}

/* Opens the archive; NULL with libzip's code. */
static zip_t *open_bytes(text data, int flags, int *code)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *made = zip_source_buffer_create(data.s, data.n, 0, &error);
    zip_t *z = made ? zip_open_from_source(made, ZIP_RDONLY | flags, &error) : NULL;
    if (!z)
        zip_source_free(made);
    *code = zip_error_code_zip(&error);
    zip_error_fini(&error);
    return z;
}

static zip_t *open_archive(compilation *c, const package *p, text data)
{
    /* libzip takes a file without bytes for an archive without entries. */
    if (data.n == 0)
        fail_open(c, p, data, ZIP_ER_NOZIP);
    int code;
    zip_t *z = open_bytes(data, ZIP_CHECKCONS, &code);
    /* A name that occurs twice is found here already; check_name can say which. */
    if (!z && code == ZIP_ER_EXISTS)
        z = open_bytes(data, 0, &code);
    if (!z)
        fail_open(c, p, data, code);
    return z;
}

static void check_kind(compilation *c, const char *where, zip_t *z, uint64_t i, const zip_stat_t *st)
{
    zip_uint8_t system;
    zip_uint32_t attributes;
    if (zip_file_get_external_attributes(z, i, 0, &system, &attributes) == 0 &&
        (system == ZIP_OPSYS_UNIX || system == ZIP_OPSYS_OS_X)) {
        unsigned type = attributes >> 16 & S_IFMT;
        if (type != 0 && type != S_IFREG)
            fail(c, where, NO_OFFSET, type == S_IFLNK ? "symbolic link" : "not a regular file");
    }
    if (st->encryption_method != ZIP_EM_NONE)
        fail(c, where, NO_OFFSET, "the entry is encrypted");
    if (st->comp_method != ZIP_CM_STORE && st->comp_method != ZIP_CM_DEFLATE)
        fail(c, where, NO_OFFSET, "compression method %u is not supported", st->comp_method);
}

static bool is_class(const char *name)
{
    return strncmp(name, "classes/", 8) == 0;
}

static void check_size(compilation *c, const char *where, const char *name, const zip_stat_t *st, uint64_t unpacked)
{
    if (is_class(name) && st->size > c->opt.max_class)
        fail(c, where, NO_OFFSET, "a class of %llu bytes, the most is %llu", (unsigned long long)st->size,
             (unsigned long long)c->opt.max_class);
    if (st->size > c->opt.max_unpacked - unpacked || st->size >= UINT32_MAX)
        fail(c, where, NO_OFFSET, "the archive unpacks to more than %llu bytes",
             (unsigned long long)c->opt.max_unpacked);
    if (st->comp_size && c->opt.max_ratio <= UINT64_MAX / st->comp_size && st->size > c->opt.max_ratio * st->comp_size)
        fail(c, where, NO_OFFSET, "compression ratio over %llu", (unsigned long long)c->opt.max_ratio);
}

typedef enum unpack_result { UNPACK_DONE, UNPACK_CRC, UNPACK_LONG, UNPACK_SHORT, UNPACK_ERROR } unpack_result;

/* Reads exactly `size` bytes and the end behind them, which is where libzip compares the checksum. */
static unpack_result unpack(zip_file_t *f, char *data, uint64_t size)
{
    uint64_t at = 0;
    for (;;) {
        char more;
        zip_int64_t n = at < size ? zip_fread(f, data + at, size - at) : zip_fread(f, &more, 1);
        if (n < 0)
            return zip_error_code_zip(zip_file_get_error(f)) == ZIP_ER_CRC ? UNPACK_CRC : UNPACK_ERROR;
        if (n == 0)
            return at < size ? UNPACK_SHORT : UNPACK_DONE;
        if (at == size)
            return UNPACK_LONG;
        at += (uint64_t)n;
    }
}

static text read_entry(compilation *c, const char *where, zip_t *z, uint64_t i, uint64_t size)
{
    char *data = arena_alloc(c, size + 1);
    zip_file_t *f = zip_fopen_index(z, i, 0);
    if (!f)
        fail(c, where, NO_OFFSET, "cannot be read: %s", zip_strerror(z));
    unpack_result result = unpack(f, data, size);
    char what[120];
    snprintf(what, sizeof what, "%s", zip_file_strerror(f));
    zip_fclose(f);
    switch (result) {
    case UNPACK_DONE: break;
    case UNPACK_CRC: fail(c, where, NO_OFFSET, "the checksum does not match");
    case UNPACK_LONG:
        fail(c, where, NO_OFFSET, "unpacks to more than the %llu bytes announced", (unsigned long long)size);
    case UNPACK_SHORT:
        fail(c, where, NO_OFFSET, "unpacks to less than the %llu bytes announced", (unsigned long long)size);
    case UNPACK_ERROR: fail(c, where, NO_OFFSET, "cannot be unpacked: %s", what);
    }
    return (text){data, (uint32_t)size};
}

static void read_entries(compilation *c, package *p, zip_t *z)
{
    textmap seen = {0};
    uint64_t unpacked = 0;
    uint32_t cap = 0;
    zip_int64_t n = zip_get_num_entries(z, 0);
    for (zip_int64_t i = 0; i < n; i++) {
        zip_stat_t st;
        if (zip_stat_index(z, (zip_uint64_t)i, ZIP_FL_ENC_RAW, &st) != 0)
            fail(c, package_place(c, p, NULL), NO_OFFSET, "entry %lld cannot be read", (long long)i);
        const char *name = arena_string(c, st.name ? st.name : "", st.name ? strlen(st.name) : 0);
        check_name(c, p, &seen, name);
        if (name[strlen(name) - 1] == '/')
            continue;
        const char *where = package_place(c, p, name);
        check_kind(c, where, z, (zip_uint64_t)i, &st);
        check_size(c, where, name, &st, unpacked);
        unpacked += st.size;
        p->entries = GROW(c, p->entries, p->n, cap);
        p->entries[p->n].name = name;
        p->entries[p->n].data = read_entry(c, where, z, (zip_uint64_t)i, st.size);
        p->n++;
    }
}

/* Reads and closes the archive, whether reading comes to its end or not. */
static __attribute__((noinline)) void read_and_close(compilation *c, package *p, zip_t *z)
{
    jmp_buf outer;
    memcpy(&outer, &c->fatal, sizeof outer);
    if (setjmp(c->fatal)) {
        zip_discard(z);
        memcpy(&c->fatal, &outer, sizeof outer);
        longjmp(c->fatal, 1);
    }
    read_entries(c, p, z);
    memcpy(&c->fatal, &outer, sizeof outer);
    zip_discard(z);
}

package *package_read_memory(compilation *c, const char *path, text data)
{
    package *p = arena_alloc(c, sizeof *p);
    p->path = path;
    read_and_close(c, p, open_archive(c, p, data));
    return p;
}

package *package_read(compilation *c, const char *path)
{
    uint64_t most = c->opt.max_unpacked;
    return package_read_memory(c, path, read_file(c, path, most < UINT32_MAX ? most + ARCHIVE_SLACK : most));
}

/* ---- writing ------------------------------------------------------------------------------------------------------
 */

/* Adds one entry; all that could differ from run to run is set. */
static bool add_entry(zip_t *z, const entry *e)
{
    static const zip_uint16_t midnight = 0, first_of_1980 = 1 << 5 | 1;
    zip_source_t *made = zip_source_buffer(z, e->data.s, e->data.n, 0);
    zip_int64_t i = made ? zip_file_add(z, e->name, made, ZIP_FL_ENC_UTF_8) : -1;
    if (i < 0) {
        zip_source_free(made);
        return false;
    }
    return zip_set_file_compression(z, (zip_uint64_t)i, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(z, (zip_uint64_t)i, midnight, first_of_1980, 0) == 0 &&
           zip_file_set_external_attributes(z, (zip_uint64_t)i, 0, ZIP_OPSYS_UNIX, (S_IFREG | 0644u) << 16) == 0;
}

static void add_entries(compilation *c, const package *p, zip_t *z)
{
    textmap seen = {0};
    for (uint32_t i = 0; i < p->n; i++) {
        check_name(c, p, &seen, p->entries[i].name);
        if (!add_entry(z, &p->entries[i]))
            fail(c, package_place(c, p, p->entries[i].name), NO_OFFSET, "cannot be packed: %s", zip_strerror(z));
    }
}

/* The bytes of a source that an archive was written to. */
static bool source_bytes(zip_source_t *made, char *data, size_t n)
{
    if (zip_source_open(made) != 0)
        return false;
    bool good = zip_source_read(made, data, n) == (zip_int64_t)n;
    zip_source_close(made);
    return good;
}

/* Makes the archive in `made` and gives its bytes. */
static text make_archive(compilation *c, const package *p, zip_source_t *made)
{
    zip_source_keep(made);
    zip_t *z = zip_open_from_source(made, ZIP_TRUNCATE, NULL);
    if (!z) {
        zip_source_free(made);
        fail(c, NULL, NO_OFFSET, "cannot begin an archive");
    }
    jmp_buf outer;
    memcpy(&outer, &c->fatal, sizeof outer);
    if (setjmp(c->fatal)) {
        zip_discard(z);
        memcpy(&c->fatal, &outer, sizeof outer);
        longjmp(c->fatal, 1);
    }
    add_entries(c, p, z);
    if (zip_close(z) != 0)
        fail(c, NULL, NO_OFFSET, "cannot make the archive: %s", zip_strerror(z));
    memcpy(&c->fatal, &outer, sizeof outer);
    zip_stat_t st;
    zip_stat_init(&st);
    if (zip_source_stat(made, &st) != 0 || st.size >= UINT32_MAX)
        fail(c, NULL, NO_OFFSET, "cannot make the archive: larger than 4 GiB");
    text bytes = {arena_alloc(c, st.size + 1), (uint32_t)st.size};
    if (!source_bytes(made, (char *)bytes.s, bytes.n))
        fail(c, NULL, NO_OFFSET, "cannot make the archive");
    return bytes;
}

text package_bytes(compilation *c, const package *p)
{
    zip_source_t *made = zip_source_buffer_create(NULL, 0, 0, NULL);
    if (!made)
        fail(c, NULL, NO_OFFSET, "cannot begin an archive");
    jmp_buf outer;
    memcpy(&outer, &c->fatal, sizeof outer);
    if (setjmp(c->fatal)) {
        zip_source_free(made);
        memcpy(&c->fatal, &outer, sizeof outer);
        longjmp(c->fatal, 1);
    }
    text bytes = make_archive(c, p, made);
    memcpy(&c->fatal, &outer, sizeof outer);
    zip_source_free(made);
    return bytes;
}

void package_write(compilation *c, const package *p, const char *path)
{
    text bytes = package_bytes(c, p);
    write_file(c, path, bytes.s, bytes.n, 0644);
}
