/* SPDX-License-Identifier: MIT */
/* Event channels on whichever route is in use: each send is seen once, by the right handler, and
 * counted on the right irq. */
#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

#define SENDS 100u

/* The irq's own count says how often it ran; with daisy off there is only the shared one. */
static void check_count(const struct loopback *lb, uint32_t before, uint32_t runs)
{
	if (evtchn_daisy())
		CHECK_EQ(irq_count(irq_get(lb->irq)) - before, runs);
}

SELFTEST(loopback)
{
	struct loopback lb;
	uint32_t before;

	NEEDS(xen);
	if (loopback_open(&lb, "loopback")) {
		before = irq_count(irq_get(lb.irq));
		for (uint32_t i = 1; i <= SENDS; i++) {
			CHECK_EQ(evtchn_send(lb.far), 0);
			CHECK(loopback_wait(&lb, i));
			if (lb.runs < i)
				break; /* the route is dead: one failure says it */
		}
		loopback_settle();
		CHECK_EQ(lb.runs, SENDS);
		check_count(&lb, before, SENDS);
	}
	loopback_close(&lb);
}

SELFTEST(mask)
{
	struct loopback lb;

	NEEDS(xen);
	if (loopback_open(&lb, "mask")) {
		evtchn_mask(lb.near);
		CHECK_EQ(evtchn_send(lb.far), 0);
		loopback_settle();
		CHECK_EQ(lb.runs, 0);
		CHECK(evtchn_is_pending(lb.near));
		CHECK_EQ(evtchn_unmask(lb.near), 0);
		CHECK(loopback_wait(&lb, 1));
		/* Sends to a port that is pending coalesce: many while masked are one run. */
		evtchn_mask(lb.near);
		for (int i = 0; i < 5; i++)
			CHECK_EQ(evtchn_send(lb.far), 0);
		CHECK_EQ(evtchn_unmask(lb.near), 0);
		CHECK(loopback_wait(&lb, 2));
		loopback_settle();
		CHECK_EQ(lb.runs, 2);
	}
	loopback_close(&lb);
}

SELFTEST(two_channels)
{
	struct loopback a, b;
	bool both;

	NEEDS(xen);
	both = loopback_open(&a, "two a");
	both = loopback_open(&b, "two b") && both;
	if (both) {
		uint32_t before_a = irq_count(irq_get(a.irq)), before_b = irq_count(irq_get(b.irq));

		if (evtchn_daisy())
			CHECK(a.irq != b.irq);
		for (uint32_t i = 1; i <= 10; i++) {
			CHECK(loopback_ping(&a));
			CHECK_EQ(b.runs, 0);
		}
		for (uint32_t i = 1; i <= 7; i++)
			CHECK(loopback_ping(&b));
		loopback_settle();
		CHECK_EQ(a.runs, 10);
		CHECK_EQ(b.runs, 7);
		check_count(&a, before_a, 10);
		check_count(&b, before_b, 7);
	}
	loopback_close(&b);
	loopback_close(&a);
}

/* A channel that is always pending again must not keep a later one from its turn. */
static struct loopback busy, quiet;

static enum irq_result resend(struct irq *irq, void *ctx)
{
	busy.runs++;
	if (busy.runs < 1000 && !quiet.runs)
		evtchn_send(busy.far);
	return IRQ_HANDLED;
}

SELFTEST(fair_scan)
{
	NEEDS(xen);
	SKIP_UNLESS(evtchn_daisy(), "daisy=off: the drivers are asked in turn, there is no scan");
	busy = (struct loopback){.near = evtchn_alloc_unbound(DOMID_SELF)};
	busy.far = evtchn_bind_interdomain(DOMID_SELF, busy.near);
	busy.irq = evtchn_irq_request(busy.near, resend, &busy, "busy");
	CHECK(busy.irq >= 0);
	if (loopback_open(&quiet, "quiet") && busy.irq >= 0) {
		CHECK(quiet.near > busy.near);
		irq_set_redelivery(busy.irq, false); /* on vectors the APIC's priorities decide */
		irq_set_redelivery(quiet.irq, false);
		evtchn_mask(busy.near); /* both become pending before the first is served */
		evtchn_mask(quiet.near);
		evtchn_send(quiet.far);
		evtchn_send(busy.far);
		local_irq_disable();
		evtchn_unmask(quiet.near);
		evtchn_unmask(busy.near);
		local_irq_enable();
		CHECK(loopback_wait(&quiet, 1));
		CHECK(busy.runs < 1000);
	}
	loopback_settle();
	loopback_close(&quiet);
	loopback_close(&busy);
}

static volatile uint32_t virq_runs;

static enum irq_result virq_handler(struct irq *irq, void *ctx)
{
	virq_runs++;
	return IRQ_HANDLED;
}

/* public/vcpu.h: an absolute time on Xen's clock. */
static int timer_oneshot(uint64_t ns)
{
	struct vcpu_set_singleshot_timer t = {.timeout_abs_ns = xen_system_time() + ns};

	return hypercall_vcpu_op(VCPUOP_set_singleshot_timer, xen_vcpu_id(0), &t);
}

SELFTEST(virq_timer)
{
	int port, irq;

	NEEDS(xen);
	timer_lend(); /* it may be what drives the timers */
	port = evtchn_bind_virq(VIRQ_TIMER, 0);
	CHECK(port > 0);
	if (port <= 0) {
		timer_take_back();
		return;
	}
	CHECK_EQ(evtchn_bind_virq(VIRQ_TIMER, 0), -EEXIST);
	irq = evtchn_irq_request(port, virq_handler, NULL, "virq timer");
	CHECK(irq >= 0);
	virq_runs = 0;
	for (uint32_t i = 1; i <= 5; i++) {
		CHECK_EQ(timer_oneshot(NS_PER_MS), 0);
		CHECK(selftest_wait_count(&virq_runs, 1));
		loopback_settle();
		CHECK_EQ(virq_runs, 1);
		virq_runs = 0;
	}
	CHECK_EQ(evtchn_irq_free(port, NULL), 0);
	CHECK_EQ(evtchn_close(port), 0);
	timer_take_back();
}

/* What is more urgent comes first, whatever was sent first. */
SELFTEST(priority)
{
	struct loopback low, high;
	bool both;

	NEEDS(xen);
	SKIP_UNLESS(evtchn_daisy(), "daisy=off: the drivers are asked in turn, there is no scan");
	SKIP_UNLESS(!strcmp(evtchn_abi_name(), "fifo"), "the 2-level ABI has no priorities");
	both = loopback_open(&low, "low");
	both = loopback_open(&high, "high") && both;
	if (both) {
		irq_set_redelivery(low.irq, false);
		irq_set_redelivery(high.irq, false);
		CHECK_EQ(evtchn_set_priority(low.near, EVTCHN_FIFO_PRIORITY_MIN), 0);
		CHECK_EQ(evtchn_set_priority(high.near, EVTCHN_FIFO_PRIORITY_MAX), 0);
		CHECK_EQ(evtchn_set_priority(high.near, EVTCHN_FIFO_PRIORITY_MIN + 1), -EINVAL);
		for (unsigned i = 1; i <= 10; i++) {
			local_irq_disable(); /* both are linked before the first is served */
			evtchn_send(low.far);
			evtchn_send(high.far);
			local_irq_enable();
			CHECK(loopback_wait(&low, i) && loopback_wait(&high, i));
			CHECK(high.order < low.order);
		}
	}
	loopback_close(&high);
	loopback_close(&low);
}
