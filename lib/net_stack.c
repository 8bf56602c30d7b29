/* SPDX-License-Identifier: MIT */
#include "lib/net_stack.h"

#include "lib/errno.h"
#include "lib/string.h"

static int serve_echo(void *ctx, const struct net_udp_request *request, uint8_t *reply,
		      size_t size)
{
	(void)ctx;
	if (request->length > size)
		return -EMSGSIZE;
	if (request->length)
		memcpy(reply, request->data, request->length);
	return request->length;
}

int net_stack_init(struct net_stack *stack, const struct net_mac *mac,
		   const struct net_config *config, size_t mtu)
{
	if (!net_mac_is_host(mac) || mtu < NET_IP_MTU_MIN || mtu > NET_STACK_MTU_MAX)
		return -EINVAL;
	*stack = (struct net_stack){.mac = *mac, .config = *config, .mtu = mtu};
	return net_stack_serve(stack, NET_PORT_ECHO, serve_echo, NULL);
}

int net_stack_serve(struct net_stack *stack, uint16_t port, net_udp_fn *serve, void *ctx)
{
	unsigned i, free = NET_STACK_PORTS;

	if (!port)
		return -EINVAL;
	for (i = 0; i < NET_STACK_PORTS; i++) {
		if (stack->port[i].number == port)
			return -EBUSY;
		if (!stack->port[i].number)
			free = i;
	}
	if (free == NET_STACK_PORTS)
		return -ENOSPC;
	stack->port[free].number = port;
	stack->port[free].serve = serve;
	stack->port[free].ctx = ctx;
	return 0;
}

struct net_writer net_output_open(const struct net_stack *stack, struct net_output *out)
{
	size_t most = NET_ETHERNET_HEADER + stack->mtu;

	out->length = 0;
	out->flags = 0;
	return net_writer_open(out->frame, out->size < most ? out->size : most);
}

static enum net_drop arp_answer(struct net_stack *stack, const struct net_arp *asked,
				struct net_output *out)
{
	struct net_writer w = net_output_open(stack, out);
	const struct net_arp arp = {
		.operation = NET_ARP_REPLY,
		.sender_mac = stack->mac,
		.sender = stack->config.address,
		.target_mac = asked->sender_mac,
		.target = asked->sender,
	};

	net_arp_write(&w, &arp);
	if (w.overrun)
		return NET_DROP_REPLY_SIZE;
	out->length = w.length;
	return NET_DROP_NONE;
}

/* Who is known, asks for us, or was asked for is learnt; so nobody fills the cache with hosts
 * in whom nobody is interested. Says whether there was any use for it. */
static bool arp_learn(struct net_stack *stack, const struct net_arp *arp, uint64_t now_ns)
{
	bool asks = arp->operation == NET_ARP_REQUEST && arp->target == stack->config.address;

	if (!net_config_on_link(&stack->config, arp->sender))
		return false;
	if (!asks && net_ping_asks(stack) != arp->sender &&
	    !net_arp_find(&stack->cache, arp->sender, now_ns))
		return false;
	net_arp_learn(&stack->cache, arp->sender, &arp->sender_mac, now_ns);
	return true;
}

static enum net_drop receive_arp(struct net_stack *stack, struct net_reader *r,
				 const struct net_input *in, struct net_output *out)
{
	struct net_arp arp;
	enum net_drop drop = net_arp_parse(r, &arp);
	bool used;

	if (drop)
		return drop;
	if (arp.sender == stack->config.address) {
		stack->rival = arp.sender_mac;
		return NET_DROP_ARP_CONFLICT;
	}
	if (net_mac_equal(&arp.sender_mac, &stack->mac))
		return NET_DROP_ARP_SENDER;
	used = arp_learn(stack, &arp, in->now_ns);
	if (arp.operation == NET_ARP_REQUEST && arp.target == stack->config.address)
		return arp_answer(stack, &arp, out);
	if (used)
		return NET_DROP_NONE;
	return arp.target == stack->config.address ? NET_DROP_ARP_UNASKED : NET_DROP_ARP_OTHER;
}

static enum net_drop receive(struct net_stack *stack, const struct net_input *in,
			     struct net_output *out)
{
	struct net_reader r = net_reader_open(in->frame, in->length);
	struct net_ethernet ethernet;
	enum net_drop drop = net_ethernet_parse(&r, &ethernet);

	if (drop)
		return drop;
	if (in->length > NET_ETHERNET_HEADER + stack->mtu)
		return NET_DROP_LONG;
	if (net_mac_equal(&ethernet.from, &stack->mac))
		return NET_DROP_SOURCE_MAC;
	if (!net_mac_equal(&ethernet.to, &stack->mac) &&
	    !net_mac_equal(&ethernet.to, &net_mac_broadcast))
		return NET_DROP_OTHER_MAC;
	if (ethernet.type == NET_TYPE_ARP)
		return receive_arp(stack, &r, in, out);
	if (ethernet.type == NET_TYPE_IPV4)
		return net_stack_receive_ip(stack, &r, &ethernet, in, out);
	return NET_DROP_TYPE;
}

int net_stack_receive(struct net_stack *stack, const struct net_input *in,
		      struct net_output *out)
{
	enum net_drop drop;

	out->length = 0;
	out->flags = 0;
	drop = receive(stack, in, out);
	stack->drops[drop]++;
	if (drop)
		return net_drop_errno(drop);
	stack->replies += out->length != 0;
	return out->length;
}

int net_stack_announce(struct net_stack *stack, struct net_output *out)
{
	struct net_writer w = net_output_open(stack, out);
	const struct net_arp arp = {
		.operation = NET_ARP_REQUEST,
		.sender_mac = stack->mac,
		.sender = stack->config.address,
		.target = stack->config.address,
	};

	net_arp_write(&w, &arp);
	if (w.overrun)
		return -EMSGSIZE;
	return out->length = w.length;
}
