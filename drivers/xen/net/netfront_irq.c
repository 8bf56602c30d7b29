/* SPDX-License-Identifier: MIT */
/* A queue's channels: an irq for each direction where the backend can tell them apart. With
 * daisy off there is neither a late EOI nor a brake, and the rest is the same. */
#include "drivers/xen/net/netfront_irq.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_resume.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/printf.h"

/* Has nothing come since the last run? Whoever took it, then. */
static bool ring_is_idle(struct net_ring *r)
{
	bool idle = r->taken == r->taken_before;

	r->taken_before = r->taken;
	r->runs++;
	return idle;
}

static enum irq_result end(struct irq *irq, bool spurious)
{
	if (evtchn_daisy())
		irq_eoi(irq, spurious);
	return IRQ_HANDLED;
}

static enum irq_result rx_handler(struct irq *irq, void *ctx)
{
	struct net_queue *q = ctx;

	net_rx_run(q);
	return end(irq, ring_is_idle(&q->rx));
}

static enum irq_result tx_handler(struct irq *irq, void *ctx)
{
	struct net_queue *q = ctx;

	if (net_tx_reap(q))
		net_rx_run(q);
	return end(irq, ring_is_idle(&q->tx));
}

static enum irq_result both_handler(struct irq *irq, void *ctx)
{
	struct net_queue *q = ctx;
	bool idle;

	net_tx_reap(q);
	net_rx_run(q);
	idle = ring_is_idle(&q->tx);
	return end(irq, ring_is_idle(&q->rx) && idle);
}

/* --- they come and go --- */

/* Queues are spread over the CPUs, one behind the other. A route that reaches the boot CPU only
 * leaves them there. */
static void irq_place(int irq, unsigned queue)
{
	unsigned online = cpu_count_online(), n = 0;

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		if (cpu_is_online(cpu) && n++ == queue % online)
			irq_set_affinity(irq, cpu);
}

static int channel_open(struct net_queue *q, struct net_ring *r, irq_handler_fn *handler,
			domid_t domid)
{
	int port = evtchn_alloc_unbound(domid), irq;

	if (port < 0)
		return port;
	r->port = port;
	irq = evtchn_irq_request_flags(port, handler, q, evtchn_daisy() ? IRQ_UNTRUSTED : 0,
				       r->name);
	if (irq < 0)
		return irq;
	r->irq = irq;
	r->requested = true;
	if (evtchn_daisy())
		irq_place(irq, q->index);
	return 0;
}

int net_channels_open(struct net_queue *q, domid_t domid)
{
	const char *card = q->card->name;
	int err;

	fmt_snprintf(q->rx.name, sizeof(q->rx.name), q->card->split ? "%s-q%u-rx" : "%s-q%u",
		     card, q->index);
	fmt_snprintf(q->tx.name, sizeof(q->tx.name), "%s-q%u-tx", card, q->index);
	if (!q->card->split)
		return channel_open(q, &q->rx, both_handler, domid);
	err = channel_open(q, &q->rx, rx_handler, domid);
	return err ? err : channel_open(q, &q->tx, tx_handler, domid);
}

static void channel_close(struct net_queue *q, struct net_ring *r)
{
	if (r->requested && evtchn_irq_free_wait(r->port, q) == -EBUSY)
		printk_warn("%s: its irq stays\n", r->name);
	if (r->port)
		evtchn_close(r->port);
	r->port = 0;
	r->requested = false;
}

void net_channels_close(struct net_queue *q)
{
	channel_close(q, &q->rx);
	channel_close(q, &q->tx);
}

EVTCHN_RENUMBERED(netfront)
{
	for (struct netfront *card = netfronts; card; card = card->next)
		for (unsigned i = 0; card->queue && i < card->nr_queues; i++) {
			struct net_queue *q = &card->queue[i];

			q->rx.port = evtchn_renumbered(q->rx.port);
			q->tx.port = evtchn_renumbered(q->tx.port);
		}
}
