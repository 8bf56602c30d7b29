/* SPDX-License-Identifier: MIT */
/* Channels that move from CPU to CPU. (Devices: affinity.c.) */
#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

#define NEEDS_MOVES() \
	NEEDS(cpus);  \
	NEEDS(reach); \
	NEEDS(daisy)

/* Sends again and again while the channel moves from CPU to CPU: nothing is lost (after the last
 * send the handler has run once more), nothing doubled, and it runs where the channel is. */
SELFTEST(affinity)
{
	struct loopback lb;
	uint32_t sends = 0;

	NEEDS_MOVES();
	if (loopback_open(&lb, "affinity")) {
		for (unsigned turn = 0; turn < 4 * nr_cpus && turn < 64; turn++) {
			unsigned cpu = turn % nr_cpus;
			uint32_t there;

			CHECK_EQ(irq_set_affinity(lb.irq, cpu), 0);
			there = irq_count_on(irq_get(lb.irq), cpu);
			for (unsigned i = 0; i < 3; i++, sends++)
				if (!CHECK(loopback_ping(&lb)))
					break;
			CHECK_EQ(irq_count_on(irq_get(lb.irq), cpu) - there, 3);
		}
		CHECK_EQ(lb.runs, sends);
		CHECK_EQ(irq_set_affinity(lb.irq, nr_cpus), -EINVAL);
	}
	loopback_close(&lb);
}

/* Sends as Xen does for a sender who looked up the port's vCPU when it was this one. */
static void slow_send(evtchn_port_t port)
{
	struct vcpu_info *vi = xen_vcpu_info(this_cpu()->id);
	bool on = local_irq_save();

	__atomic_fetch_or(&xen_shared_info->evtchn_pending[port / 64], 1ull << port % 64,
			  __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&vi->evtchn_pending_sel, 1ull << port / 64, __ATOMIC_SEQ_CST);
	evtchn_upcall();
	local_irq_restore(on);
}

/* The 2-level scan hands an event over that was told to the CPU which had the channel before. */
static void check_slow_sender(struct loopback *lb)
{
	for (unsigned cpu = 1; cpu < nr_cpus && cpu < 16; cpu++) {
		uint32_t there = irq_count_on(irq_get(lb->irq), cpu), runs = lb->runs;

		CHECK_EQ(irq_set_affinity(lb->irq, cpu), 0);
		slow_send(lb->near);
		CHECK(loopback_wait(lb, runs + 1));
		CHECK_EQ(irq_count_on(irq_get(lb->irq), cpu) - there, 1);
	}
}

/* Moves while an event is pending: it goes along. */
SELFTEST(affinity_pending)
{
	struct loopback lb;

	NEEDS_MOVES();
	if (loopback_open(&lb, "affinity")) {
		for (unsigned cpu = 1; cpu <= nr_cpus && cpu < 16; cpu++) {
			irq_mask(irq_get(lb.irq));
			CHECK_EQ(evtchn_send(lb.far), 0);
			CHECK_EQ(irq_set_affinity(lb.irq, cpu % nr_cpus), 0);
			CHECK_EQ(lb.runs, cpu - 1); /* the move has not unmasked it */
			irq_unmask(irq_get(lb.irq));
			CHECK(loopback_wait(&lb, cpu));
			CHECK_EQ(lb.runs, cpu);
		}
		if (evtchn_abi == &evtchn_abi_2l)
			check_slow_sender(&lb);
	}
	loopback_close(&lb);
}

static enum irq_result nothing(struct irq *irq, void *ctx)
{
	return IRQ_HANDLED;
}

SELFTEST(affinity_refused)
{
	int port, irq;

	NEEDS(daisy);
	port = evtchn_bind_ipi(xen_vcpu_id(0));
	irq = evtchn_irq_request(port, nothing, NULL, "fixed");
	CHECK(irq >= 0);
	CHECK_EQ(irq_set_affinity(irq, 0), -EINVAL); /* an IPI belongs to its vCPU */
	CHECK_EQ(irq_set_affinity(irq_limit, 0), -EINVAL);
	CHECK_EQ(evtchn_irq_free(port, NULL), 0);
	CHECK_EQ(evtchn_close(port), 0);
}
