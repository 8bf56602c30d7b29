/* SPDX-License-Identifier: MIT */
/* UDP (RFC 768). */
#ifndef LIB_NET_UDP_H
#define LIB_NET_UDP_H

#include "lib/net_ip.h"

#define NET_UDP_HEADER 8u

struct net_udp {
	uint16_t from, to;   /* ports */
	const uint8_t *data; /* in the frame */
	size_t length;       /* of the data */
};

/* All that is left to the reader is ip's payload. NET_DROP_NONE, _UDP_SHORT, _UDP_LENGTH, or
 * _UDP_CHECKSUM: wrong, unless it is 0 (the sender made none) or validated (the backend has
 * looked, or left it blank). */
enum net_drop net_udp_parse(struct net_reader *r, const struct net_ip *ip, bool validated,
			    struct net_udp *udp);

/* Writes the header before length bytes of data that lie behind it already. blank: the checksum
 * is left to whoever sends it on. NET_UDP_HEADER + length fits 16 bits: the caller's ip does.
 */
void net_udp_seal(uint8_t *header, const struct net_ip *ip, uint16_t from, uint16_t to,
		  size_t length, bool blank);

#endif
