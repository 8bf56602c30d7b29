/* SPDX-License-Identifier: MIT */
/* The table of channels, by port, and what a port needs to be in it. */
#include "drivers/xen/evtchn_channel.h"

#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/memory.h"
#include "lib/errno.h"
#include "lib/string.h"

#define PORTS_PER_PAGE (PAGE_SIZE / sizeof(struct channel *))

struct channel **evtchn_channels;
unsigned evtchn_nr_channels;

int evtchn_to_irq(evtchn_port_t port)
{
	const struct channel *ch = channel_get(port);

	if (!ch)
		return -ENOENT;
	return ch->irq ? (int)ch->irq->number : upcall_irq();
}

/* The scan may come in between at any moment, so it sees the old table or the whole new one. */
int channels_grow(evtchn_port_t port)
{
	unsigned pages = evtchn_nr_channels / PORTS_PER_PAGE, wanted = pages ? pages : 1;
	struct channel **old = evtchn_channels, **larger;

	if (port < evtchn_nr_channels)
		return 0;
	while (port >= wanted * PORTS_PER_PAGE)
		wanted *= 2;
	larger = pages_alloc(wanted);
	if (!larger)
		return -ENOMEM;
	if (old)
		memcpy(larger, old, pages * PAGE_SIZE);
	/* The table before its length: a scan that sees the new length sees the new table. */
	__atomic_store_n(&evtchn_channels, larger, __ATOMIC_RELEASE);
	__atomic_store_n(&evtchn_nr_channels, wanted * PORTS_PER_PAGE, __ATOMIC_RELEASE);
	cpu_barrier();
	if (old)
		pages_free(old, pages);
	return 0;
}

unsigned evtchn_cpu_of_vcpu(uint32_t vcpu)
{
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		if (xen_vcpu_id(cpu) == vcpu)
			return cpu;
	}
	return 0;
}

int channel_prepare(evtchn_port_t port, struct evtchn_status *status)
{
	int err = evtchn_abi ? evtchn_status(DOMID_SELF, port, status) : -ENODEV;

	if (!err && status->status == EVTCHNSTAT_closed)
		err = -EINVAL;
	if (!err)
		err = evtchn_abi->setup(port);
	if (!err)
		err = channels_grow(port);
	if (!err)
		evtchn_abi->bind_cpu(port, evtchn_cpu_of_vcpu(status->vcpu));
	return err;
}

int channel_link(struct channel *ch)
{
	struct evtchn_status status;
	int err = channel_prepare(ch->port, &status);

	if (!err)
		evtchn_channels[ch->port] = ch;
	return err;
}

void channel_unlink(struct channel *ch)
{
	evtchn_abi->mask(ch->port);
	evtchn_channels[ch->port] = NULL;
	channel_barrier(ch);
}
