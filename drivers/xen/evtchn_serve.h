/* SPDX-License-Identifier: MIT */
/* The way of an event, inlined where it is taken: from the upcall to the scan of the ABI in use, and,
 * in both scans, from a port to its irq. */
#ifndef DRIVERS_XEN_EVTCHN_SERVE_H
#define DRIVERS_XEN_EVTCHN_SERVE_H

#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_channel.h"
#include "kernel/irq_handle.h"
#include "lib/fault.h"

/* As evtchn_upcall(). */
static inline unsigned evtchn_upcall_inline(void)
{
	return likely(evtchn_daisy_on) ? evtchn_abi->scan(this_cpu()->id) : evtchn_abi->take();
}

/* evtchn_serve.c: nobody handled the event that was served last. */
void evtchn_unhandled(void);

/* The scan has cleared the port's pending bit: what is set from now on is a new event. */
static inline void evtchn_serve(unsigned port, void *ctx)
{
	struct irq *irq = evtchn_irq_of(port);

	CPU_OWN->serving = port;
	if (unlikely(irq_handle_chained(irq) == IRQ_NONE))
		evtchn_unhandled();
	if (FAULT(clear_late))
		evtchn_abi->clear(port);
}

#endif
