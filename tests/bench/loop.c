/* A loop over double, 20 million times. */
#include "clock.h"

__attribute__((noinline)) static double loop(double n)
{
    double s = 0;
    for (double i = 0; i < n; i++)
        s = s * 0.5 + i;
    return s;
}

int main(void)
{
    double start = clock_ms();
    double result = loop(20000000);
    return report(result, start, clock_ms());
}
