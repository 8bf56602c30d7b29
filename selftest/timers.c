/* SPDX-License-Identifier: MIT */
/* Ticks of the board's timers, through every chip that can bring them, counted on one irq number
 * all along. */
#include "arch/x86/cpu.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/timer/lapic_timer.h"
#include "drivers/timer/pit.h"
#include "drivers/xen/upcall.h"
#include "kernel/cpu.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/vector.h"
#include "lib/errno.h"
#include "selftest/needs.h"

#define PIT_IRQ	 0
#define TICKS	 5u
#define TICK_HZ	 100u
#define TICK_NS	 (NS_PER_SEC / TICK_HZ)

struct ticks {
	volatile uint32_t seen;
};

static enum irq_result tick(struct irq *irq, void *ctx)
{
	struct ticks *t = ctx;

	t->seen++;
	return IRQ_HANDLED;
}

static void pit_through(enum isa_chip chip)
{
	enum isa_chip was = irqchip_isa_chip(PIT_IRQ);
	uint32_t before = irq_count(irq_get(PIT_IRQ));
	struct ticks t = {0};

	CHECK_EQ(irqchip_isa_use(PIT_IRQ, chip), 0);
	CHECK_EQ(irq_request(PIT_IRQ, tick, &t, 0, "pit"), 0);
	CHECK_EQ(pit_start_periodic(TICK_HZ), 0);
	CHECK(selftest_wait_count(&t.seen, TICKS));
	pit_stop();
	CHECK_EQ(irq_free(PIT_IRQ, &t), 0);
	CHECK_EQ(irq_count(irq_get(PIT_IRQ)) - before, t.seen);
	CHECK_EQ(irqchip_isa_use(PIT_IRQ, was), 0);
}

SELFTEST(pit_pic)
{
	SKIP_UNLESS(irqchip_has(ISA_PIC), "no PIC");
	SKIP_UNLESS(pit_probe(), "no PIT");
	pit_through(ISA_PIC);
}

SELFTEST(pit_ioapic)
{
	NEEDS(ioapic);
	SKIP_UNLESS(pit_probe(), "no PIT");
	pit_through(ISA_IOAPIC);
}

/* One-shot and periodic, in one mode of the local APIC; the mode is put back. */
static void lapic_timer_in(enum lapic_mode mode)
{
	enum lapic_mode was = lapic_mode();
	struct ticks t = {0};
	uint32_t before;
	int irq;

	timer_lend(); /* it may be what drives the timers */
	CHECK_EQ(lapic_set_mode(mode), 0);
	CHECK_EQ(lapic_mode(), mode);
	irq = lapic_timer_init();
	CHECK(irq >= (int)irq_gsi_top);
	before = irq_count(irq_get(irq));
	CHECK_EQ(irq_request(irq, tick, &t, 0, "lapic timer"), 0);
	CHECK_EQ(lapic_timer_oneshot(TICK_NS), 0);
	CHECK(selftest_wait_count(&t.seen, 1));
	CHECK_EQ(lapic_timer_periodic(TICK_NS), 0);
	CHECK(selftest_wait_count(&t.seen, 1 + TICKS));
	lapic_timer_stop();
	CHECK_EQ(irq_free(irq, &t), 0);
	CHECK_EQ(irq_count(irq_get(irq)) - before, t.seen);
	CHECK_EQ(lapic_set_mode(was), 0);
	timer_take_back();
}

/* The mode is one for all CPUs, and cannot be changed under the feet of those that are online. */
#define NEEDS_MODE(mode)                                                                     \
	NEEDS(lapic);                                                                        \
	SKIP_UNLESS(nr_cpus == 1 || lapic_mode() == (mode), "%u CPUs are in the other mode", \
		    nr_cpus)

SELFTEST(lapic_timer_xapic)
{
	NEEDS_MODE(LAPIC_XAPIC);
	lapic_timer_in(LAPIC_XAPIC);
}

SELFTEST(lapic_timer_x2apic)
{
	NEEDS_MODE(LAPIC_X2APIC);
	SKIP_UNLESS(cpuid(1, 0).ecx & 1u << 21, "the CPU has no x2APIC");
	lapic_timer_in(LAPIC_X2APIC);
}

/* A self-IPI arrives once, on the irq that owns the vector, and is ended: nothing stays in
 * service. */
SELFTEST(lapic_self_ipi)
{
	struct ticks t = {0};
	struct irq *irq;
	int err, vector;

	NEEDS(lapic);
	irq = irq_alloc(&err);
	CHECK(irq);
	if (!irq)
		return;
	vector = vector_alloc(this_cpu(), irq);
	lapic_attach(irq, vector, "self ipi");
	CHECK_EQ(irq_request(irq->number, tick, &t, 0, "self ipi"), 0);
	for (uint32_t i = 1; i <= TICKS; i++) {
		lapic_send_self(vector);
		CHECK(selftest_wait_count(&t.seen, i));
	}
	CHECK_EQ(t.seen, TICKS);
	/* With the assist page Xen takes note of the last EOI when it next injects something. */
	CHECK(!lapic_isr(vector) || upcall_route() == UPCALL_ASSIST);
	CHECK(!lapic_irr(vector));
	CHECK_EQ(irq_free(irq->number, &t), 0);
	CHECK_EQ(vector_release(this_cpu(), vector), 0);
	CHECK_EQ(irq_release(irq), 0);
}
