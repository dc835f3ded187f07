/* Method calls by way of a table of functions. */
#include <stdlib.h>

#include "clock.h"

typedef struct counter counter;

typedef struct methods {
    void (*add)(counter *, double);
    double (*scaled)(counter *, double);
} methods;

struct counter {
    const methods *methods;
    double total, factor;
};

static void add(counter *c, double n)
{
    c->total += n;
}

static double scaled(counter *c, double n)
{
    return n * c->factor;
}

__attribute__((noinline)) static counter *make(void)
{
    static const methods own = {add, scaled};
    counter *c = malloc(sizeof *c);
    *c = (counter){&own, 0, 0.5};
    return c;
}

__attribute__((noinline)) static double run(double n)
{
    counter *c = make();
    for (double i = 0; i < n; i++)
        c->methods->add(c, c->methods->scaled(c, i));
    double total = c->total;
    free(c);
    return total;
}

int main(void)
{
    double start = clock_ms();
    double result = run(20000000);
    return report(result, start, clock_ms());
}
