/* SPDX-License-Identifier: MIT */
/* Xen hands out the lowest free port, so ports that are made again from the lowest up get the
 * numbers they had; where none was, one is held meanwhile. What each is going to get is known
 * beforehand, so many are asked for together. The toolstack and Xen itself may have taken some
 * before: then others, and from there on one by one. The other end of another domain's channel
 * waits, unbound, for just this, unless it was the end of a domain that is no more. */
#include "drivers/xen/evtchn.h"
#include "drivers/xen/evtchn_batch.h"
#include "drivers/xen/evtchn_carry.h"
#include "kernel/printk.h"
#include "lib/errno.h"

#define NO_PIRQ UINT32_MAX

/* --- what makes a port again --- */

/* Nobody's number, or one whose owner has got another: it is held for the sake of those behind it. */
static bool port_is_gap(const struct carried *c)
{
	return c->now || c->s.status == EVTCHNSTAT_closed;
}

static void op_unbound(struct evtchn_op *op, domid_t remote)
{
	op->cmd = EVTCHNOP_alloc_unbound;
	op->u.alloc_unbound.dom = DOMID_SELF;
	op->u.alloc_unbound.remote_dom = remote;
}

/* Between two ports of this domain the first one waits for the second. */
static void op_peer(struct evtchn_op *op, const struct transition *t, const struct carried *c)
{
	domid_t dom = c->remote ? c->s.u.interdomain.dom : DOMID_SELF;
	evtchn_port_t peer = c->s.u.interdomain.port;

	if (!c->remote)
		peer = peer < t->nr_ports ? t->ports[peer].now : 0;
	else if (t->resumed)
		peer = 0;
	if (!peer) {
		op_unbound(op, dom);
		return;
	}
	op->cmd = EVTCHNOP_bind_interdomain;
	op->u.bind_interdomain.remote_dom = dom;
	op->u.bind_interdomain.remote_port = peer;
}

static void op_make(struct evtchn_op *op, const struct transition *t, const struct carried *c)
{
	*op = (struct evtchn_op){0};
	switch (port_is_gap(c) ? EVTCHNSTAT_closed : c->s.status) {
	case EVTCHNSTAT_unbound:
		op_unbound(op, c->remote ? c->s.u.unbound.dom : DOMID_SELF);
		break;
	case EVTCHNSTAT_interdomain:
		op_peer(op, t, c);
		break;
	case EVTCHNSTAT_virq:
		op->cmd = EVTCHNOP_bind_virq;
		op->u.bind_virq.virq = c->s.u.virq;
		op->u.bind_virq.vcpu = c->s.vcpu;
		break;
	case EVTCHNSTAT_ipi:
		op->cmd = EVTCHNOP_bind_ipi;
		op->u.bind_ipi.vcpu = c->s.vcpu;
		break;
	case EVTCHNSTAT_pirq: /* a reset undoes its mapping as well: Xen refuses NO_PIRQ */
		op->cmd = EVTCHNOP_bind_pirq;
		op->u.bind_pirq.pirq = t->resumed ? c->s.u.pirq : NO_PIRQ;
		break;
	default:
		op_unbound(op, DOMID_SELF);
	}
}

static evtchn_port_t op_port(const struct evtchn_op *op)
{
	switch (op->cmd) {
	case EVTCHNOP_bind_interdomain:
		return op->u.bind_interdomain.local_port;
	case EVTCHNOP_bind_virq:
		return op->u.bind_virq.port;
	case EVTCHNOP_bind_ipi:
		return op->u.bind_ipi.port;
	case EVTCHNOP_bind_pirq:
		return op->u.bind_pirq.port;
	default:
		return op->u.alloc_unbound.port;
	}
}

/* Those of a vCPU by nature are there already. */
static bool port_moves(const struct carried *c)
{
	return c->s.vcpu && c->s.status != EVTCHNSTAT_ipi;
}

/* --- one by one --- */

/* The port, or -errno. */
static int port_make(const struct transition *t, const struct carried *c)
{
	struct evtchn_op op;
	int err;

	op_make(&op, t, c);
	err = hypercall_event_channel_op(op.cmd, &op.u);

	if (err == -EINVAL && op.cmd == EVTCHNOP_bind_virq) { /* not per vCPU */
		op.u.bind_virq.vcpu = 0;
		err = hypercall_event_channel_op(op.cmd, &op.u);
	}
	if (err)
		return err;
	if (port_moves(c))
		hypercall_evtchn_bind_vcpu(op_port(&op), c->s.vcpu);
	return op_port(&op);
}

static void port_hold(struct carried *c)
{
	int held = evtchn_alloc_unbound(DOMID_SELF);

	if (held == (int)c->s.port)
		c->held = held;
	else if (held > 0)
		hypercall_evtchn_close(held);
}

/* A number that is taken by now is not asked for: what Xen gives instead, the lowest that is free,
 * is given back, and the port made again when all others have theirs. So is one that Xen refuses:
 * perhaps what is held is all that is left. */
static void port_make_in_place(const struct transition *t, struct carried *c)
{
	int got;

	if (port_is_gap(c)) {
		port_hold(c);
		return;
	}
	got = port_make(t, c);
	if (got == (int)c->s.port)
		c->now = got;
	else if (got > 0)
		hypercall_evtchn_close(got);
	else
		port_hold(c);
}

static void port_make_anywhere(struct transition *t, struct carried *c)
{
	int got = port_make(t, c);

	if (got > 0) {
		c->now = got;
		return;
	}
	printk_warn("evtchn: port %u cannot be made again (%d)\n", c->s.port, got);
	t->err = -EIO;
	c->s.status = EVTCHNSTAT_closed;
}

/* --- together --- */

static struct evtchn_batch batch; /* the boot CPU's, while all others are quiet */

static int batch_port(unsigned i)
{
	int err = evtchn_batch_error(&batch, i);

	return err ? err : (int)op_port(&batch.ops[i]);
}

/* Each of [first, end), which takes it for granted that those before it get their numbers. */
static void ports_ask(struct transition *t, unsigned first, unsigned end)
{
	batch.count = 0;
	for (unsigned port = first; port < end; port++) {
		struct carried *c = &t->ports[port];

		op_make(evtchn_batch_add(&batch), t, c);
		*(port_is_gap(c) ? &c->held : &c->now) = port;
	}
	evtchn_batch_run(&batch);
}

static void port_give_back(struct carried *c, int got)
{
	if (got > 0)
		hypercall_evtchn_close(got);
	if (c->now == c->s.port)
		c->now = 0;
	c->held = 0;
}

/* To their vCPUs: those that are there. */
static void ports_move(const struct transition *t, unsigned first, unsigned end)
{
	batch.count = 0;
	for (unsigned port = first; port < end; port++)
		if (t->ports[port].now == port && port_moves(&t->ports[port]))
			*evtchn_batch_add(&batch) = (struct evtchn_op){
			    EVTCHNOP_bind_vcpu, .u.bind_vcpu = {port, t->ports[port].s.vcpu}};
	evtchn_batch_run(&batch);
}

/* The first of [first, end) that did not get its number; end: all did. What those behind it got is
 * given back: it was asked for on a false assumption. */
static unsigned ports_make_together(struct transition *t, unsigned first, unsigned end)
{
	unsigned port = first;

	ports_ask(t, first, end);
	while (port < end && batch_port(port - first) == (int)port)
		port++;
	for (unsigned i = port; i < end; i++)
		port_give_back(&t->ports[i], batch_port(i - first));
	ports_move(t, first, port);
	return port;
}

static void ports_release(const struct transition *t)
{
	batch.count = 0;
	for (unsigned port = 1; port < t->nr_ports; port++)
		if (t->ports[port].held)
			*evtchn_batch_add(&batch) = (struct evtchn_op){
			    EVTCHNOP_close, .u.close = {t->ports[port].held}};
	evtchn_batch_run(&batch);
}

/* One past the last, from first on, that can be asked for together: none is there already, as the
 * toolstack's are. */
static unsigned batch_end(const struct transition *t, unsigned first)
{
	unsigned port = first;

	while (port < t->nr_ports && port - first < EVTCHN_BATCH && t->ports[port].now != port)
		port++;
	return port;
}

void ports_make(struct transition *t)
{
	unsigned port = 1;

	while (port < t->nr_ports) {
		unsigned end = batch_end(t, port);

		for (port = ports_make_together(t, port, end); port < end; port++)
			port_make_in_place(t, &t->ports[port]);
		while (port < t->nr_ports && t->ports[port].now == port)
			port++;
	}
	ports_release(t);
	for (unsigned port = 1; port < t->nr_ports; port++) {
		struct carried *c = &t->ports[port];

		if (!c->now && c->s.status != EVTCHNSTAT_closed) /* its number is taken */
			port_make_anywhere(t, c);
	}
}
