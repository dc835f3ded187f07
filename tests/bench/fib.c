/* Double recursion over double: fib(32). */
#include <stdio.h>
#include <time.h>

__attribute__((noinline)) static double fib(double n)
{
    if (n < 2)
        return n;
    return fib(n - 1) + fib(n - 2);
}

int main(void)
{
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    double result = fib(32);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("result %.0f\nms %f\n", result, (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6);
    return 0;
}
