/* number_test.c: numbers as text and back, and remainders, against the C library's on random bit patterns. */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ion/abi.h"
#include "number.h"

static int passed, failed;

static void check(const char *name, bool good, const char *got)
{
    if (good) {
        passed++;
        printf("ok %s\n", name);
    } else {
        failed++;
        printf("not ok %s: %s\n", name, got);
    }
}

static double from_bits(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static uint64_t random_state = 1;

static uint64_t random_bits(void)
{
    uint64_t z = random_state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static const char *format(double d)
{
    static char text[NUMBER_MAX + 1];
    text[number_format(text, d)] = 0;
    return text;
}

static void formats(void)
{
    static const struct {
        double d;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-17, "-17"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {-2.5, "-2.5"},
        {100, "100"},
        {1e21, "1000000000000000000000"},
        {9007199254740991, "9007199254740991"},
        {9007199254740993e3, "9007199254740993000"},
        {0x1p63, "9223372036854776000"},
        {123456.789, "123456.789"},
        {1e-7, "0.0000001"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {0x1p-44, "0.00000000000005684341886080802"},
        {1125899906842625.25, "1125899906842625.2"},
        {1125899906842625.75, "1125899906842625.8"},
        {5e-324, NULL},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {NAN, "NaN"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (cases[i].text)
            check(cases[i].text, strcmp(format(cases[i].d), cases[i].text) == 0, format(cases[i].d));
    char want[NUMBER_MAX];
    snprintf(want, sizeof want, "0.%0323d%s", 0, "5");
    check("least subnormal", strcmp(format(5e-324), want) == 0, format(5e-324));
    snprintf(want, sizeof want, "17976931348623157%0292d", 0);
    check("greatest", strcmp(format(0x1.fffffffffffffp1023), want) == 0, format(0x1.fffffffffffffp1023));
}

static void parses(void)
{
    static const struct {
        const char *text;
        bool good;
        double d;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, -0.0},
        {"+5", true, 5},
        {"007", true, 7},
        {"1.50", true, 1.5},
        {"1e3", true, 1000},
        {"1E+3", true, 1000},
        {"25e-1", true, 2.5},
        {"0.0", true, 0},
        {"1e400", true, INFINITY},
        {"-1e400", true, -INFINITY},
        {"1e-400", true, 0},
        {"1e99999999999999999999", true, INFINITY},
        {"1e-99999999999999999999", true, 0},
        {"0e99999999999999999999", true, 0},
        {"9007199254740993", true, 9007199254740992},
        {"9007199254740993.00000000000000000000001", true, 9007199254740994},
        {"9007199254740995", true, 9007199254740996},
        {"2.4703282292062327208e-324", true, 0},
        {"2.4703282292062327209e-324", true, 5e-324},
        {"1.7976931348623158e308", true, 0x1.fffffffffffffp1023},
        {"1.7976931348623159e308", true, INFINITY},
        {"2.2250738585072011e-308", true, 0x0.fffffffffffffp-1022},
        {"inf", true, INFINITY},
        {"-inf", true, -INFINITY},
        {"+inf", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {".5", false, 0},
        {"5.", false, 0},
        {"1e", false, 0},
        {"1e+", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"0x10", false, 0},
        {"1,5", false, 0},
        {"--1", false, 0},
        {"infinity", false, 0},
        {"nan", false, 0},
        {"-NaN", false, 0},
    };
    char name[100], got[100];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double d = 0;
        bool good = number_parse(cases[i].text, strlen(cases[i].text), &d);
        snprintf(name, sizeof name, "parse '%s'", cases[i].text);
        snprintf(got, sizeof got, "%d %a", good, d);
        check(name, good == cases[i].good && (!good || same(d, cases[i].d)), got);
    }
    double d = 0;
    check("parse 'NaN'", number_parse("NaN", 3, &d) && d != d, "");
    check("parse with a NUL", !number_parse("1\0002", 3, &d), "");
}

/* Digits of a printed number, without leading and trailing zeros and the point. */
static int digits_in(const char *text)
{
    int n = 0, zeros = 0;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || (*text == '0' && n == 0))
            continue;
        zeros = *text == '0' ? zeros + 1 : 0;
        n++;
    }
    return n - zeros;
}

/* Whether some decimal of so many digits reads back as d: the neighbours of the nearest are tried too. */
static bool fits_in(double d, int digits)
{
    char text[40], near[60];
    if (digits == 0)
        return false;
    snprintf(text, sizeof text, "%.*e", digits - 1, d);
    uint64_t m = 0;
    char *p = text;
    for (; *p != 'e'; p++)
        if (*p != '.')
            m = m * 10 + (uint64_t)(*p - '0');
    int exponent = atoi(p + 1) - digits + 1;
    for (uint64_t near_m = m - 1; near_m <= m + 1; near_m++) {
        snprintf(near, sizeof near, "%" PRIu64 "e%d", near_m, exponent);
        if (strtod(near, NULL) == d)
            return true;
    }
    return false;
}

static const char *round_trip(double d)
{
    static char message[NUMBER_MAX + 100];
    const char *text = format(d);
    double again = 0;
    if (!(strtod(text, NULL) == d))
        snprintf(message, sizeof message, "%a printed as %s, strtod reads %a", d, text, strtod(text, NULL));
    else if (!number_parse(text, strlen(text), &again) || again != d)
        snprintf(message, sizeof message, "%a printed as %s, read as %a", d, text, again);
    else if (fits_in(fabs(d), digits_in(text) - 1))
        snprintf(message, sizeof message, "%a printed as %s, has fewer digits", d, text);
    else
        return NULL;
    return message;
}

static void random_formats(void)
{
    const char *wrong = NULL;
    for (int i = 0; i < 200000 && !wrong; i++) {
        double d = from_bits(random_bits());
        if (isfinite(d) && d != 0)
            wrong = round_trip(d);
    }
    check("random bit patterns", !wrong, wrong);
    for (int i = 0; i < 100000 && !wrong; i++) { /* of everyday size */
        double d = (double)(int64_t)random_bits() / (double)(1ull << random_bits() % 64);
        if (i % 2)
            d = rint(d) / 1000;
        if (d != 0)
            wrong = round_trip(d);
    }
    check("random decimals", !wrong, wrong);
    for (int i = 0; i < 20000 && !wrong; i++)
        wrong = round_trip(from_bits(1 + (random_bits() >> (12 + random_bits() % 51))));
    check("random subnormals", !wrong, wrong);
    for (int e = -1074; e < 1024 && !wrong; e++) {
        wrong = round_trip(ldexp(1, e));
        if (!wrong && e > -1074)
            wrong = round_trip(nextafter(ldexp(1, e), 0));
        if (!wrong)
            wrong = round_trip(nextafter(ldexp(1, e), INFINITY));
    }
    check("powers of two and neighbours", !wrong, wrong);
}

static void random_parses(void)
{
    char text[900], got[1000];
    bool good = true;
    for (int i = 0; i < 200000 && good; i++) {
        int n;
        if (i % 3 == 0) { /* the middle between two doubles, all its digits, maybe a little more */
            uint64_t bits = random_bits() >> 1;
            double d = from_bits(bits), next = from_bits(bits + 1);
            if (!isfinite(next) || d < 0x1p-200 || d > 0x1p200)
                continue;
            n = snprintf(text, sizeof text, "%.400Lf", ((long double)d + next) / 2);
            if (i % 2)
                n += snprintf(text + n, sizeof text - (size_t)n, "%s", "0001");
        } else {
            n = snprintf(text, sizeof text, "%" PRIu64 ".%" PRIu64 "e%d", random_bits() >> random_bits() % 64,
                         random_bits() >> random_bits() % 64, (int)(random_bits() % 700) - 350);
        }
        double d = 0;
        good = number_parse(text, (size_t)n, &d) && same(d, strtod(text, NULL));
        snprintf(got, sizeof got, "%s: %a, not %a", text, d, strtod(text, NULL));
    }
    check("random texts", good, got);
}

static void remainders(void)
{
    static const double some[] = {0, 1, 2, 3, 7, 4294967295, 4294967296, 0x1p53 - 1, 0x1p53, 0.5, 1e300, INFINITY, NAN};
    enum { SOME = sizeof some / sizeof *some };
    bool good = true;
    char what[80] = "";
    for (int i = 0; i < 400000 && good; i++) {
        uint64_t bits = random_bits();
        double x = bits & 1 ? some[(bits >> 8 & 0xFF) % SOME] : (double)((int64_t)random_bits() >> (bits >> 16 & 63));
        double y = bits & 2 ? some[(bits >> 24 & 0xFF) % SOME] : (double)((int64_t)random_bits() >> (bits >> 32 & 63));
        x = bits & 4 ? -x : x;
        y = bits & 8 ? -y : y;
        double want = fmod(x, y), got = ion_fmod(x, y);
        good = same(want, got) || (want != want && got != got);
        snprintf(what, sizeof what, "%g %% %g is %g", x, y, got);
    }
    check("remainders of integers and others", good, what);
}

int main(void)
{
    remainders();
    formats();
    parses();
    random_formats();
    random_parses();
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
