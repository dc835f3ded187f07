/* number.c: numbers as text, both ways, exactly.
 *
 * Most numbers are integers or short decimals and take a way through plain doubles that is exact for them. The rest
 * goes through whole numbers of any length (struct big): printing generates digits as R. G. Burger and R. K. Dybvig,
 * "Printing floating-point numbers quickly and accurately" (PLDI 1996) do; reading guesses, then compares the decimal
 * with the middle between neighbouring doubles until the guess is right.
 *
 * Invariant: number_parse(number_format(d)) == d for every finite d, and no shorter digits have that property.
 */
#include "number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 uint128;

/* ---- whole numbers of any length -------------------------------------------------------------------------------- */

/* Enough for DIGITS_KEPT digits times 2^1075, and for 54 bits times 10^1150: below 4096 bits. */
enum { BIG_WORDS = 68, DIGITS_KEPT = 780 };

typedef struct big {
    uint32_t n; /* words in use; the highest is not 0 */
    uint64_t w[BIG_WORDS];
} big;

static void big_set(big *b, uint64_t v)
{
    b->n = v != 0;
    b->w[0] = v;
}

/* b = b * factor + add */
static void big_scale(big *b, uint64_t factor, uint64_t add)
{
    for (uint32_t i = 0; i < b->n; i++) {
        uint128 x = (uint128)b->w[i] * factor + add;
        b->w[i] = (uint64_t)x;
        add = (uint64_t)(x >> 64);
    }
    if (add)
        b->w[b->n++] = add;
}

static void big_scale10(big *b, int power)
{
    for (; power >= 19; power -= 19)
        big_scale(b, 10000000000000000000u, 0);
    uint64_t rest = 1;
    for (; power > 0; power--)
        rest *= 10;
    big_scale(b, rest, 0);
}

static void big_shift(big *b, uint32_t bits)
{
    uint32_t words = bits / 64, part = bits % 64;
    if (b->n == 0)
        return;
    if (part)
        big_scale(b, (uint64_t)1 << part, 0);
    memmove(b->w + words, b->w, b->n * sizeof *b->w);
    memset(b->w, 0, words * sizeof *b->w);
    b->n += words;
}

static int big_compare(const big *a, const big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (uint32_t i = a->n; i-- > 0;)
        if (a->w[i] != b->w[i])
            return a->w[i] < b->w[i] ? -1 : 1;
    return 0;
}

/* sum = a + b */
static void big_add(big *sum, const big *a, const big *b)
{
    if (a->n < b->n) {
        const big *longer = b;
        b = a;
        a = longer;
    }
    uint64_t carry = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        uint128 x = (uint128)a->w[i] + (i < b->n ? b->w[i] : 0) + carry;
        sum->w[i] = (uint64_t)x;
        carry = (uint64_t)(x >> 64);
    }
    sum->n = a->n;
    if (carry)
        sum->w[sum->n++] = carry;
}

/* a -= b, where b <= a */
static void big_subtract(big *a, const big *b)
{
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        uint128 x = (uint128)a->w[i] - (i < b->n ? b->w[i] : 0) - borrow;
        a->w[i] = (uint64_t)x;
        borrow = (uint64_t)(x >> 64) != 0;
    }
    while (a->n && a->w[a->n - 1] == 0)
        a->n--;
}

/* ---- doubles ----------------------------------------------------------------------------------------------------- */

#define FRACTION ((uint64_t)1 << 52)
#define INFINITE ((uint64_t)0x7FF << 52)

static const double powers10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { EXACT_POWER = 22, EXACT_DIGITS = 15 }; /* both exact as doubles */

static uint64_t bits_of(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}

static double from_bits(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* A finite, positive double as m * 2^q. */
static uint64_t split(uint64_t bits, int *q)
{
    int exponent = (int)(bits >> 52);
    *q = exponent ? exponent - 1075 : -1074;
    return exponent ? (bits & (FRACTION - 1)) | FRACTION : bits;
}

/* ---- printing ---------------------------------------------------------------------------------------------------- */

/* A number's digits: 0.d1d2d3... * 10^point. */
typedef struct digits {
    uint32_t n;
    int point;
    char d[20];
} digits;

static void digits_of_integer(digits *out, uint64_t v)
{
    char text[20];
    uint32_t n = 0;
    for (; v; v /= 10)
        text[n++] = (char)('0' + v % 10);
    for (uint32_t i = 0; i < n; i++)
        out->d[i] = text[n - 1 - i];
    out->n = n;
    out->point = (int)n;
}

/* Decimals of up to 15 digits: if m / 10^k is d, both being exact, then m has the digits; at the least such k they are
 * the fewest, and no other m fits. */
static bool digits_of_decimal(digits *out, double d)
{
    for (int k = 1; k <= EXACT_POWER; k++) {
        double x = d * powers10[k];
        if (x >= 1e15)
            return false;
        double m = rint(x);
        if (fabs(x - m) <= x * 0x1p-51 && m / powers10[k] == d) {
            digits_of_integer(out, (uint64_t)m);
            out->point -= k;
            return true;
        }
    }
    return false;
}

/* The state of digit generation: the number is r / s, and everything strictly between (r - below) / s and
 * (r + above) / s reads back as it; the ends do too where `even`. */
typedef struct generator {
    big r, s, below, above;
    bool even;
} generator;

static bool reaches_below(const generator *g)
{
    int c = big_compare(&g->r, &g->below);
    return g->even ? c <= 0 : c < 0;
}

static bool reaches_above(const generator *g)
{
    big sum;
    big_add(&sum, &g->r, &g->above);
    int c = big_compare(&sum, &g->s);
    return g->even ? c >= 0 : c > 0;
}

static void times10(generator *g)
{
    big_scale(&g->r, 10, 0);
    big_scale(&g->below, 10, 0);
    big_scale(&g->above, 10, 0);
}

/* Sets up the generator for a finite, positive double and gives the place of the point. */
static int generator_start(generator *g, uint64_t bits)
{
    int q;
    uint64_t m = split(bits, &q);
    bool uneven = m == FRACTION && q > -1074; /* a power of two: its lower neighbour is nearer */
    g->even = m % 2 == 0;
    big_set(&g->r, m);
    big_set(&g->s, 1);
    big_set(&g->below, 1);
    if (q > 0) {
        big_shift(&g->r, (uint32_t)q);
        big_shift(&g->below, (uint32_t)q);
    } else {
        big_shift(&g->s, (uint32_t)-q);
    }
    big_shift(&g->r, 1 + uneven);
    big_shift(&g->s, 1 + uneven);
    g->above = g->below;
    big_shift(&g->above, uneven);

    int top = q + 63 - __builtin_clzll(m); /* 2^top <= d */
    int point = (int)ceil(top * 0.30102999566398120 - 1e-10);
    if (point >= 0) {
        big_scale10(&g->s, point);
    } else {
        big_scale10(&g->r, -point);
        big_scale10(&g->below, -point);
        big_scale10(&g->above, -point);
    }
    if (reaches_above(g)) /* the estimate is right or one too low */
        return point + 1;
    times10(g);
    return point;
}

static void digits_generate(digits *out, double d)
{
    generator g;
    out->point = generator_start(&g, bits_of(d));
    for (out->n = 0;; times10(&g)) {
        int digit = 0;
        for (; big_compare(&g.r, &g.s) >= 0; digit++)
            big_subtract(&g.r, &g.s);
        bool below = reaches_below(&g), above = reaches_above(&g);
        if (below && above) {
            big_shift(&g.r, 1);
            int c = big_compare(&g.r, &g.s);
            above = c > 0 || (c == 0 && digit % 2);
        }
        out->d[out->n++] = (char)('0' + digit + above);
        if (below || above)
            return;
    }
}

/* Writes digits without an exponent. */
static size_t digits_write(char *out, const digits *d)
{
    char *at = out;
    int n = (int)d->n, whole = d->point < 0 ? 0 : d->point < n ? d->point : n;
    if (d->point <= 0)
        *at++ = '0';
    memcpy(at, d->d, (size_t)whole);
    at += whole;
    if (d->point >= n) {
        memset(at, '0', (size_t)(d->point - n));
        return (size_t)(at - out) + (size_t)(d->point - n);
    }
    *at++ = '.';
    if (d->point < 0) {
        memset(at, '0', (size_t)-d->point);
        at += -d->point;
    }
    memcpy(at, d->d + whole, (size_t)(n - whole));
    return (size_t)(at - out) + (size_t)(n - whole);
}

size_t number_format(char out[NUMBER_MAX], double d)
{
    char *at = out;
    if (d != d) {
        memcpy(out, "NaN", 3);
        return 3;
    }
    if (d == 0) {
        *out = '0';
        return 1;
    }
    if (d < 0) {
        *at++ = '-';
        d = -d;
    }
    if (bits_of(d) == INFINITE) {
        memcpy(at, "inf", 3);
        return (size_t)(at - out) + 3;
    }
    digits text;
    if (d < 0x1p53 && d == (double)(uint64_t)d)
        digits_of_integer(&text, (uint64_t)d);
    else if (!digits_of_decimal(&text, d))
        digits_generate(&text, d);
    return (size_t)(at - out) + digits_write(at, &text);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* A decimal as it was read: 0.DIGITS * 10^point. Digits beyond those kept can only matter by not all being 0: then the
 * last digit stands for them. */
typedef struct decimal {
    uint32_t n;
    int64_t point;
    uint8_t d[DIGITS_KEPT + 1];
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads digits of the whole part or the fraction; NULL if there are none. */
static const char *read_digits(const char *p, const char *end, decimal *out, bool fraction)
{
    if (p == end || !is_digit(*p))
        return NULL;
    for (; p < end && is_digit(*p); p++) {
        uint8_t digit = (uint8_t)(*p - '0');
        bool leading = out->n == 0 && digit == 0;
        if (leading ? fraction : !fraction)
            out->point += leading ? -1 : 1;
        if (leading)
            continue;
        if (out->n < DIGITS_KEPT)
            out->d[out->n++] = digit;
        else if (digit && out->n == DIGITS_KEPT)
            out->d[out->n++] = 1;
    }
    return p;
}

static const char *read_exponent(const char *p, const char *end, decimal *out)
{
    bool minus = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end || !is_digit(*p))
        return NULL;
    int64_t e = 0;
    for (; p < end && is_digit(*p); p++)
        if (e < INT64_C(1000000000000))
            e = e * 10 + (*p - '0');
    out->point += minus ? -e : e;
    return p;
}

/* The whole text as a decimal without a sign. */
static bool read_decimal(const char *p, const char *end, decimal *out)
{
    out->n = 0;
    out->point = 0;
    p = read_digits(p, end, out, false);
    if (p && p < end && *p == '.')
        p = read_digits(p + 1, end, out, true);
    if (p && p < end && (*p == 'e' || *p == 'E'))
        p = read_exponent(p + 1, end, out);
    while (out->n && out->d[out->n - 1] == 0)
        out->n--;
    return p == end;
}

/* Within a few units of the last place, and finite. */
static uint64_t guess(double lead, int exponent)
{
    static const double squares[] = {1e1, 1e2, 1e4, 1e8, 1e16, 1e32, 1e64, 1e128, 1e256};
    double x = lead;
    int power = exponent < 0 ? -exponent : exponent;
    for (uint32_t i = 0; power; i++, power >>= 1)
        if (power & 1)
            x = exponent < 0 ? x / squares[i] : x * squares[i];
    return bits_of(x) < INFINITE ? bits_of(x) : INFINITE - 1;
}

/* Compares a decimal, of which `all` are the digits, with the middle between the double and the next greater one. */
static int compare_middle(const big *all, int exponent, uint64_t bits)
{
    int q;
    uint64_t m = split(bits, &q);
    big left = *all, right;
    big_set(&right, 2 * m + 1);
    if (exponent >= 0)
        big_scale10(&left, exponent);
    else
        big_scale10(&right, -exponent);
    if (q > 1)
        big_shift(&right, (uint32_t)(q - 1));
    else
        big_shift(&left, (uint32_t)(1 - q));
    return big_compare(&left, &right);
}

/* The nearest double; of two equally near ones the even one. */
static double nearest(const decimal *d)
{
    if (d->n == 0 || d->point < -330)
        return 0;
    if (d->point > 310)
        return from_bits(INFINITE);
    uint32_t taken = d->n < 19 ? d->n : 19;
    uint64_t lead = 0;
    for (uint32_t i = 0; i < taken; i++)
        lead = lead * 10 + d->d[i];
    int exponent = (int)d->point - (int)taken;
    if (taken <= EXACT_DIGITS && exponent >= -EXACT_POWER && exponent <= EXACT_POWER)
        return exponent < 0 ? (double)lead / powers10[-exponent] : (double)lead * powers10[exponent];

    uint64_t bits = guess((double)lead, exponent);
    big all;
    big_set(&all, lead);
    for (uint32_t i = taken; i < d->n; i++)
        big_scale(&all, 10, d->d[i]);
    exponent = (int)d->point - (int)d->n;
    for (; bits > 0; bits--) {
        int c = compare_middle(&all, exponent, bits - 1);
        if (c > 0 || (c == 0 && bits % 2 == 0))
            break;
    }
    for (; bits < INFINITE; bits++) {
        int c = compare_middle(&all, exponent, bits);
        if (c < 0 || (c == 0 && bits % 2 == 0))
            break;
    }
    return from_bits(bits);
}

bool number_parse(const char *text, size_t len, double *d)
{
    const char *p = text, *end = text + len;
    if (len == 3 && memcmp(text, "NaN", 3) == 0) {
        *d = from_bits((uint64_t)0x7FF8 << 48);
        return true;
    }
    bool minus = len > 0 && *p == '-';
    if (len > 0 && (*p == '-' || *p == '+'))
        p++;
    if (end - p == 3 && memcmp(p, "inf", 3) == 0 && (minus || p == text)) {
        *d = minus ? -INFINITY : INFINITY;
        return true;
    }
    decimal value;
    if (!read_decimal(p, end, &value))
        return false;
    *d = minus ? -nearest(&value) : nearest(&value);
    return true;
}
