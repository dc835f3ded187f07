/* pack.c: reads an .ionpack archive; the one user of libzip.
 *
 * An archive is refused whole: a path that is absolute or climbs, what is no plain file,
 * two entries of one name, an entry or a sum beyond
 * the limits. Folders are passed over.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

#include "code.h"

static const uint64_t MAX_CLASS = (uint64_t)64 << 20;
static const uint64_t MAX_UNPACKED = (uint64_t)1 << 30;
static const uint64_t MAX_RATIO = 1000;

static bool path_safe(const char *s)
{
    if (s[0] == '/' || s[0] == 0 || strchr(s, '\\') || (s[1] == ':' && isalpha((unsigned char)s[0])))
        return false;
    for (const char *p = s; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL)
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == 0))
            return false;
    return true;
}

/* Not a link, a device or the like. */
static bool is_plain(zip_t *z, zip_uint64_t i)
{
    zip_uint8_t system;
    zip_uint32_t attributes;
    if (zip_file_get_external_attributes(z, i, 0, &system, &attributes) != 0 || system != ZIP_OPSYS_UNIX)
        return true;
    mode_t kind = (attributes >> 16) & S_IFMT;
    return kind == 0 || kind == S_IFREG || kind == S_IFDIR;
}

static bool read_entry(zip_t *z, zip_uint64_t i, const zip_stat_t *st, entry *out)
{
    zip_file_t *f = zip_fopen_index(z, i, 0);
    if (!f)
        return false;
    char *data = mem_alloc(st->size + 1);
    uint64_t have = 0;
    while (have < st->size) {
        zip_int64_t n = zip_fread(f, data + have, st->size - have);
        if (n <= 0)
            break;
        have += (uint64_t)n;
    }
    char extra;
    bool ok = have == st->size && zip_fread(f, &extra, 1) == 0;
    zip_fclose(f);
    size_t name_len = strlen(st->name);
    char *copy = mem_alloc(name_len + 1);
    memcpy(copy, st->name, name_len);
    *out = (entry){.name = copy, .data = data, .len = have};
    return ok;
}

static bool entry_allowed(const zip_stat_t *st, uint64_t total)
{
    if (st->encryption_method != ZIP_EM_NONE)
        return false;
    if (st->comp_method != ZIP_CM_STORE && st->comp_method != ZIP_CM_DEFLATE)
        return false;
    if (!path_safe(st->name) || st->size > MAX_UNPACKED - total)
        return false;
    if (st->size > MAX_RATIO * (st->comp_size ? st->comp_size : 1))
        return false;
    return strncmp(st->name, "classes/", 8) != 0 || st->size <= MAX_CLASS;
}

static bool read_all(zip_t *z, pack *out)
{
    zip_int64_t n = zip_get_num_entries(z, 0);
    uint64_t total = 0;
    out->entries = mem_alloc(((size_t)n + 1) * sizeof(entry));
    for (zip_int64_t i = 0; i < n; i++) {
        zip_stat_t st;
        if (zip_stat_index(z, (zip_uint64_t)i, 0, &st) != 0 || !entry_allowed(&st, total) ||
            !is_plain(z, (zip_uint64_t)i))
            return false;
        size_t len = strlen(st.name);
        if (st.name[len - 1] == '/')
            continue;
        if (!read_entry(z, (zip_uint64_t)i, &st, &out->entries[out->n]))
            return false;
        out->entries[out->n].place = out->n;
        out->n++;
        total += st.size;
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

bool pack_read(const char *path, pack *out)
{
    int error;
    zip_t *z = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    if (!z)
        return false;
    *out = (pack){0};
    bool ok = read_all(z, out);
    zip_discard(z);
    if (!ok)
        return false;
    qsort(out->entries, out->n, sizeof(entry), by_name);
    for (size_t i = 1; i < out->n; i++)
        if (strcmp(out->entries[i - 1].name, out->entries[i].name) == 0)
            return false;
    return true;
}

const entry *pack_find(const pack *p, const char *path)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->entries[i].name, path) == 0)
            return &p->entries[i];
    return NULL;
}
