/* SPDX-License-Identifier: MIT */
/* Buckets, by what the header promises of them: the borders of every one, and any value's
 * quantile within an eighth. More of quantiles over many values in test_storm.c. */
#include "tests/host/test.h"
#include "lib/latency.h"

static struct latency l;

/* The quantile of a value among larger ones: its bucket's upper bound. */
static uint64_t bound_of(uint64_t value)
{
	latency_reset(&l);
	latency_record(&l, value);
	latency_record(&l, UINT64_MAX);
	return latency_quantile(&l, 500);
}

static void test_empty(void **state)
{
	(void)state;
	memset(&l, 0xa5, sizeof(l));
	latency_reset(&l);
	assert_int_equal(l.count, 0);
	assert_true(l.min == UINT64_MAX && l.max == 0);
	for (unsigned q = 0; q <= 1000; q++)
		assert_true(latency_quantile(&l, q) == 0);
}

/* Minimum, maximum and every quantile are the sample, wherever in its bucket it is. */
static void test_one_sample(void **state)
{
	static const uint64_t samples[] = {0,    1,    15,         16,         17,        18,
					   1000, 1023, 1ull << 32, 1ull << 63, UINT64_MAX};

	(void)state;
	for (unsigned i = 0; i < COUNT(samples); i++) {
		latency_reset(&l);
		latency_record(&l, samples[i]);
		assert_int_equal(l.count, 1);
		assert_true(l.min == samples[i] && l.max == samples[i]);
		for (unsigned q = 0; q <= 1000; q++)
			assert_true(latency_quantile(&l, q) == samples[i]);
	}
}

static void test_min_and_max(void **state)
{
	static const uint64_t samples[] = {500, 300, 900, 301, 899, 0, UINT64_MAX, 5};
	static const uint64_t min[] = {500, 300, 300, 300, 300, 0, 0, 0};
	static const uint64_t max[] = {500, 500, 900, 900, 900, 900, UINT64_MAX, UINT64_MAX};

	(void)state;
	latency_reset(&l);
	for (unsigned i = 0; i < COUNT(samples); i++) {
		latency_record(&l, samples[i]);
		assert_true(l.min == min[i] && l.max == max[i]);
		assert_int_equal(l.count, i + 1);
	}
}

/* From 8 * 2^n on, eight buckets 2^n wide up to the next power of two; below 16 one value each.
 * The last value of a bucket is told exactly, its first one as the last, and the value after it
 * belongs to the next bucket. */
static void test_borders(void **state)
{
	unsigned buckets = 0;

	(void)state;
	for (uint64_t v = 0; v < 8; v++, buckets++)
		assert_true(bound_of(v) == v);
	for (unsigned n = 0; n <= 60; n++)
		for (uint64_t part = 8; part < 16; part++, buckets++) {
			uint64_t first = part << n, last = first + ((1ull << n) - 1);

			assert_true(bound_of(first) == last);
			assert_true(bound_of(last) == last);
			assert_true(bound_of(first - 1) == first - 1);
		}
	assert_int_equal(buckets, LATENCY_BUCKETS);
}

static void test_within_an_eighth(void **state)
{
	uint32_t random = 2026;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t value = (uint64_t)next_random(&random) << 32 | next_random(&random);
		uint64_t got;

		value >>= next_random(&random) % 64;
		got = bound_of(value);
		assert_true(got >= value && got - value <= value / 8);
	}
}

/* The quantile steps to the next value where the thousandths say, neither before nor after. */
static void test_ranks(void **state)
{
	(void)state;
	for (unsigned low = 1; low < 8; low++) {
		latency_reset(&l);
		for (unsigned i = 0; i < 8; i++)
			latency_record(&l, i < low ? 3 : 12);
		for (unsigned q = 1; q <= 1000; q++)
			assert_true(latency_quantile(&l, q) == (q * 8 <= low * 1000 ? 3 : 12));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_one_sample),
		cmocka_unit_test(test_min_and_max),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_within_an_eighth),
		cmocka_unit_test(test_ranks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
