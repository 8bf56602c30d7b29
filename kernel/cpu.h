/* SPDX-License-Identifier: MIT */
/* The CPUs. Until the secondary ones are brought up there is one, the boot CPU. */
#ifndef KERNEL_CPU_H
#define KERNEL_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86/desc.h"
#include "arch/x86/percpu.h"
#include "lib/vecspace.h"

struct irq;

struct cpu {
	struct cpu *self; /* must stay first: this_cpu() reads it */
	unsigned id;      /* Daisy's number, 0 is the boot CPU */
	uint32_t apic_id;
	uint32_t *irq_count;   /* how often each irq ran here; irq_limit entries */
	uint32_t vector_stray; /* interrupts on a vector that nobody owns */
	struct irq *vector_irq[NR_VECTORS];
	struct vecspace vectors;
	struct cpu_tables tables; /* GDT, TSS */
};

extern struct cpu boot_cpu;
extern struct cpu *cpus[NR_CPUS_MAX];
extern unsigned nr_cpus; /* online; cpus[0, nr_cpus) are set */

/* Descriptor tables, vectors and struct cpu of the CPU that runs this. */
void cpu_init_boot(void);

#endif
