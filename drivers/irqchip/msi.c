/* SPDX-License-Identifier: MIT */
#include "drivers/irqchip/msi.h"

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "drivers/irqchip/irq_move.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/pci/pci.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/spinlock.h"
#include "kernel/vector.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/pci_caps.h"
#include "lib/printf.h"

/* A message (SDM 3, 11.11): to this page, the CPU's APIC id in bits 19:12, fixed, physical; the
 * data is the vector: fixed, edge. */
#define MSI_ADDRESS    0xfee00000u
#define MSI_DEST_SHIFT 12

/* A table entry, in 32-bit words. */
enum { ENTRY_ADDRESS, ENTRY_ADDRESS_HIGH, ENTRY_DATA, ENTRY_CONTROL, ENTRY_WORDS };
#define ENTRY_MASKED 1u

struct message {
	struct msi_set *set;
	struct irq *irq;
	volatile uint32_t *entry; /* MSI-X */
	bool unmasked;            /* by its irq ... */
	bool held;                /* ... but not while it is moved */
	bool came;                /* while it was masked, without a mask bit */
};

struct msi_set {
	struct pci_device *dev;
	struct pci_msi_cap cap; /* MSI */
	unsigned control;       /* MSI-X: the register's offset, else 0 */
	uint16_t command;       /* the device's, before */
	unsigned count;
	struct message messages[];
};

/* Masking on one CPU while another moves the message. */
static struct spinlock msi_lock;

static unsigned message_index(const struct message *m)
{
	return m - m->set->messages;
}

static bool message_has_mask(const struct message *m)
{
	return m->entry || m->set->cap.mask;
}

/* Shows the device whether it may send. The read sends the write on its way, and brings in what
 * the device sent before. */
static void message_write_mask(const struct message *m)
{
	bool masked = !m->unmasked || m->held;
	const struct msi_set *set = m->set;

	if (m->entry) {
		m->entry[ENTRY_CONTROL] = masked ? ENTRY_MASKED : 0;
		(void)m->entry[ENTRY_CONTROL];
	} else if (set->cap.mask) {
		pci_write32(set->dev, set->cap.mask, masked);
		(void)pci_read32(set->dev, set->cap.mask);
	}
}

static void msi_mask(struct irq *irq)
{
	struct message *m = irq->chip_data;
	bool on = spin_lock(&msi_lock);

	__atomic_store_n(&m->unmasked, false, __ATOMIC_SEQ_CST);
	message_write_mask(m);
	spin_unlock(&msi_lock, on);
}

/* What came meanwhile is sent again, to the CPU and the vector where it would come now. Under the
 * lock, so that a move that comes after finds it in that CPU's IRR. */
static void msi_unmask(struct irq *irq)
{
	struct message *m = irq->chip_data;
	bool on = spin_lock(&msi_lock);

	__atomic_store_n(&m->unmasked, true, __ATOMIC_SEQ_CST);
	message_write_mask(m);
	if (__atomic_exchange_n(&m->came, false, __ATOMIC_SEQ_CST))
		lapic_send_ipi(cpus[irq->vector_cpu]->apic_id, irq->vector);
	spin_unlock(&msi_lock, on);
}

/* Is it to wait? Noted first and asked again after: an unmasking that comes in between either
 * finds the note and sends, or is seen here; one of the two takes the note. */
static bool message_waits(struct message *m)
{
	if (likely(__atomic_load_n(&m->unmasked, __ATOMIC_RELAXED)))
		return false;
	__atomic_store_n(&m->came, true, __ATOMIC_SEQ_CST);
	return !__atomic_load_n(&m->unmasked, __ATOMIC_SEQ_CST) ||
	       !__atomic_exchange_n(&m->came, false, __ATOMIC_SEQ_CST);
}

/* With a mask bit, too: a message may have been on its way when it was set. */
static void msi_flow(struct irq *irq)
{
	if (unlikely(message_waits(irq->chip_data)))
		lapic_eoi();
	else
		irq_flow_edge(irq);
}

/* --- aiming: which CPU, which vector --- */

static void message_write_address(const struct message *m, const struct cpu *cpu)
{
	const struct msi_set *set = m->set;
	uint32_t address = MSI_ADDRESS | cpu->apic_id << MSI_DEST_SHIFT;

	if (m->entry)
		m->entry[ENTRY_ADDRESS] = address;
	else
		pci_write32(set->dev, set->cap.address, address);
}

static void message_write_data(const struct message *m, unsigned vector)
{
	if (m->entry)
		m->entry[ENTRY_DATA] = vector;
	else
		pci_write16(m->set->dev, m->set->cap.data, (uint16_t)vector);
}

static void msi_hold(struct irq *irq, bool hold)
{
	struct message *m = irq->chip_data;
	bool on = spin_lock(&msi_lock);

	m->held = hold;
	message_write_mask(m);
	spin_unlock(&msi_lock, on);
}

static void msi_aim(struct irq *irq, unsigned vector, const struct cpu *cpu)
{
	struct message *m = irq->chip_data;
	bool on = spin_lock(&msi_lock);

	if (vector != irq->vector)
		message_write_data(m, vector);
	message_write_address(m, cpu);
	message_write_mask(m); /* unchanged: for its read */
	irq->vector = (uint16_t)vector;
	irq->vector_cpu = (uint8_t)cpu->id;
	spin_unlock(&msi_lock, on);
}

static int msi_set_affinity(struct irq *irq, unsigned cpu)
{
	static const struct irq_mover held = {msi_hold, NULL, msi_aim};
	static const struct irq_mover running = {NULL, NULL, msi_aim};

	return irq_move(irq, cpu, message_has_mask(irq->chip_data) ? &held : &running);
}

static void msi_describe(const struct irq *irq, char *buf, size_t size)
{
	const struct message *m = irq->chip_data;
	const struct pci_device *d = m->set->dev;

	fmt_snprintf(buf, size, "%02x:%02x.%u/%u vec 0x%x", d->bus, d->dev, d->fn,
		     message_index(m), irq->vector);
}

static const struct irq_chip msi_chip = {
	.name = "msi",
	.mask = msi_mask,
	.unmask = msi_unmask,
	.ack = lapic_ack,
	.mask_forgets = true,
	.set_affinity = msi_set_affinity,
	.describe = msi_describe,
}, msix_chip = {
	.name = "msi-x",
	.mask = msi_mask,
	.unmask = msi_unmask,
	.ack = lapic_ack,
	.mask_forgets = true,
	.set_affinity = msi_set_affinity,
	.describe = msi_describe,
};

/* --- turning it on and off --- */

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

static void message_program(const struct message *m)
{
	if (m->entry)
		m->entry[ENTRY_ADDRESS_HIGH] = 0;
	else if (m->set->cap.wide)
		pci_write32(m->set->dev, m->set->cap.address + 4u, 0);
	message_write_mask(m);
	message_write_address(m, cpus[m->irq->vector_cpu]);
	message_write_data(m, m->irq->vector);
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
