/* SPDX-License-Identifier: MIT */
/* What each vCPU has for itself: its number, its vcpu_info, the count of its upcalls. */
#include <xen/arch-x86/cpuid.h>

#include "arch/x86/cpu.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/irq.h"
#include "kernel/memory.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "selftest/needs.h"

/* Found out on the vCPU itself. */
struct identity {
	unsigned cpu;
	uint32_t apic_id, vcpu;
	int again;  /* what Xen says to a second vcpu_info */
	void *page; /* for a second vcpu_info */
};

static void identify(void *ctx)
{
	struct identity *id = ctx;
	struct vcpu_register_vcpu_info op = {.mfn = (uintptr_t)id->page >> PAGE_SHIFT};

	id->cpu = this_cpu()->id;
	id->apic_id = lapic_id();
	id->vcpu = cpuid(xen_cpuid_base() + 4, 0).ebx;
	id->again = hypercall_vcpu_op(VCPUOP_register_vcpu_info, xen_vcpu_id(id->cpu), &op);
}

/* Xen refuses a second vcpu_info: so it has the first, and the time that it writes is in it. */
static void check_identity(unsigned cpu, void *page)
{
	struct identity id = {.page = page};
	const volatile struct vcpu_info *vi = xen_vcpu_info(cpu);

	CHECK_EQ(cpu_call(cpu, identify, &id), 0);
	CHECK_EQ(id.cpu, cpu);
	CHECK_EQ(id.apic_id, cpus[cpu]->apic_id);
	if (xen_hvm_flags() & XEN_HVM_CPUID_VCPU_ID_PRESENT)
		CHECK_EQ(id.vcpu, xen_vcpu_id(cpu));
	CHECK_EQ(hypercall_vcpu_op(VCPUOP_is_up, xen_vcpu_id(cpu), NULL), 1);
	CHECK(xen_vcpu_info_registered(cpu));
	CHECK(id.again == -EINVAL || id.again == -EBUSY); /* Xen 4.17, and later ones */
	CHECK(vi && vi->time.tsc_to_system_mul && !(vi->time.version & 1));
}

SELFTEST(vcpu_info_each)
{
	void *page;

	NEEDS(xen);
	page = page_alloc();
	CHECK(page);
	for (unsigned cpu = 0; page && cpu < nr_cpus; cpu++) {
		check_identity(cpu, page);
		for (unsigned other = 0; other < cpu; other++)
			if (xen_vcpu_id(cpu) == xen_vcpu_id(other))
				CHECK_EQ(cpu, other);
	}
	if (page)
		pages_free(page, 1);
}

static volatile uint32_t visits;

static enum irq_result visit_handler(struct irq *irq, void *ctx)
{
	visits++;
	return IRQ_HANDLED;
}

/* One event to the CPU. The barrier comes in behind any upcall that still waits there: its
 * vector is the lower one of the two. */
static void visit(unsigned cpu)
{
	uint32_t before = visits;
	int port = evtchn_bind_ipi(xen_vcpu_id(cpu));
	int irq = evtchn_irq_request(port, visit_handler, NULL, "visit");

	CHECK(port > 0 && irq >= 0);
	CHECK_EQ(evtchn_send(port), 0);
	CHECK(selftest_wait_count(&visits, before + 1));
	cpu_barrier_on(cpu);
	if (irq >= 0)
		CHECK_EQ(evtchn_irq_free(port, NULL), 0);
	if (port > 0)
		CHECK_EQ(evtchn_close(port), 0);
}

static uint32_t upcalls_on(unsigned cpu)
{
	return irq_count_on(irq_get(upcall_irq_on(cpu)), cpu);
}

/* An upcall is counted on the CPU that took it, and on no other. */
SELFTEST(upcall_each)
{
	static uint32_t before[NR_CPUS_MAX];

	NEEDS(cpus);
	NEEDS(reach);
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++)
		visit(cpu); /* whatever else waited for it has come in */
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		for (unsigned i = 0; i < nr_cpus; i++)
			before[i] = upcalls_on(i);
		visit(cpu);
		for (unsigned i = 0; i < nr_cpus; i++)
			CHECK((upcalls_on(i) != before[i]) == (i == cpu));
	}
}
