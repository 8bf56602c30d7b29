/* SPDX-License-Identifier: MIT */
#include "tests/host/fake_ports.h"

#include "lib/errno.h"
#include "tests/host/test.h"

struct evtchn_status fake_ports[FAKE_PORTS];
unsigned fake_ports_limit;

static int port_new(unsigned status)
{
	for (unsigned port = 1; port < fake_ports_limit; port++)
		if (fake_ports[port].status == EVTCHNSTAT_closed) {
			fake_ports[port] = (struct evtchn_status){.status = status};
			return port;
		}
	return -ENOSPC;
}

static long fake_unbound(struct evtchn_alloc_unbound *op)
{
	int port = port_new(EVTCHNSTAT_unbound);

	if (port < 0)
		return port;
	fake_ports[port].u.unbound.dom = op->remote_dom;
	op->port = port;
	return 0;
}

static long fake_interdomain(struct evtchn_bind_interdomain *op)
{
	struct evtchn_status *peer = &fake_ports[op->remote_port];
	bool ours = op->remote_dom == DOMID_SELF;
	int port;

	if (ours && (peer->status != EVTCHNSTAT_unbound || peer->u.unbound.dom != DOMID_SELF))
		return -EINVAL;
	if (op->remote_dom == FAKE_DOM_GONE)
		return -ESRCH;
	port = port_new(EVTCHNSTAT_interdomain);
	if (port < 0)
		return port;
	fake_ports[port].u.interdomain.dom = op->remote_dom;
	fake_ports[port].u.interdomain.port = op->remote_port;
	if (ours) {
		peer->status = EVTCHNSTAT_interdomain;
		peer->u.interdomain.dom = DOMID_SELF;
		peer->u.interdomain.port = port;
	}
	op->local_port = port;
	return 0;
}

static long fake_virq(struct evtchn_bind_virq *op)
{
	int port = op->virq == FAKE_VIRQ_GLOBAL && op->vcpu ? -EINVAL : port_new(EVTCHNSTAT_virq);

	if (port < 0)
		return port;
	fake_ports[port].vcpu = op->vcpu;
	fake_ports[port].u.virq = op->virq;
	op->port = port;
	return 0;
}

static long fake_ipi(struct evtchn_bind_ipi *op)
{
	int port = port_new(EVTCHNSTAT_ipi);

	if (port < 0)
		return port;
	fake_ports[port].vcpu = op->vcpu;
	op->port = port;
	return 0;
}

static long fake_bind_vcpu(const struct evtchn_bind_vcpu *op)
{
	struct evtchn_status *s = &fake_ports[op->port];

	if (s->status == EVTCHNSTAT_closed || s->status == EVTCHNSTAT_ipi ||
	    (s->status == EVTCHNSTAT_virq && s->u.virq != FAKE_VIRQ_GLOBAL))
		return -EINVAL;
	s->vcpu = op->vcpu;
	return 0;
}

static long fake_close(const struct evtchn_close *op)
{
	struct evtchn_status *s = &fake_ports[op->port], *peer;

	assert_int_not_equal(s->status, EVTCHNSTAT_closed);
	if (s->status == EVTCHNSTAT_interdomain && s->u.interdomain.dom == DOMID_SELF) {
		peer = &fake_ports[s->u.interdomain.port];
		peer->status = EVTCHNSTAT_unbound; /* on its vCPU still */
		peer->u.unbound.dom = DOMID_SELF;
	}
	s->status = EVTCHNSTAT_closed;
	return 0;
}

long fake_ports_op(unsigned cmd, void *arg)
{
	switch (cmd) {
	case EVTCHNOP_alloc_unbound:
		return fake_unbound(arg);
	case EVTCHNOP_bind_interdomain:
		return fake_interdomain(arg);
	case EVTCHNOP_bind_virq:
		return fake_virq(arg);
	case EVTCHNOP_bind_ipi:
		return fake_ipi(arg);
	case EVTCHNOP_bind_vcpu:
		return fake_bind_vcpu(arg);
	case EVTCHNOP_close:
		return fake_close(arg);
	}
	fail();
	return 0;
}
