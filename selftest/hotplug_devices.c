/* SPDX-License-Identifier: MIT */
/* A device's interrupts while their CPU goes and comes: as affinity.c, but everything moves. */
#include "boot/hotplug.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/selftest.h"
#include "selftest/signal.h"

#define CYCLES 8u

/* The handler raises the next one until it is on the boot CPU, or told not to: so interrupts are on
 * their way when the CPU goes. */
static void check_cycle(struct signal *g, unsigned cpu)
{
	struct irq *irq = irq_get(g->irq);
	char why[200];

	g->chain = true;
	signal_raise(g);
	if (!CHECK_EQ(hotplug_down(cpu, why, sizeof(why)), 0))
		return;
	CHECK(irq_home(irq) != (int)cpu);
	g->chain = false;
	if (signal_settle(g))
		signal_once(g);
	CHECK_EQ(hotplug_up(cpu, why, sizeof(why)), 0);
	CHECK_EQ(irq_home(irq), cpu);
	signal_once(g);
}

static void check_device(struct signal *g)
{
	unsigned cpu = nr_cpus - 1;

	CHECK_EQ(irq_set_affinity(g->irq, cpu), 0);
	for (unsigned i = 0; i < CYCLES && !selftest_has_failed(); i++)
		check_cycle(g, cpu);
	CHECK_EQ(irq_set_affinity(g->irq, 0), 0);
}

SELFTEST(cpu_down_msi)
{
	signal_with_msi(check_device);
}

SELFTEST(cpu_down_edge)
{
	signal_with_com1(check_device);
}
