/* SPDX-License-Identifier: MIT */
#include "lib/bitmap.h"

unsigned bitmap_find_clear(const uint64_t *map, unsigned from, unsigned end)
{
	if (from >= end)
		return end;

	unsigned word = from / 64;
	uint64_t clear = ~map[word] & ~0ULL << from % 64;

	while (!clear) {
		word++;
		if (word >= BITMAP_WORDS(end))
			return end;
		clear = ~map[word];
	}
	/* The last word may have clear bits beyond the end. */
	unsigned bit = word * 64 + (unsigned)__builtin_ctzll(clear);
	return bit < end ? bit : end;
}
