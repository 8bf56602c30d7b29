/* SPDX-License-Identifier: MIT */
/* Somebody asks what this machine is doing: an NMI (xl trigger DOM nmi), Xen's debug key, a
 * watchdog that was not fed. Every CPU says where it is, in which irq, and what it has not taken
 * yet; then channels and controllers. Asking changes nothing: the machine goes on. */
#ifndef KERNEL_DUMP_H
#define KERNEL_DUMP_H

#include "arch/x86/trap.h"
#include "kernel/cpu.h"

/* Prints all of it, headed by why. From any context; at most one at a time: while one is being
 * printed, another does nothing. */
void dump_state(const char *why);
/* A CPU that prints takes no interrupts, and a slow console takes seconds. */
bool dump_is_running(void);
/* The other CPUs' part alone, for whoever prints the rest (a panic). */
void dump_other_cpus(void);
/* The NMI's handler: the same, or this CPU's part, if a dump has asked it. */
void dump_nmi(const struct trap_frame *frame);

/* For whoever can: how to send an NMI to a CPU. NULL: the others are not asked. */
extern void (*dump_kick)(const struct cpu *cpu);

#endif
