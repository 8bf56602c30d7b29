/* SPDX-License-Identifier: MIT */
/* Sources that move from CPU to CPU while they are raised: nothing is lost (the chain of raises
 * would break), nothing doubled (there would be more runs than raises), and no handler runs on
 * two CPUs at once. (Channels: affinity_channels.c.) */
#include "arch/x86/cpu.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/irqchip/pic.h"
#include "drivers/pci/pci.h"
#include "drivers/pci/pci_link.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"
#include "selftest/signal.h"

#define PIT_IRQ   0u
#define ROUNDS    8u
#define CPUS_MAX  8u /* of as many as there are */

static unsigned cpus_used(void)
{
	return nr_cpus < CPUS_MAX ? nr_cpus : CPUS_MAX;
}

/* On every CPU but the boot CPU the handler raises the next one, so that it is under way while it
 * is moved from one to the next. On the boot CPU, which does the moving, the chain comes to
 * rest. */
static void move_while_raised(struct signal *g)
{
	struct irq *irq = irq_get(g->irq);

	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned cpu = 1; cpu <= cpus_used(); cpu++) {
			unsigned to = cpu % cpus_used();

			g->chain = true;
			if (!CHECK_EQ(irq_set_affinity(g->irq, to), 0))
				return;
			CHECK_EQ(irq_home(irq), to);
			if (cpu == 1)
				signal_raise(g);
			else if (!to && !signal_settle(g))
				return;
		}
	g->chain = false;
}

/* What settled on a CPU arrives there, and nowhere else. */
static void check_settled(struct signal *g)
{
	struct irq *irq = irq_get(g->irq);

	g->chain = false;
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		uint32_t there = irq_count_on(irq, cpu), all = irq_count(irq);

		CHECK_EQ(irq_set_affinity(g->irq, cpu), 0);
		signal_once(g);
		CHECK_EQ(irq_count_on(irq, cpu) - there, 1);
		CHECK_EQ(irq_count(irq) - all, 1);
	}
	CHECK_EQ(irq_set_affinity(g->irq, 0), 0);
}

static void check_moves(struct signal *g)
{
	move_while_raised(g);
	check_settled(g);
	CHECK(g->raises >= ROUNDS + nr_cpus);
	local_irq_disable();
	CHECK_EQ(irq_set_affinity(g->irq, 1), -EBUSY);
	local_irq_enable();
	CHECK_EQ(irq_set_affinity(g->irq, nr_cpus), -EINVAL);
	CHECK_EQ(irq_home(irq_get(g->irq)), 0);
}

SELFTEST(affinity_msi)
{
	signal_with_msi(check_moves);
}

SELFTEST(affinity_msix)
{
	struct signal g[NVME_MESSAGES];

	NEEDS(cpus);
	SKIP_UNLESS(nvme_find(), "no nvme device");
	if (!nvme_open(g))
		return;
	for (unsigned i = 1; i < NVME_MESSAGES; i++)
		check_moves(&g[i]);
	nvme_close(g);
}

/* Masked, raised, moved: the line is up all the while and arrives on the new CPU, once. */
static void move_raised_line(struct signal *g)
{
	struct irq *irq = irq_get(g->irq);

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		uint32_t there = irq_count_on(irq, cpu);

		irq_mask(irq);
		signal_raise(g);
		CHECK_EQ(irq_set_affinity(g->irq, cpu), 0);
		CHECK(g->runs < g->raises);
		irq_unmask(irq);
		signal_settle(g);
		CHECK_EQ(irq_count_on(irq, cpu) - there, 1);
	}
}

SELFTEST(affinity_level)
{
	struct signal g;
	int line;

	NEEDS(cpus);
	SKIP_UNLESS(edu_find(), "no edu device");
	line = pci_intx_irq(edu_find());
	SKIP_UNLESS(irqchip_isa_chip(line) == ISA_IOAPIC, "edu's line is not on the IO-APIC");
	SKIP_UNLESS(line != upcall_irq(), "edu is on the upcall's line");
	if (!edu_open_line(&g))
		return;
	signal_begin(&g, IRQ_SHARED);
	move_raised_line(&g);
	check_moves(&g);
	signal_end(&g);
}

SELFTEST(affinity_edge)
{
	signal_with_com1(check_moves);
}

/* Lines that know the boot CPU alone. */
SELFTEST(affinity_lines_refused)
{
	unsigned pic = PIC_LINES, line;

	NEEDS(cpus);
	for (line = 0; line < PIC_LINES; line++)
		if (irqchip_isa_chip(line) == ISA_PIC)
			pic = line;
	if (pic < PIC_LINES) {
		CHECK_EQ(irq_set_affinity(pic, 1), -EOPNOTSUPP);
		CHECK_EQ(irq_set_affinity(pic, 0), 0);
	}
	if (xen_present() && irqchip_isa_chip(PIT_IRQ) == ISA_IOAPIC) {
		CHECK_EQ(irq_set_affinity(PIT_IRQ, 1), -EOPNOTSUPP);
		CHECK_EQ(irq_set_affinity(PIT_IRQ, 0), 0);
	}
	if (xen_present() && !upcall_reaches_all()) {
		CHECK_EQ(irq_set_affinity(upcall_irq(), 1), -EOPNOTSUPP);
		CHECK_EQ(irq_set_affinity(upcall_irq(), 0), 0);
	} else if (xen_present()) { /* every CPU's own */
		CHECK(irq_set_affinity(upcall_irq(), 1) < 0);
	}
}

/* --- the spread --- */

#define CHANNELS  24u
#define HOMES_MAX 128u

/* Every irq that is counted on a CPU, and where it was, to put it back. */
static unsigned homes_save(uint16_t numbers[HOMES_MAX], uint8_t homes[HOMES_MAX])
{
	unsigned count = 0;

	for (unsigned n = 0; n < irq_limit && count < HOMES_MAX; n++) {
		const struct irq *irq = irq_get(n);

		if (!irq || !irq->counted_on)
			continue;
		numbers[count] = n;
		homes[count++] = irq->counted_on - 1;
	}
	return count;
}

static void homes_restore(const uint16_t numbers[], const uint8_t homes[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (irq_get(numbers[i])->counted_on != homes[i] + 1)
			CHECK_EQ(irq_set_affinity(numbers[i], homes[i]), 0);
}

/* The counters against the irqs themselves. */
static void check_homed(void)
{
	unsigned homed[NR_CPUS_MAX] = {0};

	for (unsigned n = 0; n < irq_limit; n++) {
		const struct irq *irq = irq_get(n);

		if (irq && irq->actions && irq_home(irq) >= 0)
			homed[irq_home(irq)]++;
	}
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		CHECK_EQ(cpus[cpu]->irqs_homed, homed[cpu]);
}

static void check_even(void)
{
	uint32_t least = UINT32_MAX, most = 0;

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		least = cpus[cpu]->irqs_homed < least ? cpus[cpu]->irqs_homed : least;
		most = cpus[cpu]->irqs_homed > most ? cpus[cpu]->irqs_homed : most;
	}
	CHECK(most - least <= 1);
	CHECK_EQ(cpus[irq_pick_cpu()]->irqs_homed, least);
}

static void check_spread(struct loopback lb[CHANNELS])
{
	unsigned on_boot_cpu = cpus[0]->irqs_homed;

	CHECK(irq_spread() > 0);
	check_even();
	check_homed();
	CHECK(cpus[0]->irqs_homed < on_boot_cpu);
	CHECK_EQ(irq_spread(), 0);
	for (unsigned i = 0; i < CHANNELS; i++) {
		unsigned home = irq_home(irq_get(lb[i].irq));
		uint32_t there = irq_count_on(irq_get(lb[i].irq), home);

		CHECK(loopback_ping(&lb[i]));
		CHECK_EQ(irq_count_on(irq_get(lb[i].irq), home) - there, 1);
	}
}

SELFTEST(spread)
{
	static struct loopback lb[CHANNELS];
	uint16_t numbers[HOMES_MAX];
	uint8_t homes[HOMES_MAX];
	unsigned count, open = 0;

	NEEDS(cpus);
	NEEDS(reach);
	NEEDS(daisy);
	check_homed();
	count = homes_save(numbers, homes);
	while (open < CHANNELS && loopback_open(&lb[open], "spread"))
		open++;
	if (open == CHANNELS)
		check_spread(lb);
	while (open)
		loopback_close(&lb[--open]);
	homes_restore(numbers, homes, count);
	check_homed();
}
