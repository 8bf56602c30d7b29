/* SPDX-License-Identifier: MIT */
/* What drivers ask for. Slow paths: one lock for all of them; the delivery path (kernel/irq.c)
 * takes none. An action that is added is whole before it is seen; one that is removed is freed
 * only after every CPU has left the interrupt it was in. */
#include "kernel/irq_numbers.h"

#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq_late.h"
#include "kernel/memory.h"
#include "lib/errno.h"

/* Appends, so that actions run in the order they came. The action is whole before it is seen.
 */
static int irq_add_action(struct irq *irq, struct irq_action *action, bool shared,
			  struct irq_late *late)
{
	struct irq_action **link = &irq->actions;

	if (irq->actions && !(shared && irq->shared))
		return -EBUSY;
	while (*link)
		link = &(*link)->next;
	irq->shared = shared;
	if (late)
		irq_late_set(irq, late);
	__atomic_store_n(link, action, __ATOMIC_RELEASE);
	irq_wire(irq);
	return 0;
}

int irq_request(unsigned number, irq_handler_fn *handler, void *ctx, unsigned flags,
		const char *name)
{
	struct irq *irq = irq_get(number);
	struct irq_action *action;
	struct irq_late *late = NULL;
	bool on;
	int ret = 0;

	if (!irq || !irq->chip)
		return -EINVAL;
	if (flags & IRQ_LATE_EOI)
		late = irq_late_create(irq, flags, &ret);
	action = ret ? NULL : heap_alloc(sizeof(*action));
	if (!action) {
		irq_late_destroy(late);
		return ret ? ret : -ENOMEM;
	}
	*action = (struct irq_action){.handler = handler, .ctx = ctx, .name = name};
	on = spin_lock(&irq_lock);
	ret = irq_add_action(irq, action, flags & IRQ_SHARED, late);
	spin_unlock(&irq_lock, on);
	if (ret) {
		irq_late_destroy(late);
		heap_free(action);
	} else { /* the first; or nobody has handled it, and perhaps this one does */
		irq_count_home(irq, true);
		irq->unhandled_row = 0;
		irq_unmask_for(irq, IRQ_MASK_UNWANTED);
	}
	return ret;
}

/* Waits until no CPU is in the irq's handler. */
static void irq_synchronize(const struct irq *irq)
{
	int home = irq->has_moved ? -1 : irq_home(irq);

	if (home >= 0)
		cpu_barrier_on(home);
	else
		cpu_barrier();
}

static struct irq_action *irq_remove_action(struct irq *irq, void *ctx)
{
	for (struct irq_action **link = &irq->actions; *link; link = &(*link)->next) {
		struct irq_action *action = *link;

		if (action->ctx != ctx)
			continue;
		*link = action->next;
		irq_wire(irq);
		return action;
	}
	return NULL;
}

/* With the last action goes what it had the irq masked for: the next one starts anew. */
static void irq_quiet_for_good(struct irq *irq)
{
	bool on = spin_lock(&irq->mask_lock);

	irq_change_mask(irq, IRQ_MASK_UNWANTED,
			IRQ_MASK_EXPLICIT | IRQ_MASK_EOI | IRQ_MASK_BRAKE);
	spin_unlock(&irq->mask_lock, on);
}

static void irq_end_late(struct irq *irq)
{
	struct irq_late *late = irq->late;
	bool on;

	if (!late)
		return;
	on = spin_lock(&irq_lock);
	irq_late_set(irq, NULL);
	spin_unlock(&irq_lock, on);
	irq_synchronize(irq); /* a late run that was on its way has masked it once more */
	irq_late_destroy(late);
	irq_unmask_for(irq, IRQ_MASK_EOI);
	irq_unmask_for(irq, IRQ_MASK_BRAKE);
}

int irq_free(unsigned number, void *ctx)
{
	struct irq *irq = irq_get(number);
	struct irq_action *action;
	bool on;

	if (!irq)
		return -EINVAL;
	/* The last action goes only after the source is quiet: an irq without action would
	 * count as unhandled. */
	on = spin_lock(&irq_lock);
	if (irq->actions && !irq->actions->next && irq->actions->ctx == ctx)
		irq_quiet_for_good(irq);
	action = irq_remove_action(irq, ctx);
	spin_unlock(&irq_lock, on);
	if (!action)
		return -ENOENT;
	if (!irq->actions)
		irq_count_home(irq, false);
	irq_synchronize(irq); /* another CPU may be walking the list that it was in */
	heap_free(action);
	irq_end_late(irq);
	return 0;
}

int irq_set_affinity(unsigned number, unsigned cpu)
{
	struct irq *irq = irq_get(number);
	bool on;
	int ret;

	if (!irq || !irq->chip || cpu >= nr_cpus)
		return -EINVAL;
	if (irq->kind == irq_flow_percpu)
		return -EINVAL;
	if (!cpu_is_online(cpu))
		return -ENXIO;
	if (!irq->chip->set_affinity || (cpu && irq->boot_cpu_only))
		return -EOPNOTSUPP;
	if (__atomic_test_and_set(&irq->moving, __ATOMIC_ACQUIRE))
		return -EBUSY;
	on = spin_lock(&irq_lock);
	irq->has_moved = true;
	irq_wire(irq);
	spin_unlock(&irq_lock, on);
	ret = irq->chip->set_affinity(irq, cpu);
	if (!ret)
		irq->left = 0; /* this is its home now */
	if (irq->counted_on)
		irq_count_home(irq, true);
	__atomic_clear(&irq->moving, __ATOMIC_RELEASE);
	return ret;
}

int irq_set_redelivery(unsigned number, bool vector)
{
	struct irq *irq = irq_get(number);

	if (!irq || !irq->chip)
		return -EINVAL;
	return irq->chip->set_redelivery ? irq->chip->set_redelivery(irq, vector) : -EOPNOTSUPP;
}
