/* SPDX-License-Identifier: MIT */
#include "drivers/pci/pci.h"

#include "drivers/pci/pci_bar.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/bitmap.h"
#include "lib/errno.h"

#define NR_BUSES              256u
#define PCI_DEVICES_MAX       256u /* a scan that finds more sees ghosts */
#define HEADER_MULTI_FUNCTION 0x80
#define HEADER_BRIDGE         1

/* Emptiness is allowed: a kernel without PCI drivers. */
extern const struct pci_driver __start_set_pci_drivers[] __attribute__((weak));
extern const struct pci_driver __stop_set_pci_drivers[] __attribute__((weak));

static struct pci_device *devices, **devices_tail = &devices;
static unsigned nr_devices;

struct pci_device *pci_first(void)
{
	return devices;
}

struct pci_device *pci_find(uint16_t vendor, uint16_t device)
{
	struct pci_device *d = devices;

	while (d && (d->vendor != vendor || d->device != device))
		d = d->next;
	return d;
}

struct pci_device *pci_at(unsigned bus, unsigned dev, unsigned fn)
{
	struct pci_device *d = devices;

	while (d && (d->bus != bus || d->dev != dev || d->fn != fn))
		d = d->next;
	return d;
}

static void pci_fill(struct pci_device *d)
{
	uint32_t id = pci_read32(d, PCI_VENDOR), irq = pci_read32(d, PCI_IRQ_LINE);

	d->vendor = (uint16_t)id;
	d->device = (uint16_t)(id >> 16);
	d->irq_line = (uint8_t)irq;
	d->irq_pin = (uint8_t)(irq >> 8);
	d->class = pci_read32(d, PCI_CLASS) >> 8;
	d->header = pci_read8(d, PCI_HEADER_TYPE) & ~HEADER_MULTI_FUNCTION;
	pci_bars_read(d);
}

static struct pci_device *pci_add(const struct pci_device *where)
{
	struct pci_device *d;

	if (nr_devices == PCI_DEVICES_MAX)
		return NULL;
	d = heap_alloc(sizeof(*d));
	if (!d)
		return NULL;
	*d = *where;
	pci_fill(d);
	*devices_tail = d;
	devices_tail = &d->next;
	nr_devices++;
	return d;
}

/* reached gets the buses behind the bridges that are found. */
static void pci_scan_device(unsigned bus, unsigned dev, uint64_t *reached)
{
	struct pci_device where = {.bus = (uint8_t)bus, .dev = (uint8_t)dev};
	unsigned functions = 1;

	for (unsigned fn = 0; fn < functions; fn++) {
		struct pci_device *d;

		where.fn = (uint8_t)fn;
		if (pci_read16(&where, PCI_VENDOR) == 0xffff)
			continue; /* without function 0 there is no other */
		if (fn == 0 && pci_read8(&where, PCI_HEADER_TYPE) & HEADER_MULTI_FUNCTION)
			functions = 8;
		d = pci_add(&where);
		if (d && d->header == HEADER_BRIDGE)
			bitmap_set(reached, pci_read8(d, PCI_SECONDARY_BUS));
	}
}

int pci_scan(void)
{
	uint64_t reached[BITMAP_WORDS(NR_BUSES)] = {1}, done[BITMAP_WORDS(NR_BUSES)] = {0};
	bool progress = true;

	if (!pci_probe_mechanism())
		return -ENODEV;
	while (progress) {
		progress = false;
		for (unsigned bus = 0; bus < NR_BUSES; bus++) {
			if (!bitmap_test(reached, bus) || bitmap_test(done, bus))
				continue;
			bitmap_set(done, bus); /* each once, whatever the bridges say */
			progress = true;
			for (unsigned dev = 0; dev < 32; dev++)
				pci_scan_device(bus, dev, reached);
		}
	}
	if (nr_devices == PCI_DEVICES_MAX)
		printk_warn("pci: %u functions, more are not looked at\n", nr_devices);
	return (int)nr_devices;
}

static bool pci_driver_knows(const struct pci_driver *drv, const struct pci_device *d)
{
	for (const struct pci_id *id = drv->ids; id->vendor; id++)
		if (id->vendor == d->vendor && id->device == d->device)
			return true;
	return false;
}

static bool pci_bind(struct pci_device *d)
{
	const struct pci_driver *drv;
	int err;

	for (drv = __start_set_pci_drivers; drv < __stop_set_pci_drivers; drv++) {
		if (!pci_driver_knows(drv, d))
			continue;
		err = drv->probe(d);
		if (!err)
			return true;
		printk_warn("pci: %s does not take %02x:%02x.%u: error %d\n", drv->name, d->bus,
			    d->dev, d->fn, err);
	}
	return false;
}

unsigned pci_bind_drivers(void)
{
	unsigned bound = 0;

	for (struct pci_device *d = devices; d; d = d->next)
		bound += pci_bind(d);
	return bound;
}

void pci_dump(void)
{
	for (const struct pci_device *d = devices; d; d = d->next) {
		printk("pci: %02x:%02x.%u %04x:%04x class %06x pin %u line %u\n", d->bus,
		       d->dev, d->fn, d->vendor, d->device, d->class, d->irq_pin, d->irq_line);
		for (unsigned i = 0; i < 6; i++)
			if (d->bar[i].size)
				printk("pci:   bar %u %s 0x%llx size 0x%llx\n", i,
				       d->bar[i].io ? "ports" : "memory",
				       (unsigned long long)d->bar[i].address,
				       (unsigned long long)d->bar[i].size);
	}
}

SHELL_COMMAND(lspci, "", "PCI functions and their BARs")
{
	pci_dump();
	if (!devices)
		printk("lspci: there is no PCI bus\n");
	return 0;
}
