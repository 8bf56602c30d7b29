/* SPDX-License-Identifier: MIT */
/* The CPUs. Until the secondary ones are brought up there is one, the boot CPU. */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86/desc.h"
#include "arch/x86/percpu.h"
#include "lib/evtchn_2l.h"
#include "lib/evtchn_fifo.h"
#include "lib/vecspace.h"

struct irq;
struct call;

/* What a secondary CPU and the boot CPU, who waits for it, agree on. */
enum cpu_state {
	CPU_COMING,
	CPU_ONLINE,
	CPU_LEAVING,  /* its irqs are being moved away, and it gets no new ones */
	CPU_GOING,    /* it has been asked to go, from its idle loop */
	CPU_DOWN,     /* it runs nothing, and keeps its number and all that it has */
	CPU_FAILED,   /* it could not be set up: see error */
	CPU_GIVEN_UP, /* the boot CPU waits no more: if it comes after all, it stops */
};

#define CPU_SHARED_SIZE 64u

struct cpu {
	struct cpu *self;    /* must stay first: this_cpu() reads it */
	uintptr_t stack_top; /* second (boot/trampoline.S): secondary CPUs' first stack */
	/* What the hypervisor shares with this CPU alone: drivers/xen/xen_pages.c. On one page. */
	uint8_t shared[CPU_SHARED_SIZE] __attribute__((aligned(CPU_SHARED_SIZE)));
	unsigned id;      /* Daisy's number, 0 is the boot CPU */
	uint32_t apic_id;
	uint32_t *irq_count;   /* how often each irq ran here; irq_limit entries: CPU_COUNT() */
	uint32_t irqs_homed;   /* irqs with an action that arrive here: kernel/irq_spread.c */
	uint32_t vector_stray; /* interrupts on a vector that nobody owns */
	uint32_t upcalls, upcalls_spurious; /* those over a line, or polled; of all, with nothing ready */
	struct irq *vector_irq[NR_VECTORS];
	struct vecspace vectors;
	struct evtchn_2l_cpu evtchn_2l; /* its part of event channels, by either ABI */
	struct evtchn_fifo_cpu evtchn_fifo;
	struct cpu_tables tables; /* GDT, TSS */
	struct call *call;        /* what another CPU wants run here: kernel/cpu_call.c */
	struct irq *passed;       /* whose arrivals are left to this CPU: kernel/irq_pass.h */
	uintptr_t ist_top[NR_ISTS];
	int error; /* why it could not be set up */
	enum cpu_state state;
};

extern struct cpu boot_cpu;
extern struct cpu *cpus[NR_CPUS_MAX];
extern unsigned nr_cpus; /* that have come, ever; cpus[0, nr_cpus) are set */

static inline enum cpu_state cpu_get_state(const struct cpu *cpu)
{
	return __atomic_load_n(&cpu->state, __ATOMIC_SEQ_CST);
}

/* Irqs may be put there. */
static inline bool cpu_is_online(unsigned cpu)
{
	return cpu_get_state(cpus[cpu]) == CPU_ONLINE;
}

/* It takes interrupts, and so calls. */
static inline bool cpu_is_up(unsigned cpu)
{
	enum cpu_state state = cpu_get_state(cpus[cpu]);

	return state >= CPU_ONLINE && state <= CPU_GOING;
}

/* How many CPUs irqs may be put on; the boot CPU always. */
unsigned cpu_count_online(void);
/* From one state to another, by whichever of two CPUs comes first. False: it was not in `from`. */
bool cpu_change_state(struct cpu *cpu, enum cpu_state from, enum cpu_state to);
/* The first CPU that is down; 0: all are up. */
unsigned cpu_first_down(void);

/* for_each_other_cpu(n) { ... cpus[n] ... }: every CPU but the one that runs this; those that are
 * down as well. */
#define for_each_other_cpu(n)                                                                 \
	for (unsigned n = 0; n < nr_cpus; n++)                                                \
		if (n != this_cpu()->id)

/* What to do in a loop that waits for another CPU. On a hypervisor that CPU may not even be
 * running: the driver puts its way to let it run here. */
extern void (*cpu_yield)(void);
/* The same for a wait that may be longer: leaves the processor to others until this CPU is interrupted
 * (also if its interrupts are disabled), any channel becomes pending, or for so many ns, in case that just
 * happened. */
extern void (*cpu_nap)(uint64_t ns);
/* For waits that nobody is in a hurry to end. Many CPUs that look often would take turns all the time. */
#define CPU_NAP_NS (nr_cpus * 2000000ull)

/* Descriptor tables, vectors and struct cpu of the boot CPU, on it. */
void cpu_init_boot(void);
/* A struct cpu with stacks and the id nr_cpus, not yet in cpus[]; NULL: no memory, or too many. */
struct cpu *cpu_create(uint32_t apic_id);
/* Gives back one that has not run. NULL is allowed. */
void cpu_destroy(struct cpu *cpu);
/* Descriptor tables and this_cpu() of the CPU that runs this. */
void cpu_init(struct cpu *cpu);

#endif
