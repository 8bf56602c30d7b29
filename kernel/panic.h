/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

#include "arch/x86/trap.h"

/* Where no caller can act: prints the message, registers, the number spaces and a backtrace on
 * every console, then ends the machine as crashed. */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* For invariants: cheap enough to stay in every build. */
void panic_init(void); /* from here on exceptions end in a panic screen */

#define ASSERT(cond)                                                                          \
	do {                                                                                  \
		if (__builtin_expect(!(cond), 0))                                             \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond);      \
	} while (0)

/* Name and offset of the function an address lies in; "?" when there is none. */
const char *symbol_lookup(uintptr_t address, uintptr_t *offset);

/* Where rip is, and the functions that led there, innermost first, with the irqs that came in
 * between: what this CPU is in. frame is what rbp held there; NULL or nonsense ends it. */
void backtrace_print(uintptr_t rip, const uint64_t *frame);

#endif
