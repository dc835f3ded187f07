/* unicode.c: UTF-8 and case mappings. Bytes that are no UTF-8 go through every function here unharmed, one at a time.
 */
#include "unicode.h"

uint32_t utf8_get(const char *p, const char *end, size_t *size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*p;
    size_t n = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    *size = 1;
    if (n == 1)
        return first;
    if (n == 0 || n > (size_t)(end - p))
        return BAD_BYTE + first;
    uint32_t c = first & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)p[i];
        if ((next & 0xC0) != 0x80)
            return BAD_BYTE + first;
        c = c << 6 | (next & 0x3F);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return BAD_BYTE + first;
    *size = n;
    return c;
}

uint32_t utf8_get_back(const char *start, const char *p, size_t *size)
{
    size_t n = 1, most = (size_t)(p - start) < 4 ? (size_t)(p - start) : 4;
    while (n < most && ((unsigned char)p[-(ptrdiff_t)n] & 0xC0) == 0x80)
        n++;
    uint32_t c = utf8_get(p - n, p, size);
    if (*size == n)
        return c;
    *size = 1;
    return BAD_BYTE + (unsigned char)p[-1];
}

size_t utf8_put(char *out, uint32_t c)
{
    if (c < 0x80 || c >= BAD_BYTE) {
        out[0] = (char)(c >= BAD_BYTE ? c - BAD_BYTE : c);
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> n & 0xFF) | c);
    return n;
}

typedef struct range {
    uint32_t first, last;
    int32_t delta;
    uint32_t stride;
} range;

static const range upper[] = {
#define UPPER(first, last, stride, delta) {first, last, delta, stride},
#define LOWER(first, last, stride, delta)
#include "unicode.def"
#undef UPPER
#undef LOWER
};

static const range lower[] = {
#define UPPER(first, last, stride, delta)
#define LOWER(first, last, stride, delta) {first, last, delta, stride},
#include "unicode.def"
#undef UPPER
#undef LOWER
};

static uint32_t map(const range *ranges, size_t n, uint32_t c)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const range *r = &ranges[middle];
        if (c < r->first)
            high = middle;
        else if (c > r->last)
            low = middle + 1;
        else
            return (c - r->first) % r->stride ? c : (uint32_t)((int32_t)c + r->delta);
    }
    return c;
}

uint32_t unicode_upper(uint32_t c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? c - 32 : c;
    return map(upper, sizeof upper / sizeof *upper, c);
}

uint32_t unicode_lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return map(lower, sizeof lower / sizeof *lower, c);
}

bool unicode_is_space(uint32_t c)
{
    if (c < 0x80)
        return c == ' ' || (c >= 9 && c <= 13);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}
