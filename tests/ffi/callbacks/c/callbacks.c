#include <stdint.h>
#include <stdlib.h>
#include <string.h>

double apply(double (*f)(double), double x);
int32_t each(int32_t n, void (*f)(int32_t, const char *));
int32_t narrow(int8_t (*f)(uint8_t, int16_t, float, _Bool, void *, uint64_t));
float halves(float (*f)(float), float x);
_Bool any(_Bool (*f)(int64_t), int32_t n);
int32_t both(const char *s, const char *b, size_t n, void (*f)(void), int32_t (*g)(const char *));
void *fill(int32_t n);
int32_t at(const void *p, int32_t i);
void drop(void *p);
int64_t deep(int64_t (*f)(int64_t), int64_t n);

double apply(double (*f)(double), double x)
{
    return f ? f(x) + f(x + 1) : -1;
}

int32_t each(int32_t n, void (*f)(int32_t, const char *))
{
    for (int32_t i = 0; i < n; i++)
        f(i, i % 3 == 2 ? NULL : i % 3 ? "one" : "zero");
    return n;
}

int32_t narrow(int8_t (*f)(uint8_t, int16_t, float, _Bool, void *, uint64_t))
{
    return f(200, -300, 0.5f, 1, NULL, (uint64_t)1 << 40);
}

float halves(float (*f)(float), float x)
{
    return f(x) / 2;
}

_Bool any(_Bool (*f)(int64_t), int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (f(i))
            return 1;
    return 0;
}

/* What is borrowed must still be there when functions of the program have run. */
int32_t both(const char *s, const char *b, size_t n, void (*f)(void), int32_t (*g)(const char *))
{
    char copy[64];
    strcpy(copy, s);
    int32_t sum = 0;
    for (int i = 0; i < 100; i++)
        f();
    for (size_t i = 0; i < n; i++)
        sum += b[i];
    return strcmp(copy, s) ? -1 : sum + g(s);
}

/* Numbers in no order. */
void *fill(int32_t n)
{
    int32_t *p = malloc((size_t)n * sizeof *p);
    uint32_t x = 1;
    for (int32_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        p[i] = (int32_t)(x >> 16);
    }
    return p;
}

void drop(void *p)
{
    free(p);
}

int32_t at(const void *p, int32_t i)
{
    return ((const int32_t *)p)[i];
}

int64_t deep(int64_t (*f)(int64_t), int64_t n)
{
    return n ? f(n) + 1 : 0;
}
