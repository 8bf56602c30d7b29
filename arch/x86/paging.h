/* SPDX-License-Identifier: MIT */
/* Daisy's own page tables: identity mapping (virtual address == physical address), with W^X, NX
 * on everything that is not code, page 0 absent and guard pages under the stacks. Some pages have a
 * second address, in tables that grow by pages and lie in one piece (PAGING_FLAT). */
#ifndef ARCH_X86_PAGING_H
#define ARCH_X86_PAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096ul
#define PAGE_MASK  (~(PAGE_SIZE - 1))

/* Half a GiB of addresses without memory: an instruction reaches them by 32 bits, with their sign. */
#define PAGING_FLAT 0xffffffffe0000000ul

enum {
	MAP_WRITE = 1,
	MAP_EXEC = 2,
	MAP_DEVICE = 4, /* uncached: registers of a device */
};

/* Builds tables that hold the image with its sections' rights and its guards; alloc gives zeroed
 * pages below 128 MiB. Map the RAM, then paging_activate() leaves the loose tables of boot/head.S.
 * 0 or -ENOMEM. */
int paging_init(void *(*alloc)(void));
void paging_activate(void);

/* Maps [address, address + length) onto itself with these rights, splitting large pages where it
 * has to; both are rounded out to pages. 0 or -ENOMEM; -EINVAL for MAP_WRITE|MAP_EXEC. */
int paging_map(uintptr_t address, size_t length, unsigned rights);
/* Maps a page at another address as well, in PAGING_FLAT, where nothing was mapped. 0 or -ENOMEM. */
int paging_map_flat(uintptr_t address, const void *page);
/* Takes [address, address + length) out of the mapping: a guard. 0 or -ENOMEM. */
int paging_unmap(uintptr_t address, size_t length);
/* Registers of a device at a physical address: mapped uncached; the address, or
 * NULL: no memory for tables, or something else than a device is mapped there. */
volatile void *paging_map_device(uint64_t physical, size_t length);
/* Is every byte of the range mapped? For the panic screen, which must not fault. */
bool paging_is_mapped(uintptr_t address, size_t length);

/* The page table entry that maps an address (SDM 3A, 4.5); for tests. 0: not mapped. */
uint64_t paging_entry(uintptr_t address);

#endif
