/* SPDX-License-Identifier: MIT */
#include "lib/pci_caps.h"

#include "lib/errno.h"

#define CAPS_START 0x40 /* behind the header */
#define CAPS_END   0x100
#define CAPS_MAX   48   /* 192 bytes of them, 4 at the least each: more steps are a loop */

#define NR_BARS 6

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

/* The message control register: the second word of either capability. */
enum { CONTROL = 2 };

/* MSI's: bits 3:1 log2 of the messages, bit 7 wide, bit 8 mask bits. */
#define MSI_LOG2_MAX 5u
#define MSI_WIDE     (1u << 7)
#define MSI_MASKABLE (1u << 8)

int pci_caps_msi(pci_caps_read_fn *read, void *ctx, unsigned at, struct pci_msi_cap *cap)
{
	uint16_t control = read(at + CONTROL, ctx);
	unsigned log2 = control >> 1 & 7;
	unsigned data = at + (control & MSI_WIDE ? 12 : 8);
	/* The mask register is followed by the pending bits. */
	unsigned end = control & MSI_MASKABLE ? data + 12 : data + 2;

	if (log2 > MSI_LOG2_MAX || end > CAPS_END)
		return -EINVAL;
	*cap = (struct pci_msi_cap){
		.control = at + CONTROL,
		.address = at + 4,
		.data = data,
		.mask = control & MSI_MASKABLE ? data + 4 : 0,
		.wide = control & MSI_WIDE,
		.messages = 1 << log2,
	};
	return 0;
}

enum { MSIX_TABLE = 4, MSIX_PENDING = 8, MSIX_BYTES = 12 };

static uint32_t read32(pci_caps_read_fn *read, void *ctx, unsigned at)
{
	return read(at, ctx) | (uint32_t)read(at + 2, ctx) << 16;
}

static bool fits(const uint64_t *bar_bytes, unsigned bar, uint32_t offset, uint64_t bytes)
{
	return bar < NR_BARS && bytes <= bar_bytes[bar] && offset <= bar_bytes[bar] - bytes;
}

int pci_caps_msix(pci_caps_read_fn *read, void *ctx, unsigned at, const uint64_t *bar_bytes,
		  struct pci_msix_cap *cap)
{
	uint64_t table_bytes, pending_bytes;
	uint32_t table, pending;

	if (at > CAPS_END - MSIX_BYTES)
		return -EINVAL;
	table = read32(read, ctx, at + MSIX_TABLE);
	pending = read32(read, ctx, at + MSIX_PENDING);
	*cap = (struct pci_msix_cap){
		.control = at + CONTROL,
		.bar = table & 7,
		.pending_bar = pending & 7,
		.entries = (read(at + CONTROL, ctx) & 0x7ff) + 1,
		.table = table & ~7u,
		.pending = pending & ~7u,
	};
	table_bytes = cap->entries * PCI_MSIX_ENTRY_BYTES;
	pending_bytes = (cap->entries + 63u) / 64 * 8;
	if (!fits(bar_bytes, cap->bar, cap->table, table_bytes) ||
	    !fits(bar_bytes, cap->pending_bar, cap->pending, pending_bytes))
		return -EINVAL;
	if (cap->bar == cap->pending_bar && cap->table < cap->pending + pending_bytes &&
	    cap->pending < cap->table + table_bytes)
		return -EINVAL;
	return 0;
}
