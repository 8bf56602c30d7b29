/* SPDX-License-Identifier: MIT */
/* A channel whose other end never rests, beside one that behaves: with the brake and without. */
#include "arch/x86/cpu.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq_late.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "selftest/loopback.h"

#define BUDGET	    16u
#define WINDOW_NS   (50 * NS_PER_MS) /* much longer than BUDGET runs: the brake must bite */
#define REMOTE_NS   (4 * WINDOW_NS)  /* another CPU's sends may come by turns */
#define PAUSES	    3u
#define UNBRAKED    400u /* runs of a flood that nothing else ends */
#define SEND_EVERY  10u  /* runs of the flood between two sends to the other channel */
#define FAIR_RUNS   2u   /* a scan serves what was pending before it: one, and one in between */

#define NEEDS_CHANNEL_IRQS()                                                                  \
	SKIP_UNLESS(xen_present(), "no Xen");                                                 \
	SKIP_UNLESS(evtchn_daisy(), "daisy=off: channels have no irqs")

/* What is counted in the handler of the flooded channel is what others measure time with. */
static struct storm {
	int near, far, irq;
	volatile uint32_t runs, sent, seen; /* seen: `sent` as it was in the last run */
	volatile bool stop, self;           /* self: the handler itself sends again */
	uint32_t limit;                     /* runs after which it stops by itself */
	uint32_t first_pause; /* its runs before the mainline went on */
	bool sender_done;
	uint64_t deadline;
} storm;

/* Behaves: it is sent one event at a time. */
static struct calm {
	struct loopback lb;
	volatile uint32_t sent, served, at, delay_max, delay_sum;
} calm;

static void storm_send(void)
{
	storm.sent++;
	evtchn_send(storm.far);
}

/* With interrupts disabled, so that no run of the flood comes between the note and the send. */
static void calm_send(void)
{
	if (calm.sent != calm.served)
		return;
	calm.sent++;
	calm.at = storm.runs;
	evtchn_send(calm.lb.far);
}

static enum irq_result calm_handler(struct irq *irq, void *ctx)
{
	uint32_t delay = storm.runs - calm.at;

	calm.delay_sum += delay;
	if (delay > calm.delay_max)
		calm.delay_max = delay;
	calm.served = calm.sent;
	return IRQ_HANDLED;
}

static enum irq_result storm_handler(struct irq *irq, void *ctx)
{
	storm.seen = storm.sent;
	if (++storm.runs >= storm.limit || time_now_ns() > storm.deadline)
		storm.stop = true;
	if (storm.runs % SEND_EVERY == 0)
		calm_send();
	if (storm.self && !storm.stop)
		storm_send();
	irq_eoi(irq, false);
	return IRQ_HANDLED;
}

/* The send comes back when the flood leaves this CPU to the mainline for the first time. */
static void storm_begin(void)
{
	storm_send();
	storm.first_pause = storm.runs;
}

static bool storm_open(void)
{
	storm.near = evtchn_alloc_unbound(DOMID_SELF);
	storm.far = evtchn_bind_interdomain(DOMID_SELF, storm.near);
	storm.irq = evtchn_irq_request_flags(storm.near, storm_handler, &storm, IRQ_UNTRUSTED,
					     "storm");
	calm.lb.near = evtchn_alloc_unbound(DOMID_SELF);
	calm.lb.far = evtchn_bind_interdomain(DOMID_SELF, calm.lb.near);
	calm.lb.irq = evtchn_irq_request(calm.lb.near, calm_handler, &calm, "calm");
	return CHECK(storm.irq >= 0 && calm.lb.irq >= 0);
}

static void storm_close(void)
{
	CHECK_EQ(evtchn_irq_free(calm.lb.near, &calm), 0);
	CHECK_EQ(evtchn_irq_free(storm.near, &storm), 0);
	CHECK_EQ(evtchn_close(calm.lb.far) | evtchn_close(calm.lb.near), 0);
	CHECK_EQ(evtchn_close(storm.far) | evtchn_close(storm.near), 0);
}

/* budget 0: no brake. vector: both re-delivered. */
static void storm_prepare(uint32_t budget, uint32_t limit, bool self, bool vector)
{
	struct loopback lb = calm.lb;

	storm = (struct storm){.near = storm.near, .far = storm.far, .irq = storm.irq};
	calm = (struct calm){.lb = lb};
	storm.limit = limit;
	storm.self = self;
	storm.deadline = time_now_ns() + PATIENCE_NS;
	CHECK_EQ(irq_set_brake(storm.irq, budget, WINDOW_NS), 0);
	irq_set_redelivery(storm.irq, vector);
	irq_set_redelivery(lb.irq, vector);
}

static bool storm_is_over(void *ctx)
{
	return storm.seen == storm.sent && calm.sent == calm.served && !storm.self;
}

/* Whatever was sent has been seen, on both. */
static void storm_end(void)
{
	storm.self = false;
	storm.stop = true;
	CHECK(time_wait(storm_is_over, NULL, PATIENCE_NS));
	CHECK_EQ(storm.seen, storm.sent);
	CHECK_EQ(calm.served, calm.sent);
	CHECK(calm.sent > 0);
}

static void storm_report(const char *what)
{
	printk("# storm %s: flood ran %u, mainline after %u; braked %u times in all; the other: %u "
	       "events, behind %u.%02u flood runs on average, %u at most\n",
	       what, storm.runs, storm.first_pause, irq_get(storm.irq)->late->braked, calm.sent,
	       calm.delay_sum / calm.sent, calm.delay_sum % calm.sent * 100 / calm.sent,
	       calm.delay_max);
}

/* The mainline sends, and is served, in PAUSES pauses of the flood. */
static void mainline_beside(uint32_t bound)
{
	const struct irq_late *late = irq_get(storm.irq)->late;
	uint32_t pauses = 0, last = late->braked;

	while (pauses < PAUSES && !storm.stop && time_now_ns() < storm.deadline) {
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
	CHECK(!storm.stop); /* or it came to its own end, and nothing ran beside it */
	CHECK(calm.delay_max <= bound);
}

static volatile uint32_t beats;
static struct timer beat_timer;

static void beat(void *ctx)
{
	beats++;
	timer_start(&beat_timer, time_now_ns() + NS_PER_MS);
}

/* A flood that keeps itself up. */
static void storm_of_its_own(void)
{
	storm_prepare(0, UNBRAKED, true, false);
	storm_begin();
	CHECK(selftest_wait_count(&storm.runs, UNBRAKED));
	storm_end();
	CHECK(calm.delay_max <= FAIR_RUNS);
	CHECK_EQ(irq_get(storm.irq)->late->braked, 0);
	storm_report("unbraked");
	storm_prepare(BUDGET, UINT32_MAX, true, false);
	timer_setup(&beat_timer, beat, NULL);
	beats = 0;
	timer_start(&beat_timer, 0);
	storm_begin();
	mainline_beside(FAIR_RUNS);
	CHECK(beats > 0);
	timer_cancel(&beat_timer);
	storm_end();
	storm_report("braked");
}

/* On vectors of their own the local APIC's priorities decide, and a flood may have the better
 * one: the brake alone bounds it. */
static void storm_by_vector(void)
{
	storm_prepare(0, UNBRAKED, true, true);
	storm_begin();
	CHECK(selftest_wait_count(&storm.runs, UNBRAKED));
	storm_end();
	storm_report("unbraked, by vector");
	storm_prepare(BUDGET, UINT32_MAX, true, true);
	storm_begin();
	mainline_beside(BUDGET);
	storm_end();
	storm_report("braked, by vector");
}

/* Another CPU sends and sends. */
static void storm_send_on(void *ctx)
{
	while (!storm.stop) {
		storm_send();
		cpu_yield();
	}
	__atomic_store_n(&storm.sender_done, true, __ATOMIC_RELEASE);
}

static bool sender_is_done(void *ctx)
{
	return __atomic_load_n(&storm.sender_done, __ATOMIC_ACQUIRE);
}

static struct timer sender;

static void sender_start(void *ctx)
{
	timer_start(&sender, 0);
}

static void storm_from_elsewhere(uint32_t budget, const char *what)
{
	storm_prepare(budget, UINT32_MAX, false, false);
	CHECK_EQ(irq_set_brake(storm.irq, budget, REMOTE_NS), 0);
	timer_setup(&sender, storm_send_on, NULL);
	CHECK_EQ(cpu_call(1, sender_start, NULL), 0);
	if (budget) {
		mainline_beside(FAIR_RUNS);
	} else {
		CHECK(selftest_wait_count(&storm.runs, UNBRAKED));
		CHECK(calm.delay_max <= FAIR_RUNS);
	}
	storm.stop = true;
	CHECK(time_wait(sender_is_done, NULL, PATIENCE_NS));
	storm_end();
	storm_report(what);
}

SELFTEST(storm_brake)
{
	NEEDS_CHANNEL_IRQS();
	if (storm_open()) {
		storm_of_its_own();
		/* By poll each event is one turn of the mainline: no flood to be braked. */
		if (lapic_present() && upcall_route() != UPCALL_POLL)
			storm_by_vector();
		if (nr_cpus > 1 && timer_clock_name()[0] != 'p') {
			storm_from_elsewhere(0, "of CPU1, unbraked");
			storm_from_elsewhere(BUDGET, "of CPU1, braked");
		}
	}
	storm_close();
}

/* A source that keeps saying nothing: each further event waits twice as long, none is lost. */
static enum irq_result spurious_handler(struct irq *irq, void *ctx)
{
	storm.runs++;
	irq_eoi(irq, storm.runs < 8);
	return IRQ_HANDLED;
}

SELFTEST(storm_spurious)
{
	struct irq_late *late;
	uint64_t start;

	NEEDS_CHANNEL_IRQS();
	storm.runs = 0;
	storm.near = evtchn_alloc_unbound(DOMID_SELF);
	storm.far = evtchn_bind_interdomain(DOMID_SELF, storm.near);
	storm.irq = evtchn_irq_request_flags(storm.near, spurious_handler, &storm, IRQ_UNTRUSTED,
					     "spurious");
	CHECK(storm.irq >= 0);
	late = irq_get(storm.irq)->late;
	CHECK_EQ(irq_set_brake(storm.irq, 0, WINDOW_NS), 0);
	start = time_now_ns();
	for (uint32_t i = 1; i <= 10; i++) {
		CHECK_EQ(evtchn_send(storm.far), 0);
		CHECK(selftest_wait_count(&storm.runs, i));
	}
	/* Seven in a row, two of them free: pauses of 1, 2, 4, 8 and 16 units. */
	CHECK_EQ(late->spurious, 7);
	CHECK_EQ(late->braked, 5);
	CHECK(time_now_ns() - start >= 31 * BRAKE_SPURIOUS_NS);
	CHECK_EQ(late->spurious_row, 0);
	CHECK_EQ(evtchn_irq_free(storm.near, &storm), 0);
	CHECK_EQ(evtchn_close(storm.far) | evtchn_close(storm.near), 0);
	CHECK_EQ(irq_set_brake(irq_limit, 1, 1), -EINVAL);
}
