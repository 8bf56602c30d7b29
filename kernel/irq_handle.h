/* SPDX-License-Identifier: MIT */
/* The way into an irq, inlined where events are delivered. */
#ifndef KERNEL_IRQ_HANDLE_H
#define KERNEL_IRQ_HANDLE_H

#include "kernel/cpu.h"
#include "kernel/irq.h"

/* From a chained chip, or from the vector: counts it on this CPU and runs its flow. */
static inline void irq_handle(struct irq *irq)
{
	CPU_COUNT(irq->number)++;
	irq->flow(irq);
}

#endif
