/* SPDX-License-Identifier: MIT */
/* For whoever uses disks: which there are, and an io that is waited for. */
#include "drivers/xen/blk/blk_queue.h"

#include "kernel/memory.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/string.h"

struct blkfront *blk_disks;

void blkfront_put(struct blkfront *disk)
{
	struct blkfront **at = &blk_disks;

	if (!disk || --disk->users)
		return;
	while (*at != disk)
		at = &(*at)->next;
	*at = disk->next;
	blk_stall_end(disk);
	heap_free(disk);
}

static bool disk_is(const struct blkfront *disk, const char *name)
{
	uint64_t number;

	if (!strcmp(disk->name, name))
		return true;
	return !str_to_u64(name, &number) && number == blk_keys_number(disk->dev);
}

struct blkfront *blkfront_get(const char *name)
{
	struct blkfront *disk = blk_disks;

	while (disk && (!disk->dev || !disk_is(disk, name)))
		disk = disk->next;
	if (disk)
		disk->users++;
	return disk;
}

struct blkfront *blkfront_next(const struct blkfront *disk)
{
	return disk ? disk->next : blk_disks;
}

static bool io_is_done(void *ctx)
{
	return __atomic_load_n((bool *)ctx, __ATOMIC_ACQUIRE);
}

static void io_note(struct blkfront_io *io)
{
	__atomic_store_n((bool *)io->ctx, true, __ATOMIC_RELEASE);
}

int blkfront_do(struct blkfront *disk, struct blkfront_io *io)
{
	bool done = false;
	int err;

	io->done = io_note;
	io->ctx = &done;
	io->more = false;
	err = blkfront_submit(disk, io);
	if (err)
		return err;
	time_wait(io_is_done, &done, UINT64_MAX); /* its end, too, when nobody answers */
	return io->result;
}

void blkfront_roam(struct blkfront *disk)
{
	if (disk->queues)
		blk_queue_roam(&disk->queues[disk->roamed++ % disk->layout.queues]);
}

const char *blkfront_name(const struct blkfront *disk)
{
	return disk->name;
}

bool blkfront_is_connected(const struct blkfront *disk)
{
	return disk->state != BLK_DOWN;
}

/* One that is closed stays so, as far as it knows. */
static bool disk_has_settled(void *ctx)
{
	const struct blkfront *disk = ctx;

	return blkfront_is_connected(disk) || !disk->dev ||
	       disk->dev->view.mine == XenbusStateClosed;
}

bool blkfront_await(struct blkfront *disk)
{
	xenstore_wait(disk_has_settled, disk, PATIENCE_NS);
	return blkfront_is_connected(disk);
}

const struct blk_disk *blkfront_disk(const struct blkfront *disk)
{
	return &disk->disk;
}

void blkfront_set_patience(struct blkfront *disk, uint32_t seconds)
{
	disk->patience = seconds;
}
