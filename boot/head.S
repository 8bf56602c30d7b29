/* SPDX-License-Identifier: MIT */
/* The ways in. Each protocol's entry point loads two registers and falls into one common path:
 *
 *   eax  which protocol (BOOT_* in boot/boot_info.h)
 *   ebx  the physical address of what the loader tells
 *
 * All of them arrive in 32-bit protected mode, paging off, flat segments. The Linux one has come
 * through real mode (boot/linux16.S), and its loader knows nothing of a BSS: the others', of ELF files
 * and of multiboot's addresses, have zeroed it. The common path maps the first 128 MiB onto itself and
 * goes to long mode; boot/boot_info.c makes one struct of all protocols. */
#include "boot/protocols.h"

#include <xen/elfnote.h>

	/* --- what loaders look for: in the first 8 KiB of the file --- */
	.section .head, "a"
	.balign 4
multiboot_header: /* Multiboot specification 0.6.96, 3.1 */
	.set	MB_FLAGS, (1 << 0) | (1 << 1) | (1 << 16) /* aligned, memory, addresses */
	.long	0x1badb002
	.long	MB_FLAGS
	.long	-(0x1badb002 + MB_FLAGS)
	/* The addresses are for loaders that do not read 64-bit ELF files. */
	.long	multiboot_header
	.long	_image_start
	.long	_image_end
	.long	_bss_end
	.long	multiboot_entry

	/* PVH: public/elfnote.h, docs/misc/pvh.pandoc. */
	.section .note.xen, "a", @note
	.balign 4
	.long	2f - 1f, 4f - 3f, XEN_ELFNOTE_PHYS32_ENTRY
1:	.asciz	"Xen"
2:	.balign 4
3:	.long	pvh_entry
4:	.balign 4

	.section .text.boot, "ax"
	.code32
	/* The Linux stub jumps to the image's first byte of code, whose place it knows. */
	.globl	linux_entry
linux_entry: /* ebx: struct linux_info */
	cld
	mov	$_bss_start, %edi
	mov	$_bss_end, %ecx
	sub	%edi, %ecx
	shr	$2, %ecx
	xor	%eax, %eax
	rep stosl
	mov	$BOOT_LINUX, %eax
	jmp	common

	.globl	pvh_entry
pvh_entry: /* ebx: struct hvm_start_info */
	mov	$BOOT_PVH, %eax
	jmp	common

	.globl	multiboot_entry
multiboot_entry: /* eax: 0x2badb002, ebx: multiboot info. The ELF entry point as well. */
	cmp	$0x2badb002, %eax
	mov	$BOOT_MULTIBOOT, %eax
	je	common
	mov	$BOOT_UNKNOWN, %eax

common:
	cld
	cli
	mov	%eax, %ebp
	mov	%ebx, %esi /* cpuid takes ebx */
	mov	$boot_stack_top, %esp

	mov	$0x80000001, %eax
	cpuid
	test	$(1 << 29), %edx /* long mode */
	jz	no_long_mode
	mov	%edx, %edi
	and	$(1 << 20), %edi /* NX */

	/* 128 MiB in pages of 2 MiB hold the image and what loaders lay beside it; paging_init()
	 * replaces this by tables that are as strict as they can be. More would be a longer wait
	 * for the first line. */
	movl	$boot_pdpt + 3, boot_pml4
	movl	$boot_pd + 3, boot_pdpt
	mov	$0x83, %eax
	mov	$boot_pd, %edx
	mov	$BOOT_MAP_END / 0x200000, %ecx
1:	mov	%eax, (%edx)
	add	$0x200000, %eax
	add	$8, %edx
	loop	1b

	mov	$boot_pml4, %eax
	mov	%eax, %cr3
	mov	$0x20, %eax /* PAE */
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx /* EFER: LME, and NXE where there is NX */
	rdmsr
	or	$(1 << 8), %eax
	test	%edi, %edi
	jz	2f
	or	$(1 << 11), %eax
2:	wrmsr
	mov	$0x80010001, %eax /* PG, WP, PE: Daisy keeps to its own read-only pages */
	mov	%eax, %cr0
	lgdt	boot_gdt_pointer
	ljmp	$0x08, $long_mode

no_long_mode: /* there is no console yet: say it on COM1 and the debug port */
	mov	$no_long_mode_text, %esi
1:	lodsb
	test	%al, %al
	jz	2f
	mov	$0x3f8, %dx
	out	%al, %dx
	out	%al, $0xe9
	jmp	1b
2:	hlt
	jmp	2b

	.code64
long_mode:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%ebp, %edi
	mov	%esi, %esi
	xor	%ebp, %ebp /* a backtrace ends here */
	call	kernel_main
	ud2

	.section .rodata.boot, "a"
no_long_mode_text:
	.asciz	"daisy: this CPU has no long mode, and Daisy is a 64-bit kernel\r\n"
	.balign 8
boot_gdt: /* until arch/x86/desc.c loads the CPU's own; the same selectors */
	.quad	0
	.quad	0x00af9a000000ffff
	.quad	0x00cf92000000ffff
	.globl	boot_gdt_pointer
boot_gdt_pointer:
	.word	. - boot_gdt - 1
	.long	boot_gdt

	.section .bss.pagetables, "aw", @nobits
	.balign 4096
boot_pml4:	.skip 4096
boot_pdpt:	.skip 4096
boot_pd:	.skip 4096

	/* Each stack has an unmapped page below it: running out of stack is a fault, not a
	 * corruption. arch/x86/sections.h names them for C. */
	.section .bss.stacks, "aw", @nobits
	.balign 4096
	.globl	_stacks_start, boot_stack_top, ist_stack_nmi, ist_stack_df, ist_stack_mc
_stacks_start:
	.skip	4096
	.skip	4 * 4096
boot_stack_top:
	.skip	4096
	.skip	4096
ist_stack_nmi:
	.skip	4096
	.skip	4096
ist_stack_df:
	.skip	4096
	.skip	4096
ist_stack_mc:

	.section .bss.hypercall, "aw", @nobits
	.balign 4096
	.globl	hypercall_page
hypercall_page: /* Xen writes its stubs here; mapped executable and read-only for Daisy */
	.skip	4096

	.section .note.GNU-stack, "", @progbits
