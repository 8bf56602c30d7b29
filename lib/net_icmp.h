/* SPDX-License-Identifier: MIT */
/* ICMP echo (RFC 792). */
#ifndef LIB_NET_ICMP_H
#define LIB_NET_ICMP_H

#include "lib/net_frame.h"

#define NET_ICMP_HEADER 8u

enum net_icmp_type { NET_ICMP_ECHO_REPLY = 0, NET_ICMP_ECHO = 8 };

struct net_icmp {
	uint8_t type;
	uint16_t id, sequence;
	const uint8_t *data; /* in the frame */
	size_t length;
};

/* All that is left to the reader is the message. NET_DROP_NONE, _ICMP_SHORT, _ICMP_CHECKSUM
 * (never when validated: the backend has looked, or there is none), or _ICMP_TYPE: neither echo
 * nor echo reply. */
enum net_drop net_icmp_parse(struct net_reader *r, bool validated, struct net_icmp *icmp);

/* Turns an echo request of length bytes, at least NET_ICMP_HEADER, into its reply. The checksum
 * is made anew. */
void net_icmp_answer(uint8_t *message, size_t length);

/* An echo request with length bytes of data, which follow from the sequence number. */
void net_icmp_write_echo(struct net_writer *w, uint16_t id, uint16_t sequence, size_t length);
/* Are those the data of the echo request with that many? */
bool net_icmp_data_good(const struct net_icmp *icmp, size_t length);

#endif
