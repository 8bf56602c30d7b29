/* SPDX-License-Identifier: MIT */
/* Between the files of the shell's command `blk`. */
#ifndef DRIVERS_XEN_BLK_BLK_SHELL_H
#define DRIVERS_XEN_BLK_BLK_SHELL_H

#include "drivers/xen/blk/blkfront.h"
#include "kernel/memory.h"

/* Of a buffer that a command goes through a disk with: as many as there is memory for. */
#define BLK_SHELL_PAGES 64u

/* Says what became of a request for a sector; true: it went well. */
bool blk_shell_ok(const struct blkfront *disk, uint64_t sector, int err);

/* 0, or -errno that has been said. */
int blk_shell_read(struct blkfront *disk, uint64_t first, uint64_t count);
int blk_shell_write(struct blkfront *disk, uint64_t first, uint64_t count, uint64_t seed);
int blk_shell_verify(struct blkfront *disk, uint64_t first, uint64_t count, uint64_t seed);
/* roam: irqs move meanwhile. */
int blk_shell_storm(struct blkfront *disk, uint64_t seed, uint64_t ios, bool roam);
/* Reads or writes (zeros). n: seconds, how many at a time, KiB of each; how many at most, or 0; a seed
 * of where, or 0. */
int blk_shell_bench(struct blkfront *disk, enum blkfront_what what, const uint64_t *n);

#endif
