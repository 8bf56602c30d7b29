/* SPDX-License-Identifier: MIT */
/* Timers in order, on their own CPU, moved and taken back, whatever clock drives them. */
#include "arch/x86/cpu.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "selftest/needs.h"

#define STEP_NS (2 * NS_PER_MS)
#define FAR_NS	(3600 * NS_PER_SEC)

static volatile uint32_t begun, finished;

struct alarm {
	struct timer timer;
	volatile uint32_t runs, order;
	volatile unsigned cpu;
	volatile bool early; /* before its deadline, or with interrupts enabled */
	uint64_t deadline;
};

static void ring(void *ctx)
{
	struct alarm *a = ctx;

	a->early = a->early || time_now_ns() < a->deadline || read_rflags() & RFLAGS_IF;
	a->cpu = this_cpu()->id;
	a->order = __atomic_add_fetch(&begun, 1, __ATOMIC_RELAXED); /* others ring on their CPUs */
	a->runs++;
	/* Last: whoever has waited for it looks at all the rest, and a is no more. */
	__atomic_add_fetch(&finished, 1, __ATOMIC_RELEASE);
}

static void start(struct alarm *a, uint64_t deadline)
{
	a->deadline = deadline;
	timer_start(&a->timer, deadline);
}

/* Three in the order of their deadlines, not of their starts; one moved, one cancelled. */
static void in_order(void)
{
	struct alarm a[4] = {0}, never = {0};
	uint64_t now = time_now_ns();
	bool on;

	begun = finished = 0;
	for (unsigned i = 0; i < 4; i++)
		timer_setup(&a[i].timer, ring, &a[i]);
	timer_setup(&never.timer, ring, &never);
	on = local_irq_save(); /* all are waiting before the first is due */
	start(&a[2], now + 3 * STEP_NS);
	start(&a[0], now + STEP_NS);
	start(&never, now + STEP_NS);
	start(&a[3], now + FAR_NS);
	start(&a[1], now + 2 * STEP_NS);
	start(&a[3], now + 4 * STEP_NS);
	CHECK(timer_cancel(&never.timer));
	CHECK(!timer_cancel(&never.timer));
	local_irq_restore(on);
	CHECK(selftest_wait_count(&finished, 4));
	for (unsigned i = 0; i < 4; i++) {
		CHECK_EQ(a[i].runs, 1);
		CHECK_EQ(a[i].order, i + 1);
		CHECK(!a[i].early);
		CHECK(!timer_cancel(&a[i].timer));
	}
	CHECK_EQ(never.runs, 0);
}

SELFTEST(timers)
{
	struct alarm far = {0};

	in_order();
	/* One that waits for long does not hold up the hardware being lent. */
	timer_setup(&far.timer, ring, &far);
	start(&far, time_now_ns() + FAR_NS);
	timer_lend();
	in_order();
	timer_take_back();
	in_order();
	CHECK(timer_cancel(&far.timer));
	printk("# timers by %s\n", timer_clock_name());
}

static void start_here(void *ctx)
{
	struct alarm *a = ctx;

	start(a, time_now_ns() + STEP_NS);
}

/* A timer runs where it was started. Without a clock the CPU that waits runs them all. */
SELFTEST(timers_each)
{
	struct alarm a[16] = {0};
	unsigned n = nr_cpus < 16 ? nr_cpus : 16;

	NEEDS(cpus);
	begun = finished = 0;
	for (unsigned i = 0; i < n; i++)
		timer_setup(&a[i].timer, ring, &a[i]);
	for (unsigned i = 0; i < n; i++)
		CHECK_EQ(cpu_call(i, start_here, &a[i]), 0);
	CHECK(selftest_wait_count(&finished, n));
	for (unsigned i = 0; i < n; i++) {
		CHECK_EQ(a[i].runs, 1);
		CHECK(!a[i].early);
		CHECK(timer_clock_name()[0] == 'p' || a[i].cpu == i);
	}
}
