/* SPDX-License-Identifier: MIT */
/* The way of a read or write through all of it, as a driver goes it: split, id, request, ring,
 * a backend with a disk in memory, response; and again from the ring on after a suspend. */
#include "tests/host/fake_blkback.h"

#include "lib/blk_request.h"
#include "lib/errno.h"
#include "lib/front_ids.h"
#include "lib/front_ring.h"

#define NR_IOS     6u
#define IO_SECTORS 1024u /* of each io's own part of the disk, and of the memory */
#define IO_PAGES   (IO_SECTORS / 8)
#define SLOTS_MAX  128u /* each has a page for descriptors at the beginning of the memory */
#define RING_BYTES (4 * 4096u)

static struct front {
	struct front_ring ring;
	struct front_ids ids;
	struct front_ids_slot slot[SLOTS_MAX];
	union blk_request sent[SLOTS_MAX];
	unsigned io_of[SLOTS_MAX];
	unsigned left[NR_IOS]; /* pieces without a response */
	void *page;
	size_t bytes;
} f;
static struct fake_blkback b;
static uint8_t *expected; /* the disk's contents */
static uint32_t seed;

static const struct front_ring_shape shape = FRONT_RING_SHAPE(blkif);

static void front_receive(void)
{
	struct blkif_response rsp;
	int n, slot, result;

	while ((n = front_ring_take(&f.ring, &rsp)) == 1) {
		slot = front_ids_answer(&f.ids, rsp.id);
		assert_true(slot >= 0);
		assert_int_equal(blk_response_check(&rsp, &f.sent[slot], &result), 0);
		assert_int_equal(result, 0);
		assert_true(f.left[f.io_of[slot]]-- > 0);
	}
	assert_int_equal(n, 0);
}

/* Another backend, the same page: what was not answered is sent again, in the order of old. */
static void front_resume(void)
{
	uint32_t slot;

	assert_int_equal(front_ring_begin(&f.ring, f.page, f.bytes, &shape), 0);
	blkback_connect(&b, f.page, f.bytes);
	for (slot = front_ids_first(&f.ids); slot != FRONT_IDS_END;
	     slot = front_ids_next(&f.ids, slot))
		assert_int_equal(front_ring_put(&f.ring, &f.sent[slot]), 0);
	front_ring_push(&f.ring);
}

static void front_turn(bool all)
{
	front_ring_push(&f.ring);
	blkback_run(&b, all);
	if (!all && next_random(&seed) % 20 == 0)
		front_resume();
	else
		front_receive();
}

static void front_fill(int slot, uint64_t id, const struct blk_piece *piece)
{
	struct blk_tag tag = {.id = id, .handle = 51712};
	uint8_t *table = b.guest + (size_t)slot * BLK_PAGE;
	grant_ref_t refs[BLK_SEGMENTS_MAX], table_ref = GUEST_REF + slot;

	for (uint32_t i = 0; i < piece->segments; i++)
		refs[i] = GUEST_REF + blk_piece_segment(piece, i).page / BLK_PAGE;
	if (blk_indirect_pages(piece->segments))
		assert_int_equal(blk_request_indirect(&f.sent[slot], tag, piece, refs,
						      (void *)table, &table_ref),
				 0);
	else
		assert_int_equal(blk_request_direct(&f.sent[slot], tag, piece, refs), 0);
}

static void front_send(unsigned io, const struct blk_piece *piece)
{
	uint64_t id;
	int slot;

	while ((slot = front_ids_take(&f.ids, &id)) == -ENOSPC)
		front_turn(false);
	front_fill(slot, id, piece);
	f.io_of[slot] = io;
	f.left[io]++;
	/* There are as many ids as slots of the ring. */
	assert_int_equal(front_ring_put(&f.ring, &f.sent[slot]), 0);
	if (next_random(&seed) % 3 == 0)
		front_turn(false);
}

/* Its part of the disk, and of the memory; a write's bytes are new. */
static struct blk_io io_make(unsigned i)
{
	uint32_t unit = b.disk.sector_size / 512;
	uint32_t room = IO_SECTORS / unit / 2, count = 1 + next_random(&seed) % room;
	struct blk_io io = {
		.first = i * IO_SECTORS + next_random(&seed) % room * unit,
		.count = count * unit,
		.address = (SLOTS_MAX + i * IO_PAGES) * (uint64_t)BLK_PAGE +
			   next_random(&seed) % room * b.disk.sector_size,
		.length = (uint64_t)count * b.disk.sector_size,
		.write = next_random(&seed) % 2,
	};

	for (uint64_t at = 0; at < io.length; at++)
		b.guest[io.address + at] = (uint8_t)next_random(&seed);
	if (io.write)
		memcpy(expected + io.first * 512, b.guest + io.address, io.length);
	return io;
}

static void do_ios(void)
{
	struct blk_io io[NR_IOS];

	for (unsigned i = 0; i < NR_IOS; i++) {
		struct blk_split s;
		struct blk_piece piece;

		io[i] = io_make(i);
		assert_int_equal(blk_split_begin(&s, &b.disk, &io[i]), 0);
		while (blk_split_next(&s, &piece))
			front_send(i, &piece);
	}
	front_turn(true);
	for (unsigned i = 0; i < NR_IOS; i++) {
		assert_int_equal(f.left[i], 0);
		assert_memory_equal(b.guest + io[i].address, expected + io[i].first * 512,
				    io[i].length);
	}
	assert_int_equal(f.ids.nr_out, 0);
}

static void run(uint32_t sector_size, uint16_t segments, size_t ring_bytes)
{
	size_t disk_bytes = NR_IOS * IO_SECTORS * 512;

	seed = sector_size + segments;
	b = (struct fake_blkback){.disk = {.sectors = NR_IOS * IO_SECTORS,
					   .sector_size = sector_size,
					   .segments = segments},
				  .guest_pages = SLOTS_MAX + NR_IOS * IO_PAGES,
				  .seed = 3};
	b.bytes = calloc(1, disk_bytes);
	expected = calloc(1, disk_bytes);
	b.guest = calloc(b.guest_pages, BLK_PAGE);
	f = (struct front){.page = aligned_alloc(4096, ring_bytes), .bytes = ring_bytes};
	assert_int_equal(front_ring_begin(&f.ring, f.page, f.bytes, &shape), 0);
	assert_int_equal(front_ids_init(&f.ids, f.slot, f.ring.slots, 64), 0);
	blkback_connect(&b, f.page, f.bytes);
	for (unsigned turn = 0; turn < 40; turn++)
		do_ios();
	assert_memory_equal(b.bytes, expected, disk_bytes);
	assert_true(b.requests > 200 && (b.indirect > 100) == (segments > 11));
	free(b.bytes);
	free(b.guest);
	free(expected);
	free(f.page);
}

static void test_direct(void **state)
{
	(void)state;
	run(512, 11, 4096);
	run(4096, 11, 4096);
}

static void test_indirect(void **state)
{
	(void)state;
	run(512, 32, 4096);
	run(4096, 256, RING_BYTES);
}

static void test_several_pages_of_ring(void **state)
{
	(void)state;
	run(512, 11, RING_BYTES);
	run(1024, 11, 2 * 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_direct),
		cmocka_unit_test(test_indirect),
		cmocka_unit_test(test_several_pages_of_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
