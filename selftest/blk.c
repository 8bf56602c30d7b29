/* SPDX-License-Identifier: MIT */
/* A disk that may be written to (scratch=xvdb): what comes back is what was written, and each
 * io ends once, whatever there are of them at a time. */
#include "drivers/xen/blk/blkfront.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/options.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "lib/blk_pattern.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "selftest/needs.h"

#define NO_SCRATCH "no disk to write to: scratch="
#define PAGES      65u /* of the buffer: 256 KiB at any place in its first page, and a bit */
#define SECTORS    ((PAGES - 1) * (BLK_PAGE / BLK_SECTOR))
#define CROWD      640u /* ios at a time: more than any ring has slots */
#define JUNK       0xa5

static struct {
	struct blkfront *disk;
	uint8_t *buffer;
	uint32_t unit;    /* 512-byte sectors in one of the disk's */
	uint64_t sectors; /* that the tests use */
} s;

/* False: there is no such disk, or it is too small; said. */
static bool scratch_open(void)
{
	s.disk = options.scratch[0] ? blkfront_get(options.scratch) : NULL;
	if (!s.disk) {
		selftest_skip(NO_SCRATCH);
		return false;
	}
	s.buffer = pages_alloc(PAGES);
	if (!CHECK(s.buffer) || !CHECK(blkfront_await(s.disk)))
		return false;
	s.unit = blkfront_disk(s.disk)->sector_size / BLK_SECTOR;
	s.sectors = blkfront_disk(s.disk)->sectors;
	return CHECK(s.sectors >= SECTORS);
}

static void scratch_close(void)
{
	if (s.buffer)
		pages_free(s.buffer, PAGES);
	blkfront_put(s.disk);
	s.buffer = NULL;
	s.disk = NULL;
}

static int scratch_do(enum blkfront_what what, void *buffer, uint64_t first, uint64_t count)
{
	struct blkfront_io io = {
		.what = what, .first = first, .count = count, .buffer = buffer};

	return blkfront_do(s.disk, &io);
}

/* --- one at a time --- */

static bool is_junk(const uint8_t *from, const uint8_t *to)
{
	while (from < to)
		if (*from++ != JUNK)
			return false;
	return true;
}

/* Written and read back from `offset` of the buffer on; no byte beside it changes. */
static void check_range(uint32_t offset, uint64_t first, uint64_t count, uint64_t seed)
{
	uint8_t *at = s.buffer + offset, *end = at + count * BLK_SECTOR;

	blk_pattern_fill(at, first, count, seed);
	CHECK_EQ(scratch_do(BLKFRONT_WRITE, at, first, count), 0);
	memset(s.buffer, JUNK, PAGES * BLK_PAGE);
	CHECK_EQ(scratch_do(BLKFRONT_READ, at, first, count), 0);
	CHECK_EQ(blk_pattern_check(at, first, count, seed), count);
	CHECK(is_junk(s.buffer, at) && is_junk(end, s.buffer + PAGES * BLK_PAGE));
}

SELFTEST(blk_write_read)
{
	uint64_t seed = options.seed;

	if (scratch_open()) {
		for (uint64_t count = s.unit; count <= SECTORS; count = count * 3 + s.unit)
			for (uint32_t skip = 0; skip < BLK_PAGE / BLK_SECTOR; skip += s.unit)
				check_range(skip * BLK_SECTOR,
					    (s.sectors - count) / s.unit * s.unit, count,
					    seed++);
		check_range(0, 0, SECTORS, seed);
	}
	scratch_close();
}

static void check_refused(enum blkfront_what what, uint32_t offset, uint64_t first,
			  uint64_t count, int err)
{
	CHECK_EQ(scratch_do(what, s.buffer + offset, first, count), err);
}

/* What is no io of the disk is refused at once, and nothing has happened. */
SELFTEST(blk_refused)
{
	uint64_t end;

	if (scratch_open()) {
		end = blkfront_disk(s.disk)->sectors;
		for (enum blkfront_what what = BLKFRONT_READ; what <= BLKFRONT_WRITE; what++) {
			check_refused(what, 0, 0, 0, -EINVAL);
			check_refused(what, 0, end, s.unit, -ENOSPC);
			check_refused(what, 0, end - s.unit, 2 * s.unit, -ENOSPC);
			check_refused(what, 0, UINT64_MAX, 2, -EOVERFLOW);
			check_refused(what, 8, 0, s.unit, -EILSEQ);
			if (s.unit > 1) {
				check_refused(what, 0, 1, s.unit, -EDOM);
				check_refused(what, 0, 0, 1, -EDOM);
				check_refused(what, BLK_SECTOR, 0, s.unit, -EILSEQ);
			}
		}
		check_refused(BLKFRONT_READ, 0, end - s.unit, s.unit, 0);
	}
	scratch_close();
}

/* --- many at a time --- */

static struct crowd_io {
	struct blkfront_io io;
	uint32_t ends;
} * crowd;
static volatile uint32_t crowd_ended;
static uint32_t crowd_failed;

static void crowd_end(struct blkfront_io *io)
{
	struct crowd_io *c = io->ctx;

	__atomic_add_fetch(&c->ends, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&crowd_failed, !!io->result, __ATOMIC_RELAXED);
	__atomic_add_fetch(&crowd_ended, 1, __ATOMIC_RELEASE);
}

/* All at once, over and over through the buffer; unit sectors each, or an odd number of units.
 */
static void crowd_submit(enum blkfront_what what, uint32_t count, bool roam)
{
	crowd_ended = crowd_failed = 0;
	for (uint32_t i = 0; i < CROWD; i++) {
		uint64_t at = (uint64_t)i * s.unit % (SECTORS - count + s.unit);

		crowd[i] = (struct crowd_io){.io = {.what = what,
						    .first = at,
						    .count = count,
						    .buffer = s.buffer + at * BLK_SECTOR,
						    .done = crowd_end,
						    .ctx = &crowd[i]}};
		CHECK_EQ(blkfront_submit(s.disk, &crowd[i].io), 0);
		if (roam)
			blkfront_roam(s.disk);
	}
}

static void crowd_check(void)
{
	CHECK(selftest_wait_count(&crowd_ended, CROWD));
	CHECK_EQ(crowd_failed, 0);
	for (uint32_t i = 0; i < CROWD; i++)
		CHECK_EQ(crowd[i].ends, 1);
}

/* They overlap, but all write what is there already, each from its own place. */
static void check_crowd(uint32_t count, bool roam)
{
	crowd = heap_alloc(CROWD * sizeof(*crowd));
	if (CHECK(crowd)) {
		blk_pattern_fill(s.buffer, 0, SECTORS, options.seed);
		CHECK_EQ(scratch_do(BLKFRONT_WRITE, s.buffer, 0, SECTORS), 0);
		crowd_submit(BLKFRONT_WRITE, count, roam);
		crowd_check();
		memset(s.buffer, JUNK, SECTORS * BLK_SECTOR);
		crowd_submit(BLKFRONT_READ, count, roam);
		crowd_check();
		CHECK_EQ(scratch_do(BLKFRONT_READ, s.buffer, 0, SECTORS), 0);
		CHECK_EQ(blk_pattern_check(s.buffer, 0, SECTORS, options.seed), SECTORS);
	}
	heap_free(crowd);
}

/* More than the ring has slots: the others wait for room. */
SELFTEST(blk_crowd)
{
	struct blkfront_counts before, after;

	if (scratch_open()) {
		before = blkfront_counts(s.disk);
		check_crowd(s.unit, false);
		check_crowd(13 * s.unit, false);
		after = blkfront_counts(s.disk);
		CHECK(after.requests - before.requests >= 4 * CROWD);
		CHECK(after.sends - before.sends <= after.requests - before.requests);
	}
	scratch_close();
}

/* Each queue's irq goes from CPU to CPU meanwhile. */
SELFTEST(blk_roaming)
{
	NEEDS(cpus);
	if (scratch_open())
		check_crowd(5 * s.unit, true);
	scratch_close();
}

/* Nothing was lost on the way to the medium, where there is one behind the backend's cache. */
SELFTEST(blk_flush)
{
	int err;

	if (scratch_open()) {
		err = scratch_do(BLKFRONT_FLUSH, NULL, 0, 0);
		CHECK(!err || err == -EOPNOTSUPP);
		err = scratch_do(BLKFRONT_DISCARD, NULL, 0, SECTORS);
		CHECK(!err || err == -EOPNOTSUPP);
		check_range(0, 0, SECTORS, options.seed);
	}
	scratch_close();
}
