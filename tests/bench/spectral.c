/* The spectral norm of the matrix 1, 1/2, 1/4, ... by the power method. */
#include <math.h>
#include <stdlib.h>

#include "clock.h"

static double a(double i, double j)
{
    return 1 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static void times(int n, const double *v, double *product)
{
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++)
            sum += a(i, j) * v[j];
        product[i] = sum;
    }
}

static void times_transposed(int n, const double *v, double *product)
{
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++)
            sum += a(j, i) * v[j];
        product[i] = sum;
    }
}

static void times_both(int n, const double *v, double *product, double *between)
{
    times(n, v, between);
    times_transposed(n, between, product);
}

__attribute__((noinline)) static double spectral(int n)
{
    double *u = malloc(3 * (size_t)n * sizeof *u), *v = u + n, *between = v + n;
    for (int i = 0; i < n; i++)
        u[i] = 1;
    for (int i = 0; i < 10; i++) {
        times_both(n, u, v, between);
        times_both(n, v, u, between);
    }
    double uv = 0, vv = 0;
    for (int i = 0; i < n; i++) {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    free(u);
    return floor(sqrt(uv / vv) * 1e9);
}

int main(void)
{
    double start = clock_ms();
    double result = spectral(1000);
    return report(result, start, clock_ms());
}
