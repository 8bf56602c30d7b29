/* SPDX-License-Identifier: MIT */
#include "lib/blk_pattern.h"

#include "lib/blk_features.h"
#include "lib/splitmix64.h"
#include "lib/string.h"

#define WORDS (BLK_SECTOR / sizeof(uint64_t))
#define STEP  0xd1342543de82ef95u /* any large odd number: an io has words of its own */

static uint64_t pattern_word(uint64_t sector, unsigned w, uint64_t seed)
{
	return splitmix64(seed, sector * WORDS + w);
}

/* x86 is little-endian, and so is whoever runs the host tests. */
void blk_pattern_fill(void *buffer, uint64_t first, uint64_t count, uint64_t seed)
{
	uint64_t *word = buffer;

	for (uint64_t s = first; s < first + count; s++)
		for (unsigned w = 0; w < WORDS; w++)
			*word++ = pattern_word(s, w, seed);
}

uint64_t blk_pattern_check(const void *buffer, uint64_t first, uint64_t count, uint64_t seed)
{
	const uint64_t *word = buffer;

	for (uint64_t s = 0; s < count; s++)
		for (unsigned w = 0; w < WORDS; w++)
			if (*word++ != pattern_word(first + s, w, seed))
				return s;
	return count;
}

static uint64_t plan_random(uint64_t seed, uint64_t i, unsigned k)
{
	return splitmix64(seed ^ ((i * 3 + k + 1) * STEP), 0);
}

struct blk_plan_io blk_plan(uint64_t sectors, uint32_t unit, uint64_t seed, uint64_t i)
{
	uint64_t n = sectors / unit, most = BLK_PLAN_SECTORS_MAX / unit;
	uint64_t count = 1 + plan_random(seed, i, 0) % (n < most ? n : most);
	uint64_t first = plan_random(seed, i, 1) % (n - count + 1);
	uint32_t skip = (uint32_t)(plan_random(seed, i, 2) % (BLK_PAGE / BLK_SECTOR));

	return (struct blk_plan_io){
		.first = first * unit,
		.count = count * unit,
		.offset = skip / unit * unit * BLK_SECTOR,
		.seed = seed + i,
	};
}
