/* SPDX-License-Identifier: MIT */
/* Time goes on and never back, whatever the source and the TSC below it do. */
#include "tests/host/test.h"
#include "lib/monotonic.h"

#define SEC 1000000000ull
#define HZ  (2 * SEC) /* a tick is half a nanosecond */

static struct monotonic m;

static struct monotonic_reading at(uint64_t ns, bool stable)
{
	return (struct monotonic_reading){.ns = ns, .tsc_hz = HZ, .stable = stable};
}

static uint64_t read_at(uint64_t ns, bool stable)
{
	struct monotonic_reading now = at(ns, stable);

	return monotonic_read(&m, &now);
}

/* Boot: 1 us by the TSC, then a host that is 100 s old. */
static int start(void **state)
{
	struct monotonic_reading now = at(100 * SEC, false);

	(void)state;
	monotonic_start(&m, 5000, HZ);
	now.tsc = 7000;
	monotonic_follow(&m, &now);
	return 0;
}

static void test_by_tsc(void **state)
{
	(void)state;
	monotonic_start(&m, 5000, HZ);
	assert_int_equal(monotonic_by_tsc(&m, 5000), 0);
	assert_int_equal(monotonic_by_tsc(&m, 9000), 2000);
	assert_int_equal(monotonic_by_tsc(&m, 4999), 0);
	assert_int_equal(m.tsc_hz, HZ);
}

static void test_follows(void **state)
{
	(void)state;
	assert_int_equal(read_at(100 * SEC, false), 1000);
	assert_int_equal(read_at(101 * SEC, true), SEC + 1000);
	assert_int_equal(read_at(101 * SEC + 1, false), SEC + 1001);
	start(NULL);
	assert_int_equal(read_at(0, true),
			 1000); /* a source that falls back behind the start */
	assert_int_equal(read_at(0, false), 1000);
}

/* Another CPU's reading is behind, by more than passed. */
static void test_never_back(void **state)
{
	(void)state;
	assert_int_equal(read_at(100 * SEC + 500, false), 1500);
	assert_int_equal(read_at(100 * SEC + 400, false), 1500);
	assert_int_equal(read_at(100 * SEC + 400, true), 1500);
	assert_int_equal(read_at(100 * SEC + 501, false), 1501);
	assert_int_equal(m.latest, 1501);
}

/* Where all agree nobody writes what all would share. */
static void test_stable_writes_nothing(void **state)
{
	struct monotonic before;

	(void)state;
	read_at(100 * SEC + 1, false);
	before = m;
	assert_int_equal(read_at(105 * SEC, true), 5 * SEC + 1000);
	assert_memory_equal(&before, &m, sizeof(m));
}

/* A CPU that cannot read the source has its TSC, and the others do not follow it. */
static void test_unreadable(void **state)
{
	(void)state;
	assert_int_equal(monotonic_read_tsc(&m, 7000 + 400), 1200);
	assert_int_equal(read_at(100 * SEC + 100, false), 1100);
	assert_int_equal(read_at(100 * SEC + 900, false), 1900);
	assert_int_equal(monotonic_read_tsc(&m, 7000 + 400), 1900);
	assert_int_equal(monotonic_read_tsc(&m, 0), 1900);
	assert_true(monotonic_read_tsc(&m, 7000 + 100 * HZ) == 100 * SEC + 1000);
	assert_int_equal(read_at(100 * SEC + 901, false), 1901);
}

static void test_coasts(void **state)
{
	(void)state;
	monotonic_suspend(&m, 3000, 10000);
	assert_int_equal(read_at(7 * SEC, true), 3000); /* tsc 0: it has fallen back */
	assert_int_equal(monotonic_read_tsc(&m, 200), 3100);
	assert_int_equal(monotonic_read_tsc(&m, 200), 3100);
	assert_int_equal(monotonic_read_tsc(&m, 100), 3100);
	assert_int_equal(monotonic_read_tsc(&m, 100 + HZ), 3100 + MONOTONIC_STEP_NS);
	assert_int_equal(monotonic_read_tsc(&m, 1ull << 63), 3100 + 2 * MONOTONIC_STEP_NS);
	assert_int_equal(monotonic_read_tsc(&m, 0), 3100 + 2 * MONOTONIC_STEP_NS);
}

/* A host that has been up for a second, this one, or one that is as old as can be; a TSC that
 * goes on or begins anew, at another rate. */
static void test_resumes_anywhere(void **state)
{
	static const uint64_t uptimes[] = {1, SEC, 100 * SEC, 101 * SEC, 1ull << 62};
	static const uint64_t tscs[] = {0, 5000, 10000, 10000 + 3600 * HZ, 1ull << 62};

	(void)state;
	for (size_t u = 0; u < COUNT(uptimes); u++)
		for (size_t t = 0; t < COUNT(tscs); t++) {
			struct monotonic_reading now = at(uptimes[u], u & 1);
			uint64_t before, resumed;

			start(NULL);
			before = read_at(100 * SEC + 5000, false);
			monotonic_suspend(&m, before, 10000);
			now.tsc_hz = 4 * SEC;
			now.tsc = tscs[t];
			monotonic_follow(&m, &now);
			resumed = monotonic_read(&m, &now);
			assert_in_range(resumed, before, before + MONOTONIC_STEP_NS);
			assert_int_equal(m.tsc_hz, 4 * SEC);
			assert_int_equal(read_at(uptimes[u] + 77, true), resumed + 77);
			assert_int_equal(read_at(uptimes[u] + 78, false), resumed + 78);
			assert_int_equal(monotonic_read_tsc(&m, tscs[t] + 4 * SEC),
					 resumed + SEC);
		}
}

/* More than was told before it: the memory of it counts, not the reading. */
static void test_suspend_remembers(void **state)
{
	struct monotonic_reading now = at(SEC, true);

	(void)state;
	assert_int_equal(read_at(100 * SEC + 9000, false), 10000);
	monotonic_suspend(&m, 4000, 10000);
	now.tsc = 10000;
	monotonic_follow(&m, &now);
	assert_int_equal(read_at(SEC, true), 10000);
	assert_int_equal(read_at(SEC + 5, true), 10005);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_by_tsc, start),
		cmocka_unit_test_setup(test_follows, start),
		cmocka_unit_test_setup(test_never_back, start),
		cmocka_unit_test_setup(test_stable_writes_nothing, start),
		cmocka_unit_test_setup(test_unreadable, start),
		cmocka_unit_test_setup(test_coasts, start),
		cmocka_unit_test_setup(test_resumes_anywhere, start),
		cmocka_unit_test_setup(test_suspend_remembers, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
