/* SPDX-License-Identifier: MIT */
#include "boot/provoke.h"

#include "arch/x86/cpu.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/watchdog.h"
#include "drivers/xen/xen.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "kernel/printk.h"

/* Runs into the guard page below the stack. */
__attribute__((noinline)) static int recurse(int depth)
{
	volatile char here[64] = {depth};

	return depth ? recurse(depth + 1) + here[0] : 0;
}

/* As a kernel hangs that lost its way: an event waits behind a mask that nobody takes away. A dump
 * must name it. */
static void leave_behind(void)
{
	int port = xen_present() ? evtchn_bind_ipi(xen_vcpu_id(0)) : -1;

	if (port < 0)
		return;
	evtchn_mask(port);
	if (!evtchn_send(port))
		printk("port %d is left masked and pending\n", port);
}

static _Noreturn void hang(void)
{
	int err = 0;

	leave_behind();
	if (xen_present() && options.watchdog)
		err = watchdog_arm(options.watchdog);
	if (err)
		printk_warn("watchdog=%llu cannot be armed (error %d)\n",
			    (unsigned long long)options.watchdog, err);
	printk("hanging, as the command line asked\n");
	while (options.provoke == PROVOKE_HANG)
		cpu_sleep();
	local_irq_disable();
	for (;;)
		cpu_relax();
}

void provoke(void)
{
	switch (options.provoke) {
	case PROVOKE_PANIC:
		panic("the command line asked for a panic");
	case PROVOKE_FAULT:
		asm volatile("movl $0, 8" : : : "memory"); /* page 0 is absent */
		break;
	case PROVOKE_STACK:
		printk("%d\n", recurse(1));
		break;
	case PROVOKE_HANG:
	case PROVOKE_DEAF:
		hang();
	default:
		break;
	}
}
