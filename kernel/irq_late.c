/* SPDX-License-Identifier: MIT */
#include "kernel/irq_late.h"

#include "kernel/memory.h"
#include "kernel/time.h"
#include "lib/errno.h"

/* The pause is over. */
static void brake_release(void *ctx)
{
	irq_unmask_for(ctx, IRQ_MASK_BRAKE);
}

/* Not on a line that others share, whose interrupts would wait as well. Not where a mask
 * belongs to one CPU (the local APIC's timer) or forgets: what comes meanwhile would be lost.
 */
static int irq_late_refused(const struct irq *irq, unsigned flags)
{
	const struct irq_chip *chip = irq->chip;

	if (flags & IRQ_SHARED)
		return -EINVAL;
	if (!chip->mask || !chip->unmask || irq->vector_all)
		return -EOPNOTSUPP;
	return chip->mask_forgets && irq->kind != irq_flow_level ? -EOPNOTSUPP : 0;
}

struct irq_late *irq_late_create(struct irq *irq, unsigned flags, int *err)
{
	struct irq_late *late;

	*err = irq_late_refused(irq, flags);
	if (*err)
		return NULL;
	late = heap_alloc(sizeof(*late));
	if (!late) {
		*err = -ENOMEM;
		return NULL;
	}
	late->untrusted = (flags & IRQ_UNTRUSTED) == IRQ_UNTRUSTED; /* implies the other */
	if (late->untrusted) {
		late->budget = BRAKE_BUDGET;
		late->window_ns = BRAKE_WINDOW_NS;
		timer_setup(&late->timer, brake_release, irq);
	}
	return late;
}

void irq_late_destroy(struct irq_late *late)
{
	if (late && late->untrusted)
		timer_cancel(&late->timer);
	heap_free(late);
}

void irq_late_set(struct irq *irq, struct irq_late *late)
{
	bool direct = irq->flow == irq->inner; /* not re-delivered */

	irq->late = late;
	irq->inner = late ? irq_flow_late : irq_flow_for(irq->chip, irq->kind);
	if (direct)
		irq->flow = irq->inner;
	irq_wire(irq);
}

/* A run has ended: the pause after it in ns, 0 for none. */
static uint64_t brake_budget(struct irq_late *late, uint64_t now)
{
	uint64_t took, left;

	if (now >= late->window + late->window_ns) {
		late->window = now;
		late->runs = 0;
		late->windows++;
	}
	if (!late->budget || ++late->runs < late->budget)
		return 0;
	took = now - late->window;
	left = late->window_ns - took;
	late->window = 0; /* a new one with the next run */
	return left > took ? left : took;
}

static uint64_t brake_spurious(const struct irq_late *late)
{
	uint64_t pause = BRAKE_SPURIOUS_NS;

	if (late->spurious_row <= BRAKE_SPURIOUS_FREE)
		return 0;
	for (uint32_t n = BRAKE_SPURIOUS_FREE + 1; n < late->spurious_row; n++) {
		pause *= 2;
		if (pause >= BRAKE_SPURIOUS_MAX)
			return BRAKE_SPURIOUS_MAX;
	}
	return pause;
}

/* True: a timer will unmask it. */
static bool brake_applies(struct irq_late *late)
{
	uint64_t now = time_now_ns(), pause, longer;

	if (!late->untrusted)
		return false;
	pause = brake_budget(late, now);
	longer = brake_spurious(late);
	if (longer > pause)
		pause = longer;
	if (!pause)
		return false;
	late->braked++;
	timer_start(&late->timer, now + pause);
	return true;
}

int irq_eoi(struct irq *irq, bool spurious)
{
	struct irq_late *late = irq->late;
	bool on;
	int err = 0;

	if (!late)
		return -EINVAL;
	on = spin_lock(&irq->mask_lock);
	if (irq->mask_reasons & IRQ_MASK_EOI) {
		late->spurious += spurious;
		late->spurious_row = spurious ? late->spurious_row + 1 : 0;
		/* The timer may not end the pause before it is one: hence under the lock. */
		irq_change_mask(irq, brake_applies(late) ? IRQ_MASK_BRAKE : 0, IRQ_MASK_EOI);
	} else {
		late->unasked++;
		err = -ENOENT;
	}
	spin_unlock(&irq->mask_lock, on);
	return err;
}

int irq_set_brake(unsigned number, uint32_t budget, uint64_t window_ns)
{
	struct irq *irq = irq_get(number);
	bool on;

	if (!irq || !irq->late || !irq->late->untrusted || !window_ns)
		return -EINVAL;
	on = spin_lock(&irq->mask_lock);
	irq->late->budget = budget;
	irq->late->window_ns = window_ns;
	irq->late->window = 0;
	spin_unlock(&irq->mask_lock, on);
	return 0;
}
