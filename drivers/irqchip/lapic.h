/* SPDX-License-Identifier: MIT */
/* The local APIC (SDM volume 3, chapter "APIC"), in both of its modes: registers in memory
 * (xAPIC) or as MSRs (x2APIC). Each mode is one table of operations. */
#ifndef DRIVERS_IRQCHIP_LAPIC_H
#define DRIVERS_IRQCHIP_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/irq.h"

enum lapic_mode { LAPIC_AUTO, LAPIC_XAPIC, LAPIC_X2APIC };

/* Register offsets, as in xAPIC mode; the MSR is 0x800 + offset / 16. */
enum lapic_reg {
	LAPIC_ID = 0x20,
	LAPIC_VERSION = 0x30,
	LAPIC_TPR = 0x80,
	LAPIC_EOI = 0xb0,
	LAPIC_SVR = 0xf0,
	LAPIC_ISR = 0x100,
	LAPIC_TMR = 0x180,
	LAPIC_IRR = 0x200,
	LAPIC_ESR = 0x280,
	LAPIC_ICR = 0x300,
	LAPIC_ICR_HIGH = 0x310,
	LAPIC_LVT_TIMER = 0x320,
	LAPIC_LVT0 = 0x350,
	LAPIC_LVT1 = 0x360,
	LAPIC_LVT_ERROR = 0x370,
	LAPIC_TIMER_INITIAL = 0x380,
	LAPIC_TIMER_CURRENT = 0x390,
	LAPIC_TIMER_DIVIDE = 0x3e0,
	LAPIC_SELF_IPI = 0x3f0, /* x2APIC only */
};

#define LAPIC_LVT_MASKED   (1u << 16)
#define LAPIC_LVT_NMI      (4u << 8)
#define LAPIC_LVT_EXTINT   (7u << 8)
#define LAPIC_LVT_PERIODIC (1u << 17)
#define LAPIC_SVR_ENABLE   (1u << 8)

/* ICR, low word: delivery mode, level, shorthand. */
#define LAPIC_ICR_FIXED   (0u << 8)
#define LAPIC_ICR_NMI     (4u << 8)
#define LAPIC_ICR_INIT    (5u << 8)
#define LAPIC_ICR_STARTUP (6u << 8)
#define LAPIC_ICR_ASSERT  (1u << 14)
#define LAPIC_ICR_SELF    (1u << 18)
#define LAPIC_ICR_OTHERS  (3u << 18)

struct lapic_ops {
	const char *name; /* "xapic", "x2apic" */
	uint32_t (*read)(enum lapic_reg reg);
	void (*write)(enum lapic_reg reg, uint32_t value);
	void (*icr)(uint32_t apic_id, uint32_t low);
	void (*self)(unsigned vector);
	void (*eoi)(void);
	uint32_t (*id)(void);
};

/* Finds and enables the boot CPU's local APIC: LVT0 passes the PIC (ExtINT), LVT1 is the NMI,
 * all priorities are let through. AUTO is x2APIC where the CPU has it. 0, or -ENODEV: CPUID has
 * no APIC, or not the mode that was asked for (then it runs in the mode there is). */
int lapic_init(enum lapic_mode mode);
/* The same for a secondary CPU, on it, in the boot CPU's mode; its LVT0 is masked. */
void lapic_init_cpu(void);
/* Switches modes at run time: x2APIC to xAPIC goes through "disabled", which forgets IRR and
 * ISR; TPR, LVTs, SVR and the timer's setting are put back. 0; -ENODEV (no such mode, no APIC);
 * -EBUSY: other CPUs are online, and the mode is one for all. AUTO: -EINVAL. */
int lapic_set_mode(enum lapic_mode mode);
/* LAPIC_AUTO stands for: there is none. */
enum lapic_mode lapic_mode(void);
bool lapic_present(void);
/* NULL where there is none. */
extern const struct lapic_ops *lapic_ops;

/* Ends the highest interrupt in service. A pointer, so that it is one indirect call; without a
 * local APIC it does nothing. */
extern void (*lapic_eoi_fn)(void);
static inline void lapic_eoi(void)
{
	lapic_eoi_fn();
}
/* Lets another way of ending interrupts take the place of the mode's own, e.g. one that looks
 * at a hypervisor's assist page first; NULL takes it out again. Stays at a mode switch. */
void lapic_set_eoi(void (*eoi)(void));

uint32_t lapic_id(void);               /* of this CPU; 0 without a local APIC */
void lapic_send_self(unsigned vector); /* does not wait; nothing without a local APIC */
void lapic_send_ipi(uint32_t apic_id, unsigned vector);
void lapic_send_icr(uint32_t apic_id, uint32_t low); /* any ICR command */
/* Holds back this CPU's interrupts of the classes <= class; 0: none. With a vector of just that
 * class waiting, Xen on QEMU's emulated SVM spins for ever (QEMU's ctl_has_irq() tells Xen that
 * it may be injected, Xen knows better): leave a class between, where that is the machine. */
void lapic_set_tpr(unsigned class);
unsigned lapic_tpr(void);          /* the class */
bool lapic_irr(unsigned vector);   /* waits to be taken */
bool lapic_isr(unsigned vector);   /* in service */
bool lapic_irr_any(void);          /* some vector waits */
uint32_t lapic_error_status(void); /* ESR, read and cleared */
/* Passes the PIC's interrupts (LVT0 ExtINT), or masks LVT0. */
void lapic_set_extint(bool on);

/* Ties irq to a vector of this CPU's (or every CPU's) local sources: IPIs, upcalls, timers. The
 * vector is the caller's (vector_alloc...). Chip "lapic", per-CPU flow: EOI, then action. */
void lapic_attach(struct irq *irq, unsigned vector, const char *name);
/* EOI as an irq_chip's ack, for chips whose interrupts arrive through the local APIC. */
void lapic_ack(struct irq *irq);

/* Interrupts on the spurious vector 0xff, which want no EOI. */
extern uint32_t lapic_spurious;
/* Reserves an irq for the spurious vector; after irq_layout_init(). */
void lapic_init_spurious(void);
void lapic_dump(void);

#endif
