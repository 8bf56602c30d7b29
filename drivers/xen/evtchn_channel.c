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

unsigned evtchn_nr_channels;
static unsigned nr_irqs; /* places of evtchn_irqs that are there */

int evtchn_to_irq(evtchn_port_t port)
{
	const struct channel *ch = channel_get(port);

	if (!ch)
		return -ENOENT;
	return ch->irq ? (int)ch->irq->number : upcall_irq();
}

/* --- the tables --- */

void channel_put(evtchn_port_t port, struct channel *ch)
{
	struct irq *irq = &evtchn_stray_irq;

	if (ch && ch->irq)
		irq = ch->irq->vector ? &evtchn_redelivery_irq : ch->irq;
	if (ch)
		evtchn_channels[port] = ch;
	__atomic_store_n(&evtchn_irqs[port], irq, __ATOMIC_RELEASE);
	if (!ch)
		evtchn_channels[port] = NULL;
}

static int table_grow(void **table, unsigned *count, evtchn_port_t port, void *empty)
{
	while (port >= *count) {
		void **page = page_alloc_flat(&table[*count]);

		if (!page)
			return -ENOMEM;
		for (unsigned i = 0; i < PORTS_PER_PAGE; i++)
			page[i] = empty;
		/* The places before their number: who sees it sees them. */
		__atomic_store_n(count, *count + PORTS_PER_PAGE, __ATOMIC_RELEASE);
	}
	return 0;
}

int channels_grow(evtchn_port_t port)
{
	int err = table_grow((void **)evtchn_irqs, &nr_irqs, port, &evtchn_stray_irq);

	return err ? err : table_grow((void **)evtchn_channels, &evtchn_nr_channels, port, NULL);
}

/* A 2-level scan takes any bit that it finds. */
int channels_init(void)
{
	evtchn_stray_irq.number = evtchn_redelivery_irq.number = IRQ_NOBODY;
	return table_grow((void **)evtchn_irqs, &nr_irqs, EVTCHN_2L_PORTS - 1, &evtchn_stray_irq);
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
		channel_put(ch->port, ch);
	return err;
}

void channel_unlink(struct channel *ch)
{
	evtchn_abi->mask(ch->port);
	channel_put(ch->port, NULL);
	channel_barrier(ch);
}
