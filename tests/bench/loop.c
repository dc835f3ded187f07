/* A loop over double, 20 million times. */
#include <stdio.h>
#include <time.h>

int main(void)
{
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    double s = 0;
    for (double i = 0; i < 20000000; i++)
        s = s * 0.5 + i;
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("result %.0f\nms %f\n", s, (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6);
    return 0;
}
