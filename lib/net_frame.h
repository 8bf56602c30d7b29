/* SPDX-License-Identifier: MIT */
/* Ethernet frames: a bounded reader and writer of bytes in network order, and the header. A
 * frame is in private memory when it comes here; its contents are not trusted. */
#ifndef LIB_NET_FRAME_H
#define LIB_NET_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/net_drop.h"

#define NET_MAC_BYTES       6u
#define NET_ETHERNET_HEADER 14u

/* EtherTypes (IANA, IEEE 802 numbers). */
#define NET_TYPE_IPV4 0x0800u
#define NET_TYPE_ARP  0x0806u

struct net_mac {
	uint8_t bytes[NET_MAC_BYTES];
};

extern const struct net_mac net_mac_broadcast;

bool net_mac_equal(const struct net_mac *a, const struct net_mac *b);
/* One station's address: no group's, and not all zero. */
bool net_mac_is_host(const struct net_mac *mac);

/* --- reading --- */

/* What is left of a frame. Whoever wants more than that gets zeros or NULL, nothing is left
 * from then on, and `overrun` stays set: so it is enough to look at it once, at the end. */
struct net_reader {
	const uint8_t *bytes;
	size_t left;
	bool overrun;
};

struct net_reader net_reader_open(const void *bytes, size_t length);
/* The next n bytes, in the frame; NULL: so many are not left. */
const uint8_t *net_read_bytes(struct net_reader *r, size_t n);
uint8_t net_read_u8(struct net_reader *r);
uint16_t net_read_u16(struct net_reader *r);
uint32_t net_read_u32(struct net_reader *r);
struct net_mac net_read_mac(struct net_reader *r);
/* Only n bytes of what is left count: what follows is padding. n beyond it is an overrun. */
void net_reader_limit(struct net_reader *r, size_t n);

/* --- writing --- */

/* Nothing is written beyond size. What does not fit is left out whole, as is everything behind
 * it, and `overrun` stays set. */
struct net_writer {
	uint8_t *bytes;
	size_t size, length;
	bool overrun;
};

struct net_writer net_writer_open(void *bytes, size_t size);
/* Room for n bytes, to be filled in; NULL: there is not so much. */
uint8_t *net_write_room(struct net_writer *w, size_t n);
void net_write_bytes(struct net_writer *w, const void *bytes, size_t n);
void net_write_u8(struct net_writer *w, uint8_t value);
void net_write_u16(struct net_writer *w, uint16_t value);
void net_write_u32(struct net_writer *w, uint32_t value);
void net_write_mac(struct net_writer *w, const struct net_mac *mac);

/* Puts a 16-bit field into a header that has been written. */
void net_put_u16(uint8_t *at, uint16_t value);

/* --- the Ethernet header --- */

struct net_ethernet {
	struct net_mac to, from;
	uint16_t type;
};

/* NET_DROP_NONE, _SHORT, or _SOURCE_MAC: the sender is no host. */
enum net_drop net_ethernet_parse(struct net_reader *r, struct net_ethernet *header);
void net_ethernet_write(struct net_writer *w, const struct net_mac *to,
			const struct net_mac *from, uint16_t type);

#endif
