/* SPDX-License-Identifier: MIT */
#include "kernel/cpu.h"

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "arch/x86/sections.h"
#include "arch/x86/trap.h"
#include "kernel/irq.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/shell.h"

#define STACK_PAGES 4
#define IST_PAGES   1

struct cpu boot_cpu;
struct cpu *cpus[NR_CPUS_MAX];
unsigned nr_cpus;

static void cpu_pause(void)
{
	cpu_relax();
}

static void cpu_nap_pause(uint64_t ns)
{
	cpu_pause();
}

void (*cpu_yield)(void) = cpu_pause;
void (*cpu_nap)(uint64_t ns) = cpu_nap_pause;

void cpu_init(struct cpu *cpu)
{
	percpu_load(cpu);
	percpu_load_counts(cpu->irq_count);
	desc_load(&cpu->tables, cpu->ist_top);
	trap_init_cpu();
}

void cpu_init_boot(void)
{
	boot_cpu.self = &boot_cpu;
	boot_cpu.state = CPU_ONLINE;
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

	if (stack && paging_unmap((uintptr_t)stack, PAGE_SIZE)) {
		pages_free(stack, pages + 1);
		return 0;
	}
	return stack ? (uintptr_t)stack + (pages + 1) * PAGE_SIZE : 0;
}

static void stack_free(uintptr_t top, unsigned pages)
{
	uintptr_t guard = top - (pages + 1) * PAGE_SIZE;

	/* No table is needed for a page that has had its entry: this does not fail. */
	if (top && !paging_map(guard, PAGE_SIZE, MAP_WRITE))
		pages_free((void *)guard, pages + 1);
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
	if (whole)
		return cpu;
	cpu_destroy(cpu);
	return NULL;
}

void cpu_destroy(struct cpu *cpu)
{
	if (!cpu)
		return;
	stack_free(cpu->stack_top, STACK_PAGES);
	for (unsigned i = 0; i < NR_ISTS; i++)
		stack_free(cpu->ist_top[i], IST_PAGES);
	irq_exit_cpu(cpu);
	heap_free(cpu);
}

bool cpu_change_state(struct cpu *cpu, enum cpu_state from, enum cpu_state to)
{
	return __atomic_compare_exchange_n(&cpu->state, &from, to, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

unsigned cpu_count_online(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < nr_cpus; i++)
		n += cpu_is_online(i);
	return n;
}

unsigned cpu_first_down(void)
{
	for (unsigned i = 1; i < nr_cpus; i++)
		if (!cpu_is_up(i))
			return i;
	return 0;
}

SHELL_COMMAND(cpus, "", "the CPUs")
{
	for (unsigned i = 0; i < nr_cpus; i++)
		printk("CPU%u: apic id %u, %u irqs, %u stray%s\n", i, cpus[i]->apic_id,
		       cpus[i]->irqs_homed, cpus[i]->vector_stray,
		       cpu_is_up(i) ? "" : ", down");
	return 0;
}
