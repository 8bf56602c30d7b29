/* SPDX-License-Identifier: MIT */
/* Loaders that tell what cannot be: nothing is read beyond what is mapped. */
#include "tests/host/loader.h"

#include <xen/arch-x86/hvm/start_info.h>

/* What a structure points to may lie beyond what is mapped, or run over its end: it is not
 * read, and named. */
static void check_unread(unsigned protocol, const void *told, size_t length, const char *what)
{
	memset(&boot_info, 0, sizeof(boot_info));
	boot_info_init(protocol, low(told, length));
	check_guess();
	assert_string_equal(boot_info.unread, what);
	assert_string_equal(boot_info.cmdline, "");
}

static void test_pointers_beyond(void **state)
{
	static const uint64_t beyond[] = {BOOT_MAP_END - 1, BOOT_MAP_END, 0xfffffff0,
					  1ull << 63 | BOOT_MAP_END, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(beyond); i++) {
		uint32_t mb[13] = {1u << 6}, li[3] = {0, 1, (uint32_t)beyond[i]};
		struct hvm_start_info si = {.magic = XEN_HVM_START_MAGIC_VALUE,
					    .version = 1,
					    .memmap_entries = UINT32_MAX,
					    .memmap_paddr = beyond[i]};

		mb[11] = UINT32_MAX;
		mb[12] = (uint32_t)beyond[i];
		check_unread(BOOT_MULTIBOOT, mb, sizeof(mb), "the memory map");
		check_unread(BOOT_LINUX, li, sizeof(li), "the memory map");
		check_unread(BOOT_PVH, &si, sizeof(si), "the memory map");
		if (!i)
			continue; /* a command line may be a single byte */
		si.memmap_entries = 0;
		si.cmdline_paddr = beyond[i];
		check_unread(BOOT_PVH, &si, sizeof(si), "the command line");
		mb[0] = 1u << 2;
		mb[4] = (uint32_t)beyond[i];
		check_unread(BOOT_MULTIBOOT, mb, sizeof(mb), "the command line");
	}
}

/* The structure itself runs over the end; so does a map, after an entry that is used. */
static void test_across_the_end(void **state)
{
	struct hvm_start_info si = {.magic = XEN_HVM_START_MAGIC_VALUE,
				    .version = 1,
				    .memmap_entries = 2,
				    .memmap_paddr = BOOT_MAP_END - 40};
	struct hvm_memmap_table_entry ram = {.addr = 0x100000, .size = 0x100000, .type = 1};

	(void)state;
	memcpy(arena + ARENA - 40, &ram, sizeof(ram));
	boot_info_init(BOOT_PVH, low(&si, sizeof(si)));
	assert_int_equal(boot_info.nr_regions, 1);
	check_region(0, 0x100000, 0x100000, true);
	assert_string_equal(boot_info.unread, "the memory map");
	for (unsigned protocol = BOOT_MULTIBOOT; protocol <= BOOT_LINUX; protocol++) {
		memset(&boot_info, 0, sizeof(boot_info));
		boot_info_init(protocol, BOOT_MAP_END - 8);
		check_guess();
		assert_string_equal(boot_info.unread, "what the loader told");
	}
}

/* Without a NUL it ends where nothing is mapped any more. */
static void test_open_cmdline(void **state)
{
	uint32_t mb[13] = {1u << 2};

	(void)state;
	memset(arena + ARENA - 5000, 'c', 5000);
	mb[4] = BOOT_MAP_END - 3;
	boot_info_init(BOOT_MULTIBOOT, low(mb, sizeof(mb)));
	assert_string_equal(boot_info.cmdline, "ccc");
	assert_null(boot_info.unread);
	mb[4] = BOOT_MAP_END - 5000;
	boot_info_init(BOOT_MULTIBOOT, low(mb, sizeof(mb)));
	assert_int_equal(strlen(boot_info.cmdline), BOOT_CMDLINE_MAX - 1);
	assert_int_equal(boot_info.cmdline_cut, 5000 - (BOOT_CMDLINE_MAX - 1));
}

/* A region that runs over the end of all addresses is no RAM; one that is reserved reserves
 * all of them. */
static void test_regions_run_over(void **state)
{
	const struct mb_region map[] = {{20, 0x1000, 0x8000, 1},
					{20, 0x4000, UINT64_MAX, 2},
					{20, 0x2000, UINT64_MAX - 0x1000, 1}};

	(void)state;
	boot_with_map(map, sizeof(map));
	assert_int_equal(boot_info.nr_regions, 2);
	check_region(1, 0x4000, UINT64_MAX - 0x4000, false);
}

/* Entries at any alignment: the sanitizer looks. */
static void test_unaligned_map(void **state)
{
	char map[1 + 24] = {0};
	const uint64_t base = 0x100000, length = 0x200000;
	struct hvm_start_info si = {
		.magic = XEN_HVM_START_MAGIC_VALUE, .version = 1, .memmap_entries = 1};

	(void)state;
	memcpy(map + 1, &base, 8);
	memcpy(map + 9, &length, 8);
	map[17] = 1;
	si.memmap_paddr = low(map, sizeof(map)) + 1;
	boot_info_init(BOOT_PVH, low(&si, sizeof(si)));
	check_region(0, base, length, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOADER_TEST(test_pointers_beyond), LOADER_TEST(test_across_the_end),
		LOADER_TEST(test_open_cmdline),    LOADER_TEST(test_regions_run_over),
		LOADER_TEST(test_unaligned_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
