/* Closures: one is made in each round, and called ten times. */
#include <stdlib.h>

#include "clock.h"

typedef struct closure {
    double (*code)(const struct closure *, double);
    double k;
} closure;

static double add(const closure *c, double x)
{
    return x + c->k;
}

__attribute__((noinline)) static closure *adder(double k)
{
    closure *c = malloc(sizeof *c);
    *c = (closure){add, k};
    return c;
}

__attribute__((noinline)) static double run(double n)
{
    double sum = 0;
    for (double i = 0; i < n; i++) {
        closure *f = adder(i);
        for (double j = 0; j < 10; j++)
            sum = f->code(f, sum);
        free(f);
    }
    return sum;
}

int main(void)
{
    double start = clock_ms();
    double result = run(2000000);
    return report(result, start, clock_ms());
}
