/* SPDX-License-Identifier: MIT */
/* The secondary CPUs: from the startup IPI to the idle loop. */
#include "boot/smp.h"

#include <stddef.h>

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "arch/x86/trap.h"
#include "boot/hotplug.h"
#include "boot/trampoline.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/vcpus.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/vector.h"
#include "kernel/work.h"
#include "lib/errno.h"
#include "lib/string.h"

/* Pages that the other CPUs leave for everything else, of which a card takes a hundred. */
#define RESERVE 160

extern const char trampoline_start[], trampoline_end[];

/* Read by the CPU that is being started; one at a time. */
struct smp_start smp_start;

static unsigned smp_limit; /* no more than so many CPUs */

_Static_assert(offsetof(struct smp_start, efer) == SMP_EFER, "boot/trampoline.h");
_Static_assert(offsetof(struct smp_start, cpu) == SMP_CPU, "boot/trampoline.h");
_Static_assert(offsetof(struct smp_start, refused) == SMP_REFUSED, "boot/trampoline.h");
_Static_assert(offsetof(struct cpu, stack_top) == CPU_STACK_TOP, "boot/trampoline.h");

void smp_secondary_main(struct cpu *cpu);

static int smp_init_xen(unsigned cpu)
{
	int err = xen_init_cpu(cpu);

	if (!err)
		err = evtchn_init_cpu(cpu);
	return err ? err : upcall_init_cpu(cpu);
}

int smp_return_cpu(void)
{
	unsigned cpu = this_cpu()->id;
	int err = 0;

	if (!xen_present())
		return 0;
	if (!xen_vcpu_info_registered(cpu))
		err = smp_init_xen(cpu);
	else
		err = upcall_init_cpu(cpu); /* the route may be another than when it went */
	if (!err)
		evtchn_scan_here(NULL);
	return err;
}

static _Noreturn void idle(void)
{
	for (;;) {
		/* Or the route could change between the look and the sleep. */
		local_irq_disable();
		while (cpu_get_state(this_cpu()) == CPU_GOING)
			hotplug_leave(); /* not asleep between two tries: nobody pokes it twice */
		time_sleep();
	}
}

/* Until cpu_init() is through an NMI would find no handler: nothing can be done about that. */
void smp_secondary_main(struct cpu *cpu)
{
	cpu_init(cpu);
	lapic_init_cpu();
	cpu->error = smp_return_cpu();
	if (cpu_change_state(cpu, CPU_COMING, cpu->error ? CPU_FAILED : CPU_ONLINE) &&
	    !cpu->error)
		idle();
	for (;;) /* nobody counts on it: it takes no interrupts either */
		asm volatile("cli; hlt");
}

void smp_send_startup(uint32_t apic_id)
{
	lapic_send_icr(apic_id, LAPIC_ICR_INIT | LAPIC_ICR_ASSERT);
	/* Twice, as the MP specification asks: a CPU that runs already ignores the second. */
	for (int i = 0; i < 2; i++)
		lapic_send_icr(apic_id,
			       LAPIC_ICR_STARTUP | LAPIC_ICR_ASSERT | TRAMPOLINE >> PAGE_SHIFT);
}

void smp_send(struct cpu *cpu)
{
	__atomic_store_n(&smp_start.cpu, cpu, __ATOMIC_RELEASE);
	smp_send_startup(cpu->apic_id);
}

bool smp_send_back(void)
{
	return __atomic_exchange_n(&smp_start.cpu, NULL, __ATOMIC_SEQ_CST);
}

bool smp_has_come(void *ctx)
{
	return cpu_get_state(ctx) != CPU_COMING;
}

/* 0; -ENODEV: it has not started, and will not touch cpu any more, whose state says so;
 * -ETIMEDOUT: it has cpu, and is stuck or very slow; its own error. */
static int smp_await(struct cpu *cpu)
{
	if (!time_wait(smp_has_come, cpu, PATIENCE_NS)) {
		if (smp_send_back())
			return -ENODEV;
		cpu_change_state(cpu, CPU_COMING, CPU_GIVEN_UP);
	}
	return cpu_get_state(cpu) == CPU_GIVEN_UP ? -ETIMEDOUT : cpu->error;
}

static int smp_start_cpu(uint32_t apic_id)
{
	struct cpu *cpu = pages_free_count() < RESERVE ? NULL : cpu_create(apic_id);
	int err;

	if (!cpu)
		return -ENOMEM;
	err = irq_init_cpu(cpu);
	if (!err) {
		vector_init_cpu(cpu);
		cpus[cpu->id] = cpu;
		smp_send(cpu);
		err = smp_await(cpu);
	}
	if (!err) {
		__atomic_store_n(&nr_cpus, nr_cpus + 1, __ATOMIC_RELEASE);
	} else if (cpu_get_state(cpu) == CPU_COMING) {
		cpus[cpu->id] = NULL;
		cpu_destroy(cpu);
	}
	return err;
}

static int smp_prepare(void)
{
	if (smp_start.cr3)
		return 0;
	if (paging_map(TRAMPOLINE, PAGE_SIZE, MAP_WRITE))
		return -ENOMEM;
	memcpy((void *)TRAMPOLINE, trampoline_start, trampoline_end - trampoline_start);
	paging_map(TRAMPOLINE, PAGE_SIZE, MAP_EXEC);
	smp_start.cr3 = read_cr3();
	/* LMA is the processor's own to set: some of AMD's fault when it is written. */
	smp_start.efer = rdmsr(MSR_EFER) & ~(uint64_t)EFER_LMA;
	return 0;
}

/* One that does not start is left out. One that failed on the way keeps its number, and there
 * are no gaps between the numbers: so it is the last. */
static void smp_start_all(const struct board *board, unsigned limit)
{
	uint32_t self = lapic_id();
	int err = 0;

	for (unsigned i = 0; i < board->nr_cpus && nr_cpus < limit; i++) {
		if (board->apic_id[i] == self || !xen_vcpu_is_wanted(board->acpi_uid[i]))
			continue;
		err = smp_start_cpu(board->apic_id[i]);
		if (err)
			printk_warn("smp: the CPU with APIC id %u does not come (error %d)\n",
				    board->apic_id[i], err);
		if (err == -ENOMEM || (err && cpus[nr_cpus]))
			break;
	}
}

int smp_start_late(uint32_t apic_id)
{
	int err = lapic_present() ? smp_prepare() : -EOPNOTSUPP;

	if (nr_cpus >= smp_limit)
		return -ENOSPC;
	if (cpus[nr_cpus])
		return -EBUSY;
	work_hold(); /* which could suspend the domain while a CPU is half there */
	if (!err)
		err = smp_start_cpu(apic_id);
	work_release();
	if (!err) { /* the clock that was good for those before may not reach this one */
		timer_lend();
		timer_take_back();
	}
	return err;
}

void smp_init(uint64_t limit)
{
	const struct board *board = board_get();
	uint64_t begin = time_now_ns();
	size_t pages = pages_free_count();

	if (limit == 0 || limit > NR_CPUS_MAX)
		limit = NR_CPUS_MAX;
	smp_limit = limit;
	if (board->nr_cpus > NR_CPUS_MAX)
		printk_warn("smp: %u CPUs, but Daisy uses %u at most\n", board->nr_cpus,
			    NR_CPUS_MAX);
	if (board->nr_cpus > 1 && lapic_present() && !smp_prepare())
		smp_start_all(board, limit);
	pages -= pages_free_count();
	printk("smp: %u of %u CPUs, %llu us, %zu bytes each\n", nr_cpus, board->nr_cpus,
	       (unsigned long long)(time_now_ns() - begin) / 1000,
	       nr_cpus > 1 ? pages * PAGE_SIZE / (nr_cpus - 1) : 0);
}
