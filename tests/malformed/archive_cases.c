/* archive_cases.c: archives that the package reader refuses (compiler/package.c), made byte by byte, and what the
 * writer refuses. Works in the current folder, which it leaves empty.
 */
#include "malformed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One entry; what is left out is as it should be. */
typedef struct member {
    const char *name;
    const char *plain;  /* the data, as a description of bytes */
    const char *packed; /* the data as it stands in the archive; NULL: the same */
    unsigned method, flags;
    uint32_t mode;      /* of Unix */
    uint32_t announced; /* size unpacked, if not 0 */
    bool wrong_crc;
    const char *local_name; /* a name that differs from the directory's */
} member;

typedef struct archive_case {
    const char *name, *want;
    const char *before;                          /* bytes in place of or ahead of the archive */
    unsigned cut;                                /* bytes cut off its end */
    uint64_t max_class, max_unpacked, max_ratio; /* where not 0 */
    member members[3];
} archive_case;

#define DEFLATED 8
/* "hello" in one stored block of deflate. */
#define HELLO "01 05 00 FA FF 'hello'"

static const archive_case cases[] = {
    {.name = "a file without bytes", .want = "t: not a ZIP archive"},
    {.name = "text in place of an archive", .want = "t: not a ZIP archive", .before = "'Name: app'"},
    {.name = "an archive cut short",
     .want = "t: the archive is cut short or damaged",
     .cut = 30,
     .members = {{.name = "resources/a", .plain = "'hello'"}}},
    {.name = "an archive cut within its data",
     .want = "t: the archive is cut short or damaged",
     .cut = 110,
     .members = {{.name = "resources/a", .plain = "'hello'"}}},
    {.name = "two names for one entry",
     .want = "t: the archive is damaged: Zip archive inconsistent",
     .members = {{.name = "resources/a", .plain = "'hello'", .local_name = "resources/b"}}},
    {.name = "a plain archive", .want = "read", .members = {{.name = "resources/a", .plain = "'hello'"}}},
    {.name = "folders are passed over",
     .want = "read",
     .members = {{.name = "resources/", .plain = "", .mode = S_IFDIR | 0755},
                 {.name = "resources/..a", .plain = "'hello'", .mode = S_IFREG | 0600}}},
    {.name = "a deflated entry",
     .want = "read",
     .members = {{.name = "resources/a", .plain = "'hello'", .packed = HELLO, .method = DEFLATED}}},

    {.name = "an empty name", .want = "t: an entry has no name", .members = {{.name = "", .plain = ""}}},
    {.name = "a backslash",
     .want = "t: resources\\a: backslash in the name of an entry",
     .members = {{.name = "resources\\a", .plain = ""}}},
    {.name = "an absolute path",
     .want = "t: /etc/passwd: absolute path",
     .members = {{.name = "/etc/passwd", .plain = ""}}},
    {.name = "a drive letter", .want = "t: c:a: absolute path", .members = {{.name = "c:a", .plain = ""}}},
    {.name = "climbing at the start",
     .want = "t: ../a: path climbs out of the package",
     .members = {{.name = "../a", .plain = ""}}},
    {.name = "climbing in the middle",
     .want = "t: resources/../../a: path climbs out of the package",
     .members = {{.name = "resources/../../a", .plain = ""}}},
    {.name = "climbing at the end",
     .want = "t: resources/..: path climbs out of the package",
     .members = {{.name = "resources/..", .plain = ""}}},
    {.name = "a climbing folder",
     .want = "t: ../: path climbs out of the package",
     .members = {{.name = "../", .plain = ""}}},
    {.name = "control characters in a name",
     .want = "t: /?[31m?a: absolute path",
     .members = {{.name = "/\x1B[31m\na", .plain = ""}}},
    {.name = "a name that is not UTF-8",
     .want = "t: the name of an entry is not UTF-8",
     .members = {{.name = "resources/\xE9", .plain = ""}}},
    {.name = "an entry twice",
     .want = "t: resources/a: the entry occurs twice",
     .members = {{.name = "resources/a", .plain = "'1'"}, {.name = "resources/a", .plain = "'2'"}}},
    {.name = "a symbolic link",
     .want = "t: resources/a: symbolic link",
     .members = {{.name = "resources/a", .plain = "'/etc/passwd'", .mode = S_IFLNK | 0777}}},
    {.name = "a named pipe",
     .want = "t: resources/a: not a regular file",
     .members = {{.name = "resources/a", .plain = "", .mode = S_IFIFO | 0644}}},
    {.name = "an encrypted entry",
     .want = "t: resources/a: the entry is encrypted",
     .members = {{.name = "resources/a", .plain = "12*(00)", .flags = 1}}},
    {.name = "another compression",
     .want = "t: resources/a: compression method 12 is not supported",
     .members = {{.name = "resources/a", .plain = "'hello'", .method = 12}}},

    {.name = "a class over the limit",
     .want = "t: classes/A.ionc: a class of 67108865 bytes, the most is 67108864",
     .members = {{.name = "classes/A.ionc",
                  .plain = "'hello'",
                  .packed = HELLO,
                  .method = DEFLATED,
                  .announced = (64 << 20) + 1}}},
    {.name = "a class over a limit set",
     .want = "t: classes/A.ionc: a class of 5 bytes, the most is 4",
     .max_class = 4,
     .members = {{.name = "resources/a", .plain = "'hello'"}, {.name = "classes/A.ionc", .plain = "'hello'"}}},
    {.name = "an archive over the limit",
     .want = "t: resources/a: the archive unpacks to more than 1073741824 bytes",
     .members = {{.name = "resources/a",
                  .plain = "'hello'",
                  .packed = HELLO,
                  .method = DEFLATED,
                  .announced = (1 << 30) + 1}}},
    {.name = "entries that sum to a limit",
     .want = "read",
     .max_unpacked = 10,
     .members = {{.name = "resources/a", .plain = "'hello'"}, {.name = "resources/b", .plain = "'hello'"}}},
    {.name = "entries that pass a limit",
     .want = "t: resources/b: the archive unpacks to more than 9 bytes",
     .max_unpacked = 9,
     .members = {{.name = "resources/a", .plain = "'hello'"}, {.name = "resources/b", .plain = "'hello'"}}},
    {.name = "more than packs a thousandfold",
     .want = "t: resources/a: compression ratio over 1000",
     .members = {{.name = "resources/a", .plain = "'hello'", .packed = HELLO, .method = DEFLATED, .announced = 10001}}},
    {.name = "just a thousandfold",
     .want = "t: resources/a: unpacks to less than the 10000 bytes announced",
     .members = {{.name = "resources/a", .plain = "'hello'", .packed = HELLO, .method = DEFLATED, .announced = 10000}}},

    {.name = "a wrong checksum",
     .want = "t: resources/a: the checksum does not match",
     .members = {{.name = "resources/a", .plain = "'hello'", .wrong_crc = true}}},
    {.name = "more than announced",
     .want = "t: resources/a: unpacks to more than the 3 bytes announced",
     .members = {{.name = "resources/a", .plain = "'hello'", .packed = HELLO, .method = DEFLATED, .announced = 3}}},
    {.name = "less than announced",
     .want = "t: resources/a: unpacks to less than the 7 bytes announced",
     .members = {{.name = "resources/a", .plain = "'hello'", .packed = HELLO, .method = DEFLATED, .announced = 7}}},
    {.name = "what is no deflate",
     .want = "t: resources/a: cannot be unpacked: Zlib error: data error",
     .members = {{.name = "resources/a", .plain = "'hello'", .packed = "FF FF FF FF FF", .method = DEFLATED}}},
};

/* ---- archives -----------------------------------------------------------------------------------------------------
 */

static void put(buffer *b, uint32_t n, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        buf_put(b, &(unsigned char){(unsigned char)(n >> 8 * i)}, 1);
}

static uint32_t crc32(text t)
{
    uint32_t crc = UINT32_MAX;
    for (uint32_t i = 0; i < t.n; i++) {
        crc ^= (unsigned char)t.s[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* What the local header and the directory have in common. */
static void put_header(buffer *b, const member *m, text plain, text packed, const char *name)
{
    put(b, 20, 2);
    put(b, m->flags, 2);
    put(b, m->method, 2);
    put(b, 0, 2);
    put(b, 0x21, 2);
    put(b, crc32(plain) ^ m->wrong_crc, 4);
    put(b, packed.n, 4);
    put(b, m->announced ? m->announced : plain.n, 4);
    put(b, (uint32_t)strlen(name), 2);
    put(b, 0, 2);
}

static text make_archive(compilation *c, const member *members)
{
    buffer b = {.c = c}, directory = {.c = c};
    uint32_t n = 0;
    for (const member *m = members; m->name; m++, n++) {
        text plain = bytes(c, m->plain), packed = m->packed ? bytes(c, m->packed) : plain;
        buf_puts(&directory, "PK\1\2");
        put(&directory, 3 << 8 | 20, 2);
        put_header(&directory, m, plain, packed, m->name);
        put(&directory, 0, 2);
        put(&directory, 0, 4);
        put(&directory, m->mode << 16, 4);
        put(&directory, (uint32_t)b.len, 4);
        buf_puts(&directory, m->name);
        buf_puts(&b, "PK\3\4");
        put_header(&b, m, plain, packed, m->local_name ? m->local_name : m->name);
        buf_puts(&b, m->local_name ? m->local_name : m->name);
        buf_put(&b, packed.s, packed.n);
    }
    uint32_t at = (uint32_t)b.len;
    buf_put(&b, directory.data, directory.len);
    buf_puts(&b, "PK\5\6");
    put(&b, 0, 4);
    put(&b, n, 2);
    put(&b, n, 2);
    put(&b, (uint32_t)directory.len, 4);
    put(&b, at, 4);
    put(&b, 0, 2);
    return (text){b.data, (uint32_t)b.len};
}

static void run(const archive_case *k)
{
    options opt = options_default();
    opt.max_class = k->max_class ? k->max_class : opt.max_class;
    opt.max_unpacked = k->max_unpacked ? k->max_unpacked : opt.max_unpacked;
    opt.max_ratio = k->max_ratio ? k->max_ratio : opt.max_ratio;
    compilation *c = start(&opt);
    bool done = COMPILATION_TRY(c);
    if (done) {
        buffer b = {.c = c};
        buf_puts(&b, "");
        if (k->before) {
            text before = bytes(c, k->before);
            buf_put(&b, before.s, before.n);
        }
        if (k->members[0].name) {
            text archive = make_archive(c, k->members);
            buf_put(&b, archive.s, archive.n - k->cut);
        }
        write_file(c, "t", b.data, b.len, 0644);
        package_read(c, "t");
    }
    unlink("t");
    finish(c, k->name, done, k->want);
}

/* ---- files that are no archives, and the writer -------------------------------------------------------------------
 */

static void read_from(const char *name, const char *path, uint64_t max_unpacked, const char *want)
{
    options opt = options_default();
    opt.max_unpacked = max_unpacked;
    compilation *c = start(&opt);
    bool done = COMPILATION_TRY(c);
    if (done)
        package_read(c, path);
    finish(c, name, done, want);
}

static void write_to(const char *name, const char *path, const package *p, const char *want)
{
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done)
        package_write(c, p, path);
    finish(c, name, done, want);
    if (!done)
        report("and leaves no file behind", access(path, F_OK) != 0, path);
    unlink(path);
}

static void files(void)
{
    read_from("a file that is not there", "t", 1000, "t: cannot open: No such file or directory");
    read_from("another file that is not there", "lib.ionpack", 1000,
              "t: lib.ionpack: cannot open: No such file or directory");
    read_from("a folder", ".", 1000, "t: .: cannot read: Is a directory");
    FILE *f = fopen("t", "w");
    if (!f || fclose(f) != 0 || truncate("t", (17 << 20) + 1) != 0)
        abort();
    read_from("a file far over the limit", "t", 1 << 20, "t: larger than 17825792 bytes");
    unlink("t");
}

static void writing(void)
{
    entry two[] = {{"resources/a", {"1", 1}}, {"resources/a", {"2", 1}}};
    entry climbing = {"../a", {"1", 1}}, good = {"resources/a", {"hello", 5}};
    write_to("writing an entry twice", "t", &(package){.path = "t", .entries = two, .n = 2},
             "t: resources/a: the entry occurs twice");
    write_to("writing a climbing path", "t", &(package){.path = "t", .entries = &climbing, .n = 1},
             "t: ../a: path climbs out of the package");
    write_to("writing into no folder", "no/t", &(package){.path = "no/t", .entries = &good, .n = 1},
             "t: no/t: cannot create: No such file or directory");
    write_to("writing a package", "t", &(package){.path = "t", .entries = &good, .n = 1}, "read");
}

/* The same package gives the same bytes wherever and whenever it is written. */
static void same_bytes(void)
{
    compilation *c = start(NULL);
    bool same = false;
    if (COMPILATION_TRY(c)) {
        entry entries[] = {{"META-INF/MANIFEST.ion", {"Name: a\n", 8}}, {"resources/a", {"hello", 5}}};
        package p = {.path = "t", .entries = entries, .n = 2};
        setenv("TZ", "UTC+11", 1);
        text first = package_bytes(c, &p);
        setenv("TZ", "UTC-11", 1);
        package_write(c, &p, "t");
        unsetenv("TZ");
        text second = read_file(c, "t", 10000);
        same = text_equal(first, second) && memcmp(first.s + 10, "\0\0\x21\0", 4) == 0 && first.s[8] == 0;
    }
    unlink("t");
    report("the same package gives the same bytes", same, c->message ? c->message : "other bytes");
    compilation_free(c);
}

void archive_cases(const char *folder)
{
    printf("# in %s\n", folder);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run(&cases[i]);
    files();
    writing();
    same_bytes();
}
