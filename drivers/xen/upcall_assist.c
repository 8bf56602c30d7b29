/* SPDX-License-Identifier: MIT */
/* percpu with the viridian assist page: xl.cfg viridian=["base","apic_assist"]. Before Xen
 * injects an edge interrupt with nothing else in service it sets bit 0 of a page of the vCPU's.
 * A guest that finds it set clears it, and has ended the interrupt without an exit; Xen looks
 * at the bit when it next has something to inject (vlapic_has_pending_irq() and
 * vlapic_ack_pending_irq() in xen/arch/x86/hvm/vlapic.c; viridian/synic.c). The page is that of
 * Microsoft's Hypervisor Top Level Functional Specification, "Virtual Processor Assist Page".
 *
 * CPUID announces the MSR (leaf 3, EAX bit 4), and Xen does so for every viridian domain; only
 * an interrupt shows whether the bit is used. On a CPU that virtualises the EOI it is not. */
#include "drivers/xen/upcall_route.h"

#include "arch/x86/cpu.h"
#include "drivers/irqchip/lapic.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "lib/errno.h"

#define CPUID_INTERFACE     0x40000001u
#define CPUID_FEATURES      0x40000003u
#define INTERFACE_HV1       0x31237648u /* "Hv#1" */
#define FEATURE_APIC_MSRS   (1u << 4)
#define MSR_VP_ASSIST_PAGE  0x40000073u
#define VP_ASSIST_ENABLE    1u
#define NO_EOI_REQUIRED_BIT 0

static uint32_t nowhere; /* of a CPU without a page: the bit is never set */
static uint32_t *pages[NR_CPUS_MAX];
static volatile uint32_t avoided;

bool upcall_assist_offered(void)
{
	return cpuid(CPUID_INTERFACE, 0).eax == INTERFACE_HV1 &&
	       cpuid(CPUID_FEATURES, 0).eax & FEATURE_APIC_MSRS;
}

/* Test and clear in one instruction: at an exit in between Xen could take the bit back, because
 * something of lower priority has come that wants to be told of the EOI. No lock: only Xen on
 * this very vCPU's behalf writes here, while the vCPU stands still. */
static inline bool assist_take(void)
{
	bool set;

	asm volatile("btrl %2, %0"
		     : "+m"(*pages[this_cpu()->id]), "=@ccc"(set)
		     : "i"(NO_EOI_REQUIRED_BIT));
	return set;
}

static void assist_eoi(void)
{
	if (!assist_take())
		lapic_ops->eoi();
}

/* The same, until it is confirmed. */
static void assist_eoi_counted(void)
{
	if (assist_take())
		avoided++;
	else
		lapic_ops->eoi();
}

struct irq *upcall_assist_prepare(struct upcall_why *why)
{
	if (upcall_assist_offered())
		return upcall_percpu_prepare(why);
	explain(why, "CPUID offers no assist page (xl.cfg: viridian)");
	return NULL;
}

/* The page stays enabled for ever: an EOI that was avoided could be outstanding. Who writes the
 * EOI all the same is understood. */
static void assist_enable(unsigned cpu)
{
	uint32_t *page = pages[cpu] == &nowhere ? page_alloc() : NULL;

	if (!page)
		return;
	wrmsr(MSR_VP_ASSIST_PAGE, (uintptr_t)page | VP_ASSIST_ENABLE);
	pages[cpu] = page;
}

int upcall_assist_arm_cpu(unsigned cpu, struct irq *irq, struct upcall_why *why)
{
	assist_enable(cpu);
	return upcall_percpu_arm_cpu(cpu, irq, why);
}

int upcall_assist_arm(struct irq *irq, struct upcall_why *why)
{
	for (unsigned cpu = 0; cpu < NR_CPUS_MAX; cpu++)
		if (!pages[cpu])
			pages[cpu] = &nowhere;
	assist_enable(0);
	avoided = 0;
	lapic_set_eoi(assist_eoi_counted);
	return upcall_percpu_arm(irq, why);
}

int upcall_assist_confirm(struct upcall_why *why)
{
	lapic_set_eoi(assist_eoi);
	if (avoided)
		return 0;
	explain(why, "Xen does not use the assist page");
	return -EOPNOTSUPP;
}

void upcall_assist_leave(void)
{
	lapic_set_eoi(NULL);
}
