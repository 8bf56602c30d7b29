/* SPDX-License-Identifier: MIT */
/* A channel's irq: the chip "evtchn".
 *
 * Re-delivery by vector. The scan clears the port's pending bit and then sends the vector to
 * the channel's CPU, its own. An event that comes before the vector is taken sets the bit anew,
 * is scanned, and its vector falls together with the first in the local APIC's IRR: the handler
 * runs after both. One that comes later finds IRR clear and is delivered again. So nothing is lost
 * and nothing comes twice. If the irq is masked while the vector is on the way, the event is put
 * back into the pending bit, where unmasking finds it. */
#include "drivers/xen/evtchn.h"

#include "arch/x86/cpu.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/evtchn_serve.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/printk.h"
#include "kernel/vector.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "lib/printf.h"

static uint32_t fallback, late_masked;

uint32_t evtchn_fallback(void)
{
	return fallback;
}

uint32_t evtchn_late_masked(void)
{
	return late_masked;
}

/* The vector was on the way when the irq was masked: back into the pending bit. Under the lock,
 * because an unmask between the look and the bit would not see the event. False: not masked any
 * more. */
COLD static bool evtchn_put_back(struct channel *ch)
{
	struct irq *irq = ch->irq;
	bool on = spin_lock(&irq->mask_lock), masked = irq_is_masked(irq);

	if (masked) {
		late_masked++;
		evtchn_abi->set_pending(ch->port);
	}
	spin_unlock(&irq->mask_lock, on);
	return masked;
}

/* In again at the top, through irq_dispatch(). */
static void evtchn_flow_vector(struct irq *irq)
{
	struct channel *ch = irq->chip_data;

	ch->in_flight = false;
	lapic_eoi();
	if (unlikely(irq->mask_reasons) && evtchn_put_back(ch))
		return;
	irq->inner(irq);
}

/* --- the chip --- */

static void evtchn_chip_mask(struct irq *irq)
{
	evtchn_abi->mask(irq->hw);
}

static void evtchn_chip_unmask(struct irq *irq)
{
	evtchn_abi->unmask(irq->hw);
}

static void evtchn_chip_describe(const struct irq *irq, char *buf, size_t size)
{
	if (irq->vector)
		fmt_snprintf(buf, size, "port %u vec 0x%x", irq->hw, irq->vector);
	else
		fmt_snprintf(buf, size, "port %u", irq->hw);
}

static int channel_take_vector(struct channel *ch)
{
	struct cpu *cpu = cpus[evtchn_abi->bound_cpu(ch->port)];
	int vector;

	if (!lapic_present())
		return -EOPNOTSUPP;
	/* The flow first: from vector_alloc() on the vector may be used. */
	ch->irq->flow = evtchn_flow_vector;
	vector = vector_alloc(cpu, ch->irq);
	if (vector >= 0) {
		channel_put(ch->port, ch);
		return 0;
	}
	ch->irq->flow = ch->irq->inner;
	if (!ch->told) {
		ch->told = true;
		fallback++;
		printk("evtchn: no vector left for irq %u (port %u): it is called instead\n",
		       ch->irq->number, ch->port);
	}
	return vector;
}

/* Not while the vector is on the way: it would find no owner, and nobody would end it. */
static int channel_drop_vector(struct channel *ch)
{
	struct irq *irq = ch->irq;

	if (!irq->vector)
		return 0;
	if (ch->in_flight || lapic_irr(irq->vector))
		return -EBUSY;
	vector_release(cpus[irq->vector_cpu], irq->vector);
	irq->vector = 0;
	irq->flow = irq->inner;
	channel_put(ch->port, ch);
	return 0;
}

/* The vector's state belongs to the CPU that scans the port: changed there, where no scan and no
 * vector can come in between. */
struct redelivery_change {
	struct channel *ch;
	bool vector;
	int err;
};

static void channel_change_redelivery(void *ctx)
{
	struct redelivery_change *c = ctx;

	c->err = 0;
	if (!c->vector)
		c->err = channel_drop_vector(c->ch);
	else if (!c->ch->irq->vector)
		c->err = channel_take_vector(c->ch);
}

int channel_set_redelivery(struct irq *irq, bool vector)
{
	struct redelivery_change c = {.ch = irq->chip_data, .vector = vector};
	bool moved = c.ch->moved; /* then another CPU may be serving it, too */

	if (moved) {
		irq_mask_for(irq, IRQ_MASK_TEMPORARY);
		channel_barrier(c.ch);
	}
	c.err = -EOPNOTSUPP; /* unless it is called */
	channel_call(c.ch, channel_change_redelivery, &c);
	if (moved)
		irq_unmask_for(irq, IRQ_MASK_TEMPORARY);
	return c.err;
}

void channel_call(const struct channel *ch, cpu_call_fn *fn, void *ctx)
{
	unsigned cpu = evtchn_abi->bound_cpu(ch->port);

	if (cpu_call(cpu, fn, ctx) == -ENXIO)
		cpu_call(this_cpu()->id, fn, ctx);
}

void channel_barrier(const struct channel *ch)
{
	if (ch->moved)
		cpu_barrier();
	else
		cpu_barrier_on(evtchn_abi->bound_cpu(ch->port));
}

/* Xen does not move an event that is pending already, and until the new CPU's set has the port
 * nobody would serve it. So the port is masked meanwhile: what comes waits in its pending bit,
 * and the unmasking, by Xen, tells the new CPU. The mask has a reason of its own: what a driver
 * masks or unmasks at the same time holds. */
static int channel_move(struct channel *ch, unsigned cpu)
{
	bool vector = ch->irq->vector;
	int err = 0;

	irq_mask_for(ch->irq, IRQ_MASK_TEMPORARY);
	channel_barrier(ch); /* every scan is over, or sees the mask */
	ch->moved = true;
	if (vector)
		err = channel_set_redelivery(ch->irq, false);
	if (!err)
		err = hypercall_evtchn_bind_vcpu(ch->port, xen_vcpu_id(cpu));
	if (!err)
		evtchn_abi->bind_cpu(ch->port, cpu);
	if (vector && !ch->irq->vector) /* without one left it is called, which works as well */
		channel_set_redelivery(ch->irq, true);
	irq_unmask_for(ch->irq, IRQ_MASK_TEMPORARY);
	return err;
}

static unsigned evtchn_chip_home(const struct irq *irq)
{
	return evtchn_abi->bound_cpu(irq->hw);
}

static int evtchn_chip_set_affinity(struct irq *irq, unsigned cpu)
{
	struct channel *ch = irq->chip_data;

	if (ch->flow == irq_flow_percpu)
		return -EINVAL;
	if (cpu && !upcall_reaches_all())
		return -EOPNOTSUPP;
	return channel_move(ch, cpu);
}

/* No ack: a port has been cleared before its irq hears of it. */
const struct irq_chip evtchn_chip = {
	.name = "evtchn",
	.mask = evtchn_chip_mask,
	.unmask = evtchn_chip_unmask,
	.set_redelivery = channel_set_redelivery,
	.home = evtchn_chip_home,
	.set_affinity = evtchn_chip_set_affinity,
	.describe = evtchn_chip_describe,
};
