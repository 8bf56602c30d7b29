/* SPDX-License-Identifier: MIT */
/* Frames for the tests of lib/net_*.c, written without any of it. What is wrong with a frame is
 * put into a good one. */
#ifndef TESTS_HOST_NET_WIRE_H
#define TESTS_HOST_NET_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/net_address.h"

#define WIRE_MAX 66000u

/* Where things begin in a frame without IP options. */
enum { AT_MAC_TO = 0, AT_MAC_FROM = 6, AT_TYPE = 12, AT_ARP = 14, AT_IP = 14, AT_IP_DATA = 34 };
/* Fields of the headers, from AT_IP and AT_IP_DATA on. */
enum { IP_LENGTH = 2, IP_FRAGMENT = 6, IP_TTL = 8, IP_PROTOCOL = 9, IP_SUM = 10, IP_FROM = 12 };
enum { IP_TO = 16, ICMP_TYPE = 0, ICMP_SUM = 2, ICMP_ID = 4, ICMP_SEQUENCE = 6 };
enum { UDP_FROM = 0, UDP_TO = 2, UDP_LENGTH = 4, UDP_SUM = 6 };
enum { ARP_OPERATION = 6, ARP_SENDER_MAC = 8, ARP_SENDER = 14, ARP_TARGET_MAC = 18 };
enum { ARP_TARGET = 24 };

#define WIRE_US   0xc0a80702u /* 192.168.7.2 */
#define WIRE_PEER 0xc0a80701u
#define WIRE_AWAY 0x08080808u /* not on the network */
#define WIRE_MTU  1500u

extern const struct net_mac wire_us, wire_peer, wire_all;
extern const struct net_config wire_config; /* WIRE_US/24, without a gateway */

struct wire {
	uint8_t bytes[WIRE_MAX];
	size_t length;
	/* For tests/host/net_host.h: what comes with it, and what became of it. */
	unsigned flags;
	uint64_t now_ns;
	size_t room; /* for the reply; 0: WIRE_MAX */
	uint8_t reply[WIRE_MAX];
	unsigned reply_flags;
};

/* From the peer to us, all of them. An ARP request goes to everybody. */
void wire_arp(struct wire *w, unsigned operation, uint32_t sender, uint32_t target);
/* n bytes of data: 0, 1, 2 ... and on modulo 251. */
void wire_echo(struct wire *w, unsigned type, unsigned id, unsigned sequence, size_t n);
void wire_udp(struct wire *w, unsigned from, unsigned to, size_t n);
/* Puts n bytes of IP options (a multiple of 4) behind the header. */
void wire_options(struct wire *w, size_t n);

void wire_put8(struct wire *w, size_t at, unsigned value);
void wire_put16(struct wire *w, size_t at, unsigned value);
void wire_put32(struct wire *w, size_t at, uint32_t value);
unsigned wire_get16(const uint8_t *at);
uint32_t wire_get32(const uint8_t *at);

/* The Internet checksum, as a remainder modulo 65535; 0xffff for data that are right. */
unsigned wire_checksum(const uint8_t *bytes, size_t n);
/* The same of a UDP datagram with its pseudo header, given the IP header. */
unsigned wire_udp_checksum(const uint8_t *ip);
/* Sets the checksums right after a change. */
void wire_seal_ip(struct wire *w);
void wire_seal_icmp(struct wire *w);
void wire_seal_udp(struct wire *w);

#endif
