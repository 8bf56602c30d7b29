/* SPDX-License-Identifier: MIT */
/* PCI through configuration mechanism 1 (PCI Local Bus 3.0, 3.2.2.3.2; ports 0xcf8, 0xcfc). */
#ifndef DRIVERS_PCI_PCI_H
#define DRIVERS_PCI_PCI_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PCI_VENDOR = 0x00,
	PCI_DEVICE = 0x02,
	PCI_COMMAND = 0x04,
	PCI_STATUS = 0x06,
	PCI_CLASS = 0x08,
	PCI_HEADER_TYPE = 0x0e,
	PCI_BAR0 = 0x10,
	PCI_SECONDARY_BUS = 0x19,
	PCI_CAP_POINTER = 0x34,
	PCI_IRQ_LINE = 0x3c,
	PCI_IRQ_PIN = 0x3d,
};

#define PCI_COMMAND_IO           (1u << 0)
#define PCI_COMMAND_MEMORY       (1u << 1)
#define PCI_COMMAND_MASTER       (1u << 2)
#define PCI_COMMAND_INTX_DISABLE (1u << 10)
#define PCI_STATUS_CAPABILITIES  (1u << 4)

#define PCI_CAP_MSI  0x05
#define PCI_CAP_MSIX 0x11

struct pci_bar {
	uint64_t address; /* 0: not assigned */
	uint64_t size;    /* bytes; 0: there is no such BAR */
	bool io;          /* ports, not memory */
	bool wide;        /* 64 bit: takes this BAR's register and the next, which has size 0 */
	bool prefetch;
};

struct msi_set;

struct pci_device {
	uint8_t bus, dev, fn;
	uint8_t header; /* header type without the multi-function bit */
	uint16_t vendor, device;
	uint32_t class;   /* 24 bits: class, subclass, programming interface */
	uint8_t irq_line; /* the ISA irq the firmware wrote down; 0 or 255: none */
	uint8_t irq_pin;  /* 0: none, 1: INTA ... 4: INTD */
	struct pci_bar bar[6];
	void *driver_data;
	struct msi_set *msi; /* its messages, drivers/irqchip/msi.c; NULL: INTx */
	struct pci_device *next;
};

struct pci_id {
	uint16_t vendor, device; /* a table ends with vendor 0 */
};

struct pci_driver {
	const char *name;
	const struct pci_id *ids;
	int (*probe)(struct pci_device *dev); /* 0, or -errno: the device stays unclaimed */
};

/* Puts a driver into the set that pci_bind_drivers() walks. No order is promised. */
#define PCI_DRIVER(id, drv_name, id_table, probe_fn)                              \
	static const struct pci_driver pci_driver_##id                            \
		__attribute__((used, aligned(8), section("set_pci_drivers"))) = { \
			drv_name, id_table, probe_fn}

/* Finds all functions on all buses that are reached. How many, or -ENODEV: no PCI. */
int pci_scan(void);
/* Lets the drivers probe the devices that they know. How many devices got one. */
unsigned pci_bind_drivers(void);
/* The devices, in the order they were found: for (d = pci_first(); d; d = d->next) */
struct pci_device *pci_first(void);
struct pci_device *pci_find(uint16_t vendor, uint16_t device);
struct pci_device *pci_at(unsigned bus, unsigned dev, unsigned fn);
/* The configuration offset of a capability, or 0. Bounded, also when the list is a loop. */
unsigned pci_find_capability(const struct pci_device *dev, uint8_t id);
/* Sets and clears bits of the command register. */
void pci_set_command(const struct pci_device *dev, uint16_t set, uint16_t clear);
void pci_dump(void);

/* Configuration space; offsets in bytes, aligned to the width. */
uint8_t pci_read8(const struct pci_device *dev, unsigned offset);
uint16_t pci_read16(const struct pci_device *dev, unsigned offset);
uint32_t pci_read32(const struct pci_device *dev, unsigned offset);
void pci_write8(const struct pci_device *dev, unsigned offset, uint8_t value);
void pci_write16(const struct pci_device *dev, unsigned offset, uint16_t value);
void pci_write32(const struct pci_device *dev, unsigned offset, uint32_t value);

#endif
