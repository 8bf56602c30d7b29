/* SPDX-License-Identifier: MIT */
/* The way into an irq, inlined where events are delivered. */
#ifndef KERNEL_IRQ_HANDLE_H
#define KERNEL_IRQ_HANDLE_H

#include <stddef.h>

#include "kernel/cpu.h"
#include "kernel/irq.h"

/* Two fields of this_cpu(), without a look at where it is. */
static inline struct irq *this_cpu_irq(unsigned long vector)
{
	struct irq *irq;

	asm volatile("mov %%gs:%c1(,%2,8), %0"
		     : "=r"(irq)
		     : "i"(offsetof(struct cpu, vector_irq)), "r"(vector));
	return irq;
}

static inline uint32_t *this_cpu_irq_count(void)
{
	uint32_t *count;

	asm("mov %%gs:%c1, %0" : "=r"(count) : "i"(offsetof(struct cpu, irq_count)));
	return count;
}

/* From a chained chip, or from the vector: counts it on this CPU and runs its flow. */
static inline void irq_handle(struct irq *irq)
{
	this_cpu_irq_count()[irq->number]++;
	irq->flow(irq);
}

#endif
