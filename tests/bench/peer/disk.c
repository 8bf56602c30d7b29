/* SPDX-License-Identifier: MIT */
/* What `blk bench` and `bench-write` do (drivers/xen/blk/blk_bench.c), in Linux: so many reads or
 * writes of the same places, so many at a time, past the page cache. By the kernel's own calls, a
 * batch of them at a time: a program that does more for each would measure itself.
 *
 *   disk /dev/xvda DEPTH KIB COUNT SEED read|write */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/count_mark.h"
#include "lib/splitmix64.h"

#define DEPTH_MAX 64u

static struct {
	int fd;
	unsigned depth;
	uint64_t bytes, places,
		most;  /* of each; how many there are; how many are wanted */
	uint64_t seed; /* of where they are; 0: one behind the other */
	bool write;
	uint64_t begun, done;
	aio_context_t ctx;
	struct iocb iocb[DEPTH_MAX];
} disk;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t number(const char *word)
{
	char *end;
	uint64_t n = strtoull(word, &end, 10);

	if (*end || end == word) {
		fprintf(stderr, "disk: %s is no number\n", word);
		exit(1);
	}
	return n;
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void submit(struct iocb **list, unsigned count)
{
	unsigned ready = 0;

	while (ready < count && disk.begun < disk.most) {
		uint64_t n = disk.begun++;

		list[ready++]->aio_offset =
			(int64_t)((disk.seed ? splitmix64(disk.seed, n) : n) % disk.places *
				  disk.bytes);
	}
	if (ready && syscall(SYS_io_submit, disk.ctx, ready, list) != ready)
		fail("io_submit");
}

static void run(void)
{
	struct iocb *list[DEPTH_MAX];
	struct io_event events[DEPTH_MAX];

	for (unsigned i = 0; i < disk.depth; i++)
		list[i] = &disk.iocb[i];
	submit(list, disk.depth);
	while (disk.done < disk.most) {
		long count = syscall(SYS_io_getevents, disk.ctx, 1, disk.depth, events, NULL);

		if (count < 1)
			fail("io_getevents");
		for (long i = 0; i < count; i++) {
			if (events[i].res != (int64_t)disk.bytes)
				fail(disk.write ? "write" : "read");
			list[i] = (struct iocb *)(uintptr_t)events[i].obj;
		}
		disk.done += (uint64_t)count;
		submit(list, (unsigned)count);
	}
}

static void prepare(char **words)
{
	uint64_t size;
	char *buffer;

	disk.write = !strcmp(words[5], "write");
	disk.fd = open(words[0], (disk.write ? O_RDWR : O_RDONLY) | O_DIRECT);
	if (disk.fd < 0 || ioctl(disk.fd, BLKGETSIZE64, &size))
		fail(words[0]);
	disk.depth = (unsigned)number(words[1]);
	disk.bytes = number(words[2]) * 1024;
	disk.most = number(words[3]);
	disk.seed = number(words[4]);
	if (!disk.depth || disk.depth > DEPTH_MAX || !disk.bytes || disk.bytes > size) {
		fprintf(stderr, "disk: 1 to %u at a time, of 1 KiB to the disk's size\n", DEPTH_MAX);
		exit(1);
	}
	disk.places = size / disk.bytes;
	buffer = mmap(NULL, disk.depth * disk.bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED || syscall(SYS_io_setup, disk.depth, &disk.ctx))
		fail("io_setup");
	for (unsigned i = 0; i < disk.depth; i++)
		disk.iocb[i] = (struct iocb){.aio_lio_opcode = disk.write ? IOCB_CMD_PWRITE
							       : IOCB_CMD_PREAD,
					     .aio_fildes = (uint32_t)disk.fd,
					     .aio_buf = (uintptr_t)(buffer + i * disk.bytes),
					     .aio_nbytes = disk.bytes};
}

int main(int count, char **words)
{
	uint64_t start;

	if (count != 7) {
		fprintf(stderr, "usage: disk DEVICE DEPTH KIB COUNT SEED read|write\n");
		return 1;
	}
	prepare(words + 1);
	start = now();
	COUNT_MARK(COUNT_BEGIN);
	run();
	COUNT_MARK(COUNT_END);
	printf("disk: %llu %ss in %llu us\n", (unsigned long long)disk.done, words[6],
	       (unsigned long long)((now() - start) / 1000));
	return 0;
}
