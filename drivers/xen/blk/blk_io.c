/* SPDX-License-Identifier: MIT */
/* Ios: taken, spread over the queues, ended. */
#include "drivers/xen/blk/blk_queue.h"

#include "drivers/xen/evtchn.h"
#include "lib/errno.h"

/* --- lists --- */

void blk_ios_append(struct blk_ios *list, struct blkfront_io *io)
{
	io->next = NULL;
	io->prev = list->last;
	if (list->last)
		list->last->next = io;
	else
		list->first = io;
	list->last = io;
}

void blk_ios_remove(struct blk_ios *list, struct blkfront_io *io)
{
	if (io->prev)
		io->prev->next = io->next;
	else
		list->first = io->next;
	if (io->next)
		io->next->prev = io->prev;
	else
		list->last = io->prev;
}

void blk_ios_move(struct blk_ios *to, struct blk_ios *from)
{
	struct blkfront_io *io;

	while ((io = from->first)) {
		blk_ios_remove(from, io);
		blk_ios_append(to, io);
	}
}

/* No lock is held. Once done() runs, the io is the caller's again. */
void blk_ios_end(struct blk_ios *list, int err)
{
	struct blkfront_io *io;

	while ((io = list->first)) {
		blk_ios_remove(list, io);
		if (err)
			io->result = err;
		if (io->done)
			io->done(io);
	}
}

/* --- one io --- */

/* A flush or discard is made once to see whether it may be. */
static int io_check_request(const struct blkfront *disk, struct blkfront_io *io)
{
	union blk_request request;
	struct blk_tag tag = {0};
	int err;

	if (io->what == BLKFRONT_FLUSH)
		return blk_request_flush(&request, tag, &disk->disk);
	err = blk_request_discard(&request, tag, &disk->disk, io->first, io->count, false);
	if (!err)
		io->count = blk_discard_shrink(&disk->disk, &io->first, io->count);
	return err;
}

/* Nothing of it is sent. */
int blk_io_begin(const struct blkfront *disk, struct blkfront_io *io)
{
	struct blk_io range = {
		.first = io->first,
		.count = io->count,
		.address = (uintptr_t)io->buffer,
		.length = io->count * BLK_SECTOR,
		.write = io->what == BLKFRONT_WRITE,
	};

	io->out = 0;
	io->result = 0;
	io->unsent = true;
	if (io->what == BLKFRONT_FLUSH || io->what == BLKFRONT_DISCARD)
		return io_check_request(disk, io);
	return blk_split_begin(&io->split, &disk->disk, &range);
}

/* Under the lock: from now on it is the caller's to notify the backend. */
static bool queue_take_due(struct blk_queue *q)
{
	bool due = q->due && q->live;

	q->due = false;
	q->counts.sends += due;
	return due;
}

static void queue_leave(struct blk_queue *q, struct blk_ios *done, bool notify)
{
	if (notify)
		evtchn_send((evtchn_port_t)q->port);
	blk_ios_end(done, 0);
}

/* False: the queue is not live, or not any more. */
static bool queue_add(struct blk_queue *q, struct blkfront_io *io)
{
	struct blk_ios done = {0};
	bool on = spin_lock(&q->lock), live = q->live, notify = false;

	if (live) {
		blk_ios_append(&q->ios, io);
		if (!q->unsent)
			q->unsent = io;
		blk_ring_send(q, &done);
		notify = !io->more && queue_take_due(q);
	}
	spin_unlock(&q->lock, on);
	queue_leave(q, &done, notify);
	return live;
}

void blk_queue_notify(struct blk_queue *q)
{
	bool on = spin_lock(&q->lock), notify = queue_take_due(q);

	spin_unlock(&q->lock, on);
	if (notify)
		evtchn_send((evtchn_port_t)q->port);
}

void blkfront_notify(struct blkfront *disk)
{
	bool live = __atomic_load_n(&disk->state, __ATOMIC_ACQUIRE) == BLK_LIVE;

	for (unsigned i = 0; live && i < disk->layout.queues; i++)
		blk_queue_notify(&disk->queues[i]);
}

static struct blk_queue *disk_next_queue(struct blkfront *disk)
{
	uint32_t turn = __atomic_fetch_add(&disk->turn, 1, __ATOMIC_RELAXED);

	return &disk->queues[turn % disk->layout.queues];
}

/* -EAGAIN: it is live, and so the queues'. */
static int disk_park(struct blkfront *disk, struct blkfront_io *io)
{
	bool on = spin_lock(&disk->lock);
	int err = disk->state == BLK_LIVE ? -EAGAIN : disk->state == BLK_DOWN ? -ENODEV : 0;

	if (!err)
		blk_ios_append(&disk->parked, io);
	spin_unlock(&disk->lock, on);
	return err;
}

int blk_io_add(struct blkfront *disk, struct blkfront_io *io)
{
	int err;

	do {
		if (__atomic_load_n(&disk->state, __ATOMIC_ACQUIRE) == BLK_LIVE &&
		    queue_add(disk_next_queue(disk), io))
			return 0;
		err = disk_park(disk, io);
	} while (err == -EAGAIN);
	return err;
}

int blkfront_submit(struct blkfront *disk, struct blkfront_io *io)
{
	struct blk_ios done = {0};
	int err = disk->state == BLK_DOWN ? -ENODEV : blk_io_begin(disk, io);

	if (!err && io->what == BLKFRONT_DISCARD && !io->count) {
		blk_ios_append(&done, io); /* not one extent is whole */
		blk_ios_end(&done, 0);
		return 0;
	}
	if (!err)
		err = blk_io_add(disk, io);
	if (!err)
		blk_stall_watch(disk);
	return err;
}

/* --- answers --- */

bool blk_queue_receive(struct blk_queue *q)
{
	struct blk_ios done = {0};
	const char *what = NULL;
	bool on = spin_lock(&q->lock), notify;
	uint64_t before = q->answers;
	int err = q->live ? blk_ring_take(q, &done, &what) : 0;

	if (err)
		q->live = false;
	else
		blk_ring_send(q, &done);
	notify = queue_take_due(q);
	before = q->answers - before;
	spin_unlock(&q->lock, on);
	if (err) /* first: whoever submits in done() would wait for the state to change */
		blk_break(q->disk, err, what);
	queue_leave(q, &done, notify);
	return before;
}

enum irq_result blk_queue_irq(struct irq *irq, void *ctx)
{
	struct blk_queue *q = ctx;
	bool some = blk_queue_receive(q);

	q->counts.irqs++;
	if (evtchn_daisy())
		irq_eoi(irq, !some);
	return IRQ_HANDLED;
}
