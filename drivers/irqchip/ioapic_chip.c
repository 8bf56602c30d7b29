/* SPDX-License-Identifier: MIT */
/* A pin as an irq: its mask, its aim, its vector. */
#include "drivers/irqchip/ioapic.h"

#include "drivers/irqchip/ioapic_pin.h"
#include "drivers/irqchip/irq_move.h"
#include "drivers/irqchip/lapic.h"
#include "kernel/cpu.h"
#include "kernel/vector.h"
#include "lib/errno.h"
#include "lib/printf.h"

/* Changes `unmasked` or `held`, and shows the chip. */
static void ioapic_set(struct ioapic_pin *pin, bool *flag, bool value)
{
	bool on = spin_lock(&ioapic_lock);

	*flag = value;
	ioapic_write_low(pin);
	spin_unlock(&ioapic_lock, on);
}

static void ioapic_mask(struct irq *irq)
{
	struct ioapic_pin *pin = irq->chip_data;

	ioapic_set(pin, &pin->unmasked, false);
}

static void ioapic_unmask(struct irq *irq)
{
	struct ioapic_pin *pin = irq->chip_data;

	ioapic_set(pin, &pin->unmasked, true);
}

/* --- moving a pin to another CPU --- */

/* A level line stays up while it is masked and is seen again when it no longer is. */
static void ioapic_hold(struct irq *irq, bool hold)
{
	struct ioapic_pin *pin = irq->chip_data;

	ioapic_set(pin, &pin->held, hold);
}

/* The EOI finds its pin by the vector: none must be due when that changes. */
static bool ioapic_idle(const struct irq *irq)
{
	bool on = spin_lock(&ioapic_lock);
	uint64_t entry = ioapic_read_entry(irq->chip_data);

	spin_unlock(&ioapic_lock, on);
	return !(entry & IOAPIC_REMOTE_IRR);
}

static void ioapic_aim(struct irq *irq, unsigned vector, const struct cpu *cpu)
{
	struct ioapic_pin *pin = irq->chip_data;
	bool on = spin_lock(&ioapic_lock);

	pin->low = (pin->low & ~ENTRY_VECTOR) | vector;
	pin->dest = cpu->apic_id << ENTRY_DEST_SHIFT;
	if (vector != irq->vector)
		ioapic_write_low(pin);
	ioapic_write_dest(pin);
	irq->vector = (uint16_t)vector;
	irq->vector_cpu = (uint8_t)cpu->id;
	/* What was sent before is out of the chip when a read has been answered. */
	ioapic_read_entry(pin);
	spin_unlock(&ioapic_lock, on);
}

/* An edge that comes while its pin is masked is lost (82093AA, 3.2.4), so there it is not. */
static int ioapic_set_affinity(struct irq *irq, unsigned cpu)
{
	static const struct irq_mover level = {ioapic_hold, ioapic_idle, ioapic_aim};
	static const struct irq_mover edge = {NULL, NULL, ioapic_aim};
	const struct ioapic_pin *pin = irq->chip_data;

	return irq_move(irq, cpu, pin->low & ENTRY_LEVEL ? &level : &edge);
}

static void ioapic_irq_describe(const struct irq *irq, char *buf, size_t size)
{
	const struct ioapic_pin *pin = irq->chip_data;

	fmt_snprintf(buf, size, "gsi %u vec 0x%x %s", irq->hw, irq->vector,
		     pin->low & ENTRY_LEVEL ? "level" : "edge");
}

static const struct irq_chip ioapic_chip = {
	.name = "ioapic",
	.mask = ioapic_mask,
	.unmask = ioapic_unmask,
	.ack = lapic_ack,
	.eoi = lapic_ack,
	.mask_forgets = true,
	.set_affinity = ioapic_set_affinity,
	.describe = ioapic_irq_describe,
};

int ioapic_attach(struct irq *irq, uint32_t gsi, enum board_trigger trigger,
		  enum board_polarity polarity)
{
	struct ioapic_pin *pin = ioapic_find_pin(gsi);
	bool level = trigger == TRIGGER_LEVEL, on;
	int vector;

	if (!pin)
		return -EINVAL;
	if (pin->irq)
		return -EBUSY;
	vector = vector_alloc(&boot_cpu, irq);
	if (vector < 0)
		return vector;
	pin->irq = irq;
	pin->dest = boot_cpu.apic_id << ENTRY_DEST_SHIFT;
	pin->low = (uint32_t)vector | (level ? ENTRY_LEVEL : 0) |
		   (polarity == POLARITY_LOW ? ENTRY_ACTIVE_LOW : 0);
	irq_attach(irq, &ioapic_chip, level ? irq_flow_level : irq_flow_edge, gsi, pin,
		   irq->name);
	irq->vector = (uint16_t)vector;
	irq->vector_cpu = 0;
	on = spin_lock(&ioapic_lock);
	ioapic_write_dest(pin); /* masked as yet */
	spin_unlock(&ioapic_lock, on);
	return 0;
}

void ioapic_detach(struct irq *irq)
{
	struct ioapic_pin *pin = irq->chip_data;
	bool on = spin_lock(&ioapic_lock);

	/* Edge and masked: that also clears a remote IRR whose EOI never comes. */
	pin->unmasked = false;
	pin->low = 0;
	ioapic_write_low(pin);
	spin_unlock(&ioapic_lock, on);
	pin->irq = NULL;
	vector_release(cpus[irq->vector_cpu], irq->vector);
	irq->vector = 0;
	irq->chip_data = NULL;
}
