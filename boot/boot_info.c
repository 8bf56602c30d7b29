/* SPDX-License-Identifier: MIT */
/* Every boot protocol becomes one struct boot_info. */
#include "boot/boot_info.h"

#include <xen/arch-x86/hvm/start_info.h>

#include "lib/string.h"

struct boot_info boot_info;

#define RAM 1u /* the type of usable memory in all three protocols' maps */

/* Without a map: what the smallest machine that can have loaded the image has. */
#define GUESS_LOW_END	0x80000u
#define GUESS_HIGH_BASE 0x100000u
#define GUESS_HIGH_SIZE 0x100000u

static void boot_add_region(uint64_t base, uint64_t length, bool usable)
{
	if (!length)
		return;
	if (boot_info.nr_regions == BOOT_MAX_REGIONS) {
		boot_info.nr_regions_cut++;
		return;
	}
	boot_info.region[boot_info.nr_regions++] =
		(struct boot_region){.base = base, .length = length, .usable = usable};
}

static void boot_set_cmdline(uint64_t address)
{
	const char *text = (const char *)(uintptr_t)address;
	size_t length;

	if (!address)
		return;
	length = str_copy(boot_info.cmdline, text, BOOT_CMDLINE_MAX);
	if (length >= BOOT_CMDLINE_MAX)
		boot_info.cmdline_cut = length - (BOOT_CMDLINE_MAX - 1);
}

static void boot_guess_memory(void)
{
	boot_info.no_memory_map = true;
	boot_add_region(0, GUESS_LOW_END, true);
	boot_add_region(GUESS_HIGH_BASE, GUESS_HIGH_SIZE, true);
}

/* Multiboot specification 0.6.96, 3.3. */
struct multiboot_info {
	uint32_t flags;
	uint32_t mem_lower, mem_upper; /* KiB, flag 0 */
	uint32_t boot_device;
	uint32_t cmdline; /* flag 2 */
	uint32_t mods_count, mods_addr;
	uint32_t syms[4];
	uint32_t mmap_length, mmap_addr; /* flag 6 */
};

struct multiboot_region {
	uint32_t size; /* of what follows */
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

static void boot_multiboot_map(const struct multiboot_info *mb)
{
	uintptr_t at = mb->mmap_addr, end = at + mb->mmap_length;

	while (at + sizeof(struct multiboot_region) <= end) {
		const struct multiboot_region *r = (const void *)at;

		boot_add_region(r->base, r->length, r->type == RAM);
		at += r->size + sizeof(r->size);
	}
}

static void boot_from_multiboot(const struct multiboot_info *mb)
{
	if (mb->flags & 1u << 2)
		boot_set_cmdline(mb->cmdline);
	if (mb->flags & 1u << 6)
		boot_multiboot_map(mb);
	if (boot_info.nr_regions)
		return;
	if (mb->flags & 1u << 0) {
		boot_add_region(0, mb->mem_lower * 1024ull, true);
		boot_add_region(0x100000, mb->mem_upper * 1024ull, true);
	}
	if (!boot_info.nr_regions)
		boot_guess_memory();
}

/* public/arch-x86/hvm/start_info.h; the memory map came with version 1. */
static void boot_from_pvh(const struct hvm_start_info *si)
{
	const struct hvm_memmap_table_entry *map = (const void *)(uintptr_t)si->memmap_paddr;

	if (si->magic != XEN_HVM_START_MAGIC_VALUE) {
		boot_guess_memory();
		return;
	}
	boot_set_cmdline(si->cmdline_paddr);
	boot_info.rsdp = si->rsdp_paddr;
	if (si->version >= 1)
		for (uint32_t i = 0; i < si->memmap_entries; i++)
			boot_add_region(map[i].addr, map[i].size,
					map[i].type == XEN_HVM_MEMMAP_TYPE_RAM);
	if (!boot_info.nr_regions)
		boot_guess_memory();
}

/* What boot/linux16.S collected: the entries are the BIOS's own. */
struct linux_info {
	uint32_t cmdline;
	uint32_t e820_count;
	uint32_t e820_table;
};

struct e820_entry {
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

static void boot_from_linux(const struct linux_info *li)
{
	const struct e820_entry *e = (const void *)(uintptr_t)li->e820_table;

	boot_set_cmdline(li->cmdline);
	for (uint32_t i = 0; i < li->e820_count; i++)
		boot_add_region(e[i].base, e[i].length, e[i].type == RAM);
	if (!boot_info.nr_regions)
		boot_guess_memory();
}

void boot_info_init(unsigned protocol, uint32_t address)
{
	static const char *const names[] = {"unknown", "multiboot", "pvh", "linux"};
	const void *told = (const void *)(uintptr_t)address;

	/* Whatever lies beyond what is mapped now cannot be read: as if nothing had been told. */
	if (address >= BOOT_MAP_END)
		protocol = BOOT_UNKNOWN;
	boot_info.protocol = protocol;
	boot_info.protocol_name = names[protocol];
	if (protocol == BOOT_MULTIBOOT)
		boot_from_multiboot(told);
	else if (protocol == BOOT_PVH)
		boot_from_pvh(told);
	else if (protocol == BOOT_LINUX)
		boot_from_linux(told);
	else
		boot_guess_memory();
}

/* Calls fn for what the regions from `other` on leave of [start, end), a part of region i. */
static void boot_ram_left(unsigned i, unsigned other, uint64_t start, uint64_t end, boot_ram_fn *fn)
{
	for (; other < boot_info.nr_regions && start < end; other++) {
		const struct boot_region *r = &boot_info.region[other];
		uint64_t r_end = r->base + r->length;

		if ((r->usable && other >= i) || r->base >= end || r_end <= start)
			continue;
		if (r->base > start)
			boot_ram_left(i, other + 1, start, r->base, fn);
		start = r_end;
	}
	if (start < end)
		fn(start, end);
}

void boot_for_each_ram(uint64_t lo, uint64_t hi, boot_ram_fn *fn)
{
	for (unsigned i = 0; i < boot_info.nr_regions; i++) {
		const struct boot_region *r = &boot_info.region[i];
		uint64_t end = r->base + r->length;

		if (!r->usable || end < r->base)
			continue;
		boot_ram_left(i, 0, r->base < lo ? lo : r->base, end > hi ? hi : end, fn);
	}
}
