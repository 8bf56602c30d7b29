/* SPDX-License-Identifier: MIT */
#include "drivers/acpi/scan.h"

#include "arch/x86/paging.h"
#include "arch/x86/sections.h"
#include "lib/string.h"

#define BDA_EBDA_SEGMENT 0x40e
#define EBDA_LOWEST      0x80000u
#define EBDA_END         0xa0000u
#define FIRMWARE_LIMIT   0x7fffffffffffull /* half of what four levels of tables can map */

bool firmware_map(uint64_t address, size_t length)
{
	if (address == 0 || address > FIRMWARE_LIMIT || length > FIRMWARE_LIMIT - address)
		return false;
	if (address < (uintptr_t)_bss_end && address + length > (uintptr_t)_image_start)
		return false; /* a table that claims to lie in the image lies */
	for (uintptr_t page = address & PAGE_MASK; page < address + length; page += PAGE_SIZE) {
		if (!paging_entry(page) && paging_map(page, PAGE_SIZE, 0))
			return false;
	}
	return true;
}

uintptr_t firmware_scan(uintptr_t start, uintptr_t end, const char *signature,
			bool (*accept)(const void *bytes, size_t available))
{
	size_t length = strlen(signature);

	if (!firmware_map(start, end - start))
		return 0;
	for (uintptr_t at = start; at + 16 <= end; at += 16)
		if (memcmp((const void *)at, signature, length) == 0 &&
		    accept((const void *)at, end - at))
			return at;
	return 0;
}

/* Page 0 is absent on purpose; it is there for this one read. (asm, because a compiler may take
 * a constant address so low for a null pointer with an offset.) */
uintptr_t firmware_ebda(void)
{
	uintptr_t at = BDA_EBDA_SEGMENT, ebda;
	uint16_t segment;

	if (paging_map(0, PAGE_SIZE, 0))
		return 0;
	asm volatile("movw (%1), %0" : "=r"(segment) : "r"(at) : "memory");
	paging_unmap(0, PAGE_SIZE);
	ebda = (uintptr_t)segment << 4;
	return ebda >= EBDA_LOWEST && ebda < EBDA_END ? ebda : 0;
}
