/* number.c: numbers as literals, both ways.
 *
 * Invariant: number_scan(disasm_number(d)) has the bits of d, for every d, whatever the locale. The C library's
 * conversions are used in the one form in which no locale changes them: digits, `e`, exponent, without a point.
 */
#include "asm.h"

#include <float.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* More digits than these cannot change which double is nearest, except by being there at all. */
enum { DIGITS_KEPT = 800, EXPONENT_LIMIT = 100000 };

static double from_bits(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static uint64_t to_bits(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static int hex_digit(char ch)
{
    if (is_digit(ch))
        return ch - '0';
    if (ch >= 'a' && ch <= 'f')
        return ch - 'a' + 10;
    return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

/* The 16 digits or fewer behind `nan:0x`; NULL unless they are the bits of a NaN. */
static const char *scan_nan_bits(const char *p, const char *end, double *out)
{
    uint64_t bits = 0;
    unsigned n = 0;
    for (; p < end && hex_digit(*p) >= 0; p++, n++)
        bits = bits << 4 | (unsigned)hex_digit(*p);
    *out = from_bits(bits);
    return n >= 1 && n <= 16 && *out != *out ? p : NULL;
}

/* The digits of a decimal literal with its point left out: value = digits × 10^exponent. */
typedef struct decimal {
    char digits[DIGITS_KEPT + 32];
    size_t n;
    long exponent;
    bool dropped; /* digits other than 0 were left out at the end */
} decimal;

static const char *scan_digits(const char *p, const char *end, decimal *d, bool fraction)
{
    for (; p < end && is_digit(*p); p++) {
        if (d->n < DIGITS_KEPT) {
            if (d->n || *p != '0')
                d->digits[d->n++] = *p;
            d->exponent -= fraction;
        } else {
            d->dropped |= *p != '0';
            d->exponent += !fraction;
        }
    }
    return p;
}

static const char *scan_exponent(const char *p, const char *end, decimal *d)
{
    const char *q = p + 1;
    bool minus = q < end && *q == '-';
    if (q < end && (*q == '-' || *q == '+'))
        q++;
    if (q == end || !is_digit(*q))
        return p;
    long e = 0;
    for (; q < end && is_digit(*q); q++)
        e = e < EXPONENT_LIMIT ? e * 10 + (*q - '0') : e;
    d->exponent += minus ? -e : e;
    return q;
}

static const char *scan_decimal(const char *p, const char *end, double *out)
{
    decimal d = {.n = 0};
    const char *start = p;
    p = scan_digits(p, end, &d, false);
    if (p == start)
        return NULL;
    if (p + 1 < end && *p == '.' && is_digit(p[1]))
        p = scan_digits(p + 1, end, &d, true);
    if (p < end && (*p == 'e' || *p == 'E'))
        p = scan_exponent(p, end, &d);
    if (d.n == 0) {
        *out = 0;
        return p;
    }
    if (d.dropped) {
        d.digits[d.n++] = '1';
        d.exponent--;
    }
    snprintf(d.digits + d.n, sizeof d.digits - d.n, "e%ld", d.exponent);
    *out = strtod(d.digits, NULL);
    return p;
}

static bool starts_with(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(end - p) >= n && memcmp(p, word, n) == 0;
}

const char *number_scan(const char *p, const char *end, double *out)
{
    bool minus = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (starts_with(p, end, "nan:0x"))
        return scan_nan_bits(p + 6, end, out);
    if (starts_with(p, end, "nan")) {
        *out = from_bits(USUAL_NAN);
        p += 3;
    } else if (starts_with(p, end, "inf")) {
        *out = from_bits(UINT64_C(0x7FF0000000000000));
        p += 3;
    } else if (!(p = scan_decimal(p, end, out))) {
        return NULL;
    }
    if (minus)
        *out = from_bits(to_bits(*out) ^ UINT64_C(1) << 63);
    return p;
}

/* The fewest digits that read back as d (positive, finite); trailing zeros left out. Returns the exponent of ten of the
 * first digit. Fifteen digits tell all normal numbers from their shorter neighbours, so only others begin below. */
static int shortest_digits(double d, char digits[20])
{
    char form[40];
    for (int precision = d < DBL_MIN ? 1 : 15;; precision++) {
        snprintf(form, sizeof form, "%.*e", precision - 1, d);
        size_t n = 0;
        char *p = form;
        for (; *p != 'e'; p++)
            if (is_digit(*p))
                digits[n++] = *p;
        int exponent = (int)strtol(p + 1, NULL, 10);
        while (n > 1 && digits[n - 1] == '0')
            n--;
        digits[n] = 0;
        char again[40];
        snprintf(again, sizeof again, "%se%d", digits, exponent - (int)n + 1);
        if (precision == 17 || strtod(again, NULL) == d)
            return exponent;
    }
}

void disasm_number(buffer *out, double d)
{
    uint64_t bits = to_bits(d);
    if (d != d) {
        if (bits == USUAL_NAN)
            buf_puts(out, "nan");
        else
            buf_printf(out, "nan:0x%016" PRIx64, bits);
        return;
    }
    if (bits >> 63) {
        buf_puts(out, "-");
        d = -d;
    }
    if (d == 0 || d > DBL_MAX) {
        buf_puts(out, d == 0 ? "0" : "inf");
        return;
    }
    if (d <= UINT32_MAX && d == (uint32_t)d) { /* the commonest, without a search for the fewest digits */
        buf_printf(out, "%u", (uint32_t)d);
        return;
    }
    char digits[20];
    int exponent = shortest_digits(d, digits), n = (int)strlen(digits);
    if (exponent < -5 || exponent > 16)
        buf_printf(out, "%c%s%se%d", digits[0], n > 1 ? "." : "", digits + 1, exponent);
    else if (exponent < 0)
        buf_printf(out, "0.%.*s%s", -exponent - 1, "0000", digits);
    else if (n <= exponent + 1)
        buf_printf(out, "%s%.*s", digits, exponent + 1 - n, "0000000000000000");
    else
        buf_printf(out, "%.*s.%s", exponent + 1, digits, digits + exponent + 1);
}
