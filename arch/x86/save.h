/* SPDX-License-Identifier: MIT */
/* What an interrupt saves: the registers that C may clobber. For assembler. Where the compiler can be
 * told so, r10 and r11 are not among them (build.mk, CC_SAVED): most functions do without. DF is
 * clear, for nothing sets it. */
#ifndef ARCH_X86_SAVE_H
#define ARCH_X86_SAVE_H

#ifdef CALLS_SAVE_R10_R11
#define SAVED_REGISTERS 7
#else
#define SAVED_REGISTERS 9
#endif

#ifdef __ASSEMBLY__

	.macro	save_clobbered
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
#ifndef CALLS_SAVE_R10_R11
	push	%r10
	push	%r11
#endif
	.endm

	.macro	restore_clobbered
#ifndef CALLS_SAVE_R10_R11
	pop	%r11
	pop	%r10
#endif
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	.endm

/* An interrupt's way to a C function of its own, for what comes so often that the table of irqs is
 * spared: it calls void function(void), as irq_dispatch() is called. A backtrace knows it by where
 * the function returns to (kernel/panic.c). */
	.macro	gate name, function
	.section .text.hot, "ax"
	.balign	16
	.globl	\name
\name:
	save_clobbered
	call	\function
.Lreturn_\name:
	restore_clobbered
	iretq
	.section set_gate_returns, "a"
	.quad	.Lreturn_\name
	.endm

#endif

#endif
