/* SPDX-License-Identifier: MIT */
/* Between evtchn_irq.c, the delivery, and evtchn_request.c, which makes and unmakes channels. */
#ifndef DRIVERS_XEN_EVTCHN_CHANNEL_H
#define DRIVERS_XEN_EVTCHN_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "drivers/xen/evtchn.h"

struct channel {
	struct irq *irq;         /* NULL with daisy off */
	irq_flow_fn *flow;       /* of its kind: irq->kind */
	irq_handler_fn *handler; /* of the driver, with ctx */
	void *ctx;
	evtchn_port_t port;
	bool in_flight; /* its vector has been sent and has not come in */
	bool quiet;     /* its port is masked, and no vector is on the way */
	bool told;      /* that there are no vectors left */
};

extern bool evtchn_daisy_on;
/* By port; changed with interrupts disabled. */
extern struct channel **evtchn_channels;
extern unsigned evtchn_nr_channels;

static inline struct channel *channel_get(evtchn_port_t port)
{
	return port < evtchn_nr_channels ? evtchn_channels[port] : NULL;
}

extern const struct irq_chip evtchn_chip;
/* Makes a bound port the way of an irq that exists already: irq, flow and port are set. The
 * caller ties the irq to a chip and unmasks it. 0, -EINVAL, -ENOSPC, -ENOMEM. */
int channel_link(struct channel *ch);
/* Takes it away again: masks the port; no scan has ch in its hands any more. */
void channel_unlink(struct channel *ch);
/* As irq_set_redelivery(); -EBUSY: the vector is on the way. */
int channel_set_redelivery(struct irq *irq, bool vector);

#endif
