/* SPDX-License-Identifier: MIT */
/* Messages of devices: each arrives once, on the CPU it is for, or waits while it is masked. */
#include "drivers/irqchip/msi.h"

#include "arch/x86/cpu.h"
#include "drivers/irqchip/irq_move.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/pci/pci.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "selftest/needs.h"
#include "selftest/signal.h"

#define RAISES 10u

/* Counted where the irq is at home, and nowhere else. */
static void check_arrivals(struct signal *g)
{
	struct irq *irq = irq_get(g->irq);
	unsigned home = irq_home(irq);
	uint32_t there = irq_count_on(irq, home), all = irq_count(irq);

	for (unsigned i = 0; i < RAISES; i++)
		if (!signal_once(g))
			return;
	CHECK_EQ(irq_count_on(irq, home) - there, RAISES);
	CHECK_EQ(irq_count(irq) - all, RAISES);
}

/* Masked, any number of raises leaves one arrival, which the unmasking delivers. */
static void check_mask(struct signal *g)
{
	struct irq *irq = irq_get(g->irq);

	for (uint32_t i = 1; i <= 3; i++) {
		uint32_t runs = g->runs;

		irq_mask(irq);
		for (uint32_t j = 0; j < i; j++)
			signal_send(g);
		/* All have been taken, noted or kept: one in IRR would come beside the noted one. */
		irq_move_drain(cpus[irq_home(irq)], irq->vector);
		CHECK_EQ(g->runs, runs);
		irq_unmask(irq);
		CHECK(selftest_wait_count(&g->runs, runs + 1));
		g->raises = runs + 1;
		signal_settle(g);
		irq_mask(irq);
		irq_unmask(irq);
		signal_settle(g); /* nothing was left over */
	}
}

/* A masked irq takes what waits for it along to another CPU. */
static void check_move_masked(struct signal *g)
{
	struct irq *irq = irq_get(g->irq);

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		uint32_t there = irq_count_on(irq, cpu);

		irq_mask(irq);
		signal_send(g);
		CHECK_EQ(irq_set_affinity(g->irq, cpu), 0);
		CHECK_EQ(irq_home(irq), cpu);
		CHECK(g->runs < g->raises);
		irq_unmask(irq);
		signal_settle(g);
		CHECK(irq_count_on(irq, cpu) > there);
	}
}

static void check_device(struct pci_device *dev)
{
	int irqs[1];

	CHECK_EQ(msi_request_vectors(dev, 1, irqs), -EBUSY);
	CHECK(pci_read16(dev, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE);
	CHECK(pci_read16(dev, PCI_COMMAND) & PCI_COMMAND_MASTER);
}

static void check_released(struct pci_device *dev, int irq, uint16_t command)
{
	CHECK_EQ(msi_release(dev), -ENOENT);
	CHECK(!irq_get(irq));
	CHECK_EQ(pci_read16(dev, PCI_COMMAND), command);
}

SELFTEST(msi)
{
	struct pci_device *dev = edu_find();
	struct signal g;
	uint16_t command;

	SKIP_UNLESS(dev, "no edu device");
	NEEDS(lapic);
	command = pci_read16(dev, PCI_COMMAND) | PCI_COMMAND_MEMORY;
	CHECK_EQ(msi_request_vectors(dev, 0, &g.irq), -EINVAL);
	CHECK_EQ(msi_release(dev), -ENOENT);
	if (!edu_open_msi(&g))
		return;
	check_device(dev);
	CHECK_EQ(irq_request(g.irq, NULL, &g, IRQ_LATE_EOI, "late"), -EOPNOTSUPP);
	signal_begin(&g, 0);
	CHECK_EQ(msi_release(dev), -EBUSY);
	check_arrivals(&g);
	check_mask(&g);
	check_move_masked(&g);
	signal_end(&g);
	edu_close_msi();
	check_released(dev, g.irq, command);
}

/* New messages go where the fewest irqs are: where all CPUs are equal at first, each gets one
 * before a second. */
static void check_placed(const struct signal *g)
{
	uint32_t least = UINT32_MAX;

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		if (cpus[cpu]->irqs_homed < least)
			least = cpus[cpu]->irqs_homed;
	for (unsigned i = 0; i < NVME_MESSAGES; i++) {
		CHECK(cpus[irq_home(irq_get(g[i].irq))]->irqs_homed <= least + 1);
		for (unsigned j = 0; j < i; j++) {
			const struct irq *a = irq_get(g[i].irq), *b = irq_get(g[j].irq);

			CHECK(a != b);
			CHECK(a->vector_cpu != b->vector_cpu || a->vector != b->vector);
		}
	}
}

SELFTEST(msix)
{
	struct pci_device *dev = nvme_find();
	struct signal g[NVME_MESSAGES];
	uint16_t command;

	SKIP_UNLESS(dev, "no nvme device");
	NEEDS(lapic);
	command = pci_read16(dev, PCI_COMMAND);
	if (!nvme_open(g))
		return;
	check_device(dev);
	check_placed(g);
	for (unsigned i = 0; i < NVME_MESSAGES; i++)
		check_arrivals(&g[i]);
	for (unsigned i = 0; i < NVME_MESSAGES; i++)
		CHECK_EQ(g[i].runs, RAISES); /* no other's */
	check_mask(&g[0]);
	check_move_masked(&g[1]);
	nvme_close(g);
	check_released(dev, g[0].irq, command);
}
