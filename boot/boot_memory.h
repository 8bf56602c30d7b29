/* SPDX-License-Identifier: MIT */
#ifndef BOOT_BOOT_MEMORY_H
#define BOOT_BOOT_MEMORY_H

/* Gives the RAM of boot_info to the page allocator and takes Daisy's own page tables into use.
 * Panics when the machine has too little for that: nobody could act on it. */
void boot_memory_init(void);

#endif
