/* SPDX-License-Identifier: MIT */
/* The vector allocator: who owns which IDT entry on which CPU. */
#ifndef KERNEL_VECTOR_H
#define KERNEL_VECTOR_H

#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "lib/vecspace.h"

/* The boot CPU's vectors; before anything reserves one. */
void vector_init(void);
/* Carves a vector on one CPU for irq, spread over the priority classes. Vector or -ENOSPC. */
int vector_alloc(struct cpu *cpu, struct irq *irq);
/* The same in one priority class (3..15). Vector, -ENOSPC or -EINVAL. */
int vector_alloc_class(struct cpu *cpu, struct irq *irq, unsigned class);
/* One vector number that is free on every CPU, for sources that all share. Vector or -ENOSPC. */
int vector_alloc_all(struct irq *irq);
/* Gives a CPU that comes later the vectors that all CPUs share. */
void vector_init_cpu(struct cpu *cpu);
/* Claims one vector by its number: 0 or -EBUSY, -EINVAL. The legacy range belongs to the PIC. */
int vector_reserve(struct cpu *cpu, unsigned vector, struct irq *irq);
/* PIC only: ties a vector of the legacy range to an irq (NULL unties it). */
void vector_set_legacy(unsigned pic_line, struct irq *irq);
int vector_release(struct cpu *cpu, unsigned vector);
/* For an irq that moves: one number that is its own on both CPUs, its present one where that is
 * free on `to`. Tied on both; irq->vector and irq->vector_cpu stay as they are. The vector or
 * -ENOSPC. Later one of the CPUs' is released. */
int vector_alloc_pair(struct cpu *from, struct cpu *to, struct irq *irq);
void vector_release_all(unsigned vector);
/* Called for an interrupt on a vector that nobody owns, so that the local APIC can end it. */
extern void (*vector_stray_hook)(unsigned vector);
unsigned vector_free_count(const struct cpu *cpu);

#endif
