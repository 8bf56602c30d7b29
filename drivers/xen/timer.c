/* SPDX-License-Identifier: MIT */
/* VIRQ_TIMER and VCPUOP_set_singleshot_timer (public/vcpu.h): one timer for each vCPU, which
 * only the vCPU itself may arm. */
#include "drivers/xen/timer.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_resume.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu_call.h"
#include "kernel/timer.h"
#include "lib/errno.h"

static evtchn_port_t ports[NR_CPUS_MAX]; /* 0: not bound */

EVTCHN_RENUMBERED(timer)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		ports[cpu] = evtchn_renumbered(ports[cpu]);
}

static enum irq_result timer_expired(struct irq *irq, void *ctx)
{
	timer_run();
	return IRQ_HANDLED;
}

static void xen_timer_stop(void)
{
	hypercall_vcpu_op(VCPUOP_stop_singleshot_timer, xen_vcpu_id(this_cpu()->id), NULL);
}

static void timer_stop(void *ctx)
{
	xen_timer_stop();
}

static void timer_unbind(unsigned cpu)
{
	if (!ports[cpu])
		return;
	cpu_call(cpu, timer_stop, NULL);
	/* With a vector of its own it may be on the way; it comes in before long. */
	while (evtchn_irq_free(ports[cpu], &ports[cpu]) == -EBUSY)
		cpu_yield();
	evtchn_close(ports[cpu]);
	ports[cpu] = 0;
}

static void xen_timer_close(void)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		timer_unbind(cpu);
}

static int timer_bind(unsigned cpu)
{
	int port = evtchn_bind_virq(VIRQ_TIMER, xen_vcpu_id(cpu)), irq;

	if (port < 0)
		return port;
	irq = evtchn_irq_request(port, timer_expired, &ports[cpu], "timers");
	if (irq < 0) {
		evtchn_close(port);
		return irq;
	}
	evtchn_irq_stays(port); /* stopped by then: timer_stop_here() */
	ports[cpu] = port;
	return 0;
}

static int xen_timer_open(void)
{
	int err = 0;

	if (!xen_present() || upcall_irq() < 0 || upcall_route() == UPCALL_POLL ||
	    (nr_cpus > 1 && !upcall_reaches_all()))
		return -ENODEV; /* it would interrupt nobody, or not every CPU */
	for (unsigned cpu = 0; cpu < nr_cpus && !err; cpu++)
		err = timer_bind(cpu);
	if (err)
		xen_timer_close();
	return err;
}

static void xen_timer_start(uint64_t ns)
{
	struct vcpu_set_singleshot_timer t = {.timeout_abs_ns = xen_system_time() + ns};

	hypercall_vcpu_op(VCPUOP_set_singleshot_timer, xen_vcpu_id(this_cpu()->id), &t);
}

const struct clock_event xen_timer_clock = {
	.name = "virq",
	.channel = true,
	.open = xen_timer_open,
	.close = xen_timer_close,
	.start = xen_timer_start,
	.stop = xen_timer_stop,
};
