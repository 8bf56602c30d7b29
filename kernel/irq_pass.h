/* SPDX-License-Identifier: MIT */
/* An irq that has moved while it was handled is passed on to the CPU that it has moved to, with
 * the arrivals that the old one has not covered: irq->waiting stays as it is, so nobody else runs
 * the actions meanwhile. It waits there in a list, until that CPU is interrupted. */
#ifndef KERNEL_IRQ_PASS_H
#define KERNEL_IRQ_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/irq.h"

struct cpu;

/* Its actions are run, or it is in the list of a CPU that is to run them. */
static inline bool irq_is_busy(const struct irq *irq)
{
	return __atomic_load_n(&irq->waiting, __ATOMIC_ACQUIRE);
}

/* For whoever has run the actions, and found more arrivals. False: this CPU is the irq's home, or
 * it has none, or nothing can interrupt it: then go on. */
bool irq_pass_on(struct irq *irq);

/* Runs what was passed on to a CPU: there, when it is interrupted for it; or elsewhere, when it
 * is going down or does not come to it. Interrupts disabled, and not from within a handler. */
void irq_pass_serve(struct cpu *cpu);

/* Returns when no arrival of an irq that nobody wants any more waits anywhere. Not from a
 * handler. */
void irq_pass_drain(const struct irq *irq);

/* kernel/irq.c: the actions, for as many arrivals and those that come meanwhile. */
void irq_run_covering(struct irq *irq, uint32_t covered);

#endif
