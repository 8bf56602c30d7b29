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

/* A poll of no port ends with the domain's next event, whichever (evtchn_check_pollers() in
 * xen/common/event_channel.c), or when the vCPU is kicked. What came just before it, or was told
 * by EVTCHNOP_unmask, is found when the time is up: the more vCPUs look, the less often each. */
#define NAP_NS (2 * NS_PER_MS)

static void xen_nap(void)
{
	if (hypercall_sched_poll(NULL, 0, xen_system_time() + nr_cpus * NAP_NS))
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
