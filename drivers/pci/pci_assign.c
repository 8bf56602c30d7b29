/* SPDX-License-Identifier: MIT */
/* What firmware would have done. The ranges are those of Xen's hvmloader
 * (tools/firmware/hvmloader, pci.c and config.h), because a domain without firmware has Xen's
 * memory map. */
#include "drivers/pci/pci_bar.h"
#include "drivers/pci/pci_link.h"
#include "kernel/printk.h"

struct window {
	uint64_t next, end;
};

static const uint8_t link_irqs[PCI_LINKS] = {5, 10, 11, 5};

static bool pci_bars_untouched(const struct pci_device *dev)
{
	for (unsigned i = 0; i < 6; i++)
		if (dev->bar[i].size && dev->bar[i].address)
			return false;
	return true;
}

static bool pci_firmware_ran(void)
{
	for (const struct pci_device *d = pci_first(); d; d = d->next)
		if (!pci_bars_untouched(d))
			return true;
	for (unsigned link = 0; link < PCI_LINKS; link++)
		if (pci_link_irq(link) >= 0)
			return true;
	return false;
}

/* BARs are powers of two in size and lie on a multiple of it. 0: no room. */
static uint64_t window_take(struct window *w, uint64_t size)
{
	uint64_t at = (w->next + size - 1) & -size;

	if (at < w->next || at >= w->end || size > w->end - at)
		return 0;
	w->next = at + size;
	return at;
}

static void pci_assign_device(struct pci_device *dev, struct window *ports,
			      struct window *memory)
{
	uint16_t decode = 0;

	for (unsigned i = 0; i < 6; i++) {
		struct pci_bar *bar = &dev->bar[i];
		uint64_t at = bar->size ? window_take(bar->io ? ports : memory, bar->size) : 0;

		if (at) {
			pci_bar_assign(dev, i, at);
			decode |= bar->io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
		} else if (bar->size) {
			printk_warn("pci: %02x:%02x.%u: no room for BAR %u of 0x%llx bytes\n",
				    dev->bus, dev->dev, dev->fn, i,
				    (unsigned long long)bar->size);
		}
	}
	pci_set_command(dev, decode, 0);
}

static void pci_assign_irq(struct pci_device *dev)
{
	int irq = -1;

	if (dev->irq_pin >= 1 && dev->irq_pin <= 4)
		irq = pci_link_irq(pci_link_of(dev->dev, dev->irq_pin - 1u));
	if (irq < 0)
		return;
	pci_write8(dev, PCI_IRQ_LINE, (uint8_t)irq);
	dev->irq_line = (uint8_t)irq;
}

bool pci_assign_resources(void)
{
	struct window ports = {0xc000, 0x10000};
	struct window memory = {0xf0000000, 0xfc000000};

	if (!pci_first())
		return false;
	if (pci_firmware_ran()) {
		printk("pci: resources are as the firmware set them\n");
		return false;
	}
	for (unsigned link = 0; link < PCI_LINKS; link++)
		if (pci_link_program(link, link_irqs[link]))
			printk_warn("pci: link %u cannot be routed to irq %u\n", link,
				    link_irqs[link]);
	for (struct pci_device *d = pci_first(); d; d = d->next) {
		if (d->bus != 0 || d->header != 0)
			continue; /* bridges have no buses behind them yet */
		pci_assign_device(d, &ports, &memory);
		pci_assign_irq(d);
	}
	printk("pci: no firmware ran: ports 0xc000-0x%llx, memory 0xf0000000-0x%llx, links to "
	       "irq "
	       "%u %u %u %u\n",
	       (unsigned long long)ports.next - 1, (unsigned long long)memory.next - 1,
	       link_irqs[0], link_irqs[1], link_irqs[2], link_irqs[3]);
	return true;
}
