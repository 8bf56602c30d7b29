/* SPDX-License-Identifier: MIT */
#include "kernel/cpu.h"

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "arch/x86/sections.h"
#include "arch/x86/trap.h"
#include "kernel/memory.h"

#define STACK_PAGES 4
#define IST_PAGES   1

struct cpu boot_cpu;
struct cpu *cpus[NR_CPUS_MAX];
unsigned nr_cpus;

static void cpu_pause(void)
{
	cpu_relax();
}

void (*cpu_yield)(void) = cpu_pause;

void cpu_init(struct cpu *cpu)
{
	percpu_load(cpu);
	desc_load(&cpu->tables, cpu->ist_top);
	trap_init_cpu();
}

void cpu_init_boot(void)
{
	boot_cpu.self = &boot_cpu;
	boot_cpu.online = true;
	boot_cpu.ist_top[IST_NMI - 1] = (uintptr_t)ist_stack_nmi;
	boot_cpu.ist_top[IST_DF - 1] = (uintptr_t)ist_stack_df;
	boot_cpu.ist_top[IST_MC - 1] = (uintptr_t)ist_stack_mc;
	cpu_init(&boot_cpu);
	cpus[0] = &boot_cpu;
	nr_cpus = 1;
}

/* The top of a stack with an unmapped page below it, or 0. */
static uintptr_t stack_alloc(unsigned pages)
{
	char *stack = pages_alloc(pages + 1);

	if (!stack || paging_unmap((uintptr_t)stack, PAGE_SIZE))
		return 0;
	return (uintptr_t)stack + (pages + 1) * PAGE_SIZE;
}

struct cpu *cpu_create(uint32_t apic_id)
{
	struct cpu *cpu = nr_cpus < NR_CPUS_MAX ? heap_alloc(sizeof(*cpu)) : NULL;
	bool whole;

	if (!cpu)
		return NULL;
	cpu->self = cpu;
	cpu->id = nr_cpus;
	cpu->apic_id = apic_id;
	cpu->stack_top = stack_alloc(STACK_PAGES);
	whole = cpu->stack_top;
	for (unsigned i = 0; i < NR_ISTS; i++) {
		cpu->ist_top[i] = stack_alloc(IST_PAGES);
		whole = whole && cpu->ist_top[i];
	}
	vecspace_init(&cpu->vectors);
	/* A machine without memory for stacks stays with the CPUs it has: what was taken for this
	 * one is too little to matter. */
	return whole ? cpu : NULL;
}
