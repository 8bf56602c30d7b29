/* SPDX-License-Identifier: MIT */
#include "lib/net_icmp.h"

#include "lib/net_checksum.h"

enum { CHECKSUM_OFFSET = 2, ID_OFFSET = 4, SEQUENCE_OFFSET = 6 };

enum net_drop net_icmp_parse(struct net_reader *r, bool validated, struct net_icmp *icmp)
{
	const uint8_t *message = r->bytes;
	size_t length = r->left;
	uint8_t code;

	icmp->type = net_read_u8(r);
	code = net_read_u8(r);
	net_read_u16(r); /* checksum */
	icmp->id = net_read_u16(r);
	icmp->sequence = net_read_u16(r);
	icmp->length = r->left;
	icmp->data = r->bytes;
	if (r->overrun)
		return NET_DROP_ICMP_SHORT;
	if (!validated && !net_checksum_good(message, length))
		return NET_DROP_ICMP_CHECKSUM;
	if ((icmp->type != NET_ICMP_ECHO && icmp->type != NET_ICMP_ECHO_REPLY) || code)
		return NET_DROP_ICMP_TYPE;
	return NET_DROP_NONE;
}

static void seal(uint8_t *message, size_t length)
{
	net_put_u16(message + CHECKSUM_OFFSET, 0);
	net_put_u16(message + CHECKSUM_OFFSET, net_checksum(message, length));
}

void net_icmp_answer(uint8_t *message, size_t length)
{
	message[0] = NET_ICMP_ECHO_REPLY;
	seal(message, length);
}

/* Other data for each sequence number, so that an old reply is not taken for a new one. */
static uint8_t echo_byte(uint16_t sequence, size_t i)
{
	return sequence + i;
}

void net_icmp_write_echo(struct net_writer *w, uint16_t id, uint16_t sequence, size_t length)
{
	uint8_t *message = net_write_room(w, NET_ICMP_HEADER + length);

	if (!message)
		return;
	net_put_u16(message, NET_ICMP_ECHO << 8);
	net_put_u16(message + ID_OFFSET, id);
	net_put_u16(message + SEQUENCE_OFFSET, sequence);
	for (size_t i = 0; i < length; i++)
		message[NET_ICMP_HEADER + i] = echo_byte(sequence, i);
	seal(message, NET_ICMP_HEADER + length);
}

bool net_icmp_data_good(const struct net_icmp *icmp, size_t length)
{
	for (size_t i = 0; i < icmp->length; i++)
		if (icmp->data[i] != echo_byte(icmp->sequence, i))
			return false;
	return icmp->length == length;
}
