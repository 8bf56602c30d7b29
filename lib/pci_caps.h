/* SPDX-License-Identifier: MIT */
/* The capability list of a PCI function (PCI Local Bus 3.0, 6.7), read through a callback. */
#ifndef LIB_PCI_CAPS_H
#define LIB_PCI_CAPS_H

#include <stdint.h>

/* Reads 16 bits of configuration space at an even offset. */
typedef uint16_t pci_caps_read_fn(unsigned offset, void *ctx);

/* Walks the list that begins at first. The offset of the capability id, or 0: not there. Ends
 * also when the list is a loop, and never reads below 0x40, where no capability can be. */
unsigned pci_caps_find(pci_caps_read_fn *read, void *ctx, unsigned first, uint8_t id);

#endif
