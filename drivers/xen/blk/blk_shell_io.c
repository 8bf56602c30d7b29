/* SPDX-License-Identifier: MIT */
/* `blk read`, `write` and `verify FIRST COUNT SEED`: through the disk from one end to the
 * other, a buffer at a time. */
#include "drivers/xen/blk/blk_shell.h"

#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/blk_pattern.h"
#include "lib/errno.h"
#include "lib/sha256.h"

struct walk {
	struct blkfront *disk;
	uint64_t first, count, seed;
	struct sha256 sha;
	/* What is done with count sectors in the buffer; before a write, behind a read. Sectors
	 * that are as they should be. */
	uint64_t (*step)(struct walk *w, void *buffer, uint64_t first, uint64_t count);
	enum blkfront_what what;
};

/* 0; -errno; -EAGAIN: a key. */
static int walk_step(struct walk *w, void *buffer, uint64_t first, uint64_t count)
{
	struct blkfront_io io = {
		.what = w->what, .first = first, .count = count, .buffer = buffer};
	uint64_t good = count;
	int err;

	if (shell_typed()) {
		shell_drop_input();
		printk("%s: ended by a key at sector %llu\n", blkfront_name(w->disk),
		       (unsigned long long)first);
		return -EAGAIN;
	}
	if (w->what == BLKFRONT_WRITE)
		w->step(w, buffer, first, count);
	err = blkfront_do(w->disk, &io);
	if (!blk_shell_ok(w->disk, first, err))
		return err;
	if (w->what == BLKFRONT_READ)
		good = w->step(w, buffer, first, count);
	if (good == count)
		return 0;
	printk("%s: sector %llu is not as it was written\n", blkfront_name(w->disk),
	       (unsigned long long)(first + good));
	return -EILSEQ;
}

static int walk_pages(struct walk *w, void *buffer, unsigned pages)
{
	uint64_t most = pages * (BLK_PAGE / BLK_SECTOR), left = w->count, at = w->first;
	int err = 0;

	/* What is no range of the disk is asked for all the same: it says why not. */
	if (!left)
		return walk_step(w, buffer, at, 0);
	while (left && !err) {
		uint64_t n = left < most ? left : most;

		err = walk_step(w, buffer, at, n);
		at += n;
		left -= n;
	}
	return err;
}

static int walk(struct walk *w)
{
	unsigned pages = BLK_SHELL_PAGES;
	void *buffer;
	int err;

	while (!(buffer = pages_alloc(pages)) && pages > 1)
		pages /= 2;
	if (!buffer) {
		printk("%s: no memory\n", blkfront_name(w->disk));
		return -ENOMEM;
	}
	err = walk_pages(w, buffer, pages);
	pages_free(buffer, pages);
	return err == -EINVAL ? -EDOM : err; /* the command's usage is not the question */
}

static uint64_t step_hash(struct walk *w, void *buffer, uint64_t first, uint64_t count)
{
	sha256_add(&w->sha, buffer, count * BLK_SECTOR);
	return count;
}

static uint64_t step_fill(struct walk *w, void *buffer, uint64_t first, uint64_t count)
{
	blk_pattern_fill(buffer, first, count, w->seed);
	return count;
}

static uint64_t step_check(struct walk *w, void *buffer, uint64_t first, uint64_t count)
{
	return blk_pattern_check(buffer, first, count, w->seed);
}

int blk_shell_read(struct blkfront *disk, uint64_t first, uint64_t count)
{
	struct walk w = {.disk = disk, .first = first, .count = count, .step = step_hash};
	char text[2 * SHA256_BYTES + 1];
	uint8_t digest[SHA256_BYTES];
	int err;

	sha256_begin(&w.sha);
	err = walk(&w);
	if (err)
		return err;
	sha256_end(&w.sha, digest);
	sha256_text(digest, text);
	printk("%s: sectors %llu to %llu: sha256 %s\n", blkfront_name(disk),
	       (unsigned long long)first, (unsigned long long)(first + count - 1), text);
	return 0;
}

int blk_shell_write(struct blkfront *disk, uint64_t first, uint64_t count, uint64_t seed)
{
	struct walk w = {.disk = disk,
			 .first = first,
			 .count = count,
			 .seed = seed,
			 .step = step_fill,
			 .what = BLKFRONT_WRITE};
	struct blkfront_io io = {.what = BLKFRONT_FLUSH};
	int err = walk(&w);

	if (err)
		return err;
	printk("%s: %llu sectors written\n", blkfront_name(disk), (unsigned long long)count);
	err = blkfront_do(disk, &io);
	if (err == -EOPNOTSUPP) /* there is nothing between it and its medium */
		return 0;
	if (err)
		printk("%s: flush: error %d, %s\n", blkfront_name(disk), err,
		       blkfront_error(err));
	return err;
}

int blk_shell_verify(struct blkfront *disk, uint64_t first, uint64_t count, uint64_t seed)
{
	struct walk w = {
		.disk = disk, .first = first, .count = count, .seed = seed, .step = step_check};
	int err = walk(&w);

	if (!err)
		printk("%s: %llu sectors are as written\n", blkfront_name(disk),
		       (unsigned long long)count);
	return err;
}
