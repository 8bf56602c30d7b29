/* SPDX-License-Identifier: MIT */
/* What a resume costs: crowd=CHANNELS of the domain to itself are bound, and a disk is connected
 * (scratch=), when somebody in dom0 takes it through a save and a restore. The counter in the emulator is
 * told when all channels are there again, when the disk has worked, and when each channel has
 * (tests/bench/resumes.py). */
#include "drivers/xen/blk/blkfront.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/suspend.h"
#include "kernel/memory.h"
#include "kernel/options.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "lib/count_mark.h"
#include "selftest/loopback.h"

#define LONG_NS (30 * PATIENCE_NS) /* the machine that counts is slow to save */

static bool resumed(void *ctx)
{
	return suspend_count();
}

static bool channels_work(struct loopback *lbs, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		evtchn_send(lbs[i].far);
	for (unsigned i = 0; i < count; i++)
		if (!loopback_wait(&lbs[i], 1))
			return false;
	return true;
}

/* Ports keep their numbers where the new domain is configured as the old one. */
static void go_through(struct loopback *lbs, unsigned count, struct blkfront *disk, void *sector)
{
	struct blkfront_io io = {.what = BLKFRONT_READ, .count = 1, .buffer = sector};
	int err;

	printk("# waiting for a suspend\n");
	CHECK(time_wait(resumed, NULL, LONG_NS));
	COUNT_MARK(COUNT_CHANNELS_BOUND);
	err = blkfront_do(disk, &io);
	COUNT_MARK(COUNT_END);
	CHECK(channels_work(lbs, count));
	COUNT_MARK(COUNT_CHANNELS_WORK);
	printk("# resumed, error %d\n", err);
	CHECK_EQ(err, 0);
}

SELFTEST(resume_counted)
{
	unsigned count = options.crowd, opened = 0;
	unsigned pages = (count * sizeof(struct loopback) + PAGE_SIZE) / PAGE_SIZE + 1;
	struct blkfront *disk = count && options.scratch[0] ? blkfront_get(options.scratch) : NULL;
	struct loopback *lbs = disk ? pages_alloc(pages) : NULL;

	SKIP_UNLESS(lbs, "crowd=CHANNELS and scratch= are wanted");
	while (opened < count && loopback_open(&lbs[opened], "counted"))
		opened++;
	if (CHECK(blkfront_await(disk)) && opened == count)
		go_through(lbs, count, disk, (char *)lbs + (pages - 1) * PAGE_SIZE);
	while (opened)
		loopback_close(&lbs[--opened]);
	pages_free(lbs, pages);
	blkfront_put(disk);
}
