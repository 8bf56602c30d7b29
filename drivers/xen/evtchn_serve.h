/* SPDX-License-Identifier: MIT */
/* The way of an event, inlined where it is taken: from the upcall to the scan of the ABI in use, and,
 * in all scans, from a port to its irq. */
#ifndef DRIVERS_XEN_EVTCHN_SERVE_H
#define DRIVERS_XEN_EVTCHN_SERVE_H

#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_channel.h"
#include "kernel/irq_handle.h"
#include "lib/fault.h"

_Static_assert(IRQ_HANDLED == EVTCHN_SERVED, "what a handler says is what a scan is told");

/* As evtchn_upcall(). */
static inline unsigned evtchn_upcall_inline(void)
{
	return likely(evtchn_daisy_on) ? evtchn_abi->scan() : evtchn_abi->take();
}

/* The scan has cleared the port's pending bit: what is set from now on is a new event. */
static inline int evtchn_serve(unsigned long port, void *ctx)
{
	register struct irq *irq __asm__("rdi") = evtchn_irq_of(port); /* where run() wants it */
	int result;

	__asm__("" : "+r"(irq));
	result = irq_handle_chained(irq);
	if (FAULT(clear_late))
		evtchn_abi->clear(port);
	return result;
}

evtchn_odd_fn evtchn_odd; /* evtchn_serve.c */
evtchn_serve_fn evtchn_serve_any; /* evtchn_serve(), where it need not be short */

#endif
