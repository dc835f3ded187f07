/* clock.h: what the C programs share: the monotonic clock in milliseconds, and the two lines that each of them prints.
 */
#include <stdio.h>
#include <time.h>

static double clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int report(double result, double start, double end)
{
    printf("result %.0f\nms %f\n", result, end - start);
    return 0;
}
