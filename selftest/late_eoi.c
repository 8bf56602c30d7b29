/* SPDX-License-Identifier: MIT */
/* Why a channel is masked, and channels whose driver says when their event is done with. */
#include "arch/x86/cpu.h"
#include "drivers/irqchip/ipi.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/timer/pit.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq_late.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

/* Sends while the irq is masked for `one` and `two`, lifts them in this order, and expects the run
 * after the second alone. */
static void mask_twice(struct loopback *lb, enum irq_mask_reason one, enum irq_mask_reason two)
{
	struct irq *irq = irq_get(lb->irq);
	uint32_t runs = lb->runs;

	irq_mask_for(irq, one);
	irq_mask_for(irq, two);
	CHECK_EQ(evtchn_send(lb->far), 0);
	irq_unmask_for(irq, one);
	CHECK(irq_is_masked(irq) && evtchn_is_masked(lb->near));
	loopback_settle();
	CHECK_EQ(lb->runs, runs);
	irq_unmask_for(irq, two);
	CHECK(!irq_is_masked(irq) && !evtchn_is_masked(lb->near));
	CHECK(loopback_wait(lb, runs + 1));
}

SELFTEST(mask_reasons)
{
	struct loopback lb;
	struct irq *irq;

	NEEDS(daisy);
	if (loopback_open(&lb, "reasons")) {
		irq = irq_get(lb.irq);
		mask_twice(&lb, IRQ_MASK_EXPLICIT, IRQ_MASK_TEMPORARY);
		mask_twice(&lb, IRQ_MASK_TEMPORARY, IRQ_MASK_EXPLICIT);
		mask_twice(&lb, IRQ_MASK_TEMPORARY, IRQ_MASK_TEMPORARY); /* counted */
		mask_twice(&lb, IRQ_MASK_BRAKE, IRQ_MASK_EXPLICIT);
		irq_mask(irq);
		irq_mask(irq); /* not counted: a driver's own */
		CHECK_EQ(irq_set_affinity(lb.irq, 0), 0);
		CHECK_EQ(irq->mask_reasons, IRQ_MASK_EXPLICIT);
		CHECK(evtchn_is_masked(lb.near));
		irq_unmask(irq);
		CHECK(loopback_ping(&lb));
		CHECK_EQ(lb.runs, 5);
	}
	loopback_close(&lb);
}

/* --- two CPUs at one irq's reasons --- */

#define RACE_TURNS 3000u

static struct racer {
	struct timer timer;
	struct irq *irq;
	volatile uint32_t turns;
	volatile bool stop;
} racer;

/* On the other CPU: its own reason comes and goes. */
static void race(void *ctx)
{
	while (!racer.stop) {
		irq_mask_for(racer.irq, IRQ_MASK_TEMPORARY);
		irq_unmask_for(racer.irq, IRQ_MASK_TEMPORARY);
		if (++racer.turns % 64 == 0)
			cpu_yield();
	}
	racer.turns = UINT32_MAX;
}

static void race_start(void *ctx)
{
	timer_start(&racer.timer, 0);
}

/* Whatever the other one does: masked is masked. */
SELFTEST(mask_race)
{
	struct loopback lb;
	uint32_t open = 0;

	NEEDS(cpus);
	NEEDS(daisy);
	racer = (struct racer){0};
	timer_setup(&racer.timer, race, NULL);
	SKIP_UNLESS(timer_clock_name()[0] != 'p', "no clock runs timers on other CPUs");
	if (loopback_open(&lb, "race")) {
		racer.irq = irq_get(lb.irq);
		CHECK_EQ(cpu_call(1, race_start, NULL), 0);
		CHECK(selftest_wait_count(&racer.turns, 1));
		for (unsigned i = 0; i < RACE_TURNS; i++) {
			irq_mask(racer.irq);
			open += !evtchn_is_masked(lb.near);
			if (i % 64 == 0)
				cpu_yield();
			open += !evtchn_is_masked(lb.near);
			irq_unmask(racer.irq);
		}
		racer.stop = true;
		CHECK(selftest_wait_count(&racer.turns, UINT32_MAX));
		CHECK_EQ(open, 0);
		CHECK(!irq_is_masked(racer.irq) && !evtchn_is_masked(lb.near));
		CHECK(loopback_ping(&lb));
	}
	loopback_close(&lb);
}

/* --- late EOI --- */

struct late {
	struct loopback lb;
	bool at_once; /* the handler itself calls irq_eoi() */
};

static enum irq_result late_handler(struct irq *irq, void *ctx)
{
	struct late *l = ctx;

	l->lb.runs++;
	if (l->at_once)
		CHECK_EQ(irq_eoi(irq, false), 0);
	return IRQ_HANDLED;
}

static bool late_open(struct late *l)
{
	*l = (struct late){.lb = {.irq = -1}};
	l->lb.near = evtchn_alloc_unbound(DOMID_SELF);
	l->lb.far = evtchn_bind_interdomain(DOMID_SELF, l->lb.near);
	l->lb.irq = evtchn_irq_request_flags(l->lb.near, late_handler, l, IRQ_LATE_EOI, "late");
	return CHECK(l->lb.irq >= 0);
}

static void late_close(struct late *l)
{
	CHECK_EQ(evtchn_irq_free(l->lb.near, l), 0);
	CHECK_EQ(evtchn_close(l->lb.far), 0);
	CHECK_EQ(evtchn_close(l->lb.near), 0);
}

static void eoi(void *ctx)
{
	CHECK_EQ(irq_eoi(ctx, false), 0);
}

/* One run for each EOI; what comes before it waits, and is one run after it. */
static void late_turn(struct late *l, unsigned cpu)
{
	struct irq *irq = irq_get(l->lb.irq);
	uint32_t runs = l->lb.runs;

	CHECK_EQ(evtchn_send(l->lb.far), 0);
	CHECK(loopback_wait(&l->lb, runs + 1));
	CHECK_EQ(irq->mask_reasons, IRQ_MASK_EOI);
	CHECK(evtchn_is_masked(l->lb.near));
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(evtchn_send(l->lb.far), 0);
	loopback_settle();
	CHECK_EQ(l->lb.runs, runs + 1);
	CHECK_EQ(cpu_call(cpu, eoi, irq), 0);
	CHECK(loopback_wait(&l->lb, runs + 2));
	irq_mask(irq); /* the driver's own mask outlasts the EOI */
	CHECK_EQ(evtchn_send(l->lb.far), 0);
	CHECK_EQ(irq_eoi(irq, false), 0);
	loopback_settle();
	CHECK_EQ(l->lb.runs, runs + 2);
	irq_unmask(irq);
	CHECK(loopback_wait(&l->lb, runs + 3));
	CHECK_EQ(irq_eoi(irq, false), 0);
	loopback_settle();
	CHECK_EQ(l->lb.runs, runs + 3);
	CHECK(!irq_is_masked(irq) && !evtchn_is_masked(l->lb.near));
}

SELFTEST(late_eoi)
{
	struct late l;
	struct irq *irq;

	NEEDS(daisy);
	if (late_open(&l)) {
		irq = irq_get(l.lb.irq);
		CHECK_EQ(irq_set_brake(l.lb.irq, 1, NS_PER_SEC), -EINVAL); /* it is trusted */
		for (unsigned by_vector = 0; by_vector < 2; by_vector++) {
			irq_set_redelivery(l.lb.irq, by_vector);
			late_turn(&l, 0);
			late_turn(&l, nr_cpus - 1);
			l.at_once = true;
			for (unsigned i = 0; i < 10; i++)
				CHECK(loopback_ping(&l.lb));
			l.at_once = false;
		}
		/* One too many does nothing, and is counted. */
		CHECK_EQ(irq_eoi(irq, false), -ENOENT);
		CHECK_EQ(irq->late->unasked, 1);
		/* Freed while it is due: the next owner finds it in order. */
		CHECK(loopback_ping(&l.lb));
	}
	late_close(&l);
	if (late_open(&l))
		late_turn(&l, 0);
	late_close(&l);
}

SELFTEST(late_eoi_refused)
{
	int port, ipi = ipi_irq();

	CHECK_EQ(irq_request(irq_limit, late_handler, NULL, IRQ_LATE_EOI, "none"), -EINVAL);
	if (ipi >= 0) { /* nothing can mask it */
		CHECK_EQ(irq_request(ipi, late_handler, NULL, IRQ_LATE_EOI, "x"), -EOPNOTSUPP);
		CHECK_EQ(irq_eoi(irq_get(ipi), false), -EINVAL);
	}
	if (irqchip_has(ISA_IOAPIC) && irqchip_isa_chip(0) == ISA_IOAPIC) /* an edge is lost */
		CHECK_EQ(irq_request(0, late_handler, NULL, IRQ_LATE_EOI, "x"), -EOPNOTSUPP);
	if (!xen_present())
		return;
	port = evtchn_bind_ipi(xen_vcpu_id(0));
	CHECK_EQ(evtchn_irq_request_flags(port, late_handler, NULL, IRQ_LATE_EOI | IRQ_SHARED, "x"),
		 evtchn_daisy() ? -EINVAL : -EOPNOTSUPP);
	CHECK_EQ(evtchn_close(port), 0);
}

/* The PIC keeps one tick while the line is masked. */
SELFTEST(late_eoi_pic)
{
	enum isa_chip was = irqchip_isa_chip(0);
	struct late l = {0};
	struct irq *irq = irq_get(0);
	uint64_t start;

	SKIP_UNLESS(irqchip_has(ISA_PIC), "no PIC");
	SKIP_UNLESS(pit_probe(), "no PIT");
	CHECK_EQ(irqchip_isa_use(0, ISA_PIC), 0);
	CHECK_EQ(irq_request(0, late_handler, &l, IRQ_LATE_EOI, "late pit"), 0);
	CHECK_EQ(pit_start_periodic(1000), 0);
	for (uint32_t i = 1; i <= 5; i++) {
		CHECK(loopback_wait(&l.lb, i));
		for (start = time_now_ns(); time_now_ns() - start < 3 * NS_PER_MS;)
			cpu_relax();
		CHECK_EQ(l.lb.runs, i);
		CHECK_EQ(irq->mask_reasons, IRQ_MASK_EOI);
		CHECK_EQ(irq_eoi(irq, false), 0);
	}
	pit_stop();
	CHECK_EQ(irq_free(0, &l), 0);
	CHECK(!irq->late && irq->flow == irq_flow_edge);
	CHECK_EQ(irqchip_isa_use(0, was), 0);
}
