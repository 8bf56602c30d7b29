/* SPDX-License-Identifier: MIT */
/* What is done follows from changes: a CPU that somebody took down at the shell stays down
 * until the toolstack says something new of it. What could not be done is tried again at the
 * next change of any. */
#include "boot/vcpu_set.h"

#include "boot/hotplug.h"
#include "boot/smp.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/xen/vcpus.h"
#include "drivers/xen/xen.h"
#include "drivers/xen/xenstore.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define DIRECTORY "cpu"

static bool deferred;             /* until no test is under way */
static bool again;                /* something could not be done: the next look is at all */
static uint8_t seen[NR_CPUS_MAX]; /* enum vcpu_availability, by vCPU */

/* nr_cpus: it has not come yet. */
static unsigned cpu_of(uint32_t vcpu)
{
	unsigned cpu = 0;

	while (cpu < nr_cpus && xen_vcpu_id(cpu) != vcpu)
		cpu++;
	return cpu;
}

static bool board_lists(uint32_t apic_id)
{
	const struct board *board = board_get();

	for (unsigned i = 0; i < board->nr_cpus; i++)
		if (board->apic_id[i] == apic_id)
			return true;
	return false;
}

/* One that was available from the start and is not there was left out at boot, for a reason. */
static void vcpu_start(uint32_t vcpu, enum vcpu_availability before)
{
	uint32_t apic_id = xen_vcpu_apic_id(vcpu);
	int err;

	if (before == VCPU_UNKNOWN && board_lists(apic_id))
		return;
	err = smp_start_late(apic_id);
	if (err)
		printk_warn("vcpu-set: vCPU %u does not come (error %d%s)\n", vcpu, err,
			    err == -ENOSPC ? ", see cpus=" : "");
	else
		printk("vcpu-set: vCPU %u is CPU%u\n", vcpu, nr_cpus - 1);
}

/* False: not now. */
static bool vcpu_change(unsigned cpu, bool down)
{
	char why[200];
	int err =
		down ? hotplug_down(cpu, why, sizeof(why)) : hotplug_up(cpu, why, sizeof(why));

	if (err == -ENXIO || err == -EEXIST)
		return true; /* it is so already */
	if (err)
		printk_warn("vcpu-set: CPU%u stays as it is: %s\n", cpu, why);
	else
		printk("vcpu-set: CPU%u %s\n", cpu, down ? "down" : "up");
	return err != -EBUSY && err != -ETIMEDOUT;
}

static enum vcpu_availability vcpu_look(uint32_t vcpu)
{
	enum vcpu_availability now = xen_vcpu_availability(vcpu), before = seen[vcpu];
	unsigned cpu = cpu_of(vcpu);

	if (now == before || now == VCPU_UNKNOWN)
		return now;
	seen[vcpu] = now;
	if (cpu == nr_cpus && now == VCPU_ONLINE)
		vcpu_start(vcpu, before);
	else if (cpu < nr_cpus && (now == VCPU_OFFLINE || before == VCPU_OFFLINE) &&
		 !vcpu_change(cpu, now == VCPU_OFFLINE)) {
		seen[vcpu] = before;
		again = true;
	}
	return now;
}

static void vcpus_look(void)
{
	again = false;
	for (uint32_t vcpu = 0; vcpu < NR_CPUS_MAX && vcpu_look(vcpu); vcpu++)
		;
}

/* "cpu/2/availability"; or "cpu", when more has changed than there was room for. */
static void vcpus_changed(struct xenstore_watch *w, const char *path)
{
	const char *number = path + sizeof(DIRECTORY);
	char digits[8] = "";
	uint64_t vcpu;

	if (selftest_under_way()) {
		deferred = true;
		return;
	}
	if (again || strlen(path) < sizeof(DIRECTORY)) {
		vcpus_look();
		return;
	}
	for (unsigned i = 0; i < sizeof(digits) - 1 && number[i] && number[i] != '/'; i++)
		digits[i] = number[i];
	if (!str_to_u64(digits, &vcpu) && vcpu < NR_CPUS_MAX)
		vcpu_look(vcpu);
}

static void vcpus_look_again(void)
{
	bool look = deferred;

	deferred = false;
	work_hold(); /* as if by the watch: one change at a time */
	if (look)
		vcpus_look();
	work_release();
}

static struct xenstore_watch watch = {.path = DIRECTORY, .changed = vcpus_changed};

void vcpu_set_init(void)
{
	int err = xenstore_usable() ? xenstore_watch(&watch) : 0;

	selftest_after = vcpus_look_again;
	if (err)
		printk_warn("vcpu-set: not heard of (error %d)\n", err);
}
