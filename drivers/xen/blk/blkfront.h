/* SPDX-License-Identifier: MIT */
/* Disks: the frontend of Xen's block devices (public/io/blkif.h), for whoever reads or writes.
 * What comes in goes through pages of the driver's own, which are all that the backend is ever
 * allowed to touch: the caller's buffer is nobody else's, and free again as soon as the io is
 * done, whatever the backend does.
 *
 * An io is done once: with 0; with what the disk says, -EIO or -EOPNOTSUPP; or with -ENODEV,
 * when the disk has gone meanwhile, or is closed because its backend did what none may. Nothing
 * is promised about the order of ios that are under way at the same time. Across a suspend they
 * wait, and are done by the new backend, from their beginning. */
#ifndef DRIVERS_XEN_BLK_BLKFRONT_H
#define DRIVERS_XEN_BLK_BLKFRONT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/blk_features.h"
#include "lib/blk_split.h"

struct blkfront;

enum blkfront_what {
	BLKFRONT_READ,
	BLKFRONT_WRITE,
	BLKFRONT_FLUSH,   /* what was done before is on the medium */
	BLKFRONT_DISCARD, /* the range may be forgotten, as far as the disk can say it */
};

struct blkfront_io {
	enum blkfront_what what;
	uint64_t first, count; /* sectors of 512 bytes, whole ones of the disk; none to flush */
	void *buffer;          /* count sectors, at a multiple of the disk's sector size */
	/* Once; in any context, interrupts disabled, no lock held. It may submit. NULL: none.
	 */
	void (*done)(struct blkfront_io *io);
	bool more;  /* others follow at once, and then blkfront_notify() */
	void *ctx;  /* the caller's */
	int result; /* when it is done */

	/* The driver's own. */
	struct blkfront_io *next, *prev;
	struct blk_split split; /* what is not sent yet */
	uint32_t out;           /* requests without an answer */
	bool unsent;
};

/* 0: done() follows, or has run already. Else it will not: -ENODEV: the disk is not connected;
 * as blk_split_begin(), blk_request_flush() and blk_request_discard(). The io stays where it is
 * until it is done. Any context. */
int blkfront_submit(struct blkfront *disk, struct blkfront_io *io);
/* After ios with more: the backend hears of those that it does not know yet, once for all of them.
 * It may have found them by itself. Mainline. */
void blkfront_notify(struct blkfront *disk);
/* The same as blkfront_submit(), and waits for it; done is not called. Its result. Mainline. */
int blkfront_do(struct blkfront *disk, struct blkfront_io *io);
/* What these say, as a sentence. */
const char *blkfront_error(int err);

/* The disk of a name ("xvda") or a number ("51712"); NULL: there is none. It stays in memory,
 * though perhaps not connected, until it is put back. Mainline. */
struct blkfront *blkfront_get(const char *name);
void blkfront_put(struct blkfront *disk);
struct blkfront *blkfront_next(const struct blkfront *disk); /* NULL: the first */

const char *blkfront_name(const struct blkfront *disk);
bool blkfront_is_connected(const struct blkfront *disk);
/* Waits for it, while both ends are on the way there. True: it is. Mainline. */
bool blkfront_await(struct blkfront *disk);
/* What its backend says of it, when it was connected last. */
const struct blk_disk *blkfront_disk(const struct blkfront *disk);

/* What all its queues have counted. */
struct blkfront_counts {
	uint64_t requests, bytes, sends, irqs;
};
struct blkfront_counts blkfront_counts(const struct blkfront *disk);

/* Seconds without any answer, while something waits for one, after which the backend is at
 * fault. 0: never. */
void blkfront_set_patience(struct blkfront *disk, uint32_t seconds);
#define BLKFRONT_PATIENCE 60u

/* The irq of the queue whose turn it is goes to the next CPU, wherever the route reaches one.
 */
void blkfront_roam(struct blkfront *disk);

/* Lines for the disk and its queues. */
void blkfront_print(const struct blkfront *disk);

#endif
