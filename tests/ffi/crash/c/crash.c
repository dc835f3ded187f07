#include <stdint.h>

int32_t each(int32_t n, void (*f)(int32_t));
int64_t deep(int64_t (*f)(int64_t), int64_t n);

int32_t each(int32_t n, void (*f)(int32_t))
{
    for (int32_t i = 0; i < n; i++)
        f(i);
    return n;
}

int64_t deep(int64_t (*f)(int64_t), int64_t n)
{
    return n ? f(n) + 1 : 0;
}
