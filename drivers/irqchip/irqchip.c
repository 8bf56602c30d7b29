/* SPDX-License-Identifier: MIT */
#include "drivers/irqchip/irqchip.h"

#include "arch/x86/cpu.h"
#include "drivers/irqchip/ioapic.h"
#include "drivers/irqchip/pic.h"
#include "kernel/irq.h"
#include "kernel/printk.h"
#include "kernel/vector.h"
#include "lib/errno.h"
#include "lib/printf.h"

static struct board board;
static bool has_pic;
static unsigned ioapic_top; /* one past the highest gsi, 0: no IO-APIC in use */
static enum isa_chip isa_on[BOARD_NR_ISA_IRQS];

/* An irq that is cut off later keeps its actions, and nothing happens. */
static const struct irq_chip none_chip = {.name = "none"};

const struct board *board_get(void)
{
	return &board;
}

bool irqchip_has(enum isa_chip chip)
{
	return chip == ISA_PIC ? has_pic : chip == ISA_IOAPIC ? ioapic_top > 0 : true;
}

enum isa_chip irqchip_isa_chip(unsigned irq)
{
	return irq < BOARD_NR_ISA_IRQS ? isa_on[irq] : ISA_NONE;
}

static int fixed_attach(struct irq *irq, enum isa_chip chip,
			const struct board_isa_route *route)
{
	if (chip == ISA_PIC)
		return pic_attach(irq, route->trigger == TRIGGER_LEVEL);
	if (chip == ISA_IOAPIC)
		return ioapic_attach(irq, route->gsi, route->trigger, route->polarity);
	irq_attach(irq, &none_chip, irq_flow_edge, irq->number, NULL, irq->name);
	return 0;
}

static void fixed_detach(struct irq *irq, enum isa_chip chip)
{
	if (chip == ISA_PIC)
		pic_detach(irq);
	else if (chip == ISA_IOAPIC)
		ioapic_detach(irq);
}

/* The source of a fixed irq is exchanged under it. First it comes home to the boot CPU, so that
 * holding back that CPU's interrupts is enough. */
static int fixed_move(struct irq *irq, enum isa_chip from, const struct board_isa_route *old,
		      enum isa_chip to, const struct board_isa_route *route)
{
	int err = irq->vector_cpu ? irq_set_affinity(irq->number, 0) : 0;
	bool on;

	if (!err && irq->late && to == ISA_IOAPIC && route->trigger != TRIGGER_LEVEL)
		err = -EOPNOTSUPP; /* masked, the pin would forget edges */
	if (err)
		return err;
	on = local_irq_save();
	irq_mask_for(irq, IRQ_MASK_TEMPORARY);
	fixed_detach(irq, from);
	err = fixed_attach(irq, to, route);
	if (err && fixed_attach(irq, from, old)) {
		fixed_attach(irq, ISA_NONE, old);
		if (irq->number < BOARD_NR_ISA_IRQS)
			isa_on[irq->number] = ISA_NONE;
	}
	irq_unmask_for(irq, IRQ_MASK_TEMPORARY); /* by the new chip */
	local_irq_restore(on);
	return err;
}

int irqchip_isa_use(unsigned number, enum isa_chip chip)
{
	struct irq *irq;
	int err;

	if (number >= BOARD_NR_ISA_IRQS)
		return -EINVAL;
	irq = irq_get(number);
	if (!irq || !irqchip_has(chip))
		return -ENODEV;
	if (isa_on[number] == chip)
		return 0;
	err = fixed_move(irq, isa_on[number], &board.isa[number], chip, &board.isa[number]);
	if (!err)
		isa_on[number] = chip;
	return err;
}

int irqchip_set_trigger(unsigned number, enum board_trigger trigger,
			enum board_polarity polarity)
{
	struct irq *irq = number < irq_gsi_top ? irq_get(number) : NULL;
	struct board_isa_route old = {.gsi = number}, new;
	enum isa_chip chip = ISA_IOAPIC;
	int err;

	if (!irq)
		return -EINVAL;
	if (number < BOARD_NR_ISA_IRQS) {
		old = board.isa[number];
		chip = isa_on[number];
	}
	new = old;
	new.trigger = trigger;
	new.polarity = polarity;
	err = chip == ISA_NONE ? 0 : fixed_move(irq, chip, &old, chip, &new);
	if (!err && number < BOARD_NR_ISA_IRQS)
		board.isa[number] = new;
	return err;
}

/* Interrupts on a vector without an irq: they must be ended all the same, or their whole
 * priority class is held back for ever. */
static void irqchip_end_stray(unsigned vector)
{
	if (lapic_isr(vector))
		lapic_eoi();
}

/* The reserved irq, with its chip: the IO-APIC where it has the pin, else the PIC. */
static void isa_place(unsigned number)
{
	const struct board_isa_route *route = &board.isa[number];
	enum isa_chip chip = ioapic_has_gsi(route->gsi) ? ISA_IOAPIC : ISA_PIC;
	struct irq *irq;
	int err;

	irq = irq_reserve(number, &err);
	if (!irq) {
		printk_warn("irq %u: cannot be reserved (%d)\n", number, err);
		return;
	}
	irq->name = "isa";
	if (chip == ISA_IOAPIC && fixed_attach(irq, ISA_IOAPIC, route))
		chip = ISA_PIC; /* the pin is another irq's: irq 2, as a rule */
	if (chip == ISA_PIC && (!has_pic || fixed_attach(irq, ISA_PIC, route)))
		chip = ISA_NONE;
	isa_on[number] = chip; /* ISA_NONE: irq->chip stays NULL, nobody can request it */
}

/* Overrides first: they name their pins, the others have what is left. */
static void isa_place_all(void)
{
	for (int overridden = 1; overridden >= 0; overridden--)
		for (unsigned n = 0; n < BOARD_NR_ISA_IRQS; n++)
			if (board.isa[n].overridden == overridden)
				isa_place(n);
}

static bool gsi_is_isa(uint32_t gsi)
{
	for (unsigned n = 0; n < BOARD_NR_ISA_IRQS; n++)
		if (board.isa[n].gsi == gsi)
			return true;
	return false;
}

/* Pins beyond the ISA ones are PCI's: level, active low. */
static void gsi_place_all(void)
{
	for (uint32_t gsi = BOARD_NR_ISA_IRQS; gsi < ioapic_top; gsi++) {
		struct irq *irq;
		int err;

		if (!ioapic_has_gsi(gsi) || gsi_is_isa(gsi))
			continue;
		irq = irq_reserve(gsi, &err);
		if (irq) {
			irq->name = "gsi";
			err = ioapic_attach(irq, gsi, TRIGGER_LEVEL, POLARITY_LOW);
		}
		if (err)
			printk_warn("gsi %u: left out (%d)\n", gsi, err);
	}
}

/* Without an override the firmware says in the ELCR which ISA irqs are level. */
static void isa_read_elcr(void)
{
	if (pic_is_level(0)) /* never is: nothing answers there */
		return;
	for (unsigned n = 0; n < BOARD_NR_ISA_IRQS; n++)
		if (!board.isa[n].overridden && pic_is_level(n)) {
			board.isa[n].trigger = TRIGGER_LEVEL;
			board.isa[n].polarity = POLARITY_LOW;
		}
}

static void chips_init(bool noapic, enum lapic_mode mode)
{
	has_pic = pic_probe();
	board.has_pic = has_pic;
	if (has_pic) {
		pic_init();
		isa_read_elcr();
	}
	if (lapic_init(mode))
		printk_warn("lapic: %s\n",
			    lapic_present() ? "no x2APIC, running as xAPIC" : "there is none");
	if (!has_pic)
		lapic_set_extint(false);
	/* The IO-APICs come last: masking their pins cuts off a PIC that came through one. */
	if (!noapic && lapic_present())
		ioapic_top = (unsigned)ioapic_init(&board);
}

void irqchip_init(const struct board *b, bool noapic, enum lapic_mode mode)
{
	int err;

	board = *b;
	chips_init(noapic, mode);
	vector_stray_hook = irqchip_end_stray;
	err = irq_layout_init(ioapic_top > BOARD_NR_ISA_IRQS ? ioapic_top : BOARD_NR_ISA_IRQS);
	if (err) {
		printk_warn("irq: no layout for %u gsis (%d)\n", ioapic_top, err);
		return;
	}
	isa_place_all();
	gsi_place_all();
	if (lapic_present())
		lapic_init_spurious();
}

void irqchip_describe(char *buf, size_t size)
{
	int length = fmt_snprintf(buf, size, "%s, ", has_pic ? "pic" : "no pic");

	if ((size_t)length < size)
		length += lapic_present()
				  ? fmt_snprintf(buf + length, size - length, "lapic %s id %u",
						 lapic_ops->name, lapic_id())
				  : fmt_snprintf(buf + length, size - length, "no lapic");
	if ((size_t)length < size)
		ioapic_describe(buf + length, size - length);
}

void irqchip_dump(void)
{
	if (has_pic)
		pic_dump();
	ioapic_dump();
}
