/* SPDX-License-Identifier: MIT */
/* From one ABI to the other while running.
 *
 * To FIFO: Xen switches at the first EVTCHNOP_init_control and takes over what is pending in
 * the 2-level words (setup_ports() in xen/common/event_fifo.c). Back: only EVTCHNOP_reset does
 * it, and it closes every port, the toolstack's as well. Xen hands out the lowest free port, so
 * made again from the lowest up, each gets the number it had; where none was, one is held
 * meanwhile. The other end of another domain's channel waits, unbound, for just this.
 *
 * All vCPUs are quiet: no scan is under way, none of the domain's own events falls in between.
 * Another domain's may, so its channels are marked pending, as Xen does when it binds one. */
#include <stddef.h>

#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/string.h"

/* A port on its way over. */
struct carried {
	struct evtchn_status s; /* EVTCHNSTAT_closed: nobody's */
	bool masked, pending;
	bool held; /* nobody's, taken so that the next one gets its number */
};

struct transition {
	const struct evtchn_abi *to;
	struct carried *ports;
	unsigned room;     /* that Xen has made for ports */
	unsigned nr_ports; /* one past the last port that is somebody's */
	unsigned pages;
	int err;
};

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
static int ports_alloc(struct transition *t)
{
	struct carried c;

	t->room = 1;
	while (t->room < evtchn_abi->max_ports && port_read(t->room, &c))
		t->room++;
	t->pages = (t->room * sizeof(c) + PAGE_SIZE - 1) / PAGE_SIZE;
	t->ports = pages_alloc(t->pages);
	return t->ports ? 0 : -ENOMEM;
}

static int ports_read(struct transition *t)
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

static int abi_init(const struct evtchn_abi *abi)
{
	int err = abi->init();

	for (unsigned cpu = 0; !err && cpu < nr_cpus; cpu++)
		err = abi->init_cpu(cpu);
	return err;
}

/* --- to 2-level --- */

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

static void ports_make(struct transition *t)
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

/* What was in the 2-level words when they were last used must not be seen again. */
static int switch_to_2l(struct transition *t)
{
	struct evtchn_reset op = {.dom = DOMID_SELF};
	int err;

	memset(xen_shared_info->evtchn_mask, 0xff, sizeof(xen_shared_info->evtchn_mask));
	memset(xen_shared_info->evtchn_pending, 0, sizeof(xen_shared_info->evtchn_pending));
	err = hypercall_event_channel_op(EVTCHNOP_reset, &op);
	if (!err)
		err = abi_init(t->to);
	if (!err)
		ports_make(t);
	return err;
}

/* --- to FIFO --- */

/* Xen has switched, this side cannot follow: back, or nothing would be delivered any more. */
static int switch_undo(struct transition *t, int why)
{
	int err;

	t->to = &evtchn_abi_2l;
	err = switch_to_2l(t);
	t->err = why;
	return err;
}

/* Room for every port at once: a port that was pending at an earlier switch is so for ever in
 * Xen's own book (setup_ports() sets evtchn->pending, nothing clears it), closed or not, and is
 * set pending again when its page arrives. switch_quiet() clears what nobody owns. */
static int switch_to_fifo(struct transition *t)
{
	int err = t->to->init();

	if (!err)
		err = t->to->init_cpu(0);
	if (err)
		return err; /* Xen has not switched */
	for (unsigned cpu = 1; !err && cpu < nr_cpus; cpu++)
		err = t->to->init_cpu(cpu);
	for (unsigned port = 0; !err && port < t->room; port++)
		err = t->to->setup(port);
	return err ? switch_undo(t, err) : 0;
}

/* --- both --- */

/* Xen sets upcall_pending, and notifies, only when it is clear. */
static void upcalls_forget(void)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		struct vcpu_info *vi = xen_vcpu_info(cpu);

		vi->evtchn_pending_sel = 0;
		vi->evtchn_upcall_pending = 0;
	}
}

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

static void switch_quiet(void *ctx)
{
	struct transition *t = ctx;
	int err = ports_read(t);

	if (!err)
		err = t->to == &evtchn_abi_fifo ? switch_to_fifo(t) : switch_to_2l(t);
	if (err) {
		t->err = err;
		return;
	}
	upcalls_forget();
	evtchn_abi = t->to;
	for (unsigned port = 1; port < t->room && port < evtchn_abi->max_ports; port++) {
		if (t->ports[port].s.status != EVTCHNSTAT_closed)
			port_restore(port, &t->ports[port]);
		else
			evtchn_abi->clear(port);
	}
}

int evtchn_switch_abi(enum evtchn_abi_choice abi)
{
	struct transition t = {
		.to = abi == EVTCHN_ABI_FIFO ? &evtchn_abi_fifo : &evtchn_abi_2l,
	};

	if ((abi != EVTCHN_ABI_FIFO && abi != EVTCHN_ABI_2L) || this_cpu()->id)
		return -EINVAL;
	if (!evtchn_abi)
		return -ENODEV;
	if (t.to == evtchn_abi)
		return 0;
	t.err = ports_alloc(&t);
	if (!t.err)
		t.err = t.to->prepare(t.room);
	if (!t.err && cpu_call_alone(switch_quiet, &t))
		t.err = -EOPNOTSUPP;
	if (t.ports)
		pages_free(t.ports, t.pages);
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		cpu_call(cpu, evtchn_scan_here, NULL);
	return t.err;
}
