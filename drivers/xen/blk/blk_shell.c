/* SPDX-License-Identifier: MIT */
#include "drivers/xen/blk/blk_shell.h"

#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/errno.h"
#include "lib/string.h"

#define NUMBERS_MAX 5u

bool blk_shell_ok(const struct blkfront *disk, uint64_t sector, int err)
{
	if (err)
		printk("%s: sector %llu: error %d, %s\n", blkfront_name(disk),
		       (unsigned long long)sector, err, blkfront_error(err));
	return !err;
}

static int flush(struct blkfront *disk, const uint64_t *n, unsigned count)
{
	struct blkfront_io io = {.what = BLKFRONT_FLUSH};
	int err = blkfront_do(disk, &io);

	if (err)
		printk("%s: flush: error %d, %s\n", blkfront_name(disk), err,
		       blkfront_error(err));
	else
		printk("%s: flushed\n", blkfront_name(disk));
	return err;
}

static int discard(struct blkfront *disk, const uint64_t *n, unsigned count)
{
	struct blkfront_io io = {.what = BLKFRONT_DISCARD, .first = n[0], .count = n[1]};
	int err = blkfront_do(disk, &io);

	if (!blk_shell_ok(disk, n[0], err))
		return err;
	if (!io.count)
		printk("%s: nothing discarded, it can only forget %u bytes at once\n",
		       blkfront_name(disk), blkfront_disk(disk)->discard_granularity);
	else
		printk("%s: sectors %llu to %llu discarded\n", blkfront_name(disk),
		       (unsigned long long)io.first,
		       (unsigned long long)(io.first + io.count - 1));
	return err;
}

static int read(struct blkfront *disk, const uint64_t *n, unsigned count)
{
	if (count == 1)
		return -EINVAL;
	return count ? blk_shell_read(disk, n[0], n[1])
		     : blk_shell_read(disk, 0, blkfront_disk(disk)->sectors);
}

static int write(struct blkfront *disk, const uint64_t *n, unsigned count)
{
	return blk_shell_write(disk, n[0], n[1], n[2]);
}

static int verify(struct blkfront *disk, const uint64_t *n, unsigned count)
{
	return count == 2 ? blk_shell_storm(disk, n[0], n[1], false)
			  : blk_shell_verify(disk, n[0], n[1], n[2]);
}

static int roam(struct blkfront *disk, const uint64_t *n, unsigned count)
{
	return blk_shell_storm(disk, n[0], n[1], true);
}

static int bench_what(struct blkfront *disk, enum blkfront_what what, const uint64_t *n,
		      unsigned count)
{
	uint64_t all[NUMBERS_MAX] = {5, 8, 64};

	memcpy(all, n, count * sizeof(n[0]));
	return blk_shell_bench(disk, what, all);
}

static int bench(struct blkfront *disk, const uint64_t *n, unsigned count)
{
	return bench_what(disk, BLKFRONT_READ, n, count);
}

static int bench_write(struct blkfront *disk, const uint64_t *n, unsigned count)
{
	return bench_what(disk, BLKFRONT_WRITE, n, count);
}

static int patience(struct blkfront *disk, const uint64_t *n, unsigned count)
{
	blkfront_set_patience(disk, n[0] < UINT32_MAX ? (uint32_t)n[0] : UINT32_MAX);
	return 0;
}

static const struct verb {
	const char *name;
	int (*run)(struct blkfront *disk, const uint64_t *n, unsigned count);
	unsigned least, most; /* numbers */
} verbs[] = {
	{"read", read, 0, 2},       {"write", write, 3, 3},       {"verify", verify, 2, 3},
	{"roam", roam, 2, 2},       {"bench", bench, 0, 5},       {"flush", flush, 0, 0},
	{"discard", discard, 2, 2}, {"patience", patience, 1, 1}, {"bench-write", bench_write, 0, 5},
};

static int list(void)
{
	for (struct blkfront *disk = blkfront_next(NULL); disk; disk = blkfront_next(disk))
		blkfront_print(disk);
	return 0;
}

static int verb_run(const struct verb *verb, const char *name, const uint64_t *n,
		    unsigned count)
{
	struct blkfront *disk = blkfront_get(name);
	int err;

	if (!disk) {
		printk("blk: there is no disk %s\n", name);
		return 0;
	}
	blkfront_await(disk); /* it may have come just now; else the verb says what it is not */
	err = verb->run(disk, n, count);
	blkfront_put(disk);
	return err == -EINVAL ? err : 0; /* the others have been said */
}

SHELL_COMMAND(blk, "ls|VERB DISK [NUMBER...]",
	      "disks; read write verify roam bench bench-write flush discard patience")
{
	uint64_t n[NUMBERS_MAX] = {0};
	const struct verb *verb = verbs, *end = verbs + sizeof(verbs) / sizeof(verbs[0]);

	if (count == 2 && !strcmp(words[1], "ls"))
		return list();
	if (count < 3)
		return -EINVAL;
	while (verb < end && strcmp(verb->name, words[1]))
		verb++;
	if (verb == end || count - 3 < verb->least || count - 3 > verb->most)
		return -EINVAL;
	for (unsigned i = 3; i < count; i++)
		if (str_to_u64(words[i], &n[i - 3]))
			return -EINVAL;
	return verb_run(verb, words[2], n, count - 3);
}
