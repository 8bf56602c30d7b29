/* SPDX-License-Identifier: MIT */
/* Through a suspend that somebody in dom0 asks for: every irq is what it was, and what was
 * pending comes in once. */
#include "drivers/xen/grant.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/suspend.h"
#include "drivers/xen/watchdog.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "selftest/needs.h"
#include "selftest/pirq.h"
#include "selftest/resume.h"
#include "selftest/signal.h"
#include "selftest/xenstore.h"

#define LONG_NS          (15 * PATIENCE_NS) /* a save under load takes its time */
#define TIMER_NS         (3 * NS_PER_SEC)
#define WATCHDOG_SECONDS 600u /* longer than all of it */
#define IRQS_MAX         256u

/* --- what an irq is --- */

static struct irq_seen {
	const struct irq_chip *chip;
	irq_handler_fn *handler;
	void *ctx;
	const char *name;
	int home;
	uint8_t mask_reasons;
	uint16_t vector;
	uint32_t count;
} seen[IRQS_MAX];

static void irq_look(unsigned number, struct irq_seen *s)
{
	const struct irq *irq = irq_get(number);

	*s = (struct irq_seen){.home = -ENOENT};
	if (!irq || !irq->actions)
		return;
	*s = (struct irq_seen){irq->chip,          irq->actions->handler, irq->actions->ctx,
			       irq->actions->name, irq_home(irq),         irq->mask_reasons,
			       irq->vector,        irq_count(irq)};
}

static void irqs_look(void)
{
	for (unsigned n = 0; n < irq_limit && n < IRQS_MAX; n++)
		irq_look(n, &seen[n]);
}

static void irqs_check(void)
{
	struct irq_seen now, *s = seen;

	for (unsigned n = 0; n < irq_limit && n < IRQS_MAX; n++, s++) {
		irq_look(n, &now);
		if (now.chip != s->chip || now.handler != s->handler || now.ctx != s->ctx ||
		    now.name != s->name || now.home != s->home || now.vector != s->vector ||
		    now.mask_reasons != s->mask_reasons || now.count < s->count)
			selftest_fail("irq %u (%s) is not what it was", n,
				      s->name ? s->name : "none");
	}
}

/* A timer that expires meanwhile, or soon after. */
static volatile uint32_t expired;

static void expire(void *ctx)
{
	expired++;
}

/* A watch is set again, and fires for that. */
static volatile uint32_t told;

static void tell(struct xenstore_watch *w, const char *path)
{
	told++;
}

static struct xenstore_watch watch = {.path = "data/resume", .changed = tell};

/* --- the test --- */

struct wanted {
	uint32_t restored, cancelled;
};

static bool suspend_is_over(void *ctx)
{
	const struct wanted *w = ctx;

	return suspend_count() == w->restored && suspend_cancelled() == w->cancelled;
}

static volatile uint32_t earlier; /* CPUs on which time has gone back */

static void time_is_later(void *ctx)
{
	if (time_now_ns() <= *(const uint64_t *)ctx)
		__atomic_add_fetch(&earlier, 1, __ATOMIC_RELAXED);
}

static void latest(void *ctx)
{
	uint64_t *t = ctx, now = time_now_ns();

	if (now > *t)
		*t = now;
}

static void go_through(bool cancelled)
{
	struct wanted w = {suspend_count() + !cancelled, suspend_cancelled() + cancelled};
	uint64_t before = 0, wall = time_wall_ns();

	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		cpu_call(cpu, latest, &before);
	irqs_look();
	printk("# waiting for a suspend\n");
	CHECK(time_wait(suspend_is_over, &w, LONG_NS));
	irqs_check();
	cpu_call_all(time_is_later, &before);
	CHECK_EQ(earlier, 0);
	CHECK(time_wall_ns() + NS_PER_SEC >= wall); /* it may be set right by a little */
}

/* Both of Xen's are to be had: none was left armed. */
static void watchdogs_check(void)
{
	int ids[] = {hypercall_sched_watchdog(0, WATCHDOG_SECONDS),
		     hypercall_sched_watchdog(0, WATCHDOG_SECONDS)};

	for (unsigned i = 0; i < 2; i++) {
		CHECK(ids[i] > 0);
		if (ids[i] > 0)
			hypercall_sched_watchdog(ids[i], 0);
	}
}

static void with_a_grant(bool cancelled)
{
	unsigned out = grant_out();
	void *page = page_alloc();
	int ref = page ? grant_access(0, page, true) : -ENOMEM;
	static struct timer timer;

	CHECK(ref >= 0);
	timer_setup(&timer, expire, NULL);
	CHECK_EQ(xenstore_watch(&watch), 0);
	CHECK(selftest_wait_count(&told, 1));
	expired = 0;
	timer_start(&timer, time_now_ns() + TIMER_NS);
	CHECK_EQ(watchdog_arm(WATCHDOG_SECONDS), 0);
	go_through(cancelled);
	CHECK_EQ(watchdog_disarm(), 0);
	watchdogs_check();
	CHECK(selftest_wait_count(&expired, 1));
	CHECK_EQ(grant_out(), out + 1);
	CHECK_EQ(ref >= 0 ? grant_end(ref, page) : 0, 0);
	CHECK(cancelled || selftest_wait_count(&told, 2));
	CHECK_EQ(xenstore_write("data/resume", "here"), 0);
	CHECK(selftest_wait_count(&told, cancelled ? 2 : 3));
	CHECK_EQ(xenstore_unwatch(&watch), 0);
	told = 0;
}

/* What will be done: 'r', restored, 'c', cancelled; 0: nobody does anything. */
static char what_comes(void)
{
	char text[12];

	return xenstore_read("/daisy/resume", text, sizeof(text)) > 0 ? text[0] : 0;
}

SELFTEST(resume)
{
	char what;

	NEEDS(store);
	what = what_comes();
	SKIP_UNLESS(what, NO_DOM0);
	resume_loopbacks_open();
	resume_loopbacks_hold();
	with_a_grant(what == 'c');
	resume_loopbacks_check();
	resume_priority_check();
	resume_loopbacks_close();
}

/* A line of the board's that comes as a channel, and goes back to its pin. */
SELFTEST(resume_pirq)
{
	struct signal com1;

	NEEDS(store);
	NEEDS_LINES();
	SKIP_UNLESS(what_comes() == 'r', NO_DOM0);
	if (!com1_open(&com1))
		return;
	signal_begin(&com1, 0);
	CHECK_EQ(pirq_attach_line(COM1_IRQ), 0);
	CHECK(signal_once(&com1));
	go_through(false);
	CHECK(signal_once(&com1));
	CHECK_EQ(pirq_detach_line(COM1_IRQ), 0);
	CHECK(signal_once(&com1));
	signal_end(&com1);
}
