/* SPDX-License-Identifier: MIT */
#include "kernel/irq_pass.h"

#include <stddef.h>

#include "arch/x86/cpu.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "lib/compiler.h"

/* Whoever takes the list takes all of it, so there is no popping that others could disturb. */
static void pass_push(struct cpu *cpu, struct irq *irq)
{
	irq->passed = __atomic_load_n(&cpu->passed, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&cpu->passed, &irq->passed, irq, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
}

/* A CPU that goes down says so, and then looks at its list once more; here it is looked at after
 * the irq was put there: one of the two finds it. */
COLD bool irq_pass_on(struct irq *irq)
{
	int home = irq_home(irq);

	if (home < 0 || home == (int)this_cpu()->id || !cpu_call_kick || !cpu_is_up(home))
		return false;
	pass_push(cpus[home], irq);
	cpu_call_kick(cpus[home]);
	if (!cpu_is_up(home))
		irq_pass_serve(cpus[home]);
	return true;
}

void irq_pass_serve(struct cpu *cpu)
{
	struct irq *irq = __atomic_exchange_n(&cpu->passed, NULL, __ATOMIC_SEQ_CST), *next;

	for (; irq; irq = next) {
		next = irq->passed;
		irq_run_covering(irq, __atomic_load_n(&irq->waiting, __ATOMIC_ACQUIRE));
	}
}

/* Its CPU has been interrupted for it. With interrupts disabled here that CPU may be this one, or
 * be parked: then it is done in its place. */
void irq_pass_drain(const struct irq *irq)
{
	while (irq_is_busy(irq)) {
		for (unsigned cpu = 0; !(read_rflags() & RFLAGS_IF) && cpu < nr_cpus; cpu++)
			irq_pass_serve(cpus[cpu]);
		cpu_yield();
	}
}
