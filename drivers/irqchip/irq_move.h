/* SPDX-License-Identifier: MIT */
/* Moves a source with a vector of its own (IO-APIC pin, MSI, MSI-X) to another CPU. */
#ifndef DRIVERS_IRQCHIP_IRQ_MOVE_H
#define DRIVERS_IRQCHIP_IRQ_MOVE_H

#include <stdbool.h>

struct irq;
struct cpu;

/* The highest APIC id that fits into the 8 bits of a redirection entry or an MSI's address; 0xff
 * is everybody. (Xen 4.17 looks at no more bits: vioapic_deliver(), hvm_inject_msi(). Its vCPU
 * n has id 2n, so 128 vCPUs can be reached.) */
#define IRQ_MOVE_APIC_ID_MAX 254u

struct irq_mover {
	/* Makes the source keep what comes, or deliver again what it has kept. NULL: it would
	 * lose it, or cannot. */
	void (*hold)(struct irq *irq, bool on);
	/* Level: has its last interrupt been ended? NULL: edge. */
	bool (*idle)(const struct irq *irq);
	/* Vector first, then the destination, each in a single write; sets irq->vector and
	 * irq->vector_cpu. Nothing is on the way from the device to the old place after it. */
	void (*aim)(struct irq *irq, unsigned vector, const struct cpu *cpu);
};

/* As irq_set_affinity(). */
int irq_move(struct irq *irq, unsigned cpu, const struct irq_mover *mover);
/* Has this vector been sent to this CPU, and not been taken? */
bool irq_vector_waits(const struct cpu *cpu, unsigned vector);
/* Returns when nothing waits for this vector on this CPU and nothing there is in its handler.
 * For a source that has been silenced. With interrupts enabled. */
void irq_move_drain(const struct cpu *cpu, unsigned vector);

#endif
