/* SPDX-License-Identifier: MIT */
#include "lib/net_ping.h"

#include "lib/errno.h"
#include "lib/net_stack.h"

int net_ping_start(struct net_stack *stack, uint32_t target, uint16_t id, uint16_t sequence,
		   size_t length)
{
	const struct net_config *config = &stack->config;

	if (!net_address_is_host(target) || target == config->address ||
	    net_config_is_broadcast(config, target))
		return -EINVAL;
	if (length > stack->mtu - NET_IP_HEADER - NET_ICMP_HEADER)
		return -EMSGSIZE;
	if (!net_config_hop(config, target))
		return -ENXIO;
	stack->ping = (struct net_ping){
		.state = NET_PING_RESOLVING,
		.target = target,
		.id = id,
		.sequence = sequence,
		.length = length,
	};
	return 0;
}

static void write_echo(struct net_stack *stack, const struct net_mac *mac, struct net_writer *w)
{
	const struct net_ping *ping = &stack->ping;
	const struct net_ip ip = {
		.protocol = NET_IP_ICMP,
		.ttl = NET_IP_TTL,
		.from = stack->config.address,
		.to = ping->target,
	};

	net_ethernet_write(w, mac, &stack->mac, NET_TYPE_IPV4);
	net_ip_write(w, &ip, NET_ICMP_HEADER + ping->length);
	net_icmp_write_echo(w, ping->id, ping->sequence, ping->length);
}

static void write_question(struct net_stack *stack, uint32_t hop, struct net_writer *w)
{
	const struct net_arp arp = {
		.operation = NET_ARP_REQUEST,
		.sender_mac = stack->mac,
		.sender = stack->config.address,
		.target = hop,
	};

	net_arp_write(w, &arp);
}

int net_ping_poll(struct net_stack *stack, uint64_t now_ns, struct net_output *out)
{
	struct net_writer w = net_output_open(stack, out);
	struct net_ping *ping = &stack->ping;
	uint32_t hop = net_ping_asks(stack);
	const struct net_mac *mac = net_arp_find(&stack->cache, hop, now_ns);

	if (!hop || (!mac && ping->asked && now_ns < ping->asked_ns + NET_PING_ASK_NS))
		return 0;
	if (mac)
		write_echo(stack, mac, &w);
	else
		write_question(stack, hop, &w);
	if (w.overrun)
		return -EMSGSIZE;
	if (mac) {
		ping->state = NET_PING_SENT;
		ping->sent_ns = now_ns;
	} else {
		ping->asked = true;
		ping->asked_ns = now_ns;
	}
	return out->length = w.length;
}

uint32_t net_ping_asks(const struct net_stack *stack)
{
	if (stack->ping.state != NET_PING_RESOLVING)
		return 0;
	return net_config_hop(&stack->config, stack->ping.target);
}

enum net_drop net_ping_receive(struct net_stack *stack, uint32_t from,
			       const struct net_icmp *icmp, uint64_t now_ns)
{
	struct net_ping *ping = &stack->ping;

	if (ping->state != NET_PING_SENT || from != ping->target || icmp->id != ping->id ||
	    icmp->sequence != ping->sequence)
		return NET_DROP_ICMP_UNASKED;
	if (!net_icmp_data_good(icmp, ping->length))
		return NET_DROP_ICMP_DATA;
	ping->state = NET_PING_ANSWERED;
	ping->round_ns = now_ns > ping->sent_ns ? now_ns - ping->sent_ns : 0;
	return NET_DROP_NONE;
}
