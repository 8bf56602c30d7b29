/* SPDX-License-Identifier: MIT */
/* Places in the image, from boot/linker.ld and boot/head.S. */
#ifndef ARCH_X86_SECTIONS_H
#define ARCH_X86_SECTIONS_H

extern char _image_start[], _image_end[];
extern char _text_start[], _text_end[], _rodata_end[];
extern char _hot_start[], _hot_end[]; /* the delivery path */
extern char _bss_start[], _bss_end[];
extern char _stacks_start[]; /* guard, boot stack, guard, NMI, guard, #DF, guard, #MC */
extern char hypercall_page[];
extern char boot_stack_top[], ist_stack_nmi[], ist_stack_df[], ist_stack_mc[];

#endif
