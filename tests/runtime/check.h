/* check.h: what unit tests count and print: `ok WHAT` or `not ok WHAT`, a line each. */
#ifndef CHECK_H
#define CHECK_H
#include <stdbool.h>
#include <stdio.h>

static unsigned passed, failed;

static void check(bool fine, const char *what)
{
    if (fine)
        passed++;
    else
        failed++;
    printf("%s %s\n", fine ? "ok" : "not ok", what);
}
#endif
