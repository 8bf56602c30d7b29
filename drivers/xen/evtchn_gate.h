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

/* An ABI's scan, from its abi_pass(), one look, and abi_sweep(): it is also due when
 * upcall_pending is set again, by Xen or by a pass that leaves something, or where this CPU's vcpu_info is not its own. And the scan as the
 * function of two gates: abi_gate_plain and abi_gate_eoi (evtchn_gates.S), for trap_set_entry(). */
#define EVTCHN_SCANS(abi, upcall_pending)                                                     \
	static inline __attribute__((always_inline)) unsigned abi##_scan_inline(void)         \
	{                                                                                     \
		unsigned served = abi##_pass();                                               \
                                                                                              \
		if (unlikely(bits_any(upcall_pending)))                                       \
			served += abi##_sweep(CPU_OWN->id);                                   \
		return served;                                                                \
	}                                                                                     \
	HOT static unsigned abi##_scan(void)                                                  \
	{                                                                                     \
		return likely(xen_vcpu_info_registered(0)) ? abi##_scan_inline()              \
							   : abi##_sweep(CPU_OWN->id);        \
	}                                                                                     \
	extern const char abi##_gate_plain[], abi##_gate_eoi[];                               \
	void abi##_upcall_plain(void);                                                        \
	void abi##_upcall_eoi(void);                                                          \
	HOT void abi##_upcall_plain(void)                                                     \
	{                                                                                     \
		evtchn_gate_count();                                                          \
		abi##_scan_inline();                                                          \
	}                                                                                     \
	HOT void abi##_upcall_eoi(void)                                                       \
	{                                                                                     \
		evtchn_gate_count();                                                          \
		lapic_eoi();                                                                  \
		abi##_scan_inline();                                                          \
	}

#define EVTCHN_GATES_OF(abi)                                                                  \
	{                                                                                     \
		[EVTCHN_GATE_PLAIN] = abi##_gate_plain, [EVTCHN_GATE_EOI] = abi##_gate_eoi,   \
	}

#endif
