/* SPDX-License-Identifier: MIT */
/* Bits in arrays of 64-bit words. Not atomic: not for bits that are shared with Xen. */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITMAP_WORDS(bits) (((bits) + 63) / 64)

static inline bool bitmap_test(const uint64_t *map, unsigned bit)
{
	return map[bit / 64] >> (bit % 64) & 1;
}

static inline void bitmap_set(uint64_t *map, unsigned bit)
{
	map[bit / 64] |= 1ULL << (bit % 64);
}

static inline void bitmap_clear(uint64_t *map, unsigned bit)
{
	map[bit / 64] &= ~(1ULL << (bit % 64));
}

/* The first clear bit in [from, end), or end when there is none. */
unsigned bitmap_find_clear(const uint64_t *map, unsigned from, unsigned end);

#endif
