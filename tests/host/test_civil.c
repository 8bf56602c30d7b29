/* SPDX-License-Identifier: MIT */
/* Every day of 800 years against a calendar that counts one day at a time; and known moments.
 */
#include "tests/host/test.h"
#include "lib/civil.h"

#define DAY 86400ull

static bool leap(uint64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned month_length(uint64_t year, unsigned month)
{
	static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return lengths[month - 1] + (month == 2 && leap(year));
}

static void test_each_day(void **state)
{
	uint64_t year = 1970, day = 0;
	unsigned month = 1, date = 1;

	(void)state;
	for (; year < 2770; day++) {
		for (unsigned end = 0; end < 2; end++) {
			struct civil c = civil_from_seconds(day * DAY + end * (DAY - 1));

			assert_int_equal(c.year, year);
			assert_int_equal(c.month, month);
			assert_int_equal(c.day, date);
			assert_int_equal(c.hour, end ? 23 : 0);
			assert_int_equal(c.minute, end ? 59 : 0);
			assert_int_equal(c.second, end ? 59 : 0);
		}
		if (++date <= month_length(year, month))
			continue;
		date = 1;
		month = month % 12 + 1;
		year += month == 1;
	}
}

/* From elsewhere: date(1) and the calendar. */
static void test_known_moments(void **state)
{
	static const struct {
		uint64_t seconds;
		struct civil c;
	} known[] = {
		{0, {1970, 1, 1, 0, 0, 0}},
		{951782400, {2000, 2, 29, 0, 0, 0}},
		{951868799, {2000, 2, 29, 23, 59, 59}},
		{1000000000, {2001, 9, 9, 1, 46, 40}},
		{1709164800, {2024, 2, 29, 0, 0, 0}},
		{2147483648, {2038, 1, 19, 3, 14, 8}},
		{4107542400, {2100, 3, 1, 0, 0, 0}},
		{4107542399, {2100, 2, 28, 23, 59, 59}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		struct civil c = civil_from_seconds(known[i].seconds);

		assert_int_equal(c.year, known[i].c.year);
		assert_int_equal(c.month, known[i].c.month);
		assert_int_equal(c.day, known[i].c.day);
		assert_int_equal(c.hour, known[i].c.hour);
		assert_int_equal(c.minute, known[i].c.minute);
		assert_int_equal(c.second, known[i].c.second);
	}
}

/* 400 years are a whole number of days, and the largest number of seconds has a date as well.
 */
static void test_far_away(void **state)
{
	const uint64_t period = 146097 * DAY, last = UINT64_MAX;
	struct civil near = civil_from_seconds(last % period), far = civil_from_seconds(last);

	(void)state;
	assert_true(far.year == near.year + last / period * 400);
	assert_int_equal(far.month, near.month);
	assert_int_equal(far.day, near.day);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_day),
		cmocka_unit_test(test_known_moments),
		cmocka_unit_test(test_far_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
