/* SPDX-License-Identifier: MIT */
/* A disk's life: what xenbus asks for. */
#include "drivers/xen/blk/blk_queue.h"

#include "drivers/xen/evtchn_resume.h"
#include "drivers/xen/grant.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

/* All its queues together are at most this part of what is free; of references more, of which
 * Xen usually allows 32768: two thirds of this are enough for a disk's most buffers (lib/blk_layout.h). */
#define MEMORY_SHARE 4u
#define GRANT_SHARE  2u

/* --- there and gone --- */

static int blk_probe(struct xenbus_device *dev)
{
	struct blkfront *disk = heap_alloc(sizeof(*disk)), **at = &blk_disks;
	uint32_t number = blk_keys_number(dev);

	if (!disk)
		return -ENOMEM;
	disk->dev = dev;
	disk->handle = (uint16_t)number;
	disk->users = 1; /* the device */
	blk_name(number, disk->name);
	blk_stall_init(disk);
	dev->driver_data = disk;
	while (*at)
		at = &(*at)->next;
	*at = disk;
	return 0;
}

static void blk_remove(struct xenbus_device *dev)
{
	struct blkfront *disk = dev->driver_data;

	disk->dev = NULL;
	grant_retry(); /* backends let go when the frontend has closed: what was set aside then
			*/
	blkfront_put(disk);
}

/* --- rings --- */

static void disk_close_queues(struct blkfront *disk)
{
	blk_stall_end(disk);
	for (unsigned i = 0; disk->queues && i < disk->layout.queues; i++)
		blk_queue_close(&disk->queues[i]);
	heap_free(disk->queues);
	disk->queues = NULL;
}

static int disk_open_queues(struct blkfront *disk)
{
	int err = 0;

	disk->queues = heap_alloc(disk->layout.queues * sizeof(*disk->queues));
	if (!disk->queues)
		return -ENOMEM;
	for (unsigned i = 0; i < disk->layout.queues; i++)
		disk->queues[i].disk = disk;
	for (unsigned i = 0; i < disk->layout.queues && !err; i++)
		err = blk_queue_open(&disk->queues[i], i);
	return err;
}

static struct blk_layout disk_layout(const struct blk_transport *t)
{
	size_t pages = pages_free_count() / MEMORY_SHARE, room = grant_room() / GRANT_SHARE;

	return blk_layout_fit(t, nr_cpus, pages < room ? pages : room);
}

static int blk_publish(struct xenbus_device *dev)
{
	struct blkfront *disk = dev->driver_data;
	struct blk_transport t;
	unsigned kept = grant_retry();
	int err = blk_keys_read_transport(disk, &t);

	if (kept)
		printk_warn("%s: %u grants are not given back\n", disk->name, kept);
	disk->broken = false;
	if (!err) {
		disk->layout = disk_layout(&t);
		err = disk_open_queues(disk);
	}
	return err ? err : blk_keys_write(disk);
}

/* --- what the backend says of the disk --- */

static void disk_use(struct blkfront *disk, const struct blk_disk *d)
{
	disk->disk = *d;
	disk->disk.segments = blk_layout_segments(&disk->layout, d->segments);
	printk("%s: %llu sectors, %u bytes each, %s%s, %u queues of %u slots, %u "
	       "segments%s%s%s\n",
	       disk->name, (unsigned long long)d->sectors, d->sector_size,
	       d->readonly ? "read-only" : "writable", d->cdrom ? ", cdrom" : "",
	       disk->layout.queues, disk->queues[0].ring.slots, disk->disk.segments,
	       d->persistent ? ", persistent" : "",
	       d->flush     ? ", flush"
	       : d->barrier ? ", barrier"
			    : "",
	       d->discard ? ", discard" : "");
}

static int blk_connect(struct xenbus_device *dev)
{
	struct blkfront *disk = dev->driver_data;
	struct blk_disk d;
	int err;

	if (disk->state == BLK_LIVE) {
		blk_resize(disk);
		return 0;
	}
	err = blk_keys_read_disk(disk, &d);
	if (err)
		return err;
	disk_use(disk, &d);
	blk_resize_watch(disk);
	blk_go_live(disk);
	return 0;
}

/* What has been answered counts. */
static void disk_receive(struct blkfront *disk)
{
	for (unsigned i = 0; disk->queues && i < disk->layout.queues; i++)
		blk_queue_receive(&disk->queues[i]);
}

static void blk_disconnect(struct xenbus_device *dev)
{
	struct blkfront *disk = dev->driver_data;

	disk_receive(disk);
	blk_go_down(disk);
	blk_resize_unwatch(disk);
	disk_close_queues(disk);
}

/* --- suspend --- */

static bool disk_has_ports(const struct blkfront *disk)
{
	for (unsigned i = 0; disk->queues && i < disk->layout.queues; i++)
		if (!disk->queues[i].port)
			return false;
	return disk->queues;
}

static int disk_begin_again(struct blkfront *disk)
{
	int err = 0;

	for (unsigned i = 0; i < disk->layout.queues && !err; i++)
		err = blk_queue_begin(&disk->queues[i]);
	return err;
}

/* What the backend of before has not answered is for the next one. */
static int blk_republish(struct xenbus_device *dev)
{
	struct blkfront *disk = dev->driver_data;
	struct blk_transport t;
	int err;

	disk_receive(disk);
	blk_go_parked(disk);
	blk_resize_unwatch(disk);
	err = blk_keys_read_transport(disk, &t);
	if (err)
		return err;
	if (disk_has_ports(disk) && t.ring_order >= disk->layout.ring_order &&
	    t.queues >= disk->layout.queues) {
		err = disk_begin_again(disk);
	} else {
		disk_close_queues(disk);
		disk->layout = disk_layout(&t);
		err = disk_open_queues(disk);
	}
	blk_stall_watch(disk); /* what waits is not to wait for ever */
	disk->broken = false;
	return err ? err : blk_keys_write(disk);
}

EVTCHN_RENUMBERED(blkfront)
{
	for (struct blkfront *disk = blk_disks; disk; disk = disk->next)
		for (unsigned i = 0; disk->queues && i < disk->layout.queues; i++)
			disk->queues[i].port =
				(int)evtchn_renumbered((evtchn_port_t)disk->queues[i].port);
}

XENBUS_DRIVER(vbd, .type = "vbd", .probe = blk_probe, .publish = blk_publish,
	      .republish = blk_republish, .connect = blk_connect, .disconnect = blk_disconnect,
	      .remove = blk_remove);
