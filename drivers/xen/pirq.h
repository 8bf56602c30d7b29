/* SPDX-License-Identifier: MIT */
/* PIRQs: interrupts of the device model's devices that come as event channels instead of
 * through the emulated IO-APIC or local APIC. Xen offers them to an hvm domain
 * (XENFEAT_hvm_pirqs; from Xen 4.19 on only with hvm_pirq=1 in its configuration) whose upcall
 * is a vector, global or of vCPU 0; not to pvh. Xen can deadlock when the upcall goes back to a
 * line while one is bound: ask pirq_bound_count() before. */
#ifndef DRIVERS_XEN_PIRQ_H
#define DRIVERS_XEN_PIRQ_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/event_channel.h>

bool pirq_present(void);
unsigned pirq_bound_count(void); /* lines and MSIs that are bound */
unsigned pirq_line_count(void);  /* the lines of them */
/* Xen's side: nothing is behind the PIRQ any more. */
void pirq_unmap(unsigned pirq);

/* After a suspend, all CPUs quiet. Before the ports are made again: their PIRQs' numbers;
 * behind that: what is behind the lines. */
void pirq_resume(void);
void pirq_resume_lines(void);

/* Lets the line of irq (below irq_gsi_top, on the IO-APIC) come through a channel: chip "pirq"
 * instead of "ioapic", while number, actions, counts and mask state stay, so that its driver
 * does not notice. Nothing that is on its way is lost. Interrupts must be enabled. 0; -EINVAL:
 * no such line, or Xen has no PIRQ for it, which it says too when the upcall is not a vector;
 * -EBUSY: it is one already, or a handler keeps it; -ENODEV: Xen offers none; -EOPNOTSUPP:
 * daisy is off, the line is not the IO-APIC's, or cannot come this way (pirq_line.c says which
 * are); -ENOMEM, -ENOSPC. */
int pirq_attach_line(unsigned irq);
/* Back to its pin; an edge that came while it was masked is lost, as on any masked pin. 0;
 * -EINVAL: it is no PIRQ; -EBUSY as above; -ENOSPC: no vector is left; -EOPNOTSUPP: an edge
 * with late EOI, which a pin cannot have. */
int pirq_detach_line(unsigned irq);

/* An MSI that comes as an event: what to write into the device's message, and the channel, to
 * be used with evtchn_irq_request() as any other. Edge; nothing is to be ended. */
struct pirq_msi {
	uint64_t address;
	uint32_t data; /* vector 0: hvm_inject_msi() takes the destination for a PIRQ */
	unsigned pirq;
	evtchn_port_t port;
};
/* 0; -ENODEV: Xen offers none; -ENOSPC: it has no PIRQ or no port left; -EINVAL. */
int pirq_open_msi(struct pirq_msi *msi);
/* The channel's irq must have been freed, and the device not send any more. */
int pirq_close_msi(struct pirq_msi *msi);

#endif
