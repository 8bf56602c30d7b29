/* SPDX-License-Identifier: MIT */
/* The other CPUs: are all of them there, and does what is sent to one arrive on it alone. */
#include "arch/x86/cpu.h"
#include "boot/smp.h"
#include "drivers/irqchip/ipi.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/options.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "selftest/needs.h"

#define CALLS 5u

/* Where something ran, and how often. */
struct visit {
	volatile uint32_t runs;
	volatile unsigned cpu;
};

static bool visited(void *ctx)
{
	return ((struct visit *)ctx)->runs;
}

static void visit(void *ctx)
{
	struct visit *v = ctx;

	v->cpu = this_cpu()->id;
	v->runs++;
}

static enum irq_result visit_handler(struct irq *irq, void *ctx)
{
	visit(ctx);
	return IRQ_HANDLED;
}

SELFTEST(cpus)
{
	unsigned wanted = board_get()->nr_cpus;

	NEEDS(cpus);
	if (wanted > NR_CPUS_MAX)
		wanted = NR_CPUS_MAX;
	CHECK_EQ(nr_cpus, options.cpus && options.cpus < wanted ? options.cpus : wanted);
	for (unsigned i = 0; i < nr_cpus; i++) {
		CHECK(cpus[i]->id == i && cpus[i]->state == CPU_ONLINE && !cpus[i]->error);
		CHECK(i == 0 || cpus[i]->apic_id != cpus[i - 1]->apic_id);
		CHECK(!xen_present() || xen_vcpu_info_registered(i));
	}
}

/* A CPU that the board has and Daisy does not use. */
static bool find_unused(uint32_t *apic_id)
{
	const struct board *board = board_get();

	for (unsigned i = 0; i < board->nr_cpus; i++) {
		unsigned cpu = 0;

		*apic_id = board->apic_id[i];
		while (cpu < nr_cpus && cpus[cpu]->apic_id != *apic_id)
			cpu++;
		if (cpu == nr_cpus)
			return true;
	}
	return false;
}

/* It starts when nobody waits for it, as one would that was given up before: it must stop without
 * having touched a stack or a struct cpu. */
SELFTEST(late_cpu)
{
	uint32_t refused = smp_start.refused, apic_id;
	unsigned before = nr_cpus;

	SKIP_UNLESS(find_unused(&apic_id), "every CPU is in use");
	NEEDS(lapic);
	smp_send_startup(apic_id);
	CHECK(selftest_wait_count(&smp_start.refused, refused + 1));
	CHECK_EQ(nr_cpus, before);
	CHECK(!smp_start.cpu);
}

/* A call runs on the CPU it is for, and its interrupt is counted there and nowhere else. */
SELFTEST(cpu_call)
{
	struct irq *irq;

	NEEDS(cpus);
	irq = irq_get(ipi_irq());
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		uint32_t before = irq_count_on(irq, cpu), all = irq_count(irq);
		struct visit v = {0};

		for (unsigned i = 0; i < CALLS; i++)
			CHECK_EQ(cpu_call(cpu, visit, &v), 0);
		CHECK_EQ(v.cpu, cpu);
		CHECK_EQ(v.runs, CALLS);
		CHECK_EQ(irq_count_on(irq, cpu) - before, cpu ? CALLS : 0);
		CHECK_EQ(irq_count(irq) - all, cpu ? CALLS : 0);
	}
	CHECK_EQ(cpu_call(nr_cpus, visit, NULL), -EINVAL);
}

#define CHAIN_MAX 8u

/* Calls the next CPU from within the call, and the last one calls the first, which still waits for
 * its own. */
static void call_onward(void *ctx)
{
	unsigned next = this_cpu()->id + 1;

	if (next < nr_cpus && next < CHAIN_MAX)
		cpu_call(next, call_onward, ctx);
	else
		cpu_call(0, visit, ctx);
}

SELFTEST(cpu_call_crossing)
{
	struct visit v = {0};

	NEEDS(cpus);
	CHECK_EQ(cpu_call(1, call_onward, &v), 0);
	CHECK_EQ(v.runs, 1);
	CHECK_EQ(v.cpu, 0);
}

static uint32_t visits[NR_CPUS_MAX];

static void visit_here(void *ctx)
{
	visits[this_cpu()->id]++;
	if (ctx && this_cpu()->id == 1)
		CHECK_EQ(cpu_call_all(visit_here, NULL), 0); /* from within: to each in turn */
}

static void check_visits(uint32_t wanted)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		CHECK_EQ(visits[cpu], wanted);
}

static void all_from_there(void *ctx)
{
	check_visits(*(uint32_t *)ctx);
	CHECK_EQ(cpu_call_alone(visit_here, NULL), -EBUSY);
	CHECK_EQ(cpu_call(1, visit_here, ctx), 0); /* where a CPU stands still */
}

/* Once on each, also when one of them calls all from within, or while all but one stand still. */
SELFTEST(cpu_call_all)
{
	uint32_t wanted = 1;

	NEEDS(cpus);
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		visits[cpu] = 0;
	CHECK_EQ(cpu_call_all(visit_here, NULL), 0);
	check_visits(1);
	CHECK_EQ(cpu_call_all(visit_here, &wanted), 0);
	check_visits(3);
	if (nr_cpus > CHAIN_MAX) /* without Xen's help they would all spin meanwhile */
		return;
	wanted = 3;
	CHECK_EQ(cpu_call_alone(all_from_there, &wanted), 0);
	visits[1]--; /* it was called by itself as well */
	check_visits(4);
}

#define NEEDS_REACH() \
	NEEDS(cpus);  \
	NEEDS(reach)

/* Waits for the visit, and checks that it was on this CPU, once, and counted there. */
static void check_visit(struct visit *v, unsigned cpu, int irq, const uint32_t before)
{
	CHECK(time_wait(visited, v, PATIENCE_NS));
	CHECK_EQ(v->cpu, cpu);
	CHECK_EQ(v->runs, 1);
	if (evtchn_daisy()) {
		CHECK_EQ(irq_count_on(irq_get(irq), cpu) - before, 1);
		CHECK_EQ(irq_count(irq_get(irq)) - before, 1);
	}
}

SELFTEST(evtchn_ipi)
{
	NEEDS_REACH();
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		int port = evtchn_bind_ipi(xen_vcpu_id(cpu));
		struct visit v = {0};
		int irq = evtchn_irq_request(port, visit_handler, &v, "evtchn ipi");

		CHECK(port > 0 && irq >= 0);
		if (irq < 0)
			break;
		CHECK_EQ(evtchn_send(port), 0);
		check_visit(&v, cpu, irq, 0);
		CHECK_EQ(evtchn_irq_free(port, &v), 0);
		CHECK_EQ(evtchn_close(port), 0);
	}
}

/* Only the vCPU itself may arm its timer. */
static void arm_timer(void *ctx)
{
	struct vcpu_set_singleshot_timer t = {.timeout_abs_ns = xen_system_time() + NS_PER_MS};

	*(int *)ctx = hypercall_vcpu_op(VCPUOP_set_singleshot_timer,
					xen_vcpu_id(this_cpu()->id), &t);
}

static void timer_each(void)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		int port = evtchn_bind_virq(VIRQ_TIMER, xen_vcpu_id(cpu)), err = -1;
		struct visit v = {0};
		int irq = evtchn_irq_request(port, visit_handler, &v, "timer each");

		CHECK(port > 0 && irq >= 0);
		if (irq < 0)
			break;
		CHECK_EQ(cpu_call(cpu, arm_timer, &err), 0);
		CHECK_EQ(err, 0);
		check_visit(&v, cpu, irq, 0);
		CHECK_EQ(evtchn_irq_free(port, &v), 0);
		CHECK_EQ(evtchn_close(port), 0);
	}
}

SELFTEST(virq_timer_each)
{
	NEEDS_REACH();
	timer_lend(); /* it may be what drives the timers */
	timer_each();
	timer_take_back();
}
