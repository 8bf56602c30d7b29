/* SPDX-License-Identifier: MIT */
/* A disk whose size changes while it is in use. */
#include "drivers/xen/blk/blk_queue.h"

#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/printf.h"

/* Its size may change; that of its sectors may not, since ios are made of them. */
void blk_resize(struct blkfront *disk)
{
	struct blk_disk d;
	int err = blk_keys_read_disk(disk, &d);

	/* Only now its state: when all of the backend's directory has gone, that is what to say. */
	xenbus_step(disk->dev);
	if (disk->state != BLK_LIVE)
		return;
	if (err) {
		blk_break(disk, err, "a key has changed to nonsense");
	} else if (d.sector_size != disk->disk.sector_size) {
		blk_break(disk, -EINVAL, "the sector size has changed");
	} else if (d.sectors != disk->disk.sectors) {
		printk("%s: %llu sectors now, %llu before\n", disk->name,
		       (unsigned long long)d.sectors, (unsigned long long)disk->disk.sectors);
		__atomic_store_n(&disk->disk.sectors, d.sectors, __ATOMIC_RELAXED);
	}
}

/* Backends write the new number, and perhaps their state again; the number is what is watched. */
static void sectors_changed(struct xenstore_watch *w, const char *path)
{
	struct blkfront *disk = w->ctx;

	if (disk->state == BLK_LIVE)
		blk_resize(disk);
}

void blk_resize_watch(struct blkfront *disk)
{
	if (disk->resize.path)
		return;
	fmt_snprintf(disk->resize_path, sizeof(disk->resize_path), "%s/sectors",
		     disk->dev->backend);
	disk->resize = (struct xenstore_watch){
		.path = disk->resize_path, .changed = sectors_changed, .ctx = disk};
	if (xenstore_watch(&disk->resize)) {
		printk_warn("%s: a new size would not be noticed\n", disk->name);
		disk->resize.path = NULL;
	}
}

void blk_resize_unwatch(struct blkfront *disk)
{
	if (disk->resize.path)
		xenstore_unwatch(&disk->resize);
	disk->resize.path = NULL;
}
