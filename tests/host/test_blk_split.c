/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"

#include "lib/blk_split.h"
#include "lib/errno.h"

static const struct blk_disk disk = {.sectors = 1000000, .sector_size = 512, .segments = 11};

static void test_one_segment(void **state)
{
	struct blk_io io = {.first = 7, .count = 2, .address = 0x5600, .length = 1024};
	struct blk_split s;
	struct blk_piece p;
	struct blk_segment seg;

	(void)state;
	assert_int_equal(blk_split_begin(&s, &disk, &io), 0);
	assert_true(blk_split_next(&s, &p));
	assert_int_equal(p.sector, 7);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.segments, 1);
	assert_int_equal(p.address, 0x5600);
	assert_false(p.write);
	seg = blk_piece_segment(&p, 0);
	assert_int_equal(seg.page, 0x5000);
	assert_int_equal(seg.first_sect, 3);
	assert_int_equal(seg.last_sect, 4);
	assert_false(blk_split_next(&s, &p));
	assert_false(blk_split_next(&s, &p));
}

/* 11 pages fill one request; shifted by a sector they need a second one, of one sector. */
static void test_eleven_pages(void **state)
{
	struct blk_io io = {.first = 0, .count = 88, .address = 0x10000, .length = 88 * 512};
	struct blk_split s;
	struct blk_piece p;
	struct blk_segment seg;

	(void)state;
	assert_int_equal(blk_split_begin(&s, &disk, &io), 0);
	assert_true(blk_split_next(&s, &p));
	assert_int_equal(p.count, 88);
	assert_int_equal(p.segments, 11);
	assert_false(blk_split_next(&s, &p));
	io.address += 512;
	io.write = true;
	assert_int_equal(blk_split_begin(&s, &disk, &io), 0);
	assert_true(blk_split_next(&s, &p));
	assert_int_equal(p.count, 87);
	assert_int_equal(p.segments, 11);
	seg = blk_piece_segment(&p, 0);
	assert_int_equal(seg.first_sect, 1);
	assert_int_equal(seg.last_sect, 7);
	seg = blk_piece_segment(&p, 10);
	assert_int_equal(seg.page, 0x1a000);
	assert_int_equal(seg.first_sect, 0);
	assert_int_equal(seg.last_sect, 7);
	assert_true(blk_split_next(&s, &p));
	assert_int_equal(p.sector, 87);
	assert_int_equal(p.count, 1);
	assert_int_equal(p.address, 0x1b000);
	assert_true(p.write);
	assert_false(blk_split_next(&s, &p));
}

static void test_refused(void **state)
{
	const uint64_t end = 1000000, far = UINT64_MAX;
	const struct {
		struct blk_io io;
		int err, err_4096;
	} cases[] = {
		{{0, 8, 0, 4096, false}, 0, 0},
		{{end - 8, 8, 0, 4096, false}, 0, 0},
		{{0, 8, far - 4095, 4096, false}, 0, 0}, /* the last page of all addresses */
		{{0, 0, 0, 0, false}, -EINVAL, -EINVAL},
		{{end, 0, 0, 0, true}, -EINVAL, -EINVAL},
		{{0, 8, 0, 4096, true}, -EROFS, -EROFS},
		{{end, 8, 0, 4096, false}, -ENOSPC, -ENOSPC},
		{{end - 8, 16, 0, 8192, false}, -ENOSPC, -ENOSPC},
		{{0, end + 8, 0, (end + 8) * 512, false}, -ENOSPC, -ENOSPC},
		{{0, 1ull << 56, 0, 0, false}, -ENOSPC, -ENOSPC}, /* bytes run over */
		{{far, 8, 0, 4096, false}, -EOVERFLOW, -EOVERFLOW},
		{{far - 7, 8, 0, 4096, false}, -EOVERFLOW, -EOVERFLOW},
		{{8, far - 7, 0, 0, false}, -EOVERFLOW, -EOVERFLOW},
		{{far - 8, 8, 0, 4096, false}, -ENOSPC, -ENOSPC},
		{{0, 8, 0, 4095, false}, -EMSGSIZE, -EMSGSIZE},
		{{0, 8, 0, 0, false}, -EMSGSIZE, -EMSGSIZE},
		{{0, 8, far - 4094, 4096, false}, -EFAULT, -EFAULT},
		{{0, 16, far - 4095, 8192, false}, -EFAULT, -EFAULT},
		{{0, 8, 1, 4096, false}, -EILSEQ, -EILSEQ},
		{{0, 8, 4096 + 256, 4096, false}, -EILSEQ, -EILSEQ},
		{{0, 8, 512, 4096, false}, 0, -EILSEQ}, /* a sector across two pages */
		{{1, 8, 0, 4096, false}, 0, -EDOM},
		{{8, 7, 0, 3584, false}, 0, -EDOM},
	};
	struct blk_disk d = disk;
	struct blk_split s;

	(void)state;
	d.readonly = true;
	for (size_t i = 0; i < COUNT(cases); i++) {
		d.sector_size = 512;
		assert_int_equal(blk_split_begin(&s, &d, &cases[i].io), cases[i].err);
		d.sector_size = 4096;
		assert_int_equal(blk_split_begin(&s, &d, &cases[i].io), cases[i].err_4096);
		for (size_t other = 0; other < i; other++)
			assert_true(cases[i].err == cases[other].err ||
				    strcmp(blk_split_error(cases[i].err),
					   blk_split_error(cases[other].err)));
	}
	assert_string_not_equal(blk_split_error(-EDOM), blk_split_error(-EILSEQ));
}

static void test_no_medium(void **state)
{
	const struct blk_disk none = {.sector_size = 512, .segments = 11};
	struct blk_io io = {.first = 0, .count = 1, .address = 0, .length = 512};
	struct blk_split s;

	(void)state;
	assert_int_equal(blk_split_begin(&s, &none, &io), -ENOSPC);
}

/* What a request may be, whatever it is a piece of (public/io/blkif.h; blkback checks the
 * same). */
static void check_piece(const struct blk_disk *d, const struct blk_piece *p)
{
	uint64_t at = p->address, sectors = 0;

	assert_true(p->segments >= 1 && p->segments <= d->segments);
	assert_int_equal(p->sector * 512 % d->sector_size, 0);
	for (uint32_t i = 0; i < p->segments; i++) {
		struct blk_segment seg = blk_piece_segment(p, i);
		uint32_t n = seg.last_sect - seg.first_sect + 1u;

		assert_true(seg.first_sect <= seg.last_sect && seg.last_sect < 8);
		assert_int_equal(n * 512 % d->sector_size, 0);
		assert_int_equal(seg.page % 4096, 0);
		assert_int_equal(seg.page + seg.first_sect * 512u, at);
		/* A page is left in its middle only at the end. */
		assert_true(seg.last_sect == 7 || i == p->segments - 1);
		at += n * 512;
		sectors += n;
	}
	assert_int_equal(sectors, p->count);
}

/* All of the io, each sector once, in order; each request but the last one full. */
static void check_cover(const struct blk_disk *d, const struct blk_io *io)
{
	uint64_t sector = io->first, address = io->address;
	struct blk_split s;
	struct blk_piece p;
	uint32_t full = d->segments;

	assert_int_equal(blk_split_begin(&s, d, io), 0);
	while (blk_split_next(&s, &p)) {
		assert_int_equal(full, d->segments);
		assert_int_equal(p.sector, sector);
		assert_int_equal(p.address, address);
		assert_int_equal(p.write, io->write);
		check_piece(d, &p);
		sector += p.count;
		address += p.count * 512u;
		full = p.segments;
	}
	assert_int_equal(sector, io->first + io->count);
	assert_int_equal(address, io->address + io->length);
}

static void test_any_io(void **state)
{
	static const uint16_t limits[] = {11, 12, 64, 255, 256, 4096};
	uint32_t seed = 7;

	(void)state;
	for (unsigned turn = 0; turn < 20000; turn++) {
		struct blk_disk d = {
			.sectors = 1ull << (20 + next_random(&seed) % 34),
			.sector_size = 512u << next_random(&seed) % 4,
			.segments = limits[next_random(&seed) % COUNT(limits)],
		};
		uint64_t unit = d.sector_size / 512;
		uint64_t most = turn % 4 ? 200 : 20000;
		struct blk_io io = {.write = next_random(&seed) % 2};

		io.count = (1 + next_random(&seed) % most) * unit;
		io.length = io.count * 512;
		io.address = (uint64_t)next_random(&seed) * d.sector_size;
		io.first = turn % 3 ? next_random(&seed) % 1000 * unit : d.sectors - io.count;
		check_cover(&d, &io);
	}
}

/* Every buffer of up to 30 sectors, at every place within a page. */
static void test_every_small_io(void **state)
{
	struct blk_disk d = disk;

	(void)state;
	for (uint16_t limit = 1; limit < 6; limit++) {
		d.segments = limit;
		for (uint64_t skip = 0; skip < 8; skip++) {
			for (uint64_t count = 1; count <= 30; count++) {
				struct blk_io io = {.first = 3,
						    .count = count,
						    .address = 0x7000 + skip * 512,
						    .length = count * 512};

				check_cover(&d, &io);
			}
		}
	}
}

/* The whole of the largest disk is begun, and its first piece is right. */
static void test_huge(void **state)
{
	const uint64_t sectors = INT64_MAX / 512;
	const struct blk_disk d = {.sectors = sectors, .sector_size = 512, .segments = 256};
	struct blk_io io = {
		.first = 0, .count = sectors, .address = 0, .length = sectors * 512};
	struct blk_split s;
	struct blk_piece p;

	(void)state;
	assert_int_equal(blk_split_begin(&s, &d, &io), 0);
	assert_true(blk_split_next(&s, &p));
	assert_int_equal(p.count, 2048);
	check_piece(&d, &p);
	assert_true(blk_split_next(&s, &p));
	assert_int_equal(p.sector, 2048);
}

/* Against the plainest way: extent by extent, is it within the range? */
static void test_discard_shrink(void **state)
{
	uint32_t seed = 9;

	(void)state;
	for (unsigned turn = 0; turn < 20000; turn++) {
		uint64_t extent = 1 + next_random(&seed) % 16, offset = next_random(&seed) % 20;
		struct blk_disk d = {.discard = true,
				     .discard_granularity = extent * 512,
				     .discard_alignment = offset * 512};
		uint64_t from = next_random(&seed) % 60, count = next_random(&seed) % 60;
		uint64_t first = from, n = blk_discard_shrink(&d, &first, count), begin = 0;
		unsigned extents = 0;

		for (uint64_t at = offset % extent; at + extent <= from + count; at += extent) {
			if (at < from)
				continue;
			begin = extents++ ? begin : at;
		}
		assert_int_equal(n, extents * extent);
		if (n)
			assert_int_equal(first, begin);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_segment), cmocka_unit_test(test_eleven_pages),
		cmocka_unit_test(test_refused),     cmocka_unit_test(test_no_medium),
		cmocka_unit_test(test_any_io),      cmocka_unit_test(test_every_small_io),
		cmocka_unit_test(test_huge),        cmocka_unit_test(test_discard_shrink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
