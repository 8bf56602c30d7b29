/* SPDX-License-Identifier: MIT */
/* Every boot protocol becomes one struct boot_info. */
#include "boot/boot_info.h"

#include <xen/arch-x86/hvm/start_info.h>

#include "lib/string.h"

struct boot_info boot_info;

#define RAM 1u /* the type of usable memory in all three protocols' maps */

/* Without a map: what the smallest machine that can have loaded the image has. */
#define GUESS_LOW_END   0x80000u
#define GUESS_HIGH_BASE 0x100000u
#define GUESS_HIGH_SIZE 0x100000u

/* The n bytes where the loader says that they are; NULL: they do not all lie in what is mapped
 * now, and nothing else can be read. They may lie at any alignment: what is read there is
 * packed. */
static const void *boot_at(uint64_t address, size_t n, const char *what)
{
	if (!address || address >= BOOT_MAP_END || n > BOOT_MAP_END - address) {
		boot_info.unread = what;
		return NULL;
	}
	return (const void *)(uintptr_t)address;
}

/* length is not beyond the end of all addresses. */
static void boot_store_region(uint64_t base, uint64_t length, bool usable)
{
	if (boot_info.nr_regions == BOOT_MAX_REGIONS) {
		boot_info.nr_regions_cut++;
		return;
	}
	boot_info.region[boot_info.nr_regions++] =
		(struct boot_region){.base = base, .length = length, .usable = usable};
}

/* What runs over the end of all addresses is no RAM, but reserved as far as there are any. */
static void boot_add_region(uint64_t base, uint64_t length, bool usable)
{
	bool runs_over = length > UINT64_MAX - base;

	if (length && !(runs_over && usable))
		boot_store_region(base, runs_over ? UINT64_MAX - base : length, usable);
}

/* It ends at its NUL, or with what is mapped. */
static void boot_set_cmdline(uint64_t address)
{
	const char *text = address ? boot_at(address, 1, "the command line") : NULL;
	size_t length, n;

	if (!text)
		return;
	length = strnlen(text, BOOT_MAP_END - address);
	n = length < BOOT_CMDLINE_MAX ? length : BOOT_CMDLINE_MAX - 1;
	memcpy(boot_info.cmdline, text, n);
	boot_info.cmdline[n] = '\0';
	boot_info.cmdline_cut = length - n;
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
} __attribute__((packed));

struct multiboot_region {
	uint32_t size; /* of what follows */
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

static const char loaders_word[] = "what the loader told";
static const char memory_map[] = "the memory map";

static void boot_multiboot_map(const struct multiboot_info *mb)
{
	uint64_t at = mb->mmap_addr, end = at + mb->mmap_length;
	const struct multiboot_region *r;

	while (at + sizeof(*r) <= end && (r = boot_at(at, sizeof(*r), memory_map))) {
		boot_add_region(r->base, r->length, r->type == RAM);
		at += r->size + (uint64_t)sizeof(r->size);
	}
}

static void boot_from_multiboot(uint32_t address)
{
	const struct multiboot_info *mb = boot_at(address, sizeof(*mb), loaders_word);

	if (!mb)
		return;
	if (mb->flags & 1u << 2)
		boot_set_cmdline(mb->cmdline);
	if (mb->flags & 1u << 6)
		boot_multiboot_map(mb);
	if (!boot_info.nr_regions && mb->flags & 1u << 0) {
		boot_add_region(0, mb->mem_lower * 1024ull, true);
		boot_add_region(0x100000, mb->mem_upper * 1024ull, true);
	}
}

/* public/arch-x86/hvm/start_info.h; the memory map came with version 1. */
struct pvh_info {
	struct hvm_start_info si;
} __attribute__((packed));

struct pvh_region {
	struct hvm_memmap_table_entry e;
} __attribute__((packed));

static void boot_pvh_map(uint64_t at, uint32_t count)
{
	const struct pvh_region *r;

	for (; count && (r = boot_at(at, sizeof(*r), memory_map)); count--, at += sizeof(*r))
		boot_add_region(r->e.addr, r->e.size, r->e.type == XEN_HVM_MEMMAP_TYPE_RAM);
}

static void boot_from_pvh(uint32_t address)
{
	const struct pvh_info *p = boot_at(address, sizeof(*p), loaders_word);

	if (!p || p->si.magic != XEN_HVM_START_MAGIC_VALUE)
		return;
	boot_set_cmdline(p->si.cmdline_paddr);
	boot_info.rsdp = p->si.rsdp_paddr;
	if (p->si.version >= 1)
		boot_pvh_map(p->si.memmap_paddr, p->si.memmap_entries);
}

/* What boot/linux16.S collected: the entries are the BIOS's own. */
struct linux_info {
	uint32_t cmdline;
	uint32_t e820_count;
	uint32_t e820_table;
} __attribute__((packed));

struct e820_entry {
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

static void boot_from_linux(uint32_t address)
{
	const struct linux_info *li = boot_at(address, sizeof(*li), loaders_word);
	const struct e820_entry *e;
	uint64_t at;

	if (!li)
		return;
	boot_set_cmdline(li->cmdline);
	at = li->e820_table;
	for (uint32_t n = li->e820_count; n && (e = boot_at(at, sizeof(*e), memory_map)); n--) {
		boot_add_region(e->base, e->length, e->type == RAM);
		at += sizeof(*e);
	}
}

static void boot_from_nobody(uint32_t address)
{
	(void)address;
}

void boot_info_init(unsigned protocol, uint32_t address)
{
	static const struct {
		const char *name;
		void (*read)(uint32_t address);
	} protocols[] = {
		[BOOT_UNKNOWN] = {"unknown", boot_from_nobody},
		[BOOT_MULTIBOOT] = {"multiboot", boot_from_multiboot},
		[BOOT_PVH] = {"pvh", boot_from_pvh},
		[BOOT_LINUX] = {"linux", boot_from_linux},
	};

	boot_info.protocol = protocol;
	boot_info.protocol_name = protocols[protocol].name;
	protocols[protocol].read(address);
	if (!boot_info.nr_regions)
		boot_guess_memory();
}

/* Calls fn for what the regions from `other` on leave of [start, end), a part of region i. */
static void boot_ram_left(unsigned i, unsigned other, uint64_t start, uint64_t end,
			  boot_ram_fn *fn)
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
