/* SPDX-License-Identifier: MIT */
/* Between boot/smp.c and boot/trampoline.S. */
#ifndef BOOT_TRAMPOLINE_H
#define BOOT_TRAMPOLINE_H

/* A page that boot/boot_memory.c keeps out of the allocator; the startup IPI's vector is its
 * number. */
#define TRAMPOLINE 0x8000

/* Offsets in struct smp_start. */
#define SMP_CR3	    0
#define SMP_EFER    8
#define SMP_CPU	    16
#define SMP_REFUSED 24

#define CPU_STACK_TOP 8 /* in struct cpu */

#endif
