/* SPDX-License-Identifier: MIT */
/* From INTA-INTD to an irq: the PIIX3's four PIRQ links (82371SB, 4.1.10: registers 0x60-0x63
 * of the ISA bridge), each routed to an ISA irq; and what to do where no firmware did it. */
#ifndef DRIVERS_PCI_PCI_LINK_H
#define DRIVERS_PCI_PCI_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/pci/pci.h"

#define PCI_LINKS 4u

/* The link of a device's pin (intx 0-3) on Xen's bus 0: hvm_pci_intx_link() in Xen's irq.h.
 * Other boards are wired in other ways: where firmware ran, go by pci_device.irq_line. */
static inline unsigned pci_link_of(unsigned dev, unsigned intx)
{
	return (dev + intx) & 3;
}
/* The gsi Xen alone raises for it as well: hvm_pci_intx_gsi(). Not true of other boards. */
static inline uint32_t pci_intx_gsi_xen(unsigned dev, unsigned intx)
{
	return (((dev << 2) + (dev >> 3) + intx) & 31) + 16;
}

/* The ISA irq a link is routed to, or -ENODEV: disabled, or no PIIX3. */
int pci_link_irq(unsigned link);
/* Routes a link to an ISA irq, which becomes level (ELCR and IO-APIC). 0, -ENODEV, -EINVAL. */
int pci_link_program(unsigned link, unsigned isa_irq);
/* The ISA irq a device interrupts on, 1-15, or -ENODEV: no pin, or not routed. */
int pci_intx_irq(const struct pci_device *dev);

/* Where no firmware ran (no BAR set, no link routed): routes the links to 5, 10, 11, 5 as
 * hvmloader does, gives every BAR an address (ports from 0xc000, memory in [0xf0000000,
 * 0xfc000000)), writes the interrupt lines and turns decoding on. Elsewhere it changes
 * nothing. Says which. After irqchip_init() and pci_scan(). True: there was no firmware. */
bool pci_assign_resources(void);

#endif
