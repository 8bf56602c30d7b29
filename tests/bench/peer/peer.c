// SPDX-License-Identifier: MIT
/* What selftest/exits.c does, in Linux: equal steps of events that a vCPU sends to itself, between two
 * marks. A loopback channel, because Linux keeps its IPI channels to itself: for the receiver it is the
 * same.
 *
 *   insmod peer.ko steps=N */
#include <linux/interrupt.h>
#include <linux/module.h>

#include <xen/events.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/xen.h>

#include <asm/xen/hypercall.h>

#define OP_XENTRACE 11 /* HVMOP_xentrace, which Linux's headers leave out */
#define MARK_EVENT  0xda1
#define MARK_MAX    28

static unsigned int steps = 1000;
module_param(steps, uint, 0);

struct peer_trace { /* struct xen_hvm_xentrace */
	u16 event, bytes;
	u8 text[MARK_MAX];
};

struct channel {
	evtchn_port_t here, sender; /* an event on `sender` arrives at `here` */
	int irq;
};

static struct channel channel;
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

static void channel_close(struct channel *c)
{
	struct evtchn_close close = {.port = c->sender};

	if (c->irq > 0)
		unbind_from_irqhandler(c->irq, &runs);
	if (close.port && HYPERVISOR_event_channel_op(EVTCHNOP_close, &close))
		pr_warn("peer: port %u does not close\n", close.port);
}

static void step(void)
{
	unsigned int before = runs;

	notify_remote_via_evtchn(channel.sender);
	while (READ_ONCE(runs) == before)
		cpu_relax();
}

static int measure(void)
{
	unsigned int i;
	int err;

	step();
	err = mark('+', "event");
	for (i = 0; i < steps; i++)
		step();
	return err ? err : mark('-', "event");
}

static int __init peer_init(void)
{
	int err = channel_open(&channel);

	if (err)
		pr_err("peer: no channel: error %d\n", err);
	else
		err = measure();
	channel_close(&channel);
	if (!err)
		pr_info("peer: %u runs\n", runs);
	return err;
}

static void __exit peer_exit(void)
{
}

module_init(peer_init);
module_exit(peer_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("equal steps of event channels, to be counted");
