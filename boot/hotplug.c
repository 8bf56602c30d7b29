/* SPDX-License-Identifier: MIT */
/* A CPU goes in this order, so that nothing is lost:
 *
 * 1. Its irqs move away, each as irq_set_affinity() does it, and it gets no new ones.
 * 2. It is asked to go, and does so from its idle loop: nothing is half done on its stack.
 * 3. There it takes what was on its way, with its clock stopped, until nothing waits any more.
 * 4. It says that it is down, and looks for a call for the last time (kernel/cpu_call.c); then
 *    VCPUOP_down. Xen keeps its registers, local APIC, vcpu_info and control block: VCPUOP_up
 *    lets it go on behind the hypercall.
 * 5. The boot CPU takes what a sender, who looked up the vCPU before 1, has told it after 3. */
#include "boot/hotplug.h"

#include "arch/x86/cpu.h"
#include "boot/smp.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/irq_pass.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define DRAIN_TURNS 1000u

/* --- the CPU itself --- */

static bool something_waits(unsigned cpu)
{
	const volatile struct vcpu_info *vi = xen_present() ? xen_vcpu_info(cpu) : NULL;

	return lapic_irr_any() || (vi && vi->evtchn_upcall_pending);
}

/* A handler may start a timer, and the clock may run out until it is stopped: then once more.
 * False: there is no end to it. */
static bool hotplug_drain(unsigned cpu)
{
	for (unsigned turn = 0; turn < DRAIN_TURNS; turn++) {
		local_irq_enable();
		cpu_relax(); /* sti takes effect behind it */
		local_irq_disable();
		if (xen_present())
			evtchn_scan_here(NULL);
		timer_stop_here();
		if (!something_waits(cpu))
			return true;
	}
	return false;
}

/* Without Xen it sleeps, and a kick wakes it. */
static void hotplug_sleep(const struct cpu *cpu)
{
	while (cpu_get_state(cpu) == CPU_DOWN) {
		if (xen_present()) {
			hypercall_vcpu_op(VCPUOP_down, xen_vcpu_id(cpu->id), NULL);
		} else {
			cpu_sleep();
			local_irq_disable();
		}
	}
}

void hotplug_leave(void)
{
	struct cpu *cpu = this_cpu();

	if (!hotplug_drain(cpu->id) || !cpu_change_state(cpu, CPU_GOING, CPU_DOWN))
		return; /* the idle loop comes here again at once */
	cpu_call_serve();
	irq_pass_serve(cpu);
	do {
		hotplug_sleep(cpu);
		cpu->error = smp_return_cpu();
	} while (!cpu_change_state(cpu, CPU_COMING, cpu->error ? CPU_DOWN : CPU_ONLINE) ||
		 cpu->error);
}

/* --- down --- */

static int down_check(unsigned cpu, char *why, size_t size)
{
	char names[160];

	if (cpu >= nr_cpus || !cpu) {
		fmt_snprintf(why, size,
			     nr_cpus > 1 ? "CPUs 1 to %u can go, the boot CPU stays"
					 : "there is no other",
			     nr_cpus - 1);
		return -EINVAL;
	}
	if (!cpu_is_online(cpu)) {
		fmt_snprintf(why, size, "it is down");
		return -ENXIO;
	}
	if (evtchn_fixed_on(cpu, names, sizeof(names))) {
		fmt_snprintf(why, size, "these belong to it: %s", names);
		return -EBUSY;
	}
	return 0;
}

static bool cpu_is_gone(void *ctx)
{
	const struct cpu *cpu = ctx;

	return cpu_get_state(cpu) == CPU_DOWN &&
	       (!xen_present() || !hypercall_vcpu_op(VCPUOP_is_up, xen_vcpu_id(cpu->id), NULL));
}

static int down_send(struct cpu *cpu)
{
	cpu_change_state(cpu, CPU_LEAVING, CPU_GOING);
	cpu_poke(cpu->id);
	if (!time_wait(cpu_is_gone, cpu, PATIENCE_NS) &&
	    cpu_change_state(cpu, CPU_GOING, CPU_LEAVING))
		return -ETIMEDOUT;
	return 0;
}

static int down_go(struct cpu *cpu, char *why, size_t size)
{
	const struct irq *stuck;
	int err;

	cpu_change_state(cpu, CPU_ONLINE, CPU_LEAVING);
	err = irq_evict(cpu->id, &stuck);
	if (err) {
		fmt_snprintf(why, size, "irq %u (%s) cannot leave it (error %d)", stuck->number,
			     stuck->name, err);
	} else {
		err = down_send(cpu);
		fmt_snprintf(why, size, "it is busy and does not go");
	}
	if (err) {
		cpu_change_state(cpu, CPU_LEAVING, CPU_ONLINE);
		irq_bring_back(cpu->id);
		return err;
	}
	if (xen_present())
		evtchn_sweep(cpu->id);
	timer_adopt(cpu->id);
	return 0;
}

int hotplug_down(unsigned cpu, char *why, size_t size)
{
	int err = down_check(cpu, why, size);

	if (err)
		return err;
	work_hold(); /* which could want another CPU to go or come */
	err = down_go(cpus[cpu], why, size);
	work_release();
	return err;
}

/* --- up --- */

/* -EINVAL: Xen has no registers of it. A saved domain is restored without those of vCPUs that
 * were down (hvm_save_cpu_ctxt() in xen/arch/x86/hvm/hvm.c): it starts as it did at first. */
static void up_wake(struct cpu *cpu)
{
	if (!xen_present())
		cpu_poke(cpu->id);
	else if (hypercall_vcpu_op(VCPUOP_up, xen_vcpu_id(cpu->id), NULL) == -EINVAL)
		smp_send(cpu);
}

static int up_come(struct cpu *cpu)
{
	cpu->error = 0;
	cpu_change_state(cpu, CPU_DOWN, CPU_COMING);
	up_wake(cpu);
	if (!time_wait(smp_has_come, cpu, PATIENCE_NS))
		smp_send_back();
	cpu_change_state(cpu, CPU_COMING, CPU_DOWN);
	if (!cpu_is_online(cpu->id))
		return cpu->error ? cpu->error : -ETIMEDOUT;
	irq_bring_back(cpu->id);
	return 0;
}

int hotplug_up(unsigned cpu, char *why, size_t size)
{
	int err;

	if (cpu >= nr_cpus || cpu_get_state(cpus[cpu]) != CPU_DOWN) {
		fmt_snprintf(why, size, "%s",
			     cpu >= nr_cpus   ? "there is no such CPU"
			     : cpu_is_up(cpu) ? "it is up"
					      : "it has failed");
		return cpu < nr_cpus ? -EEXIST : -EINVAL;
	}
	work_hold();
	err = up_come(cpus[cpu]);
	work_release();
	if (err)
		fmt_snprintf(why, size, "it does not come (error %d)", err);
	return err;
}

SHELL_COMMAND(cpu, "N down|up", "takes a CPU down; brings it up again")
{
	bool down = count == 3 && !strcmp(words[2], "down");
	int cpu = count == 3 ? shell_number(words[1], nr_cpus) : 0;
	char why[200];

	if (count != 3 || (!down && strcmp(words[2], "up")))
		return -EINVAL;
	if (cpu < 0)
		printk("cpu: no CPU %s, there are 0 to %u\n", words[1], nr_cpus - 1);
	else if (down ? hotplug_down(cpu, why, sizeof(why)) : hotplug_up(cpu, why, sizeof(why)))
		printk("CPU%d stays as it is: %s\n", cpu, why);
	else
		printk("CPU%d: %s\n", cpu, words[2]);
	return 0;
}
