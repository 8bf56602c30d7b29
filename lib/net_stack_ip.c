/* SPDX-License-Identifier: MIT */
/* What a datagram is answered with. */
#include "lib/errno.h"
#include "lib/net_icmp.h"
#include "lib/net_stack.h"
#include "lib/net_udp.h"
#include "lib/string.h"

/* The way back: to where the frame came from, though that be a router. */
struct way {
	struct net_mac to;
	struct net_ip ip;
};

static struct way way_back(const struct net_ethernet *ethernet, const struct net_ip *ip)
{
	return (struct way){
		.to = ethernet->from,
		.ip = {.protocol = ip->protocol,
		       .ttl = NET_IP_TTL,
		       .from = ip->to,
		       .to = ip->from},
	};
}

/* The headers of a reply, and room for its payload; NULL: it does not fit. */
static uint8_t *write_headers(const struct net_stack *stack, const struct way *way,
			      struct net_writer *w, size_t payload)
{
	net_ethernet_write(w, &way->to, &stack->mac, NET_TYPE_IPV4);
	net_ip_write(w, &way->ip, payload);
	return net_write_room(w, payload);
}

static enum net_drop answer_echo(struct net_stack *stack, const struct way *way,
				 const uint8_t *message, size_t length, struct net_output *out)
{
	struct net_writer w = net_output_open(stack, out);
	uint8_t *reply = write_headers(stack, way, &w, length);

	if (!reply)
		return NET_DROP_REPLY_SIZE;
	memcpy(reply, message, length);
	net_icmp_answer(reply, length);
	out->length = w.length;
	return NET_DROP_NONE;
}

static enum net_drop receive_icmp(struct net_stack *stack, struct net_reader *r,
				  const struct way *way, const struct net_input *in,
				  struct net_output *out)
{
	bool validated = in->flags & (NET_CSUM_VALIDATED | NET_CSUM_BLANK);
	const uint8_t *message = r->bytes;
	size_t length = r->left;
	struct net_icmp icmp;
	enum net_drop drop = net_icmp_parse(r, validated, &icmp);

	if (drop)
		return drop;
	if (icmp.type == NET_ICMP_ECHO_REPLY)
		return net_ping_receive(stack, way->ip.to, &icmp, in->now_ns);
	return answer_echo(stack, way, message, length, out);
}

/* The port's place in the table, or NET_STACK_PORTS: nobody is there. */
static unsigned find_port(const struct net_stack *stack, uint16_t port)
{
	unsigned i;

	for (i = 0; i < NET_STACK_PORTS; i++)
		if (port && stack->port[i].number == port)
			break;
	return i;
}

#define BEFORE_DATA (NET_ETHERNET_HEADER + NET_IP_HEADER + NET_UDP_HEADER)

/* The headers, before length bytes of data that lie behind them already. 0, or -EMSGSIZE. */
static int seal_udp(const struct net_stack *stack, const struct way *way, uint16_t from,
		    uint16_t to, size_t length, struct net_output *out)
{
	struct net_writer w = net_output_open(stack, out);
	uint8_t *udp = write_headers(stack, way, &w, NET_UDP_HEADER + length);

	if (!udp)
		return -EMSGSIZE;
	net_udp_seal(udp, &way->ip, from, to, length, stack->csum_blank);
	out->flags = stack->csum_blank ? NET_CSUM_BLANK : 0;
	out->length = w.length;
	return 0;
}

/* The data come first, written by the handler to where they will lie; the headers need their
 * length. */
static enum net_drop answer_udp(struct net_stack *stack, const struct way *way, unsigned place,
				const struct net_udp_request *request, struct net_output *out)
{
	struct net_writer w = net_output_open(stack, out);
	int length;

	if (w.size < BEFORE_DATA)
		return NET_DROP_REPLY_SIZE;
	length = stack->port[place].serve(stack->port[place].ctx, request,
					  w.bytes + BEFORE_DATA, w.size - BEFORE_DATA);
	if (length < 0)
		return length == -ENODATA ? NET_DROP_NONE : NET_DROP_UDP_HANDLER;
	return seal_udp(stack, way, stack->port[place].number, request->port, length, out)
		       ? NET_DROP_REPLY_SIZE
		       : NET_DROP_NONE;
}

static enum net_drop receive_udp(struct net_stack *stack, struct net_reader *r,
				 const struct net_ip *ip, const struct way *way,
				 const struct net_input *in, struct net_output *out)
{
	bool validated = in->flags & (NET_CSUM_VALIDATED | NET_CSUM_BLANK);
	struct net_udp udp;
	enum net_drop drop = net_udp_parse(r, ip, validated, &udp);
	unsigned place;

	if (drop)
		return drop;
	place = find_port(stack, udp.to);
	if (place == NET_STACK_PORTS)
		return NET_DROP_UDP_PORT;
	if (!udp.from || find_port(stack, udp.from) < NET_STACK_PORTS)
		return NET_DROP_UDP_SOURCE;
	return answer_udp(stack, way, place,
			  &(struct net_udp_request){ip->from, udp.from, udp.data, udp.length},
			  out);
}

/* Is it to us alone, and can whoever sent it be answered? */
static enum net_drop judge_addresses(const struct net_config *config, const struct net_ip *ip,
				     bool to_everybody)
{
	if (!net_address_is_host(ip->from) || net_config_is_broadcast(config, ip->from) ||
	    ip->from == config->address)
		return NET_DROP_IP_SOURCE;
	if (net_config_is_broadcast(config, ip->to) || ip->to == NET_ADDRESS_EVERYBODY)
		return NET_DROP_IP_BROADCAST;
	if (ip->to != config->address)
		return NET_DROP_IP_OTHER;
	/* RFC 1122, 3.3.6: a frame to everybody with an address that is one host's. */
	return to_everybody ? NET_DROP_IP_BROADCAST : NET_DROP_NONE;
}

enum net_drop net_stack_receive_ip(struct net_stack *stack, struct net_reader *r,
				   const struct net_ethernet *ethernet,
				   const struct net_input *in, struct net_output *out)
{
	struct net_ip ip;
	struct way way;
	enum net_drop drop = net_ip_parse(r, &ip);

	if (!drop)
		drop = judge_addresses(&stack->config, &ip,
				       net_mac_equal(&ethernet->to, &net_mac_broadcast));
	if (drop)
		return drop;
	way = way_back(ethernet, &ip);
	if (ip.protocol == NET_IP_ICMP)
		return receive_icmp(stack, r, &way, in, out);
	if (ip.protocol == NET_IP_UDP)
		return receive_udp(stack, r, &ip, &way, in, out);
	return NET_DROP_IP_PROTOCOL;
}

int net_stack_send(const struct net_stack *stack, const struct net_datagram *d, uint64_t now_ns,
		   struct net_output *out)
{
	const struct net_mac *mac = net_arp_find(
		&stack->cache, net_config_hop(&stack->config, d->to), now_ns);
	struct net_writer w = net_output_open(stack, out);
	struct way way = {.ip = {.protocol = NET_IP_UDP,
				 .ttl = NET_IP_TTL,
				 .from = stack->config.address,
				 .to = d->to}};
	int err;

	if (!mac)
		return -EAGAIN;
	way.to = *mac;
	if (w.size < BEFORE_DATA || d->length > w.size - BEFORE_DATA)
		return -EMSGSIZE;
	memcpy(w.bytes + BEFORE_DATA, d->data, d->length);
	err = seal_udp(stack, &way, d->from_port, d->to_port, d->length, out);
	return err ? err : (int)out->length;
}
