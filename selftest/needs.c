/* SPDX-License-Identifier: MIT */
#include "selftest/needs.h"

#include "drivers/irqchip/irqchip.h"
#include "drivers/irqchip/lapic.h"
#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "drivers/xen/xenstore.h"
#include "kernel/cpu.h"
#include "kernel/selftest.h"

static bool needs(bool there, const char *why_not)
{
	if (!there)
		selftest_skip("%s", why_not);
	return there;
}

bool needs_xen(void)
{
	return needs(xen_present(), "no Xen");
}

bool needs_daisy(void)
{
	return needs_xen() && needs(evtchn_daisy(), "daisy=off: channels have no irqs");
}

bool needs_reach(void)
{
	if (!needs_xen() || upcall_reaches_all())
		return xen_present();
	selftest_skip("route %s reaches vCPU 0 only", upcall_route_name());
	return false;
}

bool needs_store(void)
{
	return needs_xen() && needs(xenstore_usable(), "the domain has no store");
}

bool needs_cpus(void)
{
	return needs(nr_cpus > 1, "one CPU");
}

bool needs_lapic(void)
{
	return needs(lapic_present(), "no local APIC");
}

bool needs_ioapic(void)
{
	return needs(irqchip_has(ISA_IOAPIC), "no IO-APIC in use");
}
