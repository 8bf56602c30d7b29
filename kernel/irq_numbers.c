/* SPDX-License-Identifier: MIT */
/* Who owns which irq number, and which source is behind it. Slow paths. */
#include "kernel/irq_numbers.h"

#include "kernel/cpu.h"
#include "kernel/irq_late.h"
#include "kernel/irq_pass.h"
#include "kernel/memory.h"
#include "kernel/options.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/numspace.h"

/* Dynamic numbers cost 8 bytes each, and 4 on every CPU; a machine of a few MiB gets fewer, and who
 * has more channels than that says so. */
#define IRQ_LIMIT_SMALL 1024u
#define IRQ_LIMIT	8192u
#define IRQ_LIMIT_MOST	(1u << 18) /* every port of FIFO, and as many others */
#define SMALL_PAGES	1024u /* 4 MiB */

unsigned irq_gsi_top, irq_limit;

static struct numspace numbers;
static struct irq **irqs; /* by number; NULL: not reserved */
struct spinlock irq_lock;

static unsigned table_pages(size_t bytes)
{
	return (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
}

static void *table_alloc(size_t bytes)
{
	return pages_alloc(table_pages(bytes));
}

int irq_init_cpu(struct cpu *cpu)
{
	cpu->irq_count = table_alloc(irq_limit * sizeof(*cpu->irq_count));
	return cpu->irq_count ? 0 : -ENOMEM;
}

void irq_exit_cpu(struct cpu *cpu)
{
	pages_free(cpu->irq_count, table_pages(irq_limit * sizeof(*cpu->irq_count)));
	cpu->irq_count = NULL;
}

static unsigned irq_limit_wanted(void)
{
	unsigned usual = pages_total_count() <= SMALL_PAGES ? IRQ_LIMIT_SMALL : IRQ_LIMIT;

	if (options.irqs > usual)
		return options.irqs < IRQ_LIMIT_MOST ? (unsigned)options.irqs : IRQ_LIMIT_MOST;
	return usual;
}

int irq_layout_init(unsigned gsi_top)
{
	unsigned limit = irq_limit_wanted();
	uint64_t *map;

	if (gsi_top < 16 || gsi_top >= limit || irqs)
		return -EINVAL;
	irq_limit = limit;
	irq_gsi_top = gsi_top;
	map = table_alloc(BITMAP_WORDS(limit) * sizeof(*map));
	irqs = table_alloc(limit * sizeof(*irqs));
	if (!map || !irqs)
		return -ENOMEM;
	numspace_init(&numbers, map, limit);
	numspace_reserve(&numbers, IRQ_NOBODY);
	for (unsigned i = 0; i < nr_cpus; i++)
		if (irq_init_cpu(cpus[i]))
			return -ENOMEM;
	percpu_load_counts(this_cpu()->irq_count);
	return 0;
}

unsigned irq_free_numbers(void)
{
	unsigned free = 0;

	for (unsigned n = irq_gsi_top; n < irq_limit; n++)
		free += !numspace_taken(&numbers, n);
	return free;
}

/* Gives a number that has just been taken its irq; without memory the number goes back. */
static struct irq *irq_create(int number, int *err)
{
	struct irq *irq;

	*err = number < 0 ? number : 0;
	if (number < 0)
		return NULL;
	irq = heap_alloc(sizeof(*irq));
	if (!irq) {
		numspace_release(&numbers, number);
		*err = -ENOMEM;
		return NULL;
	}
	irq->number = number;
	irq->mask_reasons = IRQ_MASK_UNWANTED;
	irq->flow = irq->inner = irq->kind = irq_flow_none;
	irq_wire(irq);
	irq->name = "";
	for (unsigned i = 0; i < nr_cpus; i++)
		cpus[i]->irq_count[number] = 0;
	irqs[number] = irq;
	return irq;
}

struct irq *irq_reserve(unsigned number, int *err)
{
	bool on = spin_lock(&irq_lock);
	int ret = number < irq_gsi_top ? numspace_reserve(&numbers, number) : -EINVAL;
	struct irq *irq = irq_create(ret ? ret : (int)number, err);

	spin_unlock(&irq_lock, on);
	return irq;
}

struct irq *irq_alloc(int *err)
{
	bool on = spin_lock(&irq_lock);
	struct irq *irq = irq_create(numspace_alloc(&numbers, irq_gsi_top, irq_limit), err);

	spin_unlock(&irq_lock, on);
	return irq;
}

void irq_attach(struct irq *irq, const struct irq_chip *chip, irq_flow_fn *flow, uint32_t hw,
		void *chip_data, const char *name)
{
	bool on = spin_lock(&irq_lock);

	irq->chip = chip;
	irq->kind = flow;
	irq->flow = irq->inner = irq_flow_for(chip, flow);
	if (irq->late) /* another chip for an irq in use */
		irq_late_set(irq, irq->late);
	irq_wire(irq);
	irq->hw = hw;
	irq->chip_data = chip_data;
	irq->name = name;
	spin_unlock(&irq_lock, on);
}

int irq_release(struct irq *irq)
{
	bool fixed = irq->number < irq_gsi_top && irq->chip; /* a line stays its chip's */
	bool on;
	int ret;

	if (!irq->actions)
		irq_pass_drain(irq);
	on = spin_lock(&irq_lock);
	ret = irq->actions || fixed ? -EBUSY : 0;
	if (!ret) {
		irq_count_home(irq, false);
		irqs[irq->number] = NULL;
		numspace_release(&numbers, irq->number);
	}
	spin_unlock(&irq_lock, on);
	if (!ret)
		heap_free(irq);
	return ret;
}

struct irq *irq_get(unsigned number)
{
	return number < irq_limit ? irqs[number] : NULL;
}
