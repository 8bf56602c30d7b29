/* SPDX-License-Identifier: MIT */
/* The pages that Xen shares with the domain: shared_info, and a vcpu_info for each CPU. */
#include "drivers/xen/xen.h"

#include <xen/arch-x86/cpuid.h>

#include "arch/x86/cpu.h"
#include "drivers/xen/hypercall.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"
#include "kernel/memory.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "lib/errno.h"

/* One per CPU. */
static struct xen_cpu {
	struct vcpu_info *info;
	uint32_t vcpu;
	bool registered;
} xen_cpus[NR_CPUS_MAX];

_Static_assert(sizeof(struct vcpu_info) <= CPU_SHARED_SIZE, "it lies in struct cpu");
_Static_assert(sizeof(struct vcpu_info) == 64, "vcpu_info is 64 bytes on x86");
_Static_assert(sizeof(struct shared_info) <= PAGE_SIZE, "shared_info is one page");
_Static_assert(__builtin_offsetof(struct vcpu_info, evtchn_pending_sel) == 8,
	       "upcall_pending and the selector lie where the 64-bit ABI has them");

struct shared_info *xen_shared_info;

/* Nothing of Daisy's may lie on the page that shared_info takes the place of. */
char xen_shared_info_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

struct vcpu_info *xen_vcpu_info(unsigned cpu)
{
	return cpu < NR_CPUS_MAX ? xen_cpus[cpu].info : NULL;
}

uint32_t xen_vcpu_id(unsigned cpu)
{
	return xen_vcpu_info(cpu) ? xen_cpus[cpu].vcpu : cpu;
}

bool xen_vcpu_info_registered(unsigned cpu)
{
	return cpu < NR_CPUS_MAX && xen_cpus[cpu].registered;
}

/* Registering marks every selector bit and the upcall as pending (xen/common/domain.c): one
 * upcall that finds nothing. Once per vCPU, a second time is -EBUSY. */
static int xen_register_vcpu_info(unsigned cpu)
{
	struct xen_cpu *c = &xen_cpus[cpu];
	struct vcpu_info *own = (struct vcpu_info *)cpus[cpu]->shared;
	struct vcpu_register_vcpu_info op = {
		.mfn = (uintptr_t)own >> PAGE_SHIFT,
		.offset = (uintptr_t)own & ~PAGE_MASK,
	};
	int err = hypercall_vcpu_op(VCPUOP_register_vcpu_info, c->vcpu, &op);

	if (!err) {
		c->info = own;
		c->registered = true;
		return 0;
	}
	printk_warn("xen: vcpu_info of vCPU %u is not registered (%d)\n", c->vcpu, err);
	/* For it shared_info has none; or the others have theirs, so that scans go by that. */
	if (c->vcpu >= XEN_LEGACY_MAX_VCPUS || (cpu && xen_vcpu_info_registered(0)))
		return err;
	c->info = &xen_shared_info->vcpu_info[c->vcpu];
	return 0;
}

int xen_init_cpu(unsigned cpu)
{
	if (cpu >= NR_CPUS_MAX)
		return -EINVAL;
	xen_cpus[cpu].vcpu = cpu;
	if (xen_hvm_flags() & XEN_HVM_CPUID_VCPU_ID_PRESENT)
		xen_cpus[cpu].vcpu = cpuid(xen_cpuid_base() + 4, 0).ebx;
	return xen_register_vcpu_info(cpu);
}

/* Xen lays shared_info and vcpu_info out for the mode that the CPU is in when CALLBACK_IRQ is
 * written, and firmware wrote it last in 32-bit mode: so before anything is shared. */
static int xen_share(void)
{
	int err;

	hypercall_hvm_set_param(HVM_PARAM_CALLBACK_IRQ, XEN_CALLBACK_NOTHING);
	err = hypercall_memory_add_to_physmap(XENMAPSPACE_shared_info, 0,
					      (uintptr_t)xen_shared_info_page >> PAGE_SHIFT);
	if (err)
		printk_warn("xen: shared_info cannot be mapped (%d)\n", err);
	return err;
}

int xen_init(void)
{
	int err;

	if (!xen_present())
		return -ENODEV;
	err = xen_share();
	if (err)
		return err;
	xen_shared_info = (struct shared_info *)xen_shared_info_page;
	xen_sched_init();
	err = xen_init_cpu(0);
	printk("xen: %s, cpuid 0x%x, domid %d, features 0x%x, hvm flags 0x%x, vcpu_info %s\n",
	       xen_version_string(), xen_cpuid_base(), (int)xen_domid(), xen_features(),
	       xen_hvm_flags(), xen_vcpu_info_registered(0) ? "registered" : "in shared_info");
	return err;
}

/* Only the vCPU itself, or while it is down (map_vcpu_info() in xen/common/domain.c). */
static void xen_return_here(void *ctx)
{
	xen_register_vcpu_info(this_cpu()->id);
}

void xen_resume(void)
{
	if (xen_detect() || xen_share())
		panic("Xen is not what it was before the suspend");
	for (unsigned cpu = 0; cpu < nr_cpus; cpu++) {
		xen_cpus[cpu].registered = false;
		if (cpu_call(cpu, xen_return_here, NULL) == -ENXIO)
			xen_register_vcpu_info(cpu);
	}
}
