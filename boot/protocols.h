/* SPDX-License-Identifier: MIT */
/* Which protocol brought Daisy up, for C and assembler. */
#ifndef BOOT_PROTOCOLS_H
#define BOOT_PROTOCOLS_H

#define BOOT_UNKNOWN   0
#define BOOT_MULTIBOOT 1
#define BOOT_PVH       2
#define BOOT_LINUX     3

/* How much boot/head.S maps: the image, and what loaders lay beside it. */
#define BOOT_MAP_END 0x8000000

/* boot/linux16.S, loaded as the setup part of a Linux boot protocol image: where in it the
 * memory map is collected, and how many entries of 20 bytes fit before the part ends. */
#define LINUX_SETUP_SIZE    0x1000
#define LINUX_E820_OFFSET   0x400
#define LINUX_E820_MAX	    128
#define LINUX_CMDLINE_FIELD 0x228

#endif
