// SPDX-License-Identifier: MIT
/* What selftest/exits.c does, in Linux: equal steps of events that a vCPU sends to itself, between two
 * marks. A loopback channel, because Linux keeps its IPI channels to itself: for the receiver it is the
 * same.
 *
 *   insmod peer.ko steps=N */
#include <linux/interrupt.h>
#include <linux/module.h>

#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/xen.h>

#include <asm/xen/hypercall.h>

#include "channel.h"
#include "lib/count_mark.h"

#define OP_XENTRACE 11 /* HVMOP_xentrace, which Linux's headers leave out */
#define MARK_EVENT  0xda1
#define MARK_MAX    28

static unsigned int steps = 1000;
module_param(steps, uint, 0);

struct peer_trace { /* struct xen_hvm_xentrace */
	u16 event, bytes;
	u8 text[MARK_MAX];
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
		COUNT_MARK(COUNT_END);
	err = HYPERVISOR_hvm_op(OP_XENTRACE, &t);
	if (err)
		pr_err("peer: Xen takes no mark: error %d\n", err);
	if (sign == '+')
		COUNT_MARK(COUNT_BEGIN);
	return err;
}

static irqreturn_t note_run(int irq, void *ctx)
{
	runs++;
	return IRQ_HANDLED;
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
	int err = channel_open(&channel, note_run, &runs);

	if (err)
		pr_err("peer: no channel: error %d\n", err);
	else
		err = measure();
	channel_close(&channel, &runs);
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
