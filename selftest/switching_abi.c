/* SPDX-License-Identifier: MIT */
/* Switching between 2-level and FIFO while running: every channel keeps port, irq, mask, count,
 * home and what is pending; the toolstack's channels live on. */
#include "arch/x86/cpu.h"
#include "drivers/xen/console.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "drivers/xen/xenstore.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

#define TURNS 4u

static bool on_fifo(void)
{
	return !strcmp(evtchn_abi_name(), "fifo");
}

static enum evtchn_abi_choice other_abi(void)
{
	return on_fifo() ? EVTCHN_ABI_2L : EVTCHN_ABI_FIFO;
}

/* What is in the way of one switch: every state that a channel can be in. */
struct scene {
	struct loopback held;   /* masked, pending */
	struct loopback ready;  /* unmasked, pending */
	struct loopback calm;   /* unmasked, nothing pending */
	struct loopback silent; /* masked, nothing pending */
	struct loopback away;   /* unmasked, pending, on the last CPU if it can be */
	uint32_t turns;
};

#define NR_LOOPBACKS   (offsetof(struct scene, turns) / sizeof(struct loopback))
#define LOOPBACK(s, i) (&((struct loopback *)(s))[i])

static bool scene_open(struct scene *s)
{
	bool ok = true;
	int gap = evtchn_alloc_unbound(DOMID_SELF);

	for (unsigned i = 0; i < NR_LOOPBACKS; i++)
		ok = loopback_open(LOOPBACK(s, i), "switch abi") && ok;
	s->turns = 0;
	CHECK_EQ(evtchn_close(gap), 0); /* a number that is nobody's, below the others */
	if (ok && nr_cpus > 1 && upcall_reaches_all() && evtchn_daisy())
		CHECK_EQ(irq_set_affinity(s->away.irq, nr_cpus - 1), 0);
	if (ok) {
		evtchn_mask(s->held.near);
		evtchn_mask(s->silent.near);
	}
	return ok;
}

static void scene_close(struct scene *s)
{
	for (unsigned i = 0; i < NR_LOOPBACKS; i++)
		loopback_close(LOOPBACK(s, i));
}

static void scene_check_ports(const struct scene *s)
{
	for (unsigned i = 0; i < NR_LOOPBACKS; i++) {
		const struct loopback *lb = LOOPBACK(s, i);
		struct evtchn_status st = {0};

		CHECK_EQ(evtchn_status(DOMID_SELF, lb->near, &st), 0);
		CHECK_EQ(st.status, EVTCHNSTAT_interdomain);
		CHECK_EQ(st.u.interdomain.port, lb->far);
		CHECK_EQ(evtchn_to_irq(lb->near), lb->irq);
		if (lb == &s->away && evtchn_daisy())
			CHECK_EQ(irq_get(lb->irq)->chip->home(irq_get(lb->irq)),
				 nr_cpus > 1 && upcall_reaches_all() ? nr_cpus - 1 : 0);
	}
}

static void scene_check_runs(struct scene *s, uint32_t held, uint32_t others)
{
	const uint32_t want[NR_LOOPBACKS] = {held, others, others, 0, others};

	for (unsigned i = 0; i < NR_LOOPBACKS; i++)
		CHECK(loopback_wait(LOOPBACK(s, i), want[i]));
	loopback_settle();
	for (unsigned i = 0; i < NR_LOOPBACKS; i++) {
		CHECK_EQ(LOOPBACK(s, i)->runs, want[i]);
		if (evtchn_daisy())
			CHECK_EQ(irq_count(irq_get(LOOPBACK(s, i)->irq)), want[i]);
	}
}

/* Two runs each in a turn: what was pending at the switch, and one sent after it. */
static void scene_switch(struct scene *s)
{
	enum evtchn_abi_choice to = other_abi();

	local_irq_disable();
	CHECK_EQ(evtchn_send(s->held.far), 0);
	CHECK_EQ(evtchn_send(s->ready.far), 0);
	CHECK_EQ(evtchn_send(s->away.far), 0);
	CHECK_EQ(evtchn_switch_abi(to), 0);
	local_irq_enable();
	CHECK_EQ(evtchn_send(s->calm.far), 0);
	CHECK(on_fifo() == (to == EVTCHN_ABI_FIFO));
	scene_check_ports(s);
	CHECK(evtchn_is_masked(s->silent.near) && !evtchn_is_pending(s->silent.near));
	CHECK(evtchn_is_masked(s->held.near) && evtchn_is_pending(s->held.near));
	scene_check_runs(s, 2 * s->turns, 2 * s->turns + 1);
	CHECK_EQ(evtchn_unmask(s->held.near), 0);
	CHECK(loopback_wait(&s->held, 2 * s->turns + 1));
	for (unsigned i = 0; i < NR_LOOPBACKS; i++)
		if (LOOPBACK(s, i) != &s->silent)
			CHECK(loopback_ping(LOOPBACK(s, i)));
	s->turns++;
	scene_check_runs(s, 2 * s->turns, 2 * s->turns);
	evtchn_mask(s->held.near);
}

/* The store answers, and the console's reader takes what is written. */
static void toolstack_lives(void)
{
	char value[16];

	if (xenstore_usable()) {
		CHECK_EQ(xenstore_write("data/abi", evtchn_abi_name()), 0);
		CHECK(xenstore_read("data/abi", value, sizeof(value)) > 0);
		CHECK(!strcmp(value, evtchn_abi_name()));
	}
	printk("# on %s\n", evtchn_abi_name());
	console_flush_all();
	CHECK_EQ(xen_console_dropped(), 0);
}

/* The next owners of these ports see nothing of what was once pending there. */
static void ports_are_clean(void)
{
	struct scene s;

	for (unsigned i = 0; i < 2; i++)
		CHECK_EQ(evtchn_switch_abi(other_abi()), 0);
	for (unsigned i = 0; i < NR_LOOPBACKS; i++)
		loopback_open(LOOPBACK(&s, i), "next owner");
	loopback_settle();
	for (unsigned i = 0; i < NR_LOOPBACKS; i++)
		CHECK_EQ(LOOPBACK(&s, i)->runs, 0);
	for (unsigned i = 0; i < NR_LOOPBACKS; i++)
		loopback_close(LOOPBACK(&s, i));
}

SELFTEST(switch_abi)
{
	enum evtchn_abi_choice origin = on_fifo() ? EVTCHN_ABI_FIFO : EVTCHN_ABI_2L;
	struct scene s;

	NEEDS(xen);
	CHECK_EQ(evtchn_switch_abi(EVTCHN_ABI_AUTO), -EINVAL);
	CHECK_EQ(evtchn_switch_abi(origin), 0); /* nothing to do */
	if (scene_open(&s))
		for (unsigned turn = 0; turn < TURNS; turn++) {
			scene_switch(&s);
			toolstack_lives();
		}
	scene_close(&s);
	ports_are_clean();
	CHECK(on_fifo() == (origin == EVTCHN_ABI_FIFO));
}

static volatile uint32_t ipi_runs;
static volatile unsigned ipi_cpu;

static enum irq_result ipi_handler(struct irq *irq, void *ctx)
{
	ipi_cpu = this_cpu()->id;
	ipi_runs++;
	return IRQ_HANDLED;
}

/* IPIs and VIRQs are bound anew with their vCPU; a VIRQ is marked once, as what it raised in
 * between would be lost. */
SELFTEST(switch_abi_kinds)
{
	unsigned last = upcall_reaches_all() ? nr_cpus - 1 : 0;
	int ipi, virq;

	NEEDS(xen);
	timer_lend(); /* its clock may be this VIRQ */
	ipi = evtchn_bind_ipi(xen_vcpu_id(last));
	virq = evtchn_bind_virq(VIRQ_TIMER, xen_vcpu_id(last));
	ipi_runs = 0;
	CHECK(evtchn_irq_request(ipi, ipi_handler, &ipi, "switch ipi") >= 0);
	for (uint32_t turn = 1; turn <= 2; turn++) {
		struct evtchn_status st = {0};

		CHECK_EQ(evtchn_switch_abi(other_abi()), 0);
		loopback_settle();
		CHECK_EQ(ipi_runs, turn - 1);
		CHECK_EQ(evtchn_send(ipi), 0);
		CHECK(selftest_wait_count(&ipi_runs, turn));
		CHECK_EQ(ipi_cpu, last);
		CHECK_EQ(evtchn_status(DOMID_SELF, virq, &st), 0);
		CHECK_EQ(st.status, EVTCHNSTAT_virq);
		CHECK_EQ(st.vcpu, xen_vcpu_id(last));
		CHECK(evtchn_is_pending(virq) && evtchn_is_masked(virq));
	}
	CHECK_EQ(evtchn_irq_free(ipi, &ipi), 0);
	CHECK_EQ(evtchn_close(ipi), 0);
	CHECK_EQ(evtchn_close(virq), 0);
	timer_take_back();
}

/* Priorities come back with FIFO. */
SELFTEST(switch_abi_priority)
{
	struct loopback low, high;
	bool both;

	NEEDS(xen);
	SKIP_UNLESS(evtchn_daisy(),
		    "daisy=off: the drivers are asked in turn, there is no scan");
	SKIP_UNLESS(on_fifo(), "the 2-level ABI has no priorities");
	both = loopback_open(&low, "low");
	both = loopback_open(&high, "high") && both;
	if (both) {
		irq_set_redelivery(low.irq, false);
		irq_set_redelivery(high.irq, false);
		CHECK_EQ(evtchn_set_priority(low.near, EVTCHN_FIFO_PRIORITY_MIN), 0);
		CHECK_EQ(evtchn_set_priority(high.near, EVTCHN_FIFO_PRIORITY_MAX), 0);
		CHECK_EQ(evtchn_switch_abi(EVTCHN_ABI_2L), 0);
		CHECK_EQ(evtchn_set_priority(low.near, EVTCHN_FIFO_PRIORITY_MAX), -ENOSYS);
		CHECK_EQ(evtchn_switch_abi(EVTCHN_ABI_FIFO), 0);
		for (unsigned i = 1; i <= 3; i++) {
			local_irq_disable();
			evtchn_send(low.far);
			evtchn_send(high.far);
			local_irq_enable();
			CHECK(loopback_wait(&low, i) && loopback_wait(&high, i));
			CHECK(high.order < low.order);
		}
	}
	loopback_close(&high);
	loopback_close(&low);
}
