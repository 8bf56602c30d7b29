/* SPDX-License-Identifier: MIT */
/* A backend that does not answer. Seconds are counted one by one, each at most once: time in
 * which this domain, or the machine, stood still is not the backend's. */
#include "drivers/xen/blk/blk_queue.h"

#include "kernel/time.h"
#include "lib/errno.h"

/* Answers that wait for others (front_ring_hold). Where nothing came in by itself since the last look,
 * the others are slow, and a quick one behind these would wait for each look anew. */
static void queue_look(struct blk_queue *q)
{
	uint64_t before = __atomic_load_n(&q->answers, __ATOMIC_RELAXED);

	if (blk_queue_receive(q) && before == q->seen)
		__atomic_store_n(&q->late, true, __ATOMIC_RELAXED);
	q->seen = __atomic_load_n(&q->answers, __ATOMIC_RELAXED);
}

/* While it is live its queues stay: whoever closes them cancels the timer after that. */
static void disk_look(struct blkfront *disk)
{
	bool live = __atomic_load_n(&disk->state, __ATOMIC_ACQUIRE) == BLK_LIVE;

	for (unsigned i = 0; live && i < disk->layout.queues; i++)
		queue_look(&disk->queues[i]);
}

static uint64_t answers(const struct blkfront *disk)
{
	uint64_t sum = 0;

	for (unsigned i = 0; disk->queues && i < disk->layout.queues; i++)
		sum += __atomic_load_n(&disk->queues[i].answers, __ATOMIC_RELAXED);
	return sum;
}

static void stall_start(struct blkfront *disk)
{
	if (!__atomic_exchange_n(&disk->watched, true, __ATOMIC_ACQ_REL))
		timer_start(&disk->timer, time_now_ns() + NS_PER_SEC);
}

static bool stall_is_over(struct blkfront *disk)
{
	uint64_t now = answers(disk);

	if (now != disk->seen_answers)
		disk->idle_ticks = 0;
	else
		disk->idle_ticks++;
	disk->seen_answers = now;
	return disk->patience && disk->idle_ticks >= disk->patience;
}

static void stall_tick(void *ctx)
{
	struct blkfront *disk = ctx;

	__atomic_store_n(&disk->watched, false, __ATOMIC_SEQ_CST);
	disk_look(disk);
	if (!blk_is_busy(disk)) { /* whoever comes now starts it */
		disk->idle_ticks = 0;
		return;
	}
	if (stall_is_over(disk)) {
		disk->idle_ticks = 0;
		blk_break(disk, -ETIMEDOUT, "the backend does not answer");
	} else {
		stall_start(disk);
	}
}

void blk_stall_init(struct blkfront *disk)
{
	disk->patience = BLKFRONT_PATIENCE;
	timer_setup(&disk->timer, stall_tick, disk);
}

void blk_stall_watch(struct blkfront *disk)
{
	if (!__atomic_load_n(&disk->watched, __ATOMIC_RELAXED))
		stall_start(disk);
}

void blk_stall_end(struct blkfront *disk)
{
	timer_cancel(&disk->timer);
	disk->watched = false;
	disk->idle_ticks = 0;
}
