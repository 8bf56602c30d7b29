/* SPDX-License-Identifier: MIT */
/* Switching the upcall's route while running: channels keep irq, handler and counts, and what
 * is pending across a switch comes in once. */
#include "arch/x86/cpu.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/pci/pci_link.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/platform_pci.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/selftest.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "selftest/loopback.h"

#define NEEDS_XEN() SKIP_UNLESS(xen_present(), "no Xen")

static const struct stop {
	uint8_t choice, chip;
} stops[] = {
	{UPCALL_INTX, UPCALL_CHIP_IOAPIC}, {UPCALL_INTX, UPCALL_CHIP_PIC},
	{UPCALL_INTX, UPCALL_CHIP_GSI},    {UPCALL_GSI, UPCALL_CHIP_IOAPIC},
	{UPCALL_GSI, UPCALL_CHIP_PIC},     {UPCALL_VECTOR, UPCALL_CHIP_AUTO},
	{UPCALL_POLL, UPCALL_CHIP_AUTO},
};
#define NR_STOPS (sizeof(stops) / sizeof(stops[0]))

static struct stop stop_here(void)
{
	return (struct stop){upcall_route(), upcall_chip()};
}

static bool at(const struct stop *s)
{
	return upcall_route() == s->choice && (!s->chip || upcall_chip() == s->chip);
}

/* Two channels; far is on the last CPU wherever the route reaches it. */
struct pair {
	struct loopback near, far;
	uint32_t near_runs, far_runs; /* so many there must be */
};

static bool pair_open(struct pair *p)
{
	bool ok = loopback_open(&p->near, "switch near");

	ok = loopback_open(&p->far, "switch far") && ok;
	p->near.wanders = p->far.wanders = !evtchn_daisy();
	p->near_runs = p->far_runs = 0;
	return ok;
}

static void pair_close(struct pair *p)
{
	loopback_close(&p->far);
	loopback_close(&p->near);
}

static void pair_check(struct pair *p)
{
	CHECK(loopback_wait(&p->near, p->near_runs));
	CHECK(loopback_wait(&p->far, p->far_runs));
	loopback_settle();
	CHECK_EQ(p->near.runs, p->near_runs);
	CHECK_EQ(p->far.runs, p->far_runs);
	if (!evtchn_daisy())
		return;
	CHECK_EQ(irq_count(irq_get(p->near.irq)), p->near_runs);
	CHECK_EQ(irq_count(irq_get(p->far.irq)), p->far_runs);
}

static void pair_ping(struct pair *p)
{
	CHECK_EQ(evtchn_send(p->near.far), 0);
	CHECK_EQ(evtchn_send(p->far.far), 0);
	p->near_runs++;
	p->far_runs++;
	pair_check(p);
}

static void pair_spread(struct pair *p)
{
	if (nr_cpus > 1 && evtchn_daisy())
		CHECK_EQ(irq_set_affinity(p->far.irq, nr_cpus - 1),
			 upcall_reaches_all() ? 0 : -EOPNOTSUPP);
}

/* Switches with an event pending on each; near's is masked, or held back by the CPU. */
static int pair_switch(struct pair *p, const struct stop *to, bool masked)
{
	int err;

	pair_spread(p);
	if (masked)
		evtchn_mask(p->near.near);
	local_irq_disable();
	CHECK_EQ(evtchn_send(p->near.far), 0);
	CHECK_EQ(evtchn_send(p->far.far), 0);
	err = upcall_switch(to->choice, to->chip);
	local_irq_enable();
	if (masked) {
		loopback_settle();
		CHECK_EQ(p->near.runs, p->near_runs);
		CHECK_EQ(evtchn_unmask(p->near.near), 0);
	}
	p->near_runs++;
	p->far_runs++;
	pair_check(p);
	pair_ping(p);
	return err;
}

/* Can this stop be reached at all: without channels in the way. */
static bool stop_possible(const struct stop *s)
{
	struct stop here = stop_here();
	int err = upcall_switch(s->choice, s->chip);

	if (err)
		CHECK(err == -EOPNOTSUPP && upcall_why_not(s->choice) && at(&here));
	else
		CHECK(!upcall_why_not(s->choice) && at(s));
	return !err;
}

/* Every possible stop after every other one: there and back, and from the last to the next. */
static void tour(struct pair *p, const bool *possible)
{
	unsigned n = 0;

	for (unsigned i = 0; i < NR_STOPS; i++)
		for (unsigned j = i + 1; j < NR_STOPS; j++) {
			if (!possible[i] || !possible[j])
				continue;
			CHECK_EQ(pair_switch(p, &stops[i], n++ & 2), 0);
			CHECK(at(&stops[i]));
			CHECK_EQ(pair_switch(p, &stops[j], n++ & 2), 0);
			CHECK(at(&stops[j]));
		}
	if (possible[0])
		CHECK_EQ(pair_switch(p, &stops[0], true), 0);
}

SELFTEST(switch_routes)
{
	struct stop origin = stop_here();
	bool possible[NR_STOPS];
	struct pair p;

	NEEDS_XEN();
	timer_lend(); /* its clock may have channels that no line reaches: switch_refused */
	for (unsigned i = 0; i < NR_STOPS; i++) {
		/* Without PIC and IO-APIC there is no way back from vector: the last test's. */
		possible[i] = (stops[i].choice != UPCALL_VECTOR || irqchip_has(ISA_PIC)) &&
			      stop_possible(&stops[i]);
	}
	if (pair_open(&p)) {
		tour(&p, possible);
		CHECK_EQ(pair_switch(&p, &origin, false), 0);
	}
	pair_close(&p);
	timer_take_back();
	CHECK(at(&origin));
}

/* --- what is refused --- */

/* Refused with this error and this sentence, and everything as before. */
static void check_refused(struct loopback *lb, const struct stop *to, int err, const char *why)
{
	struct stop here = stop_here();

	CHECK_EQ(upcall_switch(to->choice, to->chip), err);
	CHECK(at(&here));
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

/* Nor can those of the timers' clock; who lends its hardware away can switch. */
static void refuse_for_timers(struct loopback *lb)
{
	static const struct stop gsi = {UPCALL_GSI, UPCALL_CHIP_AUTO};
	static const char why[] = "Xen raises the line for vCPU 0 only, and these are not its: "
				  "timers (port ";
	struct stop here = stop_here();
	struct timer none;

	timer_setup(&none, NULL, NULL); /* it may be the first one */
	if (strcmp(timer_clock_name(), "virq"))
		return;
	CHECK_EQ(evtchn_bind_virq(VIRQ_TIMER, xen_vcpu_id(1)), -EEXIST);
	check_refused(lb, &gsi, -EBUSY, NULL);
	CHECK(upcall_why_not(UPCALL_GSI) &&
	      !strncmp(upcall_why_not(UPCALL_GSI), why, sizeof(why) - 1));
	timer_lend();
	CHECK_EQ(upcall_switch(gsi.choice, gsi.chip), 0);
	CHECK(upcall_route() == UPCALL_GSI && loopback_ping(lb));
	timer_take_back(); /* to nobody: Xen's timer would not reach the others */
	CHECK(!strcmp(timer_clock_name(), "poll"));
	CHECK_EQ(upcall_switch(here.choice, here.chip), 0);
	timer_lend();
	timer_take_back();
	CHECK(!strcmp(timer_clock_name(), "virq"));
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

	NEEDS_XEN();
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
			refuse_for_timers(&lb);
		timer_lend(); /* or they are the reason again */
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
	CHECK(at(&here));
}

/* --- there is no way back from here --- */

#define PINGS 5u

/* Behind the vector of the vCPU's own the global one works; the other comes as well. */
static void vector_and_ghosts(struct loopback *lb)
{
	uint32_t spurious;

	CHECK_EQ(upcall_switch(UPCALL_VECTOR, UPCALL_CHIP_AUTO), 0);
	loopback_settle();
	spurious = upcall_spurious();
	for (unsigned i = 0; i < PINGS; i++) {
		CHECK(loopback_ping(lb));
		loopback_settle();
	}
	CHECK_EQ(upcall_spurious() - spurious, PINGS);
}

SELFTEST_LAST(switch_one_way)
{
	static const struct stop intx = {UPCALL_INTX, UPCALL_CHIP_AUTO},
				 gsi = {UPCALL_GSI, UPCALL_CHIP_AUTO},
				 poll = {UPCALL_POLL, UPCALL_CHIP_AUTO},
				 percpu = {UPCALL_PERCPU, UPCALL_CHIP_AUTO};
	struct pair p;

	NEEDS_XEN();
	SKIP_UNLESS(upcall_route() != UPCALL_VECTOR || irqchip_has(ISA_PIC),
		    "no way back from vector on this machine");
	if (pair_open(&p)) {
		bool board = irqchip_has(ISA_PIC);
		const char *why = board ? "vCPU 0 has had a vector of its own, Xen raises no "
					  "line any more"
					: "this machine has neither a PIC nor an IO-APIC";

		CHECK_EQ(pair_switch(&p, &percpu, true), 0);
		check_refused(&p.near, &gsi, -EOPNOTSUPP, why);
		check_refused(&p.near, &intx, -EOPNOTSUPP, NULL);
		p.near_runs += 2;
		CHECK_EQ(pair_switch(&p, &poll, false), 0);
		CHECK_EQ(pair_switch(&p, &percpu, false), 0);
		vector_and_ghosts(&p.near);
		p.near_runs += PINGS;
		pair_ping(&p);
		if (board) {
			CHECK_EQ(pair_switch(&p, &percpu, true), 0);
		} else {
			why = "without PIC and IO-APIC Xen does not take the global vector "
			      "back";
			check_refused(&p.near, &percpu, -EOPNOTSUPP, why);
			check_refused(&p.near, &poll, -EOPNOTSUPP, why);
			p.near_runs += 2;
			pair_ping(&p);
		}
	}
	pair_close(&p);
}
