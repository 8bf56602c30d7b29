/* SPDX-License-Identifier: MIT */
#include "kernel/vector.h"

#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/spinlock.h"
#include "lib/errno.h"

static struct spinlock vector_lock;

/* From here on the vector may fire. An irq that has no source attached yet only counts it
 * (irq_flow_none). */
static int vector_tie(struct cpu *cpu, int vector, struct irq *irq)
{
	if (vector < 0)
		return vector;
	irq->vector = vector;
	irq->vector_cpu = cpu->id;
	__atomic_store_n(&cpu->vector_irq[vector], irq, __ATOMIC_RELEASE);
	return vector;
}

void vector_init(void)
{
	vecspace_init(&boot_cpu.vectors);
}

int vector_alloc(struct cpu *cpu, struct irq *irq)
{
	bool on = spin_lock(&vector_lock);
	int vector = vector_tie(cpu, vecspace_alloc(&cpu->vectors), irq);

	spin_unlock(&vector_lock, on);
	return vector;
}

int vector_alloc_class(struct cpu *cpu, struct irq *irq, unsigned class)
{
	bool on = spin_lock(&vector_lock);
	int vector = vector_tie(cpu, vecspace_alloc_class(&cpu->vectors, class), irq);

	spin_unlock(&vector_lock, on);
	return vector;
}

static bool vector_free_everywhere(unsigned vector)
{
	for (unsigned i = 0; i < nr_cpus; i++)
		if (numspace_taken(&cpus[i]->vectors.ns, vector))
			return false;
	return true;
}

/* From the top down: what all CPUs share (upcalls, IPIs) comes ahead of devices. */
static int vector_find_everywhere(void)
{
	for (unsigned v = VECTOR_SPURIOUS - 1; v >= VECTOR_DYNAMIC_BASE; v--)
		if (vector_free_everywhere(v))
			return v;
	return -ENOSPC;
}

int vector_alloc_all(struct irq *irq)
{
	bool on = spin_lock(&vector_lock);
	int vector = vector_find_everywhere();

	for (unsigned i = 0; vector >= 0 && i < nr_cpus; i++) {
		vecspace_reserve(&cpus[i]->vectors, vector);
		vector_tie(cpus[i], vector, irq);
		irq->vector_all = true;
	}
	spin_unlock(&vector_lock, on);
	return vector;
}

int vector_reserve(struct cpu *cpu, unsigned vector, struct irq *irq)
{
	bool on = spin_lock(&vector_lock);
	int ret = vecspace_reserve(&cpu->vectors, vector);

	if (!ret)
		vector_tie(cpu, vector, irq);
	spin_unlock(&vector_lock, on);
	return ret;
}

void vector_set_legacy(unsigned pic_line, struct irq *irq)
{
	boot_cpu.vector_irq[VECTOR_LEGACY_BASE + pic_line % 16] = irq;
}

int vector_release(struct cpu *cpu, unsigned vector)
{
	bool on = spin_lock(&vector_lock);
	int ret = vecspace_release(&cpu->vectors, vector);

	if (!ret)
		cpu->vector_irq[vector] = NULL;
	spin_unlock(&vector_lock, on);
	return ret;
}

int vector_alloc_pair(struct cpu *from, struct cpu *to, struct irq *irq)
{
	bool on = spin_lock(&vector_lock);
	int vector = vecspace_alloc_pair(&from->vectors, irq->vector, &to->vectors);

	if (vector >= 0) {
		__atomic_store_n(&from->vector_irq[vector], irq, __ATOMIC_RELEASE);
		__atomic_store_n(&to->vector_irq[vector], irq, __ATOMIC_RELEASE);
	}
	spin_unlock(&vector_lock, on);
	return vector;
}

void vector_release_all(unsigned vector)
{
	for (unsigned i = 0; i < nr_cpus; i++)
		vector_release(cpus[i], vector);
}

void vector_init_cpu(struct cpu *cpu)
{
	bool on = spin_lock(&vector_lock);

	cpu->vector_irq[VECTOR_SPURIOUS] = boot_cpu.vector_irq[VECTOR_SPURIOUS];
	for (unsigned v = VECTOR_DYNAMIC_BASE; v < VECTOR_SPURIOUS; v++) {
		struct irq *irq = boot_cpu.vector_irq[v];

		if (!irq || !irq->vector_all)
			continue;
		vecspace_reserve(&cpu->vectors, v);
		cpu->vector_irq[v] = irq;
	}
	spin_unlock(&vector_lock, on);
}

unsigned vector_free_count(const struct cpu *cpu)
{
	return cpu->vectors.ns.size - cpu->vectors.ns.in_use;
}

/* The one that all CPUs share is shown for the boot CPU. */
static void vector_print(const struct cpu *cpu, unsigned vector)
{
	const struct irq *irq = cpu->vector_irq[vector];

	if (!irq || (irq->vector_all && cpu->id))
		return;
	printk("vec 0x%02x CPU%u%s irq %u %s\n", vector, cpu->id, irq->vector_all ? "+" : " ",
	       irq->number, irq->actions ? irq->actions->name : irq->name);
}

SHELL_COMMAND(vectors, "", "who owns which vector (+: on all CPUs)")
{
	for (unsigned i = 0; i < nr_cpus; i++) {
		for (unsigned v = 0; v < NR_VECTORS; v++)
			vector_print(cpus[i], v);
		printk("CPU%u: %u free\n", i, vector_free_count(cpus[i]));
	}
	return 0;
}
