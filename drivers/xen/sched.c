/* SPDX-License-Identifier: MIT */
/* What Xen's scheduler does for a vCPU that waits, and how the domain ends. */
#include "drivers/xen/xen.h"

#include "arch/x86/cpu.h"
#include "drivers/xen/hypercall.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "kernel/time.h"

static void xen_yield(void)
{
	hypercall_sched_yield();
}

/* When this CPU began to run, by Xen's clock, while its own cannot be read: after a suspend all CPUs nap
 * until one of them has made it readable again. They have begun to run just then. */
static uint64_t running_since(void)
{
	struct vcpu_runstate_info info = {0};

	hypercall_vcpu_op(VCPUOP_get_runstate_info, xen_vcpu_id(this_cpu()->id), &info);
	return info.state_entry_time;
}

/* A poll of no port ends with the domain's next event, whichever (evtchn_check_pollers() in
 * xen/common/event_channel.c), or when the vCPU is kicked. What came just before it, or was told
 * by EVTCHNOP_unmask, is found when the time is up. */
static void xen_nap(uint64_t ns)
{
	uint64_t now = xen_system_time();

	if (hypercall_sched_poll(NULL, 0, (now ? now : running_since()) + ns))
		hypercall_sched_yield();
}

void xen_sched_init(void)
{
	cpu_yield = xen_yield;
	cpu_nap = xen_nap;
}

void xen_shutdown(unsigned reason)
{
	console_flush_all();
	hypercall_sched_shutdown(reason);
	for (;;)
		asm volatile("cli; hlt");
}
