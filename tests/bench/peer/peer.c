// SPDX-License-Identifier: MIT
/* What selftest/exits.c does, in Linux: equal steps of events that a vCPU sends to itself, between two
 * marks. Loopback channels, because Linux keeps its IPI channels to itself: for the receiver it is the
 * same.
 *
 *   insmod peer.ko steps=N            one channel
 *   insmod peer.ko steps=N crowd=M    one of M channels, then all of them by one upcall */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <xen/interface/hvm/hvm_op.h>
#include <xen/interface/xen.h>

#include <asm/xen/hypercall.h>

#include "channel.h"
#include "lib/count_mark.h"

#define OP_XENTRACE 11 /* HVMOP_xentrace, which Linux's headers leave out */
#define MARK_EVENT  0xda1
#define MARK_MAX    28

static unsigned int steps = 1000, crowd;
module_param(steps, uint, 0);
module_param(crowd, uint, 0);

struct peer_trace { /* struct xen_hvm_xentrace */
	u16 event, bytes;
	u8 text[MARK_MAX];
};

static struct channel *channels;
static unsigned int bound; /* of channels */
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

static void one_step(void)
{
	unsigned int before = runs;

	notify_remote_via_evtchn(channels[bound - 1].sender);
	while (READ_ONCE(runs) == before)
		cpu_relax();
}

static void burst_step(void)
{
	unsigned int i, want = runs + bound;

	local_irq_disable();
	for (i = 0; i < bound; i++)
		notify_remote_via_evtchn(channels[i].sender);
	local_irq_enable();
	while (READ_ONCE(runs) != want)
		cpu_relax();
}

static int measure(const char *name, void (*step)(void))
{
	unsigned int i;
	int err;

	step();
	err = mark('+', name);
	for (i = 0; i < steps; i++)
		step();
	return err ? err : mark('-', name);
}

static int measure_crowd(void)
{
	char one[MARK_MAX], all[MARK_MAX];
	int err;

	scnprintf(one, sizeof(one), "one-of-%u", crowd);
	scnprintf(all, sizeof(all), "all-of-%u", crowd);
	err = measure(one, one_step);
	return err ? err : measure(all, burst_step);
}

static int channels_open(unsigned int wanted)
{
	int err = 0;

	channels = kvcalloc(wanted, sizeof(*channels), GFP_KERNEL);
	if (!channels)
		return -ENOMEM;
	while (bound < wanted && !err)
		err = channel_open(&channels[bound++], note_run, &runs);
	return err;
}

static void channels_close(void)
{
	while (bound)
		channel_close(&channels[--bound], &runs);
	kvfree(channels);
}

static int __init peer_init(void)
{
	int err = channels_open(crowd ? crowd : 1);

	if (err)
		pr_err("peer: no channel: error %d\n", err);
	else
		err = crowd ? measure_crowd() : measure("event", one_step);
	channels_close();
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
