/* SPDX-License-Identifier: MIT */
/* What was discovered: the hypervisor, the board, PCI, the store. */
#include "arch/x86/cpu.h"
#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/ioapic.h"
#include "drivers/pci/pci.h"
#include "drivers/pci/pci_link.h"
#include "drivers/xen/hypercall.h"
#include "drivers/xen/platform_pci.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "drivers/xen/xenstore.h"
#include "kernel/options.h"
#include "kernel/printk.h"
#include "kernel/selftest.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "selftest/needs.h"

/* Xen says who it is in three ways that must agree. */
SELFTEST(discovery)
{
	long version;

	NEEDS(xen);
	version = hypercall_xen_version(XENVER_version, NULL);
	CHECK_EQ(version, xen_version_number());
	CHECK_EQ(version >> 16, 4);
	CHECK_EQ(cpuid(xen_cpuid_base() + 1, 0).eax, version);
	CHECK(xen_has_feature(XENFEAT_hvm_callback_vector));
	CHECK(xen_shared_info);
	CHECK(xen_vcpu_info(0));
	CHECK_EQ(hypercall_xen_version(63, NULL), -ENOSYS);
}

static bool clock_moved(void *ctx)
{
	return time_now_ns() > *(uint64_t *)ctx;
}

SELFTEST(clock)
{
	uint64_t start = time_now_ns(), last = start;

	CHECK(time_tsc_hz() > 1000000);
	for (int i = 0; i < 1000; i++) {
		uint64_t now = time_now_ns();

		CHECK(now >= last);
		last = now;
	}
	CHECK(time_wait(clock_moved, &start, PATIENCE_NS));
}

SELFTEST(board)
{
	const struct board *b = board_get();
	unsigned pins = 16;

	CHECK(irq_gsi_top >= 16);
	for (unsigned i = 0; irqchip_has(ISA_IOAPIC) && i < b->nr_ioapics; i++)
		CHECK(ioapic_has_gsi(b->ioapic[i].gsi_base));
	for (unsigned n = 0; irqchip_has(ISA_IOAPIC) && n < irq_gsi_top; n++)
		pins += n >= 16 && ioapic_has_gsi(n);
	CHECK_EQ(pins, irq_gsi_top);
	for (unsigned n = 16; n < irq_gsi_top; n++)
		CHECK(!irq_get(n) || irq_get(n)->number == n);
}

/* The 16 ISA irqs keep their numbers whatever chip serves them. */
SELFTEST(isa_identity)
{
	SKIP_UNLESS(irqchip_has(ISA_PIC) || irqchip_has(ISA_IOAPIC), "no PIC and no IO-APIC");
	for (unsigned n = 0; n < 16; n++) {
		if (n == 2) /* the PIC's cascade */
			continue;
		CHECK(irq_get(n));
		CHECK(irq_get(n) && irq_get(n)->number == n && irq_get(n)->chip);
	}
}

SELFTEST(pci)
{
	const struct pci_device *bridge = pci_at(0, 0, 0);

	SKIP_UNLESS(pci_first(), "no PCI");
	CHECK(bridge);
	if (bridge)
		CHECK_EQ(bridge->class >> 16, 6);
	for (const struct pci_device *d = pci_first(); d; d = d->next)
		for (unsigned i = 0; i < 6; i++) /* sizes are powers of two, addresses fit them */
			CHECK(!(d->bar[i].size & (d->bar[i].size - 1)) &&
			      (!d->bar[i].size || d->bar[i].address % d->bar[i].size == 0));
}

SELFTEST(platform_device)
{
	const struct pci_device *d = platform_pci_device();

	NEEDS(xen);
	SKIP_UNLESS(pci_first(), "no PCI");
	SKIP_UNLESS(d, "no Xen platform device on the PCI bus");
	CHECK_EQ(d->vendor, 0x5853);
	CHECK_EQ(d->irq_pin, 1);
	CHECK_EQ(pci_intx_irq(d), pci_link_irq(pci_link_of(d->dev, 0)));
	CHECK(pci_read16(d, PCI_COMMAND) & PCI_COMMAND_IO);
}

SELFTEST(xenstore)
{
	char value[64], domid[16];

	NEEDS(store);
	CHECK(xenstore_read("domid", domid, sizeof(domid)) > 0);
	fmt_snprintf(value, sizeof(value), "%u", xen_domid());
	CHECK(!strcmp(domid, value));
	CHECK(xenstore_read("name", value, sizeof(value)) > 0);
	CHECK(!strcmp(value, xenstore_name()));
	CHECK_EQ(xenstore_write("data/selftest", "written by the selftest"), 0);
	CHECK_EQ(xenstore_read("data/selftest", value, sizeof(value)), 23);
	CHECK(!strcmp(value, "written by the selftest"));
	CHECK_EQ(xenstore_read("data/selftest", value, 8), 23); /* cut, and said so */
	CHECK(!strcmp(value, "written"));
	CHECK_EQ(xenstore_read("data/no-such-node", value, sizeof(value)), -ENOENT);
	CHECK_EQ(xenstore_write("/local/domain/0/name", "x"), -EACCES);
	CHECK_EQ(xenstore_bad_replies(), 0);
}

/* What the command line asked for is what is in use, or Daisy says why not. */
SELFTEST(route)
{
	enum upcall_choice asked = options.route;

	NEEDS(xen);
	CHECK(upcall_route() != UPCALL_AUTO);
	CHECK(upcall_irq() >= 0 || upcall_route() == UPCALL_POLL);
	if (asked != UPCALL_AUTO)
		SKIP_UNLESS(upcall_route() == asked, "%s", upcall_why_not(asked));
	CHECK(upcall_count() > 0);
	printk("# route %s by %s, %u upcalls, %u spurious\n", upcall_route_name(),
	       upcall_chip_name(), upcall_count(), upcall_spurious());
}
