/* SPDX-License-Identifier: MIT */
/* Which CPU an irq is at home on, how many are at home on each, and how they are spread. Each CPU
 * has a counter, so that picking one looks at CPUs and not at irqs. Slow paths. */
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "lib/errno.h"

_Static_assert(NR_CPUS_MAX < UINT8_MAX, "irq.counted_on");

int irq_home(const struct irq *irq)
{
	if (irq->chip && irq->chip->home)
		return irq->chip->home(irq);
	return irq->vector && !irq->vector_all ? irq->vector_cpu : -ENOENT;
}

void irq_count_home(struct irq *irq, bool counted)
{
	int home = counted ? irq_home(irq) : -ENOENT;
	unsigned now = home < 0 ? 0 : home + 1;
	unsigned was = __atomic_exchange_n(&irq->counted_on, now, __ATOMIC_RELAXED);

	if (now)
		__atomic_fetch_add(&cpus[now - 1]->irqs_homed, 1, __ATOMIC_RELAXED);
	if (was)
		__atomic_fetch_sub(&cpus[was - 1]->irqs_homed, 1, __ATOMIC_RELAXED);
}

unsigned irq_pick_cpu(void)
{
	unsigned best = 0;

	for (unsigned cpu = 1; cpu < nr_cpus; cpu++)
		if (cpus[cpu]->irqs_homed < cpus[best]->irqs_homed)
			best = cpu;
	return best;
}

/* One pass is enough. The lowest count never falls: what gives one away has two more. A CPU gets
 * one only while it is the lowest, so it does not come to have more than one above it; whoever
 * was passed over stays right. */
unsigned irq_spread(void)
{
	unsigned moved = 0;

	for (unsigned n = 0; n < irq_limit; n++) {
		struct irq *irq = irq_get(n);
		unsigned to = irq_pick_cpu();

		if (irq && irq->counted_on &&
		    cpus[irq->counted_on - 1]->irqs_homed > cpus[to]->irqs_homed + 1)
			moved += irq_set_affinity(n, to) == 0;
	}
	return moved;
}
