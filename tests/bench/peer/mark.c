/* SPDX-License-Identifier: MIT */
/* The emulator's counter writes what there is so far, under a number: in the peer, that user space has
 * been reached; in dom0, that a guest is about to begin, or has ended. */
#ifndef MARK
#define MARK "0x5ed1a103"
#endif

void _start(void)
{
	__asm__ volatile("nopl " MARK "(%rax)\n\t"
			 "mov $60, %eax\n\t" /* exit(0) */
			 "xor %edi, %edi\n\t"
			 "syscall");
	__builtin_unreachable();
}
