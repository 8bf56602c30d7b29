/* SPDX-License-Identifier: MIT */
/* What loaders tell, or do not: every protocol's structure, built low, where a loader would
 * put it. What no loader would: test_boot_info_hostile.c. */
#include "tests/host/loader.h"

#include <xen/arch-x86/hvm/start_info.h>

static void test_multiboot_map(void **state)
{
	const struct mb_region map[] = {
		{20, 0, 0x9fc00, 1}, {20, 0xf0000, 0x10000, 2}, {20, 0x100000, 0x3f00000, 1}};
	uint32_t mb[13] = {1u << 6 | 1u << 2};

	(void)state;
	mb[4] = low("route=intx x=1", 15);
	mb[11] = sizeof(map);
	mb[12] = low(map, sizeof(map));
	boot_info_init(BOOT_MULTIBOOT, low(mb, sizeof(mb)));
	assert_string_equal(boot_info.protocol_name, "multiboot");
	assert_string_equal(boot_info.cmdline, "route=intx x=1");
	assert_int_equal(boot_info.nr_regions, 3);
	check_region(0, 0, 0x9fc00, true);
	check_region(1, 0xf0000, 0x10000, false);
	check_region(2, 0x100000, 0x3f00000, true);
	assert_false(boot_info.no_memory_map);
}

/* Entries may be longer than 20 bytes: each says its size. */
static void test_multiboot_wide_entries(void **state)
{
	struct {
		struct mb_region r;
		uint32_t more;
	} __attribute__((packed))
	map[2] = {{{24, 0, 0x1000, 1}, 7}, {{24, 0x100000, 0x2000, 1}, 7}};

	(void)state;
	boot_with_map(map, sizeof(map));
	assert_int_equal(boot_info.nr_regions, 2);
	check_region(1, 0x100000, 0x2000, true);
}

static void test_multiboot_sizes_alone(void **state)
{
	const uint32_t mb[13] = {1u << 0, 639, 7168};

	(void)state;
	boot_info_init(BOOT_MULTIBOOT, low(mb, sizeof(mb)));
	assert_int_equal(boot_info.nr_regions, 2);
	check_region(0, 0, 639 * 1024, true);
	check_region(1, 0x100000, 7168 * 1024, true);
	assert_string_equal(boot_info.cmdline, "");
}

static void test_multiboot_nothing(void **state)
{
	const uint32_t mb[13] = {0};

	(void)state;
	boot_info_init(BOOT_MULTIBOOT, low(mb, sizeof(mb)));
	check_guess();
}

/* A map whose length is that of less than one entry holds none. */
static void test_multiboot_short_map(void **state)
{
	const struct mb_region map = {20, 0, 0x9fc00, 1};
	uint32_t mb[13] = {1u << 6};

	(void)state;
	mb[11] = 23;
	mb[12] = low(&map, sizeof(map));
	boot_info_init(BOOT_MULTIBOOT, low(mb, sizeof(mb)));
	check_guess();
}

static void test_pvh(void **state)
{
	const struct hvm_memmap_table_entry map[] = {
		{.addr = 0, .size = 0x400000, .type = XEN_HVM_MEMMAP_TYPE_RAM},
		{.addr = 0xfc000000, .size = 0x1000, .type = XEN_HVM_MEMMAP_TYPE_ACPI}};
	struct hvm_start_info si = {.magic = XEN_HVM_START_MAGIC_VALUE,
				    .version = 1,
				    .memmap_entries = 2,
				    .rsdp_paddr = 0xfc000000};

	(void)state;
	si.memmap_paddr = low(map, sizeof(map));
	si.cmdline_paddr = low("test=all", 9);
	boot_info_init(BOOT_PVH, low(&si, sizeof(si)));
	assert_int_equal(boot_info.nr_regions, 2);
	check_region(0, 0, 0x400000, true);
	check_region(1, 0xfc000000, 0x1000, false);
	assert_string_equal(boot_info.cmdline, "test=all");
	assert_int_equal(boot_info.rsdp, 0xfc000000);
}

/* Version 0 had no map; a wrong magic is no start info at all. */
static void test_pvh_without_map(void **state)
{
	struct hvm_start_info si = {.magic = XEN_HVM_START_MAGIC_VALUE, .memmap_entries = 99};

	(void)state;
	boot_info_init(BOOT_PVH, low(&si, sizeof(si)));
	check_guess();
	memset(&boot_info, 0, sizeof(boot_info));
	si.magic ^= 1;
	boot_info_init(BOOT_PVH, low(&si, sizeof(si)));
	check_guess();
}

static void test_linux(void **state)
{
	const uint32_t e820[] = {0, 0, 0x9fc00, 0, 1, 0x100000, 0, 0x700000, 0, 1};
	uint32_t li[3] = {0, 2, 0};

	(void)state;
	li[0] = low("noapic", 7);
	li[2] = low(e820, sizeof(e820));
	boot_info_init(BOOT_LINUX, low(li, sizeof(li)));
	assert_int_equal(boot_info.nr_regions, 2);
	check_region(1, 0x100000, 0x700000, true);
	assert_string_equal(boot_info.cmdline, "noapic");
}

/* More regions than fit are counted, not written. */
static void test_many_regions(void **state)
{
	static uint32_t e820[5 * (BOOT_MAX_REGIONS + 6)];
	uint32_t li[3] = {0, BOOT_MAX_REGIONS + 6, 0};

	(void)state;
	for (unsigned i = 0; i < BOOT_MAX_REGIONS + 6; i++) {
		e820[i * 5] = i * 0x1000;
		e820[i * 5 + 2] = 0x800;
		e820[i * 5 + 4] = 1;
	}
	li[2] = low(e820, sizeof(e820));
	boot_info_init(BOOT_LINUX, low(li, sizeof(li)));
	assert_int_equal(boot_info.nr_regions, BOOT_MAX_REGIONS);
	assert_int_equal(boot_info.nr_regions_cut, 6);
}

/* 4 KiB is what fits, terminator included; what is longer is cut and counted. */
static void test_long_cmdline(void **state)
{
	static char text[6000];
	uint32_t mb[13] = {1u << 2};

	(void)state;
	memset(text, 'a', sizeof(text));
	text[BOOT_CMDLINE_MAX - 1] = '\0';
	mb[4] = low(text, sizeof(text));
	boot_info_init(BOOT_MULTIBOOT, low(mb, sizeof(mb)));
	assert_int_equal(strlen(boot_info.cmdline), BOOT_CMDLINE_MAX - 1);
	assert_int_equal(boot_info.cmdline_cut, 0);

	memset(&boot_info, 0, sizeof(boot_info));
	memset(text, 'b', sizeof(text));
	text[5000] = '\0';
	mb[4] = low(text, sizeof(text));
	boot_info_init(BOOT_MULTIBOOT, low(mb, sizeof(mb)));
	assert_int_equal(strlen(boot_info.cmdline), BOOT_CMDLINE_MAX - 1);
	assert_int_equal(boot_info.cmdline_cut, 5000 - (BOOT_CMDLINE_MAX - 1));
}

/* RAM as a map of 16 pages: how often each was handed out. */
static unsigned char pages[16];

static void count_pages(uint64_t start, uint64_t end)
{
	assert_true(start < end && end <= sizeof(pages));
	for (uint64_t p = start; p < end; p++)
		pages[p]++;
}

/* Every arrangement of three regions of up to six pages: each page of RAM that nobody reserves
 * comes exactly once, and none that somebody does. */
static void test_ram_pieces(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 7 * 7 * 7 * 8 * 8; n++) {
		unsigned starts[3] = {0, n % 7, n / 7 % 7};
		unsigned lengths[3] = {6, n / 49 % 7, n / 343 % 8};
		unsigned usable = n / 2744 % 8;

		boot_info.nr_regions = 3;
		memset(pages, 0, sizeof(pages));
		for (unsigned i = 0; i < 3; i++)
			boot_info.region[i] =
				(struct boot_region){starts[i], lengths[i], usable >> i & 1};
		boot_for_each_ram(1, 9, count_pages);
		for (unsigned p = 0; p < sizeof(pages); p++) {
			bool ram = false, reserved = false;

			for (unsigned i = 0; i < 3; i++) {
				if (p < starts[i] || p >= starts[i] + lengths[i])
					continue;
				ram = ram || usable >> i & 1;
				reserved = reserved || !(usable >> i & 1);
			}
			assert_int_equal(pages[p], ram && !reserved && p >= 1 && p < 9);
		}
	}
}

static void test_unknown_loader(void **state)
{
	(void)state;
	boot_info_init(BOOT_UNKNOWN, 0);
	check_guess();
	/* Told at a place that is not mapped yet: as good as not told. */
	memset(&boot_info, 0, sizeof(boot_info));
	boot_info_init(BOOT_MULTIBOOT, BOOT_MAP_END);
	check_guess();
	assert_string_equal(boot_info.unread, "what the loader told");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOADER_TEST(test_multiboot_map),
		LOADER_TEST(test_multiboot_wide_entries),
		LOADER_TEST(test_multiboot_sizes_alone),
		LOADER_TEST(test_multiboot_nothing),
		LOADER_TEST(test_multiboot_short_map),
		LOADER_TEST(test_pvh),
		LOADER_TEST(test_pvh_without_map),
		LOADER_TEST(test_linux),
		LOADER_TEST(test_many_regions),
		LOADER_TEST(test_long_cmdline),
		LOADER_TEST(test_unknown_loader),
		LOADER_TEST(test_ram_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
