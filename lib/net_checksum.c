/* SPDX-License-Identifier: MIT */
#include "lib/net_checksum.h"

/* Two words at any address, in the machine's order. */
typedef uint32_t words_t __attribute__((aligned(1), may_alias));

static uint16_t fold(uint64_t words)
{
	while (words >> 16)
		words = (words >> 16) + (words & 0xffff);
	return words;
}

/* A sum of words of the other byte order is the sum with its bytes swapped (RFC 1071): so they
 * are taken as they lie there, two at a time, and what is swapped is the sum; not that of a
 * piece which begins with the second byte of a word. */
void net_sum_add(struct net_sum *sum, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;
	uint64_t words = 0;
	uint16_t piece;

	for (size_t left = n / sizeof(words_t); left; left--, at += sizeof(words_t))
		words += *(const words_t *)at;
	for (size_t i = 0; i < n % sizeof(words_t); i++)
		words += i % 2 ? at[i] << 8 : at[i];
	piece = fold(words);
	sum->words += sum->odd ? piece : (uint16_t)(piece << 8 | piece >> 8);
	sum->odd ^= n % 2;
}

void net_sum_pseudo(struct net_sum *sum, uint32_t from, uint32_t to, uint8_t protocol,
		    uint16_t length)
{
	sum->words += (from >> 16) + (from & 0xffff) + (to >> 16) + (to & 0xffff);
	sum->words += protocol + length;
}

uint16_t net_sum_fold(const struct net_sum *sum)
{
	return fold(sum->words);
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
