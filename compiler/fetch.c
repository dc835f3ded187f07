/* fetch.c: what an address holds; the one user of libcurl.
 *
 * libcurl is looked for when something is to be fetched, so that nobody else needs it. Its interface is that of libcurl
 * 7.85 and later, of which this file knows the few numbers that it uses. Only http, https and file; a redirection never
 * leads to a file.
 */
#include <dlfcn.h>
#include <stdlib.h>

#include "ionc.h"

/* of curl/curl.h */
enum {
    OPT_FAILONERROR = 45,
    OPT_LOW_SPEED_LIMIT = 19,
    OPT_LOW_SPEED_TIME = 20,
    OPT_FOLLOWLOCATION = 52,
    OPT_MAXREDIRS = 68,
    OPT_CONNECTTIMEOUT = 78,
    OPT_NOSIGNAL = 99,
    OPT_WRITEDATA = 10001,
    OPT_URL = 10002,
    OPT_USERAGENT = 10018,
    OPT_ERRORBUFFER = 10010,
    OPT_WRITEFUNCTION = 20011,
    OPT_PROTOCOLS_STR = 10318,
    OPT_REDIR_PROTOCOLS_STR = 10319,
    ERROR_SIZE = 256,
};

typedef struct curl {
    void *library;
    void *(*init)(void);
    int (*setopt)(void *, int, ...);
    int (*perform)(void *);
    void (*cleanup)(void *);
    const char *(*strerror)(int);
} curl;

static void *symbol(compilation *c, const curl *k, const char *name)
{
    void *s = dlsym(k->library, name);
    if (!s)
        fail(c, NULL, NO_OFFSET, "the libcurl that is installed has no %s", name);
    return s;
}

static curl open_library(compilation *c, const char *address)
{
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4"};
    curl k = {0};
    for (size_t i = 0; !k.library && i < sizeof names / sizeof *names; i++)
        k.library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!k.library)
        fail(c, address, NO_OFFSET, "cannot be fetched: libcurl is not installed (Debian: libcurl4)");
    *(void **)&k.init = symbol(c, &k, "curl_easy_init");
    *(void **)&k.setopt = symbol(c, &k, "curl_easy_setopt");
    *(void **)&k.perform = symbol(c, &k, "curl_easy_perform");
    *(void **)&k.cleanup = symbol(c, &k, "curl_easy_cleanup");
    *(void **)&k.strerror = symbol(c, &k, "curl_easy_strerror");
    return k;
}

/* What has come; on the allocator's heap, since nothing may jump out of libcurl. */
typedef struct incoming {
    char *data;
    size_t n, cap, most;
    bool huge;
} incoming;

static size_t take(char *data, size_t size, size_t n, void *to)
{
    incoming *b = to;
    n *= size;
    if (n > b->most - b->n) {
        b->huge = true;
        return 0;
    }
    if (n > b->cap - b->n) {
        size_t cap = 2 * b->cap + n + 4096;
        char *more = realloc(b->data, cap);
        if (!more)
            return 0;
        b->data = more;
        b->cap = cap;
    }
    if (n)
        memcpy(b->data + b->n, data, n);
    b->n += n;
    return n;
}

text fetch(compilation *c, const char *address, uint64_t most)
{
    curl k = open_library(c, address);
    incoming b = {.most = most < UINT32_MAX ? most : UINT32_MAX - 1};
    char error[ERROR_SIZE] = "";
    void *handle = k.init();
    if (!handle)
        fail(c, address, NO_OFFSET, "cannot be fetched: out of memory");
    bool set = k.setopt(handle, OPT_PROTOCOLS_STR, "http,https,file") == 0 &&
               k.setopt(handle, OPT_REDIR_PROTOCOLS_STR, "http,https") == 0;
    k.setopt(handle, OPT_URL, address);
    k.setopt(handle, OPT_USERAGENT, "ionc/" IONC_VERSION);
    k.setopt(handle, OPT_ERRORBUFFER, error);
    k.setopt(handle, OPT_NOSIGNAL, 1L);
    k.setopt(handle, OPT_FAILONERROR, 1L);
    k.setopt(handle, OPT_FOLLOWLOCATION, 1L);
    k.setopt(handle, OPT_MAXREDIRS, 5L);
    k.setopt(handle, OPT_CONNECTTIMEOUT, 30L);
    k.setopt(handle, OPT_LOW_SPEED_LIMIT, 1L);
    k.setopt(handle, OPT_LOW_SPEED_TIME, 60L);
    k.setopt(handle, OPT_WRITEFUNCTION, take);
    k.setopt(handle, OPT_WRITEDATA, &b);
    int result = set ? k.perform(handle) : -1;
    k.cleanup(handle);
    text data = {"", 0};
    if (result == 0)
        data = (text){arena_string(c, b.data ? b.data : "", b.n), (uint32_t)b.n};
    free(b.data);
    if (!set)
        fail(c, address, NO_OFFSET, "cannot be fetched: libcurl is older than 7.85");
    if (b.huge)
        fail(c, address, NO_OFFSET, "larger than %llu bytes", (unsigned long long)most);
    if (result != 0)
        fail(c, address, NO_OFFSET, "cannot be fetched: %s", *error ? error : k.strerror(result));
    return data;
}
