/* depend_cases.c: versions, ranges and what a manifest says that it needs (compiler/semver.c, depend.c). */
#include "malformed.h"

#include <string.h>

/* In order, each below the next. */
static const char *const order[] = {
    "0.0.0-0",
    "0.0.0",
    "0.0.1",
    "0.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.2.0",
    "1.10.0",
    "2",
    "4294967295.0.0",
};

static const char *const no_versions[] = {"",
                                          "1.",
                                          ".1",
                                          "1..2",
                                          "1.2.3.4",
                                          "1.2.3-",
                                          "1.2.3+",
                                          "1.2-a",
                                          "01.2.3",
                                          "1.2.03",
                                          "v1.2.3",
                                          "1.2.3-a..b",
                                          "1.2.3-a_b",
                                          "-1.0.0",
                                          "1.2.3 ",
                                          "4294967296.0.0",
                                          "99999999999999999999.0.0",
                                          "1.2.3-a+",
                                          "1.x",
                                          "*"};

static const struct {
    const char *range, *in, *out; /* versions with spaces between them */
} ranges[] = {
    {"", "0.0.0 1.2.3 1.0.0-alpha", ""},
    {"1.2.3", "1.2.3 1.2.3+build", "1.2.4 1.2.2 1.2.3-rc.1"},
    {"1.2", "1.2.0 1.2.9", "1.3.0 1.1.9 1.2.0-rc.1 2.2.0"},
    {"1", "1.0.0 1.99.0", "0.9.9 2.0.0 2.0.0-alpha"},
    {"0", "0.0.0 0.9.0", "1.0.0"},
    {">=1.2", "1.2.0 3.0.0", "1.1.9 2.0.0-rc.1"},
    {">1.2", "1.3.0", "1.2.0 1.2.9"},
    {">1.2.3", "1.2.4", "1.2.3 1.2.4-rc.1"},
    {"<2", "1.9.9 0.0.0", "2.0.0 2.0.0-rc.1"},
    {"<=1.2", "1.2.9 1.0.0", "1.3.0"},
    {"<=1.2.3", "1.2.3", "1.2.4"},
    {"^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0"},
    {"^1.2", "1.2.0 1.9.0", "1.1.9 2.0.0"},
    {"^1", "1.0.0 1.9.9", "2.0.0 0.9.9"},
    {"^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"},
    {"^0.0.3", "0.0.3", "0.0.4 0.0.2"},
    {"^0.0", "0.0.0 0.0.9", "0.1.0"},
    {"^0", "0.0.0 0.9.9", "1.0.0"},
    {"~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"},
    {"~1.2", "1.2.0", "1.3.0"},
    {"~1", "1.0.0 1.9.9", "2.0.0"},
    {">=2.0,<3.0", "2.0.0 2.9.9", "1.9.9 3.0.0 3.0.0-rc.1"},
    {">= 2.0 , < 3.0", "2.0.0", "3.0.0"},
    {"^1.0.0-rc.1", "1.0.0-rc.1 1.0.0-rc.2 1.0.0 1.5.0", "1.0.0-beta 1.5.0-rc.1"},
    {">1.0.0-rc.1,<1.5", "1.0.0-rc.2 1.4.0", "1.0.0-rc.1 1.4.0-rc.2"},
};

#define M "t: m: Dependencies: "
static const struct {
    const char *text, *want; /* what was read, as name@range and how many pieces; or the message */
} lists[] = {
    {"std@1.0, http-client@>=2.0,<3.0, math-lib", "std@1.0 1; http-client@>=2.0,<3.0 2; math-lib 0; "},
    {" a @ 1.0 ,b", "a@1.0 1; b 0; "},
    {"a, ,b,", "a 0; b 0; "},
    {"a@^1.0,~1.2", "a@^1.0,~1.2 2; "},
    {"a@1.0,1.2", "a@1.0 1; 1.2 0; "},
    {"a@", M "'' is no version and no range, of a"},
    {"a@x", M "'x' is no version and no range, of a"},
    {"a@>=", M "'>=' is no version and no range, of a"},
    {"a@1.0.0.0", M "'1.0.0.0' is no version and no range, of a"},
    {"a@>=1.0,<x", M "'<x' is no version and no range, of a"},
    {">=1.0", M "'>=1.0' continues no range"},
    {"a, <2.0", M "'<2.0' continues no range"},
    {"@1.0", M "'' cannot be the name of a package"},
    {"../a", M "'../a' cannot be the name of a package"},
    {"a b", M "'a b' cannot be the name of a package"},
    {".hidden", M "'.hidden' cannot be the name of a package"},
    {"a/b@1", M "'a/b' cannot be the name of a package"},
    {"-rf", M "'-rf' cannot be the name of a package"},
};

static void compare_all(compilation *c)
{
    enum { N = sizeof order / sizeof *order };
    version v[N];
    for (int i = 0; i < N; i++)
        if (!version_parse(c, order[i], strlen(order[i]), &v[i]))
            report("versions are read", false, order[i]);
    const char *wrong = NULL;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            int got = version_compare(&v[i], &v[k]);
            if ((got < 0) != (i < k) || (got > 0) != (i > k))
                wrong = order[i];
        }
    report("versions in order", !wrong, wrong);
    for (size_t i = 0; i < sizeof no_versions / sizeof *no_versions; i++)
        if (version_parse(c, no_versions[i], strlen(no_versions[i]), v))
            wrong = no_versions[i];
    report("what is no version", !wrong, wrong);
}

/* The first version of the list of which range_has says otherwise; NULL: none. */
static const char *first_wrong(compilation *c, const range *r, const char *list, bool want)
{
    char *rest, *copy = arena_string(c, list, strlen(list));
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        version v;
        if (!version_parse(c, word, strlen(word), &v) || range_has(r, &v) != want)
            return word;
    }
    return NULL;
}

static void try_ranges(compilation *c)
{
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        range r = {0};
        const char *wrong = NULL;
        for (const char *at = ranges[i].range; *at && !wrong;) {
            size_t n = strcspn(at, ","), used = n;
            while (used && at[used - 1] == ' ')
                used--;
            wrong = range_add(c, &r, at, used) ? NULL : "not read";
            at += n + (at[n] == ',');
            at += strspn(at, " ");
        }
        wrong = wrong ? wrong : first_wrong(c, &r, ranges[i].in, true);
        wrong = wrong ? wrong : first_wrong(c, &r, ranges[i].out, false);
        report(arena_format(c, "range '%s'", ranges[i].range), !wrong, wrong);
    }
}

/* A range that goes on and on. */
static void many_pieces(void)
{
    compilation *c = start(NULL);
    bool done = COMPILATION_TRY(c);
    if (done) {
        buffer b = {.c = c};
        uint32_t n;
        buf_puts(&b, "a@>=0");
        for (int i = 0; i < 100; i++)
            buf_puts(&b, ",>=0");
        requirements_read(c, &(manifest){.dependencies = b.data}, "m", &n);
    }
    finish(c, "a range of 101 pieces", done, M "more than 100 pieces in the range of a");
}

static void try_list(const char *list, const char *want)
{
    compilation *c = start(NULL);
    buffer got = {.c = c};
    if (COMPILATION_TRY(c)) {
        uint32_t n;
        manifest m = {.dependencies = list};
        const requirement *r = requirements_read(c, &m, "m", &n);
        for (uint32_t k = 0; k < n; k++)
            buf_printf(&got, "%s %u; ", r[k].text, r[k].range.n);
    } else {
        buf_puts(&got, c->message);
    }
    report(list, strcmp(got.data, want) == 0, got.data);
    compilation_free(c);
}

void depend_cases(void)
{
    compilation *c = start(NULL);
    if (COMPILATION_TRY(c)) {
        compare_all(c);
        try_ranges(c);
    }
    compilation_free(c);
    many_pieces();
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        try_list(lists[i].text, lists[i].want);
}
