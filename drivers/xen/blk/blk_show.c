/* SPDX-License-Identifier: MIT */
/* What a disk shows of itself. */
#include "drivers/xen/blk/blk_queue.h"

#include "kernel/irq.h"
#include "kernel/printk.h"
#include "lib/errno.h"

static const char *state_name(const struct blkfront *disk)
{
	switch (disk->state) {
	case BLK_LIVE:
		return "connected";
	case BLK_PARKED:
		return "between two backends";
	default:
		return disk->broken ? "its backend is at fault" : "not connected";
	}
}

static void queue_print(const struct blk_queue *q)
{
	const struct irq *irq = blk_queue_own_irq(q);

	printk("%s: irq %d on CPU%d, port %d, %u slots, %u out; %llu requests, %llu KiB, %llu "
	       "sends, %llu irqs\n",
	       q->name, q->irq, irq ? irq_home(irq) : 0, q->port, q->ring.slots, q->ids.nr_out,
	       (unsigned long long)q->counts.requests,
	       (unsigned long long)q->counts.bytes / 1024, (unsigned long long)q->counts.sends,
	       (unsigned long long)q->counts.irqs);
}

void blkfront_print(const struct blkfront *disk)
{
	const struct blk_disk *d = &disk->disk;

	if (!disk->dev)
		return;
	printk("%s: %s, %s, %llu sectors, %u bytes each, %s%s, %u segments%s%s%s\n", disk->name,
	       disk->dev->node, state_name(disk), (unsigned long long)d->sectors,
	       d->sector_size, d->readonly ? "read-only" : "writable",
	       d->cdrom ? ", cdrom" : "", d->segments, d->persistent ? ", persistent" : "",
	       d->flush     ? ", flush"
	       : d->barrier ? ", barrier"
			    : "",
	       d->discard ? ", discard" : "");
	for (unsigned i = 0; disk->queues && i < disk->layout.queues; i++)
		queue_print(&disk->queues[i]);
}

struct blkfront_counts blkfront_counts(const struct blkfront *disk)
{
	struct blkfront_counts sum = {0};

	for (unsigned i = 0; disk->queues && i < disk->layout.queues; i++) {
		const struct blkfront_counts *c = &disk->queues[i].counts;

		sum.requests += c->requests;
		sum.bytes += c->bytes;
		sum.sends += c->sends;
		sum.irqs += c->irqs;
	}
	return sum;
}

const char *blkfront_error(int err)
{
	switch (err) {
	case -EIO:
		return "the disk cannot";
	case -EOPNOTSUPP:
		return "the disk does not do that";
	case -ENODEV:
		return "the disk is not connected";
	default:
		return blk_split_error(err);
	}
}
