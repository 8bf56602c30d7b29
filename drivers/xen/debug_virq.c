/* SPDX-License-Identifier: MIT */
#include "drivers/xen/debug_virq.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/xen.h"
#include "kernel/dump.h"

static enum irq_result debug_virq(struct irq *irq, void *ctx)
{
	dump_state("VIRQ_DEBUG");
	return IRQ_HANDLED;
}

int debug_virq_init(void)
{
	int port = evtchn_bind_virq(VIRQ_DEBUG, xen_vcpu_id(0)), irq;

	if (port < 0)
		return port;
	irq = evtchn_irq_request(port, debug_virq, NULL, "debug");
	if (irq < 0)
		evtchn_close(port);
	return irq < 0 ? irq : 0;
}
