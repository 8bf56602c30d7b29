/* SPDX-License-Identifier: MIT */
/* Which CPU an irq is at home on, how many are at home on each, and how they are spread. Each CPU
 * has a counter, so that picking one looks at CPUs and not at irqs. Slow paths. */
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/time.h"
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

/* CPUs in the order of what they have: a count, and the CPU in the low bits. */
#define RANK_CPU_BITS 8
#define RANK_CPU      ((1u << RANK_CPU_BITS) - 1)

/* The lowest rank of a CPU that is online, from floor up; UINT32_MAX: there is none. */
static uint32_t cpu_rank(uint32_t floor)
{
	uint32_t best = UINT32_MAX;

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		uint32_t rank = cpus[cpu]->irqs_homed << RANK_CPU_BITS | cpu;

		if (cpu_is_online(cpu) && rank >= floor && rank < best)
			best = rank;
	}
	return best;
}

unsigned irq_pick_cpu(void)
{
	return cpu_rank(0) & RANK_CPU;
}

/* A CPU that this irq cannot be moved to (an APIC id above what its entry holds) is passed over. */
static bool irq_spread_one(const struct irq *irq)
{
	unsigned on = __atomic_load_n(&irq->counted_on, __ATOMIC_RELAXED);
	uint32_t rank = cpu_rank(0);
	int err = -EOPNOTSUPP;

	if (!on)
		return false;
	while (err == -EOPNOTSUPP && cpus[on - 1]->irqs_homed > (rank >> RANK_CPU_BITS) + 1) {
		err = irq_set_affinity(irq->number, rank & RANK_CPU);
		rank = cpu_rank(rank + 1);
	}
	return !err;
}

/* One pass is enough, where every irq can go to every CPU. The lowest count never falls: what gives
 * one away has two more. A CPU gets one only while it is the lowest, so it does not come to have
 * more than one above it; whoever was passed over stays right. */
unsigned irq_spread(void)
{
	unsigned moved = 0;

	for (unsigned n = 0; n < irq_limit; n++) {
		struct irq *irq = irq_get(n);

		moved += irq && irq_spread_one(irq);
	}
	return moved;
}

/* --- a CPU goes and comes --- */

struct move {
	struct irq *irq;
	int cpu; /* -1: the one with the fewest */
	int err;
};

static int irq_move_away(const struct irq *irq)
{
	int err = -EOPNOTSUPP;

	for (uint32_t rank = cpu_rank(0); err == -EOPNOTSUPP && rank != UINT32_MAX;
	     rank = cpu_rank(rank + 1))
		err = irq_set_affinity(irq->number, rank & RANK_CPU);
	return err;
}

static bool irq_try_move(void *ctx)
{
	struct move *m = ctx;

	m->err = m->cpu < 0 ? irq_move_away(m->irq) : irq_set_affinity(m->irq->number, m->cpu);
	return m->err != -EBUSY;
}

/* Busy is what ends by itself: a vector on its way, an interrupt that has not ended. */
static int irq_move_patiently(struct irq *irq, int cpu)
{
	struct move m = {.irq = irq, .cpu = cpu};

	time_wait(irq_try_move, &m, PATIENCE_NS);
	return m.err;
}

/* One that an earlier CPU's going has brought here goes back there, not here. */
int irq_evict(unsigned cpu, const struct irq **stuck)
{
	for (unsigned n = 0; n < irq_limit; n++) {
		struct irq *irq = irq_get(n);
		unsigned left = irq && irq->left ? irq->left : cpu + 1;
		int err;

		if (!irq || irq->kind == irq_flow_percpu || irq_home(irq) != (int)cpu)
			continue;
		*stuck = irq;
		err = irq_move_patiently(irq, -1);
		if (err)
			return err;
		irq->left = left;
	}
	return 0;
}

void irq_bring_back(unsigned cpu)
{
	for (unsigned n = 0; n < irq_limit; n++) {
		struct irq *irq = irq_get(n);

		if (irq && irq->left == cpu + 1 && irq_move_patiently(irq, cpu))
			irq->left = 0; /* the route does not reach it any more, say */
	}
}

static const char *irq_why_not_there(int err)
{
	switch (err) {
	case -ENXIO:
		return "that CPU is down, see cpus";
	case -EINVAL:
		return "it belongs to one CPU";
	case -EOPNOTSUPP:
		return "its chip, source or route does not reach that CPU";
	case -EBUSY:
		return "busy, try again";
	default:
		return "no vector there";
	}
}

SHELL_COMMAND(affinity, "IRQ [CPU]", "where it arrives; moves it")
{
	struct irq *irq = count == 2 || count == 3 ? shell_irq(words[1]) : NULL;
	int cpu = count == 3 ? shell_number(words[2], nr_cpus) : 0, err = 0;

	if (count < 2 || count > 3)
		return -EINVAL;
	if (!irq)
		return 0;
	if (cpu < 0) {
		printk("affinity: no CPU %s, there are 0 to %u\n", words[2], nr_cpus - 1);
		return 0;
	}
	if (count == 3)
		err = irq_set_affinity(irq->number, (unsigned)cpu);
	if (err)
		printk("irq %u stays: %s\n", irq->number, irq_why_not_there(err));
	else if (irq_home(irq) < 0)
		printk("irq %u: any CPU\n", irq->number);
	else
		printk("irq %u: CPU %d\n", irq->number, irq_home(irq));
	return 0;
}
