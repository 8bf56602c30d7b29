/* SPDX-License-Identifier: MIT */
/* Channels that leave the upcall's scan by a self-IPI and come in again on their own vector. */
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/options.h"
#include "kernel/selftest.h"
#include "kernel/vector.h"
#include "lib/errno.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

#define SENDS 20u

#define NEEDS_REDELIVERY() \
	NEEDS(daisy);      \
	NEEDS(lapic)

/* Every send runs the handler once, at call and at vector, and the count goes on. */
SELFTEST(redelivery)
{
	struct loopback lb;
	struct irq *irq;

	NEEDS_REDELIVERY();
	if (loopback_open(&lb, "redelivery")) {
		irq = irq_get(lb.irq);
		CHECK_EQ(irq_set_redelivery(lb.irq, true), 0);
		CHECK(irq->vector >= VECTOR_DYNAMIC_BASE);
		CHECK(boot_cpu.vector_irq[irq->vector] == irq);
		for (uint32_t i = 0; i < SENDS; i++)
			CHECK(loopback_ping(&lb));
		CHECK_EQ(irq_set_redelivery(lb.irq, false), 0);
		CHECK_EQ(irq->vector, 0);
		for (uint32_t i = 0; i < SENDS; i++)
			CHECK(loopback_ping(&lb));
		loopback_settle();
		CHECK_EQ(lb.runs, 2 * SENDS);
		CHECK_EQ(irq_count(irq), 2 * SENDS);
	}
	loopback_close(&lb);
}

#define CLASS(irq) ((irq)->vector >> 4)

/* Vectors come from the emptiest class: takes some of them away until there are two above. */
static void use_class_below_14(struct loopback *lb)
{
	static struct irq hog;
	struct irq *irq = irq_get(lb->irq);
	int taken[32], n = 0;

	irq_set_redelivery(lb->irq, true);
	while (CLASS(irq) >= 14 && n < 32) {
		taken[n++] = vector_alloc(&boot_cpu, &hog);
		irq_set_redelivery(lb->irq, false);
		irq_set_redelivery(lb->irq, true);
	}
	CHECK(CLASS(irq) < 14);
	while (n)
		CHECK_EQ(vector_release(&boot_cpu, taken[--n]), 0);
}

/* In the upcall, before the other channel's turn: so its self-IPI meets the raised TPR, and the
 * upcall, whatever its class, has come through already. TPR is to be above the channel's class
 * and not the upcall's own, which may be raised again by this very send: a class equal to TPR
 * would just be held on a real CPU, but QEMU's emulation of SVM takes such a virtual interrupt for
 * deliverable, and Xen then exits for ever. */
static enum irq_result hold_back(struct irq *irq, void *ctx)
{
	const struct loopback *held = ctx;
	unsigned tpr = CLASS(irq_get(held->irq)) + 1;

	if (tpr == CLASS(irq_get(upcall_irq())))
		tpr++;
	lapic_set_tpr(tpr);
	evtchn_send(held->far);
	return IRQ_HANDLED;
}

/* The APIC's priority holds: TPR keeps the channel's class back, and lets it in again. */
SELFTEST(redelivery_tpr)
{
	struct loopback lb;
	int port, irq;

	NEEDS_REDELIVERY();
	port = evtchn_bind_ipi(xen_vcpu_id(0));
	irq = evtchn_irq_request(port, hold_back, &lb, "hold back");
	CHECK(irq >= 0);
	if (loopback_open(&lb, "held back") && irq >= 0) {
		irq_set_redelivery(irq, false);
		use_class_below_14(&lb);
		CHECK_EQ(evtchn_send(port), 0);
		loopback_settle();
		CHECK_EQ(irq_count(irq_get(irq)), 1);
		CHECK_EQ(lb.runs, 0);
		CHECK(lapic_irr(irq_get(lb.irq)->vector));
		lapic_set_tpr(0);
		CHECK(loopback_wait(&lb, 1));
		loopback_settle();
		CHECK_EQ(lb.runs, 1);
	}
	loopback_close(&lb);
	CHECK_EQ(evtchn_irq_free(port, &lb), 0);
	CHECK_EQ(evtchn_close(port), 0);
}

/* With no vector left the channel stays at the call and works all the same. */
SELFTEST(redelivery_exhausted)
{
	static struct irq hog;
	struct loopback lb;
	uint8_t taken[NR_VECTORS];
	unsigned n = 0;
	int v;

	NEEDS_REDELIVERY();
	if (loopback_open(&lb, "no vector")) {
		irq_set_redelivery(lb.irq, false);
		while ((v = vector_alloc(&boot_cpu, &hog)) >= 0)
			taken[n++] = v;
		CHECK_EQ(v, -ENOSPC);
		CHECK(n > 100);
		CHECK_EQ(vector_free_count(&boot_cpu), 0);
		CHECK_EQ(irq_set_redelivery(lb.irq, true), -ENOSPC);
		CHECK(loopback_ping(&lb));
		while (n)
			CHECK_EQ(vector_release(&boot_cpu, taken[--n]), 0);
		CHECK_EQ(irq_set_redelivery(lb.irq, true), 0);
		CHECK(loopback_ping(&lb));
	}
	loopback_close(&lb);
}
