/* SPDX-License-Identifier: MIT */
/* A message as an irq: its mask, its way to the handler, its aim. */
#include "drivers/irqchip/msi_message.h"

#include "drivers/irqchip/irq_move.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/pci/pci.h"
#include "kernel/cpu.h"
#include "kernel/spinlock.h"
#include "lib/compiler.h"
#include "lib/printf.h"

/* A message (SDM 3, 11.11): to this page, the CPU's APIC id in bits 19:12, fixed, physical; the
 * data is the vector: fixed, edge. */
#define MSI_ADDRESS    0xfee00000u
#define MSI_DEST_SHIFT 12

/* Masking on one CPU while another moves the message. */
static struct spinlock msi_lock;

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

/* Changes `unmasked` or `held`, and shows the device. */
static void message_set(struct message *m, bool *flag, bool value)
{
	bool on = spin_lock(&msi_lock);

	__atomic_store_n(flag, value, __ATOMIC_SEQ_CST);
	message_write_mask(m);
	spin_unlock(&msi_lock, on);
}

static void msi_mask(struct irq *irq)
{
	struct message *m = irq->chip_data;

	message_set(m, &m->unmasked, false);
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
void msi_flow(struct irq *irq)
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

void message_program(const struct message *m)
{
	if (m->entry)
		m->entry[ENTRY_ADDRESS_HIGH] = 0;
	else if (m->set->cap.wide)
		pci_write32(m->set->dev, m->set->cap.address + 4u, 0);
	message_write_mask(m);
	message_write_address(m, cpus[m->irq->vector_cpu]);
	message_write_data(m, m->irq->vector);
}

static void msi_hold(struct irq *irq, bool hold)
{
	struct message *m = irq->chip_data;

	message_set(m, &m->held, hold);
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

#define MESSAGE_CHIP(called)                                                                  \
	{                                                                                     \
		.name = (called),                                                             \
		.mask = msi_mask,                                                             \
		.unmask = msi_unmask,                                                         \
		.ack = lapic_ack,                                                             \
		.mask_forgets = true,                                                         \
		.set_affinity = msi_set_affinity,                                             \
		.describe = msi_describe,                                                     \
	}

const struct irq_chip msi_chip = MESSAGE_CHIP("msi"), msix_chip = MESSAGE_CHIP("msi-x");
