/* SPDX-License-Identifier: MIT */
/* Queues come and go: their memory, and what of it the backend may use. */
#include "drivers/xen/net/netfront.h"

#include <xen/io/netif.h>

#include "arch/x86/paging.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/grant.h"
#include "drivers/xen/net/netfront_irq.h"
#include "drivers/xen/xenbus.h"
#include "kernel/memory.h"
#include "lib/errno.h"

static const struct front_ring_shape rx_shape = FRONT_RING_SHAPE(netif_rx);
static const struct front_ring_shape tx_shape = FRONT_RING_SHAPE(netif_tx);

/* With fewer pages than that a quarter must do. */
#define SCARCE 1024u

/* --- a ring --- */

/* What is sent the backend has only to read. */
static int ring_open(struct net_ring *r, unsigned count, bool readonly, domid_t domid)
{
	int ref;

	r->count = count;
	r->page = page_alloc();
	r->buffers = pages_alloc(count);
	if (!r->page || !r->buffers)
		return -ENOMEM;
	ref = grant_access(domid, r->page, false);
	if (ref < 0)
		return ref;
	r->ring_ref = ref;
	r->granted = true;
	ref = grant_access_pages(domid, r->buffers, count, readonly, r->refs);
	if (!ref)
		return 0;
	grant_end(r->ring_ref, r->page);
	r->granted = false;
	r->page = r->buffers = NULL;
	return ref;
}

static void ring_close(struct net_ring *r)
{
	if (r->granted) {
		grant_end(r->ring_ref, r->page);
		grant_end_all(r->refs, r->count, r->buffers);
	} else {
		if (r->page)
			pages_free(r->page, 1);
		if (r->buffers)
			pages_free(r->buffers, r->count);
	}
	r->granted = false;
	r->page = NULL;
	r->buffers = NULL;
}

static int ring_begin(struct net_ring *r, const struct front_ring_shape *shape)
{
	int err = front_ring_begin(&r->ring, r->page, PAGE_SIZE, shape);

	return err ? err : front_ids_init(&r->ids, r->slot, r->count, 16);
}

/* --- a queue --- */

static unsigned most(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static int queue_open(struct net_queue *q, domid_t domid)
{
	unsigned part = pages_free_count() < SCARCE ? 4 : 1;
	unsigned slots = net_slots(q->card->mtu + NET_ETHERNET_HEADER);
	int err;

	timer_setup(&q->timer, net_rx_timer, q);
	timer_setup(&q->stall, net_tx_stalled, q);
	err = ring_open(&q->rx, NET_RX_PAGES / part, false, domid);
	if (!err)
		err = ring_open(&q->tx, most(NET_TX_PAGES / part, slots), true, domid);
	if (!err)
		err = net_channels_open(q, domid);
	return err;
}

static void queue_close(struct net_queue *q)
{
	net_channels_close(q);
	timer_cancel(&q->timer);
	timer_cancel(&q->stall);
	ring_close(&q->rx);
	ring_close(&q->tx);
}

/* After a suspend a handler may run, because an event was on its way: it waits for the lock. */
static int queue_begin(struct net_queue *q)
{
	bool rx_on = spin_lock(&q->rx.lock), tx_on = spin_lock(&q->tx.lock);
	int err = ring_begin(&q->rx, &rx_shape);

	if (!err)
		err = ring_begin(&q->tx, &tx_shape);
	net_rx_begin(&q->in);
	q->rx_waits = q->sender_waits = false;
	if (!err) {
		net_rx_fill(q);
		front_ring_push(&q->rx.ring);
	}
	spin_unlock(&q->tx.lock, tx_on);
	spin_unlock(&q->rx.lock, rx_on);
	return err;
}

/* --- all of a card's --- */

/* Buffers for whole frames: what arrives and what is answered, and the mainline's. */
static int buffers_open(struct netfront *card)
{
	unsigned count = 2 * card->nr_queues + 1;

	card->frame_size = net_slots(card->mtu + NET_ETHERNET_HEADER) * PAGE_SIZE;
	card->buffer_pages = count * card->frame_size / PAGE_SIZE;
	card->buffers = pages_alloc(card->buffer_pages);
	if (!card->buffers)
		return -ENOMEM;
	for (unsigned i = 0; i < card->nr_queues; i++) {
		card->queue[i].in.bytes = card->buffers + (2 * i + 1) * card->frame_size;
		card->queue[i].in.size = card->frame_size;
		card->queue[i].out = card->buffers + (2 * i + 2) * card->frame_size;
	}
	return 0;
}

int net_queues_open(struct netfront *card)
{
	int err;

	/* A toolstack that takes a card away says Closing in the backend's name, which still
	 * has the rings then. By the next card's time it has not. */
	grant_retry();
	card->queue = heap_alloc(card->nr_queues * sizeof(*card->queue));
	if (!card->queue)
		return -ENOMEM;
	err = buffers_open(card);
	for (unsigned i = 0; i < card->nr_queues && !err; i++) {
		card->queue[i].card = card;
		card->queue[i].index = i;
		err = queue_open(&card->queue[i], card->dev->backend_id);
	}
	return err ? err : net_queues_begin(card);
}

void net_queues_close(struct netfront *card)
{
	for (unsigned i = 0; card->queue && i < card->nr_queues; i++)
		if (card->queue[i].card)
			queue_close(&card->queue[i]);
	if (card->buffers)
		pages_free(card->buffers, card->buffer_pages);
	heap_free(card->queue);
	card->buffers = NULL;
	card->queue = NULL;
}

int net_queues_begin(struct netfront *card)
{
	int err = 0;

	for (unsigned i = 0; i < card->nr_queues && !err; i++)
		err = queue_begin(&card->queue[i]);
	return err;
}

/* It may have looked before it could be told. */
void net_queues_kick(struct netfront *card)
{
	for (unsigned i = 0; i < card->nr_queues; i++) {
		evtchn_send(card->queue[i].rx.port);
		if (card->split)
			evtchn_send(card->queue[i].tx.port);
	}
}
