/* SPDX-License-Identifier: MIT */
/* More buffers, for a queue that had too few once: granting is the mainline's, and an io comes from
 * anywhere. What waits for them is sent then, if it has not been sent with those that came back. */
#include "drivers/xen/blk/blk_queue.h"
#include "kernel/work.h"

/* Twice as many as there were: the backend hears of what is sent each time. False: no more. */
static bool pool_double(struct blk_pool *p, domid_t backend)
{
	unsigned before = p->made;
	int err = 0;

	while (!err && p->made < p->count && p->made < 2 * before)
		err = blk_pool_make(p, backend);
	return p->made > before;
}

static void queue_grow(struct blk_queue *q)
{
	uint16_t before = q->pool.made;
	struct blk_ios done = {0};
	bool on;

	if (!q->wants || !pool_double(&q->pool, q->disk->dev->backend_id))
		return;
	on = spin_lock(&q->lock);
	q->wants = false;
	blk_pool_add(&q->pool, before);
	blk_ring_send(q, &done);
	spin_unlock(&q->lock, on);
	blk_queue_notify(q);
	blk_ios_end(&done, 0);
}

static void all_grow(struct work *work)
{
	for (struct blkfront *disk = blk_disks; disk; disk = disk->next)
		for (unsigned i = 0; disk->dev && disk->queues && i < disk->layout.queues; i++)
			queue_grow(&disk->queues[i]);
}

static struct work work = {.fn = all_grow};

void blk_queue_want(struct blk_queue *q)
{
	if (q->wants || q->pool.made == q->pool.count)
		return;
	q->wants = true;
	work_queue(&work);
}
