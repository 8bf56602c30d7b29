/* SPDX-License-Identifier: MIT */
/* Channels of every sort, through a suspend: what waits on them comes in once, and afterwards
 * they are what they were. */
#include "selftest/resume.h"

#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_resume.h"
#include "drivers/xen/upcall.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/selftest.h"
#include "lib/string.h"
#include "selftest/loopback.h"

/* What each of them is for. */
enum { PLAIN, MASKED, PORT_MASKED, FAR_AWAY, BY_VECTOR, URGENT, NR_LOOPBACKS };

#define PRIORITY 3u

static struct loopback lbs[NR_LOOPBACKS];

EVTCHN_RENUMBERED(selftest_resume)
{
	for (unsigned i = 0; i < NR_LOOPBACKS; i++) {
		if (lbs[i].irq < 0 || lbs[i].near <= 0)
			continue;
		lbs[i].near = evtchn_renumbered(lbs[i].near);
		lbs[i].far = evtchn_renumbered(lbs[i].far);
	}
}

void resume_loopbacks_open(void)
{
	static const char *const names[] = {"plain",    "masked",    "port masked",
					    "far away", "by vector", "urgent"};

	for (unsigned i = 0; i < NR_LOOPBACKS; i++)
		if (!loopback_open(&lbs[i], names[i]))
			return;
	if (nr_cpus > 1 && upcall_reaches_all() && evtchn_daisy())
		CHECK_EQ(irq_set_affinity(lbs[FAR_AWAY].irq, nr_cpus - 1), 0);
	if (evtchn_daisy())
		irq_set_redelivery(lbs[BY_VECTOR].irq, true); /* where there are vectors */
	evtchn_set_priority(lbs[URGENT].near, PRIORITY);      /* where there are priorities */
	for (unsigned i = 0; i < NR_LOOPBACKS; i++)
		CHECK(loopback_ping(&lbs[i]));
}

void resume_loopbacks_hold(void)
{
	if (evtchn_daisy())
		irq_mask(irq_get(lbs[MASKED].irq));
	else
		evtchn_mask(lbs[MASKED].near);
	evtchn_mask(lbs[PORT_MASKED].near);
	CHECK_EQ(evtchn_send(lbs[MASKED].far), 0);
	CHECK_EQ(evtchn_send(lbs[PORT_MASKED].far), 0);
	loopback_settle();
}

void resume_loopbacks_check(void)
{
	loopback_settle();
	for (unsigned i = 0; i < NR_LOOPBACKS; i++)
		CHECK_EQ(lbs[i].runs, 1);
	if (evtchn_daisy())
		irq_unmask(irq_get(lbs[MASKED].irq));
	else
		CHECK_EQ(evtchn_unmask(lbs[MASKED].near), 0);
	CHECK_EQ(evtchn_unmask(lbs[PORT_MASKED].near), 0);
	CHECK(loopback_wait(&lbs[MASKED], 2));
	CHECK(loopback_wait(&lbs[PORT_MASKED], 2));
	for (unsigned i = 0; i < NR_LOOPBACKS; i++) {
		uint32_t runs = i == MASKED || i == PORT_MASKED ? 2 : 1;

		CHECK(loopback_ping(&lbs[i]));
		loopback_settle();
		CHECK_EQ(lbs[i].runs, runs + 1);
	}
}

/* The urgent one first, whichever was sent first. */
void resume_priority_check(void)
{
	if (strcmp(evtchn_abi_name(), "fifo") || !evtchn_daisy())
		return;
	irq_set_redelivery(lbs[BY_VECTOR].irq, false);
	local_irq_disable();
	CHECK_EQ(evtchn_send(lbs[PLAIN].far), 0);
	CHECK_EQ(evtchn_send(lbs[URGENT].far), 0);
	local_irq_enable();
	CHECK(loopback_wait(&lbs[PLAIN], 3) && loopback_wait(&lbs[URGENT], 3));
	CHECK(lbs[URGENT].order < lbs[PLAIN].order);
}

void resume_loopbacks_close(void)
{
	for (unsigned i = 0; i < NR_LOOPBACKS; i++) {
		loopback_close(&lbs[i]);
		lbs[i].near = -1;
	}
}
