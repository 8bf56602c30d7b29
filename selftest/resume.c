/* SPDX-License-Identifier: MIT */
/* Through a suspend that somebody in dom0 asks for: every irq is what it was, and what was
 * pending comes in once. */
#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_resume.h"
#include "drivers/xen/grant.h"
#include "drivers/xen/suspend.h"
#include "drivers/xen/upcall.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "selftest/loopback.h"
#include "selftest/pirq.h"
#include "selftest/signal.h"
#include "selftest/xenstore.h"

/* What each of them is for. */
enum { PLAIN, MASKED, PORT_MASKED, FAR_AWAY, BY_VECTOR, URGENT, NR_LOOPBACKS };

#define LONG_NS  (15 * PATIENCE_NS) /* a save under load takes its time */
#define TIMER_NS (3 * NS_PER_SEC)
#define PRIORITY 3u
#define IRQS_MAX 256u

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

/* --- what waits across it --- */

static void loopbacks_open(void)
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

static void loopbacks_hold(void)
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

static void loopbacks_check(void)
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

static void loopbacks_close(void)
{
	for (unsigned i = 0; i < NR_LOOPBACKS; i++) {
		loopback_close(&lbs[i]);
		lbs[i].near = -1;
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

static void go_through(bool cancelled)
{
	struct wanted w = {suspend_count() + !cancelled, suspend_cancelled() + cancelled};
	uint64_t before = time_now_ns(), wall = time_wall_ns();

	irqs_look();
	printk("# waiting for a suspend\n");
	CHECK(time_wait(suspend_is_over, &w, LONG_NS));
	irqs_check();
	CHECK(time_now_ns() > before);
	CHECK(time_wall_ns() >= wall);
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
	go_through(cancelled);
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

	NEEDS_STORE();
	what = what_comes();
	SKIP_UNLESS(what, NO_DOM0);
	loopbacks_open();
	loopbacks_hold();
	with_a_grant(what == 'c');
	loopbacks_check();
	loopbacks_close();
}

/* A line of the board's that comes as a channel, and goes back to its pin. */
SELFTEST(resume_pirq)
{
	struct signal com1;

	NEEDS_STORE();
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
