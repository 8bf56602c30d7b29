/* SPDX-License-Identifier: MIT */
#include "drivers/xen/evtchn.h"

#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/errno.h"
#include "lib/fault.h"
#include "lib/printf.h"

int evtchn_alloc_unbound(domid_t remote)
{
	struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = remote};
	int err = hypercall_event_channel_op(EVTCHNOP_alloc_unbound, &op);

	return err ? err : (int)op.port;
}

int evtchn_bind_interdomain(domid_t remote, evtchn_port_t remote_port)
{
	struct evtchn_bind_interdomain op = {.remote_dom = remote, .remote_port = remote_port};
	int err = hypercall_event_channel_op(EVTCHNOP_bind_interdomain, &op);

	return err ? err : (int)op.local_port;
}

int evtchn_bind_virq(unsigned virq, unsigned vcpu)
{
	struct evtchn_bind_virq op = {.virq = virq, .vcpu = vcpu};
	int err = hypercall_event_channel_op(EVTCHNOP_bind_virq, &op);

	return err ? err : (int)op.port;
}

int evtchn_bind_ipi(unsigned vcpu)
{
	struct evtchn_bind_ipi op = {.vcpu = vcpu};
	int err = hypercall_event_channel_op(EVTCHNOP_bind_ipi, &op);

	return err ? err : (int)op.port;
}

int evtchn_bind_pirq(unsigned pirq, bool share)
{
	struct evtchn_bind_pirq op = {.pirq = pirq,
				      .flags = share ? BIND_PIRQ__WILL_SHARE : 0};
	int err = hypercall_event_channel_op(EVTCHNOP_bind_pirq, &op);

	return err ? err : (int)op.port;
}

static bool evtchn_port_exists(evtchn_port_t port)
{
	return evtchn_abi && port < evtchn_abi->max_ports;
}

int evtchn_close(evtchn_port_t port)
{
	if (evtchn_to_irq(port) >= 0 && !FAULT(stale_port))
		return -EBUSY;
	evtchn_mask(port);
	/* Xen clears the pending bit itself (evtchn_free() in xen/common/event_channel.c), so that
	 * the number's next owner sees no event of its former life. To clear it here as well, after
	 * the call, could wipe out that owner's first event (tests/models/reuse_fifo.pml). */
	if (evtchn_port_exists(port) && evtchn_abi->closing)
		evtchn_abi->closing(port);
	return hypercall_evtchn_close(port);
}

int evtchn_send(evtchn_port_t port)
{
	return hypercall_evtchn_send(port);
}

int evtchn_set_priority(evtchn_port_t port, unsigned priority)
{
	struct evtchn_set_priority op = {.port = port, .priority = priority};
	int err = hypercall_event_channel_op(EVTCHNOP_set_priority, &op);

	if (!err)
		evtchn_note_priority(port, priority);
	return err;
}

const char *evtchn_abi_name(void)
{
	return evtchn_abi ? evtchn_abi->name : "none";
}

int evtchn_status(domid_t domid, evtchn_port_t port, struct evtchn_status *status)
{
	*status = (struct evtchn_status){.dom = domid, .port = port};
	return hypercall_event_channel_op(EVTCHNOP_status, status);
}

void evtchn_mask(evtchn_port_t port)
{
	if (evtchn_port_exists(port))
		evtchn_abi->mask(port);
}

int evtchn_unmask(evtchn_port_t port)
{
	if (!evtchn_port_exists(port))
		return -EINVAL;
	evtchn_abi->unmask(port);
	return 0;
}

bool evtchn_is_masked(evtchn_port_t port)
{
	return !evtchn_port_exists(port) || evtchn_abi->is_masked(port);
}

bool evtchn_is_pending(evtchn_port_t port)
{
	return evtchn_port_exists(port) && evtchn_abi->is_pending(port);
}

bool evtchn_clear(evtchn_port_t port)
{
	return evtchn_port_exists(port) && evtchn_abi->clear(port);
}

/* --- the table --- */

#define STATUS_XENS (EVTCHNSTAT_ipi + 1) /* none of the ABI's */

static const char *const status_names[] = {
	[EVTCHNSTAT_closed] = "closed",
	[EVTCHNSTAT_unbound] = "unbound",
	[EVTCHNSTAT_interdomain] = "interdomain",
	[EVTCHNSTAT_pirq] = "pirq",
	[EVTCHNSTAT_virq] = "virq",
	[EVTCHNSTAT_ipi] = "ipi",
	[STATUS_XENS] = "xen",
};

static const char *evtchn_status_name(const struct evtchn_status *s)
{
	bool known = s->status < sizeof(status_names) / sizeof(status_names[0]);

	return known ? status_names[s->status] : "?";
}

static void evtchn_format_peer(const struct evtchn_status *s, char *buf, size_t size)
{
	switch (s->status) {
	case EVTCHNSTAT_unbound:
		fmt_snprintf(buf, size, "dom %u", s->u.unbound.dom);
		break;
	case EVTCHNSTAT_interdomain:
		fmt_snprintf(buf, size, "dom %u port %u", s->u.interdomain.dom,
			     s->u.interdomain.port);
		break;
	case EVTCHNSTAT_pirq:
		fmt_snprintf(buf, size, "pirq %u", s->u.pirq);
		break;
	case EVTCHNSTAT_virq:
		fmt_snprintf(buf, size, "virq %u", s->u.virq);
		break;
	default:
		fmt_snprintf(buf, size, "-");
		break;
	}
}

static void evtchn_dump_port(const struct evtchn_status *s)
{
	char peer[32], irq[12] = "-", priority[4] = "-";
	const struct channel *ch = channel_get(s->port);
	int number = evtchn_to_irq(s->port);

	evtchn_format_peer(s, peer, sizeof(peer));
	if (number >= 0)
		fmt_snprintf(irq, sizeof(irq), "%d", number);
	if (ch && evtchn_abi == &evtchn_abi_fifo)
		fmt_snprintf(priority, sizeof(priority), "%u", ch->priority);
	printk("%6u %-12s %-16s %4u %7s %6s %5s %8s\n", s->port, evtchn_status_name(s), peer,
	       s->vcpu, evtchn_is_pending(s->port) ? "yes" : "-",
	       evtchn_is_masked(s->port) ? "yes" : "-", irq, priority);
}

void evtchn_dump(void)
{
	struct evtchn_status s;

	if (!evtchn_abi)
		return;
	printk("%6s %-12s %-16s %4s %7s %6s %5s %8s (%s, %u stray)\n", "port", "kind", "peer",
	       "vcpu", "pending", "masked", "irq", "priority", evtchn_abi->name,
	       evtchn_stray());
	/* -EINVAL: the first port beyond those that Xen has made room for. Others belong to Xen
	 * itself (-EACCES), for a vCPU's device model: it says nothing of them, the bits do. */
	for (evtchn_port_t port = 1; port < evtchn_abi->max_ports; port++) {
		int err = evtchn_status(DOMID_SELF, port, &s);

		if (err == -EINVAL)
			break;
		if (err)
			s = (struct evtchn_status){.port = port, .status = STATUS_XENS};
		if (s.status != EVTCHNSTAT_closed)
			evtchn_dump_port(&s);
	}
}

void evtchn_dump_cpu(void)
{
	if (evtchn_abi)
		evtchn_abi->dump(this_cpu()->id);
}

SHELL_COMMAND(evtchn, "", "the event channels")
{
	evtchn_dump();
	if (!evtchn_abi)
		printk("evtchn: there is no Xen\n");
	return 0;
}
