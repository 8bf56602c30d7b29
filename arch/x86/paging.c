/* SPDX-License-Identifier: MIT */
/* Four levels, identity mapping. Large (2 MiB) pages where rights do not differ inside one; they
 * are split when a guard or a section asks for it. */
#include "arch/x86/paging.h"

#include "arch/x86/cpu.h"
#include "arch/x86/sections.h"
#include "lib/errno.h"
#include "lib/string.h"

#define PTE_PRESENT  (1ull << 0)
#define PTE_WRITE    (1ull << 1)
#define PTE_UNCACHED (1ull << 4 | 1ull << 3) /* PCD, PWT: PAT entry 3, UC after reset */
#define PTE_LARGE    (1ull << 7)
#define PTE_NX	     (1ull << 63)
#define PTE_ADDRESS  0x000ffffffffff000ull

#define LARGE_SIZE (1ull << 21)
#define TOP_LEVEL  4

static uint64_t *root;
static uint64_t nx; /* PTE_NX where the processor has it */
static void *(*table_alloc)(void);

/* The size of what one entry of a level maps: 4 KiB, 2 MiB, 1 GiB, 512 GiB. */
static uint64_t level_span(unsigned level)
{
	return 1ull << (PAGE_SHIFT + 9 * (level - 1));
}

static unsigned level_index(uintptr_t address, unsigned level)
{
	return address / level_span(level) % 512;
}

/* Turns a large page into a table of small ones with the same rights. */
static uint64_t *paging_split(uint64_t *entry)
{
	uint64_t *table = table_alloc();

	if (!table)
		return NULL;
	for (unsigned i = 0; i < 512; i++)
		table[i] = (*entry & ~PTE_LARGE) + i * PAGE_SIZE;
	*entry = (uintptr_t)table | PTE_PRESENT | PTE_WRITE;
	return table;
}

/* The table that an entry points to; made when it is absent, split when it is a large page. */
static uint64_t *paging_next(uint64_t *entry)
{
	uint64_t *table;

	if (*entry & PTE_LARGE)
		return paging_split(entry);
	if (*entry & PTE_PRESENT)
		return (uint64_t *)(*entry & PTE_ADDRESS);
	table = table_alloc();
	if (table)
		*entry = (uintptr_t)table | PTE_PRESENT | PTE_WRITE;
	return table;
}

/* The entry of `level` for an address, tables above it made as needed. */
static uint64_t *paging_walk(uintptr_t address, unsigned level)
{
	uint64_t *table = root;

	for (unsigned l = TOP_LEVEL; l > level; l--) {
		table = paging_next(&table[level_index(address, l)]);
		if (!table)
			return NULL;
	}
	return &table[level_index(address, level)];
}

/* May [address, end) be mapped by one large page, without dropping a table that is there? */
static bool paging_large_fits(uintptr_t address, uintptr_t end)
{
	uint64_t *entry;

	if (address % LARGE_SIZE || end - address < LARGE_SIZE)
		return false;
	entry = paging_walk(address, 2);
	return entry && (!(*entry & PTE_PRESENT) || *entry & PTE_LARGE);
}

/* bits 0 unmaps. */
static int paging_set(uintptr_t address, size_t length, uint64_t bits)
{
	uintptr_t end = (address + length + PAGE_SIZE - 1) & PAGE_MASK;

	address &= PAGE_MASK;
	while (address < end) {
		bool large = paging_large_fits(address, end);
		uint64_t *entry = paging_walk(address, large ? 2 : 1);

		if (!entry)
			return -ENOMEM;
		*entry = bits ? address | bits | (large ? PTE_LARGE : 0) : 0;
		invlpg(address);
		address += large ? LARGE_SIZE : PAGE_SIZE;
	}
	return 0;
}

int paging_map(uintptr_t address, size_t length, unsigned rights)
{
	uint64_t bits = PTE_PRESENT;

	if ((rights & MAP_WRITE) && (rights & MAP_EXEC))
		return -EINVAL;
	if (rights & MAP_WRITE)
		bits |= PTE_WRITE;
	if (!(rights & MAP_EXEC))
		bits |= nx;
	if (rights & MAP_DEVICE)
		bits |= PTE_UNCACHED;
	return paging_set(address, length, bits);
}

int paging_unmap(uintptr_t address, size_t length)
{
	return paging_set(address, length, 0);
}

int paging_map_flat(uintptr_t address, const void *page)
{
	uint64_t *entry = paging_walk(address, 1);

	if (!entry)
		return -ENOMEM;
	*entry = (uintptr_t)page | PTE_PRESENT | PTE_WRITE | nx;
	return 0;
}

volatile void *paging_map_device(uint64_t physical, size_t length)
{
	for (uintptr_t page = physical & PAGE_MASK; page < physical + length; page += PAGE_SIZE) {
		uint64_t entry = paging_entry(page);

		if (entry && !(entry & PTE_UNCACHED))
			return NULL; /* memory, not a device's registers */
	}
	if (paging_map(physical, length, MAP_WRITE | MAP_DEVICE))
		return NULL;
	return (volatile void *)(uintptr_t)physical;
}

uint64_t paging_entry(uintptr_t address)
{
	uint64_t entry, *table = root ? root : (uint64_t *)read_cr3();

	for (unsigned level = TOP_LEVEL; level; level--) {
		entry = table[level_index(address, level)];
		if (!(entry & PTE_PRESENT))
			return 0;
		if (entry & PTE_LARGE)
			return entry;
		table = (uint64_t *)(entry & PTE_ADDRESS);
	}
	return entry;
}

bool paging_is_mapped(uintptr_t address, size_t length)
{
	for (uintptr_t a = address & PAGE_MASK; a < address + length; a += PAGE_SIZE)
		if (!paging_entry(a))
			return false;
	return true;
}

/* Not 0 when a table could not be had. */
static int paging_map_image(void)
{
	return paging_map((uintptr_t)_text_start, _text_end - _text_start, MAP_EXEC) |
	       paging_map((uintptr_t)_text_end, _rodata_end - _text_end, 0) |
	       paging_map((uintptr_t)_rodata_end, _bss_end - _rodata_end, MAP_WRITE) |
	       paging_map((uintptr_t)hypercall_page, PAGE_SIZE, MAP_EXEC) |
	       paging_unmap((uintptr_t)_stacks_start, PAGE_SIZE) |
	       paging_unmap((uintptr_t)boot_stack_top, PAGE_SIZE) |
	       paging_unmap((uintptr_t)ist_stack_nmi, PAGE_SIZE) |
	       paging_unmap((uintptr_t)ist_stack_df, PAGE_SIZE);
}

int paging_init(void *(*alloc)(void))
{
	table_alloc = alloc;
	nx = rdmsr(MSR_EFER) & EFER_NXE ? PTE_NX : 0;
	root = alloc();
	return root && !paging_map_image() ? 0 : -ENOMEM;
}

void paging_activate(void)
{
	write_cr3((uintptr_t)root);
}
