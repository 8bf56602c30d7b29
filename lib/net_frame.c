/* SPDX-License-Identifier: MIT */
#include "lib/net_frame.h"

#include "lib/string.h"

const struct net_mac net_mac_broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

bool net_mac_equal(const struct net_mac *a, const struct net_mac *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool net_mac_is_host(const struct net_mac *mac)
{
	static const struct net_mac nobody;

	/* The bit that goes first over the wire tells groups from stations (IEEE 802). */
	return !(mac->bytes[0] & 1) && !net_mac_equal(mac, &nobody);
}

struct net_reader net_reader_open(const void *bytes, size_t length)
{
	return (struct net_reader){.bytes = bytes, .left = length};
}

static bool reader_has(struct net_reader *r, size_t n)
{
	if (n <= r->left)
		return true;
	r->left = 0;
	r->overrun = true;
	return false;
}

const uint8_t *net_read_bytes(struct net_reader *r, size_t n)
{
	const uint8_t *at = r->bytes;

	if (!reader_has(r, n))
		return NULL;
	r->bytes += n;
	r->left -= n;
	return at;
}

uint8_t net_read_u8(struct net_reader *r)
{
	const uint8_t *at = net_read_bytes(r, 1);

	return at ? at[0] : 0;
}

uint16_t net_read_u16(struct net_reader *r)
{
	const uint8_t *at = net_read_bytes(r, 2);

	return at ? at[0] << 8 | at[1] : 0;
}

uint32_t net_read_u32(struct net_reader *r)
{
	const uint8_t *at = net_read_bytes(r, 4);

	return at ? (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3] : 0;
}

struct net_mac net_read_mac(struct net_reader *r)
{
	const uint8_t *at = net_read_bytes(r, NET_MAC_BYTES);
	struct net_mac mac = {{0}};

	if (at)
		memcpy(mac.bytes, at, NET_MAC_BYTES);
	return mac;
}

void net_reader_limit(struct net_reader *r, size_t n)
{
	if (reader_has(r, n))
		r->left = n;
}

struct net_writer net_writer_open(void *bytes, size_t size)
{
	return (struct net_writer){.bytes = bytes, .size = size};
}

uint8_t *net_write_room(struct net_writer *w, size_t n)
{
	if (w->overrun || n > w->size - w->length) {
		w->overrun = true;
		return NULL;
	}
	w->length += n;
	return w->bytes + w->length - n;
}

void net_write_bytes(struct net_writer *w, const void *bytes, size_t n)
{
	uint8_t *at = net_write_room(w, n);

	if (at && n)
		memcpy(at, bytes, n);
}

void net_write_u8(struct net_writer *w, uint8_t value)
{
	net_write_bytes(w, &value, 1);
}

void net_write_u16(struct net_writer *w, uint16_t value)
{
	uint8_t *at = net_write_room(w, 2);

	if (at)
		net_put_u16(at, value);
}

void net_write_u32(struct net_writer *w, uint32_t value)
{
	uint8_t *at = net_write_room(w, 4);

	if (!at)
		return;
	net_put_u16(at, value >> 16);
	net_put_u16(at + 2, value);
}

void net_write_mac(struct net_writer *w, const struct net_mac *mac)
{
	net_write_bytes(w, mac->bytes, NET_MAC_BYTES);
}

void net_put_u16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

enum net_drop net_ethernet_parse(struct net_reader *r, struct net_ethernet *header)
{
	header->to = net_read_mac(r);
	header->from = net_read_mac(r);
	header->type = net_read_u16(r);
	if (r->overrun)
		return NET_DROP_SHORT;
	return net_mac_is_host(&header->from) ? NET_DROP_NONE : NET_DROP_SOURCE_MAC;
}

void net_ethernet_write(struct net_writer *w, const struct net_mac *to,
			const struct net_mac *from, uint16_t type)
{
	net_write_mac(w, to);
	net_write_mac(w, from);
	net_write_u16(w, type);
}
