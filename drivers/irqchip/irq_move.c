/* SPDX-License-Identifier: MIT */
/* Why nothing is lost and nothing doubled:
 *
 * 1. The new vector is the irq's before the source hears of it, and it is one number, owned on
 *    both CPUs. So vector and destination may be changed one after the other, each in one write,
 *    while the source runs: whichever pair it uses leads to the irq, once.
 * 2. A source that can keep what comes (a level line, an entry with a mask bit) does so
 *    meanwhile; one that would lose an edge is not masked.
 * 3. The old vector is given back only when nothing can be on its way: its IRR bit is looked at on
 *    the old CPU, in an interrupt there, so its handler has ended too. (ISR says nothing: after an
 *    EOI that the assist page has spared it stays set until something else comes.)
 * 4. If the old CPU is still in the handler when the new one gets the next interrupt, that waits
 *    for it (irq_run_alone in kernel/irq.c); a level pin sends none before the EOI. */
#include "drivers/irqchip/irq_move.h"

#include "arch/x86/cpu.h"
#include "drivers/irqchip/lapic.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/vector.h"
#include "lib/errno.h"

struct look {
	unsigned vector;
	bool waits, barred;
};

static void look(void *ctx)
{
	struct look *l = ctx;

	l->waits = lapic_irr(l->vector);
	l->barred = lapic_tpr() >= l->vector >> 4;
}

bool irq_vector_waits(const struct cpu *cpu, unsigned vector)
{
	struct look l = {.vector = vector};

	cpu_call(cpu->id, look, &l);
	return l.waits;
}

void irq_move_drain(const struct cpu *cpu, unsigned vector)
{
	while (irq_vector_waits(cpu, vector))
		cpu_yield();
}

/* Would draining never end? */
static bool vector_barred(const struct cpu *cpu, unsigned vector)
{
	struct look l = {.vector = vector};

	cpu_call(cpu->id, look, &l);
	return l.barred;
}

static void vector_give_back(struct cpu *cpu, unsigned vector)
{
	irq_move_drain(cpu, vector);
	vector_release(cpu, vector);
}

static int irq_move_between(struct irq *irq, struct cpu *from, struct cpu *to,
			    const struct irq_mover *mover)
{
	unsigned old = irq->vector;
	int vector = vector_alloc_pair(from, to, irq);
	struct cpu *left = from;

	if (vector < 0)
		return vector;
	if (mover->hold) {
		mover->hold(irq, true);
		irq_move_drain(from, old);
	}
	if (!mover->idle || mover->idle(irq))
		mover->aim(irq, vector, to);
	else
		left = to; /* where nothing has been sent */
	if (mover->hold)
		mover->hold(irq, false);
	vector_give_back(left, vector);
	if ((unsigned)vector != old)
		vector_give_back(from, left == from ? old : (unsigned)vector);
	return left == from ? 0 : -EBUSY;
}

int irq_move(struct irq *irq, unsigned cpu, const struct irq_mover *mover)
{
	static bool moving;
	struct cpu *from = cpus[irq->vector_cpu], *to = cpus[cpu];
	int err;

	if (from == to)
		return 0;
	if (to->apic_id > IRQ_MOVE_APIC_ID_MAX)
		return -EOPNOTSUPP;
	if (!(read_rflags() & RFLAGS_IF) || vector_barred(from, irq->vector))
		return -EBUSY;
	if (__atomic_test_and_set(&moving, __ATOMIC_ACQUIRE))
		return -EBUSY;
	err = irq_move_between(irq, from, to, mover);
	__atomic_clear(&moving, __ATOMIC_RELEASE);
	return err;
}
