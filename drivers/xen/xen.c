/* SPDX-License-Identifier: MIT */
#include "drivers/xen/xen.h"

#include <xen/arch-x86/cpuid.h>
#include <xen/features.h>

#include "arch/x86/cpu.h"
#include "drivers/xen/hypercall.h"
#include "kernel/cpu.h"
#include "kernel/memory.h"
#include "kernel/printk.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define CPUID_HYPERVISOR (1u << 31) /* leaf 1, ECX */
#define CPUID_SCAN_END   0x40010000u
#define CPUID_SCAN_STEP  0x100u

/* One per CPU. The size divides a page, so vcpu_info never crosses one, as Xen demands. */
struct xen_cpu {
	struct vcpu_info area; /* shared with Xen once it is registered */
	struct vcpu_info *info;
	uint32_t vcpu;
	bool registered;
} __attribute__((aligned(128)));

#define CPUS_PER_PAGE (PAGE_SIZE / sizeof(struct xen_cpu))

_Static_assert(sizeof(struct xen_cpu) == 128, "a xen_cpu would cross a page");
_Static_assert(sizeof(struct vcpu_info) == 64, "vcpu_info is 64 bytes on x86");
_Static_assert(sizeof(struct shared_info) <= PAGE_SIZE, "shared_info is one page");
_Static_assert(__builtin_offsetof(struct vcpu_info, evtchn_pending_sel) == 8,
	       "upcall_pending and the selector lie where the 64-bit ABI has them");

struct shared_info *xen_shared_info;

/* Nothing of Daisy's may lie on the page that shared_info takes the place of. */
static char shared_info_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static struct xen_cpu *cpu_pages[NR_CPUS_MAX / CPUS_PER_PAGE];
static uint32_t cpuid_base, version, hvm_flags, features;
static uint32_t domid = XEN_DOMID_UNKNOWN;
static char version_text[32], other_signature[13];

static inline bool cpuid_signature_is_xen(const struct cpuid_regs *r)
{
	return r->ebx == XEN_CPUID_SIGNATURE_EBX && r->ecx == XEN_CPUID_SIGNATURE_ECX &&
	       r->edx == XEN_CPUID_SIGNATURE_EDX;
}

static uint32_t cpuid_find_xen(void)
{
	for (uint32_t base = XEN_CPUID_FIRST_LEAF; base < CPUID_SCAN_END;
	     base += CPUID_SCAN_STEP) {
		struct cpuid_regs r = cpuid(base, 0);

		if (cpuid_signature_is_xen(&r) && r.eax >= base + 2)
			return base;
	}
	return 0;
}

static void cpuid_keep_signature(void)
{
	struct cpuid_regs r = cpuid(XEN_CPUID_FIRST_LEAF, 0);

	memcpy(other_signature, &r.ebx, 4);
	memcpy(other_signature + 4, &r.ecx, 4);
	memcpy(other_signature + 8, &r.edx, 4);
}

static void xen_read_version(void)
{
	xen_extraversion_t extra = "";

	version = cpuid(cpuid_base + 1, 0).eax;
	hypercall_xen_version(XENVER_extraversion, extra);
	fmt_snprintf(version_text, sizeof(version_text), "%u.%u%.16s", version >> 16,
		     version & 0xffff, extra);
}

static void xen_read_features(void)
{
	struct xen_feature_info info = {.submap_idx = 0};

	if (hypercall_xen_version(XENVER_get_features, &info) == 0)
		features = info.submap;
	/* Leaf 4 came later than the others. */
	if (cpuid(cpuid_base, 0).eax < cpuid_base + 4)
		return;
	struct cpuid_regs r = cpuid(cpuid_base + 4, 0);

	hvm_flags = r.eax;
	if (hvm_flags & XEN_HVM_CPUID_DOMID_PRESENT)
		domid = r.ecx;
}

int xen_detect(void)
{
	struct cpuid_regs r;

	if (!(cpuid(1, 0).ecx & CPUID_HYPERVISOR))
		return -ENODEV;
	cpuid_base = cpuid_find_xen();
	if (!cpuid_base) {
		cpuid_keep_signature();
		return -ENODEV;
	}
	r = cpuid(cpuid_base + 2, 0); /* EBX: the MSR that has Xen fill the page */
	wrmsr(r.ebx, (uintptr_t)hypercall_page);
	/* The page was written behind the compiler's back, and the CPU may have prefetched from
	 * it; the MSR write exits to Xen, which serialises. */
	barrier();
	xen_read_version();
	xen_read_features();
	return 0;
}

bool xen_present(void)
{
	return cpuid_base;
}

const char *xen_other_hypervisor(void)
{
	return other_signature[0] ? other_signature : "none";
}

uint32_t xen_cpuid_base(void)
{
	return cpuid_base;
}

uint32_t xen_domid(void)
{
	return domid;
}

void xen_set_domid(uint32_t id)
{
	domid = id;
}

const char *xen_version_string(void)
{
	return version_text;
}

unsigned xen_version_number(void)
{
	return version;
}

bool xen_has_feature(unsigned feature)
{
	return feature < 32 && features >> feature & 1;
}

uint32_t xen_hvm_flags(void)
{
	return hvm_flags;
}

/* --- shared pages --- */

static struct xen_cpu *xen_cpu(unsigned cpu)
{
	struct xen_cpu *page = cpu < NR_CPUS_MAX ? cpu_pages[cpu / CPUS_PER_PAGE] : NULL;

	return page ? page + cpu % CPUS_PER_PAGE : NULL;
}

struct vcpu_info *xen_vcpu_info(unsigned cpu)
{
	struct xen_cpu *c = xen_cpu(cpu);

	return c ? c->info : NULL;
}

uint32_t xen_vcpu_id(unsigned cpu)
{
	struct xen_cpu *c = xen_cpu(cpu);

	return c && c->info ? c->vcpu : cpu;
}

bool xen_vcpu_info_registered(unsigned cpu)
{
	struct xen_cpu *c = xen_cpu(cpu);

	return c && c->registered;
}

/* Registering marks every selector bit and the upcall as pending (xen/common/domain.c): one
 * upcall that finds nothing. Once per vCPU, a second time is -EBUSY. */
static int xen_register_vcpu_info(struct xen_cpu *c)
{
	struct vcpu_register_vcpu_info op = {
	    .mfn = (uintptr_t)&c->area >> PAGE_SHIFT,
	    .offset = (uintptr_t)&c->area & ~PAGE_MASK,
	};
	int err = hypercall_vcpu_op(VCPUOP_register_vcpu_info, c->vcpu, &op);

	if (!err) {
		c->info = &c->area;
		c->registered = true;
		return 0;
	}
	printk_warn("xen: vcpu_info of vCPU %u is not registered (%d)\n", c->vcpu, err);
	if (c->vcpu >= XEN_LEGACY_MAX_VCPUS)
		return err; /* shared_info has none for it */
	c->info = &xen_shared_info->vcpu_info[c->vcpu];
	return 0;
}

int xen_init_cpu(unsigned cpu)
{
	struct xen_cpu *c;

	if (cpu >= NR_CPUS_MAX)
		return -EINVAL;
	if (!cpu_pages[cpu / CPUS_PER_PAGE])
		cpu_pages[cpu / CPUS_PER_PAGE] = page_alloc();
	c = xen_cpu(cpu);
	if (!c)
		return -ENOMEM;
	c->vcpu = cpu;
	if (hvm_flags & XEN_HVM_CPUID_VCPU_ID_PRESENT)
		c->vcpu = cpuid(cpuid_base + 4, 0).ebx;
	return xen_register_vcpu_info(c);
}

int xen_init(void)
{
	int err;

	if (!xen_present())
		return -ENODEV;
	/* Xen lays shared_info and vcpu_info out for the mode that the CPU is in when this is
	 * written, and firmware wrote it last in 32-bit mode: so before anything is shared. */
	hypercall_hvm_set_param(HVM_PARAM_CALLBACK_IRQ, XEN_CALLBACK_NOTHING);
	err = hypercall_memory_add_to_physmap(XENMAPSPACE_shared_info, 0,
					      (uintptr_t)shared_info_page >> PAGE_SHIFT);
	if (err) {
		printk_warn("xen: shared_info cannot be mapped (%d)\n", err);
		return err;
	}
	xen_shared_info = (struct shared_info *)shared_info_page;
	xen_sched_init();
	err = xen_init_cpu(0);
	printk("xen: %s, cpuid 0x%x, domid %d, features 0x%x, hvm flags 0x%x, vcpu_info %s\n",
	       version_text, cpuid_base, (int)domid, features, hvm_flags,
	       xen_vcpu_info_registered(0) ? "registered" : "in shared_info");
	return err;
}
