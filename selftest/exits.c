/* SPDX-License-Identifier: MIT */
/* What an event costs in VM exits. A guest cannot see its own exits: it marks in Xen's trace where
 * a section of so many equal steps begins and ends, and the host counts (xenbox run --exits). */
#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "drivers/xen/xenstore.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/memory.h"
#include "kernel/options.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/printf.h"
#include "selftest/needs.h"

#define MARK_EVENT 0xda1 /* any of the guest class; xenbox looks at the text */
#define MARK_MAX   28    /* what a trace record of the guest's own holds */
#define SPINS	   100000000u
#define TIMER_NS   (20 * 1000u)

struct section {
	uint32_t steps, each; /* runs of a handler for each step */
	evtchn_port_t port, *crowd;
	volatile uint32_t runs;
	struct timer timer;
};

/* "+NAME STEPS" begins a section, "-NAME" ends it: what xenbox understands of any guest. */
static void mark(char sign, const char *name, uint32_t steps)
{
	char text[MARK_MAX + 1];
	size_t length = fmt_snprintf(text, sizeof(text), sign == '+' ? "%c%s %u" : "%c%s", sign,
				     name, steps);

	CHECK(length <= MARK_MAX);
	CHECK_EQ(hypercall_hvm_xentrace(MARK_EVENT, text, length), 0);
}

static enum irq_result note_run(struct irq *irq, void *ctx)
{
	struct section *s = ctx;

	s->runs++;
	return IRQ_HANDLED;
}

static void null_step(struct section *s)
{
	hypercall_xen_version(XENVER_version, NULL);
	s->runs++;
}

/* A self-sent event is there when the hypercall returns: nothing is made while it is waited for,
 * and the poll route looks at the ports without leaving the guest. */
static void event_step(struct section *s)
{
	uint32_t before = s->runs;

	evtchn_send(s->port);
	for (uint32_t spins = 0; s->runs == before && spins < SPINS; spins++)
		upcall_poll();
}

/* The whole crowd, by one upcall. */
static void burst_step(struct section *s)
{
	uint32_t want = s->runs + s->each;
	bool on = local_irq_save();

	for (uint32_t i = 0; i < s->each; i++)
		evtchn_send(s->crowd[i]);
	local_irq_restore(on);
	for (uint32_t spins = 0; s->runs != want && spins < SPINS; spins++)
		upcall_poll();
}

static void polled_step(struct section *s)
{
	evtchn_send(s->port);
	hypercall_sched_poll(&s->port, 1, 0);
	s->runs += evtchn_clear(s->port);
}

static void timer_rang(void *ctx)
{
	struct section *s = ctx;

	s->runs++;
}

/* Nothing is made while it is waited for, as above. */
static void timer_step(struct section *s)
{
	uint32_t before = s->runs;

	timer_start(&s->timer, time_now_ns() + TIMER_NS);
	for (uint32_t spins = 0; s->runs == before && spins < SPINS; spins++)
		cpu_relax();
}

/* Runs of the store's irq, which dom0 may have made at any time. */
static uint32_t store_runs(void)
{
	int irq = xenstore_port() ? evtchn_to_irq(xenstore_port()) : -1;

	return irq >= 0 ? irq_count(irq_get((unsigned)irq)) : 0;
}

static void measure(const char *name, struct section *s, void (*step)(struct section *s))
{
	uint32_t others = store_runs();

	s->runs = 0;
	step(s); /* what is done once only is not counted */
	mark('+', name, s->steps);
	for (uint32_t i = 0; i < s->steps && s->runs == (i + 1) * s->each; i++)
		step(s);
	mark('-', name, 0);
	if (store_runs() != others)
		printk("# exits: %s: the store has interrupted it\n", name);
	CHECK_EQ(s->runs, (s->steps + 1) * s->each);
}

/* --- how it grows: one of so many channels, and all of them --- */

static bool crowd_bind(struct section *s, unsigned count)
{
	s->crowd = heap_alloc(count * sizeof(*s->crowd));
	for (unsigned i = 0; s->crowd && i < count; i++) {
		int port = evtchn_bind_ipi(xen_vcpu_id(this_cpu()->id));

		CHECK(port > 0);
		if (port <= 0 || evtchn_irq_request(port, note_run, s, "crowd") < 0)
			return false;
		s->crowd[i] = port;
	}
	return s->crowd;
}

static void crowd_close(struct section *s, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		CHECK_EQ(evtchn_irq_free(s->crowd[i], s), 0);
		CHECK_EQ(evtchn_close(s->crowd[i]), 0);
	}
	heap_free(s->crowd);
}

static void crowd(struct section *s, unsigned count)
{
	char name[MARK_MAX];

	CHECK(crowd_bind(s, count));
	if (selftest_has_failed())
		return;
	s->port = s->crowd[count - 1];
	fmt_snprintf(name, sizeof(name), "one-of-%u", count);
	measure(name, s, event_step);
	s->each = count;
	fmt_snprintf(name, sizeof(name), "all-of-%u", count);
	measure(name, s, burst_step);
	crowd_close(s, count);
}

SELFTEST(exits)
{
	struct section s = {.steps = options.exits, .each = 1};
	char name[MARK_MAX];
	int port, irq;

	SKIP_UNLESS(options.exits, "no exits=STEPS on the command line");
	NEEDS(xen);
	measure("null", &s, null_step);
	timer_setup(&s.timer, timer_rang, &s);
	if (timer_has_clock()) {
		fmt_snprintf(name, sizeof(name), "timer-%s", timer_clock_name());
		measure(name, &s, timer_step);
	}
	port = evtchn_bind_ipi(xen_vcpu_id(this_cpu()->id));
	CHECK(port > 0);
	if (port <= 0)
		return;
	s.port = port;
	evtchn_mask(port);
	fmt_snprintf(name, sizeof(name), "masked-%s", evtchn_abi_name());
	measure(name, &s, polled_step);
	irq = evtchn_irq_request(port, note_run, &s, "exits");
	CHECK(irq >= 0);
	fmt_snprintf(name, sizeof(name), "%s-%s", upcall_route_name(), evtchn_abi_name());
	if (irq >= 0) {
		measure(name, &s, event_step);
		CHECK_EQ(evtchn_irq_free(port, &s), 0);
	}
	CHECK_EQ(evtchn_close(port), 0);
	if (options.crowd)
		crowd(&s, (unsigned)options.crowd);
}
