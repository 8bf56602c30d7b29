/* SPDX-License-Identifier: MIT */
/* A handler never runs on two CPUs at once, and one that belongs to a CPU not on another. */
#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq_handle.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

#define ARRIVALS 2000u
#define LINGER	 50u /* turns that a handler stays, so that the other CPU can come */

static struct crowd {
	struct irq *irq;
	struct timer timer;
	uint32_t inside, overlaps, runs;
	uint32_t sent[2], seen[2]; /* by CPU 0 and 1: arrivals, and those that a run has covered */
	uint32_t masked;           /* what the chip was told last */
	bool eoi;                  /* late: the handler ends it */
	volatile bool done;
} crowd;

static enum irq_result crowd_handler(struct irq *irq, void *ctx)
{
	if (__atomic_fetch_add(&crowd.inside, 1, __ATOMIC_SEQ_CST))
		crowd.overlaps++;
	crowd.runs++;
	for (unsigned i = 0; i < 2; i++)
		crowd.seen[i] = __atomic_load_n(&crowd.sent[i], __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < LINGER; i++)
		cpu_relax();
	if (crowd.runs % 16 == 0)
		cpu_yield(); /* in the handler: the other one comes now, however few CPUs there are */
	__atomic_fetch_sub(&crowd.inside, 1, __ATOMIC_SEQ_CST);
	if (crowd.eoi)
		irq_eoi(irq, false);
	return IRQ_HANDLED;
}

static void crowd_mask(struct irq *irq)
{
	__atomic_store_n(&crowd.masked, 1, __ATOMIC_SEQ_CST);
}

static void crowd_unmask(struct irq *irq)
{
	__atomic_store_n(&crowd.masked, 0, __ATOMIC_SEQ_CST);
}

static const struct irq_chip crowd_chip = {
	.name = "crowd",
	.mask = crowd_mask,
	.unmask = crowd_unmask,
};

/* As a source does that has just moved: it arrives here while it is still handled there. */
static void crowd_arrive(unsigned cpu)
{
	for (unsigned i = 0; i < ARRIVALS; i++) {
		__atomic_fetch_add(&crowd.sent[cpu], 1, __ATOMIC_SEQ_CST);
		irq_handle(crowd.irq);
		if (i % 16 == 0)
			cpu_yield();
	}
}

static void crowd_other(void *ctx)
{
	crowd_arrive(1);
	crowd.done = true;
}

static void crowd_start(void *ctx)
{
	timer_start(&crowd.timer, 0);
}

static bool crowd_is_done(void *ctx)
{
	return crowd.done;
}

static void crowd_through(unsigned flags)
{
	int err;
	bool on;

	crowd = (struct crowd){.irq = irq_alloc(&err), .eoi = flags, .masked = 1};
	CHECK(crowd.irq);
	if (!crowd.irq)
		return;
	timer_setup(&crowd.timer, crowd_other, NULL);
	irq_attach(crowd.irq, &crowd_chip, irq_flow_edge, 0, NULL, "crowd");
	CHECK_EQ(irq_request(crowd.irq->number, crowd_handler, &crowd, flags, "crowd"), 0);
	CHECK(!crowd.masked);
	CHECK_EQ(cpu_call(1, crowd_start, NULL), 0);
	on = local_irq_save();
	crowd_arrive(0);
	local_irq_restore(on);
	CHECK(time_wait(crowd_is_done, NULL, PATIENCE_NS));
	CHECK_EQ(crowd.overlaps, 0);
	CHECK(crowd.runs > 0 && crowd.runs <= 2 * ARRIVALS);
	CHECK_EQ(irq_count(crowd.irq), 2 * ARRIVALS);
	for (unsigned i = 0; i < 2; i++) /* a run began after the last arrival */
		CHECK_EQ(crowd.seen[i], ARRIVALS);
	CHECK(!crowd.masked);
	CHECK_EQ(irq_free(crowd.irq->number, &crowd), 0);
	CHECK_EQ(irq_release(crowd.irq), 0);
}

SELFTEST(alone)
{
	struct timer clock;

	NEEDS(cpus);
	timer_setup(&clock, NULL, NULL);
	SKIP_UNLESS(timer_clock_name()[0] != 'p', "no clock runs timers on other CPUs");
	crowd_through(0);
	crowd_through(IRQ_LATE_EOI);
}

/* --- what arrives at its home is handled there, though another CPU was in the handler --- */

static struct mover {
	struct irq *irq;
	struct timer timer;
	uint32_t runs;
	unsigned cpu; /* of the last run */
	bool inside;  /* the first run has begun */
} mover;

static unsigned mover_home(const struct irq *irq)
{
	return 1;
}

static const struct irq_chip mover_chip = {.name = "mover", .home = mover_home};

/* The first run stays until the irq has arrived at home. */
static enum irq_result mover_handler(struct irq *irq, void *ctx)
{
	uint64_t deadline = time_now_ns() + PATIENCE_NS;

	__atomic_store_n(&mover.inside, true, __ATOMIC_RELEASE);
	while (!mover.runs && irq_count(irq) == 1 && time_now_ns() < deadline)
		cpu_yield();
	mover.cpu = this_cpu()->id;
	__atomic_store_n(&mover.runs, mover.runs + 1, __ATOMIC_RELEASE);
	return IRQ_HANDLED;
}

static void mover_arrive(void *ctx)
{
	uint64_t deadline = time_now_ns() + PATIENCE_NS;

	while (!__atomic_load_n(&mover.inside, __ATOMIC_ACQUIRE) && time_now_ns() < deadline)
		cpu_yield();
	irq_handle(mover.irq);
}

static void mover_start(void *ctx)
{
	timer_start(&mover.timer, 0);
}

static bool mover_has_run_twice(void *ctx)
{
	return __atomic_load_n(&mover.runs, __ATOMIC_ACQUIRE) == 2;
}

static void check_passed_on(void)
{
	CHECK_EQ(cpu_call(1, mover_start, NULL), 0);
	local_irq_disable();
	irq_handle(mover.irq);
	local_irq_enable();
	CHECK(time_wait(mover_has_run_twice, NULL, PATIENCE_NS));
	CHECK_EQ(mover.cpu, 1);
	CHECK_EQ(irq_count_on(mover.irq, 0), 1);
	CHECK_EQ(irq_count_on(mover.irq, 1), 1);
}

SELFTEST(alone_passed_on)
{
	int err;

	NEEDS(cpus);
	SKIP_UNLESS(timer_clock_name()[0] != 'p', "no clock runs timers on other CPUs");
	mover = (struct mover){.irq = irq_alloc(&err)};
	if (!CHECK(mover.irq))
		return;
	irq_attach(mover.irq, &mover_chip, irq_flow_edge, 0, NULL, "mover");
	CHECK_EQ(irq_request(mover.irq->number, mover_handler, &mover, 0, "mover"), 0);
	timer_setup(&mover.timer, mover_arrive, NULL);
	check_passed_on();
	CHECK_EQ(irq_free(mover.irq->number, &mover), 0);
	CHECK_EQ(irq_release(mover.irq), 0);
}

/* --- a channel, and another CPU that has its own upcall meanwhile --- */

static struct visitor {
	volatile uint32_t runs;
	volatile unsigned cpu;
} there;

static enum irq_result visit(struct irq *irq, void *ctx)
{
	struct visitor *v = ctx;

	v->cpu = this_cpu()->id;
	v->runs++;
	return IRQ_HANDLED;
}

/* CPU 0 does not take its upcall yet. CPU 1 takes its own, and must leave the other one's be. */
static void visit_there(int port, int far)
{
	uint64_t deadline = time_now_ns() + PATIENCE_NS;
	uint32_t runs = there.runs;

	local_irq_disable();
	CHECK_EQ(evtchn_send(far), 0);
	CHECK_EQ(evtchn_send(port), 0);
	while (there.runs == runs && time_now_ns() < deadline)
		cpu_yield();
	local_irq_enable();
	CHECK_EQ(there.runs, runs + 1);
	CHECK_EQ(there.cpu, 1);
}

SELFTEST(alone_channel)
{
	struct loopback lb;
	int port;

	NEEDS(cpus);
	NEEDS(reach);
	port = evtchn_bind_ipi(xen_vcpu_id(1));
	CHECK(evtchn_irq_request(port, visit, &there, "there") >= 0);
	if (loopback_open(&lb, "here")) {
		for (uint32_t i = 1; i <= 10; i++) {
			visit_there(port, lb.far);
			CHECK(loopback_wait(&lb, i));
			loopback_settle();
			CHECK_EQ(lb.runs, i);
		}
	}
	loopback_close(&lb);
	CHECK_EQ(evtchn_irq_free(port, &there), 0);
	CHECK_EQ(evtchn_close(port), 0);
}
