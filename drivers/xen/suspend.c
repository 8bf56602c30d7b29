/* SPDX-License-Identifier: MIT */
/* In this order: whoever depends on something comes after it. While `quiet` runs, all other
 * CPUs wait with interrupts disabled: nobody uses what is not there again. */
#include "drivers/xen/suspend.h"

#include "arch/x86/percpu.h"
#include "drivers/xen/console.h"
#include "drivers/xen/control.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/evtchn_resume.h"
#include "drivers/xen/grant.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/pirq.h"
#include "drivers/xen/unplug.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/watchdog.h"
#include "drivers/xen/xen.h"
#include "drivers/xen/xenbus.h"
#include "drivers/xen/xenstore.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "lib/errno.h"

#define CANCELLED 1 /* what SCHEDOP_shutdown returns then */

static uint32_t suspends, cancels;
static int outcome; /* of the last one: as evtchn_resume() */
static bool cancelled;
static int no_route; /* of the last one: as upcall_resume() */

uint32_t suspend_count(void)
{
	return suspends;
}

uint32_t suspend_cancelled(void)
{
	return cancels;
}

/* A port that the toolstack makes, and tells of in a parameter. */
static void toolstack_port(uint32_t param, evtchn_port_t port)
{
	uint64_t now = 0;

	if (port && !hypercall_hvm_get_param(param, &now) && now)
		evtchn_resume_as(port, now);
}

static void resume(void)
{
	xen_resume(); /* hypercalls, shared_info, a vcpu_info for each CPU */
	time_resume();
	toolstack_port(HVM_PARAM_STORE_EVTCHN, xenstore_port());
	toolstack_port(HVM_PARAM_CONSOLE_EVTCHN, xen_console_port());
	xen_console_resume(); /* what is said from here on can be read */
	outcome = evtchn_resume_abi();
	no_route = upcall_resume(); /* everything is masked still */
	grant_resume();
	pirq_resume();
	if (!outcome)
		outcome = evtchn_resume(); /* ports, then what waited on them */
	pirq_resume_lines();
	xenstore_resume();
}

static void suspend_quiet(void *ctx)
{
	int *err = ctx;

	*err = evtchn_suspend();
	if (!*err)
		*err = grant_suspend();
	if (*err)
		return;
	time_suspend();
	cancelled = hypercall_sched_shutdown(SHUTDOWN_suspend) == CANCELLED;
	if (cancelled)
		time_resume();
	else
		resume();
}

static int suspend_prepare(void)
{
	int err = xen_shared_info ? evtchn_suspend_prepare() : -ENODEV;

	console_flush_all(); /* the ring does not come along */
	return err;
}

static void suspend_report(void)
{
	if (cancelled)
		printk("suspend: cancelled\n");
	else if (outcome < 0)
		printk_warn("suspend: resumed as domain %u, with channels lost (error %d)\n",
			    xen_domid(), outcome);
	else
		printk("suspend: resumed as domain %u, %d ports have another number\n",
		       xen_domid(), outcome);
}

int suspend_run(void)
{
	int err = this_cpu()->id ? -EINVAL : suspend_prepare();

	if (!err && cpu_call_alone(suspend_quiet, &err))
		err = -EBUSY;
	evtchn_suspend_abandon();
	grant_suspend_end();
	if (err)
		return err;
	watchdog_resume();
	timer_resume();
	cpu_call_all(evtchn_scan_here, NULL);
	if (!cancelled) {
		if (no_route) /* better late than never */
			upcall_switch(UPCALL_POLL, UPCALL_CHIP_AUTO);
		unplug_resume();
		xenbus_resume();
		xenstore_identify();
		control_announce();
	}
	suspend_report();
	suspends += !cancelled;
	cancels += cancelled;
	return cancelled ? CANCELLED : outcome < 0 ? outcome : 0;
}

SHELL_COMMAND(suspend, "", "suspends the domain; xl save wants it, or nobody wakes it")
{
	int err = suspend_run();

	if (err < 0)
		printk("suspend: error %d\n", err);
	return 0;
}
