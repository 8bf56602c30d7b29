/* SPDX-License-Identifier: MIT */
#include "drivers/xen/evtchn_resume.h"

#include "drivers/xen/evtchn_carry.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/upcall.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"

/* Numbers that the toolstack may have taken for itself: for ends of the store, consoles and,
 * one for each vCPU, of device models. */
#define SLACK (NR_CPUS_MAX + 64u)

extern void (*const __start_set_renumbered[])(void), (*const __stop_set_renumbered[])(void);

static struct transition t;

int evtchn_suspend_prepare(void)
{
	unsigned ports;
	int err;

	t = (struct transition){.to = evtchn_abi, .resumed = true};
	err = ports_alloc(&t);
	ports = t.room + SLACK < t.to->max_ports ? t.room + SLACK : t.to->max_ports;
	if (!err)
		err = channels_grow(ports - 1);
	if (!err && t.to->prepare)
		err = t.to->prepare(ports);
	return err;
}

void evtchn_suspend_abandon(void)
{
	if (t.ports)
		pages_free(t.ports, t.pages);
	t.ports = NULL;
}

int evtchn_suspend(void)
{
	return ports_read(&t);
}

int evtchn_resume_abi(void)
{
	int err = evtchn_begin_abi(t.to);

	if (!err || t.to == &evtchn_abi_2l)
		return err;
	printk_warn("evtchn: no %s any more (error %d)\n", t.to->name, err);
	t.to = evtchn_abi = &evtchn_abi_2l;
	upcall_gate_open();
	return evtchn_begin_abi(t.to);
}

void evtchn_resume_as(evtchn_port_t port, evtchn_port_t now)
{
	if (port < t.nr_ports)
		t.ports[port].now = now;
}

evtchn_port_t evtchn_renumbered(evtchn_port_t port)
{
	return port < t.nr_ports ? t.ports[port].now : 0;
}

/* What is left without a port keeps its irq; nothing comes in. */
static void channel_take_port(const struct carried *c)
{
	struct channel *ch = c->ch;

	ch->port = c->now;
	if (ch->irq)
		ch->irq->hw = c->now;
	if (c->now)
		channel_put(c->now, ch);
}

/* A gap in its event words, or in the table, would be as bad as a port that Xen refuses. */
static int port_set_up(struct carried *c)
{
	int err = evtchn_abi->setup(c->now);

	if (!err)
		err = channels_grow(c->now);
	if (!err)
		return 0;
	printk_warn("evtchn: port %u is beyond what can be served (%d)\n", c->now, err);
	c->s.status = EVTCHNSTAT_closed;
	c->now = 0;
	return -EIO;
}

static void channels_take_ports(void)
{
	for (unsigned port = 1; port < evtchn_nr_channels; port++)
		channel_put(port, NULL);
	for (unsigned port = 1; port < t.nr_ports; port++)
		if (t.ports[port].ch)
			channel_take_port(&t.ports[port]);
}

int evtchn_resume(void)
{
	unsigned others = 0;

	ports_make(&t);
	for (unsigned port = 1; port < t.nr_ports; port++) {
		struct carried *c = &t.ports[port];

		if (c->s.status != EVTCHNSTAT_closed && port_set_up(c))
			t.err = -EIO;
		others += c->s.status != EVTCHNSTAT_closed && c->now != port;
	}
	channels_take_ports();
	for (unsigned i = 0; __start_set_renumbered + i < __stop_set_renumbered; i++)
		__start_set_renumbered[i]();
	ports_restore(&t);
	return t.err ? t.err : (int)others;
}
