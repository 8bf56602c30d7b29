/* SPDX-License-Identifier: MIT */
/* The routes over a line of the board: INTx of the platform device, and a gsi that nobody uses.
 */
#include "drivers/xen/upcall_route.h"

#include "drivers/irqchip/irqchip.h"
#include "drivers/pci/pci.h"
#include "drivers/pci/pci_link.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/platform_pci.h"
#include "lib/errno.h"

static bool line_possible(enum isa_chip chip, struct upcall_why *why)
{
	if (!irqchip_has(ISA_PIC) && !irqchip_has(ISA_IOAPIC))
		explain(why, "this machine has neither a PIC nor an IO-APIC");
	else if (!irqchip_has(chip))
		explain(why, "there is no %s", chip == ISA_PIC ? "PIC" : "IO-APIC");
	else if (upcall_percpu_for_ever)
		explain(why, "vCPU 0 has had a vector of its own, Xen raises no line any more");
	else
		return true;
	return false;
}

/* How each ISA line was before a route took it first. */
static struct line {
	bool held;
	enum isa_chip chip;
	struct board_isa_route route;
} isa_lines[BOARD_NR_ISA_IRQS];

static void line_undo(unsigned number)
{
	struct line *l = &isa_lines[number];

	if (irq_get(number))
		irq_get(number)->boot_cpu_only = false;
	if (number >= BOARD_NR_ISA_IRQS || !l->held)
		return;
	irqchip_set_trigger(number, l->route.trigger, l->route.polarity);
	irqchip_isa_use(number, l->chip);
	l->held = false;
}

static int line_take(unsigned number, enum isa_chip chip)
{
	struct line *l = &isa_lines[number];

	if (number >= BOARD_NR_ISA_IRQS)
		return 0;
	if (!l->held)
		*l = (struct line){true, irqchip_isa_chip(number), board_get()->isa[number]};
	return irqchip_isa_use(number, chip);
}

/* Level in every case: Xen holds the line while upcall_pending is set, and lets it go at the
 * first VM exit after that. A line that is in use goes to the other chip with its action. */
static struct irq *line_prepare(unsigned number, enum isa_chip chip, struct upcall_why *why)
{
	int err = line_take(number, chip);

	if (!err)
		err = irqchip_set_trigger(number, TRIGGER_LEVEL, POLARITY_LOW);
	if (!err && irq_get(number)) {
		/* Elsewhere the line arrives, but what it is about is in vCPU 0's words. */
		irq_get(number)->boot_cpu_only = true;
		return irq_get(number);
	}
	if (!upcall_now_irq || upcall_now_irq->number != number)
		line_undo(number);
	explain(why, "irq %u cannot be had (error %d)", number, err);
	return NULL;
}

static const struct pci_device *intx_device(enum isa_chip chip, struct upcall_why *why)
{
	const struct pci_device *dev = platform_pci_device();

	if (!dev)
		explain(why, "no Xen platform device on the PCI bus");
	else if (!dev->irq_pin)
		explain(why, "the platform device has no interrupt pin");
	else if (line_possible(chip, why))
		return dev;
	return NULL;
}

static struct irq *intx_prepare(enum isa_chip chip, struct upcall_why *why)
{
	const struct pci_device *dev = intx_device(chip, why);
	int number = dev ? pci_intx_irq(dev) : -ENODEV;

	if (dev && number < 0)
		explain(why, "the platform device's INTx leads to no ISA irq");
	return number < 0 ? NULL : line_prepare(number, chip, why);
}

struct irq *upcall_intx_prepare_ioapic(struct upcall_why *why)
{
	return intx_prepare(ISA_IOAPIC, why);
}

struct irq *upcall_intx_prepare_pic(struct upcall_why *why)
{
	return intx_prepare(ISA_PIC, why);
}

/* The pin that Xen raises along with the link's ISA irq. Only Xen wires it so, and no table but
 * the firmware's byte code says it: the confirmation decides. */
struct irq *upcall_intx_prepare_gsi(struct upcall_why *why)
{
	const struct pci_device *dev = intx_device(ISA_IOAPIC, why);

	return dev ? line_prepare(pci_intx_gsi_xen(dev->dev, dev->irq_pin - 1), ISA_IOAPIC, why)
		   : NULL;
}

/* vCPU 0 by the line, the others by the irq of their own vectors. */
static struct irq *hybrid_prepare(enum isa_chip chip, struct upcall_why *why)
{
	if (!evtchn_daisy())
		explain(why, "daisy=off: the drivers share one irq");
	else if (board_get()->nr_cpus < 2)
		explain(why, "there is one vCPU");
	else if (upcall_percpu_prepare(why))
		return intx_prepare(chip, why);
	return NULL;
}

struct irq *upcall_hybrid_prepare_ioapic(struct upcall_why *why)
{
	return hybrid_prepare(ISA_IOAPIC, why);
}

struct irq *upcall_hybrid_prepare_pic(struct upcall_why *why)
{
	return hybrid_prepare(ISA_PIC, why);
}

int upcall_intx_arm(struct irq *irq, struct upcall_why *why)
{
	const struct pci_device *dev = platform_pci_device();
	uint64_t devfn = dev->dev << 3 | dev->fn;

	return upcall_set_callback(
		VIA(PCI_INTX, (uint64_t)dev->bus << 16 | devfn << 8 | (dev->irq_pin - 1)), why);
}

static bool line_is_free(unsigned number)
{
	const struct irq *irq = irq_get(number);

	if (!irq || (irq->actions && irq != upcall_now_irq))
		return false;
	for (unsigned link = 0; link < PCI_LINKS; link++) {
		if (pci_link_irq(link) == (int)number)
			return false;
	}
	return true;
}

/* Lines that can be level, those first behind which a PC has nothing (COM2 is rare). By the PIC,
 * 5 and 3 cost one exit: from 8 on they are ended in two chips, 7 is looked at before. */
static struct irq *gsi_prepare(enum isa_chip chip, struct upcall_why *why)
{
	static const uint8_t lines[] = {5, 3, 7, 10, 11, 9, 4, 6, 15, 14, 12};

	if (!line_possible(chip, why))
		return NULL;
	for (unsigned i = 0; i < sizeof(lines); i++) {
		if (line_is_free(lines[i]))
			return line_prepare(lines[i], chip, why);
	}
	explain(why, "no ISA irq is free");
	return NULL;
}

struct irq *upcall_gsi_prepare_ioapic(struct upcall_why *why)
{
	return gsi_prepare(ISA_IOAPIC, why);
}

struct irq *upcall_gsi_prepare_pic(struct upcall_why *why)
{
	return gsi_prepare(ISA_PIC, why);
}

int upcall_gsi_arm(struct irq *irq, struct upcall_why *why)
{
	bool pin = irqchip_isa_chip(irq->number) == ISA_IOAPIC;
	uint32_t gsi = pin ? board_get()->isa[irq->number].gsi : irq->number;

	return upcall_set_callback(VIA(GSI, gsi), why);
}

void upcall_line_undo(struct irq *irq)
{
	line_undo(irq->number);
}
