/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"

#include "lib/blk_layout.h"

static const struct blk_transport most = {.ring_order = BLK_RING_ORDER_MAX,
					  .queues = BLK_QUEUES_MAX};
static const struct blk_transport least = {.queues = 1};

static void test_enough_memory(void **state)
{
	struct blk_layout l = blk_layout_fit(&most, 4, 1u << 20);

	(void)state;
	assert_int_equal(l.ring_order, BLK_RING_ORDER_MAX);
	assert_int_equal(l.queues, 4);
	assert_int_equal(l.pool, BLK_POOL_MAX / 4);
	l = blk_layout_fit(&least, 4, 1u << 20);
	assert_int_equal(l.ring_order, 0);
	assert_int_equal(l.queues, 1);
	assert_int_equal(l.pool, BLK_POOL_MAX);
}

/* More buffers than some are of two thirds of the pages: no slot and no queue is given up for them. */
static void test_buffers_are_what_is_left(void **state)
{
	struct blk_layout all = blk_layout_fit(&most, 4, 1u << 20), l = all;

	(void)state;
	l.pool = BLK_POOL_SOME;
	l = blk_layout_fit(&most, 4, 3 * (blk_layout_pages(&l) + 4 * 100) / 2);
	assert_int_equal(l.ring_order, all.ring_order);
	assert_int_equal(l.queues, all.queues);
	assert_int_equal(l.pool, BLK_POOL_SOME + 100);
	l = blk_layout_fit(&most, BLK_QUEUES_MAX, 1u << 20);
	assert_int_equal(l.queues, BLK_QUEUES_MAX);
	assert_int_equal(l.pool, BLK_POOL_SOME);
}

/* Half of the references that Xen allows a domain as a rule, which is a quarter of 256 MiB. */
static void test_what_there_is_as_a_rule(void **state)
{
	struct blk_layout l = blk_layout_fit(&most, 1, 32768 / 2);

	(void)state;
	assert_int_equal(l.ring_order, BLK_RING_ORDER_MAX);
	assert_int_equal(l.pool, BLK_POOL_MAX);
}

/* A longest request fits with its descriptors, so many times. */
static void test_segments(void **state)
{
	struct blk_layout l = blk_layout_fit(&least, 1, 1u << 20);

	(void)state;
	assert_true(l.pool >= 32 * (BLK_SEGMENTS_MAX + 1));
	assert_true(BLK_POOL_SOME >= 2 * (BLK_SEGMENTS_MAX + 1));
	assert_int_equal(blk_layout_segments(&l, 256), 256);
	assert_int_equal(blk_layout_segments(&l, 11), 11);
	l = blk_layout_fit(&least, 1, 0);
	assert_int_equal(blk_layout_segments(&l, 256), l.pool - 1);
	assert_true(blk_layout_segments(&l, 11) == 11);
}

/* More pages never give less, and what is given fits, unless it is the least of all. */
static void test_every_size(void **state)
{
	size_t before = 0;

	(void)state;
	for (size_t pages = 0; pages < 20000; pages++) {
		struct blk_layout l = blk_layout_fit(&most, 8, pages);
		size_t takes = blk_layout_pages(&l);

		assert_true(takes <= pages ||
			    (!l.ring_order && l.queues == 1 && l.pool == BLK_POOL_MIN));
		assert_true(l.queues >= 1 && l.pool >= BLK_POOL_MIN);
		assert_true(l.ring_order == 0 || l.pool >= BLK_POOL_SOME);
		assert_true(takes >= before);
		before = takes;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enough_memory),
		cmocka_unit_test(test_buffers_are_what_is_left),
		cmocka_unit_test(test_what_there_is_as_a_rule),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
