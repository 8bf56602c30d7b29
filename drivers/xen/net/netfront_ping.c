/* SPDX-License-Identifier: MIT */
/* Pings of our own: the mainline begins one and waits, handlers bring the answers. While it
 * waits the card may go, or begin anew: so it is looked for in every turn. */
#include "drivers/xen/net/netfront_ping.h"

#include "arch/x86/cpu.h"
#include "drivers/xen/net/netfront.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/splitmix64.h"

struct pinging {
	uint16_t id;
	uint64_t ns;
	int err;
};

/* A number that nobody guesses who does not see it. */
static uint16_t ping_id(void)
{
	return splitmix64(rdtsc(), 0) >> 48;
}

/* Sends what the ping wants to send now. */
static void ping_go_on(struct netfront *card, struct pinging *p)
{
	struct net_output out = net_output_of(card);
	bool on = spin_lock(&card->stack_lock);
	const struct net_ping *ping = &card->stack.ping;

	if (ping->state == NET_PING_IDLE || ping->id != p->id)
		p->err = -ENOTCONN; /* the stack has begun anew */
	else
		p->err = ping->state == NET_PING_ANSWERED ? 0 : -ETIMEDOUT;
	p->ns = ping->round_ns;
	if (ping->state == NET_PING_RESOLVING)
		net_ping_poll(&card->stack, time_now_ns(), &out);
	spin_unlock(&card->stack_lock, on);
	net_send(card, &out);
}

static bool ping_is_over(void *ctx)
{
	struct netfront *card = net_card_addressed();
	struct pinging *p = ctx;

	p->err = -ENOTCONN;
	if (card && card->link)
		ping_go_on(card, p);
	return p->err != -ETIMEDOUT;
}

int net_ping(uint32_t target, uint16_t sequence, size_t size, uint64_t *ns)
{
	struct netfront *card = net_card_addressed();
	struct pinging p = {.id = ping_id()};
	bool on;

	if (!card)
		return -ENODEV;
	if (!card->link)
		return -ENOTCONN;
	on = spin_lock(&card->stack_lock);
	p.err = net_ping_start(&card->stack, target, p.id, sequence, size);
	spin_unlock(&card->stack_lock, on);
	if (p.err)
		return p.err;
	time_wait(ping_is_over, &p, NET_PING_PATIENCE_NS);
	*ns = p.ns;
	return p.err;
}
