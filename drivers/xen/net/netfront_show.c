/* SPDX-License-Identifier: MIT */
#include "drivers/xen/net/netfront_show.h"

#include "drivers/xen/net/netfront.h"
#include "drivers/xen/xenbus.h"
#include "kernel/irq.h"
#include "kernel/printk.h"
#include "lib/errno.h"

typedef unsigned long long u64;

static const char *const refusals[NR_NET_REFUSALS] = {
	[NET_REFUSED_ERROR] = "backend-error",
	[NET_REFUSED_LONG] = "too-long",
	[NET_REFUSED_EXTRA] = "extra-info",
	[NET_REFUSED_PREFIX] = "gso-prefix",
};

/* --- ls --- */

static void show_channel(const char *what, const struct net_ring *r)
{
	int home = r->requested ? irq_home(irq_get(r->irq)) : -ENOENT;

	if (!r->requested) /* it could not be opened, and is about to be closed */
		return;
	printk(" %s irq %d", what, r->irq);
	if (home >= 0)
		printk(" CPU%d", home);
}

static void show_queue(const struct net_queue *q)
{
	printk("  q%u:", q->index);
	show_channel(q->card->split ? "rx" : "both", &q->rx);
	if (q->card->split)
		show_channel("tx", &q->tx);
	printk(", %u of %u pages at the backend, %u of %u being sent\n", q->rx.ids.nr_out,
	       q->rx.count, q->tx.ids.nr_out, q->tx.count);
}

static void show_card(const struct netfront *card)
{
	char mac[NET_MAC_TEXT], address[NET_ADDRESS_TEXT];

	printk("%s: %s %s, link %s", card->name, net_mac_format(&card->mac, mac),
	       card->has_stack ? net_address_format(card->stack.config.address, address)
			       : "no address",
	       card->link ? "up" : "down");
	if (!card->queue) {
		printk(", %s\n", xenbus_state_name(card->dev->view.mine));
		return;
	}
	printk(", mtu %zu, %u queues%s%s%s\n", card->mtu, card->nr_queues,
	       card->split ? ", split" : "", card->sg ? ", sg" : "",
	       card->csum ? ", csum" : "");
	for (unsigned i = 0; i < card->nr_queues; i++)
		show_queue(&card->queue[i]);
}

void net_show_cards(void)
{
	if (!netfronts)
		printk("no network card\n");
	for (const struct netfront *card = netfronts; card; card = card->next)
		show_card(card);
}

/* --- stats --- */

static void show_traffic(const struct net_queue *q)
{
	printk("  q%u in: %llu frames, %llu bytes", q->index, (u64)q->rx.frames,
	       (u64)q->rx.bytes);
	for (unsigned i = 1; i < NR_NET_REFUSALS; i++)
		if (q->refused[i])
			printk(", %llu %s", (u64)q->refused[i], refusals[i]);
	printk("; out: %llu frames, %llu bytes", (u64)q->tx.frames, (u64)q->tx.bytes);
	if (q->tx_failed)
		printk(", %llu refused", (u64)q->tx_failed);
	if (q->tx_full)
		printk(", %llu without room", (u64)q->tx_full);
	printk("\n");
}

static void show_events(const struct net_queue *q)
{
	printk("     %llu rx and %llu tx notifications; %llu rx and %llu tx handler runs; "
	       "%llu pauses, %llu waits for room\n",
	       (u64)q->rx.notifications, (u64)q->tx.notifications, (u64)q->rx.runs,
	       (u64)q->tx.runs, (u64)q->pauses, (u64)q->tx_waits);
}

static void show_drops(const struct net_stack *stack)
{
	printk("  %llu served, %llu answered; not:", (u64)stack->drops[NET_DROP_NONE],
	       (u64)stack->replies);
	for (unsigned i = NET_DROP_NONE + 1; i < NR_NET_DROPS; i++)
		if (stack->drops[i])
			printk(" %llu %s", (u64)stack->drops[i], net_drop_name(i));
	printk("\n");
}

void net_show_stats(void)
{
	for (const struct netfront *card = netfronts; card; card = card->next) {
		printk("%s:\n", card->name);
		for (unsigned i = 0; card->queue && i < card->nr_queues; i++) {
			show_traffic(&card->queue[i]);
			show_events(&card->queue[i]);
		}
		if (card->has_stack)
			show_drops(&card->stack);
	}
}

struct net_events net_events(void)
{
	struct net_events e = {0};

	for (const struct netfront *card = netfronts; card; card = card->next)
		for (unsigned i = 0; card->queue && i < card->nr_queues; i++) {
			const struct net_queue *q = &card->queue[i];

			e.notifications += q->rx.notifications + q->tx.notifications;
			e.rx_runs += q->rx.runs;
			e.tx_runs += q->tx.runs;
		}
	return e;
}
