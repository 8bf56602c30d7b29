/* SPDX-License-Identifier: MIT */
#include "drivers/irqchip/ipi.h"

#include <stddef.h>

#include "drivers/irqchip/lapic.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/vector.h"
#include "lib/errno.h"

static struct irq *call_irq;

static enum irq_result ipi_handler(struct irq *irq, void *ctx)
{
	cpu_call_serve();
	cpu_poke_serve();
	return IRQ_HANDLED;
}

static void ipi_kick(struct cpu *cpu)
{
	lapic_send_ipi(cpu->apic_id, call_irq->vector);
}

int ipi_irq(void)
{
	return call_irq ? (int)call_irq->number : -ENODEV;
}

int ipi_init(void)
{
	struct irq *irq;
	int err;

	if (!lapic_present())
		return -ENODEV;
	irq = irq_alloc(&err);
	if (!irq)
		return err;
	err = vector_alloc_all(irq);
	if (err < 0) {
		irq_release(irq);
		return err;
	}
	lapic_attach(irq, irq->vector, "call");
	call_irq = irq;
	cpu_call_kick = ipi_kick;
	return irq_request(irq->number, ipi_handler, NULL, 0, "cpu call");
}
