/* cache.c: executables kept by what they were made from, so that what has not changed is not compiled again.
 *
 *   entry   64 hex digits of a BLAKE2b hash: MAGIC | 32 bytes, the hash of what follows | the executable
 *
 * The name is the hash of everything that decides what the C compiler makes: the C, the command, what the compiler says
 * of itself, its file and the runtime library's (when and where they were last changed), the variables that compilers
 * listen to. Nothing here fails a build: what cannot be read, is damaged or belongs to somebody else is not there, what
 * cannot be written is not kept. Entries appear whole, by a rename; taking one makes it young; the oldest go when all
 * together are more than CACHE_MAX.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cache.h"
#include "jit.h"

extern char **environ;

#define MAGIC "IONCACH1"
enum { HASH = 32, HEAD = 8 + HASH, NAME = 2 * HASH };
#define CACHE_MAX   (UINT64_C(1) << 30) /* bytes of all entries */
#define STALE_AFTER 3600                /* seconds until an entry in the making is taken for abandoned */

/* ---- BLAKE2b (RFC 7693) with 32 bytes of result and no key ---- */

typedef struct hash {
    uint64_t h[8], bytes;
    uint8_t block[128];
    uint32_t n; /* bytes in the block; it is worked in only when more come */
} hash;

static const uint64_t hash_start[8] = {
    UINT64_C(0x6A09E667F3BCC908), UINT64_C(0xBB67AE8584CAA73B), UINT64_C(0x3C6EF372FE94F82B),
    UINT64_C(0xA54FF53A5F1D36F1), UINT64_C(0x510E527FADE682D1), UINT64_C(0x9B05688C2B3E6C1F),
    UINT64_C(0x1F83D9ABFB41BD6B), UINT64_C(0x5BE0CD19137E2179),
};

static const uint8_t hash_order[12][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
};

static inline uint64_t rotate(uint64_t x, int by)
{
    return x >> by | x << (64 - by);
}

static inline void mix(uint64_t *v, int a, int b, int c, int d, uint64_t x, uint64_t y)
{
    v[a] += v[b] + x;
    v[d] = rotate(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = rotate(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = rotate(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = rotate(v[b] ^ v[c], 63);
}

static void hash_block(hash *s, const uint8_t *block, bool last)
{
    uint64_t v[16], m[16];
    memcpy(m, block, sizeof m); /* the machine is little-endian, as all that this compiler makes code for */
    for (int i = 0; i < 8; i++) {
        v[i] = s->h[i];
        v[i + 8] = hash_start[i];
    }
    v[12] ^= s->bytes;
    if (last)
        v[14] = ~v[14];
    for (int round = 0; round < 12; round++) {
        const uint8_t *o = hash_order[round];
        mix(v, 0, 4, 8, 12, m[o[0]], m[o[1]]);
        mix(v, 1, 5, 9, 13, m[o[2]], m[o[3]]);
        mix(v, 2, 6, 10, 14, m[o[4]], m[o[5]]);
        mix(v, 3, 7, 11, 15, m[o[6]], m[o[7]]);
        mix(v, 0, 5, 10, 15, m[o[8]], m[o[9]]);
        mix(v, 1, 6, 11, 12, m[o[10]], m[o[11]]);
        mix(v, 2, 7, 8, 13, m[o[12]], m[o[13]]);
        mix(v, 3, 4, 9, 14, m[o[14]], m[o[15]]);
    }
    for (int i = 0; i < 8; i++)
        s->h[i] ^= v[i] ^ v[i + 8];
}

static void hash_init(hash *s)
{
    *s = (hash){0};
    memcpy(s->h, hash_start, sizeof s->h);
    s->h[0] ^= 0x01010000 ^ HASH;
}

static void hash_add(hash *s, const void *data, size_t n)
{
    const uint8_t *at = data;
    while (n) {
        if (s->n == sizeof s->block) {
            s->bytes += s->n;
            hash_block(s, s->block, false);
            s->n = 0;
        }
        for (; s->n == 0 && n > sizeof s->block; at += sizeof s->block, n -= sizeof s->block) {
            s->bytes += sizeof s->block;
            hash_block(s, at, false);
        }
        size_t take = sizeof s->block - s->n < n ? sizeof s->block - s->n : n;
        memcpy(s->block + s->n, at, take);
        s->n += (uint32_t)take;
        at += take;
        n -= take;
    }
}

static void hash_end(hash *s, uint8_t result[HASH])
{
    memset(s->block + s->n, 0, sizeof s->block - s->n);
    s->bytes += s->n;
    hash_block(s, s->block, true);
    memcpy(result, s->h, HASH);
}

void cache_hash(const void *data, size_t n, uint8_t result[CACHE_HASH])
{
    hash s;
    hash_init(&s);
    hash_add(&s, data, n);
    hash_end(&s, result);
}

/* ---- where ---- */

/* The folder, made if it is not there; NULL: there is to be no cache, or cannot be. */
static const char *folder(compilation *c)
{
    const char *given = getenv("ION_CACHE"), *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (c->opt.no_cache || (given && !*given))
        return NULL;
    if (!given && base && *base == '/')
        given = arena_format(c, "%s/ionc", base);
    else if (!given && home && *home == '/')
        given = arena_format(c, "%s/.cache/ionc", home);
    if (!given)
        return NULL;
    char *path = arena_string(c, given, strlen(given));
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) { /* all folders above it */
        *slash = 0;
        mkdir(path, 0700);
        *slash = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST ? path : NULL;
}

/* ---- what an executable is made from ---- */

static void add_text(hash *s, const char *text)
{
    hash_add(s, text, strlen(text) + 1);
}

/* Which file it is and when it was last changed; true if there is one. */
static bool add_file(hash *s, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    uint64_t facts[] = {st.st_dev,
                        st.st_ino,
                        (uint64_t)st.st_size,
                        (uint64_t)st.st_mtim.tv_sec,
                        (uint64_t)st.st_mtim.tv_nsec,
                        (uint64_t)st.st_ctim.tv_sec,
                        (uint64_t)st.st_ctim.tv_nsec};
    hash_add(s, facts, sizeof facts);
    return true;
}

/* The file that a command means. */
static void add_command_file(compilation *c, hash *s, const char *command)
{
    if (strchr(command, '/')) {
        add_file(s, command);
        return;
    }
    const char *path = getenv("PATH");
    for (const char *at = path ? path : "/usr/bin:/bin"; *at;) {
        size_t n = strcspn(at, ":");
        const char *file = arena_format(c, "%.*s/%s", (int)n, at, command);
        if (access(file, X_OK) == 0 && add_file(s, file))
            return;
        at += n + (at[n] == ':');
    }
}

/* What `COMMAND --version` prints. */
static void add_version(compilation *c, hash *s, char **words, uint32_t n)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    char **argv = arena_alloc(c, (n + 2) * sizeof *argv);
    memcpy(argv, words, n * sizeof *argv);
    argv[n] = arena_string(c, "--version", 9);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    pid_t pid;
    bool started = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    char bytes[4096];
    ssize_t got;
    while (started && ((got = read(ends[0], bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR)))
        hash_add(s, bytes, got > 0 ? (size_t)got : 0);
    close(ends[0]);
    while (started && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

const char *cache_entry(compilation *c, const c_code *code, char **words, uint32_t nwords, uint32_t ncompiler,
                        const char *library)
{
    static const char *const heard[] = {"CPATH",          "C_INCLUDE_PATH",  "LIBRARY_PATH",      "COMPILER_PATH",
                                        "LD_RUN_PATH",    "GCC_EXEC_PREFIX", "SOURCE_DATE_EPOCH", "PATH",
                                        "LD_LIBRARY_PATH"};
    const char *where = folder(c);
    if (!where)
        return NULL;
    hash s;
    hash_init(&s);
    add_text(&s, "ionc " IONC_VERSION " " MAGIC);
    for (uint32_t i = 0; i < nwords; i++)
        add_text(&s, words[i]);
    for (size_t i = 0; i < sizeof heard / sizeof *heard; i++)
        add_text(&s, getenv(heard[i]) ? getenv(heard[i]) : "");
    add_command_file(c, &s, words[0]);
    add_version(c, &s, words, ncompiler);
    if (!add_file(&s, library))
        return NULL;
    add_text(&s, ion_abi_text);
    for (uint32_t i = 0; i < code->n; i++) {
        const unit *u = &code->units[i];
        uint64_t lengths[] = {u->head.len, u->body.len};
        hash_add(&s, lengths, sizeof lengths);
        hash_add(&s, u->head.data, u->head.len);
        hash_add(&s, u->body.data, u->body.len);
    }
    for (uint32_t i = 0; i < code->ncarried; i++) {
        uint64_t length = code->carried[i].n;
        hash_add(&s, &length, sizeof length);
        hash_add(&s, code->carried[i].data, code->carried[i].n);
    }
    uint8_t result[HASH];
    hash_end(&s, result);
    buffer path = {.c = c};
    buf_printf(&path, "%s/", where);
    for (int i = 0; i < HASH; i++)
        buf_printf(&path, "%02x", result[i]);
    return path.data;
}

/* ---- taking ---- */

/* The whole file, or false. */
static bool read_entry(compilation *c, int fd, text *all)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < HEAD || (uint64_t)st.st_size > CACHE_MAX)
        return false;
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return false;
    size_t n = (size_t)st.st_size, done = 0;
    char *data = arena_alloc(c, n + 1);
    while (done < n) {
        ssize_t got = read(fd, data + done, n - done);
        if (got <= 0 && !(got < 0 && errno == EINTR))
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    *all = (text){data, (uint32_t)n};
    return true;
}

bool cache_take(compilation *c, const char *entry, text *binary)
{
    int fd = open(entry, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    text all;
    uint8_t sum[HASH];
    bool good = read_entry(c, fd, &all);
    if (good) {
        cache_hash(all.s + HEAD, all.n - HEAD, sum);
        good = memcmp(all.s, MAGIC, 8) == 0 && memcmp(all.s + 8, sum, HASH) == 0;
    }
    if (good) {
        futimens(fd, NULL); /* it counts as young */
        *binary = (text){all.s + HEAD, all.n - HEAD};
    } else {
        unlink(entry);
    }
    close(fd);
    return good;
}

/* ---- keeping ---- */

typedef struct kept {
    char name[NAME + 1];
    uint64_t size;
    struct timespec used;
} kept;

static int compare_used(const void *a, const void *b)
{
    const struct timespec *x = &((const kept *)a)->used, *y = &((const kept *)b)->used;
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

static bool is_entry(const char *name)
{
    return strlen(name) == NAME && strspn(name, "0123456789abcdef") == NAME;
}

/* Lists the entries, and removes what was left in the making. */
static kept *list_entries(compilation *c, DIR *d, uint32_t *n, uint64_t *total)
{
    kept *list = NULL;
    uint32_t cap = 0;
    time_t now = time(NULL);
    for (struct dirent *e; (e = readdir(d));) {
        struct stat st;
        bool making = strncmp(e->d_name, "making-", 7) == 0;
        if ((!making && !is_entry(e->d_name)) || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (making) {
            if (st.st_mtim.tv_sec < now - STALE_AFTER)
                unlinkat(dirfd(d), e->d_name, 0);
            continue;
        }
        list = GROW(c, list, *n, cap);
        kept *k = &list[(*n)++];
        memcpy(k->name, e->d_name, sizeof k->name);
        k->size = (uint64_t)st.st_size;
        k->used = st.st_mtim;
        *total += k->size;
    }
    return list;
}

/* Makes the entries fit. */
static void evict(compilation *c, const char *where)
{
    DIR *d = opendir(where);
    if (!d)
        return;
    uint32_t n = 0;
    uint64_t total = 0;
    kept *list = list_entries(c, d, &n, &total);
    if (total > CACHE_MAX)
        qsort(list, n, sizeof *list, compare_used);
    for (uint32_t i = 0; i < n && total > CACHE_MAX; i++) {
        unlinkat(dirfd(d), list[i].name, 0);
        total -= list[i].size;
    }
    closedir(d);
}

void cache_keep(compilation *c, const char *entry, text binary)
{
    if (binary.n > CACHE_MAX / 4)
        return;
    const char *where = arena_string(c, entry, strlen(entry) - NAME - 1);
    const char *making = arena_format(c, "%s/making-%u-%u", where, (unsigned)getpid(), (unsigned)time(NULL));
    int fd = open(making, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f) {
        if (fd >= 0)
            close(fd);
        return;
    }
    uint8_t sum[HASH];
    cache_hash(binary.s, binary.n, sum);
    bool good = fwrite(MAGIC, 8, 1, f) == 1 && fwrite(sum, HASH, 1, f) == 1 && fwrite(binary.s, binary.n, 1, f) == 1;
    good &= fclose(f) == 0;
    if (!good || rename(making, entry) != 0)
        unlink(making);
    else
        evict(c, where);
}
