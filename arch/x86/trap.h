/* SPDX-License-Identifier: MIT */
/* From a vector to C. arch/x86/entry.S holds one entry per vector; exceptions save a whole
 * trap_frame and call trap_exception(), everything else saves what C may clobber and calls
 * irq_dispatch(vector), which the kernel defines (kernel/irq.c). */
#ifndef ARCH_X86_TRAP_H
#define ARCH_X86_TRAP_H

#include <stdint.h>

/* As entry.S pushes it, last pushed first. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss; /* the processor's part */
};

enum {
	TRAP_DE = 0, TRAP_DB = 1, TRAP_NMI = 2, TRAP_BP = 3, TRAP_OF = 4, TRAP_BR = 5,
	TRAP_UD = 6, TRAP_NM = 7, TRAP_DF = 8, TRAP_TS = 10, TRAP_NP = 11, TRAP_SS = 12,
	TRAP_GP = 13, TRAP_PF = 14, TRAP_MF = 16, TRAP_AC = 17, TRAP_MC = 18, TRAP_XF = 19,
	NR_EXCEPTIONS = 32,
};

/* Loads this CPU's IDT (GDT and TSS: arch/x86/desc.h). Its exceptions are there at once; the
 * interrupts' gates, which cost some thousand instructions to fill in, only after
 * trap_init_interrupts(), once for all CPUs. */
void trap_init_cpu(void);
void trap_init_interrupts(void);

/* From now on, on every CPU, interrupts on this vector (>= 0x20) come in at `entry`, made by the macro
 * `gate` of arch/x86/save.h; NULL: at irq_dispatch(), as at first. At any time: whoever takes one
 * meanwhile comes in at one or the other. */
void trap_set_entry(unsigned vector, const char *entry);
extern unsigned trap_own_entry; /* the vector that has one, last set; 0: none */

/* Installed by the kernel for exceptions that no fix-up covers; must not return, except for the
 * NMI. (A pointer, because arch may not look up to the kernel.) */
extern void (*trap_fatal)(struct trap_frame *frame);

/* Provided by the kernel. Called with interrupts disabled, once for each interrupt taken on a
 * vector >= 0x20. */
void irq_dispatch(unsigned long vector);

#endif
