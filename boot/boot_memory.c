/* SPDX-License-Identifier: MIT */
/* From the loader's memory map to the page allocator and the final page tables. */
#include "boot/boot_memory.h"

#include "arch/x86/paging.h"
#include "arch/x86/sections.h"
#include "boot/boot_info.h"
#include "kernel/memory.h"
#include "kernel/panic.h"
#include "kernel/printk.h"

/* Below: vectors, BIOS data, and the page that secondary CPUs will start in. Above 512 KiB the
 * firmware's data may begin, whatever a map says. */
#define LOW_START  0x10000ull
#define LOW_END	   0x80000ull
/* Daisy needs a few MiB: what a 32-bit device can reach is plenty. */
#define HIGH_END 0x100000000ull

/* Calls fn for the RAM in [lo, hi) that is neither the image's nor the firmware's. */
static void for_each_ram(uint64_t lo, uint64_t hi, boot_ram_fn *fn)
{
	if (lo < LOW_END)
		boot_for_each_ram(LOW_START, LOW_END, fn);
	boot_for_each_ram(lo > (uintptr_t)_bss_end ? lo : (uintptr_t)_bss_end, hi, fn);
}

static void map_ram(uint64_t start, uint64_t end)
{
	start = (start + PAGE_SIZE - 1) & PAGE_MASK;
	end &= PAGE_MASK;
	if (start < end && paging_map(start, end - start, MAP_WRITE))
		panic("not enough memory to map the RAM at 0x%lx", start);
}

void boot_memory_init(void)
{
	for_each_ram(0, BOOT_MAP_END, pages_donate);
	if (paging_init(page_alloc))
		panic("not enough memory for page tables: %zu pages of RAM in the memory map",
		      pages_total_count());
	for_each_ram(0, HIGH_END, map_ram);
	paging_activate();
	for_each_ram(BOOT_MAP_END, HIGH_END, pages_donate);
	printk("memory: %zu KiB usable, %zu KiB free, image %zu KiB at 0x%lx\n",
	       pages_total_count() * 4, pages_free_count() * 4,
	       (size_t)(_bss_end - _image_start) / 1024, (uintptr_t)_image_start);
}
