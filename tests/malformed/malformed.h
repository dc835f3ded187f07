/* malformed.h: what the suites of this folder share.
 *
 * Each case is input that is broken in exactly one way and the whole message it must be refused with, or input that
 * must be read. Cases print `ok NAME` or `not ok NAME: got ...`; the program ends with a count and status 1 if any
 * failed.
 */
#ifndef MALFORMED_H
#define MALFORMED_H

#include "ionc.h"

/* Starts a compilation whose input is called `t`; its warnings are collected. */
compilation *start(const options *opt);
/* What happened: the warnings, then the message; "read" stands for success. Ends the compilation. */
void finish(compilation *c, const char *name, bool done, const char *want);
/* One result that is not a message. */
void report(const char *name, bool good, const char *got);
void skip(const char *name, const char *why);

/* Bytes from a description, whose words are
 *
 *   0A 0b     a byte                      #12 #-3   a u32            =1.5   an f64
 *   "text"    a u32 length and the bytes  'text'    the bytes alone  9*(…)  the words inside, nine times
 */
text bytes(compilation *c, const char *description);

/* The start of a file of layout multi or bare, and of a function without name and arguments in dialects 2 and up. */
#define MULTI    "'IONBC' 01 00 00 #1 "
#define FUNCTION "00 #0 #0 00 "
/* A single-layout class of one instruction, which begins at offset 14. */
#define ONE FUNCTION "#1 "

void class_cases(void);
void encode_cases(void);
void dialect_cases(void);
void manifest_cases(void);
void depend_cases(void);
void archive_cases(const char *folder);
void sign_cases(const char *folder);
void round_trips(void);
void real_packs(const char *folder);

#endif
