/* SPDX-License-Identifier: MIT */
/* What happens between the vector and the handler. This file is the delivery path; reserving,
 * requesting and showing irqs are in kernel/irq_numbers.c, irq_request.c and irq_table.c.
 *
 *   vector -> arch/x86/entry.S -> irq_dispatch: this CPU's vector table -> irq
 *          -> irq_handle: count it -> flow: chip->ack, the actions, chip->eoi
 *
 * A chained source (an event channel behind the upcall) comes in at irq_handle_chained, called by
 * the scan, which is the action of the irq it is chained behind, or has a gate of its own
 * (drivers/xen/evtchn_gate.h). No lock, no search, no hypercall on the way. */
#include "kernel/irq.h"

#include "arch/x86/trap.h"
#include "kernel/cpu.h"
#include "kernel/irq_handle.h"
#include "kernel/irq_pass.h"
#include "kernel/printk.h"
#include "kernel/vector.h"
#include "lib/compiler.h"

/* An irq that nobody wants this many times in a row is masked, so that a level source which
 * nobody quiets cannot hold the machine. One or two are normal: Xen deasserts an INTx only at a VM
 * exit, so a quiet line may be seen once more. */
#define UNHANDLED_LIMIT 1000

void (*vector_stray_hook)(unsigned vector);

static void irq_stray(struct cpu *cpu, unsigned vector)
{
	cpu->vector_stray++;
	if (vector_stray_hook)
		vector_stray_hook(vector);
}

/* In a row: nobody handled anything in between, so the irq's count has gone on by one; or by as
 * many as this run is going to cover, when CPUs met. Reported once in each row; an irq that cannot
 * be masked goes on to be counted. */
COLD void irq_note_unhandled(struct irq *irq)
{
	uint32_t count = irq_count(irq), waiting = irq->waiting ? irq->waiting : 1;

	irq->unhandled++;
	irq->unhandled_row = count - irq->unhandled_at <= waiting ? irq->unhandled_row + 1 : 1;
	irq->unhandled_at = count;
	if (irq->unhandled_row != UNHANDLED_LIMIT)
		return;
	if (irq->chip->mask)
		irq_mask_for(irq, IRQ_MASK_UNWANTED);
	printk_warn("irq %u (%s): nobody handled it %u times in a row%s\n", irq->number,
		    irq->name, UNHANDLED_LIMIT,
		    irq->chip->mask ? ", it is masked now" : ", and nothing can mask it");
}

HOT void irq_dispatch(unsigned long vector)
{
	struct irq *irq = CPU_OWN->vector_irq[vector];

	if (unlikely(!irq))
		irq_stray(this_cpu(), vector);
	else
		irq_handle(irq);
}

/* Every action of a shared line is asked: more than one device may have raised it. */
static void irq_run_all(struct irq *irq)
{
	unsigned handled = IRQ_NONE;

	for (const struct irq_action *a = irq->actions; a; a = a->next)
		handled &= a->handler(irq, a->ctx);
	if (handled == IRQ_NONE)
		irq_note_unhandled(irq);
}

static inline void irq_run_actions(struct irq *irq)
{
	const struct irq_action *a = irq->actions;

	if (unlikely(!a || a->next))
		irq_run_all(irq);
	else if (unlikely(a->handler(irq, a->ctx) == IRQ_NONE))
		irq_note_unhandled(irq);
}

/* A source that moves between CPUs may arrive on the new one while the old one is still in its
 * handler. The actions never run on two at once: who comes second leaves its arrival to the
 * first, which then runs them once more for all that came meanwhile; or has the new one do so,
 * or a busy source would keep the old one, with interrupts disabled, for ever. */
COLD static void irq_run_again(struct irq *irq)
{
	if (!irq_pass_on(irq))
		irq_run_covering(irq, __atomic_load_n(&irq->waiting, __ATOMIC_ACQUIRE));
}

void irq_run_covering(struct irq *irq, uint32_t covered)
{
	for (;;) {
		irq_run_actions(irq);
		covered = __atomic_sub_fetch(&irq->waiting, covered, __ATOMIC_ACQ_REL);
		if (!covered || irq_pass_on(irq))
			return;
	}
}

COLD static void irq_come_second(void)
{
	if (this_cpu()->passed) /* perhaps this one, and it comes until it is handled */
		irq_pass_serve(this_cpu());
}

static inline void irq_run_alone(struct irq *irq)
{
	if (unlikely(__atomic_fetch_add(&irq->waiting, 1, __ATOMIC_ACQUIRE))) {
		irq_come_second();
		return;
	}
	irq_run_actions(irq);
	if (unlikely(__atomic_sub_fetch(&irq->waiting, 1, __ATOMIC_ACQ_REL)))
		irq_run_again(irq);
}

HOT void irq_flow_edge(struct irq *irq)
{
	if (irq->chip->ack)
		irq->chip->ack(irq);
	irq_run_alone(irq);
}

void irq_flow_level(struct irq *irq)
{
	irq_run_actions(irq);
	if (irq->chip->eoi)
		irq->chip->eoi(irq);
}

/* Masked, then told that it is over, then handled: so even a level source may be ended first. */
void irq_flow_late(struct irq *irq)
{
	irq_mask_for(irq, IRQ_MASK_EOI);
	if (irq->chip->ack)
		irq->chip->ack(irq);
	irq_run_alone(irq);
	if (!irq->chip->ack && irq->chip->eoi)
		irq->chip->eoi(irq);
}

void irq_flow_none(struct irq *irq)
{
	irq->unhandled++;
}

HOT void irq_flow_percpu(struct irq *irq)
{
	if (irq->chip->ack)
		irq->chip->ack(irq);
	irq_run_actions(irq);
}

/* --- where there is nothing to acknowledge: channels, and the upcall by a vector of Xen's own --- */

HOT static void irq_flow_edge_plain(struct irq *irq)
{
	irq_run_alone(irq);
}

HOT static void irq_flow_percpu_plain(struct irq *irq)
{
	irq_run_actions(irq);
}

irq_flow_fn *irq_flow_for(const struct irq_chip *chip, irq_flow_fn *kind)
{
	if (!chip->ack && kind == irq_flow_edge)
		return irq_flow_edge_plain;
	return !chip->ack && kind == irq_flow_percpu ? irq_flow_percpu_plain : kind;
}

/* --- for chained sources --- */

HOT static enum irq_result irq_run_flow(struct irq *irq, void *ctx)
{
	irq->flow(irq);
	return IRQ_HANDLED;
}

/* One handler, nothing to acknowledge, and no other CPU that may still be in it. */
static bool irq_is_plain(const struct irq *irq)
{
	const struct irq_action *a = irq->actions;

	return a && !a->next && !irq->shared && !irq->has_moved &&
	       (irq->inner == irq_flow_edge_plain || irq->inner == irq_flow_percpu_plain);
}

void irq_wire(struct irq *irq)
{
	if (irq_is_plain(irq)) {
		irq->run_ctx = irq->actions->ctx; /* before its handler */
		__atomic_store_n(&irq->run, irq->actions->handler, __ATOMIC_RELEASE);
	} else {
		__atomic_store_n(&irq->run, irq_run_flow, __ATOMIC_RELEASE);
	}
}
