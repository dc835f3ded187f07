/* Quicksort of an array of pseudorandom numbers; filling it and checking it are not timed. */
#include <math.h>
#include <stdlib.h>

#include "clock.h"

static double *filled(int n)
{
    double *a = malloc((size_t)n * sizeof *a), seed = 42;
    for (int i = 0; i < n; i++)
        a[i] = seed = fmod(seed * 16807, 2147483647);
    return a;
}

__attribute__((noinline)) static void sort(double *a, int first, int last)
{
    if (first >= last)
        return;
    double pivot = a[(first + last) / 2];
    int i = first, j = last;
    while (i <= j) {
        while (a[i] < pivot)
            i++;
        while (a[j] > pivot)
            j--;
        if (i <= j) {
            double t = a[i];
            a[i++] = a[j];
            a[j--] = t;
        }
    }
    sort(a, first, j);
    sort(a, i, last);
}

static double checksum(const double *a, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        if (i > 0 && a[i] < a[i - 1])
            return NAN;
        sum += fmod(a[i], 1000) * (i % 1000);
    }
    return sum;
}

int main(void)
{
    int n = 500000;
    double *a = filled(n);
    double start = clock_ms();
    sort(a, 0, n - 1);
    double end = clock_ms();
    double result = checksum(a, n);
    free(a);
    return report(result, start, end);
}
