/* SPDX-License-Identifier: MIT */
#include "lib/net_udp.h"

#include "lib/net_checksum.h"

#define CHECKSUM_OFFSET 6

/* The sum of a datagram, whatever its checksum field holds. */
static struct net_sum datagram_sum(const struct net_ip *ip, const uint8_t *header, size_t bytes)
{
	struct net_sum sum = {0};

	net_sum_pseudo(&sum, ip->from, ip->to, NET_IP_UDP, bytes);
	net_sum_add(&sum, header, bytes);
	return sum;
}

enum net_drop net_udp_parse(struct net_reader *r, const struct net_ip *ip, bool validated,
			    struct net_udp *udp)
{
	const uint8_t *header = r->bytes;
	uint16_t bytes, checksum;
	struct net_sum sum;

	udp->from = net_read_u16(r);
	udp->to = net_read_u16(r);
	bytes = net_read_u16(r);
	checksum = net_read_u16(r);
	if (r->overrun)
		return NET_DROP_UDP_SHORT;
	if (bytes < NET_UDP_HEADER || bytes - NET_UDP_HEADER > r->left)
		return NET_DROP_UDP_LENGTH;
	udp->data = r->bytes;
	udp->length = bytes - NET_UDP_HEADER;
	if (validated || !checksum)
		return NET_DROP_NONE;
	sum = datagram_sum(ip, header, bytes);
	return net_sum_fold(&sum) == NET_SUM_GOOD ? NET_DROP_NONE : NET_DROP_UDP_CHECKSUM;
}

static uint16_t blank_checksum(const struct net_ip *ip, size_t bytes)
{
	struct net_sum sum = {0};

	net_sum_pseudo(&sum, ip->from, ip->to, NET_IP_UDP, bytes);
	return net_sum_fold(&sum);
}

static uint16_t full_checksum(const struct net_ip *ip, const uint8_t *header, size_t bytes)
{
	struct net_sum sum = datagram_sum(ip, header, bytes);
	uint16_t checksum = net_sum_finish(&sum);

	return checksum ? checksum : 0xffff; /* 0 would say that there is none */
}

void net_udp_seal(uint8_t *header, const struct net_ip *ip, uint16_t from, uint16_t to,
		  size_t length, bool blank)
{
	size_t bytes = NET_UDP_HEADER + length;

	net_put_u16(header, from);
	net_put_u16(header + 2, to);
	net_put_u16(header + 4, bytes);
	net_put_u16(header + CHECKSUM_OFFSET, 0);
	net_put_u16(header + CHECKSUM_OFFSET,
		    blank ? blank_checksum(ip, bytes) : full_checksum(ip, header, bytes));
}
