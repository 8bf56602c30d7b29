/* SPDX-License-Identifier: MIT */
/* The C library's memory and string functions, as far as Daisy needs them. The host tests use
 * the C library's own under these names; there lib/string.c's are called daisy_memcpy and so
 * on, and the str_* helpers keep their names. */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);

/* Copies at most size-1 bytes and always terminates (size 0: writes nothing). Returns
 * strlen(src), so that a result >= size tells the caller that the copy was cut. */
size_t str_copy(char *dst, const char *src, size_t size);

/* Of a buffer of size bytes, with a terminator, that length bytes from outside were read into, or as
 * many of them as it holds: whatever is no printable character, a terminator among them as well,
 * becomes a question mark. So it may be printed, and is none of our own lines. */
void str_clean(char *text, size_t size, size_t length);

/* Parses all of s as an unsigned number: decimal, or hexadecimal after 0x.
 * 0, or -EINVAL (not a number, trailing text, empty), or -ERANGE (does not fit 64 bits). */
int str_to_u64(const char *s, uint64_t *value);
/* The same of exactly length bytes, which need no terminator. On an error *value stays. */
int str_span_to_u64(const char *s, size_t length, uint64_t *value);

/* Takes the next word off a list with commas between them: its first byte, and its length, which may
 * be 0. NULL: there was none left. An empty list has one word, an empty one. */
const char *str_list_next(const char **list, size_t *length);
/* Which of the comma-separated words of list are these length bytes, which need no terminator:
 * its place from 0 on, or -ENOENT. An empty word is none of them. */
int str_list_find(const char *list, const char *word, size_t length);
bool str_list_has(const char *list, const char *word);
/* A pattern of length bytes is a word, or ends with a * and stands for all that begin so. */
bool str_stands_for(const char *pattern, size_t length, const char *word);
/* str_list_has() with a list of patterns. */
bool str_list_matches(const char *list, const char *word);

#endif
