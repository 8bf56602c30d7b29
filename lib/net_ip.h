/* SPDX-License-Identifier: MIT */
/* The IPv4 header (RFC 791, RFC 1122 3.2.1). Options are skipped, fragments refused. */
#ifndef LIB_NET_IP_H
#define LIB_NET_IP_H

#include "lib/net_frame.h"

#define NET_IP_HEADER  20u /* without options, as all that is sent here */
#define NET_IP_MTU_MIN 68u /* RFC 791: every network carries that much */
#define NET_IP_TTL     64u /* of what is sent (IANA, IP parameters) */

/* Protocols (IANA). */
#define NET_IP_ICMP 1u
#define NET_IP_UDP  17u

struct net_ip {
	uint8_t protocol;
	uint8_t ttl; /* for who wants to look: a host takes what has arrived, whatever it is */
	uint32_t from, to;
};

/* What is left to the reader is then the payload, without the frame's padding. NET_DROP_NONE,
 * or one of _IP_SHORT to _IP_FRAGMENT. The header's checksum is always looked at: a backend's
 * data_validated and csum_blank speak of the transport's. */
enum net_drop net_ip_parse(struct net_reader *r, struct net_ip *ip);
/* The header of a datagram that must not be fragmented, for payload bytes behind it. */
void net_ip_write(struct net_writer *w, const struct net_ip *ip, uint16_t payload);

#endif
