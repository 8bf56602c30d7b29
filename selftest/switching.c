/* SPDX-License-Identifier: MIT */
/* Switching the upcall's route while running: channels keep irq, handler and counts, and what
 * is pending across a switch comes in once. */
#include "selftest/switching.h"

#include "arch/x86/cpu.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/xen/evtchn.h"
#include "kernel/cpu.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "selftest/needs.h"

static const struct stop stops[] = {
	{UPCALL_INTX, UPCALL_CHIP_IOAPIC}, {UPCALL_INTX, UPCALL_CHIP_PIC},
	{UPCALL_INTX, UPCALL_CHIP_GSI},    {UPCALL_GSI, UPCALL_CHIP_IOAPIC},
	{UPCALL_GSI, UPCALL_CHIP_PIC},     {UPCALL_VECTOR, UPCALL_CHIP_AUTO},
	{UPCALL_POLL, UPCALL_CHIP_AUTO},
};
#define NR_STOPS (sizeof(stops) / sizeof(stops[0]))

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
		CHECK(err == -EOPNOTSUPP && upcall_why_not(s->choice) && stop_reached(&here));
	else
		CHECK(!upcall_why_not(s->choice) && stop_reached(s));
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
			CHECK(stop_reached(&stops[i]));
			CHECK_EQ(pair_switch(p, &stops[j], n++ & 2), 0);
			CHECK(stop_reached(&stops[j]));
		}
	if (possible[0])
		CHECK_EQ(pair_switch(p, &stops[0], true), 0);
}

SELFTEST(switch_routes)
{
	struct stop origin = stop_here();
	bool possible[NR_STOPS];
	struct pair p;

	NEEDS(xen);
	timer_lend(); /* it switches with interrupts disabled, too */
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
	CHECK(stop_reached(&origin));
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

	NEEDS(xen);
	SKIP_UNLESS(upcall_route() != UPCALL_VECTOR || irqchip_has(ISA_PIC),
		    "no way back from vector on this machine");
	timer_lend(); /* it switches with interrupts disabled, too */
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
	timer_take_back();
}
