/* SPDX-License-Identifier: MIT */
/* Which messages a device can send; turning them on, and off again. */
#include "drivers/irqchip/msi.h"

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "drivers/irqchip/irq_move.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/irqchip/msi_message.h"
#include "drivers/pci/pci.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/vector.h"
#include "lib/errno.h"

static uint16_t read_config(unsigned offset, void *ctx)
{
	return pci_read16(ctx, offset);
}

/* Finds and checks the table. 0; -ENODEV, -EINVAL, -ENOMEM. */
static int msix_find(struct pci_device *dev, struct pci_msix_cap *cap, volatile uint32_t **table)
{
	unsigned at = pci_find_capability(dev, PCI_CAP_MSIX);
	uint64_t bytes[6];
	int err;

	if (!at)
		return -ENODEV;
	for (unsigned i = 0; i < 6; i++)
		bytes[i] = dev->bar[i].io || !dev->bar[i].address ? 0 : dev->bar[i].size;
	err = pci_caps_msix(read_config, dev, at, bytes, cap);
	if (err)
		return err;
	*table = paging_map_device(dev->bar[cap->bar].address + cap->table,
				   cap->entries * PCI_MSIX_ENTRY_BYTES);
	return *table ? 0 : -ENOMEM;
}

static int msi_find(struct pci_device *dev, struct pci_msi_cap *cap)
{
	unsigned at = pci_find_capability(dev, PCI_CAP_MSI);

	return at ? pci_caps_msi(read_config, dev, at, cap) : -ENODEV;
}

static void control_change(const struct msi_set *set, unsigned offset, uint16_t set_bits,
			   uint16_t clear)
{
	uint16_t control = pci_read16(set->dev, offset);

	pci_write16(set->dev, offset, (uint16_t)((control & ~clear) | set_bits));
}

/* The CPU with the fewest irqs that a message can name. */
static struct cpu *message_pick_cpu(void)
{
	struct cpu *cpu = cpus[irq_pick_cpu()];

	return cpu->apic_id <= IRQ_MOVE_APIC_ID_MAX ? cpu : &boot_cpu;
}

static int message_create(struct message *m, const struct irq_chip *chip)
{
	int err, vector;

	m->irq = irq_alloc(&err);
	if (!m->irq)
		return err;
	irq_attach(m->irq, chip, msi_flow, message_index(m), m, chip->name);
	vector = vector_alloc(message_pick_cpu(), m->irq);
	if (vector < 0) {
		irq_release(m->irq);
		m->irq = NULL;
		return vector;
	}
	irq_count_home(m->irq, true);
	return 0;
}

static void message_destroy(struct message *m)
{
	irq_move_drain(cpus[m->irq->vector_cpu], m->irq->vector);
	vector_release(cpus[m->irq->vector_cpu], m->irq->vector);
	irq_release(m->irq);
}

/* As many as there are vectors and numbers for. */
static int msi_fill(struct msi_set *set, unsigned wanted, volatile uint32_t *table, int irqs[])
{
	const struct irq_chip *chip = table ? &msix_chip : &msi_chip;
	int err = 0;

	while (set->count < wanted && !err) {
		struct message *m = &set->messages[set->count];

		*m = (struct message){.set = set};
		m->entry = table ? table + set->count * ENTRY_WORDS : NULL;
		err = message_create(m, chip);
		if (err)
			break;
		irqs[set->count++] = (int)m->irq->number;
	}
	return set->count ? 0 : err;
}

/* MSI-X is enabled first, all masked as a whole: the table may not be there before. */
static void msi_enable(struct msi_set *set, volatile uint32_t *table, unsigned entries)
{
	struct pci_device *dev = set->dev;

	set->command = pci_read16(dev, PCI_COMMAND);
	pci_set_command(dev, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE,
			0);
	if (set->control)
		control_change(set, set->control, PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL, 0);
	for (unsigned i = 0; i < entries; i++)
		table[i * ENTRY_WORDS + ENTRY_CONTROL] = ENTRY_MASKED;
	for (unsigned i = 0; i < set->count; i++)
		message_program(&set->messages[i]);
	if (set->control)
		control_change(set, set->control, 0, PCI_MSIX_MASK_ALL);
	else
		control_change(set, set->cap.control, PCI_MSI_ENABLE, PCI_MSI_MULTIPLE);
}

int msi_request_vectors(struct pci_device *dev, unsigned wanted, int irqs[])
{
	struct pci_msix_cap msix = {0};
	struct pci_msi_cap msi = {0};
	volatile uint32_t *table = NULL;
	struct msi_set *set;
	int err;

	if (!wanted || dev->msi)
		return wanted ? -EBUSY : -EINVAL;
	err = lapic_present() ? msix_find(dev, &msix, &table) : -ENODEV;
	if (err) {
		int other = lapic_present() ? msi_find(dev, &msi) : -ENODEV;

		if (other)
			return other == -ENODEV ? err : other;
		msix.entries = 0;
	}
	if (wanted > (table ? msix.entries : 1u))
		wanted = table ? msix.entries : 1;
	set = heap_alloc(sizeof(*set) + wanted * sizeof(set->messages[0]));
	if (!set)
		return -ENOMEM;
	*set = (struct msi_set){.dev = dev, .cap = msi, .control = table ? msix.control : 0};
	err = msi_fill(set, wanted, table, irqs);
	if (err) {
		heap_free(set);
		return err;
	}
	msi_enable(set, table, msix.entries);
	dev->msi = set;
	return (int)set->count;
}

int msi_release(struct pci_device *dev)
{
	struct msi_set *set = dev->msi;
	uint16_t mine = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE;

	if (!set)
		return -ENOENT;
	for (unsigned i = 0; i < set->count; i++)
		if (set->messages[i].irq->actions)
			return -EBUSY;
	if (!(read_rflags() & RFLAGS_IF))
		return -EBUSY;
	if (set->control)
		control_change(set, set->control, 0, PCI_MSIX_ENABLE);
	else
		control_change(set, set->cap.control, 0, PCI_MSI_ENABLE);
	pci_set_command(dev, set->command & mine, mine);
	for (unsigned i = 0; i < set->count; i++)
		message_destroy(&set->messages[i]);
	dev->msi = NULL;
	heap_free(set);
	return 0;
}
