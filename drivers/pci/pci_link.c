/* SPDX-License-Identifier: MIT */
#include "drivers/pci/pci_link.h"

#include "drivers/irqchip/irqchip.h"
#include "kernel/printk.h"
#include "lib/errno.h"

#define PIIX3_VENDOR   0x8086
#define PIIX3_ISA      0x7000
#define PIRQ_ROUTE(n)  (0x60 + (n)) /* bit 7: not routed; bits 3:0: the ISA irq */
#define PIRQ_DISABLED  0x80
#define ISA_IRQ_USABLE 0xdef8u /* 3-7, 9-12, 14, 15: those that can be level */

static const struct pci_device *pci_router(void)
{
	return pci_find(PIIX3_VENDOR, PIIX3_ISA);
}

int pci_link_irq(unsigned link)
{
	const struct pci_device *router = pci_router();
	uint8_t route;

	if (!router || link >= PCI_LINKS)
		return -ENODEV;
	route = pci_read8(router, PIRQ_ROUTE(link));
	if (route & PIRQ_DISABLED || !(ISA_IRQ_USABLE >> (route & 15) & 1))
		return -ENODEV;
	return route & 15;
}

int pci_link_program(unsigned link, unsigned isa_irq)
{
	const struct pci_device *router = pci_router();
	int err;

	if (!router)
		return -ENODEV;
	if (link >= PCI_LINKS || isa_irq > 15 || !(ISA_IRQ_USABLE >> isa_irq & 1))
		return -EINVAL;
	err = irqchip_set_trigger(isa_irq, TRIGGER_LEVEL, POLARITY_LOW);
	if (err)
		return err;
	pci_write8(router, PIRQ_ROUTE(link), (uint8_t)isa_irq);
	return 0;
}

int pci_intx_irq(const struct pci_device *dev)
{
	if (dev->irq_pin < 1 || dev->irq_pin > 4 || dev->irq_line < 1 || dev->irq_line > 15)
		return -ENODEV;
	return dev->irq_line;
}
