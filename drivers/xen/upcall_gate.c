/* SPDX-License-Identifier: MIT */
/* The gate of the upcall's vector: where its entry in the IDT leads, while a route is in use that has
 * one. What arrives while a route is changed goes the long way, by its irq's flow and action. */
#include "drivers/xen/upcall_route.h"

#include <stddef.h>

#include "arch/x86/trap.h"
#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_gate.h"
#include "drivers/xen/xen.h"

uint32_t evtchn_gate_irq;

void upcall_gate_close(void)
{
	if (trap_own_entry)
		trap_set_entry(trap_own_entry, NULL);
}

/* The irq whose vector is the upcall's and nothing else's; NULL: the route is over a line, or none. */
static const struct irq *upcall_vector_irq(void)
{
	switch (upcall_route()) {
	case UPCALL_VECTOR:
	case UPCALL_PERCPU:
	case UPCALL_ASSIST:
		return upcall_now_irq;
	case UPCALL_HYBRID:
		return upcall_percpu_irq;
	default:
		return NULL;
	}
}

void upcall_gate_open(void)
{
	const struct irq *irq =
		evtchn_daisy_on && xen_vcpu_info_registered(0) ? upcall_vector_irq() : NULL;
	bool plain = upcall_route() == UPCALL_VECTOR;

	if (!irq)
		return;
	evtchn_gate_irq = irq->number;
	trap_set_entry(irq->vector,
		       evtchn_abi->gates[plain ? EVTCHN_GATE_PLAIN : EVTCHN_GATE_EOI]);
}
