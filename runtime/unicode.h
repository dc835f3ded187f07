/* unicode.h: UTF-8 and the properties of code points that the library needs. */
#ifndef ION_UNICODE_H
#define ION_UNICODE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A byte that begins no well-formed sequence is a character of its own: BAD_BYTE + the byte. */
#define BAD_BYTE 0x110000u

/* The character at p < end; *size is its length in bytes. */
uint32_t utf8_get(const char *p, const char *end, size_t *size);
/* The character in front of p > start. */
uint32_t utf8_get_back(const char *start, const char *p, size_t *size);
/* Writes a character as utf8_get gives it (at most 4 bytes); returns its length. */
size_t utf8_put(char *out, uint32_t c);

/* Simple case mappings; the character itself where there is none. */
uint32_t unicode_upper(uint32_t c);
uint32_t unicode_lower(uint32_t c);
bool unicode_is_space(uint32_t c); /* White_Space */
#endif
