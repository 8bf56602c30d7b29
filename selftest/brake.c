/* SPDX-License-Identifier: MIT */
/* The brake: a channel whose other end never rests, beside one that behaves, with the brake and
 * without; and one that keeps saying nothing. */
#include "arch/x86/cpu.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq_late.h"
#include "kernel/selftest.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "selftest/flood.h"
#include "selftest/needs.h"

#define BUDGET    16u
#define REMOTE_NS (4 * WINDOW_NS) /* another CPU's sends may come by turns */
#define PAUSES    3u
#define UNBRAKED  400u /* runs of a flood that nothing else ends */
#define FAIR_RUNS 2u   /* a scan serves what was pending before it: one, and one in between */

/* The mainline sends, and is served, in PAUSES pauses of the flood. */
static void mainline_beside(void)
{
	const struct irq_late *late = irq_get(flood.irq)->late;
	uint32_t pauses = 0, last = late->braked;

	while (pauses < PAUSES && !flood.stop && time_now_ns() < flood.deadline) {
		bool on = local_irq_save();

		calm_send();
		local_irq_restore(on);
		selftest_wait_count(&calm.served, calm.sent);
		timer_poll(); /* if no clock interrupts */
		cpu_yield();  /* to the sender, if that is another CPU */
		pauses += late->braked != last;
		last = late->braked;
	}
	CHECK_EQ(pauses, PAUSES);
	CHECK(!flood.stop); /* or it came to its own end, and nothing ran beside it */
}

static volatile uint32_t beats;
static struct timer beat_timer;

static void beat(void *ctx)
{
	beats++;
	timer_start(&beat_timer, time_now_ns() + NS_PER_MS);
}

/* A flood that keeps itself up. */
static void flood_of_its_own(void)
{
	flood_prepare(0, UNBRAKED, true, false);
	flood_begin();
	CHECK(selftest_wait_count(&flood.runs, UNBRAKED));
	flood_end();
	CHECK(calm.delay_max <= FAIR_RUNS);
	CHECK_EQ(irq_get(flood.irq)->late->braked, 0);
	flood_report("unbraked");
	flood_prepare(BUDGET, UINT32_MAX, true, false);
	timer_setup(&beat_timer, beat, NULL);
	beats = 0;
	timer_start(&beat_timer, 0);
	flood_begin();
	mainline_beside();
	CHECK(calm.delay_max <= FAIR_RUNS);
	CHECK(beats > 0);
	timer_cancel(&beat_timer);
	flood_end();
	flood_report("braked");
}

/* On vectors of their own the local APIC's priorities decide, and a flood may have the better
 * one: the brake alone bounds it, to its budget in each window that begins meanwhile. (Where
 * the host takes the processor away there may be several.) */
static void flood_by_vector(void)
{
	flood_prepare(0, UNBRAKED, true, true);
	flood_begin();
	CHECK(selftest_wait_count(&flood.runs, UNBRAKED));
	flood_end();
	flood_report("unbraked, by vector");
	flood_prepare(BUDGET, UINT32_MAX, true, true);
	flood_begin();
	mainline_beside();
	CHECK_EQ(calm.beyond, 0);
	flood_end();
	flood_report("braked, by vector");
}

/* Another CPU sends and sends. */
static void flood_send_on(void *ctx)
{
	while (!flood.stop) {
		flood_send();
		cpu_yield();
	}
	__atomic_store_n(&flood.sender_done, true, __ATOMIC_RELEASE);
}

static bool sender_is_done(void *ctx)
{
	return __atomic_load_n(&flood.sender_done, __ATOMIC_ACQUIRE);
}

static struct timer sender;

static void sender_start(void *ctx)
{
	timer_start(&sender, 0);
}

static void flood_from_elsewhere(uint32_t budget, const char *what)
{
	flood_prepare(budget, UINT32_MAX, false, false);
	CHECK_EQ(irq_set_brake(flood.irq, budget, REMOTE_NS), 0);
	timer_setup(&sender, flood_send_on, NULL);
	CHECK_EQ(cpu_call(1, sender_start, NULL), 0);
	if (budget)
		mainline_beside();
	else
		CHECK(selftest_wait_count(&flood.runs, UNBRAKED));
	CHECK(calm.delay_max <= FAIR_RUNS);
	flood.stop = true;
	CHECK(time_wait(sender_is_done, NULL, PATIENCE_NS));
	flood_end();
	flood_report(what);
}

SELFTEST(brake_flood)
{
	NEEDS(daisy);
	if (flood_open()) {
		flood_of_its_own();
		/* By poll each event is one turn of the mainline: no flood to be braked. */
		if (lapic_present() && upcall_route() != UPCALL_POLL)
			flood_by_vector();
		if (nr_cpus > 1 && timer_clock_name()[0] != 'p') {
			flood_from_elsewhere(0, "of CPU1, unbraked");
			flood_from_elsewhere(BUDGET, "of CPU1, braked");
		}
	}
	flood_close();
}

/* A source that keeps saying nothing: each further event waits twice as long, none is lost. */
static enum irq_result spurious_handler(struct irq *irq, void *ctx)
{
	flood.runs++;
	irq_eoi(irq, flood.runs < 8);
	return IRQ_HANDLED;
}

SELFTEST(brake_spurious)
{
	struct irq_late *late;
	uint64_t start;

	NEEDS(daisy);
	flood.runs = 0;
	flood.near = evtchn_alloc_unbound(DOMID_SELF);
	flood.far = evtchn_bind_interdomain(DOMID_SELF, flood.near);
	flood.irq = evtchn_irq_request_flags(flood.near, spurious_handler, &flood,
					     IRQ_UNTRUSTED, "spurious");
	CHECK(flood.irq >= 0);
	late = irq_get(flood.irq)->late;
	CHECK_EQ(irq_set_brake(flood.irq, 0, WINDOW_NS), 0);
	start = time_now_ns();
	for (uint32_t i = 1; i <= 10; i++) {
		CHECK_EQ(evtchn_send(flood.far), 0);
		CHECK(selftest_wait_count(&flood.runs, i));
	}
	/* Seven in a row, two of them free: pauses of 1, 2, 4, 8 and 16 units. */
	CHECK_EQ(late->spurious, 7);
	CHECK_EQ(late->braked, 5);
	CHECK(time_now_ns() - start >= 31 * BRAKE_SPURIOUS_NS);
	CHECK_EQ(late->spurious_row, 0);
	CHECK_EQ(evtchn_irq_free(flood.near, &flood), 0);
	CHECK_EQ(evtchn_close(flood.far) | evtchn_close(flood.near), 0);
	CHECK_EQ(irq_set_brake(irq_limit, 1, 1), -EINVAL);
}
