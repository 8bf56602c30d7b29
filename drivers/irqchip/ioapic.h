/* SPDX-License-Identifier: MIT */
/* IO-APICs: pins, numbered across all of them as gsis. A gsi's vector is carved on the boot
 * CPU, which all pins deliver to (fixed, physical) until irq_set_affinity() moves one. The
 * irq_chip "ioapic": the end of an interrupt is the local APIC's EOI, which for a level pin also
 * clears its remote IRR. */
#ifndef DRIVERS_IRQCHIP_IOAPIC_H
#define DRIVERS_IRQCHIP_IOAPIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/irq.h"
#include "lib/acpi_tables.h"

/* Maps the board's IO-APICs, counts their pins and masks all of them (so the PIC must reach the
 * CPU through LVT0, not through an ExtINT pin: lapic_init first). One that reads all ones is
 * left out, and said so. One past the highest gsi, or 0: there is none. */
int ioapic_init(const struct board *board);
/* Is there a pin for this gsi? */
bool ioapic_has_gsi(uint32_t gsi);
/* Ties irq to a pin and carves a vector for it; stays masked. Level pins get irq_flow_level,
 * others irq_flow_edge. 0, -EINVAL (no such gsi), -EBUSY (pin taken), -ENOSPC (no vector). */
int ioapic_attach(struct irq *irq, uint32_t gsi, enum board_trigger trigger,
		  enum board_polarity polarity);
/* Masks the pin, clears its remote IRR and releases its vector; the irq keeps the rest. */
void ioapic_detach(struct irq *irq);

/* Another interrupt on a pin whose remote IRR is set has to wait for the EOI. */
#define IOAPIC_REMOTE_IRR (1u << 14)
#define IOAPIC_MASKED     (1u << 16)
/* Prints every entry that is unmasked or waits for its EOI. Never waits: what another CPU is just
 * programming is left out. For an NMI as well. */
void ioapic_dump(void);
/* ", ioapic 0xfec00000 gsi 0-23" for each. The length of the whole, which may be more than
 * fits. */
size_t ioapic_describe(char *buf, size_t size);

#endif
