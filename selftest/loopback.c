/* SPDX-License-Identifier: MIT */
#include "selftest/loopback.h"

#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "kernel/selftest.h"

#define SETTLE_TRIPS 16

volatile uint64_t loopback_clock;

static enum irq_result loopback_handler(struct irq *irq, void *ctx)
{
	struct loopback *lb = ctx;
	bool ours = lb->irq < 0 || lb->wanders || irq->number == (unsigned)lb->irq;

	if (!ours || read_rflags() & RFLAGS_IF)
		lb->wrong++;
	lb->order = ++loopback_clock;
	lb->runs++;
	return IRQ_HANDLED;
}

bool loopback_open(struct loopback *lb, const char *name)
{
	*lb = (struct loopback){.near = -1, .far = -1, .irq = -1};
	lb->near = evtchn_alloc_unbound(DOMID_SELF);
	if (lb->near > 0)
		lb->far = evtchn_bind_interdomain(DOMID_SELF, lb->near);
	if (lb->far > 0)
		lb->irq = evtchn_irq_request(lb->near, loopback_handler, lb, name);
	CHECK(lb->near > 0);
	CHECK(lb->far > 0);
	CHECK(lb->irq >= 0);
	return lb->irq >= 0;
}

void loopback_close(struct loopback *lb)
{
	if (lb->irq >= 0)
		CHECK_EQ(evtchn_irq_free(lb->near, lb), 0);
	if (lb->far > 0)
		CHECK_EQ(evtchn_close(lb->far), 0);
	if (lb->near > 0)
		CHECK_EQ(evtchn_close(lb->near), 0);
	CHECK_EQ(lb->wrong, 0);
}

bool loopback_wait(struct loopback *lb, uint32_t runs)
{
	return selftest_wait_count(&lb->runs, runs);
}

bool loopback_ping(struct loopback *lb)
{
	uint32_t runs = lb->runs;

	return evtchn_send(lb->far) == 0 && loopback_wait(lb, runs + 1);
}

void loopback_settle(void)
{
	for (int i = 0; i < SETTLE_TRIPS; i++) {
		hypercall_xen_version(XENVER_version, NULL);
		upcall_poll();
	}
}
