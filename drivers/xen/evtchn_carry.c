/* SPDX-License-Identifier: MIT */
/* Xen hands out the lowest free port, so ports that are made again from the lowest up get the
 * numbers they had; where none was, one is held meanwhile. The other end of another domain's
 * channel waits, unbound, for just this. Another domain may send in between, so its channels are
 * marked pending, as Xen does when it binds one. */
#include "drivers/xen/evtchn_carry.h"

#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"

static bool carried_is_remote(const struct carried *c)
{
	return c->s.status == EVTCHNSTAT_interdomain && c->s.u.interdomain.dom != xen_domid();
}

/* --- what there is --- */

static bool port_read(evtchn_port_t port, struct carried *c)
{
	int err = evtchn_status(DOMID_SELF, port, &c->s);

	if (err) /* -EACCES: Xen's own, which a reset leaves alone */
		c->s.status = EVTCHNSTAT_closed;
	c->held = false;
	c->masked = evtchn_is_masked(port);
	/* A debug key that is lost is pressed again; a dump that nobody asked for takes seconds. */
	c->pending = evtchn_is_pending(port) || carried_is_remote(c) ||
		     (c->s.status == EVTCHNSTAT_virq && c->s.u.virq != VIRQ_DEBUG);
	return err != -EINVAL;
}

/* Xen refuses the first port beyond those that it has made room for. */
int ports_alloc(struct transition *t)
{
	struct carried c;

	t->room = 1;
	while (t->room < evtchn_abi->max_ports && port_read(t->room, &c))
		t->room++;
	t->pages = (t->room * sizeof(c) + PAGE_SIZE - 1) / PAGE_SIZE;
	t->ports = pages_alloc(t->pages);
	return t->ports ? 0 : -ENOMEM;
}

int ports_read(struct transition *t)
{
	unsigned end = 1;

	if (t->to == &evtchn_abi_2l && xen_domid() == XEN_DOMID_UNKNOWN)
		return -ENODEV; /* whose channels are its own? */
	for (unsigned port = 1; port < t->room; port++) {
		struct carried *c = &t->ports[port];

		port_read(port, c);
		if (c->s.status == EVTCHNSTAT_closed)
			continue;
		end = port + 1;
		if (t->to == &evtchn_abi_2l && c->s.status == EVTCHNSTAT_pirq)
			return -EBUSY;
	}
	t->nr_ports = end;
	return end > t->to->max_ports ? -ENOSPC : 0;
}

/* --- made again --- */

static int port_bind_virq(const struct evtchn_status *s)
{
	int port = evtchn_bind_virq(s->u.virq, s->vcpu);

	return port == -EINVAL ? evtchn_bind_virq(s->u.virq, 0) : port; /* not per vCPU */
}

static int port_bind_peer(const struct carried *c)
{
	domid_t dom = c->s.u.interdomain.dom;
	evtchn_port_t peer = c->s.u.interdomain.port;

	/* Between two ports of this domain the lower one waits for the higher. */
	if (!carried_is_remote(c) && peer > c->s.port)
		return evtchn_alloc_unbound(DOMID_SELF);
	return evtchn_bind_interdomain(dom, peer);
}

static int port_make(struct carried *c)
{
	struct evtchn_status now;

	switch (c->s.status) {
	case EVTCHNSTAT_unbound:
		return evtchn_alloc_unbound(c->s.u.unbound.dom);
	case EVTCHNSTAT_interdomain:
		return port_bind_peer(c);
	case EVTCHNSTAT_virq:
		return port_bind_virq(&c->s);
	case EVTCHNSTAT_ipi:
		return evtchn_bind_ipi(c->s.vcpu);
	case EVTCHNSTAT_pirq: /* after a switch to FIFO that failed: its source must do it */
		return -EOPNOTSUPP;
	default:
		if (evtchn_status(DOMID_SELF, c->s.port, &now) == -EACCES)
			return c->s.port;
		c->held = true;
		return evtchn_alloc_unbound(DOMID_SELF);
	}
}

void ports_make(struct transition *t)
{
	for (unsigned port = 1; port < t->nr_ports; port++) {
		struct carried *c = &t->ports[port];
		int got;

		c->s.port = port;
		got = port_make(c);
		if (got == (int)port) {
			if (c->s.vcpu && c->s.status != EVTCHNSTAT_closed)
				hypercall_evtchn_bind_vcpu(port, c->s.vcpu);
			continue;
		}
		printk_warn("evtchn: port %u cannot be made again (%d)\n", port, got);
		t->err = -EIO;
		if (got < 0) /* those behind it are to have their numbers */
			evtchn_alloc_unbound(DOMID_SELF);
		c->s.status = EVTCHNSTAT_closed;
	}
	for (unsigned port = 1; port < t->nr_ports; port++)
		if (t->ports[port].held)
			hypercall_evtchn_close(port);
}

/* --- as they were --- */

static void port_restore(evtchn_port_t port, const struct carried *c)
{
	const struct channel *ch = channel_get(port);

	evtchn_abi->bind_cpu(port, evtchn_cpu_of_vcpu(c->s.vcpu));
	if (ch && ch->priority != EVTCHN_FIFO_PRIORITY_DEFAULT &&
	    evtchn_abi == &evtchn_abi_fifo)
		evtchn_set_priority(port, ch->priority);
	if (c->pending)
		evtchn_abi->set_pending(port);
	else
		evtchn_abi->clear(port);
	if (!c->masked)
		evtchn_abi->unmask(port);
}

void ports_restore(const struct transition *t)
{
	for (unsigned port = 1; port < t->room && port < evtchn_abi->max_ports; port++) {
		if (t->ports[port].s.status != EVTCHNSTAT_closed)
			port_restore(port, &t->ports[port]);
		else
			evtchn_abi->clear(port);
	}
}
