/* What is called. */
#include <stddef.h>
#include <string.h>

double add(double x, double y);
int next(int x);
size_t length(const char *s);
double each(double (*f)(double), long n);

double add(double x, double y)
{
    return x + y;
}

int next(int x)
{
    return x + 1;
}

size_t length(const char *s)
{
    return strlen(s);
}

double each(double (*f)(double), long n)
{
    double sum = 0;
    for (long i = 0; i < n; i++)
        sum += f((double)i);
    return sum;
}
