/* number.h: numbers as text; independent of the locale. */
#ifndef ION_NUMBER_H
#define ION_NUMBER_H
#include <stdbool.h>
#include <stddef.h>
/* Longest text number_format can make: a sign, "0.", 323 zeros and 17 digits. */
#define NUMBER_MAX 352
/* As printed: integral values without a point, else the shortest decimal that reads back, never an exponent. Returns the length. */
size_t number_format(char out[NUMBER_MAX], double d);
/* The whole text as a number: [+-] digits [. digits] [e [+-] digits], inf, -inf, NaN; false otherwise. */
bool number_parse(const char *text, size_t len, double *d);
#endif
