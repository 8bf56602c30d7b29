/* SPDX-License-Identifier: MIT */
/* Switches of the upcall's route that are refused: with a reason, and everything as before. */
#include "selftest/switching.h"

#include "drivers/irqchip/irqchip.h"
#include "drivers/pci/pci_link.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/platform_pci.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "selftest/needs.h"

void check_refused(struct loopback *lb, const struct stop *to, int err, const char *why)
{
	struct stop here = stop_here();

	CHECK_EQ(upcall_switch(to->choice, to->chip), err);
	CHECK(stop_reached(&here));
	CHECK(!why || (upcall_why_not(to->choice) && !strcmp(upcall_why_not(to->choice), why)));
	CHECK(loopback_ping(lb));
}

static unsigned three_pirqs(void)
{
	return 3;
}

static void refuse_for_pirqs(struct loopback *lb)
{
	static const struct stop poll = {UPCALL_POLL, UPCALL_CHIP_AUTO};
	unsigned (*count)(void) = upcall_pirq_count;
	bool vector = upcall_route() == UPCALL_VECTOR || upcall_route() == UPCALL_PERCPU ||
		      upcall_route() == UPCALL_ASSIST;
	struct stop here = stop_here();

	if (upcall_route() == UPCALL_VECTOR && !irqchip_has(ISA_PIC))
		return;
	upcall_pirq_count = three_pirqs;
	if (vector) {
		check_refused(lb, &poll, -EBUSY,
			      "3 PIRQs are bound, and Xen could deadlock on its irq lock");
	} else {
		CHECK_EQ(upcall_switch(UPCALL_POLL, UPCALL_CHIP_AUTO), 0);
		CHECK(loopback_ping(lb));
		CHECK_EQ(upcall_switch(here.choice, here.chip), 0);
	}
	upcall_pirq_count = count;
}

static enum irq_result nothing(struct irq *irq, void *ctx)
{
	return IRQ_HANDLED;
}

/* An IPI channel of CPU 1 cannot follow to vCPU 0. */
static void refuse_for_fixed(struct loopback *lb)
{
	static const struct stop gsi = {UPCALL_GSI, UPCALL_CHIP_AUTO};
	int port = evtchn_bind_ipi(xen_vcpu_id(1));
	char why[160];

	CHECK(evtchn_irq_request(port, nothing, why, "fixed") >= 0);
	fmt_snprintf(why, sizeof(why),
		     "Xen raises the line for vCPU 0 only, and these are not its: "
		     "fixed (port %d, CPU 1)",
		     port);
	check_refused(lb, &gsi, -EBUSY, why);
	CHECK_EQ(evtchn_irq_free(port, why), 0);
	CHECK_EQ(evtchn_close(port), 0);
}

/* But the timers' clock stands in nobody's way: it changes over, or waits. */
static void timers_give_way(struct loopback *lb)
{
	static const struct stop gsi = {UPCALL_GSI, UPCALL_CHIP_AUTO};
	struct stop here = stop_here();
	const char *before;
	struct timer none;

	timer_setup(&none, NULL, NULL); /* it may be the first one */
	before = timer_clock_name();
	CHECK_EQ(upcall_switch(gsi.choice, gsi.chip), 0);
	CHECK(upcall_route() == UPCALL_GSI && loopback_ping(lb));
	CHECK(strcmp(timer_clock_name(), "virq"));
	CHECK_EQ(upcall_switch(here.choice, here.chip), 0);
	CHECK_EQ(strcmp(timer_clock_name(), before), 0);
	if (!strcmp(before, "virq"))
		CHECK_EQ(evtchn_bind_virq(VIRQ_TIMER, xen_vcpu_id(1)), -EEXIST);
}

/* With no port left a route cannot be confirmed: it is taken back. */
static void refuse_unconfirmed(struct loopback *lb, const struct stop *to)
{
	int *ports = page_alloc(), n = 0;
	const int limit = PAGE_SIZE / sizeof(*ports);

	while (ports && n < limit && (ports[n] = evtchn_alloc_unbound(DOMID_SELF)) > 0)
		n++;
	if (ports && n < limit)
		check_refused(lb, to, -ENOSPC, "no channel to try it with (error -28)");
	while (n)
		CHECK_EQ(evtchn_close(ports[--n]), 0);
	if (ports)
		pages_free(ports, 1);
}

/* The line is a driver's that does not share it. */
static void refuse_taken(struct loopback *lb)
{
	const struct pci_device *dev = platform_pci_device();
	enum isa_chip chip = irqchip_has(ISA_IOAPIC) ? ISA_IOAPIC : ISA_PIC;
	const struct stop intx = {UPCALL_INTX,
				  chip == ISA_PIC ? UPCALL_CHIP_PIC : UPCALL_CHIP_IOAPIC};
	int line = dev ? pci_intx_irq(dev) : -ENODEV;
	char why[48];

	if (line < 0 || line >= 16)
		return;
	chip = irqchip_isa_chip(line);
	fmt_snprintf(why, sizeof(why), "irq %d is taken (error -16)", line);
	CHECK_EQ(irq_request(line, nothing, why, 0, "alone"), 0);
	check_refused(lb, &intx, -EBUSY, why);
	CHECK_EQ(irqchip_isa_chip(line), chip);
	CHECK_EQ(irq_free(line, why), 0);
}

SELFTEST(switch_refused)
{
	static const struct stop poll = {UPCALL_POLL, UPCALL_CHIP_AUTO},
				 intx = {UPCALL_INTX, UPCALL_CHIP_AUTO};
	struct stop here = stop_here();
	bool lines = here.choice == UPCALL_VECTOR || here.choice == UPCALL_POLL; /* ahead */
	struct loopback lb;

	NEEDS(xen);
	if (loopback_open(&lb, "refused")) {
		lb.wanders = !evtchn_daisy();
		CHECK_EQ(upcall_switch(UPCALL_AUTO, UPCALL_CHIP_AUTO), -EINVAL);
		CHECK_EQ(upcall_switch(NR_UPCALL_CHOICES, UPCALL_CHIP_AUTO), -EINVAL);
		CHECK_EQ(upcall_switch(UPCALL_GSI, UPCALL_CHIP_GSI), -EINVAL);
		CHECK_EQ(upcall_switch(here.choice, here.chip), 0); /* nothing to do */
		refuse_for_pirqs(&lb);
		if (here.choice == UPCALL_PERCPU || here.choice == UPCALL_ASSIST)
			check_refused(&lb, &intx, -EOPNOTSUPP, NULL);
		if (lines && nr_cpus > 1 && irqchip_has(ISA_PIC))
			timers_give_way(&lb);
		timer_lend(); /* or their channels are given back when none must be left */
		if (lines && nr_cpus > 1 && irqchip_has(ISA_PIC))
			refuse_for_fixed(&lb);
		if (lines)
			refuse_taken(&lb);
		if (here.choice != UPCALL_POLL && irqchip_has(ISA_PIC))
			refuse_unconfirmed(&lb, &poll);
		else if (here.choice == UPCALL_POLL && irqchip_has(ISA_PIC))
			refuse_unconfirmed(&lb,
					   &(struct stop){UPCALL_VECTOR, UPCALL_CHIP_AUTO});
		timer_take_back();
	}
	loopback_close(&lb);
	CHECK(stop_reached(&here));
}
