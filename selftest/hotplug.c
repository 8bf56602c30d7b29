/* SPDX-License-Identifier: MIT */
/* CPUs that go down and come up: what was at home there goes on elsewhere, and comes back. */
#include "boot/hotplug.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"
#include "selftest/loopback.h"
#include "selftest/needs.h"

#define CYCLES	  20u
#define HOMES_MAX 128u
#define SOON_NS	  (20 * NS_PER_MS)
#define FAR_NS	  (3600 * NS_PER_SEC)

static char why[200];

static int down(unsigned cpu)
{
	return hotplug_down(cpu, why, sizeof(why));
}

static int up(unsigned cpu)
{
	return hotplug_up(cpu, why, sizeof(why));
}

static bool channels_move(void)
{
	return xen_present() && upcall_reaches_all() && evtchn_daisy();
}

static bool xen_says_up(unsigned cpu)
{
	return hypercall_vcpu_op(VCPUOP_is_up, xen_vcpu_id(cpu), NULL) > 0;
}

/* --- everything that can move is on one CPU --- */

static struct {
	uint16_t number;
	int home;
} gathered[HOMES_MAX];

static unsigned gather(unsigned cpu)
{
	unsigned count = 0;

	for (unsigned n = 0; n < irq_limit && count < HOMES_MAX; n++) {
		const struct irq *irq = irq_get(n);
		int home = irq && irq->actions ? irq_home(irq) : -1;

		if (home < 0 || irq_set_affinity(n, cpu))
			continue;
		gathered[count].number = n;
		gathered[count++].home = home;
	}
	return count;
}

static void scatter(unsigned count)
{
	while (count--)
		CHECK_EQ(irq_set_affinity(gathered[count].number, gathered[count].home), 0);
}

/* What is left there is its own: a clock's channel. */
static void check_gone(unsigned cpu)
{
	for (unsigned n = 0; n < irq_limit; n++) {
		const struct irq *irq = irq_get(n);

		CHECK(!irq || irq_home(irq) != (int)cpu || irq->kind == irq_flow_percpu);
	}
}

static void check_back(unsigned cpu, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		CHECK_EQ(irq_home(irq_get(gathered[i].number)), cpu);
}

/* --- what a CPU is in the middle of --- */

struct alarm {
	struct timer timer;
	volatile uint32_t runs;
	bool early;
	uint64_t deadline;
};

static void alarm_rings(void *ctx)
{
	struct alarm *a = ctx;

	a->early = time_now_ns() < a->deadline;
	a->runs++;
}

/* One that runs soon, and one that certainly waits. */
static void alarms_start(void *ctx)
{
	struct alarm *a = ctx;

	a[0].deadline = time_now_ns() + SOON_NS;
	timer_start(&a[0].timer, a[0].deadline);
	timer_start(&a[1].timer, a[0].deadline + FAR_NS);
}

static void visit(void *ctx)
{
	__atomic_fetch_add((uint32_t *)ctx, 1, __ATOMIC_SEQ_CST);
}

static void check_calls(unsigned cpu)
{
	uint32_t visits = 0;

	CHECK_EQ(cpu_call(cpu, visit, &visits), -ENXIO);
	CHECK_EQ(visits, 0);
	cpu_barrier_on(cpu);
	CHECK_EQ(cpu_call_all(visit, &visits), 0);
	CHECK_EQ(visits, nr_cpus - 1);
	CHECK_EQ(cpu_call_alone(visit, &visits), 0);
	CHECK_EQ(visits, nr_cpus);
}

/* One cycle: an event that waits in a mask goes along, another is sent while the CPU is down; a
 * timer that was started there runs once, and not early. */
static void cycle(unsigned cpu, struct loopback *lb, unsigned count)
{
	struct alarm a[2] = {0};
	uint32_t runs = lb->runs;

	for (unsigned i = 0; i < 2; i++)
		timer_setup(&a[i].timer, alarm_rings, &a[i]);
	CHECK_EQ(cpu_call(cpu, alarms_start, a), 0);
	if (lb->irq >= 0) {
		irq_mask(irq_get(lb->irq));
		CHECK_EQ(evtchn_send(lb->far), 0);
	}
	if (CHECK_EQ(down(cpu), 0)) {
		check_gone(cpu);
		if (xen_present())
			CHECK(!xen_says_up(cpu));
		check_calls(cpu);
		CHECK(selftest_wait_count(&a[0].runs, 1));
		CHECK_EQ(a[1].timer.cpu, 0);
		if (lb->irq >= 0) {
			irq_unmask(irq_get(lb->irq));
			CHECK(loopback_wait(lb, runs + 1));
			CHECK(loopback_ping(lb));
		}
		CHECK_EQ(up(cpu), 0);
	}
	CHECK_EQ(a[0].runs, 1);
	CHECK(!a[0].early);
	timer_cancel(&a[0].timer);
	CHECK(timer_cancel(&a[1].timer));
	check_back(cpu, count);
	if (lb->irq >= 0) {
		CHECK(loopback_ping(lb));
		CHECK_EQ(lb->runs, runs + 3);
	}
}

SELFTEST(cpu_down_up)
{
	struct loopback lb = {.near = -1, .far = -1, .irq = -1};
	unsigned cpu = nr_cpus - 1, count;

	NEEDS(cpus);
	if (!channels_move() || loopback_open(&lb, "down")) {
		count = gather(cpu);
		for (unsigned i = 0; i < CYCLES && !selftest_has_failed(); i++)
			cycle(cpu, &lb, count);
		scatter(count);
		/* For the far ones the clock would still come, in a test that counts irqs. */
		timer_lend();
		timer_take_back();
	}
	loopback_close(&lb);
}

/* As Xen does for a sender who looked up the port's vCPU before it moved. */
static void late_send(evtchn_port_t port, unsigned cpu)
{
	struct vcpu_info *vi = xen_vcpu_info(cpu);

	__atomic_fetch_or(&xen_shared_info->evtchn_pending[port / 64], 1ull << port % 64,
			  __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&vi->evtchn_pending_sel, 1ull << port / 64, __ATOMIC_SEQ_CST);
	__atomic_store_n(&vi->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
}

/* Who is moved while the CPU is down stays where he was put; the ABI that is in use when the CPU
 * comes back is the one that it works with. */
static void check_changes(struct loopback *lb, unsigned cpu)
{
	bool fifo = evtchn_abi == &evtchn_abi_fifo;
	enum evtchn_abi_choice other = fifo ? EVTCHN_ABI_2L : EVTCHN_ABI_FIFO;

	CHECK_EQ(irq_set_affinity(lb->irq, cpu), 0);
	CHECK_EQ(down(cpu), 0);
	if (!fifo) {
		late_send(lb->near, cpu);
		evtchn_sweep(cpu);
		CHECK(loopback_wait(lb, 1));
	}
	if (!evtchn_switch_abi(other)) {
		CHECK(loopback_ping(lb));
		CHECK_EQ(up(cpu), 0);
		CHECK_EQ(irq_home(irq_get(lb->irq)), cpu);
		CHECK(loopback_ping(lb));
		CHECK_EQ(down(cpu), 0);
		CHECK_EQ(evtchn_switch_abi(fifo ? EVTCHN_ABI_FIFO : EVTCHN_ABI_2L), 0);
	}
	CHECK_EQ(irq_set_affinity(lb->irq, 0), 0);
	CHECK_EQ(up(cpu), 0);
	CHECK_EQ(irq_home(irq_get(lb->irq)), 0);
	CHECK_EQ(irq_set_affinity(lb->irq, cpu), 0);
	CHECK(loopback_ping(lb));
}

SELFTEST(cpu_down_changes)
{
	struct loopback lb;

	NEEDS(cpus);
	NEEDS(reach);
	NEEDS(daisy);
	if (loopback_open(&lb, "down"))
		check_changes(&lb, nr_cpus - 1);
	loopback_close(&lb);
}

static enum irq_result nothing(struct irq *irq, void *ctx)
{
	return IRQ_HANDLED;
}

static void check_belongings(unsigned cpu)
{
	int port = evtchn_bind_ipi(xen_vcpu_id(cpu));
	int irq = evtchn_irq_request(port, nothing, why, "belonging");

	CHECK(irq >= 0);
	CHECK_EQ(down(cpu), -EBUSY);
	CHECK(cpu_is_online(cpu));
	CHECK_EQ(evtchn_irq_free(port, why), 0);
	CHECK_EQ(evtchn_close(port), 0);
}

SELFTEST(cpu_down_refused)
{
	unsigned cpu = nr_cpus - 1;

	CHECK_EQ(down(0), -EINVAL);
	CHECK_EQ(down(nr_cpus), -EINVAL);
	CHECK_EQ(up(nr_cpus), -EINVAL);
	CHECK_EQ(up(0), -EEXIST);
	NEEDS(cpus);
	if (xen_present())
		check_belongings(cpu);
	CHECK_EQ(up(cpu), -EEXIST);
	CHECK_EQ(down(cpu), 0);
	CHECK_EQ(down(cpu), -ENXIO);
	if (channels_move())
		CHECK_EQ(irq_set_affinity(gather(0) ? gathered[0].number : 0, cpu), -ENXIO);
	CHECK_EQ(up(cpu), 0);
}
