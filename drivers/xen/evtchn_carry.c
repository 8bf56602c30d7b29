/* SPDX-License-Identifier: MIT */
/* What ports there are, and what they were when they are there again. Another domain may send in
 * between, so its channels are marked pending, as Xen does when it binds one. */
#include "drivers/xen/evtchn_carry.h"

#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
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

/* What is nobody's first: one that was made again elsewhere may have such a number, and Xen marks an
 * end that it binds, whoever gives it back. */
void ports_restore(const struct transition *t)
{
	unsigned end = t->room < evtchn_abi->max_ports ? t->room : evtchn_abi->max_ports;

	for (unsigned port = 1; port < end; port++)
		if (t->ports[port].s.status == EVTCHNSTAT_closed)
			evtchn_abi->clear(port);
	for (unsigned port = 1; port < end; port++)
		if (t->ports[port].s.status != EVTCHNSTAT_closed)
			port_restore(t->ports[port].now, &t->ports[port]);
}
