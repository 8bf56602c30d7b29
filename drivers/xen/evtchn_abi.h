/* SPDX-License-Identifier: MIT */
/* The two ways in which Xen tells which channels are pending, 2-level and FIFO, as one table of
 * operations each. Everything above works through the table and knows neither. */
#ifndef DRIVERS_XEN_EVTCHN_ABI_H
#define DRIVERS_XEN_EVTCHN_ABI_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/event_channel.h>

/* Xen injects the vector past every controller; or it is the local APIC's, and wants an EOI. */
enum evtchn_gate { EVTCHN_GATE_PLAIN, EVTCHN_GATE_EOI, NR_EVTCHN_GATES };

struct evtchn_abi {
	const char *name;
	unsigned max_ports;
	/* The memory for the CPUs that are online and for so many ports, ahead of a switch that
	 * must not fail half way. Stays for the next time. 0 or -ENOMEM. NULL: it
	 * needs none. */
	int (*prepare)(unsigned ports);
	/* Before any other, and again whenever it is switched to: every port ends up masked. 0
	 * or -errno. */
	int (*init)(void);
	/* For a CPU, after xen_init_cpu() and before anything is bound to it. 0 or -errno. */
	int (*init_cpu)(unsigned cpu);
	/* Makes the port usable before it is unmasked for the first time (FIFO: its page of
	 * event words). 0 or -ENOMEM, -ENOSPC. */
	int (*setup)(evtchn_port_t port);
	/* The port is masked and about to be closed: back to vCPU 0, where Xen binds the next
	 * one. NULL: nothing to do. */
	void (*closing)(evtchn_port_t port);
	/* One upcall on this CPU, interrupts disabled: clears every port that is pending,
	 * unmasked and this CPU's, and calls evtchn_serve() for it. The number of ports served. */
	unsigned (*scan)(void);
	/* The same for a CPU by number, and so by pointers: in place of one that is down, or what
	 * is left of this one's. */
	unsigned (*sweep)(unsigned cpu);
	/* The scan as the entry of an interrupt, for an upcall by a vector: drivers/xen/evtchn_gate.h. */
	const char *gates[NR_EVTCHN_GATES];
	/* Takes this CPU's notification without serving anything: for whoever looks at the
	 * ports itself. True when there was one. */
	bool (*take)(void);
	void (*mask)(evtchn_port_t port);
	/* Delivers what is pending, by a hypercall when it has to. */
	void (*unmask)(evtchn_port_t port);
	bool (*clear)(evtchn_port_t port);       /* pending; true when it was set */
	void (*set_pending)(evtchn_port_t port); /* of a masked port: unmask will deliver it */
	bool (*is_pending)(evtchn_port_t port);
	bool (*is_masked)(evtchn_port_t port);
	/* The software side of a binding: which CPU's scan serves the port. */
	void (*bind_cpu)(evtchn_port_t port, unsigned cpu);
	unsigned (*bound_cpu)(evtchn_port_t port);
	/* Prints what Xen has told a CPU and it has not taken yet. Reads only: for an NMI. */
	void (*dump)(unsigned cpu);
};

extern const struct evtchn_abi evtchn_abi_2l, evtchn_abi_fifo;
/* The one in use: set by evtchn_init() and, while no CPU is in a scan, evtchn_switch_abi(). */
extern const struct evtchn_abi *evtchn_abi;
/* Anew, for every CPU. 0 or -errno. */
int evtchn_begin_abi(const struct evtchn_abi *abi);

#endif
