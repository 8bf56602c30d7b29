/* SPDX-License-Identifier: MIT */
#ifdef DAISY_HOST /* beside the C library's own, so that the tests can compare the two */
#define memcpy  daisy_memcpy
#define memmove daisy_memmove
#define memset  daisy_memset
#define memcmp  daisy_memcmp
#define strlen  daisy_strlen
#define strnlen daisy_strnlen
#define strcmp  daisy_strcmp
#define strncmp daisy_strncmp
#define strchr  daisy_strchr
#endif

#include "lib/string.h"

#if defined(__GNUC__) && !defined(__clang__)
/* gcc knows a copying loop when it sees one and makes it a call of memcpy, here as well;
 * since version 10 -ffreestanding keeps it from that, as it does clang. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

/* Eight bytes at any address: x86 does not mind, and C is told. */
typedef uint64_t word_t __attribute__((aligned(1), may_alias));

void *memcpy(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;
	size_t i = 0;

	/* A loop that ends with its condition is fewer instructions, and frames are copied here. */
	if (n >= sizeof(word_t)) {
		do {
			*(word_t *)(d + i) = *(const word_t *)(s + i);
			i += sizeof(word_t);
		} while (i + sizeof(word_t) <= n);
	}
	for (; i < n; i++)
		d[i] = s[i];
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if ((uintptr_t)d <= (uintptr_t)s) {
		while (n--)
			*d++ = *s++;
	} else {
		while (n--)
			d[n] = s[n];
	}
	return dst;
}

void *memset(void *dst, int byte, size_t n)
{
	unsigned char *d = dst;
	uint64_t word = 0x0101010101010101ULL * (unsigned char)byte;

	for (; n >= sizeof(word_t); n -= sizeof(word_t)) {
		*(word_t *)d = word;
		d += sizeof(word_t);
	}
	while (n--)
		*d++ = (unsigned char)byte;
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			return 0;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}
