/* test.h: what the tests of libion share. Each is given the folder of assembled packages. */
#ifndef EMBED_TEST_H
#define EMBED_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../runtime/check.h"

#include <ion/ion.h>

static const char *folder;

static inline ion_package *open_package(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ion_package *p = ion_package_open(path);
    if (ion_package_status(p)) {
        printf("not ok cannot open %s: %s\n", path, ion_package_text(p));
        exit(1);
    }
    return p;
}

static inline bool is_number(const ion_data *d, double x)
{
    return d->kind == ION_KIND_NUMBER && d->as.number == x;
}

static inline bool is_text(const ion_data *d, ion_kind kind, const char *text)
{
    return d->kind == kind && d->as.text.size == strlen(text) && memcmp(d->as.text.bytes, text, d->as.text.size) == 0;
}

static inline ion_data string_of(const char *text)
{
    return ion_text(ION_KIND_STRING, text, strlen(text));
}

/* Calls a function of one argument or none (NULL). */
static inline ion_status call_one(ion_runtime *rt, ion_package *p, const char *name, const ion_data *argument,
                                  ion_data *result, double ms)
{
    return ion_runtime_call(rt, ion_package_entry(p, name), argument, argument != NULL, result, ms);
}

static inline int summary(void)
{
    return failed != 0;
}
#endif
