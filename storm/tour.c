/* SPDX-License-Identifier: MIT */
#include "storm/storm.h"

#include "drivers/xen/evtchn.h"
#include "drivers/xen/upcall.h"
#include "drivers/xen/xen.h"
#include "kernel/irq.h"
#include "kernel/options.h"
#include "kernel/selftest.h"
#include "lib/printf.h"
#include "lib/string.h"

#define MAX_CELLS 16u

static struct storm_place {
	char name[32];
	struct selftest test;
} places[MAX_CELLS];

static unsigned nr_places;

/* The cell that the machine is in, by name. */
static const char *route_word(void)
{
	bool pic = !strcmp(upcall_chip_name(), "pic");

	if (upcall_route() == UPCALL_INTX)
		return pic ? "pic_intx"
			   : (unsigned)upcall_irq() < 16 ? "ioapic_intx" : "gsi_intx";
	if (upcall_route() == UPCALL_GSI)
		return pic ? "pic_gsi" : "isa_gsi";
	return upcall_route_name();
}

static void run_here(void)
{
	SKIP_UNLESS(evtchn_daisy(), "daisy=off: channels have no irqs");
	storm_cell();
	CHECK_EQ(storm_close_all(), 0);
}

static void run_without_xen(void)
{
	selftest_skip("no Xen");
}

static void storm_place_run(const char *route, const char *abi, void (*run)(void))
{
	struct storm_place *place = &places[nr_places++];

	fmt_snprintf(place->name, sizeof(place->name), "storm_%s_%s", route,
		     !strcmp(abi, "fifo") ? abi : "2l");
	place->test = (struct selftest){place->name, __FILE__, run, false, false};
	selftest_run_one(&place->test);
}

SELFTEST_GROUP(storm)
{
	static const struct selftest none = {"storm", __FILE__, run_without_xen, false, false};

	if (options.storm == STORM_OFF)
		return;
	if (!xen_present()) {
		selftest_run_one(&none);
		return;
	}
	storm_place_run(route_word(), evtchn_abi_name(), run_here);
}
