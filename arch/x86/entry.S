/* SPDX-License-Identifier: MIT */
/* From the processor to C. One short entry per vector, 8 bytes apart, so that the IDT can be
 * filled by arithmetic (arch/x86/trap.c). */
#include "arch/x86/save.h"

	.section .text.entry, "ax"

	/* --- interrupts: vectors 0x20-0xff --- */
	.balign	8
	.globl	irq_entries
irq_entries:
	vector = 0x20
	.rept	256 - 0x20
	.balign	8
	.byte	0x6a, vector & 0xff /* push imm8: its low byte is the vector */
	jmp	irq_common
	vector = vector + 1
	.endr

	/* The frame is how a backtrace knows that it comes to an interrupt: irq_return lies below
	 * it, and above it, behind the registers, what was interrupted (kernel/panic.c:
	 * IRQ_FRAME_*). */
	.section .text.hot, "ax"
	.balign	16
irq_common:
	save_clobbered
	movzbl	8 * SAVED_REGISTERS(%rsp), %edi
	push	%rbp
	mov	%rsp, %rbp
	call	irq_dispatch
	.globl	irq_return
irq_return:
	pop	%rbp
	restore_clobbered
	add	$8, %rsp
	iretq

	/* --- exceptions: a whole struct trap_frame --- */
	.section .text.entry, "ax"
	.balign	16
	.globl	exception_entries
exception_entries:
	vector = 0
	.rept	32
	.balign	16
	/* 8, 10-14, 17, 21, 29 and 30 push an error code (SDM 3A, table 6-1; APM 2, 8.2). */
	.if	!((0x60227d00 >> vector) & 1)
	push	$0
	.endif
	push	$vector
	jmp	exception_common
	vector = vector + 1
	.endr

exception_common:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rbx
	push	%rbp
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, %rdi
	cld
	call	trap_exception
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rbp
	pop	%rbx
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp
	iretq

	/* int rdmsr_safe(uint32_t msr, uint64_t *value) */
	.section .text.rdmsr_safe, "ax"
	.globl	rdmsr_safe
rdmsr_safe:
	mov	%edi, %ecx
1:	rdmsr
	mov	%eax, (%rsi)
	mov	%edx, 4(%rsi)
	xor	%eax, %eax
	ret
2:	mov	$-14, %eax /* -EFAULT */
	ret
	.section set_fixups, "a"
	.quad	1b, 2b

	.section .note.GNU-stack, "", @progbits
