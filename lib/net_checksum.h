/* SPDX-License-Identifier: MIT */
/* The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit
 * words in network order, gathered piece by piece. */
#ifndef LIB_NET_CHECKSUM_H
#define LIB_NET_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_SUM_GOOD 0xffffu /* what net_sum_fold() gives for data with a right checksum */

/* All zero: nothing yet. A 64-bit sum holds the words of any frame without folding. */
struct net_sum {
	uint64_t words;
	bool odd; /* the next byte is the second one of its word */
};

/* A piece may have any length and address: the words go on from one piece to the next. */
void net_sum_add(struct net_sum *sum, const void *bytes, size_t n);
/* The pseudo header of UDP (RFC 768), before anything else; length: of header and data. */
void net_sum_pseudo(struct net_sum *sum, uint32_t from, uint32_t to, uint8_t protocol,
		    uint16_t length);

/* The sum in 16 bits. Of the pseudo header alone it is what goes into the checksum field of a
 * packet sent with its checksum blank (NETTXF_csum_blank, public/io/netif.h): whoever completes
 * it sums up header and data, this field among them (Linux calls that CHECKSUM_PARTIAL). */
uint16_t net_sum_fold(const struct net_sum *sum);
/* The checksum: the complement of that. */
uint16_t net_sum_finish(const struct net_sum *sum);
/* The same for n bytes in one piece. */
uint16_t net_checksum(const void *bytes, size_t n);
/* Do these bytes, their checksum field among them, add up? */
bool net_checksum_good(const void *bytes, size_t n);

#endif
