/* Double recursion over double: fib(36). */
#include "clock.h"

__attribute__((noinline)) static double fib(double n)
{
    if (n < 2)
        return n;
    return fib(n - 1) + fib(n - 2);
}

int main(void)
{
    double start = clock_ms();
    double result = fib(36);
    return report(result, start, clock_ms());
}
