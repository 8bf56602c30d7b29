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
struct irq *evtchn_irqs[EVTCHN_2L_PORTS], **evtchn_irqs_high;

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
	struct irq **place = port < EVTCHN_2L_PORTS ? &evtchn_irqs[port]
						    : &evtchn_irqs_high[port - EVTCHN_2L_PORTS];
	struct irq *irq = &evtchn_stray_irq;

	if (ch && ch->irq)
		irq = ch->irq->vector ? &evtchn_redelivery_irq : ch->irq;
	if (ch)
		evtchn_channels[port] = ch;
	__atomic_store_n(place, irq, __ATOMIC_RELEASE);
	if (!ch)
		evtchn_channels[port] = NULL;
}

/* Both tables grow by this: the old places as they were, the new ones as `empty`. */
static void *table_grown(void **old, unsigned old_pages, unsigned pages, void *empty)
{
	void **larger = pages_alloc(pages);

	if (!larger)
		return NULL;
	if (old)
		memcpy(larger, old, old_pages * PAGE_SIZE);
	for (unsigned i = old_pages * PORTS_PER_PAGE; empty && i < pages * PORTS_PER_PAGE; i++)
		larger[i] = empty;
	return larger;
}

static int channels_replace(unsigned old_pages, unsigned pages)
{
	unsigned low = EVTCHN_2L_PORTS / PORTS_PER_PAGE;
	unsigned old_high = old_pages > low ? old_pages - low : 0;
	unsigned high = pages > low ? pages - low : 0;
	struct channel **old = evtchn_channels, **larger;
	struct irq **old_irqs = evtchn_irqs_high, **irqs = NULL;

	larger = table_grown((void **)old, old_pages, pages, NULL);
	if (larger && high)
		irqs = table_grown((void **)old_irqs, old_high, high, &evtchn_stray_irq);
	if (!larger || (high && !irqs)) {
		pages_free(larger, pages);
		return -ENOMEM;
	}
	__atomic_store_n(&evtchn_irqs_high, irqs, __ATOMIC_RELEASE);
	/* The table before its length: who sees the new length sees the new table. */
	__atomic_store_n(&evtchn_channels, larger, __ATOMIC_RELEASE);
	__atomic_store_n(&evtchn_nr_channels, pages * PORTS_PER_PAGE, __ATOMIC_RELEASE);
	cpu_barrier();
	pages_free(old, old_pages);
	pages_free(old_irqs, old_high);
	return 0;
}

/* The scan may come in between at any moment, so it sees an old table or the whole new one. */
int channels_grow(evtchn_port_t port)
{
	unsigned pages = evtchn_nr_channels / PORTS_PER_PAGE, wanted = pages ? pages : 1;

	if (port < evtchn_nr_channels)
		return 0;
	while (port >= wanted * PORTS_PER_PAGE)
		wanted *= 2;
	return channels_replace(pages, wanted);
}

void channels_init(void)
{
	evtchn_stray_irq.number = evtchn_redelivery_irq.number = IRQ_NOBODY;
	for (unsigned port = 0; port < EVTCHN_2L_PORTS; port++)
		evtchn_irqs[port] = &evtchn_stray_irq;
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
