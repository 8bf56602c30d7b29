/* SPDX-License-Identifier: MIT */
/* What a block backend announces, as texts of any kind; whatever of it is taken for a disk,
 * reads and writes to that are cut into requests, which must be such as the backend can carry
 * out. */
#include "tests/fuzz/fuzz.h"

#include "lib/blk_features.h"
#include "lib/blk_request.h"
#include "lib/blk_split.h"
#include "lib/errno.h"

#define PIECES_MAX 8u

static char *text[BLK_NR_KEYS];

/* Lines of a letter, that of the key, and its value; to an empty line or the end. */
static void read_texts(struct fuzz *f)
{
	for (unsigned key = 0; key < BLK_NR_KEYS; key++)
		text[key] = NULL;
	while (f->left && *f->bytes != '\n') {
		unsigned key = (unsigned)(fuzz_u8(f) - 'a') % BLK_NR_KEYS;
		const uint8_t *end = memchr(f->bytes, '\n', f->left);
		size_t n = end ? (size_t)(end - f->bytes) : f->left;

		free(text[key]);
		text[key] = fuzz_alloc(n + 1);
		fuzz_take(f, text[key], n);
		fuzz_u8(f);
	}
	fuzz_u8(f);
}

static bool is_power(uint64_t n)
{
	return n && !(n & (n - 1));
}

static void check_disk(const struct blk_disk *d)
{
	fuzz_assert(is_power(d->sector_size) && d->sector_size >= 512 &&
		    d->sector_size <= 4096);
	fuzz_assert(d->physical_size && d->physical_size % d->sector_size == 0);
	fuzz_assert(d->sectors <= INT64_MAX / 512 && d->sectors * 512 % d->sector_size == 0);
	fuzz_assert(d->segments >= 11 && d->segments <= BLK_SEGMENTS_MAX);
	fuzz_assert(d->discard || !(d->discard_secure || d->discard_granularity));
	fuzz_assert(!d->discard || d->discard_granularity);
	fuzz_assert((d->discard_granularity | d->discard_alignment) % d->sector_size == 0);
}

static bool read_disk(struct blk_disk *d)
{
	const char *const *all = (const char *const *)text;
	struct blk_transport t;
	enum blk_key key = BLK_NR_KEYS;
	int err = blk_transport_parse(all, &t, &key);

	if (!err)
		fuzz_assert(t.ring_order <= BLK_RING_ORDER_MAX && t.queues &&
			    t.queues <= BLK_QUEUES_MAX);
	else
		fuzz_assert(key <= BLK_MAX_QUEUES && *blk_key_name(key));
	key = BLK_NR_KEYS;
	err = blk_disk_parse(all, d, &key);
	fuzz_assert(*blk_features_error(err));
	if (err)
		fuzz_assert(key >= BLK_SECTORS && key < BLK_NR_KEYS);
	else
		check_disk(d);
	return !err;
}

/* As blkback looks at a segment, and that it stands on the ring as it was meant. */
static uint64_t check_segment(const struct blk_disk *d, const struct blkif_request_segment *seg,
			      const struct blk_piece *p, uint32_t i)
{
	uint64_t at = blk_piece_segment(p, i).page + seg->first_sect * 512u;
	uint32_t n = seg->last_sect - seg->first_sect + 1u;

	fuzz_assert(seg->gref == 1000 + i && seg->first_sect <= seg->last_sect);
	fuzz_assert(seg->last_sect < 8 && n * 512 % d->sector_size == 0);
	fuzz_assert(at >= p->address && at + n * 512 - p->address <= p->count * 512ull);
	return n;
}

static void check_request(const struct blk_disk *d, const struct blk_piece *p)
{
	grant_ref_t *refs = fuzz_alloc(p->segments * sizeof(*refs)), table_ref = 7;
	uint32_t pages = blk_indirect_pages(p->segments);
	struct blkif_request_segment *table = fuzz_alloc(pages * BLK_PAGE), *segs = table;
	struct blk_tag tag = {.id = 99, .handle = 3};
	union blk_request req;
	uint64_t sectors = 0;
	int err;

	fuzz_assert(pages <= 1);
	for (uint32_t i = 0; i < p->segments; i++)
		refs[i] = 1000 + i;
	err = blk_request_direct(&req, tag, p, refs);
	fuzz_assert(err == (pages ? -E2BIG : 0));
	if (!err)
		segs = req.direct.seg;
	err = blk_request_indirect(&req, tag, p, refs, table, &table_ref);
	fuzz_assert(err == (pages ? 0 : -EINVAL));
	for (uint32_t i = 0; i < p->segments; i++)
		sectors += check_segment(d, &segs[i], p, i);
	fuzz_assert(sectors == p->count && req.direct.id == tag.id);
	free(table);
	free(refs);
}

/* All of the io, each sector once, in order. */
static void check_io(const struct blk_disk *d, const struct blk_io *io)
{
	uint64_t sector = io->first, address = io->address;
	struct blk_split s;
	struct blk_piece p;
	unsigned pieces = 0;
	int err = blk_split_begin(&s, d, io);

	fuzz_assert(*blk_split_error(err));
	if (err)
		return;
	fuzz_assert(io->count <= d->sectors && io->first <= d->sectors - io->count);
	fuzz_assert(!io->write || !d->readonly);
	for (; pieces < PIECES_MAX && blk_split_next(&s, &p); pieces++) {
		fuzz_assert(p.sector == sector && p.address == address && p.count);
		fuzz_assert(p.segments && p.segments <= d->segments);
		check_request(d, &p);
		sector += p.count;
		address += p.count * 512ull;
	}
	fuzz_assert(pieces == PIECES_MAX || sector == io->first + io->count);
}

/* Whole extents, all within the range, and less than one left over at either end. */
static void check_discard(const struct blk_disk *d, uint64_t first, uint64_t count, bool secure)
{
	union blk_request req;
	uint64_t begin = first, n, extent = d->discard_granularity / 512;
	int err = blk_request_discard(&req, (struct blk_tag){.id = 5}, d, first, count, secure);

	fuzz_assert(!err || !d->discard || d->readonly || (secure && !d->discard_secure) ||
		    blk_range_check(d, first, count));
	if (blk_range_check(d, first, count))
		return;
	n = blk_discard_shrink(d, &begin, count);
	if (!n) {
		fuzz_assert(!extent || count < 2 * extent);
		return;
	}
	fuzz_assert(n % extent == 0 && begin >= first && begin + n <= first + count);
	fuzz_assert(begin - first < extent && first + count - (begin + n) < extent);
	fuzz_assert((begin + extent - d->discard_alignment / 512 % extent) % extent == 0);
}

static void check_response(struct fuzz *f, const struct blk_disk *d)
{
	struct blkif_response rsp = {.id = fuzz_u8(f) % 8, .operation = fuzz_u8(f) % 8};
	union blk_request req;
	int err, result = 1;

	rsp.status = (int16_t)(fuzz_u8(f) % 8 - 4);
	err = blk_request_flush(&req, (struct blk_tag){.id = 5}, d);
	fuzz_assert(err == (d->readonly ? -EROFS : d->flush || d->barrier ? 0 : -EOPNOTSUPP));
	if (err)
		return;
	err = blk_response_check(&rsp, &req, &result);
	fuzz_assert(*blk_response_error(err) && (err == 0) == (result <= 0));
	fuzz_assert(err || (rsp.id == 5 && rsp.operation == req.direct.operation));
}

static void use_disk(struct fuzz *f, const struct blk_disk *d)
{
	while (f->left) {
		uint8_t how = fuzz_u8(f);
		struct blk_io io = {.first = how & 4 ? fuzz_u64(f) : fuzz_u16(f),
				    .count = how & 8 ? fuzz_u64(f) : fuzz_u16(f),
				    .write = how & 16};

		io.address = how & 32 ? fuzz_u64(f) : fuzz_u16(f) * 512ull;
		io.length = how & 64 ? fuzz_u64(f) : io.count * 512;
		if (how % 4 < 2)
			check_io(d, &io);
		else if (how % 4 == 2)
			check_discard(d, io.first, io.count, io.write);
		else
			check_response(f, d);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz f = {bytes, size};
	struct blk_disk disk;

	read_texts(&f);
	if (read_disk(&disk))
		use_disk(&f, &disk);
	for (unsigned key = 0; key < BLK_NR_KEYS; key++)
		free(text[key]);
	return 0;
}
