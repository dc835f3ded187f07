#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

int32_t late(int32_t ms, const char *text, const char *more, size_t n);
const char *text(int32_t ms);
double half(double x);
int32_t started(void);

static atomic_int calls;

/* What has been borrowed is looked at when the process may have gone. */
int32_t late(int32_t ms, const char *text, const char *more, size_t n)
{
    calls++;
    usleep((useconds_t)ms * 1000);
    int32_t sum = (int32_t)strlen(text);
    for (size_t i = 0; i < n; i++)
        sum += more[i] == 'x';
    return sum;
}

const char *text(int32_t ms)
{
    usleep((useconds_t)ms * 1000);
    return ms < 1000 ? "in time" : NULL;
}

double half(double x)
{
    return x / 2;
}

int32_t started(void)
{
    return calls;
}
