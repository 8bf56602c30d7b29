/* SPDX-License-Identifier: MIT */
#include "drivers/xen/xen.h"

#include <xen/arch-x86/cpuid.h>
#include <xen/features.h>

#include "arch/x86/cpu.h"
#include "drivers/xen/hypercall.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"

#define CPUID_HYPERVISOR (1u << 31) /* leaf 1, ECX */
#define CPUID_SCAN_END   0x40010000u
#define CPUID_SCAN_STEP  0x100u

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
	domid = hvm_flags & XEN_HVM_CPUID_DOMID_PRESENT ? r.ecx : XEN_DOMID_UNKNOWN;
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

uint32_t xen_features(void)
{
	return features;
}

uint32_t xen_hvm_flags(void)
{
	return hvm_flags;
}
