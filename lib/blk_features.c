/* SPDX-License-Identifier: MIT */
#include "lib/blk_features.h"

#include <xen/grant_table.h>
#include <xen/io/blkif.h>

#include "lib/errno.h"
#include "lib/string.h"

/* Bytes of a disk fit a signed 64-bit number, and so does any sum of two sectors. */
#define SECTORS_MAX (INT64_MAX / BLK_SECTOR)

static const char *const key_names[BLK_NR_KEYS] = {
	[BLK_MAX_RING_PAGE_ORDER] = "max-ring-page-order",
	[BLK_MAX_RING_PAGES] = "max-ring-pages",
	[BLK_MAX_QUEUES] = "multi-queue-max-queues",
	[BLK_SECTORS] = "sectors",
	[BLK_SECTOR_SIZE] = "sector-size",
	[BLK_PHYSICAL_SECTOR_SIZE] = "physical-sector-size",
	[BLK_INFO] = "info",
	[BLK_FLUSH_CACHE] = "feature-flush-cache",
	[BLK_BARRIER] = "feature-barrier",
	[BLK_DISCARD] = "feature-discard",
	[BLK_DISCARD_GRANULARITY] = "discard-granularity",
	[BLK_DISCARD_ALIGNMENT] = "discard-alignment",
	[BLK_DISCARD_SECURE] = "discard-secure",
	[BLK_PERSISTENT] = "feature-persistent",
	[BLK_MAX_INDIRECT_SEGMENTS] = "feature-max-indirect-segments",
};

const char *blk_key_name(enum blk_key key)
{
	return key_names[key];
}

/* The reading of all keys, up to the first error: what follows it is not read, and is 0. */
struct blk_reader {
	const char *const *text;
	enum blk_key *key;
	int err;
};

static void reader_fail(struct blk_reader *r, enum blk_key key, int err)
{
	if (r->err)
		return;
	r->err = err;
	*r->key = key;
}

/* Decimal digits and nothing else, as the header has it: str_to_u64() would take 0x as well. */
static int number_parse(const char *text, uint64_t *value)
{
	const char *digits = *text == '-' ? text + 1 : text;
	int err;

	for (const char *c = digits; *c; c++)
		if (*c < '0' || *c > '9')
			return -EINVAL;
	if (!*digits)
		return -EINVAL;
	if (digits != text)
		return -EDOM;
	err = str_to_u64(text, value);
	return err == -ERANGE ? -EOVERFLOW : err;
}

static uint64_t read_number(struct blk_reader *r, enum blk_key key, uint64_t max)
{
	uint64_t value = 0;
	int err;

	if (r->err)
		return 0;
	err = r->text[key] ? number_parse(r->text[key], &value) : -ENOENT;
	if (!err && value > max)
		err = -EOVERFLOW;
	if (err)
		reader_fail(r, key, err);
	return err ? 0 : value;
}

static uint32_t read_u32(struct blk_reader *r, enum blk_key key)
{
	return (uint32_t)read_number(r, key, UINT32_MAX);
}

static uint32_t read_u32_or(struct blk_reader *r, enum blk_key key, uint32_t missing)
{
	return r->text[key] ? read_u32(r, key) : missing;
}

static bool read_bool(struct blk_reader *r, enum blk_key key)
{
	uint32_t value = read_u32_or(r, key, 0);

	if (value > 1)
		reader_fail(r, key, -ERANGE);
	return value == 1;
}

static bool is_power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

static unsigned at_most(uint32_t n, unsigned max)
{
	return n < max ? n : max;
}

int blk_transport_parse(const char *const text[BLK_NR_KEYS], struct blk_transport *out,
			enum blk_key *key)
{
	struct blk_reader r = {.text = text, .key = key};
	uint32_t order = read_u32_or(&r, BLK_MAX_RING_PAGE_ORDER, 0);
	uint32_t pages = read_u32_or(&r, BLK_MAX_RING_PAGES, 1);
	uint32_t queues = read_u32_or(&r, BLK_MAX_QUEUES, 1);

	if (order > 31)
		reader_fail(&r, BLK_MAX_RING_PAGE_ORDER, -EOVERFLOW);
	if (!is_power_of_two(pages))
		reader_fail(&r, BLK_MAX_RING_PAGES, -ERANGE);
	if (!queues)
		reader_fail(&r, BLK_MAX_QUEUES, -ERANGE);
	if (r.err)
		return r.err;
	/* The older key counts pages, and the larger of the two holds (ring-page-order). */
	while (order < BLK_RING_ORDER_MAX && pages >> (order + 1))
		order++;
	*out = (struct blk_transport){
		.ring_order = (uint8_t)at_most(order, BLK_RING_ORDER_MAX),
		.queues = (uint8_t)at_most(queues, BLK_QUEUES_MAX),
	};
	return 0;
}

static void read_sizes(struct blk_reader *r, struct blk_disk *d)
{
	d->sectors = read_number(r, BLK_SECTORS, SECTORS_MAX);
	d->sector_size = read_u32(r, BLK_SECTOR_SIZE);
	if (!is_power_of_two(d->sector_size) || d->sector_size < BLK_SECTOR)
		reader_fail(r, BLK_SECTOR_SIZE, -ERANGE);
	/* A segment is whole sectors within one page. */
	if (d->sector_size > BLK_PAGE)
		reader_fail(r, BLK_SECTOR_SIZE, -EOPNOTSUPP);
	if (r->err)
		return;
	if (d->sectors % (d->sector_size / BLK_SECTOR))
		reader_fail(r, BLK_SECTORS, -EILSEQ);
	d->physical_size = read_u32_or(r, BLK_PHYSICAL_SECTOR_SIZE, d->sector_size);
	if (!d->physical_size)
		reader_fail(r, BLK_PHYSICAL_SECTOR_SIZE, -ERANGE);
	if (d->physical_size % d->sector_size)
		reader_fail(r, BLK_PHYSICAL_SECTOR_SIZE, -EILSEQ);
}

static void read_info(struct blk_reader *r, struct blk_disk *d)
{
	/* Bits that nobody has defined yet are none of ours. */
	uint32_t info = read_u32(r, BLK_INFO);

	d->cdrom = info & VDISK_CDROM;
	d->removable = info & VDISK_REMOVABLE;
	d->readonly = info & VDISK_READONLY;
}

/* Without discard the rest may say what it likes. */
static void read_discard(struct blk_reader *r, struct blk_disk *d)
{
	d->discard = read_bool(r, BLK_DISCARD);
	if (!d->discard)
		return;
	d->discard_secure = read_bool(r, BLK_DISCARD_SECURE);
	d->discard_granularity = read_u32_or(r, BLK_DISCARD_GRANULARITY, d->sector_size);
	d->discard_alignment = read_u32_or(r, BLK_DISCARD_ALIGNMENT, 0);
	if (r->err)
		return;
	if (!d->discard_granularity)
		reader_fail(r, BLK_DISCARD_GRANULARITY, -ERANGE);
	if (d->discard_granularity % d->sector_size)
		reader_fail(r, BLK_DISCARD_GRANULARITY, -EILSEQ);
	if (d->discard_alignment % d->sector_size)
		reader_fail(r, BLK_DISCARD_ALIGNMENT, -EILSEQ);
}

static void read_features(struct blk_reader *r, struct blk_disk *d)
{
	uint32_t indirect;

	d->flush = read_bool(r, BLK_FLUSH_CACHE);
	d->barrier = read_bool(r, BLK_BARRIER);
	d->persistent = read_bool(r, BLK_PERSISTENT);
	indirect = at_most(read_u32_or(r, BLK_MAX_INDIRECT_SEGMENTS, 0), BLK_SEGMENTS_MAX);
	/* Fewer than a request carries by itself are of no use. */
	d->segments = (uint16_t)(indirect > BLKIF_MAX_SEGMENTS_PER_REQUEST
					 ? indirect
					 : BLKIF_MAX_SEGMENTS_PER_REQUEST);
}

int blk_disk_parse(const char *const text[BLK_NR_KEYS], struct blk_disk *out, enum blk_key *key)
{
	struct blk_reader r = {.text = text, .key = key};
	struct blk_disk d = {0};

	read_sizes(&r, &d);
	read_info(&r, &d);
	read_features(&r, &d);
	read_discard(&r, &d);
	if (r.err)
		return r.err;
	*out = d;
	return 0;
}

const char *blk_features_error(int err)
{
	switch (err) {
	case -ENOENT:
		return "missing";
	case -EINVAL:
		return "not a number";
	case -EDOM:
		return "negative";
	case -EOVERFLOW:
		return "too large";
	case -ERANGE:
		return "impossible";
	case -EILSEQ:
		return "contradicts another key";
	case -EOPNOTSUPP:
		return "not supported";
	default:
		return "no error of a key";
	}
}
