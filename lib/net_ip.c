/* SPDX-License-Identifier: MIT */
#include "lib/net_ip.h"

#include "lib/net_checksum.h"

#define VERSION         4u
#define IHL_MIN         5u
#define DONT_FRAGMENT   0x4000u
#define FRAGMENTED      0x3fffu /* more fragments, or an offset: it is one of several */
#define CHECKSUM_OFFSET 10

/* The header's length with its options, judged before anything that lies in it. */
static enum net_drop header_bytes(struct net_reader r, size_t *bytes)
{
	size_t left = r.left;
	uint8_t first = net_read_u8(&r);

	if (left < NET_IP_HEADER)
		return NET_DROP_IP_SHORT;
	if (first >> 4 != VERSION)
		return NET_DROP_IP_VERSION;
	*bytes = (first & 0xf) * 4;
	if (*bytes < IHL_MIN * 4 || *bytes > left)
		return NET_DROP_IP_IHL;
	return NET_DROP_NONE;
}

/* The fields of a header that is there; total is the datagram's length. */
static enum net_drop header_fields(struct net_reader r, struct net_ip *ip, size_t *total)
{
	uint16_t fragment;

	net_read_u16(&r); /* version, ihl, type of service */
	*total = net_read_u16(&r);
	net_read_u16(&r); /* identification */
	fragment = net_read_u16(&r);
	ip->ttl = net_read_u8(&r);
	ip->protocol = net_read_u8(&r);
	net_read_u16(&r); /* checksum */
	ip->from = net_read_u32(&r);
	ip->to = net_read_u32(&r);
	return fragment & FRAGMENTED ? NET_DROP_IP_FRAGMENT : NET_DROP_NONE;
}

enum net_drop net_ip_parse(struct net_reader *r, struct net_ip *ip)
{
	size_t bytes, total, whole = r->left;
	enum net_drop drop = header_bytes(*r, &bytes), fragment;

	if (drop)
		return drop;
	fragment = header_fields(*r, ip, &total);
	if (total < bytes || total > whole)
		return NET_DROP_IP_LENGTH;
	if (!net_checksum_good(net_read_bytes(r, bytes), bytes))
		return NET_DROP_IP_CHECKSUM;
	net_reader_limit(r, total - bytes);
	return fragment;
}

void net_ip_write(struct net_writer *w, const struct net_ip *ip, uint16_t payload)
{
	uint8_t *header = net_write_room(w, NET_IP_HEADER);
	struct net_writer h = net_writer_open(header, NET_IP_HEADER);

	if (!header)
		return;
	net_write_u16(&h, (VERSION << 4 | IHL_MIN) << 8);
	net_write_u16(&h, NET_IP_HEADER + payload);
	net_write_u16(&h, 0); /* identification: not needed without fragments (RFC 6864) */
	net_write_u16(&h, DONT_FRAGMENT);
	net_write_u8(&h, ip->ttl);
	net_write_u8(&h, ip->protocol);
	net_write_u16(&h, 0); /* checksum */
	net_write_u32(&h, ip->from);
	net_write_u32(&h, ip->to);
	net_put_u16(header + CHECKSUM_OFFSET, net_checksum(header, NET_IP_HEADER));
}
