/* SPDX-License-Identifier: MIT */
/* `blk verify DISK SEED IOS`, and `blk roam`, the same while irqs move: random writes, several
 * under way on all queues, each read back and compared. Which they are follows from the seed
 * (lib/blk_pattern.h), and one that overlaps another waits for its end; so at the end whoever
 * knows the seed knows what the disk has. */
#include "drivers/xen/blk/blk_shell.h"

#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "lib/blk_pattern.h"
#include "lib/errno.h"
#include "lib/string.h"

#define UNDER_WAY_MAX 8u
#define BUFFER_PAGES  (BLK_PLAN_SECTORS_MAX * BLK_SECTOR / BLK_PAGE + 1) /* for the offset */

enum step { IDLE, WRITES, READS };

static struct storm {
	struct blkfront *disk;
	uint64_t next, ios, sectors, seed;
	unsigned lanes; /* as many as there is memory for */
	bool roam;
	bool ended; /* by a key, or an error: nothing new */
	int err;
	struct lane {
		struct blkfront_io io;
		struct blk_plan_io plan;
		char *pages;
		enum step step;
		bool done; /* set in a handler */
	} lane[UNDER_WAY_MAX];
} storm;

static void *lane_buffer(const struct lane *l)
{
	return l->pages + l->plan.offset;
}

static void lane_done(struct blkfront_io *io)
{
	__atomic_store_n((bool *)io->ctx, true, __ATOMIC_RELEASE);
}

static void storm_fail(const struct lane *l, int err)
{
	blk_shell_ok(storm.disk, l->plan.first, err);
	storm.err = err;
	storm.ended = true;
}

static void lane_start(struct lane *l, enum step step)
{
	int err;

	l->step = step;
	l->done = false;
	l->io = (struct blkfront_io){
		.what = step == WRITES ? BLKFRONT_WRITE : BLKFRONT_READ,
		.first = l->plan.first,
		.count = l->plan.count,
		.buffer = lane_buffer(l),
		.done = lane_done,
		.ctx = &l->done,
	};
	err = blkfront_submit(storm.disk, &l->io);
	if (!err)
		return;
	l->step = IDLE;
	storm_fail(l, err);
}

/* What was read is compared. */
static void lane_end(struct lane *l)
{
	uint64_t good =
		blk_pattern_check(lane_buffer(l), l->plan.first, l->plan.count, l->plan.seed);

	l->step = IDLE;
	storm.sectors += l->plan.count;
	if (good == l->plan.count)
		return;
	printk("%s: sector %llu is not as it was written\n", blkfront_name(storm.disk),
	       (unsigned long long)(l->plan.first + good));
	storm.err = -EILSEQ;
	storm.ended = true;
}

static void lane_go_on(struct lane *l)
{
	if (l->step == IDLE || !__atomic_load_n(&l->done, __ATOMIC_ACQUIRE))
		return;
	if (l->io.result) {
		l->step = IDLE;
		storm_fail(l, l->io.result);
	} else if (l->step == WRITES) {
		/* What is read is not what stands there already. */
		memset(lane_buffer(l), 0xda, l->plan.count * BLK_SECTOR);
		lane_start(l, READS);
	} else {
		lane_end(l);
	}
}

static bool overlaps(const struct blk_plan_io *a, const struct blk_plan_io *b)
{
	return a->first < b->first + b->count && b->first < a->first + a->count;
}

/* The lane for it, or NULL: it has to wait. */
static struct lane *lane_for(const struct blk_plan_io *plan)
{
	struct lane *idle = NULL;

	for (struct lane *l = storm.lane; l < storm.lane + storm.lanes; l++) {
		if (l->step == IDLE)
			idle = l;
		else if (overlaps(&l->plan, plan))
			return NULL;
	}
	return idle;
}

static bool storm_start_next(void)
{
	const struct blk_disk *d = blkfront_disk(storm.disk);
	struct blk_plan_io plan;
	struct lane *l;

	if (storm.ended || storm.next == storm.ios)
		return false;
	plan = blk_plan(d->sectors, d->sector_size / BLK_SECTOR, storm.seed, storm.next);
	l = lane_for(&plan);
	if (!l)
		return false;
	l->plan = plan;
	blk_pattern_fill(lane_buffer(l), plan.first, plan.count, plan.seed);
	storm.next++;
	lane_start(l, WRITES);
	return true;
}

/* One turn. True: nothing is under way any more, and nothing will be. */
static bool storm_turn(void *ctx)
{
	bool busy = false;

	if (!storm.ended && shell_typed()) {
		shell_drop_input();
		storm.ended = true;
	}
	for (struct lane *l = storm.lane; l < storm.lane + storm.lanes; l++)
		lane_go_on(l);
	while (storm_start_next())
		if (storm.roam)
			blkfront_roam(storm.disk);
	for (struct lane *l = storm.lane; l < storm.lane + storm.lanes; l++)
		busy |= l->step != IDLE;
	return !busy && (storm.ended || storm.next == storm.ios);
}

static bool storm_open(struct blkfront *disk, uint64_t seed, uint64_t ios, bool roam)
{
	char *pages;

	storm = (struct storm){.disk = disk, .ios = ios, .seed = seed, .roam = roam};
	while (storm.lanes < UNDER_WAY_MAX && (pages = pages_alloc(BUFFER_PAGES)))
		storm.lane[storm.lanes++].pages = pages;
	return storm.lanes;
}

static void storm_print(void)
{
	const char *name = blkfront_name(storm.disk);

	if (storm.err)
		printk("%s: failed after %llu of %llu ios\n", name,
		       (unsigned long long)storm.next, (unsigned long long)storm.ios);
	else
		printk("%s: %llu writes verified, %llu sectors%s\n", name,
		       (unsigned long long)storm.next, (unsigned long long)storm.sectors,
		       storm.ended ? ", ended by a key" : "");
}

int blk_shell_storm(struct blkfront *disk, uint64_t seed, uint64_t ios, bool roam)
{
	if (!blkfront_disk(disk)->sectors || !storm_open(disk, seed, ios, roam)) {
		printk("%s: no sectors, or no memory\n", blkfront_name(disk));
		return -ENOMEM;
	}
	time_wait(storm_turn, NULL, UINT64_MAX);
	storm_print();
	for (unsigned i = 0; i < storm.lanes; i++)
		pages_free(storm.lane[i].pages, BUFFER_PAGES);
	return storm.err;
}
