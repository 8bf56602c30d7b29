/* SPDX-License-Identifier: MIT */
#include "tests/host/blk_texts.h"

const char *const linux_text[BLK_NR_KEYS] = {
	[BLK_MAX_RING_PAGE_ORDER] = "4",
	[BLK_MAX_QUEUES] = "2",
	[BLK_SECTORS] = "2097152",
	[BLK_SECTOR_SIZE] = "512",
	[BLK_PHYSICAL_SECTOR_SIZE] = "4096",
	[BLK_INFO] = "0",
	[BLK_FLUSH_CACHE] = "1",
	[BLK_BARRIER] = "1",
	[BLK_DISCARD] = "1",
	[BLK_DISCARD_GRANULARITY] = "4096",
	[BLK_DISCARD_ALIGNMENT] = "0",
	[BLK_DISCARD_SECURE] = "0",
	[BLK_PERSISTENT] = "1",
	[BLK_MAX_INDIRECT_SEGMENTS] = "256",
};

const char *const least_text[BLK_NR_KEYS] = {
	[BLK_SECTORS] = "8",
	[BLK_SECTOR_SIZE] = "512",
	[BLK_INFO] = "0",
};

int disk_with(enum blk_key changed, const char *text, struct blk_disk *d)
{
	const char *all[BLK_NR_KEYS];
	enum blk_key key = BLK_NR_KEYS;
	int err;

	memcpy(all, linux_text, sizeof(all));
	all[changed] = text ? exact_copy(text, strlen(text) + 1) : NULL;
	memset(d, 0xa5, sizeof(*d));
	err = blk_disk_parse(all, d, &key);
	if (err) {
		struct blk_disk untouched;

		assert_int_equal(key, changed);
		memset(&untouched, 0xa5, sizeof(untouched));
		assert_memory_equal(d, &untouched, sizeof(*d));
	}
	free((void *)all[changed]);
	return err;
}

int transport_with(enum blk_key changed, const char *text, struct blk_transport *t)
{
	const char *all[BLK_NR_KEYS] = {NULL};
	enum blk_key key = BLK_NR_KEYS;
	int err;

	all[changed] = text;
	err = blk_transport_parse(all, t, &key);
	if (err)
		assert_int_equal(key, changed);
	return err;
}
