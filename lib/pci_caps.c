/* SPDX-License-Identifier: MIT */
#include "lib/pci_caps.h"

#define CAPS_START 0x40 /* behind the header */
#define CAPS_MAX   48   /* 192 bytes of them, 4 at the least each: more steps are a loop */

unsigned pci_caps_find(pci_caps_read_fn *read, void *ctx, unsigned first, uint8_t id)
{
	unsigned at = first & 0xfc;

	for (unsigned i = 0; at >= CAPS_START && i < CAPS_MAX; i++) {
		uint16_t head = read(at, ctx);

		if ((head & 0xff) == id)
			return at;
		at = head >> 8 & 0xfc;
	}
	return 0;
}
