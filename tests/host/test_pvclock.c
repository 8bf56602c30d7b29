/* SPDX-License-Identifier: MIT */
/* Xen's clock: the arithmetic against plain 128-bit division, a copy that changes while it is
 * read, and values that no Xen would write. */
#include "tests/host/test.h"
#include "lib/pvclock.h"

#define SEC 1000000000ull

static struct vcpu_time_info info;
static struct shared_info shared;
static uint64_t tsc_now;
static unsigned looks;   /* how often tsc() was asked for */
static unsigned changes; /* Xen writes in each of so many first looks */

static uint64_t tsc(void)
{
	looks++;
	if (looks <= changes) { /* a whole update, by the next host, say */
		info.version += 2;
		info.system_time += SEC;
	}
	return tsc_now;
}

static int start(void **state)
{
	(void)state;
	/* 2 GHz: a tick is half a nanosecond. */
	info = (struct vcpu_time_info){
		.version = 6,
		.tsc_timestamp = 1000,
		.system_time = 5 * SEC,
		.tsc_to_system_mul = 1u << 31,
	};
	memset(&shared, 0, sizeof(shared));
	tsc_now = 1000;
	looks = changes = 0;
	return 0;
}

/* --- scaling --- */

/* floor(ticks * 2^shift * mul / 2^32), bit by bit: for a negative shift bits are lost first, as
 * public/xen.h has it. */
static uint64_t scale_model(uint64_t ticks, uint32_t mul, int shift)
{
	unsigned __int128 wide = ticks;

	for (; shift < 0; shift++)
		wide /= 2;
	for (; shift > 0; shift--) {
		wide *= 2;
		if (wide > UINT64_MAX)
			return UINT64_MAX;
	}
	return (uint64_t)(wide * mul / ((uint64_t)UINT32_MAX + 1));
}

static void test_scale(void **state)
{
	static const uint64_t ticks[] = {
		0,          1,   2,          999,        1ull << 31,
		1ull << 32, SEC, 1ull << 62, 1ull << 63, UINT64_MAX - 1,
		UINT64_MAX};
	static const uint32_t muls[] = {0, 1, 2, 1u << 31, 0xd1b71758, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(ticks); i++)
		for (size_t m = 0; m < COUNT(muls); m++)
			for (int shift = -128; shift < 128; shift++)
				assert_true(pvclock_scale(ticks[i], muls[m], shift) ==
					    scale_model(ticks[i], muls[m], shift));
}

/* --- reading --- */

static void test_reads(void **state)
{
	struct pvclock_time t;

	(void)state;
	tsc_now += 4000;
	assert_true(pvclock_read(&info, tsc, &t));
	assert_int_equal(t.ns, 5 * SEC + 2000);
	assert_int_equal(t.tsc, tsc_now);
	assert_int_equal(t.tsc_hz, 2 * SEC);
	assert_false(t.stable);
	info.flags = XEN_PVCLOCK_TSC_STABLE_BIT | XEN_PVCLOCK_GUEST_STOPPED;
	assert_true(pvclock_read(&info, tsc, &t));
	assert_true(t.stable);
	info.flags = XEN_PVCLOCK_GUEST_STOPPED;
	assert_true(pvclock_read(&info, tsc, &t));
	assert_false(t.stable);
	tsc_now = 999; /* behind the stamp: the time of the stamp, not one long ago */
	assert_true(pvclock_read(&info, tsc, &t));
	assert_int_equal(t.ns, 5 * SEC);
	info.tsc_timestamp = -(uint64_t)2000; /* from before the domain's TSC was 0 */
	tsc_now = 2000;
	assert_true(pvclock_read(&info, tsc, &t));
	assert_int_equal(t.ns, 5 * SEC + 2000);
}

static void test_frequency(void **state)
{
	struct pvclock_time t;

	(void)state;
	for (int shift = -20; shift <= 20; shift++) {
		info.tsc_shift = shift;
		assert_true(pvclock_read(&info, tsc, &t));
		assert_int_equal(t.tsc_hz,
				 shift < 0 ? (2 * SEC) << -shift : (2 * SEC) >> shift);
	}
}

/* What counts is the copy of the last try, whole. */
static void test_changes_while_read(void **state)
{
	struct pvclock_time t;

	(void)state;
	for (changes = 1; changes < PVCLOCK_TRIES; changes++) {
		looks = 0;
		info.system_time = 5 * SEC;
		assert_true(pvclock_read(&info, tsc, &t));
		assert_int_equal(looks, changes + 1);
		assert_int_equal(t.ns, (5 + changes) * SEC);
	}
	changes = looks = 0;
	info.version = UINT32_MAX - 1; /* even, and the next update makes it 0 */
	changes = 1;
	assert_true(pvclock_read(&info, tsc, &t));
	assert_int_equal(info.version, 0);
}

static void test_never_ends(void **state)
{
	struct pvclock_time t;

	(void)state;
	info.version = 7;
	assert_false(pvclock_read(&info, tsc, &t));
	assert_int_equal(looks, PVCLOCK_TRIES);
	info.version = 6;
	looks = 0;
	changes = UINT32_MAX;
	assert_false(pvclock_read(&info, tsc, &t));
	assert_int_equal(looks, PVCLOCK_TRIES);
}

static void test_what_cannot_be(void **state)
{
	struct pvclock_time t;

	(void)state;
	tsc_now = INT64_MAX;
	for (int shift = -128; shift < 128; shift++) {
		info.tsc_shift = shift;
		if (pvclock_read(&info, tsc, &t)) /* never past 64 bits, so never back */
			assert_true(t.ns >= info.system_time);
	}
	info.tsc_shift = 63;
	assert_false(pvclock_read(&info, tsc, &t));
	info.tsc_shift = 0;
	info.system_time = UINT64_MAX;
	assert_false(pvclock_read(&info, tsc, &t));
	start(NULL);
	info.tsc_to_system_mul = 0; /* not filled yet */
	assert_false(pvclock_read(&info, tsc, &t));
}

/* --- wall clock --- */

static void test_wall(void **state)
{
	(void)state;
	assert_int_equal(pvclock_wall(&shared, 5), 0); /* nobody has set it */
	shared.wc_version = 2;
	shared.wc_sec = 1700000000;
	shared.wc_nsec = 999999999;
	assert_int_equal(pvclock_wall(&shared, 2), 1700000001ull * SEC + 1);
	shared.wc_sec = 0;
	shared.wc_sec_hi = 1;
	shared.wc_nsec = 0;
	assert_true(pvclock_wall(&shared, 0) == (1ull << 32) * SEC);
}

static void test_wall_that_cannot_be(void **state)
{
	(void)state;
	shared.wc_sec = 1700000000;
	shared.wc_version = 3;
	assert_int_equal(pvclock_wall(&shared, 5), 0);
	shared.wc_version = 2;
	shared.wc_nsec = SEC;
	assert_int_equal(pvclock_wall(&shared, 5), 0);
	shared.wc_nsec = 0;
	shared.wc_sec_hi = 5; /* 21474836480 s: 680 years, beyond 64 bits of ns */
	assert_int_equal(pvclock_wall(&shared, 5), 0);
	shared.wc_sec_hi = 0;
	assert_int_equal(pvclock_wall(&shared, UINT64_MAX), 0);
	shared.wc_sec = shared.wc_sec_hi = UINT32_MAX;
	assert_int_equal(pvclock_wall(&shared, UINT64_MAX), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_scale, start),
		cmocka_unit_test_setup(test_reads, start),
		cmocka_unit_test_setup(test_frequency, start),
		cmocka_unit_test_setup(test_changes_while_read, start),
		cmocka_unit_test_setup(test_never_ends, start),
		cmocka_unit_test_setup(test_what_cannot_be, start),
		cmocka_unit_test_setup(test_wall, start),
		cmocka_unit_test_setup(test_wall_that_cannot_be, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
