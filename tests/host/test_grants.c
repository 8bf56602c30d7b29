/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"
#include "lib/errno.h"
#include "lib/grant_entry.h"
#include "lib/grant_refs.h"

#define RESERVED GNTTAB_NR_RESERVED_ENTRIES

static uint32_t *links(uint32_t *old, uint32_t count)
{
	uint32_t *p = realloc(old, count * sizeof(*p));

	assert_non_null(p);
	return p;
}

static void test_all_and_no_more(void **state)
{
	struct grant_refs refs;

	(void)state;
	grant_refs_init(&refs);
	assert_int_equal(grant_refs_take(&refs), -ENOSPC);
	grant_refs_grow(&refs, links(NULL, 12), 12);
	assert_int_equal(refs.nr_free, 12 - RESERVED);
	for (int ref = RESERVED; ref < 12; ref++)
		assert_int_equal(grant_refs_take(&refs), ref);
	assert_int_equal(grant_refs_take(&refs), -ENOSPC);
	grant_refs_grow(&refs, links(refs.link, 14), 14);
	assert_int_equal(grant_refs_take(&refs), 12);
	assert_int_equal(grant_refs_put(&refs, 9), 0);
	assert_int_equal(grant_refs_take(&refs), 13); /* 9 has been free for a shorter time */
	assert_int_equal(grant_refs_take(&refs), 9);
	assert_int_equal(grant_refs_take(&refs), -ENOSPC);
	free(refs.link);
}

/* What is not out cannot be given back: free, reserved, set aside, or no reference at all. */
static void test_twice(void **state)
{
	static const uint32_t never[] = {0, RESERVED - 1, 11, 16, UINT32_MAX - 1, UINT32_MAX};
	struct grant_refs refs;
	uint32_t ref;

	(void)state;
	grant_refs_init(&refs);
	grant_refs_grow(&refs, links(NULL, 16), 16);
	ref = grant_refs_take(&refs);
	assert_true(grant_refs_is_out(&refs, ref));
	assert_int_equal(grant_refs_put(&refs, ref), 0);
	assert_int_equal(grant_refs_put(&refs, ref), -EINVAL);
	for (size_t i = 0; i < COUNT(never); i++) {
		assert_false(grant_refs_is_out(&refs, never[i]));
		assert_int_equal(grant_refs_put(&refs, never[i]), -EINVAL);
		assert_int_equal(grant_refs_keep(&refs, never[i]), -EINVAL);
	}
	ref = grant_refs_take(&refs);
	assert_int_equal(grant_refs_keep(&refs, ref), 0);
	assert_int_equal(grant_refs_put(&refs, ref), -EINVAL);
	assert_int_equal(grant_refs_keep(&refs, ref), -EINVAL);
	assert_int_equal(grant_refs_take_kept(&refs), ref);
	assert_int_equal(grant_refs_take_kept(&refs), -ENOENT);
	assert_int_equal(grant_refs_put(&refs, ref), 0);
	free(refs.link);
}

/* A long life: no reference is ever handed out that is out, set aside or reserved. */
static void test_random_life(void **state)
{
	enum { FREE, OUT, KEPT } what[256] = {FREE};
	struct grant_refs refs;
	uint32_t seed = 17, free_ones;

	(void)state;
	grant_refs_init(&refs);
	assert_int_equal(grant_refs_nr_out(&refs), 0);
	grant_refs_grow(&refs, links(NULL, 64), 64);
	for (unsigned turn = 0; turn < 100000; turn++) {
		uint32_t ref = next_random(&seed) % 256;
		int n;

		switch (next_random(&seed) % 5) {
		case 0:
		case 1:
			n = grant_refs_take(&refs);
			assert_true(n == -ENOSPC || (n >= (int)RESERVED && what[n] == FREE));
			if (n > 0)
				what[n] = OUT;
			break;
		case 2:
			assert_int_equal(grant_refs_put(&refs, ref),
					 what[ref] == OUT ? 0 : -EINVAL);
			what[ref] = what[ref] == OUT ? FREE : what[ref];
			break;
		case 3:
			assert_int_equal(grant_refs_keep(&refs, ref),
					 what[ref] == OUT ? 0 : -EINVAL);
			what[ref] = what[ref] == OUT ? KEPT : what[ref];
			break;
		case 4:
			n = grant_refs_take_kept(&refs);
			assert_true(n == -ENOENT || what[n] == KEPT);
			if (n > 0)
				what[n] = OUT;
			break;
		}
		if (turn == 50000)
			grant_refs_grow(&refs, links(refs.link, 256), 256);
		n = 0;
		for (uint32_t r = 0; r < 256; r++)
			n += what[r] == OUT;
		assert_int_equal(grant_refs_nr_out(&refs), n);
	}
	free_ones = 0;
	for (uint32_t ref = RESERVED; ref < 256; ref++)
		free_ones += what[ref] == FREE;
	assert_int_equal(refs.nr_free, free_ones);
	free(refs.link);
}

/* --- entries, by their bytes --- */

static void test_v1_bytes(void **state)
{
	uint16_t *table = calloc(4, 8);

	(void)state;
	grant_abi_v1.set(table, 3, 0x1234, 0x89abcdef, false);
	assert_int_equal(table[12], 1);
	assert_int_equal(table[13], 0x1234);
	assert_int_equal(table[14], 0xcdef);
	assert_int_equal(table[15], 0x89ab);
	assert_int_equal(table[11], 0);
	for (uint16_t used = 8; used <= 24; used += 8) { /* reading, writing, both */
		table[12] = 1 | used;
		assert_int_equal(grant_abi_v1.end(table, NULL, 3), -EBUSY);
		assert_int_equal(table[12], 1 | used);
	}
	table[12] = 1;
	assert_int_equal(grant_abi_v1.end(table, NULL, 3), 0);
	assert_int_equal(table[12], 0);
	grant_abi_v1.set(table, 3, 5, 6, true);
	assert_int_equal(table[12], 5); /* access, readonly */
	free(table);
}

static void test_v2_bytes(void **state)
{
	uint16_t *table = calloc(3, 16);
	grant_status_t *status = calloc(3, sizeof(*status));
	uint64_t frame;

	(void)state;
	grant_abi_v2.set(table, 2, 0x1234, 0x123456789aull, true);
	assert_int_equal(table[16], 5);
	assert_int_equal(table[17], 0x1234);
	memcpy(&frame, table + 20, sizeof(frame));
	assert_int_equal(frame, 0x123456789aull);
	for (uint16_t used = 8; used <= 24; used += 8) {
		status[2] = used;
		assert_int_equal(grant_abi_v2.end(table, status, 2), -EBUSY);
		assert_int_equal(table[16], 0); /* nobody else gets in */
	}
	status[2] = 0;
	status[1] = 24; /* somebody else's */
	assert_int_equal(grant_abi_v2.end(table, status, 2), 0);
	free(status);
	free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_and_no_more), cmocka_unit_test(test_twice),
		cmocka_unit_test(test_random_life),     cmocka_unit_test(test_v1_bytes),
		cmocka_unit_test(test_v2_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
