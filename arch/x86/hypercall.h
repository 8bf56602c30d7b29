/* SPDX-License-Identifier: MIT */
/* The hypercall gate: Xen fills hypercall_page with one stub per call number, 32 bytes apart.
 * Arguments as public/arch-x86/xen-x86_64.h says: rdi, rsi, rdx, r10, r8. Results are negative
 * Xen errnos, which are Daisy's. The typed calls are in drivers/xen/hypercall.h. */
#ifndef ARCH_X86_HYPERCALL_H
#define ARCH_X86_HYPERCALL_H

#include <stdint.h>

extern char hypercall_page[];

/* A debug build of Xen overwrites the argument registers, so they are outputs as well. */
static inline long hypercall2(unsigned nr, uintptr_t a1, uintptr_t a2)
{
	long ret;

	asm volatile("call *%[stub]"
		     : "=a"(ret), "+D"(a1), "+S"(a2)
		     : [stub] "r"(hypercall_page + nr * 32)
		     : "memory", "rcx", "r11");
	return ret;
}

static inline long hypercall3(unsigned nr, uintptr_t a1, uintptr_t a2, uintptr_t a3)
{
	long ret;

	asm volatile("call *%[stub]"
		     : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3)
		     : [stub] "r"(hypercall_page + nr * 32)
		     : "memory", "rcx", "r11");
	return ret;
}

#endif
