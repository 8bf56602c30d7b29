/* SPDX-License-Identifier: MIT */
/* Requests byte by byte, in the layout of x86-64; responses of all kinds. */
#include "tests/host/test.h"

#include "lib/blk_request.h"
#include "lib/errno.h"

static const struct blk_disk disk = {.sectors = 1000,
				     .sector_size = 512,
				     .segments = 256,
				     .discard = true,
				     .discard_granularity = 512};
static const struct blk_tag tag = {.id = 0x1122334455667788, .handle = 0xca01};

static grant_ref_t ref_of(uint32_t i)
{
	return 0x01000000 * (i % 7) + 100 + i;
}

static struct blk_piece piece_of(uint64_t sector, uint32_t count, uint64_t address, bool write)
{
	struct blk_io io = {sector, count, address, count * 512ull, write};
	struct blk_disk large = disk;
	struct blk_split s;
	struct blk_piece p;

	large.sectors = 1ull << 40;
	large.segments = 65535;
	assert_int_equal(blk_split_begin(&s, &large, &io), 0);
	assert_true(blk_split_next(&s, &p));
	return p;
}

/* Filled with what must not be seen by a backend. */
static union blk_request *request_new(void)
{
	union blk_request *req = malloc(sizeof(*req));

	memset(req, 0xa5, sizeof(*req));
	return req;
}

static uint64_t number_at(const void *bytes, size_t at, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, (const char *)bytes + at, size);
	return v;
}

static void zero_from(const void *bytes, size_t from, size_t to)
{
	for (; from < to; from++)
		assert_int_equal(((const uint8_t *)bytes)[from], 0);
}

static void test_direct(void **state)
{
	struct blk_piece p = piece_of(0x123456789a, 10, 0x5600, true);
	union blk_request *req = request_new();
	grant_ref_t *refs = malloc(2 * sizeof(*refs));

	(void)state;
	refs[0] = 0xdeadbeef;
	refs[1] = 9;
	assert_int_equal(blk_request_direct(req, tag, &p, refs), 0);
	assert_int_equal(number_at(req, 0, 1), BLKIF_OP_WRITE);
	assert_int_equal(number_at(req, 1, 1), 2);
	assert_int_equal(number_at(req, 2, 2), 0xca01);
	zero_from(req, 4, 8);
	assert_int_equal(number_at(req, 8, 8), tag.id);
	assert_int_equal(number_at(req, 16, 8), 0x123456789a);
	assert_int_equal(number_at(req, 24, 4), 0xdeadbeef);
	assert_int_equal(number_at(req, 28, 2), 3 | 7 << 8);
	zero_from(req, 30, 32);
	assert_int_equal(number_at(req, 32, 4), 9);
	assert_int_equal(number_at(req, 36, 2), 0 | 4 << 8);
	zero_from(req, 38, 112);
	p.write = false;
	assert_int_equal(blk_request_direct(req, tag, &p, refs), 0);
	assert_int_equal(number_at(req, 0, 1), BLKIF_OP_READ);
	free(refs);
	free(req);
}

static void test_direct_limit(void **state)
{
	struct blk_piece p = piece_of(0, 88, 0x1000, false);
	union blk_request *req = request_new();
	grant_ref_t refs[11];

	(void)state;
	for (uint32_t i = 0; i < 11; i++)
		refs[i] = ref_of(i);
	assert_int_equal(blk_request_direct(req, tag, &p, refs), 0);
	for (uint32_t i = 0; i < 11; i++) {
		assert_int_equal(req->direct.seg[i].gref, ref_of(i));
		assert_int_equal(req->direct.seg[i].first_sect, 0);
		assert_int_equal(req->direct.seg[i].last_sect, 7);
	}
	assert_int_equal(blk_request_indirect(req, tag, &p, refs, NULL, NULL), -EINVAL);
	p = piece_of(0, 89, 0x1000, false);
	assert_int_equal(blk_request_direct(req, tag, &p, refs), -E2BIG);
	free(req);
}

/* As many descriptors as a table of so many pages, allocated to the byte. */
static void check_indirect(uint32_t segments, uint32_t pages)
{
	struct blk_piece p = piece_of(77, segments * 8 - 3, 0x1200, true);
	union blk_request *req = request_new();
	struct blkif_request_segment *table = malloc(segments * sizeof(*table));
	grant_ref_t *refs = malloc(segments * sizeof(*refs)), *table_refs = malloc(pages * 4);

	assert_int_equal(p.segments, segments);
	assert_int_equal(blk_indirect_pages(segments), pages);
	memset(table, 0xa5, segments * sizeof(*table));
	for (uint32_t i = 0; i < segments; i++)
		refs[i] = ref_of(i);
	for (uint32_t i = 0; i < pages; i++)
		table_refs[i] = 7000 + i;
	assert_int_equal(blk_request_indirect(req, tag, &p, refs, table, table_refs), 0);
	assert_int_equal(number_at(req, 0, 1), BLKIF_OP_INDIRECT);
	assert_int_equal(number_at(req, 1, 1), BLKIF_OP_WRITE);
	assert_int_equal(number_at(req, 2, 2), segments);
	zero_from(req, 4, 8);
	assert_int_equal(number_at(req, 8, 8), tag.id);
	assert_int_equal(number_at(req, 16, 8), 77);
	assert_int_equal(number_at(req, 24, 2), 0xca01);
	zero_from(req, 26, 28);
	for (uint32_t i = 0; i < pages; i++)
		assert_int_equal(number_at(req, 28 + 4 * i, 4), 7000 + i);
	zero_from(req, 28 + 4 * pages, 112);
	for (uint32_t i = 0; i < segments; i++) {
		assert_int_equal(number_at(table, 8 * i, 4), ref_of(i));
		assert_int_equal(table[i].first_sect, i ? 0 : 1);
		assert_int_equal(table[i].last_sect, i == segments - 1 ? 5 : 7);
		zero_from(table, 8 * i + 6, 8 * i + 8);
	}
	free(table_refs);
	free(refs);
	free(table);
	free(req);
}

static void test_indirect(void **state)
{
	struct blk_piece p = piece_of(0, 4097 * 8, 0x1000, false);
	union blk_request req;

	(void)state;
	check_indirect(12, 1);
	check_indirect(256, 1);
	check_indirect(512, 1);
	check_indirect(513, 2);
	check_indirect(4096, 8);
	assert_int_equal(blk_indirect_pages(11), 0);
	assert_int_equal(blk_indirect_pages(1), 0);
	assert_int_equal(blk_request_indirect(&req, tag, &p, NULL, NULL, NULL), -E2BIG);
}

static void test_flush(void **state)
{
	struct blk_disk d = disk;
	union blk_request *req = request_new();

	(void)state;
	assert_int_equal(blk_request_flush(req, tag, &d), -EOPNOTSUPP);
	d.barrier = true;
	assert_int_equal(blk_request_flush(req, tag, &d), 0);
	assert_int_equal(number_at(req, 0, 8), BLKIF_OP_WRITE_BARRIER | 0xca010000);
	d.flush = true;
	memset(req, 0xa5, sizeof(*req));
	assert_int_equal(blk_request_flush(req, tag, &d), 0);
	assert_int_equal(number_at(req, 0, 8), BLKIF_OP_FLUSH_DISKCACHE | 0xca010000);
	assert_int_equal(number_at(req, 8, 8), tag.id);
	zero_from(req, 16, 112);
	d.readonly = true;
	assert_int_equal(blk_request_flush(req, tag, &d), -EROFS);
	free(req);
}

static void test_discard(void **state)
{
	struct blk_disk d = disk;
	union blk_request *req = request_new();

	(void)state;
	assert_int_equal(blk_request_discard(req, tag, &d, 10, 990, false), 0);
	assert_int_equal(number_at(req, 0, 8), BLKIF_OP_DISCARD | 0xca010000);
	assert_int_equal(number_at(req, 8, 8), tag.id);
	assert_int_equal(number_at(req, 16, 8), 10);
	assert_int_equal(number_at(req, 24, 8), 990);
	zero_from(req, 32, 112);
	assert_int_equal(blk_request_discard(req, tag, &d, 10, 991, false), -ENOSPC);
	assert_int_equal(blk_request_discard(req, tag, &d, 10, 0, false), -EINVAL);
	assert_int_equal(blk_request_discard(req, tag, &d, 10, UINT64_MAX, false), -EOVERFLOW);
	assert_int_equal(blk_request_discard(req, tag, &d, 10, 1, true), -EOPNOTSUPP);
	d.discard_secure = true;
	assert_int_equal(blk_request_discard(req, tag, &d, 10, 1, true), 0);
	assert_int_equal(number_at(req, 1, 1), BLKIF_DISCARD_SECURE);
	d.sector_size = 4096;
	assert_int_equal(blk_request_discard(req, tag, &d, 10, 8, false), -EDOM);
	d.readonly = true;
	assert_int_equal(blk_request_discard(req, tag, &d, 8, 8, false), -EROFS);
	d.discard = false;
	assert_int_equal(blk_request_discard(req, tag, &d, 8, 8, false), -EOPNOTSUPP);
	free(req);
}

static int respond(const union blk_request *req, uint64_t id, unsigned operation, int status)
{
	struct blkif_response rsp = {
		.id = id, .operation = operation, .status = (int16_t)status};
	int result = 1, err = blk_response_check(&rsp, req, &result);

	assert_int_equal(err != 0, result == 1); /* written only when it is a response */
	return err ? err : 1000 + result;
}

static void test_status(void **state)
{
	struct blk_piece p = piece_of(5, 1, 0, false);
	union blk_request req;
	grant_ref_t ref = 1;

	(void)state;
	assert_int_equal(blk_request_direct(&req, tag, &p, &ref), 0);
	for (int status = INT16_MIN; status <= INT16_MAX; status++) {
		int expect = status == 0    ? 1000
			     : status == -1 ? 1000 - EIO
			     : status == -2 ? 1000 - EOPNOTSUPP
					    : -ERANGE;

		assert_int_equal(respond(&req, tag.id, BLKIF_OP_READ, status), expect);
	}
	assert_int_equal(respond(&req, tag.id + 1, BLKIF_OP_READ, 0), -ENOENT);
	assert_string_not_equal(blk_response_error(-ENOENT), blk_response_error(-EBADMSG));
	assert_string_not_equal(blk_response_error(-ENOENT), blk_response_error(-ERANGE));
	assert_string_not_equal(blk_response_error(-EBADMSG), blk_response_error(-ERANGE));
}

/* Each kind of request, each operation that a response can name. */
static void test_operation(void **state)
{
	struct blk_piece small = piece_of(5, 1, 0, true), large = piece_of(5, 200, 0, false);
	struct blkif_request_segment table[25];
	grant_ref_t refs[25] = {0};
	union blk_request direct, indirect, flush, discard;
	struct blk_disk d = disk;

	(void)state;
	d.flush = true;
	blk_request_direct(&direct, tag, &small, refs);
	blk_request_indirect(&indirect, tag, &large, refs, table, refs);
	blk_request_flush(&flush, tag, &d);
	blk_request_discard(&discard, tag, &d, 0, 1, false);
	for (unsigned op = 0; op < 256; op++) {
		assert_int_equal(respond(&direct, tag.id, op, 0) == 1000, op == BLKIF_OP_WRITE);
		assert_int_equal(respond(&indirect, tag.id, op, 0) == 1000,
				 op == BLKIF_OP_INDIRECT || op == BLKIF_OP_READ);
		assert_int_equal(respond(&flush, tag.id, op, 0) == 1000,
				 op == BLKIF_OP_FLUSH_DISKCACHE);
		assert_int_equal(respond(&discard, tag.id, op, 0),
				 op == BLKIF_OP_DISCARD ? 1000 : -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_direct),    cmocka_unit_test(test_direct_limit),
		cmocka_unit_test(test_indirect),  cmocka_unit_test(test_flush),
		cmocka_unit_test(test_discard),   cmocka_unit_test(test_status),
		cmocka_unit_test(test_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
