/* SPDX-License-Identifier: MIT */
/* The shortest way of an upcall by a vector: the vector's entry in the IDT leads to the scan itself. What
 * irq_dispatch(), the flow and the action of the upcall's irq would do is done here, once: count, end
 * the interrupt, scan. Which gate is in use: upcall_gate.c. */
#ifndef DRIVERS_XEN_EVTCHN_GATE_H
#define DRIVERS_XEN_EVTCHN_GATE_H

#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn_serve.h"

/* The irq of the upcall, for its counter. */
extern uint32_t evtchn_gate_irq;

static inline void evtchn_gate_count(void)
{
	CPU_COUNT(evtchn_gate_irq)++;
}

/* abi_gate_plain and abi_gate_eoi, entries for trap_set_entry(); scan: an inline function. */
#define EVTCHN_GATES(abi, scan)                                                               \
	extern const char abi##_gate_plain[], abi##_gate_eoi[];                               \
	void abi##_upcall_plain(void);                                                        \
	void abi##_upcall_eoi(void);                                                          \
	HOT void abi##_upcall_plain(void)                                                     \
	{                                                                                     \
		evtchn_gate_count();                                                          \
		scan();                                                                       \
	}                                                                                     \
	HOT void abi##_upcall_eoi(void)                                                       \
	{                                                                                     \
		evtchn_gate_count();                                                          \
		lapic_eoi();                                                                  \
		scan();                                                                       \
	}

#define EVTCHN_GATES_OF(abi)                                                                  \
	{                                                                                     \
		[EVTCHN_GATE_PLAIN] = abi##_gate_plain, [EVTCHN_GATE_EOI] = abi##_gate_eoi,   \
	}

#endif
