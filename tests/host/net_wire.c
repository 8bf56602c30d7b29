/* SPDX-License-Identifier: MIT */
#include "tests/host/net_wire.h"
#include "tests/host/test.h"

const struct net_mac wire_us = {{0x00, 0x16, 0x3e, 0x00, 0x00, 0x02}};
const struct net_mac wire_peer = {{0x00, 0x16, 0x3e, 0x00, 0x00, 0x01}};
const struct net_mac wire_all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
const struct net_config wire_config = {WIRE_US, 0xffffff00, 0};

void wire_put8(struct wire *w, size_t at, unsigned value)
{
	w->bytes[at] = value;
}

void wire_put16(struct wire *w, size_t at, unsigned value)
{
	wire_put8(w, at, value >> 8);
	wire_put8(w, at + 1, value & 0xff);
}

void wire_put32(struct wire *w, size_t at, uint32_t value)
{
	wire_put16(w, at, value >> 16);
	wire_put16(w, at + 2, value & 0xffff);
}

unsigned wire_get16(const uint8_t *at)
{
	return at[0] * 256u + at[1];
}

uint32_t wire_get32(const uint8_t *at)
{
	return wire_get16(at) * 65536u + wire_get16(at + 2);
}

static void put_mac(struct wire *w, size_t at, const struct net_mac *mac)
{
	memcpy(w->bytes + at, mac, sizeof(*mac));
}

static void start(struct wire *w, const struct net_mac *to, unsigned type, size_t length)
{
	memset(w, 0, sizeof(*w));
	put_mac(w, AT_MAC_TO, to);
	put_mac(w, AT_MAC_FROM, &wire_peer);
	wire_put16(w, AT_TYPE, type);
	w->length = length;
}

void wire_arp(struct wire *w, unsigned operation, uint32_t sender, uint32_t target)
{
	start(w, operation == 1 ? &wire_all : &wire_us, 0x0806, AT_ARP + 28);
	wire_put16(w, AT_ARP, 1);
	wire_put16(w, AT_ARP + 2, 0x0800);
	wire_put16(w, AT_ARP + 4, 0x0604);
	wire_put16(w, AT_ARP + ARP_OPERATION, operation);
	put_mac(w, AT_ARP + ARP_SENDER_MAC, &wire_peer);
	wire_put32(w, AT_ARP + ARP_SENDER, sender);
	if (operation == 2)
		put_mac(w, AT_ARP + ARP_TARGET_MAC, &wire_us);
	wire_put32(w, AT_ARP + ARP_TARGET, target);
}

static void start_ip(struct wire *w, unsigned protocol, size_t payload)
{
	start(w, &wire_us, 0x0800, AT_IP_DATA + payload);
	wire_put8(w, AT_IP, 0x45);
	wire_put16(w, AT_IP + IP_LENGTH, 20 + payload);
	wire_put16(w, AT_IP + 4, 0x1234);
	wire_put8(w, AT_IP + IP_TTL, 64);
	wire_put8(w, AT_IP + IP_PROTOCOL, protocol);
	wire_put32(w, AT_IP + IP_FROM, WIRE_PEER);
	wire_put32(w, AT_IP + IP_TO, WIRE_US);
	for (size_t i = 8; i < payload; i++)
		wire_put8(w, AT_IP_DATA + i, (i - 8) % 251);
	wire_seal_ip(w);
}

void wire_echo(struct wire *w, unsigned type, unsigned id, unsigned sequence, size_t n)
{
	start_ip(w, 1, 8 + n);
	wire_put8(w, AT_IP_DATA + ICMP_TYPE, type);
	wire_put16(w, AT_IP_DATA + ICMP_ID, id);
	wire_put16(w, AT_IP_DATA + ICMP_SEQUENCE, sequence);
	wire_seal_icmp(w);
}

void wire_udp(struct wire *w, unsigned from, unsigned to, size_t n)
{
	start_ip(w, 17, 8 + n);
	wire_put16(w, AT_IP_DATA + UDP_FROM, from);
	wire_put16(w, AT_IP_DATA + UDP_TO, to);
	wire_put16(w, AT_IP_DATA + UDP_LENGTH, 8 + n);
	wire_seal_udp(w);
}

void wire_options(struct wire *w, size_t n)
{
	memmove(w->bytes + AT_IP_DATA + n, w->bytes + AT_IP_DATA, w->length - AT_IP_DATA);
	memset(w->bytes + AT_IP_DATA, 1, n); /* no operation, each (RFC 791) */
	w->length += n;
	wire_put8(w, AT_IP, 0x45 + n / 4);
	wire_put16(w, AT_IP + IP_LENGTH, w->length - AT_IP);
	wire_seal_ip(w);
}

unsigned wire_checksum(const uint8_t *bytes, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = (sum + bytes[i] * (i % 2 ? 1u : 256u)) % 65535u;
	return 65535u - sum;
}

unsigned wire_udp_checksum(const uint8_t *ip)
{
	size_t bytes = wire_get16(ip + IP_LENGTH) - 20;
	uint8_t *all = malloc(12 + bytes);
	unsigned checksum;

	assert_non_null(all);
	memcpy(all, ip + IP_FROM, 8);
	all[8] = 0;
	all[9] = 17;
	memcpy(all + 10, ip + 20 + UDP_LENGTH, 2);
	memcpy(all + 12, ip + 20, bytes);
	checksum = wire_checksum(all, 12 + bytes);
	free(all);
	return checksum;
}

void wire_seal_ip(struct wire *w)
{
	wire_put16(w, AT_IP + IP_SUM, 0);
	wire_put16(w, AT_IP + IP_SUM,
		   wire_checksum(w->bytes + AT_IP, w->bytes[AT_IP] % 16 * 4));
}

void wire_seal_icmp(struct wire *w)
{
	wire_put16(w, AT_IP_DATA + ICMP_SUM, 0);
	wire_put16(w, AT_IP_DATA + ICMP_SUM,
		   wire_checksum(w->bytes + AT_IP_DATA, w->length - AT_IP_DATA));
}

void wire_seal_udp(struct wire *w)
{
	wire_put16(w, AT_IP_DATA + UDP_SUM, 0);
	wire_put16(w, AT_IP_DATA + UDP_SUM, wire_udp_checksum(w->bytes + AT_IP));
}
