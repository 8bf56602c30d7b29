/* SPDX-License-Identifier: MIT */
/* CPUs go and come while events go round: a ring of channels, one at home on each CPU, each of
 * whose handlers sends to the next. One event is under way at a time, so that none falls into
 * another: a lost one stops the ring, a doubled one makes more runs than sends. */
#include "boot/hotplug.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

#define CYCLES 20u
#define SIZE   8u /* CPUs of as many as there are */
#define TURNS  4u

static struct ring {
	struct loopback places[SIZE];
	unsigned size;
	volatile uint32_t runs, sends;
	volatile bool ends;
	volatile bool rests; /* its event is held back: all places are on one CPU */
	unsigned next;       /* place, where the event is to go */
	unsigned cpu, stays; /* the event's last CPU, and how often in a row it was that */
} ring;

static void ring_send(void)
{
	unsigned place = ring.next;

	ring.next = (place + 1) % ring.size;
	ring.sends++;
	evtchn_send(ring.places[place].far);
}

/* An event that only goes round on this CPU would never let it out of its scan. */
static enum irq_result ring_handler(struct irq *irq, void *ctx)
{
	unsigned cpu = this_cpu()->id;

	ring.stays = cpu == ring.cpu ? ring.stays + 1 : 0;
	ring.cpu = cpu;
	ring.runs++;
	if (ring.ends)
		return IRQ_HANDLED;
	if (ring.stays > ring.size)
		ring.rests = true;
	else
		ring_send();
	return IRQ_HANDLED;
}

/* Goes on where it rests. */
static bool ring_has_turned(void *ctx)
{
	const uint32_t *until = ctx;

	if (ring.rests) {
		ring.rests = false;
		ring.stays = 0;
		ring_send();
	}
	return ring.runs >= *until;
}

static bool ring_turns(void)
{
	uint32_t until = ring.runs + TURNS * ring.size;

	return CHECK(time_wait(ring_has_turned, &until, PATIENCE_NS));
}

static bool ring_is_still(void *ctx)
{
	return ring.rests || ring.runs == ring.sends;
}

static bool place_open(struct loopback *lb, unsigned cpu)
{
	*lb = (struct loopback){.near = -1, .far = -1, .irq = -1};
	lb->near = evtchn_alloc_unbound(DOMID_SELF);
	lb->far = lb->near > 0 ? evtchn_bind_interdomain(DOMID_SELF, lb->near) : -1;
	lb->irq = lb->far > 0 ? evtchn_irq_request(lb->near, ring_handler, lb, "ring") : -1;
	return CHECK(lb->irq >= 0) && CHECK_EQ(irq_set_affinity(lb->irq, cpu), 0);
}

static bool ring_open(void)
{
	bool ok = true;

	ring = (struct ring){.size = nr_cpus < SIZE ? nr_cpus : SIZE};
	for (unsigned i = 0; ok && i < ring.size; i++)
		ok = place_open(&ring.places[i], i);
	return ok;
}

/* What is still on its way comes in before anybody counts. */
static void ring_end(void)
{
	ring.ends = true;
	cpu_barrier(); /* a handler that has not seen it has sent */
	CHECK(time_wait(ring_is_still, NULL, PATIENCE_NS));
	loopback_settle();
	CHECK_EQ(ring.runs, ring.sends);
	for (unsigned i = 0; i < ring.size; i++)
		loopback_close(&ring.places[i]);
}

SELFTEST(cpu_down_busy)
{
	char why[200];

	NEEDS(cpus);
	NEEDS(reach);
	NEEDS(daisy);
	if (ring_open()) {
		ring_send();
		for (unsigned i = 0; i < CYCLES && ring_turns(); i++) {
			unsigned cpu = 1 + i % (ring.size - 1);

			if (!CHECK_EQ(hotplug_down(cpu, why, sizeof(why)), 0) || !ring_turns())
				break;
			CHECK_EQ(hotplug_up(cpu, why, sizeof(why)), 0);
			CHECK_EQ(irq_home(irq_get(ring.places[cpu].irq)), cpu);
		}
		selftest_note("events %u", ring.runs);
	}
	ring_end();
}
