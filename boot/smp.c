/* SPDX-License-Identifier: MIT */
/* The secondary CPUs: from the startup IPI to the idle loop. */
#include "boot/smp.h"

#include <stddef.h>

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "arch/x86/trap.h"
#include "boot/trampoline.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/vector.h"
#include "lib/errno.h"
#include "lib/string.h"

extern const char trampoline_start[], trampoline_end[];

/* Read by the CPU that is being started; so one at a time. */
extern struct smp_start {
	uint64_t cr3, efer, stack;
	struct cpu *cpu;
} smp_start;
struct smp_start smp_start;

_Static_assert(offsetof(struct smp_start, efer) == SMP_EFER, "boot/trampoline.h");
_Static_assert(offsetof(struct smp_start, stack) == SMP_STACK, "boot/trampoline.h");
_Static_assert(offsetof(struct smp_start, cpu) == SMP_CPU, "boot/trampoline.h");

void smp_secondary_main(struct cpu *cpu);

static int smp_init_xen(unsigned cpu)
{
	int err = xen_init_cpu(cpu);

	if (!err)
		err = evtchn_init_cpu(cpu);
	return err ? err : upcall_init_cpu(cpu);
}

static _Noreturn void idle(void)
{
	for (;;) {
		if (time_poll_hook) { /* nothing would wake it for an event */
			time_poll_hook();
			local_irq_enable();
			cpu_yield(); /* to whom it waits for: not even running, perhaps */
		} else {
			cpu_sleep();
		}
	}
}

void smp_secondary_main(struct cpu *cpu)
{
	cpu_init(cpu);
	lapic_init_cpu();
	cpu->error = xen_present() ? smp_init_xen(cpu->id) : 0;
	__atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
	idle();
}

static bool cpu_is_online(void *ctx)
{
	return __atomic_load_n(&((struct cpu *)ctx)->online, __ATOMIC_ACQUIRE);
}

static void smp_send_startup(uint32_t apic_id)
{
	lapic_send_icr(apic_id, LAPIC_ICR_INIT | LAPIC_ICR_ASSERT);
	/* Twice, as the MP specification asks: a CPU that runs already ignores the second. */
	for (int i = 0; i < 2; i++)
		lapic_send_icr(apic_id, LAPIC_ICR_STARTUP | LAPIC_ICR_ASSERT |
						TRAMPOLINE >> PAGE_SHIFT);
}

static int smp_start_cpu(uint32_t apic_id)
{
	struct cpu *cpu = cpu_create(apic_id);
	int err = cpu ? irq_init_cpu(cpu) : -ENOMEM;

	if (err)
		return err;
	vector_init_cpu(cpu);
	smp_start.stack = cpu->stack_top;
	smp_start.cpu = cpu;
	cpus[cpu->id] = cpu;
	smp_send_startup(apic_id);
	if (!time_wait(cpu_is_online, cpu, PATIENCE_NS))
		return -ETIMEDOUT;
	if (!cpu->error)
		nr_cpus++;
	return cpu->error;
}

static void smp_prepare(void)
{
	memcpy((void *)TRAMPOLINE, trampoline_start, trampoline_end - trampoline_start);
	paging_map(TRAMPOLINE, PAGE_SIZE, MAP_EXEC);
	smp_start.cr3 = read_cr3();
	smp_start.efer = rdmsr(MSR_EFER);
}

void smp_init(unsigned limit)
{
	const struct board *board = board_get();
	uint64_t begin = time_now_ns();
	uint32_t self = lapic_id();

	if (board->nr_cpus < 2 || !lapic_present())
		return;
	if (paging_map(TRAMPOLINE, PAGE_SIZE, MAP_WRITE))
		return;
	smp_prepare();
	for (unsigned i = 0; i < board->nr_cpus && (!limit || nr_cpus < limit); i++) {
		int err = board->apic_id[i] == self ? 0 : smp_start_cpu(board->apic_id[i]);

		if (err) {
			printk_warn("smp: CPU with APIC id %u does not come (%d)\n",
				    board->apic_id[i], err);
			break;
		}
	}
	printk("smp: %u of %u CPUs, %llu us\n", nr_cpus, board->nr_cpus,
	       (unsigned long long)(time_now_ns() - begin) / 1000);
}
