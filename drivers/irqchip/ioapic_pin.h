/* SPDX-License-Identifier: MIT */
/* Between ioapic.c, which finds the pins and knows the registers, and ioapic_chip.c, which makes
 * an irq of a pin. */
#ifndef DRIVERS_IRQCHIP_IOAPIC_PIN_H
#define DRIVERS_IRQCHIP_IOAPIC_PIN_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/spinlock.h"

struct irq;
struct ioapic;

/* A redirection entry (82093AA, 3.2.4), beside what ioapic.h has of it. */
#define ENTRY_ACTIVE_LOW (1u << 13)
#define ENTRY_LEVEL      (1u << 15)
#define ENTRY_DEST_SHIFT 24
#define ENTRY_VECTOR     0xffu

struct ioapic_pin {
	struct irq *irq; /* NULL: nobody's */
	struct ioapic *ioapic;
	uint32_t index; /* of the pin in its IO-APIC */
	uint32_t low;   /* the entry's low word, but for the mask bit */
	uint32_t dest;  /* its high word */
	bool unmasked;  /* by its irq ... */
	bool held;      /* ... but not while it is moved */
};

/* One selector for all of a chip's registers, and CPUs that mask while another moves. */
extern struct spinlock ioapic_lock;

/* NULL: no IO-APIC has this gsi. */
struct ioapic_pin *ioapic_find_pin(uint32_t gsi);

/* All three under the lock. Each writes a word of the entry as the pin has it, or reads the entry
 * as the hardware has it. */
void ioapic_write_low(const struct ioapic_pin *pin);
void ioapic_write_dest(const struct ioapic_pin *pin);
uint64_t ioapic_read_entry(const struct ioapic_pin *pin);

#endif
