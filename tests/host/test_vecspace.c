/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"
#include "lib/errno.h"
#include "lib/vecspace.h"

static void test_fixed_vectors(void **state)
{
	struct vecspace vs;

	(void)state;
	memset(&vs, 0xa5, sizeof(vs));
	vecspace_init(&vs);
	for (unsigned v = 0; v < 256; v++) {
		bool fixed = v < 0x30 || v == 0xff;

		assert_int_equal(numspace_taken(&vs.ns, v), fixed);
		assert_int_equal(vecspace_release(&vs, v), -EINVAL);
		if (fixed)
			assert_int_equal(vecspace_reserve(&vs, v), -EBUSY);
	}
	assert_int_equal(vecspace_reserve(&vs, 256), -EINVAL);
	assert_int_equal(vecspace_release(&vs, 256), -EINVAL);
	assert_int_equal(vs.ns.in_use, 0x30 + 1);
}

/* No class gets its second before every other has its first. */
static void test_spread(void **state)
{
	struct vecspace vs;

	(void)state;
	vecspace_init(&vs);
	for (int class = 3; class <= 15; class ++)
		assert_int_equal(vecspace_alloc(&vs), class << 4);
	for (int class = 3; class <= 15; class ++)
		assert_int_equal(vecspace_alloc(&vs), class << 4 | 1);
	assert_int_equal(vecspace_alloc(&vs), 0x32);
}

static void test_every_vector_once(void **state)
{
	bool seen[256] = {false};
	struct vecspace vs;
	unsigned n = 0;
	int v;

	(void)state;
	vecspace_init(&vs);
	while ((v = vecspace_alloc(&vs)) >= 0) {
		assert_in_range(v, 0x30, 0xfe);
		assert_false(seen[v]);
		seen[v] = true;
		n++;
		assert_true(n < 256);
	}
	assert_int_equal(v, -ENOSPC);
	assert_int_equal(n, 0xfe - 0x30 + 1);
	assert_int_equal(vecspace_alloc(&vs), -ENOSPC);
	assert_int_equal(vecspace_release(&vs, 0x7a), 0);
	assert_int_equal(vecspace_release(&vs, 0x7a), -EINVAL);
	assert_int_equal(vecspace_alloc(&vs), 0x7a);
}

/* A class that has become empty is served before any other gets another one. */
static void test_an_emptied_class_comes_first(void **state)
{
	struct vecspace vs;

	(void)state;
	vecspace_init(&vs);
	for (unsigned i = 0; i < 13; i++)
		vecspace_alloc(&vs);
	assert_int_equal(vecspace_release(&vs, 0x70), 0);
	assert_int_equal(vecspace_alloc(&vs), 0x70);
	/* and then the turn goes on behind it */
	assert_int_equal(vecspace_alloc(&vs), 0x81);
}

static void test_alloc_class(void **state)
{
	struct vecspace vs;

	(void)state;
	vecspace_init(&vs);
	for (unsigned class = 0; class < 20; class ++) {
		int count = class < 3 || class > 15 ? 0 : class == 15 ? 15 : 16;

		for (int i = 0; i < count; i++)
			assert_int_equal(vecspace_alloc_class(&vs, class), (class << 4) + i);
		assert_int_equal(vecspace_alloc_class(&vs, class), count ? -ENOSPC : -EINVAL);
	}
	assert_int_equal(vecspace_alloc_class(&vs, UINT32_MAX), -EINVAL);
	assert_int_equal(vecspace_alloc(&vs), -ENOSPC);
}

/* What was reserved counts: the class that holds it is not the emptiest any more. */
static void test_reserved_counts(void **state)
{
	struct vecspace vs;

	(void)state;
	vecspace_init(&vs);
	assert_int_equal(vecspace_reserve(&vs, 0x38), 0);
	assert_int_equal(vecspace_reserve(&vs, 0x38), -EBUSY);
	assert_int_equal(vecspace_alloc(&vs), 0x40);
}

/* Pairs against all fillings of two CPUs by chance: own where it can stay, else one that was free
 * on both, until no number is free on both. */
static void test_pairs(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct vecspace from, to;
		unsigned own, both = 0;
		int got;

		vecspace_init(&from);
		vecspace_init(&to);
		own = (unsigned)vecspace_alloc(&from);
		for (unsigned v = 0x30; v < 0xff; v++) {
			seed = seed * 1664525 + 1013904223;
			if ((seed >> 30) == 0)
				vecspace_reserve(&from, v);
			if ((seed >> 28 & 1) != 0)
				vecspace_reserve(&to, v);
			both += !numspace_taken(&from.ns, v) && !numspace_taken(&to.ns, v);
		}
		if (!numspace_taken(&to.ns, own)) {
			assert_int_equal(vecspace_alloc_pair(&from, own, &to), own);
			assert_true(numspace_taken(&to.ns, own));
		}
		for (; both; both--) {
			struct vecspace old_from = from, old_to = to;

			got = vecspace_alloc_pair(&from, own, &to);
			assert_in_range(got, 0x30, 0xfe);
			assert_false(old_from.map[got / 64] >> (got % 64) & 1);
			assert_false(old_to.map[got / 64] >> (got % 64) & 1);
			assert_true(numspace_taken(&from.ns, got));
			assert_true(numspace_taken(&to.ns, got));
		}
		assert_int_equal(vecspace_alloc_pair(&from, own, &to), -ENOSPC);
	}
}

/* One of each priority class before a second of any. */
static void test_pairs_spread(void **state)
{
	struct vecspace from, to;
	bool seen[16] = {false};
	int own;

	(void)state;
	vecspace_init(&from);
	vecspace_init(&to);
	own = vecspace_alloc(&from);
	assert_int_equal(vecspace_reserve(&to, own), 0);
	for (unsigned i = 3; i <= 15; i++) {
		int v = vecspace_alloc_pair(&from, own, &to);

		assert_true(v > 0 && (!seen[v / 16] || v / 16 == own / 16));
		seen[v / 16] = true;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_vectors),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_every_vector_once),
		cmocka_unit_test(test_an_emptied_class_comes_first),
		cmocka_unit_test(test_alloc_class),
		cmocka_unit_test(test_reserved_counts),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_pairs_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
