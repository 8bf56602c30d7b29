/* SPDX-License-Identifier: MIT */
/* Event channels: Xen's own interrupt lines between domains. Here each of them becomes an irq
 * of Daisy's, through a chip that is chained behind the upcall's irq.
 *
 * With daisy off it is the other design: no irqs, every driver adds an action to the upcall's
 * irq and looks at its channel's bit itself. The calls are the same. */
#ifndef DRIVERS_XEN_EVTCHN_H
#define DRIVERS_XEN_EVTCHN_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/event_channel.h>

#include "kernel/irq.h"

#define EVTCHN_ABIS "auto,2l,fifo" /* for lib/option.h, same order */
enum evtchn_abi_choice { EVTCHN_ABI_AUTO, EVTCHN_ABI_2L, EVTCHN_ABI_FIFO };

/* abi: AUTO is FIFO where Xen has it; a chosen one that Xen refuses is replaced by the other, with
 * a warning. daisy: an irq for every channel; redeliver_vector: new irqs start with a vector of
 * their own (see irq_set_redelivery). Masks every port. Needs xen_init(). 0 or -errno. */
int evtchn_init(enum evtchn_abi_choice abi, bool daisy, bool redeliver_vector);
/* The same for a secondary CPU, to be called on it. */
int evtchn_init_cpu(unsigned cpu);

/* Switches ABIs while running, on the boot CPU; every vCPU is quiet meanwhile. Ports, irqs,
 * handlers, counts, masks, homes and what is pending stay as they are; priorities, too, of
 * channels that had an irq when they were set, but 2-level has none. Back to 2-level is through
 * EVTCHNOP_reset, which closes every port: they are made again under the same numbers. What a
 * VIRQ or another domain sent in that moment is lost, so their handlers see one event that
 * perhaps nobody sent. 0, or with nothing changed: -EINVAL: AUTO, not on the boot CPU; -ENODEV
 * before evtchn_init(), or the domain's own id is unknown; -ENOMEM; -ENOSYS or another of Xen's:
 * it has no FIFO; -EBUSY: PIRQs are bound, which a reset would unmap; -ENOSPC: a port is beyond
 * 2-level's. -EIO: switched, but some port could not be made again (a warning says which). */
int evtchn_switch_abi(enum evtchn_abi_choice abi);

/* --- the hypercalls: a port > 0 or 0, or Xen's negative errno --- */

int evtchn_alloc_unbound(domid_t remote);
/* The local port is pending from the start: Xen does so because sends to the unbound remote
 * port may have been lost. The handler will see one event that nobody sent. */
int evtchn_bind_interdomain(domid_t remote, evtchn_port_t remote_port);
/* A VIRQ that is not per-vCPU binds on vCPU 0 only (-EINVAL). -EEXIST: it is bound already. */
int evtchn_bind_virq(unsigned virq, unsigned vcpu);
int evtchn_bind_ipi(unsigned vcpu);
/* -EEXIST: it is bound already; -EINVAL: Xen has no such PIRQ. Whether there is an interrupt
 * behind it Xen does not ask: see drivers/xen/pirq.h. share: with other domains. */
int evtchn_bind_pirq(unsigned pirq, bool share);
/* -EBUSY while it has an irq. The number may be handed out again at once. */
int evtchn_close(evtchn_port_t port);
int evtchn_send(evtchn_port_t port);
/* 0 the most urgent, 15 the least; 7 at first. -ENOSYS with 2-level, -EINVAL. An event that is
 * linked already still comes in its old order. */
int evtchn_set_priority(evtchn_port_t port, unsigned priority);
const char *evtchn_abi_name(void);
/* DOMID_SELF or a domain that this one may look into. */
int evtchn_status(domid_t domid, evtchn_port_t port, struct evtchn_status *status);

/* --- the channel's own bits; what chips and tests need, drivers use irqs --- */

void evtchn_mask(evtchn_port_t port);
int evtchn_unmask(evtchn_port_t port); /* -EINVAL beyond the ABI's ports */
bool evtchn_is_masked(evtchn_port_t port);
bool evtchn_is_pending(evtchn_port_t port);
bool evtchn_clear(evtchn_port_t port); /* true when it was pending */

/* --- a channel's irq --- */

/* Gives the channel an irq and the irq an action; unmasks. The irq's number (daisy off: the
 * upcall's), or -EBUSY (it has one), -EINVAL (no such channel), -ENOMEM, -ENOSPC. */
int evtchn_irq_request(evtchn_port_t port, irq_handler_fn *handler, void *ctx,
		       const char *name);
/* The same with flags of irq_request(). -EOPNOTSUPP: with daisy off there is no irq of its own. */
int evtchn_irq_request_flags(evtchn_port_t port, irq_handler_fn *handler, void *ctx,
			     unsigned flags, const char *name);
/* Takes it away; the channel stays bound, masked. -ENOENT; -EBUSY: its vector is on the way,
 * call again with interrupts enabled. */
int evtchn_irq_free(evtchn_port_t port, void *ctx);
/* The same, and waits for such a vector. -EBUSY: it has not come in. Mainline. */
int evtchn_irq_free_wait(evtchn_port_t port, void *ctx);
/* The irq's number, or -ENOENT. */
int evtchn_to_irq(evtchn_port_t port);
bool evtchn_daisy(void);
/* The channel belongs to a vCPU by nature, and its owner sees to it that nothing comes while that
 * is down: so it does not keep it from going. */
void evtchn_irq_stays(evtchn_port_t port);

/* --- for the upcall --- */

/* One upcall on this CPU, interrupts disabled: serves what is pending. The number of channels
 * served; with daisy off, 1 or 0: was there anything for the actions to look at. */
unsigned evtchn_upcall(void);

/* --- what can be observed --- */

uint32_t evtchn_stray(void);    /* events on a port without an irq: masked, counted */
uint32_t evtchn_fallback(void); /* channels that got no vector and are called instead */
uint32_t
evtchn_late_masked(void); /* vectors that came in after the mask; not lost: see evtchn.c */
/* Table: port, kind, peer, vCPU, pending, masked, irq, priority. */
void evtchn_dump(void);
/* What this CPU has been told and has not taken yet. */
void evtchn_dump_cpu(void);

#endif
