/* SPDX-License-Identifier: MIT */
/* Frames in: the backend copies them into our pages, and each is copied out of there, once,
 * before anybody looks at it. */
#include "drivers/xen/net/netfront.h"

#include <xen/io/netif.h>

#include "arch/x86/paging.h"
#include "drivers/xen/evtchn.h"
#include "kernel/time.h"
#include "lib/errno.h"

_Static_assert(NET_RX_PAGE == PAGE_SIZE, "a page is posted for each slot");

void net_rx_fill(struct net_queue *q)
{
	struct netif_rx_request req = {0};
	uint64_t id;
	int slot;

	while ((slot = front_ids_take(&q->rx.ids, &id)) >= 0) {
		req.id = id;
		req.gref = q->rx.refs[slot];
		q->posted[q->rx.ring.put % NET_RING_SLOTS] = id;
		front_ring_put(&q->rx.ring, &req);
	}
}

/* The next slot. NET_RX_MORE or NET_RX_WHOLE; 0: there is none now; or what killed the ring. */
static int rx_slot(struct net_queue *q)
{
	uint16_t posted = q->posted[q->rx.ring.taken % NET_RING_SLOTS];
	struct netif_rx_response rsp;
	const char *why;
	int n = front_ring_take(&q->rx.ring, &rsp), slot;

	if (n <= 0)
		return n;
	q->rx.taken++;
	/* Extra info has no id: its page is that of its place (public/io/netif.h). */
	slot = front_ids_answer(&q->rx.ids, q->in.extras ? posted : rsp.id);
	if (slot < 0) {
		net_blame(q->card, slot, front_ids_error(slot));
		return slot;
	}
	n = net_rx_slot(&q->in, &rsp, q->rx.buffers + slot * PAGE_SIZE, &why);
	if (n < 0)
		net_blame(q->card, n, why);
	return n;
}

static void rx_frame(struct net_queue *q)
{
	if (q->in.refusal) {
		q->refused[q->in.refusal]++;
	} else {
		q->rx.frames++;
		q->rx.bytes += q->in.length;
		net_stack_take(q);
	}
	net_rx_begin(&q->in);
}

/* Slots, until there are no more, or it is enough for now. 1: there may be more; 0: none, or
 * they wait for net_tx_reap(); or what killed the ring. A frame is begun only when there is
 * room to answer it, so what comes faster than it can be answered waits in the ring, and then
 * at the backend. */
static int rx_slots(struct net_queue *q)
{
	for (unsigned budget = NET_BUDGET; budget; budget--) {
		int n;

		if (!q->in.slots && !net_tx_room(q, &q->rx_waits))
			return 0;
		n = rx_slot(q);
		if (q->card->dead)
			return -EIO;
		if (!n)
			n = front_ring_await(&q->rx.ring);
		else if (n == NET_RX_WHOLE)
			rx_frame(q);
		if (n <= 0)
			return n;
	}
	return 1;
}

static void rx_run(struct net_queue *q)
{
	uint64_t now;
	int n;

	q->now_ns = time_now_ns();
	n = rx_slots(q);
	if (n < 0) {
		net_blame(q->card, n, front_ring_error(n));
		return;
	}
	net_rx_fill(q);
	if (front_ring_push(&q->rx.ring)) {
		q->rx.notifications++;
		evtchn_send(q->rx.port);
	}
	if (n > 0) {
		now = time_now_ns();
		q->pauses++;
		timer_start(&q->timer, now + (now - q->now_ns));
	}
}

void net_rx_run(struct net_queue *q)
{
	bool on = spin_lock(&q->rx.lock);

	if (!q->card->dead)
		rx_run(q);
	spin_unlock(&q->rx.lock, on);
	net_tx_push(q);
}

void net_rx_timer(void *queue)
{
	net_rx_run(queue);
}
