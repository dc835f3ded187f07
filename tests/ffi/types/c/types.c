#include <stdint.h>
#include <stddef.h>
#include <string.h>
#define GIVE(name, type)       \
    type give_##name(type x); \
    type give_##name(type x)  \
    {                          \
        return x;              \
    }
GIVE(bool, _Bool)
GIVE(int8, int8_t)
GIVE(int16, int16_t)
GIVE(int32, int32_t)
GIVE(int64, int64_t)
GIVE(uint8, uint8_t)
GIVE(uint16, uint16_t)
GIVE(uint32, uint32_t)
GIVE(uint64, uint64_t)
GIVE(size, size_t)
GIVE(float, float)
GIVE(double, double)
GIVE(pointer, void *)

const char *give_string(const char *x)
{
    return strcmp(x, "none") ? x : NULL;
}

void nothing(void)
{
}

uint32_t sum(const void *x, size_t n)
{
    uint32_t s = 0;
    for (size_t i = 0; i < n; i++)
        s += ((const unsigned char *)x)[i];
    return s;
}

double many(int8_t a, double b, uint64_t c, float d, _Bool e, int32_t f, double g, int16_t h, double i, double j,
            int64_t k, double l, double m, double n, float o, uint8_t p)
{
    return a + 2 * b + 3 * (double)c + 4 * (double)d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * (double)k +
           12 * l + 13 * m + 14 * n + 15 * (double)o + 16 * p;
}

double odd_nan(void)
{
    uint64_t bits = 0xFFFD123456789ABC;
    double d;
    memcpy(&d, &bits, 8);
    return d;
}

int32_t same(int32_t x)
{
    return x + 1;
}
