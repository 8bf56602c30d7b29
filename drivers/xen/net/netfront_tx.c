/* SPDX-License-Identifier: MIT */
/* Frames out: each is copied into pages of its own, which the backend reads. */
#include "drivers/xen/net/netfront.h"

#include <xen/io/netif.h>

#include "arch/x86/paging.h"
#include "drivers/xen/evtchn.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/string.h"

_Static_assert(NET_SLOTS_MAX == XEN_NETIF_NR_SLOTS_MIN, "every backend takes as many");

/* --- under tx.lock --- */

static unsigned tx_free(const struct net_ring *tx)
{
	return tx->count - tx->ids.nr_out;
}

static void tx_answered(struct net_queue *q, const struct netif_tx_response *rsp)
{
	int slot = front_ids_answer(&q->tx.ids, rsp->id);

	if (slot < 0)
		net_blame(q->card, slot, front_ids_error(slot));
	else if (rsp->status > NETIF_RSP_OKAY || rsp->status < NETIF_RSP_DROPPED)
		net_blame(q->card, -EBADMSG, "an answer to a sent frame has no such status");
	else
		q->tx_failed += rsp->status != NETIF_RSP_OKAY;
	q->tx.taken++;
}

static bool tx_has_room(const struct net_queue *q)
{
	return tx_free(&q->tx) >= net_slots(q->card->mtu + NET_ETHERNET_HEADER);
}

/* Nobody is woken for an answer as long as there is room, and half of the pages are free. */
static bool tx_wants_answers(const struct net_queue *q)
{
	return tx_free(&q->tx) < q->tx.count / 2 || !tx_has_room(q);
}

static void tx_take_answers(struct net_queue *q)
{
	struct netif_tx_response rsp;
	int n = 0;

	do {
		while (!q->card->dead && (n = front_ring_take(&q->tx.ring, &rsp)) > 0)
			tx_answered(q, &rsp);
		if (q->card->dead)
			return;
		if (!n && tx_wants_answers(q))
			n = front_ring_await(&q->tx.ring);
	} while (n > 0);
	if (n < 0)
		net_blame(q->card, n, front_ring_error(n));
}

static void tx_put_slot(struct net_queue *q, const uint8_t *bytes, size_t length, size_t whole,
			unsigned flags)
{
	struct netif_tx_request req = {.flags = flags, .size = whole};
	uint64_t id;
	int slot = front_ids_take(&q->tx.ids, &id);

	memcpy(q->tx.buffers + (size_t)slot * PAGE_SIZE, bytes, length);
	req.gref = q->tx.refs[slot];
	req.id = id;
	front_ring_put(&q->tx.ring, &req);
}

/* The first slot tells the whole frame's length, the others their own. */
static void tx_put_slots(struct net_queue *q, const uint8_t *bytes, size_t length,
			 unsigned flags)
{
	size_t whole = length;

	while (length) {
		size_t n = length < PAGE_SIZE ? length : PAGE_SIZE;

		length -= n;
		tx_put_slot(q, bytes, n, whole ? whole : n,
			    flags | (length ? NETTXF_more_data : 0));
		bytes += n;
		whole = flags = 0;
	}
}

/* --- for all --- */

bool net_tx_reap(struct net_queue *q)
{
	bool on = spin_lock(&q->tx.lock), wake;

	tx_take_answers(q);
	wake = q->rx_waits && tx_has_room(q);
	if (wake)
		q->rx_waits = false;
	if (q->sender_waits && tx_has_room(q)) {
		q->sender_waits = false;
		if (this_cpu()->id) /* it may be asleep */
			cpu_poke(0);
	}
	spin_unlock(&q->tx.lock, on);
	return wake;
}

/* Under tx.lock: somebody begins to wait. */
static void tx_watch(struct net_queue *q)
{
	if (q->stall_runs)
		return;
	q->stall_runs = true;
	q->stall_looks = 0;
	timer_start(&q->stall, time_now_ns() + NET_STALL_NS);
}

bool net_tx_room(struct net_queue *q, bool *waits)
{
	bool on = spin_lock(&q->tx.lock), room;

	if (!tx_has_room(q))
		tx_take_answers(q);
	room = tx_has_room(q);
	if (!room) {
		q->tx_waits += !*waits;
		*waits = true;
		tx_watch(q);
	}
	spin_unlock(&q->tx.lock, on);
	return room;
}

void net_tx_stalled(void *queue)
{
	struct net_queue *q = queue;
	bool on = spin_lock(&q->tx.lock), waits = !q->card->dead && !tx_has_room(q);

	if (q->stall_taken != q->tx.taken)
		q->stall_looks = 0;
	q->stall_taken = q->tx.taken;
	q->stall_runs = waits && ++q->stall_looks < NET_STALL_LOOKS;
	if (q->stall_runs)
		timer_start(&q->stall, time_now_ns() + NET_STALL_NS);
	else if (waits)
		net_blame(q->card, -ETIMEDOUT, "sent frames are not answered");
	spin_unlock(&q->tx.lock, on);
}

int net_tx_put(struct net_queue *q, const void *frame, size_t length, unsigned flags)
{
	unsigned netif = flags & NET_CSUM_BLANK ? NETTXF_csum_blank | NETTXF_data_validated : 0;
	bool on = spin_lock(&q->tx.lock);
	int err = q->card->dead ? -EIO : q->tx.ring.err;

	if (!err && tx_free(&q->tx) < net_slots(length))
		tx_take_answers(q);
	if (!err && tx_free(&q->tx) < net_slots(length)) {
		err = -ENOSPC;
		q->tx_full++;
		tx_watch(q);
	}
	if (!err) {
		tx_put_slots(q, frame, length, netif);
		q->tx.frames++;
		q->tx.bytes += length;
	}
	spin_unlock(&q->tx.lock, on);
	return err;
}

void net_tx_push(struct net_queue *q)
{
	evtchn_port_t port = q->card->split ? q->tx.port : q->rx.port;
	bool on = spin_lock(&q->tx.lock);
	bool notify = front_ring_push(&q->tx.ring);

	q->tx.notifications += notify;
	spin_unlock(&q->tx.lock, on);
	if (notify)
		evtchn_send(port);
}

/* --- for the mainline, which has the first of the card's buffers, and sends on its first queue
 * --- */

struct net_output net_output_of(const struct netfront *card)
{
	return (struct net_output){.frame = card->buffers, .size = card->frame_size};
}

void net_send(struct netfront *card, const struct net_output *out)
{
	if (!out->length)
		return;
	net_tx_put(&card->queue[0], out->frame, out->length, out->flags);
	net_tx_push(&card->queue[0]);
}
