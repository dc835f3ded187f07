/* The Mandelbrot set on a grid of n by n points. */
#include "clock.h"

__attribute__((noinline)) static double mandelbrot(double n, double limit)
{
    double sum = 0;
    for (double y = 0; y < n; y++) {
        double ci = 2 * y / n - 1;
        for (double x = 0; x < n; x++) {
            double cr = 2 * x / n - 1.5, zr = 0, zi = 0, i = 0;
            while (i < limit) {
                double rr = zr * zr, ii = zi * zi;
                if (rr + ii > 4)
                    break;
                zi = 2 * zr * zi + ci;
                zr = rr - ii + cr;
                i++;
            }
            sum += i;
        }
    }
    return sum;
}

int main(void)
{
    double start = clock_ms();
    double result = mandelbrot(600, 200);
    return report(result, start, clock_ms());
}
