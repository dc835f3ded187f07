/* number.c: numbers to text and back.
 *
 * The digits are the fewest that read back as the same number, the nearest of those; found by trying.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object.h"

/* Does 0.DIGITS × 10^exponent, scaled from `digits` with `count` places, read as d? */
static bool reads_as(uint64_t digits, int count, int exponent, double d)
{
    char text[64];
    snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, exponent - count + 1);
    return strtod(text, NULL) == d;
}

/* The shortest digits of a positive finite number: d = D.DDD × 10^*exponent. */
static void shortest(double d, char digits[32], int *exponent)
{
    for (int count = 1; count <= 17; count++) {
        char text[64];
        snprintf(text, sizeof text, "%.*e", count - 1, d);
        uint64_t n = 0;
        char *p = text;
        for (; *p != 'e'; p++)
            if (isdigit((unsigned char)*p))
                n = n * 10 + (uint64_t)(*p - '0');
        *exponent = atoi(p + 1);
        /* at powers of two the next number below is nearer than the one above: the neighbour above may read back */
        for (uint64_t k = n; k <= n + 1; k++) {
            if (!reads_as(k, count, *exponent, d))
                continue;
            if (snprintf(digits, 32, "%llu", (unsigned long long)k) > count)
                ++*exponent;
            size_t len = strlen(digits);
            while (len > 1 && digits[len - 1] == '0')
                digits[--len] = 0;
            return;
        }
    }
}

static void print_positive(buffer *out, double d)
{
    char digits[32];
    int exponent;
    if (d < 1e15 && d == floor(d)) {
        buffer_printf(out, "%.0f", d);
        return;
    }
    shortest(d, digits, &exponent);
    int n = (int)strlen(digits);
    if (exponent < 0) {
        buffer_puts(out, "0.");
        for (int i = -1; i > exponent; i--)
            buffer_puts(out, "0");
        buffer_puts(out, digits);
        return;
    }
    for (int i = 0; i <= exponent || i < n; i++) {
        if (i == exponent + 1)
            buffer_puts(out, ".");
        buffer_put(out, i < n ? &digits[i] : "0", 1);
    }
}

void print_number(buffer *out, double d)
{
    if (isnan(d)) {
        buffer_puts(out, "NaN");
        return;
    }
    if (d < 0)
        buffer_puts(out, "-");
    if (isinf(d))
        buffer_puts(out, "inf");
    else if (d == 0)
        buffer_puts(out, "0");
    else
        print_positive(out, fabs(d));
}

void print_literal(buffer *out, double d)
{
    if (isnan(d)) {
        buffer_puts(out, "nan");
        return;
    }
    if (signbit(d) && d == 0)
        buffer_puts(out, "-");
    if (d == 0 || isinf(d) || (fabs(d) >= 1e-5 && fabs(d) < 1e17)) {
        print_number(out, d);
        return;
    }
    char digits[32];
    int exponent;
    shortest(fabs(d), digits, &exponent);
    buffer_printf(out, "%s%.1s%s%se%d", d < 0 ? "-" : "", digits, digits[1] ? "." : "", digits + 1, exponent);
}

static size_t digits_at(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && isdigit((unsigned char)s[i]))
        i++;
    return i;
}

/* Length of what is a number without a sign, in digits, at s; 0 if there is none. */
static size_t decimal_at(const char *s, size_t n)
{
    size_t i = digits_at(s, n);
    if (i == 0)
        return 0;
    if (i < n && s[i] == '.') {
        size_t fraction = digits_at(s + i + 1, n - i - 1);
        if (fraction)
            i += 1 + fraction;
    }
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        size_t sign = i + 1 < n && (s[i + 1] == '+' || s[i + 1] == '-');
        size_t digits = digits_at(s + i + 1 + sign, n - i - 1 - sign);
        if (digits)
            i += 1 + sign + digits;
    }
    return i;
}

static bool word_is(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(s, word, n) == 0;
}

double parse_number(const char *s, size_t n)
{
    bool minus = n > 0 && s[0] == '-';
    size_t sign = minus || (n > 0 && s[0] == '+');
    const char *body = s + sign;
    size_t len = n - sign;
    if (word_is(s, n, "inf") || word_is(s, n, "-inf"))
        return minus ? -INFINITY : INFINITY;
    if (len == 0 || decimal_at(body, len) != len)
        return NAN;
    return minus ? -strtod(body, NULL) : strtod(body, NULL);
}

bool parse_index(const char *s, size_t n, uint64_t *index)
{
    if (n == 0 || n > 15 || digits_at(s, n) != n || (n > 1 && s[0] == '0'))
        return false;
    *index = strtoull(s, NULL, 10);
    return true;
}
