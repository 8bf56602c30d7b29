/* SPDX-License-Identifier: MIT */
/* The ways into an irq, inlined where interrupts and events are delivered. */
#ifndef KERNEL_IRQ_HANDLE_H
#define KERNEL_IRQ_HANDLE_H

#include "kernel/cpu.h"
#include "kernel/irq.h"

/* From the vector: counts it on this CPU and runs its flow. */
static inline void irq_handle(struct irq *irq)
{
	CPU_COUNT(irq->number)++;
	irq->flow(irq);
}

/* From a chained chip. What its handler says: IRQ_NONE is to be told to irq_note_unhandled(). */
static inline enum irq_result irq_handle_chained(struct irq *irq)
{
	CPU_COUNT(irq->number)++;
	return irq->run(irq, irq->run_ctx);
}

#endif
