/* SPDX-License-Identifier: MIT */
#include "lib/civil.h"

/* Years that begin in March end with the leap day, if they have one: then what lies before a
 * month or a year is the same in all of them. Day 0 is 1 March of year 0. */
#define DAY_OF_1970         719468u
#define DAYS_OF_YEAR        365u
#define DAYS_OF_4_YEARS     (4 * DAYS_OF_YEAR + 1)
#define DAYS_OF_CENTURY     (25 * DAYS_OF_4_YEARS - 1)
#define DAYS_OF_4_CENTURIES (4 * DAYS_OF_CENTURY + 1)
#define SECONDS_OF_DAY      86400u

/* Takes as many periods of so many days out of *days as are in it, and at most max: the last
 * century of four, and the last year of four, is the one that has a day more. */
static unsigned take(unsigned *days, unsigned period, unsigned max)
{
	unsigned n = *days / period < max ? *days / period : max;

	*days -= n * period;
	return n;
}

/* day: of a year that begins in March, 0-365. */
static void civil_set_month(struct civil *c, unsigned day)
{
	static const uint8_t lengths[] = {31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29};
	unsigned month = 0;

	for (; day >= lengths[month]; month++)
		day -= lengths[month];
	c->day = day + 1;
	c->month = month < 10 ? month + 3 : month - 9;
	c->year += month >= 10; /* January and February end the year that March began */
}

struct civil civil_from_seconds(uint64_t seconds)
{
	uint64_t day = seconds / SECONDS_OF_DAY + DAY_OF_1970;
	unsigned rest = day % DAYS_OF_4_CENTURIES, second = seconds % SECONDS_OF_DAY;
	struct civil c = {
		.year = day / DAYS_OF_4_CENTURIES * 400,
		.hour = second / 3600,
		.minute = second / 60 % 60,
		.second = second % 60,
	};

	c.year += take(&rest, DAYS_OF_CENTURY, 3) * 100;
	c.year += take(&rest, DAYS_OF_4_YEARS, 24) * 4;
	c.year += take(&rest, DAYS_OF_YEAR, 3);
	civil_set_month(&c, rest);
	return c;
}
