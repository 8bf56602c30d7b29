/* SPDX-License-Identifier: MIT */
/* What a switch of the upcall's route asks of the channels. */
#include "drivers/xen/evtchn_abi.h"
#include "drivers/xen/evtchn_channel.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

int evtchn_share(unsigned irq)
{
	int err = 0;

	for (unsigned port = 0; !evtchn_daisy_on && !err && port < evtchn_nr_channels; port++) {
		struct channel *ch = channel_get(port);

		if (ch && upcall_irq() != (int)irq)
			err = irq_request(irq, channel_look, ch, IRQ_SHARED, ch->name);
	}
	return err;
}

void evtchn_unshare(unsigned irq)
{
	for (unsigned port = 0; !evtchn_daisy_on && port < evtchn_nr_channels; port++)
		if (channel_get(port))
			irq_free(irq, channel_get(port));
}

/* Interrupts are disabled, as in an upcall. */
void evtchn_scan_here(void *ctx)
{
	struct irq *irq = irq_get(upcall_irq());

	evtchn_upcall();
	for (unsigned port = 0; !evtchn_daisy_on && port < evtchn_nr_channels; port++) {
		struct channel *ch = channel_get(port);

		if (ch && irq)
			channel_look(irq, ch);
	}
}

static bool channel_is_elsewhere(const struct channel *ch, bool fixed)
{
	return ch && evtchn_abi->bound_cpu(ch->port) && (ch->flow == irq_flow_percpu) == fixed;
}

/* cpu 0: of any other one. */
static bool channel_is_fixed(const struct channel *ch, unsigned cpu)
{
	return channel_is_elsewhere(ch, true) &&
	       (!cpu || (!ch->stays && evtchn_abi->bound_cpu(ch->port) == cpu));
}

static unsigned fixed_names(unsigned cpu, char *names, size_t size)
{
	unsigned n = 0;
	size_t at = 0;

	for (unsigned port = 0; port < evtchn_nr_channels; port++) {
		const struct channel *ch = channel_get(port);

		if (!channel_is_fixed(ch, cpu))
			continue;
		if (at < size)
			at += fmt_snprintf(names + at, size - at, "%s%s (port %u, CPU %u)",
					   n ? ", " : "", ch->name, port,
					   evtchn_abi->bound_cpu(port));
		n++;
	}
	return n;
}

unsigned evtchn_fixed_elsewhere(char *names, size_t size)
{
	return fixed_names(0, names, size);
}

unsigned evtchn_fixed_on(unsigned cpu, char *names, size_t size)
{
	return fixed_names(cpu, names, size);
}

static bool channel_try_move(void *ctx)
{
	struct channel *ch = ctx;
	int err;

	if (ch->irq)
		return irq_set_affinity(ch->irq->number, 0) != -EBUSY;
	ch->moved = true;
	err = hypercall_evtchn_bind_vcpu(ch->port, xen_vcpu_id(0));
	if (!err)
		evtchn_abi->bind_cpu(ch->port, 0);
	return true;
}

/* An event that is pending must not stay in a queue of the old CPU, which gets no upcall any
 * more: masked, it drops out in a scan there, and the unmasking, by Xen, notifies vCPU 0. */
static int channel_gather(struct channel *ch)
{
	bool masked = !ch->irq && evtchn_abi->is_masked(ch->port);

	if (ch->irq)
		irq_mask_for(ch->irq, IRQ_MASK_TEMPORARY);
	else
		evtchn_abi->mask(ch->port);
	cpu_call(evtchn_abi->bound_cpu(ch->port), evtchn_scan_here, NULL);
	time_wait(channel_try_move, ch, PATIENCE_NS);
	if (ch->irq)
		irq_unmask_for(ch->irq, IRQ_MASK_TEMPORARY);
	else if (!masked)
		evtchn_abi->unmask(ch->port);
	return evtchn_abi->bound_cpu(ch->port) ? -EBUSY : 0;
}

int evtchn_gather(void)
{
	int err = 0;

	for (unsigned port = 0; !err && port < evtchn_nr_channels; port++) {
		struct channel *ch = channel_get(port);

		if (channel_is_elsewhere(ch, false))
			err = channel_gather(ch);
	}
	return err;
}
