/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "tests/host/loader.h"

#include <sys/mman.h>

#define ARENA_AT (BOOT_MAP_END - ARENA)

char *arena;
static size_t used;

uint32_t low(const void *bytes, size_t length)
{
	char *at = arena + used;

	assert_true(used + length <= ARENA);
	memcpy(at, bytes, length);
	used += (length + 15) & ~(size_t)15;
	return (uint32_t)(uintptr_t)at;
}

int loader_setup(void **state)
{
	(void)state;
	arena = mmap((void *)ARENA_AT, ARENA, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	assert_ptr_equal(arena, ARENA_AT);
	used = 0;
	memset(&boot_info, 0, sizeof(boot_info));
	return 0;
}

int loader_teardown(void **state)
{
	(void)state;
	return munmap(arena, ARENA);
}

void boot_with_map(const void *map, size_t length)
{
	uint32_t mb[13] = {1u << 6};

	mb[11] = (uint32_t)length;
	mb[12] = low(map, length);
	boot_info_init(BOOT_MULTIBOOT, low(mb, sizeof(mb)));
}

void check_region(unsigned i, uint64_t base, uint64_t length, bool usable)
{
	assert_int_equal(boot_info.region[i].base, base);
	assert_int_equal(boot_info.region[i].length, length);
	assert_int_equal(boot_info.region[i].usable, usable);
}

void check_guess(void)
{
	assert_true(boot_info.no_memory_map);
	assert_int_equal(boot_info.nr_regions, 2);
	check_region(0, 0, 0x80000, true);
	check_region(1, 0x100000, 0x100000, true);
}
