/* SPDX-License-Identifier: MIT */
/* A read or write of any length, cut into pieces that a block ring's request can carry:
 * segments within one page each, and no more of them than the backend takes. Pure logic,
 * nothing is allocated: a piece is numbers, from which each of its segments is computed.
 *
 * What does not fit the disk's own sectors is refused, on the disk or in memory: to write a
 * part of a sector would be to read, change and write it, which two writers at a time would do
 * wrong, and a sector across two pages cannot be said on the ring at all. Whoever wants it
 * copies by a buffer of his own. */
#ifndef LIB_BLK_SPLIT_H
#define LIB_BLK_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/blk_features.h"

/* What is to be done. */
struct blk_io {
	uint64_t first, count;    /* sectors of 512 bytes */
	uint64_t address, length; /* of the buffer, bytes; its pages lie one behind the other */
	bool write;
};

/* One request. */
struct blk_piece {
	uint64_t sector;   /* the first, of 512 bytes */
	uint32_t count;    /* of them */
	uint32_t segments; /* 1 to what the disk takes; more than 11: indirect descriptors */
	uint64_t address;
	bool write;
};

struct blk_segment {
	uint64_t page;                 /* its address */
	uint8_t first_sect, last_sect; /* units of 512 bytes within it, the last one included */
};

/* What is left of an io. */
struct blk_split {
	struct blk_io left;
	uint32_t max; /* segments */
};

/* Looks whether the disk can do it. 0; or, for the first that is the case,
 * -EINVAL: count is 0; -EROFS: a write to a disk that is read-only; -EOVERFLOW: first + count
 * runs over; -ENOSPC: beyond the disk's end; -EMSGSIZE: length is not count sectors; -EFAULT:
 * the buffer runs over the end of all addresses; -EDOM: first or count is no whole number of
 * the disk's sectors; -EILSEQ: the address is no multiple of its sector size. */
int blk_split_begin(struct blk_split *s, const struct blk_disk *disk, const struct blk_io *io);
/* The next piece; false: there are no more. */
bool blk_split_next(struct blk_split *s, struct blk_piece *piece);
/* The i-th segment, i < piece->segments. */
struct blk_segment blk_piece_segment(const struct blk_piece *piece, uint32_t i);

/* The same looks at a range of the disk alone, for a discard, which is no part of a split. */
int blk_range_check(const struct blk_disk *disk, uint64_t first, uint64_t count);
/* Shrinks a range that has passed to whole extents that the disk can discard. The count that is
 * left; 0: not one is whole, or the disk discards nothing. */
uint64_t blk_discard_shrink(const struct blk_disk *disk, uint64_t *first, uint64_t count);

const char *blk_split_error(int err);

#endif
