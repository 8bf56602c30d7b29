/* SPDX-License-Identifier: MIT */
/* What is done with a frame: lib/net_stack.h, one call at a time for each card. */
#include "drivers/xen/net/netfront.h"

#include <xen/io/netif.h>

#include "drivers/xen/net/netfront_status.h"
#include "kernel/options.h"
#include "kernel/printk.h"
#include "kernel/time.h"

struct netfront *net_card_addressed(void)
{
	struct netfront *card = netfronts;

	while (card && !card->has_stack)
		card = card->next;
	return card;
}

/* One card can have the command line's address. */
void net_stack_attach(struct netfront *card)
{
	struct net_config config;
	const char *why;

	if (!options.ip[0])
		return;
	if (net_card_addressed())
		return;
	if (net_config_parse(options.ip, &config, &why)) {
		printk_warn("command line: ip=%s: %s\n", options.ip, why);
		return;
	}
	card->stack.config = config;
	card->has_stack = true;
}

void net_stack_begin(struct netfront *card)
{
	struct net_config config = card->stack.config;
	bool on = spin_lock(&card->stack_lock);

	if (card->has_stack) {
		net_stack_init(&card->stack, &card->mac, &config, card->mtu);
		card->stack.csum_blank = card->csum;
		net_status_begin(card);
	}
	spin_unlock(&card->stack_lock, on);
}

/* A ping may have waited for what this frame told. */
static void take(struct net_stack *stack, const struct net_input *in, struct net_output *out)
{
	net_stack_receive(stack, in, out);
	if (!out->length && stack->ping.state == NET_PING_RESOLVING)
		net_ping_poll(stack, in->now_ns, out);
}

void net_stack_take(struct net_queue *q)
{
	struct netfront *card = q->card;
	struct net_input in = {
		.frame = q->in.bytes, .length = q->in.length, .now_ns = q->now_ns};
	struct net_output out = {.frame = q->out, .size = card->frame_size};
	bool on;

	if (!card->has_stack)
		return;
	in.flags = (q->in.flags & NETRXF_data_validated ? NET_CSUM_VALIDATED : 0) |
		   (q->in.flags & NETRXF_csum_blank ? NET_CSUM_BLANK : 0);
	on = spin_lock(&card->stack_lock);
	take(&card->stack, &in, &out);
	net_status_keep(card, &in);
	spin_unlock(&card->stack_lock, on);
	if (out.length)
		net_tx_put(q, out.frame, out.length, out.flags);
}

void net_stack_hello(struct netfront *card)
{
	struct net_output out = net_output_of(card);
	bool on;

	if (!card->has_stack)
		return;
	on = spin_lock(&card->stack_lock);
	net_stack_announce(&card->stack, &out);
	spin_unlock(&card->stack_lock, on);
	net_send(card, &out);
}
