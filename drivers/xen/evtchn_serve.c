/* SPDX-License-Identifier: MIT */
/* What evtchn_serve.h leaves to a call: ports without an irq to run, and events that nobody handles. */
#include "drivers/xen/evtchn_serve.h"

#include "arch/x86/cpu.h"
#include "drivers/irqchip/lapic.h"
#include "kernel/printk.h"
#include "lib/compiler.h"

const struct evtchn_abi *evtchn_abi;
static uint32_t stray;

uint32_t evtchn_stray(void)
{
	return stray;
}

/* Nobody asked for this port. Its pending bit is put back, for whoever will; masked, it is
 * reported once. */
COLD static void evtchn_stray_port(evtchn_port_t port)
{
	__atomic_fetch_add(&stray, 1, __ATOMIC_RELAXED);
	evtchn_abi->mask(port);
	evtchn_abi->set_pending(port);
	printk_warn("evtchn: port %u is nobody's and had an event, it is masked now\n", port);
}

/* On the vector's own CPU: a FIFO port that moves while it is queued comes once more on the old
 * one, and there the vector is nobody's. */
HOT static void evtchn_redeliver(evtchn_port_t port)
{
	struct channel *ch = channel_get(port);
	const struct irq *irq;

	if (unlikely(!ch)) { /* going away just now */
		evtchn_stray_port(port);
		return;
	}
	irq = ch->irq;
	ch->in_flight = true;
	if (likely(irq->vector_cpu == CPU_OWN->id))
		lapic_send_self(irq->vector);
	else
		lapic_send_ipi(cpus[irq->vector_cpu]->apic_id, irq->vector);
}

/* What these two leave to the scan, which knows the port. */
enum { DO_STRAY = EVTCHN_CHANGED + 1, DO_REDELIVERY };

static enum irq_result evtchn_run_stray(struct irq *nobody, void *ctx)
{
	return (enum irq_result)DO_STRAY;
}

HOT static enum irq_result evtchn_run_redelivery(struct irq *nobody, void *ctx)
{
	return (enum irq_result)DO_REDELIVERY;
}

struct irq evtchn_stray_irq = {.run = evtchn_run_stray, .name = "nobody's channel"};
struct irq evtchn_redelivery_irq = {.run = evtchn_run_redelivery, .name = "re-delivery"};

/* Nobody handled it. (A handler may have closed its own channel: then it is nobody's.) */
COLD static void evtchn_unhandled(evtchn_port_t port)
{
	struct irq *irq = evtchn_irq_of(port);

	if (irq != &evtchn_stray_irq && irq != &evtchn_redelivery_irq)
		irq_note_unhandled(irq);
}

HOT void evtchn_odd(int result, unsigned long port)
{
	if (result == DO_REDELIVERY)
		evtchn_redeliver((evtchn_port_t)port);
	else if (result == DO_STRAY)
		evtchn_stray_port((evtchn_port_t)port);
	else if (result == EVTCHN_NONE_READY)
		this_cpu()->upcalls_spurious++;
	else if (result == IRQ_NONE)
		evtchn_unhandled((evtchn_port_t)port);
}

int evtchn_serve_any(unsigned long port, void *ctx)
{
	int result = evtchn_serve(port, ctx);

	if (result != EVTCHN_SERVED)
		evtchn_odd(result, port);
	return EVTCHN_SERVED;
}

HOT unsigned evtchn_upcall(void)
{
	return evtchn_upcall_inline();
}

/* Of a sender who looked up the port's vCPU before the port moved. (With daisy off all that can
 * move is on the boot CPU.) */
void evtchn_sweep(unsigned cpu)
{
	bool on = local_irq_save();

	if (evtchn_daisy_on)
		evtchn_abi->sweep(cpu);
	local_irq_restore(on);
}
