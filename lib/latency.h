/* SPDX-License-Identifier: MIT */
/* How long something took, over many times: exact minimum and maximum, and quantiles from buckets
 * that are at most an eighth of their value wide. Any CPU may record. */
#ifndef LIB_LATENCY_H
#define LIB_LATENCY_H

#include <stdint.h>

#define LATENCY_BUCKETS (62u * 8u)

struct latency {
	uint64_t min, max;
	uint32_t count;
	uint32_t bucket[LATENCY_BUCKETS];
};

void latency_reset(struct latency *l);
void latency_record(struct latency *l, uint64_t value);
/* The upper bound of the bucket that holds the value which `permille` thousandths of all do not
 * exceed, never beyond the maximum; 0 when nothing was recorded. */
uint64_t latency_quantile(const struct latency *l, unsigned permille);

#endif
