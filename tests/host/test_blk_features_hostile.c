/* SPDX-License-Identifier: MIT */
/* Keys that say what cannot be. */
#include "tests/host/blk_texts.h"

#include "lib/errno.h"

static const struct {
	const char *text;
	int err;
} no_numbers[] = {
	{"", -EINVAL},
	{"-", -EINVAL},
	{"x", -EINVAL},
	{"0x200", -EINVAL},
	{"512 ", -EINVAL},
	{" 512", -EINVAL},
	{"512\n", -EINVAL},
	{"+1", -EINVAL},
	{"1.0", -EINVAL},
	{"1e3", -EINVAL},
	{"--1", -EINVAL},
	{"-1x", -EINVAL},
	{"-1", -EDOM},
	{"-0", -EDOM},
	{"-99999999999999999999", -EDOM},
	{"18446744073709551616", -EOVERFLOW},
	{"99999999999999999999999999", -EOVERFLOW},
	{"18446744073709551615", -EOVERFLOW},
	{"18446744073709551616x", -EINVAL},
};

static void test_no_numbers(void **state)
{
	struct blk_transport t;
	struct blk_disk d;

	(void)state;
	for (size_t i = 0; i < COUNT(no_numbers); i++) {
		const char *text = no_numbers[i].text;

		for (enum blk_key key = 0; key < BLK_SECTORS; key++)
			assert_int_equal(transport_with(key, text, &t), no_numbers[i].err);
		for (enum blk_key key = BLK_SECTORS; key < BLK_NR_KEYS; key++)
			assert_int_equal(disk_with(key, text, &d), no_numbers[i].err);
	}
	/* All but the size of the disk are 32 bits. */
	for (enum blk_key key = BLK_SECTOR_SIZE; key < BLK_NR_KEYS; key++)
		assert_int_equal(disk_with(key, "4294967296", &d), -EOVERFLOW);
	for (enum blk_key key = 0; key < BLK_SECTORS; key++)
		assert_int_equal(transport_with(key, "4294967296", &t), -EOVERFLOW);
}

static void test_sizes(void **state)
{
	static const struct {
		enum blk_key key;
		const char *text;
		int err;
	} cases[] = {
		{BLK_SECTORS, "0", 0},
		{BLK_SECTORS, "18014398509481983", 0}, /* one more would be 2^63 bytes */
		{BLK_SECTORS, "18014398509481984", -EOVERFLOW},
		{BLK_SECTOR_SIZE, "1024", 0},
		{BLK_SECTOR_SIZE, "4096", 0},
		{BLK_SECTOR_SIZE, "0", -ERANGE},
		{BLK_SECTOR_SIZE, "256", -ERANGE},
		{BLK_SECTOR_SIZE, "513", -ERANGE},
		{BLK_SECTOR_SIZE, "1536", -ERANGE},
		{BLK_SECTOR_SIZE, "4294967295", -ERANGE},
		{BLK_SECTOR_SIZE, "8192", -EOPNOTSUPP},
		{BLK_SECTOR_SIZE, "2147483648", -EOPNOTSUPP},
		{BLK_PHYSICAL_SECTOR_SIZE, "512", 0},
		{BLK_PHYSICAL_SECTOR_SIZE, "1536", 0},
		{BLK_PHYSICAL_SECTOR_SIZE, "0", -ERANGE},
		{BLK_PHYSICAL_SECTOR_SIZE, "256", -EILSEQ},
		{BLK_PHYSICAL_SECTOR_SIZE, "4097", -EILSEQ},
		{BLK_DISCARD_GRANULARITY, "1048576", 0},
		{BLK_DISCARD_GRANULARITY, "0", -ERANGE},
		{BLK_DISCARD_GRANULARITY, "1000", -EILSEQ},
		{BLK_DISCARD_ALIGNMENT, "512", 0},
		{BLK_DISCARD_ALIGNMENT, "8191", -EILSEQ},
	};
	struct blk_disk d;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(disk_with(cases[i].key, cases[i].text, &d), cases[i].err);
}

/* Seven sectors of 512 are no whole number of 4096. */
static void test_large_sectors(void **state)
{
	const char *text[BLK_NR_KEYS];
	struct blk_disk d;
	enum blk_key key;

	(void)state;
	memcpy(text, least_text, sizeof(text));
	text[BLK_SECTOR_SIZE] = "4096";
	assert_int_equal(blk_disk_parse(text, &d, &key), 0);
	assert_int_equal(d.sectors, 8);
	assert_int_equal(d.physical_size, 4096);
	text[BLK_PHYSICAL_SECTOR_SIZE] = "512";
	assert_int_equal(blk_disk_parse(text, &d, &key), -EILSEQ);
	assert_int_equal(key, BLK_PHYSICAL_SECTOR_SIZE);
	text[BLK_SECTORS] = "7";
	assert_int_equal(blk_disk_parse(text, &d, &key), -EILSEQ);
	assert_int_equal(key, BLK_SECTORS);
}

static void test_transport(void **state)
{
	static const struct {
		enum blk_key key;
		const char *text;
		int err;
		unsigned order, queues;
	} cases[] = {
		{BLK_MAX_RING_PAGE_ORDER, "0", 0, 0, 1},
		{BLK_MAX_RING_PAGE_ORDER, "3", 0, 3, 1},
		{BLK_MAX_RING_PAGE_ORDER, "5", 0, 4, 1},
		{BLK_MAX_RING_PAGE_ORDER, "31", 0, 4, 1},
		{BLK_MAX_RING_PAGE_ORDER, "32", -EOVERFLOW, 0, 0},
		{BLK_MAX_RING_PAGE_ORDER, "4294967295", -EOVERFLOW, 0, 0},
		{BLK_MAX_RING_PAGES, "1", 0, 0, 1},
		{BLK_MAX_RING_PAGES, "2", 0, 1, 1},
		{BLK_MAX_RING_PAGES, "16", 0, 4, 1},
		{BLK_MAX_RING_PAGES, "2147483648", 0, 4, 1},
		{BLK_MAX_RING_PAGES, "0", -ERANGE, 0, 0},
		{BLK_MAX_RING_PAGES, "3", -ERANGE, 0, 0},
		{BLK_MAX_RING_PAGES, "4294967295", -ERANGE, 0, 0},
		{BLK_MAX_QUEUES, "1", 0, 0, 1},
		{BLK_MAX_QUEUES, "128", 0, 0, 128},
		{BLK_MAX_QUEUES, "129", 0, 0, 128},
		{BLK_MAX_QUEUES, "4294967295", 0, 0, 128},
		{BLK_MAX_QUEUES, "0", -ERANGE, 0, 0},
	};
	struct blk_transport t;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(transport_with(cases[i].key, cases[i].text, &t), cases[i].err);
		if (cases[i].err)
			continue;
		assert_int_equal(t.ring_order, cases[i].order);
		assert_int_equal(t.queues, cases[i].queues);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_numbers),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_large_sectors),
		cmocka_unit_test(test_transport),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
