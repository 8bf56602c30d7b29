/* SPDX-License-Identifier: MIT */
#include "drivers/xen/platform_pci.h"

#include "drivers/pci/pci.h"
#include "kernel/printk.h"
#include "lib/errno.h"

#define VENDOR_XEN 0x5853

/* From the register in Xen's xen-pci-device-reservations(7). The vendors' devices from 0xc000
 * on are no platform devices: they come along with one. */
static const struct pci_id platform_ids[] = {
	{VENDOR_XEN, 0x0001}, /* Xen's own */
	{VENDOR_XEN, 0x0002}, /* XenServer's and XCP-ng's */
	{0, 0},
};

static const struct pci_device *platform;

const struct pci_device *platform_pci_device(void)
{
	return platform;
}

static int platform_probe(struct pci_device *dev)
{
	if (platform)
		return -EBUSY; /* Xen raises the line of one */
	pci_set_command(dev, PCI_COMMAND_IO | PCI_COMMAND_MEMORY, PCI_COMMAND_INTX_DISABLE);
	platform = dev;
	printk("xen-platform: pci %02x:%02x.%u, %04x:%04x, int%c, irq line %u\n", dev->bus,
	       dev->dev, dev->fn, dev->vendor, dev->device,
	       dev->irq_pin ? 'A' + dev->irq_pin - 1 : '-', dev->irq_line);
	return 0;
}

PCI_DRIVER(xen_platform, "xen-platform", platform_ids, platform_probe);
