/* unicode.c: simple case mapping and white space. */
#include <stdbool.h>
#include <stddef.h>

#include "lib.h"
#include "unicode_tables.h"

static int32_t look_up(const case_run *runs, size_t n, int32_t c)
{
    for (size_t i = 0; i < n && runs[i].first <= c; i++)
        if (c <= runs[i].last && (c - runs[i].first) % runs[i].step == 0)
            return c + runs[i].delta;
    return c;
}

int32_t unicode_upper(int32_t c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? c - 32 : c;
    return look_up(upper_runs, sizeof upper_runs / sizeof *upper_runs, c);
}

int32_t unicode_lower(int32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return look_up(lower_runs, sizeof lower_runs / sizeof *lower_runs, c);
}

bool unicode_space(int32_t c)
{
    return (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}
