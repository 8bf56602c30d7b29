// SPDX-License-Identifier: MIT
/* What selftest/exits.c and selftest/burst.c do, in Linux: equal steps of events that a vCPU sends to
 * itself, between two marks. A loopback channel, because Linux keeps its IPI channels to itself: for
 * the receiver it is the same.
 *
 *   insmod peer.ko what=event|burst|null steps=N ports=N pending=N
 *
 * event: one port, one event at a time. burst: of so many bound ports so many are sent with interrupts
 * off, and come in one upcall. */
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>

#include <xen/events.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/version.h>
#include <xen/interface/xen.h>

#include <asm/xen/hypercall.h>

#define OP_XENTRACE 11 /* HVMOP_xentrace, which Linux's headers leave out */
#define MARK_EVENT  0xda1
#define MARK_MAX    28

static char *what = "event";
static unsigned int steps = 1000, ports = 1, pending = 1;
module_param(what, charp, 0);
module_param(steps, uint, 0);
module_param(ports, uint, 0);
module_param(pending, uint, 0);

struct peer_trace { /* struct xen_hvm_xentrace */
	u16 event, bytes;
	u8 text[MARK_MAX];
};

struct channel {
	evtchn_port_t here, sender; /* an event on `sender` arrives at `here` */
	int irq;
};

static struct channel *channels;
static unsigned int runs;

/* For xenbox --exits, and for the counter in the emulator (tests/bench/count.c), which knows it by its
 * displacement: the section lies between the two instructions. */
static int mark(char sign, const char *name)
{
	struct peer_trace t = {.event = MARK_EVENT};
	int err;

	t.bytes = scnprintf(t.text, sizeof(t.text), sign == '+' ? "%c%s %u" : "%c%s", sign, name,
			    steps);
	if (sign == '-')
		asm volatile("nopl 0x5ed1a102(%%rax)" : : : "memory");
	err = HYPERVISOR_hvm_op(OP_XENTRACE, &t);
	if (err)
		pr_err("peer: Xen takes no mark: error %d\n", err);
	if (sign == '+')
		asm volatile("nopl 0x5ed1a101(%%rax)" : : : "memory");
	return err;
}

static irqreturn_t note_run(int irq, void *ctx)
{
	runs++;
	return IRQ_HANDLED;
}

/* --- channels --- */

static int channel_open(struct channel *c)
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
	c->irq = bind_evtchn_to_irqhandler(c->here, note_run, 0, "peer", &runs);
	return c->irq < 0 ? c->irq : 0;
}

static int channels_open(void)
{
	unsigned int i;
	int err = 0;

	channels = vzalloc(array_size(ports, sizeof(*channels)));
	if (!channels)
		return -ENOMEM;
	for (i = 0; !err && i < ports; i++)
		err = channel_open(&channels[i]);
	return err;
}

static void channels_close(void)
{
	unsigned int i;

	for (i = 0; channels && i < ports; i++) {
		struct evtchn_close close = {.port = channels[i].sender};

		if (channels[i].irq > 0)
			unbind_from_irqhandler(channels[i].irq, &runs);
		if (close.port)
			HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);
	}
	vfree(channels);
}

/* --- steps --- */

static void null_step(void)
{
	HYPERVISOR_xen_version(XENVER_version, NULL);
	runs++;
}

static void event_step(void)
{
	unsigned int before = runs;

	notify_remote_via_evtchn(channels[0].sender);
	while (READ_ONCE(runs) == before)
		cpu_relax();
}

static void burst_step(void)
{
	unsigned int before = runs, i;

	local_irq_disable();
	for (i = 0; i < pending; i++)
		notify_remote_via_evtchn(channels[i].sender);
	local_irq_enable();
	while (READ_ONCE(runs) - before < pending)
		cpu_relax();
}

static int measure(void (*step)(void))
{
	unsigned int i;
	int err;

	step();
	err = mark('+', what);
	for (i = 0; i < steps; i++)
		step();
	return err ? err : mark('-', what);
}

static int __init peer_init(void)
{
	int err = strcmp(what, "null") ? channels_open() : 0;

	if (err)
		pr_err("peer: %u channels: error %d\n", ports, err);
	else
		err = measure(!strcmp(what, "null")    ? null_step
			      : !strcmp(what, "burst") ? burst_step
						       : event_step);
	channels_close();
	if (!err)
		pr_info("peer: %s: %u runs\n", what, runs);
	return err;
}

static void __exit peer_exit(void)
{
}

module_init(peer_init);
module_exit(peer_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("equal steps of event channels, to be counted");
