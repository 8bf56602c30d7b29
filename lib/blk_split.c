/* SPDX-License-Identifier: MIT */
#include "lib/blk_split.h"

#include "lib/errno.h"

#define SECTORS_PER_PAGE (BLK_PAGE / BLK_SECTOR)

int blk_range_check(const struct blk_disk *disk, uint64_t first, uint64_t count)
{
	uint32_t unit = disk->sector_size / BLK_SECTOR;

	if (!count)
		return -EINVAL;
	if (first + count < first)
		return -EOVERFLOW;
	if (first + count > disk->sectors)
		return -ENOSPC;
	return first % unit || count % unit ? -EDOM : 0;
}

/* How far a sector is behind the beginning of its extent. They begin at the disk's alignment
 * and every extent from there, backwards as well. */
static uint64_t sector_in_extent(const struct blk_disk *disk, uint64_t sector, uint64_t extent)
{
	return (sector + extent - disk->discard_alignment / BLK_SECTOR % extent) % extent;
}

uint64_t blk_discard_shrink(const struct blk_disk *disk, uint64_t *first, uint64_t count)
{
	uint64_t extent = disk->discard_granularity / BLK_SECTOR;
	uint64_t begin, end = *first + count;

	if (!extent)
		return 0;
	begin = *first + extent - 1;
	begin -= sector_in_extent(disk, begin, extent);
	end -= sector_in_extent(disk, end, extent);
	*first = begin;
	/* end may have gone below 0, when the first extent has no beginning on the disk. */
	return (int64_t)(end - begin) > 0 ? end - begin : 0;
}

/* count is no more than a disk has: its bytes fit 64 bits. */
static int buffer_check(const struct blk_disk *disk, const struct blk_io *io)
{
	if (io->length != io->count * BLK_SECTOR)
		return -EMSGSIZE;
	if (io->address + (io->length - 1) < io->address)
		return -EFAULT;
	return io->address % disk->sector_size ? -EILSEQ : 0;
}

int blk_split_begin(struct blk_split *s, const struct blk_disk *disk, const struct blk_io *io)
{
	int err = blk_range_check(disk, io->first, io->count);

	if (io->write && disk->readonly && err != -EINVAL)
		err = -EROFS;
	if (!err)
		err = buffer_check(disk, io);
	if (err)
		return err;
	*s = (struct blk_split){.left = *io, .max = disk->segments};
	return 0;
}

static uint32_t sector_in_page(uint64_t address)
{
	return address % BLK_PAGE / BLK_SECTOR;
}

bool blk_split_next(struct blk_split *s, struct blk_piece *piece)
{
	struct blk_io *left = &s->left;
	uint32_t skip = sector_in_page(left->address);
	/* The first page from the buffer's beginning on, the others whole. */
	uint32_t count = s->max * SECTORS_PER_PAGE - skip;

	if (!left->count)
		return false;
	if (count > left->count)
		count = (uint32_t)left->count;
	*piece = (struct blk_piece){
		.sector = left->first,
		.count = count,
		.segments = (skip + count + SECTORS_PER_PAGE - 1) / SECTORS_PER_PAGE,
		.address = left->address,
		.write = left->write,
	};
	left->first += count;
	left->count -= count;
	left->address += (uint64_t)count * BLK_SECTOR;
	left->length -= (uint64_t)count * BLK_SECTOR;
	return true;
}

struct blk_segment blk_piece_segment(const struct blk_piece *piece, uint32_t i)
{
	uint32_t skip = sector_in_page(piece->address);
	/* Sectors from the first page's beginning to the piece's end, or this page's. */
	uint32_t end = skip + piece->count - i * SECTORS_PER_PAGE;

	return (struct blk_segment){
		.page = piece->address - piece->address % BLK_PAGE + (uint64_t)i * BLK_PAGE,
		.first_sect = (uint8_t)(i ? 0 : skip),
		.last_sect = (uint8_t)((end < SECTORS_PER_PAGE ? end : SECTORS_PER_PAGE) - 1),
	};
}

const char *blk_split_error(int err)
{
	switch (err) {
	case -EINVAL:
		return "no sectors";
	case -EROFS:
		return "the disk is read-only";
	case -EOVERFLOW:
		return "the range runs over";
	case -ENOSPC:
		return "beyond the end of the disk";
	case -EMSGSIZE:
		return "the buffer's length is another";
	case -EFAULT:
		return "the buffer runs over";
	case -EDOM:
		return "no whole sectors of the disk";
	case -EILSEQ:
		return "the buffer is not aligned to the disk's sectors";
	default:
		return "no error of a split";
	}
}
