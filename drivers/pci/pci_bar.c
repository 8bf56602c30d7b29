/* SPDX-License-Identifier: MIT */
#include "drivers/pci/pci_bar.h"

/* PCI Local Bus 3.0, 6.2.5.1. */
#define BAR_IO        (1u << 0)
#define BAR_TYPE_MASK (3u << 1)
#define BAR_TYPE_64   (2u << 1)
#define BAR_PREFETCH  (1u << 3)
#define BAR_IO_MASK   0xfffffffcu
#define BAR_MEM_MASK  0xfffffff0u
#define IO_SPACE_MASK 0xffffu

static unsigned pci_bar_count(const struct pci_device *dev)
{
	if (dev->header == 0)
		return 6;
	return dev->header == 1 ? 2 : 0; /* a bridge's other registers are its windows */
}

/* The bits of a BAR that can be written; the register is put back. */
static uint32_t pci_bar_probe(const struct pci_device *dev, unsigned offset)
{
	uint32_t old = pci_read32(dev, offset), bits;

	pci_write32(dev, offset, ~0u);
	bits = pci_read32(dev, offset);
	pci_write32(dev, offset, old);
	return bits;
}

/* The size is the lowest bit that can be written. */
static uint64_t pci_lowest_bit(uint64_t bits)
{
	return bits & -bits;
}

static void pci_bar_read(const struct pci_device *dev, unsigned i, struct pci_bar *bar,
			 bool pair)
{
	unsigned offset = PCI_BAR0 + 4 * i;
	uint32_t value = pci_read32(dev, offset), bits = pci_bar_probe(dev, offset);

	bar->io = value & BAR_IO;
	if (bar->io) {
		bar->address = value & BAR_IO_MASK & IO_SPACE_MASK;
		bar->size = pci_lowest_bit(bits & BAR_IO_MASK & IO_SPACE_MASK);
		return;
	}
	bar->prefetch = value & BAR_PREFETCH;
	bar->wide = pair && (value & BAR_TYPE_MASK) == BAR_TYPE_64;
	bar->address = value & BAR_MEM_MASK;
	bar->size = bits & BAR_MEM_MASK;
	if (bar->wide) {
		bar->address |= (uint64_t)pci_read32(dev, offset + 4) << 32;
		bar->size |= (uint64_t)pci_bar_probe(dev, offset + 4) << 32;
	}
	bar->size = pci_lowest_bit(bar->size);
}

/* While a BAR holds all ones the device must not answer there. */
void pci_bars_read(struct pci_device *dev)
{
	uint16_t command = pci_read16(dev, PCI_COMMAND);
	unsigned count = pci_bar_count(dev);

	if (!count)
		return;
	pci_write16(dev, PCI_COMMAND,
		    (uint16_t)(command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY)));
	for (unsigned i = 0; i < count; i++) {
		pci_bar_read(dev, i, &dev->bar[i], i + 1 < count);
		if (dev->bar[i].wide)
			i++;
	}
	pci_write16(dev, PCI_COMMAND, command);
}

void pci_bar_assign(struct pci_device *dev, unsigned i, uint64_t address)
{
	unsigned offset = PCI_BAR0 + 4 * i;

	pci_write32(dev, offset, (uint32_t)address);
	if (dev->bar[i].wide)
		pci_write32(dev, offset + 4, (uint32_t)(address >> 32));
	dev->bar[i].address = address;
}
