/* SPDX-License-Identifier: MIT */
/* The capability list of a PCI function (PCI Local Bus 3.0, 6.7 and 6.8), read through a
 * callback. */
#ifndef LIB_PCI_CAPS_H
#define LIB_PCI_CAPS_H

#include <stdbool.h>
#include <stdint.h>

/* Reads 16 bits of configuration space at an even offset. */
typedef uint16_t pci_caps_read_fn(unsigned offset, void *ctx);

/* Walks the list that begins at first. The offset of the capability id, or 0: not there. Ends
 * also when the list is a loop, and never reads below 0x40, where no capability can be. */
unsigned pci_caps_find(pci_caps_read_fn *read, void *ctx, unsigned first, uint8_t id);

/* Where the registers of an MSI capability are: offsets in configuration space. */
struct pci_msi_cap {
	uint8_t control; /* 16 bits; bit 0 is the enable bit */
	uint8_t address; /* low word; a high word follows when the capability is wide */
	uint8_t data;    /* 16 bits */
	uint8_t mask;    /* 32 bits, a bit for each message; 0: there are no mask bits */
	bool wide;
	uint8_t messages; /* it can send: 1, 2, 4 ... 32 */
};

#define PCI_MSI_ENABLE    (1u << 0)
#define PCI_MSI_MULTIPLE  (7u << 4) /* log2 of the number of messages in use */
#define PCI_MSIX_ENABLE   (1u << 15)
#define PCI_MSIX_MASK_ALL (1u << 14)

/* Parses the MSI capability at `at`. 0, or -EINVAL: it reaches beyond configuration space, or its
 * number of messages is a reserved value. */
int pci_caps_msi(pci_caps_read_fn *read, void *ctx, unsigned at, struct pci_msi_cap *cap);

/* Of an MSI-X table an entry is 16 bytes: address (64 bits), data, control (bit 0 masks). */
#define PCI_MSIX_ENTRY_BYTES 16u

struct pci_msix_cap {
	uint8_t control; /* offset of the 16 bit register in configuration space */
	uint8_t bar, pending_bar;
	uint16_t entries;        /* 1 to 2048 */
	uint32_t table, pending; /* offsets in their BARs */
};

/* Parses the MSI-X capability at `at`; bar_bytes[6] are the sizes of the memory BARs, 0 for what
 * is none. 0, or -EINVAL: it reaches beyond configuration space; the table or the pending bits
 * are in a BAR that there is not, do not fit into it, or overlap. */
int pci_caps_msix(pci_caps_read_fn *read, void *ctx, unsigned at, const uint64_t *bar_bytes,
		  struct pci_msix_cap *cap);

#endif
