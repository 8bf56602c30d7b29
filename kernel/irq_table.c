/* SPDX-License-Identifier: MIT */
/* The interrupt table, as /proc/interrupts shows it: irq, count per CPU, chip, the hardware's own
 * number, flow, names. */
#include "kernel/irq.h"

#include "kernel/cpu.h"
#include "kernel/irq_late.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "kernel/time.h"
#include "kernel/vector.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

void irq_count_polled(const struct irq *irq)
{
	__atomic_add_fetch(&this_cpu()->irq_count[irq->number], 1, __ATOMIC_RELAXED);
}

uint32_t irq_count_on(const struct irq *irq, unsigned cpu)
{
	return cpu < nr_cpus ? cpus[cpu]->irq_count[irq->number] : 0;
}

uint32_t irq_count(const struct irq *irq)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < nr_cpus; i++)
		sum += irq_count_on(irq, i);
	return sum;
}

static const char *irq_flow_name(const struct irq *irq)
{
	if (irq->late)
		return "late";
	if (irq->kind == irq_flow_level)
		return "level";
	return irq->kind == irq_flow_percpu ? "percpu" : "edge";
}

/* Appends to a line of `size` bytes and returns the new length, never beyond the end. */
__attribute__((format(printf, 4, 5))) static int append(char *line, int size, int at,
							const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = fmt_vsnprintf(line + at, size - at, fmt, ap);
	va_end(ap);
	return at + n < size ? at + n : size - 1;
}

/* The letters of enum irq_mask_reason, of an irq that somebody has. */
static int irq_append_reasons(const struct irq *irq, char *line, int size, int at)
{
	static const char letters[] = "mtebu";

	if (!irq->actions || !irq_is_masked(irq))
		return at;
	at = append(line, size, at, " masked ");
	for (unsigned i = 0; letters[i]; i++)
		if (irq->mask_reasons >> i & 1)
			at = append(line, size, at, "%c", letters[i]);
	return at;
}

static void irq_print_line(const struct irq *irq)
{
	char line[240], hw[40] = "";
	int at = append(line, sizeof(line), 0, "%5u:", irq->number);

	for (unsigned i = 0; i < nr_cpus && i < 8; i++)
		at = append(line, sizeof(line), at, " %10u", irq_count_on(irq, i));
	if (irq->chip->describe)
		irq->chip->describe(irq, hw, sizeof(hw));
	at = append(line, sizeof(line), at, "  %-7s %-22s %-6s", irq->chip->name, hw,
		    irq_flow_name(irq));
	for (const struct irq_action *a = irq->actions; a; a = a->next)
		at = append(line, sizeof(line), at, "%s%s", a == irq->actions ? " " : ", ", a->name);
	if (!irq->actions)
		at = append(line, sizeof(line), at, " (%s)", irq->name);
	at = irq_append_reasons(irq, line, sizeof(line), at);
	if (irq->unhandled)
		at = append(line, sizeof(line), at, " unhandled %u", irq->unhandled);
	if (irq->late && irq->late->braked)
		at = append(line, sizeof(line), at, " braked %u", irq->late->braked);
	if (irq->late && irq->late->spurious)
		at = append(line, sizeof(line), at, " spurious %u", irq->late->spurious);
	if (irq->late && irq->late->unasked)
		at = append(line, sizeof(line), at, " eoi unasked %u", irq->late->unasked);
	printk("%s\n", line);
}

void irq_print_spaces(void)
{
	printk("irqs: [0,16) isa, [16,%u) gsi, [%u,%u) dynamic, %u free; vectors: %u free on CPU0\n",
	       irq_gsi_top, irq_gsi_top, irq_limit, irq_limit ? irq_free_numbers() : 0,
	       vector_free_count(&boot_cpu));
}

static bool irq_is_shown(const struct irq *irq)
{
	return irq && irq->chip && (irq->actions || irq_count(irq));
}

void irq_print_table(void)
{
	char head[160];
	int at = append(head, sizeof(head), 0, "  irq ");

	for (unsigned i = 0; i < nr_cpus && i < 8; i++)
		at = append(head, sizeof(head), at, "       CPU%u", i);
	printk("%s  chip    hardware               flow   name\n", head);
	for (unsigned n = 0; n < irq_limit; n++) {
		const struct irq *irq = irq_get(n);

		if (irq_is_shown(irq))
			irq_print_line(irq);
	}
	for (unsigned i = 0; i < nr_cpus; i++)
		if (cpus[i]->vector_stray)
			printk("CPU%u: %u on vectors that nobody owns\n", i, cpus[i]->vector_stray);
}

struct irq *shell_irq(const char *word)
{
	int number = shell_number(word, irq_limit);
	struct irq *irq = number < 0 ? NULL : irq_get(number);

	if (irq_is_shown(irq))
		return irq;
	printk("%s: no such irq, see irqs\n", word);
	return NULL;
}

#define CLEAR_SCREEN "\x1b[H\x1b[2J"

SHELL_COMMAND(irqs, "[-w]", "the irqs; -w: again and again, until a key")
{
	bool watch = count == 2 && !strcmp(words[1], "-w");

	if (count > 1 && !watch)
		return -EINVAL;
	do {
		if (watch)
			printk(CLEAR_SCREEN);
		irq_print_table();
	} while (watch && !shell_wait(time_now_ns() + NS_PER_SEC));
	if (watch)
		shell_drop_input();
	return 0;
}
