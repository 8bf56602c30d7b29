/* SPDX-License-Identifier: MIT */
/* What a test writes to a disk: contents that follow from a sector's number and a seed, so that
 * whoever reads them, on whichever side, knows what they should be. Pure logic. */
#ifndef LIB_BLK_PATTERN_H
#define LIB_BLK_PATTERN_H

#include <stdint.h>

/* Of count sectors of 512 bytes from `first` on: sector s is 64 little-endian words, the w-th
 * of which is the (s * 64 + w)-th of lib/splitmix64.h. */
void blk_pattern_fill(void *buffer, uint64_t first, uint64_t count, uint64_t seed);
/* How many sectors are as they should be, before the first that is not. */
uint64_t blk_pattern_check(const void *buffer, uint64_t first, uint64_t count, uint64_t seed);

/* The i-th of a series of random writes, which the other side can compute as well. */
struct blk_plan_io {
	uint64_t first, count; /* sectors of 512 bytes */
	uint32_t offset;       /* of the buffer in its first page, bytes */
	uint64_t seed;         /* of its pattern */
};

/* unit: 512-byte sectors in one of the disk's, 1 to 8; the disk has at least one of its own. */
struct blk_plan_io blk_plan(uint64_t sectors, uint32_t unit, uint64_t seed, uint64_t i);
#define BLK_PLAN_SECTORS_MAX 512u

#endif
