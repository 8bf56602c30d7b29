// SPDX-License-Identifier: MIT
/* What selftest/resume_counted.c does, in Linux: channels that are there when dom0 takes the domain
 * through a save and a restore, and marks when all of them are there again, when a disk has worked, and when
 * they have. Linux binds no channel of a driver's again: each driver does, as here, in its turn.
 *
 *   insmod resumes.ko channels=N */
#include <linux/blkdev.h>
#include <linux/freezer.h>
#include <linux/platform_device.h>
#include <linux/pm.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "channel.h"
#include "lib/count_mark.h"

#define DISK	 "/dev/xvda"
#define SECTOR	 512
#define PATIENCE (120 * HZ)

static unsigned int channels = 10;
module_param(channels, uint, 0);

static struct channel *all;
static atomic_t runs = ATOMIC_INIT(0);
static bool resumed;
static int bound; /* as channels_open() */
static DECLARE_WAIT_QUEUE_HEAD(changed);

static irqreturn_t note_run(int irq, void *ctx)
{
	if (atomic_inc_return(&runs) == channels)
		wake_up(&changed);
	return IRQ_HANDLED;
}

static int channels_open(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < channels && !err; i++)
		err = channel_open(&all[i], note_run, &runs);
	return err;
}

static void channels_close(void)
{
	unsigned int i;

	for (i = 0; i < channels; i++)
		channel_close(&all[i], &runs);
}

/* As blkfront does: the irq is given back, then another one is bound. The ports are gone by themselves. */
static int restore(struct device *dev)
{
	unsigned int i;

	for (i = 0; i < channels; i++)
		unbind_from_irqhandler(all[i].irq, &runs);
	bound = channels_open();
	resumed = true;
	wake_up(&changed);
	return bound;
}

static const struct dev_pm_ops pm_ops = {.restore = restore};
static struct platform_driver driver = {.driver = {.name = "peer-resumes", .pm = &pm_ops}};

static int channels_work(void)
{
	unsigned int i;

	if (bound)
		return bound;
	for (i = 0; i < channels; i++)
		notify_remote_via_evtchn(all[i].sender);
	return wait_event_timeout(changed, atomic_read(&runs) == channels, PATIENCE) ? 0 : -ETIMEDOUT;
}

/* By the driver itself: no cache answers instead. */
static int disk_works(struct block_device *disk)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct bio_vec vec;
	struct bio bio;
	int err;

	if (!page)
		return -ENOMEM;
	bio_init(&bio, disk, &vec, 1, REQ_OP_READ);
	__bio_add_page(&bio, page, SECTOR, 0);
	err = submit_bio_wait(&bio);
	__free_page(page);
	return err;
}

static int go_through(struct block_device *disk)
{
	int err;

	pr_alert("peer: waiting for a suspend\n");
	err = wait_event_freezable(changed, resumed);
	COUNT_MARK(COUNT_CHANNELS_BOUND);
	if (!err)
		err = disk_works(disk);
	COUNT_MARK(COUNT_END);
	if (!err)
		err = channels_work();
	COUNT_MARK(COUNT_CHANNELS_WORK);
	pr_alert("peer: resumed, error %d\n", err);
	return err;
}

static int with_device(struct block_device *disk)
{
	struct platform_device *device = platform_device_register_simple("peer-resumes", -1, NULL, 0);
	int err;

	if (IS_ERR(device))
		return PTR_ERR(device);
	err = platform_driver_register(&driver);
	if (!err) {
		err = channels_open();
		if (!err)
			err = go_through(disk);
		channels_close();
		platform_driver_unregister(&driver);
	}
	platform_device_unregister(device);
	return err;
}

static int __init resumes_init(void)
{
	struct block_device *disk = blkdev_get_by_path(DISK, FMODE_READ, NULL);
	int err = -ENOMEM;

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	all = kcalloc(channels, sizeof(*all), GFP_KERNEL);
	if (all)
		err = with_device(disk);
	kfree(all);
	blkdev_put(disk, FMODE_READ);
	return err;
}

static void __exit resumes_exit(void)
{
}

module_init(resumes_init);
module_exit(resumes_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("channels and a disk through a suspend, to be counted");
