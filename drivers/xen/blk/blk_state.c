/* SPDX-License-Identifier: MIT */
/* A disk's three states, and what becomes of its ios when it goes from one to another. */
#include "drivers/xen/blk/blk_queue.h"

#include "lib/errno.h"

static void queue_take_ios(struct blk_queue *q, struct blk_ios *ios)
{
	bool on = spin_lock(&q->lock);

	q->live = false;
	blk_ios_move(ios, &q->ios);
	q->unsent = NULL;
	spin_unlock(&q->lock, on);
}

static void disk_set_state(struct blkfront *disk, enum blk_state state)
{
	bool on = spin_lock(&disk->lock);

	__atomic_store_n(&disk->state, state, __ATOMIC_RELEASE);
	spin_unlock(&disk->lock, on);
}

/* First the state, so that nothing comes in behind. */
static void disk_collect(struct blkfront *disk, enum blk_state state, struct blk_ios *ios)
{
	bool on;

	disk_set_state(disk, state);
	for (unsigned i = 0; disk->queues && i < disk->layout.queues; i++)
		queue_take_ios(&disk->queues[i], ios);
	on = spin_lock(&disk->lock);
	if (state == BLK_PARKED)
		blk_ios_move(&disk->parked, ios);
	else
		blk_ios_move(ios, &disk->parked);
	spin_unlock(&disk->lock, on);
}

void blk_go_parked(struct blkfront *disk)
{
	struct blk_ios ios = {0};

	disk_collect(disk, BLK_PARKED, &ios);
}

void blk_go_down(struct blkfront *disk)
{
	struct blk_ios ios = {0};

	disk_collect(disk, BLK_DOWN, &ios);
	blk_ios_end(&ios, -ENODEV);
}

static void queue_go_live(struct blk_queue *q)
{
	bool on = spin_lock(&q->lock);

	q->live = true;
	spin_unlock(&q->lock, on);
}

/* What waited, from its beginning; the disk may be another now, upon which it is not possible.
 */
static void io_again(struct blkfront *disk, struct blkfront_io *io)
{
	struct blk_ios failed = {0};
	int err = blk_io_begin(disk, io);

	if (!err)
		err = blk_io_add(disk, io);
	if (!err)
		return;
	blk_ios_append(&failed, io);
	blk_ios_end(&failed, err);
}

void blk_go_live(struct blkfront *disk)
{
	struct blk_ios waited = {0};
	struct blkfront_io *io;
	bool on;

	for (unsigned i = 0; i < disk->layout.queues; i++)
		queue_go_live(&disk->queues[i]);
	on = spin_lock(&disk->lock);
	if (!disk->broken) /* or it was down again before it was up */
		__atomic_store_n(&disk->state, BLK_LIVE, __ATOMIC_RELEASE);
	blk_ios_move(&waited, &disk->parked);
	spin_unlock(&disk->lock, on);
	while ((io = waited.first)) {
		blk_ios_remove(&waited, io);
		io_again(disk, io);
	}
	/* What the backend did before was not looked at, and does not announce itself again. */
	for (unsigned i = 0; i < disk->layout.queues; i++)
		blk_queue_receive(&disk->queues[i]);
}

void blk_break(struct blkfront *disk, int err, const char *what)
{
	if (__atomic_exchange_n(&disk->broken, true, __ATOMIC_ACQ_REL))
		return;
	blk_go_down(disk);
	xenbus_blame(disk->dev, err, what);
}

bool blk_is_busy(struct blkfront *disk)
{
	bool on = spin_lock(&disk->lock), busy = disk->parked.first;

	spin_unlock(&disk->lock, on);
	for (unsigned i = 0; !busy && disk->queues && i < disk->layout.queues; i++)
		busy = __atomic_load_n(&disk->queues[i].ios.first, __ATOMIC_RELAXED);
	return busy;
}
