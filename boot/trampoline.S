/* SPDX-License-Identifier: MIT */
/* Where a secondary CPU begins: in real mode, in a page below 1 MiB that the startup IPI names.
 * boot/smp.c copies this there. It goes the way of boot/head.S in short, on the boot CPU's final
 * page tables, and calls smp_secondary_main(cpu) on that CPU's own stack. */
#include "boot/trampoline.h"

	.section .rodata.trampoline, "a"
	.globl	trampoline_start, trampoline_end
	.code16
trampoline_start:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	lgdtl	gdt_pointer - trampoline_start
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$0x08, $(TRAMPOLINE + protected - trampoline_start)

	.code32
protected:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$0x20, %eax /* PAE */
	mov	%eax, %cr4
	mov	smp_start + SMP_CR3, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx /* EFER as the boot CPU has it: long mode, NX */
	rdmsr
	or	smp_start + SMP_EFER, %eax
	wrmsr
	mov	$0x80010001, %eax /* PG, WP, PE */
	mov	%eax, %cr0
	lgdt	boot_gdt_pointer
	ljmp	$0x08, $secondary_long_mode

	.balign	8
gdt:	.quad	0
	.quad	0x00cf9a000000ffff
	.quad	0x00cf92000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	TRAMPOLINE + gdt - trampoline_start
trampoline_end:

	.section .text.boot, "ax"
	.code64
secondary_long_mode:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	/* Whoever takes the struct cpu has its stack too. One that comes when nobody waits for it
	 * any more finds none, and must not run on another one's. */
	xor	%edi, %edi
	xchg	%rdi, smp_start + SMP_CPU
	test	%rdi, %rdi
	jz	refused
	mov	CPU_STACK_TOP(%rdi), %rsp
	xor	%ebp, %ebp /* a backtrace ends here */
	call	smp_secondary_main
	ud2

refused:
	lock incl smp_start + SMP_REFUSED
1:	cli
	hlt
	jmp	1b

	.section .note.GNU-stack, "", @progbits
