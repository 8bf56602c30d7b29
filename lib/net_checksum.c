/* SPDX-License-Identifier: MIT */
#include "lib/net_checksum.h"

void net_sum_add(struct net_sum *sum, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	while (n--) {
		sum->words += sum->odd ? *at : *at << 8;
		sum->odd = !sum->odd;
		at++;
	}
}

void net_sum_pseudo(struct net_sum *sum, uint32_t from, uint32_t to, uint8_t protocol,
		    uint16_t length)
{
	sum->words += (from >> 16) + (from & 0xffff) + (to >> 16) + (to & 0xffff);
	sum->words += protocol + length;
}

uint16_t net_sum_fold(const struct net_sum *sum)
{
	uint64_t words = sum->words;

	while (words >> 16)
		words = (words >> 16) + (words & 0xffff);
	return words;
}

uint16_t net_sum_finish(const struct net_sum *sum)
{
	return ~net_sum_fold(sum);
}

uint16_t net_checksum(const void *bytes, size_t n)
{
	struct net_sum sum = {0};

	net_sum_add(&sum, bytes, n);
	return net_sum_finish(&sum);
}

bool net_checksum_good(const void *bytes, size_t n)
{
	return net_checksum(bytes, n) == (uint16_t)~NET_SUM_GOOD;
}
