/* SPDX-License-Identifier: MIT */
/* What a CPU has for itself. GS base points at the CPU's struct cpu, whose first word points at
 * itself, FS base at its counters, one for each irq; there is no user mode, so neither changes. */
#ifndef ARCH_X86_PERCPU_H
#define ARCH_X86_PERCPU_H

#include <stdint.h>

#define NR_CPUS_MAX 128u

struct cpu; /* kernel/cpu.h */

static inline struct cpu *this_cpu(void)
{
	struct cpu *c;

	asm("mov %%gs:0, %0" : "=r"(c)); /* not volatile: a CPU does not change under C's feet */
	return c;
}

/* A field of it in one instruction: CPU_OWN->field; and a counter of this CPU's. */
#define CPU_OWN	     ((struct cpu __seg_gs *)0)
#define CPU_COUNT(n) (((uint32_t __seg_fs *)0)[n])

void percpu_load(struct cpu *cpu);	    /* sets GS base */
void percpu_load_counts(uint32_t *counts); /* sets FS base */

#endif
