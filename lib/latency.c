/* SPDX-License-Identifier: MIT */
#include "lib/latency.h"

#include <stdbool.h>

/* Below 16 a bucket is one value; from there on each power of two has eight. */
static unsigned latency_bucket(uint64_t value)
{
	unsigned top;

	if (value < 16)
		return (unsigned)value;
	top = 63 - (unsigned)__builtin_clzll(value); /* 4 to 63 */
	return 16 + (top - 4) * 8 + ((value >> (top - 3)) & 7);
}

static uint64_t latency_bucket_last(unsigned bucket)
{
	unsigned top;

	if (bucket < 16)
		return bucket;
	top = 4 + (bucket - 16) / 8;
	return ((uint64_t)((bucket - 16) % 8 + 9) << (top - 3)) - 1;
}

void latency_reset(struct latency *l)
{
	*l = (struct latency){.min = UINT64_MAX};
}

void latency_record(struct latency *l, uint64_t value)
{
	uint64_t seen = __atomic_load_n(&l->min, __ATOMIC_RELAXED);

	while (value < seen && !__atomic_compare_exchange_n(&l->min, &seen, value, false,
							    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	seen = __atomic_load_n(&l->max, __ATOMIC_RELAXED);
	while (value > seen && !__atomic_compare_exchange_n(&l->max, &seen, value, false,
							    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	__atomic_fetch_add(&l->bucket[latency_bucket(value)], 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&l->count, 1, __ATOMIC_RELAXED);
}

uint64_t latency_quantile(const struct latency *l, unsigned permille)
{
	uint64_t wanted = ((uint64_t)l->count * permille + 999) / 1000, below = 0;

	for (unsigned i = 0; l->count && i < LATENCY_BUCKETS; i++) {
		below += l->bucket[i];
		if (below >= wanted && below) {
			uint64_t last = latency_bucket_last(i);

			return last < l->max ? last : l->max;
		}
	}
	return 0;
}
