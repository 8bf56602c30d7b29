/* SPDX-License-Identifier: MIT */
/* Configuration space, mechanism 1: an address register and a data window, so nothing may come
 * between a pair of accesses, neither an interrupt nor another CPU's pair. */
#include "arch/x86/cpu.h"
#include "drivers/pci/pci_bar.h"
#include "kernel/spinlock.h"
#include "lib/pci_caps.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  0x80000000u

static struct spinlock config_lock;

static void pci_select(const struct pci_device *dev, unsigned offset)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE | (uint32_t)dev->bus << 16 |
				     (uint32_t)dev->dev << 11 | (uint32_t)dev->fn << 8 |
				     (offset & 0xfc));
}

/* Is the address register a register? Where there is no PCI it reads all ones. */
bool pci_probe_mechanism(void)
{
	uint32_t old = inl(CONFIG_ADDRESS);
	bool there;

	outl(CONFIG_ADDRESS, CONFIG_ENABLE);
	there = inl(CONFIG_ADDRESS) == CONFIG_ENABLE;
	outl(CONFIG_ADDRESS, old);
	return there;
}

uint32_t pci_read32(const struct pci_device *dev, unsigned offset)
{
	bool on = spin_lock(&config_lock);
	uint32_t value;

	pci_select(dev, offset);
	value = inl(CONFIG_DATA);
	spin_unlock(&config_lock, on);
	return value;
}

uint16_t pci_read16(const struct pci_device *dev, unsigned offset)
{
	return (uint16_t)(pci_read32(dev, offset) >> (offset & 2) * 8);
}

uint8_t pci_read8(const struct pci_device *dev, unsigned offset)
{
	return (uint8_t)(pci_read32(dev, offset) >> (offset & 3) * 8);
}

void pci_write32(const struct pci_device *dev, unsigned offset, uint32_t value)
{
	bool on = spin_lock(&config_lock);

	pci_select(dev, offset);
	outl(CONFIG_DATA, value);
	spin_unlock(&config_lock, on);
}

void pci_write16(const struct pci_device *dev, unsigned offset, uint16_t value)
{
	bool on = spin_lock(&config_lock);

	pci_select(dev, offset);
	outw((uint16_t)(CONFIG_DATA + (offset & 2)), value);
	spin_unlock(&config_lock, on);
}

void pci_write8(const struct pci_device *dev, unsigned offset, uint8_t value)
{
	bool on = spin_lock(&config_lock);

	pci_select(dev, offset);
	outb((uint16_t)(CONFIG_DATA + (offset & 3)), value);
	spin_unlock(&config_lock, on);
}

void pci_set_command(const struct pci_device *dev, uint16_t set, uint16_t clear)
{
	uint16_t command = pci_read16(dev, PCI_COMMAND);

	pci_write16(dev, PCI_COMMAND, (uint16_t)((command & ~clear) | set));
}

static uint16_t read_capability(unsigned offset, void *ctx)
{
	return pci_read16(ctx, offset);
}

unsigned pci_find_capability(const struct pci_device *dev, uint8_t id)
{
	if (!(pci_read16(dev, PCI_STATUS) & PCI_STATUS_CAPABILITIES))
		return 0;
	return pci_caps_find(read_capability, (void *)dev, pci_read8(dev, PCI_CAP_POINTER), id);
}
