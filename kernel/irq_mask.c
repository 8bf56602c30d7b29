/* SPDX-License-Identifier: MIT */
/* Why an irq is masked, and who may say so. The set of reasons and what the chip was told change
 * together, under a lock of the irq's own: with an atomic set alone, one CPU's unmask could reach
 * the chip after another's mask that came later, and the later one would be lost. */
#include "kernel/irq.h"

#include "kernel/shell.h"
#include "lib/compiler.h"
#include "lib/errno.h"

HOT void irq_change_mask(struct irq *irq, unsigned add, unsigned remove)
{
	unsigned was = irq->mask_reasons, now = (was | add) & ~remove;

	__atomic_store_n(&irq->mask_reasons, (uint8_t)now, __ATOMIC_RELAXED);
	if (!was && now && irq->chip->mask)
		irq->chip->mask(irq);
	else if (was && !now && irq->chip->unmask)
		irq->chip->unmask(irq);
}

HOT void irq_mask_for(struct irq *irq, enum irq_mask_reason reason)
{
	bool on = spin_lock(&irq->mask_lock);

	irq->holds += reason == IRQ_MASK_TEMPORARY;
	irq_change_mask(irq, reason, 0);
	spin_unlock(&irq->mask_lock, on);
}

void irq_unmask_for(struct irq *irq, enum irq_mask_reason reason)
{
	bool on = spin_lock(&irq->mask_lock);

	if (reason != IRQ_MASK_TEMPORARY || --irq->holds == 0)
		irq_change_mask(irq, 0, reason);
	spin_unlock(&irq->mask_lock, on);
}

void irq_mask(struct irq *irq)
{
	irq_mask_for(irq, IRQ_MASK_EXPLICIT);
}

void irq_unmask(struct irq *irq)
{
	irq_unmask_for(irq, IRQ_MASK_EXPLICIT);
}

static int mask_command(unsigned count, char **words, void (*change)(struct irq *irq))
{
	struct irq *irq = count == 2 ? shell_irq(words[1]) : NULL;

	if (irq)
		change(irq);
	return count == 2 ? 0 : -EINVAL;
}

SHELL_COMMAND(mask, "IRQ", "masks it, as its driver may")
{
	return mask_command(count, words, irq_mask);
}

SHELL_COMMAND(unmask, "IRQ", "takes that back")
{
	return mask_command(count, words, irq_unmask);
}
