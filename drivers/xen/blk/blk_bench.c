/* SPDX-License-Identifier: MIT */
/* `blk bench` and `bench-write`: reads or writes from one end to the other, or here and there, so
 * many at a time. What is to be compared are the notifications and irqs for each request; in
 * emulation time is elastic. */
#include "drivers/xen/blk/blk_shell.h"

#include "arch/x86/cpu.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "kernel/work.h"
#include "lib/count_mark.h"
#include "lib/errno.h"
#include "lib/splitmix64.h"

#define DEPTH_MAX   64u
#define KIB_MAX     1024u
#define SECONDS_MAX 3600u

static struct bench {
	struct blkfront *disk;
	enum blkfront_what what;
	uint64_t count; /* sectors of each */
	uint64_t seed;  /* of where they are; 0: one behind the other */
	uint64_t begun, most, until;
	uint32_t depth;
	int err; /* the first */
	struct job {
		struct blkfront_io io;
		bool out; /* until a handler says that it is done */
	} job[DEPTH_MAX];
} bench;

static void bench_fail(int err)
{
	if (!bench.err)
		bench.err = err;
}

static void job_done(struct blkfront_io *io)
{
	struct job *j = io->ctx;

	__atomic_store_n(&j->out, false, __ATOMIC_RELEASE);
	if (this_cpu()->id)
		cpu_poke(0); /* the shell's: it may be asleep */
}

static bool job_is_out(const struct job *j)
{
	return __atomic_load_n(&j->out, __ATOMIC_ACQUIRE);
}

/* tests/bench/peer/disk.c has the same. */
static uint64_t job_place(void)
{
	uint64_t places = blkfront_disk(bench.disk)->sectors / bench.count, n = bench.begun;

	if (!places)
		return 0; /* and it is refused */
	return (bench.seed ? splitmix64(bench.seed, n) : n) % places * bench.count;
}

static void job_start(struct job *j)
{
	int err;

	j->io.what = bench.what;
	j->io.first = job_place();
	j->io.count = bench.count;
	j->io.more = true;
	j->io.done = job_done;
	j->io.ctx = j;
	j->out = true;
	err = blkfront_submit(bench.disk, &j->io);
	bench.begun += !err;
	if (err) {
		j->out = false;
		bench_fail(err);
	}
}

static bool bench_is_over(void)
{
	return bench.err || time_now_ns() >= bench.until || shell_typed();
}

/* One turn: each that is done is followed by another. True: nothing is out, for good. */
static bool bench_turn(void *ctx)
{
	bool over = bench_is_over(), busy = false;

	for (struct job *j = bench.job; j < bench.job + bench.depth; j++) {
		if (job_is_out(j)) {
			busy = true;
			continue;
		}
		if (j->io.result)
			bench_fail(j->io.result);
		if (!over && !bench.err && bench.begun < bench.most) {
			job_start(j);
			busy |= !bench.err; /* refused, it wakes nobody */
		}
	}
	blkfront_notify(bench.disk);
	return !busy;
}

static void bench_print(struct blkfront_counts from, uint64_t ns)
{
	struct blkfront_counts to = blkfront_counts(bench.disk);

	printk("%s: %llu %s, %llu requests, %llu KiB in %llu us, %llu sends, %llu irqs\n",
	       blkfront_name(bench.disk), (unsigned long long)bench.begun,
	       bench.what == BLKFRONT_WRITE ? "writes" : "reads",
	       (unsigned long long)(to.requests - from.requests),
	       (unsigned long long)(to.bytes - from.bytes) / 1024,
	       (unsigned long long)(ns / 1000), (unsigned long long)(to.sends - from.sends),
	       (unsigned long long)(to.irqs - from.irqs));
}

static void bench_run(uint64_t seconds)
{
	struct blkfront_counts from = blkfront_counts(bench.disk);
	uint64_t start = time_now_ns(), ns;

	bench.until = start + seconds * NS_PER_SEC;
	COUNT_MARK(COUNT_BEGIN);
	work_sleep_until(bench_turn, NULL); /* a yield would cost a hypercall */
	COUNT_MARK(COUNT_END);
	ns = time_now_ns() - start;
	shell_drop_input();
	if (bench.err)
		printk("%s: error %d, %s\n", blkfront_name(bench.disk), bench.err,
		       blkfront_error(bench.err));
	bench_print(from, ns);
}

int blk_shell_bench(struct blkfront *disk, enum blkfront_what what, const uint64_t *n)
{
	uint64_t seconds = n[0], depth = n[1], kib = n[2];
	uint64_t bytes = kib * 1024;
	unsigned pages;
	char *buffer;

	if (!depth || depth > DEPTH_MAX || !kib || kib > KIB_MAX || seconds > SECONDS_MAX)
		return -EINVAL;
	pages = (unsigned)((depth * bytes + BLK_PAGE - 1) / BLK_PAGE);
	buffer = pages_alloc(pages);
	if (!buffer) {
		printk("%s: no memory for %u pages\n", blkfront_name(disk), pages);
		return -ENOMEM;
	}
	bench = (struct bench){
		.disk = disk,
		.what = what,
		.count = bytes / BLK_SECTOR,
		.seed = n[4],
		.most = n[3] ? n[3] : UINT64_MAX,
		.depth = (uint32_t)depth,
	};
	for (unsigned i = 0; i < depth; i++)
		bench.job[i].io.buffer = buffer + i * bytes;
	bench_run(seconds);
	pages_free(buffer, pages);
	return 0;
}
