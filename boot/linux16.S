/* SPDX-License-Identifier: MIT */
/* The way through hvmloader and SeaBIOS without a boot loader: kernel= in an hvm domain's
 * configuration makes the device model load Daisy by the Linux boot protocol (Linux's
 * Documentation/arch/x86/boot.rst; QEMU's hw/i386/x86.c and option ROM linuxboot.bin).
 *
 * That protocol wants a header at byte 0x1f1 of the file and real-mode code at 0x200. An ELF file
 * has room there: its headers end long before, and its first segment begins at 0x1000. So this
 * file is assembled apart and laid into the hole (build.mk); with setup_sects = 7 everything from
 * 0x1000 on is the "protected-mode kernel", which goes to 1 MiB, where the ELF file wants to be.
 * The version stays below 2.08, the least that Xen's domain builder takes for a bzImage, so that
 * a pvh domain still sees an ELF file. */
#include "boot/protocols.h"

	.code16
	.section .setup, "ax"
	.org	0x1f1
	.byte	LINUX_SETUP_SIZE / 512 - 1 /* setup_sects */
	.word	0                          /* root_flags */
	.long	0                          /* syssize: the loader knows the file's size */
	.word	0, 0xffff, 0               /* ram_size, vid_mode, root_dev */
	.word	0xaa55                     /* boot_flag */

	.org	0x200
	jmp	start
	.ascii	"HdrS"
	.word	0x0206                     /* version */
	.long	0                          /* realmode_swtch */
	.word	0, 0                       /* start_sys_seg, kernel_version */
	.byte	0                          /* type_of_loader: the loader writes it */
	.byte	1                          /* loadflags: LOADED_HIGH */
	.word	0                          /* setup_move_size */
	.long	0x100000                   /* code32_start */
	.long	0, 0                       /* ramdisk_image, ramdisk_size */
	.long	0                          /* bootsect_kludge */
	.word	0, 0                       /* heap_end_ptr, ext_loader */
	.org	LINUX_CMDLINE_FIELD
	.long	0                          /* cmd_line_ptr: the loader writes it */
	.long	0x37ffffff                 /* initrd_addr_max */
	.long	0                          /* kernel_alignment */
	.byte	0, 0                       /* relocatable_kernel, min_alignment */
	.word	0                          /* xloadflags */
	.long	4095                       /* cmdline_size */

	/* Real mode: cs is one part above the segment that the setup was loaded to. */
start:
	cli
	cld
	mov	%cs, %ax
	sub	$0x20, %ax
	mov	%ax, %ds
	mov	%ax, %es
	movzwl	%ax, %ebp
	shl	$4, %ebp                   /* where the setup part lies */

	mov	$LINUX_E820_OFFSET, %di    /* the memory map: ACPI 6.5, 15.1 (INT 15h, E820h) */
	xor	%ebx, %ebx
	xor	%esi, %esi                 /* entries so far */
1:	mov	$0xe820, %eax
	mov	$0x534d4150, %edx
	mov	$20, %ecx
	int	$0x15
	jc	2f
	cmp	$0x534d4150, %eax
	jne	2f
	inc	%si
	add	$20, %di
	cmp	$LINUX_E820_MAX, %si
	jae	2f
	test	%ebx, %ebx
	jnz	1b
2:	cli
	mov	%esi, e820_count
	mov	LINUX_CMDLINE_FIELD, %eax
	mov	%eax, cmdline
	lea	LINUX_E820_OFFSET(%ebp), %eax
	mov	%eax, e820_table

	in	$0x92, %al                 /* A20, in case the firmware left it off */
	or	$2, %al
	and	$0xfe, %al
	out	%al, $0x92

	lea	gdt(%ebp), %eax
	mov	%eax, gdt_pointer + 2
	lea	info(%ebp), %ebx
	lgdtl	gdt_pointer
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	lea	protected(%ebp), %eax
	mov	%eax, far_pointer
	ljmpl	*far_pointer

	.code32
protected:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$LINUX_ENTRY, %eax         /* linux_entry of boot/head.S, given by the linker */
	jmp	*%eax

	.balign	8
gdt:	.quad	0
	.quad	0x00cf9a000000ffff
	.quad	0x00cf92000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	0
far_pointer:
	.long	0
	.word	0x08
	.balign	4
info:	/* struct linux_info of boot/boot_info.c */
cmdline:	.long 0
e820_count:	.long 0
e820_table:	.long 0

	.org	LINUX_E820_OFFSET /* the assembler refuses to go back: the code fits */
	.org	LINUX_SETUP_SIZE
