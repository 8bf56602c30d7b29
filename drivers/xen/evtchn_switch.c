/* SPDX-License-Identifier: MIT */
/* From one ABI to the other while running.
 *
 * To FIFO: Xen switches at the first EVTCHNOP_init_control and takes over what is pending in
 * the 2-level words (setup_ports() in xen/common/event_fifo.c). Back: only EVTCHNOP_reset does
 * it, and it closes every port, the toolstack's as well: they are made again (evtchn_make.c).
 *
 * All vCPUs are quiet: no scan is under way, none of the domain's own events falls in between.
 */
#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_carry.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "kernel/shell.h"
#include "lib/errno.h"
#include "lib/string.h"

int evtchn_begin_abi(const struct evtchn_abi *abi)
{
	int err = abi->init();

	for (unsigned cpu = 0; !err && cpu < nr_cpus; cpu++)
		err = abi->init_cpu(cpu);
	return err;
}

/* --- to 2-level --- */

/* What was in the 2-level words when they were last used must not be seen again. */
static int switch_to_2l(struct transition *t)
{
	struct evtchn_reset op = {.dom = DOMID_SELF};
	int err;

	memset(xen_shared_info->evtchn_mask, 0xff, sizeof(xen_shared_info->evtchn_mask));
	memset(xen_shared_info->evtchn_pending, 0, sizeof(xen_shared_info->evtchn_pending));
	err = hypercall_event_channel_op(EVTCHNOP_reset, &op);
	if (!err)
		err = evtchn_begin_abi(t->to);
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
 * set pending again when its page arrives. ports_restore() clears what nobody owns. */
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
	if (err)
		return switch_undo(t, err);
	for (unsigned port = 1; port < t->room; port++)
		t->ports[port].now = port;
	return 0;
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

/* -ENODEV: it cannot be told whose the channels are; -EBUSY: a PIRQ, which does not survive a
 * reset; -ENOSPC: a port too high for the other ABI. */
static int switch_check(const struct transition *t)
{
	if (t->to == &evtchn_abi_2l && xen_domid() == XEN_DOMID_UNKNOWN)
		return -ENODEV;
	for (unsigned port = 1; port < t->nr_ports; port++)
		if (t->to == &evtchn_abi_2l && t->ports[port].s.status == EVTCHNSTAT_pirq)
			return -EBUSY;
	return t->nr_ports > t->to->max_ports ? -ENOSPC : 0;
}

static void switch_quiet(void *ctx)
{
	struct transition *t = ctx;
	int err = ports_read(t);

	if (!err)
		err = switch_check(t);
	if (!err)
		err = t->to == &evtchn_abi_fifo ? switch_to_fifo(t) : switch_to_2l(t);
	if (err) {
		t->err = err;
		return;
	}
	upcalls_forget();
	evtchn_abi = t->to;
	upcall_gate_open();
	ports_restore(t);
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
	if (!t.err && t.to->prepare)
		t.err = t.to->prepare(t.room);
	if (!t.err && cpu_call_alone(switch_quiet, &t))
		t.err = -EOPNOTSUPP;
	if (t.ports)
		pages_free(t.ports, t.pages);
	cpu_call_all(evtchn_scan_here, NULL);
	return t.err;
}

SHELL_COMMAND(abi, "[2l|fifo]", "the channel ABI; switches it")
{
	bool fifo = count == 2 && !strcmp(words[1], "fifo");
	int err = 0;

	if (count > 2 || (count == 2 && !fifo && strcmp(words[1], "2l")))
		return -EINVAL;
	if (count == 2)
		err = evtchn_switch_abi(fifo ? EVTCHN_ABI_FIFO : EVTCHN_ABI_2L);
	if (err == -EBUSY)
		printk("abi: PIRQs are bound\n");
	else if (err)
		printk("abi: error %d\n", err);
	printk("abi: %s\n", evtchn_abi_name());
	return 0;
}
