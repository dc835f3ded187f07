/* text_test.h: what the tests of the text form share. */
#ifndef TEXT_TEST_H
#define TEXT_TEST_H

#include "ionc.h"

/* Prints and counts one test; `detail` is shown when it failed. */
void report(bool good, const char *what, const char *detail);
/* A compilation whose warnings go nowhere. */
compilation *begin(void);

/* package.c: sources and folders → packages. */
void test_packages(void);

#endif
