/* SPDX-License-Identifier: MIT */
#include "drivers/irqchip/ipi.h"

#include <stddef.h>

#include "drivers/irqchip/lapic.h"
#include "kernel/cpu_call.h"
#include "kernel/dump.h"
#include "kernel/irq.h"
#include "kernel/irq_pass.h"
#include "kernel/vector.h"
#include "lib/errno.h"

static struct irq *call_irq;

static enum irq_result ipi_handler(struct irq *irq, void *ctx)
{
	cpu_call_serve();
	irq_pass_serve(this_cpu());
	cpu_poke_serve();
	return IRQ_HANDLED;
}

static void ipi_kick(struct cpu *cpu)
{
	lapic_send_ipi(cpu->apic_id, call_irq->vector);
}

/* From an NMI, perhaps in the middle of another command: xAPIC's takes two writes, and the first
 * one must still hold when the second comes. */
static void ipi_nmi(const struct cpu *cpu)
{
	bool two = lapic_mode() == LAPIC_XAPIC;
	uint32_t high = two ? lapic_ops->read(LAPIC_ICR_HIGH) : 0;

	lapic_send_icr(cpu->apic_id, LAPIC_ICR_NMI | LAPIC_ICR_ASSERT);
	if (two)
		lapic_ops->write(LAPIC_ICR_HIGH, high);
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
	dump_kick = ipi_nmi;
	return irq_request(irq->number, ipi_handler, NULL, 0, "cpu call");
}
