/* Three nested loops over double. */
#include "clock.h"

__attribute__((noinline)) static double nested(double n)
{
    double s = 0;
    for (double a = 0; a < n; a++)
        for (double b = 0; b < n; b++)
            for (double c = 0; c < n; c++)
                s = s + a * b - c;
    return s;
}

int main(void)
{
    double start = clock_ms();
    double result = nested(400);
    return report(result, start, clock_ms());
}
