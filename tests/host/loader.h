/* SPDX-License-Identifier: MIT */
/* Low memory as a loader leaves it: its last 64 KiB that can be read, for what it would put
 * there. */
#ifndef TESTS_HOST_LOADER_H
#define TESTS_HOST_LOADER_H

#include <stddef.h>
#include <stdint.h>

#include "boot/boot_info.h"
#include "tests/host/test.h"

#define ARENA 65536 /* bytes, up to BOOT_MAP_END */

extern char *arena;

/* Copies bytes there: their address. */
uint32_t low(const void *bytes, size_t length);

/* For each test: an arena, and an empty boot_info. */
int loader_setup(void **state);
int loader_teardown(void **state);
#define LOADER_TEST(name) cmocka_unit_test_setup_teardown(name, loader_setup, loader_teardown)

/* A multiboot map's entry. */
struct mb_region {
	uint32_t size;
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

/* By multiboot, with this map and nothing else. */
void boot_with_map(const void *map, size_t length);
void check_region(unsigned i, uint64_t base, uint64_t length, bool usable);
/* What Daisy takes for memory when nobody tells it. */
void check_guess(void);

#endif
