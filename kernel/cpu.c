/* SPDX-License-Identifier: MIT */
#include "kernel/cpu.h"

#include "arch/x86/sections.h"
#include "arch/x86/trap.h"

struct cpu boot_cpu;
struct cpu *cpus[NR_CPUS_MAX];
unsigned nr_cpus;

void cpu_init_boot(void)
{
	const uintptr_t ist_top[NR_ISTS] = {
		(uintptr_t)ist_stack_nmi, (uintptr_t)ist_stack_df, (uintptr_t)ist_stack_mc};

	boot_cpu.self = &boot_cpu;
	percpu_load(&boot_cpu);
	desc_load(&boot_cpu.tables, ist_top);
	trap_init_cpu();
	cpus[0] = &boot_cpu;
	nr_cpus = 1;
}
