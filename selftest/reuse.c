/* SPDX-License-Identifier: MIT */
/* A channel is closed while an event of its is on the way; its number's next owner never sees
 * that event. Xen clears the pending bit when it closes (evtchn_free() in
 * xen/common/event_channel.c); what it may have told the guest by then it does not take back. */
#include "arch/x86/cpu.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "kernel/cpu.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

/* The next owner has nothing of the first one's, and all of its own. */
static void check_next_owner(struct loopback *next)
{
	loopback_settle();
	CHECK_EQ(next->runs, 0);
	CHECK(loopback_ping(next));
	loopback_settle();
	CHECK_EQ(next->runs, 1);
}

static void reopen(int near)
{
	struct loopback next;

	if (loopback_open(&next, "next owner")) {
		CHECK_EQ(next.near, near);
		check_next_owner(&next);
	}
	loopback_close(&next);
}

/* Pending, and masked: nobody has been told. */
SELFTEST(close_and_reuse)
{
	struct loopback first;

	NEEDS(xen);
	if (loopback_open(&first, "first owner")) {
		CHECK(loopback_ping(&first));
		evtchn_mask(first.near);
		CHECK_EQ(evtchn_send(first.far), 0);
		CHECK(evtchn_is_pending(first.near));
	}
	loopback_close(&first);
	CHECK(!evtchn_is_pending(first.near));
	reopen(first.near);
}

/* Pending, and Xen has raised the upcall: the port's word is marked in the selector, or the port
 * is LINKED in a queue. In the second case Xen keeps the number back until the scan has taken it
 * out (evtchn_fifo_is_busy()). sends: of the next owner, before anything of all this comes in. */
static void close_raised(unsigned sends)
{
	struct loopback first, next;
	bool linked = !strcmp(evtchn_abi_name(), "fifo");
	bool opened = loopback_open(&first, "first owner");

	local_irq_disable();
	if (opened)
		CHECK_EQ(evtchn_send(first.far), 0);
	loopback_close(&first);
	opened = loopback_open(&next, "next owner");
	CHECK_EQ(next.near == first.near, !linked);
	for (unsigned i = 0; i < sends; i++)
		CHECK_EQ(evtchn_send(next.far), 0);
	local_irq_enable();
	CHECK_EQ(first.runs, 0);
	if (opened && sends) {
		CHECK(loopback_wait(&next, 1)); /* they are one event */
		loopback_settle();
		CHECK_EQ(next.runs, 1);
	} else if (opened) {
		check_next_owner(&next);
	}
	loopback_close(&next);
	reopen(first.near);
}

SELFTEST(reuse_raised)
{
	NEEDS(xen);
	close_raised(0);
	close_raised(1);
	close_raised(3);
}

/* Its vector has been sent and waits: freeing is refused, and nothing is changed by it. */
SELFTEST(reuse_in_flight)
{
	struct loopback first;

	NEEDS(daisy);
	NEEDS(lapic);
	if (loopback_open(&first, "first owner")) {
		CHECK_EQ(irq_set_redelivery(first.irq, true), 0);
		local_irq_disable();
		CHECK_EQ(evtchn_send(first.far), 0);
		CHECK(evtchn_upcall() > 0); /* the scan sends it */
		CHECK_EQ(evtchn_irq_free(first.near, &first), -EBUSY);
		CHECK_EQ(evtchn_close(first.near), -EBUSY);
		CHECK_EQ(first.runs, 0);
		local_irq_enable();
		CHECK(loopback_wait(&first, 1));
		CHECK(loopback_ping(&first));
	}
	loopback_close(&first);
	reopen(first.near);
}

/* A port that was another vCPU's is vCPU 0's again: evtchn_free() puts it back. */
SELFTEST(reuse_moved)
{
	struct loopback first, next;
	unsigned away = nr_cpus - 1;

	NEEDS(cpus);
	NEEDS(reach);
	NEEDS(daisy);
	if (loopback_open(&first, "first owner")) {
		CHECK_EQ(irq_set_affinity(first.irq, away), 0);
		CHECK(loopback_ping(&first));
		evtchn_mask(first.near);
		CHECK_EQ(evtchn_send(first.far), 0);
	}
	loopback_close(&first);
	if (loopback_open(&next, "next owner")) {
		CHECK_EQ(next.near, first.near);
		check_next_owner(&next);
		CHECK_EQ(irq_count_on(irq_get(next.irq), 0), 1);
	}
	loopback_close(&next);
}
