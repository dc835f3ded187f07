/* round.c: what is written reads back the same: classes in every dialect and layout, real packages, archives. */
#include "malformed.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* Instructions by the dialects that have them; each list counts its own. */
static const char always[] = "01 #0 01 =1.5  01 #0 01 01 00 00 00 00 00 F4 7F  01 #0 01 02 00 00 00 00 00 F8 FF"
                             " 01 #1 02 00  01 #1 02 01  01 #2 03 \"an atom\"  01 #2 03 \"\"  01 #3 04  01 #3 05"
                             " 01 #4 06 #3 01 =-0 06 #0 05  01 #4 08 \"Main:f\"  02 #1 #2  03 #0 #1 #2  04 #0 #1 #2"
                             " 05 #0 #1 #2  06 #0 #1 #2  07 #0 #1 #2  08 #0 #1 #2  09 #0 #1 #0  09 #0 #1 #3 #1 #2 #3"
                             " 0A #0  0B #1  0C #0 #-1  0D #0 #2  0E #0 #1 #1 #2  0F #0 #1  10 #0"
                             " 12 #0 #0  12 #0 #5 01 04 #1 02 #-1 03 #2 02 01 03 \"a\" #2 04 #0 #0 05 \"T\" 03 #1 02 #1"
                             " 13  14 ";
enum { ALWAYS = 31 };
static const char old_tuple[] = "01 #0 09 #2 02 01 09 #0 ";
static const char new_values[] = "01 #0 09 \"s\xC3\xA9\"  01 #0 0A =1 =-2  01 #0 0B #2 09 \"\" 0B #0 ";
enum { NEW_VALUES = 3 };
static const char from_3[] = "15 #0 #1 #2 16 #0 #1 #2 17 #0 #1 #2 18 #0 #1 #2 19 #0 #1 #2 1A #0 #1 #2 1B #0 #1 #2"
                             " 1C #0 #1 #2 1D #0 #1 1E #0 #1 #2  1F #0 #2 \"a\" 00 #1 \"b\" 01 05 ";
enum { FROM_3 = 11 };
static const char flags_old[] = "01 #0 07 #2 \"k\" 04 00 01 00 \"k\" 05 01 00 01 ";
static const char flags_3[] = "1F #0 #2 \"a\" 02 #1 01 00 00 \"b\" 03 04 00 00 00 ";
static const char flags_5[] =
    "01 #0 07 #4 \"k\" 04 00 \"l\" 04 01 \"m\" 04 02 \"n\" 04 03  1F #0 #2 \"a\" 02 #1 02 \"b\" 03 04 03 ";
static const char from_4[] = "20 #0 #2 #1 #2  21 #0 #0 ";
static const char from_5[] = "22 #0 #0  22 #0 #2 #1 #2  23 #0 #1 \"scope\" #2 \"x\" #1 \"y\" #2 ";

static void put(buffer *b, unsigned *n, const char *code, unsigned count)
{
    buf_puts(b, code);
    *n += count;
}

/* A count and instructions: one of everything that the dialect has. */
static char *sample_code(compilation *c, int dialect)
{
    buffer b = {.c = c};
    unsigned n = 0;
    put(&b, &n, always, ALWAYS);
    if (dialect <= 2)
        put(&b, &n, old_tuple, 1);
    else
        put(&b, &n, new_values, NEW_VALUES);
    if (dialect >= 3)
        put(&b, &n, from_3, FROM_3);
    put(&b, &n, dialect >= 5 ? flags_5 : flags_old, dialect >= 5 ? 2 : 1);
    if (dialect == 3 || dialect == 4)
        put(&b, &n, flags_3, 1);
    put(&b, &n, dialect >= 4 ? "11 #99999 #1 11 #1 #2 " : "11 #99999 11 #1 ", 2);
    if (dialect >= 4)
        put(&b, &n, from_4, 2);
    if (dialect >= 5)
        put(&b, &n, from_5, 3);
    return arena_format(c, "#%u %s", n, b.data);
}

static text sample(compilation *c, int dialect, layout as)
{
    const char *code = sample_code(c, dialect), *extra = dialect >= 2 ? "#16" : "";
    switch (as) {
    case LAYOUT_SINGLE: return bytes(c, arena_format(c, "01 \"main\" #2 %s 00 %s", extra, code));
    case LAYOUT_BARE: return bytes(c, arena_format(c, MULTI "%s", code));
    case LAYOUT_MULTI: break;
    }
    return bytes(
        c, arena_format(c, MULTI "#4 00 #0 %s 00 %s 01 \"\" #0 %s 00 #0 01 \"n\" #3 %s 01 \"Sqrt\" 00 #0 %s 01 \"\"",
                        extra, code, extra, extra, extra));
}

static void round_trip(int dialect, layout as)
{
    static const char *const layouts[] = {"single", "multi", "bare"};
    options opt = options_default();
    opt.dialect = dialect;
    compilation *c = start(&opt);
    bool same = false;
    char name[60];
    snprintf(name, sizeof name, "round trip of dialect %d, layout %s", dialect, layouts[as]);
    if (COMPILATION_TRY(c)) {
        text file = sample(c, dialect, as);
        const class *k = class_read(c, "k", text_of("K"), file, ALL_DIALECTS, true);
        same = k->layout == as && k->dialect == dialect && text_equal(class_encode(c, k), file);
    }
    report(name, same, c->message ? c->message : "other bytes");
    compilation_free(c);
}

/* A class read in one dialect, written in another, reads back with the same meaning: written once more in the first,
 * it is the file it was. */
static void through(int dialect, int other, const char *name, const char *description)
{
    options opt = options_default();
    opt.dialect = dialect;
    compilation *c = start(&opt);
    bool same = false;
    if (COMPILATION_TRY(c)) {
        text file = bytes(c, description);
        class *k = class_read(c, "k", text_of("K"), file, ALL_DIALECTS, true);
        k->dialect = other;
        c->opt.dialect = other;
        k = class_read(c, "k", text_of("K"), class_encode(c, k), ALL_DIALECTS, true);
        k->dialect = dialect;
        same = text_equal(class_encode(c, k), file);
    }
    report(name, same, c->message ? c->message : "other bytes");
    compilation_free(c);
}

void round_trips(void)
{
    for (int dialect = 1; dialect <= 5; dialect++) {
        round_trip(dialect, LAYOUT_SINGLE);
        round_trip(dialect, LAYOUT_MULTI);
        round_trip(dialect, LAYOUT_BARE);
    }
    through(2, 5, "a tuple from dialect 2 through 5", ONE "01 #0 09 #1 02 01");
    through(1, 4, "registers from dialect 1 through 4", "00 #3 00 #1 0A #18");
    through(4, 5, "readonly from dialect 4 through 5", ONE "01 #0 07 #2 \"k\" 04 00 01 01 \"l\" 04 01 01 01");
    through(5, 3, "readonly from dialect 5 through 3", ONE "1F #0 #2 \"k\" 02 #1 01 \"l\" 03 0A =1 =2 00");
}

/* ---- real packages ------------------------------------------------------------------------------------------------
 */

static void same_classes(compilation *c, const package *p, bool *same)
{
    uint32_t n;
    manifest_parse(c, p);
    class **k = classes_read(c, p, &n);
    *same = n > 0;
    for (uint32_t i = 0; i < n; i++) {
        const entry *e = package_find(p, arena_format(c, "classes/%s.ionc", k[i]->name.s));
        *same = *same && e && text_equal(class_encode(c, k[i]), e->data);
    }
    package *again = package_read_memory(c, "t", package_bytes(c, p));
    *same = *same && again->n == p->n;
    for (uint32_t i = 0; *same && i < p->n; i++)
        *same = strcmp(again->entries[i].name, p->entries[i].name) == 0 &&
                text_equal(again->entries[i].data, p->entries[i].data);
}

static void real_file(const char *folder, const char *file)
{
    compilation *c = start(NULL);
    bool same = false;
    char name[300];
    snprintf(name, sizeof name, "round trip of %s", file);
    if (COMPILATION_TRY(c)) {
        const char *path = arena_format(c, "%s/%s", folder, file);
        if (strstr(file, ".ionpack")) {
            same_classes(c, package_read(c, path), &same);
        } else {
            text data = read_file(c, path, c->opt.max_class);
            same = text_equal(class_encode(c, class_read(c, path, text_of("K"), data, ALL_DIALECTS, true)), data);
        }
    }
    report(name, same, c->message ? c->message : "other bytes");
    compilation_free(c);
}

void real_packs(const char *folder)
{
    struct dirent **files;
    int n = scandir(folder, &files, NULL, alphasort);
    if (n < 0) {
        skip("round trips of real packages", "there is no folder of them");
        return;
    }
    for (int i = 0; i < n; i++) {
        if (strstr(files[i]->d_name, ".ionpack") || strstr(files[i]->d_name, ".ionc"))
            real_file(folder, files[i]->d_name);
        free(files[i]);
    }
    free(files);
}
