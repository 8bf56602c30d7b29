/* SPDX-License-Identifier: MIT */
/*
 * Entry of the test bed's own little guest, in 32-bit protected mode without paging:
 * by GRUB (multiboot 1: eax = magic, ebx = information) and by Xen directly (PVH: the
 * note below; ebx = hvm_start_info). Both leave a flat address space.
 */
#include <xen/elfnote.h>

#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT_FLAGS 0

	.section .multiboot, "a"
	.align	4
	.long	MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.section .note.Xen, "a", @note
	.align	4
	.long	4, 4, XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	start

	.text
	.globl	start
start:
	mov	$stack_end, %esp
	cld
	push	%ebx
	push	%eax
	call	guest_main
1:	hlt
	jmp	1b

	.bss
	.align	16
	.skip	4096
stack_end:

	.section .note.GNU-stack, "", @progbits
