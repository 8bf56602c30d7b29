/* SPDX-License-Identifier: MIT */
/* What the loader told, the same struct for every boot protocol. */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/protocols.h"

#define BOOT_MAX_REGIONS 64
#define BOOT_CMDLINE_MAX 4096 /* with the terminator; what is longer is cut and warned about */

struct boot_region {
	uint64_t base, length;
	bool usable; /* RAM; else reserved, ACPI, or anything that is not to be used */
};

struct boot_info {
	unsigned protocol; /* BOOT_* */
	const char *protocol_name;
	char cmdline[BOOT_CMDLINE_MAX];
	uint32_t cmdline_cut; /* bytes that did not fit */
	unsigned nr_regions, nr_regions_cut;
	struct boot_region region[BOOT_MAX_REGIONS];
	uint64_t rsdp; /* 0: not told */
	bool no_memory_map; /* the loader gave none: region[] is a cautious guess */
	const char *unread; /* what lay, all or in part, where nothing is mapped; NULL: nothing */
};

extern struct boot_info boot_info;

/* Fills boot_info, which is all zero, from the protocol's own structure at a physical address.
 * Copies all of it, so that the memory it lies in may be used for something else. Nothing is
 * read but below BOOT_MAP_END, whatever addresses and lengths the loader told. */
void boot_info_init(unsigned protocol, uint32_t address);

typedef void boot_ram_fn(uint64_t start, uint64_t end);
/* Calls fn for each piece of RAM of boot_info in [lo, hi), each byte once, however the loader's
 * entries overlap: what any entry reserves is not RAM. In no order. */
void boot_for_each_ram(uint64_t lo, uint64_t hi, boot_ram_fn *fn);

#endif
