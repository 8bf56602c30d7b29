/* SPDX-License-Identifier: MIT */
/* Which chip serves which irq. Fixed numbers are laid out here, once, from what the board told:
 * irq n in [0, 16) is ISA irq n, through the IO-APIC pin its override names or through PIC line
 * n; irq n in [16, gsi_top) is gsi n. A gsi that an override gave to an ISA irq has no number
 * of its own. */
#ifndef DRIVERS_IRQCHIP_IRQCHIP_H
#define DRIVERS_IRQCHIP_IRQCHIP_H

#include <stdbool.h>
#include <stddef.h>

#include "drivers/irqchip/lapic.h"
#include "lib/acpi_tables.h"

/* Finds and programs the chips, lays out the irq numbers and attaches every fixed one; all are
 * masked. noapic: the IO-APIC is left alone, ISA irqs go to the PIC. Goes on with what is
 * there and warns about what is not. The board is copied. */
void irqchip_init(const struct board *board, bool noapic, enum lapic_mode mode);

/* The board as irqchip_init() got it; has_pic and the ISA triggers as they really are. */
const struct board *board_get(void);

enum isa_chip { ISA_NONE, ISA_PIC, ISA_IOAPIC };

/* Moves an ISA irq to another chip; number, actions, counts and mask state stay. ISA_NONE cuts
 * it off. To be called on the boot CPU, which gets them all. 0; -ENODEV: that chip is not
 * there; -EINVAL: not an ISA irq, or that chip cannot take it (PIC line 2); -ENOSPC, -EBUSY as
 * ioapic_attach, or as irq_set_affinity where it was on another CPU. After an error it is where
 * it was. */
int irqchip_isa_use(unsigned irq, enum isa_chip chip);
enum isa_chip irqchip_isa_chip(unsigned irq);
bool irqchip_has(enum isa_chip chip);

/* Changes how a fixed irq is triggered, on the chip where it is and, for ISA irqs, wherever it
 * goes later (ELCR included): a PCI link or a hypervisor's callback on an ISA irq is level.
 * On the boot CPU. 0; -EINVAL: no such irq, or cannot be level; else as irqchip_isa_use. */
int irqchip_set_trigger(unsigned irq, enum board_trigger trigger, enum board_polarity polarity);

/* One line: "pic, lapic x2apic id 0, ioapic 0xfec00000 gsi 0-47". */
void irqchip_describe(char *buf, size_t size);
/* Every chip's registers, for people: a debug aid and a part of the panic screen. */
void irqchip_dump(void);

#endif
