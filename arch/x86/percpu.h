/* SPDX-License-Identifier: MIT */
/* What a CPU has for itself. GS base points at the CPU's struct cpu, whose first word points at
 * itself; there is no user mode, so GS never changes. */
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

void percpu_load(struct cpu *cpu); /* sets GS base */

#endif
