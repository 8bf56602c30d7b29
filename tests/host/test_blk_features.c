/* SPDX-License-Identifier: MIT */
/* What the keys of a block backend mean. */
#include "tests/host/blk_texts.h"

#include "lib/errno.h"

static void test_linux(void **state)
{
	struct blk_transport t;
	struct blk_disk d;
	enum blk_key key;

	(void)state;
	assert_int_equal(blk_transport_parse(linux_text, &t, &key), 0);
	assert_int_equal(t.ring_order, 4);
	assert_int_equal(t.queues, 2);
	assert_int_equal(blk_disk_parse(linux_text, &d, &key), 0);
	assert_int_equal(d.sectors, 2097152);
	assert_int_equal(d.sector_size, 512);
	assert_int_equal(d.physical_size, 4096);
	assert_false(d.readonly || d.cdrom || d.removable || d.discard_secure);
	assert_true(d.flush && d.barrier && d.persistent && d.discard);
	assert_int_equal(d.discard_granularity, 4096);
	assert_int_equal(d.discard_alignment, 0);
	assert_int_equal(d.segments, 256);
}

/* Defaults, as the header has them. */
static void test_least(void **state)
{
	static const char *const nothing[BLK_NR_KEYS] = {NULL};
	struct blk_transport t;
	struct blk_disk d;
	enum blk_key key;

	(void)state;
	assert_int_equal(blk_transport_parse(nothing, &t, &key), 0);
	assert_int_equal(t.ring_order, 0);
	assert_int_equal(t.queues, 1);
	assert_int_equal(blk_disk_parse(least_text, &d, &key), 0);
	assert_int_equal(d.sectors, 8);
	assert_int_equal(d.physical_size, 512);
	assert_false(d.flush || d.barrier || d.persistent || d.discard || d.discard_secure);
	assert_int_equal(d.segments, 11);
}

static void test_missing(void **state)
{
	struct blk_disk d;

	(void)state;
	for (enum blk_key key = BLK_SECTORS; key < BLK_NR_KEYS; key++) {
		bool needed = key == BLK_SECTORS || key == BLK_SECTOR_SIZE || key == BLK_INFO;

		assert_int_equal(disk_with(key, NULL, &d), needed ? -ENOENT : 0);
	}
	assert_int_equal(disk_with(BLK_PHYSICAL_SECTOR_SIZE, NULL, &d), 0);
	assert_int_equal(d.physical_size, 512);
	assert_int_equal(disk_with(BLK_DISCARD_GRANULARITY, NULL, &d), 0);
	assert_int_equal(d.discard_granularity, 512);
}

static void test_switches(void **state)
{
	static const enum blk_key keys[] = {BLK_FLUSH_CACHE, BLK_BARRIER, BLK_DISCARD,
					    BLK_DISCARD_SECURE, BLK_PERSISTENT};
	struct blk_disk d;

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		bool *on[] = {&d.flush, &d.barrier, &d.discard, &d.discard_secure,
			      &d.persistent};

		assert_int_equal(disk_with(keys[i], "1", &d), 0);
		assert_true(*on[i]);
		assert_int_equal(disk_with(keys[i], "0", &d), 0);
		assert_false(*on[i]);
		assert_int_equal(disk_with(keys[i], "2", &d), -ERANGE);
		assert_int_equal(disk_with(keys[i], "4294967295", &d), -ERANGE);
	}
}

static void test_info(void **state)
{
	struct blk_disk d;

	(void)state;
	for (unsigned info = 0; info < 8; info++) {
		char text[] = {(char)('0' + info), '\0'};

		assert_int_equal(disk_with(BLK_INFO, text, &d), 0);
		assert_int_equal(d.cdrom, info & 1);
		assert_int_equal(d.removable, info >> 1 & 1);
		assert_int_equal(d.readonly, info >> 2);
	}
	assert_int_equal(disk_with(BLK_INFO, "4294967288", &d), 0); /* others are not ours */
	assert_false(d.cdrom || d.removable || d.readonly);
}

static void test_segments(void **state)
{
	static const struct {
		const char *text;
		unsigned segments;
	} cases[] = {{"0", 11},    {"1", 11},    {"11", 11},   {"12", 12},
		     {"255", 255}, {"256", 256}, {"257", 256}, {"4294967295", 256}};
	struct blk_disk d;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(disk_with(BLK_MAX_INDIRECT_SEGMENTS, cases[i].text, &d), 0);
		assert_int_equal(d.segments, cases[i].segments);
	}
}

/* Without discard nobody asks how. */
static void test_no_discard(void **state)
{
	const char *text[BLK_NR_KEYS];
	struct blk_disk d;
	enum blk_key key;

	(void)state;
	memcpy(text, linux_text, sizeof(text));
	text[BLK_DISCARD] = NULL;
	text[BLK_DISCARD_GRANULARITY] = text[BLK_DISCARD_ALIGNMENT] = "x";
	text[BLK_DISCARD_SECURE] = "1";
	assert_int_equal(blk_disk_parse(text, &d, &key), 0);
	assert_false(d.discard || d.discard_secure);
	assert_int_equal(d.discard_granularity, 0);
}

/* The two keys need not agree: the larger one holds. */
static void test_two_ring_keys(void **state)
{
	const char *text[BLK_NR_KEYS] = {
		[BLK_MAX_RING_PAGE_ORDER] = "1",
		[BLK_MAX_RING_PAGES] = "8",
	};
	struct blk_transport t;
	enum blk_key key;

	(void)state;
	assert_int_equal(blk_transport_parse(text, &t, &key), 0);
	assert_int_equal(t.ring_order, 3);
	text[BLK_MAX_RING_PAGES] = "1";
	assert_int_equal(blk_transport_parse(text, &t, &key), 0);
	assert_int_equal(t.ring_order, 1);
}

static void test_names(void **state)
{
	static const int errors[] = {0,          -ENOENT, -EINVAL, -EDOM,
				     -EOVERFLOW, -ERANGE, -EILSEQ, -EOPNOTSUPP};

	(void)state;
	for (enum blk_key key = 0; key < BLK_NR_KEYS; key++)
		for (enum blk_key other = 0; other < key; other++)
			assert_string_not_equal(blk_key_name(key), blk_key_name(other));
	for (size_t i = 0; i < COUNT(errors); i++)
		for (size_t other = 0; other < i; other++)
			assert_string_not_equal(blk_features_error(errors[i]),
						blk_features_error(errors[other]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linux),      cmocka_unit_test(test_least),
		cmocka_unit_test(test_missing),    cmocka_unit_test(test_switches),
		cmocka_unit_test(test_info),       cmocka_unit_test(test_segments),
		cmocka_unit_test(test_no_discard), cmocka_unit_test(test_two_ring_keys),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
