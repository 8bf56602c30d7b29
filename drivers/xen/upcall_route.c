/* SPDX-License-Identifier: MIT */
/* The routes that end at a vector or nowhere, and the table of all. Values of CALLBACK_IRQ:
 * public/hvm/params.h; what Xen makes of them: xen/arch/x86/hvm/irq.c. */
#include "drivers/xen/upcall_route.h"

#include <xen/features.h>

#include "drivers/irqchip/lapic.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/xen.h"
#include "kernel/time.h"
#include "kernel/vector.h"
#include "lib/errno.h"

bool upcall_percpu_for_ever, upcall_others_for_ever;

/* A route's own irq stays for the next time. For a vector it must: Xen may still raise it. */
struct irq *upcall_percpu_irq;
static struct irq *vector_irq, *poll_irq;

uint32_t upcall_by_vector_count(void)
{
	return (vector_irq ? irq_count(vector_irq) : 0) +
	       (upcall_percpu_irq ? irq_count(upcall_percpu_irq) : 0);
}

int upcall_set_callback(uint64_t via, struct upcall_why *why)
{
	int err = hypercall_hvm_set_param(HVM_PARAM_CALLBACK_IRQ, via);

	if (err)
		explain(why, "Xen refuses CALLBACK_IRQ (error %d)", err);
	return err;
}

static struct irq *upcall_irq_alloc(struct upcall_why *why)
{
	int err;
	struct irq *irq = irq_alloc(&err);

	if (!irq)
		explain(why, "no irq number (error %d)", err);
	return irq;
}

/* A dynamic irq on one vector of all CPUs. */
static struct irq *upcall_irq_alloc_vector(struct upcall_why *why)
{
	struct irq *irq = upcall_irq_alloc(why);

	if (irq && vector_alloc_all(irq) < 0) {
		irq_release(irq);
		explain(why, "no vector that is free on every CPU");
		irq = NULL;
	}
	return irq;
}

/* --- percpu --- */

struct irq *upcall_percpu_prepare(struct upcall_why *why)
{
	if (upcall_percpu_irq)
		return upcall_percpu_irq;
	if (!lapic_present()) { /* disabled, it would not even queue the upcall */
		explain(why, "there is no local APIC");
		return NULL;
	}
	upcall_percpu_irq = upcall_irq_alloc_vector(why);
	if (upcall_percpu_irq)
		lapic_attach(upcall_percpu_irq, upcall_percpu_irq->vector, "xen-upcall");
	return upcall_percpu_irq;
}

int upcall_percpu_arm_cpu(unsigned cpu, struct irq *irq, struct upcall_why *why)
{
	int err = hypercall_hvm_set_upcall_vector(xen_vcpu_id(cpu), upcall_percpu_irq->vector);

	if (err)
		explain(why, "Xen refuses the vector (error %d)", err);
	else if (cpu)
		upcall_others_for_ever = true;
	else
		upcall_percpu_for_ever = true;
	return err;
}

int upcall_percpu_arm(struct irq *irq, struct upcall_why *why)
{
	int err = upcall_percpu_arm_cpu(0, irq, why);

	/* In this order: an emulation of Xen looks at the vector when this is written. */
	return err ? err : upcall_set_callback(XEN_CALLBACK_NOTHING, why);
}

/* --- vector --- */

static void direct_describe(const struct irq *irq, char *buf, size_t size)
{
	fmt_snprintf(buf, size, "vec 0x%x", irq->vector);
}

/* Injected ahead of PIC and local APIC, again and again while upcall_pending is set: there is
 * nothing to acknowledge and nothing that could mask it. */
static const struct irq_chip direct_chip = {
	.name = "direct",
	.describe = direct_describe,
};

/* Behind vectors of the vCPUs' own as well: Xen looks at upcall_pending at each VM entry, ahead
 * of the local APIC (hvm_vcpu_has_pending_irq() in xen/arch/x86/hvm/irq.c). The other vector
 * then comes too, and finds nothing: a ghost for each notification. */
static struct irq *vector_prepare(struct upcall_why *why)
{
	if (!xen_has_feature(XENFEAT_hvm_callback_vector)) {
		explain(why, "this Xen does not have it");
		return NULL;
	}
	if (vector_irq)
		return vector_irq;
	vector_irq = upcall_irq_alloc_vector(why);
	if (vector_irq)
		irq_attach(vector_irq, &direct_chip, irq_flow_percpu, vector_irq->vector, NULL,
			   "xen-upcall");
	return vector_irq;
}

static int vector_arm(struct irq *irq, struct upcall_why *why)
{
	return upcall_set_callback(VIA(VECTOR, irq->vector), why);
}

/* --- poll --- */

static const struct irq_chip poll_chip = {.name = "poll"};

static struct irq *poll_prepare(struct upcall_why *why)
{
	if (poll_irq)
		return poll_irq;
	poll_irq = upcall_irq_alloc(why);
	if (poll_irq)
		irq_attach(poll_irq, &poll_chip, irq_flow_percpu, 0, NULL, "xen-upcall");
	return poll_irq;
}

static int poll_arm(struct irq *irq, struct upcall_why *why)
{
	time_poll_hook = upcall_poll;
	return upcall_set_callback(XEN_CALLBACK_NOTHING, why);
}

/* --- all of them --- */

#define ROUTE(choice, chip, name, by) UPCALL_##choice, UPCALL_CHIP_##chip, name, by
const struct upcall_route upcall_routes[] = {
	{ROUTE(ASSIST, AUTO, "assist", "lapic"), upcall_assist_prepare, upcall_assist_arm,
	 upcall_assist_arm_cpu, upcall_assist_confirm},
	{ROUTE(PERCPU, AUTO, "percpu", "lapic"), upcall_percpu_prepare, upcall_percpu_arm,
	 upcall_percpu_arm_cpu, NULL},
	{ROUTE(VECTOR, AUTO, "vector", "direct"), vector_prepare, vector_arm, NULL, NULL},
	{ROUTE(INTX, IOAPIC, "intx", "ioapic"), upcall_intx_prepare_ioapic, upcall_intx_arm,
	 NULL, NULL},
	{ROUTE(INTX, PIC, "intx", "pic"), upcall_intx_prepare_pic, upcall_intx_arm, NULL, NULL},
	{ROUTE(INTX, GSI, "intx", "ioapic"), upcall_intx_prepare_gsi, upcall_intx_arm, NULL,
	 NULL},
	{ROUTE(GSI, IOAPIC, "gsi", "ioapic"), upcall_gsi_prepare_ioapic, upcall_gsi_arm, NULL,
	 NULL},
	{ROUTE(GSI, PIC, "gsi", "pic"), upcall_gsi_prepare_pic, upcall_gsi_arm, NULL, NULL},
	{ROUTE(HYBRID, IOAPIC, "hybrid", "ioapic"), upcall_hybrid_prepare_ioapic,
	 upcall_intx_arm, upcall_percpu_arm_cpu, NULL},
	{ROUTE(HYBRID, PIC, "hybrid", "pic"), upcall_hybrid_prepare_pic, upcall_intx_arm,
	 upcall_percpu_arm_cpu, NULL},
	{ROUTE(POLL, AUTO, "poll", "poll"), poll_prepare, poll_arm, NULL, NULL},
};
const unsigned nr_upcall_routes = sizeof(upcall_routes) / sizeof(upcall_routes[0]);

void upcall_route_close(const struct upcall_route *route, struct irq *irq)
{
	if (route->choice == UPCALL_POLL)
		time_poll_hook = NULL;
	if (irq->number < irq_gsi_top)
		upcall_line_undo(irq);
}
