/* SPDX-License-Identifier: MIT */
/* Between evtchn_irq.c, the delivery, evtchn_channel.c, the table of channels, and
 * evtchn_request.c, which makes and unmakes them. */
#ifndef DRIVERS_XEN_EVTCHN_CHANNEL_H
#define DRIVERS_XEN_EVTCHN_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "arch/x86/paging.h"
#include "drivers/xen/evtchn.h"
#include "kernel/cpu_call.h"
#include "lib/compiler.h"
#include "lib/evtchn_2l.h"

struct channel {
	struct irq *irq;         /* NULL with daisy off */
	irq_flow_fn *flow;       /* of its kind: irq->kind */
	irq_handler_fn *handler; /* of the driver, with ctx */
	void *ctx;
	evtchn_port_t port;
	bool in_flight;   /* its vector has been sent and has not come in */
	bool quiet;       /* its port is masked, and no vector is on the way */
	bool told;        /* that there are no vectors left */
	bool stays;       /* evtchn_irq_stays() */
	uint8_t priority; /* as evtchn_set_priority() left it */
	const char *name;
	bool moved; /* from CPU to CPU: a FIFO queue of any of them may still have the port */
};

extern bool evtchn_daisy_on;
/* What there is by port lies in one piece each, with addresses for every port that FIFO has; memory comes
 * behind them page by page (channels_grow(), fifo_setup()), and what is there stays where it is. */
#define EVTCHN_WORDS	((event_word_t *)PAGING_FLAT) /* FIFO's */
#define evtchn_irqs	((struct irq **)(PAGING_FLAT + 0x100000))
#define evtchn_channels ((struct channel **)(PAGING_FLAT + 0x200000))

extern unsigned evtchn_nr_channels; /* places of evtchn_channels that are there */

static inline struct channel *channel_get(evtchn_port_t port)
{
	return port < evtchn_nr_channels ? evtchn_channels[port] : NULL;
}

/* What a scan finds behind a port: never NULL. */
static inline struct irq *evtchn_irq_of(unsigned long port)
{
	return evtchn_irqs[port];
}

/* The channel of a port, NULL: none; and what a scan is to find there: also after its irq has got or
 * lost a vector. There is room for it. */
void channel_put(evtchn_port_t port, struct channel *ch);
/* evtchn_serve.c: in place of an irq of its own, where a port is nobody's, and where a vector is to be
 * sent. */
extern struct irq evtchn_stray_irq, evtchn_redelivery_irq;

struct evtchn_status;

extern const struct irq_chip evtchn_chip;
/* What a bound port needs before anything is delivered on it: room in the table, its event
 * word, the CPU that scans it. *status is what Xen says of it. 0, -ENODEV, -EINVAL (it is
 * closed), -ENOSPC, -ENOMEM. */
int channel_prepare(evtchn_port_t port, struct evtchn_status *status);
/* Before anything is scanned. 0 or -ENOMEM. */
int channels_init(void);
/* Room for a port in the tables. 0 or -ENOMEM. */
int channels_grow(evtchn_port_t port);
/* Makes a bound port the way of an irq that exists already: irq, flow and port are set. The
 * caller ties the irq to a chip and unmasks it. 0, -EINVAL, -ENOSPC, -ENOMEM. */
int channel_link(struct channel *ch);
/* Takes it away again: masks the port; no scan has ch in its hands any more. */
void channel_unlink(struct channel *ch);
/* The port is masked: returns when no scan has it in its hands any more. */
void channel_barrier(const struct channel *ch);
/* As irq_set_redelivery(); -EBUSY: the vector is on the way. */
int channel_set_redelivery(struct irq *irq, bool vector);

static inline void evtchn_note_priority(evtchn_port_t port, unsigned priority)
{
	if (channel_get(port))
		channel_get(port)->priority = priority;
}

unsigned evtchn_cpu_of_vcpu(uint32_t vcpu);

/* --- evtchn_move.c, for a switch of routes --- */

/* Daisy off: every driver's action on an irq that is to be the upcall's. 0 or -errno. */
int evtchn_share(unsigned irq);
void evtchn_unshare(unsigned irq);
/* Channels that belong to a vCPU other than 0 by nature: their number, and their names. */
unsigned evtchn_fixed_elsewhere(char *names, size_t size);
/* The same for one CPU, but for those that may stay when it goes down. */
unsigned evtchn_fixed_on(unsigned cpu, char *names, size_t size);
/* Moves all others to vCPU 0. 0 or -errno. */
int evtchn_gather(void);
/* Serves what is pending on this CPU, whether it was notified or not. A cpu_call_fn. */
void evtchn_scan_here(void *ctx);
/* Serves here what Xen has told a CPU that is down. */
void evtchn_sweep(unsigned cpu);
/* Runs fn(ctx) on the CPU that scans the port; here where that one is down, and scans nothing. */
void channel_call(const struct channel *ch, cpu_call_fn *fn, void *ctx);
/* evtchn_request.c: with daisy off, the driver's look at its own bit. */
irq_handler_fn channel_look;

#endif
