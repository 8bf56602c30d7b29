/* SPDX-License-Identifier: MIT */
/* The upcall: how Xen interrupts a CPU when any of its channels has become pending. Whichever
 * route it takes, it is an ordinary irq with one action, the scan; only its outer chip differs.
 *
 *   assist  as percpu, and the viridian assist page saves the EOI
 *   percpu  a vector of each vCPU's local APIC (HVMOP_set_evtchn_upcall_vector; one-way)
 *   vector  one vector, injected past every controller (HVM_PARAM_CALLBACK_IRQ type 2)
 *   intx    INTx of the Xen platform device (type 1), by IO-APIC or PIC
 *   gsi     a line of the board that nobody uses (type 0), by IO-APIC or PIC
 *   poll    nothing interrupts: upcall_poll() looks
 *   hybrid  intx for vCPU 0, percpu for the others: Xen has the choice per vCPU
 *
 * A route is used after an event has come in over it. */
#ifndef DRIVERS_XEN_UPCALL_H
#define DRIVERS_XEN_UPCALL_H

#include <stdbool.h>
#include <stdint.h>

/* A list for str_list_find(), same order. */
#define UPCALL_CHOICES "auto,intx,gsi,vector,percpu,poll,assist,hybrid"
enum upcall_choice {
	UPCALL_AUTO,
	UPCALL_INTX,
	UPCALL_GSI,
	UPCALL_VECTOR,
	UPCALL_PERCPU,
	UPCALL_POLL,
	UPCALL_ASSIST,
	UPCALL_HYBRID,
	NR_UPCALL_CHOICES,
};

/* GSI, of intx: not the ISA irq of the device's PCI link, but the pin >= 16 that Xen raises
 * too. */
#define UPCALL_CHIPS "auto,pic,ioapic,gsi" /* a list as well */
enum upcall_chip { UPCALL_CHIP_AUTO, UPCALL_CHIP_PIC, UPCALL_CHIP_IOAPIC, UPCALL_CHIP_GSI };

/* Sets a route up and confirms it: the chosen one, else the first that works of assist, percpu,
 * vector, intx, gsi, poll. chip: who brings a line of intx and gsi to the CPU. Prints the route
 * and why not a better one. Needs evtchn_init(), the clock, and PCI for intx; enables
 * interrupts while it waits. 0, or -ENODEV when not even poll works. */
int upcall_init(enum upcall_choice choice, enum upcall_chip chip);

/* Switches routes while running, on the boot CPU with interrupts enabled: irq numbers of
 * channels, their handlers, counts and masks stay; no event is lost or doubled. The irq of the
 * upcall itself is the route's. chip as above (AUTO, and the route is in use already: nothing
 * to do). Over a line Xen reaches vCPU 0 only: channels that can move go there. The timers'
 * clock is lent meanwhile, and afterwards the first that works by the route. 0, or with
 * upcall_why_not(choice), and the old route as before: -EOPNOTSUPP: not on this machine, or Xen
 * does not go back that far (a vCPU that has had a vector of its own gets no line any more;
 * vector and poll are possible, with an upcall too many each time, counted as spurious);
 * -EBUSY: PIRQs are bound, channels fixed to other vCPUs, the irq is taken; -ETIMEDOUT: no
 * event came in over it. -EINVAL: AUTO, no such route with that chip, not on the boot CPU.
 * -ENODEV before upcall_init(). */
int upcall_switch(enum upcall_choice choice, enum upcall_chip chip);
/* For whoever binds PIRQs: how many there are. NULL: none. With one bound, Xen asserts gsis
 * under the lock that a callback by line would take: leaving the routes by vector is refused.
 */
extern unsigned (*upcall_pirq_count)(void);

/* The vector that the upcall comes by, if it does, gets an entry of its own: the scan of the ABI in
 * use. Also after the ABI has changed; all CPUs are quiet then. */
void upcall_gate_open(void);
/* The route in use again, for every CPU, in the domain that a suspended one has become. All
 * CPUs are quiet. 0 or -errno, which is said. */
int upcall_resume(void);

/* The same route for a secondary CPU, on it. Over a line (intx, gsi) Xen reaches vCPU 0 only:
 * nothing to do there, and nothing arrives. 0 or -errno. */
int upcall_init_cpu(unsigned cpu);

const char *upcall_route_name(void);   /* "intx"; "none" before upcall_init() */
enum upcall_choice upcall_route(void); /* UPCALL_AUTO before upcall_init() */
/* A sentence, or NULL: the route is in use, or was not tried. */
const char *upcall_why_not(enum upcall_choice route);
/* vCPU 0 is told by a vector, global or its own: what Xen wants of a domain with PIRQs. */
bool upcall_by_vector(void);
/* Over a line (intx, gsi) Xen reaches vCPU 0 only. */
bool upcall_reaches_all(void);
int upcall_irq(void);               /* the irq's number, or -ENODEV */
int upcall_irq_on(unsigned cpu);    /* that CPU's: another one on hybrid, but for CPU 0 */
enum upcall_chip upcall_chip(void); /* to come back to the route in use */
const char *upcall_chip_name(void); /* "lapic", "direct", "ioapic", "pic", "poll" */

/* Runs the scan, if there is something to scan. For the poll route: called by the idle loop
 * and, as time_poll_hook, by time_wait(); harmless on the others. */
void upcall_poll(void);

uint32_t upcall_count(void);    /* upcalls, all CPUs */
uint32_t upcall_spurious(void); /* of which found no port ready */

#endif
