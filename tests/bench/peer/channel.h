/* SPDX-License-Identifier: MIT */
/* A channel of the domain to itself: Linux keeps its IPI channels to itself, and for the receiver it is
 * the same. */
#ifndef PEER_CHANNEL_H
#define PEER_CHANNEL_H

#include <linux/interrupt.h>
#include <linux/module.h>

#include <xen/events.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/xen.h>

#include <asm/xen/hypercall.h>

struct channel {
	evtchn_port_t here, sender; /* an event on `sender` arrives at `here` */
	int irq;
};

static int channel_open(struct channel *c, irq_handler_t handler, void *ctx)
{
	struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
	struct evtchn_bind_interdomain bind = {.remote_dom = DOMID_SELF};
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);

	if (err)
		return err;
	bind.remote_port = alloc.port;
	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &bind);
	if (err)
		return err;
	c->here = alloc.port;
	c->sender = bind.local_port;
	c->irq = bind_evtchn_to_irqhandler(c->here, handler, 0, "peer", ctx);
	return c->irq < 0 ? c->irq : 0;
}

static void channel_close(struct channel *c, void *ctx)
{
	struct evtchn_close close = {.port = c->sender};

	if (c->irq > 0)
		unbind_from_irqhandler(c->irq, ctx);
	if (close.port && HYPERVISOR_event_channel_op(EVTCHNOP_close, &close))
		pr_warn("peer: port %u does not close\n", close.port);
}

#endif
