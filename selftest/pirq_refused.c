/* SPDX-License-Identifier: MIT */
/* What Xen refuses of PHYSDEVOPs: hvm_physdev_op() in xen/arch/x86/hvm/hypercall.c, then
 * do_physdev_op() in physdev.c and the functions named below; and what Daisy does. */
#include "drivers/irqchip/irqchip.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/pirq.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/irq.h"
#include "kernel/selftest.h"
#include "lib/errno.h"
#include "selftest/evtchn_ops.h"
#include "selftest/needs.h"

#define GSI_UNUSED 47 /* INTD of the last slots but one, where nothing is; Xen's last pin */
#define GSI_BEYOND 48
#define XEN(minor) (4u << 16 | (minor))
#define SELF       .domid = DOMID_SELF
#define GSI        .type = MAP_PIRQ_TYPE_GSI

#define PHYSDEV(error, name, ...)                                                             \
	check_op(PHYSDEVOP_##name, &(struct physdev_##name){__VA_ARGS__}, -(error), __LINE__)

__attribute__((noinline)) static void check_op(unsigned cmd, void *arg, int want, int line)
{
	selftest_check_equal(hypercall_physdev_op(cmd, arg), want, line);
}

/* Without XENFEAT_hvm_pirqs; map and unmap have come to ask for the domain first. */
static void check_absent(void)
{
	int error = xen_version_number() < XEN(20) ? ENOSYS : EPERM;

	PHYSDEV(error, map_pirq, SELF, GSI, .index = GSI_UNUSED, .pirq = GSI_UNUSED);
	PHYSDEV(error, unmap_pirq, SELF, .pirq = GSI_UNUSED);
	PHYSDEV(ENOSYS, eoi, .irq = GSI_UNUSED);
	PHYSDEV(ENOSYS, irq_status_query, .irq = GSI_UNUSED);
	PHYSDEV(ENOSYS, get_free_pirq, .type = MAP_PIRQ_TYPE_MSI);
	CHECK_EQ(pirq_attach_line(4), -ENODEV);
	CHECK_EQ(pirq_open_msi(&(struct pirq_msi){0}), -ENODEV);
}

static void check_pointer(void)
{
	static const uint8_t ops[] = {PHYSDEVOP_map_pirq, PHYSDEVOP_unmap_pirq, PHYSDEVOP_eoi,
				      PHYSDEVOP_irq_status_query, PHYSDEVOP_get_free_pirq};

	for (unsigned i = 0; i < sizeof(ops); i++)
		check_op(ops[i], NULL, -EFAULT, __LINE__); /* page 0 is absent */
}

/* XSM_DM_PRIV is not for a domain itself either: before 4.19 it must call itself DOMID_SELF. */
static void check_other_domain(void)
{
	PHYSDEV(ESRCH, map_pirq, .domid = DOMID_NOBODY, GSI);
	PHYSDEV(EPERM, map_pirq, .domid = 0, GSI);
	PHYSDEV(ESRCH, unmap_pirq, .domid = DOMID_NOBODY);
	PHYSDEV(EPERM, unmap_pirq, .domid = 0);
	if (xen_domid() != XEN_DOMID_UNKNOWN)
		PHYSDEV(xen_version_number() < XEN(19) ? EPERM : EINVAL, map_pirq,
			.domid = xen_domid(), GSI, .index = GSI_BEYOND);
}

/* Nothing is mapped at first, and nothing in the end. */
static void check_numbers(void)
{
	PHYSDEV(EINVAL, map_pirq, SELF, GSI, .index = -1);
	PHYSDEV(EINVAL, map_pirq, SELF, GSI, .index = GSI_BEYOND);
	PHYSDEV(EINVAL, map_pirq, SELF, GSI, .index = GSI_UNUSED, .pirq = PORT_BEYOND);
	PHYSDEV(EINVAL, map_pirq, SELF, .type = MAP_PIRQ_TYPE_MSI, .pirq = -1);
	PHYSDEV(EINVAL, eoi, .irq = PORT_BEYOND);
	PHYSDEV(EINVAL, eoi, .irq = GSI_UNUSED); /* no such PIRQ yet */
	PHYSDEV(EINVAL, irq_status_query, .irq = PORT_BEYOND);
	PHYSDEV(EINVAL, irq_status_query, .irq = UINT32_MAX);
	PHYSDEV(EINVAL, irq_status_query, .irq = GSI_UNUSED);
	PHYSDEV(0, unmap_pirq, SELF, .pirq = GSI_UNUSED); /* there is nothing to do */
	PHYSDEV(0, unmap_pirq, SELF, .pirq = -1);
}

/* map_domain_emuirq_pirq(): what is mapped already stays as it is, and Xen says 0. */
static void check_mapped(void)
{
	struct physdev_irq_status_query status = {.irq = GSI_UNUSED};

	PHYSDEV(0, map_pirq, SELF, GSI, .index = GSI_UNUSED, .pirq = GSI_UNUSED);
	PHYSDEV(0, map_pirq, SELF, GSI, .index = GSI_UNUSED, .pirq = GSI_UNUSED - 1);
	PHYSDEV(EINVAL, irq_status_query, .irq = GSI_UNUSED - 1);
	CHECK_EQ(hypercall_physdev_op(PHYSDEVOP_irq_status_query, &status), 0);
	CHECK_EQ(status.flags, XENIRQSTAT_needs_eoi);
	PHYSDEV(0, eoi, .irq = GSI_UNUSED);
	PHYSDEV(0, unmap_pirq, SELF, .pirq = GSI_UNUSED);
	PHYSDEV(EINVAL, irq_status_query, .irq = GSI_UNUSED);
}

static void check_driver(bool vector)
{
	bool on_pin = irqchip_isa_chip(4) == ISA_IOAPIC;

	CHECK_EQ(pirq_attach_line(irq_gsi_top), -EINVAL);
	CHECK_EQ(pirq_attach_line(0), -EOPNOTSUPP);
	CHECK_EQ(pirq_detach_line(4), -EINVAL);
	if (!on_pin || !evtchn_daisy())
		CHECK_EQ(pirq_attach_line(4), -EOPNOTSUPP);
	else if (!vector)
		CHECK_EQ(pirq_attach_line(4), -EINVAL);
	CHECK_EQ(irqchip_isa_chip(4) == ISA_IOAPIC, on_pin);
	CHECK_EQ(pirq_bound_count(), 0);
}

SELFTEST(pirq_refused)
{
	bool vector = upcall_by_vector();

	NEEDS(xen);
	/* No hvm domain gets the page that would say which EOIs are needed. */
	check_op(PHYSDEVOP_pirq_eoi_gmfn_v1, NULL, -ENOSYS, __LINE__);
	check_op(PHYSDEVOP_pirq_eoi_gmfn_v2, NULL, -ENOSYS, __LINE__);
	check_op(PHYSDEVOP_set_iopl, NULL, -ENOSYS, __LINE__);
	check_op(UINT32_MAX, NULL, -ENOSYS, __LINE__);
	if (!pirq_present()) {
		check_absent();
		return;
	}
	check_pointer();
	check_other_domain();
	if (vector) {
		check_numbers();
		check_mapped();
	} else { /* physdev_map_pirq(): it would deadlock on hvm.irq_lock */
		PHYSDEV(EINVAL, map_pirq, SELF, GSI, .index = GSI_UNUSED, .pirq = GSI_UNUSED);
	}
	check_driver(vector);
}
