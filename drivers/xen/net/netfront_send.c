/* SPDX-License-Identifier: MIT */
/* A stream of datagrams of our own. As netfront_ping.c, each turn looks for the card anew. */
#include "drivers/xen/net/netfront_send.h"

#include "drivers/xen/net/netfront.h"
#include "drivers/xen/net/netfront_ping.h"
#include "kernel/memory.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "kernel/work.h"
#include "lib/count_mark.h"
#include "lib/errno.h"

#define PORT_DISCARD 9u

struct stream {
	struct net_datagram datagram;
	unsigned count, sent;
	int err;
};

static int send_one(struct netfront *card, const struct stream *s, uint64_t now_ns)
{
	struct net_output out = net_output_of(card);
	bool on = spin_lock(&card->stack_lock);
	int length = net_stack_send(&card->stack, &s->datagram, now_ns, &out);

	spin_unlock(&card->stack_lock, on);
	return length < 0 ? length
			  : net_tx_put(&card->queue[0], out.frame, out.length, out.flags);
}

/* As many as there is room for; the backend is shown all of them at once. */
static void send_some(struct netfront *card, struct stream *s)
{
	struct net_queue *q = &card->queue[0];
	uint64_t now = time_now_ns();

	while (!s->err && s->sent < s->count && net_tx_room(q, &q->sender_waits)) {
		s->err = send_one(card, s, now);
		s->sent += !s->err;
	}
	net_tx_push(q);
}

/* True: that was the last turn. */
static bool stream_turn(void *ctx)
{
	struct netfront *card = net_card_addressed();
	struct stream *s = ctx;

	if (card && card->link)
		send_some(card, s);
	else
		s->err = -ENOTCONN;
	return s->err || s->sent == s->count || shell_typed();
}

static void stream_run(struct stream *s)
{
	uint64_t ns;

	do {
		s->err = net_ping(s->datagram.to, 0, 0, &ns);
		if (s->err)
			return;
		COUNT_MARK(COUNT_BEGIN); /* the end is known where they arrive */
		work_sleep_until(stream_turn, s);
	} while (s->err == -EAGAIN); /* the way has been forgotten */
}

int net_stream(uint32_t target, unsigned count, size_t size, unsigned *sent)
{
	unsigned pages = net_slots(size);
	void *data = pages_alloc(pages);
	struct stream s = {
		.datagram = {target, PORT_DISCARD, PORT_DISCARD, data, size},
		.count = count,
	};

	if (!data)
		return -ENOMEM;
	stream_run(&s);
	shell_drop_input();
	pages_free(data, pages);
	*sent = s.sent;
	return s.err;
}
