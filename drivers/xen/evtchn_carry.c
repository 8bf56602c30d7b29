/* SPDX-License-Identifier: MIT */
/* Xen hands out the lowest free port, so ports that are made again from the lowest up get the
 * numbers they had; where none was, one is held meanwhile. The toolstack and Xen itself may
 * have taken some before: then others. The other end of another domain's channel waits,
 * unbound, for just this, unless it was the end of a domain that is no more. Another domain may
 * send in between, so its channels are marked pending, as Xen does when it binds one. */
#include "drivers/xen/evtchn_carry.h"

#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"

static bool dom_is_other(domid_t dom)
{
	return dom != xen_domid() && dom != DOMID_SELF;
}

static bool status_is_remote(const struct evtchn_status *s)
{
	return (s->status == EVTCHNSTAT_interdomain && dom_is_other(s->u.interdomain.dom)) ||
	       (s->status == EVTCHNSTAT_unbound && dom_is_other(s->u.unbound.dom));
}

/* --- what there is --- */

static bool port_read(evtchn_port_t port, struct carried *c)
{
	int err = evtchn_status(DOMID_SELF, port, &c->s);

	if (err) /* -EACCES: Xen's own, which a reset leaves alone */
		c->s.status = EVTCHNSTAT_closed;
	c->s.port = port;
	c->ch = channel_get(port);
	c->now = 0;
	c->remote = status_is_remote(&c->s);
	c->held = 0;
	c->masked = evtchn_is_masked(port);
	/* A debug key that is lost is pressed again; a dump that nobody asked for takes
	 * seconds. */
	c->pending = evtchn_is_pending(port) ||
		     (c->s.status == EVTCHNSTAT_interdomain && c->remote) ||
		     (c->s.status == EVTCHNSTAT_virq && c->s.u.virq != VIRQ_DEBUG &&
		      cpu_is_up(evtchn_cpu_of_vcpu(c->s.vcpu)));
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
	struct carried c;

	t->nr_ports = 1;
	for (unsigned port = 1; port < t->room; port++) {
		port_read(port, &t->ports[port]);
		if (t->ports[port].s.status != EVTCHNSTAT_closed)
			t->nr_ports = port + 1;
	}
	return t->room < evtchn_abi->max_ports && port_read(t->room, &c) ? -EBUSY : 0;
}

/* --- made again --- */

static int port_bind_virq(const struct evtchn_status *s)
{
	int port = evtchn_bind_virq(s->u.virq, s->vcpu);

	return port == -EINVAL ? evtchn_bind_virq(s->u.virq, 0) : port; /* not per vCPU */
}

static int port_bind_peer(const struct transition *t, const struct carried *c)
{
	domid_t dom = c->s.u.interdomain.dom;
	evtchn_port_t peer = c->s.u.interdomain.port;

	if (c->remote)
		return t->resumed ? evtchn_alloc_unbound(dom)
				  : evtchn_bind_interdomain(dom, peer);
	/* Between two ports of this domain the first one waits for the second. */
	peer = peer < t->nr_ports ? t->ports[peer].now : 0;
	return peer ? evtchn_bind_interdomain(DOMID_SELF, peer)
		    : evtchn_alloc_unbound(DOMID_SELF);
}

static int port_make(const struct transition *t, struct carried *c)
{
	switch (c->s.status) {
	case EVTCHNSTAT_unbound:
		return evtchn_alloc_unbound(c->remote ? c->s.u.unbound.dom : DOMID_SELF);
	case EVTCHNSTAT_interdomain:
		return port_bind_peer(t, c);
	case EVTCHNSTAT_virq:
		return port_bind_virq(&c->s);
	case EVTCHNSTAT_ipi:
		return evtchn_bind_ipi(c->s.vcpu);
	case EVTCHNSTAT_pirq: /* refused in a switch to 2-level */
		return t->resumed ? evtchn_bind_pirq(c->s.u.pirq, false) : -EOPNOTSUPP;
	default:
		return -ENOENT;
	}
}

static void port_make_again(struct transition *t, struct carried *c)
{
	int got = port_make(t, c);

	if (got > 0) {
		c->now = got;
		if (c->s.vcpu)
			hypercall_evtchn_bind_vcpu(got, c->s.vcpu);
		return;
	}
	printk_warn("evtchn: port %u cannot be made again (%d)\n", c->s.port, got);
	t->err = -EIO;
	c->s.status = EVTCHNSTAT_closed;
}

/* So that those behind it get their numbers. */
static void port_hold(struct carried *c)
{
	int held = evtchn_alloc_unbound(DOMID_SELF);

	if (held == (int)c->s.port)
		c->held = held;
	else if (held > 0)
		hypercall_evtchn_close(held);
}

/* Where it was; or else somebody is. A number that is taken by now is not asked for: what Xen gives
 * instead, the lowest that is free, is given back, and the port made again when all others have theirs. */
static void port_make_in_place(struct transition *t, struct carried *c)
{
	if (c->now == c->s.port) /* the toolstack's */
		return;
	if (!c->now && c->s.status != EVTCHNSTAT_closed) {
		port_make_again(t, c);
		if (c->now == c->s.port)
			return;
		if (c->now)
			hypercall_evtchn_close(c->now);
		c->now = 0;
	}
	port_hold(c);
}

void ports_make(struct transition *t)
{
	for (unsigned port = 1; port < t->nr_ports; port++)
		port_make_in_place(t, &t->ports[port]);
	for (unsigned port = 1; port < t->nr_ports; port++) {
		struct carried *c = &t->ports[port];

		if (c->held)
			hypercall_evtchn_close(c->held);
		else if (!c->now && c->s.status != EVTCHNSTAT_closed) /* its number is taken */
			port_make_again(t, c);
	}
}

/* --- as they were --- */

static void port_restore(evtchn_port_t port, const struct carried *c)
{
	const struct channel *ch = c->ch;

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
		const struct carried *c = &t->ports[port];

		if (c->s.status != EVTCHNSTAT_closed)
			port_restore(c->now, c);
		else if (!t->resumed)
			evtchn_abi->clear(port);
	}
}
