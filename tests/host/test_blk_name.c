/* SPDX-License-Identifier: MIT */
#include "tests/host/test.h"

#include "lib/blk_name.h"

static void check(uint32_t number, const char *expected)
{
	char *name = malloc(BLK_NAME_SIZE);

	blk_name(number, name);
	assert_string_equal(name, expected);
	free(name);
}

/* The examples of the man page, and the borders of each range. */
static void test_ranges(void **state)
{
	(void)state;
	check(51712, "xvda");
	check(202 << 8 | 1 << 4 | 3, "xvdb3");
	check(202 << 8 | 0xff, "xvdp15");
	check(8 << 8, "sda");
	check(8 << 8 | 15 << 4 | 15, "sdp15");
	check(3 << 8, "hda");
	check(3 << 8 | 1 << 6 | 63, "hdb63");
	check(22 << 8, "hdc");
	check(5696, "hdd");
	check(22 << 8 | 2, "hdc2");
}

static void test_extended(void **state)
{
	(void)state;
	check(1u << 28 | 26 << 8, "xvdaa");
	check(1u << 28 | 536 << 8 | 37, "xvdtq37");
	check(1u << 28, "xvda");
	check(1u << 28 | 16, "xvda16");
	check(1u << 28 | 25 << 8, "xvdz");
	check(1u << 28 | 701 << 8, "xvdzz");
	check(1u << 28 | 702 << 8, "xvdaaa");
	check(1u << 28 | 16383 << 8, "xvdxfd"); /* as a spreadsheet's last column */
	check(0x1fffffff, "xvdbgqcv255");
}

static void test_no_meaning(void **state)
{
	(void)state;
	check(0, "vbd0");
	check(1, "vbd1");
	check(203 << 8, "vbd51968");
	check(0xffffffff, "vbd4294967295");
	check(2u << 28, "vbd536870912");
	check(768 << 8 | 202, "vbd196810");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_extended),
		cmocka_unit_test(test_no_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
